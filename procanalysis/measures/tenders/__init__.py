"""Tenders and competition: what was announced, how many bids came, what was agreed, and who was awarded.

Every function takes rows that are chosen already (`of_buyers`), so that an organisation, a board's members, all regions
and the whole nation are reckoned alike and can be held against each other.
"""

from procanalysis.measures.tenders.announced import (
    announced_by,
    announced_by_groups,
    procurements_announced,
)
from procanalysis.measures.tenders.awards import (
    SmeShare,
    awards_by_size,
    regional_award_share,
    sme_award_share,
)
from procanalysis.measures.tenders.bids import (
    bid_summary,
    few_bids_share,
    mean_bids,
    median_bids,
    procurement_bids,
)
from procanalysis.measures.tenders.comparison import TOO_FEW, VERDICTS, compare_shares
from procanalysis.measures.tenders.intervals import wilson_interval
from procanalysis.measures.tenders.joins import covered_share, tender_joins
from procanalysis.measures.tenders.requirements import (
    coordinated_tender_share,
    databases_using,
    environmental_share,
    flag_use,
    framework_share,
    reviewed_share,
    social_share,
)
from procanalysis.measures.tenders.selection import group_of, numbers_of, of_buyers
from procanalysis.measures.tenders.values import contract_value, median_contract_value

__all__ = [
    "TOO_FEW",
    "VERDICTS",
    "SmeShare",
    "announced_by",
    "announced_by_groups",
    "awards_by_size",
    "bid_summary",
    "compare_shares",
    "contract_value",
    "coordinated_tender_share",
    "covered_share",
    "databases_using",
    "environmental_share",
    "few_bids_share",
    "flag_use",
    "framework_share",
    "group_of",
    "mean_bids",
    "median_bids",
    "median_contract_value",
    "numbers_of",
    "of_buyers",
    "procurement_bids",
    "procurements_announced",
    "regional_award_share",
    "reviewed_share",
    "sme_award_share",
    "social_share",
    "tender_joins",
    "wilson_interval",
]

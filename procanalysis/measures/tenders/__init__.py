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
    BidCounts,
    bid_counts,
    bid_summary,
    few_bids_share,
    mean_bids,
    median_bids,
    procurement_bids,
)
from procanalysis.measures.tenders.comparison import TOO_FEW, VERDICTS, compare_shares, shared_confidence
from procanalysis.measures.tenders.intervals import (
    difference_interval,
    independent_answers,
    median_interval,
    wilson_interval,
)
from procanalysis.measures.tenders.joins import covered_share, tender_joins
from procanalysis.measures.tenders.profile import (
    AGREEMENTS,
    COMPETITION,
    COVERAGE,
    GROUP_RULE,
    HEADLINES,
    MEASURES,
    NOT_COMPARED,
    PROFILE_RULE,
    REQUIREMENTS,
    SUPPLIERS,
    group_headlines,
    group_profile,
    headline_figures,
    tender_figures,
    tender_profile,
)
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
from procanalysis.measures.tenders.side_by_side import (
    BID_CLASSES,
    QUESTIONS,
    bid_classes,
    flag_answers,
    mix,
    procurement_list,
)
from procanalysis.measures.tenders.values import contract_value, median_contract_value

__all__ = [
    "AGREEMENTS",
    "BID_CLASSES",
    "COMPETITION",
    "COVERAGE",
    "GROUP_RULE",
    "HEADLINES",
    "MEASURES",
    "NOT_COMPARED",
    "PROFILE_RULE",
    "QUESTIONS",
    "REQUIREMENTS",
    "SUPPLIERS",
    "TOO_FEW",
    "VERDICTS",
    "BidCounts",
    "SmeShare",
    "announced_by",
    "announced_by_groups",
    "awards_by_size",
    "bid_classes",
    "bid_counts",
    "bid_summary",
    "compare_shares",
    "contract_value",
    "coordinated_tender_share",
    "covered_share",
    "databases_using",
    "difference_interval",
    "environmental_share",
    "few_bids_share",
    "flag_answers",
    "flag_use",
    "framework_share",
    "group_headlines",
    "group_of",
    "group_profile",
    "headline_figures",
    "independent_answers",
    "mean_bids",
    "median_bids",
    "median_contract_value",
    "median_interval",
    "mix",
    "numbers_of",
    "of_buyers",
    "procurement_bids",
    "procurement_list",
    "procurements_announced",
    "regional_award_share",
    "reviewed_share",
    "shared_confidence",
    "sme_award_share",
    "social_share",
    "tender_figures",
    "tender_joins",
    "tender_profile",
    "wilson_interval",
]

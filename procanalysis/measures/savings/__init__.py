"""Savings: which method each procurement allows, whose year and money it is, and what is missing to the target."""

from procanalysis.measures.savings.bids import MarketReference, market_price_saving, market_rule, negotiation_saving
from procanalysis.measures.savings.carry_over import CarryOver, carry_over
from procanalysis.measures.savings.figures import (
    cost_avoidance,
    enabled_saving,
    measurable_procurements_share,
    negotiated_saving,
    single_or_two_bids_share,
)
from procanalysis.measures.savings.previous_contract import (
    ArticleSaving,
    article_savings,
    indexed_factor,
    previous_contract_saving,
    refused_increases,
)
from procanalysis.measures.savings.printed import PrintedSavings, printed_saving
from procanalysis.measures.savings.reckoned import Reckoned
from procanalysis.measures.savings.targets import PLAN_RULE, SavingsPlan, savings_plan, target_per_unit
from procanalysis.measures.savings.triage import (
    SavingTriage,
    methods_used,
    negotiated_per_year,
    saving_triage,
)
from procanalysis.measures.savings.years import SAVING_PARTS, largest_contributors, saving_by, saving_per_year
from procanalysis.measures.splitting import Counted, split_over_years
from procanalysis.measures.splitting import split_by_shares as allocate

__all__ = [
    "PLAN_RULE",
    "SAVING_PARTS",
    "ArticleSaving",
    "CarryOver",
    "Counted",
    "MarketReference",
    "PrintedSavings",
    "Reckoned",
    "SavingTriage",
    "SavingsPlan",
    "allocate",
    "article_savings",
    "carry_over",
    "cost_avoidance",
    "enabled_saving",
    "indexed_factor",
    "largest_contributors",
    "market_price_saving",
    "market_rule",
    "measurable_procurements_share",
    "methods_used",
    "negotiated_per_year",
    "negotiated_saving",
    "negotiation_saving",
    "previous_contract_saving",
    "printed_saving",
    "refused_increases",
    "saving_by",
    "saving_per_year",
    "saving_triage",
    "savings_plan",
    "single_or_two_bids_share",
    "split_over_years",
    "target_per_unit",
]

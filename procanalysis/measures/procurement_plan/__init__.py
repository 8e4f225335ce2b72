"""The procurement plan: when to start, what is exposed when it is late, who has too much, and what comes first."""

from procanalysis.measures.procurement_plan.load import UNASSIGNED, load_per_buyer
from procanalysis.measures.procurement_plan.outcome import (
    coordinated_share,
    finished_as_planned,
    planned_share,
    procurements_per_year,
    single_bid_share,
)
from procanalysis.measures.procurement_plan.priority import (
    PRIORITY_PARTS,
    plan_calendar,
    prioritised_categories,
    waves,
)
from procanalysis.measures.procurement_plan.starts import (
    START_RULE,
    START_STATES,
    ProcurementStarts,
    contract_gap_exposure,
    ending_per_year,
    lead_time,
    procurement_starts,
)

__all__ = [
    "PRIORITY_PARTS",
    "START_RULE",
    "START_STATES",
    "UNASSIGNED",
    "ProcurementStarts",
    "contract_gap_exposure",
    "coordinated_share",
    "ending_per_year",
    "finished_as_planned",
    "lead_time",
    "load_per_buyer",
    "plan_calendar",
    "planned_share",
    "prioritised_categories",
    "procurement_starts",
    "procurements_per_year",
    "single_bid_share",
    "waves",
]

"""The business case: cash flows, whether it pays, what it leans on, how it may turn out, and who realises it."""

from procanalysis.measures.business_case.cash_flows import cash_flows, costs, lever_gains
from procanalysis.measures.business_case.model import (
    DO_NOTHING_ID,
    DRIFT,
    REALISATION,
    Alternative,
    Case,
    Cost,
    Driver,
    Lever,
    assumptions,
    correlations,
)
from procanalysis.measures.business_case.profitability import (
    RESULT_RULE,
    InternalRate,
    Payback,
    annuity,
    internal_rate_of_return,
    net_present_value,
    payback,
    rate_text,
    results,
)
from procanalysis.measures.business_case.realisation import realised_by, realised_per_receiver
from procanalysis.measures.business_case.recommendation import Recommendation, case_figures, recommendation
from procanalysis.measures.business_case.sensitivity import break_even, rate_sensitivity, tornado
from procanalysis.measures.business_case.simulation import Simulation, draw_drivers, simulate

__all__ = [
    "DO_NOTHING_ID",
    "DRIFT",
    "REALISATION",
    "RESULT_RULE",
    "Alternative",
    "Case",
    "Cost",
    "Driver",
    "InternalRate",
    "Lever",
    "Payback",
    "Recommendation",
    "Simulation",
    "annuity",
    "assumptions",
    "break_even",
    "case_figures",
    "cash_flows",
    "correlations",
    "costs",
    "draw_drivers",
    "internal_rate_of_return",
    "lever_gains",
    "net_present_value",
    "payback",
    "rate_sensitivity",
    "rate_text",
    "realised_by",
    "realised_per_receiver",
    "recommendation",
    "results",
    "simulate",
    "tornado",
]

"""Parts that only an annual report shows: running text, goals, indicator boxes, statement, risks and assignments."""

from procanalysis.report.absent import absent, missing_points
from procanalysis.report.annual.economy import (
    budget_table,
    cost_deviation_table,
    deviation_table,
    investment_table,
    limits_in_words,
    saving_table,
    statement_table,
)
from procanalysis.report.annual.goals import goal_text_table, indicator_boxes
from procanalysis.report.annual.ledger import (
    category_table,
    contract_text,
    each_once,
    figure_cards,
    purchase_text,
    shown_unless,
)
from procanalysis.report.annual.members import tender_gaps, tender_table
from procanalysis.report.annual.people import assignment_table, control_table, staff_table
from procanalysis.report.annual.prose import prose, signature, summary_text, text_caution
from procanalysis.report.key_figures import known_figures

__all__ = [
    "absent",
    "assignment_table",
    "budget_table",
    "category_table",
    "contract_text",
    "control_table",
    "cost_deviation_table",
    "deviation_table",
    "each_once",
    "figure_cards",
    "goal_text_table",
    "indicator_boxes",
    "investment_table",
    "known_figures",
    "limits_in_words",
    "missing_points",
    "prose",
    "purchase_text",
    "saving_table",
    "shown_unless",
    "signature",
    "staff_table",
    "statement_table",
    "summary_text",
    "tender_gaps",
    "tender_table",
    "text_caution",
]

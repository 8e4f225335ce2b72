"""Analyse what Swedish regions and municipalities buy, and report it.

A notebook says `import procanalysis as proc`, opens an organisation, asks one measure per cell, and shows the answer
with one part of a report. Measures are grouped by question: `proc.spend`, `proc.suppliers`, `proc.invoices`,
`proc.quality`, `proc.coverage`, `proc.coding`, `proc.opportunities`, `proc.categories`, `proc.maturity`, `proc.plan`;
`proc.gap` has the parts that only a gap analysis shows.
"""

from procanalysis.assessment import Assessment, open_assessment
from procanalysis.errors import ProcanalysisError
from procanalysis.measures import (
    categories,
    coding,
    coverage,
    invoices,
    maturity,
    opportunities,
    plan,
    quality,
    spend,
    suppliers,
)
from procanalysis.measures.categories import in_category, map_categories, preview_rule_change
from procanalysis.measures.spend import spend_by
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.report import (
    bullet_points,
    callout,
    change_points,
    change_table,
    compared,
    figure,
    finding,
    first_row,
    gap,
    how_calculated,
    key_figures,
    month_title,
    opportunity_points,
    report_header,
    status_mark,
    supplier_curve,
    table,
    words,
)

__all__ = [
    "Assessment",
    "Organisation",
    "ProcanalysisError",
    "bullet_points",
    "callout",
    "categories",
    "change_points",
    "change_table",
    "coding",
    "compared",
    "coverage",
    "figure",
    "finding",
    "first_row",
    "gap",
    "how_calculated",
    "in_category",
    "invoices",
    "key_figures",
    "map_categories",
    "maturity",
    "month_title",
    "open_assessment",
    "open_organisation",
    "opportunities",
    "opportunity_points",
    "plan",
    "preview_rule_change",
    "quality",
    "report_header",
    "spend",
    "spend_by",
    "status_mark",
    "supplier_curve",
    "suppliers",
    "table",
    "words",
]

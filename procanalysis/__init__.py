"""Analyse what Swedish regions and municipalities buy, and report it.

A notebook says `import procanalysis as proc`, opens an organisation, asks one measure per cell, and shows the answer with
one part of a report. Measures are grouped by question: `proc.spend`, `proc.suppliers`, `proc.invoices`, `proc.quality`,
`proc.coverage`, `proc.coding`, `proc.opportunities`, `proc.categories`.
"""

from procanalysis.errors import ProcanalysisError
from procanalysis.measures import categories, coding, coverage, invoices, opportunities, quality, spend, suppliers
from procanalysis.measures.categories import in_category, map_categories, preview_rule_change
from procanalysis.measures.spend import spend_by
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.report import (
    bullet_points,
    callout,
    figure,
    finding,
    how_calculated,
    key_figures,
    report_header,
    status_mark,
    table,
)

__all__ = [
    "Organisation",
    "ProcanalysisError",
    "bullet_points",
    "callout",
    "categories",
    "coding",
    "coverage",
    "figure",
    "finding",
    "how_calculated",
    "in_category",
    "invoices",
    "key_figures",
    "map_categories",
    "open_organisation",
    "opportunities",
    "preview_rule_change",
    "quality",
    "report_header",
    "spend",
    "spend_by",
    "status_mark",
    "suppliers",
    "table",
]

"""Parts of a report, and the report itself: numbers, charts, tables, pages, workbooks. Computes nothing.

Each part is imported when it is first asked for: the index of a run that changed nothing needs no charts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procanalysis.lazy import lazy_names

# At once, since a module and the part in it have the same name: a module that is imported first would hide the part.
from procanalysis.report.key_figures import how_calculated, key_figures, value_text
from procanalysis.report.words import compared, first_row, words

if TYPE_CHECKING:
    from procanalysis.report.cleaning import clean_text
    from procanalysis.report.collect import CollectedReport, CollectedTable, collect_parts
    from procanalysis.report.curve import supplier_curve
    from procanalysis.report.index_page import IndexEntry, IndexFailure, render_index
    from procanalysis.report.markup import Part
    from procanalysis.report.movements import change_points, change_table, month_title, opportunity_points
    from procanalysis.report.numbers import date_in_words
    from procanalysis.report.parts import figure, table
    from procanalysis.report.rows import rows_behind
    from procanalysis.report.sentences import bullet_points, callout, finding, report_header, status_mark
    from procanalysis.report.workbook import write_workbook

_NAMES: dict[str, tuple[str, ...]] = {
    "cleaning": ("clean_text",),
    "collect": (
        "CollectedReport",
        "CollectedTable",
        "collect_parts",
    ),
    "curve": ("supplier_curve",),
    "index_page": (
        "IndexEntry",
        "IndexFailure",
        "render_index",
    ),
    "markup": ("Part",),
    "movements": (
        "change_points",
        "change_table",
        "month_title",
        "opportunity_points",
    ),
    "numbers": ("date_in_words",),
    "parts": (
        "figure",
        "table",
    ),
    "rows": ("rows_behind",),
    "sentences": (
        "bullet_points",
        "callout",
        "finding",
        "report_header",
        "status_mark",
    ),
    "workbook": ("write_workbook",),
}
_PLACES = {name: (module, name) for module, names in _NAMES.items() for name in names}

__all__ = [
    "CollectedReport",
    "CollectedTable",
    "IndexEntry",
    "IndexFailure",
    "Part",
    "bullet_points",
    "callout",
    "change_points",
    "change_table",
    "clean_text",
    "collect_parts",
    "compared",
    "date_in_words",
    "figure",
    "finding",
    "first_row",
    "how_calculated",
    "key_figures",
    "month_title",
    "opportunity_points",
    "render_index",
    "report_header",
    "rows_behind",
    "status_mark",
    "supplier_curve",
    "table",
    "value_text",
    "words",
    "write_workbook",
]

__getattr__, __dir__ = lazy_names(__name__, _PLACES)

"""Parts of a report, and the report itself: numbers, charts, tables, pages, workbooks. Computes nothing.

`notebook_html`, which makes the page of a notebook, is not imported here: only a run needs it, and it takes a second.
"""

from procanalysis.report.cleaning import clean_text
from procanalysis.report.collect import CollectedReport, CollectedTable, collect_parts
from procanalysis.report.curve import supplier_curve
from procanalysis.report.index_page import IndexEntry, IndexFailure, render_index
from procanalysis.report.key_figures import how_calculated, key_figures, value_text
from procanalysis.report.markup import Part
from procanalysis.report.movements import change_points, change_table, month_title, opportunity_points
from procanalysis.report.numbers import date_in_words
from procanalysis.report.parts import figure, table
from procanalysis.report.rows import rows_behind
from procanalysis.report.sentences import bullet_points, callout, finding, report_header, status_mark
from procanalysis.report.words import compared, first_row, words
from procanalysis.report.workbook import write_workbook

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

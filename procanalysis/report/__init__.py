"""Parts of a report, and the report itself: numbers, charts, tables, pages, workbooks. Computes nothing."""

from procanalysis.report.collect import CollectedReport, CollectedTable, collect_parts
from procanalysis.report.index_page import IndexEntry, IndexFailure, render_index
from procanalysis.report.key_figures import how_calculated, key_figures
from procanalysis.report.markup import Part
from procanalysis.report.notebook_html import export_html
from procanalysis.report.parts import figure, table
from procanalysis.report.sentences import bullet_points, callout, finding, report_header, status_mark
from procanalysis.report.workbook import write_workbook

__all__ = [
    "CollectedReport",
    "CollectedTable",
    "IndexEntry",
    "IndexFailure",
    "Part",
    "bullet_points",
    "callout",
    "collect_parts",
    "export_html",
    "figure",
    "finding",
    "how_calculated",
    "key_figures",
    "render_index",
    "report_header",
    "status_mark",
    "table",
    "write_workbook",
]

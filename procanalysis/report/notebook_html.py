"""Turn an executed notebook into one HTML page: no script, nothing fetched, the code folded at the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import nbformat
from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.html import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.absent import ABSENT
from procanalysis.report.cleaning import clean_lines, shorten
from procanalysis.report.markdown import Heading, render_markdown
from procanalysis.report.markup import PART_MIME, TEMPLATE_FOLDER, WORKBOOK_PLACE, without_style
from procanalysis.report.page import Link, Page, relative_links

NOTEBOOK_ONLY = "notebook-only"
_LONGEST_OUTPUT = 4000


def export_html(
    notebook_node: Any,
    *,
    title: str | None = None,
    report_name: str = "",
    links: Sequence[tuple[str, str]] = (),
) -> str:
    """Write the page of an executed notebook.

    The parts (figure, table, …) and the markdown become the page, in order. Cells tagged `notebook-only` are
    left out, as is a markdown heading of level 1, because `report_header` holds the page's one. A chapter (a heading
    of level 2 and all cells to the next one) whose every part is absent is left out too. Other output lies with the
    code, folded at the end; what was written to stderr is dropped.

    Parameters
    ----------
    notebook_node: the notebook as nbformat reads it; it is not changed
    title: of the browser window; that of the header when not given
    report_name: beside the organisation's name at the top, such as "Spendanalys"
    links: (words, relative address) of the files beside the page

    Returns the page as text. The same notebook always gives the same page.

    Raises ReportError when a cell failed, when there is not exactly one `report_header`, or when a key figure
    leads to a calculation that is not shown.
    """
    _refuse_failed_cells(notebook_node)
    header = _header(notebook_node)
    cells, headings = _with_markdown(_without_empty_chapters(notebook_node["cells"]))
    page = Page(
        title=f"{shorten(title or header['title'], 300)} – {header['organisation']}",
        organisation=header["organisation"],
        name=shorten(report_name or header["title"], 100),
        accent=style.accent_colour(header["accent_colour"]),
        fictional=bool(header["fictional"]),
        contents=tuple(headings),
        links=relative_links(links),
        code=tuple(_code(cell) for cell in cells if cell["cell_type"] == "code" and not _is_hidden(cell)),
        foot=(
            f"{header['organisation']}. Framtagen {numbers.date_in_words(header['made_on'])} "
            f"med procanalysis {header['version']}.",
        ),
        one_page=bool(header.get("one_page")),
    )
    shown = type(notebook_node)({**notebook_node, "cells": cells})
    html, _ = _exporter().from_notebook_node(shown, resources={"page": page})
    _check_anchors(html)
    return str(html).replace(WORKBOOK_PLACE, _workbook_link(page.links, has_rows="rows" in _part_types(notebook_node)))


class _ReportExporter(HTMLExporter):
    """Render with our template and with autoescape, which nbconvert leaves off.

    What nbconvert does besides for any notebook takes several times longer than the rendering and changes nothing here:
    it marks magic commands, which no report shows, checks the notebook after each step, and reads the finished page
    once more for pictures without a description, which the parts refuse.
    """

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Render the notebook as it is."""
        rendered: tuple[str, dict[str, Any]] = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return rendered

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        return nb, resources

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.filters["part_html"] = _part_html
        return environment


@cache
def _exporter() -> _ReportExporter:
    """Build the exporter once: finding and compiling the template takes longer than using it."""
    return _ReportExporter(  # type: ignore[no-untyped-call]
        template_name=TEMPLATE_FOLDER.name,
        extra_template_basedirs=[str(TEMPLATE_FOLDER.parent)],
        language_code="sv",
        exclude_anchor_links=True,
    )


def export_html_ready() -> None:
    """Build the exporter and compile its templates before the first page is asked for, so that processes share them."""
    page = Page(title="", organisation="", name="", code=({"source": "", "output": ""},))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
    _exporter().from_notebook_node(notebook, resources={"page": page})


def _workbook_link(links: Sequence[Link], *, has_rows: bool) -> str:
    """Write the link from each calculation to the workbook, when the page has one."""
    link = next((link for link in links if link.href.endswith(".xlsx")), None)
    words = "Nyckeltalen, tabellerna och raderna bakom i Excel" if has_rows else "Nyckeltalen och tabellerna i Excel"
    return Markup('<p class="pa-workbook"><a href="{}">{}</a></p>').format(link.href, words) if link else ""


def _part_html(output: Mapping[str, Any]) -> Markup:
    """Return the HTML of an output that this package made, and nothing for any other."""
    data = output.get("data") or {}
    return without_style(data["text/html"]) if PART_MIME in data else Markup("")


def _refuse_failed_cells(notebook_node: Any) -> None:
    for number, cell in enumerate(notebook_node["cells"], start=1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                raise ReportError(
                    f"cell {number} failed with {output['ename']}: {shorten(output['evalue'], 300)}. Correct "
                    "it and run the notebook again before it is published."
                )


def _header(notebook_node: Any) -> Mapping[str, Any]:
    headers = [data for data in _part_data(notebook_node) if data.get("type") == "header"]
    if len(headers) != 1:
        raise ReportError(
            f"the notebook has {len(headers)} report headers; a report has exactly one. Call "
            "proc.report_header(...) once, in the first cell after the parameters."
        )
    return headers[0]


def _part_data(notebook_node: Any) -> list[Mapping[str, Any]]:
    return [
        data
        for cell in notebook_node["cells"]
        for output in cell.get("outputs", [])
        if (data := (output.get("data") or {}).get(PART_MIME))
    ]


def _part_types(notebook_node: Any) -> set[str]:
    return {str(data.get("type")) for data in _part_data(notebook_node)}


def _without_empty_chapters(cells: Sequence[Any]) -> list[Any]:
    """Leave out the heading and parts of chapters that have nothing to show; their code stays, folded."""
    chapters: list[list[Any]] = [[]]
    for cell in cells:
        if cell["cell_type"] == "markdown" and cell["source"].startswith("## "):
            chapters.append([])
        chapters[-1].append(cell)
    kept: list[Any] = []
    for chapter in chapters:
        types = [data.get("type") for data in _part_data({"cells": chapter})]
        if types and all(each == ABSENT for each in types):
            code = [cell for cell in chapter if cell["cell_type"] == "code"]
            kept += [type(cell)({**cell, "outputs": []}) for cell in code]
        else:
            kept += chapter
    return kept


def _with_markdown(given: Sequence[Any]) -> tuple[list[Any], list[Heading]]:
    """Render the markdown of all cells first, so that the contents list can stand before them."""
    taken: set[str] = {"innehall"}
    cells, headings = [], []
    for cell in given:
        if cell["cell_type"] == "markdown" and not _is_hidden(cell):
            html, found = render_markdown(cell["source"], taken=taken)
            headings += [heading for heading in found if heading.level == 2]
            cell = type(cell)({**cell, "html": _tables_in_part(html)})
        cells.append(cell)
    return cells, headings


def _tables_in_part(html: Markup) -> Markup:
    """Give a table in markdown the same look as the tables of the parts."""
    return Markup(  # noqa: S704  (escaped by the markdown renderer)
        html.replace('<div class="pa-scroll"', '<div class="pa-part"><div class="pa-scroll"').replace(
            "</table></div>", "</table></div></div>"
        )
    )


def _is_hidden(cell: Mapping[str, Any]) -> bool:
    return NOTEBOOK_ONLY in cell.get("metadata", {}).get("tags", [])


def _code(cell: Mapping[str, Any]) -> dict[str, Any]:
    written = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream" and output.get("name") == "stdout":
            written.append(output["text"])
        data = output.get("data") or {}
        if PART_MIME not in data and data.get("text/plain"):
            written.append(data["text/plain"])
    return {"source": clean_lines(cell["source"]), "output": clean_lines("\n".join(written))[:_LONGEST_OUTPUT]}


def _check_anchors(html: str) -> None:
    shown = set(re.findall(r'id="(raknat-[^"]+)"', html))
    wanted = set(re.findall(r'href="#(raknat-[^"]+)"', html))
    if wanted - shown:
        names = ", ".join(sorted(name.removeprefix("raknat-") for name in wanted - shown)[:5])
        raise ReportError(
            f"the key figures {names} lead to a calculation that the report does not show. Add "
            "proc.how_calculated(...) with the same figures."
        )

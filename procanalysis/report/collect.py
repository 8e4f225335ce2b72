"""Collect from an executed notebook what the files beside the page need: headline figures and full tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from procanalysis.errors import ReportError
from procanalysis.report.markup import PART_MIME


@dataclass(frozen=True)
class CollectedTable:
    """Hold all rows behind a table or figure: money in kronor as text, days as ISO text, missing as None."""

    title: str
    sheet: str
    source: str
    columns: tuple[Mapping[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class CollectedRows:
    """Hold the ledger lines behind the figures, still packed as the notebook holds them."""

    title: str
    sheet: str
    columns: tuple[Mapping[str, str], ...]
    parquet: str


@dataclass(frozen=True)
class CollectedReport:
    """Hold the headline figures (as the published JSON writes them), tables, lines behind, and the report's header."""

    figures: tuple[Mapping[str, Any], ...]
    tables: tuple[CollectedTable, ...]
    header: Mapping[str, Any]
    rows: tuple[CollectedRows, ...] = ()


def collect_parts(notebook_node: Any) -> CollectedReport:
    """Gather figures, tables, lines behind and header, in the order of the notebook.

    A figure or table that is shown twice is taken once.

    Raises ReportError when two different figures share an id: the JSON could then not be trusted.
    """
    figures: dict[str, Mapping[str, Any]] = {}
    tables: list[CollectedTable] = []
    rows: list[CollectedRows] = []
    header: Mapping[str, Any] = {}
    for data in _parts(notebook_node):
        if data["type"] == "header":
            header = {key: value for key, value in data.items() if key != "type"}
        for figure in data.get("figures", []):
            known = figures.setdefault(figure["id"], figure)
            if known != figure:
                raise ReportError(
                    f"the report shows two different figures with the id '{figure['id']}'. Give each its own."
                )
        if data["type"] in ("figure", "table"):
            table = CollectedTable(
                data["title"],
                data["sheet"],
                data["source"],
                tuple(data["columns"]),
                tuple(tuple(row) for row in data["rows"]),
            )
            if table not in tables:
                tables.append(table)
        if data["type"] == "rows":
            rows.append(CollectedRows(data["title"], data["sheet"], tuple(data["columns"]), data["parquet"]))
    return CollectedReport(tuple(figures.values()), tuple(tables), header, tuple(rows))


def _parts(notebook_node: Any) -> Iterator[Mapping[str, Any]]:
    for cell in notebook_node["cells"]:
        for output in cell.get("outputs", []):
            data = (output.get("data") or {}).get(PART_MIME)
            if data:
                yield data

"""A small report with every part, as a run leaves it: an executed notebook."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Any

import nbformat
import pandas as pd
import pytest

from procanalysis import report
from procanalysis.schema import Exclusion, KeyFigure, Source

CATEGORIES = (
    "Byggentreprenader, anläggning och fastighetsunderhåll",
    "Vård och omsorg",
    "It och telekommunikation inklusive programvaror",
    "Konsulttjänster",
    "Livsmedel",
    "Fordon och transport",
    "Lokalvård",
    "Hälso- och sjukvårdsmaterial",
    "Kontorsmaterial",
    "Kollektivtrafik",
    "Läkemedel",
    "Energi",
)
KINDS = ("bar", "line", "heatmap", "cumulative", "parts")
BUILT: dict[tuple[str, tuple[str, ...]], Any] = {}
"""Drawing takes a second: each notebook is built once and copied for each test."""
METHODS = {
    "contract_loyalty": (
        "# Avtalstrohet\n\nAndelen av inköpsbeloppet på **avtal**.\n\n## Formel\n\n| Del | Källa |\n|---|---|\n"
        "| Täljare | reskontran |\n"
    ),
    "spend_total": "# Inköp\n\nSumman av alla konteringar som är inköp.\n",
}


@pytest.fixture
def source() -> Source:
    return Source(
        text="leverantörsreskontra Region Exempel, januari–december 2024. Belopp exklusive moms.",
        organisation="Region Exempel",
        fictional=True,
    )


@pytest.fixture
def key_figures_shown() -> list[KeyFigure]:
    return [
        KeyFigure(
            id="total_spend",
            label="Inköp totalt",
            value=Decimal("242000000.10"),
            unit="SEK",
            method="spend_total",
            comparison="6,1 % lägre än 2023",
            excluded=(Exclusion("Interna poster", 1204, -4_500_000_012),),
        ),
        KeyFigure(
            id="contract_loyalty",
            label="Avtalstrohet",
            value=Decimal("84.94"),
            unit="%",
            method="contract_loyalty",
            numerator=Decimal("205554800"),
            denominator=Decimal("242000000.1"),
            part_unit="SEK",
            status="watch",
            comparison="Mål: 85 %",
        ),
        KeyFigure(
            id="bids",
            label="Anbud per upphandling",
            value=None,
            unit="st",
            method="spend_total",
            unknown_because="Fler än hälften av upphandlingarna saknar uppgift om anbud.",
        ),
    ]


def _cells(source: Source, figures: list[KeyFigure], name: str, charts: Collection[str]) -> list[tuple[str, list[Any]]]:
    spend = pd.DataFrame(
        {
            "category_name": [*CATEGORIES[:11], name],
            "amount_ore": [5_390_000_000 - 410_000_000 * row for row in range(12)],
            "invoice_count": range(1757, 557, -100),
        }
    )
    months = pd.DataFrame(
        [(date(2024, m, 1), year, 1_600_000_000 + m * 10**7) for year in ("a", "b") for m in range(1, 13)],
        columns=["month_on", "series", "amount_ore"],
    )
    heat = pd.DataFrame(
        [(c, u, 50 + i * 7 + j * 5) for i, c in enumerate(CATEGORIES[:5]) for j, u in enumerate("ABCDEFG")],
        columns=["category_name", "unit", "loyalty_pct"],
    )
    curve = pd.DataFrame({"supplier_count": range(1, 121), "share_pct": [k / 1.2 for k in range(1, 121)]})
    suppliers = pd.DataFrame(
        {"supplier_name": [name, "Nordbygg AB"], "status": ["off", "met"], "amount_ore": [790_000_000, None]}
    )
    shown = {"source": source, "alt": "Diagrammet visar att det största värdet är 53,9 mnkr."}
    given: dict[str, dict[str, Any]] = {
        "bar": {
            "frame": spend, "title": f"Bygg är störst, {name}", "label": "category_name",
            "value": "amount_ore", "highlight": [CATEGORIES[0]], "reference": (3 * 10**9, name),
        },
        "line": {
            "frame": months, "title": "Inköp per månad", "label": "month_on", "value": "amount_ore",
            "series": "series",
        },
        "heatmap": {
            "frame": heat, "title": "Trohet", "label": "category_name", "value": "loyalty_pct", "series": "unit",
        },
        "cumulative": {
            "frame": curve, "title": "Få leverantörer", "label": "supplier_count", "value": "share_pct",
            "reference": (46, "46 leverantörer"),
        },
        "parts": {
            "frame": suppliers.head(1), "title": "Delar", "label": "supplier_name", "value": "amount_ore",
        },
    }  # fmt: skip
    return [
        ("## Sammanfattning", [report.key_figures(figures, source=source, status_rule="Mål: minst 85 %.")]),
        (
            f"## Vad köper vi?\n\n{name}\n\n[länk](javascript:alert(1)) ![bild](https://example.org/x.png)",
            [
                report.finding("Störst är {name} med {top_ore}.", name=name, top_ore=5_390_000_000),
                report.bullet_points([name, report.finding("Antal: {row_count}.", row_count=68021)]),
                report.callout("Se över {name}.", kind="action", name=name),
                report.status_mark("off", f"Mål: minst 85 %. {name}"),
                *(report.figure(kind=kind, **shown, **given[kind]) for kind in charts),
                report.table(
                    suppliers,
                    title=f"Leverantörer {name}",
                    source=source,
                    sheet=name,
                    columns={"supplier_name": "Leverantör", "status": "Status", "amount_ore": "Inköp"},
                ),
                report.table(suppliers.head(0), title="Tomt", columns={"status": "Status"}, source=source),
            ],
        ),
        ("## Så har vi räknat", [report.how_calculated(figures, source=source, methods=METHODS)]),
    ]


@pytest.fixture
def make_notebook(source: Source, key_figures_shown: list[KeyFigure]) -> Callable[..., Any]:
    """Build an executed notebook in which one name, which may be hostile, stands in every place."""

    def build(name: str = "Nordbygg Entreprenad AB", charts: Collection[str] = KINDS) -> Any:
        if (name, tuple(charts)) in BUILT:
            return copy.deepcopy(BUILT[name, tuple(charts)])
        header = report.report_header(
            title=f"Inköp 2024 {name}",
            lead="Vad regionen köpte och om köpen följde avtal.",
            source=source,
            period="2024",
            made_on=date(2026, 11, 21),
            version="0.1.0",
        )
        cells = []
        for text, parts in [("# Spendanalys", [header]), *_cells(source, key_figures_shown, name, charts)]:
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"text-{len(cells)}"))
            outputs = [nbformat.v4.new_output("display_data", data=p._repr_mimebundle_()) for p in parts]
            outputs.append(nbformat.v4.new_output("stream", name="stderr", text="hemlig varning"))
            outputs.append(nbformat.v4.new_output("stream", name="stdout", text=name))
            cells.append(nbformat.v4.new_code_cell(f"# {name}", outputs=outputs, id=f"code-{len(cells)}"))
        BUILT[name, tuple(charts)] = nbformat.v4.new_notebook(cells=cells)
        return copy.deepcopy(BUILT[name, tuple(charts)])

    return build


@pytest.fixture
def chromium() -> str:
    """Find a Chromium, or skip with the reason."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("Chromium is not installed, so pages cannot be measured in a browser")
    return found

"""Every key figure has a method page, and the worked example on it is what the measure gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.measures import coding, invoices, loyalty, opportunities, spend, suppliers
from procanalysis.schema import MATCHED_COLUMNS, KeyFigure, kronor, names

PAGES = Path(__file__).parents[2] / "docs" / "methods"
HEADINGS = ["Fråga", "Formel", "Räkneexempel", "Undantag", "Antaganden", "Källa"]
FIGURES: dict[str, Callable[[pd.DataFrame], KeyFigure]] = {
    "total_spend": spend.total_spend,
    "addressable_share": spend.addressable_share,
    "supplier_count": suppliers.supplier_count,
    "tail_share": suppliers.tail_share,
    "effective_suppliers": suppliers.effective_suppliers,
    "gini": suppliers.gini,
    "small_invoice_share": invoices.small_invoice_share,
    "handling_cost": lambda lines: invoices.handling_cost(lines, 312_50),
    "suspect_coding": coding.suspect_coding,
    "supplier_loyalty": loyalty.supplier_loyalty,
    "category_loyalty": loyalty.category_loyalty,
    "late_registered_share": loyalty.late_registered_share,
}
COLUMNS = {
    "Leverantör": "supplier_key",
    "Fakturanummer": "invoice_key",
    "Inköpsklass": "spend_class",
    "Kategori": "category_code",
    "Enhet": "unit",
    "Datum": "booked_on",
    "LOU": "lou_covered",
    "Visat steg": "proven_rung",
    "Möjligt steg": "possible_rung",
    "Visat steg då": "proven_rung_then",
    "Möjligt steg då": "possible_rung_then",
}


def example_tables(page: str) -> list[pd.DataFrame]:
    """Read the tables of the worked example, as text."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    example = text.split("## Räkneexempel\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\|\n)+", example, flags=re.MULTILINE)
    found = []
    for table in tables:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        found.append(pd.DataFrame(rows[2:], columns=rows[0]))
    return found


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def postings(table: pd.DataFrame, make_lines: Any) -> pd.DataFrame:
    lines = table.rename(columns=COLUMNS).replace("–", None)
    lines["amount_ore"] = [int(number(text) * 100) for text in lines.pop("Belopp (kr)")]
    times = [int(number(text)) for text in lines.pop("Antal rader")] if "Antal rader" in lines else 1
    if "invoice_key" in lines:
        lines["invoice_key"] = (lines["supplier_key"] + "|" + lines["invoice_key"]).where(lines["invoice_key"].notna())
    repeated = lines.loc[lines.index.repeat(times)].reset_index(drop=True)
    ready: pd.DataFrame = make_lines(repeated)
    if "proven_rung" not in repeated:
        return ready
    # An example that does not look at what was known then leaves it out.
    now = {name: repeated.get(name, repeated[name.removesuffix("_then")]) for name in names(MATCHED_COLUMNS)[:4]}
    return ready.assign(**{name: rungs.astype("int64") for name, rungs in now.items()})


@pytest.mark.parametrize("name", FIGURES)
def test_the_worked_example_is_what_the_measure_gives(name: str, make_lines: Any) -> None:
    given, told = example_tables(name)
    figure = FIGURES[name](postings(given, make_lines))
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    assert figure.id == figure.method == name
    assert figure.value is not None
    assert figure.value.quantize(expected["Värde"]) == expected["Värde"]
    assert figure.numerator == expected.get("Täljare")
    assert figure.denominator == expected.get("Nämnare")
    left = sum((kronor(left.amount_ore) for left in figure.excluded), Decimal(0))
    assert left == expected.get("Undantaget", 0)


def test_the_worked_opportunities_are_what_the_measure_gives(make_lines: Any) -> None:
    given, told = example_tables("savings_opportunities")
    found = opportunities.savings_opportunities(
        postings(given, make_lines),
        handling_cost_ore=250_00,
        small_supplier_saving_pct=5,
        coordination_saving_pct=Decimal("2.5"),
    )
    for one, row in zip(found, told.to_dict("records"), strict=True):
        assert one.method == "savings_opportunities"
        assert one.name == row["Möjlighet"]
        assert kronor(one.volume_ore) == number(row["Volym (kr)"])
        assert (one.numerator, one.denominator) == (number(row["Täljare"]), number(row["Nämnare"]))
        amount = None if one.amount_ore is None else kronor(one.amount_ore)
        assert amount == (None if row["Belopp (kr)"] == "–" else number(row["Belopp (kr)"]))


@pytest.mark.parametrize("name", sorted(page.stem for page in PAGES.glob("*.md")))
def test_every_page_answers_the_same_questions(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == HEADINGS
    sections = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)

"""What the ledger tells of an indicator, by hand on the method pages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.measures import ledger_evidence
from procanalysis.schema import kronor

COLUMNS = {
    "Leverantör": "supplier_key",
    "Kategori": "category_code",
    "Inköpsklass": "spend_class",
    "LOU": "lou_covered",
}


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace(" ", "").replace(",", "."))


@pytest.mark.parametrize("name", ["suppliers_per_category", "lou_decided_share"])
def test_the_worked_example_is_what_the_measure_gives(
    name: str, worked_tables: Callable[[str], list[pd.DataFrame]], make_lines: Any
) -> None:
    given, told = worked_tables(name)
    lines = given.rename(columns=COLUMNS)
    lines["amount_ore"] = [int(number(text) * 100) for text in lines.pop("Belopp (kr)")]
    figure = getattr(ledger_evidence, name)(make_lines(lines))
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    assert figure.id == figure.method == name
    assert figure.value.quantize(expected["Värde"]) == expected["Värde"]
    assert (figure.numerator, figure.denominator) == (expected.get("Täljare"), expected.get("Nämnare"))
    assert sum(kronor(left.amount_ore) for left in figure.excluded) == expected["Undantaget"]


@pytest.mark.parametrize("name", ["suppliers_per_category", "lou_decided_share"])
def test_an_empty_ledger_gives_no_figure_but_a_reason(name: str, make_lines: Any) -> None:
    lines = make_lines(pd.DataFrame({"supplier_key": ["a"], "category_code": ["1"], "spend_class": ["ej inköp"],
                                     "lou_covered": ["ja"], "amount_ore": [0]})).head(0)  # fmt: skip
    figure = getattr(ledger_evidence, name)(lines)
    assert figure.value is None and figure.unknown_because

"""Index clauses: one row per contract and period, none that says two things of the same day."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import InputError
from procanalysis.params.articles import PRICE_INDEX_COLUMNS
from procanalysis.read.price_indexes import _REGISTER, PriceIndexReading, read_price_indexes
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import PRICE_INDEXES, names

HEADER = "Avtalsnummer;Gäller från;Gäller till;Indexandel;Basindex;Aktuellt index\n"


@pytest.fixture
def read(tmp_path: Path, masker: Masker):
    def read_contents(*rows: str, header: str = HEADER, **form: Any) -> PriceIndexReading:
        path = tmp_path / "index.csv"
        path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
        reading = read_price_indexes([path], RegisterFormat(**form), masker=masker)
        control = reading.control
        assert control.rows_read == len(rows) == control.rows_accepted + control.rows_rejected
        assert (len(reading.price_indexes), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
        assert list(reading.price_indexes.columns) == names(PRICE_INDEXES)
        return reading

    return read_contents


def test_a_row_is_read_whole(read):
    (row,) = read("A-1;2025-01-01;2025-12;80 %;327,4;334,125").price_indexes.to_dict("records")
    assert row == {
        "contract_reference": "A-1", "valid_from": pd.Timestamp("2025-01-01"), "valid_to": pd.Timestamp("2025-12-31"),
        "indexed_share_pct": Decimal(80), "index_base": Decimal("327.4"), "index_now": Decimal("334.125"),
        "file": "index.csv", "row_number": 2,
    }  # fmt: skip


@pytest.mark.parametrize("end", ["", "tills vidare"])
def test_without_last_day_it_holds_until_the_next(read, end):
    rows = read(f"A-1;2025-01-01;{end};80;100;105", f"A-1;2025-07-01;{end};80;100;107").price_indexes
    assert rows["valid_to"].isna().all() and len(rows) == 2


def test_what_cannot_hold_is_rejected_with_its_reason(read):
    rows = {
        ";2025-01-01;;80;100;105": "contract_missing", "A;;;80;100;105": "date_missing",
        "A;2025-01-32;;80;100;105": "date_unreadable", "A;2025-01-01;;101;100;105": "share_outside",
        "A;2025-01-01;;;100;105": "share_outside", "A;2025-01-01;;80;;105": "index_missing",
        "A;2025-01-01;;80;100;0": "number_not_positive", "A;2025-01-01;2024-01-01;80;100;105": "ends_before_start",
    }  # fmt: skip
    reading = read("OK;2025-01-01;;0;100;105", *rows)
    assert reading.rejected["reason"].tolist() == list(rows.values())
    assert reading.price_indexes["contract_reference"].tolist() == ["OK"]


def test_rows_that_hold_on_the_same_day_are_all_rejected_and_a_repeated_one_once(read):
    reading = read(
        "A;2025-01-01;;80;100;105", "A;2025-01-01;;80;100,0;105",  # the same, said twice
        "B;2025-01-01;;80;100;105", "B;2025-01-01;;80;100;106",
        "C;2025-01-01;2025-07-01;80;100;105", "C;2025-07-01;;80;100;106",
        "D;2025-01-01;2025-06-30;80;100;105", "D;2025-07-01;;80;100;106",
    )  # fmt: skip
    assert reading.price_indexes["contract_reference"].tolist() == ["A", "D", "D"]
    assert reading.rejected["reason"].tolist() == ["id_repeated", *["periods_overlap"] * 4]


def test_shares_written_as_fractions_are_refused(read):
    with pytest.raises(InputError, match="fraction of 1"):
        read("A;2025-01-01;;0,8;100;105")


def test_headers_can_be_named(read):
    header = "Kontrakt;Fr;Till;Andel;Bas;Nu\n"
    columns = dict(zip(PRICE_INDEX_COLUMNS, header.strip().split(";"), strict=True))
    assert len(read("A;2025-01-01;;80;100;105", header=header, columns=columns).price_indexes) == 1
    assert set(PRICE_INDEX_COLUMNS) == set(_REGISTER.aliases)

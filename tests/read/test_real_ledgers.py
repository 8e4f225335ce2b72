"""The four real ledgers, read with nothing but parameters, against an independent plain reading of the same files."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from procanalysis.read.ledger import LedgerFormat, LedgerReading, read_ledger
from procanalysis.read.supplier_numbers import Masker

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def orebro(real_data: Path, connection: duckdb.DuckDBPyConnection) -> LedgerReading:
    form = LedgerFormat(columns={"unit": "RN1/FÖRVALTNING", "supplier_number": "ORGANISATIO"})
    return read_ledger(connection, [real_data / "ledgers/orebro-2016-03.xlsx"], form, masker=Masker(b"test key"))


def test_orebro(orebro: LedgerReading):
    reading = orebro
    assert reading.control.rows_read == reading.control.rows_accepted == 68_021
    assert reading.control.amount_read_ore == reading.control.amount_accepted_ore == 45_018_728_339
    assert not reading.has_dates
    lines = reading.lines.to_pandas()
    assert lines["invoice_key"].nunique() == 22_859
    assert (lines["amount_ore"] < 0).sum() == 2_696
    assert lines["account"].nunique() == 243
    assert lines["account_text"].notna().all()
    assert (lines["supplier_type"] == "sole_trader").sum() >= 266
    status = reading.register.to_pandas().groupby("number_status")["rows"].sum()
    assert status["valid"] > 60_000


def test_no_sole_trader_of_orebro_is_in_sight(real_data: Path, orebro: LedgerReading):
    # The cells as they stand in the file: a library that reads whole workbooks takes ten seconds for these rows.
    with zipfile.ZipFile(real_data / "ledgers/orebro-2016-03.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    header, *cells = re.findall(r'<c r="C\d+"[^>]*>(?:<is><t[^>]*>|<v>)([^<]*)', sheet)
    assert header == "ORGANISATIO" and len(cells) > 67_000
    numbers = {"".join(sign for sign in cell if sign.isdigit()) for cell in set(cells)}
    people = {digits for digits in numbers if len(digits) == 10 and digits[2] in "01"}
    assert len(people) >= 120
    shown = set()
    for table in (orebro.lines, orebro.register, orebro.rejected):
        for name in table.column_names:
            for value in map(str, table[name].unique().to_pylist()):
                shown.add("".join(sign for sign in value if sign.isdigit()))
    assert not people & shown


def test_vgr_with_bare_carriage_returns(real_data: Path, masker, connection):
    path = real_data / "ledgers/vgr-2026-01-sample.csv"
    assert b"\n" not in path.read_bytes()
    reading = read_ledger(connection, [path], masker=masker)
    assert reading.control.rows_read == reading.control.rows_accepted == 4
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert reading.lines["amount_ore"].to_pylist() == [int(Decimal(row["nettobelopp"]) * 100) for row in rows]
    assert reading.lines["booked_on"][0].as_py() == date(2026, 1, 7)
    # Without invoice numbers the vouchers tell invoices apart.
    assert [key.split("|")[1] for key in reading.lines["invoice_key"].to_pylist()] == [
        row["verifikationsnummer"] for row in rows
    ]


def test_vasteras_with_internal_numbers(real_data: Path, masker, connection):
    reading = read_ledger(connection, [real_data / "ledgers/vasteras-sample.json"], masker=masker)
    assert (reading.control.rows_accepted, reading.control.amount_accepted_ore) == (2, -170_271)
    assert reading.supplier_numbers == "internal"
    assert set(reading.lines["supplier_key"].to_pylist()) == {"nr:10004007"}
    assert set(reading.lines["buyer_id"].to_pylist()) == {"2120002080"}
    assert "2 av 376449" in reading.files[0].note


def test_guys_twelve_months_in_pounds(real_data: Path, masker, connection):
    paths = sorted((real_data / "ledgers/guys-2020-21").glob("*.csv"))
    rows, amount = 0, Decimal(0)
    for path in paths:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            header, *records = [record for record in csv.reader(stream) if any(cell.strip() for cell in record)]
        at = next(i for i, name in enumerate(header) if name.strip().casefold().startswith("amount"))
        for record in records:
            rows += 1
            amount += Decimal(record[at].replace(",", "").replace("£", "").strip())
    reading = read_ledger(connection, paths, LedgerFormat(columns={"unit": "Expense area"}), masker=masker)
    assert len(paths) == 12
    assert reading.control.rows_read == reading.control.rows_accepted == rows == 167_107
    assert reading.control.amount_accepted_ore == amount * 100
    days = reading.lines["booked_on"].to_pylist()
    assert (min(days), max(days)) >= (date(2020, 4, 1), date(2021, 3, 1)) and max(days) <= date(2021, 3, 31)
    assert all(code.isdigit() for code in set(reading.lines["account"].to_pylist()))
    assert None not in set(reading.lines["unit"].to_pylist())

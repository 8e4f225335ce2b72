"""Six real SIE 4 files, from five programs: every figure reckoned again from the text, in another way."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from procanalysis.read.sie import SieReading, read_sie, sie_lines
from procanalysis.read.supplier_numbers import Masker

pytestmark = pytest.mark.real_data


class Found(NamedTuple):
    """What a file is known to hold: rows, vouchers, debit in kronor, balances, and how it is written."""

    encoding: str
    rows: int
    vouchers: int
    debit: str
    balances: int
    unbalanced: dict[tuple[str, str], str]
    differing: dict[str, str]
    faults: dict[str, int]


FILES = {
    "BL0001_typ4I.SI": Found("cp437", 10, 1, "3313.00", 0, {}, {}, {}),
    "SIE4_Exempelfil_med_underdim.SE": Found(
        "utf-8", 1330, 295, "34197905.88", 223, {}, {}, {"already_read": 1, "characters_lost": 1, "format_untrue": 1}
    ),
    "Sie4.se": Found(
        "cp437", 260, 70, "2718108.04", 71, {},
        {"2440": "60000.00", "2640": "-12000.00", "4010": "-48000.00", "FEL": "33125.72"},
        {"account_differs": 4, "account_undeclared": 1, "closing_sum": 1, "quote_unclosed": 3},
    ),
    "XE_SIE_4_20151125095119.SE": Found(
        "cp437", 248, 65, "497260.73", 298, {("1", "1"): "2.00"}, {},
        {"closing_sum": 1, "opening_differs": 1, "opening_sum": 1, "voucher_unbalanced": 1},
    ),
    "transaktioner_ovnbolag-bad-balance.se": Found(
        "cp437", 671, 163, "12043111.52", 2174, {("B", "1"): "-12771.00"}, {"1910": "-12771.00"},
        {"account_differs": 1, "closing_sum": 1, "opening_sum": 1, "voucher_unbalanced": 1},
    ),
    "transaktioner_ovnbolag.se": Found(
        "cp437", 671, 163, "12043111.52", 2174, {}, {}, {"closing_sum": 1, "opening_sum": 1}
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def readings(real_data: Path) -> dict[str, SieReading]:
    return {name: read_sie(real_data / "sie" / name, masker=Masker(b"test key")) for name in FILES}


def kronor(ore: int) -> str:
    return f"{Decimal(ore).scaleb(-2):.2f}"


def parts_of(path: Path, encoding: str) -> list[list[str]]:
    """Split every row by one regular expression, apart from the reader: quoted, in braces, or up to white space."""
    text = path.read_bytes().decode(encoding)
    return [re.findall(r'"[^"]*"|\{[^}]*\}|[^\s]+', row) for row in text.split("\n") if row.strip()]


@pytest.mark.parametrize("name", FILES)
def test_rows_vouchers_and_sums_are_those_of_the_text(
    name: str, readings: dict[str, SieReading], real_data: Path
) -> None:
    reading, known = readings[name], FILES[name]
    rows: list[tuple[str, Decimal]] = []
    sums: dict[tuple[str, str, int], Decimal] = {}
    voucher = ("", "", 0)
    for parts in parts_of(real_data / "sie" / name, known.encoding):
        if parts[0] == "#VER":
            voucher = (parts[1].strip('"'), parts[2].strip('"'), len(sums))
            sums[voucher] = Decimal(0)
        if parts[0] == "#TRANS":
            rows.append((parts[1], Decimal(parts[3])))
            sums[voucher] += Decimal(parts[3])
    control = reading.control
    debit = sum((amount for _, amount in rows if amount > 0), Decimal(0))
    credit = sum((amount for _, amount in rows if amount < 0), Decimal(0))
    assert (control.rows_read, control.vouchers_read, kronor(control.debit_ore)) == (
        len(rows),
        len(sums),
        f"{debit:.2f}",
    )
    assert (control.rows_accepted, control.vouchers_read, kronor(control.debit_ore)) == known[1:4]
    assert control.rows_rejected == control.balances_rejected == 0 and kronor(control.credit_ore) == f"{credit:.2f}"
    assert {key[:2]: f"{total:.2f}" for key, total in sums.items() if total} == known.unbalanced
    told = reading.faults[reading.faults["fault"] == "voucher_unbalanced"].to_dict("records")
    assert {(row["series"], row["voucher_number"]): kronor(row["amount_ore"]) for row in told} == known.unbalanced
    assert control.vouchers_balanced == known.vouchers - len(known.unbalanced)
    by_account: Counter[str] = Counter()
    for account, amount in rows:
        by_account[account] += int(amount * 100)
    assert reading.transactions.groupby("account")["amount_ore"].sum().to_dict() == dict(by_account)
    assert sie_lines(reading)["amount_ore"].sum() == sum(by_account.values())


@pytest.mark.parametrize("name", FILES)
def test_balances_are_held_against_the_transactions(
    name: str, readings: dict[str, SieReading], real_data: Path
) -> None:
    reading, known = readings[name], FILES[name]
    moved: Counter[str] = Counter()
    closing: Counter[str] = Counter()
    for parts in parts_of(real_data / "sie" / name, known.encoding):
        if parts[0] == "#TRANS":
            moved[parts[1]] += int(Decimal(parts[3]) * 100)
        elif parts[:2] == ["#IB", "0"]:
            moved[parts[2]] += int(Decimal(parts[3]) * 100)
        elif parts[:2] in (["#UB", "0"], ["#RES", "0"]):
            closing[parts[2]] = int(Decimal(parts[3]) * 100)
    expected = {account: moved[account] - closing[account] for account in {*moved, *closing} if closing}
    differing = {account: kronor(ore) for account, ore in expected.items() if ore}
    checks = reading.account_checks
    found = checks[checks["difference_ore"] != 0]
    assert differing == known.differing
    assert {row["account"]: kronor(row["difference_ore"]) for row in found.to_dict("records")} == known.differing
    assert reading.control.balances_read == known.balances and set(checks["account"]) == set(expected)


@pytest.mark.parametrize("name", FILES)
def test_how_it_is_written_and_what_is_told(name: str, readings: dict[str, SieReading]) -> None:
    reading, known = readings[name], FILES[name]
    assert (reading.encoding, reading.format_said) == (known.encoding, "PC8")
    assert reading.faults["fault"].value_counts().to_dict() == known.faults
    assert reading.unknown_labels == {} and reading.checksum_agrees is None


def test_swedish_letters_are_right(readings: dict[str, SieReading]) -> None:
    assert readings["Sie4.se"].company.name == "Demoföretaget AB"
    assert readings["transaktioner_ovnbolag.se"].company.name == "Övningsbolaget AB (Ekonomi 60)"
    # The program that wrote this one lost them before it wrote UTF-8, and that is told.
    lost = readings["SIE4_Exempelfil_med_underdim.SE"]
    assert lost.company.name == "\ufffdvningsbolaget AB"


def test_dimensions_are_read(readings: dict[str, SieReading], real_data: Path) -> None:
    used = {
        name: {row["dimension"]: row["rows"] for row in reading.dimensions.to_dict("records") if row["rows"]}
        for name, reading in readings.items()
    }
    assert used == {
        "BL0001_typ4I.SI": {},
        "SIE4_Exempelfil_med_underdim.SE": {1: 291, 6: 17, 61: 1},
        "Sie4.se": {1: 54, 6: 36},
        "XE_SIE_4_20151125095119.SE": {1: 42, 2: 3, 6: 5},
        "transaktioner_ovnbolag-bad-balance.se": {1: 134, 6: 7, 7: 267},
        "transaktioner_ovnbolag.se": {1: 134, 6: 7, 7: 267},
    }
    parents = readings["SIE4_Exempelfil_med_underdim.SE"].dimensions.set_index("dimension")["parent_dimension"]
    assert parents.dropna().to_dict() == {61: 6, 62: 6}
    for name, reading in readings.items():
        lists = [parts[2] for parts in parts_of(real_data / "sie" / name, reading.encoding) if parts[0] == "#TRANS"]
        words = [re.findall(r'"[^"]*"|[^\s"{}]+', written) for written in lists]
        counted = Counter(int(word.strip('"')) for row in words for word in row[::2])
        assert dict(counted) == used[name]


def test_employees_are_hidden(readings: dict[str, SieReading]) -> None:
    named = readings["transaktioner_ovnbolag.se"].objects
    employees = named[named["dimension"] == 7]
    assert len(employees) == 5 and set(employees["object_name"].dropna()) == {"[namn dolt]"}

"""Write the postings as three yearly files, each in a dialect that a Swedish publisher really uses."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from procanalysis.example.account_plan import ACCOUNTS, UNITS
from procanalysis.example.organisation_numbers import check_digit

BUYER = "Region Exempel"
BUYER_NUMBER = "212099900" + check_digit("212099900")
HEADER: tuple[str, ...] = (
    "kopare_id",
    "kopare",
    "verifikationsnummer",
    "leverantor",
    "leverantor_id",
    "konto_nr",
    "konto_text",
    "belopp",
    "datum",
    "forvaltning",
    "fakturanummer",
    "grund",
    "avtal",
    "kommun_id",
    "s_kod_nr",
)
_CELL = {name: place for place, name in enumerate(HEADER)}


@dataclass(frozen=True)
class Dialect:
    """Describe how one year's file is written."""

    encoding: str
    byte_order_mark: bytes
    delimiter: str
    line_end: str
    decimal: str
    numbers: str
    no_invoice_number: str


DIALECTS: dict[int, Dialect] = {
    2023: Dialect("cp1252", b"", ";", "\r\n", "comma, spaces between thousands, trailing minus", "plain", ""),
    2024: Dialect("utf-8", codecs.BOM_UTF8, ";", "\n", "point", "hyphen", "-"),
    2025: Dialect("utf-16-le", codecs.BOM_UTF16_LE, ",", "\n", "comma, quoted", "as_given", ""),
}


@dataclass(frozen=True)
class BrokenRow:
    """Describe one planted row that must be rejected: what is done to an ordinary row, and why it fails.

    `column` is empty when the whole row is at fault; `amount_readable` tells whether its amount can be read.
    """

    year: int
    reason: str
    column: str
    spoil: Callable[[list[str]], list[str]]
    amount_readable: bool = False


def _put(column: str, value: str) -> Callable[[list[str]], list[str]]:
    """Make a change that writes `value` in one column."""

    def spoil(cells: list[str]) -> list[str]:
        return [value if place == _CELL[column] else cell for place, cell in enumerate(cells)]

    return spoil


def _shifted(cells: list[str]) -> list[str]:
    """Push everything after the voucher one column to the right; the last column is empty anyway."""
    return [*cells[:3], "", *cells[3:-1]]


BROKEN_ROWS: tuple[BrokenRow, ...] = (
    BrokenRow(2023, "amount_unreadable", "belopp", _put("belopp", "ett tusen")),
    BrokenRow(2023, "amount_missing", "belopp", _put("belopp", "")),
    BrokenRow(2023, "amount_decimals", "belopp", _put("belopp", "1 234,5678")),
    BrokenRow(2023, "date_unreadable", "datum", _put("datum", "2023-02-30"), True),
    BrokenRow(2023, "too_few_cells", "", lambda cells: cells[:6]),
    BrokenRow(2023, "too_many_cells", "", lambda cells: [*cells, "extra", "extra"]),
    BrokenRow(2025, "amount_unreadable", "belopp", _put("belopp", "#VÄRDEFEL!")),
    BrokenRow(2025, "amount_too_large", "belopp", _put("belopp", "99999999999999999999,00")),
    BrokenRow(2025, "date_missing", "datum", _put("datum", ""), True),
    BrokenRow(2025, "date_unreadable", "datum", _put("datum", "2025-13-01"), True),
    BrokenRow(2025, "shifted", "belopp", _shifted),
    BrokenRow(2025, "repeated_header", "", lambda _cells: list(HEADER)),
)
TOTALS_ROW_YEAR = 2023
"""The file that ends with a totals row."""


def file_name(year: int) -> str:
    """Name the file of a year.

    >>> file_name(2025)
    'leverantorsreskontra-2025.csv'
    """
    return f"leverantorsreskontra-{year}.csv"


@dataclass(frozen=True)
class Rejected:
    """Hold one rejected row as it came to stand in a file."""

    file: str
    row_number: int
    column: str
    value: str
    reason: str
    amount_ore: int | None


@dataclass(frozen=True)
class Written:
    """Hold what a file came to contain: the row number of each posting, and the rejected rows."""

    path: Path
    row_numbers: list[int]
    rejected: list[Rejected]


def write_year(
    directory: Path, year: int, postings: pd.DataFrame, suppliers: pd.DataFrame, rng: np.random.Generator
) -> Written:
    """Write one year's postings with its broken rows, and its totals row where it has one."""
    dialect = DIALECTS[year]
    columns = _columns(postings, suppliers, dialect, year)
    shown = [_quoted(column, dialect, name == "belopp") for name, column in zip(HEADER, columns, strict=True)]
    rows = [dialect.delimiter.join(cells) for cells in zip(*shown, strict=True)]
    broken = [item for item in BROKEN_ROWS if item.year == year]
    # Spread out, away from the first and the last rows.
    places = np.sort(rng.choice(np.arange(5, len(rows) - 5), size=len(broken), replace=False)).tolist()
    rejected = []
    for already, (item, place) in enumerate(zip(broken, places, strict=True)):
        cells = item.spoil([column[place] for column in columns])
        rows.insert(place + already, _row(cells, dialect))
        amount = int(postings["amount_ore"].iloc[place]) if item.amount_readable else None
        value = cells[_CELL[item.column]] if item.column else ""
        rejected.append(Rejected(file_name(year), place + already + 2, item.column, value, item.reason, amount))
    if year == TOTALS_ROW_YEAR:
        total = int(postings["amount_ore"].sum())
        cells = _put("belopp", _amount_text(total, dialect, 0))(_put("leverantor", "Summa")([""] * len(HEADER)))
        rows.append(_row(cells, dialect))
        rejected.append(Rejected(file_name(year), len(rows) + 1, "", "", "totals_row", total))
    header = dialect.delimiter.join(HEADER)
    text = dialect.line_end.join([header, *rows]) + dialect.line_end
    path = directory / file_name(year)
    path.write_bytes(dialect.byte_order_mark + text.encode(dialect.encoding))
    shifts = np.searchsorted(np.array(places), np.arange(len(postings)), side="right")
    return Written(path, (np.arange(len(postings)) + 2 + shifts).tolist(), rejected)


def _columns(postings: pd.DataFrame, suppliers: pd.DataFrame, dialect: Dialect, year: int) -> list[list[str]]:
    """Write the cells of a year as text, one list per column."""
    supplier = postings["supplier"].to_numpy()
    count = len(postings)
    account_codes = np.array([account.code for account in ACCOUNTS], dtype=object)[postings["account"]]
    account_texts = np.array([account.text for account in ACCOUNTS], dtype=object)[postings["account"]]
    voucher = pd.factorize(postings["invoice"])[0] + 1
    framework = suppliers["framework"].to_numpy()[supplier]
    contracts = np.array([f"RE-{2020 + i % 5}-{i % 900 + 100:04d}" for i in range(len(suppliers))], dtype=object)
    direct = (postings["invoice"].to_numpy() % 11 == 0) & ~framework
    amounts = postings["amount_ore"].tolist()
    return [
        [_hyphenated(BUYER_NUMBER) if dialect.numbers == "hyphen" else BUYER_NUMBER] * count,
        [BUYER] * count,
        [f"{year % 100}{number:07d}" for number in voucher.tolist()],
        postings["name"].tolist(),
        np.array(_written_numbers(suppliers, dialect.numbers), dtype=object)[supplier].tolist(),
        account_codes.tolist(),
        account_texts.tolist(),
        [_amount_text(amount, dialect, number) for amount, number in zip(amounts, voucher.tolist(), strict=True)],
        postings["day"].dt.strftime("%Y-%m-%d").tolist(),
        np.array(UNITS, dtype=object)[postings["unit"]].tolist(),
        postings["invoice_number"].replace("", dialect.no_invoice_number).tolist(),
        np.where(framework, "ramavtal", np.where(direct, "direktupphandling", "")).tolist(),
        np.where(framework, contracts[supplier], "").tolist(),
        [""] * count,
        [""] * count,
    ]


def written_number(number: str, form: str) -> str:
    """Write ten digits in one of the forms that ledgers use; any other number is left as it is.

    >>> written_number("5599000006", "hyphen"), written_number("5599000006", "vat")
    ('559900-0006', 'SE559900000601')
    """
    if len(number) != 10 or not number.isdigit():
        return number
    forms = {
        "hyphen": _hyphenated(number),
        "prefix16": f"16{number}",
        "vat": f"SE{number}01",
        "spaces": f" {number[:6]} {number[6:]} ",
        "century": f"19{_hyphenated(number)}",
    }
    return forms.get(form, number)


def _written_numbers(suppliers: pd.DataFrame, how: str) -> list[str]:
    forms = suppliers["written_as"] if how == "as_given" else [how] * len(suppliers)
    return [written_number(number, form) for number, form in zip(suppliers["number"], forms, strict=True)]


def _hyphenated(number: str) -> str:
    return f"{number[:6]}-{number[6:]}"


def _amount_text(amount_ore: int, dialect: Dialect, voucher: int) -> str:
    """Write an amount in the dialect; where thousands are set apart, every third voucher has hard spaces."""
    whole, ore = divmod(abs(amount_ore), 100)
    sign = "-" if amount_ore < 0 else ""
    if dialect.decimal == "point":
        return f"{sign}{whole}.{ore:02d}"
    if dialect.decimal.startswith("comma, spaces"):
        space = "\u00a0" if voucher % 3 == 0 else " "
        return f"{whole:,}".replace(",", space) + f",{ore:02d}{sign}"
    return f"{sign}{whole},{ore:02d}"


def _quoted(column: list[str], dialect: Dialect, always: bool) -> list[str]:
    """Quote the cells that need it; looked up once per different text."""
    if always and "quoted" in dialect.decimal:
        return [f'"{cell}"' for cell in column]
    return list(map({cell: _cell(cell, dialect) for cell in set(column)}.__getitem__, column))


def _cell(cell: str, dialect: Dialect) -> str:
    if dialect.delimiter in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _row(cells: list[str], dialect: Dialect) -> str:
    return dialect.delimiter.join(_cell(cell, dialect) for cell in cells)

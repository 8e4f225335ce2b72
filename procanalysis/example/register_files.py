"""Write the contract register, the groups of companies and the two other registers as a region exports them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.example.contracts import Contract, Date, Register
from procanalysis.example.files import written_number

CONTRACT_FILE = "avtalsregister.csv"
GROUP_FILE = "koncerner.csv"
CONTRACT_HEADER: tuple[str, ...] = (
    "Avtalsnummer",
    "Avtalsnamn",
    "Leverantör",
    "Organisationsnummer",
    "Kategori",
    "Avropsberättigade",
    "Avtalstyp",
    "Startdatum",
    "Slutdatum",
    "Optioner (månader)",
    "Utnyttjade optioner",
    "Registrerad",
    "Registrerad av",
    "Avtalsansvarig",
    "Arkivplats",
    "Upphandlings-id",
    "Avtalsvärde",
    "Avtalsklass",
    "Antal anbud",
)
GROUP_HEADER: tuple[str, ...] = ("Koncern", "Organisationsnummer", "Leverantör")
CATEGORY_WORDS: dict[str, str] = {
    "Inhyrda sjuksköterskor": "06.02",
    "Läkemedel till sjukhus": "01.02",
    "Livsmedel": "13.01",
    "IT-konsulter": "07.06",
    "Sjukresor": "12.03",
}
"""Words of its own that the register uses for some categories; the organisation file translates them."""
_WORD_OF = {code: word for word, code in CATEGORY_WORDS.items()}
_UNREADABLE = {"start_unreadable": ("Startdatum", "2024-02-30"), "end_unreadable": ("Slutdatum", "31 juni 2027")}
OPEN_ENDED = "Tills vidare"

Suppliers = Sequence[tuple[str, str]]
"""Name and number of every supplier as the registers write them."""


@dataclass(frozen=True)
class RegisterRow:
    """Say where a contract (its first row) came to stand, or why a row of it must be rejected."""

    contract_id: str
    row_number: int
    case: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class WrittenRegister:
    """Hold what the contract register's file came to contain."""

    rows_in_file: int
    first_rows: dict[str, int]
    rejected: tuple[RegisterRow, ...]


def write_register(directory: Path, register: Register, suppliers: pd.DataFrame) -> WrittenRegister:
    """Write the contract register with its broken rows spread among the others, and the groups of companies."""
    written = written_suppliers(suppliers)
    rows: list[list[str]] = []
    first_rows: dict[str, int] = {}
    rejected: list[RegisterRow] = []
    gap = len(register.contracts) // (len(register.broken) + 1) + 1
    broken = list(register.broken)
    for place, contract in enumerate(register.contracts):
        first_rows[contract.contract_id] = len(rows) + 2
        rows += _contract_rows(contract, written)
        if broken and (place + 1) % gap == 0:
            one = broken.pop(0)
            cells, column = _broken_row(one, written)
            rows.append(cells)
            value = cells[CONTRACT_HEADER.index(column)]
            rejected.append(RegisterRow(one.contract_id, len(rows) + 1, one.case, column, value))
    write_table(directory / CONTRACT_FILE, CONTRACT_HEADER, rows, encoding="cp1252", line_end="\r\n")
    _write_groups(directory / GROUP_FILE, register.groups, written)
    return WrittenRegister(len(rows), first_rows, tuple(rejected))


def write_table(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], *, encoding: str, line_end: str = "\n"
) -> None:
    """Write a semicolon-separated file; a cell with a semicolon in it is quoted."""
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, delimiter=";", lineterminator=line_end)
        writer.writerow(header)
        writer.writerows(rows)


def written_suppliers(suppliers: pd.DataFrame) -> list[tuple[str, str]]:
    """Write the names and organisation numbers of all suppliers as the registers do, in the order of their table."""
    # A semicolon in a name would part two suppliers.
    names = (str(name).replace(";", ",") for name in suppliers["name"].tolist())
    numbers = (written_number(str(number), "hyphen") for number in suppliers["number"].tolist())
    return list(zip(names, numbers, strict=True))


def day_text(day: Date | None) -> str:
    """Write a day as the registers do, nothing when there is none."""
    return day.isoformat() if day else ""


def kronor_text(amount_ore: int) -> str:
    """Write whole kronor with spaces between thousands.

    >>> kronor_text(125_000_000)
    '1 250 000'
    """
    return f"{amount_ore // 100:,}".replace(",", " ")


def _contract_rows(contract: Contract, suppliers: Suppliers) -> list[list[str]]:
    """Write a contract as one row, or one row per supplier where its number is odd."""
    number = int(contract.contract_id[-4:])
    theirs = [suppliers[place] for place in contract.suppliers]
    if number % 4 == 0:
        theirs = [(name, written.replace("-", "")) for name, written in theirs]
    if number % 2:
        return [_cells(contract, name, written) for name, written in theirs]
    return [_cells(contract, *("; ".join(column) for column in zip(*theirs, strict=True)))]


def _cells(contract: Contract, names: str, numbers: str) -> list[str]:
    even = int(contract.contract_id[-4:]) % 2 == 0
    return [
        contract.contract_id,
        contract.title,
        names,
        numbers,
        "; ".join(_WORD_OF.get(code, code) if even else code for code in contract.categories),
        "; ".join(contract.participants),
        contract.kind,
        day_text(contract.starts_on),
        OPEN_ENDED if contract.open_ended else day_text(contract.ends_on),
        ";".join(map(str, contract.option_months)),
        str(contract.options_exercised) if contract.option_months else "",
        day_text(contract.registered_on),
        contract.registered_by,
        contract.owner,
        contract.archive_place,
        contract.procurement_id,
        kronor_text(contract.value_ore),
        contract.contract_class,
        "" if contract.bids_count is None else str(contract.bids_count),
    ]


def _broken_row(contract: Contract, suppliers: Suppliers) -> tuple[list[str], str]:
    """Write the row of a broken contract, and name the column at fault."""
    cells = _cells(contract, *suppliers[contract.suppliers[0]])
    column, value = _UNREADABLE.get(contract.case, ("Slutdatum", day_text(contract.ends_on)))
    cells[CONTRACT_HEADER.index(column)] = value
    return cells, column


def _write_groups(path: Path, groups: Sequence[Sequence[int]], suppliers: Suppliers) -> None:
    rows = [
        [f"Koncern {number}", suppliers[place][1], suppliers[place][0]]
        for number, group in enumerate(groups, start=1)
        for place in group
    ]
    write_table(path, GROUP_HEADER, rows, encoding="utf-8-sig")

"""Read back one sheet of a workbook that a reviewer has filled in: every cell as text, with the place it stood in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from procanalysis.errors import InputError, did_you_mean, examples

LARGEST_WORKBOOK = 100_000_000
"""How many bytes a filled-in workbook may have; what is written is far smaller."""


@dataclass(frozen=True)
class ReviewRow:
    """Hold one row that was filled in: the sheet, its number as a spreadsheet shows it, and its cells by key."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    letters: Mapping[str, str]
    labels: Mapping[str, str]

    def place(self, key: str) -> str:
        """Say where a cell stands, for an error message."""
        return f"sheet '{self.sheet}', row {self.number}, column {self.letters[key]} ({self.labels[key]})"


def read_review_rows(path: Path, *, sheet: str, labels: Mapping[str, str]) -> list[ReviewRow]:
    """Read the rows below the header of a sheet.

    Parameters: path, an XLSX; sheet, its name; labels, key → the header of its column, which may stand in any order.
    Returns one ReviewRow per row that is not empty; a whole number is written without decimals, a day as 2025-01-31.
    Raises InputError when the file is no workbook, or lacks the sheet or a column.
    """
    if not path.is_file():
        raise InputError(f"There is no file '{path.name}'. Check the path.")
    if path.stat().st_size > LARGEST_WORKBOOK:
        raise InputError(f"{path.name}: the file is larger than a review workbook can be. Is it the right file?")
    try:
        book = CalamineWorkbook.from_path(str(path))
        if sheet not in book.sheet_names:
            raise InputError(
                f"{path.name}: the sheet '{sheet}' is missing. {did_you_mean(sheet, book.sheet_names)} Give the "
                "workbook that 'procanalysis suggest' wrote, without renaming its sheets."
            )
        rows: list[list[Any]] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{path.name}: the file is not an Excel workbook ({error}). Save it as .xlsx and try again."
        ) from None
    places = _places(path.name, sheet, [as_text(cell) for cell in rows[0]] if rows else [], labels)
    letters = {key: column_letters(place) for key, place in places.items()}
    found = []
    for number, cells in enumerate(rows[1:], start=2):
        read = {key: as_text(cells[place]) if place < len(cells) else "" for key, place in places.items()}
        if any(read.values()):
            found.append(ReviewRow(sheet, number, read, letters, labels))
    return found


def _places(name: str, sheet: str, heads: Sequence[str], labels: Mapping[str, str]) -> dict[str, int]:
    missing = [label for label in labels.values() if label not in heads]
    if missing:
        raise InputError(
            f"{name}, sheet '{sheet}', row 1: the header(s) {examples(missing)} are missing. Give the workbook that "
            "'procanalysis suggest' wrote, without renaming or taking away its columns."
        )
    doubled = [label for label in labels.values() if heads.count(label) > 1]
    if doubled:
        raise InputError(f"{name}, sheet '{sheet}', row 1: the header '{doubled[0]}' stands twice. Keep one.")
    return {key: heads.index(label) for key, label in labels.items()}


def as_text(cell: object) -> str:
    """Write a cell's value as one line of text, as a person would.

    >>> as_text(6440.0), as_text("  Fel\\n kategori "), as_text(12.5), as_text(None)
    ('6440', 'Fel kategori', '12.5', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else " ".join(str(cell).split())


def column_letters(place: int) -> str:
    """Return the letters of a column.

    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters

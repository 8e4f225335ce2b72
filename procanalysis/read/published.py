"""Read figures that boards have printed, with where they stand."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean, examples
from procanalysis.read.registers import frame_of
from procanalysis.read.tables import read_tables
from procanalysis.schema import PUBLISHED_SAVING_KINDS, PUBLISHED_SAVINGS, kronor

_HEADER = ("organisation", "year", "kind", "part", "amount_sek", "is_approximate", "source")
_ANSWERS = {"ja": 1, "nej": 0}


def read_published_savings(path: Path, *, boards: Collection[str] = ()) -> pd.DataFrame:
    """Read the enabled savings that boards have printed.

    Parameters: path, a reviewed CSV in UTF-8 with whole kronor (data/published/savings.csv); boards, the full names
    that a row may be of, none for any name.
    Returns schema.PUBLISHED_SAVINGS in the order of the file. Raises InputError naming file, row and column of the
    first fault, also a name that is none of the boards', and when the parts of a board's year do not add up to its
    total.
    """
    table = read_tables(path, encoding="utf-8", delimiter=",")[0]
    if not table.rows or tuple(table.rows[0]) != _HEADER:
        found = examples(table.rows[0], 10) if table.rows else "nothing"
        raise InputError(
            f"{table.name}, row 1: the columns should be {', '.join(_HEADER)}, but are {found}. Correct the header."
        )
    records = [
        _record(dict(zip(_HEADER, map(str.strip, cells), strict=False)), len(cells), f"{table.name}, row {number}")
        for number, cells in zip(table.row_numbers[1:], table.rows[1:], strict=True)
    ]
    for number, record in zip(table.row_numbers[1:], records, strict=True):
        name = str(record["organisation"])
        if boards and name not in boards:
            raise InputError(
                f"{table.name}, row {number}, column 'organisation': '{name}' is the name of no file in "
                f"params/indicators. {did_you_mean(name, boards)}"
            )
    frame = frame_of(records, PUBLISHED_SAVINGS)
    _check_parts(frame, table.name)
    return frame


def _record(written: dict[str, str], cells: int, place: str) -> dict[str, object]:
    if cells != len(_HEADER):
        raise InputError(
            f"{place}: {cells} cells, but the header has {len(_HEADER)}. Put text with a comma within quotes."
        )
    for column, choices in (("kind", tuple(PUBLISHED_SAVING_KINDS)), ("is_approximate", tuple(_ANSWERS))):
        if written[column] not in choices:
            hint = did_you_mean(written[column], choices)
            raise InputError(f"{place}, column '{column}': '{written[column]}' is not known. {hint}")
    for column in ("organisation", "part", "source"):
        if not written[column]:
            raise InputError(f"{place}, column '{column}': it is empty. Write what the printed report says.")
    for column, pattern, cure in (
        ("year", "20[0-9]{2}", "Write it as 2025."),
        ("amount_sek", "-?[0-9]{1,12}", "Write whole kronor without spaces, as 64400000."),
    ):
        if not re.fullmatch(pattern, written[column]):
            raise InputError(f"{place}, column '{column}': '{written[column]}' cannot be read. {cure}")
    return {
        **written,
        "year": int(written["year"]),
        "amount_ore": int(written["amount_sek"]) * 100,
        "is_approximate": _ANSWERS[written["is_approximate"]],
    }


def _check_parts(frame: pd.DataFrame, name: str) -> None:
    """Refuse a year whose printed parts are not its total: then a figure was copied wrong."""
    for (organisation, year), figures in frame.groupby(["organisation", "year"]):
        total = figures.loc[figures["kind"] == "total", "amount_ore"]
        parts = figures.loc[figures["kind"].isin(["new", "running"]), "amount_ore"]
        if len(total) and len(parts) and total.sum() != parts.sum():
            raise InputError(
                f"{name}: the parts of {organisation} {year} sum to {kronor(int(parts.sum()))} kronor, but the total "
                f"is {kronor(int(total.sum()))}. Compare the rows with the printed report."
            )

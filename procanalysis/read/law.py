"""Read the dated limits of the procurement act."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean, examples
from procanalysis.read.registers import frame_of
from procanalysis.read.tables import read_tables
from procanalysis.schema import LAW_LIMITS, LIMIT_IDS, names

_STATUSES = ("sourced", "computed", "open")


def read_limits(path: Path) -> pd.DataFrame:
    """Read the dated values of each limit in the procurement act, the values that are not known among them.

    Parameters: path, a reviewed CSV in UTF-8 with the columns of schema.LAW_LIMITS; days as 2025-01-31, whole kronor.
    Returns one row per limit and time (schema.LAW_LIMITS), in order of limit and day; `amount_sek` is missing where
    the status is 'open'. Raises InputError naming file, row and column of the first fault: among others a gap or an
    overlap between two rows of the same limit.
    """
    table = read_tables(path, encoding="utf-8", delimiter=",")[0]
    if len(table.rows) < 2:
        raise InputError(f"{path.name}: the file holds no limits under its header. Restore the file.")
    header = [cell.strip() for cell in table.rows[0]]
    if header != names(LAW_LIMITS):
        raise InputError(
            f"{table.name}, row 1: the columns should be {', '.join(names(LAW_LIMITS))}, but are "
            f"{examples(header, 10)}. Correct the header."
        )
    limits = [
        _limit(cells, f"{table.name}, row {number}")
        for number, cells in zip(table.row_numbers[1:], table.rows[1:], strict=True)
    ]
    order = {limit_id: place for place, limit_id in enumerate(LIMIT_IDS)}
    limits.sort(key=lambda limit: (order[limit.limit_id], limit.valid_from))
    for earlier, later in pairwise(limits):
        if earlier.limit_id == later.limit_id:
            _check_neighbours(earlier, later)
    return frame_of([asdict(limit) for limit in limits], LAW_LIMITS)


@dataclass(frozen=True)
class _Limit:
    """Hold one row; `place` is where it stands."""

    limit_id: str
    valid_from: date
    valid_to: date | None
    amount_sek: int | None
    status: str
    source: str
    place: str


def _limit(cells: Sequence[str], place: str) -> _Limit:
    """Check and cast one row."""
    if len(cells) != len(LAW_LIMITS):
        raise InputError(
            f"{place}: {len(cells)} cells, but the header has {len(LAW_LIMITS)}. Put text with a comma within quotes."
        )
    written = dict(zip(names(LAW_LIMITS), map(str.strip, cells), strict=True))
    for column, choices in (("limit_id", tuple(LIMIT_IDS)), ("status", _STATUSES)):
        if written[column] not in choices:
            raise InputError(
                f"{place}, column '{column}': '{written[column]}' is not known. "
                f"{did_you_mean(written[column], choices)}"
            )
    if not written["source"]:
        raise InputError(
            f"{place}, column 'source': it is empty. Say where the value is printed, or what is not known."
        )
    first, last = _day(written["valid_from"], place, "valid_from"), None
    if written["valid_to"]:
        last = _day(written["valid_to"], place, "valid_to")
        if last < first:
            raise InputError(f"{place}, column 'valid_to': {last} lies before {first}. Correct one of the days.")
    return _Limit(
        written["limit_id"], first, last, _amount(written, place), written["status"], written["source"], place
    )


def _day(text: str, place: str, column: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python knows other ways to write a day; only this one is read the same by everybody.
    if day is None or day.isoformat() != text:
        raise InputError(f"{place}, column '{column}': '{text}' is not a day. Write it as 2025-01-31.")
    return day


def _amount(written: Mapping[str, str], place: str) -> int | None:
    text = written["amount_sek"]
    if written["status"] == "open":
        if text:
            raise InputError(
                f"{place}, column 'amount_sek': an open value has no amount (now: {text}). Empty the cell, or give the "
                "status 'sourced' or 'computed'."
            )
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,11}", text):
        raise InputError(
            f"{place}, column 'amount_sek': '{text}' is not whole kronor. Write it as 700000, or give the status "
            "'open' and leave the cell empty."
        )
    return int(text)


def _check_neighbours(earlier: _Limit, later: _Limit) -> None:
    """Refuse a gap or an overlap between two rows of one limit."""
    place = f"{later.place}, column 'valid_from': {later.limit_id} from {later.valid_from}"
    above = earlier.place.rpartition(", ")[2]
    if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
        held = earlier.valid_to or "further notice"
        raise InputError(f"{place} overlaps {above}, which holds to {held}. Correct one of them.")
    if later.valid_from != earlier.valid_to + timedelta(days=1):
        raise InputError(
            f"{place} leaves a gap after {above}, which ends {earlier.valid_to}. Add the row between, with the status "
            "'open' if its value is not known."
        )

"""Read the reviewed table from CPV main groups to a category tree."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean, examples
from procanalysis.read.tables import read_tables

_HEADER = ["cpv_main", "category_code", "author", "decided_on", "reason"]


def read_cpv_categories(path: Path, *, taxonomy: pd.DataFrame) -> dict[str, str]:
    """Read which category of the tree each CPV main group (the first two digits of a code) is bought in.

    Parameters: path, a reviewed CSV in UTF-8 with cpv_main, category_code, author, decided_on and reason; taxonomy, the
    category tree (category_code). A main group that is bought in several main categories stands there without a code.
    Returns two digits → category code, for `suggest_cpv`; main groups without a code are left out, so that nothing is
    guessed. Raises InputError naming file and row. Source: issue 9 part 5; Regulation (EC) No 213/2008 for the groups.
    """
    table = read_tables(path, encoding="utf-8", delimiter=",")[0]
    header = [cell.strip() for cell in table.rows[0]] if table.rows else []
    if header != _HEADER:
        raise InputError(
            f"{table.name}, row 1: the columns should be {', '.join(_HEADER)}, but are {examples(header, 10)}. "
            "Correct the header."
        )
    codes = [str(code) for code in taxonomy["category_code"]]
    categories: dict[str, str] = {}
    seen: set[str] = set()
    for number, cells in zip(table.row_numbers[1:], table.rows[1:], strict=True):
        place = f"{table.name}, row {number}"
        group, code = _checked(cells, place, codes)
        if group in seen:
            raise InputError(f"{place}: the main group {group} stands here a second time. Keep one of the rows.")
        seen.add(group)
        if code:
            categories[group] = code
    return categories


def _checked(cells: list[str], place: str, codes: list[str]) -> tuple[str, str]:
    if len(cells) != len(_HEADER):
        raise InputError(
            f"{place}: {len(cells)} cells, but the header has {len(_HEADER)}. Put text with a comma within quotes."
        )
    group, code, author, decided_on, reason = map(str.strip, cells)
    if not re.fullmatch(r"[0-9]{2}", group):
        raise InputError(f"{place}: cpv_main is '{group}', but a main group is two digits, as 45. Correct it.")
    if code and code not in codes:
        raise InputError(f"{place}: '{code}' is no code of the category tree. {did_you_mean(code, codes)}")
    if not author or not reason:
        raise InputError(f"{place}: author or reason is missing. Say who decided, and why.")
    try:
        date.fromisoformat(decided_on)
    except ValueError:
        raise InputError(f"{place}: decided_on is '{decided_on}', but should be a day as 2026-11-22.") from None
    return group, code

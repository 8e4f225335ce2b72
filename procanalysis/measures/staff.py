"""Staff: the figures that an organisation reports of a year beside those of the year before."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.wording import HARD_SPACE, number_text
from procanalysis.schema import STAFF_FIGURES, KeyFigure, names, require_columns

HEAD_COUNT = "anställda"
"""How the figure begins that counts the employed, in the reports' words."""

_COLUMNS = ("figure", "unit", "previous", "value", "change", "change_text", "note", "source")


def staff_rows(staff: pd.DataFrame, year: int) -> pd.DataFrame:
    """Set the figures about staff of a year beside those of the year before.

    Change = value − previous, in the figure's own unit. Parameters: staff, schema.STAFF_FIGURES of one organisation;
    year. Returns one row per figure of either year, those of the year first and each in the order given: figure, unit,
    previous, value and change (decimals, None where the figure is not reported or the unit has changed), change_text
    ('+2', '−1', 'oförändrat', or why there is none), note and source. Raises MeasureError on wrong columns or several
    organisations. Source: requirement R228.
    """
    own = _of_one(staff, "staff_rows")
    now = {str(row["figure"]): row for row in own if int(row["year"]) == year}
    before = {str(row["figure"]): row for row in own if int(row["year"]) == year - 1}
    rows = [_row(now.get(figure), before.get(figure), year) for figure in dict.fromkeys([*now, *before])]
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)


def _of_one(staff: pd.DataFrame, measure: str) -> list[dict[Hashable, Any]]:
    require_columns(staff.columns, names(STAFF_FIGURES), measure)
    if staff["organisation"].nunique() > 1:
        raise MeasureError(f"{measure}: the figures are of several organisations. Give those of one.")
    return staff.to_dict("records")


def _row(now: dict[Hashable, Any] | None, before: dict[Hashable, Any] | None, year: int) -> dict[str, Any]:
    shown = now or before or {}
    value = None if now is None else Decimal(now["value"])
    previous = None if before is None else Decimal(before["value"])
    change = None
    if now is None or before is None:
        said = f"uppgift saknas för {year if now is None else year - 1}"
    elif now["unit"] != before["unit"]:
        said = f"enheten var {before['unit']} {year - 1}"
    else:
        change = Decimal(now["value"]) - Decimal(before["value"])
        said = _signed(change)
    return {
        "figure": shown["figure"],
        "unit": shown["unit"],
        "previous": previous,
        "value": value,
        "change": change,
        "change_text": said,
        "note": None if pd.isna(shown["note"]) else shown["note"],
        "source": shown["source"],
    }


def _signed(change: Decimal) -> str:
    if not change:
        return "oförändrat"
    return f"{'+' if change > 0 else ''}{_plain(change)}"


def _plain(value: Decimal) -> str:
    exponent = value.normalize().as_tuple().exponent
    return number_text(value, max(-exponent if isinstance(exponent, int) else 0, 0))


def head_count(staff: pd.DataFrame, year: int) -> KeyFigure:
    """Return how many were employed in a year, with the year before beside.

    The figure is the one whose name begins with 'anställda'. Parameters: staff, schema.STAFF_FIGURES of one
    organisation; year. Returns a KeyFigure, unknown when the year has no such figure or more than one. Raises
    MeasureError on wrong columns or several organisations. Source: requirements R176 (head count at 31 December), R228.
    """
    own = [row for row in _of_one(staff, "head_count") if str(row["figure"]).lower().startswith(HEAD_COUNT)]
    now = [row for row in own if int(row["year"]) == year]
    because = "" if len(now) == 1 else f"Antal anställda är inte redovisat för {year}"
    if len(now) > 1:
        because = f"{len(now)} tal om antal anställda är redovisade för {year}"
    before = [row for row in own if now and int(row["year"]) == year - 1 and row["figure"] == now[0]["figure"]]
    said = ""
    if not because and before:
        then, change = Decimal(before[0]["value"]), Decimal(now[0]["value"]) - Decimal(before[0]["value"])
        said = f"{_plain(then)}{HARD_SPACE}{before[0]['unit']} {year - 1}, {_change_words(change)}"
    return KeyFigure(
        id="head_count",
        label=f"Antal anställda {year}",
        value=None if because else Decimal(now[0]["value"]),
        unit="" if because else str(now[0]["unit"]),
        method="head_count",
        comparison=said,
        unknown_because=because,
    )


def _change_words(change: Decimal) -> str:
    if not change:
        return "oförändrat"
    return f"{_plain(abs(change))} {'fler' if change > 0 else 'färre'} nu"

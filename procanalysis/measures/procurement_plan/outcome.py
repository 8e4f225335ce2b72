"""How procurement went: planned or turned up, finished as planned, bids, coordinated, and how many a year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.schema import PROCUREMENTS, Exclusion, KeyFigure, names, percent

_COLUMNS = names(PROCUREMENTS)
_COUNTED = "upphandlingar"
_Row = Mapping[str, Any]


def _between(day: date | None, starts_on: date, ends_on: date) -> bool:
    return day is not None and starts_on <= day <= ends_on


def _rows(procurements: pd.DataFrame, measure: str, starts_on: date, ends_on: date) -> list[dict[str, Any]]:
    if ends_on < starts_on:
        raise MeasureError(f"{measure}: the period ends on {ends_on}, before it starts on {starts_on}. Swap the days.")
    return frames.plain_rows(procurements, _COLUMNS, measure)


def _share(
    name: str,
    label: str,
    rows: Sequence[_Row],
    chosen: Sequence[_Row],
    answer: Callable[[_Row], bool | None],
    *,
    unknown: str,
    nothing: str,
) -> KeyFigure:
    """Count the procurements for which the answer is yes; those without answer are left out, with their known value."""
    answers = [(row, answer(row)) for row in chosen]
    known = [said for _, said in answers if said is not None]
    left = [row for row, said in answers if said is None]
    because = ""
    if not rows:
        because = wording.NO_PROCUREMENT_LIST
    elif not chosen:
        because = nothing
    elif not known:
        because = unknown
    return KeyFigure(
        id=name,
        label=label,
        value=None if because else percent(sum(known), len(known)),
        unit="%",
        method=name,
        numerator=None if because else Decimal(sum(known)),
        denominator=None if because else Decimal(len(known)),
        part_unit="st",
        excluded=(Exclusion.of(unknown, [row["value_ore"] for row in left], counted=_COUNTED),) if left else (),
        unknown_because=because,
    )


def planned_share(procurements: pd.DataFrame, *, starts_on: date, ends_on: date) -> KeyFigure:
    """Tell how large a share of the procurements started in the period stood in the plan.

    share = planned × 100 / (planned + turned up), over procurements with started_on in the period. Parameters:
    `procurements`, the list, empty when there is none; `starts_on` and `ends_on`, the period, both days included.
    Returns a KeyFigure in percent of procurements; those where it is not stated are left out and counted. Raises
    MeasureError. Source: requirement R110 (about 60 % can be planned).
    """
    rows = _rows(procurements, "planned_share", starts_on, ends_on)
    return _share(
        "planned_share",
        "Planerade upphandlingar",
        rows,
        [row for row in rows if _between(row["started_on"], starts_on, ends_on)],
        lambda row: None if row["is_planned"] is None else row["is_planned"] == 1,
        unknown="Det är inte angivet om upphandlingen var planerad",
        nothing="Ingen upphandling påbörjades i perioden",
    )


def finished_as_planned(procurements: pd.DataFrame, *, starts_on: date, ends_on: date, as_of: date) -> KeyFigure:
    """Tell how large a share of the procurements planned to end in the period were finished by their planned day.

    share = finished with ended_on on or before planned_end_on × 100 / all with planned_end_on in the period, before
    as_of or finished; one that was broken off counts as not finished. Parameters: `procurements`, the list, empty when
    there is none; `starts_on` and `ends_on`, the period, both days included; `as_of`, the day of reckoning: what is
    planned to end on that day or later, and is not finished, is not counted. Returns a KeyFigure in percent of
    procurements; finished ones without ended_on are left out and counted. Raises MeasureError. Source: requirement
    R113 (goal over 80 %).
    """
    rows = _rows(procurements, "finished_as_planned", starts_on, ends_on)

    def in_time(row: _Row) -> bool | None:
        if row["status"] != "finished":
            return False
        return None if row["ended_on"] is None else row["ended_on"] <= row["planned_end_on"]

    return _share(
        "finished_as_planned",
        "Avslutade enligt plan",
        rows,
        [
            row
            for row in rows
            if _between(row["planned_end_on"], starts_on, ends_on)
            and (row["planned_end_on"] < as_of or row["status"] == "finished")
        ],
        in_time,
        unknown="Den avslutade upphandlingen saknar slutdag",
        nothing="Ingen upphandling skulle vara avslutad i perioden",
    )


def single_bid_share(procurements: pd.DataFrame, *, starts_on: date, ends_on: date) -> KeyFigure:
    """Tell how large a share of the procurements finished in the period received a single bid.

    share = finished with one bid × 100 / finished with one bid or more, over those with ended_on in the period.
    Parameters: `procurements`, the list, empty when there is none; `starts_on` and `ends_on`, the period, both days
    included. Returns a KeyFigure in percent of procurements; finished ones without ended_on, without a number of bids
    or with none are left out and counted. Raises MeasureError. Source: methods 16 (UHM: every fifth had one in 2022).

    >>> listed = pd.DataFrame({name: [None, None] for name in names(PROCUREMENTS)}).assign(
    ...     status="finished", ended_on=pd.Timestamp("2025-02-01"), bids_count=[1, 4])
    >>> single_bid_share(listed, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)).value
    Decimal('50')
    """
    rows = _rows(procurements, "single_bid_share", starts_on, ends_on)
    return _share(
        "single_bid_share",
        "Upphandlingar med ett anbud",
        rows,
        [
            row
            for row in rows
            if row["status"] == "finished"
            and (row["ended_on"] is None or _between(row["ended_on"], starts_on, ends_on))
        ],
        lambda row: row["bids_count"] == 1 if row["ended_on"] is not None and row["bids_count"] else None,
        unknown="Slutdag eller antal anbud saknas",
        nothing="Ingen upphandling avslutades i perioden",
    )


def coordinated_share(
    procurements: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    at_least: int = 2,
    all_of: Collection[str] = (),
) -> KeyFigure:
    """Tell how large a share of the procurements started in the period were coordinated, by the board's own rule.

    Coordinated = every one of all_of takes part, or, when none is named, at_least different participants do; case and
    spaces around names do not matter. Parameters: `procurements`, the list, empty when there is none; `starts_on` and
    `ends_on`, the period, both days included; `at_least`, 1 or more; `all_of`, names. Returns a KeyFigure in percent of
    procurements; those without known participants are left out and counted. Raises MeasureError. Source: requirements
    R117-R119 (INSV: both counties; UHC: at least two municipalities).

    >>> register = pd.DataFrame({name: [None, None] for name in names(PROCUREMENTS)}).assign(
    ...     started_on=pd.Timestamp("2025-02-01"), participants=["Norr; Syd", "Norr"])
    >>> coordinated_share(register, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)).value
    Decimal('50')
    """
    if at_least < 1:
        raise MeasureError(f"coordinated_share: at_least is {at_least}. Give at least 1.")
    rows = _rows(procurements, "coordinated_share", starts_on, ends_on)
    wanted = _folded(all_of)

    def is_coordinated(row: _Row) -> bool | None:
        taking_part = _folded((row["participants"] or "").split(";"))
        if not taking_part:
            return None
        return wanted <= taking_part if wanted else len(taking_part) >= at_least

    rule = f"alla av {', '.join(all_of)}" if wanted else f"minst {wording.number_text(at_least)} deltagare"
    return _share(
        "coordinated_share",
        f"Samordnade upphandlingar ({rule})",
        rows,
        [row for row in rows if _between(row["started_on"], starts_on, ends_on)],
        is_coordinated,
        unknown="Upphandlingens deltagare är inte angivna",
        nothing="Ingen upphandling påbörjades i perioden",
    )


def _folded(texts: Collection[str]) -> set[str]:
    return {text.strip().casefold() for text in texts if text.strip()}


def procurements_per_year(procurements: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Count the procurements started, finished and broken off per year, with the change since the year before.

    Parameters: `procurements`, the list, empty when there is none; `as_of`, the day of reckoning: later days are not
    counted. Returns one row per year from the first to the last, and last one for those without a day: year_name,
    started_count, finished_count, cancelled_count, and started_change_count, finished_change_count,
    cancelled_change_count (missing for the first year, and for the year of as_of unless it has ended). Raises
    MeasureError. Source: requirement R116.
    """
    counts: dict[int, dict[str, int]] = {}
    kinds = ("started", "finished", "cancelled")
    for row in frames.plain_rows(procurements, _COLUMNS, "procurements_per_year"):
        days = {
            "started": row["started_on"] if row["started_on"] or row["status"] in ("running", "finished") else ...,
            "finished": row["ended_on"] if row["status"] == "finished" else ...,
            "cancelled": row["ended_on"] if row["status"] == "cancelled" else ...,
        }
        for kind, day in days.items():
            if day is ... or (day is not None and day > as_of):
                continue
            year = day.year if day is not None else 0
            counts.setdefault(year, dict.fromkeys(kinds, 0))[kind] += 1
    years = sorted(year for year in counts if year)
    rows = []
    for year in range(years[0], years[-1] + 1) if years else ():
        now, before = counts.get(year, {}), counts.get(year - 1, {})
        compared = year > years[0] and date(year, 12, 31) <= as_of
        changes = {
            f"{kind}_change_count": now.get(kind, 0) - before.get(kind, 0) if compared else None for kind in kinds
        }
        rows.append({"year_name": str(year), **{f"{kind}_count": now.get(kind, 0) for kind in kinds}, **changes})
    if 0 in counts:
        rows.append({"year_name": "Datum saknas", **{f"{kind}_count": counts[0][kind] for kind in kinds}})
    columns = ["year_name", *(f"{kind}_count" for kind in kinds), *(f"{kind}_change_count" for kind in kinds)]
    types = {name: "Int64" if "_change_" in name else "int64" for name in columns[1:]}
    return pd.DataFrame(rows, columns=columns).astype({"year_name": "str", **types})

"""How many procurements each buyer has in hand each month, and what could be moved where they are too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.procurement_plan.starts import ProcurementStarts

UNASSIGNED = "Ej tilldelad"
_PROCUREMENT_COLUMNS = (
    "procurement_id", "title", "category_code", "replaces_contract_id", "buyer", "status", "planned_start_on",
    "started_on", "planned_end_on",
)  # fmt: skip
_START_COLUMNS = ("contract_id", "title", "procurement_id", "latest_start_on", "lead_time_days")


@dataclass(frozen=True)
class BuyerLoad:
    """Hold the load per buyer and month, and the procurements that have no days to be placed by."""

    months: pd.DataFrame
    not_placed: pd.DataFrame


@dataclass(frozen=True)
class _Assignment:
    buyer: str
    title: str
    starts_on: date
    ends_on: date
    can_move: bool
    latest_start_on: date | None


def load_per_buyer(
    procurements: pd.DataFrame,
    starts: ProcurementStarts,
    lead_times: pd.DataFrame,
    *,
    as_of: date,
    largest_load_per_month: int = 3,
    months_ahead: int = 12,
) -> BuyerLoad:
    """Count the procurements that each buyer has in hand each month, name overload, and what could be moved.

    A procurement is in hand from its start (planned_start_on, not before as_of, for one that has not begun) to
    planned_end_on, or start + lead time where that is unknown, and at least to the day after as_of. A contract that no
    procurement replaces stands as 'Ej tilldelad' from its latest start, or as_of if later. Overload: a buyer has more
    than largest_load_per_month. Planned procurements that have not begun could be moved past the month when the latest
    start of each contract that they replace lies after it, or when they replace none. Parameters: `procurements`, the
    list; `starts`, as `procurement_starts` returns it; `lead_times`, as `lead_time` does; `as_of`;
    `largest_load_per_month`, 1 or more; `months_ahead` from the month of the day after as_of, 1 to 120. Returns a
    BuyerLoad: months has one row per month and buyer with something in hand in any of them: buyer_name, month
    (2026-03), procurements_count, starts_count (those that begin in the month), is_overloaded, problem (in Swedish),
    titles, could_be_moved; not_placed has procurement_id, title, unknown_because. Raises MeasureError.
    Source: requirements R111, R114.
    """
    frames.check_range("load_per_buyer", "largest_load_per_month", largest_load_per_month, 1, 1_000)
    frames.check_range("load_per_buyer", "months_ahead", months_ahead, 1, 120)
    ending = frames.plain_rows(starts.contracts, _START_COLUMNS, "load_per_buyer")
    days = {row["category_code"]: row["days"] for row in frames.plain_rows(
        lead_times, ["category_code", "days"], "load_per_buyer")}  # fmt: skip
    in_hand: list[_Assignment] = []
    not_placed = []
    for row in frames.plain_rows(procurements, _PROCUREMENT_COLUMNS, "load_per_buyer"):
        if row["status"] in ("planned", "running"):
            latest = [each["latest_start_on"] for each in ending if each["procurement_id"] == row["procurement_id"]]
            placed = _placed(row, latest, days.get(row["category_code"], days.get(None)), as_of)
            if placed is None:
                reason = "Start saknas" if _begins(row, as_of) is None else "Slut saknas, och ledtiden är okänd"
                not_placed.append((row["procurement_id"], row["title"], reason))
            else:
                in_hand.append(placed)
    for row in ending:
        if row["procurement_id"] is None and row["latest_start_on"] is not None:
            begins = max(row["latest_start_on"], as_of)
            ends_on = begins + timedelta(days=row["lead_time_days"])
            in_hand.append(_Assignment(UNASSIGNED, row["title"] or row["contract_id"], begins, ends_on, False, None))
    cells: dict[tuple[str, str], list[_Assignment]] = {}
    for each in in_hand:
        for month in _months(each, as_of, months_ahead):
            cells.setdefault((each.buyer, month), []).append(each)
    # What nobody leads stands last. A month without any is a known zero, not a gap.
    buyers = sorted({buyer for buyer, _ in cells}, key=lambda buyer: (buyer == UNASSIGNED, buyer))
    every_month = list(_month_names(as_of, months_ahead))
    rows = [
        _cell(buyer, month, cells.get((buyer, month), []), largest_load_per_month)
        for buyer in buyers
        for month in every_month
    ]
    columns = [
        "buyer_name",
        "month",
        "procurements_count",
        "starts_count",
        "is_overloaded",
        "problem",
        "titles",
        "could_be_moved",
    ]
    types = {"procurements_count": "int64", "starts_count": "int64", "is_overloaded": "bool"}
    return BuyerLoad(
        months=pd.DataFrame(rows, columns=columns).astype({name: types.get(name, "str") for name in columns}),
        not_placed=pd.DataFrame(not_placed, columns=["procurement_id", "title", "unknown_because"]).astype("str"),
    )


def _begins(row: Mapping[str, Any], as_of: date) -> date | None:
    begun: date | None = row["started_on"]
    planned: date | None = row["planned_start_on"]
    if begun is not None or planned is None:
        return begun
    return planned if row["status"] == "running" else max(planned, as_of)


def _placed(
    row: Mapping[str, Any], latest: list[date | None], lead_time_days: int | None, as_of: date
) -> _Assignment | None:
    begins = _begins(row, as_of)
    if begins is None:
        return None
    ends_on = row["planned_end_on"]
    if ends_on is None and lead_time_days is not None:
        ends_on = begins + timedelta(days=lead_time_days)
    if ends_on is None:
        return None
    known = [day for day in latest if day is not None]
    # What replaces a contract whose latest start is unknown cannot be said to be free to move.
    free = len(known) == len(latest) and bool(latest or row["replaces_contract_id"] is None)
    return _Assignment(
        buyer=row["buyer"] or UNASSIGNED,
        title=row["title"],
        starts_on=begins,
        ends_on=max(ends_on, begins, as_of + timedelta(days=1)),
        can_move=row["status"] == "planned" and free,
        latest_start_on=min(known, default=None),
    )


def _months(each: _Assignment, as_of: date, months_ahead: int) -> Iterator[str]:
    """Name the months, from that of the day after as_of on, in which an assignment is in hand."""
    first, last = f"{each.starts_on:%Y-%m}", f"{each.ends_on:%Y-%m}"
    return (month for month in _month_names(as_of, months_ahead) if first <= month <= last)


def _month_names(as_of: date, months_ahead: int) -> Iterator[str]:
    next_day = as_of + timedelta(days=1)
    this = next_day.year * 12 + next_day.month - 1
    for number in range(this, this + months_ahead):
        yield f"{number // 12}-{number % 12 + 1:02d}"


def _cell(buyer: str, month: str, held: list[_Assignment], largest: int) -> tuple[Any, ...]:
    ordered = sorted(held, key=lambda each: (each.title, each.starts_on))
    overloaded = buyer != UNASSIGNED and len(held) > largest
    number = wording.number_text
    problem = f"{number(len(held))} upphandlingar, högst {number(largest)}" if overloaded else ""
    moved = []
    for each in ordered if overloaded else ():
        if each.can_move and each.latest_start_on is None:
            moved.append(f"{each.title} (ersätter inget avtal)")
        elif each.can_move and each.latest_start_on is not None and f"{each.latest_start_on:%Y-%m}" > month:
            moved.append(f"{each.title} (start senast {each.latest_start_on})")
    titles = "; ".join(each.title for each in ordered)
    begin = sum(f"{each.starts_on:%Y-%m}" == month for each in held)
    return buyer, month, len(held), begin, overloaded, problem, titles, "; ".join(moved)

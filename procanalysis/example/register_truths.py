"""Work out what the registers themselves tell: faults, what ends, what is due, and how the procurements went."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from statistics import median
from typing import Any

import pandas as pd

from procanalysis.example.contracts import OWNER_GONE, Contract, Date, Register
from procanalysis.example.follow_ups import CHECK_IN, KINDS, MEETING, MONTHS_BETWEEN, FollowUp
from procanalysis.example.ledger import PERIOD
from procanalysis.example.procurements import (
    STANDSTILL_AND_REVIEW_DAYS,
    Procurement,
    latest_start,
)

Truths = dict[str, Any]
LEAST_HISTORY = 5
"""So many finished procurements of a category give it a lead time of its own; the organisation file says the same."""
_AS_OF = Date(PERIOD, 12, 31)
_COUNTING = {"A": (MEETING,), "B": (MEETING,), "C": (MEETING, CHECK_IN), "D": (MEETING, CHECK_IN)}


def contract_list(register: Register, first_rows: dict[str, int], suppliers: pd.DataFrame) -> list[Truths]:
    """List the accepted contracts as a reader should find them; the last day of an open-ended one is 'open'."""
    numbers = suppliers["number"].tolist()
    return [
        {
            "contract_id": one.contract_id,
            "row_number": first_rows[one.contract_id],
            "case": one.case,
            "supplier_numbers": [numbers[place] for place in one.suppliers],
            "category_codes": list(one.categories),
            "participants": list(one.participants),
            "kind": one.kind,
            "starts_on": _text(one.starts_on),
            "ends_on": _text(one.last_day()),
            "latest_ends_on": _text(one.latest_last_day()),
            "registered_on": _text(one.registered_on),
            "registered_by": one.registered_by,
            "owner_is_gone": int(one.owner == OWNER_GONE),
            "contract_class": one.contract_class or None,
            "value_ore": one.value_ore,
            "procurement_id": one.procurement_id or None,
        }
        for one in register.contracts
    ]


def _text(day: Date | None) -> str | None:
    return None if day is None else "open" if day == Date.max else day.isoformat()


def register_faults(register: Register, lines: pd.DataFrame) -> Truths:
    """Return the contracts with each fault, and what was bought after the end of those that ended.

    Parameters: `register`; `lines`, from with_rungs, everything but what is no purchase.
    """
    contracts = register.contracts
    after_end = _bought_after_end(contracts, lines[lines["year"].eq(PERIOD)])
    return {
        "definitions": {
            "registered_late": "registered after the first day",
            "overlap": "pairs with a supplier and a written category in common, everyone or a written participant in "
            "common, and both days of both known, of which at least one day is shared",
            "ended_bought_from": "ended before the last day of the period, and bought from after the end (everything "
            "but 'ej inköp', possible_rung below 2, laid on the supplier's contract that ended last), net above zero",
        },
        "no_start": _ids(contracts, lambda one: one.starts_on is None),
        "no_end": _ids(contracts, lambda one: one.last_day() is None),
        "no_category": _ids(contracts, lambda one: not one.categories),
        "no_class": _ids(contracts, lambda one: not one.contract_class),
        "owner_gone": _ids(contracts, lambda one: one.owner == OWNER_GONE),
        "not_archived": _ids(contracts, lambda one: not one.archive_place),
        "no_registration_date": _ids(contracts, lambda one: one.registered_on is None),
        "registered_late": _ids(
            contracts, lambda one: bool(one.registered_on and one.starts_on and one.registered_on > one.starts_on)
        ),
        "overlap": _overlaps(contracts),
        "ended_bought_from": after_end,
        "ended_without_purchases": _unused(contracts, lines),
    }


def _ids(contracts: tuple[Contract, ...], holds: Callable[[Contract], bool]) -> list[str]:
    return [one.contract_id for one in contracts if holds(one)]


def _overlaps(contracts: tuple[Contract, ...]) -> list[list[str]]:
    by_supplier: dict[int, list[Contract]] = {}
    for one in contracts:
        for who in one.suppliers:
            by_supplier.setdefault(who, []).append(one)
    found = set()
    for theirs in by_supplier.values():
        for first, second in combinations(theirs, 2):
            if _overlap(first, second):
                found.add((first.contract_id, second.contract_id))
    return sorted([sorted(pair) for pair in found])


def _overlap(first: Contract, second: Contract) -> bool:
    ends = first.last_day(), second.last_day()
    if first.starts_on is None or second.starts_on is None or None in ends:
        return False
    if not set(first.categories) & set(second.categories):
        return False
    who = [{name.lower() for name in one.participants} for one in (first, second)]
    if all(who) and not who[0] & who[1]:
        return False
    return max(first.starts_on, second.starts_on) <= min(day for day in ends if day is not None)


def _bought_after_end(contracts: tuple[Contract, ...], ours: pd.DataFrame) -> list[Truths]:
    ended: dict[int, list[tuple[Date, str]]] = {}
    for one in contracts:
        last_day = one.last_day()
        if last_day is not None and last_day < _AS_OF:
            for who in one.suppliers:
                ended.setdefault(who, []).append((last_day, one.contract_id))
    rows = ours[ours["supplier"].isin(list(ended)) & (ours["possible"] < 2)]
    sums: Counter[str] = Counter()
    for who, day, amount in zip(rows["supplier"], rows["day"], rows["amount_ore"], strict=True):
        before = [(last, contract_id) for last, contract_id in ended[who] if last < day.date()]
        if before:
            latest = max(last for last, _ in before)
            sums[min(contract_id for last, contract_id in before if last == latest)] += amount
    return [{"contract_id": one, "amount_ore": int(sums[one])} for one in sorted(sums) if sums[one] > 0]


def _unused(contracts: tuple[Contract, ...], lines: pd.DataFrame) -> list[str]:
    """List the ended contracts from whose suppliers nothing was bought while they held, in the three years."""
    ended = {who for one in contracts if (last := one.last_day()) and last <= _AS_OF for who in one.suppliers}
    who_and_day = lines.loc[lines["supplier"].isin(list(ended)), ["supplier", "day"]]
    days: dict[int, list[Any]] = {}
    for who, day in zip(who_and_day["supplier"].tolist(), who_and_day["day"].tolist(), strict=True):
        days.setdefault(who, []).append(day.date())
    found = []
    for one in contracts:
        last_day = one.last_day()
        if last_day is None or last_day > _AS_OF or one.starts_on is None:
            continue
        bought = (day for who in one.suppliers for day in days.get(who, ()))
        if not any(one.starts_on <= day <= last_day for day in bought):
            found.append(one.contract_id)
    return found


def expiry(register: Register, lines: pd.DataFrame) -> Truths:
    """Return the contracts that end in each of the next three years, and what was bought on them in the period.

    Parameters: `register`; `lines`, from with_rungs, everything but what is no purchase.
    """
    ours = lines[lines["year"].eq(PERIOD)]
    proven = ours[ours["proven"] >= 2].groupby("contract")["amount_ore"].sum()
    may = ours[(ours["proven"] < 2) & (ours["possible"] >= 2) & (ours["contract"] >= 0)]
    uncertain = may.groupby("contract")["amount_ore"].sum()
    return {
        "definitions": {
            "ends_on": "with exercised options",
            "bought_ore": "net öre of the period (everything but 'ej inköp') whose contract_id it is, proven_rung of "
            "at least 2; may_ore: only possible_rung is",
        },
        **{str(PERIOD + ahead): _ending(register, PERIOD + ahead, proven, uncertain) for ahead in (1, 2, 3)},
    }


def _ending(register: Register, year: int, proven: pd.Series[int], may: pd.Series[int]) -> Truths:
    ending = [
        {
            "contract_id": one.contract_id,
            "ends_on": _text(one.last_day()),
            "latest_ends_on": _text(one.latest_last_day()),
            "contract_class": one.contract_class or None,
            "value_ore": one.value_ore,
            "bought_ore": int(proven.get(place, 0)),
            "may_ore": int(may.get(place, 0)),
        }
        for place, one in enumerate(register.contracts)
        if (last := one.last_day()) is not None and last.year == year
    ]
    return {
        "contracts_count": len(ending),
        **{name: sum(int(one[name] or 0) for one in ending) for name in ("value_ore", "bought_ore", "may_ore")},
        "contracts": ending,
    }


def follow_up_truths(follow_ups: list[FollowUp], register: Register) -> Truths:
    """Return what was planned, done and found in the period, and which contracts are overdue at its end."""
    done = [one for one in follow_ups if one.done_on and one.done_on.year == PERIOD]
    planned = [one for one in follow_ups if one.planned_on and one.planned_on.year == PERIOD]
    late = [one for one in follow_ups if one.planned_on and one.planned_on <= _AS_OF and one.done_on is None]
    open_ones = [one for one in follow_ups if one.deviation and one.closed_on is None]
    return {
        "rows": len(follow_ups),
        "done_in_period": len(done),
        "done_in_period_by_kind": dict(sorted(Counter(KINDS[one.kind] for one in done).items())),
        "planned_in_period": len(planned),
        "planned_in_period_and_done_by_its_end": sum(bool(one.done_on and one.done_on <= _AS_OF) for one in planned),
        "planned_but_not_done": [one.follow_up_id for one in late],
        "deviations": sum(bool(one.deviation) for one in follow_ups),
        "deviations_open": [
            {"follow_up_id": one.follow_up_id, "escalation_step": one.escalation_step} for one in open_ones
        ],
        "months_between": MONTHS_BETWEEN,
        "contracts_overdue": _overdue(follow_ups, register),
    }


def _overdue(follow_ups: list[FollowUp], register: Register) -> list[Truths]:
    """List the contracts in force whose next follow-up after class lies before the last day of the period."""
    done: dict[str, list[FollowUp]] = {}
    for each in follow_ups:
        done.setdefault(each.contract_id, []).append(each)
    found = []
    for one in register.contracts:
        last_day = one.last_day()
        ended = last_day is not None and last_day < _AS_OF
        if ended or not one.contract_class or (one.starts_on is not None and one.starts_on > _AS_OF):
            continue
        days = [
            each.done_on
            for each in done.get(one.contract_id, ())
            if each.kind in _COUNTING[one.contract_class] and each.done_on is not None
        ]
        last = max(days, default=one.starts_on)
        if last is not None:
            next_on = (pd.Timestamp(last) + pd.DateOffset(months=MONTHS_BETWEEN[one.contract_class])).date()
            if next_on < _AS_OF:
                found.append({"contract_id": one.contract_id, "next_on": next_on.isoformat()})
    return found


def procurement_truths(procurements: list[Procurement], register: Register) -> Truths:
    """Return lead times, latest starts, and how many procurements were planned, on time and coordinated."""
    finished = [one for one in procurements if one.status == "Avslutad"]
    ahead = [one for one in procurements if one.status in ("Planerad", "Pågår")]
    leads = _leads(finished)
    latest = {
        one.contract_id: latest_start(last, _lead(one, leads))
        for one in register.contracts
        if (last := one.last_day()) is not None and PERIOD < last.year <= PERIOD + 3
    }
    years = range(PERIOD - 3, PERIOD + 1)
    begun = {year: [one for one in procurements if one.started_on and one.started_on.year == year] for year in years}
    due = {year: [one for one in procurements if _is_due(one, year)] for year in years}
    return {
        "definitions": {
            "lead_days": "from start to signed contract, finished ones only; the median per category with at least "
            f"{LEAST_HISTORY} of them, rounded up, else that of all",
            "latest_starts": "last day with exercised options, less standstill and review, less the longest lead time "
            "among the contract's categories",
            "planned, coordinated": "of those started in the year; coordinated: at least two participants",
            "finished_as_planned": "of those planned to end in the year, finished on that day or before",
        },
        "rows": len(procurements),
        "by_status": dict(sorted(Counter(one.status for one in procurements).items())),
        "lead_days": sorted(one.lead_days for one in finished if one.lead_days is not None),
        "lead_days_median": leads[""],
        "lead_days_median_by_category": {code: days for code, days in sorted(leads.items()) if code},
        "standstill_and_review_days": STANDSTILL_AND_REVIEW_DAYS,
        "latest_starts": {contract_id: day.isoformat() for contract_id, day in latest.items()},
        "begin_too_late": [
            one.procurement_id
            for one in ahead
            if one.replaces and (start := one.started_on or one.planned_start_on) and start > latest[one.replaces]
        ],
        "planned": {str(year): _share(begun[year], lambda one: one.is_planned) for year in years},
        "planned_of_all": _share(procurements, lambda one: one.is_planned),
        "coordinated": {str(year): _share(begun[year], lambda one: len(one.participants) >= 2) for year in years},
        "finished_as_planned": {str(year): _share(due[year], _is_on_time) for year in years},
        "planned_starts_by_buyer_and_month": _starts(ahead),
        "bids": dict(sorted(Counter(str(one.bids_count) for one in finished if one.bids_count is not None).items())),
    }


def _leads(finished: list[Procurement]) -> dict[str, int]:
    """Return the median lead time of each category with enough of them, and under '' that of all."""
    days: dict[str, list[int]] = {"": []}
    for one in finished:
        if one.lead_days is not None:
            days[""].append(one.lead_days)
            days.setdefault(one.category, []).append(one.lead_days)
    return {code: math.ceil(median(found)) for code, found in days.items() if not code or len(found) >= LEAST_HISTORY}


def _lead(contract: Contract, leads: dict[str, int]) -> int:
    return max((leads.get(code, leads[""]) for code in contract.categories), default=leads[""])


def _share(chosen: list[Procurement], holds: Callable[[Procurement], bool]) -> dict[str, int]:
    return {"numerator": sum(holds(one) for one in chosen), "denominator": len(chosen)}


def _is_due(one: Procurement, year: int) -> bool:
    """Tell whether a procurement was planned to end in the year; what was planned for later days is not due."""
    day = one.planned_end_on
    return day is not None and day.year == year and (day < _AS_OF or one.status == "Avslutad")


def _is_on_time(one: Procurement) -> bool:
    days = one.ended_on, one.planned_end_on
    return one.status == "Avslutad" and days[0] is not None and days[1] is not None and days[0] <= days[1]


def _starts(ahead: list[Procurement]) -> dict[str, int]:
    """Count the starts ahead per buyer and month, where there is more than one."""
    days: list[tuple[str, datetime.date]] = [
        (one.buyer, start) for one in ahead if (start := one.started_on or one.planned_start_on)
    ]
    count = Counter(f"{buyer} {day:%Y-%m}" for buyer, day in days)
    return {key: number for key, number in sorted(count.items()) if number > 1}

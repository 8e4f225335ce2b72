"""Draw the procurements of the fictional region: those that gave its contracts, and those planned or under way."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from procanalysis.example.account_plan import PROFILES, UNITS
from procanalysis.example.contracts import Contract, Date
from procanalysis.example.ledger import PERIOD
from procanalysis.example.register_files import day_text, kronor_text, write_table

PROCUREMENT_FILE = "upphandlingar.csv"
PROCUREMENT_HEADER: tuple[str, ...] = (
    "Upphandlings-id",
    "Benämning",
    "Kategori",
    "Ersätter avtal",
    "Ansvarig upphandlare",
    "Deltagare",
    "Planerad",
    "Status",
    "Planerad start",
    "Startad",
    "Planerat klar",
    "Avslutad",
    "Antal anbud",
    "Uppskattat värde",
    "Besparingspotential per år",
)
STANDSTILL_AND_REVIEW_DAYS = 60
"""Days from award to signed contract that a procurement must allow for; the organisation file says the same."""
CROWDED_BUYER, CROWDED_MONTH = "Upphandlare 2", (PERIOD + 1, 3)
"""Three procurements are planned to start in this month by this buyer."""

_FINISHED, _REPLACING, _NEW, _CROWDED, _CANCELLED = 61, 15, 7, 3, 3
_PERIOD_END = Date(PERIOD, 12, 31)
_SHORTEST_PLAN = 90
"""Days; fewer than any finished procurement took, so that one that became late stays late."""


@dataclass(frozen=True)
class Procurement:
    """Hold one procurement as the list has it; `lead_days` is known for the finished ones."""

    procurement_id: str
    title: str
    category: str
    replaces: str
    buyer: str
    participants: tuple[str, ...]
    is_planned: bool
    status: str
    planned_start_on: Date | None
    started_on: Date | None
    planned_end_on: Date | None
    ended_on: Date | None
    bids_count: int | None
    value_ore: int
    saving_potential_ore: int

    @property
    def lead_days(self) -> int | None:
        """Days from start to signed contract; None unless it is finished."""
        if self.status != "Avslutad" or self.started_on is None or self.ended_on is None:
            return None
        return (self.ended_on - self.started_on).days


def draw_procurements(
    contracts: tuple[Contract, ...], rng: np.random.Generator
) -> tuple[list[Procurement], tuple[Contract, ...]]:
    """Draw the procurements; returns them, and the contracts with the number of the one behind each."""
    drawn: list[Procurement] = []
    behind: dict[str, str] = {}
    first, last = Date(PERIOD - 3, 2, 1), Date(PERIOD, 12, 31)
    procured = [one for one in contracts if one.starts_on and first <= one.starts_on <= last and one.categories]
    count = min(_FINISHED, len(procured))
    # An odd number of them, so that the median is a whole number of days.
    for place in sorted(rng.permutation(len(procured))[: count - 1 + count % 2].tolist()):
        one = _finished(procured[place], rng)
        drawn.append(one)
        behind[procured[place].contract_id] = str(len(drawn))
    lead = median_lead_days(drawn)
    drawn += _replacing(contracts, lead, rng)
    drawn += [_new(rng, crowded=False) for _ in range(_NEW)]
    drawn += [_new(rng, crowded=True) for _ in range(_CROWDED)]
    drawn += [_cancelled(rng) for _ in range(_CANCELLED)]
    numbered = [replace(one, procurement_id=_number(one, place)) for place, one in enumerate(drawn, start=1)]
    by_contract = {contract_id: numbered[int(place) - 1].procurement_id for contract_id, place in behind.items()}
    linked = tuple(replace(one, procurement_id=by_contract.get(one.contract_id, "")) for one in contracts)
    return numbered, linked


def median_lead_days(procurements: list[Procurement]) -> int:
    """Return the median of an odd number of lead times, in whole days."""
    days = sorted(one.lead_days for one in procurements if one.lead_days is not None)
    return days[len(days) // 2]


def latest_start(last_day: Date, lead_days: int) -> Date:
    """Return the day on which a procurement must begin at the latest, for no gap after a contract's last day.

    >>> latest_start(datetime.date(2026, 12, 31), 200)
    datetime.date(2026, 4, 15)
    """
    return last_day - datetime.timedelta(days=STANDSTILL_AND_REVIEW_DAYS + lead_days)


def write_procurements(directory: Path, procurements: list[Procurement]) -> None:
    """Write the list of procurements."""
    rows = [
        [
            one.procurement_id,
            one.title,
            one.category,
            one.replaces,
            one.buyer,
            "; ".join(one.participants),
            "ja" if one.is_planned else "nej",
            one.status,
            day_text(one.planned_start_on),
            day_text(one.started_on),
            day_text(one.planned_end_on),
            day_text(one.ended_on),
            "" if one.bids_count is None else str(one.bids_count),
            kronor_text(one.value_ore),
            kronor_text(one.saving_potential_ore) if one.saving_potential_ore else "",
        ]
        for one in procurements
    ]
    write_table(directory / PROCUREMENT_FILE, PROCUREMENT_HEADER, rows, encoding="utf-8-sig")


def _number(one: Procurement, place: int) -> str:
    day = one.started_on or one.planned_start_on
    return f"UPP-{day.year if day else PERIOD}-{place:03d}"


def _days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def _buyer(rng: np.random.Generator) -> str:
    return f"Upphandlare {int(rng.integers(1, 8))}"


def _participants(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw one to four units; a procurement with two or more is coordinated."""
    count = int(rng.choice((1, 2, 3, 4), p=(0.45, 0.25, 0.2, 0.1)))
    return tuple(UNITS[place] for place in rng.permutation(len(UNITS))[:count])


def _finished(contract: Contract, rng: np.random.Generator) -> Procurement:
    """Draw the procurement that gave a contract, three in four of the planned ones on time."""
    if contract.starts_on is None:
        raise ValueError(f"{contract.contract_id} has no first day, so no procurement can have ended before it")
    ended = max(contract.starts_on - _days(int(rng.integers(10, 40))), Date(PERIOD - 3, 1, 5))
    started = ended - _days(int(rng.integers(120, 420)))
    is_planned = bool(rng.random() < 0.6)
    slack = int(rng.integers(0, 45)) if rng.random() < 0.75 else -int(rng.integers(15, 120))
    buyer, participants = _buyer(rng), _participants(rng)
    planned_start = started - _days(int(rng.integers(-20, 20))) if is_planned else None
    # However late it became, it was never planned to end before it began.
    planned_end = max(ended + _days(slack), planned_start + _days(_SHORTEST_PLAN)) if planned_start else None
    return Procurement(
        procurement_id="",
        title=f"Upphandling av {contract.title.split(',')[0].lower()}",
        category=contract.categories[0],
        replaces="",
        buyer=buyer,
        participants=participants,
        is_planned=is_planned,
        status="Avslutad",
        planned_start_on=planned_start,
        started_on=started,
        planned_end_on=planned_end,
        ended_on=ended,
        bids_count=contract.bids_count,
        value_ore=contract.value_ore,
        saving_potential_ore=0,
    )


def _replacing(contracts: tuple[Contract, ...], lead: int, rng: np.random.Generator) -> list[Procurement]:
    """Draw procurements that replace contracts ending in the next two years; every third begins too late."""
    ending = [
        (one, last)
        for one in contracts
        if (last := one.last_day()) and last.year in (PERIOD + 1, PERIOD + 2) and one.categories
    ]
    drawn = []
    for turn, place in enumerate(sorted(rng.permutation(len(ending))[:_REPLACING].tolist())):
        contract, last = ending[place]
        shift = int(rng.integers(30, 120)) if turn % 3 == 0 else -int(rng.integers(10, 90))
        start = latest_start(last, lead) + _days(shift)
        is_running = start <= _PERIOD_END
        drawn.append(
            Procurement(
                procurement_id="",
                title=f"Ny upphandling av {contract.title.split(',')[0].lower()}",
                category=contract.categories[0],
                replaces=contract.contract_id,
                buyer=_buyer(rng),
                participants=_participants(rng),
                is_planned=bool(rng.random() < 0.7),
                status="Pågår" if is_running else "Planerad",
                planned_start_on=start,
                started_on=start if is_running else None,
                planned_end_on=max(start + _days(lead), _PERIOD_END + _days(30)),
                ended_on=None,
                bids_count=None,
                value_ore=contract.value_ore,
                saving_potential_ore=contract.value_ore // 5_000 * 100,
            )
        )
    return drawn


def _new(rng: np.random.Generator, *, crowded: bool) -> Procurement:
    """Draw a planned procurement of something that has no contract today."""
    year, month = CROWDED_MONTH if crowded else (PERIOD + 1 + int(rng.integers(0, 2)), int(rng.integers(4, 12)))
    start = Date(year, month, int(rng.integers(1, 28)))
    code = str(rng.choice([code for code in PROFILES if code[:2] != "90"]))
    return Procurement(
        procurement_id="",
        title=f"Ny upphandling inom kategori {code}",
        category=code,
        replaces="",
        buyer=CROWDED_BUYER if crowded else _buyer(rng),
        participants=_participants(rng),
        is_planned=crowded or bool(rng.random() < 0.5),
        status="Planerad",
        planned_start_on=start,
        started_on=None,
        planned_end_on=start + _days(int(rng.integers(150, 400))),
        ended_on=None,
        bids_count=None,
        value_ore=int(rng.integers(8, 200)) * 10_000_000,
        saving_potential_ore=int(rng.integers(0, 20)) * 1_000_000,
    )


def _cancelled(rng: np.random.Generator) -> Procurement:
    """Draw a procurement that was broken off, with no bid or one."""
    one = _new(rng, crowded=False)
    started = Date(PERIOD - 2 + int(rng.integers(0, 2)), int(rng.integers(1, 12)), 10)
    return replace(
        one,
        title=f"Avbruten upphandling inom kategori {one.category}",
        status="Avbruten",
        planned_start_on=started,
        started_on=started,
        planned_end_on=started + _days(240),
        ended_on=started + _days(int(rng.integers(90, 200))),
        bids_count=int(rng.integers(0, 2)),
    )

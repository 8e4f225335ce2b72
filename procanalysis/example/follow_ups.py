"""Draw the register of supplier follow-ups: meetings after the contract class, and checks of sustainability."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from procanalysis.example.contracts import Contract, Date
from procanalysis.example.ledger import PERIOD
from procanalysis.example.register_files import day_text, write_table, written_suppliers

FOLLOW_UP_FILE = "leverantorsuppfoljning.csv"
FOLLOW_UP_HEADER: tuple[str, ...] = (
    "Uppföljnings-id",
    "Avtalsnummer",
    "Leverantör",
    "Organisationsnummer",
    "Typ av uppföljning",
    "Planerat datum",
    "Genomfört datum",
    "Resultat",
    "Avvikelse",
    "Eskaleringssteg",
    "Åtgärdad datum",
)
MEETING, CHECK_IN = "Uppföljningsmöte", "Avstämning"
SUSTAINABILITY: tuple[str, ...] = ("Egenrapportering", "Skrivbordskontroll", "Platsrevision")
KINDS: dict[str, str] = {
    MEETING: "meeting",
    CHECK_IN: "check_in",
    SUSTAINABILITY[0]: "self_assessment",
    SUSTAINABILITY[1]: "desk_review",
    SUSTAINABILITY[2]: "audit",
}
"""The register's words; the organisation file translates them."""
MONTHS_BETWEEN: dict[str, int] = {"A": 4, "B": 12, "C": 24, "D": 24}

_DEVIATIONS: tuple[str, ...] = (
    "Försenade leveranser",
    "Fel pris på fakturor",
    "Avtalad statistik har inte lämnats",
    "Underleverantör inte anmäld",
    "Saknar rutin för riskbedömning i leveranskedjan",
)
_FIRST, _LAST = Date(PERIOD - 1, 1, 1), Date(PERIOD, 12, 31)


@dataclass(frozen=True)
class FollowUp:
    """Hold one follow-up as the register has it; `kind` is the register's word."""

    follow_up_id: str
    contract_id: str
    contract_class: str
    supplier: int
    kind: str
    planned_on: Date | None
    done_on: Date | None
    result: str
    deviation: str
    escalation_step: int | None
    closed_on: Date | None


def draw_follow_ups(contracts: tuple[Contract, ...], rng: np.random.Generator) -> list[FollowUp]:
    """Draw the follow-ups of the last two years and the next, in order of the day they were planned for."""
    drawn: list[FollowUp] = []
    for contract in contracts:
        last_day = contract.last_day()
        if last_day is not None and last_day >= _FIRST:
            drawn += _of_class(contract, min(last_day, Date(PERIOD + 1, 12, 31)), rng)
        if rng.random() < (0.3 if contract.contract_class in ("A", "B") else 0.05):
            drawn.append(_sustainability(contract, rng))
    ordered = sorted(drawn, key=lambda one: (one.planned_on or one.done_on or _FIRST, one.contract_id, one.kind))
    return [replace(one, follow_up_id=f"UPF-{number:04d}") for number, one in enumerate(ordered, start=1)]


def write_follow_ups(directory: Path, follow_ups: list[FollowUp], suppliers: pd.DataFrame) -> None:
    """Write the register of follow-ups."""
    written = written_suppliers(suppliers)
    rows = [
        [
            one.follow_up_id,
            one.contract_id,
            *written[one.supplier],
            one.kind,
            day_text(one.planned_on),
            day_text(one.done_on),
            one.result,
            one.deviation,
            "" if one.escalation_step is None else str(one.escalation_step),
            day_text(one.closed_on),
        ]
        for one in follow_ups
    ]
    write_table(directory / FOLLOW_UP_FILE, FOLLOW_UP_HEADER, rows, encoding="utf-8")


def _of_class(contract: Contract, last_day: Date, rng: np.random.Generator) -> Iterator[FollowUp]:
    """Plan meetings (A, B) or check-ins (C, D) at the class's pace; one in six of those due is not done."""
    if not contract.contract_class:
        return
    step = MONTHS_BETWEEN[contract.contract_class]
    kind = MEETING if contract.contract_class in ("A", "B") else CHECK_IN
    begun = max(contract.starts_on or _FIRST, _FIRST)
    month = begun.year * 12 + begun.month - 1 + int(rng.integers(0, step))
    while (planned := Date(month // 12, month % 12 + 1, int(rng.integers(1, 28)))) <= last_day:
        yield _done_or_not(contract, kind, planned, rng)
        month += step


def _sustainability(contract: Contract, rng: np.random.Generator) -> FollowUp:
    kind = SUSTAINABILITY[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
    planned = Date(PERIOD - 1 + int(rng.integers(0, 2)), int(rng.integers(1, 13)), int(rng.integers(1, 28)))
    return _done_or_not(contract, kind, planned, rng)


def _done_or_not(contract: Contract, kind: str, planned: Date, rng: np.random.Generator) -> FollowUp:
    """Say whether a follow-up was done, and what it found: one in seven finds a deviation, half of them put right."""
    done = planned + datetime.timedelta(days=int(rng.integers(-5, 25)))
    is_done = done <= _LAST and bool(rng.random() < 5 / 6)
    deviates = is_done and bool(rng.random() < 1 / 7)
    closed = done + datetime.timedelta(days=int(rng.integers(20, 120)))
    is_closed = deviates and closed <= _LAST and bool(rng.random() < 0.6)
    step = int(rng.choice((1, 2, 3, 4), p=(0.5, 0.3, 0.15, 0.05))) if deviates and rng.random() < 0.6 else None
    return FollowUp(
        follow_up_id="",
        contract_id=contract.contract_id,
        contract_class=contract.contract_class,
        supplier=contract.suppliers[0],
        kind=kind,
        # A few were never planned; they were simply done.
        planned_on=None if is_done and rng.random() < 0.05 else planned,
        done_on=done if is_done else None,
        result=("Brister" if deviates else "Utan anmärkning") if is_done else "",
        deviation=_DEVIATIONS[int(rng.integers(0, len(_DEVIATIONS)))] if deviates else "",
        escalation_step=step,
        closed_on=closed if is_closed else None,
    )

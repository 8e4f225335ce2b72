"""A business case in plain values: what is known of today, the alternatives, and how sure every number is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean, examples
from procanalysis.schema.levers import BASELINE_NUMBERS, LEVER_KINDS, DriverKind

DO_NOTHING_ID = "do_nothing"
REALISATION = "realisation_rate_pct"
DRIFT = "do_nothing.yearly_change_pct"


@dataclass(frozen=True, kw_only=True)
class Driver:
    """Hold one number of a case that may be uncertain: low, likely and high, and what they rest on.

    `belongs_to` is the title of its lever, the kind of its cost, or empty when it concerns every alternative.
    """

    id: str
    name: str
    kind: DriverKind
    low: Decimal
    likely: Decimal
    high: Decimal
    belongs_to: str = ""
    evidence: str = ""

    @property
    def is_certain(self) -> bool:
        """Tell whether the three numbers are one."""
        return self.low == self.high


@dataclass(frozen=True, kw_only=True)
class Lever:
    """Hold one lever. Its drivers are those of the case that are named `<lever id>.<driver>`.

    `phase_in_pct` is percent per year from year 1, the last one holding on; `realised_by` is receiver → percent.
    """

    id: str
    title: str
    kind: str
    benefit: Literal["cash", "time", "quality"]
    realised_by: Mapping[str, Decimal] = field(default_factory=dict)
    phase_in_pct: tuple[Decimal, ...] = (Decimal(100),)
    text: str = ""

    @property
    def driver_ids(self) -> list[str]:
        """The drivers that it is reckoned from; none for a gain in quality."""
        if self.benefit == "quality":
            return []
        return [f"{self.id}.{name}" for name in LEVER_KINDS[self.kind].drivers]

    def phase_pct(self, year: int) -> Decimal:
        """How much of the gain comes in a year; nothing in year 0."""
        return self.phase_in_pct[min(year, len(self.phase_in_pct)) - 1] if year else Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Hold a cost that comes once, or every year from the first to the last; its driver is the yearly amount."""

    driver_id: str
    title: str
    first_year: int
    last_year: int
    is_one_off: bool
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Hold one thing that could be done instead of nothing."""

    id: str
    title: str
    levers: tuple[Lever, ...] = ()
    costs: tuple[Cost, ...] = ()

    @property
    def driver_ids(self) -> list[str]:
        """The drivers of its own, in order."""
        own = [identity for lever in self.levers for identity in lever.driver_ids]
        return [*own, *(cost.driver_id for cost in self.costs)]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Hold a business case. Alternative number 0, doing nothing, is what every other is measured against.

    Parameters: starts_on, the day of year 0, from which year t is the t:th twelve months; horizon_years, the last
    year; rate_pct, the discount rate; today, numbers of today by the names of BASELINE_NUMBERS, None when unknown;
    doubts, for a number of today that may be another, why it may, in Swedish; drivers, every number of the
    alternatives, and if there is one the realisation rate (REALISATION, otherwise 100 %) and the drift of the purchases
    (DRIFT, otherwise none); correlations, two drivers → rank correlation; distribution, how an uncertain number is
    drawn.
    Raises MeasureError when something in it cannot be reckoned with.
    """

    title: str
    starts_on: date
    horizon_years: int
    rate_pct: Decimal
    today: Mapping[str, Decimal | int | None]
    drivers: tuple[Driver, ...]
    alternatives: tuple[Alternative, ...]
    do_nothing_title: str = "Göra ingenting"
    doubts: Mapping[str, str] = field(default_factory=dict)
    sensitivity_points: tuple[Decimal, ...] = (Decimal(0), Decimal(1), Decimal(2))
    correlations: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    distribution: Literal["pert", "triangular"] = "pert"
    runs: int = 10_000
    seed: int = 2026

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise MeasureError(f"Case: {problem}")

    def driver(self, identity: str) -> Driver:
        """Return the driver of an id that is known to exist."""
        return next(each for each in self.drivers if each.id == identity)

    def alternative(self, identity: str) -> Alternative:
        """Return the alternative of an id. Raises MeasureError when there is none."""
        for each in self.alternatives:
            if each.id == identity:
                return each
        known = [each.id for each in self.alternatives]
        raise MeasureError(f"Case: there is no alternative '{identity}'. {did_you_mean(identity, known)}")

    def drivers_of(self, alternative: Alternative) -> list[Driver]:
        """The drivers that the alternative is reckoned from: its own, then those that concern every alternative."""
        return [each for each in self.drivers if each.id in alternative.driver_ids] + [
            each for each in self.drivers if each.id in (REALISATION, DRIFT)
        ]

    @property
    def likely(self) -> dict[str, Decimal]:
        """The likely value of every driver."""
        return {each.id: each.likely for each in self.drivers}


def _problems(case: Case) -> Iterator[str]:
    if case.horizon_years < 1:
        yield f"the horizon is {case.horizon_years} years. Give 1 or more."
    if case.rate_pct <= -100:
        yield f"the discount rate is {case.rate_pct} %. Give a rate above -100 %."
    known = [each.id for each in case.drivers]
    if twice := sorted({name for name in known if known.count(name) > 1}):
        yield f"the driver '{twice[0]}' stands twice. Keep one."
    for each in case.drivers:
        if not each.low <= each.likely <= each.high:
            yield f"'{each.id}' has low {each.low}, likely {each.likely}, high {each.high}. Give them in rising order."
    yield from _alternative_problems(case)
    for identity in (name for pair in case.correlations for name in pair):
        if identity not in known:
            yield f"a correlation names the driver '{identity}', which is missing. {did_you_mean(identity, known)}"


def _alternative_problems(case: Case) -> Iterator[str]:
    ids = [DO_NOTHING_ID, *(each.id for each in case.alternatives)]
    if len(set(ids)) < len(ids):
        yield f"two alternatives have the same id ({examples(ids)}). Give each its own."
    levers = [lever for each in case.alternatives for lever in each.levers]
    if len({lever.id for lever in levers}) < len(levers):
        yield f"two levers have the same id ({examples(lever.id for lever in levers)}). Give each its own."
    for lever in levers:
        if lever.kind not in LEVER_KINDS:
            yield f"unknown lever kind '{lever.kind}'. {did_you_mean(lever.kind, LEVER_KINDS)}"
            return
        for name in LEVER_KINDS[lever.kind].needs:
            if lever.benefit != "quality" and case.today.get(name) is None:
                yield f"'{lever.id}' is reckoned from {name} ({BASELINE_NUMBERS[name]}), which is unknown. Give it."
    known = {each.id for each in case.drivers}
    for identity in (name for each in case.alternatives for name in each.driver_ids):
        if identity not in known:
            yield f"the driver '{identity}' is missing. Give it low, likely and high."


def correlations(case: Case) -> pd.DataFrame:
    """List the pairs of numbers that move together in the simulation; all others are drawn independently.

    Parameters: case. Returns one row per pair, in the order of the case: alternative_title (those that are reckoned
    from the first number, 'Alla alternativ' when it concerns every one), first_id, first_name, second_id, second_name,
    rank_correlation (decimal, above -1 and below 1). Source: methods 9.
    """
    rows = [
        (", ".join(title for _, title in _users(case, one)), one, case.driver(one).name, other,
         case.driver(other).name, value)
        for (one, other), value in case.correlations.items()
    ]  # fmt: skip
    columns = ["alternative_title", "first_id", "first_name", "second_id", "second_name", "rank_correlation"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype(dict.fromkeys(columns[:5], "str"))


def _users(case: Case, driver_id: str) -> list[tuple[str | None, str]]:
    """List the alternatives, by id and title, that are reckoned from a driver; one without id stands for all."""
    found: list[tuple[str | None, str]] = [
        (each.id, each.title) for each in case.alternatives if driver_id in each.driver_ids
    ]
    return found or [(None, "Alla alternativ")]


def assumptions(case: Case) -> pd.DataFrame:
    """List every number that a case rests on, and its evidence.

    Parameters: case. Returns one row per driver and alternative that uses it: alternative_id (missing for a driver that
    concerns every alternative), alternative_title (then 'Alla alternativ'), driver_id, driver_name, belongs_to, unit
    (%, kr or st), low, likely, high (decimal), is_certain, evidence. Source: methods 9.
    """
    rows = []
    for driver in case.drivers:
        rows += [
            (identity, title, driver.id, driver.name, driver.belongs_to, driver.kind.unit,
             driver.low, driver.likely, driver.high, driver.is_certain, driver.evidence)
            for identity, title in _users(case, driver.id)
        ]  # fmt: skip
    columns = [
        "alternative_id", "alternative_title", "driver_id", "driver_name", "belongs_to", "unit", "low", "likely",
        "high", "is_certain", "evidence",
    ]  # fmt: skip
    texts = ["alternative_id", "alternative_title", "driver_id", "driver_name", "belongs_to", "unit", "evidence"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({**dict.fromkeys(texts, "str"), "is_certain": "bool"})

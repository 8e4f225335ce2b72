"""The parts of a business case file: question, baseline, alternatives with levers and costs, and the numbers in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from procanalysis.errors import did_you_mean
from procanalysis.params.project import organisation_slugs
from procanalysis.params.yaml_file import SLUG, Part
from procanalysis.schema.levers import (
    BASELINE_NUMBERS,
    DRIFT_DRIVER,
    LEVER_KINDS,
    ONE_OFF_DRIVER,
    REALISATION_DRIVER,
    RUNNING_DRIVER,
    DriverKind,
)

DO_NOTHING = "do_nothing"
DRIFT_ID = f"{DO_NOTHING}.yearly_change_pct"
REALISATION_ID = "realisation_rate_pct"

MOST = Decimal(10) ** 12
_MOST_YEARS = 30
_ENOUGH_RUNS, _MOST_RUNS = 10_000, 1_000_000

Keys = tuple[str, ...]


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _lever_kind(value: object) -> object:
    if value not in LEVER_KINDS:
        raise ValueError(f"unknown lever kind. {did_you_mean(str(value), LEVER_KINDS)}")
    return value


def _whole_number(value: object) -> object:
    # YAML reads yes and on as true, which would count as 1.
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "must be a whole number")
    return value


def _short_name(value: object) -> object:
    if isinstance(value, str) and value and not SLUG.fullmatch(value):
        known = organisation_slugs()
        raise ValueError(f"there is no organisation '{value}'. {did_you_mean(value.casefold(), known)}")
    return value


def _horizon(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= _MOST_YEARS:
        raise ValueError(f"the horizon cannot be {value} years. Give whole years from 1 to {_MOST_YEARS}")
    return value


def _runs(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and not _ENOUGH_RUNS <= value <= _MOST_RUNS:
        raise ValueError(f"{value} runs cannot be used. Give from {_ENOUGH_RUNS} to {_MOST_RUNS}")
    return value


def _with_evidence(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError(
            "a number needs its evidence. Write {value: …, evidence: …}, or low, likely, high and evidence"
        )
    return value


Name = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
Kronor = Annotated[Decimal, Field(ge=0, le=MOST, decimal_places=2)]


class Estimate(Part):
    """Hold a number that is not known for sure: low, likely and high, or one value; and what it rests on."""

    value: Decimal | None = None
    low: Decimal | None = None
    likely: Decimal | None = None
    high: Decimal | None = None
    evidence: str = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _complete(self)
        return self

    @property
    def low_likely_high(self) -> tuple[Decimal, Decimal, Decimal]:
        """The three numbers, all alike when the number is certain."""
        low, likely, high = (self.value if each is None else each for each in (self.low, self.likely, self.high))
        return cast(Decimal, low), cast(Decimal, likely), cast(Decimal, high)

    @property
    def is_certain(self) -> bool:
        """Tell whether the three numbers are one."""
        low, _, high = self.low_likely_high
        return low == high


def _complete(estimate: Estimate) -> None:
    given = [estimate.low, estimate.likely, estimate.high]
    if (None in given) if estimate.value is None else (given != [None] * 3):
        raise ValueError("give low, likely and high, or only value when the number is certain")


GivenEstimate = Annotated[Estimate, BeforeValidator(_with_evidence)]


class RealisationParams(Estimate):
    """Hold how much of a promised gain comes true: an estimate, or that the track record of savings shall tell."""

    evidence: str = ""
    from_track_record: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.from_track_record:
            _complete(self)
            if not self.evidence:
                raise ValueError("a number needs its evidence. Say what it rests on")
        elif (self.value, self.low, self.likely, self.high, self.evidence) != (None, None, None, None, ""):
            raise ValueError("give either from_track_record: true, or the numbers with their evidence")
        return self


class DiscountRate(Part):
    """Hold the discount rate, where it comes from, and how many points to try beside it."""

    pct: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
    source: str = Field(min_length=1)
    sensitivity_points: tuple[Annotated[Decimal, Field(ge=-100, le=100, decimal_places=4)], ...] = (
        Decimal(0), Decimal(1), Decimal(2),
    )  # fmt: skip


class BaselineByHand(Part):
    """Hold numbers of today that do not come from the ledger, and what they rest on."""

    spend_sek: Kronor | None = None
    loyalty_base_sek: Kronor | None = None
    loyalty_pct: Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)] | None = None
    suppliers_count: Annotated[WholeNumber, Field(ge=0, le=10**9)] | None = None
    invoices_count: Annotated[WholeNumber, Field(ge=0, le=10**9)] | None = None
    evidence: str = ""

    @property
    def numbers(self) -> dict[str, Decimal | int | None]:
        """The numbers by the names of BASELINE_NUMBERS, None where not given."""
        return {name: getattr(self, name) for name in BASELINE_NUMBERS}

    @property
    def base_is_spend(self) -> bool:
        """Tell whether loyalty stands without the purchases that it is a share of: then it is a share of them all."""
        return self.loyalty_pct is not None and self.loyalty_base_sek is None

    def before(self, ledger: Mapping[str, Decimal | int | None]) -> dict[str, Decimal | int | None]:
        """Choose each number of today: by hand where given, otherwise the ledger's, otherwise None."""
        chosen = {name: ledger.get(name) if value is None else value for name, value in self.numbers.items()}
        return chosen | {"loyalty_base_sek": chosen["spend_sek"]} if self.base_is_spend else chosen


class BaselineParams(Part):
    """Say where the numbers of today come from: the ledger of a category and period, by hand, or both."""

    category: str = ""
    period: Annotated[str, BeforeValidator(_as_text)] = ""
    by_hand: BaselineByHand = BaselineByHand()


class DoNothingParams(Part):
    """Hold alternative number 0, and how the purchases change year by year if nothing is done."""

    title: Name = "Göra ingenting"
    text: str = ""
    yearly_change_pct: GivenEstimate | None = None


class LeverParams(Part):
    """Hold one lever: what kind of gain it gives, its drivers, when it comes and who realises it."""

    id: Id
    kind: Annotated[str, BeforeValidator(_lever_kind)]
    title: Name
    text: str = ""
    benefit: Literal["cash", "time", "quality"]
    drivers: dict[str, GivenEstimate] = Field(default_factory=dict)
    phase_in_pct: tuple[Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)], ...] = (Decimal(100),)
    realised_by: dict[str, Annotated[Decimal, Field(decimal_places=6)]] = Field(default_factory=dict)


class OneOffCostParams(Part):
    """Hold a cost that comes once."""

    title: Name
    kind: Literal["investment", "change", "exit", "dual_running"]
    year: Annotated[WholeNumber, Field(ge=0)] = 0
    sek: GivenEstimate


class RunningCostParams(Part):
    """Hold a cost that comes every year, from one year to another; without `to_year` to the end."""

    title: Name
    sek: GivenEstimate
    from_year: Annotated[WholeNumber, Field(ge=0)] = 1
    to_year: WholeNumber | None = None


class RiskParams(Part):
    """Hold one risk, how likely and how grave it is from 1 to 5, and who does what about it."""

    text: Name
    likelihood: Annotated[WholeNumber, Field(ge=1, le=5)]
    consequence: Annotated[WholeNumber, Field(ge=1, le=5)]
    action: str = ""
    role: str = ""


class AlternativeParams(Part):
    """Hold one thing that could be done instead of nothing."""

    id: Id
    title: Name
    text: str = ""
    levers: tuple[LeverParams, ...] = ()
    one_off_costs: tuple[OneOffCostParams, ...] = ()
    running_costs: tuple[RunningCostParams, ...] = ()
    risks: tuple[RiskParams, ...] = ()
    must_be_true: tuple[Name, ...] = ()


class CorrelationParams(Part):
    """Hold how two drivers move together, as rank correlation: 0.4 when one is mostly high when the other is."""

    between: tuple[str, ...]
    value: Annotated[Decimal, Field(gt=-1, lt=1, decimal_places=4)]


class SimulationParams(Part):
    """Hold how the uncertain numbers are drawn. The seed makes every run give the same result."""

    distribution: Literal["pert", "triangular"] = "pert"
    runs: Annotated[WholeNumber, BeforeValidator(_runs)] = _ENOUGH_RUNS
    seed: Annotated[WholeNumber, Field(ge=0, lt=2**63)] = 2026


class BusinessCaseParams(Part):
    """Hold one business case file. `slug` and `path` come from the file's name and place."""

    slug: str
    path: Path
    title: Name
    organisation: Annotated[str, BeforeValidator(_short_name)] = ""
    name: str = ""
    fictional: bool = False
    question: Name
    decision_by: str = ""
    author: str = ""
    starts_on: date
    horizon_years: Annotated[WholeNumber, BeforeValidator(_horizon)]
    discount_rate: DiscountRate
    price_basis: Literal["fasta priser", "löpande priser"]
    baseline: BaselineParams = BaselineParams()
    do_nothing: DoNothingParams = DoNothingParams()
    realisation_rate_pct: Annotated[RealisationParams, BeforeValidator(_with_evidence)] | None = None
    alternatives: tuple[AlternativeParams, ...] = Field(min_length=1)
    correlations: tuple[CorrelationParams, ...] = ()
    simulation: SimulationParams = SimulationParams()
    recommendation: Literal["auto"] = "auto"

    @property
    def from_track_record(self) -> bool:
        """Tell whether the realisation rate is to be drawn from the organisation's own track record."""
        return self.realisation_rate_pct is not None and self.realisation_rate_pct.from_track_record


@dataclass(frozen=True)
class StatedDriver:
    """Hold one uncertain number of the file: its id, its keys there, what it is, and where it belongs."""

    id: str
    keys: Keys
    kind: DriverKind
    name: str
    belongs_to: str
    estimate: Estimate


def stated_drivers(params: BusinessCaseParams) -> Iterator[StatedDriver]:
    """List the uncertain numbers of a file, in its order: realisation, drift, then each alternative's.

    A realisation rate from the track record is not among them, since the file does not state it.
    """
    rate, drift = params.realisation_rate_pct, params.do_nothing.yearly_change_pct
    if rate is not None and not rate.from_track_record:
        yield StatedDriver(REALISATION_ID, (REALISATION_ID,), REALISATION_DRIVER, REALISATION_DRIVER.name, "", rate)
    if drift is not None:
        yield StatedDriver(DRIFT_ID, tuple(DRIFT_ID.split(".")), DRIFT_DRIVER, DRIFT_DRIVER.name, "", drift)
    for number, alternative in enumerate(params.alternatives):
        at: Keys = ("alternatives", str(number))
        for index, lever in enumerate(alternative.levers):
            known = LEVER_KINDS[lever.kind].drivers
            for name, estimate in lever.drivers.items():
                if name in known:
                    keys = (*at, "levers", str(index), "drivers", name)
                    identity = f"{lever.id}.{name}"
                    yield StatedDriver(identity, keys, known[name], known[name].name, lever.title, estimate)
        for index, once in enumerate(alternative.one_off_costs):
            keys = (*at, "one_off_costs", str(index), "sek")
            identity = f"{alternative.id}.one_off.{index + 1}"
            yield StatedDriver(identity, keys, ONE_OFF_DRIVER, once.title, ONE_OFF_DRIVER.name, once.sek)
        for index, yearly in enumerate(alternative.running_costs):
            keys = (*at, "running_costs", str(index), "sek")
            identity = f"{alternative.id}.running.{index + 1}"
            yield StatedDriver(identity, keys, RUNNING_DRIVER, yearly.title, RUNNING_DRIVER.name, yearly.sek)

"""Turn a business case file and the numbers of today into a case that the measures reckon with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.measures.business_case import REALISATION, Alternative, Case, Cost, Driver, Lever
from procanalysis.params.business_case import problem_at
from procanalysis.params.business_case_checks import baseline_problems
from procanalysis.params.business_case_parts import (
    REALISATION_ID,
    AlternativeParams,
    BusinessCaseParams,
    stated_drivers,
)
from procanalysis.params.yaml_file import refuse
from procanalysis.schema.levers import REALISATION_DRIVER

NO_DEDUCTION = "Inget avdrag är angivet"


@dataclass(frozen=True)
class TrackRecord:
    """Hold how much of what was promised came true, in percent, and the evidence in words."""

    low: Decimal
    likely: Decimal
    high: Decimal
    evidence: str


def numbers_of_today(
    params: BusinessCaseParams, ledger: Mapping[str, Decimal | int | None] | None = None
) -> dict[str, Decimal | int | None]:
    """Choose each number of today: by hand where given, otherwise the ledger's, otherwise unknown.

    A loyalty by hand without the purchases that it is a share of is a share of all purchases. Parameters: params;
    ledger, numbers by the names of BASELINE_NUMBERS. Returns all of them.
    """
    return params.baseline.by_hand.before(ledger or {})


def build_case(
    params: BusinessCaseParams,
    ledger: Mapping[str, Decimal | int | None] | None = None,
    track_record: TrackRecord | None = None,
    doubts: Mapping[str, str] | None = None,
) -> Case:
    """Build the case that a file describes.

    Parameters: params; ledger, the ledger's numbers of today by the names of BASELINE_NUMBERS, which numbers by hand
    go before; track_record, for a file that asks for it; doubts, number of today → why it may be another, in Swedish.
    Returns a Case. Raises ParamsError naming file, line and cure when a lever needs a number that nobody knows,
    promises more than there is, or there is no track record to draw from.
    """
    today = numbers_of_today(params, ledger)
    refuse(params.path, baseline_problems(params, today))
    return Case(
        title=params.title,
        starts_on=params.starts_on,
        horizon_years=params.horizon_years,
        rate_pct=params.discount_rate.pct,
        today=today,
        doubts=doubts or {},
        drivers=tuple(_drivers(params, track_record)),
        alternatives=tuple(_alternative(each, params.horizon_years) for each in params.alternatives),
        do_nothing_title=params.do_nothing.title,
        sensitivity_points=params.discount_rate.sensitivity_points,
        correlations={(each.between[0], each.between[1]): each.value for each in params.correlations},
        distribution=params.simulation.distribution,
        runs=params.simulation.runs,
        seed=params.simulation.seed,
    )


def _drivers(params: BusinessCaseParams, track_record: TrackRecord | None) -> list[Driver]:
    stated = list(stated_drivers(params))
    drivers = []
    if params.from_track_record:
        drivers.append(_from_track_record(params, track_record))
    elif params.realisation_rate_pct is None:
        whole = Decimal(100)
        drivers.append(_realisation(whole, whole, whole, NO_DEDUCTION))
    # Two numbers with the same name, as the price effect of two levers, are told apart by what they belong to.
    names = [each.name for each in stated]
    for each in stated:
        low, likely, high = each.estimate.low_likely_high
        clear = names.count(each.name) == 1 or not each.belongs_to
        drivers.append(
            Driver(
                id=each.id,
                name=each.name if clear else f"{each.name} ({each.belongs_to})",
                kind=each.kind,
                low=low,
                likely=likely,
                high=high,
                belongs_to=each.belongs_to,
                evidence=each.estimate.evidence,
            )
        )
    return drivers


def _from_track_record(params: BusinessCaseParams, track_record: TrackRecord | None) -> Driver:
    if track_record is None:
        raise problem_at(
            params,
            (REALISATION_ID, "from_track_record"),
            "the savings register does not hold enough procurements with both promised and realised savings. Give low, "
            "likely, high and evidence instead",
        )
    return _realisation(track_record.low, track_record.likely, track_record.high, track_record.evidence)


def _realisation(low: Decimal, likely: Decimal, high: Decimal, evidence: str) -> Driver:
    name = REALISATION_DRIVER.name
    return Driver(
        id=REALISATION, name=name, kind=REALISATION_DRIVER, low=low, likely=likely, high=high, evidence=evidence
    )


def _alternative(params: AlternativeParams, horizon: int) -> Alternative:
    levers = tuple(
        Lever(
            id=each.id,
            title=each.title,
            kind=each.kind,
            benefit=each.benefit,
            realised_by=each.realised_by,
            phase_in_pct=each.phase_in_pct,
            text=each.text,
        )
        for each in params.levers
    )
    once = [
        Cost(
            driver_id=f"{params.id}.one_off.{number}",
            title=each.title,
            kind=each.kind,
            first_year=each.year,
            last_year=each.year,
            is_one_off=True,
        )
        for number, each in enumerate(params.one_off_costs, start=1)
    ]
    yearly = [
        Cost(
            driver_id=f"{params.id}.running.{number}",
            title=each.title,
            first_year=each.from_year,
            last_year=horizon if each.to_year is None else each.to_year,
            is_one_off=False,
        )
        for number, each in enumerate(params.running_costs, start=1)
    ]
    return Alternative(id=params.id, title=params.title, levers=levers, costs=(*once, *yearly))

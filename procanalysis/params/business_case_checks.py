"""What must hold between the numbers of a business case file, each mistake with its keys and the cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from procanalysis.errors import ParamsError, did_you_mean, examples
from procanalysis.params.business_case_parts import (
    DO_NOTHING,
    MOST,
    REALISATION_ID,
    AlternativeParams,
    BusinessCaseParams,
    Keys,
    LeverParams,
    StatedDriver,
    stated_drivers,
)
from procanalysis.params.correlations import impossible_together
from procanalysis.params.period import parse_period
from procanalysis.params.yaml_file import Problem
from procanalysis.schema.levers import BASELINE_NUMBERS, LEVER_KINDS, TODAY_IS_LEAST, TODAY_IS_MOST


def case_problems(params: BusinessCaseParams) -> Iterator[Problem]:
    """List what does not hang together in a business case, as (keys, what is wrong and the cure)."""
    yield from _identity_problems(params)
    yield from _id_problems(params)
    for number, alternative in enumerate(params.alternatives):
        at: Keys = ("alternatives", str(number))
        if not (alternative.levers or alternative.one_off_costs or alternative.running_costs):
            yield at, f"'{alternative.id}' has neither levers nor costs. Doing nothing is there already: take it away"
        for index, lever in enumerate(alternative.levers):
            yield from _lever_problems(lever, (*at, "levers", str(index)), params.horizon_years)
        yield from _year_problems(alternative, at, params.horizon_years)
    for driver in stated_drivers(params):
        yield from _estimate_problems(driver)
    for number, points in enumerate(params.discount_rate.sensitivity_points):
        if params.discount_rate.pct + points < 0:
            words = f"{points} points give a rate below zero. Give at least {-params.discount_rate.pct}"
            yield ("discount_rate", "sensitivity_points", str(number)), words
    yield from _correlation_problems(params)
    if not params.baseline.category:
        yield from baseline_problems(params, params.baseline.by_hand.before({}))


def _identity_problems(params: BusinessCaseParams) -> Iterator[Problem]:
    baseline = params.baseline
    if params.organisation and params.name:
        yield ("name",), "the organisation file gives the name. Take name away"
    if not params.organisation:
        needing: list[tuple[Keys, bool]] = [
            (("baseline", "category"), bool(baseline.category)),
            (("baseline", "period"), bool(baseline.period)),
            ((REALISATION_ID, "from_track_record"), params.from_track_record),
        ]
        for keys, is_given in needing:
            if is_given:
                yield keys, "only an organisation has a ledger. Give organisation: its short name, or take this away"
        if not params.name:
            yield ("name",), "is missing. Give the organisation's short name as organisation, or a name as name"
    if baseline.period:
        try:
            parse_period(baseline.period)
        except ParamsError as error:
            yield ("baseline", "period"), str(error)
    if any(number is not None for number in baseline.by_hand.numbers.values()) and not baseline.by_hand.evidence:
        yield ("baseline", "by_hand"), "numbers by hand need evidence. Say where they come from"


def _id_problems(params: BusinessCaseParams) -> Iterator[Problem]:
    alternatives: list[str] = [DO_NOTHING]
    levers: list[str] = []
    for number, alternative in enumerate(params.alternatives):
        at: Keys = ("alternatives", str(number))
        if alternative.id == DO_NOTHING:
            yield (*at, "id"), f"'{DO_NOTHING}' is alternative 0, which is there already. Give another id"
        elif alternative.id in alternatives:
            yield (*at, "id"), f"'{alternative.id}' stands twice. Give another id"
        alternatives.append(alternative.id)
        for index, lever in enumerate(alternative.levers):
            if lever.id in levers:
                words = f"'{lever.id}' stands twice, in this alternative or another. Give another id"
                yield (*at, "levers", str(index), "id"), words
            levers.append(lever.id)


def _lever_problems(lever: LeverParams, at: Keys, horizon: int) -> Iterator[Problem]:
    if lever.benefit == "quality":
        if lever.drivers:
            yield (*at, "drivers"), "quality is told in words and has no money. Take drivers away, or change benefit"
        if not lever.text:
            yield (*at, "text"), "is missing. Say in words what becomes better"
    else:
        known = LEVER_KINDS[lever.kind].drivers
        unknown = [name for name in lever.drivers if name not in known]
        for name in unknown:
            yield (*at, "drivers", name), f"unknown driver '{name}' of {lever.kind}. {did_you_mean(name, known)}"
        # A name that is not known is most likely the one that is missing.
        for name in known if not unknown else ():
            if name not in lever.drivers:
                yield (*at, "drivers", name), "is missing. Give it low, likely, high and evidence"
    if not lever.phase_in_pct:
        yield (*at, "phase_in_pct"), "is empty. Give percent per year from year 1, as [50, 100]"
    elif len(lever.phase_in_pct) > horizon:
        words = f"{len(lever.phase_in_pct)} years, but the horizon is {horizon}. Take away the last ones"
        yield (*at, "phase_in_pct"), words
    yield from _share_problems(lever, at)


def _share_problems(lever: LeverParams, at: Keys) -> Iterator[Problem]:
    shares = lever.realised_by
    for receiver, share in shares.items():
        if share <= 0:
            words = f"the share is {share}. Give a percent above 0, or take '{receiver}' away"
            yield (*at, "realised_by", receiver), words
    total = sum(shares.values(), Decimal(0))
    if shares and total != 100:
        yield (*at, "realised_by"), f"the shares sum to {total}, not to exactly 100. Correct them"
    elif not shares and lever.benefit != "quality":
        yield (*at, "realised_by"), "is missing. Say which units realise the gain, in percent that sum to exactly 100"


def _year_problems(alternative: AlternativeParams, at: Keys, horizon: int) -> Iterator[Problem]:
    for index, once in enumerate(alternative.one_off_costs):
        if once.year > horizon:
            words = f"year {once.year} is after the horizon. Give a year from 0 to {horizon}"
            yield (*at, "one_off_costs", str(index), "year"), words
    for index, yearly in enumerate(alternative.running_costs):
        keys = (*at, "running_costs", str(index))
        last = horizon if yearly.to_year is None else yearly.to_year
        if last > horizon:
            yield (*keys, "to_year"), f"year {last} is after the horizon. Give {horizon} at most, or leave it out"
        elif yearly.from_year > horizon:
            yield (*keys, "from_year"), f"year {yearly.from_year} is after the horizon. Give {horizon} at most"
        elif yearly.from_year > last:
            yield (*keys, "to_year"), f"year {last} is before from_year {yearly.from_year}. Swap them"


def _estimate_problems(driver: StatedDriver) -> Iterator[Problem]:
    estimate, kind = driver.estimate, driver.kind
    low, likely, high = estimate.low_likely_high
    if low > likely:
        yield (*driver.keys, "low"), f"low {low} is above likely {likely}. Give low, likely and high in rising order"
    if likely > high:
        yield (*driver.keys, "high"), f"high {high} is below likely {likely}. Give low, likely and high in rising order"
    least = -MOST if kind.lowest is None else Decimal(kind.lowest)
    most = MOST if kind.highest is None else Decimal(kind.highest)
    decimals = 2 if kind.unit == "kr" else 6
    named = {"low": low, "likely": likely, "high": high} if estimate.value is None else {"value": estimate.value}
    for name, number in named.items():
        if not least <= number <= most:
            yield (*driver.keys, name), f"{number} is outside what is possible. Give a number from {least} to {most}"
        elif number != round(number, decimals):
            yield (*driver.keys, name), f"{number} has more than {decimals} decimals. Round it"


def _correlation_problems(params: BusinessCaseParams) -> Iterator[Problem]:
    drivers = {driver.id: driver for driver in stated_drivers(params)}
    known = [*drivers, *([REALISATION_ID] if params.from_track_record else [])]
    seen: list[frozenset[str]] = []
    pairs: dict[tuple[str, str], Decimal] = {}
    sound = True
    for number, each in enumerate(params.correlations):
        keys: Keys = ("correlations", str(number), "between")
        problem = ""
        unknown = [(place, name) for place, name in enumerate(each.between) if name not in known]
        if len(each.between) != 2 or len(set(each.between)) != 2:
            problem = "name two different drivers, as [lever.driver, other_lever.driver]"
        elif unknown:
            place, name = unknown[0]
            keys, problem = (*keys, str(place)), f"no driver is named '{name}'. {did_you_mean(name, known)}"
        elif frozenset(each.between) in seen:
            problem = "the two drivers are tied to each other already. Keep one"
        elif certain := [name for name in each.between if name in drivers and drivers[name].estimate.is_certain]:
            problem = f"'{certain[0]}' is certain and cannot move with another. Give it a range, or take this away"
        seen.append(frozenset(each.between))
        if problem:
            sound = False
            yield keys, problem
        else:
            pairs[each.between[0], each.between[1]] = each.value
    if sound and (names := impossible_together(pairs)):
        last = max(n for n, each in enumerate(params.correlations) if set(each.between) <= set(names))
        words = (
            f"the correlations between {examples(names)} cannot all hold (the matrix is not positive definite; a pair "
            "that is not named counts as 0). Bring them nearer to 0, or give those that are missing"
        )
        yield ("correlations", str(last), "value"), words


def baseline_problems(params: BusinessCaseParams, known: Mapping[str, Decimal | int | None]) -> Iterator[Problem]:
    """List what the levers lack of today's numbers, and what they promise beyond them.

    Parameters: params; known, the numbers of today by the names of BASELINE_NUMBERS, None where unknown. The loader
    calls it for a case by hand; who opens a case from the ledger calls it with the ledger's numbers.
    """
    for number, alternative in enumerate(params.alternatives):
        for index, lever in enumerate(alternative.levers):
            if lever.benefit == "quality":
                continue
            at: Keys = ("alternatives", str(number), "levers", str(index))
            for name in _unknown(lever, known):
                words = (
                    f"{lever.kind} is reckoned from {name} ({BASELINE_NUMBERS[name].lower()}), which is unknown. "
                    f"Give baseline.by_hand.{name} with evidence, or a category of an organisation"
                )
                yield (*at, "kind"), words
            yield from _limit_problems(lever, (*at, "drivers"), known)


def _unknown(lever: LeverParams, known: Mapping[str, Decimal | int | None]) -> list[str]:
    """List the numbers of today that must be given for a lever."""
    unknown = [name for name in LEVER_KINDS[lever.kind].needs if known.get(name) is None]
    if "loyalty_pct" in unknown and known.get("spend_sek") is not None:
        # With loyalty by hand the purchases that it is a share of need not be given.
        unknown = [name for name in unknown if name != "loyalty_base_sek"]
    return unknown


def _limit_problems(lever: LeverParams, at: Keys, known: Mapping[str, Decimal | int | None]) -> Iterator[Problem]:
    for driver in LEVER_KINDS[lever.kind].drivers:
        estimate = lever.drivers.get(driver)
        if estimate is None:
            continue
        high = estimate.low_likely_high[2]
        keys = (*at, driver, "high" if estimate.value is None else "value")
        name = TODAY_IS_MOST.get(driver, "")
        most = known.get(name)
        if most is not None and high > most:
            yield keys, f"{high} is more than today's {most} ({name}). Give {most} at most"
        name = TODAY_IS_LEAST.get(driver, "")
        least = known.get(name)
        if least is not None and high < least:
            words = (
                f"{high} is less than today's {least} ({name}), so the lever could only lose. Give more than {least}"
            )
            yield keys, f"{words}, or take the lever away"

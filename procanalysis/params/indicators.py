"""The indicator catalogue: what each indicator measures, which way is good, its targets per year, and its breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from stdnum import luhn

from procanalysis.errors import ParamsError, did_you_mean
from procanalysis.params.project import organisations_folder
from procanalysis.params.yaml_file import Part, Problem, load_file, refuse
from procanalysis.schema import (
    INDICATOR_DIRECTIONS,
    INDICATOR_LEVELS,
    INDICATOR_MEASURES,
    INDICATOR_UNITS,
    NUMBER_OPERATORS,
    TARGET_OPERATORS,
    UNITS_IN_KRONOR,
)

_EARLIEST, _LATEST = 1990, 2100

Keys = tuple[str, ...]


def _known(choices: dict[str, str], what: str) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in choices:
            raise ValueError(f"unknown {what}. {did_you_mean(str(value), choices)}")
        return value

    return BeforeValidator(check)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Year = Annotated[int, Field(ge=_EARLIEST, le=_LATEST)]
Unit = Annotated[str, _known(INDICATOR_UNITS, "unit")]


class TargetParams(Part):
    """Hold the target of one year. `beside` is the year whose outcome the report prints it beside."""

    must: Annotated[str, _known(TARGET_OPERATORS, "target")]
    value: Decimal | None = None
    long_term: Decimal | None = None
    unit: Annotated[str, _known({"": "", **INDICATOR_UNITS}, "unit")] = ""
    words: str = ""
    beside: Year | None = None
    source: str = ""


class BreakParams(Part):
    """Hold a break in a series: the first year that cannot be compared with those before."""

    from_year: Year
    reason: Text
    replaces: str = ""


class VersionParams(Part):
    """Hold one wording of the definition, and the first year that it is known for."""

    from_year: Year
    definition: Text


class IndicatorSourceParams(Part):
    """Say where the outcome comes from: reported by the organisation, or computed by a measure of ours."""

    kind: Literal["reported", "computed"] = "reported"
    measure: str = ""


class CatalogueIndicator(Part):
    """Hold one indicator. Text left empty was not stated in the report."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    name: Text
    goal: str = ""
    level: Annotated[str, _known(INDICATOR_LEVELS, "level")]
    definition: Text
    numerator: str = ""
    denominator: str = ""
    exclusions: str = ""
    unit: Unit
    good: Annotated[str, _known(INDICATOR_DIRECTIONS, "direction of good")]
    owner: str = ""
    least_coverage_pct: Decimal | None = Field(default=None, gt=0, le=100)
    lowest: Decimal | None = None
    highest: Decimal | None = None
    targets: dict[str, TargetParams] = Field(default_factory=dict)
    breaks: tuple[BreakParams, ...] = ()
    versions: tuple[VersionParams, ...] = ()
    source: IndicatorSourceParams = IndicatorSourceParams()
    printed_in: str = ""
    note: str = ""


def _organisation_number(value: object) -> object:
    number = str(value).replace("-", "").strip()
    if number and not re.fullmatch(r"[0-9]{10}", number):
        raise ValueError('must be ten digits within quotes, as in "2321000032", or left out where it is not known')
    if number and not luhn.is_valid(number):
        raise ValueError("the check digit is wrong. Correct the number")
    return number


class MemberParams(Part):
    """Hold one member of a joint board: an organisation that buys for itself, under its own number.

    A number that is left out is not known: what the member has announced itself cannot be found then.
    """

    name: Text
    organisation_number: Annotated[str, BeforeValidator(_organisation_number)] = ""


class IndicatorCatalogue(Part):
    """Hold the indicators of one organisation. `slug` and `path` come from the file's name and place.

    `years` are those that the organisation has reported, each of which gets a report of its own; without them every
    year with an outcome does. `goal_numbers` says which printed goal (its number) a goal of the catalogue is.
    `members` are those whose procurements a joint board makes. `figures` is the folder of its reported tables, relative
    to the file; empty means data/published.
    """

    slug: str
    path: Path
    name: Text
    fictional: bool = False
    owner: Text
    source: Text
    years: tuple[Year, ...] = ()
    goal_numbers: dict[str, Text] = Field(default_factory=dict)
    members: tuple[MemberParams, ...] = ()
    figures: str = ""
    indicators: tuple[CatalogueIndicator, ...]

    def indicator(self, identity: str) -> CatalogueIndicator:
        """Return the indicator of an id. Raises ParamsError naming the nearest when there is none."""
        for each in self.indicators:
            if each.id == identity:
                return each
        hint = did_you_mean(identity, [each.id for each in self.indicators])
        raise ParamsError(f"{self.path.name}: there is no indicator '{identity}'. {hint}")


def indicators_folder() -> Path:
    """Return the folder of indicator files, beside that of the organisation files."""
    return organisations_folder().parent / "indicators"


def catalogue_slugs() -> list[str]:
    """List the organisations that have an indicator file, in order of name."""
    return sorted(path.stem for path in indicators_folder().glob("*.yml"))


def load_indicators(slug: str) -> IndicatorCatalogue:
    """Read and validate the indicator file of one organisation.

    Returns it frozen. Raises ParamsError naming file, line, key and remedy for every mistake: also an unknown measure,
    a target whose sign goes against the direction of good, a number where the target has none, an id that stands
    twice.
    """
    path = indicators_folder() / f"{slug}.yml"
    missing = f"There are no indicators of '{slug}'. {did_you_mean(slug, catalogue_slugs())}"
    catalogue = load_file(path, IndicatorCatalogue, missing=missing)
    refuse(path, catalogue_problems(catalogue))
    return catalogue


def catalogue_problems(catalogue: IndicatorCatalogue) -> Iterator[Problem]:
    """List what does not hang together in a catalogue, as (keys, what is wrong and the cure)."""
    if not catalogue.indicators:
        yield ("indicators",), "the list is empty. Describe one indicator at least"
    yield from _member_problems(catalogue.members)
    goals = {each.goal for each in catalogue.indicators}
    for goal in catalogue.goal_numbers:
        if goal not in goals:
            yield ("goal_numbers", goal), f"no indicator has the goal '{goal}'. {did_you_mean(goal, goals)}"
    known = [each.id for each in catalogue.indicators]
    for number, indicator in enumerate(catalogue.indicators):
        at: Keys = ("indicators", str(number))
        if indicator.id in known[:number]:
            yield (*at, "id"), f"'{indicator.id}' stands twice. Give another id"
        low, high = indicator.lowest, indicator.highest
        if low is not None and high is not None and low >= high:
            yield (*at, "highest"), f"{high} is not above lowest {low}. Correct one of them"
        for year, target in indicator.targets.items():
            yield from _target_problems(indicator, year, target, (*at, "targets", year))
        yield from _source_problems(indicator, at)
        yield from _series_problems(indicator, known, at)


def _member_problems(members: Sequence[MemberParams]) -> Iterator[Problem]:
    for number, member in enumerate(members):
        for key in ("name", "organisation_number"):
            value = getattr(member, key)
            if value and value in [getattr(earlier, key) for earlier in members[:number]]:
                yield ("members", str(number), key), f"'{value}' stands twice. Keep one"


def _target_problems(indicator: CatalogueIndicator, year: str, target: TargetParams, at: Keys) -> Iterator[Problem]:
    if not (year.isdigit() and len(year) == 4 and _EARLIEST <= int(year) <= _LATEST):
        yield at, f"'{year}' is not a year. Write the target's year, as in 2026"
    needs_number = target.must in NUMBER_OPERATORS
    if needs_number and target.value is None:
        yield (*at, "value"), f"is missing. '{target.must}' needs a number; without one write left_blank or in_words"
    if not needs_number and target.value is not None:
        yield (*at, "value"), f"'{target.must}' has no number. Take value away, or write at_least or at_most"
    if target.must == "in_words" and not target.words:
        yield (*at, "words"), "is missing. Say in words what the target is"
    allowed = {
        "higher": {"at_least", "more_than", "exactly", "increase"},
        "lower": {"at_most", "less_than", "exactly", "decrease"},
        "zero": {"at_most", "less_than", "exactly"},
        "neutral": set(),
    }[indicator.good] | {"in_words", "left_blank", "followed"}
    if target.must not in allowed:
        words = f"'{target.must}' goes against good: {indicator.good}. Valid: {', '.join(sorted(allowed))}"
        yield (*at, "must"), words
    for key, number in (("value", target.value), ("long_term", target.long_term)):
        if number is not None and not _possible(number, indicator):
            words = f"{number} is outside what is possible ({indicator.lowest} to {indicator.highest}). Correct it"
            yield (*at, key), words


def _possible(number: Decimal, indicator: CatalogueIndicator) -> bool:
    above = indicator.lowest is None or number >= indicator.lowest
    return above and (indicator.highest is None or number <= indicator.highest)


def _source_problems(indicator: CatalogueIndicator, at: Keys) -> Iterator[Problem]:
    measure = indicator.source.measure
    keys = (*at, "source", "measure")
    if indicator.source.kind == "computed" and not measure:
        yield keys, "is missing. Name the measure that computes it, or write kind: reported"
    if measure and measure not in INDICATOR_MEASURES:
        yield keys, f"unknown measure '{measure}'. {did_you_mean(measure, INDICATOR_MEASURES)}"
    elif indicator.source.kind == "computed" and measure:
        given, wanted = INDICATOR_MEASURES[measure], indicator.unit
        if given != wanted and not {given, wanted} <= set(UNITS_IN_KRONOR):
            yield (*at, "unit"), f"{measure} gives {given}, not {wanted}. Write unit: {given}"


def _series_problems(indicator: CatalogueIndicator, known: list[str], at: Keys) -> Iterator[Problem]:
    for number, each in enumerate(indicator.breaks):
        keys = (*at, "breaks", str(number))
        others = [name for name in known if name != indicator.id]
        if each.replaces and each.replaces not in others:
            hint = did_you_mean(each.replaces, others) if others else "Take replaces away."
            yield (*keys, "replaces"), f"'{each.replaces}' is not another indicator of the file. {hint}"
        if each.from_year in [earlier.from_year for earlier in indicator.breaks[:number]]:
            yield (*keys, "from_year"), f"{each.from_year} stands twice. Keep one break per year"
    years = [each.from_year for each in indicator.versions]
    if years != sorted(set(years)):
        yield (*at, "versions"), "the years must rise. Give the oldest wording first"

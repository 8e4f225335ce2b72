"""The assessment file and its model: scores, findings, causes, actions, roles, and what each level means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from procanalysis.errors import ParamsError, did_you_mean, examples
from procanalysis.params.project import organisations_folder, project_root
from procanalysis.params.yaml_file import SLUG, Part, Problem, load_file, parse_yaml, refuse, stated_in

DRIVER = "Driver"
RESPONSIBILITIES = (DRIVER, "Deltar aktivt", "Bidrar aktivt", "Beslutar", "Är informerad")
"""What a role can do in a phase of the purchasing process, in the words of the review of 2017."""


def _quarter(value: object) -> object:
    text = str(value).strip()
    year, sign, number = text.partition("-Q")
    if len(year) == 4 and year.isdigit() and sign and number in ("1", "2", "3", "4"):
        return text
    raise ValueError(f"'{text}' is not a quarter. Write year and quarter, as in 2025-Q1")


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, int) else value


Quarter = Annotated[str, BeforeValidator(_quarter)]
Name = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class ScaleParams(Part):
    """Hold the scale of a model: its lowest level, and the name of each level from there up."""

    lowest: int = Field(default=1, ge=0)
    names: tuple[str, ...] = Field(min_length=2, max_length=10)

    @property
    def highest(self) -> int:
        """The highest level."""
        return self.lowest + len(self.names) - 1


class IndicatorParams(Part):
    """Hold one indicator: which way is good, and what it takes to reach each level above the lowest.

    `ledger` names what the organisation's own ledger and registers can tell; without it the value must be reported in
    the assessment file.
    """

    name: str = Field(min_length=1)
    unit: str = "%"
    good: Literal["higher", "lower"]
    thresholds: tuple[Decimal, ...]
    ledger: Literal[
        "", "small_invoice_share", "tail_share", "suppliers_per_category", "mapped_share", "accepted_share",
        "valid_number_share", "lou_decided_share", "addressable_share", "supplier_loyalty", "category_loyalty",
        "contract_register_quality", "follow_ups_done", "single_bid_share", "finished_as_planned",
    ] = ""  # fmt: skip
    needs: str = Field(min_length=1)
    why: str = Field(min_length=1)

    @field_validator("thresholds")
    @classmethod
    def _one_way(cls, limits: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if list(limits) not in (sorted(set(limits)), sorted(set(limits), reverse=True)):
            raise ValueError("the thresholds must all rise or all fall, one per level above the lowest")
        return limits


class DimensionParams(Part):
    """Hold one part of the model: what it asks, what each level means, and the indicators that bear it out."""

    id: Id
    name: str = Field(min_length=1)
    question: str = Field(min_length=1)
    levels: tuple[str, ...]
    evidence: tuple[str, ...] = ()


class AssessmentModel(Part):
    """Hold a maturity model: how it is read, scale, indicators and dimensions."""

    slug: str
    path: Path
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    reading: str = ""
    scale: ScaleParams
    indicators: dict[str, IndicatorParams] = Field(default_factory=dict)
    dimensions: tuple[DimensionParams, ...]

    def dimension(self, identity: str) -> DimensionParams:
        """Return the dimension of an id that is known to exist."""
        return next(each for each in self.dimensions if each.id == identity)


class ScoreParams(Part):
    """Hold what one assessor says of one dimension. A level left out means that the assessor did not know."""

    by: Name
    scored_on: date
    now: int | None = None
    wanted: int | None = None


class DimensionAssessment(Part):
    """Hold what was found in one dimension."""

    dimension: str
    weight: Decimal = Field(default=Decimal(1), gt=0)
    scores: tuple[ScoreParams, ...] = ()
    finding: str = ""
    evidence: str = ""
    challenge: str = ""
    consequence: str = ""
    recommendation: str = ""


class ReportedValue(Part):
    """Hold a value of an indicator that comes from elsewhere than the ledger, with its source."""

    indicator: str
    value: Decimal
    qualifier: str = ""
    as_of: Name
    source: Name


class CauseParams(Part):
    """Hold one cluster: a cause, the challenges that follow and what they lead to."""

    cause: Name
    challenges: tuple[str, ...] = ()
    consequences: tuple[str, ...] = Field(min_length=1)
    dimensions: tuple[str, ...] = ()


class ActionParams(Part):
    """Hold one action. Without a start quarter `when` must say in words when it happens.

    `saving_sek` is what the assessor believes that it saves in a year, and `saving_by` who believes so.
    """

    id: Id
    area: str = ""
    what: Name
    how: str = ""
    when: str = ""
    start: Quarter | None = None
    end: Quarter | None = None
    role: str = ""
    effort_days: Decimal | None = Field(default=None, gt=0)
    effect: str = ""
    saving_sek: Decimal | None = Field(default=None, ge=0, decimal_places=2)
    saving_by: str = ""
    dimensions: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    done: Quarter | None = None

    @model_validator(mode="after")
    def _in_time(self) -> ActionParams:
        if self.start is None and (self.end or not self.when):
            raise ValueError(f"action '{self.id}' has no start. Give start: 2025-Q1, or say in words with when: …")
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"action '{self.id}' ends {self.end}, before it starts {self.start}. Swap them")
        if (self.saving_sek is None) is not (self.saving_by == ""):
            raise ValueError(
                f"action '{self.id}': a saving needs both saving_sek, kronor a year, and saving_by, who estimated it"
            )
        return self


class ExpectationParams(Part):
    """Hold one theme of what those interviewed expect, in their own words.

    `mentions` is how many times it was said, when somebody counted; otherwise each of the words counts once.
    """

    theme: Name
    words: tuple[Name, ...] = Field(min_length=1)
    mentions: int | None = Field(default=None, ge=1)


class ParticipantParams(Part):
    """Hold one who took part, by role and never by name, and how and when."""

    who: Name
    how: Name
    when: Name | None = None


class ControlParams(Part):
    """Hold one risk of the internal control plan, what is done about it, and how it went."""

    risk: Name
    control: str = ""
    result: str = ""
    planned: str = ""


class ProcurementKindParams(Part):
    """Hold who does what in one kind of procurement."""

    kind: Name
    document: str = ""
    decides: str = ""
    awards: str = ""
    performs: str = ""
    reviews: str = ""


class RoleParams(Part):
    """Hold one role and what it does in the phases of the purchasing process."""

    role: Name
    phases: dict[str, str] = Field(default_factory=dict)


class ResponsibilityParams(Part):
    """Hold what one role answers for, in words."""

    role: Name
    answers_for: Name


class DecisionParams(Part):
    """Hold one decision asked of a board or a head, and until when."""

    decision: Name
    decided_by: Name
    until: Quarter | None = None


class PlanLimits(Part):
    """Hold what one role can carry in one quarter, and the quarter in which the plan is followed up."""

    most_actions: int = Field(default=3, ge=1)
    most_days: Decimal | None = Field(default=None, gt=0)
    followed_up: Quarter | None = None


class AssessmentParams(Part):
    """Hold one assessment file. `slug` and `path` come from the file's name and place."""

    slug: str
    path: Path
    organisation: str = Field(pattern=SLUG.pattern)
    name: str = Field(min_length=1)
    fictional: bool = False
    year: int = Field(ge=1990, le=2100)
    assessed_on: date | None = None
    model: str = "strategic-purchasing"
    earlier: str = ""
    ledger_period: Annotated[str, BeforeValidator(_as_text)] = ""
    source: str = Field(min_length=1)
    why_no_scores: str = ""
    may_be_compared: bool = False
    conclusions: tuple[Name, ...] = ()
    participants: tuple[ParticipantParams, ...] = ()
    examined: tuple[Name, ...] = ()
    expectations: tuple[ExpectationParams, ...] = ()
    dimensions: tuple[DimensionAssessment, ...]
    reported: tuple[ReportedValue, ...] = ()
    causes: tuple[CauseParams, ...] = ()
    plan: PlanLimits = PlanLimits()
    actions: tuple[ActionParams, ...] = ()
    phases: tuple[str, ...] = ()
    roles: tuple[RoleParams, ...] = ()
    responsibilities: tuple[ResponsibilityParams, ...] = ()
    procurement_kinds: tuple[ProcurementKindParams, ...] = ()
    controls: tuple[ControlParams, ...] = ()
    decisions: tuple[DecisionParams, ...] = ()
    not_examined: tuple[str, ...] = Field(min_length=1)

    @property
    def has_scores(self) -> bool:
        """Tell whether any dimension has a score."""
        return any(score.now is not None for each in self.dimensions for score in each.scores)


def assessments_folder() -> Path:
    """Return the folder of assessment files, beside that of the organisation files."""
    return organisations_folder().parent / "assessments"


def assessment_slugs() -> list[str]:
    """List the assessments that have a file, in order of name."""
    return sorted(path.stem for path in assessments_folder().glob("*.yml"))


@dataclass(frozen=True)
class AssessmentIdentity:
    """Tell whose an assessment file is, as far as it can be read; year 0 and empty text where it cannot."""

    slug: str
    organisation: str = ""
    name: str = ""
    year: int = 0
    fictional: bool = False


def assessment_identities() -> list[AssessmentIdentity]:
    """List the assessment files and whose they are, also those with mistakes in them."""
    return [_identity(assessments_folder() / f"{slug}.yml") for slug in assessment_slugs()]


def _identity(path: Path) -> AssessmentIdentity:
    given = stated_in(path)
    slug, year = given.get("organisation"), given.get("year")
    return AssessmentIdentity(
        path.stem,
        slug if isinstance(slug, str) and SLUG.fullmatch(slug) else "",
        str(given.get("name") or ""),
        year if isinstance(year, int) else 0,
        given.get("fictional") is True,
    )


def load_assessment_model(slug: str) -> AssessmentModel:
    """Read and validate a maturity model. Raises ParamsError naming file and line."""
    folders = [assessments_folder() / "models", project_root() / "params" / "assessments" / "models"]
    path = next((folder / f"{slug}.yml" for folder in folders if (folder / f"{slug}.yml").is_file()), None)
    if path is None:
        known = {file.stem for folder in folders for file in folder.glob("*.yml")}
        raise ParamsError(f"There is no maturity model '{slug}'. {did_you_mean(slug, known)}")
    model = load_file(path, AssessmentModel, missing=f"There is no maturity model '{slug}'.")
    refuse(path, model_problems(model))
    return model


def load_assessment_params(slug: str) -> tuple[AssessmentParams, AssessmentModel]:
    """Read and validate an assessment file and the model that it names.

    Returns both, frozen. Raises ParamsError naming file, line, key and remedy for every mistake: also a score outside
    the scale, a dimension or indicator that does not exist, an action that waits for itself, a role without a phase.
    """
    path = assessments_folder() / f"{slug}.yml"
    missing = (
        f"There is no assessment '{slug}'. {did_you_mean(slug, assessment_slugs())} "
        f"Write a form with 'procanalysis assessment form {slug}', or see 'procanalysis list'."
    )
    params = load_file(path, AssessmentParams, missing=missing)
    lines = parse_yaml(path.read_text(encoding="utf-8"), path.name)[1]
    try:
        model = load_assessment_model(params.model)
    except ParamsError as error:
        raise ParamsError(f"{path.name}, line {lines.get(('model',), 1)}: 'model': {error}") from None
    refuse(path, assessment_problems(params, model))
    return params, model


def model_problems(model: AssessmentModel) -> Iterator[Problem]:
    """List what does not hang together in a model: levels, thresholds and indicators."""
    levels = len(model.scale.names)
    if not model.dimensions:
        yield ("dimensions",), "the list is empty. Describe one dimension at least"
    yield from _twice([each.id for each in model.dimensions], "dimensions", "id")
    for identity, indicator in model.indicators.items():
        limits = indicator.thresholds
        keys = ("indicators", identity, "thresholds")
        if len(limits) != levels - 1:
            yield (
                keys,
                f"{len(limits)} thresholds for {levels} levels. Give {levels - 1}, one per level above the lowest",
            )
        elif len(limits) > 1 and (limits[0] < limits[-1]) is not (indicator.good == "higher"):
            yield keys, f"'{indicator.good}' is good, so the thresholds must go that way"
    for number, dimension in enumerate(model.dimensions):
        if len(dimension.levels) != levels:
            keys = ("dimensions", str(number), "levels")
            yield keys, f"{len(dimension.levels)} descriptions for {levels} levels. Describe each level"
        yield from _unknown(dimension.evidence, model.indicators, ("dimensions", str(number), "evidence"), "indicator")


def assessment_problems(params: AssessmentParams, model: AssessmentModel) -> Iterator[Problem]:
    """List what does not hang together in an assessment, or with its model, as (keys, what is wrong and the cure)."""
    if not params.dimensions:
        yield ("dimensions",), "the list is empty. Write one entry for each dimension that was looked at"
    yield from _dimension_problems(params, model)
    known = [each.id for each in model.dimensions]
    for number, reported in enumerate(params.reported):
        at = ("reported", str(number), "indicator")
        yield from _unknown([reported.indicator], model.indicators, at, "indicator", single=True)
    yield from _twice([each.indicator for each in params.reported], "reported", "indicator")
    for number, cause in enumerate(params.causes):
        yield from _unknown(cause.dimensions, known, ("causes", str(number), "dimensions"), "dimension")
    for number, action in enumerate(params.actions):
        yield from _unknown(action.dimensions, known, ("actions", str(number), "dimensions"), "dimension")
        yield from _unknown(action.indicators, model.indicators, ("actions", str(number), "indicators"), "indicator")
    yield from _expectation_problems(params)
    yield from dependency_problems({each.id: each.depends_on for each in params.actions})
    yield from _twice([each.id for each in params.actions], "actions", "id")
    yield from role_problems(params.phases, [(each.role, each.phases) for each in params.roles])


def _dimension_problems(params: AssessmentParams, model: AssessmentModel) -> Iterator[Problem]:
    scale = model.scale
    known = [each.id for each in model.dimensions]
    for number, assessed in enumerate(params.dimensions):
        at = ("dimensions", str(number))
        yield from _unknown([assessed.dimension], known, (*at, "dimension"), "dimension", single=True)
        assessors = [score.by for score in assessed.scores]
        for index, score in enumerate(assessed.scores):
            if score.by in assessors[:index]:
                yield (*at, "scores", str(index), "by"), f"'{score.by}' scores the dimension twice. Keep one"
            for key, level in (("now", score.now), ("wanted", score.wanted)):
                if level is not None and not scale.lowest <= level <= scale.highest:
                    words = f"{level} is outside the scale. Give a level from {scale.lowest} to {scale.highest}"
                    yield (*at, "scores", str(index), key), words
    yield from _twice([each.dimension for each in params.dimensions], "dimensions", "dimension")


def _expectation_problems(params: AssessmentParams) -> Iterator[Problem]:
    counted = [each.mentions is not None for each in params.expectations]
    if any(counted) and not all(counted):
        missing = counted.index(False)
        words = "mentions is missing, though other themes have it. Count every theme, or none"
        yield ("expectations", str(missing), "theme"), words
    for number, each in enumerate(params.expectations):
        if each.mentions is not None and each.mentions < len(each.words):
            words = f"{len(each.words)} words but {each.mentions} mentions. Each word was said once at least"
            yield ("expectations", str(number), "mentions"), words
    yield from _twice([each.theme for each in params.expectations], "expectations", "theme")


def dependency_problems(depends_on: Mapping[str, Iterable[str]]) -> Iterator[Problem]:
    """List the actions that wait for themselves, for each other in a circle, or for none that exists."""
    names = list(depends_on)
    for number, (name, needed) in enumerate(depends_on.items()):
        keys = ("actions", str(number), "depends_on")
        yield from _unknown(needed, names, keys, "action")
        if name in needed:
            yield keys, f"'{name}' depends on itself. Take it away"
        elif (circle := _circle(name, depends_on)) and name == min(circle):
            yield keys, f"the actions wait for each other: {' → '.join([*circle, name])}. Take one of them away"


def _circle(start: str, depends_on: Mapping[str, Iterable[str]]) -> list[str]:
    """Find a way from an action back to itself; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for needed in depends_on.get(way[-1], ()):
            if needed == start and len(way) > 1:
                return way
            if needed not in seen and needed != way[-1]:
                seen.add(needed)
                ways.append([*way, needed])
    return []


def role_problems(phases: Iterable[str], roles: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Problem]:
    """List roles without a phase, phases that do not exist, and phases with no driver or more than one."""
    known, given = list(phases), list(roles)
    drivers: dict[str, list[str]] = {phase: [] for phase in known}
    for number, (role, parts) in enumerate(given):
        at = ("roles", str(number))
        if not parts:
            yield (*at, "role"), f"the role '{role}' has no phase. Say what it does in one phase at least, or remove it"
        for phase, part in parts.items():
            yield from _unknown([phase], known, (*at, "phases", phase), "phase", single=True)
            if part not in RESPONSIBILITIES:
                yield (*at, "phases", phase), f"unknown part '{part}'. {did_you_mean(part, RESPONSIBILITIES)}"
            elif part == DRIVER and phase in drivers:
                drivers[phase].append(role)
                if len(drivers[phase]) > 1:
                    yield (*at, "phases", phase), f"the phase has several drivers: {examples(drivers[phase])}. Keep one"
    for number, phase in enumerate(known):
        if given and not drivers[phase]:
            yield ("phases", str(number)), f"the phase '{phase}' has no driver. Let one role have '{DRIVER}' there"


def _unknown(
    words: Iterable[str], known: Iterable[str], keys: tuple[str, ...], kind: str, *, single: bool = False
) -> Iterator[Problem]:
    valid = list(known)
    for number, word in enumerate(words):
        if word not in valid:
            yield (keys if single else (*keys, str(number))), f"unknown {kind} '{word}'. {did_you_mean(word, valid)}"


def _twice(words: list[str], part: str, key: str) -> Iterator[Problem]:
    for number, word in enumerate(words):
        if word in words[:number]:
            yield (part, str(number), key), f"'{word}' stands twice. Keep one"

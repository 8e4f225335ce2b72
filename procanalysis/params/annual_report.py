"""The reviewed texts of an annual report: what no figure can say, written by people and kept beside the figures."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from procanalysis.errors import ParamsError, did_you_mean
from procanalysis.params.project import organisations_folder
from procanalysis.params.yaml_file import SLUG, Part, Problem, load_file, refuse

ORE_PER_TKR = 100_000
_NAME = re.compile(r"^(?P<organisation>[a-z0-9]+(?:-[a-z0-9]+)*)-(?P<year>[0-9]{4})$")
_EARLIEST, _LATEST = 1990, 2100


def _one_line(value: object) -> object:
    """Take the line breaks of the file out of a text: a paragraph is one string."""
    return " ".join(value.split()) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_one_line), Field(min_length=1)]
MaybeText = Annotated[str, BeforeValidator(_one_line)]
Tkr = Annotated[int, Field(ge=0)]


class GoalText(Part):
    """Hold what was found about one goal, and what will be done. One of them at least."""

    analysis: MaybeText = ""
    action: MaybeText = ""


class ExplainBeyond(Part):
    """Hold the limits of a deviation: one beyond both asks for an explanation."""

    tkr: Tkr = 100
    pct: Decimal = Field(default=Decimal(5), ge=0)

    @property
    def limit_ore(self) -> int:
        """The limit in öre, as measures take it."""
        return self.tkr * ORE_PER_TKR


class Explanations(Part):
    """Hold why rows of the income statement deviate: the row as printed → the explanation, per comparison."""

    budget: dict[str, Text] = Field(default_factory=dict)
    previous_year: dict[str, Text] = Field(default_factory=dict)
    forecast: dict[str, Text] = Field(default_factory=dict)

    @property
    def by_comparison(self) -> dict[str, dict[str, str]]:
        """The explanations as plain values: comparison → row → explanation."""
        return {"budget": self.budget, "previous_year": self.previous_year, "forecast": self.forecast}


class InvestmentText(Part):
    """Hold one investment. An amount left out is not known."""

    title: Text
    decided_tkr: Tkr | None = None
    used_tkr: Tkr | None = None
    text: MaybeText = ""


class RiskText(Part):
    """Hold one risk of the plan for internal control; `result` is a step of the organisation's scale."""

    number: int = Field(ge=1)
    risk: Text
    kind: MaybeText = ""
    control: MaybeText = ""
    method: MaybeText = ""
    result: MaybeText = ""
    analysis: MaybeText = ""
    actions: MaybeText = ""


class AssignmentText(Part):
    """Hold one special assignment of the board. A status left out is not known."""

    title: Text
    status: MaybeText = ""
    text: MaybeText = ""


class AnnualReportTexts(Part):
    """Hold the texts of one organisation and year. `slug` and `path` come from the file's name and place.

    `fictional` says that both the organisation and the texts are made up.
    """

    slug: str
    path: Path
    organisation: str = Field(pattern=SLUG.pattern)
    year: int = Field(ge=_EARLIEST, le=_LATEST)
    fictional: bool = False
    reviewed_by: Text
    reviewed_on: date | None = None
    source: Text
    summary: tuple[Text, ...] = ()
    goals: dict[str, GoalText] = Field(default_factory=dict)
    indicators: dict[str, Text] = Field(default_factory=dict)
    explain_beyond: ExplainBeyond = ExplainBeyond()
    explanations: Explanations = Explanations()
    investments: tuple[InvestmentText, ...] = ()
    staff: MaybeText = ""
    risks: tuple[RiskText, ...] = ()
    internal_control: MaybeText = ""
    assignments: tuple[AssignmentText, ...] = ()
    savings: MaybeText = ""
    loyalty: MaybeText = ""
    tenders: MaybeText = ""
    outlook: tuple[Text, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether there is no file, so that the report has no texts but what the figures say."""
        return not self.source

    @property
    def risk_records(self) -> list[dict[str, Any]]:
        """The risks as rows of schema.INTERNAL_CONTROLS, with None for what is left out."""
        return [{key: value or None for key, value in risk.model_dump().items()} for risk in self.risks]


def annual_reports_folder() -> Path:
    """Return the folder of annual texts, beside that of the organisation files."""
    return organisations_folder().parent / "annual_reports"


def annual_text_files() -> list[Path]:
    """List the files with texts of annual reports, in order of name."""
    return sorted(annual_reports_folder().glob("*.yml"))


def load_annual_texts(slug: str, year: int) -> AnnualReportTexts:
    """Read and validate the texts of one organisation and year.

    Returns them frozen; without a file empty ones whose `is_missing` is true, since a report can do without. Raises
    ParamsError naming file, line, key and remedy for every mistake. What belongs to the figures (indicators, goals,
    rows) is checked by `unknown_keys`.
    """
    path = annual_reports_folder() / f"{slug}-{year}.yml"
    if not path.exists():
        return AnnualReportTexts.model_construct(
            slug=path.stem, path=path, organisation=slug, year=year, reviewed_by="", source=""
        )
    return load_annual_file(path)


def load_annual_file(path: Path) -> AnnualReportTexts:
    """Read and validate one file of texts, whose name is the organisation's short name and the year.

    Returns them frozen. Raises ParamsError naming file, line, key and remedy for every mistake: also a name that says
    another organisation or year than the file, a number or title that stands twice, a goal without text.
    """
    if not _NAME.fullmatch(path.stem):
        raise ParamsError(
            f"{path.name}: the file name must be an organisation's short name and a year, as in 'insv-2025.yml'. "
            "Rename the file."
        )
    texts = load_file(path, AnnualReportTexts, missing=f"There are no texts '{path.name}'.")
    refuse(path, text_problems(texts))
    return texts


def text_problems(texts: AnnualReportTexts) -> Iterator[Problem]:
    """List what does not hang together in a file of texts, as (keys, what is wrong and the cure)."""
    named = _NAME.fullmatch(texts.slug)
    if named and texts.organisation != named["organisation"]:
        yield ("organisation",), f"the file's name says '{named['organisation']}'. Correct this or rename the file"
    if named and texts.year != int(named["year"]):
        yield ("year",), f"the file's name says {named['year']}. Correct this or rename the file"
    for number, goal in texts.goals.items():
        if not goal.analysis and not goal.action:
            yield ("goals", number), "there is no text. Write an analysis or an action, or take the goal away"
    yield from _twice([str(risk.number) for risk in texts.risks], "risks", "number")
    yield from _twice([each.title for each in texts.investments], "investments", "title")
    yield from _twice([each.title for each in texts.assignments], "assignments", "title")


def _twice(words: list[str], part: str, key: str) -> Iterator[Problem]:
    for number, word in enumerate(words):
        if word in words[:number]:
            yield (part, str(number), key), f"'{word}' stands twice. Keep one"


def unknown_keys(
    texts: AnnualReportTexts,
    *,
    indicator_ids: Collection[str],
    goal_numbers: Collection[str],
    statement_rows: Collection[str],
    control_steps: Collection[str] | None = None,
) -> list[Problem]:
    """List the texts that belong to nothing: an indicator, goal, row or result that the figures do not have.

    Parameters: texts; indicator_ids, of the organisation's indicator file; goal_numbers, the goals that a text can be
    about, by number or, where none is printed, by name; statement_rows, the rows of the year's income statement and
    cost deviations as printed; control_steps, the steps of the scale for internal control, None when it has none.
    Returns problems as (keys, what is wrong and the cure), none when all is well.
    """
    found = list(_unknown(texts.indicators, indicator_ids, ("indicators",), "indicator"))
    found += _unknown(texts.goals, goal_numbers, ("goals",), "goal")
    for comparison, rows in texts.explanations.by_comparison.items():
        found += _unknown(rows, statement_rows, ("explanations", comparison), "row")
    for number, risk in enumerate(texts.risks):
        if risk.result and control_steps is not None and risk.result not in control_steps:
            keys = ("risks", str(number), "result")
            found.append((keys, f"'{risk.result}' is no step of the scale. {_hint(risk.result, control_steps)}"))
    return found


def _unknown(given: Collection[str], known: Collection[str], above: tuple[str, ...], what: str) -> Iterator[Problem]:
    for word in given:
        if word not in known:
            yield (*above, word), f"there is no {what} '{word}'. {_hint(word, known)}"


def _hint(word: str, known: Collection[str]) -> str:
    return did_you_mean(word, known) if known else "The figures have none. Take the text away."

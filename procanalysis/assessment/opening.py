"""Open one assessment for a notebook: frames for the measures, and words for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from procanalysis.assessment.evidence import FROM_REGISTERS, LedgerEvidence, evidence_frame, ledger_evidence
from procanalysis.assessment.house_style import HouseStyle, house_style
from procanalysis.errors import ParamsError
from procanalysis.measures.maturity import SCORE_COLUMNS, position
from procanalysis.opened import Opened
from procanalysis.organisation import open_organisation
from procanalysis.params.assessment import (
    ActionParams,
    AssessmentModel,
    AssessmentParams,
    assessment_slugs,
    load_assessment_params,
)
from procanalysis.params.yaml_file import Part
from procanalysis.schema import KeyFigure, Source


@dataclass(frozen=True)
class Assessment(Opened):
    """Hold one assessment with its model, the earlier one that it is compared with, and the ledger's evidence."""

    params: AssessmentParams
    model: AssessmentModel
    earlier: Assessment | None
    ledger: LedgerEvidence
    style: HouseStyle = field(default_factory=HouseStyle)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per dimension and assessor; a dimension that nobody scored has one row without assessor."""
        rows: list[tuple[Any, ...]] = []
        for each in self.params.dimensions:
            name = self.model.dimension(each.dimension).name
            given: list[tuple[Any, ...]] = [(score.by, score.now, score.wanted) for score in each.scores]
            given = given or [(None, None, None)]
            rows += [(each.dimension, name, each.weight, *score) for score in given]
        return pd.DataFrame(rows, columns=list(SCORE_COLUMNS), dtype=object)

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """One row per indicator of the model: its value or what is missing, its source and the level it supports."""
        return evidence_frame(self.params, self.model, self.ledger)

    @property
    def support(self) -> dict[str, tuple[str, ...]]:
        """The indicators that bear each dimension out."""
        return {each.id: each.evidence for each in self.model.dimensions}

    @property
    def ledger_figures(self) -> list[KeyFigure]:
        """What the ledger tells of the model's indicators, as key figures; none without a ledger."""
        return self._figures(of_registers=False)

    @property
    def register_figures(self) -> list[KeyFigure]:
        """What the registers tell of the model's indicators, alone or with the ledger; none without a ledger."""
        return self._figures(of_registers=True)

    def _figures(self, *, of_registers: bool) -> list[KeyFigure]:
        named = {indicator.ledger for indicator in self.model.indicators.values()}
        chosen = {name for name in named if (name in FROM_REGISTERS) is of_registers}
        return [self.ledger.figures[name] for name in self.ledger.figures if name in chosen]

    @property
    def findings(self) -> pd.DataFrame:
        """One row per dimension: what was found, seen, is hard, follows, and is proposed."""
        rows = []
        for each in self.params.dimensions:
            part = self.model.dimension(each.dimension)
            actions = [self._title(action) for action in self.params.actions if each.dimension in action.dimensions]
            texts = each.model_dump(include={"finding", "evidence", "challenge", "consequence", "recommendation"})
            rows.append({"dimension_id": part.id, "dimension_name": part.name, "question": part.question,
                         **texts, "actions": tuple(actions)})  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def causes(self) -> pd.DataFrame:
        """One row per cluster of challenges."""
        columns = ["cause", "challenges", "consequences", "dimensions"]
        return pd.DataFrame([each.model_dump() for each in self.params.causes], columns=columns, dtype=object)

    @property
    def actions(self) -> pd.DataFrame:
        """One row per action, in the order of the file."""
        names = {each.id: each.name for each in self.model.dimensions}
        rows = []
        for each in self.params.actions:
            shown = [self.model.indicators[name].name for name in each.indicators]
            rows.append({
                **each.model_dump(exclude={"id", "saving_sek"}),
                "saving_ore": None if each.saving_sek is None else int(each.saving_sek * 100),
                "action_id": each.id,
                "title": self._title(each),
                "indicator_names": ", ".join(shown),
                "dimension_names": ", ".join(names[name] for name in each.dimensions),
            })  # fmt: skip
        columns = [
            "action_id", "title", "area", "what", "how", "when", "start", "end", "role", "effort_days", "effect",
            "saving_ore", "saving_by", "dimensions", "dimension_names", "indicators", "indicator_names", "depends_on",
            "done",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _title(self, action: ActionParams) -> str:
        """Name an action; with how it is done where several actions have the same name."""
        alike = sum(each.what == action.what for each in self.params.actions)
        return f"{action.what}: {action.how}" if alike > 1 and action.how else action.what

    @property
    def roles(self) -> pd.DataFrame:
        """One row per role and phase."""
        rows = [(each.role, phase, part) for each in self.params.roles for phase, part in each.phases.items()]
        return pd.DataFrame(rows, columns=["role", "phase", "part"])

    @property
    def role_columns(self) -> dict[str, str]:
        """The columns of the matrix of roles and phases, with their headers."""
        return {"role": "Roll", **{phase: phase for phase in self.params.phases}}

    @property
    def responsibilities(self) -> pd.DataFrame:
        """One row per role: what it answers for, in words."""
        return pd.DataFrame(
            [each.model_dump() for each in self.params.responsibilities], columns=["role", "answers_for"]
        )

    @property
    def procurement_kinds(self) -> pd.DataFrame:
        """One row per kind of procurement: who decides, awards, performs and reviews."""
        columns = ["kind", "document", "decides", "awards", "performs", "reviews"]
        return self._listed(self.params.procurement_kinds, columns)

    @property
    def controls(self) -> pd.DataFrame:
        """One row per risk of the internal control plan: what is done, how it went, and what is planned."""
        return self._listed(self.params.controls, ["risk", "control", "result", "planned"])

    @property
    def participants(self) -> pd.DataFrame:
        """One row per person or group that took part, by role: how and when."""
        return self._listed(self.params.participants, ["who", "how", "when"])

    @property
    def expectations(self) -> pd.DataFrame:
        """One row per theme of what those interviewed expect, the most mentioned first, in their own words."""
        rows = [
            (each.theme, each.mentions or len(each.words), " · ".join(each.words)) for each in self.params.expectations
        ]
        rows.sort(key=lambda row: -row[1])
        return pd.DataFrame(rows, columns=["theme", "mentions_count", "words"])

    @property
    def mentions_are_counted(self) -> bool:
        """Tell whether somebody counted how often each theme was mentioned; otherwise each wording counts once."""
        return any(each.mentions is not None for each in self.params.expectations)

    @staticmethod
    def _listed(parts: Sequence[Part], columns: list[str]) -> pd.DataFrame:
        rows = [{key: value or None for key, value in each.model_dump().items()} for each in parts]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @property
    def decisions(self) -> pd.DataFrame:
        """One row per decision asked for."""
        columns = ["decision", "decided_by", "until"]
        return pd.DataFrame([each.model_dump() for each in self.params.decisions], columns=columns, dtype=object)

    @property
    def levels(self) -> pd.DataFrame:
        """One row per dimension: what each level means."""
        names = self.level_columns
        rows = [
            {"dimension_name": each.name, **dict(zip(list(names)[1:], each.levels, strict=True))}
            for each in self.model.dimensions
        ]
        return pd.DataFrame(rows, columns=list(names))

    @property
    def level_columns(self) -> dict[str, str]:
        """The columns of `levels`, with their headers: number and name of each level."""
        scale = self.model.scale
        levels = {f"level {scale.lowest + n}": f"{scale.lowest + n} {name}" for n, name in enumerate(scale.names)}
        return {"dimension_name": "Dimension", **levels}

    @property
    def positions_before(self) -> pd.DataFrame | None:
        """The earlier assessment's positions, None when there is none."""
        return None if self.earlier is None else position(self.earlier.scores)

    @property
    def actions_before(self) -> pd.DataFrame | None:
        """The earlier assessment's plan, None when there is none."""
        return None if self.earlier is None else self.earlier.actions

    @property
    def evidence_before(self) -> pd.DataFrame | None:
        """The earlier assessment's evidence, None when there is none."""
        return None if self.earlier is None else self.earlier.evidence

    @property
    def since(self) -> str:
        """The earlier assessment's year in words."""
        return "" if self.earlier is None else str(self.earlier.params.year)

    @property
    def followed_up(self) -> str:
        """The quarter in which the plan is followed up, empty when it has not been."""
        return self.params.plan.followed_up or ""

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels, from the lowest up."""
        return self.model.scale.names

    @property
    def lowest_level(self) -> int:
        """The lowest level of the scale."""
        return self.model.scale.lowest

    @property
    def no_scores_because(self) -> str:
        """Why there are no scores, in words; empty when there are."""
        return "" if self.params.has_scores else self.params.why_no_scores or "Inga poäng har satts."

    @property
    def no_earlier_because(self) -> str:
        """Why nothing can be compared with an earlier assessment, in words; empty when it can."""
        return "" if self.earlier is not None else "Det finns ingen tidigare bedömning att jämföra med."

    @property
    def assessors(self) -> str:
        """Who scored, in words."""
        names = dict.fromkeys(score.by for each in self.params.dimensions for score in each.scores)
        return "; ".join(names) or "ingen"

    @property
    def source(self) -> Source:
        """Where the data come from, for every figure and table."""
        ledger = f" {self.ledger.source_text}" if self.ledger.source_text else ""
        return Source(
            text=f"{self.params.source}{ledger}",
            organisation=self.params.name,
            fictional=self.params.fictional,
            accent_colour=self.style.accent_colour,
            logo_path=self.style.logo_path,
        )

    def compared_with(self, slugs: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
        """Return the positions of this and other assessments that agree to be compared, by organisation and year.

        Parameters: slugs, assessments to compare with; none means every one of the same model whose file says
        may_be_compared and that has scores. Raises ParamsError when one named has not agreed, or has another model.
        """
        if not self.params.may_be_compared:
            return {}
        chosen = {}
        for slug in sorted({self.params.slug, *(slugs or assessment_slugs())}):
            try:
                params, model = load_assessment_params(slug)
            except ParamsError:
                if slugs:
                    raise
                continue  # another organisation's mistake is reported where that one is run
            agreed = params.may_be_compared and model.slug == self.model.slug
            if slugs and not agreed:
                raise ParamsError(
                    f"{slug}.yml: the assessment cannot be compared. It needs 'may_be_compared: true' and the model "
                    f"'{self.model.slug}'."
                )
            if agreed and params.has_scores:
                other = Assessment(params, model, None, LedgerEvidence())
                chosen[f"{params.name} {params.year}"] = position(other.scores)
        return chosen


def open_assessment(slug: str) -> Assessment:
    """Open an assessment, the earlier one that it names, and the organisation's ledger where it has one.

    Parameters: slug, the name of its file in params/assessments. Returns an Assessment. Raises ParamsError with file
    and line for a mistake in the files, and what `open_organisation` raises when the ledger cannot be opened.
    """
    params, model = load_assessment_params(slug)
    earlier = None
    if params.earlier:
        earlier = _open(*_earlier(params))
    return _open(params, model, earlier)


def _earlier(params: AssessmentParams) -> tuple[AssessmentParams, AssessmentModel]:
    before, model = load_assessment_params(params.earlier)
    if before.organisation != params.organisation or before.year >= params.year or before.model != params.model:
        raise ParamsError(
            f"{params.path.name}: 'earlier': '{params.earlier}' is not an earlier assessment of {params.organisation} "
            f"with the model '{params.model}'. Name one of an earlier year, or leave it out."
        )
    return before, model


def _open(params: AssessmentParams, model: AssessmentModel, earlier: Assessment | None = None) -> Assessment:
    evidence = LedgerEvidence()
    if params.ledger_period:
        evidence = ledger_evidence(open_organisation(params.organisation, params.ledger_period))
    style = house_style(params.organisation)
    # A new logo or colour gives a new report, as new data do.
    evidence = replace(evidence, preparation=f"{evidence.preparation} {style.digest}".strip())
    return Assessment(params, model, earlier, evidence, style)

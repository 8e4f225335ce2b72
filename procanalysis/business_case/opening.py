"""Open one business case for a notebook: a case to reckon with, and what every number of today rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from procanalysis.business_case.building import TrackRecord, build_case
from procanalysis.business_case.people import without_people
from procanalysis.business_case.today import OfToday, own_track_record, todays_numbers
from procanalysis.errors import MappingError, did_you_mean
from procanalysis.measures.business_case import Case
from procanalysis.measures.categories import in_category
from procanalysis.measures.frames import NativeFrame
from procanalysis.opened import Opened
from procanalysis.organisation import Organisation, open_organisation, period_in_words
from procanalysis.params import Period, parse_period
from procanalysis.params.business_case import business_cases_folder, load_business_case, problem_at
from procanalysis.params.business_case_parts import BusinessCaseParams
from procanalysis.schema import Source


@dataclass(frozen=True)
class BusinessCase(Opened):
    """Hold one business case: its file, the case to reckon with, and the organisation whose ledger it rests on.

    organisation is None for a case that is reckoned by hand alone. lines are the postings of the baseline's category,
    or None without one.
    """

    params: BusinessCaseParams
    case: Case
    organisation: Organisation | None
    lines: NativeFrame | None
    of_today: tuple[OfToday, ...]

    @cached_property
    def baseline(self) -> pd.DataFrame:
        """One row per number of today that some alternative is reckoned from: its value, and where it comes from."""
        columns = ["number", "number_name", "value", "unit", "origin", "used_by"]
        rows = [
            (each.number, each.name, each.value, each.unit, each.origin, each.used_by)
            for each in self.of_today
            if each.used_by
        ]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    @property
    def alternatives(self) -> pd.DataFrame:
        """One row per alternative, doing nothing first: what it means in words."""
        nothing = (0, self.params.do_nothing.title, self.params.do_nothing.text or "Allt förblir som i dag.", "")
        rows = [nothing] + [
            (number, each.title, each.text, "; ".join(lever.title for lever in each.levers))
            for number, each in enumerate(self.params.alternatives, start=1)
        ]
        return pd.DataFrame(rows, columns=["number", "alternative_title", "text", "levers"], dtype=object)

    @property
    def qualities(self) -> pd.DataFrame:
        """One row per gain in quality, which has no money: alternative, what and how."""
        rows = [
            (each.title, lever.title, lever.text)
            for each in self.params.alternatives
            for lever in each.levers
            if lever.benefit == "quality"
        ]
        return pd.DataFrame(rows, columns=["alternative_title", "lever_title", "text"], dtype=object)

    @property
    def risks(self) -> pd.DataFrame:
        """One row per risk, the gravest first: likelihood and consequence from 1 to 5, what is done and by whom."""
        rows = [
            {"alternative_id": each.id, "alternative_title": each.title, **risk.model_dump(),
             "gravity": risk.likelihood * risk.consequence}
            for each in self.params.alternatives
            for risk in each.risks
        ]  # fmt: skip
        columns = [
            "alternative_id", "alternative_title", "text", "likelihood", "consequence", "gravity", "action", "role",
        ]  # fmt: skip
        found = pd.DataFrame(rows, columns=columns)
        return found.sort_values("gravity", ascending=False, kind="stable", ignore_index=True)

    @property
    def must_be_true(self) -> dict[str, tuple[str, ...]]:
        """What must be true for each alternative, by its id."""
        return {each.id: each.must_be_true for each in self.params.alternatives}

    @property
    def organisation_name(self) -> str:
        """The organisation's name for people."""
        return self.organisation.params.name if self.organisation else self.params.name

    @property
    def period(self) -> Period:
        """The period of the baseline; for a case reckoned by hand the year that it begins."""
        return self.organisation.period if self.organisation else parse_period(str(self.params.starts_on.year))

    @property
    def period_name(self) -> str:
        """The period in words, in Swedish."""
        return period_in_words(self.period)

    @property
    def uses_ledger(self) -> bool:
        """Tell whether a number that something is reckoned from comes from the ledger or its registers."""
        return self.params.from_track_record or any(each.of_ledger and each.used_by for each in self.of_today)

    @property
    def ledger_inputs(self) -> tuple[Mapping[str, Any], ...]:
        """The files of ledger and registers, for the report's list of inputs; none when all is given by hand."""
        return self.organisation.inputs if self.organisation and self.uses_ledger else ()

    @property
    def depends_on(self) -> str:
        """What of the organisation the report depends on, as text that changes with it."""
        if self.organisation is None:
            return ""
        params, logo = self.organisation.params, self.organisation.params.logo_path()
        settings = params.model_dump_json(exclude={"path", "ledger", "mapping"})
        picture = hashlib.sha256(logo.read_bytes()).hexdigest() if logo else ""
        return f"{self.organisation.folder.name} {settings} {picture}"

    @property
    def source(self) -> Source:
        """Where the data come from, for every figure and table."""
        own = f"Business case {self.params.path.name}"
        own += f", upprättat av {self.params.author}." if self.params.author else "."
        if self.organisation is None:
            return Source(text=own, organisation=self.organisation_name, fictional=self.params.fictional)
        ledger = self.organisation.source
        if self.uses_ledger:
            own += f" Leverantörsreskontra och register för {self.organisation_name}, {self.period_name}. Belopp "
            own += "exklusive moms."
        return replace(ledger, text=own, fictional=ledger.fictional or self.params.fictional)


def open_business_case(slug: str) -> BusinessCase:
    """Open a business case, and the organisation's ledger where it names one.

    Parameters: slug, the name of its file in params/business_cases. Returns a BusinessCase. Raises ParamsError with
    file, line and cure for a mistake or a personal number in the file, and what `open_organisation` raises when the
    ledger cannot be opened.
    """
    params = load_own_case(slug)
    if not params.organisation:
        today = todays_numbers(params, None, None)
        return BusinessCase(params, build_case(params), None, None, today)
    organisation = open_organisation(params.organisation, params.baseline.period)
    lines = _lines(params, organisation)
    today = todays_numbers(params, organisation, lines)
    track: TrackRecord | None = own_track_record(organisation) if params.from_track_record else None
    ledger = {each.number: each.value for each in today}
    doubts = {each.number: each.doubt for each in today if each.doubt}
    return BusinessCase(params, build_case(params, ledger, track, doubts), organisation, lines, today)


def load_own_case(slug: str) -> BusinessCaseParams:
    """Read a business case file of the project. Raises ParamsError, also for a personal number in it."""
    return without_people(lambda: load_business_case(business_cases_folder() / f"{slug}.yml"))


def _lines(params: BusinessCaseParams, organisation: Organisation) -> NativeFrame | None:
    """Choose the postings of the baseline's category; a case that names none is reckoned by hand."""
    code = params.baseline.category
    if not code:
        return None
    known = [str(each) for each in organisation.taxonomy["category_code"]]
    if code not in known:
        cure = f"there is no category '{code}' in the tree. {did_you_mean(code, known)}"
        raise problem_at(params, ("baseline", "category"), cure)
    try:
        return in_category(organisation.lines, code)
    except MappingError:
        cure = (
            f"no posting of {organisation.period_name} is in category '{code}'. Choose another, or give numbers by hand"
        )
        raise problem_at(params, ("baseline", "category"), cure) from None

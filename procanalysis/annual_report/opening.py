"""Open the annual report of one board or organisation for one year: figures, texts, tenders, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.annual_report.files import annual_inputs, annual_slugs
from procanalysis.annual_report.text_checks import printed_risks, text_problems
from procanalysis.errors import ParamsError, did_you_mean
from procanalysis.opened import Opened
from procanalysis.params import OrganisationParams, load_organisation_params
from procanalysis.params.annual_report import AnnualReportTexts, load_annual_texts
from procanalysis.params.indicators import IndicatorCatalogue, catalogue_slugs, load_indicators
from procanalysis.params.project import organisation_slugs
from procanalysis.params.yaml_file import refuse
from procanalysis.published import (
    Board,
    board_of,
    figures_folder,
    nothing_published,
    open_published,
    require_outcomes,
)
from procanalysis.read.published import read_published_savings
from procanalysis.read.registers import frame_of
from procanalysis.schema import CONSISTENCY_CHECKS, INTERNAL_CONTROLS, PUBLISHED_SAVINGS, Source
from procanalysis.tenders import TenderYear, tenders_of

_SAVINGS = "savings.csv"


@dataclass(frozen=True, kw_only=True)
class AnnualReport(Opened):
    """Hold what one annual report is made from.

    statement, deviations and checks are of the year; budgets, staff and savings of every year that is printed. board is
    None for an organisation without an indicator file; its tables are then empty. A text that nobody has written is
    empty, and texts.is_missing says when there is no file of them at all.
    """

    slug: str
    name: str
    year: int
    fictional: bool
    texts: AnnualReportTexts
    board: Board | None
    statement: pd.DataFrame
    budgets: pd.DataFrame
    deviations: pd.DataFrame
    staff: pd.DataFrame
    savings: pd.DataFrame
    checks: pd.DataFrame
    tenders: TenderYear
    inputs: tuple[Mapping[str, Any], ...]

    @property
    def controls(self) -> pd.DataFrame:
        """The risks of internal control with what the controls gave (schema.INTERNAL_CONTROLS).

        They are those of the texts, and those that only have a printed result.
        """
        told = self.texts.risk_records
        numbers = {record["number"] for record in told}
        printed = [] if self.board is None else printed_risks(self.board.goals)
        records: list[dict[str, Any]] = [*told, *(one for one in printed if one["number"] not in numbers)]
        records.sort(key=lambda record: int(record["number"]))
        return frame_of(records, INTERNAL_CONTROLS)

    @property
    def budget_years(self) -> tuple[int, int]:
        """The two years whose budgets look ahead: the report's year and the next, or the two after it."""
        first = self.year if self.year in set(self.budgets["year"]) else self.year + 1
        return first, first + 1

    @property
    def source(self) -> Source:
        """Where the data come from, for every figure and table."""
        printed = self.board.source.text if self.board else ""
        said = self.texts.source.rstrip(".")
        after = "" if said in printed else f", efter {said}"
        own = "" if self.texts.is_missing else f"Texter: {self.texts.path.name}{after}."
        return Source(
            text=" ".join(filter(None, (printed, own))) or f"Inga publicerade uppgifter om {self.year}.",
            organisation=self.name,
            fictional=self.fictional,
        )


def open_annual_report(slug: str, year: int) -> AnnualReport:
    """Open what an annual report is made from.

    A board needs an indicator file and outcomes of the year. An organisation with a ledger needs neither: what is
    computed from the ledger is opened beside, with `open_organisation`.

    Parameters: slug, the name of a file in params/indicators or params/organisations; year, a calendar year.
    Returns an AnnualReport. Raises ParamsError when there is no such file, it has mistakes in it, a board has no
    outcomes for the year, or a text is about an indicator, goal or row that is not there; InputError for a mistake in
    the published tables.
    """
    if slug not in annual_slugs():
        raise ParamsError(f"There is no board or organisation '{slug}'. {did_you_mean(slug, annual_slugs())}")
    texts = load_annual_texts(slug, year)
    catalogue = load_indicators(slug) if slug in catalogue_slugs() else None
    params = load_organisation_params(slug) if slug in organisation_slugs() else None
    published = open_published(slug) if catalogue else nothing_published()
    if params is None:
        require_outcomes(slug, published, year)
    board = board_of(catalogue, published, year=year) if catalogue else None
    if not texts.is_missing:
        refuse(texts.path, text_problems(texts, published, year))
    name = next(each.name for each in (catalogue, params) if each)  # annual_slugs has those with either file
    fictional = any(each.fictional for each in (catalogue, params, texts) if each)
    named = params.tenders if params else ()
    called = "Nämndens medlemmar" if catalogue and catalogue.members else name
    # Whose rows these are decides, not who wrote the texts: made-up texts open no made-up rows to a real organisation.
    made_up = any(each.fictional for each in (catalogue, params) if each)
    tenders = tenders_of(_buyers(catalogue, params), year, name=called, sources=named, fictional=made_up)
    return AnnualReport(
        slug=slug,
        name=name,
        year=year,
        fictional=fictional,
        texts=texts,
        board=board,
        statement=_of_year(published.statements, year),
        budgets=published.budgets,
        deviations=_of_year(published.deviations, year),
        staff=published.staff,
        savings=_savings(catalogue),
        checks=board.checks_of_year if board else frame_of([], CONSISTENCY_CHECKS),
        tenders=tenders,
        inputs=annual_inputs(slug, year, catalogue, tenders.inputs),
    )


def _buyers(catalogue: IndicatorCatalogue | None, params: OrganisationParams | None) -> tuple[str, ...]:
    """Return the organisation numbers of those that buy: the members of a board, else the organisation itself."""
    members = tuple(member.organisation_number for member in catalogue.members) if catalogue else ()
    own = "".join(filter(str.isdigit, params.organisation_number)) if params else ""
    return members or ((own,) if own else ())


def _of_year(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[frame["year"] == year].reset_index(drop=True)


def _savings(catalogue: IndicatorCatalogue | None) -> pd.DataFrame:
    """Return the printed savings of the organisation, which that file calls by its full name."""
    path = figures_folder(catalogue) / _SAVINGS if catalogue else None
    if catalogue is None or path is None or not path.is_file():
        return frame_of([], PUBLISHED_SAVINGS)
    printed = read_published_savings(path, boards=_catalogue_names())
    return printed[printed["organisation"] == catalogue.name].reset_index(drop=True)


def _catalogue_names() -> tuple[str, ...]:
    """Return the full names of all that have an indicator file.

    Empty, so that no name is refused, when one of the files has mistakes: its own report tells them.
    """
    try:
        return tuple(load_indicators(slug).name for slug in catalogue_slugs())
    except ParamsError:
        return ()

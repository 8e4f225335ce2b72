"""Open an organisation with a ledger for its annual report: the ledger and registers, and what is reported besides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from procanalysis.annual_report.opening import AnnualReport, open_annual_report
from procanalysis.annual_report.reckoned import reckoned_figures
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.published import Published, nothing_published
from procanalysis.published.board import GOAL_SCALE
from procanalysis.schema import KeyFigure, Source


@dataclass(frozen=True, kw_only=True)
class OrganisationYear:
    """Hold an organisation's ledger and registers, and what is reported besides of the calendar year they end in.

    Without an indicator file the tables of indicators and goals have no rows.
    """

    organisation: Organisation
    annual: AnnualReport

    @property
    def year(self) -> int:
        """The calendar year in which the period ends."""
        return self.organisation.as_of.year

    @property
    def caution(self) -> str:
        """What to say when the period is not a calendar year, in Swedish; empty when it is."""
        if self.organisation.year is not None:
            return ""
        return (
            "En verksamhetsberättelse avser ett helt kalenderår, men underlaget avser "
            f"{self.organisation.period_name}. "
            "Årets mål och mätetal visas därför inte."
        )

    @cached_property
    def _nothing(self) -> Published:
        return nothing_published()

    @property
    def indicators(self) -> pd.DataFrame:
        """The catalogue of indicators (schema.INDICATORS); without rows when the period is not a calendar year."""
        found = self.annual.board.indicators if self.annual.board else self._nothing.indicators
        return found if self.organisation.year is not None else found[:0]

    @cached_property
    def reckoned(self) -> tuple[KeyFigure, ...]:
        """The key figures that the computed indicators ask for, as far as ledger and registers can tell them."""
        computed = self.indicators[self.indicators["source_kind"] == "computed"]
        return reckoned_figures(self.organisation, [str(name) for name in computed["measure"]])

    @property
    def values(self) -> pd.DataFrame:
        """The reported outcomes (schema.INDICATOR_VALUES)."""
        return self.annual.board.values if self.annual.board else self._nothing.values

    @property
    def targets(self) -> pd.DataFrame:
        """The targets (schema.INDICATOR_TARGETS)."""
        return self.annual.board.targets if self.annual.board else self._nothing.targets

    @property
    def breaks(self) -> pd.DataFrame:
        """The breaks in series (schema.SERIES_BREAKS)."""
        return self.annual.board.breaks if self.annual.board else self._nothing.breaks

    @property
    def goals(self) -> pd.DataFrame:
        """The goals of the year with their reported status (schema.GOAL_STATUSES)."""
        return self.annual.board.goals if self.annual.board else self._nothing.goals

    @property
    def scales(self) -> pd.DataFrame:
        """The organisation's own scales (schema.STATUS_SCALES)."""
        return self.annual.board.scales if self.annual.board else self._nothing.scales

    @property
    def goal_scale(self) -> str:
        """The scale that goals are judged on; the risks of internal control have another."""
        return GOAL_SCALE

    @property
    def goal_numbers(self) -> dict[str, str]:
        """Which reported goal (its number) a goal of the catalogue is."""
        return dict(self.annual.board.catalogue.goal_numbers) if self.annual.board else {}

    @property
    def source(self) -> Source:
        """Where all of it comes from: ledger and registers, what is reported besides, and tender statistics."""
        parts = ["Leverantörsreskontra"]
        parts += ["register"] if self.organisation.facts["registers"] else []
        parts += ["rapporterade uppgifter"] if self.annual.board or not self.annual.texts.is_missing else []
        parts += [] if self.annual.tenders.missing_because else ["upphandlingsstatistik"]
        listed = " och ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        whose = f"{self.organisation.params.name}, {self.organisation.period_name}"
        return replace(self.organisation.source, text=f"{listed} för {whose}. Belopp exklusive moms.")


def open_organisation_year(slug: str, period: str = "") -> OrganisationYear:
    """Open an organisation with a ledger for its annual report.

    Parameters: slug, the name of its file in params/organisations; period, a calendar year, empty for the file's own;
    of any other span only what does not need a whole year is held. Returns an OrganisationYear. Raises what
    `open_organisation` and `open_annual_report` raise.
    """
    organisation = open_organisation(slug, period)
    return OrganisationYear(organisation=organisation, annual=open_annual_report(slug, organisation.as_of.year))

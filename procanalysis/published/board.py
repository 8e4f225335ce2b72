"""Open what one board has printed about itself, for the report of one year: frames, source, methods."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from procanalysis.errors import ParamsError, ProcanalysisError, did_you_mean
from procanalysis.opened import Opened
from procanalysis.params.indicators import IndicatorCatalogue, load_indicators
from procanalysis.published.opening import (
    Published,
    boards_with_indicators,
    figures_folder,
    has_published,
    open_published,
)
from procanalysis.published.summary import truth_check_of
from procanalysis.read.published_indicators import read_indicator_values
from procanalysis.schema import Source

GOAL_SCALE = "board_goal"
_VALUES = "indicator_values.csv"


@dataclass(frozen=True, kw_only=True)
class Board(Opened):
    """Hold one board's catalogue, its outcomes and targets, and what it printed about its goals, for one year."""

    catalogue: IndicatorCatalogue
    year: int
    indicators: pd.DataFrame
    values: pd.DataFrame
    targets: pd.DataFrame
    breaks: pd.DataFrame
    goals: pd.DataFrame
    scales: pd.DataFrame
    checks: pd.DataFrame

    @property
    def checks_of_year(self) -> pd.DataFrame:
        """The truth check of the figures that were printed about the year."""
        return self.checks[self.checks["year"] == self.year].reset_index(drop=True)

    @property
    def goal_scale(self) -> str:
        """The scale that goals are judged on; the risks of internal control have another."""
        return GOAL_SCALE

    @cached_property
    def printed_in(self) -> tuple[str, ...]:
        """The printed reports that hold the year's outcomes."""
        own = self.values[self.values["year"] == self.year]
        return tuple(dict.fromkeys(str(each) for each in own["source"]))

    @property
    def source(self) -> Source:
        """Where the data come from, for every figure and table."""
        printed = "; ".join(self.printed_in) or self.catalogue.source
        return Source(
            text=f"{printed}. Mätetalen: {self.catalogue.path.name}.",
            organisation=self.catalogue.name,
            fictional=self.catalogue.fictional,
        )


def open_board(slug: str, year: int) -> Board:
    """Open what one board has printed, for the report of one year.

    Parameters: slug, the name of its file in params/indicators; year, one with outcomes. Returns a Board. Raises
    ParamsError when there is no such file, it has mistakes in it, or the year has no outcomes; InputError for a mistake
    in the published tables.
    """
    catalogue = load_indicators(slug)
    published = open_published(slug)
    require_outcomes(slug, published, year)
    return board_of(catalogue, published, year=year)


def require_outcomes(slug: str, published: Published, year: int) -> None:
    """Refuse a year that a board has printed no outcomes for, naming those that it has. Raises ParamsError."""
    known = _years_with_outcomes(published.values)
    if year not in known:
        have = f"It has them for {', '.join(map(str, known))}." if known else "It has none for any year."
        raise ParamsError(f"{slug}: there are no outcomes for {year} in {_VALUES}. {have}")


def board_of(catalogue: IndicatorCatalogue, published: Published, *, year: int) -> Board:
    """Lay out what is published of one board for a year, also one without outcomes.

    Parameters: catalogue and published of the same board; year.
    """
    goals = published.goals[published.goals["year"] == year]
    return Board(
        catalogue=catalogue,
        year=year,
        indicators=published.indicators,
        values=published.values,
        targets=published.targets,
        breaks=published.breaks,
        goals=goals.reset_index(drop=True),
        scales=published.scales,
        checks=truth_check_of(published),
    )


def _years_with_outcomes(values: pd.DataFrame) -> list[int]:
    return sorted({int(year) for year in values[values["value"].notna()]["year"]})


def board_years(slug: str) -> tuple[int, ...]:
    """Return the years that a board's indicators are reported for: those its file names, or all with outcomes.

    Raises ParamsError or InputError for mistakes in the files, also when the file names a year without outcomes.
    """
    catalogue = load_indicators(slug)
    values = read_indicator_values(figures_folder(catalogue) / _VALUES)
    known = _years_with_outcomes(values[values["organisation"] == slug])
    for year in catalogue.years:
        if year not in known:
            hint = did_you_mean(str(year), [str(each) for each in known])
            raise ParamsError(f"{catalogue.path.name}: 'years' has {year}, without outcomes in {_VALUES}. {hint}")
    return catalogue.years or tuple(known)


def board_slugs() -> list[str]:
    """List the boards that may have outcomes: those with an indicator file, or none without published figures."""
    return boards_with_indicators() if has_published() else []


def board_name(slug: str) -> str:
    """Return a board's name, or its short name where the file cannot be read."""
    try:
        return load_indicators(slug).name
    except ProcanalysisError:
        return slug


def board_files(slug: str) -> list[Path]:
    """List the files that a board's report is made from. Raises ParamsError for a mistake in its indicator file."""
    return catalogue_files(load_indicators(slug))


def catalogue_files(catalogue: IndicatorCatalogue) -> list[Path]:
    """Do as `board_files`, for an indicator file that is loaded already."""
    return [catalogue.path, *sorted(figures_folder(catalogue).glob("*.csv"))]


def board_digest(slug: str) -> str:
    """Return a digest that changes with any file that the board's report is made from."""
    digest = hashlib.sha256()
    for path in board_files(slug):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

"""Open all that is published: the indicator files and the reviewed tables beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean
from procanalysis.params.indicators import IndicatorCatalogue, catalogue_slugs, load_indicators
from procanalysis.params.project import organisation_slugs, project_root
from procanalysis.published.catalogue import catalogue_tables
from procanalysis.read.published_indicators import (
    read_budgets,
    read_cost_deviations,
    read_goal_statuses,
    read_income_statements,
    read_indicator_values,
    read_mended_figures,
    read_staff_figures,
    read_stated_terms,
    read_status_scales,
)
from procanalysis.read.registers import frame_of
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    GOAL_STATUSES,
    INCOME_STATEMENTS,
    INDICATOR_VALUES,
    MENDED_FIGURES,
    STAFF_FIGURES,
    STATED_TERMS,
    STATUS_SCALES,
)


@dataclass(frozen=True, kw_only=True)
class Published:
    """Hold the published tables, each as the table of the schema that it is named after."""

    indicators: pd.DataFrame
    targets: pd.DataFrame
    breaks: pd.DataFrame
    versions: pd.DataFrame
    values: pd.DataFrame
    statements: pd.DataFrame
    budgets: pd.DataFrame
    deviations: pd.DataFrame
    staff: pd.DataFrame
    scales: pd.DataFrame
    goals: pd.DataFrame
    terms: pd.DataFrame
    mended: pd.DataFrame


def published_folder() -> Path:
    """Return the folder of published figures: data/published of the project."""
    return project_root() / "data" / "published"


def figures_folder(catalogue: IndicatorCatalogue) -> Path:
    """Return the folder of one organisation's reported tables: the one that its indicator file names, or the published.

    The path in the file is relative to it. Raises InputError when there is no such folder.
    """
    if not catalogue.figures:
        return published_folder()
    folder = (catalogue.path.parent / catalogue.figures).resolve()
    if not folder.is_dir():
        cure = "Make it with 'procanalysis example'." if catalogue.fictional else "Correct the path."
        raise InputError(f"{catalogue.path.name}: figures: there is no folder '{catalogue.figures}'. {cure}")
    return folder


def boards_with_indicators() -> list[str]:
    """List the boards that have an indicator file, in order of name.

    An organisation with a ledger may have one too: it is no board, and what it reports itself is never mixed with what
    boards have printed.
    """
    organisations = set(organisation_slugs())
    return [slug for slug in catalogue_slugs() if slug not in organisations]


def has_published() -> bool:
    """Tell whether the project has published figures and the indicator files that they belong to."""
    return published_folder().is_dir() and bool(boards_with_indicators())


def open_published(organisation: str = "") -> Published:
    """Open the indicator files and the published tables.

    An organisation whose indicator file names a folder of its own is read from there, where a table that is not there
    is empty. Parameters: organisation, short name of the only one to open; empty means all boards. Returns a
    Published. Raises ParamsError or InputError naming file, row and remedy, also when an outcome belongs to an
    indicator that no file describes.
    """
    loaded = [load_indicators(slug) for slug in ([organisation] if organisation else boards_with_indicators())]
    catalogues = catalogue_tables(loaded)
    folders: dict[Path, list[str]] = {} if organisation else {published_folder(): []}
    for each in loaded:
        folders.setdefault(figures_folder(each), []).append(each.slug)
    found = [_reported(folder, organisation, own, catalogues["indicators"]) for folder, own in folders.items()]
    tables = {name: pd.concat([each[name] for each in found], ignore_index=True) for name in _COLUMNS}
    return Published(**catalogues, **tables)


def nothing_published() -> Published:
    """Return published tables without a row, for an organisation that has reported nothing of its own."""
    return Published(**catalogue_tables(()), **{name: frame_of([], columns) for name, columns in _COLUMNS.items()})


def _reported(
    folder: Path, organisation: str, slugs: Collection[str], indicators: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Read the tables of one folder: of one organisation, or of all that report there."""
    is_shared = folder == published_folder()
    values = _read("values", folder, is_shared, read_indicator_values)
    _refuse_unknown_indicators(indicators, _own(values, organisation) if organisation else values)
    every_scale = _read("scales", folder, is_shared, read_status_scales)
    found = {"values": values, "scales": every_scale}
    found["goals"] = _read("goals", folder, is_shared, lambda path: read_goal_statuses(path, every_scale))
    found |= {name: _read(name, folder, is_shared, reader) for name, reader in _READERS.items()}
    if is_shared:
        return {name: _own(frame, organisation) if organisation else frame for name, frame in found.items()}
    for name, frame in found.items():
        others = sorted(set(frame["organisation"]) - set(slugs))
        if others:
            raise InputError(
                f"{_FILES[name]}: the folder is of {', '.join(slugs)}, but a row is of '{others[0]}'. Correct the row, "
                "or move it to data/published."
            )
    return found


def _own(frame: pd.DataFrame, organisation: str) -> pd.DataFrame:
    return frame[frame["organisation"] == organisation].reset_index(drop=True)


def _read(name: str, folder: Path, is_shared: bool, reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    path = folder / _FILES[name]
    return reader(path) if is_shared or path.is_file() else frame_of([], _COLUMNS[name])


def _refuse_unknown_indicators(indicators: pd.DataFrame, values: pd.DataFrame) -> None:
    known = set(zip(indicators["organisation"], indicators["indicator_id"], strict=True))
    for whose, identity in zip(values["organisation"], values["indicator_id"], strict=True):
        if (whose, identity) not in known:
            names = [name for slug, name in known if slug == whose]
            hint = did_you_mean(identity, names) if names else f"Write params/indicators/{whose}.yml."
            raise InputError(f"indicator_values.csv: {whose} has no indicator '{identity}'. {hint}")


_COLUMNS = {
    "values": INDICATOR_VALUES,
    "statements": INCOME_STATEMENTS,
    "budgets": BUDGETS,
    "deviations": COST_DEVIATIONS,
    "staff": STAFF_FIGURES,
    "scales": STATUS_SCALES,
    "goals": GOAL_STATUSES,
    "terms": STATED_TERMS,
    "mended": MENDED_FIGURES,
}
_FILES = {
    "values": "indicator_values.csv",
    "statements": "income_statements.csv",
    "budgets": "budgets.csv",
    "deviations": "cost_deviations.csv",
    "staff": "staff.csv",
    "scales": "status_scales.csv",
    "goals": "goal_statuses.csv",
    "terms": "stated_terms.csv",
    "mended": "mended_figures.csv",
}
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "statements": read_income_statements,
    "budgets": read_budgets,
    "deviations": read_cost_deviations,
    "staff": read_staff_figures,
    "terms": read_stated_terms,
    "mended": read_mended_figures,
}

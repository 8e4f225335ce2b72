"""Open all that is published: the indicator files and the reviewed tables beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean
from procanalysis.params.indicators import catalogue_slugs, load_indicators
from procanalysis.params.project import project_root
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


def has_published() -> bool:
    """Tell whether the project has published figures and the indicator files that they belong to."""
    return published_folder().is_dir() and bool(catalogue_slugs())


def open_published(organisation: str = "") -> Published:
    """Open the indicator files and the published tables.

    Parameters: organisation, short name of the only one to open; empty means all. Returns a Published. Raises
    ParamsError or InputError naming file, row and remedy, also when an outcome belongs to an indicator that no file
    describes.
    """
    folder = published_folder()
    slugs = [organisation] if organisation else catalogue_slugs()
    tables = catalogue_tables(load_indicators(slug) for slug in slugs)

    def own(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["organisation"] == organisation].reset_index(drop=True) if organisation else frame

    values = own(read_indicator_values(folder / "indicator_values.csv"))
    known = set(zip(tables["indicators"]["organisation"], tables["indicators"]["indicator_id"], strict=True))
    for whose, identity in zip(values["organisation"], values["indicator_id"], strict=True):
        if (whose, identity) not in known:
            names = [name for slug, name in known if slug == whose]
            hint = did_you_mean(identity, names) if names else f"Write params/indicators/{whose}.yml."
            raise InputError(f"indicator_values.csv: {whose} has no indicator '{identity}'. {hint}")
    every_scale = read_status_scales(folder / "status_scales.csv")
    return Published(
        **tables,
        values=values,
        statements=own(read_income_statements(folder / "income_statements.csv")),
        budgets=own(read_budgets(folder / "budgets.csv")),
        deviations=own(read_cost_deviations(folder / "cost_deviations.csv")),
        staff=own(read_staff_figures(folder / "staff.csv")),
        scales=own(every_scale),
        goals=own(read_goal_statuses(folder / "goal_statuses.csv", every_scale)),
        terms=own(read_stated_terms(folder / "stated_terms.csv")),
        mended=own(read_mended_figures(folder / "mended_figures.csv")),
    )

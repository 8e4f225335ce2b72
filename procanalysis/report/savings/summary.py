"""What the savings report says first: the year against its target, and where the year's saving comes from."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from procanalysis.report.markup import Part
from procanalysis.report.sentences import bullet_points, finding
from procanalysis.report.words import words
from procanalysis.schema import Source


class Plan(Protocol):
    """Name what is read of a savings plan."""

    year: int
    target_ore: int | None
    outcome_ore: int | None
    planned_ore: int | None
    gap_ore: int | None
    missing_ore: int | None


def summary_points(plan: Plan, years: pd.DataFrame, *, source: Source) -> Part:
    """Say in at most four points how the year stands: against its target, from which contracts, and what comes.

    Parameters: plan, the savings plan of the year; years, one row per year with year, new_ore, running_ore, saving_ore
    and is_forecast.
    """
    points = [target_finding(plan, source=source)]
    this_year = years[years["year"] == plan.year]
    if len(this_year) and plan.outcome_ore is not None:
        points.append(
            finding(
                "{new_ore} kommer från avtal som började {year} och {running_ore} från avtal som löper sedan tidigare.",
                source=source,
                otherwise="Hur mycket som kommer från nya avtal är inte känt.",
                new_ore=_amount(this_year, "new_ore"),
                running_ore=_amount(this_year, "running_ore"),
                year=str(plan.year),
            )
        )
    if plan.planned_ore:
        points.append(
            finding(
                "Pågående och planerade upphandlingar kan bidra med ytterligare {planned_ore} under året. Det är en "
                "uppskattning och ingår inte i utfallet.",
                source=source,
                planned_ore=plan.planned_ore,
            )
        )
    coming = years[(years["year"] == plan.year + 1) & years["is_forecast"].astype(bool)]
    if len(coming) and _amount(coming, "saving_ore") is not None:
        points.append(
            finding(
                "{year} ger tecknade avtal {saving_ore}, om inga nya tecknas.",
                source=source,
                year=str(plan.year + 1),
                saving_ore=_amount(coming, "saving_ore"),
            )
        )
    return bullet_points(points, source=source)


def target_finding(plan: Plan, *, source: Source) -> Part:
    """Say how much of the year's target is enabled, and what is missing, or what of it is not known."""
    year = str(plan.year)
    if plan.outcome_ore is None:
        return finding("Vad som är möjliggjort {year} är inte känt.", source=source, year=year)
    if plan.target_ore is None or plan.gap_ore is None:
        return finding(
            "{outcome_ore} är möjliggjort {year}. Organisationsfilen har inget mål för året.",
            source=source,
            outcome_ore=plan.outcome_ore,
            year=year,
        )
    template = "{outcome_ore} av målet {target_ore} är möjliggjort {year}: {gap_ore} fattas."
    if plan.gap_ore <= 0:
        template = "{outcome_ore} är möjliggjort {year}, {gap_ore} mer än målet {target_ore}."
    return finding(
        template,
        source=source,
        outcome_ore=plan.outcome_ore,
        target_ore=plan.target_ore,
        gap_ore=abs(plan.gap_ore),
        year=year,
    )


def _amount(row: pd.DataFrame, column: str) -> int | None:
    value = row[column].iloc[0]
    return None if pd.isna(value) else int(value)


def years_title(years: pd.DataFrame, *, year: int, source: Source) -> str:
    """Name what the year's saving is made of, as a title.

    Parameters: years, one row per year with year, running_ore and saving_ore; year, the one reported.

    >>> years = pd.DataFrame({"year": [2025], "running_ore": [300_000_00], "saving_ore": [400_000_00]})
    >>> years_title(years, year=2025, source=Source(text="Register", organisation="Region Exempel"))
    '75,0\xa0% av besparingen 2025 kommer från tidigare års avtal'
    """
    row = years[years["year"] == year]
    saving, running = (_amount(row, name) if len(row) else None for name in ("saving_ore", "running_ore"))
    share = (
        running * 100 / saving if saving is not None and running is not None and 0 <= running <= saving > 0 else None
    )
    return words(
        "{running_pct} av besparingen {year} kommer från tidigare års avtal",
        source=source,
        otherwise="Möjliggjord besparing år för år",
        running_pct=share,
        year=str(year),
    )

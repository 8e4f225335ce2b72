"""What a monthly report asks its reader to do, from the figures above it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Protocol

import pandas as pd

from procanalysis.report.markup import Part
from procanalysis.report.parts import table
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.report.words import words
from procanalysis.schema import Source

_MOST_POINTS = 3
_MOST_ROWS = 5
_POSTING = "Stor enskild kontering"


class Plan(Protocol):
    """Describe what is needed of a savings plan: what is missing of the target, with and without what is planned."""

    @property
    def year(self) -> int:
        """The calendar year."""

    @property
    def gap_ore(self) -> int | None:
        """Target less outcome."""

    @property
    def missing_ore(self) -> int | None:
        """The gap less what is planned."""


class Ending(Protocol):
    """Describe what is needed of the contracts that end soon, and of what is not known of the others."""

    @property
    def contracts(self) -> pd.DataFrame:
        """The contracts."""

    @property
    def unknown_end_count(self) -> int:
        """How many have no known end."""

    @property
    def unknown_because(self) -> str:
        """Why nothing can be told."""


def ending_table(ending: Ending, *, unit: str, source: Source) -> Part:
    """Show the contracts that end within six months, the most used first, or say that none does, or why it is unknown.

    Parameters: ending; unit, empty for the whole organisation.
    """
    count = ending.unknown_end_count
    unknown = words("{n} avtal har inget känt slut och kan också vara på väg att sluta.", n=count) if count else ""
    if ending.unknown_because:
        return callout("{reason}.", kind="note", source=source, reason=ending.unknown_because)
    if ending.contracts.empty:
        reason = f"Inget avtal slutar inom sex månader. {unknown}".rstrip()
        return callout("{reason}", kind="note", source=source, reason=reason)
    columns = {
        "title": "Avtal",
        "ends_on": "Sista dag",
        "option": "Option kvar",
        "procurement": "Ny upphandling",
        "amount_ore": "Köpt på 12 månader",
    }
    option = ending.contracts["has_options"].map({True: "Ja", False: "Nej"})
    return table(
        ending.contracts.assign(option=option).sort_values("amount_ore", ascending=False, kind="stable"),
        columns=columns | ({"for_unit": "Enheten får använda det"} if unit else {}),
        title=words("{n} avtal slutar inom sex månader", n=len(ending.contracts)),
        source=source,
        rows=_MOST_ROWS,
        sheet="Avtal som slutar",
        note=unknown,
    )


def deviation_table(found: pd.DataFrame, *, since: str, not_compared_because: str, source: Source) -> Part:
    """Show what stands out in a month, or say that nothing does.

    Parameters: found; since, the month compared with, in words; not_compared_because, why there is none, or empty.
    """
    compared = f"{not_compared_because}." if not_compared_because else words("Perioden före är {since}.", since=since)
    if found.empty:
        return callout("Ingen av reglerna fann något. {compared}", kind="note", source=source, compared=compared)
    columns = {
        "kind": "Avvikelse",
        "subject": "Gäller",
        "amount_ore": "Belopp",
        "reference_ore": "Jämförs med",
        "rule": "Regel",
    }
    note = f"En avvikelse är en fråga att ställa, inte en slutsats. {compared}"
    title = "Det som sticker ut"
    return table(found, columns=columns, title=title, source=source, rows=_MOST_ROWS, sheet="Avvikelser", note=note)


def to_do_points(
    *,
    ending: pd.DataFrame,
    missing: pd.DataFrame,
    plan: Plan,
    realised: pd.DataFrame,
    found: pd.DataFrame,
    unit: str,
    source: Source,
) -> Part:
    """List at most three things to do: a contract, the loyalty, the savings, and else the largest deviation.

    Parameters: ending, the contracts that end soon; missing, the main categories as `loyalty_by` returns them; plan, of
    the whole organisation; realised, per unit as `realised_by` returns it; found, what stands out; unit, empty for the
    whole organisation. What is not known asks for nothing.
    """
    saving = _leakage(realised, unit, source) if unit else _target(plan, source)
    points = [_contract(ending, source), _loyalty(missing, source), saving, _deviation(found, source)]
    known = [point for point in points if point is not None][:_MOST_POINTS]
    return bullet_points(known, source=source, otherwise="Siffrorna för månaden ger ingenting att göra.")


def _largest(frame: pd.DataFrame, column: str) -> Mapping[Hashable, Any] | None:
    above = frame[frame[column] > 0]
    return None if above.empty else above.sort_values(column, ascending=False, kind="stable").to_dict("records")[0]


def _contract(ending: pd.DataFrame, source: Source) -> Part | None:
    """Name the contract that most is bought on among those that nothing is to replace."""
    row = _largest(ending[ending["procurement"] == "Ingen"], "amount_ore")
    if row is None:
        return None
    template = (
        "Pröva optionen eller starta en upphandling: {title} slutar {ends_on}."
        if row["has_options"]
        else "Starta en upphandling: {title} slutar {ends_on} och har ingen option kvar."
    )
    return finding(
        template + " Köpt på avtalet på tolv månader: {amount_ore}.",
        source=source,
        title=row["title"],
        ends_on=row["ends_on"],
        amount_ore=row["amount_ore"],
    )


def _loyalty(missing: pd.DataFrame, source: Source) -> Part | None:
    row = _largest(missing, "supplier_missing_ore")
    if row is None:
        return None
    return finding(
        "Granska köpen i {name}: {missing_ore} av {denominator_ore} sedan januari saknar belagt avtal.",
        source=source,
        name=row["main_category_name"],
        missing_ore=row["supplier_missing_ore"],
        denominator_ore=row["denominator_ore"],
    )


def _target(plan: Plan, source: Source) -> Part | None:
    missing_ore = plan.gap_ore if plan.missing_ore is None else plan.missing_ore
    if missing_ore is None or missing_ore <= 0:
        return None
    template = "Besluta hur de {missing_ore} som fattas till besparingsmålet {year} ska tas igen."
    counted = "" if plan.missing_ore is None else " Det som planerade upphandlingar kan ge är frånräknat."
    return finding(template + counted, source=source, missing_ore=missing_ore, year=str(plan.year))


def _leakage(realised: pd.DataFrame, unit: str, source: Source) -> Part | None:
    row = _largest(realised[realised["unit"] == unit], "leakage_ore")
    if row is None:
        return None
    return finding(
        "Gå igenom köpen på de avtal som skulle spara: {leakage_ore} av {promised_ore} har gått bort i år. Största "
        "skälet: {cause}.",
        source=source,
        leakage_ore=row["leakage_ore"],
        promised_ore=row["promised_ore"],
        cause=str(row["largest_cause"]).lower(),
    )


def _deviation(found: pd.DataFrame, source: Source) -> Part | None:
    if found.empty:
        return None
    row = found.to_dict("records")[0]
    template = "Ta reda på vad som ligger bakom den största avvikelsen: {kind}, {subject}, {amount_ore}"
    if row["kind"] == _POSTING:
        return finding(template + ".", source=source, **_told(row))
    return finding(template + " mot {reference_ore}.", source=source, reference_ore=row["reference_ore"], **_told(row))


def _told(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {"kind": str(row["kind"]).lower(), "subject": row["subject"], "amount_ore": row["amount_ore"]}

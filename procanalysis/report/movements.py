"""Parts that tell how spend has moved, or why that cannot be told, and what a set of opportunities comes to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from procanalysis.report.markup import Part
from procanalysis.report.parts import table
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.report.words import words
from procanalysis.schema import Source

_MOST_POINTS = 3
_NOTHING_BEFORE = "Det finns ingen period att jämföra med."


class Option(Protocol):
    """Describe what is needed of an opportunity to write it in one sentence."""

    @property
    def name(self) -> str:
        """What could be done."""

    @property
    def amount_ore(self) -> int | None:
        """What it is worth, or None when that is unknown."""

    @property
    def volume_ore(self) -> int:
        """The spend that it concerns."""

    @property
    def unknown_because(self) -> str:
        """Why the amount is unknown."""


def change_points(change: pd.DataFrame | None, *, name: str, since: str, otherwise: str, source: Source) -> Part:
    """List the three largest changes in words, or say why nothing can be compared.

    Parameters: change, as `spend_change` returns it, or None; name, its column of names; since, the period before in
    words; otherwise, the reason when change is None.
    """
    if change is None:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NOTHING_BEFORE)
    moved = change[change["change_ore"] != 0].head(_MOST_POINTS)
    if moved.empty:
        return finding("Ingenting har ändrats sedan {since}.", source=source, since=since)
    return bullet_points([_moved(row, name, since, source) for row in moved.to_dict("records")], source=source)


def _moved(row: Mapping[Hashable, Any], name: str, since: str, source: Source) -> Part:
    return finding(
        "{what}: {change_ore} {direction} än {since} ({amount_ore} mot {before_ore}).",
        source=source,
        what=row[name],
        change_ore=abs(row["change_ore"]),
        direction="mer" if row["change_ore"] > 0 else "mindre",
        since=since,
        amount_ore=row["amount_ore"],
        before_ore=row["before_ore"],
    )


def change_table(
    change: pd.DataFrame | None, *, title: str, name: str, heading: str, otherwise: str, source: Source, sheet: str
) -> Part:
    """Show the changes since the period before as a table, or say why nothing can be compared.

    Parameters: as `change_points`; heading, the Swedish header of the names; title and sheet, as for `table`.
    """
    if change is None:
        return callout("{reason}", kind="note", source=source, reason=otherwise or _NOTHING_BEFORE)
    columns = {
        name: heading,
        "amount_ore": "Belopp",
        "before_ore": "Perioden före",
        "change_ore": "Förändring",
        "change_pct": "Förändring i procent",
        "change": "Slag",
    }
    note = "Procent visas bara när beloppet före var större än noll."
    return table(change, title=title, columns=columns, source=source, sheet=sheet, rows=12, note=note)


def month_title(months: pd.DataFrame, *, source: Source, otherwise: str) -> str:
    """Return a chart title that states between which amounts the months vary.

    Parameters: months, as `months_compared` returns it; otherwise, the title when no month is known.
    """
    if months.empty:
        return otherwise or "Inga inköp per månad att visa"
    current = months[months["series"] == months["series"].iloc[0]]
    low, high = current["amount_ore"].min(), current["amount_ore"].max()
    if len(current) == 1:
        return words("Alla inköp ligger i en och samma månad: {amount_ore}", source=source, amount_ore=low)
    return words(
        "Inköpen varierar mellan {low_ore} och {high_ore} per månad", source=source, low_ore=low, high_ore=high
    )


def opportunity_points(opportunities: Iterable[Option], *, source: Source) -> list[Part]:
    """Return one sentence per opportunity that concerns any spend: its amount, or why that is unknown."""
    points = [_opportunity(option, source) for option in opportunities if option.volume_ore > 0]
    return points or [finding("Ingen av de prövade möjligheterna berör kategorin.", source=source)]


def _opportunity(option: Option, source: Source) -> Part:
    volume: dict[str, Any] = {"name": option.name, "volume_ore": option.volume_ore}
    if option.amount_ore is not None:
        words_known = "{name}: {amount_ore} av {volume_ore} som berörs."
        return finding(words_known, source=source, amount_ore=option.amount_ore, **volume)
    because = option.unknown_because.rstrip(".")
    return finding("{name}: berör {volume_ore}, men vinsten är okänd. {why}.", source=source, why=because, **volume)

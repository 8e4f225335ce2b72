"""Sentences and small tables of the contract reports: what lacks a contract, what comes first, what is left out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from procanalysis.report.markup import Part
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.report.words import words
from procanalysis.schema import Exclusion, Source

_MOST_POINTS = 3
_MOST_BUYERS = 20


def missing_points(groups: pd.DataFrame, *, name: str, source: Source, otherwise: str) -> Part:
    """List the three groups that lack the most proven contracts, in words.

    Parameters: groups, as `loyalty_by` returns them; name, the column with their names; otherwise, what to say when no
    group lacks any.
    """
    lacking = groups[groups["supplier_missing_ore"] > 0].sort_values("supplier_missing_ore", ascending=False)
    if lacking.empty:
        return callout("{reason}", kind="note", source=source, reason=otherwise)
    return bullet_points(
        [
            finding(
                "{name}: {missing_ore} utan belagt avtal av {denominator_ore}. Vanligaste skälet: {cause}.",
                source=source,
                name=row[name],
                missing_ore=row["supplier_missing_ore"],
                denominator_ore=row["denominator_ore"],
                cause=str(row["cause"]).lower() if row["cause"] else "krediter utan motsvarande inköp",
            )
            for row in lacking.head(_MOST_POINTS).to_dict("records")
        ],
        source=source,
    )


def without_sole_traders(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave the sole traders out of a list of suppliers, since each of them is a person.

    Parameters: frame, with supplier_type. The caller says below the list that they are left out.

    >>> without_sole_traders(pd.DataFrame({"supplier_type": ["company", "sole_trader"], "amount_ore": [1, 2]}))
      supplier_type  amount_ore
    0       company           1
    """
    return frame[frame["supplier_type"] != "sole_trader"]


def busiest_buyers(months: pd.DataFrame) -> pd.DataFrame:
    """Keep the twenty buyers who have most procurements in hand, since a grid of more cannot be read.

    Parameters: months, with buyer_name and procurements_count. The caller says how many there are in all.

    >>> busiest_buyers(pd.DataFrame({"buyer_name": ["A", "B", "A"], "procurements_count": [1, 0, 2]})).shape
    (3, 2)
    """
    in_hand = months.groupby("buyer_name")["procurements_count"].sum().sort_values(ascending=False, kind="stable")
    return months[months["buyer_name"].isin(in_hand.index[:_MOST_BUYERS])]


def portfolio_title(categories: pd.DataFrame) -> str:
    """Return a title that names how many categories need most attention: those of high impact and high risk."""
    placed = categories[categories["quadrant"].notna()] if len(categories) else categories
    if placed.empty:
        return "Ingen kategori går att placera efter betydelse och risk"
    strategic = int((placed["quadrant"] == "strategic").sum())
    return words("{n} av {all} kategorier har både hög betydelse och hög risk", n=strategic, all=len(placed))


def wave_points(waves: pd.DataFrame, *, source: Source) -> Part:
    """List the categories of the first wave in words, or say that none has a score.

    Parameters: waves, as `waves` of the procurement plan returns them.
    """
    first = waves[waves["wave"] == 1]
    if first.empty:
        return callout("Ingen kategori har en poäng att ordna efter.", kind="note", source=source)
    return bullet_points([_wave_point(row, source) for row in first.to_dict("records")], source=source)


def _wave_point(row: Mapping[Hashable, Any], source: Source) -> Part:
    known = {"name": row["category_name"], "amount_ore": row["amount_ore"]}
    if pd.isna(row["ends_on"]):
        return finding("Våg 1: {name}, {amount_ore} per år.", source=source, **known)
    return finding(
        "Våg 1: {name}, {amount_ore} per år. Avtalet med störst volym slutar {ends_on}.",
        source=source,
        ends_on=row["ends_on"],
        **known,
    )


def advice(text: str, *, registers: pd.DataFrame, needed: Sequence[str], source: Source) -> Part:
    """Propose what to do; where a register that the report rests on is missing, that comes first.

    Parameters: text, the proposal when all is there; registers, as the organisation lists those that it has; needed,
    the Swedish names of those that the report rests on.
    """
    missing = [name.lower() for name in needed if name not in set(registers["register"])]
    if not missing:
        return callout("{text}", kind="action", source=source, text=text)
    return callout(
        "Underlaget saknar {missing}. Lägg till {them} i organisationsfilen, så visas det som nu står som okänt.",
        kind="action",
        source=source,
        missing=" och ".join([*([", ".join(missing[:-1])] if missing[1:] else []), missing[-1]]),
        them="det" if len(missing) == 1 else "dem",
    )


def left_out(excluded: Sequence[Exclusion]) -> pd.DataFrame:
    """Lay out what a measure left out as a frame: reason, rows_count, amount_ore."""
    rows = [(item.reason, item.rows, item.amount_ore) for item in excluded]
    return pd.DataFrame(rows, columns=["reason", "rows_count", "amount_ore"])

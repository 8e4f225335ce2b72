"""Sentences as plain text, for titles and alternative texts, and comparisons in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from procanalysis.report import numbers
from procanalysis.report.sentences import sentence
from procanalysis.schema import KeyFigure, Source

if TYPE_CHECKING:  # the index of a run that changed nothing has no frames
    import pandas as pd


def words(template: str, *, source: Source | None = None, otherwise: str = "", **values: object) -> str:
    """Put formatted values into a sentence, as `finding` does, and return it as plain text.

    Parameters: template, a literal with {names}; source, gives the currency; otherwise, what to say when one of the
    values is unknown; values, formatted by the ends of their names.

    >>> words("{name} står för {share_pct}", name="Bygg", share_pct=22)
    'Bygg står för 22,0\\xa0%'
    >>> words("{name} står för {share_pct}", otherwise="Ingen köper något", name=None, share_pct=None)
    'Ingen köper något'
    """
    return sentence(template, values, currency=source.currency if source else "SEK", otherwise=otherwise)[0]


def first_row(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the first row of a sorted frame by column, with None in every column when there are no rows.

    Sentences about what is largest then fall back on their `otherwise`.

    >>> import pandas as pd
    >>> first_row(pd.DataFrame({"unit_name": ["Regionservice"], "amount_ore": [100]}))["unit_name"]
    'Regionservice'
    >>> first_row(pd.DataFrame({"unit_name": []}))
    {'unit_name': None}
    """
    if frame.empty:
        return dict.fromkeys(map(str, frame.columns))
    return {str(name): frame[name].iloc[0] for name in frame.columns}


def compared(figure: KeyFigure, before: KeyFigure | None, since: str, *, otherwise: str = "") -> KeyFigure:
    """Return a key figure with its change in words: percent for kronor and counts, percentage points for shares.

    Parameters: figure and before, the same measure for two periods; since, the earlier period in words; otherwise,
    what to say when there is nothing to compare with. Nothing is compared with an unknown or non-positive earlier
    value.
    """
    if before is None or figure.value is None or before.value is None:
        return replace(figure, comparison=otherwise)
    difference = figure.value - before.value
    if figure.unit == "%":
        return replace(figure, comparison=f"{numbers.percentage_points(difference)} jämfört med {since}")
    if before.value <= 0:
        return replace(figure, comparison=otherwise)
    return replace(figure, comparison=numbers.change(difference * Decimal(100) / before.value, since))

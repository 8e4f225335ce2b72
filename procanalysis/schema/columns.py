"""What a canonical table is: named columns with a type, a meaning and whether a row may lack them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from procanalysis.errors import MeasureError, did_you_mean

ColumnType = Literal["text", "integer", "date", "decimal"]


@dataclass(frozen=True)
class Column:
    """Describe one column: its type, what it means, and whether a row may lack it."""

    name: str
    type: ColumnType
    meaning: str
    required: bool = False


def names(table: Iterable[Column]) -> list[str]:
    """List the column names of a canonical table, in order.

    >>> names([Column("year", "integer", "the calendar year"), Column("part", "text", "what the figure is of")])
    ['year', 'part']
    """
    return [column.name for column in table]


def require_columns(present: Iterable[str], needed: Iterable[str], measure: str) -> None:
    """Raise MeasureError when a frame lacks a column that a measure needs.

    >>> require_columns(["amount"], ["amount_ore"], "spend_by")
    Traceback (most recent call last):
    procanalysis.errors.MeasureError: spend_by: the frame has no column 'amount_ore'. Did you mean 'amount'?
    """
    has = list(present)
    for name in needed:
        if name not in has:
            raise MeasureError(f"{measure}: the frame has no column '{name}'. {did_you_mean(name, has)}")

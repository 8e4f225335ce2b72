"""Compare a printed amount with what other printed amounts give, and tell rounding from what is unexplained."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures.wording import MINUS, number_text, quantity_text

Row = dict[Hashable, Any]

ORE_PER_TKR = 100_000


@dataclass(frozen=True)
class Comparison:
    """Hold a printed amount beside what it should be, and how much rounding can have moved it. All in öre."""

    printed: int
    reckoned: int
    rounding: int

    @property
    def off(self) -> int:
        """What is printed minus what it should be."""
        return self.printed - self.reckoned

    @property
    def verdict(self) -> str:
        """One of CONSISTENCY_VERDICTS."""
        if not self.off:
            return "agrees"
        return "rounding" if abs(self.off) <= self.rounding else "contradiction"


def compared(printed: int, terms: Sequence[int], step_ore: int) -> Comparison:
    """Compare a printed amount with the sum of its terms.

    Every printed amount may lie half a step away from the real one: the printed one and each of its terms.

    >>> compared(-869, [-487, -141, -240], step_ore=1)
    Comparison(printed=-869, reckoned=-868, rounding=2)
    """
    return Comparison(printed, sum(terms), (len(terms) + 1) * step_ore // 2)


def ore_or_none(cell: Any) -> int | None:
    """Return an amount of a frame, None where it is missing."""
    return None if pd.isna(cell) else int(cell)


def minus(one: int | None, other: int | None) -> int | None:
    """Subtract, None when either is missing."""
    return None if one is None or other is None else one - other


def tkr(amount_ore: int) -> Decimal:
    """Turn öre into thousands of kronor, exactly."""
    return Decimal(amount_ore) / ORE_PER_TKR


def tkr_text(amount_ore: int) -> str:
    """Write öre as thousands of kronor with the unit."""
    return quantity_text(tkr(amount_ore), "tkr")


def signed_text(amount_ore: int) -> str:
    """Write a difference in thousands of kronor with its sign."""
    return f"{'+' if amount_ore > 0 else ''}{tkr_text(amount_ore)}"


def added_text(terms: Iterable[int]) -> str:
    """Write amounts as they are added, in thousands of kronor without the unit.

    >>> added_text([-35_202_00000, -1_789_00000]).replace("\\xa0", " ")
    '−35 202 − 1 789'
    """
    first, *rest = [(each < 0, number_text(abs(tkr(each)))) for each in terms]
    written = f"{MINUS if first[0] else ''}{first[1]}"
    return written + "".join(f" {MINUS if below else '+'} {size}" for below, size in rest)


def difference_words(found: Comparison) -> str:
    """Say what a difference comes to: nothing, rounding, or that rounding cannot explain it."""
    if found.verdict == "agrees":
        return "Stämmer."
    apart = tkr_text(abs(found.off))
    if found.verdict == "rounding":
        return f"Skillnaden {apart} ryms i de tryckta talens avrundning ({tkr_text(found.rounding)})."
    return f"Skillnaden {apart} är oförklarad: avrundning kan förklara högst {tkr_text(found.rounding)}."


def check_one(frame: pd.DataFrame, columns: Sequence[str], measure: str) -> None:
    """Raise MeasureError when a frame holds more than one organisation or, where asked, year."""
    for column in columns:
        if frame[column].nunique() > 1:
            raise MeasureError(f"{measure}: the frame has more than one {column}. Give one at a time.")

"""What one method gives for one procurement: exact öre, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from procanalysis.measures.splitting import round_exact
from procanalysis.schema import NO_SAVING_REASONS

Row = Mapping[str, Any]
"""One row of a register as plain values: None for what is missing, days as date, prices as Decimal."""

REGISTER_MISSING = "Organisationen har inget besparingsregister i underlaget"


@dataclass(frozen=True)
class Reckoned:
    """Hold what one method gives for one procurement and year.

    `exact_ore` is None when the method cannot be used; `reason` is then a key of NO_SAVING_REASONS and `reason_text`
    says it in Swedish, with what the register holds.
    """

    exact_ore: Fraction | None
    reason: str = ""
    reason_text: str = ""

    @property
    def yearly_ore(self) -> int | None:
        """The amount rounded once, to whole öre."""
        return None if self.exact_ore is None else round_exact(self.exact_ore)


def not_usable(reason: str, text: str = "") -> Reckoned:
    """Say that a method cannot be used, in the words of NO_SAVING_REASONS unless others tell more.

    >>> not_usable("no_volume").reason_text
    'Volymen saknas'
    """
    return Reckoned(None, reason, text or NO_SAVING_REASONS[reason])


def ore(price_sek: Any) -> Fraction:
    """Turn an exact price in kronor into exact hundredths.

    >>> from decimal import Decimal
    >>> ore(Decimal("0.1275"))
    Fraction(51, 4)
    """
    return Fraction(price_sek) * 100

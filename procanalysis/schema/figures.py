"""Headline figures with all that is needed to defend them, and the few ways in which money is divided and rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, kw_only=True)
class Source:
    """Say where the data of a figure or table come from, and how the organisation wants it shown.

    Every figure, table and key figure demands one, so that nothing is shown without its origin.
    """

    text: str
    organisation: str
    currency: str = "SEK"
    fictional: bool = False
    accent_colour: str = "#12436D"
    logo_path: str = ""


COUNTED_NOUNS: dict[str, str] = {
    "rader": "rad",
    "upphandlingar": "upphandling",
    "artiklar": "artikel",
    "köp": "köp",
    "värden": "värde",
    "kontroller": "kontroll",
}
"""What an exclusion may count, in the plural and in the singular."""


@dataclass(frozen=True)
class Exclusion:
    """Tell what a figure leaves out: why, how many (`counted`, a key of COUNTED_NOUNS), and their sum.

    `amount_ore` is None when no amount is known, never 0. `known` is how many of them the sum is of; None for all.
    """

    reason: str
    rows: int
    amount_ore: int | None
    counted: str = "rader"
    known: int | None = None

    @classmethod
    def of(cls, reason: str, amounts: Sequence[int | None], *, counted: str = "rader") -> Exclusion:
        """Sum the amounts that are known, and say how many they are where some are not.

        >>> Exclusion.of("Utan värde", [700, None, 300], counted="upphandlingar")
        Exclusion(reason='Utan värde', rows=3, amount_ore=1000, counted='upphandlingar', known=2)
        """
        known = [int(amount) for amount in amounts if amount is not None]
        some = len(known) if 0 < len(known) < len(amounts) else None
        return cls(reason, len(amounts), sum(known) if known else None, counted, some)


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """Hold one headline figure with everything needed to defend it.

    `value` is None when the figure cannot be known; `unknown_because` then says why, in Swedish. For a share,
    `numerator` and `denominator` are what was divided, in the unit `part_unit` ('SEK' in kronor, 'st' counted).
    `method` names the page in docs/methods and is the same as the measure's function. `low` and `high` are the least
    and the most that the value can be, where not all is known; None where it is exact.
    """

    id: str
    label: str
    value: Decimal | None
    unit: str
    method: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    part_unit: str = ""
    excluded: tuple[Exclusion, ...] = ()
    comparison: str = ""
    status: str = ""
    unknown_because: str = ""
    low: Decimal | None = None
    high: Decimal | None = None


def kronor(amount_ore: int) -> Decimal:
    """Turn hundredths into kronor, exactly.

    >>> kronor(-150)
    Decimal('-1.50')
    """
    return Decimal(int(amount_ore)).scaleb(-2)


def percent(numerator: int | Decimal, denominator: int | Decimal) -> Decimal | None:
    """Return numerator / denominator × 100, or None when the denominator is not above zero.

    >>> percent(1, 8)
    Decimal('12.5')
    >>> percent(1, 0) is None
    True
    """
    if denominator <= 0:
        return None
    return Decimal(numerator) * 100 / Decimal(denominator)


def round_ore(amount: Decimal) -> int:
    """Round a product in hundredths to whole hundredths, half away from zero. The only place that rounds money.

    >>> round_ore(Decimal("252.5")), round_ore(Decimal("-252.5"))
    (253, -253)
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))

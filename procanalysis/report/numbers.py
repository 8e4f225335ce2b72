"""Swedish numbers: hard spaces, decimal comma, true minus, one unit, and words where a number is unknown.

Rounding is half away from zero and done on Decimal, so that no printed figure depends on binary fractions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from procanalysis.errors import ReportError

HARD_SPACE = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "uppgift saknas"

MONTHS: tuple[str, ...] = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)


@dataclass(frozen=True)
class MoneyUnit:
    """Name a unit of money: how it is written, how many kronor (or pounds) it holds, and its decimals."""

    name: str
    size: int
    decimals: int


def money_units(currency: str) -> tuple[MoneyUnit, ...]:
    """List the units of a currency, smallest first.

    >>> [unit.name for unit in money_units("SEK")]
    ['kr', 'tkr', 'mnkr', 'mdkr']
    """
    words: tuple[str, ...]
    if currency == "SEK":
        words = ("kr", "tkr", "mnkr", "mdkr")
    else:
        sign = {"GBP": "£", "EUR": "€"}.get(currency, currency)
        words = (sign, *(f"{word}{HARD_SPACE}{sign}" for word in ("tusen", "miljoner", "miljarder")))
    return tuple(MoneyUnit(word, 1000**step, (0, 0, 1, 1)[step]) for step, word in enumerate(words))


def to_decimal(value: object) -> Decimal | None:
    """Turn a number of any kind into a Decimal, and everything missing or infinite into None.

    >>> to_decimal(1.5), to_decimal(float("nan")), to_decimal(None)
    (Decimal('1.5'), None, None)
    """
    if value is None:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(int(value))
    if isinstance(value, float):
        # repr gives the shortest decimal that means this float, which is what the writer meant.
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if hasattr(value, "item"):
        return to_decimal(value.item())
    return None


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Round half away from zero.

    >>> rounded(Decimal("0.25"), 1), rounded(Decimal("-0.25"), 1)
    (Decimal('0.3'), Decimal('-0.3'))
    """
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: object, decimals: int = 0) -> str:
    """Write a number with thousands in groups and a decimal comma.

    >>> number(Decimal("-1234.56"), 1).replace(HARD_SPACE, "_")
    '−1_234,6'
    >>> number(None)
    'uppgift saknas'
    """
    exact = to_decimal(value)
    if exact is None:
        return UNKNOWN
    figure = rounded(exact, decimals)
    text = f"{abs(figure):,.{decimals}f}".replace(",", HARD_SPACE).replace(".", ",")
    return f"{MINUS}{text}" if figure < 0 else text


def count(value: object) -> str:
    """Write a whole number.

    >>> count(68021).replace(HARD_SPACE, "_")
    '68_021'
    """
    return number(value, 0)


def percent(value: object, decimals: int = 1) -> str:
    """Write a share that is already in percent.

    >>> percent(Decimal("12.34")).replace(HARD_SPACE, "_")
    '12,3_%'
    """
    return _with_unit(number(value, decimals), "%")


def percentage_points(value: object, decimals: int = 1) -> str:
    """Write a difference between two shares, with its sign.

    >>> percentage_points(Decimal("2.5")).replace(HARD_SPACE, "_")
    '+2,5_procentenheter'
    """
    text = number(value, decimals)
    exact = to_decimal(value)
    sign = "+" if exact is not None and rounded(exact, decimals) > 0 else ""
    return _with_unit(f"{sign}{text}" if exact is not None else text, "procentenheter")


def change(value: object, since: str, decimals: int = 1) -> str:
    """Say a change in percent in words, which reads better than a signed number.

    >>> change(Decimal("-6.1"), "2023").replace(HARD_SPACE, "_")
    '6,1_% lägre än 2023'
    >>> change(0, "2023")
    'oförändrat jämfört med 2023'
    """
    exact = to_decimal(value)
    if exact is None:
        return UNKNOWN
    if rounded(exact, decimals) == 0:
        return f"oförändrat jämfört med {since}"
    return f"{percent(abs(exact), decimals)} {'högre' if exact > 0 else 'lägre'} än {since}"


def amount(ore: object, currency: str = "SEK", unit: str | None = None) -> str:
    """Write an amount in the unit that suits its size, or in the unit named.

    kr up to 100 000, then tkr, mnkr from a million and mdkr from a milliard. Below 100 kr öre are shown when
    there are any.

    >>> [amount(value).replace(HARD_SPACE, "_") for value in (4550, 1234500, 45_000_000, 5_390_000_000)]
    ['45,50_kr', '12_345_kr', '450_tkr', '53,9_mnkr']
    >>> amount(1_230_000_000, "GBP").replace(HARD_SPACE, "_")
    '12,3_miljoner_£'
    """
    exact = to_decimal(ore)
    if exact is None:
        return UNKNOWN
    main = exact.scaleb(-2)
    chosen = unit_named(unit, currency) if unit else _unit_for(main, currency)
    value, decimals = main / chosen.size, chosen.decimals
    if not unit and chosen.size == 1 and abs(main) < 100 and main != main.to_integral_value():
        decimals = 2
    elif not unit and chosen.decimals and abs(rounded(value, 1)) >= 100:
        decimals = 0
    elif not unit and chosen.size == 1000**3 and abs(value) < 10:
        decimals = 2  # a tenth of a milliard is a hundred million: too coarse
    return _with_unit(number(value, decimals), chosen.name)


def amount_exact(ore: object, currency: str = "SEK") -> str:
    """Write an amount to the öre.

    >>> amount_exact(45018728339).replace(HARD_SPACE, "_")
    '450_187_283,39_kr'
    """
    exact = to_decimal(ore)
    return UNKNOWN if exact is None else _with_unit(number(exact.scaleb(-2), 2), money_units(currency)[0].name)


def common_unit(ores: Iterable[object], currency: str = "SEK") -> MoneyUnit:
    """Choose the one unit in which a column or chart is shown.

    The largest amount decides: kr below 100 000 kr, tkr below 10 mnkr, mnkr below 100 mdkr, else mdkr. Where
    the smallest amount would then be rounded to nothing, a unit with less rounding is taken as long as the
    largest keeps at most six figures.

    >>> common_unit([5_390_000_000, 820_000_000]).name
    'mnkr'
    >>> common_unit([5_390_000_000, 1_200_000]).name
    'tkr'
    """
    sizes = [abs(exact.scaleb(-2)) for exact in map(to_decimal, ores) if exact]
    units = money_units(currency)
    if not sizes:
        return units[0]
    largest, smallest = max(sizes), min(sizes)
    step = sum(largest >= limit for limit in (10**5, 10**7, 10**11))
    while step > 0:
        smaller = units[step - 1]
        if rounded(smallest / units[step].size, units[step].decimals) or largest / smaller.size >= 10**6:
            break
        step -= 1
    return units[step]


def in_unit(ore: object, unit: MoneyUnit) -> str:
    """Write an amount in a unit that the header already names. What is too small to show says so.

    >>> mnkr = money_units("SEK")[2]
    >>> in_unit(5_390_000_000, mnkr), in_unit(100, mnkr).replace(HARD_SPACE, "_")
    ('53,9', '<_0,1')
    """
    exact = to_decimal(ore)
    if exact is None:
        return UNKNOWN
    value = exact.scaleb(-2) / unit.size
    if value and not rounded(value, unit.decimals):
        least = number(Decimal(1).scaleb(-unit.decimals), unit.decimals)
        return f"<{HARD_SPACE}{least}" if value > 0 else f">{HARD_SPACE}{MINUS}{least}"
    return number(value, unit.decimals)


def unit_named(name: str, currency: str = "SEK") -> MoneyUnit:
    """Find a unit by its name.

    Raises ReportError when the currency has no such unit.
    """
    units = money_units(currency)
    for unit in units:
        if unit.name == name:
            return unit
    raise ReportError(f"amount: '{name}' is not a unit of {currency}. Valid: {', '.join(u.name for u in units)}.")


def carbon(kilograms: object) -> str:
    """Write an amount of CO2 equivalents, in tonnes from ten thousand kilograms on.

    >>> [carbon(value).replace(HARD_SPACE, "_") for value in (9999, Decimal(12345678), None)]
    ['9_999_kg_CO2e', '12_346_ton_CO2e', 'uppgift saknas']
    """
    exact = to_decimal(kilograms)
    if exact is None:
        return UNKNOWN
    if abs(exact) >= 10_000:
        return _with_unit(number(exact / 1000), f"ton{HARD_SPACE}CO2e")
    return _with_unit(number(exact), f"kg{HARD_SPACE}CO2e")


def date_iso(value: object) -> str:
    """Write a day as 2024-01-31, for tables.

    >>> date_iso(date(2024, 1, 31))
    '2024-01-31'
    """
    day = to_date(value)
    return UNKNOWN if day is None else day.isoformat()


def date_in_words(value: object) -> str:
    """Write a day as one says it, for sentences.

    >>> date_in_words(date(2024, 1, 31)).replace(HARD_SPACE, "_")
    '31_januari 2024'
    """
    day = to_date(value)
    return UNKNOWN if day is None else f"{day.day}{HARD_SPACE}{MONTHS[day.month - 1]} {day.year}"


def to_date(value: object) -> date | None:
    """Turn a day of any kind (date, timestamp, ISO text) into a date, and what is no day into None.

    >>> to_date("2024-01-31"), to_date("snart")
    (datetime.date(2024, 1, 31), None)
    """
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    if type(value).__name__ == "NaTType":  # a datetime by its class, but no day
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return to_date(str(value)) if hasattr(value, "astype") else None


def _unit_for(main: Decimal, currency: str) -> MoneyUnit:
    units = money_units(currency)
    if abs(main) < 100_000 and rounded(abs(main), 0) < 100_000:
        return units[0]
    for unit, following in itertools.pairwise(units[1:]):
        # Rounded first, so that 999 999 kr becomes 1,0 mnkr and never 1 000 tkr.
        if rounded(abs(main) / unit.size, 0) < 1000 and abs(main) < following.size:
            return unit
    return units[-1]


def _with_unit(text: str, unit: str) -> str:
    return text if text == UNKNOWN else f"{text}{HARD_SPACE}{unit}"

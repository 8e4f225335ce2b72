"""Write amounts, counts and shares the Swedish way, in the sentences that the measures themselves produce."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.schema import INDICATOR_UNITS, kronor

HARD_SPACE = "\u00a0"
MINUS = "\u2212"
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip


NO_CONTRACT_REGISTER = "Organisationen har inget avtalsregister i underlaget"
NO_FOLLOW_UP_REGISTER = "Organisationen har inget uppföljningsregister i underlaget"
NO_PROCUREMENT_LIST = "Organisationen har ingen förteckning över upphandlingar i underlaget"
FOLLOW_UP_FORMS: dict[str, str] = {
    "A": "Uppföljningsmöten",
    "B": "Uppföljningsmöten",
    "C": "Avstämningar via e-post, telefon eller uppföljningsmöte",
    "D": "Avstämningar via e-post, telefon eller uppföljningsmöte",
}
"""How contracts of each class are followed up. Source: published/contract_classes.csv (UHC)."""


def number_text(value: int | Decimal, decimals: int = 0) -> str:
    """Write a number with hard spaces between thousands, a decimal comma and a true minus sign.

    >>> number_text(-12345).replace(HARD_SPACE, " ")
    '−12 345'
    """
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}".replace(",", HARD_SPACE).replace(".", ",")
    return f"{MINUS}{text}" if rounded < 0 else text


def currency_sign(currency: str) -> str:
    """Write a currency as a reader does after an amount, with its code where it has no sign of its own.

    >>> currency_sign("SEK"), currency_sign("GBP"), currency_sign("NOK")
    ('kr', '£', 'NOK')
    """
    return {"SEK": "kr", "GBP": "£", "EUR": "€"}.get(currency, currency)


def amount_text(amount_ore: int, currency: str = "SEK") -> str:
    """Write öre as whole kronor with the unit.

    >>> amount_text(1234550).replace(HARD_SPACE, " ")
    '12 346 kr'
    """
    return f"{number_text(kronor(amount_ore))}{HARD_SPACE}{currency_sign(currency)}"


def percent_text(value: int | float | Decimal, decimals: int = 1) -> str:
    """Write a share, without decimals when it is whole.

    >>> percent_text(95).replace(HARD_SPACE, " ")
    '95 %'
    """
    exact = Decimal(str(value))
    return f"{number_text(exact, 0 if exact == exact.to_integral_value() else decimals)}{HARD_SPACE}%"


def interval_text(low: Decimal | None, high: Decimal | None) -> str:
    """Write an interval of shares with as many decimals as it takes to see it; empty where the ends do not differ.

    >>> interval_text(Decimal("60"), Decimal("75.25")).replace(HARD_SPACE, " ")
    'mellan 60 % och 75,3 %'
    """
    if low is None or high is None:
        return ""
    for decimals in (1, 2, 3):
        ends = percent_text(low, decimals), percent_text(high, decimals)
        if ends[0] != ends[1]:
            return f"mellan {ends[0]} och {ends[1]}"
    return ""


def goal_status(low: Decimal | None, high: Decimal | None, target_pct: Decimal | int) -> str:
    """Judge an interval against a goal: met when what is proven reaches it, off when not even what is possible does.

    >>> [goal_status(Decimal(60), Decimal(75), goal) for goal in (60, 70, 80)]
    ['met', 'unknown', 'off']
    """
    if low is None or high is None:
        return "unknown"
    if low >= target_pct:
        return "met"
    return "off" if high < target_pct else "unknown"


def month_text(month: str) -> str:
    """Write 2025-03 as 'mars 2025'.

    >>> month_text("2025-03")
    'mars 2025'
    """
    year, number = month.split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


_OF_ONE = {"procentenheter": "procentenhet", "personer": "person", "timmar": "timme"}


def quantity_text(value: Decimal, unit: str, *, most_decimals: int = 2) -> str:
    """Write a reported figure with its unit, one of INDICATOR_UNITS, with as many decimals as it has up to a limit.

    Raises MeasureError when the unit is unknown.

    >>> quantity_text(Decimal("23.50"), "percent").replace(HARD_SPACE, " ")
    '23,5 %'
    >>> quantity_text(Decimal("-6.5"), "percentage_points").replace(HARD_SPACE, " ")
    '−6,5 procentenheter'
    """
    if unit not in INDICATOR_UNITS:
        raise MeasureError(f"quantity_text: '{unit}' is not a unit. {did_you_mean(unit, INDICATOR_UNITS)}")
    exponent = round(value, most_decimals).normalize().as_tuple().exponent
    decimals = max(-exponent if isinstance(exponent, int) else 0, 0)
    word = INDICATOR_UNITS[unit]
    return f"{number_text(value, decimals)}{HARD_SPACE}{_OF_ONE.get(word, word) if abs(value) == 1 else word}"


def carbon_text(kilograms: int | Decimal) -> str:
    """Write an amount of CO2 equivalents, in tonnes from ten thousand kilograms on.

    >>> carbon_text(9999).replace(HARD_SPACE, " "), carbon_text(12345678).replace(HARD_SPACE, " ")
    ('9 999 kg CO2e', '12 346 ton CO2e')
    """
    in_tonnes = abs(Decimal(kilograms)) >= 10_000
    figure = number_text(Decimal(kilograms) / 1000 if in_tonnes else kilograms)
    return f"{figure}{HARD_SPACE}{'ton' if in_tonnes else 'kg'}{HARD_SPACE}CO2e"

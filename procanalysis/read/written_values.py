"""Read the numbers and days of a register as the ledger's casts do, value by value.

The rules are those of `casting`, which reads whole columns of a ledger in SQL. A register has some hundred different
values, and to ask the engine for each of its tables takes longer than to read them here; a test holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_SPACES = " \t\n\f\r\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200C))) + "\u202f\u205f\u3000\ufeff"
_MINUS_SIGNS = str.maketrans(dict.fromkeys("−–‐‑", "-"))
_CURRENCY = "(?:kr|sek|gbp|eur|£|€|:-)"
_CURRENCY_BEFORE = re.compile(rf"\A{_CURRENCY}", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(rf"{_CURRENCY}\Z", re.IGNORECASE)
_PLAIN = re.compile(r"-?[0-9]+([.,][0-9]{1,2})?")
_BRACKETED = re.compile(r"\(.+\)")
_MINUS_LAST = re.compile(r"[^-]+-")
_SPACES_AFTER_SIGN = re.compile(rf"\A([+-])[{_SPACES}]+")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}([{_SPACES}'’][0-9]{{3}})+([.,][0-9]+)?")
_WITHOUT_GROUPS = str.maketrans(dict.fromkeys(f"{_SPACES}'’"))
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_SIGNED_WHOLE = re.compile(r"[+-][0-9]+")
_FORMS_OF_SIGN = (
    (",", re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[+-]?[0-9]*,[0-9]+")),
    (".", re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[+-]?[0-9]*\.[0-9]+")),
    (",", re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")),
    (".", re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3}){2,}")),
)
_ZEROS_AFTER_TWO = re.compile(r"(\.[0-9]{2}[0-9]*?)0*\Z")
_TWO_DECIMALS = re.compile(r"[+-]?([0-9]+(\.[0-9]{0,2})?|\.[0-9]{1,2})")
_TOO_LARGE = Decimal(10**11)

_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})([T ].*)?")
_EIGHT_DIGITS = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"((?:19|20)[0-9]{2})-?([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})([T ].*)?")


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """Hold a number with a decimal point, None when it cannot be read, and the same as an amount in hundredths.

    amount_reason: why it is no amount, '' when it is one.
    """

    number: str | None
    amount_ore: int | None
    amount_reason: str


def read_numbers(written: Collection[str], decimal: str) -> dict[str, ReadNumber]:
    """Read each distinct number of a file in the ways in which ledgers write amounts.

    Parameters: written, the numbers; decimal, ',' or '.', or 'auto' when the numbers are to tell.

    >>> read_numbers(["1 234,50 kr"], "auto")["1 234,50 kr"]
    ReadNumber(number='1234.50', amount_ore=123450, amount_reason='')
    """
    clean = {text: _undressed(text) for text in written}
    sign: str | None = decimal
    if decimal == "auto":
        signs = {_decimal_sign(text) for text in clean.values()} - {None}
        sign = signs.pop() if len(signs) == 1 else None
    return {text: _read_number(bare, sign) for text, bare in clean.items()}


def _undressed(text: str) -> str:
    """Take away a currency, brackets, a minus at the end and groups of three, step by step until it is plain."""
    for step in (_without_currency, _with_leading_minus, _ungrouped):
        if _PLAIN.fullmatch(text):
            break
        text = step(text)
    return text


def _without_currency(text: str) -> str:
    bare = text.strip(_SPACES).translate(_MINUS_SIGNS)
    return _CURRENCY_AFTER.sub("", _CURRENCY_BEFORE.sub("", bare)).strip(_SPACES)


def _with_leading_minus(text: str) -> str:
    if _BRACKETED.fullmatch(text):
        return "-" + text[1:-1].strip(_SPACES)
    if _MINUS_LAST.fullmatch(text):
        return "-" + text[:-1].strip(_SPACES)
    return _SPACES_AFTER_SIGN.sub(r"\1", text)


def _ungrouped(text: str) -> str:
    return text.translate(_WITHOUT_GROUPS) if _GROUPED.fullmatch(text) else text


def _decimal_sign(text: str) -> str | None:
    if _AMBIGUOUS.fullmatch(text):
        return None
    return next((sign for sign, form in _FORMS_OF_SIGN if form.fullmatch(text)), None)


def _read_number(text: str, sign: str | None) -> ReadNumber:
    number = _with_point(text, sign)
    if number is None:
        return ReadNumber(None, None, "amount_ambiguous" if _AMBIGUOUS.fullmatch(text) else "amount_unreadable")
    if not _PLAIN.fullmatch(number):
        number = _ZEROS_AFTER_TWO.sub(r"\1", number)
    if not _TWO_DECIMALS.fullmatch(number):
        return ReadNumber(number, None, "amount_decimals")
    value = Decimal(number)
    if abs(value) >= _TOO_LARGE:
        return ReadNumber(number, None, "amount_too_large")
    return ReadNumber(number, int(value * 100), "")


def _with_point(text: str, sign: str | None) -> str | None:
    """Return a number with a point and no separators; None when it is none in this file's way of writing."""
    if _PLAIN.fullmatch(text):
        return text.replace(",", ".")
    if _SIGNED_WHOLE.fullmatch(text):
        return text
    if _AMBIGUOUS.fullmatch(text):
        if sign is None:
            return None
        return text.replace(sign, ".") if sign in text else text.replace(",", "").replace(".", "")
    own = _decimal_sign(text)
    if own == ",":
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "") if own == "." else None


def read_days(written: Collection[str], date_order: str) -> dict[str, tuple[date, bool]]:
    """Return each readable day, and whether it is a month without a day, which then stands for the month's first.

    Parameters: written, the days; date_order, 'day-month-year' or 'month-day-year' for days that end with the year, or
    'auto' when the days are to tell.

    >>> read_days(["2025-02-30", "31/12 2025", "31/12/2025", "202502"], "auto")
    {'31/12/2025': (datetime.date(2025, 12, 31), False), '202502': (datetime.date(2025, 2, 1), True)}
    """
    trimmed = {text: text.strip(_SPACES) for text in written}
    month_first = date_order == "month-day-year"
    if date_order == "auto":
        readable = [sum(_day(text, first) is not None for text in trimmed.values()) for first in (False, True)]
        month_first = readable[1] > readable[0]
    days = {text: _day(bare, month_first) for text, bare in trimmed.items()}
    return {
        text: (day, _MONTH.fullmatch(trimmed[text]) is not None)
        for text, day in days.items()
        if day is not None and day.year >= 1900
    }


def _day(text: str, month_first: bool) -> date | None:
    if match := _YEAR_FIRST.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text):
        year, month, day = match[1], match[2], match[3]
    elif match := _MONTH.fullmatch(text):
        year, month, day = match[1], match[2], "1"
    elif match := _YEAR_LAST.fullmatch(text):
        year, month, day = (match[3], match[1], match[2]) if month_first else (match[3], match[2], match[1])
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

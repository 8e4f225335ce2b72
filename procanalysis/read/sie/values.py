"""Read the amounts, quantities, days and objects of a SIE file, exactly or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:([.,])([0-9]*))?")
_KRONOR_DIGITS = 11
_QUANTITY = re.compile(r"[+-]?(?=[0-9.])[0-9]{0,15}(?:\.[0-9]{0,15})?")
_DAY = re.compile(r"([12][0-9]{3})(0[1-9]|1[0-2])([0-3][0-9])")
_DIMENSION = re.compile(r"[0-9]{1,4}")
_YEAR = re.compile(r"0|-?[0-9]{1,2}")


class Amount(NamedTuple):
    """Hold an amount in hundredths, or None and one of REJECT_REASONS."""

    ore: int | None
    reason: str = ""
    has_comma: bool = False


def read_amount(written: str) -> Amount:
    """Read an amount with a decimal point and at most two decimals, as the standard writes them.

    A decimal comma is read where it cannot be anything else (one or two digits after it). Amounts of a hundred billion
    kronor or more are none.

    >>> [read_amount(written).ore for written in ("-195.5", "100", "+.05", "12,5")]
    [-19550, 10000, 5, 1250]
    >>> [read_amount(written).reason for written in ("", "12.345", "1,234", "1e5", "1 000")]
    ['amount_missing', 'amount_decimals', 'amount_ambiguous', 'amount_unreadable', 'amount_unreadable']
    """
    if not written.strip():
        return Amount(None, "amount_missing")
    match = _NUMBER.fullmatch(written)
    if match is None or not (match[2] or match[4]):
        return Amount(None, "amount_unreadable")
    sign, whole, mark, decimals = match[1], match[2].lstrip("0"), match[3], match[4] or ""
    if mark == "," and len(decimals) == 3:
        return Amount(None, "amount_ambiguous")
    if len(decimals) > 2:
        return Amount(None, "amount_decimals")
    if len(whole) > _KRONOR_DIGITS:
        return Amount(None, "amount_too_large")
    ore = int(whole or "0") * 100 + int(decimals.ljust(2, "0"))
    return Amount(-ore if sign == "-" else ore, has_comma=mark == ",")


def read_quantity(written: str) -> Decimal | None:
    """Read a quantity exactly; None when it is no number with a decimal point.

    >>> read_quantity("0.000000"), read_quantity("-2.5"), read_quantity("två")
    (Decimal('0.000000'), Decimal('-2.5'), None)
    """
    if not _QUANTITY.fullmatch(written) or not re.search("[0-9]", written):
        return None
    return Decimal(written)


@lru_cache(maxsize=10_000)
def read_day(written: str) -> date | None:
    """Read a day written as 20210105; None when it is no day of the calendar.

    >>> read_day("20210105"), read_day("20210230"), read_day("2021-01-05")
    (datetime.date(2021, 1, 5), None, None)
    """
    if not (match := _DAY.fullmatch(written)):
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def read_dimension(written: str) -> int | None:
    """Read the number of a dimension, at most four digits; None when it is none.

    >>> read_dimension("6"), read_dimension("06"), read_dimension("sex")
    (6, 6, None)
    """
    return int(written) if _DIMENSION.fullmatch(written) else None


def read_year_number(written: str) -> int | None:
    """Read the number of a financial year: 0 for the file's own, -1 for the one before.

    >>> read_year_number("-1"), read_year_number("2021")
    (-1, None)
    """
    return int(written) if _YEAR.fullmatch(written) else None


@dataclass(frozen=True, slots=True)
class Objects:
    """Hold the objects of a row by dimension, and the fault that leaves some unknown ('' when none does)."""

    codes: dict[int, str]
    fault: str = ""


@lru_cache(maxsize=50_000)
def read_objects(written: tuple[str, ...] | None) -> Objects:
    """Read a list of dimension and object in turns.

    When they cannot be paired, all are left out; when one dimension stands twice with different objects, that one is.

    >>> read_objects(("1", "Nord", "6", "0001")).codes
    {1: 'Nord', 6: '0001'}
    >>> read_objects(("1", "Nord", "6")).fault, read_objects(("1", "Nord", "1", "Syd"))
    ('objects_unreadable', Objects(codes={}, fault='dimension_repeated'))
    """
    parts = written or ()
    dimensions = [read_dimension(part) for part in parts[::2]]
    if len(parts) % 2 or None in dimensions:
        return Objects({}, "objects_unreadable")
    codes: dict[int, str] = {}
    repeated: set[int] = set()
    for dimension, code in zip(dimensions, parts[1::2], strict=True):
        if dimension is None or not code:
            continue
        if codes.setdefault(dimension, code) != code:
            repeated.add(dimension)
    kept = {dimension: code for dimension, code in codes.items() if dimension not in repeated}
    return Objects(kept, "dimension_repeated" if repeated else "")

"""Read the values of a UBL element: texts, references, days, amounts in hundredths and exact figures.

XML writes numbers in one way only (a point, no grouping, no exponent), so nothing is guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Context, Decimal
from xml.etree.ElementTree import Element

from procanalysis.read.peppol.safe_xml import RefusedDocument, refuse
from procanalysis.read.register_rows import clean_text
from procanalysis.schema import round_ore

EXACT = Context(prec=100)
"""Products and sums of what a document may hold are exact in this many digits."""

_SPACE = " \t\r\n"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DAY = re.compile(r"(19[89][0-9]|20[0-9]{2})-([01][0-9])-([0-3][0-9])(Z|[+-][0-9]{2}:[0-9]{2})?")
_LONGEST_NUMBER = 40
_TOO_LARGE = Decimal(10**11)
_MOST_DECIMALS = 12


def only(element: Element, path: str) -> str | None:
    """Return the text of what may stand once; None when it is missing or empty. Refuses a document that repeats it."""
    found = element.findall(path)
    if len(found) > 1:
        refuse("element_repeated", path, f"{len(found)} gånger")
    text = (found[0].text or "").strip(_SPACE) if found else ""
    return text or None


def needed(element: Element, path: str) -> str:
    """Return the text of what has to stand once."""
    text = only(element, path)
    if text is None:
        refuse("document_incomplete", path)
    return text


def texts(element: Element, path: str) -> str | None:
    """Return a text fit to be shown, several joined by semicolons, or None."""
    return joined(found.text or "" for found in element.findall(path))


def joined(written: Iterable[str]) -> str | None:
    """Join distinct texts by semicolons, cleaned; None when nothing is left.

    >>> joined(["Papper ", "", "A4", "A4"])
    'Papper; A4'
    """
    parts = dict.fromkeys(part for text in written if (part := clean_text(text)))
    return "; ".join(parts) or None


def day(element: Element, path: str) -> date | None:
    """Return a day, or None when it is missing."""
    written = only(element, path)
    return None if written is None else as_day(written, path)


def as_day(written: str, path: str) -> date:
    """Return the day that a text writes, a time zone disregarded.

    >>> as_day("2024-02-29", "IssueDate"), as_day("2024-02-29+01:00", "IssueDate")
    (datetime.date(2024, 2, 29), datetime.date(2024, 2, 29))
    """
    match = _DAY.fullmatch(written)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass  # the 31st of a month with 30 days
    raise RefusedDocument("date_unreadable", path, written)


def amount(element: Element, path: str, currency: str) -> int | None:
    """Return an amount in hundredths, or None when it is missing. Its currency is the document's, or left out."""
    found = element.find(path)
    written = only(element, path)
    if found is None or written is None:
        return None
    if found.get("currencyID", currency) != currency:
        raise RefusedDocument("currencies_mixed", path, found.get("currencyID", ""))
    number = _number(written, path, "amount_unreadable")
    if abs(number) >= _TOO_LARGE:
        raise RefusedDocument("amount_too_large", path, written)
    hundredths = EXACT.multiply(number, Decimal(100))
    if hundredths != hundredths.to_integral_value():
        raise RefusedDocument("amount_decimals", path, written)
    return int(hundredths)


def needed_amount(element: Element, path: str, currency: str) -> int:
    """Return an amount that has to be there."""
    found = amount(element, path, currency)
    if found is None:
        refuse("amount_missing", path)
    return found


def figure(element: Element, path: str, *, may_be_negative: bool = True) -> Decimal | None:
    """Return a quantity, price or percentage as written, without zeros at its end, or None when it is missing."""
    written = only(element, path)
    return None if written is None else as_figure(written, path, may_be_negative=may_be_negative)


def as_figure(written: str, path: str, *, may_be_negative: bool = True) -> Decimal:
    """Return the exact figure that a text writes.

    >>> as_figure("12.500", "BaseQuantity"), as_figure("100", "BaseQuantity")
    (Decimal('12.5'), Decimal('100'))
    """
    number = _number(written, path, "figure_unreadable")
    if abs(number) >= _TOO_LARGE:
        raise RefusedDocument("amount_too_large", path, written)
    plain = Decimal(int(number)) if number == number.to_integral_value() else number.normalize(EXACT)
    if -int(plain.as_tuple().exponent) > _MOST_DECIMALS:
        raise RefusedDocument("figure_unreadable", path, written)
    if number < 0 and not may_be_negative:
        raise RefusedDocument("figure_negative", path, written)
    return plain


def hundredths_of(number: Decimal) -> int:
    """Round an exact amount in the currency to hundredths, half away from zero."""
    return round_ore(EXACT.multiply(number, Decimal(100)))


def _number(written: str, path: str, reason: str) -> Decimal:
    if len(written) > _LONGEST_NUMBER or not _NUMBER.fullmatch(written):
        raise RefusedDocument(reason, path, written)
    return Decimal(written)

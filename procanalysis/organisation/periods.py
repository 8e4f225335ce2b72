"""Spans of days, in words."""

from __future__ import annotations

from procanalysis.params import Period

_MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
           "december")  # fmt: skip


def period_in_words(period: Period) -> str:
    """Write a period as a Swedish reader would.

    >>> from procanalysis.params import parse_period
    >>> period_in_words(parse_period("2016-03")), period_in_words(parse_period("2025"))
    ('mars 2016', '2025')
    >>> period_in_words(parse_period("2020-04--2021-03"))
    'april 2020–mars 2021'
    """
    first, last = period.starts_on, period.ends_on
    if (first.year, first.month) == (last.year, last.month):
        return f"{_MONTHS[first.month - 1]} {first.year}"
    if (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    return f"{_MONTHS[first.month - 1]} {first.year}–{_MONTHS[last.month - 1]} {last.year}"

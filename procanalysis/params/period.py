"""The span of days that a report covers."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from procanalysis.errors import ParamsError


@dataclass(frozen=True)
class Period:
    """Hold a span of whole days with the name it goes by."""

    label: str
    starts_on: date
    ends_on: date

    @property
    def months(self) -> int:
        """How many months the period covers."""
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month + 1

    @property
    def calendar_year(self) -> int | None:
        """The calendar year that the period is, or None when it is any other span.

        >>> parse_period("2025-01--2025-12").calendar_year, parse_period("2024-07--2025-06").calendar_year
        (2025, None)
        """
        return self.ends_on.year if self.months == 12 and self.starts_on.month == 1 else None

    def before(self) -> Period:
        """Return the period of the same length just before.

        >>> parse_period("2025").before().label
        '2024'
        >>> parse_period("2025-01").before().label
        '2024-12'
        >>> parse_period("2025-Q1").before().label
        '2024-Q4'
        """
        first = _add_months(self.starts_on, -self.months)
        last = self.starts_on - timedelta(days=1)
        if self.months == 12 and first.month == 1:
            label = str(first.year)
        elif self.months == 3 and first.month % 3 == 1:
            label = f"{first.year}-Q{(first.month + 2) // 3}"
        elif self.months == 1:
            label = f"{first:%Y-%m}"
        else:
            label = f"{first:%Y-%m}--{last:%Y-%m}"
        return Period(label, first, last)


def _add_months(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def parse_period(text: str) -> Period:
    """Read a period: a year, a month, a quarter, or a span of months.

    Parameters: text, one of '2025', '2025-03', '2025-Q1', '2020-04--2021-03'.
    Returns the Period. Raises ParamsError when the text is none of these.

    >>> parse_period("2020-04--2021-03").ends_on
    datetime.date(2021, 3, 31)
    """
    years = "((?:19|20)[0-9]{2})"
    months = f"{years}-(0[1-9]|1[0-2])"
    if re.fullmatch(years, text):
        year = int(text)
        return Period(text, date(year, 1, 1), date(year, 12, 31))
    if match := re.fullmatch(f"{years}-Q([1-4])", text):
        first = date(int(match[1]), 3 * int(match[2]) - 2, 1)
        return Period(text, first, _month_end(_add_months(first, 2)))
    if match := re.fullmatch(months, text):
        first = date(int(match[1]), int(match[2]), 1)
        return Period(text, first, _month_end(first))
    if match := re.fullmatch(f"{months}--{months}", text):
        first, last = date(int(match[1]), int(match[2]), 1), date(int(match[3]), int(match[4]), 1)
        if first <= last:
            return Period(text, first, _month_end(last))
    raise ParamsError(
        f"'{text}' is not a period. Write a year (2025), a month (2025-03), a quarter (2025-Q1) "
        "or a span of months (2020-04--2021-03)."
    )

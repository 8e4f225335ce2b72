"""One month of an organisation or of one of its units, with the months that it is held against."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from procanalysis.measures.frames import NativeFrame
from procanalysis.organisation.engines import between, count_lines, different, last_day, of_unit
from procanalysis.organisation.periods import period_in_words
from procanalysis.params import Period, parse_period
from procanalysis.schema import Source


@dataclass(frozen=True)
class OrganisationMonth:
    """Hold the lines of a month and of the months since January, and of the same months a year earlier.

    Those a year earlier are None when the ledger cannot tell; not_compared_because and so_far_not_compared_because then
    say why, in Swedish. year_back holds the twelve months up to the end of the month. called holds, in lower case, all
    names by which a contract register can mean the unit: its own, and the name and number of its buyer. It is empty for
    the whole organisation. source is where all of it comes from.
    """

    unit: str
    period: Period
    so_far: Period
    called: frozenset[str]
    lines: NativeFrame
    lines_so_far: NativeFrame
    year_back: NativeFrame
    before: NativeFrame | None
    before_so_far: NativeFrame | None
    not_compared_because: str
    so_far_not_compared_because: str
    source: Source

    @property
    def as_of(self) -> date:
        """The day on which contracts and savings are judged: the last of the month."""
        return self.period.ends_on

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.period.ends_on.year

    @property
    def about(self) -> str:
        """The unit, or words for the whole organisation."""
        return self.unit or "hela organisationen"

    @property
    def name(self) -> str:
        """The month in words, in Swedish."""
        return period_in_words(self.period)

    @property
    def name_before(self) -> str:
        """The same month a year earlier, in words."""
        return period_in_words(_year_earlier(self.period))

    @property
    def so_far_name(self) -> str:
        """The months since January, in words."""
        return period_in_words(self.so_far)

    @property
    def so_far_name_before(self) -> str:
        """The same months a year earlier, in words."""
        return period_in_words(_year_earlier(self.so_far))


def month_of(
    all_lines: NativeFrame,
    lines: NativeFrame,
    unit: str,
    *,
    first_day: date,
    source: Callable[[str, str], Source],
) -> OrganisationMonth:
    """Take out the last month that has postings, for the whole organisation or for one unit.

    Parameters: all_lines of the ledger, with dates; lines of the period asked for, at least one; unit, as the ledger
    writes it, or empty; first_day, the ledger's first; source, made from the unit and the months in words. The
    month is the organisation's last also for a unit that has bought nothing in it.
    """
    last = last_day(lines)
    period = parse_period(f"{last:%Y-%m}")
    so_far = parse_period(f"{last:%Y}-01--{last:%Y-%m}")
    earlier = _year_earlier(period)
    own, called = all_lines, set[str]()
    if unit:
        own = of_unit(all_lines, unit)
        called = {unit.lower()}
        for name, number in different(own, "buyer", "buyer_id").fillna("").itertuples(index=False, name=None):
            called |= {name.lower(), re.sub(r"\D", "", number)} - {""}
    before, because = _compared(own, earlier, first_day)
    before_so_far, so_far_because = _compared(own, _year_earlier(so_far), first_day)
    return OrganisationMonth(
        unit=unit,
        period=period,
        so_far=so_far,
        called=frozenset(called),
        lines=between(own, period),
        lines_so_far=between(own, so_far),
        year_back=between(own, Period("", earlier.ends_on + timedelta(days=1), period.ends_on)),
        before=before,
        before_so_far=before_so_far,
        not_compared_because=because,
        so_far_not_compared_because=so_far_because,
        source=source(unit, period_in_words(so_far)),
    )


def _year_earlier(period: Period) -> Period:
    """Move a span of whole months a year back.

    >>> _year_earlier(parse_period("2024-02")).ends_on, _year_earlier(parse_period("2025-02")).ends_on
    (datetime.date(2023, 2, 28), datetime.date(2024, 2, 29))
    """
    first, last = period.starts_on, period.ends_on
    days = calendar.monthrange(last.year - 1, last.month)[1]
    return Period("", first.replace(year=first.year - 1), date(last.year - 1, last.month, days))


def _compared(lines: NativeFrame, period: Period, first_day: date) -> tuple[NativeFrame | None, str]:
    name = period_in_words(period)
    if (first_day.year, first_day.month) > (period.starts_on.year, period.starts_on.month):
        return None, f"Underlaget börjar {first_day}, så {name} går inte att jämföra med"
    found = between(lines, period)
    if not count_lines(found)[0]:
        return None, f"Underlaget har inga rader från {name} att jämföra med"
    return found, ""

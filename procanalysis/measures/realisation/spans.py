"""The days of a period in which each awarded contract's saving counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from procanalysis.errors import MeasureError
from procanalysis.measures.splitting import AWARDS_REJECTED, Counted, days_of_year, first_replacements, last_day_counted

SPAN_COLUMNS = (
    "procurement_id", "title", "replaces_procurement_id", "starts_on", "ends_on", "rejected_awards_count",
)  # fmt: skip
NO_DAYS = "Avtalets första eller sista dag är okänd"
NOT_IN_PERIOD = "Avtalets besparing räknas inte under perioden"


@dataclass(frozen=True)
class Span:
    """Hold the days of the period that count for one contract, and how many years they make; or why there are none."""

    first: date | None
    last: date | None
    years: Fraction
    reason: str

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether the saving is known not to count in the period."""
        return self.reason == NOT_IN_PERIOD

    def holds(self, day: date) -> bool:
        """Tell whether a day counts."""
        return self.first is not None and self.last is not None and self.first <= day <= self.last


def check_period(measure: str, starts_on: date, ends_on: date) -> None:
    """Raise MeasureError when a period ends before it starts."""
    if ends_on < starts_on:
        raise MeasureError(f"{measure}: the period ends on {ends_on}, before it starts on {starts_on}. Swap the days.")


def spans(
    awards: Sequence[Mapping[str, Any]], starts_on: date, ends_on: date, counted: Counted, measure: str
) -> dict[str, Span]:
    """Find the days that count for each award, by procurement.

    A contract counts from its first to its last day, but no longer than to the day before the award that replaces it
    begins. Years: the days in each calendar year / the days of that year, summed. Raises MeasureError when a
    procurement stands twice.
    """
    replacements = first_replacements(awards)
    replaced = {name: begins for name, (begins, _) in replacements.items()}
    found: dict[str, Span] = {}
    for row in awards:
        name = row["procurement_id"]
        if name in found:
            raise MeasureError(f"{measure}: procurement '{name}' stands twice among the awards. Give it one row.")
        found[name] = _span(row, replaced.get(name), starts_on, ends_on, counted)
    return found


def _span(row: Mapping[str, Any], replaced_on: date | None, starts_on: date, ends_on: date, counted: Counted) -> Span:
    first, last = row["starts_on"], row["ends_on"]
    if first is None or last is None:
        return Span(None, None, Fraction(0), NO_DAYS)
    if replaced_on is not None:
        last = min(last, replaced_on - timedelta(days=1))
    if last < first:
        return Span(None, None, Fraction(0), NOT_IN_PERIOD)
    last = min(last_day_counted(first, last, counted=counted), ends_on)
    first = max(first, starts_on)
    if last < first:
        return Span(None, None, Fraction(0), NOT_IN_PERIOD)
    if row["rejected_awards_count"]:
        return Span(None, None, Fraction(0), AWARDS_REJECTED)
    years = Fraction(0)
    for year in range(first.year, last.year + 1):
        days = (min(last, date(year, 12, 31)) - max(first, date(year, 1, 1))).days + 1
        years += Fraction(days, days_of_year(year))
    return Span(first, last, years, "")

"""Exact splits of money, by shares and over the years of a contract: the parts sum to the whole, to the öre."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from procanalysis.errors import MeasureError, examples

Counted = Literal["contract_life", "first_year_only"]

AWARDS_REJECTED = "En rad som gäller eller ersätter upphandlingen kunde inte läsas"
"""Why the days of a contract are not known, although it has a first and a last one."""


def split_by_shares(amount_ore: int, shares_pct: Mapping[str, Decimal]) -> dict[str, int]:
    """Split an amount by shares so that the parts sum to it, to the öre.

    Formula: each part is amount × share / 100 cut towards zero; the öre left over go one by one to the parts that
    lost most by the cut (largest remainder), and between equals to the name that sorts first. A negative amount is
    split as its opposite.

    Parameters: `amount_ore` is what to split. `shares_pct` holds each receiver's percent, above 0, exact, together
    exactly 100.
    Returns: receiver -> öre, in the order of `shares_pct`.
    Raises: MeasureError when a share is not above zero or the shares do not sum to exactly 100.
    Source: methods.md 4.5.

    >>> split_by_shares(100_01, {"A": Decimal(20), "B": Decimal(50), "C": Decimal(30)})
    {'A': 2000, 'B': 5001, 'C': 3000}
    >>> split_by_shares(-1, {"A": Decimal(50), "B": Decimal(50)})
    {'A': -1, 'B': 0}
    """
    shares = _exact_shares(shares_pct)
    sign, whole = (-1 if amount_ore < 0 else 1), abs(int(amount_ore))
    exact = {name: whole * share / 100 for name, share in shares.items()}
    parts = {name: int(part) for name, part in exact.items()}
    by_loss = sorted(shares, key=lambda name: (parts[name] - exact[name], name))
    for name in by_loss[: whole - sum(parts.values())]:
        parts[name] += 1
    return {name: sign * part for name, part in parts.items()}


def split_over_years(
    yearly_ore: int | Decimal, starts_on: date, ends_on: date, *, counted: Counted = "contract_life"
) -> dict[int, int]:
    """Split a yearly amount over the calendar years in which a contract runs.

    Formula: S_y = yearly × days of the contract in y / days of y, both the first and the last day counted and a leap
    year of 366 days. Each part is the rounded sum so far less the rounded sum before it, so that the parts sum to
    the rounded exact whole.

    Parameters: `yearly_ore` is the amount of a full year. `starts_on` and `ends_on` are the contract's first and last
    day, exercised options counted. `counted` is 'contract_life', or 'first_year_only' for the first twelve months.
    Returns: year -> öre for every year that the contract touches, in order.
    Raises: MeasureError when the contract ends before it starts or `counted` is another word.
    Source: methods.md 4.4.

    >>> split_over_years(1_200_000_00, date(2025, 4, 1), date(2026, 12, 31))
    {2025: 90410959, 2026: 120000000}
    >>> split_over_years(1_200_000_00, date(2025, 4, 1), date(2029, 3, 31), counted="first_year_only")
    {2025: 90410959, 2026: 29589041}
    """
    last = last_day_counted(starts_on, ends_on, counted=counted)
    parts: dict[int, int] = {}
    so_far, given = Fraction(0), 0
    for year in range(starts_on.year, last.year + 1):
        days = (min(last, date(year, 12, 31)) - max(starts_on, date(year, 1, 1))).days + 1
        so_far += Fraction(yearly_ore) * days / days_of_year(year)
        parts[year] = round_exact(so_far) - given
        given += parts[year]
    return parts


def last_day_counted(starts_on: date, ends_on: date, *, counted: Counted = "contract_life") -> date:
    """Give the last day whose saving counts.

    Parameters: `starts_on` and `ends_on` are the contract's first and last day. `counted` is 'contract_life' for the
    whole contract or 'first_year_only' for its first twelve months at most.
    Returns: the last day.
    Raises: MeasureError when the contract ends before it starts or `counted` is another word.
    Source: methods.md 4.4.

    >>> last_day_counted(date(2024, 2, 29), date(2028, 2, 28), counted="first_year_only")
    datetime.date(2025, 2, 28)
    """
    if ends_on < starts_on:
        raise MeasureError(
            f"split_over_years: the contract ends {ends_on} before it starts {starts_on}. Correct one of the dates."
        )
    if counted == "contract_life":
        return ends_on
    if counted != "first_year_only":
        raise MeasureError(f"split_over_years: counted is '{counted}'. Valid: contract_life, first_year_only.")
    if starts_on.year == date.max.year:
        return ends_on
    leap_day = (starts_on.month, starts_on.day) == (2, 29)
    anniversary = date(starts_on.year + 1, 3, 1) if leap_day else starts_on.replace(year=starts_on.year + 1)
    return min(ends_on, anniversary - timedelta(days=1))


def first_replacements(awards: Sequence[Mapping[str, Any]]) -> dict[str, tuple[date, str]]:
    """Find when each award is replaced: the first start among those that replace it, and which one starts then.

    A replacement without start day is passed over to the one that replaces it in turn, since the first contract is
    over by then. An award never replaces itself, and a circle of replacements is walked once.

    Parameters: `awards` holds rows with procurement_id, replaces_procurement_id and starts_on; None for what is
    missing.
    Returns: replaced procurement -> (day, the procurement that starts then).
    Source: methods.md 4.4, re-basing.

    >>> first_replacements([{"procurement_id": "B", "replaces_procurement_id": "A", "starts_on": date(2027, 1, 1)}])
    {'A': (datetime.date(2027, 1, 1), 'B')}
    """
    starts = {row["procurement_id"]: row["starts_on"] for row in awards}
    replacing: dict[str, list[str]] = {}
    for row in awards:
        if row["replaces_procurement_id"] is not None:
            replacing.setdefault(row["replaces_procurement_id"], []).append(row["procurement_id"])
    found = {}
    for name in replacing:
        seen, waiting = {name}, [name]
        begun: list[tuple[date, str]] = []
        while waiting:
            for new in replacing.get(waiting.pop(), ()):
                if new not in seen:
                    seen.add(new)
                    if starts[new] is None:
                        waiting.append(new)
                    else:
                        begun.append((starts[new], new))
        if begun:
            found[name] = min(begun)
    return found


def days_of_year(year: int) -> int:
    """Count the days of a calendar year.

    >>> days_of_year(2024), days_of_year(2100)
    (366, 365)
    """
    return 366 if calendar.isleap(year) else 365


def round_parts(exact: Sequence[Fraction], whole_ore: int) -> list[int]:
    """Round exact parts to whole öre that sum to a whole already rounded.

    Formula: each part is cut downwards; the öre left over go one by one to the parts that lost most by the cut
    (largest remainder), and between equals to the first.

    Parameters: `exact` are the parts in öre, of either sign. `whole_ore` is what they shall sum to.
    Returns: the öre of each part, in the same order.
    Raises: MeasureError when there is no part to carry a whole other than zero.
    Source: methods.md 4.5.

    >>> round_parts([Fraction(5, 2), Fraction(-1, 2), Fraction(0)], 2)
    [3, -1, 0]
    """
    if not exact:
        if whole_ore:
            raise MeasureError(f"round_parts: there is no part to carry {whole_ore} öre. Give the parts of the whole.")
        return []
    parts = [part.__floor__() for part in exact]
    each, more = divmod(whole_ore - sum(parts), len(parts))
    by_loss = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    first = set(by_loss[:more])
    return [part + each + (place in first) for place, part in enumerate(parts)]


def round_exact(amount: Fraction) -> int:
    """Round an exact amount to whole öre, half away from zero, as schema.round_ore does for decimals.

    >>> round_exact(Fraction(5, 2)), round_exact(Fraction(-5, 2))
    (3, -3)
    """
    whole = (abs(amount) + Fraction(1, 2)).__floor__()
    return whole if amount >= 0 else -whole


def _exact_shares(shares_pct: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Check the shares and turn them into fractions, where nothing is rounded away."""
    for name, share in shares_pct.items():
        if not Decimal(share).is_finite() or share <= 0:
            raise MeasureError(
                f"split_by_shares: the share of '{name}' is {share}. Give a percent above 0 as an exact decimal, "
                "or leave the receiver out."
            )
    shares = {name: Fraction(share) for name, share in shares_pct.items()}
    total = sum(shares.values(), Fraction(0))
    if total != 100:
        listed = examples(f"{name} {share}" for name, share in shares_pct.items())
        raise MeasureError(
            f"split_by_shares: the shares sum to {float(total):.10g}, not to exactly 100 ({listed}). Correct them."
        )
    return shares

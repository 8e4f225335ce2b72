"""The carry-over ledger: each contract's saving, calendar year by calendar year and receiver by receiver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.measures import frames
from procanalysis.measures.savings.reckoned import Row
from procanalysis.measures.savings.triage import SavingTriage
from procanalysis.measures.splitting import (
    AWARDS_REJECTED,
    Counted,
    days_of_year,
    first_replacements,
    last_day_counted,
    split_by_shares,
    split_over_years,
)
from procanalysis.schema import FAR_FUTURE

OWN, COORDINATED, NOT_STATED = "egen", "samordnad", "okänt"
SHARES_REJECTED = "Fördelningen kunde inte läsas"
REPLACED_FIRST = "Ersätts av ett nytt avtal innan det egna har hunnit gälla"
COORDINATED_GROUP, NOT_STATED_GROUP = "Samordnade", "Okänt om samordnad"

_RULES: dict[Counted, str] = {
    "contract_life": "Besparingen per år räknas för de dagar då avtalet gäller i kalenderåret.",
    "first_year_only": "Besparingen per år räknas för avtalets första tolv månader, dag för dag i kalenderåret.",
}
_RULE = "{} Optioner räknas bara när de är utnyttjade, och ett nytt avtal avslutar det gamla avtalets besparing."

_TRIAGE_COLUMNS = (
    "procurement_id", "title", "category_code", "organisation", "is_coordinated", "starts_on", "ends_on",
    "responsible", "method", "method_name", "yearly_ore", "cost_avoidance_ore", "unknown_because",
)  # fmt: skip
_AWARD_COLUMNS = (
    "procurement_id", "replaces_procurement_id", "starts_on", "rejected_awards_count", "rejected_shares_count",
)  # fmt: skip
_LEDGER: dict[str, str] = {
    "year": "int64", "procurement_id": "str", "title": "str", "category_code": "str", "responsible": "str",
    "method": "str", "method_name": "str", "organisation": "str", "group": "str", "reporting_group": "str",
    "is_new": "bool", "first_on": "datetime64[us]", "last_on": "datetime64[us]", "days": "int64",
    "saving_ore": "Int64", "cost_avoidance_ore": "Int64", "basis": "str",
}  # fmt: skip
_LEFT_OUT: dict[str, str] = {
    "procurement_id": "str", "title": "str", "method": "str", "method_name": "str", "yearly_ore": "Int64",
    "cost_avoidance_ore": "Int64", "replaced_by": "str", "reason": "str",
}  # fmt: skip
_WITHOUT_METHOD: dict[str, str] = {
    "procurement_id": "str", "title": "str", "starts_on": "datetime64[us]", "ends_on": "datetime64[us]",
    "unknown_because": "str",
}  # fmt: skip


@dataclass(frozen=True)
class CarryOver:
    """Hold the ledger, the savings that cannot be split over years, the awards without any method, and the rule."""

    ledger: pd.DataFrame
    left_out: pd.DataFrame
    without_method: pd.DataFrame
    rule: str


@dataclass(frozen=True)
class _Span:
    """Hold the days whose saving counts, and what ended them early."""

    first: date
    last: date
    note: str = ""


def carry_over(
    triage: SavingTriage,
    awards: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    counted: Counted = "contract_life",
    own_name: str,
) -> CarryOver:
    """Split each procurement's yearly saving over the calendar years of its contract and between the receivers.

    Formula: S_y as in `split_over_years`, then by `split_by_shares` within the year; the rows of a procurement sum to
    its exact whole, rounded once. An award that another one replaces ends the day before the first of its replacements
    starts, if that is earlier; a replacement without start day is passed over to the one that replaces it in turn.

    Parameters: `triage`, as `saving_triage` returns it. `awards` is schema.AWARDS and `shares` schema.SAVING_SHARES,
    of which the kind organisation is used here; a procurement without shares goes whole to the organisation that it
    was made for, `own_name` where none is stated, and to SHARES_REJECTED where a row of them could not be read.
    `counted` is 'contract_life' or 'first_year_only'.
    Returns: CarryOver. ledger has one row per calendar year, procurement and receiver, in that order: year,
    procurement_id, title, category_code, responsible, method, method_name, organisation (the receiver), group ('egen',
    'samordnad' or 'okänt'), reporting_group (the receiver's name for an own contract, else 'Samordnade' or 'Okänt om
    samordnad'), is_new (the contract starts that year), first_on, last_on and days (those counted in the year),
    saving_ore, cost_avoidance_ore (on its own, never added; each missing when unknown) and basis (in Swedish).
    left_out has the awards with an amount that cannot be split: procurement_id, title, method, method_name,
    yearly_ore, cost_avoidance_ore, replaced_by (where that is why), reason. without_method has the awards without a
    saving: procurement_id, title, starts_on, ends_on, unknown_because. rule says in Swedish how years are counted.
    Raises: MeasureError when the shares of a procurement do not sum to exactly 100, or the frames do not belong
    together.
    Source: methods.md 4.4 and 4.5, requirements R77-R78.
    """
    if counted not in _RULES:
        raise MeasureError(f"carry_over: counted is '{counted}'. Valid: {', '.join(_RULES)}.")
    listed = frames.plain_rows(triage.procurements, _TRIAGE_COLUMNS, "carry_over")
    replaced = frames.plain_rows(awards, _AWARD_COLUMNS, "carry_over")
    unknown = {row["procurement_id"] for row in listed} ^ {row["procurement_id"] for row in replaced}
    if unknown:
        raise MeasureError(
            f"carry_over: {examples(sorted(unknown))} is not in both triage and awards. Triage them all."
        )
    rejected = {row["procurement_id"]: row for row in replaced}
    shares_of = _organisation_shares(shares)
    replacements = first_replacements(replaced)
    ledger: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for award in listed:
        if award["yearly_ore"] is None and award["cost_avoidance_ore"] is None:
            continue
        name = award["procurement_id"]
        span = _span(award, replacements.get(name), counted)
        if rejected[name]["rejected_awards_count"]:
            span = AWARDS_REJECTED
        if isinstance(span, str):
            replaced_by = replacements[name][1] if span == REPLACED_FIRST else None
            left_out.append({**award, "replaced_by": replaced_by, "reason": span})
        else:
            receivers = shares_of.get(name, {award["organisation"] or own_name: Decimal(100)})
            if rejected[name]["rejected_shares_count"]:
                receivers = {SHARES_REJECTED: Decimal(100)}
            ledger += _years(award, span, receivers)
    ledger.sort(key=lambda row: row["year"])
    return CarryOver(
        ledger=frames.framed(ledger, _LEDGER),
        left_out=frames.framed(left_out, _LEFT_OUT),
        without_method=frames.framed([row for row in listed if row["method"] is None], _WITHOUT_METHOD),
        rule=_RULE.format(_RULES[counted]),
    )


def _years(award: Row, span: _Span, receivers: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """Make the ledger rows of one procurement."""
    savings = _by_year(award["yearly_ore"], span)
    avoided = _by_year(award["cost_avoidance_ore"], span)
    group = {1: COORDINATED, 0: OWN}.get(award["is_coordinated"], NOT_STATED)
    rows = []
    for year in range(span.first.year, span.last.year + 1):
        first, last = max(span.first, date(year, 1, 1)), min(span.last, date(year, 12, 31))
        days = (last - first).days + 1
        saving_parts = _by_receiver(award, savings.get(year), receivers)
        avoided_parts = _by_receiver(award, avoided.get(year), receivers)
        for name in receivers:
            rows.append(
                {
                    **award,
                    "year": year,
                    "organisation": name,
                    "group": group,
                    "reporting_group": {COORDINATED: COORDINATED_GROUP, OWN: name}.get(group, NOT_STATED_GROUP),
                    "is_new": award["starts_on"].year == year,
                    "first_on": first,
                    "last_on": last,
                    "days": days,
                    "saving_ore": saving_parts.get(name),
                    "cost_avoidance_ore": avoided_parts.get(name),
                    "basis": f"{days} av {days_of_year(year)} dagar{span.note if last == span.last else ''}",
                }
            )
    return rows


def _by_year(yearly_ore: int | None, span: _Span) -> dict[int, int]:
    return {} if yearly_ore is None else split_over_years(yearly_ore, span.first, span.last)


def _by_receiver(award: Row, amount_ore: int | None, receivers: Mapping[str, Decimal]) -> dict[str, int]:
    if amount_ore is None:
        return {}
    try:
        return split_by_shares(amount_ore, receivers)
    except MeasureError as error:
        raise MeasureError(f"carry_over: procurement {award['procurement_id']}: {error}") from error


def _span(award: Row, replacement: tuple[date, str] | None, counted: Counted) -> _Span | str:
    """Find the days whose saving counts; in words why there are none."""
    starts_on, ends_on = award["starts_on"], award["ends_on"]
    if starts_on is None:
        return "Avtalets startdag saknas"
    if ends_on is None:
        return "Avtalets slutdag saknas"
    if ends_on < starts_on:
        return "Avtalets slutdag ligger före startdagen"
    last, note = last_day_counted(starts_on, ends_on, counted=counted), ""
    if replacement is not None and replacement[0] <= last:
        new_start, new_name = replacement
        if new_start <= starts_on:
            return REPLACED_FIRST
        last, note = new_start - timedelta(days=1), f", slutar {new_start - timedelta(days=1)} då {new_name} tar vid"
    if last == FAR_FUTURE:
        return "Avtalet gäller tills vidare, och besparingen har ingen slutdag"
    return _Span(starts_on, last, note)


def _organisation_shares(shares: pd.DataFrame) -> dict[str, dict[str, Decimal]]:
    columns = ["procurement_id", "receiver_kind", "receiver", "share_pct"]
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in frames.plain_rows(shares, columns, "carry_over"):
        if row["receiver_kind"] == "organisation":
            given = found[row["procurement_id"]]
            given[row["receiver"]] = given.get(row["receiver"], Decimal(0)) + row["share_pct"]
    return found

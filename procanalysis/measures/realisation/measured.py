"""What order and invoice lines show: the promised saving, the realised one, and each cause of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames
from procanalysis.measures.realisation.own_part import OWN_COLUMNS, SHARE_COLUMNS, OwnPart, own_parts
from procanalysis.measures.realisation.spans import SPAN_COLUMNS, Span, check_period, spans
from procanalysis.measures.splitting import Counted, round_exact, round_parts
from procanalysis.schema import NO_SAVING_REASONS, percent

CAUSES: dict[str, str] = {
    "not_started": "Ej påbörjat",
    "volume": "Lägre volym",
    "off_contract": "Köp utanför avtal",
    "price_above": "Pris över avtal",
}
"""Why less is realised than promised, in the order in which the bridge shows it."""

AMOUNTS = ("promised_ore", *(f"{cause}_ore" for cause in CAUSES), "realised_ore", "leakage_ore")

ALL_UNITS = "Alla enheter"
"""The one row of a procurement whose units' shares are not known."""

NO_UNIT = "Enhet saknas"
NO_PURCHASES = "Inga köp av upphandlingens artiklar är redovisade under perioden"
PURCHASES_REJECTED = "Ett eller flera köp kunde inte läsas"
UNREADABLE = (PURCHASES_REJECTED, NO_SAVING_REASONS["prices_rejected"])
"""Why a procurement's purchases tell nothing until the organisation has mended its lists."""

NEW_ARTICLE = "Artikeln har inget tidigare pris att jämföra med"
UNKNOWN_PROCUREMENT = "Upphandlingen finns inte bland de tilldelade"
UNKNOWN_ARTICLE = "Artikeln finns inte bland upphandlingens priser"
OUTSIDE_PERIOD = "Köpt utanför perioden"
OUTSIDE_CONTRACT = "Köpt på en dag då avtalets besparing inte räknas"

_AWARDS = (
    *SPAN_COLUMNS, *OWN_COLUMNS, "is_comparable", "is_monetary", "rejected_prices_count", "rejected_purchases_count",
)  # fmt: skip
_PRICES = ("procurement_id", "article_id", "quantity", "indexed_previous_price_sek", "new_price_sek", "reason")
_PURCHASES = (
    "procurement_id", "article_id", "unit", "bought_on", "quantity", "price_paid_sek", "is_on_contract",
)  # fmt: skip
_TYPES = {
    "procurement_id": "str", "title": "str", "unit": "str", "share_pct": "object",
    **dict.fromkeys(AMOUNTS, "int64"), "rate_pct": "float64", "largest_cause": "str",
    "purchases_count": "int64", "paid_ore": "int64",
}  # fmt: skip


@dataclass(frozen=True)
class Realisation:
    """Hold what the purchases show of the savings promised in a period.

    rows: one per procurement and unit: procurement_id, title, unit (ALL_UNITS where shares are not known), share_pct
    (exact, missing for a unit without share and for ALL_UNITS), promised_ore, not_started_ore, volume_ore,
    off_contract_ore, price_above_ore, realised_ore, leakage_ore (promised - realised, the sum of the four causes),
    rate_pct (realised / promised, missing unless promised is above zero), largest_cause (in Swedish; '' when none takes
    anything), purchases_count, paid_ore.
    causes: the bridge: step, step_name, amount_ore (a cause that takes from the saving is negative), is_total; no rows
    when nothing was measured.
    excluded: the purchases left out: procurement_id, title, reason, rows_count, amount_ore.
    not_measured: the procurements left out: procurement_id, title, reason.
    """

    rows: pd.DataFrame
    causes: pd.DataFrame
    excluded: pd.DataFrame
    not_measured: pd.DataFrame


@dataclass
class _Bought:
    """Add up what one unit bought of one procurement's articles; a unit that has one has started."""

    on_contract: dict[str, Fraction] = field(default_factory=dict)
    off_contract: dict[str, Fraction] = field(default_factory=dict)
    paid_on_contract: dict[str, Fraction] = field(default_factory=dict)
    paid: Fraction = Fraction(0)
    count: int = 0

    def add(self, article: str, quantity: Fraction, value: Fraction, on_contract: bool) -> None:
        """Add one purchase."""
        quantities = self.on_contract if on_contract else self.off_contract
        quantities[article] = quantities.get(article, Fraction(0)) + quantity
        if on_contract:
            self.paid_on_contract[article] = self.paid_on_contract.get(article, Fraction(0)) + value
        self.paid += value
        self.count += 1


@dataclass(frozen=True)
class _Article:
    quantity: Fraction
    previous: Fraction
    new: Fraction

    @property
    def gain(self) -> Fraction:
        return self.previous - self.new


@dataclass(frozen=True)
class _Basis:
    """Hold what was promised: by procurement the days that count, the articles and units, and why it is not measured.

    new_articles gives the reason for each article that has no gain, by procurement and article.
    """

    days: Mapping[str, Span]
    articles: Mapping[str, Mapping[str, _Article]]
    new_articles: Mapping[tuple[str, str], str]
    units: Mapping[str, Mapping[str, Any]]
    reasons: Mapping[str, str]

    def outside(self, procurement: str, day: date, starts_on: date, ends_on: date) -> str:
        """Say why a purchase says nothing of its procurement in the period; '' when it does."""
        if procurement not in self.days:
            return UNKNOWN_PROCUREMENT
        if not starts_on <= day <= ends_on:
            return OUTSIDE_PERIOD
        return self.reasons[procurement] or ("" if self.days[procurement].holds(day) else OUTSIDE_CONTRACT)

    def without_gain(self, procurement: str, article: str) -> str:
        """Say why an article has no gain to measure; '' when it has."""
        if article in self.articles[procurement]:
            return ""
        return self.new_articles.get((procurement, article), UNKNOWN_ARTICLE)


def realised_savings(
    awards: pd.DataFrame,
    prices: pd.DataFrame,
    purchases: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    own_name: str,
    counted: Counted = "contract_life",
) -> Realisation:
    """Follow each promised saving to what the units paid, and part the difference by cause.

    With the indexed previous price P0, the new price P1, the yearly quantity Q, the part of the year(s) that counts t,
    our own organisation's share o and the unit's share u: promised = Σ (P0 - P1) × Q × t × o × u; realised = Σ (P0 -
    paid) × bought on contract; not_started = promised where the unit bought nothing at all of the procurement; volume =
    Σ (P0 - P1) × (planned - all bought); off_contract = Σ (P0 - P1) × bought elsewhere; price_above = Σ (paid - P1) ×
    bought on contract, planned being Q × t × o × u.
    promised - not_started - volume - off_contract - price_above = realised, to the öre: each procurement's promised
    and realised are rounded once and parted among its units by largest remainder, and so is a unit's difference among
    the causes. volume is negative when more was bought than planned, price_above when less was paid than agreed.

    Parameters
    ----------
    awards: one row per award (AWARDS); of those replaced, the days end before the new one begins.
    prices: one row per article (the triage's `articles`): procurement_id, article_id, quantity (of a year),
        indexed_previous_price_sek, new_price_sek (exact decimals) and reason ('' when the saving could be reckoned).
    purchases: our own order or invoice lines (PRICED_PURCHASES), empty when there are none.
    shares: SAVING_SHARES; 100 per procurement and kind. The rows of kind 'unit' part our own share: without any for a
        procurement, one row stands for all units. A unit that buys without a share stands with nothing promised.
    starts_on, ends_on: the period, both days included. counted: 'contract_life' or 'first_year_only'.
    own_name: our own organisation, as among the shares of kind 'organisation', which give our part; the whole is ours
        without such shares, when the procurement is neither coordinated nor made for another.

    Returns Realisation. Not measured, and returned with the reason: a procurement that is not comparable or not in
    money, lacks previous prices, a price, a quantity or a day, has prices or purchases that could not be read, of
    which our own part is not known, does not count in the period, or has no purchase in it: that is unknown, not zero.
    Raises MeasureError. Source: methods 4.5; requirements R79-R80.
    """
    check_period("realised_savings", starts_on, ends_on)
    awarded = frames.plain_rows(awards, _AWARDS, "realised_savings")
    days = spans(awarded, starts_on, ends_on, counted, "realised_savings")
    titles = {row["procurement_id"]: row["title"] for row in awarded}
    articles, new_articles, reasons = _articles(awarded, frames.plain_rows(prices, _PRICES, "realised_savings"))
    shared = frames.plain_rows(shares, SHARE_COLUMNS, "realised_savings")
    own = own_parts(awarded, shared, own_name, "realised_savings")
    reasons = {name: _why_not(span, reasons[name], own[name]) for name, span in days.items()}
    units = _unit_shares(shared)
    basis = _Basis(days, articles, new_articles, units, reasons)
    lines = frames.plain_rows(purchases, _PURCHASES, "realised_savings")
    bought, left_out = _bought(lines, basis, starts_on, ends_on)
    rows: list[dict[str, Any]] = []
    for name in days:
        part = own[name].part
        if not reasons[name] and part is not None and name in bought:
            found = _procurement(articles[name], days[name].years * part, units.get(name), bought[name])
            rows += [{"procurement_id": name, "title": titles[name], **row} for row in found]
    why = {name: reason or ("" if name in bought else NO_PURCHASES) for name, reason in reasons.items()}
    table = frames.framed(rows, _TYPES)
    table = table.sort_values(
        ["leakage_ore", "procurement_id", "unit"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    return Realisation(table, _bridge(table), _excluded(left_out, titles), _not_measured(why, titles))


def _why_not(span: Span, reason: str, own: OwnPart) -> str:
    """Say why a procurement is not measured, most lasting reason first; that it does not count now goes before all."""
    return span.reason if span.is_elsewhere else reason or own.reason or span.reason


def _articles(
    awarded: Sequence[Mapping[str, Any]], priced: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, dict[str, _Article]], dict[tuple[str, str], str], dict[str, str]]:
    """Gather the articles with a saving, those without a previous price, and why a procurement has none to measure."""
    articles: dict[str, dict[str, _Article]] = {row["procurement_id"]: {} for row in awarded}
    without: dict[tuple[str, str], str] = {}
    incomplete: dict[str, str] = {}
    for row in priced:
        name, article = row["procurement_id"], row["article_id"]
        if name not in articles:
            continue
        if article in articles[name] or (name, article) in without:
            raise MeasureError(
                f"realised_savings: article '{article}' of procurement '{name}' stands twice. Give it one price row."
            )
        previous, new, quantity = (row[key] for key in ("indexed_previous_price_sek", "new_price_sek", "quantity"))
        if previous is not None and new is not None and quantity is not None:
            articles[name][article] = _Article(Fraction(quantity), Fraction(previous), Fraction(new))
            continue
        without[name, article] = row["reason"] or NEW_ARTICLE
        missing = "" if previous is None else "no_prices" if new is None else "no_volume"
        if row["reason"] == NO_SAVING_REASONS["index_incomplete"]:
            missing = "index_incomplete"
        if missing:
            incomplete.setdefault(name, NO_SAVING_REASONS[missing])
    reasons = {}
    for row in awarded:
        name = row["procurement_id"]
        reasons[name] = incomplete.get(name, "" if articles[name] else NO_SAVING_REASONS["no_previous_contract"])
        if row["rejected_purchases_count"]:
            reasons[name] = PURCHASES_REJECTED
        if row["rejected_prices_count"]:
            reasons[name] = NO_SAVING_REASONS["prices_rejected"]
        if row["is_comparable"] == 0:
            reasons[name] = NO_SAVING_REASONS["scope_changed"]
        if row["is_monetary"] == 0:
            reasons[name] = NO_SAVING_REASONS["not_monetary"]
    return articles, without, reasons


def _unit_shares(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Gather the units' shares by procurement, and check that they make the whole."""
    units: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["receiver_kind"] != "unit":
            continue
        of_procurement = units.setdefault(row["procurement_id"], {})
        if row["share_pct"] <= 0 or row["receiver"] in of_procurement:
            raise MeasureError(
                f"realised_savings: the share {row['share_pct']} % of unit '{row['receiver']}' in procurement "
                f"'{row['procurement_id']}' is not above zero or stands twice. Correct the shares."
            )
        of_procurement[row["receiver"]] = row["share_pct"]
    for name, shares in units.items():
        total = sum((Fraction(share) for share in shares.values()), Fraction(0))
        if total != 100:
            raise MeasureError(
                f"realised_savings: the units' shares of procurement '{name}' sum to {float(total):.10g} %, not to "
                "exactly 100. Correct them."
            )
    return units


def _bought(
    rows: Sequence[Mapping[str, Any]], basis: _Basis, starts_on: date, ends_on: date
) -> tuple[dict[str, dict[str, _Bought]], dict[tuple[str, str], list[Fraction]]]:
    """Add up the purchases by procurement and unit, and the value of each that is left out, by reason."""
    bought: dict[str, dict[str, _Bought]] = {}
    left_out: dict[tuple[str, str], list[Fraction]] = {}
    for row in rows:
        name, article = row["procurement_id"], row["article_id"]
        quantity = Fraction(row["quantity"])
        value = quantity * Fraction(row["price_paid_sek"])
        reason = basis.outside(name, row["bought_on"], starts_on, ends_on)
        if not reason:
            reason = basis.without_gain(name, article)
            # Who buys an article that had no price before has begun to use the contract all the same.
            if reason != UNKNOWN_ARTICLE:
                unit = (row["unit"] or NO_UNIT) if name in basis.units else ALL_UNITS
                sums = bought.setdefault(name, {}).setdefault(unit, _Bought())
                if not reason:
                    sums.add(article, quantity, value, row["is_on_contract"] == 1)
        if reason:
            left_out.setdefault((name, reason), []).append(value)
    return bought, left_out


def _procurement(
    articles: Mapping[str, _Article], years: Fraction, shares: Mapping[str, Any] | None, bought: Mapping[str, _Bought]
) -> list[dict[str, Any]]:
    """Make one row per unit of a procurement, rounded so that both units and causes add up."""
    parts = {ALL_UNITS: Fraction(1)} if shares is None else {u: Fraction(s) / 100 for u, s in shares.items()}
    names = [*parts, *sorted(set(bought) - set(parts))]
    exact = [_exact(articles, years * parts.get(unit, Fraction(0)), bought.get(unit, _Bought())) for unit in names]
    promised = _rounded([each["promised"] for each in exact])
    realised = _rounded([each["realised"] for each in exact])
    paid = _rounded([bought[unit].paid * 100 if unit in bought else Fraction(0) for unit in names])
    rows = []
    for place, unit in enumerate(names):
        leakage = promised[place] - realised[place]
        causes = dict.fromkeys(CAUSES, 0)
        if unit in bought:
            wanted = [cause for cause in CAUSES if cause != "not_started"]
            causes |= zip(wanted, round_parts([exact[place][cause] for cause in wanted], leakage), strict=True)
        else:
            causes["not_started"] = leakage
        rows.append(
            {
                "unit": unit,
                "share_pct": None if shares is None else shares.get(unit),
                "promised_ore": promised[place],
                **{f"{cause}_ore": amount for cause, amount in causes.items()},
                "realised_ore": realised[place],
                "leakage_ore": leakage,
                "rate_pct": rate_pct(realised[place], promised[place]),
                "largest_cause": largest_cause(causes),
                "purchases_count": bought[unit].count if unit in bought else 0,
                "paid_ore": paid[place],
            }
        )
    return rows


def _exact(articles: Mapping[str, _Article], years: Fraction, bought: _Bought) -> dict[str, Fraction]:
    """Reckon one unit's amounts in öre, unrounded."""
    sums = dict.fromkeys(("promised", "volume", "off_contract", "price_above", "realised"), Fraction(0))
    for name, article in articles.items():
        on_contract, off_contract, paid = (
            found.get(name, Fraction(0)) for found in (bought.on_contract, bought.off_contract, bought.paid_on_contract)
        )
        planned = article.quantity * years
        sums["promised"] += article.gain * planned
        sums["volume"] += article.gain * (planned - on_contract - off_contract)
        sums["off_contract"] += article.gain * off_contract
        sums["price_above"] += paid - article.new * on_contract
        sums["realised"] += article.previous * on_contract - paid
    return {name: amount * 100 for name, amount in sums.items()}


def _rounded(exact: Sequence[Fraction]) -> list[int]:
    return round_parts(exact, round_exact(sum(exact, Fraction(0))))


def rate_pct(realised_ore: int, promised_ore: int) -> float:
    """Write realised / promised in percent for a table, missing unless something above zero was promised."""
    rate = percent(int(realised_ore), int(promised_ore))
    return float("nan") if rate is None else float(rate)


def largest_cause(causes: Mapping[str, int]) -> str:
    """Name the cause that takes most; the first of equals."""
    cause = max(causes, key=lambda name: causes[name])
    return CAUSES[cause] if causes[cause] > 0 else ""


def _bridge(rows: pd.DataFrame) -> pd.DataFrame:
    """Lay out the steps from promised to realised."""
    steps = [
        ("promised", "Utlovat", 1, 1),
        *((cause, cause_name, -1, 0) for cause, cause_name in CAUSES.items()),
        ("realised", "Realiserat", 1, 1),
    ]
    laid = [
        (step, step_name, sign * int(rows[f"{step}_ore"].sum()), is_total)
        for step, step_name, sign, is_total in steps
        if len(rows)
    ]
    types = {"step": "str", "step_name": "str", "amount_ore": "int64", "is_total": "int64"}
    return frames.framed(laid, types)


def _excluded(left_out: Mapping[tuple[str, str], Sequence[Fraction]], titles: Mapping[str, str]) -> pd.DataFrame:
    rows = [
        (name, titles.get(name), reason, len(values), round_exact(sum(values, Fraction(0)) * 100))
        for (name, reason), values in sorted(left_out.items())
    ]
    types = {"procurement_id": "str", "title": "str", "reason": "str", "rows_count": "int64", "amount_ore": "int64"}
    return frames.framed(rows, types)


def _not_measured(reasons: Mapping[str, str], titles: Mapping[str, str]) -> pd.DataFrame:
    rows = [(name, titles[name], reason) for name, reason in reasons.items() if reason]
    columns = ["procurement_id", "title", "reason"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype("str")

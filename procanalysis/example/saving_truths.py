"""Work out what a right analysis finds in the savings register, from what was planted and in whole fractions."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import asdict
from fractions import Fraction
from math import floor
from statistics import median
from typing import Any

from procanalysis.example.ledger import PERIOD
from procanalysis.example.realised_truths import estimated, realised, rounded
from procanalysis.example.savings import Award, SavingsRegister, days_in_period
from procanalysis.example.savings_files import WrittenSavings
from procanalysis.example.savings_plans import OWN_NAME

Truths = dict[str, Any]
LEAST_QUALIFIED = 3
TARGETS_SEK: dict[int, int] = {
    PERIOD - 2: 9_000_000,
    PERIOD - 1: 11_000_000,
    PERIOD: 13_200_000,
    PERIOD + 1: 12_000_000,
    PERIOD + 2: 10_000_000,
}
"""The yearly targets that the organisation file states; at full size the period falls somewhat short of its own."""
METHODS = ("previous_contract", "market_price", "negotiation")
_DEFINITIONS = {
    "previous_contract": "sum over the articles that have an earlier price of (earlier price × ((100 - share) + share "
    "× index now / index base) / 100 - new price) × quantity",
    "market_price": "(median of the qualified final bids, the winner's among them, - the winner's) × yearly / "
    f"evaluated volume; at least {LEAST_QUALIFIED} qualified bids, one winner and both volumes",
    "negotiation": "(first - final bid of the one winner) × yearly / evaluated volume",
    "method": "the first of previous_contract, market_price, negotiation that can be reckoned",
    "causes": "every reason why a method cannot be used, of which an analysis may state any; where a row of prices or "
    "a bid is rejected, that alone, since what is left is not the whole",
    "per_year": "yearly saving × days of the contract in the year / days of the year, with exercised options, cut on "
    "the day before a replacing award starts; the rounded sum to a year's end less that to the year before",
    "ore": "money is rounded once, half away from zero",
}


def saving_truths(register: SavingsRegister, written: WrittenSavings, spent_ore: dict[str, int]) -> Truths:
    """Return everything planted in the savings register, ready for JSON.

    Parameters: `register`; `written`, its files; `spent_ore`, per contract what was bought on it in the period.
    """
    awards = [_award(one) for one in register.awards]
    parts = _parts(register)
    return {
        "definitions": _DEFINITIONS,
        "files": written.rows_in_file,
        "rejected_rows": [asdict(row) for row in written.rejected],
        "rejected_by_reason": dict(sorted(Counter(row.reason for row in written.rejected).items())),
        "cases": _cases(register),
        "coverage": _coverage(awards),
        "bids": _bids(register),
        "negotiated": {
            "procurements": sum(one["negotiation_ore"] is not None for one in awards),
            "amount_ore": sum(one["negotiation_ore"] or 0 for one in awards),
        },
        "per_year": {str(year): _year(parts, year) for year in sorted({part["year"] for part in parts})},
        "period": {
            name: _by(parts, name) for name in ("organisation", "group", "reporting_group", "method", "category_code")
        },
        "replaced": _replaced(register, parts),
        "left_out": [
            {"procurement_id": one["procurement_id"], "yearly_ore": one["yearly_ore"]}
            for one in awards
            if one["yearly_ore"] is not None and one["ends_on"] is None
        ],
        "targets_sek": {str(year): target for year, target in TARGETS_SEK.items()},
        "realised": realised(register),
        "estimated": estimated(register, _yearly_of_period(awards, parts), spent_ore),
        "awards": awards,
    }


def _award(one: Award) -> Truths:
    causes = {name: find(one) for name, find in _CAUSES.items()}
    ore = {name: None if causes[name] else rounded(_RECKON[name](one) * 100) for name in METHODS}
    method = next((name for name in METHODS if ore[name] is not None), None)
    last_day, bids = one.last_day(), None if one.plan.missing == "readable_bid" else one.bids
    return {
        "procurement_id": one.procurement_id,
        "case": one.plan.case,
        "contract_id": one.contract_id or None,
        "replaces_procurement_id": one.replaces or None,
        "category_code": one.category,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": last_day.isoformat() if last_day else None,
        "bids_count": None if bids is None else len(bids),
        "qualified_bids_count": None if bids is None else sum(bid.is_qualified for bid in bids),
        "rejected_bids_count": int(one.plan.missing == "readable_bid"),
        "rejected_prices_count": int(_lacks_price(one)),
        **{f"{name}_ore": amount for name, amount in ore.items()},
        "causes": {name: found for name, found in causes.items() if found},
        "method": method,
        "yearly_ore": ore[method] if method else None,
        "cost_avoidance_ore": _avoided(one),
        "expected_yearly_ore": one.expected_ore,
        "one_off_cost_ore": one.plan.one_off_sek * 100 or None,
        "is_coordinated": {"ja": 1, "nej": 0}.get(one.plan.coordinated),
    }


# The three methods, in kronor; each is reckoned only when nothing is in its way.


def _by_previous(one: Award) -> Fraction:
    return sum(
        (
            (price.indexed_previous() - Fraction(price.new_price or 0)) * Fraction(price.quantity or 0)
            for price in one.prices
            if price.previous_price is not None
        ),
        Fraction(0),
    )


def _by_market(one: Award) -> Fraction:
    finals = [Fraction(bid.final_ore, 100) for bid in one.bids or () if bid.is_qualified]
    won = next(Fraction(bid.final_ore, 100) for bid in one.bids or () if bid.is_winner)
    return (median(finals) - won) * _volume(one)


def _by_negotiation(one: Award) -> Fraction:
    winner = next(bid for bid in one.bids or () if bid.is_winner)
    return Fraction((winner.first_ore or 0) - winner.final_ore, 100) * _volume(one)


def _volume(one: Award) -> Fraction:
    evaluated, yearly = one.plan.volumes or ("1", "0")
    return Fraction(yearly) / Fraction(evaluated)


_RECKON = {"previous_contract": _by_previous, "market_price": _by_market, "negotiation": _by_negotiation}


def _lacks_price(one: Award) -> bool:
    """Tell whether a row of prices is rejected, so that the rest is not the whole."""
    return one.plan.missing in ("readable_price", "single_article")


def _not_by_previous(one: Award) -> list[str]:
    if one.plan.monetary == "nej":
        return ["not_monetary"]
    if _lacks_price(one):
        return ["prices_rejected"]
    earlier = [price for price in one.prices if price.previous_price is not None]
    found = {
        "scope_changed": one.plan.comparable == "nej",
        "no_previous_contract": not earlier,
        "no_prices": any(price.new_price is None for price in one.prices),
        "no_volume": any(price.quantity is None for price in one.prices),
        "index_incomplete": any(price.indexed_share is not None and price.index_now is None for price in one.prices),
    }
    return [reason for reason, holds in found.items() if holds]


def _not_by_market(one: Award) -> list[str]:
    if one.plan.monetary == "nej":
        return ["not_monetary"]
    if one.plan.missing == "readable_bid":
        return ["bids_rejected"]
    few = one.bids is not None and sum(bid.is_qualified for bid in one.bids) < LEAST_QUALIFIED
    found = {"too_few_bids": few, **_not_one_winner(one)}
    return [reason for reason, holds in found.items() if holds]


def _not_by_negotiation(one: Award) -> list[str]:
    if one.plan.monetary == "nej":
        return ["not_monetary"]
    if one.plan.missing == "readable_bid":
        return ["bids_rejected"]
    negotiated = any(bid.first_ore is not None and bid.is_winner for bid in one.bids or ())
    found = {"no_negotiation": one.bids is not None and not negotiated, **_not_one_winner(one)}
    return [reason for reason, holds in found.items() if holds]


def _not_one_winner(one: Award) -> dict[str, bool]:
    winners = sum(bid.is_winner for bid in one.bids or ())
    return {
        "no_bids": one.bids is None,
        "no_winner": one.bids is not None and winners == 0,
        "several_winners": winners > 1,
        "no_volume": one.plan.volumes is None,
    }


_CAUSES = {"previous_contract": _not_by_previous, "market_price": _not_by_market, "negotiation": _not_by_negotiation}


def _avoided(one: Award) -> int | None:
    if _lacks_price(one):
        return None
    refused = [price for price in one.prices if price.refused_increase is not None]
    amounts = (Fraction(price.refused_increase or 0) * Fraction(price.quantity or 0) for price in refused)
    return rounded(sum(amounts, Fraction(0)) * 100) if refused else None


def _cases(register: SavingsRegister) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in register.awards:
        found.setdefault(one.plan.case, []).append(one.procurement_id)
    return dict(sorted(found.items()))


def _coverage(awards: list[Truths]) -> Truths:
    by_method = Counter(one["method"] for one in awards if one["method"])
    return {
        "numerator": sum(by_method.values()),
        "denominator": len(awards),
        "by_method": {name: by_method[name] for name in METHODS},
        "negative": [one["procurement_id"] for one in awards if (one["yearly_ore"] or 0) < 0],
        "several_methods": sum(sum(one[f"{name}_ore"] is not None for name in METHODS) > 1 for one in awards),
        "with_cost_avoidance": sum(one["cost_avoidance_ore"] is not None for one in awards),
        "with_words": sum(one["case"] == "not_monetary" for one in awards),
    }


def _bids(register: SavingsRegister) -> Truths:
    counts = [len(one.bids) for one in register.awards if one.bids is not None and one.plan.missing != "readable_bid"]
    return {
        "known": len(counts),
        "unknown": len(register.awards) - len(counts),
        "one": counts.count(1),
        "one_or_two": sum(count <= 2 for count in counts),
        "linked_to_procurements": sum(bool(one.contract_id) for one in register.awards),
    }


# What falls in each calendar year.


def _parts(register: SavingsRegister) -> list[Truths]:
    """Split every saving, and every avoided cost, over years and organisations."""
    replaced = {one.replaces: one.starts_on for one in register.awards if one.replaces}
    found: list[Truths] = []
    for one in register.awards:
        truth, last_day = _award(one), one.last_day()
        if last_day is None:
            continue
        if one.procurement_id in replaced:
            last_day = min(last_day, replaced[one.procurement_id] - datetime.timedelta(days=1))
        split = {
            name: _over_years(truth[name], one.starts_on, last_day) if truth[name] is not None else {}
            for name in ("yearly_ore", "cost_avoidance_ore")
        }
        shares = one.plan.organisations or ((one.plan.organisation or OWN_NAME, "100"),)
        for year in sorted({year for part in split.values() for year in part}):
            saving = _over_receivers(split["yearly_ore"].get(year, 0), shares)
            avoided = _over_receivers(split["cost_avoidance_ore"].get(year, 0), shares)
            found += [
                {
                    "procurement_id": one.procurement_id,
                    "year": year,
                    "organisation": name,
                    "group": {"ja": "samordnad", "nej": "egen"}.get(one.plan.coordinated, "okänt"),
                    "reporting_group": {"ja": "Samordnade", "nej": name}.get(
                        one.plan.coordinated, "Okänt om samordnad"
                    ),
                    "method": truth["method"],
                    "category_code": one.category,
                    "is_new": one.starts_on.year == year,
                    "saving_ore": saving[name],
                    "cost_avoidance_ore": avoided[name],
                }
                for name, _ in shares
            ]
    return found


def _over_years(yearly_ore: int, starts_on: datetime.date, last_day: datetime.date) -> dict[int, int]:
    parts, whole, before = {}, Fraction(0), 0
    for year in range(starts_on.year, last_day.year + 1):
        days = days_in_period(starts_on, last_day, year)
        whole += Fraction(yearly_ore * days, days_in_period(datetime.date.min, None, year))
        parts[year] = rounded(whole) - before
        before = rounded(whole)
    return parts


def _over_receivers(amount_ore: int, shares: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """Give each receiver its whole öre, and the öre left over to the largest remainders."""
    exact = {name: amount_ore * Fraction(share) / 100 for name, share in shares}
    parts = {name: floor(value) for name, value in exact.items()}
    turn = sorted(parts, key=lambda name: (parts[name] - exact[name], name))
    for name in turn[: amount_ore - sum(parts.values())]:
        parts[name] += 1
    return parts


def _year(parts: list[Truths], year: int) -> Truths:
    of_year = [part for part in parts if part["year"] == year]
    new = sum(part["saving_ore"] for part in of_year if part["is_new"])
    saving = sum(part["saving_ore"] for part in of_year)
    target = TARGETS_SEK.get(year)
    return {
        "saving_ore": saving,
        "new_ore": new,
        "running_ore": saving - new,
        "cost_avoidance_ore": sum(part["cost_avoidance_ore"] for part in of_year),
        "contracts": len({part["procurement_id"] for part in of_year if part["method"]}),
        "target_ore": target and target * 100,
        "difference_ore": target and saving - target * 100,
    }


def _by(parts: list[Truths], name: str) -> dict[str, int]:
    """Sum the period's saving over the values of a column; avoided costs alone have no method and are left out."""
    sums: Counter[str] = Counter()
    for part in parts:
        if part["year"] == PERIOD and part["method"]:
            sums[part[name]] += part["saving_ore"]
    return dict(sorted(sums.items()))


def _yearly_of_period(awards: list[Truths], parts: list[Truths]) -> dict[str, int]:
    """Give the yearly saving of each procurement that has one in the period."""
    of_period = {part["procurement_id"] for part in parts if part["year"] == PERIOD and part["method"]}
    return {one["procurement_id"]: one["yearly_ore"] for one in awards if one["procurement_id"] in of_period}


def _replaced(register: SavingsRegister, parts: list[Truths]) -> list[Truths]:
    """Tell of each award that another replaces: the last day that counts, and what falls in each year until then."""
    replacing = {one.replaces: one for one in register.awards if one.replaces}
    return [
        {
            "procurement_id": number,
            "replaced_by": new.procurement_id,
            "last_on": (new.starts_on - datetime.timedelta(days=1)).isoformat(),
            "saving_ore": {str(part["year"]): part["saving_ore"] for part in parts if part["procurement_id"] == number},
        }
        for number, new in sorted(replacing.items())
    ]

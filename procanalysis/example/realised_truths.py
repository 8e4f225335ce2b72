"""Work out what the units realised of the planted savings: from order lines, or from the ledger's spend."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any

from procanalysis.example.ledger import PERIOD
from procanalysis.example.savings import Award, Price, Purchase, SavingsRegister, days_in_period
from procanalysis.example.savings_plans import OWN_NAME

Truths = dict[str, Any]
STEPS = ("promised", "not_started", "volume", "off_contract", "price_above", "realised")
_DEFINITIONS = {
    "own_part": "the organisation's own share of the saving; the whole without shares, and not known for a coordinated "
    "procurement, or one made for another, without them",
    "planned": "yearly quantity × days of the contract in the period / days of the year × own part × the unit's share",
    "promised": "(indexed earlier price - contract price) × planned, summed over articles with an earlier price",
    "not_started": "promised, for a unit that bought nothing of the procurement in the period",
    "volume": "(indexed earlier price - contract price) × (planned - bought on and off the contract)",
    "off_contract": "(indexed earlier price - contract price) × bought off the contract",
    "price_above": "(price paid - contract price) × bought on the contract",
    "realised": "promised - not_started - volume - off_contract - price_above",
    "ore": "each procurement's promised and realised is rounded once; each step of a unit by itself here, so that an "
    "analysis whose steps sum to the öre may differ by one there",
    "estimated": "yearly saving × own part × days of the contract in the period / days of the year × spend on the "
    "contract (proven_rung of at least 2) / expected purchases of the same days, the organisation's own",
}


def realised(register: SavingsRegister) -> Truths:
    """Return what was promised, lost and realised in the period, per procurement and unit with order lines."""
    bought = {one.procurement_id for one in register.purchases}
    rows = [row for award in register.awards if award.procurement_id in bought for row in _units(award, register)]
    promised, reached = (sum((row[step] for row in rows), Fraction(0)) for step in ("promised", "realised"))
    ours = [one for one in register.purchases if one.bought_on.year == PERIOD]
    return {
        "definitions": _DEFINITIONS,
        "order_lines": len(register.purchases),
        "order_lines_in_period": len(ours),
        "procurements": len(bought),
        "realised_pct": float(reached * 100 / promised),
        "totals": {f"{step}_ore": rounded(sum((row[step] for row in rows), Fraction(0))) for step in STEPS},
        "by_procurement": [
            {
                "procurement_id": number,
                **{
                    f"{step}_ore": rounded(
                        sum((row[step] for row in rows if row["procurement_id"] == number), Fraction(0))
                    )
                    for step in ("promised", "realised")
                },
            }
            for number in sorted(bought)
        ],
        "units": [
            {
                "procurement_id": row["procurement_id"],
                "unit": row["unit"],
                **{f"{step}_ore": rounded(row[step]) for step in STEPS},
            }
            for row in rows
        ],
        "without_earlier_price": sum(one.article_id in _new_articles(register.awards) for one in ours),
    }


def own_part(award: Award) -> Fraction | None:
    """Return the organisation's own part of the saving; None when the register does not tell it."""
    if award.plan.organisations:
        shares = dict(award.plan.organisations)
        return Fraction(shares[OWN_NAME]) / 100 if OWN_NAME in shares else None
    is_ours = award.plan.coordinated != "ja" and award.plan.organisation in ("", OWN_NAME)
    return Fraction(1) if is_ours else None


def _new_articles(awards: Iterable[Award]) -> set[str]:
    return {price.article_id for award in awards for price in award.prices if price.previous_price is None}


def _units(award: Award, register: SavingsRegister) -> list[Truths]:
    """Follow each unit that has a share or that bought."""
    ours = [
        one for one in register.purchases if one.procurement_id == award.procurement_id and one.bought_on.year == PERIOD
    ]
    ours_of_whole = own_part(award)
    if ours_of_whole is None:
        raise ValueError(f"{award.procurement_id} has order lines, but its own part of the saving is not known")
    shares = {name: ours_of_whole * Fraction(share) / 100 for name, share in award.plan.units}
    rows = []
    for unit in sorted({*shares, *(one.unit for one in ours)}):
        theirs = [one for one in ours if one.unit == unit]
        steps = dict.fromkeys(STEPS, Fraction(0))
        for price in award.prices:
            if price.previous_price is not None:
                for step, amount in _article(award, price, shares.get(unit, Fraction(0)), theirs).items():
                    steps[step] += amount
        if not theirs:
            steps["not_started"], steps["volume"] = steps["promised"], Fraction(0)
        rows.append({"procurement_id": award.procurement_id, "unit": unit, **steps})
    return rows


def _article(award: Award, price: Price, share: Fraction, theirs: list[Purchase]) -> dict[str, Fraction]:
    """Reckon one article of one unit, in öre."""
    days = days_in_period(award.starts_on, award.last_day())
    planned = Fraction(price.quantity or 0) * days / days_in_period(award.starts_on.min, None) * share
    contract, paid_before = Fraction(price.new_price or 0), price.indexed_previous()
    of_article = [one for one in theirs if one.article_id == price.article_id]
    on = [one for one in of_article if one.is_on_contract]
    off_quantity = sum((Fraction(one.quantity) for one in of_article if not one.is_on_contract), Fraction(0))
    on_quantity = sum((Fraction(one.quantity) for one in on), Fraction(0))
    gain = (paid_before - contract) * 100
    return {
        "promised": gain * planned,
        "volume": gain * (planned - on_quantity - off_quantity),
        "off_contract": gain * off_quantity,
        "price_above": sum((Fraction(one.price) - contract) * Fraction(one.quantity) * 100 for one in on) + Fraction(0),
        "realised": sum((paid_before - Fraction(one.price)) * Fraction(one.quantity) * 100 for one in on) + Fraction(0),
    }


def estimated(register: SavingsRegister, yearly_ore: dict[str, int], spent_ore: dict[str, int]) -> list[Truths]:
    """Estimate the realised part of the period's savings for the awards that only the ledger tells of.

    Parameters: `yearly_ore`, per procurement with a saving in the period what it is in a year; `spent_ore`, per
    contract what was bought on it.
    """
    bought = {one.procurement_id for one in register.purchases}
    found = []
    for award in register.awards:
        yearly = yearly_ore.get(award.procurement_id)
        if yearly is None or award.procurement_id in bought or not award.contract_id:
            continue
        part = Fraction(days_in_period(award.starts_on, award.last_day()), days_in_period(award.starts_on.min, None))
        spent, expected = spent_ore.get(award.contract_id, 0), (award.expected_ore or 0) * part
        ours = own_part(award)
        promised = None if ours is None else yearly * ours * part
        found.append(
            {
                "procurement_id": award.procurement_id,
                "contract_id": award.contract_id,
                "promised_ore": None if promised is None else rounded(promised),
                "spent_ore": spent,
                "expected_ore": rounded(expected) if award.expected_ore else None,
                "realised_ore": rounded(promised * spent / expected) if promised is not None and expected else None,
            }
        )
    return found


def rounded(value: Fraction) -> int:
    """Round half away from zero.

    >>> rounded(Fraction(5, 2)), rounded(Fraction(-5, 2))
    (3, -3)
    """
    return floor(abs(value) + Fraction(1, 2)) * (-1 if value < 0 else 1)

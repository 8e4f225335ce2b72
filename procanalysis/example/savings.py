"""Draw the savings register of the fictional region: awards with bids, prices and shares, and what was bought."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pandas as pd

from procanalysis.example.contracts import Contract, Date
from procanalysis.example.ledger import PERIOD
from procanalysis.example.procurements import Procurement
from procanalysis.example.savings_plans import PLANS, ArticlePlan, AwardPlan

_TO_PLAN_PCT = (90, 75, 110, 60, 100, 85)
"""What the ledger's spend on a linked contract is of the expected purchases, in percent; taken in turn."""
_LEAST_DAYS = 30
"""A contract that held fewer days of the period tells nothing of a year."""
_BIDDERS = ("Alfa", "Beta", "Gamma", "Delta", "Epsilon", "Zeta")
_ORDER_MONTHS = (2, 4, 6, 8, 10, 12)


@dataclass(frozen=True)
class Bid:
    """Hold one bid; `first_ore` is None when there was no negotiation."""

    bidder: str
    is_qualified: bool
    is_winner: bool
    first_ore: int | None
    final_ore: int


@dataclass(frozen=True)
class Price:
    """Hold one article; a value that the register lacks is None."""

    article_id: str
    name: str
    unit: str
    quantity: Decimal | None
    previous_price: Decimal | None
    new_price: Decimal | None
    indexed_share: Decimal | None
    index_base: Decimal | None
    index_now: Decimal | None
    refused_increase: Decimal | None

    def indexed_previous(self) -> Fraction:
        """Return the earlier price moved by its index clause; 0 for an article without one."""
        previous = Fraction(self.previous_price or 0)
        if self.indexed_share is None or self.index_base is None or self.index_now is None:
            return previous
        share = Fraction(self.indexed_share) / 100
        return previous * (1 - share + share * Fraction(self.index_now) / Fraction(self.index_base))


@dataclass(frozen=True)
class Award:
    """Hold one award as the register has it, `ends_on` before options; `plan` is what it was drawn from."""

    procurement_id: str
    plan: AwardPlan
    title: str
    category: str
    contract_id: str
    replaces: str
    starts_on: Date
    ends_on: Date | None
    option_months: tuple[int, ...]
    options_exercised: int
    yearly_ore: int
    expected_ore: int | None
    bids: tuple[Bid, ...] | None
    prices: tuple[Price, ...]

    def last_day(self) -> Date | None:
        """Return the last day with the exercised options; None when unknown."""
        months = sum(self.option_months[: self.options_exercised])
        # Options are whole years, and no contract with options ends on a leap day.
        return self.ends_on and self.ends_on.replace(year=self.ends_on.year + months // 12)


@dataclass(frozen=True)
class Purchase:
    """Hold one order line of an article in the register."""

    procurement_id: str
    article_id: str
    unit: str
    supplier: str
    bought_on: Date
    quantity: Decimal
    price: Decimal
    is_on_contract: bool


@dataclass(frozen=True)
class Buying:
    """Plan how a unit buys what an award priced: parts in percent of what was planned for it.

    `above_pct` is laid on the contract price of every third order (negative: bought cheaper); `off_price_pct` is the
    price outside the contract in percent of the contract's. `returns` adds one return. `planned_pct` stands for the
    unit's share where it has none.
    """

    unit: str
    on_pct: int
    off_pct: int = 0
    above_pct: int = 0
    off_price_pct: int = 115
    returns: bool = False
    planned_pct: int = 0


BUYING: dict[str, tuple[Buying, ...]] = {
    "purchases_off_contract": (
        Buying("Exempelsjukhuset Nord", 96),
        Buying("Exempelsjukhuset Syd", 62, off_pct=30, off_price_pct=124),
        Buying("Primärvården", 88, above_pct=3),
    ),
    # Habilitering och hjälpmedel has a share but never started.
    "purchases_not_started": (Buying("Primärvården", 90), Buying("Exempelsjukhuset Öst", 76, off_pct=10, above_pct=5)),
    # HR-centrum buys without having a share; Folktandvården pays for packs of ten pens as if for one.
    "purchases_replacing": (
        Buying("Regionservice", 92),
        Buying("Primärvården", 64, off_pct=22, above_pct=4),
        Buying("Folktandvården", 58, off_pct=30, off_price_pct=130),
        Buying("HR-centrum", 100, planned_pct=2),
    ),
    "purchases_negative": (Buying("Kostservice", 98, returns=True), Buying("Folktandvården", 60, off_pct=35)),
    "purchases_more_volume": (Buying("Region IT", 100, above_pct=-2), Buying("Exempelsjukhuset Nord", 32)),
}
"""How the units buy, by the case of the award."""
PACKS = ("purchases_replacing", "Kulspetspenna", "Folktandvården", 10)
"""Case, article and unit of a price off the contract that is for a pack of so many."""


@dataclass(frozen=True)
class SavingsRegister:
    """Hold the awards in the order of the file, and the order lines on some of them."""

    awards: tuple[Award, ...]
    purchases: tuple[Purchase, ...]


@dataclass(frozen=True)
class _Linked:
    procurement: Procurement
    contract: Contract
    spent_ore: int


def draw_savings(
    contracts: tuple[Contract, ...], procurements: Sequence[Procurement], spent_ore: dict[str, int], companies: set[int]
) -> SavingsRegister:
    """Draw the register; there is no chance in it beyond that of the contracts and procurements that it builds on.

    Parameters: `contracts` and `procurements`, as drawn; `spent_ore`, per contract what was bought on it in the
    period; `companies`, places in the suppliers' table that are no people.
    """
    left = _candidates(contracts, procurements, spent_ore, companies)
    awards: list[Award] = []
    linked = 0
    for plan in PLANS:
        count = None if plan.bids is None else len(plan.bids)
        fitting = [one for one in left if plan.linked and one.procurement.bids_count == count]
        if fitting:
            left.remove(fitting[0])
            linked += 1
        awards.append(_award(plan, len(awards) + 1, fitting[0] if fitting else None, linked))
    numbers = {one.plan.case: one.procurement_id for one in awards}
    renewed = tuple(replace(one, replaces=numbers[one.plan.replaces]) if one.plan.replaces else one for one in awards)
    ordered = tuple(sorted(renewed, key=lambda one: (one.starts_on, one.procurement_id)))
    return SavingsRegister(ordered, tuple(_purchases(ordered)))


def _candidates(
    contracts: tuple[Contract, ...], procurements: Sequence[Procurement], spent_ore: dict[str, int], companies: set[int]
) -> list[_Linked]:
    """List the finished procurements whose contract has both days and one supplier, the most bought first."""
    behind = {one.procurement_id: one for one in contracts if one.procurement_id}
    found = [
        _Linked(one, behind[one.procurement_id], spent_ore.get(behind[one.procurement_id].contract_id, 0))
        for one in procurements
        if one.status == "Avslutad" and one.procurement_id in behind
    ]
    sound = [
        one
        for one in found
        if one.contract.starts_on
        and one.contract.ends_on
        and one.contract.starts_on <= one.contract.ends_on
        and len(one.contract.suppliers) == 1
        and one.contract.suppliers[0] in companies
    ]
    return sorted(sound, key=lambda one: (-one.spent_ore, one.procurement.procurement_id))


def days_in_period(starts_on: Date, ends_on: Date | None, year: int = PERIOD) -> int:
    """Count the days of a contract in a calendar year, both ends included.

    >>> days_in_period(datetime.date(2024, 2, 29), datetime.date(2025, 1, 2))
    2
    """
    first = max(starts_on, Date(year, 1, 1))
    last = min(ends_on or Date.max, Date(year, 12, 31))
    return max(0, (last - first).days + 1)


def _award(plan: AwardPlan, number: int, linked: _Linked | None, turn: int) -> Award:
    starts_on = Date.fromisoformat(plan.starts_on)
    award = Award(
        # Numbers of their own, beside those of the list of procurements.
        procurement_id=f"UPP-{starts_on.year - 1}-{900 + number}",
        plan=plan,
        title=plan.title,
        category=plan.category,
        contract_id="",
        replaces="",
        starts_on=starts_on,
        ends_on=Date.fromisoformat(plan.ends_on) if plan.ends_on else None,
        option_months=plan.options,
        options_exercised=plan.exercised,
        yearly_ore=plan.yearly_sek * 100,
        expected_ore=plan.yearly_sek * 100 if plan.expected else None,
        bids=None,
        prices=(),
    )
    award = _with_contract(award, linked, turn) if linked else award
    return replace(award, bids=_bids(award), prices=tuple(_prices(award)))


def _with_contract(award: Award, linked: _Linked, turn: int) -> Award:
    """Take over what the procurement and its contract say, and expect purchases near the ledger's."""
    contract = linked.contract
    if contract.starts_on is None or contract.ends_on is None:
        raise ValueError(f"{contract.contract_id} lacks a first or last day, so no saving can be laid on its days")
    days = days_in_period(contract.starts_on, contract.last_day())
    is_known = linked.spent_ore > 0 and days >= _LEAST_DAYS
    years = max(1, contract.ends_on.year - contract.starts_on.year)
    yearly = contract.value_ore // years
    if is_known:
        yearly = linked.spent_ore * 365 * 100 // (days * _TO_PLAN_PCT[turn % len(_TO_PLAN_PCT)])
    yearly = max(1, yearly // 10_000) * 10_000
    return replace(
        award,
        procurement_id=linked.procurement.procurement_id,
        title=linked.procurement.title,
        category=linked.procurement.category,
        contract_id=contract.contract_id,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        option_months=contract.option_months,
        options_exercised=contract.options_exercised,
        yearly_ore=yearly,
        expected_ore=yearly if is_known and award.plan.expected else None,
    )


def _bids(award: Award) -> tuple[Bid, ...] | None:
    plan = award.plan
    if plan.bids is None:
        return None
    evaluated, yearly = plan.volumes or ("1", "1")
    winning = _rounded(Decimal(award.yearly_ore) * Decimal(evaluated) / Decimal(yearly) / 100, 0) * 100
    return tuple(
        Bid(
            bidder=f"Anbudsbolaget {_BIDDERS[place]} AB",
            is_qualified=pct > 0,
            is_winner=place < plan.winners,
            first_ore=int(winning * plan.first_pct / 100) if plan.first_pct and place == 0 else None,
            final_ore=int(winning * abs(pct) / 100),
        )
        for place, pct in enumerate(plan.bids)
    )


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _prices(award: Award) -> Iterator[Price]:
    plan = award.plan
    for place, article in enumerate(plan.articles, start=1):
        yield _price(award, article, place, missing=plan.missing if place == 1 else "")


def _price(award: Award, article: ArticlePlan, place: int, *, missing: str) -> Price:
    new_price = Decimal(article.new_price)
    quantity = max(Decimal(1), _rounded(Decimal(award.yearly_ore * article.value_pct) / 10_000 / new_price, 0))
    share, base, now = award.plan.index or ("", "", "")
    has_index = bool(share and article.previous_pct)
    previous, refused = article.previous_pct, award.plan.refused_pct
    return Price(
        article_id=f"{award.procurement_id[4:]}-{place:02d}",
        name=article.name,
        unit=article.unit,
        quantity=None if missing == "quantity" else quantity,
        previous_price=_rounded(new_price * Decimal(previous) / 100, 4) if previous else None,
        new_price=None if missing == "new_price" else new_price,
        indexed_share=Decimal(share) if has_index else None,
        index_base=Decimal(base) if has_index else None,
        index_now=Decimal(now) if has_index and missing != "index_now" else None,
        refused_increase=_rounded(new_price * Decimal(refused) / 100, 4) if refused else None,
    )


def _purchases(awards: Sequence[Award]) -> Iterator[Purchase]:
    for award in awards:
        for turn, buying in enumerate(BUYING.get(award.plan.case, ())):
            share = dict(award.plan.units).get(buying.unit, buying.planned_pct)
            for price in award.prices:
                yield from _orders(award, price, buying, Decimal(share), turn)


def _orders(award: Award, price: Price, buying: Buying, share: Decimal, turn: int) -> Iterator[Purchase]:
    """Order every second month of the last two years, on the contract and beside it."""
    if price.quantity is None or price.new_price is None:
        raise ValueError(f"{price.article_id} lacks a quantity or price, so nothing can be ordered by it")
    planned = price.quantity * share / 100 / len(_ORDER_MONTHS)
    one = Purchase(award.procurement_id, price.article_id, buying.unit, "", Date.min, Decimal(0), Decimal(0), True)
    # Nothing that is bought by the kilo or piece is ordered in parts of one.
    on, off = (max(Decimal(1), _rounded(planned * pct / 100, 0)) for pct in (buying.on_pct, buying.off_pct))
    for place, day in enumerate(_order_days(award, turn)):
        pct = 100 + (buying.above_pct if place % 3 == 2 else 0)
        paid = _rounded(price.new_price * pct / 100, 4)
        on_contract = replace(one, supplier="Anbudsbolaget Alfa AB", bought_on=day, quantity=on, price=paid)
        yield on_contract
        if buying.returns and place == 1:
            yield replace(on_contract, bought_on=day + datetime.timedelta(days=3), quantity=-_rounded(on / 20, 0))
        if buying.off_pct:
            pack = PACKS[3] if (award.plan.case, price.name, buying.unit) == PACKS[:3] else 1
            yield replace(
                on_contract,
                supplier="Lilla Exempelbutiken AB",
                quantity=max(Decimal(1), _rounded(off / pack, 0)),
                price=_rounded(price.new_price * buying.off_price_pct * pack / 100, 4),
                is_on_contract=False,
            )


def _order_days(award: Award, turn: int) -> Iterator[Date]:
    for year in (PERIOD - 1, PERIOD):
        for month in _ORDER_MONTHS:
            day = Date(year, month, 4 + 6 * turn)
            if award.starts_on <= day <= (award.last_day() or Date.max):
                yield day


def company_places(suppliers: pd.DataFrame) -> set[int]:
    """Return the places in the suppliers' table of those that are no people."""
    return {place for place, kind in enumerate(suppliers["supplier_type"]) if kind == "company"}

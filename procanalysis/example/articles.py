"""Draw what the fictional e-commerce suppliers sell, and what their contracts say that it costs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from procanalysis.example.article_plans import ArticlePlan, plans_of
from procanalysis.example.draws import Draws

Date = datetime.date
LISTS_FROM, LISTS_TO = Date(2024, 1, 1), Date(2026, 12, 31)
NEW_PRICE_ON = Date(2025, 3, 1)
"""When the suppliers of the roles in _NEW_PRICES change what some articles cost."""
ENDED_ON = Date(2025, 6, 30)
"""The last day on which the last article of every list is in it."""
WITHDRAWN_ON = Date(2025, 5, 1)
"""When the supplier with a catalogue takes an article out of it."""
TIER_FROM = 40
"""From so many the articles with two prices cost less."""
_NEW_PRICES = ("catalogue", "workbook")
_STEP = Decimal("0.05")
_GTIN_STEM = 299_000_000_000
"""GS1 keeps the prefixes 200–299 for numbers inside one company, so that nobody's article has one of these."""


@dataclass(frozen=True)
class ListPrice:
    """Hold a price of `base_quantity` units, and on which days and for which quantities it holds."""

    price: Decimal
    valid_from: Date
    valid_to: Date
    minimum: int | None = None
    maximum: int | None = None

    def holds(self, day: Date, quantity: int) -> bool:
        """Tell whether the price is that of a purchase."""
        within = (self.minimum or 0) <= quantity and (self.maximum is None or quantity <= self.maximum)
        return self.valid_from <= day <= self.valid_to and within


@dataclass(frozen=True)
class Article:
    """Hold an article of one supplier; `prices` is empty when no list has it, and `usual` is then what it costs."""

    article_id: str
    gtin: str
    name: str
    category: str
    cpv_code: str
    unit: str
    base_quantity: int
    usual: Decimal
    prices: tuple[ListPrice, ...] = ()
    is_withdrawn: bool = False

    def listed_price(self, day: Date, quantity: int) -> Decimal | None:
        """Return what the list says that `base_quantity` units cost; None when it says nothing of such a purchase."""
        return next((one.price for one in self.prices if one.holds(day, quantity)), None)


@dataclass(frozen=True)
class Index:
    """Hold one index figure of a contract; the price moves by the indexed share from its first day on."""

    valid_from: Date
    valid_to: Date | None
    share_pct: Decimal
    base: Decimal
    now: Decimal

    def factor(self) -> Fraction:
        """Return what the listed price is multiplied by."""
        share = Fraction(self.share_pct) / 100
        return 1 - share + share * Fraction(self.now) / Fraction(self.base)


@dataclass(frozen=True)
class Shop:
    """Hold one e-commerce supplier: its contract (empty when it has none), what it sells, and how its list comes.

    `scope` is the contract's categories, `outside` a group of articles that lies outside them; `place` is that of the
    suppliers' table. `listed` stand in the contract's price list; `others` do not.
    """

    role: str
    place: int
    name: str
    number: str
    contract_id: str
    scope: tuple[str, ...]
    outside: str
    category: str
    starts_on: Date
    listed: tuple[Article, ...] = ()
    others: tuple[Article, ...] = ()
    indexes: tuple[Index, ...] = ()

    @property
    def has_list(self) -> bool:
        """Tell whether the contract has a price list."""
        return bool(self.contract_id) and self.role != "no_list"

    def contract_price(self, article: Article, day: Date, quantity: int) -> Fraction | None:
        """Return what one unit costs on the contract, its index clause applied; None when the list does not tell."""
        price = article.listed_price(day, quantity) if self.has_list else None
        if price is None:
            return None
        return Fraction(self.moved(price, day)) / article.base_quantity

    def moved(self, price: Decimal, day: Date) -> Decimal:
        """Return a listed price moved by the index of a day, rounded half up to öre."""
        found = (one.factor() for one in self.indexes if one.valid_from <= day <= (one.valid_to or Date.max))
        factor = next(found, None)
        return price if factor is None else Decimal(half_up(Fraction(price) * factor * 100)).scaleb(-2)


def half_up(value: Fraction) -> int:
    """Round half away from zero.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2)), half_up(Fraction(12, 5))
    (3, -3, 2)
    """
    size = int((2 * abs(value) + 1) // 2)
    return -size if value < 0 else size


def gtin_of(running: int) -> str:
    """Make a fictional GTIN of thirteen digits: the check digit lifts the weighted sum to a multiple of ten.

    >>> gtin_of(1), gtin_of(2)
    ('2990000000019', '2990000000026')
    """
    stem = str(_GTIN_STEM + running)
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return stem + str(-total % 10)


def with_articles(shops: Sequence[Shop], draws: Draws) -> tuple[Shop, ...]:
    """Give every supplier its assortment.

    Those with a contract come first. What a supplier without contract sells is mostly what the lists of the others
    have, under the same standard number and at a higher price.
    """
    filled: list[Shop] = []
    running = 0
    for number, shop in enumerate(shops, start=1):
        if shop.contract_id:
            filled.append(_with_contracted(shop, number, running, draws))
            running += len(filled[-1].listed) + len(filled[-1].others)
        else:
            filled.append(_with_copies(shop, number, [one for one in filled if one.has_list], draws))
    return tuple(_with_borrowed_numbers(filled))


def _with_contracted(shop: Shop, number: int, running: int, draws: Draws) -> Shop:
    plans = plans_of(shop.category)
    order = sorted(range(len(plans)), key=lambda _: draws.share())
    listed_count = len(plans) * 4 // 5
    taken: set[Fraction] = set()
    articles = []
    for turn, place in enumerate(order):
        plan = plans[place]
        price = _new_price(plan, taken, draws)
        article = Article(
            article_id=f"{number:02d}{place + 1:03d}-{plan.unit[0].upper()}",
            gtin=gtin_of(running + turn + 1),
            name=plan.name,
            category=shop.category,
            cpv_code=plan.cpv_code,
            unit=plan.unit,
            base_quantity=plan.base_quantity,
            usual=_uneven(price),
        )
        in_list = turn < listed_count and shop.has_list
        articles.append(_with_prices(article, price, shop, turn, taken) if in_list else article)
    for place, last_day in _leaving(shop, listed_count):
        leaving = articles[place]
        only = replace(leaving.prices[0], valid_to=last_day, minimum=None, maximum=None)
        is_withdrawn = last_day < WITHDRAWN_ON
        articles[place] = replace(leaving, prices=(only,), is_withdrawn=is_withdrawn)
    return replace(shop, listed=tuple(articles[:listed_count]), others=tuple(articles[listed_count:]))


def _leaving(shop: Shop, listed_count: int) -> list[tuple[int, Date]]:
    """Name the articles that leave a list, and their last days: one ends by itself, one is taken out of a catalogue."""
    if not shop.has_list:
        return []
    ended = [(listed_count - 1, ENDED_ON)]
    day_before = WITHDRAWN_ON - datetime.timedelta(days=1)
    return [*ended, (listed_count - 2, day_before)] if shop.role == "catalogue" else ended


def _new_price(plan: ArticlePlan, taken: set[Fraction], draws: Draws) -> Decimal:
    """Draw a price whose price of one unit no other article of the list has."""
    share = Decimal(draws.below(1000)) / 1000
    price = _to_step(plan.lowest + (plan.highest - plan.lowest) * share)
    return _free(price, plan.base_quantity, taken)


def _free(price: Decimal, base_quantity: int, taken: set[Fraction]) -> Decimal:
    while Fraction(price) / base_quantity in taken:
        price += _STEP
    taken.add(Fraction(price) / base_quantity)
    return price


def _to_step(price: Decimal) -> Decimal:
    """Round to five öre."""
    return (price / _STEP).quantize(Decimal(1), rounding=ROUND_HALF_UP) * _STEP


def _uneven(price: Decimal) -> Decimal:
    """Make a price that no list has: it ends on three thousandths of a krona."""
    return _to_step(price) + Decimal("0.003")


def _with_prices(article: Article, price: Decimal, shop: Shop, turn: int, taken: set[Fraction]) -> Article:
    """Put an article in its list: with two prices by quantity, by time, or one price for the whole time."""
    first = max(LISTS_FROM, shop.starts_on)
    base = article.base_quantity
    if shop.role == "tiers" and turn % 2 == 0:
        lower = _free(_to_step(price * Decimal("0.9")), base, taken)
        start = TIER_FROM * base
        prices: tuple[ListPrice, ...] = (
            ListPrice(price, first, LISTS_TO, 1, start - 1),
            ListPrice(lower, first, LISTS_TO, start),
        )
    elif shop.role in _NEW_PRICES and turn % 3 == 0 and first < NEW_PRICE_ON:
        higher = _free(_to_step(price * Decimal("1.06")) + _STEP, base, taken)
        last = NEW_PRICE_ON - datetime.timedelta(days=1)
        prices = (ListPrice(price, first, last), ListPrice(higher, NEW_PRICE_ON, LISTS_TO))
    else:
        prices = (ListPrice(price, first, LISTS_TO),)
    return replace(article, prices=prices)


def _with_copies(shop: Shop, number: int, sellers: Sequence[Shop], draws: Draws) -> Shop:
    """Let a supplier without contract sell what others have in their lists, dearer, under numbers of its own."""
    source = sellers[number % len(sellers)] if sellers else None
    copies = [
        replace(
            article,
            article_id=f"{number:02d}{place:03d}",
            usual=_uneven(article.prices[0].price * (105 + draws.below(30)) / 100),
            prices=(),
        )
        for place, article in enumerate(source.listed if source else (), start=1)
        if len(article.prices) == 1 and article.prices[0].valid_to == LISTS_TO and place % 4
    ]
    own = [
        Article(
            article_id=f"{number:02d}{900 + place:03d}",
            gtin="",
            name=plan.name,
            category=shop.category,
            cpv_code=plan.cpv_code,
            unit=plan.unit,
            base_quantity=plan.base_quantity,
            usual=_uneven(plan.highest),
        )
        for place, plan in enumerate(plans_of(shop.category)[:8])
    ]
    return replace(shop, others=(*copies, *own))


def _with_borrowed_numbers(shops: Sequence[Shop]) -> list[Shop]:
    """Give a third of what stands outside a list the standard number of an article in another supplier's list."""
    sellers = [one for one in shops if one.has_list]
    changed = []
    for place, shop in enumerate(shops):
        beside = [one for one in sellers if one.place != shop.place]
        if shop.contract_id and beside:
            source = beside[place % len(beside)].listed
            others = tuple(
                _like(article, source[turn * 5 % len(source)]) if turn % 3 == 0 else article
                for turn, article in enumerate(shop.others)
            )
            shop = replace(shop, others=others)
        changed.append(shop)
    return changed


def _like(article: Article, other: Article) -> Article:
    """Make an article the same as another supplier's, but for its own number and a higher price."""
    price = _uneven(other.prices[0].price * Decimal("1.12"))
    return replace(other, article_id=article.article_id, usual=price, prices=())

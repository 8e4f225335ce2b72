"""Draw what was ordered by e-commerce: the lines of each order, which add up to the ledger's invoice to the öre."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from procanalysis.example.account_plan import UNITS
from procanalysis.example.article_plans import GROUP_WORDS, OUTSIDE_WORDS, UNTRANSLATED
from procanalysis.example.articles import NEW_PRICE_ON, TIER_FROM, Article, Date, Shop, half_up
from procanalysis.example.draws import Choice, Draws
from procanalysis.example.shops import Ordered

CONTRACT, OTHER = "contract", "other"
"""How the e-commerce system marks a line: contracted, or of other assortment."""
UNKNOWN_CONTRACT = "AVT-2031-9999"
"""A contract that no register has."""
FREIGHT, FREIGHT_GROUP, FREIGHT_UNIT = "FRAKT", "Frakt och avgifter", "LS"
STORAGE = Article("FÖRRÅD", "", "Förrådshyra, pallplats och månad", "08.01", "", "st", 1, Decimal("185.003"))
"""Rent, which LOU does not cover, on a contract with someone who sells goods."""
CATEGORY_OF: dict[str, str] = {word: code for code, word in GROUP_WORDS.items()} | OUTSIDE_WORDS
"""What the organisation file translates the groups of articles to."""
_PROVING: dict[str, int] = {
    "reference": 1, "marked": 2, "wrong_unit": 2, "storage": 2, "listed": 3, "listed_by_standard": 3,
}  # fmt: skip
_POSSIBLE: dict[str, int] = {"classified": 4, "price_alone": 5}
EVIDENCE: dict[str, int] = {**_PROVING, **_POSSIBLE}
"""What a kind of line is planted as: the strongest evidence that it was bought on contract; 0 for all other kinds."""
_MARKS = {"marked": CONTRACT, "wrong_unit": CONTRACT, "storage": CONTRACT, "other": OTHER}
_LISTED = ("reference", "marked", "listed", "listed_by_standard", "wrong_unit")
_KINDS = {
    "list": Choice(
        ("reference", 29), ("marked", 25), ("listed", 16), ("listed_by_standard", 4), ("wrong_unit", 2),
        ("classified", 9), ("price_alone", 3), ("other", 9), ("unknown_reference", 3), ("storage", 2),
    ),
    "no_list": Choice(("reference", 40), ("marked", 28), ("classified", 21), ("other", 9), ("storage", 2)),
    "no_contract": Choice(("unlisted", 3), ("other", 1)),
}  # fmt: skip
_LINES = Choice((1, 4), (2, 5), (3, 4), (4, 2), (6, 1))
_LARGE_ORE = 3_000_000
_CHEAP = 4
"""An order ends with one of so many of the cheapest articles."""
_NAMED_SHARE, _RETURN_SHARE, _UNTRANSLATED_SHARE = 0.8, 0.06, 0.02
_OVER_SHARE, _UNDER_SHARE = 0.08, 0.05
_OVER_PCT = (2, 4, 6, 9, 12)
_UNDER_PCT = (2, 3, 5)


@dataclass(frozen=True)
class OrderLine:
    """Hold one order line, and what is planted in it.

    `kind` says what the line is; `evidence` is 1 to 5 or 0; `contract_price` is what one unit costs on the contract,
    None when there is nothing to compare with; `invoice_number` is empty when the line names none.
    """

    shop: Shop
    order_number: str
    line_number: int
    day: Date
    unit: str
    article_id: str
    gtin: str
    name: str
    group: str
    category: str
    cpv_code: str
    quantity: int
    quantity_unit: str
    price: Decimal
    base_quantity: int
    amount_ore: int
    contract_reference: str
    mark: str
    invoice_number: str
    kind: str
    evidence: int
    contract_price: Fraction | None

    @property
    def unit_price(self) -> Fraction:
        """Return what was paid for one unit."""
        return Fraction(self.price) / self.base_quantity

    @property
    def difference_ore(self) -> int | None:
        """Return how much more was paid than the contract says; None when there is nothing to compare with."""
        if self.contract_price is None:
            return None
        return half_up(self.quantity * (self.unit_price - self.contract_price) * 100)

    @property
    def line_id(self) -> str:
        """Return what tells the line from all others."""
        return f"{self.order_number}/{self.line_number}"


@dataclass(frozen=True)
class Order:
    """Hold one order, with the ledger's invoice that it came to."""

    shop: Shop
    number: str
    day: Date
    invoice: Ordered
    lines: tuple[OrderLine, ...]


@dataclass
class _Basket:
    """Fill one order until nothing is left of its invoice."""

    order: OrderLine
    left_ore: int
    lines: list[OrderLine] = field(default_factory=list)

    def add(self, line: OrderLine) -> None:
        """Put a line in."""
        self.lines.append(replace(line, line_number=len(self.lines) + 1))
        self.left_ore -= line.amount_ore


def draw_orders(chosen: Sequence[tuple[Shop, Sequence[Ordered]]], lines: int, draws: Draws) -> list[Order]:
    """Draw about so many order lines, as many from each supplier as it has invoices for; returned by day.

    The lines of an order add up to its invoice: what no article fits in is freight.
    """
    per_shop = lines / max(1, len(chosen)) / 4
    drawn: list[tuple[Date, Shop, Ordered]] = []
    for shop, invoices in chosen:
        for invoice in _spread(invoices, round(per_shop)):
            earliest = max(shop.starts_on, Date(invoice.day.year, 1, 1))
            ordered_on = invoice.day - datetime.timedelta(days=3 + draws.below(12))
            drawn.append((max(earliest, ordered_on), shop, invoice))
    drawn.sort(key=lambda one: (one[0], one[1].place, one[2].place))
    orders = []
    for running, (day, shop, invoice) in enumerate(drawn, start=1):
        number = f"IO{day.year % 100}-{running:05d}"
        found = tuple(_order_lines(shop, invoice, number, day, draws))
        orders.append(Order(shop, number, day, invoice, found))
    return orders


def _spread(invoices: Sequence[Ordered], wanted: int) -> list[Ordered]:
    """Take so many invoices, evenly over the time."""
    if len(invoices) <= wanted:
        return list(invoices)
    return [invoices[place * len(invoices) // wanted] for place in range(wanted)]


def _order_lines(shop: Shop, invoice: Ordered, number: str, day: Date, draws: Draws) -> Iterator[OrderLine]:
    named = invoice.number if draws.chance(_NAMED_SHARE) else ""
    blank = OrderLine(
        shop=shop, order_number=number, line_number=0, day=day, unit=UNITS[invoice.unit], article_id="", gtin="",
        name="", group="", category="", cpv_code="", quantity=1, quantity_unit="", price=Decimal(0), base_quantity=1,
        amount_ore=0, contract_reference="", mark="", invoice_number=named, kind="", evidence=0, contract_price=None,
    )  # fmt: skip
    basket = _Basket(blank, invoice.amount_ore)
    for _ in range(draws.one_of(_LINES)):
        kind = _kind(shop, draws)
        line = _line(blank, kind, _article(shop, kind, basket.left_ore, draws), basket.left_ore, draws, share=0.7)
        if line is not None:
            basket.add(line)
            if _can_be_returned(line) and draws.chance(_RETURN_SHARE):
                basket.add(_returned(line))
    # Something small takes up nearly all of what is left.
    kind = "unlisted"
    if shop.contract_id:
        kind = ("reference", "marked", "listed")[draws.below(3 if shop.has_list else 2)]
    cheap = sorted(_offered(shop, kind), key=_usual)[draws.below(_CHEAP)]
    last = _line(blank, kind, cheap, basket.left_ore, draws, share=1.0)
    if last is not None:
        basket.add(last)
    if basket.left_ore:
        basket.add(_freight(blank, basket.left_ore))
    yield from basket.lines


def _kind(shop: Shop, draws: Draws) -> str:
    key = "list" if shop.has_list else "no_list" if shop.contract_id else "no_contract"
    return draws.one_of(_KINDS[key])


def _offered(shop: Shop, kind: str) -> Sequence[Article]:
    """List the articles that a kind of line can be about."""
    if kind in (*_LISTED, "price_alone"):
        return shop.listed
    return [one for one in shop.others if kind != "classified" or one.category == shop.category] or shop.listed


def _usual(article: Article) -> Decimal:
    return article.usual


def _article(shop: Shop, kind: str, left_ore: int, draws: Draws) -> Article:
    """Draw an article; the dearer of three when much is to be bought."""
    if kind == "storage":
        return STORAGE
    offered = _offered(shop, kind)
    drawn = [offered[draws.below(len(offered))] for _ in range(3 if left_ore > _LARGE_ORE else 1)]
    return max(drawn, key=_usual)


def _line(
    blank: OrderLine, kind: str, article: Article, left_ore: int, draws: Draws, *, share: float
) -> OrderLine | None:
    """Buy an article for a part of what is left; None when not even one can be had for that."""
    shop, day = blank.shop, blank.day
    if kind == "price_alone" and (shop.indexes or len(article.prices) > 1):
        kind = "marked"
    if share == 1.0:
        lots = _most_lots(shop, article, day, left_ore)
    else:
        # With a margin for what is charged too much.
        lots = int(left_ore * (0.2 + draws.share() * share) * 0.8 // int(article.usual * 120))
    if lots < 1:
        return None
    quantity = lots * article.base_quantity
    agreed = shop.contract_price(article, day, quantity) if kind in (*_LISTED, "price_alone") else None
    if kind in ("listed", "listed_by_standard", "price_alone", "wrong_unit") and agreed is None and shop.has_list:
        kind = "left_list"
    price = _paid(blank, kind, article, quantity, draws) if share < 1.0 else _right_price(shop, article, day, quantity)
    amount_ore = half_up(Fraction(price) * quantity * 100 / article.base_quantity)
    if amount_ore > left_ore:
        return None
    return _filled(blank, kind, article, quantity, price, amount_ore, agreed, draws)


def _right_price(shop: Shop, article: Article, day: Date, quantity: int) -> Decimal:
    """Return what an article should cost: its contract price, or what it costs without one."""
    listed = article.listed_price(day, quantity) if shop.has_list else None
    return article.usual if listed is None else shop.moved(listed, day)


def _most_lots(shop: Shop, article: Article, day: Date, left_ore: int) -> int:
    """Count how many can be had for what is left, at the price that so many cost."""
    lots = int(left_ore // (Fraction(_right_price(shop, article, day, article.base_quantity)) * 100))
    price = _right_price(shop, article, day, max(1, lots) * article.base_quantity)
    return int(left_ore // (Fraction(price) * 100)) if lots else 0


def _paid(blank: OrderLine, kind: str, article: Article, quantity: int, draws: Draws) -> Decimal:
    """Return the price on the line; some suppliers charge too much or too little, each in its own way."""
    shop, day = blank.shop, blank.day
    right = _right_price(shop, article, day, quantity)
    if kind not in ("reference", "marked", "listed", "listed_by_standard") or not article.prices:
        return right
    if shop.role == "catalogue" and len(article.prices) > 1 and 0 < (NEW_PRICE_ON - day).days <= 60:
        return article.prices[-1].price if draws.chance(0.5) else right
    if shop.role == "tiers" and len(article.prices) > 1 and quantity >= TIER_FROM * article.base_quantity:
        return article.prices[0].price if draws.chance(0.3) else right
    if shop.role == "index" and day >= shop.indexes[0].valid_from and draws.chance(0.15):
        listed = article.listed_price(day, quantity)
        return right if listed is None else listed
    turn = draws.share()
    if turn < _OVER_SHARE:
        pct = 100 + _OVER_PCT[draws.below(len(_OVER_PCT))]
    elif turn < _OVER_SHARE + _UNDER_SHARE:
        pct = 100 - _UNDER_PCT[draws.below(len(_UNDER_PCT))]
    else:
        return right
    return Decimal(half_up(Fraction(right) * pct)).scaleb(-2)


def _filled(
    blank: OrderLine,
    kind: str,
    article: Article,
    quantity: int,
    price: Decimal,
    amount_ore: int,
    agreed: Fraction | None,
    draws: Draws,
) -> OrderLine:
    """Write what a line of its kind says of itself."""
    shop = blank.shop
    in_group = kind in (*_PROVING, "classified", "unlisted")
    group = GROUP_WORDS.get(article.category, "Förrådshyra") if in_group else shop.outside
    if kind in _PROVING and draws.chance(_UNTRANSLATED_SHARE):
        group = UNTRANSLATED
    line = replace(
        blank,
        article_id=article.article_id,
        gtin=article.gtin,
        name=article.name,
        group=group,
        category=CATEGORY_OF.get(group, ""),
        cpv_code=article.cpv_code if in_group else "",
        quantity=quantity,
        quantity_unit=article.unit,
        price=price,
        base_quantity=article.base_quantity,
        amount_ore=amount_ore,
        contract_reference={"reference": shop.contract_id, "unknown_reference": UNKNOWN_CONTRACT}.get(kind, ""),
        mark=_MARKS.get(kind, ""),
        kind=kind,
        evidence=EVIDENCE.get(kind, 0),
        contract_price=agreed if kind in _PROVING else None,
    )
    if kind == "listed_by_standard":
        return replace(line, article_id="")
    if kind == "price_alone":
        return replace(line, article_id=f"K{article.article_id}", gtin="", name=f"{article.name}, kampanj")
    if kind == "wrong_unit":
        # The price is for a carton, whatever the list counts in.
        return replace(line, quantity_unit="kartong", contract_price=None)
    return line


def _can_be_returned(line: OrderLine) -> bool:
    if line.kind not in ("reference", "marked") or line.difference_ore:
        return False
    article = next(one for one in (*line.shop.listed, *line.shop.others) if one.article_id == line.article_id)
    # Of an article with two prices nobody could tell which of them is taken back.
    return len(article.prices) < 2


def _returned(line: OrderLine) -> OrderLine:
    """Send back one lot of what was just bought, at the same price."""
    quantity = -line.base_quantity
    amount_ore = half_up(Fraction(line.price) * quantity * 100 / line.base_quantity)
    return replace(line, quantity=quantity, amount_ore=amount_ore, kind=f"returned_{line.kind}")


def _freight(blank: OrderLine, left_ore: int) -> OrderLine:
    return replace(
        blank,
        article_id=FREIGHT,
        name="Frakt och hantering",
        group=FREIGHT_GROUP,
        category=CATEGORY_OF[FREIGHT_GROUP],
        quantity_unit=FREIGHT_UNIT,
        price=Decimal(left_ore).scaleb(-2),
        amount_ore=left_ore,
        kind="freight",
    )

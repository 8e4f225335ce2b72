"""Draw e-invoices for what was ordered: documents that tie to the ledger, credit chains, and some that are refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from procanalysis.example.article_plans import FOOD, category_of_cpv
from procanalysis.example.articles import Date
from procanalysis.example.draws import Draws
from procanalysis.example.ledger import PERIOD
from procanalysis.example.orders import FREIGHT, OTHER, Order, OrderLine
from procanalysis.example.ubl import UNIT_CODES, Document, InvoiceLine, billing

FOLDER = "e-fakturor"
STYLES: tuple[str, ...] = ("contract", "order", "plain", "order_and_charge")
"""What a document says beside its lines: the contract, the order and its lines, nothing, or the order and freight."""
_LARGEST_LINES = 14
_EURO_RATE_PCT = 9
REJECTED: dict[str, str] = {
    "faktura-fel-summa.xml": "totals_disagree",
    "faktura-fientlig.xml": "xml_unsafe",
    "faktura-upprepad.xml": "repeated_delivery",
}
"""Files that must be rejected, and why."""


@dataclass(frozen=True)
class Invoiced:
    """Hold one document, its file, and what is planted in its lines.

    `order` is what it invoices, None when nothing was ordered; `style` is one of STYLES, or what else it is;
    `evidence` has one item per line; `is_tied` tells that the ledger has an invoice of that number and amount.
    """

    file: str
    document: Document
    style: str
    order: Order | None
    evidence: tuple[int, ...]
    ordered: tuple[OrderLine, ...]
    is_tied: bool


def draw_invoices(orders: Sequence[Order], wanted: int, draws: Draws) -> list[Invoiced]:
    """Draw so many documents for orders, four fifths of them of the period, then credits and one in euro."""
    usable = [one for one in orders if len(one.lines) <= _LARGEST_LINES]
    of_period = [one for one in usable if one.invoice.day.year == PERIOD]
    before = [one for one in usable if one.invoice.day.year < PERIOD]
    chosen = [*_spread(before, wanted // 5), *_spread(of_period, wanted - wanted // 5)]
    found = []
    for running, order in enumerate(chosen, start=1):
        style = STYLES[running % len(STYLES)]
        if style == "contract" and not order.shop.contract_id:
            style = "plain"
        found.append(_of_order(order, style, f"faktura-{running:03d}.xml", draws))
    return [*found, *_credited(found), *_in_euro(found)]


def _spread(orders: Sequence[Order], wanted: int) -> list[Order]:
    if len(orders) <= wanted:
        return list(orders)
    return [orders[place * len(orders) // wanted] for place in range(wanted)]


def _of_order(order: Order, style: str, file: str, draws: Draws) -> Invoiced:
    """Invoice an order line by line, at the order's prices."""
    charged = [one for one in order.lines if one.article_id == FREIGHT and style == "order_and_charge"]
    # A document of nothing but freight keeps it as a line.
    ordered = tuple(one for one in order.lines if one not in charged) or order.lines
    charge_ore = order.invoice.amount_ore - sum(one.amount_ore for one in ordered)
    names_order = style in ("order", "order_and_charge")
    issued_on = max(order.day, order.invoice.day - datetime.timedelta(days=draws.below(4)))
    document = Document(
        shop=order.shop,
        number=order.invoice.number,
        issued_on=issued_on,
        is_credit_note=False,
        lines=tuple(_invoice_line(one, names_order) for one in ordered),
        vat_pct=12 if order.shop.category == FOOD else 25,
        unit=ordered[0].unit,
        contract_reference=order.shop.contract_id if style == "contract" else "",
        order_reference=order.number if names_order else "",
        charge_ore=charge_ore,
    )
    evidence = tuple(_evidence(one, style, issued_on) for one in ordered)
    return Invoiced(file, document, style, order, evidence, ordered, is_tied=True)


def _invoice_line(one: OrderLine, names_order: bool) -> InvoiceLine:
    return InvoiceLine(
        name=one.name,
        article_id=one.article_id,
        gtin=one.gtin,
        cpv_code=one.cpv_code,
        quantity=one.quantity,
        unit_code=UNIT_CODES[one.quantity_unit],
        price=one.price,
        base_quantity=one.base_quantity,
        amount_ore=one.amount_ore,
        order_line=str(one.line_number) if names_order else "",
    )


def _evidence(one: OrderLine, style: str, issued_on: Date) -> int:
    """Say how strongly an invoice line is planted: by its contract, its order line, or what it says itself."""
    names_order = style in ("order", "order_and_charge")
    if style == "contract":
        return 1
    if names_order and one.mark == OTHER:
        return 0
    if names_order and 1 <= one.evidence <= 3:
        return 2
    listed = [
        article
        for article in (one.shop.listed if one.shop.has_list else ())
        if any(price.valid_from <= issued_on <= price.valid_to for price in article.prices)
    ]
    if any(article.article_id == one.article_id or article.gtin == (one.gtin or None) for article in listed):
        return 3
    has_class = any(article.cpv_code == one.cpv_code for article in listed)
    if has_class or (one.shop.contract_id and category_of_cpv(one.cpv_code) == one.shop.category):
        return 4
    return 5 if one.kind == "price_alone" else 0


def _credited(found: Sequence[Invoiced]) -> Iterator[Invoiced]:
    """Credit some of the documents: whole, in part, in two steps, by a negative invoice, and one that is not there."""
    whole = [one for one in found if len(one.document.lines) > 1 and not one.document.charge_ore]
    plans: list[tuple[str, Callable[[Invoiced], list[Invoiced]]]] = [
        ("whole", lambda one: [_credit(one, "kredit-hel", one.document.lines)]),
        ("part", lambda one: [_credit(one, "kredit-del", one.document.lines[:1])]),
        (
            "two_steps",
            lambda one: [
                _credit(one, "kredit-steg-1", one.document.lines[:1]),
                _credit(one, "kredit-steg-2", one.document.lines[1:]),
            ],
        ),
        ("negative_invoice", lambda one: [_credit(one, "kredit-minus", one.document.lines, by_note=False)]),
        ("alone", lambda one: [_alone(_credit(one, "kredit-ensam", one.document.lines[-1:]))]),
    ]
    # From the end, where the period is.
    for (_, make), one in zip(plans, reversed(whole), strict=False):
        yield from make(one)


def _credit(one: Invoiced, name: str, lines: Sequence[InvoiceLine], *, by_note: bool = True) -> Invoiced:
    """Credit some lines of a document, which the ledger does not have yet; a note's figures are positive."""
    turned = tuple(
        line if by_note else replace(line, quantity=-line.quantity, amount_ore=-line.amount_ore) for line in lines
    )
    places = [one.document.lines.index(line) for line in lines]
    document = replace(
        one.document,
        number=f"{one.document.number}-{name.removeprefix('kredit-')}",
        issued_on=one.document.issued_on + datetime.timedelta(days=2),
        is_credit_note=by_note,
        lines=turned,
        credits=(one.document.number, one.document.issued_on),
    )
    evidence = tuple(one.evidence[place] for place in places)
    ordered = tuple(one.ordered[place] for place in places)
    return Invoiced(f"{name}.xml", document, name, None, evidence, ordered, is_tied=False)


def _alone(one: Invoiced) -> Invoiced:
    """Let a credit name an invoice that nobody has."""
    day = one.document.issued_on - datetime.timedelta(days=30)
    return replace(one, document=replace(one.document, credits=(f"{one.document.number}-finns-ej", day)))


def _in_euro(found: Sequence[Invoiced]) -> Iterator[Invoiced]:
    """Write one more invoice, in euro: it is read, and never added to kronor."""
    if not found:
        return
    one = found[0]
    lines = tuple(_euro(line) for line in one.document.lines)
    document = replace(one.document, number=f"{one.document.number}-EUR", currency="EUR", lines=lines, charge_ore=0)
    yield Invoiced("faktura-euro.xml", document, "euro", None, (0,) * len(lines), one.ordered, is_tied=False)


def _euro(line: InvoiceLine) -> InvoiceLine:
    price = (line.price * _EURO_RATE_PCT / 100).quantize(Decimal("0.01"))
    amount_ore = int((price * line.quantity * 100 / line.base_quantity).to_integral_value())
    return replace(line, price=price, amount_ore=amount_ore)


def write_invoices(directory: Path, found: Sequence[Invoiced]) -> None:
    """Write one document per file, and beside them those that must be rejected."""
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    for one in found:
        _write(folder / one.file, billing(one.document))
    if not found:
        return
    first = found[0].document
    wrong = replace(first, number=f"{first.number}-FEL", stated_lines_ore=first.lines_ore + 1_000)
    _write(folder / "faktura-fel-summa.xml", billing(wrong))
    _write(folder / "faktura-fientlig.xml", _hostile(replace(first, number=f"{first.number}-XXE")))
    _write(folder / "faktura-upprepad.xml", billing(first))


def _hostile(document: Document) -> str:
    """Write an invoice that asks its reader to fetch another file."""
    head, line_end, rest = billing(document).partition("\n")
    entity = '<!DOCTYPE Invoice [<!ENTITY hemlig SYSTEM "file:///finns-inte/hemligt.txt">]>'
    return f"{head}{line_end}{entity}\n{rest.replace('Fiktiv faktura', '&hemlig;')}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")

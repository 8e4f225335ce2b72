"""Judge order lines: which unit a header means, what a line must have, and which lines stand there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import groupby

from procanalysis.errors import InputError
from procanalysis.read.order_list import CANCELLED, CLEAR_ANSWERS, EITHER_UNIT, ORDER_LIST
from procanalysis.read.peppol.price_rows import currency_of
from procanalysis.read.quantity_units import is_quantity_unit
from procanalysis.read.register_rows import Row, normal_word

# As for a ledger's amounts: what one line is worth, so that sums stay within 64 bits.
_LARGEST_KRONOR = Decimal(10**11)
_DIGITS = 60  # a product of two figures of seventeen digits is exact
# No word for a unit of quantity is as long as the names of most units of an organisation.
_LONGEST_QUANTITY_UNIT = 10


def settle_units(rows: Sequence[Row], units: Collection[str]) -> None:
    """Read a column called only Enhet as the unit that bought, or as the unit of quantity.

    It is the one that the file lacks otherwise. Where it lacks both, the values tell: words such as st and förp are of
    quantity; the ledger's units, and names too long for such a word, are of the organisation.
    Parameters: rows, by table; units, as the ledger names them. Raises InputError when the values do not tell.
    """
    known = {normal_word(unit) for unit in units}
    for _, of_table in groupby(rows, key=lambda row: row.table):
        group = list(of_table)
        headers = group[0].headers
        if EITHER_UNIT not in headers or {"unit", "quantity_unit"} <= headers.keys():
            continue
        if "unit" in headers:
            meant = "quantity_unit"
        else:
            meant = "unit" if "quantity_unit" in headers else _told_by_values(group, known)
        for row in group:
            row.cells[meant] = row.cells[EITHER_UNIT]


def _told_by_values(rows: Sequence[Row], units: Collection[str]) -> str:
    filled = [text for row in rows if not row.reason and (text := row.text(EITHER_UNIT))]
    of_quantity = sum(map(is_quantity_unit, filled))
    if of_quantity * 2 > len(filled):
        return "quantity_unit"
    of_organisation = [text for text in filled if normal_word(text) in units or len(text) > _LONGEST_QUANTITY_UNIT]
    if not filled or (of_organisation and not of_quantity):
        return "unit"
    first = rows[0]
    header = first.headers[EITHER_UNIT]
    raise InputError(
        f"{first.file}, column '{header}': it may be the unit that bought or the unit of quantity. Name it in the "
        f"organisation file under {ORDER_LIST.key}.columns, as in 'unit: {header}' or 'quantity_unit: {header}'."
    )


def judge_line(row: Row) -> None:
    """Reject a line that was cancelled or is in another currency, lacks order, day or amount, or has a price that
    cannot be.
    """
    if normal_word(row.cells.get("status", "")) in CANCELLED:
        row.reject("line_cancelled", "status")
    currency = currency_of(row)
    if currency != "SEK":
        row.reject("currency_unreadable" if currency is None else "other_currency", "currency")
    if row.text("order_number") is None:
        row.reject("id_missing", "order_number")
    if "bought_on" not in row.dates:
        row.reject("date_missing", "bought_on")
    if "amount" not in row.amounts:
        row.reject("amount_missing", "amount")
    if row.numbers.get("price", 0) < 0:
        row.reject("figure_negative", "price")
    if row.numbers.get("base_quantity", 1) <= 0:
        row.reject("number_not_positive", "base_quantity")
    if not row.reason:
        reckoned = reckoned_ore(row)
        if reckoned is not None and abs(reckoned) >= _LARGEST_KRONOR * 100:
            row.reject("amount_too_large", "price")


def reckoned_ore(row: Row) -> Decimal | None:
    """Return quantity × price ÷ base quantity in öre, unrounded; None when the line has not both."""
    quantity, price = row.numbers.get("quantity"), row.numbers.get("price")
    if quantity is None or price is None:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        return quantity * price * 100 / row.numbers.get("base_quantity", Decimal(1))


def judge_repeated(rows: Sequence[Row], supplier_of_row: Mapping[int, str]) -> None:
    """Reject an order line that stands on an earlier row.

    A line is known by supplier, order and line number. Without line number two equal rows of one file may be two lines,
    so that only those are rejected that an earlier file or sheet already has as often.
    Parameters: rows; supplier_of_row, the supplier's key by the row's id.
    """
    first: dict[tuple[str, str, str], Row] = {}
    counted: dict[tuple[object, ...], Counter[int]] = {}
    for row in rows:
        if row.reason:
            continue
        supplier, order, line = supplier_of_row[id(row)], str(row.compared("order_number")), row.text("line_number")
        if line is not None:
            earlier = first.setdefault((supplier, order, line.casefold()), row)
            if earlier is not row:
                row.reject("line_repeated" if _content(earlier) == _content(row) else "line_differs", "line_number")
            continue
        tables = counted.setdefault((supplier, *_content(row)), Counter())
        tables[row.table] += 1
        if any(count >= tables[row.table] for table, count in tables.items() if table != row.table):
            row.reject("line_repeated", "order_number")


def _content(row: Row) -> tuple[object, ...]:
    return tuple(row.compared(column) for column in ORDER_LIST.aliases)


def contract_of(row: Row) -> str | None:
    """Return the contract that a line names; a column called Avtal may hold ja and nej instead."""
    text = row.text("contract_reference")
    return None if text is None or normal_word(text) in CLEAR_ANSWERS else text


def assortment_of(row: Row, words: Mapping[str, str], unknown: dict[str, None]) -> str | None:
    """Return the key of ASSORTMENTS that a line is marked with, or None, with a word not understood remembered."""
    text = row.text("assortment")
    if text is None:
        return CLEAR_ANSWERS.get(normal_word(row.cells.get("contract_reference", "")))
    found = words.get(normal_word(text))
    if found is None:
        unknown[text] = None
    return found

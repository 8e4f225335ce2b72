"""Work out what the article lines were planted with, from the generator's own tables and not through the measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.example.account_plan import ACCOUNTS
from procanalysis.example.article_tags import FACTOR_FILE, NO_TAG, TAG_FILE, Tag
from procanalysis.example.articles import Article, Shop, half_up
from procanalysis.example.e_invoices import FOLDER, Invoiced
from procanalysis.example.invoice_truths import invoice_truths
from procanalysis.example.ledger import PERIOD
from procanalysis.example.order_files import WrittenOrders
from procanalysis.example.orders import OTHER, Order, OrderLine
from procanalysis.example.price_list_files import FOLDER as LIST_FOLDER
from procanalysis.example.price_list_files import INDEX_FILE, WrittenLists
from procanalysis.example.savings_files import FaultyRow

Truths = dict[str, Any]

LARGE_ITEM_ORE = 5_000_000
"""What the organisation file counts as a single large item."""
_DEFINITIONS = {
    "line": "an order line is told by order and line number, as in 'IO25-00012/3'",
    "evidence": "1 contract reference, 2 the system's mark or the order line, 3 article in the price list of the day, "
    "4 classification within the contract or as an article of the list, 5 the price of one article of the list alone",
    "proven_ore, possible_ore": "net of lines with evidence 1 to 3, and with any evidence or where nothing can be told",
    "lou": "by the line's category, where all accounts of that category agree; a line without category is unknown",
    "difference_ore": "quantity x (unit price paid - unit price on the contract), half up; the contract's price is the "
    "listed one that held on the day, for the unit and quantity, moved by the index clause and then rounded to öre",
    "compared": "lines of an article in the supplier's list on the day, in its unit; a return follows its purchase",
    "equivalents": "lines not proven whose standard number another supplier has in its list on the day, in that unit",
    "several_prices": "articles of one supplier and unit bought at more than one unit price in the period",
    "tags": "what carries a tag on its day; judged is everything that the list says something of, a no too",
}


def article_truths(
    *,
    shops: Sequence[Shop],
    orders: Sequence[Order],
    invoiced: Sequence[Invoiced],
    tags: Sequence[Tag],
    postings: pd.DataFrame,
    written: WrittenOrders,
    lists: WrittenLists,
    rejected_tags: Sequence[FaultyRow],
) -> Truths:
    """Return everything planted in orders, invoices, price lists and tags."""
    lines = [one for order in orders for one in order.lines]
    ours = [one for one in lines if one.day.year == PERIOD]
    return {
        "period": str(PERIOD),
        "definitions": _DEFINITIONS,
        "files": {
            "orders": sorted(written.rows_in_file),
            "invoices": FOLDER,
            "price_lists": LIST_FOLDER,
            "price_indexes": INDEX_FILE,
            "article_tags": TAG_FILE,
            "emission_factors": FACTOR_FILE,
        },
        "suppliers": [_supplier(shop) for shop in shops],
        "orders": {
            "rows_in_file": written.rows_in_file,
            "rejected_rows": [asdict(one) for one in written.rejected],
            "accepted": _counted(lines),
            "period": _counted(ours) | {"orders": len({one.order_number for one in ours})},
            "kinds": _by(ours, lambda one: one.kind),
        },
        "loyalty": _loyalty(ours),
        "e_commerce": _e_commerce(ours, postings),
        "prices": _prices(ours),
        "several_prices": _several_prices(ours),
        "other_assortment": _counted([one for one in ours if one.mark == OTHER]),
        "equivalents": _equivalents(ours, shops),
        "tags": _tags(ours, tags),
        "price_lists": {
            "rows_in_file": lists.rows_in_file,
            "rejected_rows": [asdict(one) for one in lists.rejected],
        },
        "article_tags": {"rows": len(tags), "rejected_rows": [asdict(one) for one in rejected_tags]},
        "invoices": invoice_truths(invoiced, orders),
    }


def _supplier(shop: Shop) -> Truths:
    return {
        "role": shop.role,
        "supplier_number": shop.number,
        "contract_id": shop.contract_id or None,
        "category_code": shop.category,
        "listed_articles": len(shop.listed) if shop.has_list else 0,
        "articles": len(shop.listed) + len(shop.others),
    }


def _counted(lines: Sequence[OrderLine]) -> Truths:
    return {"lines": len(lines), "amount_ore": sum(one.amount_ore for one in lines)}


def _by(lines: Iterable[OrderLine], key: Callable[[OrderLine], str]) -> dict[str, Truths]:
    groups: dict[str, list[OrderLine]] = {}
    for one in lines:
        groups.setdefault(key(one), []).append(one)
    return {name: _counted(group) for name, group in sorted(groups.items())}


def _loyalty(lines: Sequence[OrderLine]) -> Truths:
    """Return avtalstrohet in every way that it is counted."""
    small = [one for one in lines if one.amount_ore <= LARGE_ITEM_ORE]
    return {
        **_shares(lines),
        "evidence": _by(lines, lambda one: str(one.evidence)),
        "lou": {
            "numerator": _shares(lines, in_numerator=("ja",)),
            "both": _shares([one for one in lines if lou_of(one.category) == "ja"]),
            "excluded": {
                covered: _counted([one for one in lines if lou_of(one.category) == covered])
                for covered in ("nej", "okänt")
            },
        },
        "large_item_limit_ore": LARGE_ITEM_ORE,
        "without_large_items": _shares(small),
        "large_items": sorted(one.line_id for one in lines if one.amount_ore > LARGE_ITEM_ORE),
        "by_supplier": _shares_by(lines, lambda one: one.shop.number),
        "by_unit": _shares_by(lines, lambda one: one.unit),
        "by_category": _shares_by(lines, lambda one: one.category),
        "by_group": _shares_by(lines, lambda one: one.group),
    }


def _shares(lines: Iterable[OrderLine], in_numerator: Sequence[str] = ()) -> Truths:
    """Sum what is proven, possible and all; `in_numerator` is what LOU must say of what stands in the numerators.

    What LOU may cover is possible.
    """
    found = {"proven_ore": 0, "possible_ore": 0, "denominator_ore": 0, "lines": 0, "proven_lines": 0}
    for one in lines:
        covered = lou_of(one.category)
        is_proven = 1 <= one.evidence <= 3 and (not in_numerator or covered in in_numerator)
        is_possible = one.evidence > 0 and (not in_numerator or covered != "nej")
        found["proven_ore"] += one.amount_ore if is_proven else 0
        found["possible_ore"] += one.amount_ore if is_possible else 0
        found["denominator_ore"] += one.amount_ore
        found["lines"] += 1
        found["proven_lines"] += int(is_proven)
    return found


def _shares_by(lines: Sequence[OrderLine], key: Callable[[OrderLine], str]) -> dict[str, Truths]:
    return {name: _shares([one for one in lines if key(one) == name]) for name in sorted({key(one) for one in lines})}


_LOU: dict[str, set[str]] = {}
for _account in ACCOUNTS:
    _LOU.setdefault(_account.category_code, set()).add(_account.lou_covered)


def lou_of(category: str) -> str:
    """Say whether LOU covers what is bought in a category: ja, nej or okänt.

    >>> lou_of("14.01"), lou_of("08.01"), lou_of("")
    ('ja', 'nej', 'okänt')
    """
    said = _LOU.get(category, set())
    return next(iter(said)) if len(said) == 1 else "okänt"


def _e_commerce(lines: Sequence[OrderLine], postings: pd.DataFrame) -> Truths:
    """Set what was ordered beside all that was bought, and what the same suppliers were paid."""
    ours = postings[postings["year"].eq(PERIOD) & ~postings["spend_class"].eq("ej inköp")]
    places = {one.shop.place for one in lines}
    return {
        "ordered_ore": sum(one.amount_ore for one in lines),
        "bought_ore": int(ours["amount_ore"].sum()),
        "paid_to_suppliers_ore": int(ours.loc[ours["supplier"].isin(places), "amount_ore"].sum()),
    }


def _prices(lines: Sequence[OrderLine]) -> Truths:
    """Return what was paid too much and too little, line by line."""
    compared = [one for one in lines if one.contract_price is not None]
    over = [one for one in compared if (one.difference_ore or 0) > 0]
    under = [one for one in compared if (one.difference_ore or 0) < 0]
    return {
        "compared": _counted(compared),
        "over": _differences(over),
        "under": _differences(under),
        "by_supplier": {
            shop.number: {
                "contract_id": shop.contract_id,
                "role": shop.role,
                "over_ore": sum(one.difference_ore or 0 for one in over if one.shop.place == shop.place),
                "under_ore": sum(one.difference_ore or 0 for one in under if one.shop.place == shop.place),
            }
            for shop in {one.shop.place: one.shop for one in compared}.values()
        },
    }


def _differences(lines: Sequence[OrderLine]) -> Truths:
    return {
        "lines": len(lines),
        "difference_ore": sum(one.difference_ore or 0 for one in lines),
        "of_line": {one.line_id: one.difference_ore for one in lines},
    }


def _several_prices(lines: Sequence[OrderLine]) -> Truths:
    prices: dict[tuple[str, str, str], set[Fraction]] = {}
    for one in lines:
        if one.article_id and one.quantity > 0:
            prices.setdefault((one.shop.number, one.article_id, one.quantity_unit), set()).add(one.unit_price)
    several = {key: found for key, found in prices.items() if len(found) > 1}
    return {
        "articles": len(several),
        "of_article": {"/".join(key): len(found) for key, found in sorted(several.items())},
    }


def _equivalents(lines: Sequence[OrderLine], shops: Sequence[Shop]) -> Truths:
    """Find what was not proven to be bought on contract, but stands in another supplier's list."""
    listed: dict[str, list[tuple[Shop, Article]]] = {}
    for shop in shops:
        for article in shop.listed if shop.has_list else ():
            listed.setdefault(article.gtin, []).append((shop, article))
    found: list[tuple[OrderLine, int]] = []
    for one in lines:
        if 1 <= one.evidence <= 3:
            continue
        for shop, article in listed.get(one.gtin, []):
            price = shop.contract_price(article, one.day, one.quantity)
            if shop.place != one.shop.place and price is not None and article.unit == one.quantity_unit:
                found.append((one, half_up(price * one.quantity * 100)))
    certain = [(one, cost) for one, cost in found if not one.evidence]
    return {"not_proven": _at_contract(found), "outside": _at_contract(certain)}


def _at_contract(found: Sequence[tuple[OrderLine, int]]) -> Truths:
    return _counted([one for one, _ in found]) | {
        "contract_ore": sum(cost for _, cost in found),
        "line_ids": sorted(one.line_id for one, _ in found),
    }


def _tags(lines: Sequence[OrderLine], tags: Sequence[Tag]) -> Truths:
    """Return per kind of tag what was bought with it, without it, and what nobody has judged."""
    met = _met(lines, tags)
    found: Truths = {}
    for kind in sorted({one.kind for one in tags}):
        judged = [(one, met[place][kind]) for place, one in enumerate(lines) if kind in met[place]]
        names = sorted({said for _, said in judged if said})
        found[kind] = {
            "judged": _counted([one for one, _ in judged]),
            "tagged": _counted([one for one, said in judged if said]),
            "by_tag": {name: _counted([one for one, said in judged if said == name]) for name in names},
            "tagged_by_unit": _by((one for one, said in judged if said), lambda one: one.unit),
            "tagged_proven": _counted([one for one, said in judged if said and 1 <= one.evidence <= 3]),
        }
    return found


def _met(lines: Sequence[OrderLine], tags: Sequence[Tag]) -> list[dict[str, str]]:
    """Say per line and kind which tag it carries, empty for none; what stands in no row is left out."""
    keyed: dict[tuple[object, ...], list[Tag]] = {}
    for one in tags:
        keyed.setdefault(_key(one.shop.place if one.shop else None, one.article_id, one.gtin, one.category), []).append(
            one
        )
    found = []
    for line in lines:
        theirs = [
            *keyed.get(_key(line.shop.place, line.article_id, "", ""), []),
            *keyed.get(_key(None, "", line.gtin, ""), []),
            *keyed.get(_key(None, "", "", line.category), []),
        ]
        found.append({tag.kind: _said(tag) for tag in theirs if tag.meets(line)})
    return found


def _key(*parts: object) -> tuple[object, ...]:
    return parts


def _said(tag: Tag) -> str:
    if tag.tag in (NO_TAG, "Nej"):
        return ""
    return "Lokalproducerat" if tag.tag == "Ja" else tag.tag

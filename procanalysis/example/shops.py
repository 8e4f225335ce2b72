"""Choose which of the fictional ledger's suppliers sell by e-commerce, and which of their invoices were ordered so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.example.article_plans import OUTSIDE_WORDS, SOLD
from procanalysis.example.articles import LISTS_FROM, Date, Index, Shop
from procanalysis.example.files import BUYER
from procanalysis.example.ledger import PERIOD

WITH_CONTRACT = 9
WITHOUT_CONTRACT = 2
ROLES: tuple[str, ...] = ("catalogue", "index", "tiers", "workbook", "plain", "no_list")
"""What is peculiar to a supplier's contract prices; those beyond the last are plain."""
INDEXES: tuple[Index, ...] = (
    Index(Date(2025, 4, 1), Date(2025, 9, 30), Decimal(60), Decimal(200), Decimal(210)),
    Index(Date(2025, 10, 1), None, Decimal(60), Decimal(200), Decimal(215)),
)
"""The index figures of the contract with an index clause."""
_LAST_YEAR = Date(PERIOD, 12, 31)
_LEAST_ORE, _MOST_OUTSIDE_ORE = 40_000, 2_500_000
"""An invoice of less is not worth an order of several lines; what is bought without contract is no more than so."""
_UNSOUND_CASES = {"other_category", "same_group_only", "without_category", "without_start", "without_end"}


@dataclass(frozen=True)
class Ordered:
    """Hold one ledger invoice that was ordered by e-commerce; `unit` is a place among the units."""

    place: int
    number: str
    day: Date
    unit: int
    amount_ore: int
    lou_covered: str
    category: str


def choose_shops(
    postings: pd.DataFrame, suppliers: pd.DataFrame, contracts: Mapping[str, Any]
) -> list[tuple[Shop, list[Ordered]]]:
    """Choose suppliers with a contract that holds for everyone all through 2025, and a few without any contract.

    Parameters: `postings`, with the invoices' numbers; `suppliers`, their table; `contracts`, what is planted in the
    contract register. Returns each with its invoices that can have been ordered, those with a contract first, the one
    bought from most often in each category before any second one.
    """
    sound = {shop.place: shop for shop in _contract_holders(suppliers, contracts["contracts"])}
    free = _without_contract(suppliers, contracts)
    invoices = _invoices(postings, [*sound, *free])
    usable = {place: _fitting(sound[place], invoices.get(place, ())) for place in sound}
    ranked = sorted((place for place in usable if usable[place]), key=lambda place: (-len(usable[place]), place))
    seen: set[str] = set()
    firsts = []
    for place in ranked:
        if sound[place].category not in seen:
            seen.add(sound[place].category)
            firsts.append(place)
    chosen = [*firsts, *(place for place in ranked if place not in firsts)][:WITH_CONTRACT]
    shops = [(_in_role(sound[place], turn, len(chosen)), usable[place]) for turn, place in enumerate(chosen)]
    categories = [shop.category for shop, _ in shops if shop.has_list] or [SOLD[0]]
    beside = {place: [one for one in invoices.get(place, ()) if one.amount_ore <= _MOST_OUTSIDE_ORE] for place in free}
    for turn, place in enumerate(sorted(beside, key=lambda place: (-len(beside[place]), place))[:WITHOUT_CONTRACT]):
        shop = _shop(suppliers, place, "", (), categories[turn % len(categories)], LISTS_FROM)
        shops.append((replace(shop, role="no_contract"), beside[place]))
    return shops


def _contract_holders(suppliers: pd.DataFrame, contracts: Sequence[Mapping[str, Any]]) -> list[Shop]:
    """List the companies whose only contract is theirs alone, for everyone, for goods, and holds all through 2025."""
    places = _company_places(suppliers)
    count: dict[str, int] = {}
    for one in contracts:
        for number in one["supplier_numbers"]:
            count[number] = count.get(number, 0) + 1
    found = []
    for one in contracts:
        number = one["supplier_numbers"][0]
        alone = len(one["supplier_numbers"]) == 1 and count[number] == 1 and number in places
        if alone and _is_sound(one) and (category := _sold_on(one["category_codes"])):
            starts_on = max(LISTS_FROM, Date.fromisoformat(one["starts_on"]))
            scope = tuple(one["category_codes"])
            found.append(_shop(suppliers, places[number], one["contract_id"], scope, category, starts_on))
    return found


def _company_places(suppliers: pd.DataFrame) -> dict[str, int]:
    sound = suppliers["supplier_type"].eq("company") & suppliers["number_status"].eq("valid")
    return {str(number): place for place, number in enumerate(suppliers["number"]) if sound.iat[place]}


def _is_sound(contract: Mapping[str, Any]) -> bool:
    starts_on, ends_on = contract["starts_on"], contract["ends_on"]
    if contract["case"] in _UNSOUND_CASES or not starts_on or not ends_on:
        return False
    holds = starts_on < f"{PERIOD}-01-01" and (ends_on == "open" or ends_on >= _LAST_YEAR.isoformat())
    return holds and set(contract["participants"]) <= {BUYER}


def _sold_on(categories: Sequence[str]) -> str:
    """Return the first category of goods that a contract covers; empty when there is none, or nothing lies outside."""
    if not _outside(categories):
        return ""
    return next((sold for code in categories for sold in SOLD if _covers((code,), sold)), "")


def _covers(scope: Sequence[str], code: str) -> bool:
    return any(code == wanted or code.startswith(f"{wanted}.") for wanted in scope)


def _outside(scope: Sequence[str]) -> str:
    """Return a group of goods that lies outside a contract."""
    words = list(OUTSIDE_WORDS)[1:3]
    return next((word for word in words if not _covers(scope, OUTSIDE_WORDS[word])), "")


def _shop(
    suppliers: pd.DataFrame, place: int, contract_id: str, scope: tuple[str, ...], category: str, starts_on: Date
) -> Shop:
    return Shop(
        role="plain",
        place=place,
        name=str(suppliers["name"].iat[place]),
        number=str(suppliers["number"].iat[place]),
        contract_id=contract_id,
        scope=scope,
        outside=_outside(scope),
        category=category,
        starts_on=starts_on,
    )


def _in_role(shop: Shop, turn: int, count: int) -> Shop:
    """Give a supplier its role; with few suppliers the last of them is the one without a price list."""
    role = ROLES[turn] if turn < len(ROLES) else "plain"
    if turn == count - 1 > 0 and count < len(ROLES):
        role = "no_list"
    return replace(shop, role=role, indexes=INDEXES if role == "index" else ())


def _without_contract(suppliers: pd.DataFrame, contracts: Mapping[str, Any]) -> list[int]:
    """List the companies that the register leaves out on purpose."""
    places = _company_places(suppliers)
    numbers = [one["supplier_number"] for left in contracts["left_without_contract"].values() for one in left]
    return list(dict.fromkeys(places[number] for number in numbers if number in places))


def _invoices(postings: pd.DataFrame, places: Sequence[int]) -> dict[int, list[Ordered]]:
    """List the numbered invoices of the last two years that one unit bought and that LOU treats alike, per supplier."""
    wanted = postings["supplier"].isin(places) & postings["year"].ge(PERIOD - 1) & postings["invoice_number"].ne("")
    rows = postings[wanted]
    grouped = rows.groupby("invoice", sort=True)
    summed = grouped.agg(
        supplier=("supplier", "first"),
        number=("invoice_number", "first"),
        day=("day", "first"),
        unit=("unit", "first"),
        units=("unit", "nunique"),
        amount_ore=("amount_ore", "sum"),
        lou=("lou_covered", "first"),
        lous=("lou_covered", "nunique"),
        miscoded=("is_miscoded", "any"),
        spend_class=("spend_class", "first"),
        classes=("spend_class", "nunique"),
        categories=("category_code", "nunique"),
        category=("category_code", "first"),
    )
    kept = summed[
        summed["units"].eq(1)
        & summed["lous"].eq(1)
        & summed["classes"].eq(1)
        & summed["categories"].eq(1)
        & ~summed["miscoded"]
        & summed["amount_ore"].ge(_LEAST_ORE)
        & ~summed["spend_class"].isin(["ej inköp", "investering"])
    ]
    found: dict[int, list[Ordered]] = {}
    columns = ("supplier", "number", "day", "unit", "amount_ore", "lou", "category")
    for place, row in zip(kept.index.tolist(), kept[list(columns)].itertuples(index=False, name=None), strict=True):
        supplier, number, day, unit, amount_ore, lou, category = row
        one = Ordered(int(place), str(number), day.date(), int(unit), int(amount_ore), str(lou), str(category))
        found.setdefault(int(supplier), []).append(one)
    return found


def _fitting(shop: Shop, invoices: Sequence[Ordered]) -> list[Ordered]:
    """Keep the invoices booked since the contract began, on what it covers or on what LOU does not."""
    return [
        one
        for one in invoices
        if one.day >= shop.starts_on and (one.lou_covered != "ja" or _covers(shop.scope, one.category))
    ]

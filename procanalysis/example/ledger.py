"""Draw the invoices and postings of three years: who buys what from whom, when, and for how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from procanalysis.example.account_plan import (
    ACCOUNTS,
    MAIN_UNIT,
    PLANTED_FALL,
    PLANTED_RISE,
    PROFILES,
    SEASONS,
    UNIT_RULE,
    UNIT_WEIGHTS,
    UNITS,
    UNMAPPED_ACCOUNT,
)

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

YEARS: tuple[int, ...] = (2023, 2024, 2025)
PERIOD = 2025
_YEAR_SHARES = (0.322, 0.333, 0.345)
_LINES_PER_INVOICE = {1: 0.68, 2: 0.17, 3: 0.07, 4: 0.04, 5: 0.02, 8: 0.015, 12: 0.005}
_INVESTMENT_FACTOR = 12.0
_CODES: tuple[str, ...] = tuple(PROFILES)


@dataclass(frozen=True)
class Invoices:
    """Hold one row per invoice in columns; amounts follow later, `size` is their natural proportion."""

    year: Integers
    supplier: Integers
    category: Integers
    unit: Integers
    day: npt.NDArray[np.datetime64]
    main_account: Integers
    other_account: Integers
    lines: Integers
    is_credit: npt.NDArray[np.bool_]
    size: Floats


def draw_invoices(suppliers: pd.DataFrame, lines: int, rng: np.random.Generator) -> Invoices:
    """Draw so many invoices that their postings come to about `lines`, in order of year and day.

    Parameters: `suppliers`, from draw_suppliers; `lines`, wanted number of postings over all years; `rng`.
    """
    counts = np.array(list(_LINES_PER_INVOICE))
    shares = np.array(list(_LINES_PER_INVOICE.values()))
    number = round(lines / float((counts * shares).sum()))
    year = rng.choice(YEARS, size=number, p=_YEAR_SHARES).astype(np.int64)
    supplier = rng.choice(len(suppliers), size=number, p=_supplier_shares(suppliers)).astype(np.int64)
    category = _category_of(suppliers, supplier, rng)
    day = _days(year, category, rng)
    order = np.lexsort((supplier, day))
    year, supplier, category, day = year[order], supplier[order], category[order], day[order]
    main_account, other_account = _accounts_of(suppliers, supplier, category, rng)
    return Invoices(
        year=year,
        supplier=supplier,
        category=category,
        unit=_units(suppliers, supplier, category, rng),
        day=day,
        main_account=main_account,
        other_account=other_account,
        lines=rng.choice(counts, size=number, p=shares).astype(np.int64),
        is_credit=_credit_notes(year, supplier, rng),
        size=_sizes(suppliers, year, supplier, category, main_account, rng),
    )


def _supplier_shares(suppliers: pd.DataFrame) -> Floats:
    """Share each category's invoices among its suppliers; large suppliers send more."""
    wanted = suppliers["category"].map({code: profile.invoices for code, profile in PROFILES.items()})
    pull = suppliers["weight"] ** 0.65
    shares = (wanted * pull / pull.groupby(suppliers["category"]).transform("sum")).to_numpy(dtype=np.float64)
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _category_of(suppliers: pd.DataFrame, supplier: Integers, rng: np.random.Generator) -> Integers:
    place = {code: index for index, code in enumerate(_CODES)}
    first = suppliers["category"].map(place).to_numpy(dtype=np.int64)
    second = suppliers["second_category"].map(place).to_numpy(dtype=np.int64)
    share = suppliers["second_share"].to_numpy(dtype=np.float64)
    return np.where(rng.random(len(supplier)) < share[supplier], second[supplier], first[supplier])


def _days(year: Integers, category: Integers, rng: np.random.Generator) -> npt.NDArray[np.datetime64]:
    """Draw working days after the category's season; never across a year's end."""
    month = np.zeros(len(year), dtype=np.int64)
    seasons = np.array([list(SEASONS).index(PROFILES[code].season) for code in _CODES])[category]
    for index, weights in enumerate(SEASONS.values()):
        rows = np.flatnonzero(seasons == index)
        month[rows] = rng.choice(12, size=len(rows), p=np.array(weights) / sum(weights))
    first = ((year - 1970) * 12 + month).astype("datetime64[M]").astype("datetime64[D]")
    day = first + rng.integers(2, 28, len(year)).astype("timedelta64[D]")
    weekday = (day.astype(np.int64) + 3) % 7
    return np.asarray(day - np.clip(weekday - 4, 0, 2).astype("timedelta64[D]"))


def _accounts_of(
    suppliers: pd.DataFrame, supplier: Integers, category: Integers, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Give every supplier one or two accounts per category, the same over the years."""
    pairs, pair_of = np.unique(supplier * len(_CODES) + category, return_inverse=True)
    types = suppliers["supplier_type"].tolist()
    pinned = suppliers["pinned"].eq(UNIT_RULE[1]).tolist()
    main = np.zeros(len(pairs), dtype=np.int64)
    other = np.zeros(len(pairs), dtype=np.int64)
    for index, (pair, draw) in enumerate(zip(pairs.tolist(), rng.random(len(pairs)).tolist(), strict=True)):
        who, code = divmod(pair, len(_CODES))
        choices = _accounts_for(_CODES[code], types[who])
        if pinned[who]:
            choices = [place for place in choices if ACCOUNTS[place].code == UNIT_RULE[0]]
        main[index] = choices[int(draw * len(choices))]
        stem = ACCOUNTS[main[index]].code[:3]
        beside = [place for place in choices if ACCOUNTS[place].code[:3] == stem]
        other[index] = beside[int(draw * 997) % len(beside)]
    return main[pair_of], other[pair_of]


def _accounts_for(category_code: str, supplier_type: str) -> list[int]:
    """List the places in ACCOUNTS that a supplier of a type can be booked on; investments weigh a fifth."""
    found = [
        place
        for place, account in enumerate(ACCOUNTS)
        if account.category_code == category_code
        and account.code != UNMAPPED_ACCOUNT.code
        and (account.sold_by in ("", supplier_type) or (account.sold_by == "private" and supplier_type != "public"))
    ]
    if not found:
        found = [place for place, account in enumerate(ACCOUNTS) if account.category_code == category_code]
    ordinary = [place for place in found if not ACCOUNTS[place].code.startswith("12")]
    return found + ordinary * 4 if ordinary else found


def _units(suppliers: pd.DataFrame, supplier: Integers, category: Integers, rng: np.random.Generator) -> Integers:
    """Draw the buying unit; some categories are mostly bought by one."""
    weights = np.array(UNIT_WEIGHTS, dtype=np.float64)
    unit = rng.choice(len(UNITS), size=len(category), p=weights / weights.sum()).astype(np.int64)
    draw = rng.random(len(category))
    for index, code in enumerate(_CODES):
        name, share = MAIN_UNIT.get(code, MAIN_UNIT.get(code[:2], ("", 0.0)))
        if name:
            unit[(category == index) & (draw < share)] = UNITS.index(name)
    it_unit, elsewhere = UNITS.index(UNIT_RULE[1]), UNITS.index("Regionservice")
    unit[(category == _CODES.index("14.09")) & (unit == it_unit)] = elsewhere
    unit[suppliers["pinned"].eq(UNIT_RULE[1]).to_numpy()[supplier]] = it_unit
    return unit


def _credit_notes(year: Integers, supplier: Integers, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Make a few invoices credit notes, where the supplier has enough others that year to credit from."""
    _, group, size = np.unique(supplier * 10_000 + year, return_inverse=True, return_counts=True)
    rank = pd.Series(group).groupby(group).cumcount().to_numpy()
    return np.asarray((size[group] >= 6) & (rank >= 3) & (rng.random(len(year)) < 0.034))


def _sizes(
    suppliers: pd.DataFrame,
    year: Integers,
    supplier: Integers,
    category: Integers,
    account: Integers,
    rng: np.random.Generator,
) -> Floats:
    """Draw the natural size of each invoice: category, supplier, price level of the year, and chance."""
    typical = np.array([profile.typical_kronor for profile in PROFILES.values()])[category]
    growth = np.array([1 + profile.yearly_growth_pct / 100 for profile in PROFILES.values()])[category]
    planted = np.ones(len(_CODES))
    for code, factor in (PLANTED_RISE, PLANTED_FALL):
        planted[_CODES.index(code)] = factor
    change = np.where(year == PERIOD, planted[category], 1.0)
    invests = np.array([item.code.startswith("12") for item in ACCOUNTS])[account]
    running = {item.category_code for item in ACCOUNTS if not item.code.startswith("12")}
    beside_running = np.array([code in running for code in _CODES])[category]
    lifted = np.where(invests & beside_running, _INVESTMENT_FACTOR, 1.0)
    pull = suppliers["weight"].to_numpy(dtype=np.float64)[supplier] ** 0.35
    chance = rng.lognormal(0.0, 0.95, len(year))
    return np.asarray(typical * growth ** (year - YEARS[0]) * change * lifted * pull * chance)

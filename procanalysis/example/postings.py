"""Put the postings together, plant what is to be found, and say where a right mapping puts each row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procanalysis.example.account_plan import (
    ACCOUNTS,
    ADDRESSABLE,
    DATED_ACCOUNT,
    DATED_CATEGORY_FROM_2025,
    EXEMPT,
    OVERRIDE_CATEGORY,
    OVERRIDE_SUPPLIER,
    RULED_CATEGORY,
    RULED_SUPPLIER,
    UNIT_RULE,
    UNITS,
    UNMAPPED_ACCOUNT,
)
from procanalysis.example.amounts import split_into_lines
from procanalysis.example.ledger import PERIOD, Integers, Invoices

MISCODED_PER_LINES = 2_500
"""One planted miscoding per so many lines."""
LEAST_POSTINGS = 40
"""So many postings in the period, all in one category, has a supplier of which one row is miscoded."""

_PLACE = {account.code: place for place, account in enumerate(ACCOUNTS)}


def draw_postings(
    invoices: Invoices, amount: Integers, suppliers: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one row per posting, in the order of the files.

    Columns: invoice, supplier, account, right_account and unit (places in their tables), year, day,
    amount_ore, is_miscoded, and category_code, spend_class, lou_covered and tier as booked.
    """
    invoice, line_amount = split_into_lines(invoices, amount, rng)
    first = np.concatenate(([True], invoice[1:] != invoice[:-1]))
    other = ~first & (rng.random(len(invoice)) < 0.35)
    account = np.where(other, invoices.other_account[invoice], invoices.main_account[invoice])
    unit = invoices.unit[invoice].copy()
    # Minor equipment is singled out by unit, so those invoices keep one.
    equipment = np.isin(account, [place for place, item in enumerate(ACCOUNTS) if item.category_code == "14.09"])
    elsewhere = ~first & ~equipment & (rng.random(len(invoice)) < 0.08)
    unit[elsewhere] = rng.integers(0, len(UNITS), int(elsewhere.sum()))
    # Two lines of the same amount on a two-line invoice are planted duplicates: equal in every column.
    twin = np.flatnonzero(~first & (invoices.lines[invoice] == 2) & (line_amount == np.roll(line_amount, 1)))
    account[twin], unit[twin] = account[twin - 1], unit[twin - 1]
    frame = pd.DataFrame(
        {
            "invoice": invoice,
            "supplier": invoices.supplier[invoice],
            "account": account,
            "right_account": account,
            "unit": unit,
            "year": invoices.year[invoice],
            "day": invoices.day[invoice],
            "amount_ore": line_amount,
            "is_miscoded": False,
        }
    )
    frame = _with_unmapped(frame, suppliers, np.union1d(twin, twin - 1), rng)
    frame = _with_miscodings(frame, suppliers, np.union1d(twin, twin - 1), rng)
    return with_categories(frame, suppliers)


def _with_unmapped(
    frame: pd.DataFrame, suppliers: pd.DataFrame, twins: Integers, rng: np.random.Generator
) -> pd.DataFrame:
    """Book a few rows on the account that no rule knows, from suppliers that sell in several categories."""
    mixed = suppliers["second_share"].gt(0).to_numpy()[frame["supplier"].to_numpy()]
    candidates = np.setdiff1d(np.flatnonzero(mixed), twins)
    chosen = rng.choice(candidates, size=max(3, len(frame) // 400), replace=False)
    frame.loc[chosen, ["account", "right_account"]] = _PLACE[UNMAPPED_ACCOUNT.code]
    return frame


def _with_miscodings(
    frame: pd.DataFrame, suppliers: pd.DataFrame, twins: Integers, rng: np.random.Generator
) -> pd.DataFrame:
    """Move single rows of one-category suppliers to an account in quite another main category."""
    booked = with_categories(frame, suppliers)
    # A supplier or unit rule would decide the row whatever its account.
    ruled = booked["tier"].isin(["override", "supplier", "unit"]).groupby(booked["supplier"]).any()
    booked_codes = booked.groupby("supplier")["category_code"]
    seen = pd.DataFrame({"categories": booked_codes.nunique(), "code": booked_codes.first()})
    seen["postings"] = booked[booked["year"].eq(PERIOD)].groupby("supplier").size()
    steady = seen[(seen["categories"] == 1) & (seen["postings"] >= LEAST_POSTINGS) & ~ruled]
    # A list of suspect rows shows no sole traders.
    steady = steady[suppliers["supplier_type"].ne("sole_trader").reindex(steady.index)]
    chosen = rng.permutation(np.array(steady.index, dtype=np.int64))[: max(1, len(frame) // MISCODED_PER_LINES)]
    open_rows = frame["year"].eq(PERIOD) & frame["amount_ore"].gt(10_000)
    open_rows &= ~frame.index.isin(twins)
    for supplier in chosen.tolist():
        rows = frame.index[open_rows & frame["supplier"].eq(supplier)]
        main = str(seen.loc[supplier, "code"])[:2]
        wrong = [
            place
            for place, account in enumerate(ACCOUNTS)
            if account.category_code[:2] not in (main, "90", "99")
            and account.spend_class != "investering"
            and account.code not in (UNIT_RULE[0], DATED_ACCOUNT.code)
        ]
        row = rng.choice(rows)
        frame.loc[row, "account"] = rng.choice(wrong)
        frame.loc[row, "is_miscoded"] = True
    return frame


def with_categories(frame: pd.DataFrame, suppliers: pd.DataFrame) -> pd.DataFrame:
    """Return the postings with category, spend class, LOU and tier as the reviewed rules should decide them.

    It follows the account plan and its five exceptions directly and knows nothing of the rule file.
    """
    account = frame["account"].to_numpy()
    code = np.array([item.category_code for item in ACCOUNTS], dtype=object)[account]
    spend_class = np.array([item.spend_class for item in ACCOUNTS], dtype=object)[account]
    lou = np.array([item.lou_covered for item in ACCOUNTS], dtype=object)[account]
    by_text = {_PLACE["6711"], _PLACE["6712"]}
    tier = np.where(np.isin(account, list(by_text)), "text", "account").astype(object)
    tier[account == _PLACE[UNMAPPED_ACCOUNT.code]] = "default"
    dated = (account == _PLACE[DATED_ACCOUNT.code]) & (frame["year"].to_numpy() >= PERIOD)
    code[dated] = DATED_CATEGORY_FROM_2025
    it_equipment = (account == _PLACE[UNIT_RULE[0]]) & (frame["unit"].to_numpy() == UNITS.index(UNIT_RULE[1]))
    code[it_equipment], tier[it_equipment] = UNIT_RULE[2], "unit"
    for name, category, (new_class, new_lou), its_tier in (
        (RULED_SUPPLIER, RULED_CATEGORY, EXEMPT, "supplier"),
        (OVERRIDE_SUPPLIER, OVERRIDE_CATEGORY, ADDRESSABLE, "override"),
    ):
        rows = suppliers["name"].eq(name).to_numpy()[frame["supplier"].to_numpy()]
        code[rows], spend_class[rows], lou[rows], tier[rows] = category, new_class, new_lou, its_tier
    return frame.assign(category_code=code, spend_class=spend_class, lou_covered=lou, tier=tier)

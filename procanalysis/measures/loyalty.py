"""How much of what LOU covers is bought on contract: what is proven, what is possible, and why the rest is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.article_rung import NO_LINES_OF_INVOICES, ArticleRung, article_rung
from procanalysis.measures.covered_purchases import (
    EXCLUDED,
    FIGURES,
    HIGHEST_RUNG,
    SUPPLIER_RUNG,
    CoveredPurchases,
    LoyaltyBase,
    base_of,
    covered_purchases,
    loyalty_base,
)
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import RUNGS, KeyFigure, kronor, percent

__all__ = [
    "CAUSES",
    "EXCLUDED",
    "GROUPINGS",
    "NO_LINES_OF_INVOICES",
    "STEPS",
    "ArticleRung",
    "CoveredPurchases",
    "LargeItems",
    "LoyaltyBase",
    "article_rung",
    "category_loyalty",
    "covered_purchases",
    "largest_without_contract",
    "late_registered_share",
    "loyalty_base",
    "loyalty_by",
    "loyalty_ladder",
    "loyalty_with_and_without_large",
    "missing_by_rung",
    "supplier_loyalty",
]

NO_PURCHASES = "Det finns inga köp som LOU omfattar i urvalet"
NOT_ABOVE_ZERO = "Nettot av de köp som LOU omfattar är inte över noll i urvalet"
STEPS: tuple[str, ...] = (
    "Krediter utan motsvarande inköp",
    "Inget avtal visat för leverantören",
    "Inget avtal visat på inköpsdagen",
    "Inget avtal visat i köpets kategori",
    "Inget avtal visat för köparen",
)
"""What falls before the ladder and at each of its rungs; some of it may yet have a contract."""

UNDECIDED = "Går inte att avgöra med uppgifterna i registret och reskontran"
CAUSES: tuple[str, ...] = (
    "Leverantören har inget registrerat avtal",
    "Avtalet gällde inte på inköpsdagen",
    "Avtalet gäller en annan kategori",
    "Köparen får inte använda avtalet",
    UNDECIDED,
)
"""Why a purchase is not proven: the rung that no contract reaches, lowest first, and last what cannot be told."""

_SHARES = ("supplier_proven", "supplier_possible", "category_proven", "category_possible")


@dataclass(frozen=True)
class Grouping:
    """Describe one way to part the base: its key column, its name column, and the name of a missing key."""

    key: str
    name: str
    missing: str


GROUPINGS: dict[str, Grouping] = {
    "category": Grouping("category_code", "category_name", "Okategoriserat"),
    "main_category": Grouping("main_category_code", "main_category_name", "Okategoriserat"),
    "unit": Grouping("unit", "unit_name", "Enhet saknas"),
    "month": Grouping("month", "month_name", "Datum saknas"),
    "supplier_size": Grouping("supplier_size", "supplier_size_name", ""),
}
"""The ways to part the base, by the word that `by` takes."""


def _share(numerator: int, denominator: int) -> float:
    share = percent(int(numerator), int(denominator))
    return float("nan") if share is None else float(share)


def loyalty_ladder(
    matched: NativeFrame | LoyaltyBase,
    *,
    include_investments: bool = False,
    as_then: bool = False,
    article_evidence: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell rung by rung how much of the purchases contracts prove, and how much more they make possible.

    proven_pct = settled purchases with proven_rung at or above the rung × 100 / net of the base; possible_pct the same
    with possible_rung; unknown_ore = possible_ore - proven_ore. An invoice stands where its lowest posting stands;
    credit notes and postings without an invoice number are not counted as invoices.

    Parameters: `matched`, one row per posting, as match_contracts returns them, or what covered_purchases made of them
    (here and below; it has decided about the investments itself); `include_investments`; `as_then`, count only
    contracts registered on or before the purchase; `article_evidence`, the lines of orders or invoices that name their
    invoice, with invoice_key, amount_ore and contracted (see article_rung). Returns one row per rung, 1 to 5: rung,
    rung_name, proven_ore, possible_ore, unknown_ore, denominator_ore, proven_pct, possible_pct, invoices_proven_count,
    invoices_possible_count, invoices_count, measurable, reason. Without such lines rung 5 is not measurable and has
    only the denominators, and the reason says why; with them it says how much of rung 4 they cover. No rows without a
    contract register. Raises MeasureError. Source: methods 2.2 and 15.
    """
    base = base_of(matched, include_investments=include_investments)
    suffix = "_then" if as_then else ""
    cells, invoices = base.cells(), base.invoices()
    denominator, invoices_count = int(cells["settled_ore"].sum()), int(invoices["invoices_count"].sum())
    rows: list[dict[str, Any]] = []
    for rung, rung_name in RUNGS.items() if not base.unknown_because else ():
        row: dict[str, Any] = {"rung": rung, "rung_name": rung_name, "measurable": True, "reason": ""}
        row |= {"denominator_ore": denominator, "invoices_count": invoices_count}
        for word in ("proven", "possible") if rung <= HIGHEST_RUNG else ():
            column = f"{word}_rung{suffix}"
            row[f"{word}_ore"] = int(cells["bought_ore"][cells[column] >= rung].sum())
            row[f"invoices_{word}_count"] = int(invoices["invoices_count"][invoices[column] >= rung].sum())
        if rung > HIGHEST_RUNG:
            row |= _of_articles(article_rung(base, article_evidence, as_then=as_then))
        row["unknown_ore"] = row["possible_ore"] - row["proven_ore"] if row["measurable"] else None
        for word in ("proven", "possible"):
            row[f"{word}_pct"] = _share(row[f"{word}_ore"], denominator) if row["measurable"] else float("nan")
        rows.append(row)
    types = {
        "rung": "int64", "rung_name": "str", "proven_ore": "Int64", "possible_ore": "Int64", "unknown_ore": "Int64",
        "denominator_ore": "int64", "proven_pct": "float64", "possible_pct": "float64",
        "invoices_proven_count": "Int64", "invoices_possible_count": "Int64", "invoices_count": "int64",
        "measurable": "bool", "reason": "str",
    }  # fmt: skip
    return frames.framed(rows, types)


def _of_articles(rung: ArticleRung) -> dict[str, Any]:
    """Lay out the fifth rung; nothing but the reason where it is not measured."""
    measurable = not rung.unknown_because
    names = ("proven_ore", "possible_ore", "invoices_proven_count", "invoices_possible_count")
    figures = {name: getattr(rung, name) if measurable else None for name in names}
    return {**figures, "measurable": measurable, "reason": rung.told}


def supplier_loyalty(
    matched: NativeFrame | LoyaltyBase,
    *,
    include_investments: bool = False,
    target_pct: Decimal | int | None = None,
    currency: str = "SEK",
) -> KeyFigure:
    """Tell how large a share of the purchases is made from suppliers with a contract that held on the day.

    share = settled purchases proven on rung 2 × 100 / net of the purchases that LOU covers. Parameters: `matched`, as
    match_contracts returns them; `include_investments`; `target_pct`, the goal, if any; `currency`, of the amounts.
    Returns a KeyFigure in percent, whose comparison is the interval from proven to possible where they differ, and
    whose status is 'unknown' when the goal lies in it. Unknown without a contract register. Source: methods 2.1, 2.2.
    """
    columns = ("supplier_proven_ore", "supplier_possible_ore")
    return _figure("supplier_loyalty", "Leverantörstrohet", matched, columns, include_investments, target_pct, currency)


def category_loyalty(
    matched: NativeFrame | LoyaltyBase,
    *,
    include_investments: bool = False,
    target_pct: Decimal | int | None = None,
    currency: str = "SEK",
) -> KeyFigure:
    """Tell how large a share is bought where supplier, day, category and buyer all agree with one contract.

    share = settled purchases proven on rung 4 × 100 / net of the purchases that LOU covers. Parameters and result as
    for supplier_loyalty. Source: methods 2.2.
    """
    columns, label = ("category_proven_ore", "category_possible_ore"), "Trohet inom kategori och deltagare"
    return _figure("category_loyalty", label, matched, columns, include_investments, target_pct, currency)


def late_registered_share(
    matched: NativeFrame | LoyaltyBase, *, include_investments: bool = False, currency: str = "SEK"
) -> KeyFigure:
    """Tell how large a share rests on contracts that were registered after the purchase.

    share = settled purchases proven on rung 2 today that no contract registered by the day of the purchase could reach
    (possible_rung_then below 2) × 100 / net of the purchases that LOU covers. The interval goes up to those that no
    contract proves to have been registered by then (proven_rung_then below 2). Parameters and result as for
    supplier_loyalty. Source: methods 2.2; requirements R20, R34.
    """
    columns = ("late_registered_ore", "late_possible_ore")
    return _figure("late_registered_share", "Efterregistrerat", matched, columns, include_investments, None, currency)


def _figure(
    name: str,
    label: str,
    matched: NativeFrame | LoyaltyBase,
    columns: tuple[str, str],
    include_investments: bool,
    target_pct: Decimal | int | None,
    currency: str,
) -> KeyFigure:
    """Make a key figure of two of FIGURES: what is proven, and what is possible."""
    base = base_of(matched, include_investments=include_investments)
    totals = base.cells()[list(FIGURES)].sum()
    proven, possible, denominator = (int(totals[column]) for column in (*columns, "denominator_ore"))
    low, high = percent(proven, denominator), percent(possible, denominator)
    because = base.unknown_because
    if not because and low is None:
        because = NOT_ABOVE_ZERO if totals["lines_count"] else NO_PURCHASES
    told = []
    if not because and wording.interval_text(low, high):
        told.append(wording.interval_text(low, high))
    if not because and target_pct is not None:
        told.append(f"mål {wording.percent_text(target_pct)}")
    return KeyFigure(
        id=name,
        label=label,
        value=None if because else low,
        unit="%",
        method=name,
        numerator=None if because else kronor(proven),
        denominator=None if base.unknown_because else kronor(denominator),
        part_unit=currency,
        excluded=base.excluded,
        comparison="; ".join(told),
        status=wording.goal_status(low, high, target_pct) if target_pct is not None and not because else "",
        unknown_because=because,
        low=None if because or low == high else low,
        high=None if because or low == high else high,
    )


_GROUP_COLUMNS = (
    "denominator_ore", "share_pct", "lines_count",
    "supplier_proven_ore", "supplier_possible_ore", "supplier_proven_pct", "supplier_possible_pct",
    "category_proven_ore", "category_possible_ore", "category_proven_pct", "category_possible_pct",
    "late_registered_ore", "late_possible_ore",
    "supplier_missing_ore", "supplier_missing_pct", "category_missing_ore", "category_missing_pct",
)  # fmt: skip


def loyalty_by(
    matched: NativeFrame | LoyaltyBase,
    by: str,
    *,
    include_investments: bool = False,
    small_supplier_limit_ore: int = 50_000_00,
    target_pct: Decimal | int | None = None,
    targets_pct: Mapping[str, Decimal | int] | None = None,
    weakest_first: bool = False,
    currency: str = "SEK",
) -> pd.DataFrame:
    """Part the loyalty by category, main category, unit, month or size of supplier.

    For a group k with the denominator D(k) and the proven N(k): supplier_missing_ore = D(k) - N(k), and
    supplier_missing_pct = (D(k) - N(k)) × 100 / D = (1 - loyalty(k)) × share(k), so that the groups add up to what the
    whole lacks. The same for rung 4 as category_. A month is that of the purchase, less its credit notes. A supplier is
    small when its net in the base and the calendar year is below the limit.

    Parameters
    ----------
    matched: one row per posting, as match_contracts returns them, or what covered_purchases made of them.
    by: one of GROUPINGS. include_investments: whether purchases booked as investments are in.
    small_supplier_limit_ore: above zero; for supplier_size. currency: of the limit.
    target_pct: goal on rung 2 for every group. targets_pct: goals by the group's key, which go before it.
    weakest_first: lowest supplier_proven_pct first, instead of largest first (months: in order of time).

    Returns one row per group: key, name, denominator_ore, share_pct (of the whole), lines_count, for supplier_ (rung 2)
    and category_ (rung 4) proven_ore, possible_ore, proven_pct, possible_pct, missing_ore, missing_pct; then
    late_registered_ore and late_possible_ore (see late_registered_share); cause and cause_ore, the largest of CAUSES
    for what rung 4 lacks ('' when nothing does); target_pct, distance_pp (proven less goal), status
    ('met', 'off', 'unknown' when the goal lies between proven and possible, '' without a goal) and status_reason. No
    rows without a contract register. Raises MeasureError. Source: methods 2.2.
    """
    if by not in GROUPINGS:
        raise MeasureError(f"loyalty_by: '{by}' is not a way to part the loyalty. {did_you_mean(by, GROUPINGS)}")
    if small_supplier_limit_ore <= 0:
        raise MeasureError(f"loyalty_by: small_supplier_limit_ore is {small_supplier_limit_ore}. Give more than zero.")
    grouping = GROUPINGS[by]
    named = [grouping.name] if by in ("category", "main_category") else []
    carried = [grouping.key, grouping.name] if named else []
    base = base_of(matched, include_investments=include_investments, carried=carried)
    keyed = _keyed(base, by, small_supplier_limit_ore)
    cells = _with_causes(keyed.cells([grouping.key], named), HIGHEST_RUNG)
    if base.unknown_because:
        cells = cells.iloc[:0]
    table = _with_names(_summed(cells, grouping, named), by, grouping, small_supplier_limit_ore, currency)
    whole = int(table["denominator_ore"].sum())
    table = _with_targets(_with_shares(table, whole), table[grouping.key], target_pct, targets_pct or {})
    first = "supplier_proven_pct" if weakest_first else "denominator_ore"
    if by == "month" and not weakest_first:
        ordered = table.sort_values("month", na_position="last", ignore_index=True)
    else:
        ordered = table.sort_values(
            [first, "supplier_missing_ore", grouping.key],
            ascending=[weakest_first, False, True], na_position="last", kind="stable", ignore_index=True,
        )  # fmt: skip
    shown = ("cause", "cause_ore", "target_pct", "distance_pp", "status", "status_reason")
    return ordered[[grouping.key, grouping.name, *_GROUP_COLUMNS, *shown]]


def _keyed(base: LoyaltyBase, by: str, small_supplier_limit_ore: int) -> LoyaltyBase:
    """Add the keys that are made here: months as 202503, and 1 for a supplier that reaches the limit."""
    if by == "supplier_size":
        return base.with_supplier_size(small_supplier_limit_ore)
    return base.with_month() if by == "month" else base


def _with_causes(cells: pd.DataFrame, rung: int) -> pd.DataFrame:
    """Add one column per cause with the purchases that are not proven on a rung for that cause."""
    lacking = cells["bought_ore"].where(cells["proven_rung"] < rung, 0)
    # The rung that not even the best possible contract reaches; where it could reach all of them nobody can tell.
    cause = cells["possible_rung"].where(cells["possible_rung"] < rung, len(CAUSES) - 1)
    return cells.assign(**{name: lacking.where(cause == place, 0) for place, name in enumerate(CAUSES)})


def _largest_cause(table: pd.DataFrame) -> pd.DataFrame:
    """Put the largest cause of each row, the first of equals, in the place of the columns of all causes."""
    causes = table[list(CAUSES)]
    largest = causes.max(axis="columns").fillna(0).astype("int64")
    name = causes.idxmax(axis="columns") if len(causes) else pd.Series([], dtype="str")
    told = name.astype("str").where(largest > 0, "")
    return table.drop(columns=list(CAUSES)).assign(cause=told, cause_ore=largest)


def _summed(cells: pd.DataFrame, grouping: Grouping, named: Sequence[str]) -> pd.DataFrame:
    grouped = cells.groupby(grouping.key, dropna=False, as_index=False)
    summed = grouped[[*FIGURES, *CAUSES]].sum()
    if named:
        summed[grouping.name] = grouped[grouping.name].min()[grouping.name]
    return _largest_cause(summed)


def _with_names(
    table: pd.DataFrame, by: str, grouping: Grouping, small_supplier_limit_ore: int, currency: str
) -> pd.DataFrame:
    """Add the name that a reader sees; a missing key gets the grouping's word for missing."""
    key = table[grouping.key]
    if by == "month":
        key = key.map(lambda month: f"{month // 100}-{month % 100:02d}" if month else None).astype("str")
        name = key.map(wording.month_text, na_action="ignore")
    elif by == "supplier_size":
        limit = wording.amount_text(small_supplier_limit_ore, currency)
        name = key.map({1: f"Leverantörer med minst {limit} per år", 0: f"Leverantörer under {limit} per år"})
        key = key.map({1: "large", 0: "small"}).astype("str")
    else:
        name = table.get(grouping.name, key)
    shown = name.astype("str")
    shown = shown.where(shown.notna(), key.astype("str")).where(key.notna(), grouping.missing)
    return table.assign(**{grouping.key: key.astype("str"), grouping.name: shown})


def _with_shares(table: pd.DataFrame, whole: int) -> pd.DataFrame:
    """Add every percentage of a table that holds FIGURES; `whole` is the denominator of all rows together."""
    made: dict[str, list[Any]] = {
        "share_pct": [_share(amount, whole) for amount in table["denominator_ore"]],
        **{
            f"{name}_pct": [
                _share(part, of) for part, of in zip(table[f"{name}_ore"], table["denominator_ore"], strict=True)
            ]
            for name in _SHARES
        },
    }
    for word in ("supplier", "category"):
        missing = table["denominator_ore"] - table[f"{word}_proven_ore"]
        made[f"{word}_missing_ore"] = missing.tolist()
        made[f"{word}_missing_pct"] = [_share(amount, whole) for amount in missing]
    types = {name: "float64" if name.endswith("_pct") else "int64" for name in made}
    return table.assign(**{name: pd.Series(made[name], table.index, dtype) for name, dtype in types.items()})


def _with_targets(
    table: pd.DataFrame, keys: pd.Series[Any], target_pct: Decimal | int | None, targets: Mapping[str, Decimal | int]
) -> pd.DataFrame:
    """Judge each row's supplier loyalty against its goal."""
    judged: dict[str, list[Any]] = {"target_pct": [], "distance_pp": [], "status": [], "status_reason": []}
    for key, row in zip(keys, table.to_dict("records"), strict=True):
        goal = targets.get(key, target_pct)
        low, high = (percent(row[f"supplier_{word}_ore"], row["denominator_ore"]) for word in ("proven", "possible"))
        status = "" if goal is None else wording.goal_status(low, high, goal)
        reason = ""
        if status == "unknown":
            reason = f"Kan inte avgöras: {wording.interval_text(low, high)}" if low is not None else NOT_ABOVE_ZERO
        judged["target_pct"].append(float("nan") if goal is None else float(goal))
        judged["distance_pp"].append(float("nan") if goal is None or low is None else float(low - goal))
        judged["status"].append(status)
        judged["status_reason"].append(reason)
    types = {"target_pct": "float64", "distance_pp": "float64", "status": "str", "status_reason": "str"}
    return table.assign(**{name: pd.Series(judged[name], table.index, dtype) for name, dtype in types.items()})


def missing_by_rung(matched: NativeFrame | LoyaltyBase, *, include_investments: bool = False) -> pd.DataFrame:
    """Follow the purchases from all that LOU covers down to what is proven on rung 4, and what falls at each rung.

    amount_ore = purchases whose proven_rung ends just below the rung; unknown_ore, those of them whose possible_rung
    reaches it. The first row is credit notes that found no purchase (a minus, on no rung). The amounts sum to the
    denominator less what is proven on rung 4. Parameters as for loyalty_ladder. Returns rung (0 to 4), step (in words),
    amount_ore, unknown_ore, missing_pct (of the denominator), left_ore (proven after the step), lines_count. No rows
    without a contract register. Raises MeasureError. Source: methods 2.2.
    """
    base = base_of(matched, include_investments=include_investments)
    cells = base.cells()
    bought = cells["is_purchase"] == 1
    denominator = int(cells["settled_ore"].sum())
    left = denominator
    rows = []
    for rung in range(HIGHEST_RUNG + 1) if not base.unknown_because else ():
        falls = bought & (cells["proven_rung"] == rung - 1) if rung else ~bought & (cells["settled_ore"] != 0)
        amount = int(cells["settled_ore"][falls].sum())
        left -= amount
        rows.append(
            {
                "rung": rung,
                "step": STEPS[rung],
                "amount_ore": amount,
                "unknown_ore": int(cells["settled_ore"][falls & (cells["possible_rung"] >= rung)].sum()) if rung else 0,
                "missing_pct": _share(amount, denominator),
                "left_ore": left,
                "lines_count": int(cells["lines_count"][falls].sum()),
            }
        )
    types = {
        "rung": "int64", "step": "str", "amount_ore": "int64", "unknown_ore": "int64", "missing_pct": "float64",
        "left_ore": "int64", "lines_count": "int64",
    }  # fmt: skip
    return frames.framed(rows, types)


def largest_without_contract(
    matched: NativeFrame | LoyaltyBase, n: int = 20, *, include_investments: bool = False
) -> pd.DataFrame:
    """List the suppliers with the largest purchases that no contract proves on the day of the purchase, and why.

    amount_ore = settled purchases not proven on rung 2; unknown_ore, those of them that are possible there. Parameters:
    `matched`, as for loyalty_ladder; `n`, at least 1, how many suppliers; `include_investments`. Returns the n largest
    besides the sole traders, and every sole trader, so that the caller can merge these before showing any:
    supplier_key, supplier_name, supplier_type, amount_ore, unknown_ore, denominator_ore (the supplier's net),
    lines_count (purchases not proven), cause (the largest of CAUSES), largest amount first. No rows without a contract
    register. Raises MeasureError. Source: methods 2.2; requirement R66.
    """
    if n < 1:
        raise MeasureError(f"largest_without_contract: n is {n}. Give at least 1.")
    carried = ("supplier_name", "supplier_type")
    base = base_of(matched, include_investments=include_investments, carried=carried)
    cells = _with_causes(base.cells(["supplier_key"], carried), SUPPLIER_RUNG)
    lacking = (cells["is_purchase"] == 1) & (cells["proven_rung"] < SUPPLIER_RUNG)
    cells = cells.assign(
        amount_ore=cells["settled_ore"].where(lacking, 0),
        unknown_ore=cells["supplier_possible_ore"].where(lacking, 0),
        lines_count=cells["lines_count"].where(lacking, 0),
    )
    if base.unknown_because:
        cells = cells.iloc[:0]
    grouped = cells.groupby("supplier_key", as_index=False)
    summed = grouped[["amount_ore", "unknown_ore", "denominator_ore", "lines_count", *CAUSES]].sum()
    for name in carried:
        summed[name] = grouped[name].min()[name]
    table = _largest_cause(summed[summed["amount_ore"] > 0])
    ordered = frames.by_amount(table, ["supplier_key"])
    people = ordered["supplier_type"] == "sole_trader"
    shown = ordered[people | ((~people).cumsum() <= n)]
    columns = ["supplier_key", *carried, "amount_ore", "unknown_ore", "denominator_ore", "lines_count", "cause"]
    return shown[columns].reset_index(drop=True)


@dataclass(frozen=True)
class LargeItems:
    """Hold the loyalty with and without single large items, and the items.

    compared: selection ('all', 'without_large'), selection_name, then the figures of loyalty_by; items: one row per
    invoice over the limit, largest first. all - items = without_large, to the öre.
    """

    compared: pd.DataFrame
    items: pd.DataFrame


def loyalty_with_and_without_large(
    matched: NativeFrame | LoyaltyBase,
    *,
    large_item_limit_ore: int,
    include_investments: bool = False,
    currency: str = "SEK",
) -> LargeItems:
    """Tell what single large items do to the loyalty: once with them, once without.

    A large item is an invoice (a posting, where there is no invoice number) whose net in the base is above the limit.
    Credit notes are settled before the items are taken away. Parameters: `matched`, as for loyalty_ladder;
    `large_item_limit_ore`, above zero; `include_investments`; `currency`, of the limit. Returns LargeItems; its items
    have invoice_key, supplier_key, supplier_name, supplier_type, unit, booked_on, amount_ore (net), settled_ore,
    lines_count, proven_rung and possible_rung (the lowest of the invoice); merge the sole traders among them before
    showing any. No rows without a contract register. Raises MeasureError. Source: methods 2.2; requirement R67.
    """
    if large_item_limit_ore <= 0:
        raise MeasureError(
            f"loyalty_with_and_without_large: large_item_limit_ore is {large_item_limit_ore}. Give more than zero."
        )
    carried = ("supplier_name", "supplier_type")
    base = base_of(matched, include_investments=include_investments, carried=carried)
    first = ("invoice_key", "supplier_key", *carried, "unit", "booked_on")
    cells, large = base.cells(), base.items_above(large_item_limit_ore, first)
    items = _large_items(large, first)
    limit = wording.amount_text(large_item_limit_ore, currency)
    selections = {"all": "Alla köp", "without_large": f"Utan enskilda köp över {limit}"}
    whole, of_large = (part[list(FIGURES)].sum() for part in (cells, large))
    compared = pd.DataFrame([whole, whole - of_large]).astype("int64").reset_index(drop=True)
    compared.insert(0, "selection", pd.Series(list(selections), dtype="str"))
    compared.insert(1, "selection_name", pd.Series(list(selections.values()), dtype="str"))
    shared = _with_shares(compared, int(compared["denominator_ore"].iloc[0]))
    if base.unknown_because:
        shared, items = shared.iloc[:0], items.iloc[:0]
    ordered = frames.by_amount(items, ["__item"]).drop(columns="__item")
    own_missing = [name for name in _GROUP_COLUMNS if not name.endswith("_missing_pct")]
    return LargeItems(
        shared[["selection", "selection_name", *own_missing]],
        ordered[[*first, "amount_ore", "settled_ore", "lines_count", "proven_rung", "possible_rung"]],
    )


def _large_items(cells: pd.DataFrame, first: Sequence[str]) -> pd.DataFrame:
    """Sum the cells of each item, with the first of its names in order and its lowest rungs."""
    grouped = cells.groupby("__item", as_index=False)
    items = grouped[["amount_ore", "settled_ore", "lines_count"]].sum()
    for name in (*first, "proven_rung", "possible_rung"):
        items[name] = grouped[name].min()[name]
    return items

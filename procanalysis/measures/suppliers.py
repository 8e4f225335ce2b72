"""How many suppliers, how the volume is spread over them, and how well the register is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import (
    NUMBER_STATUSES,
    SUPPLIER_REGISTER,
    Exclusion,
    KeyFigure,
    kronor,
    names,
    percent,
    require_columns,
)

NO_SUPPLIERS = "Ingen leverantör har en nettovolym över noll i urvalet"
NOT_ABOVE_ZERO = "Leverantörer med nettovolym noll eller lägre"
LARGEST_CURVE = 200
"""Points that a Pareto curve is thinned to; more cannot be told apart on paper."""


def _per_supplier(lines: NativeFrame, measure: str) -> pd.DataFrame:
    needed = ["supplier_key", "invoice_key", "amount_ore"]
    return frames.tally(frames.lazy(lines, needed, measure), ["supplier_key"])


def _sums_per_supplier(lines: NativeFrame, measure: str) -> pd.DataFrame:
    return frames.sums(frames.lazy(lines, ["supplier_key", "amount_ore"], measure), ["supplier_key"])


def _above_zero(lines: NativeFrame, measure: str) -> tuple[list[int], tuple[Exclusion, ...]]:
    """Return the net volumes above zero, largest first, and the suppliers that have none."""
    per_supplier = _sums_per_supplier(lines, measure)
    kept = per_supplier["amount_ore"] > 0
    left = per_supplier[~kept]
    reason = f"{NOT_ABOVE_ZERO} ({wording.number_text(len(left))} st)"
    excluded = (Exclusion(reason, int(left["lines_count"].sum()), int(left["amount_ore"].sum())),) if len(left) else ()
    return [int(amount) for amount in per_supplier.loc[kept, "amount_ore"]], excluded


def _smallest_set(amounts: Sequence[int], volume_pct: int | Decimal) -> int:
    """Count the largest suppliers that together make at least volume_pct of the volume."""
    total, made = sum(amounts), 0
    for rank, amount in enumerate(amounts, start=1):
        made += amount
        if made * 100 >= total * volume_pct:
            return rank
    return len(amounts)


def supplier_count(lines: NativeFrame) -> KeyFigure:
    """Count the suppliers that have at least one posting.

    count = number of different supplier_key. Parameters: `lines`, one row per posting. Returns a KeyFigure
    counted in st; unknown when there are no postings. Source: methods 6.
    """
    count = len(_sums_per_supplier(lines, "supplier_count"))
    return KeyFigure(
        id="supplier_count",
        label="Antal leverantörer",
        value=Decimal(count) if count else None,
        unit="st",
        method="supplier_count",
        unknown_because="" if count else "Det finns inga konteringar i urvalet",
    )


def tail_share(lines: NativeFrame, volume_pct: int | Decimal = 20) -> KeyFigure:
    """Tell how large a share of the suppliers stands behind the last part of the volume.

    share = (n - k) × 100 / n, where k is the smallest number of suppliers that together make at least
    100 - volume_pct percent of the volume, and n all suppliers with a net volume above zero. Parameters:
    `lines`, one row per posting; `volume_pct`, above 0 and below 100. Returns a KeyFigure in percent of
    suppliers; those with a net volume of zero or less are left out and returned. Raises MeasureError.
    Source: methods 6 (published: 94 % of the suppliers behind 20 % of the volume).

    >>> lines = pd.DataFrame({"supplier_key": list("abcde"), "invoice_key": list("12345"),
    ...                       "amount_ore": [50, 30, 10, 5, 5]})
    >>> tail_share(lines).value
    Decimal('60')
    """
    if not 0 < volume_pct < 100:
        raise MeasureError(f"tail_share: volume_pct is {volume_pct}. Give a value above 0 and below 100.")
    amounts, excluded = _above_zero(lines, "tail_share")
    tail = len(amounts) - _smallest_set(amounts, 100 - volume_pct)
    part = wording.percent_text(volume_pct)
    return KeyFigure(
        id="tail_share",
        label=f"Andel leverantörer bakom de sista {part} av volymen",
        value=percent(tail, len(amounts)),
        unit="%",
        method="tail_share",
        numerator=Decimal(tail),
        denominator=Decimal(len(amounts)),
        part_unit="st",
        excluded=excluded,
        unknown_because="" if amounts else NO_SUPPLIERS,
    )


def herfindahl_index(amounts_ore: Iterable[int]) -> Decimal | None:
    """Return the sum of the squared shares, between 0 and 1, or None when there is no volume.

    HHI = Σ (x / Σx)². Parameters: `amounts_ore`, net volumes above zero. Source: methods 6.

    >>> herfindahl_index([50, 30, 10, 5, 5])
    Decimal('0.355')
    """
    amounts = [int(amount) for amount in amounts_ore]
    total = sum(amounts)
    return Decimal(sum(amount * amount for amount in amounts)) / (total * total) if total > 0 else None


def gini_index(amounts_ore: Iterable[int]) -> Decimal | None:
    """Return how unevenly the volume is spread, 0 for all alike, or None when there is no volume.

    G = 2 Σ i·x(i) / (n Σx) - (n + 1) / n, with x in rising order. Parameters: `amounts_ore`, net volumes
    above zero. Source: methods 6.

    >>> gini_index([50, 30, 10, 5, 5])
    Decimal('0.46')
    """
    amounts = sorted(int(amount) for amount in amounts_ore)
    count, total = len(amounts), sum(amounts)
    if total <= 0:
        return None
    weighted = sum(rank * amount for rank, amount in enumerate(amounts, start=1))
    return Decimal(2 * weighted - (count + 1) * total) / (count * total)


def effective_suppliers(lines: NativeFrame) -> KeyFigure:
    """Tell how many equally large suppliers would give the same concentration.

    effective number = 1 / HHI = (Σx)² / Σx². Parameters: `lines`, one row per posting. Returns a KeyFigure
    in st; suppliers with a net volume of zero or less are left out and returned. Source: methods 6.
    """
    amounts, excluded = _above_zero(lines, "effective_suppliers")
    index = herfindahl_index(amounts)
    return KeyFigure(
        id="effective_suppliers",
        label="Effektivt antal leverantörer",
        value=None if index is None else 1 / index,
        unit="st",
        method="effective_suppliers",
        excluded=excluded,
        unknown_because=NO_SUPPLIERS if index is None else "",
    )


def gini(lines: NativeFrame) -> KeyFigure:
    """Tell how unevenly the volume is spread over the suppliers, from 0 (all alike) towards 1.

    See gini_index for the formula. Parameters: `lines`, one row per posting. Returns a KeyFigure without
    unit; suppliers with a net volume of zero or less are left out and returned. Source: methods 6.
    """
    amounts, excluded = _above_zero(lines, "gini")
    index = gini_index(amounts)
    return KeyFigure(
        id="gini",
        label="Ginikoefficient för leverantörernas volym",
        value=index,
        unit="",
        method="gini",
        excluded=excluded,
        unknown_because=NO_SUPPLIERS if index is None else "",
    )


def concentration(lines: NativeFrame, largest: Sequence[int] = (1, 5, 10)) -> pd.DataFrame:
    """Sum the share of the volume that the largest suppliers make.

    share_pct = the k largest net volumes × 100 / all net volumes above zero. Parameters: `lines`, one row per
    posting; `largest`, the numbers k, each at least 1. Returns one row per k: largest, suppliers_count (fewer
    when there are not k), amount_ore, total_ore, share_pct; no rows when no supplier has a volume above zero.
    Raises MeasureError. Source: methods 6.
    """
    if not largest or min(largest) < 1:
        raise MeasureError(f"concentration: largest is {tuple(largest)}. Give whole numbers of at least 1.")
    amounts, _ = _above_zero(lines, "concentration")
    total = sum(amounts)
    wanted = sorted(set(largest)) if amounts else []
    return pd.DataFrame(
        {
            "largest": pd.Series(wanted, dtype="int64"),
            "suppliers_count": pd.Series([min(k, len(amounts)) for k in wanted], dtype="int64"),
            "amount_ore": pd.Series([sum(amounts[:k]) for k in wanted], dtype="int64"),
            "total_ore": pd.Series([total for _ in wanted], dtype="int64"),
            "share_pct": pd.Series([sum(amounts[:k]) * 100 / total for k in wanted], dtype="float64"),
        }
    )


def pareto_curve(lines: NativeFrame, volume_pct: int | Decimal = 80) -> pd.DataFrame:
    """Follow how the volume grows from the largest supplier to the smallest.

    Parameters: `lines`, one row per posting; `volume_pct`, the point that must stand on the curve. Returns at
    most 200 points: rank, suppliers_pct, cumulative_ore, total_ore, cumulative_pct, is_point (the first rank
    that reaches volume_pct). First, last and that point are always there. Suppliers with a net volume of zero
    or less are left out. Raises MeasureError. Source: methods 6.
    """
    if not 0 < volume_pct <= 100:
        raise MeasureError(f"pareto_curve: volume_pct is {volume_pct}. Give a value above 0, at most 100.")
    amounts, _ = _above_zero(lines, "pareto_curve")
    point = _smallest_set(amounts, volume_pct)
    ranks = _thinned(len(amounts), point)
    cumulative = pd.Series(amounts, dtype="int64").cumsum()
    reached = cumulative.iloc[[rank - 1 for rank in ranks]].reset_index(drop=True)
    total = sum(amounts)
    return pd.DataFrame(
        {
            "rank": pd.Series(ranks, dtype="int64"),
            "suppliers_pct": pd.Series([rank * 100 / len(amounts) for rank in ranks], dtype="float64"),
            "cumulative_ore": reached,
            "total_ore": pd.Series([total for _ in ranks], dtype="int64"),
            "cumulative_pct": (reached * 100 / total).astype("float64"),
            "is_point": pd.Series([rank == point for rank in ranks], dtype="bool"),
        }
    )


def _thinned(count: int, point: int) -> list[int]:
    """Choose the ranks to draw: close together at the head, where the curve bends, and even in the rest."""
    if count <= LARGEST_CURVE:
        return list(range(1, count + 1))
    half = (LARGEST_CURVE - 3) // 2
    even = {1 + round(step * (count - 1) / half) for step in range(half + 1)}
    head = {round(math.exp(step * math.log(count) / half)) for step in range(half)}
    return sorted(even | head | {1, count, point})


@dataclass(frozen=True)
class RegisterQuality:
    """Hold what the supplier register's quality is judged by."""

    by_status: pd.DataFrame
    several_names: pd.DataFrame
    several_numbers: pd.DataFrame


def register_quality(register: NativeFrame) -> RegisterQuality:
    """Judge how well the ledger writes its suppliers: numbers, and names that do not agree with them.

    Sole traders are counted among the statuses but not listed. Parameters: `register`, SUPPLIER_REGISTER, one
    row per way in which the ledger writes a supplier. Returns a RegisterQuality:
    by_status: number_status, status_name, rows, suppliers_count, amount_ore, share_pct (of amount), in the
    order of NUMBER_STATUSES; several_names: numbers written with more than one name (supplier_key,
    supplier_name, names_count, names, rows, amount_ore); several_numbers: names, in any case and spacing,
    written with more than one number (name_as_written, numbers_count, numbers, rows, amount_ore).
    Raises MeasureError on a missing column. Source: methods 13, 17.
    """
    wanted = names(SUPPLIER_REGISTER)
    ways = frames.collect_pandas(frames.lazy(register, wanted, "register_quality"))
    shown = ways[(ways["supplier_type"] != "sole_trader") & ways["name_as_written"].notna()]
    numbered = shown[shown["number_as_written"].notna()]
    folded = numbered.assign(name=numbered["name_as_written"].str.casefold().str.split().str.join(" "))
    several_names = _with_several(
        numbered[numbered["number_status"] != "missing"], "supplier_key", "supplier_name", "name_as_written"
    )
    several_numbers = _with_several(folded, "name", "name_as_written", "number_as_written", "supplier_key")
    return RegisterQuality(
        by_status=_by_status(ways),
        several_names=several_names.rename(columns={"variants_count": "names_count", "variants": "names"}),
        several_numbers=several_numbers.drop(columns="name").rename(
            columns={"variants_count": "numbers_count", "variants": "numbers"}
        ),
    )


def _by_status(ways: pd.DataFrame) -> pd.DataFrame:
    grouped = ways.groupby("number_status").agg(
        rows=("rows", "sum"), suppliers_count=("supplier_key", "nunique"), amount_ore=("amount_ore", "sum")
    )
    known = [status for status in NUMBER_STATUSES if status in grouped.index]
    table = grouped.reindex(known + sorted(set(grouped.index) - set(known))).reset_index()
    total = int(table["amount_ore"].sum())
    share = table["amount_ore"] * 100 / total if total > 0 else float("nan")
    table["number_status"] = table["number_status"].astype("str")
    status_name = table["number_status"].map(lambda status: NUMBER_STATUSES.get(status, status))
    table.insert(1, "status_name", status_name.astype("str"))
    return table.assign(share_pct=share).astype(
        {"rows": "int64", "suppliers_count": "int64", "amount_ore": "int64", "share_pct": "float64"}
    )


def _with_several(ways: pd.DataFrame, key: str, name: str, varying: str, counted: str | None = None) -> pd.DataFrame:
    """List the keys under which a column varies, with at most five of its values.

    `counted` says what must differ: two ways of writing one number are one supplier.
    """
    differ = ways.groupby(key)[counted or varying].nunique() > 1
    grouped = ways[ways[key].isin(differ.index[differ])].groupby(key)
    found = grouped.agg(
        shown=(name, "min"),
        variants_count=(counted or varying, "nunique"),
        variants=(varying, _first_five),
        rows=("rows", "sum"),
        amount_ore=("amount_ore", "sum"),
    ).reset_index()
    several = found.rename(columns={"shown": name})
    return frames.by_amount(several.astype({key: "str", name: "str", "variants": "str"}), [key])


def _first_five(values: pd.Series[Any]) -> str:
    different = sorted(set(values))
    return "; ".join(different[:5]) + (" …" if len(different) > 5 else "")


def merge_sole_traders(frame_per_supplier: pd.DataFrame, at_least: int = 3) -> pd.DataFrame:
    """Merge all sole traders into one row, so that no person is singled out.

    All of them become 'Enskilda firmor (n)'. When they are fewer than at_least they are folded together with
    the smallest other suppliers (or an earlier folded row) into 'Övriga leverantörer (n)', so that the row
    holds at_least suppliers. Every whole-number column and share_pct is summed: totals stay the same.
    Parameters: `frame_per_supplier`, one row per supplier with supplier_key, supplier_name, supplier_type
    and amount_ore (the folded row of fold_small has no key); `at_least`, at least 1. Returns a frame with the
    same columns, sorted by amount, folded rows without a key last. Raises MeasureError. Source: methods 17.

    >>> per_supplier = pd.DataFrame({"supplier_key": list("abcd"), "supplier_name": list("ABCD"),
    ...     "supplier_type": ["company", *["sole_trader"] * 3], "amount_ore": [9, 3, 2, 1]})
    >>> merge_sole_traders(per_supplier)[["supplier_name", "amount_ore"]]
             supplier_name  amount_ore
    0                    A           9
    1  Enskilda firmor (3)           6
    """
    needed = ["supplier_key", "supplier_name", "supplier_type", "amount_ore"]
    require_columns(frame_per_supplier.columns, needed, "merge_sole_traders")
    if at_least < 1:
        raise MeasureError(f"merge_sole_traders: at_least is {at_least}. Give at least 1.")
    people = (frame_per_supplier["supplier_type"] == "sole_trader").fillna(False)
    if not people.any():
        return frame_per_supplier.copy()
    label, folded = "Enskilda firmor", people
    if int(people.sum()) < at_least:
        label, folded = "Övriga leverantörer", _hidden_among(frame_per_supplier, people, at_least)
    row = _one_row(frame_per_supplier[folded], label)
    kept = frame_per_supplier[~folded]
    together = pd.concat([kept, row], ignore_index=True)[list(frame_per_supplier.columns)]
    text = {column: frame_per_supplier[column].dtype for column in needed}
    ordered = together.assign(__rest=together["supplier_key"].isna()).sort_values(
        ["__rest", "amount_ore", "supplier_key"], ascending=[True, False, True], kind="stable"
    )
    return ordered.drop(columns="__rest").reset_index(drop=True).astype(text)


def _members(frame: pd.DataFrame) -> pd.Series[Any]:
    """Count the suppliers of each row: a row folded before says it itself."""
    if "suppliers_count" in frame:
        return frame["suppliers_count"].astype("int64")
    return pd.Series(1, index=frame.index, dtype="int64")


def _hidden_among(frame: pd.DataFrame, people: pd.Series[Any], at_least: int) -> pd.Series[Any]:
    """Mark the sole traders and as many of the smallest others as it takes to reach at_least."""
    folded = people | frame["supplier_key"].isna()
    others = frame[~folded].sort_values(["amount_ore", "supplier_key"], kind="stable").index
    members = _members(frame)
    for index in others:
        if int(members[folded].sum()) >= at_least:
            break
        folded = folded | (frame.index == index)
    return folded


def _one_row(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    summed = {
        column: [rows[column].sum()]
        for column in rows.columns
        if pd.api.types.is_integer_dtype(rows[column]) or column == "share_pct"
    }
    count = wording.number_text(int(_members(rows).sum()))
    return pd.DataFrame({"supplier_name": [f"{label} ({count})"], **summed})


def small_supplier_rest(lines: NativeFrame, limit_ore: int = 50_000_00, *, currency: str = "SEK") -> pd.DataFrame:
    """Part the suppliers by whether their net volume reaches a limit.

    Parameters: `lines`, one row per posting; `limit_ore`, net volume per supplier in the period, above zero;
    `currency`, of the limit. Returns three rows: at or above the limit, under it, and net zero or less, with
    suppliers_count, invoices_count, lines_count, amount_ore and share_pct (of the whole sum); they sum to the
    ledger. Raises MeasureError. Source: methods 6; requirement R54 ('Leverantörer med utbetalningar under 50 tkr').
    """
    if limit_ore <= 0:
        raise MeasureError(f"small_supplier_rest: limit_ore is {limit_ore}. Give an amount above zero.")
    per_supplier = _per_supplier(lines, "small_supplier_rest")
    amount = per_supplier["amount_ore"]
    limit = wording.amount_text(limit_ore, currency)
    if currency == "SEK":
        thousands = wording.number_text(kronor(limit_ore) / 1000, 0 if limit_ore % 100_000 == 0 else 1)
        limit = f"{thousands}{wording.HARD_SPACE}tkr"
    groups = {
        f"Leverantörer med utbetalningar på minst {limit}": amount >= limit_ore,
        f"Leverantörer med utbetalningar under {limit}": (amount > 0) & (amount < limit_ore),
        NOT_ABOVE_ZERO: amount <= 0,
    }
    columns = ["suppliers_count", "invoices_count", "lines_count", "amount_ore"]
    table = pd.DataFrame([per_supplier.loc[chosen, columns].sum() for chosen in groups.values()]).astype("int64")
    table.insert(0, "supplier_group", pd.Series(list(groups), dtype="str"))
    total = int(table["amount_ore"].sum())
    share = table["amount_ore"] * 100 / total if total > 0 else float("nan")
    return table.assign(share_pct=share).astype({"share_pct": "float64"})

"""How large the invoices are, what they cost to handle, and which postings an auditor should look at."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import LEDGER_LINES, Exclusion, KeyFigure, kronor, names, percent

NO_NUMBER = "Rader utan fakturanummer eller verifikationsnummer"
SIZE_LIMITS_ORE: tuple[int, ...] = (1_000_00, 5_000_00, 10_000_00, 50_000_00, 100_000_00, 500_000_00)
"""Limits between the size classes of invoices: 1 000, 5 000, 10 000, 50 000, 100 000 and 500 000 kr."""


def invoice_totals(lines: NativeFrame) -> nw.LazyFrame[Any]:
    """Sum the postings of each invoice, lazily, in the frame's own engine.

    Parameters: `lines`, one row per posting. Returns a lazy frame with one row per invoice_key: invoice_key,
    supplier_key, amount_ore, lines_count. Postings without an invoice_key are not in it. Source: methods 6.

    >>> lines = pd.DataFrame({"invoice_key": ["a", "a", None], "supplier_key": ["x", "x", "y"],
    ...                       "amount_ore": [10, -4, 7]})
    >>> frames.collect_pandas(invoice_totals(lines))[["invoice_key", "amount_ore", "lines_count"]]
      invoice_key  amount_ore  lines_count
    0           a           6            2
    """
    needed = ["invoice_key", "supplier_key", "amount_ore"]
    numbered = frames.lazy(lines, needed, "invoice_totals").filter(~nw.col("invoice_key").is_null())
    return (
        numbered.group_by("invoice_key")
        .agg(nw.col("supplier_key").min(), nw.col("amount_ore").sum(), nw.len().alias("lines_count"))
        .with_columns(nw.col("amount_ore").cast(nw.Int64), nw.col("lines_count").cast(nw.Int64))
    )


def _without_number(lines: NativeFrame, measure: str) -> tuple[Exclusion, ...]:
    frame = frames.lazy(lines, ["invoice_key", "amount_ore"], measure)
    return frames.exclusion(NO_NUMBER, frame.filter(nw.col("invoice_key").is_null()))


def _by_class(lines: NativeFrame, limits_ore: Sequence[int]) -> pd.DataFrame:
    """Count the invoices per class, in the engine; class 0 is under zero, class i ends below limit i - 1."""
    invoices = invoice_totals(lines)
    bounds = (0, *limits_ore)
    reached = [(nw.col("amount_ore") >= bound).cast(nw.Int64) for bound in bounds]
    grouped = (
        invoices.with_columns(size=sum(reached[1:], reached[0]))
        .group_by("size")
        .agg(nw.len().alias("invoices_count"), nw.col("lines_count").sum(), nw.col("amount_ore").sum())
    )
    counted = ("invoices_count", "lines_count", "amount_ore")
    frame = frames.collect_pandas(grouped.with_columns(nw.col(name).cast(nw.Int64) for name in counted))
    every = pd.DataFrame({"size": range(len(bounds) + 1)})
    return every.merge(frame, on="size", how="left").fillna(0).astype("int64").set_index("size")


def small_invoice_share(lines: NativeFrame, limit_ore: int = 10_000_00, *, currency: str = "SEK") -> KeyFigure:
    """Tell how large a share of the invoices is below a limit, counted on the sum of each invoice.

    share = invoices with 0 <= sum < limit × 100 / invoices with sum >= 0. Parameters: `lines`, one row per
    posting; `limit_ore`, above zero, excluding VAT; `currency`, of the limit. Returns a KeyFigure in percent of
    invoices; credit notes (sum below zero) and postings without an invoice number are left out and returned.
    Raises MeasureError. Source: methods 6 (published: 79 % under 10 000 kr).

    >>> lines = pd.DataFrame({"invoice_key": ["a", "a", "b", "c"], "supplier_key": ["x", "x", "y", "z"],
    ...                       "amount_ore": [900_000, 200_000, 5_000, -5_000]})
    >>> small_invoice_share(lines).value, small_invoice_share(lines).excluded[0].amount_ore
    (Decimal('50'), -5000)
    """
    if limit_ore <= 0:
        raise MeasureError(f"small_invoice_share: limit_ore is {limit_ore}. Give an amount above zero.")
    credit, small, large = _by_class(lines, [limit_ore]).to_dict("records")
    invoices = int(small["invoices_count"] + large["invoices_count"])
    excluded = _without_number(lines, "small_invoice_share")
    if credit["invoices_count"]:
        reason = f"Kreditfakturor, summa under noll ({wording.number_text(credit['invoices_count'])} st)"
        excluded = (Exclusion(reason, int(credit["lines_count"]), int(credit["amount_ore"])), *excluded)
    return KeyFigure(
        id="small_invoice_share",
        label=f"Andel fakturor under {wording.amount_text(limit_ore, currency)}",
        value=percent(small["invoices_count"], invoices),
        unit="%",
        method="small_invoice_share",
        numerator=Decimal(small["invoices_count"]),
        denominator=Decimal(invoices),
        part_unit="st",
        excluded=excluded,
        unknown_because="" if invoices else "Inga fakturor med fakturanummer och belopp över noll i urvalet",
    )


def invoice_sizes(
    lines: NativeFrame, limits_ore: Sequence[int] = SIZE_LIMITS_ORE, *, currency: str = "SEK"
) -> pd.DataFrame:
    """Count and sum the invoices per size class.

    Parameters: `lines`, one row per posting; `limits_ore`, rising limits above zero; `currency`, of the limits.
    Returns the classes in order of size: size_class (in words), invoices_count, lines_count, amount_ore,
    invoices_pct (of all invoices in the table); first credit notes, last postings without an invoice number,
    which count as 0 invoices. The amounts sum to the ledger. Raises MeasureError, ReconciliationError. Source:
    methods 6.
    """
    limits = list(limits_ore)
    if not limits or limits[0] <= 0 or limits != sorted(set(limits)):
        raise MeasureError(f"invoice_sizes: limits_ore is {limits}. Give rising amounts above zero.")
    table = _by_class(lines, limits).reset_index(drop=True)
    numbers = [wording.number_text(kronor(limit)) for limit in limits]
    kr = f"{wording.HARD_SPACE}{wording.currency_sign(currency)}"
    between = [f"{low}–{high}{kr}" for low, high in itertools.pairwise(numbers)]
    labels = ["Kreditfakturor", f"Under {numbers[0]}{kr}", *between, f"{numbers[-1]}{kr} eller mer"]
    left = _without_number(lines, "invoice_sizes") or (Exclusion(NO_NUMBER, 0, 0),)
    table.insert(0, "size_class", pd.Series(labels, dtype="str"))
    last = pd.DataFrame([[NO_NUMBER, 0, left[0].rows, left[0].amount_ore]], columns=table.columns)
    table = pd.concat([table, last], ignore_index=True)
    frame = frames.lazy(lines, ["amount_ore"], "invoice_sizes")
    frames.check_total("invoice_sizes", frame, int(table["lines_count"].sum()), int(table["amount_ore"].sum()))
    invoices = int(table["invoices_count"].sum())
    share = table["invoices_count"] * 100 / invoices if invoices else float("nan")
    return table.assign(invoices_pct=share).astype({"invoices_pct": "float64"})


def handling_cost(lines: NativeFrame, cost_per_invoice_ore: int | None, *, currency: str = "SEK") -> KeyFigure:
    """Reckon what it costs to handle the invoices, credit notes included.

    cost = number of different invoices × cost_per_invoice_ore. Parameters: `lines`, one row per posting;
    `cost_per_invoice_ore`, the organisation's own cost of handling one invoice, or None when it is not known.
    Returns a KeyFigure in kronor; unknown without a cost. Postings without an invoice number are left out and
    returned. Raises MeasureError on a negative cost. Source: methods 6.
    """
    if cost_per_invoice_ore is not None and cost_per_invoice_ore < 0:
        raise MeasureError(f"handling_cost: cost_per_invoice_ore is {cost_per_invoice_ore}. Give 0 or more, or None.")
    counted = frames.collect_pandas(invoice_totals(lines).select(nw.len().cast(nw.Int64).alias("invoices_count")))
    invoices = int(counted["invoices_count"].iloc[0])
    value, because, basis = None, "", ""
    if cost_per_invoice_ore is None:
        because = "Kostnaden för att hantera en faktura är inte angiven"
    elif not invoices:
        because = "Inga fakturor med fakturanummer i urvalet"
    else:
        value = kronor(invoices * cost_per_invoice_ore)
        each = wording.amount_text(cost_per_invoice_ore, currency)
        basis = f"{wording.number_text(invoices)} fakturor × {each} per faktura"
    return KeyFigure(
        id="handling_cost",
        label="Kostnad för att hantera fakturorna",
        value=value,
        unit=currency,
        method="handling_cost",
        numerator=Decimal(invoices),
        part_unit="st",
        excluded=_without_number(lines, "handling_cost"),
        comparison=basis,
        unknown_because=because,
    )


_POSTING = (
    "line_id", "file", "row_number", "voucher_id", "booked_on", "unit", "supplier_key", "supplier_name",
    "supplier_type", "account", "account_text", "amount_ore",
)  # fmt: skip


def largest_postings(lines: NativeFrame, n: int = 20) -> pd.DataFrame:
    """List the largest single postings with file and row, so that an auditor finds the source.

    Parameters: `lines`, one row per posting; `n`, at least 1. Returns at most n rows, largest first: line_id,
    file, row_number, voucher_id, booked_on, unit, supplier_key, supplier_name, supplier_type, account,
    account_text, amount_ore. Row texts are left out: they may hold what is private. Raises MeasureError.
    Source: methods 11.
    """
    if n < 1:
        raise MeasureError(f"largest_postings: n is {n}. Give at least 1.")
    frame = frames.lazy(lines, _POSTING, "largest_postings")
    top = frame.sort("amount_ore", "line_id", descending=[True, False]).head(n)
    return frames.by_amount(frames.collect_pandas(top), ["line_id"])


def duplicate_postings(lines: NativeFrame) -> pd.DataFrame:
    """Count the postings that are equal in everything but file, row and running number.

    They stay in the ledger: equal rows can be right, so this is a list to look at. Parameters: `lines`, one
    row per posting. Returns one row per group of equal postings: first_line_id, file, row_number (of the
    first), voucher_id, booked_on, unit, supplier_key, supplier_name, supplier_type, account, amount_ore (of
    one), copies, extra_ore (= (copies - 1) × amount_ore), the largest extra first, up or down. Source:
    methods 11.
    """
    where = ("line_id", "file", "row_number")
    same = [name for name in names(LEDGER_LINES) if name not in where]
    frame = frames.lazy(lines, names(LEDGER_LINES), "duplicate_postings")
    groups = (
        frame.group_by(*same)
        .agg(nw.col("line_id").min().alias("line_id"), nw.len().alias("copies"))
        .filter(nw.col("copies") > 1)
        .select("line_id", nw.col("copies").cast(nw.Int64))
    )
    # The running number leads back to the first row, whose file and row number then belong together.
    found = frames.collect_pandas(frame.join(groups, on="line_id", how="inner").drop("text"))
    found["extra_ore"] = (found["copies"] - 1) * found["amount_ore"]
    found["__size"] = found["extra_ore"].abs()
    shown = [name for name in _POSTING if name not in ("line_id", "amount_ore", "account_text")]
    return frames.by_amount(found, ["line_id"], "__size").rename(columns={"line_id": "first_line_id"})[
        ["first_line_id", *shown, "amount_ore", "copies", "extra_ore"]
    ]

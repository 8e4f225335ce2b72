"""Tell how much of the ledger the rules decide, what they leave, and which of them do nothing."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.measures.frames import NativeFrame, by_amount, collect_pandas, exclusion, lazy
from procanalysis.schema import TIERS, KeyFigure, kronor, percent, require_columns


def mapped_share(mapped: NativeFrame, *, currency: str = "SEK") -> KeyFigure:
    """Return the share of the kronor, each amount counted without its sign, that a rule above the default tier decides.

    Formula: Σ|amount| mapped / Σ|amount| all × 100. Absolute amounts, because credit notes would otherwise hide rows.
    Parameters: mapped, lines as `map_categories` returns them; currency, of the amounts. Returns a KeyFigure with the
    unmapped lines as excluded.
    """
    frame = lazy(mapped, ["amount_ore", "is_mapped"], "mapped_share")
    sizes = collect_pandas(
        frame.select(
            nw.col("amount_ore").abs().sum().cast(nw.Int64).alias("all_ore"),
            (nw.col("amount_ore").abs() * nw.col("is_mapped")).sum().cast(nw.Int64).alias("mapped_ore"),
        )
    )
    whole, part = int(sizes["all_ore"].iloc[0]), int(sizes["mapped_ore"].iloc[0])
    value = percent(part, whole)
    return KeyFigure(
        id="mapped_share",
        label="Kategoriserad andel av beloppet",
        value=value,
        unit="%",
        method="mapped_share",
        numerator=kronor(part),
        denominator=kronor(whole),
        part_unit=currency,
        excluded=exclusion(
            "Inte kategoriserade rader (grundregeln eller ingen regel)",
            frame.filter(nw.col("is_mapped") == 0),
        ),
        unknown_because="" if value is not None else "Underlaget har inga belopp skilda från noll.",
    )


def coverage(mapped: NativeFrame, by: str = "tier") -> pd.DataFrame:
    """Count rows and kronor per tier, or per main category, spend class or LOU mark, undecided rows included.

    Parameters: mapped, lines as `map_categories` returns them; by, 'tier', 'main_category_name', 'spend_class' or
    'lou_covered'.
    Returns one row per value: label in Swedish, lines_count, amount_ore, absolute_ore, share_pct (of absolute_ore).
    """
    frame = lazy(mapped, ["amount_ore", by], "coverage").with_columns(nw.col("amount_ore").abs().alias("absolute_ore"))
    grouped = frame.group_by(by).agg(
        nw.len().alias("lines_count"), nw.col("amount_ore").sum(), nw.col("absolute_ore").sum()
    )
    result = collect_pandas(grouped.with_columns(nw.col("lines_count", "amount_ore", "absolute_ore").cast(nw.Int64)))
    names = result[by].map(TIERS) if by == "tier" else result[by]
    result["label"] = names.astype("str").fillna("Ingen regel")
    whole = result["absolute_ore"].sum()
    result["share_pct"] = result["absolute_ore"] / whole * 100 if whole else float("nan")
    order = {label: number for number, label in enumerate(TIERS.values())} if by == "tier" else {}
    result["__order"] = result["label"].map(order).fillna(len(order))
    result = result.sort_values(["__order", "absolute_ore", "label"], ascending=[True, False, True], ignore_index=True)
    return result[["label", "lines_count", "amount_ore", "absolute_ore", "share_pct"]]


def unmapped(mapped: NativeFrame) -> pd.DataFrame:
    """List the accounts whose lines are not mapped, largest amount first, so that the next rule pays most.

    Parameters: mapped, lines as `map_categories` returns them.
    Returns one row per account: account, account_text, lines_count, suppliers_count, amount_ore, absolute_ore.
    """
    needed = ["amount_ore", "is_mapped", "account", "account_text", "supplier_key"]
    frame = lazy(mapped, needed, "unmapped").filter(nw.col("is_mapped") == 0)
    grouped = frame.with_columns(nw.col("amount_ore").abs().alias("absolute_ore")).group_by("account").agg(
        nw.col("account_text").min(),
        nw.len().alias("lines_count"),
        nw.col("supplier_key").n_unique().alias("suppliers_count"),
        nw.col("amount_ore").sum(),
        nw.col("absolute_ore").sum(),
    )  # fmt: skip
    whole = ("lines_count", "suppliers_count", "amount_ore", "absolute_ore")
    return by_amount(collect_pandas(grouped.with_columns(nw.col(*whole).cast(nw.Int64))), ["account"], "absolute_ore")


def rule_outcomes(mapped: NativeFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Count what each rule decided; a rule that did not fire has zero rows.

    Parameters: mapped, lines as `map_categories` returns them; rules, those that mapped them.
    Returns one row per rule in the order given: rule_id, tier, category_code, reason, lines_count, amount_ore. With the
    lines that no rule decided they sum to the ledger. Raises MeasureError when other rules than these mapped the lines.
    """
    shown = ["rule_id", "tier", "category_code", "reason"]
    require_columns(rules.columns, shown, "rule_outcomes")
    frame = lazy(mapped, ["amount_ore", "rule_id"], "rule_outcomes")
    fired = collect_pandas(
        frame.group_by("rule_id")
        .agg(nw.len().alias("lines_count"), nw.col("amount_ore").sum())
        .with_columns(nw.col("lines_count", "amount_ore").cast(nw.Int64))
    )
    strange = sorted(set(fired["rule_id"].dropna()) - set(rules["rule_id"]))
    if strange:
        raise MeasureError(
            f"rule_outcomes: other rules have mapped the lines: {examples(strange)} are not among the rules given. "
            "Give the rules that mapped them, or map the lines again."
        )
    result = rules[shown].merge(fired, on="rule_id", how="left")
    return result.assign(
        lines_count=result["lines_count"].fillna(0).astype("int64"),
        amount_ore=result["amount_ore"].fillna(0).astype("int64"),
    )

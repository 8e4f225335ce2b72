"""The miscoding radar: postings whose coding is improbable for that supplier.

A hit is a question to the one who coded, not a fault found.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import Exclusion, KeyFigure, kronor

_SHOWN = (
    "line_id", "file", "row_number", "voucher_id", "booked_on", "unit", "supplier_key", "supplier_name",
    "account", "account_text", "category_code", "category_name", "amount_ore",
)  # fmt: skip
_NEEDED = (*_SHOWN, "supplier_type", "main_category_code", "main_category_name", "is_mapped")
_LEVELS = {
    "main_category": ("main_category_code", "main_category_name"),
    "category": ("category_code", "category_name"),
}


@dataclass(frozen=True)
class _Rule:
    level: str
    min_lines: int
    usual_share_pct: int | Decimal
    habit_lines: int
    min_amount_ore: int

    def check(self, measure: str) -> None:
        """Raise MeasureError when a parameter lies outside its allowed values."""
        if self.level not in _LEVELS:
            raise MeasureError(f"{measure}: level is '{self.level}'. Give one of {', '.join(_LEVELS)}.")
        frames.check_range(measure, "min_lines", self.min_lines, 2, 1_000_000)
        # Above half, so that a supplier has one usual category at most.
        frames.check_range(measure, "usual_share_pct", self.usual_share_pct, 51, 100)
        frames.check_range(measure, "habit_lines", self.habit_lines, 1, 1_000_000_000)
        frames.check_range(measure, "min_amount_ore", self.min_amount_ore, 0, 10**17)


def improbable_coding(
    lines: NativeFrame,
    *,
    level: str = "main_category",
    min_lines: int = 20,
    usual_share_pct: int | Decimal = 95,
    habit_lines: int = 20,
    min_amount_ore: int = 0,
) -> pd.DataFrame:
    """List the postings whose category is improbable for their supplier, given its other postings.

    A posting p of supplier s is a suspect when s has at least min_lines other postings, at least
    usual_share_pct percent of them lie in one category, and p lies in another: n(s, usual) × 100 >=
    usual_share_pct × (n(s) - 1). A category that holds habit_lines other postings of s is a habit, not a
    slip: a wholesaler that also sells furniture. Only postings that a rule above the default tier decided
    are counted, and sole traders are left out.
    Parameters: `lines`, mapped postings; `level`, 'main_category' or 'category'; `min_lines`, 2 or more;
    `usual_share_pct`, 51 to 100; `habit_lines`, 1 or more; `min_amount_ore`, smaller postings, up or down,
    are not listed.
    Returns one row per suspect, the largest amount first, up or down: where it stands (line_id, file,
    row_number, voucher_id, booked_on), unit, supplier_key, supplier_name, account, account_text,
    category_code, category_name, coded_code, coded_name, usual_code, usual_name (at the level), usual_account
    (that supplier's most frequent account there), usual_lines, other_lines, usual_share_pct (of the other
    postings), amount_ore, reason (in Swedish). Raises MeasureError. Source: methods 11, 12.
    """
    rule = _Rule(level, min_lines, usual_share_pct, habit_lines, min_amount_ore)
    rule.check("improbable_coding")
    coded = _coded(lines, rule, "improbable_coding")
    tested = _with_usual(coded, rule).filter(nw.col("enough") & nw.col("has_usual"))
    suspects = tested.filter(
        (nw.col("coded_code") != nw.col("usual_code"))
        & (nw.col("category_lines") <= habit_lines)
        & (nw.col("amount_ore").abs() >= min_amount_ore)
    )
    found = frames.collect_pandas(suspects.drop("enough", "has_usual", "category_lines"))
    found = found.merge(_usual_accounts(coded, found), on=["supplier_key", "usual_code"], how="left")
    found["other_lines"] = found["supplier_lines"] - 1
    found["usual_share_pct"] = (found["usual_lines"] * 100 / found["other_lines"]).astype("float64")
    found["reason"] = pd.Series([_reason(row) for row in found.to_dict("records")], dtype="str")
    found["__size"] = found["amount_ore"].abs()
    where = [name for name in _SHOWN if name != "amount_ore"]
    told = [
        "coded_code", "coded_name", "usual_code", "usual_name", "usual_account", "usual_lines", "other_lines",
        "usual_share_pct", "amount_ore", "reason",
    ]  # fmt: skip
    return frames.by_amount(found, ["line_id"], "__size")[[*where, *told]]


def _ledger(lines: NativeFrame, measure: str) -> nw.LazyFrame[Any]:
    """Take the columns of the radar, with a type for every supplier so that a test of it is true or false."""
    return frames.lazy(lines, _NEEDED, measure).with_columns(nw.col("supplier_type").fill_null("unknown"))


def _is_coded(code: str) -> nw.Expr:
    return ~nw.col(code).is_null() & (nw.col("is_mapped") == 1)


def _coded(lines: NativeFrame, rule: _Rule, measure: str) -> nw.LazyFrame[Any]:
    """Keep the postings that say how somebody coded a supplier that is not a private person."""
    code, name = _LEVELS[rule.level]
    kept = _ledger(lines, measure).filter(_is_coded(code) & (nw.col("supplier_type") != "sole_trader"))
    return kept.select(*_SHOWN, nw.col(code).alias("coded_code"), nw.col(name).alias("coded_name"))


def _with_usual(coded: nw.LazyFrame[Any], rule: _Rule) -> nw.LazyFrame[Any]:
    """Add to every posting how many its supplier has, in all and in that category, and the usual category.

    The posting itself is left out of the reckoning. For a posting outside the usual category that leaves
    n - 1 others, all n(usual) still there; one inside it is never a suspect, so the same test serves both.
    """
    per_category = (
        coded.group_by("supplier_key", "coded_code")
        .agg(nw.len().alias("category_lines"), nw.col("coded_name").min().alias("usual_name"))
        .with_columns(nw.col("category_lines").cast(nw.Int64))
    )
    per_supplier = (
        per_category.group_by("supplier_key")
        .agg(
            nw.col("category_lines").sum().alias("supplier_lines"),
            nw.col("category_lines").max().alias("usual_lines"),
        )
        .with_columns(nw.col("supplier_lines").cast(nw.Int64), nw.col("usual_lines").cast(nw.Int64))
    )
    usual = (
        per_category.join(per_supplier, on="supplier_key", how="inner")
        .filter(nw.col("category_lines") == nw.col("usual_lines"))
        # Where two are equally large neither holds more than half, and none of them counts as usual.
        .group_by("supplier_key")
        .agg(
            nw.col("coded_code").min().alias("usual_code"),
            nw.col("usual_name").min(),
            nw.col("usual_lines").max(),
            nw.col("supplier_lines").max(),
        )
    )
    numerator, denominator = Decimal(rule.usual_share_pct).as_integer_ratio()
    others = nw.col("supplier_lines") - 1
    own = per_category.select("supplier_key", "coded_code", "category_lines")
    counted = coded.join(usual, on="supplier_key", how="inner").join(
        own, on=["supplier_key", "coded_code"], how="inner"
    )
    return counted.with_columns(
        enough=others >= rule.min_lines,
        has_usual=(nw.col("usual_lines") * (100 * denominator) >= others * numerator)
        & (nw.col("usual_lines") * 2 > nw.col("supplier_lines")),
    )


def _usual_accounts(coded: nw.LazyFrame[Any], found: pd.DataFrame) -> pd.DataFrame:
    """Look up the account that each suspect's supplier is most often coded on in its usual category."""
    suppliers = sorted(set(found["supplier_key"]))
    counted = frames.collect_pandas(
        coded.filter(nw.col("supplier_key").is_in(suppliers or [""]))
        .group_by("supplier_key", "coded_code", "account")
        .agg(nw.len().alias("lines_count"))
        .with_columns(nw.col("lines_count").cast(nw.Int64))
    )
    ordered = counted.dropna(subset="account").sort_values(["lines_count", "account"], ascending=[False, True])
    first = ordered.drop_duplicates(["supplier_key", "coded_code"])
    return first.rename(columns={"coded_code": "usual_code", "account": "usual_account"})[
        ["supplier_key", "usual_code", "usual_account"]
    ]


def _reason(row: dict[Any, Any]) -> str:
    usual, others = wording.number_text(row["usual_lines"]), wording.number_text(row["other_lines"])
    share = wording.percent_text(row["usual_share_pct"])
    return (
        f"{usual} av leverantörens {others} övriga konteringar ({share}) ligger i {row['usual_name']}, "
        f"den här i {row['coded_name']}"
    )


def correction_list(suspects: pd.DataFrame) -> pd.DataFrame:
    """Order the suspects into one list per unit, for the one who is to check and correct.

    Parameters: `suspects`, from improbable_coding. Returns one row per posting, the unit with the largest
    amount at stake first: unit_name, unit_lines and unit_at_stake_ore (the unit's number of suspects and the
    sum of their amounts without sign), file, row_number, voucher_id, booked_on, supplier_name, account,
    account_text, coded_name, usual_account, usual_name, amount_ore, reason. Source: methods 12.
    """
    listed = suspects.assign(unit_name=suspects["unit"].fillna("Enhet saknas"), __size=suspects["amount_ore"].abs())
    per_unit = listed.groupby("unit_name")["__size"]
    listed["unit_lines"] = per_unit.transform("size").astype("int64")
    listed["unit_at_stake_ore"] = per_unit.transform("sum").astype("int64")
    ordered = listed.sort_values(
        ["unit_at_stake_ore", "unit_name", "__size", "line_id"],
        ascending=[False, True, False, True],
        kind="stable",
        ignore_index=True,
    )
    return ordered[
        [
            "unit_name", "unit_lines", "unit_at_stake_ore", "file", "row_number", "voucher_id", "booked_on",
            "supplier_name", "account", "account_text", "coded_name", "usual_account", "usual_name",
            "amount_ore", "reason",
        ]
    ]  # fmt: skip


def suspect_coding(
    lines: NativeFrame,
    *,
    level: str = "main_category",
    min_lines: int = 20,
    usual_share_pct: int | Decimal = 95,
    habit_lines: int = 20,
    min_amount_ore: int = 0,
    currency: str = "SEK",
) -> KeyFigure:
    """Sum the amount at stake in the postings whose coding is improbable for their supplier.

    at stake = Σ |amount_ore| of improbable_coding's rows: a credit note in the wrong category is as wrong
    as an invoice. Parameters as improbable_coding. Returns a KeyFigure in kronor with the number of
    suspects and of postings tested as numerator and denominator; what the radar cannot test is left out and
    returned with the reason. Unknown when no posting could be tested. Source: methods 11, 12.
    """
    rule = _Rule(level, min_lines, usual_share_pct, habit_lines, min_amount_ore)
    rule.check("suspect_coding")
    suspects = improbable_coding(
        lines,
        level=level,
        min_lines=min_lines,
        usual_share_pct=usual_share_pct,
        habit_lines=habit_lines,
        min_amount_ore=min_amount_ore,
    )
    marked = _with_usual(_coded(lines, rule, "suspect_coding"), rule)
    tested, _ = frames.totals(marked.filter(nw.col("enough") & nw.col("has_usual")))
    return KeyFigure(
        id="suspect_coding",
        label="Belopp i konteringar som bör granskas",
        value=kronor(int(suspects["amount_ore"].abs().sum())) if tested else None,
        unit=currency,
        method="suspect_coding",
        numerator=Decimal(len(suspects)),
        denominator=Decimal(tested),
        part_unit="st",
        excluded=_not_tested(_ledger(lines, "suspect_coding"), marked, rule),
        unknown_because="" if tested else "Ingen leverantör har tillräckligt många konteringar i en kategori",
    )


def _not_tested(ledger: nw.LazyFrame[Any], marked: nw.LazyFrame[Any], rule: _Rule) -> tuple[Exclusion, ...]:
    coded = _is_coded(_LEVELS[rule.level][0])
    many = wording.number_text(rule.min_lines)
    share = wording.percent_text(rule.usual_share_pct)
    return (
        *frames.exclusion("Rader utan kategori, eller där bara grundregeln gäller", ledger.filter(~coded)),
        *frames.exclusion(
            "Enskilda firmor och privatpersoner",
            ledger.filter(coded & (nw.col("supplier_type") == "sole_trader")),
        ),
        *frames.exclusion(f"Leverantörer med färre än {many} andra konteringar", marked.filter(~nw.col("enough"))),
        *frames.exclusion(
            f"Leverantörer utan en kategori med minst {share} av konteringarna",
            marked.filter(nw.col("enough") & ~nw.col("has_usual")),
        ),
    )

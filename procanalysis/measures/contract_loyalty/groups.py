"""Where the uncontracted articles are bought: by article group, category, unit, supplier and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import wording
from procanalysis.measures.contract_loyalty.evidence import LineEvidence
from procanalysis.measures.contract_loyalty.register_evidence import path_of
from procanalysis.measures.contract_loyalty.shares import with_supplier_type
from procanalysis.schema import percent


@dataclass(frozen=True)
class Grouping:
    """Describe one way to part the lines: its key column, its name column, and the name of a missing key."""

    key: str
    name: str
    missing: str


GROUPINGS: dict[str, Grouping] = {
    "article_group": Grouping("article_group", "article_group_name", "Artikelgrupp saknas"),
    "category": Grouping("category_code", "category_name", "Okategoriserat"),
    "main_category": Grouping("main_category_code", "main_category_name", "Okategoriserat"),
    "unit": Grouping("unit", "unit_name", "Enhet saknas"),
    "supplier": Grouping("supplier_key", "supplier_name", "Leverantör saknas"),
    "month": Grouping("month", "month_name", "Datum saknas"),
}
"""The ways to part the lines, by the word that `by` takes."""

_AMOUNTS = ("denominator_ore", "proven_ore", "possible_ore", "missing_ore", "uncontracted_ore", "unknown_ore")
_COUNTED = ("lines_count", "uncontracted_count")
_SHOWN = (
    "denominator_ore", "share_pct", "lines_count", "proven_ore", "possible_ore", "proven_pct", "possible_pct",
    "missing_ore", "missing_pct", "uncontracted_ore", "uncontracted_count", "unknown_ore", "reason", "reason_ore",
)  # fmt: skip


def contract_loyalty_by(
    evidence: LineEvidence, by: str, *, taxonomy: pd.DataFrame | None = None, weakest_first: bool = False
) -> pd.DataFrame:
    """Part the contract loyalty by article group, category, main category, unit, supplier or month.

    For a group with the net D(k) of its lines and the proven N(k): missing_ore = D(k) - N(k) = uncontracted_ore +
    unknown_ore, what is not on contract and what may be; missing_pct = (D(k) - N(k)) × 100 / D, so that the groups add
    up to what the whole lacks. Parameters: `evidence`, as line_evidence returns it; `by`, one of GROUPINGS; `taxonomy`,
    for the categories' names and main categories; `weakest_first`, lowest proven_pct first instead of largest missing
    first (months: in order of time). Returns one row per group: key, name, denominator_ore, share_pct (of the whole),
    lines_count, proven_ore, possible_ore, proven_pct, possible_pct, missing_ore, missing_pct, uncontracted_ore,
    uncontracted_count, unknown_ore, reason and reason_ore (the largest of REASONS for what is missing; '' when nothing
    is); for suppliers supplier_type too. No rows without lines. Raises MeasureError. Source: methods 2.2; R64.
    """
    if by not in GROUPINGS:
        raise MeasureError(f"contract_loyalty_by: '{by}' is not a way to part the lines. {did_you_mean(by, GROUPINGS)}")
    grouping = GROUPINGS[by]
    keyed = _keyed(evidence.lines, by, taxonomy)
    table = _with_reasons(_summed(keyed), keyed)
    whole = int(table["denominator_ore"].sum())
    shares = {
        "share_pct": ("denominator_ore", None), "missing_pct": ("missing_ore", None),
        "proven_pct": ("proven_ore", "denominator_ore"), "possible_pct": ("possible_ore", "denominator_ore"),
    }  # fmt: skip
    for name, (part, of) in shares.items():
        wholes = [whole] * len(table) if of is None else table[of]
        shown = [_pct(one, all_of_it) for one, all_of_it in zip(table[part], wholes, strict=True)]
        table[name] = pd.Series(shown, table.index, "float64")
    table[grouping.name] = _shown_names(table, by, grouping, taxonomy)
    table = table.rename(columns={"__key": grouping.key})
    if by == "month" and not weakest_first:
        table = table.sort_values(grouping.key, na_position="last", ignore_index=True)
    else:
        first = ["proven_pct", "missing_ore"] if weakest_first else ["missing_ore", "denominator_ore"]
        table = table.sort_values(
            [*first, grouping.key], ascending=[weakest_first, False, True], na_position="last", kind="stable",
            ignore_index=True,
        )  # fmt: skip
    columns = [grouping.key, grouping.name, *_SHOWN]
    return with_supplier_type(table)[[*columns, "supplier_type"]] if by == "supplier" else table[columns]


def _pct(part: int, whole: int) -> float:
    share = percent(int(part), int(whole))
    return float("nan") if share is None else float(share)


def _keyed(lines: pd.DataFrame, by: str, taxonomy: pd.DataFrame | None) -> pd.DataFrame:
    """Add __key, missing where the line does not say, and what each line adds to the sums."""
    if by == "month":
        key = lines["bought_on"].dt.strftime("%Y-%m") if len(lines) else lines["supplier_key"]
    elif by == "main_category":
        tree = {} if taxonomy is None else _column(taxonomy, "parent_code")
        main = {code: path_of(code, tree)[-1] for code in lines["category_code"].dropna().drop_duplicates()}
        key = lines["category_code"].map(main)
    else:
        key = lines[GROUPINGS[by].key]
    amount = lines["amount_ore"].astype("int64")
    missing, no = lines["contracted"] != "yes", lines["contracted"] == "no"
    return pd.DataFrame(
        {
            "__key": key.astype("str"),
            "supplier_name": lines["supplier_name"],
            "reason": lines["reason"].fillna(""),
            "denominator_ore": amount,
            "proven_ore": amount.where(~missing, 0),
            "possible_ore": amount.where(~no, 0),
            "missing_ore": amount.where(missing, 0),
            "uncontracted_ore": amount.where(no, 0),
            "unknown_ore": amount.where(missing & ~no, 0),
            "lines_count": 1,
            "uncontracted_count": no.astype("int64"),
        }
    )


def _column(taxonomy: pd.DataFrame, name: str) -> dict[str, str]:
    return dict(zip(taxonomy["category_code"].astype("str"), taxonomy[name].astype("str").fillna(""), strict=True))


def _summed(keyed: pd.DataFrame) -> pd.DataFrame:
    grouped = keyed.groupby("__key", dropna=False, as_index=False)
    table = grouped[[*_AMOUNTS, *_COUNTED]].sum()
    table["supplier_name"] = grouped["supplier_name"].min()["supplier_name"]
    return table


def _with_reasons(table: pd.DataFrame, keyed: pd.DataFrame) -> pd.DataFrame:
    """Add the largest reason of each group, the first in the alphabet among equals."""
    lacking = keyed[keyed["reason"] != ""]
    summed = lacking.groupby(["__key", "reason"], dropna=False, as_index=False)[["missing_ore"]].sum()
    ordered = summed.sort_values(["missing_ore", "reason"], ascending=[False, True], kind="stable")
    largest = ordered[ordered["missing_ore"] > 0].drop_duplicates("__key")
    found = table.merge(largest.rename(columns={"missing_ore": "reason_ore"}), on="__key", how="left")
    return found.assign(
        reason=found["reason"].fillna("").astype("str"), reason_ore=found["reason_ore"].fillna(0).astype("int64")
    )


def _shown_names(table: pd.DataFrame, by: str, grouping: Grouping, taxonomy: pd.DataFrame | None) -> pd.Series[Any]:
    key = table["__key"]
    known: Mapping[str, str] = {}
    if by in ("category", "main_category") and taxonomy is not None:
        known = _column(taxonomy, "name")
    if by == "month":
        shown = key.map(wording.month_text, na_action="ignore")
    elif by == "supplier":
        shown = table["supplier_name"]
    else:
        shown = key.map(known)
    shown = shown.astype("str")
    return shown.where(shown.notna(), key).where(key.notna(), grouping.missing).astype("str")

"""How contract loyalty moves the share that is tagged: on contract against outside, and a worked 'if all were'."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.environment.shares import (
    NOT_ABOVE_ZERO,
    NOT_JUDGED,
    NOTHING_JUDGED,
    SUMS,
    id_of,
    label_of,
    per_line,
)
from procanalysis.measures.environment.tagging import TaggedPurchases
from procanalysis.measures.splitting import round_exact, round_parts
from procanalysis.schema import CONTRACTED, Exclusion, KeyFigure, kronor, percent, require_columns

NOTHING_CONTRACTED = "Ingen bedömd artikel är köpt på avtal, så det finns ingen andel att räkna med"
UNCHANGED = "Inget bedömt är köpt på avtal i kategorin: dess andel får stå oförändrad"
NO_CATEGORY = "Raderna har ingen kategori: deras andel får stå oförändrad"
ARITHMETIC = "räkneexempel, ingen prognos"

_CATEGORY_TYPES = {
    "category_code": "str", "category_name": "str", "judged_ore": "int64", "tagged_ore": "int64",
    "contracted_judged_ore": "int64", "contracted_tagged_ore": "int64", "share_pct": "float64",
    "contracted_share_pct": "float64", "if_contracted_ore": "int64", "judged_count": "int64", "reason": "str",
}  # fmt: skip


@dataclass(frozen=True)
class ContractedTags:
    """Hold the tagged share on contract and outside it, and what the contracts' share would mean for all.

    rows: one per key of CONTRACTED: contracted, contracted_name, tagged_ore, judged_ore, unknown_ore, amount_ore,
    share_pct (of the judged), judged_pct, lines_count; they sum to all lines. categories: one row per category with
    something judged, the largest first: category_code, category_name, judged_ore, tagged_ore, contracted_judged_ore,
    contracted_tagged_ore, share_pct, contracted_share_pct, if_contracted_ore, judged_count (lines), reason (why the
    share stays as it is, else ''). kind and tag: what was asked for. unknown_because: why nothing can be told, or ''.
    """

    rows: pd.DataFrame
    categories: pd.DataFrame
    kind: str
    tag: str
    not_judged: Exclusion | None
    unknown_because: str = ""


def tag_share_by_contract(tagged: TaggedPurchases, *, kind: str, tag: str = "") -> ContractedTags:
    """Compare the tagged share of lines bought on contract with that of lines bought outside.

    if_contracted of a category = its judged kronor × tagged kronor on contract / judged kronor on contract; a category
    with nothing judged on contract keeps what it has. It is arithmetic with today's shares: it does not say that the
    units would buy the same articles, quantities or prices. Parameters: `tagged`, as `tagged_purchases` returns it, of
    lines with a column `contracted` (yes, possible or no); `kind` and `tag` as for `tag_share`. Returns
    ContractedTags. Raises MeasureError when the column is missing or holds another word. Source: requirement R11.
    """
    require_columns(tagged.lines.columns, ["contracted"], "tag_share_by_contract")
    strange = [str(word) for word in tagged.lines["contracted"].unique() if word not in CONTRACTED]
    if strange:
        raise MeasureError(
            f"tag_share_by_contract: contracted is '{strange[0]}'. {did_you_mean(strange[0], CONTRACTED)}"
        )
    lines = per_line(tagged, kind, tag, "tag_share_by_contract")
    unknown = lines[~lines["is_judged"]]
    not_judged = Exclusion(NOT_JUDGED, len(unknown), int(unknown["amount_ore"].sum())) if len(unknown) else None
    return ContractedTags(
        _rows(lines),
        _by_category(lines, tagged.categories),
        kind,
        tag,
        not_judged,
        tagged.unknown_because or ("" if lines["is_judged"].any() else NOTHING_JUDGED),
    )


def _rows(lines: pd.DataFrame) -> pd.DataFrame:
    counted = [*SUMS, "lines_count"]
    summed = lines.groupby("contracted")[counted].sum().reindex(list(CONTRACTED), fill_value=0).astype("int64")
    made: dict[str, Any] = {
        "contracted": pd.Series(list(CONTRACTED), dtype="str"),
        "contracted_name": pd.Series(list(CONTRACTED.values()), dtype="str"),
        **{name: summed[name].reset_index(drop=True) for name in SUMS},
        "share_pct": _shares(summed["tagged_ore"], summed["judged_ore"]),
        "judged_pct": _shares(summed["judged_ore"], summed["amount_ore"]),
        "lines_count": summed["lines_count"].reset_index(drop=True),
    }
    return pd.DataFrame(made)


def _shares(parts: pd.Series[Any], wholes: pd.Series[Any]) -> pd.Series[Any]:
    shares = [percent(int(part), int(whole)) for part, whole in zip(parts, wholes, strict=True)]
    return pd.Series([None if share is None else float(share) for share in shares], dtype="float64")


def _by_category(lines: pd.DataFrame, categories: pd.DataFrame) -> pd.DataFrame:
    """Reckon each category by itself, so that a shift between categories is not taken for loyalty."""
    judged = lines[lines["is_judged"]]
    on_contract = judged["contracted"] == "yes"
    parts = judged.assign(
        contracted_judged_ore=judged["judged_ore"].where(on_contract, 0),
        contracted_tagged_ore=judged["tagged_ore"].where(on_contract, 0),
        judged_count=1,
    )
    counted = ["judged_ore", "tagged_ore", "contracted_judged_ore", "contracted_tagged_ore", "judged_count"]
    table = parts.groupby("category_code", dropna=False, as_index=False)[counted].sum()
    rows = [_category(row) for row in table.to_dict("records")]
    exact = [row.pop("exact") for row in rows]
    whole = round_exact(sum(exact, Fraction(0)))
    name_of = dict(zip(categories["category_code"], categories["category_name"], strict=True))
    for row, ore in zip(rows, round_parts(exact, whole), strict=True):
        row["if_contracted_ore"] = ore
        code = row["category_code"]
        row["category_name"] = name_of.get(code, code) if isinstance(code, str) else "Kategori saknas"
    frame = frames.framed(rows, _CATEGORY_TYPES)
    return frames.by_amount(frame, ["category_code"], "judged_ore")


def _category(row: dict[Any, Any]) -> dict[str, Any]:
    judged, tagged = int(row["judged_ore"]), int(row["tagged_ore"])
    on_judged, on_tagged = int(row["contracted_judged_ore"]), int(row["contracted_tagged_ore"])
    # Lines without category may be of anything, so that the contracts' share says nothing of the others.
    has_category = isinstance(row["category_code"], str)
    can_move = has_category and on_judged > 0 and judged > 0
    shares = percent(tagged, judged), percent(on_tagged, on_judged)
    return {
        **row,
        "share_pct": None if shares[0] is None else float(shares[0]),
        "contracted_share_pct": None if shares[1] is None else float(shares[1]),
        "exact": Fraction(judged * on_tagged, on_judged) if can_move else Fraction(tagged),
        "reason": "" if can_move else UNCHANGED if has_category else NO_CATEGORY,
    }


def tag_share_if_contracted(by_contract: ContractedTags, *, currency: str = "SEK") -> KeyFigure:
    """Tell what the tagged share would be had everything been bought on contract: arithmetic, not a forecast.

    share = Σ if_contracted_ore × 100 / Σ judged_ore. Parameters: `by_contract`, as `tag_share_by_contract` returns it;
    `currency`. Returns a KeyFigure in percent with today's share beside; unknown when nothing judged is bought on
    contract. Source: requirement R11.
    """
    table = by_contract.categories
    judged, tagged = int(table["judged_ore"].sum()), int(table["tagged_ore"].sum())
    moved = int(table["if_contracted_ore"].sum())
    value, now = percent(moved, judged), percent(tagged, judged)
    because = by_contract.unknown_because or ("" if (table["reason"] == "").any() else NOTHING_CONTRACTED)
    because = because or ("" if value is not None else NOT_ABOVE_ZERO)
    still = table[table["reason"] != ""].groupby("reason", sort=False)[["judged_count", "judged_ore"]].sum()
    unchanged = [
        Exclusion(str(reason), int(rows), int(amount))
        for reason, rows, amount in zip(still.index, still["judged_count"], still["judged_ore"], strict=True)
    ]
    left_out = [*unchanged, *([by_contract.not_judged] if by_contract.not_judged else [])]
    return KeyFigure(
        id=id_of("tag_share_if_contracted", by_contract.kind, by_contract.tag),
        label=f"{label_of(by_contract.kind, by_contract.tag)} om allt köptes på avtal ({ARITHMETIC})",
        value=None if because else value,
        unit="%",
        method="tag_share_by_contract",
        numerator=None if because else kronor(moved),
        denominator=None if because else kronor(judged),
        part_unit=currency,
        excluded=() if because else tuple(left_out),
        comparison="" if because or now is None else f"nu {wording.percent_text(now)}",
        unknown_because=because,
    )

"""Contract loyalty: how much of what is bought in e-commerce is contracted articles, in every way it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.contract_loyalty.covered_categories import NO, YES, with_lou
from procanalysis.measures.contract_loyalty.evidence import LineEvidence
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent

LouFilter = Literal["none", "numerator", "both"]

LOU_FILTERS: dict[str, str] = {
    "none": "Alla artiklar",
    "numerator": "LOU i täljaren, alla artiklar i nämnaren",
    "both": "LOU i täljare och nämnare",
}
"""Where only what LOU covers is counted. The boards print the second."""

BASES: dict[str, str] = {
    "order": "orderrader i e-handeln",
    "invoice": "fakturarader",
    "payments": "betalningar till leverantörerna",
}
NOT_ABOVE_ZERO = "Nettot av raderna är inte över noll i urvalet"
NO_LEDGER = "Reskontran har inga köp hos leverantörerna i urvalet"
NOT_COVERED, LOU_UNKNOWN = "LOU omfattar inte köpet", "Okänt om LOU omfattar köpet"
INVESTMENTS, NOT_PURCHASES = "Investeringar", "Ej inköp"

_COUNTS = ("proven", "possible", "denominator")
_VARIANTS = {
    "variant": "str", "variant_name": "str", "basis": "str", "basis_name": "str", "proven_ore": "int64",
    "possible_ore": "int64", "denominator_ore": "int64", "proven_pct": "float64", "possible_pct": "float64",
    "lou_unknown_ore": "int64", "lou_unknown_pct": "float64", "lines_proven_count": "Int64",
    "lines_possible_count": "Int64", "lines_count": "Int64", "lines_proven_pct": "float64",
    "orders_proven_count": "Int64", "orders_possible_count": "Int64", "orders_count": "Int64",
    "orders_proven_pct": "float64", "unknown_because": "str",
}  # fmt: skip
_COMPARED = {
    "selection": "str", "selection_name": "str", "proven_ore": "int64", "possible_ore": "int64",
    "denominator_ore": "int64", "proven_pct": "float64", "possible_pct": "float64", "lines_count": "int64",
}  # fmt: skip
_ITEM = [
    "document_number", "line_number", "bought_on", "unit", "supplier_key", "supplier_name", "article_name",
    "amount_ore", "contracted", "evidence", "reason",
]  # fmt: skip


@dataclass(frozen=True)
class LargeLines:
    """Hold the contract loyalty with and without single large lines, and the lines.

    compared: selection ('all', 'without_large'), selection_name, proven_ore, possible_ore, denominator_ore, proven_pct,
    possible_pct, lines_count. items: one row per line above the limit, largest first. all - items = without_large.
    """

    compared: pd.DataFrame
    items: pd.DataFrame


def contract_loyalty(
    evidence: LineEvidence,
    *,
    lou: LouFilter = "none",
    rules: pd.DataFrame | None = None,
    taxonomy: pd.DataFrame | None = None,
    target_pct: Decimal | int | None = None,
    currency: str = "SEK",
) -> KeyFigure:
    """Tell how large a share of the kronor in e-commerce is spent on contracted articles.

    share = net of the lines that are proven × 100 / net of all lines; returns and credits count as minus. Parameters:
    `evidence`, as line_evidence returns it; `lou`, one of LOU_FILTERS: where only the lines whose category LOU covers
    count, which needs `rules` and `taxonomy` (RULES, TAXONOMY; what they do not decide is possible in the numerator,
    and with 'both' left out); `target_pct`, the goal, if any; `currency`, of the amounts. Returns a KeyFigure in
    percent whose interval goes from what is proven to what is possible. Unknown without lines. Raises MeasureError.
    Source: methods 2.1 and 2.2; requirements R59, R290, C16.
    """
    if lou not in LOU_FILTERS:
        raise MeasureError(f"contract_loyalty: '{lou}' is not a way to use LOU. {did_you_mean(lou, LOU_FILTERS)}")
    lines = _flagged(with_lou(evidence.lines, rules, taxonomy), lou)
    sums = _sums(lines)
    proven, possible = percent(sums["proven"], sums["denominator"]), percent(sums["possible"], sums["denominator"])
    # Credits that may be on contract can be more than such purchases: then what is possible is the less.
    low, high = (possible, proven) if sums["possible"] < sums["proven"] else (proven, possible)
    because = evidence.unknown_because or ("" if proven is not None else NOT_ABOVE_ZERO)
    told = [] if because else [wording.interval_text(low, high), _goal(target_pct)]
    return KeyFigure(
        id="contract_loyalty",
        label="Avtalstrohet" if _origin(evidence) == "order" else "Avtalstrohet på fakturarader",
        value=None if because else proven,
        unit="%",
        method="contract_loyalty",
        numerator=None if because else kronor(sums["proven"]),
        denominator=None if evidence.unknown_because else kronor(sums["denominator"]),
        part_unit=currency,
        excluded=_left_out(lines) if lou == "both" else (),
        comparison="; ".join(word for word in told if word),
        status="" if because or target_pct is None else wording.goal_status(low, high, target_pct),
        unknown_because=because,
        low=None if because or low == high else low,
        high=None if because or low == high else high,
    )


def _goal(target_pct: Decimal | int | None) -> str:
    return "" if target_pct is None else f"mål {wording.percent_text(target_pct)}"


def _origin(evidence: LineEvidence) -> str:
    """Say what the lines are: of invoices when any is, since then they are not all of e-commerce."""
    return "invoice" if (evidence.lines["origin"] == "invoice").any() else "order"


def _flagged(lines: pd.DataFrame, lou: str) -> pd.DataFrame:
    """Mark the lines that stand in the numerator, may stand there, and stand in the denominator."""
    yes, may = lines["contracted"] == "yes", lines["contracted"] != "no"
    covered, uncovered = lines["lou_covered"] == YES, lines["lou_covered"] == NO
    everything = pd.Series(True, index=lines.index)
    masks = {
        "none": (yes, may, everything),
        "numerator": (yes & covered, may & ~uncovered, everything),
        "both": (yes & covered, may & covered, covered),
    }[lou]
    return lines.assign(**{name: mask.astype("int64") for name, mask in zip(_COUNTS, masks, strict=True)})


def _sums(lines: pd.DataFrame) -> dict[str, int]:
    amounts = lines["amount_ore"].astype("int64")
    return {name: int((amounts * lines[name]).sum()) for name in _COUNTS}


def _left_out(lines: pd.DataFrame) -> tuple[Exclusion, ...]:
    left = {
        NOT_COVERED: lines["lou_covered"] == NO,
        LOU_UNKNOWN: ~lines["lou_covered"].isin([YES, NO]),
    }
    return tuple(
        Exclusion(reason, int(mask.sum()), int(lines.loc[mask, "amount_ore"].sum()))
        for reason, mask in left.items()
        if mask.any()
    )


def contract_loyalty_variants(
    evidence: LineEvidence,
    *,
    rules: pd.DataFrame | None = None,
    taxonomy: pd.DataFrame | None = None,
    ledger: NativeFrame | None = None,
    include_investments: bool = False,
) -> pd.DataFrame:
    """Lay the ways in which contract loyalty is printed side by side.

    With and without the LOU filter on numerator and denominator; against the lines' own net, and against the ledger's
    payments to the suppliers that sell in e-commerce. A line or an order counts when its amount is above zero; an order
    is proven when all such lines in it are. Parameters: as for contract_loyalty; `ledger`, one row per posting, as
    map_categories returns them, None when payments are not to be shown; `include_investments`, whether postings booked
    as investments are among the payments. Returns one row per variant: variant (LOU_FILTERS), variant_name, basis
    (BASES), basis_name, proven_ore, possible_ore, denominator_ore, proven_pct, possible_pct, lou_unknown_ore and
    lou_unknown_pct (what the rules do not decide, of all lines), lines_proven_count,
    lines_possible_count, lines_count, lines_proven_pct and the same for orders_ (missing against payments),
    unknown_because. No rows without lines. Raises MeasureError. Source: requirements R59, R290, C16.
    """
    rows: list[dict[str, Any]] = []
    lines = with_lou(evidence.lines, rules, taxonomy)
    paid = None if ledger is None else _payments(ledger, evidence.lines["supplier_key"], include_investments)[0]
    whole = int(lines["amount_ore"].sum())
    unknown = int(lines.loc[~lines["lou_covered"].isin([YES, NO]), "amount_ore"].sum())
    for lou, name in LOU_FILTERS.items() if not evidence.unknown_because else ():
        flagged = _flagged(lines, lou)
        sums = _sums(flagged)
        shared: dict[str, Any] = {"variant": lou, "variant_name": name}
        shared |= {"lou_unknown_ore": unknown, "lou_unknown_pct": _pct(unknown, whole)}
        rows.append(shared | _row(sums, _origin(evidence), NOT_ABOVE_ZERO) | _counts(flagged))
        if paid is not None:
            inside = paid[paid["in_e_commerce"]]
            inside = inside[inside["lou_covered"] == YES] if lou == "both" else inside
            rows.append(shared | _row(sums | {"denominator": int(inside["amount_ore"].sum())}, "payments", NO_LEDGER))
    table = frames.framed(rows, _VARIANTS)
    place = table["basis"].eq("payments")
    return table.assign(__place=place).sort_values("__place", kind="stable", ignore_index=True).drop(columns="__place")


def _pct(part: int, whole: int) -> float:
    share = percent(part, whole)
    return float("nan") if share is None else float(share)


def _row(sums: Mapping[str, int], basis: str, because: str) -> dict[str, Any]:
    return {
        "basis": basis,
        "basis_name": BASES[basis],
        **{f"{name}_ore": sums[name] for name in _COUNTS},
        **{f"{name}_pct": _pct(sums[name], sums["denominator"]) for name in _COUNTS[:2]},
        "unknown_because": "" if sums["denominator"] > 0 else because,
    }


def _counts(flagged: pd.DataFrame) -> dict[str, Any]:
    """Count the lines above zero, and the orders or invoices by the least certain of such lines in them."""
    bought = flagged[(flagged["amount_ore"] > 0) & (flagged["denominator"] == 1)]
    documents = bought.groupby(["supplier_key", "document_number"])[list(_COUNTS)].min()
    counted: dict[str, Any] = {}
    for word, table in (("lines", bought), ("orders", documents)):
        for name in _COUNTS[:2]:
            counted[f"{word}_{name}_count"] = int(table[name].sum())
        counted[f"{word}_count"] = len(table)
        counted[f"{word}_proven_pct"] = _pct(counted[f"{word}_proven_count"], len(table))
    return counted


def e_commerce_share(
    evidence: LineEvidence,
    ledger: NativeFrame,
    *,
    include_investments: bool = False,
    target_pct: Decimal | int | None = None,
    currency: str = "SEK",
) -> KeyFigure:
    """Tell how large a share of what is paid to suppliers the lines describe.

    share = net of all lines × 100 / net of the ledger's purchases. Parameters: `evidence`, as line_evidence returns it;
    `ledger`, one row per posting, as map_categories returns them; `include_investments`, whether postings booked as
    investments are purchases here; `target_pct`, the goal, if any; `currency`. Returns a KeyFigure in percent with what
    is left out of the ledger; its comparison says how much the suppliers of the lines are paid in all. Unknown without
    lines. Raises MeasureError. Source: methods 2.3; requirement R62.
    """
    lines = evidence.lines
    paid, excluded = _payments(ledger, lines["supplier_key"], include_investments)
    bought, whole = int(lines["amount_ore"].sum()), int(paid["amount_ore"].sum())
    share = percent(bought, whole)
    because = evidence.unknown_because or ("" if share is not None else NO_LEDGER)
    suppliers = percent(int(paid.loc[paid["in_e_commerce"], "amount_ore"].sum()), whole)
    is_order = _origin(evidence) == "order"
    sellers = "leverantörerna i e-handeln" if is_order else "leverantörerna på raderna"
    paid_to = "" if suppliers is None else f"{sellers} får {wording.percent_text(suppliers)} av alla köp"
    return KeyFigure(
        id="e_commerce_share",
        label="E-handelns andel av köpen" if is_order else "Fakturaradernas andel av köpen",
        value=None if because else share,
        unit="%",
        method="e_commerce_share",
        numerator=None if evidence.unknown_because else kronor(bought),
        denominator=kronor(whole),
        part_unit=currency,
        excluded=excluded,
        comparison="" if because else "; ".join(word for word in (paid_to, _goal(target_pct)) if word),
        status="" if because or target_pct is None else wording.goal_status(share, share, target_pct),
        unknown_because=because,
    )


def _payments(
    ledger: NativeFrame, suppliers: pd.Series[Any], include_investments: bool
) -> tuple[pd.DataFrame, tuple[Exclusion, ...]]:
    """Sum the ledger's purchases by LOU and by whether the supplier is among those given, and what is no purchase."""
    needed = ("supplier_key", "amount_ore", "spend_class", "lou_covered")
    frame = frames.lazy(ledger, needed, "contract_loyalty").with_columns(nw.col("spend_class").fill_null(""))
    wanted = sorted(suppliers.drop_duplicates())
    investment = nw.lit(not include_investments) & (nw.col("spend_class") == "investering")
    reason = nw.when(nw.col("spend_class") == "ej inköp").then(nw.lit(2)).otherwise(nw.lit(0))
    marked = frame.with_columns(
        reason=nw.when(investment).then(nw.lit(1)).otherwise(reason).cast(nw.Int64),
        in_e_commerce=nw.col("supplier_key").is_in(wanted).cast(nw.Int64) if wanted else nw.lit(0).cast(nw.Int64),
    )
    summed = frames.sums(marked, ["lou_covered", "in_e_commerce", "reason"])
    excluded = tuple(
        Exclusion(name, int(left["lines_count"].sum()), int(left["amount_ore"].sum()))
        for place, name in ((1, INVESTMENTS), (2, NOT_PURCHASES))
        if len(left := summed[summed["reason"] == place])
    )
    kept = summed[summed["reason"] == 0]
    return kept.assign(in_e_commerce=kept["in_e_commerce"] == 1), excluded


def contract_loyalty_without_large(
    evidence: LineEvidence, *, large_item_limit_ore: int, currency: str = "SEK"
) -> LargeLines:
    """Tell what single large lines do to the contract loyalty: once with them, once without.

    A large line is one whose amount is above the limit, an ambulance or a CT scanner, or as far below zero: what takes
    one back goes with it. Parameters: `evidence`, as
    line_evidence returns it; `large_item_limit_ore`, above zero; `currency`, of the limit. Returns LargeLines; leave
    sole traders out of its items before showing any. No rows without lines. Raises MeasureError. Source: requirement
    R67.
    """
    if large_item_limit_ore <= 0:
        raise MeasureError(
            f"contract_loyalty_without_large: large_item_limit_ore is {large_item_limit_ore}. Give more than zero."
        )
    lines = evidence.lines
    large = lines["amount_ore"].abs() > large_item_limit_ore
    limit = wording.amount_text(large_item_limit_ore, currency)
    selections = {
        "all": ("Alla rader", lines),
        "without_large": (f"Utan enskilda rader över {limit}", lines[~large]),
    }
    rows = []
    for selection, (name, chosen) in selections.items() if not evidence.unknown_because else ():
        sums = _sums(_flagged(chosen.assign(lou_covered=YES), "none"))
        row = _row(sums, "order", NOT_ABOVE_ZERO)
        rows.append(row | {"selection": selection, "selection_name": name, "lines_count": len(chosen)})
    items = with_supplier_type(lines[large])[[*_ITEM, "supplier_type"]]
    return LargeLines(
        frames.framed(rows, _COMPARED),
        items.sort_values(["amount_ore", "document_number"], ascending=[False, True], ignore_index=True),
    )


def with_supplier_type(rows: pd.DataFrame) -> pd.DataFrame:
    """Add supplier_type: 'sole_trader' where the name is a masked one, so that a list can leave the persons out."""
    masked = rows["supplier_name"].astype("str").str.startswith("Enskild firma").fillna(False).astype(bool)
    types = pd.Series("", index=rows.index, dtype="str").where(~masked, "sole_trader")
    return rows.assign(supplier_type=types)

"""What the portfolio says of single suppliers and contracts: which are strategic, and how closely to follow them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.portfolio import volumes
from procanalysis.measures.portfolio.matrix import NO_ROOM, Portfolio, codes_in, quadrant_of, within
from procanalysis.schema import Exclusion, percent

SEGMENTS: dict[str, str] = {"strategic": "Strategisk", "other": "Övrig"}
CLASS_OF_QUADRANT: dict[str, str] = {"strategic": "A", "leverage": "B", "bottleneck": "C", "routine": "D"}
AGREEMENT: dict[str, str] = {
    "agrees": "Stämmer med registret",
    "differs": "Skiljer sig från registret",
    "no_class": "Registret saknar klass",
    "no_proposal": "Förslag saknas",
}
_CONTRACT_COLUMNS = (
    "contract_id", "title", "supplier_names", "category_codes", "starts_on", "ends_on", "contract_class",
)  # fmt: skip


@dataclass(frozen=True)
class SupplierSegments:
    """Hold the suppliers with their segment, and what was left out."""

    suppliers: pd.DataFrame
    excluded: tuple[Exclusion, ...]


def supplier_segments(
    matched: NativeFrame,
    portfolio: Portfolio,
    *,
    strategic_share_pct: int | Decimal = 2,
    high_risk: int | Decimal = 4,
    risk_share_pct: int | Decimal = 25,
) -> SupplierSegments:
    """Tell which suppliers are strategic: those with high volume, high risk, or both.

    High volume: at least strategic_share_pct of all suppliers' net volumes above zero. High risk: at least
    risk_share_pct of the volume above zero of a category whose risk is high_risk or more. Parameters: `matched`, one
    row per posting; `portfolio`, of the same lines, as `kraljic` returns it; the three limits, inclusive: percent 0 to
    100, risk 1 to 5. Returns SupplierSegments; suppliers has one row per supplier with a net volume above zero, largest
    first: supplier_key, supplier_name, supplier_type, amount_ore, total_ore, share_pct, category_code, category_name
    and quadrant_name (of its largest category), highest_risk (of the categories where it has risk_share_pct; missing
    when none is known), risk_category_name, segment, segment_name, reason in Swedish. Lines that are no purchase and
    suppliers without net volume are left out and returned. Raises MeasureError. Source: requirements R125, R126.
    """
    for name, value in (("strategic_share_pct", strategic_share_pct), ("risk_share_pct", risk_share_pct)):
        frames.check_range("supplier_segments", name, value, 0, 100)
    frames.check_range("supplier_segments", "high_risk", high_risk, 1, 5)
    marked = volumes.purchases(matched, volumes.SUPPLIER_COLUMNS, "supplier_segments")
    bought = marked.filter(nw.col("left_out") < 2)
    found, _ = volumes.per_category_and_supplier(bought, portfolio.level, None)
    facts = {row["category_code"]: row for row in portfolio.categories.to_dict("records")}
    summed = found.groupby("supplier_key").agg(
        supplier_name=("supplier_name", "min"),
        supplier_type=("supplier_type", "min"),
        amount_ore=("amount_ore", "sum"),
        lines_count=("lines_count", "sum"),
    )
    suppliers = frames.by_amount(summed.reset_index(), ["supplier_key"])
    positive = suppliers[suppliers["amount_ore"] > 0]
    total = int(positive["amount_ore"].sum())
    sold: dict[str, list[dict[Any, Any]]] = {}
    for each in found[["supplier_key", "category_code", "amount_ore"]].to_dict("records"):
        sold.setdefault(each["supplier_key"], []).append(each)
    rows = []
    for each in positive.drop(columns="lines_count").to_dict("records"):
        row: dict[Any, Any] = {**each, "total_ore": total, "share_pct": percent(each["amount_ore"], total)}
        row |= _in_categories(sold[row["supplier_key"]], facts, risk_share_pct)
        rows.append(row | _segment(row, strategic_share_pct, high_risk))
    rest = suppliers[suppliers["amount_ore"] <= 0]
    return SupplierSegments(
        suppliers=volumes.with_types(pd.DataFrame(rows, columns=_SEGMENT_COLUMNS, dtype=object)),
        excluded=(*volumes.left_out(marked, categories_needed=False), *_without_volume(rest)),
    )


_SEGMENT_COLUMNS = [
    "supplier_key", "supplier_name", "supplier_type", "amount_ore", "total_ore", "share_pct", "category_code",
    "category_name", "quadrant_name", "highest_risk", "risk_category_name", "risk_share_pct", "segment",
    "segment_name", "reason",
]  # fmt: skip


def _without_volume(rest: pd.DataFrame) -> tuple[Exclusion, ...]:
    if rest.empty:
        return ()
    reason = f"Leverantörer med nettovolym noll eller lägre ({wording.number_text(len(rest))} st)"
    return (Exclusion(reason, int(rest["lines_count"].sum()), int(rest["amount_ore"].sum())),)


def _in_categories(
    sold: list[dict[Any, Any]], facts: Mapping[str, Mapping[Any, Any]], risk_share_pct: int | Decimal
) -> dict[str, Any]:
    """Find the supplier's largest category, and the riskiest one where it is a large part of the volume."""
    largest = next((row for row in sold if row["category_code"] in facts), None)
    found: dict[str, Any] = {"category_code": None, "category_name": None, "quadrant_name": None}
    if largest is not None:
        found = {name: facts[largest["category_code"]][name] for name in found}
    risky = []
    for row in sold:
        fact = facts.get(row["category_code"])
        if fact is None or fact["risk"] is None or row["amount_ore"] <= 0:
            continue
        # Compared without dividing: few are large enough to be worth an exact share.
        whole = int(fact["positive_ore"])
        if whole > 0 and row["amount_ore"] * 100 >= risk_share_pct * whole:
            share = percent(row["amount_ore"], whole)
            risky.append((fact["risk"], share, fact["category_name"]))
    risk, share, name = max(risky, key=lambda each: each[:2]) if risky else (None, None, None)
    return {**found, "highest_risk": risk, "risk_category_name": name, "risk_share_pct": share}


def _segment(row: Mapping[Any, Any], strategic_share_pct: int | Decimal, high_risk: int | Decimal) -> dict[str, str]:
    reasons = []
    if row["share_pct"] >= strategic_share_pct:
        limit = wording.percent_text(strategic_share_pct)
        reasons.append(f"Hög volym: {wording.percent_text(row['share_pct'])} av inköpen, gränsen är {limit}")
    if row["highest_risk"] is not None and row["highest_risk"] >= high_risk:
        reasons.append(
            f"Hög risk: {wording.percent_text(row['risk_share_pct'])} av {row['risk_category_name']}, där risken är "
            f"{wording.number_text(row['highest_risk'], 2)} och gränsen {wording.number_text(high_risk)}"
        )
    segment = "strategic" if reasons else "other"
    return {
        "segment": segment,
        "segment_name": SEGMENTS[segment],
        "reason": ". ".join(reasons) or "Varken volymen eller risken når gränsen",
    }


def contract_classes(
    contracts: pd.DataFrame, matched: NativeFrame, portfolio: Portfolio, *, as_of: date
) -> pd.DataFrame:
    """Propose a class for each contract from impact and risk, beside the class in the register.

    impact = frames.log_scores of what may have been bought on the contract (rung 4 possible), 1 when nothing was; risk
    = the highest risk among the contract's categories. A = both high, B = impact high, C = risk high, D = neither;
    high from 3. Parameters: `contracts`, the register; `matched`, ledger lines with MATCHED_COLUMNS; `portfolio`, of
    the same lines, as `kraljic` returns it; `as_of`, the day of reckoning. Returns one row per contract, largest first:
    contract_id, title, supplier_names, ends_on, amount_ore, impact, risk, risk_category_name, proposed_class,
    contract_class, follow_up_form (of the register's class, else of the proposed one), agreement (one of AGREEMENT),
    agreement_name, unknown_because. A contract that has ended, or not begun, has no proposal. Raises MeasureError.
    Source: methods 7 (classes from quadrants); published/contract_classes.csv (forms); requirements R121, R123.
    """
    registered = frames.plain_rows(contracts, _CONTRACT_COLUMNS, "contract_classes")
    marked = volumes.purchases(matched, volumes.CONTRACT_COLUMNS, "contract_classes")
    found = volumes.on_contracts(marked).groupby("contract_id")["amount_ore"].sum()
    bought = {str(contract): int(amount) for contract, amount in found.items()}
    risks = {
        row["category_code"]: (row["risk"], row["category_name"])
        for row in portfolio.categories.to_dict("records")
        if row["risk"] is not None
    }
    current = [row["contract_id"] for row in registered if not _not_in_force(row, as_of)]
    scores = frames.log_scores([bought.get(contract, 0) for contract in current])
    impacts = dict(zip(current, scores, strict=True))
    rows = []
    for row in registered:
        row["amount_ore"] = bought.get(row["contract_id"], 0)
        risk, name = max((risks[code] for code in within(codes_in(row["category_codes"]), portfolio.related)
                          if code in risks), default=(None, None))  # fmt: skip
        impact = Decimal(1) if row["amount_ore"] <= 0 else impacts.get(row["contract_id"])
        rows.append(
            row | {"impact": impact, "risk": risk, "risk_category_name": name} | _proposal(row, impact, risk, as_of)
        )
    table = volumes.with_types(pd.DataFrame(rows, columns=_CLASS_COLUMNS, dtype=object))
    return frames.by_amount(table, ["contract_id"])


_CLASS_COLUMNS = [
    "contract_id", "title", "supplier_names", "ends_on", "amount_ore", "impact", "risk", "risk_category_name",
    "proposed_class", "contract_class", "follow_up_form", "agreement", "agreement_name", "unknown_because",
]  # fmt: skip


def _not_in_force(row: Mapping[str, Any], as_of: date) -> str:
    if row["ends_on"] is not None and row["ends_on"] < as_of:
        return "Avtalet har upphört"
    return "Avtalet har inte börjat gälla" if row["starts_on"] is not None and row["starts_on"] > as_of else ""


def _proposal(row: Mapping[str, Any], impact: Decimal | None, risk: Decimal | None, as_of: date) -> dict[str, Any]:
    because = _not_in_force(row, as_of)
    if not because and risk is None:
        because = "Avtalets kategori saknas eller har ingen känd risk"
    elif not because and impact is None:
        because = NO_ROOM
    quadrant = None if because else quadrant_of(impact, risk)
    proposed = None if quadrant is None else CLASS_OF_QUADRANT[quadrant]
    own = row["contract_class"]
    if proposed is None:
        agreement = "no_proposal"
    elif own is None:
        agreement = "no_class"
    else:
        agreement = "agrees" if own == proposed else "differs"
    return {
        "proposed_class": proposed,
        "follow_up_form": wording.FOLLOW_UP_FORMS.get(own or proposed or "", ""),
        "agreement": agreement,
        "agreement_name": AGREEMENT[agreement],
        "unknown_because": because,
    }

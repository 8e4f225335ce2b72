"""Which categories to work on first, in waves, and when in the year the plan is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames

PRIORITY_PARTS: dict[str, str] = {
    "potential": "potential",
    "expiry": "avtalets slut",
    "risk": "risk",
    "ease": "genomförbarhet",
}
"""The parts of a category's priority, with their Swedish names."""

MOST_PER_WAVE = 3
_NEEDED = (
    "category_code", "category_name", "amount_ore", "quadrant_name", "saving_potential_ore", "ends_on", "expiry_risk",
    "supplier_risk", "bids_risk", "criticality_risk", "risk", "hand_set",
)  # fmt: skip
_COLUMNS = [
    "place", "category_code", "category_name", "amount_ore", "quadrant_name", "saving_potential_ore", "ends_on",
    "potential_score", "expiry_score", "risk_score", "ease_score", "score", "known_parts_count", "unknown_parts",
]  # fmt: skip


def prioritised_categories(
    portfolio: pd.DataFrame, *, weights: Mapping[str, int], ease: Mapping[str, int]
) -> pd.DataFrame:
    """Order the categories by potential, expiry, risk and ease, each 1 to 5.

    score = Σ weight × part / Σ weight over the known parts with a weight. potential = frames.log_scores of the expected
    yearly saving; expiry = expiry_risk; risk = the mean of the other known parts of the risk, or the hand-set risk;
    ease as given. Parameters: `portfolio`, the categories of `kraljic`; `weights`, part (PRIORITY_PARTS) → zero or
    more; `ease`, category code → 1 (hard) to 5 (easy), unknown for the rest. Returns one row per category, highest
    score first, larger spend first when alike, those without score last: place (missing without score), category_code,
    category_name, amount_ore, quadrant_name, saving_potential_ore, ends_on, potential_score, expiry_score, risk_score,
    ease_score, score, known_parts_count, unknown_parts (those with a weight). Raises MeasureError. Source:
    requirements R92, R94, R102.
    """
    for part, weight in weights.items():
        if part not in PRIORITY_PARTS:
            raise MeasureError(f"prioritised_categories: weights has '{part}'. {did_you_mean(part, PRIORITY_PARTS)}")
        if weight < 0:
            raise MeasureError(f"prioritised_categories: the weight of {part} is {weight}. Give zero or more.")
    if not any(weights.values()):
        raise MeasureError("prioritised_categories: all weights are 0. Give at least one part a weight.")
    for code, score in ease.items():
        frames.check_range("prioritised_categories", f"the ease of category {code}", score, 1, 5)
    rows = frames.plain_rows(portfolio, _NEEDED, "prioritised_categories")
    potentials = frames.log_scores([row["saving_potential_ore"] or 0 for row in rows])
    for row, potential in zip(rows, potentials, strict=True):
        given = ease.get(row["category_code"])
        row["potential_score"] = potential
        row["expiry_score"] = row["expiry_risk"]
        row["risk_score"] = _risk_without_expiry(row)
        row["ease_score"] = None if given is None else Decimal(given)
        row |= _weighted(row, weights)
    rows.sort(key=lambda row: (row["score"] is None, -(row["score"] or 0), -row["amount_ore"], row["category_code"]))
    for place, row in enumerate(rows, start=1):
        row["place"] = None if row["score"] is None else place
    types = {"place": "Int64", "amount_ore": "int64", "saving_potential_ore": "Int64", "ends_on": "datetime64[us]"}
    return pd.DataFrame(rows, columns=_COLUMNS, dtype=object).astype({**types, "known_parts_count": "int64"})


def _risk_without_expiry(row: Mapping[str, Any]) -> Decimal | None:
    """Leave the contract's end out of the risk, since it is a part of its own here."""
    if "risk" in row["hand_set"].casefold():
        held: Decimal = row["risk"]
        return held
    known = [row[name] for name in ("supplier_risk", "bids_risk", "criticality_risk") if row[name] is not None]
    return _rounded(sum(known, Decimal(0)) / len(known)) if known else None


def _rounded(score: Decimal) -> Decimal:
    return score.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _weighted(row: Mapping[str, Any], weights: Mapping[str, int]) -> dict[str, Any]:
    counted = {part: weight for part in PRIORITY_PARTS if (weight := weights.get(part, 0))}
    known = {part: row[f"{part}_score"] for part in counted if row[f"{part}_score"] is not None}
    total = sum(counted[part] for part in known)
    summed = sum((counted[part] * value for part, value in known.items()), Decimal(0))
    return {
        "score": _rounded(summed / total) if total else None,
        "known_parts_count": len(known),
        "unknown_parts": "; ".join(PRIORITY_PARTS[part] for part in counted if part not in known),
    }


def waves(prioritised: pd.DataFrame, categories_per_wave: int = MOST_PER_WAVE) -> pd.DataFrame:
    """Part the prioritised categories into waves of one to three.

    Parameters: `prioritised`, as `prioritised_categories` returns it; `categories_per_wave`, 1 to 3. Returns its rows
    with a score, in order, with wave first, from 1. Raises MeasureError. Source: requirement R92.
    """
    frames.check_range("waves", "categories_per_wave", categories_per_wave, 1, MOST_PER_WAVE)
    scored = prioritised[prioritised["score"].notna()].reset_index(drop=True)
    number = pd.Series([place // categories_per_wave + 1 for place in range(len(scored))], dtype="int64")
    return pd.concat([number.rename("wave"), scored], axis=1)


def plan_calendar(plan_year: int) -> pd.DataFrame:
    """Lay out the phases of the purchasing plan of one year.

    Analysis and planning take place in August to October of the year before, with the business planning; the plan is
    carried out from January to December. Parameters: `plan_year`, 1900 to 9998. Returns one row per phase in order:
    phase, starts_on, ends_on, what. Raises MeasureError. Source: requirements R108, R172, R173.
    """
    frames.check_range("plan_calendar", "plan_year", plan_year, 1900, 9998)
    year = (date(plan_year, 1, 1), date(plan_year, 12, 31))
    rows = [
        (
            "Analysera och planera",
            date(plan_year - 1, 8, 1),
            date(plan_year - 1, 10, 31),
            "Planen beslutas under hösten tillsammans med verksamhetsplaneringen",
        ),
        ("Upphandla och omförhandla", *year, "Upphandlingarna i planen, spridda över året"),
        ("Implementera, mäta och följa upp", *year, "Nya avtal införs, och leverantörer och plan följs upp"),
    ]
    table = pd.DataFrame(rows, columns=["phase", "starts_on", "ends_on", "what"])
    return table.astype({"starts_on": "datetime64[us]", "ends_on": "datetime64[us]", "phase": "str", "what": "str"})

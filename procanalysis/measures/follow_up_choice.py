"""Choose suppliers for sustainability follow-up by risk, with a score that can be explained, and some by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError, did_you_mean
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import FOLLOW_UPS, SUSTAINABILITY_FOLLOW_UPS, Exclusion, names, percent

PARTS: dict[str, str] = {
    "spend": "volym",
    "category_risk": "kategoririsk",
    "time_since": "tid sedan senaste hållbarhetsuppföljning",
    "contract_class": "avtalsklass",
}
"""The parts of the score, with their Swedish names."""

CLASS_SCORES: dict[str, int] = {"A": 5, "B": 4, "C": 3, "D": 2}
YEARS_SINCE_SCORES: tuple[tuple[int, int], ...] = ((1, 1), (2, 2), (3, 3), (4, 4))
"""A follow-up less than so many years ago has that score; an earlier one, or none, has 5."""

LEAST_CATEGORY_PCT = 10
"""Percent of a supplier's volume that a category must have for its risk to count."""

CHOSEN_AS: dict[str, str] = {"risk": "Risk", "random": "Slump", "": ""}
CHOICE_RULE = (
    "Poängen är ett vägt medelvärde, 1 till 5, av de delar som är kända: volym på logaritmisk skala, kategorins risk, "
    "tid sedan senaste hållbarhetsuppföljning och avtalsklass. De högsta väljs efter risk. Bland de övriga lottas "
    "några, och samma frö ger samma lottning."
)
_CONTRACT_COLUMNS = ("contract_id", "contract_class", "starts_on", "ends_on")
_SCOPE_COLUMNS = ("contract_id", "supplier_key", "through_group")
_COLUMNS = [
    "rank", "supplier_key", "supplier_name", "amount_ore", "spend_score", "category_name", "category_risk_score",
    "last_on", "time_since_score", "contract_class", "contract_class_score", "score", "unknown_parts", "chosen_as",
    "chosen_as_name", "explanation",
]  # fmt: skip


@dataclass(frozen=True)
class FollowUpChoice:
    """Hold the suppliers to follow up, all suppliers with their scores, the weights, and what was left out."""

    chosen: pd.DataFrame
    suppliers: pd.DataFrame
    weights: pd.DataFrame
    excluded: tuple[Exclusion, ...]


def choose_for_follow_up(
    matched: NativeFrame,
    contracts: pd.DataFrame,
    scopes: pd.DataFrame,
    follow_ups: pd.DataFrame,
    *,
    category_risk: Mapping[str, int],
    weights: Mapping[str, int],
    chosen_count: int,
    random_count: int,
    seed: int,
    as_of: date,
) -> FollowUpChoice:
    """Choose suppliers for sustainability follow-up: those with the highest scores, and some of the rest by chance.

    score = Σ weight × part / Σ weight over the known parts with a weight, each 1 to 5: spend = frames.log_scores of the
    net volume; category_risk = the highest risk among categories with LEAST_CATEGORY_PCT of the supplier's volume;
    time_since by YEARS_SINCE_SCORES, 5 when never done, unknown without register; contract_class by CLASS_SCORES of
    the highest class in force. By chance: the lowest sha256 of seed and supplier_key, whatever the order of the rows.
    Parameters: `matched`, one row per posting; `contracts`, `scopes` and `follow_ups`, the registers, empty when there
    is none; `category_risk`, category code of any level → 1 to 5, the nearest at or above a line's category counts;
    `weights`, part (PARTS) → zero or more; `chosen_count` and `random_count`, zero or more; `seed`; `as_of`.
    Returns a FollowUpChoice: suppliers has one row per supplier with a net volume above zero, highest score first:
    rank, supplier_key, supplier_name, amount_ore, spend_score, category_name, category_risk_score, last_on,
    time_since_score, contract_class, contract_class_score, score, unknown_parts, chosen_as (a key of CHOSEN_AS),
    chosen_as_name, explanation (one Swedish sentence); chosen its chosen rows; weights part, part_name, weight. What
    is no purchase, sole traders, and suppliers without net volume are left out and returned. Raises MeasureError.
    Source: requirements R131, R132.
    """
    _check(weights, category_risk, {"chosen_count": chosen_count, "random_count": random_count})
    bought, excluded = _suppliers(matched, category_risk)
    classes = _highest_classes(contracts, scopes, as_of)
    register = frames.plain_rows(follow_ups, names(FOLLOW_UPS), "choose_for_follow_up")
    last = _last_followed_up(register, as_of)
    spend = frames.log_scores([row["amount_ore"] for row in bought])
    for row, spend_score in zip(bought, spend, strict=True):
        key = row["supplier_key"]
        row["last_on"] = last.get(key)
        row["contract_class"] = classes.get(key)
        row["spend_score"] = spend_score
        row["time_since_score"] = _time_score(row["last_on"], as_of) if register else None
        row["contract_class_score"] = CLASS_SCORES.get(classes.get(key, ""))
        row |= _weighted(row, weights)
    bought.sort(key=lambda row: (row["score"] is None, -(row["score"] or 0), -row["amount_ore"], row["supplier_key"]))
    by_risk = [row["supplier_key"] for row in bought if row["score"] is not None][:chosen_count]
    rest = [row["supplier_key"] for row in bought if row["supplier_key"] not in set(by_risk)]
    by_chance = sorted(rest, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())[:random_count]
    how = dict.fromkeys(by_risk, "risk") | dict.fromkeys(by_chance, "random")
    for rank, row in enumerate(bought, start=1):
        chosen_as = how.get(row["supplier_key"], "")
        row |= {"rank": rank, "chosen_as": chosen_as, "chosen_as_name": CHOSEN_AS[chosen_as]}
    types = {"rank": "int64", "amount_ore": "int64", "last_on": "datetime64[us]"}
    suppliers = pd.DataFrame(bought, columns=_COLUMNS, dtype=object).astype(types)
    shown = pd.DataFrame([(part, name, weights.get(part, 0)) for part, name in PARTS.items()])
    return FollowUpChoice(
        chosen=suppliers[suppliers["chosen_as"] != ""].reset_index(drop=True),
        suppliers=suppliers,
        weights=shown.set_axis(["part", "part_name", "weight"], axis=1),
        excluded=excluded,
    )


def _check(weights: Mapping[str, int], category_risk: Mapping[str, int], counts: Mapping[str, int]) -> None:
    for part, weight in weights.items():
        if part not in PARTS:
            raise MeasureError(f"choose_for_follow_up: weights has '{part}'. {did_you_mean(part, PARTS)}")
        if weight < 0:
            raise MeasureError(f"choose_for_follow_up: the weight of {part} is {weight}. Give zero or more.")
    if not any(weights.values()):
        raise MeasureError("choose_for_follow_up: all weights are 0. Give at least one part a weight.")
    for code, risk in category_risk.items():
        frames.check_range("choose_for_follow_up", f"the risk of category {code}", risk, 1, 5)
    for name, count in counts.items():
        if count < 0:
            raise MeasureError(f"choose_for_follow_up: {name} is {count}. Give zero or more.")


def _suppliers(
    matched: NativeFrame, category_risk: Mapping[str, int]
) -> tuple[list[dict[str, Any]], tuple[Exclusion, ...]]:
    """Sum per supplier with its riskiest category, and say which are left out."""
    needed = [
        "supplier_key", "supplier_name", "supplier_type", "invoice_key", "category_path", "category_name",
        "spend_class", "amount_ore",
    ]  # fmt: skip
    frame = frames.lazy(matched, needed, "choose_for_follow_up")
    no_purchase = nw.when(nw.col("spend_class") == "ej inköp").then(1).otherwise(0)
    bought = frame.filter(no_purchase == 0)
    found = frames.tally(bought, ["supplier_key"], ["supplier_name", "supplier_type"])
    people = found["supplier_type"] == "sole_trader"
    without = ~people & (found["amount_ore"] <= 0)
    excluded = (
        *frames.exclusion("Ej inköp", frame.filter(no_purchase == 1)),
        *_counted("Enskilda firmor och privatpersoner", found[people]),
        *_counted("Leverantörer med nettovolym noll eller lägre", found[without]),
    )
    risks = _risks(frames.sums(bought, ["supplier_key", "category_path"], ["category_name"]), found, category_risk)
    unknown = {"category_name": None, "category_risk_score": None}
    rows = [
        {**row, **risks.get(row["supplier_key"], unknown)}
        for row in found[~people & ~without].drop(columns=["supplier_type"]).to_dict("records")
    ]
    return rows, excluded


def _counted(reason: str, rows: pd.DataFrame) -> tuple[Exclusion, ...]:
    if rows.empty:
        return ()
    named = f"{reason} ({wording.number_text(len(rows))} st)"
    return (Exclusion(named, int(rows["lines_count"].sum()), int(rows["amount_ore"].sum())),)


def _risks(
    per_category: pd.DataFrame, per_supplier: pd.DataFrame, category_risk: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    totals = dict(zip(per_supplier["supplier_key"], per_supplier["amount_ore"].tolist(), strict=True))
    best: dict[str, dict[str, Any]] = {}
    for row in per_category.dropna(subset="category_path").to_dict("records"):
        code = next((code for code in reversed(row["category_path"].split("/")) if code in category_risk), None)
        share = percent(row["amount_ore"], totals[row["supplier_key"]])
        if code is None or share is None or share < LEAST_CATEGORY_PCT:
            continue
        held = best.get(row["supplier_key"])
        # Rows come largest first: a larger category keeps its place before an equally risky one.
        if held is None or category_risk[code] > held["category_risk_score"]:
            found = {"category_name": row["category_name"], "category_risk_score": category_risk[code]}
            best[row["supplier_key"]] = found
    return best


def _highest_classes(contracts: pd.DataFrame, scopes: pd.DataFrame, as_of: date) -> dict[str, str]:
    """Find for each supplier the highest class among its own contracts in force; A is the highest."""
    in_force = {
        row["contract_id"]: row["contract_class"]
        for row in frames.plain_rows(contracts, _CONTRACT_COLUMNS, "choose_for_follow_up")
        if row["contract_class"] in CLASS_SCORES
        and (row["starts_on"] is None or row["starts_on"] <= as_of)
        and (row["ends_on"] is None or row["ends_on"] >= as_of)
    }
    classes: dict[str, str] = {}
    for row in frames.plain_rows(scopes, _SCOPE_COLUMNS, "choose_for_follow_up"):
        key, held = row["supplier_key"], in_force.get(row["contract_id"])
        if key is not None and held is not None and not row["through_group"]:
            classes[key] = min(classes.get(key, held), held)
    return classes


def _last_followed_up(register: Iterable[Mapping[str, Any]], as_of: date) -> dict[str, date]:
    last: dict[str, date] = {}
    for row in register:
        if row["kind"] in SUSTAINABILITY_FOLLOW_UPS and row["done_on"] is not None and row["done_on"] <= as_of:
            last[row["supplier_key"]] = max(row["done_on"], last.get(row["supplier_key"], row["done_on"]))
    return last


def _time_score(last_on: date | None, as_of: date) -> int:
    if last_on is None:
        return 5
    since = pd.Timestamp(last_on)
    return next(
        (score for years, score in YEARS_SINCE_SCORES if as_of < (since + pd.DateOffset(years=years)).date()), 5
    )


def _weighted(row: Mapping[str, Any], weights: Mapping[str, int]) -> dict[str, Any]:
    """Weigh the known parts together, and say in one sentence how."""
    counted = {part: weight for part in PARTS if (weight := weights.get(part, 0))}
    known = {part: Decimal(row[f"{part}_score"]) for part in counted if row[f"{part}_score"] is not None}
    total = sum(counted[part] for part in known)
    score = None
    if total:
        exact = sum((counted[part] * value for part, value in known.items()), Decimal(0)) / total
        score = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    details = {
        "spend": wording.amount_text(row["amount_ore"]),
        "category_risk": row["category_name"],
        "time_since": f"senast {row['last_on']}" if row["last_on"] else "aldrig",
        "contract_class": f"klass {row['contract_class']}",
    }
    said = [
        f"{PARTS[part]} {wording.number_text(known[part], 0 if known[part] == int(known[part]) else 2)} "
        f"({details[part]}, vikt {counted[part]})"
        for part in known
    ]
    unknown = [PARTS[part] for part in counted if part not in known]
    unknown_text = f"; okänt: {' och '.join(unknown)}" if unknown else ""
    opening = "Poäng saknas" if score is None else f"Poäng {wording.number_text(score, 2)}: {', '.join(said)}"
    return {"score": score, "unknown_parts": "; ".join(unknown), "explanation": f"{opening}{unknown_text}."}

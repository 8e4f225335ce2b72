"""Place each category by impact and risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.portfolio import volumes
from procanalysis.measures.portfolio.levels import CategoryLevels
from procanalysis.schema import FAR_FUTURE, Exclusion, percent

NOT_ABOVE_ZERO = "Nettovolymen är noll eller lägre"
QUADRANTS: dict[str, str] = {
    "strategic": "Strategisk",
    "leverage": "Hävstång",
    "bottleneck": "Flaskhals",
    "routine": "Rutin",
}
"""The quadrants of impact and risk, with their Swedish names."""

CUT = 3
"""Impact and risk count as high from this score on."""

DAYS_TO_END_SCORES: tuple[tuple[int, int], ...] = ((90, 5), (180, 4), (365, 3), (730, 2))
"""A contract that ends within so many days has that risk; one that ends later has 1."""

PORTFOLIO_RULE = (
    "Betydelse är volymen på en logaritmisk skala, 1 vid den tionde percentilen och 5 vid den nittionde. Risk är "
    "medelvärdet av de delar som är kända: den största leverantörens andel, anbud per upphandling, dagar till "
    "avtalets slut och kritikalitet satt för hand. Betydelse och risk är höga från 3."
)
NO_ROOM = "Volymerna är för lika eller för få för att skilja åt"
_RISK_PARTS = {
    "supplier_risk": "den största leverantörens andel",
    "bids_risk": "anbud per upphandling",
    "expiry_risk": "avtalets slut",
    "criticality_risk": "kritikalitet",
}
_CONTRACT_COLUMNS = ("contract_id", "title", "category_codes", "ends_on", "procurement_id", "bids_count")
_PROCUREMENT_COLUMNS = ("procurement_id", "category_code", "status", "bids_count", "saving_potential_ore")


class HandSetScore(Protocol):
    """Hold scores, 1 to 5, that people set for a category instead of the reckoned ones, and why."""

    @property
    def impact(self) -> int | None:
        """The impact, or None to keep the reckoned one."""

    @property
    def risk(self) -> int | None:
        """The risk, or None to keep the reckoned one."""

    @property
    def reason(self) -> str:
        """Why it was set."""


@dataclass(frozen=True)
class Portfolio:
    """Hold the categories with impact, risk and quadrant, what was left out, and which category a code lies in.

    `related` names for each code of the tree the categories of the portfolio that it is, lies above or lies in;
    `unused_scores` the codes with hand-set scores or criticality that no category of the portfolio lies in.
    """

    categories: pd.DataFrame
    excluded: tuple[Exclusion, ...]
    level: int
    related: Mapping[str, tuple[str, ...]]
    unused_scores: tuple[str, ...]


def kraljic(
    matched: NativeFrame,
    contracts: pd.DataFrame,
    procurements: pd.DataFrame,
    *,
    as_of: date,
    level: int = 2,
    taxonomy: pd.DataFrame | None = None,
    criticality: Mapping[str, int] | None = None,
    category_scores: Mapping[str, HandSetScore] | None = None,
) -> Portfolio:
    """Place each category by impact and risk, both 1 to 5, and show every part of the scores.

    impact = frames.log_scores of the net volume. risk = mean of the parts that are known: supplier_risk = 1 + 4 × the
    largest supplier's share of the volume above zero; bids_risk = 6 - the median of bids, between 1 and 5;
    expiry_risk by DAYS_TO_END_SCORES from as_of to the end of the category's contract with the largest volume (rung 4
    possible; the earliest end when alike) among those that have not ended, 5 when all have; criticality_risk as set by
    hand. Hand-set impact and risk take the place of the reckoned ones. High from 3: strategic (both), leverage
    (impact), bottleneck (risk), routine (neither).
    Parameters: `matched`, ledger lines with MATCHED_COLUMNS; `contracts` and `procurements`, the registers, empty when
    there is none; `as_of`, the day of reckoning; `level` and `taxonomy` as in category_concentration; `criticality`,
    category code → 1 to 5; `category_scores`, category code → impact, risk and reason.
    Returns a Portfolio; categories has one row per category, largest first: category_code, category_name, amount_ore,
    suppliers_count, largest_ore, positive_ore, largest_pct, bids, procurements_count, contract_id, contract_title,
    ends_on, days_to_end, the four parts, impact_reckoned, risk_reckoned, impact, risk, quadrant, quadrant_name,
    known_parts_count, unknown_parts, hand_set, hand_set_reason, saving_potential_ore (of procurements not ended),
    unknown_because. Lines that are no purchase or have no category are left out and returned. Raises MeasureError.
    Source: methods 7; UHM's contract classification (betydelse and risk); requirements R93, R126.
    """
    for code, score in (criticality or {}).items():
        frames.check_range("kraljic", f"the criticality of category {code}", score, 1, 5)
    marked = volumes.purchases(matched, (*volumes.SUPPLIER_COLUMNS, *volumes.CONTRACT_COLUMNS), "kraljic")
    bought = marked.filter(nw.col("left_out") == 0)
    per_supplier, levels = volumes.per_category_and_supplier(bought, level, taxonomy)
    agreed = frames.plain_rows(contracts, _CONTRACT_COLUMNS, "kraljic")
    planned = frames.plain_rows(procurements, _PROCUREMENT_COLUMNS, "kraljic")
    amounts = per_supplier.groupby("category_code")["amount_ore"].agg(list)
    facts = {str(code): _supplier_part(found) for code, found in amounts.items()}
    related = levels.related(facts)
    parts = (
        _bids_part(agreed, planned, related),
        _expiry_part(agreed, related, _contract_volumes(bought, levels), as_of),
        _criticality_part(criticality or {}, levels, facts),
        _potential(planned, levels),
    )
    impacts = frames.log_scores([fact["amount_ore"] for fact in facts.values()])
    rows = []
    for (code, fact), impact in zip(facts.items(), impacts, strict=True):
        row = {"category_code": code, "category_name": levels.names.get(code, code), **fact}
        for part in parts:
            row |= part.get(code, {})
        rows.append(_scored(row, impact, (category_scores or {}).get(code), bool(agreed)))
    table = volumes.with_types(pd.DataFrame(rows, columns=_COLUMNS, dtype=object))
    return Portfolio(
        categories=frames.by_amount(table, ["category_code"]),
        excluded=volumes.left_out(marked),
        level=level,
        related=related,
        unused_scores=tuple(sorted({*(criticality or {}), *(category_scores or {})} - set(related))),
    )


_COLUMNS = [
    "category_code", "category_name", "amount_ore", "suppliers_count", "largest_ore", "positive_ore", "largest_pct",
    "bids", "procurements_count", "contract_id", "contract_title", "ends_on", "days_to_end", *_RISK_PARTS,
    "impact_reckoned", "risk_reckoned", "impact", "risk", "quadrant", "quadrant_name", "known_parts_count",
    "unknown_parts", "hand_set", "hand_set_reason", "saving_potential_ore", "unknown_because",
]  # fmt: skip


def _supplier_part(amounts: Sequence[int]) -> dict[str, Any]:
    """Say what a category's suppliers sold, largest first, and how much of it the largest."""
    positive = [amount for amount in amounts if amount > 0]
    largest = sum(positive[:1])
    share = percent(largest, sum(positive))
    return {
        "amount_ore": sum(amounts),
        "suppliers_count": len(amounts),
        "largest_ore": largest,
        "positive_ore": sum(positive),
        "largest_pct": share,
        "supplier_risk": None if share is None else _rounded(1 + 4 * share / 100),
    }


def _rounded(score: Decimal) -> Decimal:
    return score.quantize(Decimal("0.01"), ROUND_HALF_UP)


def codes_in(text: str | None) -> list[str]:
    """List the codes of a cell that holds several, joined by semicolons."""
    return [code.strip() for code in (text or "").split(";") if code.strip()]


def _bids_part(
    agreed: Sequence[Mapping[str, Any]], planned: Sequence[Mapping[str, Any]], related: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, Any]]:
    """Take the median of the bids in each category; a procurement that both registers know counts once."""
    listed = {row["procurement_id"] for row in planned if row["bids_count"] is not None}
    found: dict[str, list[int]] = {}
    known = [([row["category_code"] or ""], row["bids_count"]) for row in planned]
    known += [
        (codes_in(row["category_codes"]), row["bids_count"]) for row in agreed if row["procurement_id"] not in listed
    ]
    for codes, bids in known:
        for category in within(codes, related) if bids is not None else ():
            found.setdefault(category, []).append(int(bids))
    parts = {}
    for category, counts in found.items():
        median = _median(counts)
        risk = _rounded(min(max(6 - median, Decimal(1)), Decimal(5)))
        parts[category] = {"bids": median, "procurements_count": len(counts), "bids_risk": risk}
    return parts


def within(codes: Iterable[str], related: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Name the categories of the portfolio that the codes concern, each once."""
    return sorted({category for code in codes for category in related.get(code, ())})


def _median(counts: Sequence[int]) -> Decimal:
    ordered = sorted(counts)
    return Decimal(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _contract_volumes(bought: nw.LazyFrame[Any], levels: CategoryLevels) -> dict[tuple[str, str], int]:
    """Sum what may have been bought on each contract, per category."""
    amounts: dict[tuple[str, str], int] = {}
    found = volumes.on_contracts(bought)
    for category, contract, amount in zip(
        levels.codes_at(found["category_path"]), found["contract_id"], found["amount_ore"], strict=True
    ):
        amounts[category, contract] = amounts.get((category, contract), 0) + int(amount)
    return amounts


def _expiry_part(
    agreed: Sequence[Mapping[str, Any]],
    related: Mapping[str, tuple[str, ...]],
    amounts: Mapping[tuple[str, str], int],
    as_of: date,
) -> dict[str, dict[str, Any]]:
    """Find the contract that carries each category and score how soon it ends."""
    candidates: dict[str, list[tuple[bool, int, date, Mapping[str, Any]]]] = {}
    parts: dict[str, dict[str, Any]] = {}
    for row in agreed:
        for category in within(codes_in(row["category_codes"]), related):
            parts.setdefault(category, {"no_end": True})
            if row["ends_on"] is not None:
                amount = amounts.get((category, row["contract_id"]), 0)
                candidates.setdefault(category, []).append((row["ends_on"] < as_of, -amount, row["ends_on"], row))
    for category, found in candidates.items():
        ended, _, ends_on, row = min(found, key=_carries)
        open_ended = ends_on == FAR_FUTURE
        days = (ends_on - as_of).days
        risk = next((score for limit, score in DAYS_TO_END_SCORES if days <= limit), 1)
        parts[category] = {
            "contract_id": row["contract_id"],
            "contract_title": row["title"],
            "ends_on": ends_on,
            "days_to_end": None if open_ended else days,
            "expiry_risk": Decimal(5 if ended else risk),
        }
    return parts


def _carries(candidate: tuple[bool, int, date, Mapping[str, Any]]) -> tuple[Any, ...]:
    """Put the contract that has not ended and is bought most on first; when all have ended, the last to end."""
    ended, minus_amount, ends_on, row = candidate
    return (ended, -ends_on.toordinal() if ended else minus_amount, ends_on, row["contract_id"])


def _criticality_part(
    criticality: Mapping[str, int], levels: CategoryLevels, categories: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Take what was set for the category itself, or else for the nearest category above it."""
    parts = {}
    for category in categories:
        code = next((code for code in reversed(levels.paths[category]) if code in criticality), None)
        if code is not None:
            parts[category] = {"criticality_risk": Decimal(criticality[code])}
    return parts


def _potential(planned: Sequence[Mapping[str, Any]], levels: CategoryLevels) -> dict[str, dict[str, Any]]:
    """Sum the expected saving of the procurements that have not ended; one above the level cannot be parted."""
    parts: dict[str, dict[str, Any]] = {}
    for row in planned:
        category = levels.code_at(row["category_code"])
        if category and row["saving_potential_ore"] is not None and row["status"] in ("planned", "running"):
            part = parts.setdefault(category, {"saving_potential_ore": 0})
            part["saving_potential_ore"] += row["saving_potential_ore"]
    return parts


def _scored(
    row: dict[str, Any], impact: Decimal | None, hand_set: HandSetScore | None, has_register: bool
) -> dict[str, Any]:
    """Put the parts of one category together."""
    known = [row[name] for name in _RISK_PARTS if row.get(name) is not None]
    risk = _rounded(sum(known, Decimal(0)) / len(known)) if known else None
    reckoned = {"impact_reckoned": impact, "risk_reckoned": risk}
    words = []
    if hand_set is not None and hand_set.impact is not None:
        impact, words = Decimal(hand_set.impact), ["Betydelse"]
    if hand_set is not None and hand_set.risk is not None:
        risk, words = Decimal(hand_set.risk), [*words, "Risk"]
    because = ""
    if impact is None:
        because = NOT_ABOVE_ZERO if row["amount_ore"] <= 0 else NO_ROOM
    elif risk is None:
        because = "Ingen del av risken är känd"
    quadrant = quadrant_of(impact, risk)
    return {
        **row,
        **reckoned,
        "impact": impact,
        "risk": risk,
        "quadrant": quadrant,
        "quadrant_name": QUADRANTS.get(quadrant or "", ""),
        "known_parts_count": len(known),
        "unknown_parts": "; ".join(
            f"{word}: {_why_unknown(name, row, has_register)}"
            for name, word in _RISK_PARTS.items()
            if row.get(name) is None
        ),
        "hand_set": " och ".join(words).capitalize(),
        "hand_set_reason": hand_set.reason if words and hand_set is not None else "",
        "unknown_because": because,
    }


def _why_unknown(part: str, row: Mapping[str, Any], has_register: bool) -> str:
    if part == "supplier_risk":
        return "ingen leverantör har en nettovolym över noll"
    if part == "bids_risk":
        return "antalet anbud är inte känt i någon upphandling"
    if part == "criticality_risk":
        return "inte bedömd"
    if not has_register:
        return "organisationen har inget avtalsregister i underlaget"
    return "avtalens slutdag är okänd" if row.get("no_end") else "inget registrerat avtal i kategorin"


def quadrant_of(impact: Decimal | None, risk: Decimal | None) -> str | None:
    """Return the quadrant of Kraljic's matrix, cut at CUT on both scales; None when either score is unknown."""
    if impact is None or risk is None:
        return None
    if impact >= CUT:
        return "strategic" if risk >= CUT else "leverage"
    return "bottleneck" if risk >= CUT else "routine"

"""How mature the purchasing is: scores, spread, gaps, and whether the data bear the scores out.

Scores are the assessors' own. Means are exact (Decimal); a dimension without scores stays without, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import wording
from procanalysis.schema import KeyFigure, percent, require_columns

SCORE_COLUMNS = ("dimension_id", "dimension_name", "weight", "assessor", "now", "wanted")
VERDICTS: dict[str, str] = {
    "higher": "Högre än underlaget",
    "lower": "Lägre än underlaget",
    "agrees": "Stämmer med underlaget",
    "no_data": "Underlag saknas",
    "no_score": "Poäng saknas",
}
VERDICT_RULE = (
    "Underlagets nivå är medelvärdet av nivåerna för de mått som är kända. Poängen stämmer när den skiljer mindre än "
    "en nivå från underlagets. Annars är den högre eller lägre än underlaget."
)
SPREAD_RULE = "Bedömarna är oeniga när det skiljer två nivåer eller mer mellan högsta och lägsta poäng."
_DISAGREES_FROM = 2
_ONE_LEVEL = Decimal(1)


def position(scores: pd.DataFrame) -> pd.DataFrame:
    """Put the assessors' scores together: where each dimension stands, how far they agree, and how far there is to go.

    now = mean of the scores; spread = highest - lowest; gap = mean wanted - mean now; weighted_gap = gap × weight;
    priority 1 is the largest weighted gap. Parameters: scores, one row per dimension and assessor (SCORE_COLUMNS), now
    and wanted whole levels or missing; a dimension without assessors has one row with assessor missing.
    Returns one row per dimension in the order given: dimension_id, dimension_name, weight, assessors_count, now,
    lowest, highest, spread, agreement (in Swedish), wanted, gap, weighted_gap, priority. Raises MeasureError on a
    weight not above zero or an assessor twice. Source: methods 10.

    >>> scores = pd.DataFrame([("a", "A", 2, "x", 2, 4), ("a", "A", 2, "y", 3, 4)], columns=SCORE_COLUMNS)
    >>> position(scores)[["now", "spread", "gap", "weighted_gap"]].iloc[0].tolist()
    [Decimal('2.5'), 1, Decimal('1.5'), Decimal('3.0')]
    """
    require_columns(scores.columns, SCORE_COLUMNS, "position")
    rows = [_dimension(rows) for _, rows in scores.groupby("dimension_id", sort=False)]
    columns = [
        "dimension_id", "dimension_name", "weight", "assessors_count", "now", "lowest", "highest", "spread",
        "agreement", "wanted", "gap", "weighted_gap",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object).astype({"assessors_count": "int64"})
    with_gap = [(-gap, number) for number, gap in enumerate(frame["weighted_gap"]) if gap is not None]
    rank = {number: place for place, (_, number) in enumerate(sorted(with_gap), start=1)}
    priority = [rank.get(number) for number in range(len(frame))]
    return frame.assign(priority=pd.array(priority, dtype="Int64"))


def _dimension(rows: pd.DataFrame) -> tuple[Any, ...]:
    name, identity = rows["dimension_name"].iloc[0], rows["dimension_id"].iloc[0]
    weight = Decimal(str(rows["weight"].iloc[0]))
    if weight <= 0:
        raise MeasureError(f"position: the weight of '{name}' is {weight}. Give a weight above zero.")
    assessors = rows["assessor"].dropna()
    if assessors.duplicated().any():
        raise MeasureError(f"position: '{assessors[assessors.duplicated()].iloc[0]}' scores '{name}' twice. Keep one.")
    now, wanted = _levels(rows["now"]), _levels(rows["wanted"])
    spread = max(now) - min(now) if now else None
    gap = _mean(wanted) - _mean(now) if now and wanted else None  # type: ignore[operator]  # both have values
    agreement = ""
    if len(now) > 1 and spread is not None:
        agreement = "Oeniga" if spread >= _DISAGREES_FROM else "Eniga"
    elif now:
        agreement = "En bedömare"
    return (
        identity, name, weight, len(now), _mean(now), min(now, default=None), max(now, default=None), spread,
        agreement, _mean(wanted), gap, None if gap is None else gap * weight,
    )  # fmt: skip


def _levels(column: pd.Series) -> list[int]:
    return [int(value) for value in column if not pd.isna(value)]


def _mean(values: Sequence[int | Decimal]) -> Decimal | None:
    return sum((Decimal(value) for value in values), Decimal(0)) / len(values) if values else None


def evidence_level(
    value: Decimal | None, thresholds: Sequence[Decimal], good: Literal["higher", "lower"], *, lowest: int = 1
) -> int | None:
    """Read the level that an indicator's value supports.

    level = lowest + number of thresholds reached, where "higher" reaches one at value >= threshold and "lower" at
    value <= threshold. Parameters: value or None; thresholds, one per level above the lowest; good, which way is
    good. Returns the level, None when the value is unknown.

    >>> limits = [Decimal(70), Decimal(50), Decimal(30), Decimal(15)]
    >>> evidence_level(Decimal(79), limits, "lower"), evidence_level(Decimal(50), limits, "lower")
    (1, 3)
    """
    if value is None:
        return None
    return lowest + sum(value >= limit if good == "higher" else value <= limit for limit in thresholds)


def claims_against_evidence(
    positions: pd.DataFrame, evidence: pd.DataFrame, support: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Put each dimension's score beside the level that the data support.

    evidence level = mean of the levels of the known indicators; difference = now - evidence level; under one level it
    agrees (VERDICT_RULE). Parameters: positions, as `position` returns them; evidence, one row per indicator with
    indicator_id and level (None when unknown); support, dimension_id → the indicators that bear it out.
    Returns one row per dimension: dimension_id, dimension_name, now, evidence_level, known_count, indicators_count,
    difference, verdict (one of VERDICTS), verdict_name; largest disagreement first, what cannot be compared last.

    >>> positions = pd.DataFrame({"dimension_id": ["a"], "dimension_name": ["A"], "now": [Decimal(3)]})
    >>> evidence = pd.DataFrame({"indicator_id": ["x", "y"], "level": [1, None]})
    >>> claims_against_evidence(positions, evidence, {"a": ["x", "y"]})["verdict_name"].tolist()
    ['Högre än underlaget']
    """
    require_columns(positions.columns, ["dimension_id", "dimension_name", "now"], "claims_against_evidence")
    require_columns(evidence.columns, ["indicator_id", "level"], "claims_against_evidence")
    levels = {row["indicator_id"]: row["level"] for row in evidence.to_dict("records")}
    rows = []
    for each in positions.to_dict("records"):
        named = support.get(each["dimension_id"], ())
        known = [int(levels[name]) for name in named if not pd.isna(levels.get(name))]
        level, now = _mean(known), each["now"]
        difference = now - level if now is not None and level is not None else None
        verdict = _verdict(now, level)
        rows.append(
            (each["dimension_id"], each["dimension_name"], now, level, len(known), len(named), difference, verdict,
             VERDICTS[verdict])
        )  # fmt: skip
    rows.sort(key=lambda row: (row[6] is None, -abs(row[6] or 0)))
    columns = [
        "dimension_id", "dimension_name", "now", "evidence_level", "known_count", "indicators_count", "difference",
        "verdict", "verdict_name",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({"known_count": "int64", "indicators_count": "int64"})


def _verdict(now: Decimal | None, level: Decimal | None) -> str:
    if now is None:
        return "no_score"
    if level is None:
        return "no_data"
    if abs(now - level) < _ONE_LEVEL:
        return "agrees"
    return "higher" if now > level else "lower"


def disagreements(claims: pd.DataFrame) -> pd.DataFrame:
    """Keep the dimensions whose score is higher or lower than the data, as `claims_against_evidence` orders them."""
    return claims[claims["verdict"].isin(["higher", "lower"])].reset_index(drop=True)


def movement(positions: pd.DataFrame, positions_before: pd.DataFrame | None) -> pd.DataFrame:
    """Tell how each dimension has moved since the earlier assessment.

    change = now - before. Parameters: two results of `position`, or None for the earlier one. Returns one row per
    dimension of the later one: dimension_id, dimension_name, before, now, wanted, change, direction (in Swedish);
    empty when there is no earlier assessment.
    """
    columns = ["dimension_id", "dimension_name", "before", "now", "wanted", "change", "direction"]
    if positions_before is None:
        return pd.DataFrame(columns=columns)
    earlier = dict(zip(positions_before["dimension_id"], positions_before["now"], strict=True))
    rows = []
    for each in positions.to_dict("records"):
        before, now = earlier.get(each["dimension_id"]), each["now"]
        change = None if before is None or now is None else now - before
        rows.append((each["dimension_id"], each["dimension_name"], before, now, each["wanted"], change, _way(change)))
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _way(change: Decimal | None) -> str:
    if change is None:
        return "Går inte att jämföra"
    return "Oförändrat" if change == 0 else "Framåt" if change > 0 else "Bakåt"


def indicator_movement(
    evidence: pd.DataFrame, evidence_before: pd.DataFrame | None, *, least_change: Decimal = Decimal("0.5")
) -> pd.DataFrame:
    """Tell whether each indicator has moved the right way since the earlier assessment.

    Parameters: two evidence frames with indicator_id, indicator_name, unit, value (Decimal or None) and good; or None
    for the earlier one; least_change, what counts as a change, in the indicator's own unit.
    Returns one row per indicator: indicator_id, indicator_name, unit, before, value, change, direction (in Swedish).
    Raises MeasureError when least_change is below zero.
    """
    if least_change < 0:
        raise MeasureError(f"indicator_movement: least_change is {least_change}. Give zero or more.")
    before = pd.DataFrame(columns=["indicator_id", "value"]) if evidence_before is None else evidence_before
    earlier = dict(zip(before["indicator_id"], before["value"], strict=True))
    rows = []
    for each in evidence.to_dict("records"):
        was, value = earlier.get(each["indicator_id"]), each["value"]
        change = None if was is None or value is None else value - was
        if change is None:
            direction = "Underlag saknas"
        elif abs(change) < least_change:
            direction = "I stort sett oförändrat"
        else:
            direction = "Åt rätt håll" if (change > 0) is (each["good"] == "higher") else "Åt fel håll"
        rows.append((each["indicator_id"], each["indicator_name"], each["unit"], was, value, change, direction))
    columns = ["indicator_id", "indicator_name", "unit", "before", "value", "change", "direction"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def cause_clusters(causes: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Weigh the causes by the gaps of the dimensions in which they show.

    weighted_gap = Σ of the dimensions' weighted gaps above zero. A dimension under several causes counts in each, so
    the sums are not added together. Parameters: causes, one row per cause with cause, challenges, consequences,
    dimensions (tuples; the last of dimension_id); positions, as `position` returns them.
    Returns one row per cause, the heaviest first: cause, challenges, consequences, dimension_names, weighted_gap (None
    when no dimension has a gap).
    """
    known = {row["dimension_id"]: row for row in positions.to_dict("records")}
    rows = []
    for each in causes.to_dict("records"):
        touched = [known[name] for name in each["dimensions"] if name in known]
        gaps = [row["weighted_gap"] for row in touched if row["weighted_gap"] is not None]
        weight = sum((max(gap, Decimal(0)) for gap in gaps), Decimal(0)) if gaps else None
        names = ", ".join(row["dimension_name"] for row in touched)
        rows.append((each["cause"], each["challenges"], each["consequences"], names, weight))
    rows.sort(key=lambda row: (row[4] is None, -(row[4] or 0)))
    columns = ["cause", "challenges", "consequences", "dimension_names", "weighted_gap"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def side_by_side(positions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Lay several assessments beside each other: one row per dimension and assessment.

    Parameters: positions, the assessment's name → what `position` returns. Returns dimension_name, assessment, now,
    wanted. Assessments of different models keep their own dimensions.
    """
    columns = ["dimension_name", "assessment", "now", "wanted"]
    rows = [
        (row["dimension_name"], name, row["now"], row["wanted"])
        for name, frame in positions.items()
        for row in frame.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def weighted_position(positions: pd.DataFrame, *, why_unknown: str = "") -> KeyFigure:
    """Weigh the scores of all dimensions into one position.

    position = Σ weight × now / Σ weight, over the dimensions that have a score. Parameters: positions, as `position`
    returns them; why_unknown, the reason in Swedish when no score exists. Returns a KeyFigure in levels. Source:
    methods 10.
    """
    scored = [row for row in positions.to_dict("records") if row["now"] is not None]
    return _weighted("weighted_position", "Viktad nivå i dag", scored, "now", len(positions), why_unknown)


def weighted_gap(positions: pd.DataFrame, *, why_unknown: str = "") -> KeyFigure:
    """Weigh the gaps of all dimensions into one: how many levels there are to go.

    gap = Σ weight × (wanted - now) / Σ weight, over the dimensions that have both. Parameters and result as for
    `weighted_position`. Source: methods 10.
    """
    scored = [row for row in positions.to_dict("records") if row["gap"] is not None]
    return _weighted("weighted_gap", "Viktat gap till önskad nivå", scored, "gap", len(positions), why_unknown)


def _weighted(name: str, label: str, rows: list[Any], column: str, total: int, why_unknown: str) -> KeyFigure:
    weights = sum((row["weight"] for row in rows), Decimal(0))
    summed = sum((row["weight"] * row[column] for row in rows), Decimal(0))
    return KeyFigure(
        id=name,
        label=label,
        value=summed / weights if rows else None,
        unit="nivåer",
        method=name,
        numerator=summed if rows else None,
        denominator=weights if rows else None,
        part_unit="viktade nivåer",
        comparison=f"{len(rows)} av {total} dimensioner har poäng" if rows else "",
        unknown_because="" if rows else why_unknown or "Inga poäng har satts",
    )


def claim_agreement(claims: pd.DataFrame, *, why_unknown: str = "") -> KeyFigure:
    """Tell in how large a share of the dimensions the score agrees with the data.

    share = dimensions that agree × 100 / dimensions that have both score and data. Parameters: claims, as
    `claims_against_evidence` returns them; why_unknown, the reason in Swedish when nothing can be compared.
    Returns a KeyFigure in percent of dimensions.
    """
    compared = claims[claims["verdict"].isin(["agrees", "higher", "lower"])]
    agreed = int((compared["verdict"] == "agrees").sum())
    return KeyFigure(
        id="claim_agreement",
        label="Andel poäng som stämmer med underlaget",
        value=percent(agreed, len(compared)),
        unit="%",
        method="claim_agreement",
        numerator=Decimal(agreed),
        denominator=Decimal(len(compared)),
        part_unit="st",
        comparison=f"{wording.number_text(len(compared))} av {len(claims)} dimensioner kan jämföras"
        if len(compared)
        else "",
        unknown_because="" if len(compared) else why_unknown or "Ingen dimension har både poäng och underlag",
    )


def key_figures(positions: pd.DataFrame, claims: pd.DataFrame, *, why_unknown: str = "") -> list[KeyFigure]:
    """Return the headline figures of an assessment: position, gap, and how far the scores agree with the data."""
    return [
        weighted_position(positions, why_unknown=why_unknown),
        weighted_gap(positions, why_unknown=why_unknown),
        claim_agreement(claims, why_unknown=why_unknown),
    ]


def largest_gaps(positions: pd.DataFrame, largest: int = 5) -> pd.DataFrame:
    """List the dimensions with the largest weighted gaps above zero, the largest first."""
    rows = positions[[gap is not None and gap > 0 for gap in positions["weighted_gap"]]]
    return rows.sort_values("priority", kind="stable").head(largest).reset_index(drop=True)

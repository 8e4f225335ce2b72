"""Hold shares against each other with the caution that small numbers ask for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames
from procanalysis.measures.tenders.intervals import difference_interval, wilson_interval
from procanalysis.schema import KeyFigure

TOO_FEW = "för få för att jämföra"

VERDICTS: dict[str, str] = {
    "higher": "tydligt högre än {reference}",
    "lower": "tydligt lägre än {reference}",
    "no_difference": "ingen tydlig skillnad mot {reference}",
    "too_few": TOO_FEW,
    "unknown": "går inte att jämföra",
    "not_compared": "jämförs inte",
}
"""How a figure stands to what it is held against."""

_COLUMNS = {
    "group": "str", "value_pct": "float64", "numerator": "Int64", "denominator": "Int64", "lowest_pct": "float64",
    "highest_pct": "float64", "reference": "str", "reference_pct": "float64", "difference_points": "float64",
    "difference_lowest_points": "float64", "difference_highest_points": "float64",
    "verdict": "str", "verdict_text": "str", "unknown_because": "str",
}  # fmt: skip


def compare_shares(
    figures: Mapping[str, KeyFigure],
    references: Mapping[str, KeyFigure],
    *,
    fewest: int = 20,
    confidence_pct: int | Decimal = 95,
) -> pd.DataFrame:
    """Hold each group's share against references, such as all regions and the nation, with what chance can do to both.

    Higher or lower is said only when Newcombe's interval of the difference leaves out zero, so that the uncertainty of
    the reference counts too; nothing is said when the group or the reference has a denominator below `fewest`. A group
    is most often a part of its references, which makes a difference look smaller than it is, never larger. Parameters:
    `figures`, what a group is called → its share in percent with counted parts; `references`, likewise; `fewest`, 1 or
    more; `confidence_pct`, of each comparison, from 50 to below 100: with many groups one in twenty differs by chance
    at 95, so give `shared_confidence` of their number. Returns one row per group and reference: group, value_pct,
    numerator, denominator, lowest_pct, highest_pct (missing when the share is unknown), reference, reference_pct,
    difference_points (percentage points) with its limits difference_lowest_points and difference_highest_points,
    verdict (a key of VERDICTS), verdict_text and unknown_because. Raises MeasureError when a figure is no counted share
    in percent, or two figures are not of the same method.
    """
    if fewest < 1:
        raise MeasureError(f"compare_shares: fewest is {fewest}. Give at least 1.")
    ids = sorted({figure.id for figure in (*figures.values(), *references.values())})
    if len(ids) > 1:
        raise MeasureError(f"compare_shares: different figures cannot be compared ({', '.join(ids)}). Give one kind.")
    rows = [
        _row(group, figure, reference, other, fewest, confidence_pct)
        for group, figure in figures.items()
        for reference, other in references.items()
    ]
    return frames.framed(rows, _COLUMNS)


def _row(
    group: str, figure: KeyFigure, reference: str, other: KeyFigure, fewest: int, confidence_pct: int | Decimal
) -> dict[str, object]:
    numerator, denominator = _parts(figure)
    over_other, under_other = _parts(other)
    limits, difference = None, None
    if numerator is not None and denominator is not None:
        limits = wilson_interval(numerator, denominator, confidence_pct=confidence_pct)
        if over_other is not None and under_other is not None:
            difference = difference_interval(
                (numerator, denominator), (over_other, under_other), confidence_pct=confidence_pct
            )
    verdict = "unknown"
    if difference is not None:
        enough = min(denominator or 0, under_other or 0) >= fewest
        verdict = verdict_of(difference) if enough else "too_few"
    known = figure.value is not None and other.value is not None
    return {
        "group": group,
        "value_pct": _number(figure.value),
        "numerator": numerator,
        "denominator": denominator,
        "lowest_pct": _number(limits[0] if limits else None),
        "highest_pct": _number(limits[1] if limits else None),
        "reference": reference,
        "reference_pct": _number(other.value),
        "difference_points": float(figure.value - other.value) if known else None,  # type: ignore[operator]
        "difference_lowest_points": _number(difference[0] if difference else None),
        "difference_highest_points": _number(difference[1] if difference else None),
        "verdict": verdict,
        "verdict_text": VERDICTS[verdict].format(reference=reference),
        "unknown_because": figure.unknown_because or other.unknown_because,
    }


def verdict_of(difference: tuple[Decimal, Decimal]) -> str:
    """Tell how a value stands to a reference by the interval of their difference: no difference where it holds zero.

    >>> verdict_of((Decimal(4), Decimal(36))), verdict_of((Decimal(-50), Decimal(6)))
    ('higher', 'no_difference')
    """
    if difference[0] <= 0 <= difference[1]:
        return "no_difference"
    return "higher" if difference[0] > 0 else "lower"


def shared_confidence(comparisons: int, *, confidence_pct: int = 95) -> Decimal:
    """Return the confidence that each of several comparisons needs, for all of them together to have the one given.

    100 - (100 - confidence) / comparisons, in percent. Parameters: `comparisons`, how many, where 0 is as 1;
    `confidence_pct`, of all together. Source: Bonferroni's inequality; Dunn (1961), Journal of the American Statistical
    Association 56, 52-64.

    >>> shared_confidence(20)
    Decimal('99.75')
    """
    return 100 - Decimal(100 - confidence_pct) / max(comparisons, 1)


def _parts(figure: KeyFigure) -> tuple[int | None, int | None]:
    if figure.unit != "%" or figure.part_unit != "st":
        raise MeasureError(
            f"compare_shares: '{figure.id}' is no share of counted things, so that its interval cannot be reckoned. "
            "Give a figure in percent whose parts are counted."
        )
    if figure.numerator is None or figure.denominator is None:
        return None, None
    return int(figure.numerator), int(figure.denominator)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)

"""From a model's probability to the share of such suggestions that turn out right, and how well that holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from procanalysis.errors import MeasureError
from procanalysis.measures.suggested_categories.threads import one_thread

FEWEST_HELD_OUT = 50
"""Below so many held-out rows of a kind nothing is said of how sure a suggestion of that kind is."""

_ENOUGH_FOR_STEPS = 1000
_STEEPEST = 1e-6


@dataclass(frozen=True)
class Calibration:
    """Hold how probability turns into confidence: `method`, held-out `rows` behind it, and the points of the curve.

    `method` is 'isotonic' (a rising staircase, from a thousand rows) or 'platt' (one S-shaped curve). Between two
    points the confidence lies on the line between them.
    """

    method: str
    rows: int
    probability: tuple[float, ...]
    share_right: tuple[float, ...]

    def confidence(self, probability: np.ndarray) -> np.ndarray:
        """Return the expected share of right for each probability."""
        return np.asarray(np.interp(probability, self.probability, self.share_right))


def calibrated(probability: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None) -> Calibration | None:
    """Learn from held-out rows how often a suggestion of a certain probability is right.

    One made-up wrong row is added at the highest probability and one right at the lowest, since no number of rows
    proves that a suggestion is always right. Parameters: `probability`, 0 to 1; `right`, 1 where the suggestion was,
    else 0; `weights`, what each row counts for (1 each when None), with a mean of about 1.
    Returns None for fewer than FEWEST_HELD_OUT rows.
    """
    if len(probability) < FEWEST_HELD_OUT:
        return None
    ends = (float(probability.max()), float(probability.min()))
    given = np.concatenate([probability, ends])
    outcome = np.concatenate([right.astype("float64"), (0.0, 1.0)])
    counts = np.concatenate([np.ones(len(right)) if weights is None else weights, (1.0, 1.0)])
    if len(probability) >= _ENOUGH_FOR_STEPS:
        stairs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(given, outcome, counts)
        points, heights = stairs.X_thresholds_, stairs.y_thresholds_
        return Calibration("isotonic", len(probability), tuple(map(float, points)), tuple(map(float, heights)))
    with one_thread():
        curve = LogisticRegression(C=1e3).fit(_log_odds(given), outcome, counts)
    points = np.linspace(0, 1, 101)
    heights = curve.predict_proba(_log_odds(points))[:, 1]
    if curve.coef_[0, 0] <= 0:
        # More probable and yet less often right: the probability then says nothing, only the share of right does.
        heights = np.full(len(points), np.average(outcome, weights=counts))
    return Calibration("platt", len(probability), tuple(map(float, points)), tuple(map(float, heights)))


def _log_odds(probability: np.ndarray) -> np.ndarray:
    kept = np.clip(probability, _STEEPEST, 1 - _STEEPEST)
    return np.asarray(np.log(kept / (1 - kept)).reshape(-1, 1))


def reliability(
    confidence_pct: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None, *, bins: int = 10
) -> pd.DataFrame:
    """Compare the confidence that was told with the share that was right, in equally wide bins.

    Parameters: `confidence_pct`, 0 to 100; `right`, 1 where the suggestion was right, else 0; `weights`, what each
    suggestion counts for (1 each when None); `bins`, 1 or more.
    Returns one row per bin with suggestions: from_pct, to_pct, suggestions_count, weight, told_pct (mean confidence),
    right_pct. Raises MeasureError when the lengths differ.

    >>> reliability(np.array([95, 85, 85]), np.array([1, 1, 0]))[["from_pct", "told_pct", "right_pct"]].values.tolist()
    [[80.0, 85.0, 50.0], [90.0, 95.0, 100.0]]
    """
    told = np.asarray(confidence_pct, dtype="float64")
    outcome = np.asarray(right, dtype="float64")
    counts = np.ones(len(told)) if weights is None else np.asarray(weights, dtype="float64")
    if not len(told) == len(outcome) == len(counts):
        raise MeasureError("reliability: confidence_pct, right and weights differ in length. Give one of each per row.")
    places = np.clip((told * bins / 100).astype("int64"), 0, bins - 1)
    rows = []
    for place in sorted(set(places.tolist())):
        within = places == place
        weight = counts[within].sum()
        rows.append(
            {
                "from_pct": 100 * place / bins,
                "to_pct": 100 * (place + 1) / bins,
                "suggestions_count": int(within.sum()),
                "weight": float(weight),
                "told_pct": float(np.average(told[within], weights=counts[within])) if weight else float("nan"),
                "right_pct": 100 * float(np.average(outcome[within], weights=counts[within]))
                if weight
                else float("nan"),
            }
        )
    columns = ["from_pct", "to_pct", "suggestions_count", "weight", "told_pct", "right_pct"]
    return pd.DataFrame(rows, columns=columns)


def calibration_error(table: pd.DataFrame) -> float | None:
    """Return the expected calibration error of a reliability table, in percentage points.

    error = Σ weight × |told - right| / Σ weight. Parameters: `table`, from reliability. Returns None without weight.

    >>> calibration_error(reliability(np.array([90, 90]), np.array([1, 0])))
    40.0
    """
    weighed = table[table["weight"] > 0]
    if weighed.empty:
        return None
    gaps = (weighed["told_pct"] - weighed["right_pct"]).abs()
    return float((gaps * weighed["weight"]).sum() / weighed["weight"].sum())

"""Suggest a category for every pattern that only a default or broad rule decides, as deep as it is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError, examples
from procanalysis.measures import frames, wording
from procanalysis.measures.suggested_categories.calibration import Calibration
from procanalysis.measures.suggested_categories.clues import PatternClues
from procanalysis.measures.suggested_categories.patterns import PATTERN, checked_patterns, habit_keys, weights_of
from procanalysis.measures.suggested_categories.tree_model import Path, TreeModel
from procanalysis.measures.suggested_categories.trials import (
    Answered,
    Kind,
    Trials,
    answer,
    calibrations_of,
    outcome_of,
    try_on_held_out,
)
from procanalysis.schema import require_columns
from procanalysis.schema.suggestions import SUGGESTIONS

NO_CLUE = "Varken leverantör, konto, enhet eller ord finns bland de granskade raderna"

_MEASURE = "suggest_categories"
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Suggestions:
    """Hold the suggestions, and what the reviewed patterns say of how good they are.

    `rows`: SUGGESTIONS, the largest amount up or down first. `held_out`: one row per level and kind of pattern
    (trials.HELD_OUT), what came of the reviewed patterns when a model that had not seen them suggested. `calibrations`:
    per level and kind. `silent_because`: in Swedish why there is no model at all; empty when there is one.
    """

    rows: pd.DataFrame
    held_out: pd.DataFrame
    calibrations: dict[Kind, Calibration]
    threshold_pct: Decimal
    reviewed_patterns: int
    reviewed_lines: int
    categories_count: int
    silent_because: str


def suggest_categories(
    candidates: pd.DataFrame,
    reviewed: pd.DataFrame,
    *,
    taxonomy: pd.DataFrame,
    threshold_pct: int | Decimal = 80,
    fewest_reviewed: int = 200,
) -> Suggestions:
    """Suggest categories from the organisation's own reviewed rows, on the deepest level that is sure enough.

    A logistic regression per branch of the tree weighs supplier, account and its first digits, unit, and the words and
    parts of words in names and texts. The likeliest code per level is followed downwards; its probability is turned
    into confidence by held-out reviewed patterns of the same kind (supplier known or new, account known or new), and
    the deepest level whose confidence reaches the threshold is suggested. A level never has more confidence than the
    one above it. The same rows give the same suggestions, whatever their order.

    Parameters: `candidates`, one row per pattern (SUGGESTIONS up to category_code); `reviewed`, one row per pattern
    with the same columns up to amount_ore and category_code, what a reviewer or a reviewed rule decided; `taxonomy`,
    one row per category with category_code and category_path, as `read_taxonomy` gives; `threshold_pct`, 50 to 100;
    `fewest_reviewed`, 20 or more patterns, below which nothing is suggested.
    Returns Suggestions; a pattern without suggestion says why, in Swedish. Raises MeasureError for missing columns, a
    repeated pattern_id and reviewed categories that are not in the tree.
    Source: issue 9 part 5; docs/suggested-categories.md.
    """
    frames.check_range(_MEASURE, "threshold_pct", threshold_pct, 50, 100)
    frames.check_range(_MEASURE, "fewest_reviewed", fewest_reviewed, 20, 10**9)
    require_columns(taxonomy.columns, ["category_code", "category_path"], _MEASURE)
    asked = checked_patterns(candidates, _MEASURE, ("rule_id", "category_code"))
    known = checked_patterns(reviewed, _MEASURE, ("category_code",))
    paths = _paths(known["category_code"].tolist(), taxonomy)
    threshold = Decimal(threshold_pct)
    silent = _no_model(known, paths, fewest_reviewed)
    trials: Trials | None = None
    calibrations: dict[Kind, Calibration] = {}
    answers: Sequence[_Answer] = [_Answer(silent_because=silent)] * len(asked)
    if not silent:
        trials, said, has_clues = _tried_and_said(asked, known, paths)
        calibrations = calibrations_of(trials)
        answers = _answers(said, has_clues, calibrations, threshold)
    return Suggestions(
        rows=_as_suggestions(asked, answers),
        held_out=outcome_of(trials, known, float(threshold / 100)),
        calibrations=calibrations,
        threshold_pct=threshold,
        reviewed_patterns=len(known),
        reviewed_lines=int(known["lines_count"].sum()),
        categories_count=int(known["category_code"].nunique()),
        silent_because=silent,
    )


def rank_categories(candidates: pd.DataFrame, reviewed: pd.DataFrame, *, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Tell the likeliest category of every pattern on every level, however unsure, to measure the model itself.

    Parameters: as suggest_categories. Returns one row per pattern and level: pattern_id, level, code (empty where the
    branch goes no deeper), probability (the model's own, 0 to 1) and confidence_pct (calibrated; missing where too few
    held-out patterns are of that kind). Raises MeasureError as suggest_categories does. Source: issue 9 part 5.
    """
    asked = checked_patterns(candidates, "rank_categories")
    known = checked_patterns(reviewed, "rank_categories", ("category_code",))
    paths = _paths(known["category_code"].tolist(), taxonomy)
    trials, said, _ = _tried_and_said(asked, known, paths)
    confidences = said.confidences(calibrations_of(trials))
    levels = [
        pd.DataFrame(
            {
                "pattern_id": asked["pattern_id"],
                "level": level,
                "code": chain.codes,
                "probability": chain.probability,
                "confidence_pct": told * 100,
            }
        )
        for level, (chain, told) in enumerate(zip(said.chains, confidences, strict=True), start=1)
    ]
    return pd.concat(levels, ignore_index=True)


def _tried_and_said(
    asked: pd.DataFrame, known: pd.DataFrame, paths: Sequence[Path]
) -> tuple[Trials | None, Answered, np.ndarray]:
    """Try the model on reviewed patterns, ask one that has learnt from all of them, and tell who gave it any clue."""
    clues, levels = PatternClues().learn(known), max(map(len, paths))
    of_known, of_asked = clues.find(known), clues.find(asked)
    trials = try_on_held_out(known, of_known, paths, levels)
    model = TreeModel().learn(of_known, paths, weights_of(known), habit_keys(known))
    return trials, answer(model, of_asked, asked, known, levels), np.diff(of_asked.indptr) > 0


def _paths(codes: Sequence[str], taxonomy: pd.DataFrame) -> list[Path]:
    tree = dict(zip(taxonomy["category_code"].astype(str), taxonomy["category_path"].astype(str), strict=True))
    strange = sorted({code for code in codes if code not in tree})
    if strange:
        raise MeasureError(
            f"{_MEASURE}: reviewed patterns have categories that are not in the tree ({examples(strange)}). Use the "
            "tree that the rules were written for."
        )
    return [tuple(tree[code].split("/")) for code in codes]


def _no_model(known: pd.DataFrame, paths: Sequence[Path], fewest: int) -> str:
    if len(known) < fewest:
        given, needed = wording.number_text(len(known)), wording.number_text(fewest)
        return f"För få granskade rader: {given} mönster av leverantör, konto och enhet, minst {needed} behövs"
    if len(set(paths)) < 2:
        return "De granskade raderna ligger alla i samma kategori"
    return ""


@dataclass(frozen=True)
class _Answer:
    """Hold what is suggested for one pattern, or why nothing is."""

    code: str = ""
    level: int = 0
    confidence_pct: Decimal | None = None
    silent_because: str = ""


def _answers(
    said: Answered, has_clues: np.ndarray, calibrations: dict[Kind, Calibration], threshold: Decimal
) -> list[_Answer]:
    # Without a single clue the model only knows which category is the largest, and that is no reason to suggest it.
    confidences = [np.where(has_clues, told, np.nan) for told in said.confidences(calibrations)]
    return [
        _deepest(said, confidences, place, threshold)
        or _Answer(silent_because=_why_silent(said, confidences, place, threshold) if has_clues[place] else NO_CLUE)
        for place in range(len(has_clues))
    ]


def _deepest(said: Answered, confidences: Sequence[np.ndarray], place: int, threshold: Decimal) -> _Answer | None:
    for level in range(len(confidences), 0, -1):
        confidence = _percent(confidences[level - 1][place])
        if confidence is not None and confidence >= threshold:
            return _Answer(str(said.chains[level - 1].codes[place]), level, confidence)
    return None


def _percent(share: float) -> Decimal | None:
    """Write a share as percent with one decimal, which is also what is compared with the threshold."""
    return None if np.isnan(share) else (Decimal(float(share)) * 100).quantize(_TENTH, ROUND_HALF_UP)


def _why_silent(said: Answered, confidences: Sequence[np.ndarray], place: int, threshold: Decimal) -> str:
    new = " och ".join(
        word
        for word, is_known in (
            ("leverantören", said.is_known_supplier[place]),
            ("kontot", said.is_known_account[place]),
        )
        if not is_known
    )
    missing = f"; {new} finns inte bland de granskade raderna" if new else ""
    if np.isnan(confidences[0][place]):
        return f"För få granskade rader att pröva säkerheten på{missing}"
    return f"Säkerheten når inte gränsen {wording.percent_text(threshold)}{missing}"


def _as_suggestions(asked: pd.DataFrame, answers: Sequence[_Answer]) -> pd.DataFrame:
    """Lay out SUGGESTIONS, the largest amount up or down first, with missing values where nothing is known."""
    rows = pd.DataFrame({name: asked[name] for name in (*PATTERN, "rule_id", "category_code")})
    rows["suggested_code"] = [one.code for one in answers]
    rows["silent_because"] = [one.silent_because for one in answers]
    for column in SUGGESTIONS:
        if column.type == "text":
            rows[column.name] = rows[column.name].where(rows[column.name] != "", None).astype("str")
    rows["suggested_level"] = pd.array([one.level or None for one in answers], dtype="Int64")
    rows["confidence_pct"] = pd.Series([one.confidence_pct for one in answers], dtype="object")
    rows["__size"] = rows["amount_ore"].abs()
    return frames.by_amount(rows, ["pattern_id"], "__size")[[column.name for column in SUGGESTIONS]]

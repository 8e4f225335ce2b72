"""Try the model on reviewed patterns that it has not seen: suppliers, accounts and patterns held out in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from procanalysis.measures.suggested_categories.calibration import Calibration, calibrated
from procanalysis.measures.suggested_categories.patterns import folds_of, habit_keys, weights_of
from procanalysis.measures.suggested_categories.tree_model import Chain, Path, TreeModel

FOLDS = 4
"""How many times a part of the reviewed patterns is held out."""

_VERY_MANY = 20_000

Kind = tuple[int, bool, bool]
"""Level, whether the supplier is among the reviewed patterns, and whether the account is."""

HELD_OUT = (
    "level", "is_known_supplier", "is_known_account", "tried_count", "tried_lines", "tried_ore", "suggested_count",
    "suggested_lines", "suggested_ore", "right_count", "right_lines", "right_ore",
)  # fmt: skip
"""What came of the held-out patterns, one row per Kind: patterns, rows and amounts without sign."""


@dataclass(frozen=True)
class Answered:
    """Hold what a model said of patterns: the chain of likeliest codes, and what of each pattern the model knew."""

    chains: list[Chain]
    is_known_supplier: np.ndarray
    is_known_account: np.ndarray

    def of_kind(self, kind: Kind) -> np.ndarray:
        """Tell which patterns got a code on a level and are of a kind."""
        level, supplier, account = kind
        said = self.chains[level - 1].codes != ""
        return np.asarray(said & (self.is_known_supplier == supplier) & (self.is_known_account == account))

    def confidences(self, calibrations: Mapping[Kind, Calibration]) -> list[np.ndarray]:
        """Return per level the calibrated confidence, 0 to 1, never above the level before; NaN where none is known."""
        above = np.ones(len(self.is_known_supplier))
        found = []
        for level, chain in enumerate(self.chains, start=1):
            here = np.full(len(above), np.nan)
            for kind in kinds(level, level):
                rows = self.of_kind(kind)
                if kind in calibrations and rows.any():
                    here[rows] = calibrations[kind].confidence(chain.probability[rows])
            above = np.minimum(above, here)
            found.append(above)
        return found


@dataclass(frozen=True)
class Trials:
    """Hold the held-out patterns (their place among the reviewed ones, and the fold), and what was said of them.

    `right`, per level: 1 where the code was right, 0 where it was wrong, -1 where the reviewed category lies above the
    level and in the same branch, so that nobody knows. `weights`: what each pattern counts for.
    """

    places: np.ndarray
    fold: np.ndarray
    answered: Answered
    right: list[np.ndarray]
    weights: np.ndarray


def kinds(first_level: int, last_level: int) -> list[Kind]:
    """List the kinds of patterns on some levels, those best known first."""
    levels = range(first_level, last_level + 1)
    return [(level, supplier, account) for level in levels for supplier in (True, False) for account in (True, False)]


def answer(
    model: TreeModel, clues: sparse.csr_matrix, asked: pd.DataFrame, learnt: pd.DataFrame, levels: int
) -> Answered:
    """Ask a model about patterns, and note whose supplier and account it has learnt from."""
    chains = model.chains(clues, habit_keys(asked), levels)
    return Answered(chains, _among(asked, learnt, "supplier_key"), _among(asked, learnt, "account"))


def _among(asked: pd.DataFrame, learnt: pd.DataFrame, column: str) -> np.ndarray:
    """Tell whose value is among the learnt ones; a pattern without any has no unknown one."""
    return (asked[column].isin(set(learnt[column])) | (asked[column] == "")).to_numpy()


def try_on_held_out(known: pd.DataFrame, clues: sparse.csr_matrix, paths: Sequence[Path], levels: int) -> Trials | None:
    """Hold out a part of the suppliers, of the accounts and of the single patterns, and let the rest suggest for them.

    Confidence in a new supplier or account is so measured on such ones, not on those that the model knows well. A
    pattern counts once for each kind that it was tried as. Of very many patterns two parts are held out and not four,
    since they are enough. Returns None when nothing could be held out.
    """
    dealt = [folds_of(known[name], FOLDS) for name in ("pattern_id", "supplier_key", "account")]
    weights = weights_of(known)
    places, folds, answers = [], [], []
    for fold in range(FOLDS if len(known) < _VERY_MANY else 2):
        out = np.logical_or.reduce([groups == fold for groups in dealt])
        kept, tried = np.flatnonzero(~out), np.flatnonzero(out)
        if len(kept) and len(tried):
            learnt = known.iloc[kept]
            of_kept = [paths[int(row)] for row in kept]
            model = TreeModel().learn(clues[kept], of_kept, weights[kept], habit_keys(learnt))
            places.append(tried)
            folds.append(np.full(len(tried), fold))
            answers.append(answer(model, clues[tried], known.iloc[tried], learnt, levels))
    if not places:
        return None
    return _joined(np.concatenate(places), np.concatenate(folds), answers, paths, weights)


def _joined(
    places: np.ndarray, folds: np.ndarray, answers: Sequence[Answered], paths: Sequence[Path], weights: np.ndarray
) -> Trials:
    suppliers = np.concatenate([one.is_known_supplier for one in answers])
    accounts = np.concatenate([one.is_known_account for one in answers])
    repeated = pd.DataFrame({"place": places, "supplier": suppliers, "account": accounts}).duplicated().to_numpy()
    kept = np.flatnonzero(~repeated)
    chains = []
    for level in range(len(answers[0].chains)):
        codes = np.concatenate([one.chains[level].codes for one in answers])[kept]
        probability = np.concatenate([one.chains[level].probability for one in answers])[kept]
        chains.append(Chain(codes, probability))
    right = [_right(chains, level, [paths[place] for place in places[kept]]) for level in range(len(chains))]
    answered = Answered(chains, suppliers[kept], accounts[kept])
    return Trials(places[kept], folds[kept], answered, right, weights[places[kept]])


def _right(chains: Sequence[Chain], level: int, paths: Sequence[Path]) -> np.ndarray:
    found = np.zeros(len(paths), dtype="int64")
    for row, path in enumerate(paths):
        shared = min(level, len(path) - 1)
        same = chains[shared].codes[row] == path[shared]
        found[row] = (1 if shared == level else -1) if same else 0
    return found


def calibrations_of(trials: Trials | None, *, without_fold: int = -1) -> dict[Kind, Calibration]:
    """Learn per kind how probability turns into confidence; kinds with too few held-out patterns are left out."""
    if trials is None:
        return {}
    found = {}
    for kind in kinds(1, len(trials.right)):
        level = kind[0] - 1
        rows = trials.answered.of_kind(kind) & (trials.fold != without_fold) & (trials.right[level] >= 0)
        probability = trials.answered.chains[level].probability[rows]
        one = calibrated(probability, trials.right[level][rows], trials.weights[rows])
        if one:
            found[kind] = one
    return found


def outcome_of(trials: Trials | None, known: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Count what the held-out patterns were given and how much of it was right, one row per kind.

    The confidence in a fold is calibrated on the other folds, so that no pattern vouches for itself. Parameters:
    `threshold`, 0 to 1. Returns HELD_OUT.
    """
    rows: list[dict[str, int]] = []
    if trials is not None:
        lines = known["lines_count"].to_numpy()[trials.places]
        amounts = known["amount_ore"].abs().to_numpy()[trials.places]
        confident = _confidences_from_other_folds(trials)
        for kind in kinds(1, len(trials.right)):
            level, supplier, account = kind
            told = trials.right[level - 1]
            tried = (trials.answered.is_known_supplier == supplier) & (trials.answered.is_known_account == account)
            tried &= told >= 0
            suggested = tried & (np.nan_to_num(confident[level - 1]) >= threshold)
            right = suggested & (told == 1)
            row = {"level": level, "is_known_supplier": int(supplier), "is_known_account": int(account)}
            for name, marked in (("tried", tried), ("suggested", suggested), ("right", right)):
                row |= {
                    f"{name}_count": int(marked.sum()),
                    f"{name}_lines": int(lines[marked].sum()),
                    f"{name}_ore": int(amounts[marked].sum()),
                }
            rows.append(row)
    return pd.DataFrame(rows, columns=list(HELD_OUT), dtype="int64")


def _confidences_from_other_folds(trials: Trials) -> list[np.ndarray]:
    found = [np.full(len(trials.fold), np.nan) for _ in trials.right]
    for fold in sorted(set(trials.fold.tolist())):
        within = trials.fold == fold
        told = trials.answered.confidences(calibrations_of(trials, without_fold=fold))
        for level, confidence in enumerate(told):
            found[level][within] = confidence[within]
    return found

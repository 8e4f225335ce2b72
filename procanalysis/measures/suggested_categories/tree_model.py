"""A linear model per branch of the category tree, so that the parts of a branch always sum to the branch."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from procanalysis.measures.suggested_categories.threads import one_thread

Path = tuple[str, ...]
"""The codes from the main category down to a category."""

Keys = Sequence[np.ndarray]
"""For each kind of habit, such as that of a supplier, whose habit each row would follow; '' for nobody's."""

_ROUNDS = 15


@dataclass
class _Habits:
    """Hold how often each known one of some kind, such as each supplier, was placed under each code of a branch."""

    places: dict[str, int]
    counts: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, below: np.ndarray, weights: np.ndarray, codes_count: int) -> _Habits:
        """Count the weight of each key's rows per code; the last row, of nobody, stays empty."""
        known = sorted({key for key in keys if key})
        places = {key: place for place, key in enumerate(known)}
        counts = np.zeros((len(known) + 1, codes_count))
        rows = np.array([places.get(key, -1) for key in keys], dtype="int64")
        np.add.at(counts, (rows[rows >= 0], below[rows >= 0]), weights[rows >= 0])
        return cls(places, counts)

    def added_to(self, shares: np.ndarray, keys: np.ndarray, prior: float) -> np.ndarray:
        """Return (own counts + prior × shares) / (own total + prior): what one does itself, where it is known."""
        own = self.counts[[self.places.get(key, -1) for key in keys]]
        added: np.ndarray = (own + prior * shares) / (own.sum(axis=1, keepdims=True) + prior)
        return added


@dataclass
class _Branch:
    """Hold what divides a branch: the codes below it, and the model that tells them apart (none when there is one)."""

    codes: list[str]
    model: Any = None
    columns: Any = None
    habits: tuple[_Habits, ...] = ()


@dataclass(frozen=True)
class Chain:
    """Hold, for one level, the likeliest code of every row and its probability; '' where the branch goes no deeper."""

    codes: np.ndarray
    probability: np.ndarray


@dataclass
class TreeModel:
    """Give every row the likeliest category per level, by one logistic regression per branch.

    P(category) = P(main category) × P(category | main category) × …, so the probabilities below a branch sum to that
    of the branch, at any depth. Parameters: `looseness`, how far the model may follow its examples (C of the logistic
    regression, above 0).
    """

    looseness: float = 10.0
    priors: tuple[float, ...] = (1.0, 1.0)
    _branches: dict[Path, _Branch] = field(default_factory=dict)

    def learn(self, clues: sparse.csr_matrix, paths: Sequence[Path], weights: np.ndarray, habits: Keys) -> TreeModel:
        """Learn from rows whose category is known. Returns itself."""
        with one_thread():
            self._learn_branch(clues, list(paths), weights, habits, ())
        return self

    def _learn_branch(
        self, clues: sparse.csr_matrix, paths: list[Path], weights: np.ndarray, habits: Keys, branch: Path
    ) -> None:
        # A row whose category lies above this level says nothing of what divides the branch.
        deeper = np.flatnonzero([len(path) > len(branch) for path in paths])
        if not len(deeper):
            return
        below = np.array([paths[row][len(branch)] for row in deeper], dtype=object)
        codes = sorted(set(below))
        kept = (clues[deeper], weights[deeper], [keys[deeper] for keys in habits])
        self._branches[branch] = self._divided(np.searchsorted(codes, below), codes, *kept)
        for code in codes:
            rows = deeper[below == code]
            theirs = [keys[rows] for keys in habits]
            self._learn_branch(clues[rows], [paths[row] for row in rows], weights[rows], theirs, (*branch, code))

    def _divided(
        self, below: np.ndarray, codes: list[str], clues: sparse.csr_matrix, weights: np.ndarray, habits: Keys
    ) -> _Branch:
        if len(codes) == 1:
            return _Branch(codes)
        columns = np.unique(clues.indices)
        # Its steps are drawn from a seed of their own, so that the same rows always give the same model.
        model = LogisticRegression(C=self.looseness, solver="saga", max_iter=_ROUNDS, tol=1e-2, random_state=0)
        with warnings.catch_warnings():
            # A model that has not come to rest is still calibrated on rows that it has not seen.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(clues[:, columns], below, sample_weight=weights)
        return _Branch(codes, model, columns, tuple(_Habits.of(keys, below, weights, len(codes)) for keys in habits))

    def chains(self, clues: sparse.csr_matrix, habits: Keys, levels: int) -> list[Chain]:
        """Return the likeliest code per level, each below the one before it."""
        rows = clues.shape[0]
        found = [Chain(np.full(rows, "", dtype=object), np.zeros(rows)) for _ in range(levels)]
        with one_thread():
            self._follow(clues, habits, np.arange(rows), np.ones(rows), (), found)
        return found

    def _follow(
        self, clues: sparse.csr_matrix, habits: Keys, rows: np.ndarray, reached: np.ndarray, branch: Path,
        found: list[Chain],
    ) -> None:  # fmt: skip
        divided, level = self._branches.get(branch), len(branch)
        if divided is None or level >= len(found) or not len(rows):
            return
        shares = self._shares(divided, clues[rows], [keys[rows] for keys in habits])
        best = shares.argmax(axis=1)
        probability = reached * shares[np.arange(len(best)), best]
        for place, code in enumerate(divided.codes):
            chosen = best == place
            if chosen.any():
                found[level].codes[rows[chosen]] = code
                found[level].probability[rows[chosen]] = probability[chosen]
                self._follow(clues, habits, rows[chosen], probability[chosen], (*branch, code), found)

    def _shares(self, branch: _Branch, clues: sparse.csr_matrix, habits: Keys) -> np.ndarray:
        """Return each code's share of a branch, one row per row: what the clues say, then what habits add."""
        if branch.model is None:
            return np.ones((clues.shape[0], 1))
        shares: np.ndarray = branch.model.predict_proba(clues[:, branch.columns])
        for own, keys, prior in zip(branch.habits, habits, self.priors, strict=True):
            shares = own.added_to(shares, keys, prior)
        return shares

"""Turn patterns and titles into the sparse numbers that a linear model weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

# How many letters of an account make a prefix of their own: class, group, and the accounts below.
_PREFIXES = (1, 2, 3, 4)
_MOST_WORDS = 20_000
_WORD = r"(?u)\b\w[\w&]+\b"


class _Block:
    """Learn one kind of clue on the different values only: a name says no more for standing a hundred times."""

    def __init__(self, vectorizer: Any) -> None:
        self._vectorizer = vectorizer
        self._is_empty = False

    def learn(self, values: Sequence[Any]) -> None:
        try:
            self._vectorizer.fit(sorted(set(values)))
        except ValueError:
            # scikit-learn's word for a block without a single clue, such as a ledger without texts.
            self._is_empty = True

    def find(self, values: Sequence[Any]) -> sparse.csr_matrix:
        different = {value: place for place, value in enumerate(dict.fromkeys(values))}
        if self._is_empty or not different:
            width = 0 if self._is_empty else len(self._vectorizer.vocabulary_)
            return sparse.csr_matrix((len(values), width))
        return self._vectorizer.transform(list(different))[[different[value] for value in values]]


class PatternClues:
    """Learn which clues the reviewed patterns give, and find them in others.

    Three kinds side by side: who, where and on which account (each alone and in pairs); the words of the supplier's
    name and of the texts; and the parts of those words, since Swedish writes them together.
    """

    def __init__(self) -> None:
        identity = CountVectorizer(analyzer=list, binary=True, dtype="float64")
        self._blocks = {
            "identity": [_Block(identity)],
            "name": [_Block(_words()), _Block(_parts())],
            "text": [_Block(_words()), _Block(_parts())],
        }

    def learn(self, patterns: pd.DataFrame) -> PatternClues:
        """Learn the clues of some patterns. Returns itself."""
        for kind, values in _given(patterns).items():
            for block in self._blocks[kind]:
                block.learn(values)
        return self

    def find(self, patterns: pd.DataFrame) -> sparse.csr_matrix:
        """Return the clues that were learnt, as they stand in some patterns, one row per pattern."""
        given = _given(patterns)
        return _side_by_side([block.find(given[kind]) for kind, blocks in self._blocks.items() for block in blocks])


class TitleClues:
    """Learn the words of titles and the parts of those words, and find them in others."""

    def __init__(self) -> None:
        self._blocks = [_Block(_words()), _Block(_parts())]

    def learn(self, titles: Sequence[str]) -> TitleClues:
        """Learn the clues of some titles. Returns itself."""
        for block in self._blocks:
            block.learn(titles)
        return self

    def find(self, titles: Sequence[str]) -> sparse.csr_matrix:
        """Return the clues that were learnt, as they stand in some titles, one row per title."""
        return _side_by_side([block.find(titles) for block in self._blocks])


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=_WORD, max_features=_MOST_WORDS
    )


def _parts() -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 4), min_df=3, sublinear_tf=True, max_features=_MOST_WORDS
    )


def _given(patterns: pd.DataFrame) -> dict[str, list[Any]]:
    columns = ("supplier_key", "account", "account_text", "unit", "text")
    values = [patterns[column].tolist() for column in columns]
    texts = zip(patterns["account_text"].tolist(), patterns["text"].tolist(), strict=True)
    return {
        "identity": [tuple(_identity(*row)) for row in zip(*values, strict=True)],
        "name": patterns["supplier_name"].tolist(),
        "text": [f"{account_text} {text}" for account_text, text in texts],
    }


def _identity(supplier: str, account: str, account_text: str, unit: str, text: str) -> Iterable[str]:
    """List who, where and on which account; a sign that no code has keeps the kinds apart."""
    booked, written = account or account_text.casefold(), text.casefold()
    if account:
        yield from (f"a{size}\0{account[:size]}" for size in _PREFIXES if size < len(account))
    for kind, value in (("s", supplier), ("a", booked), ("u", unit), ("t", written)):
        if value:
            yield f"{kind}\0{value}"
    pairs = (("sa", supplier, booked), ("su", supplier, unit), ("ua", unit, booked), ("st", supplier, written))
    yield from (f"{kind}\0{one}\0{other}" for kind, one, other in pairs if one and other)


def _side_by_side(found: Sequence[sparse.csr_matrix]) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack(found, format="csr"))

"""The twenty questions that everybody answers, and how two answers are compared to the öre.

Each is asked twice: 'counted', as procanalysis.spend_by answers it (öre, postings, different invoices and suppliers),
and 'summed', as in the trials before the start (öre and postings only).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("buyer",), ("unit",), ("supplier",), ("category",), ("main_category",), ("account",), ("spend_class",),
    ("lou_covered",), ("tier",), ("month",), ("year",), ("buyer", "month"), ("buyer", "category"),
    ("unit", "category"), ("supplier", "buyer"), ("supplier", "category"), ("category", "month"),
    ("account", "month"), ("unit", "year"), ("main_category", "year"),
)  # fmt: skip
"""By what the spend is parted: words of procanalysis.spend.DIMENSIONS."""

KEYS: dict[str, str] = {
    "buyer": "buyer_id",
    "supplier": "supplier_key",
    "category": "category_code",
    "main_category": "main_category_code",
}
"""The column of a word, where it is not the word itself; month and year are made of booked_on."""

NAMES: dict[str, str] = {
    "supplier": "supplier_name",
    "category": "category_name",
    "main_category": "main_category_name",
}
"""The name that goes with a word: the first in the alphabet of each group."""

SUMMED = ("amount_ore", "lines_count")
COUNTED = (*SUMMED, "invoices_count", "suppliers_count")
_DECIDED = (
    "rule_id", "tier", "category_code", "main_category_code", "spend_class", "lou_covered", "proven_rung",
    "possible_rung", "proven_rung_then", "possible_rung_then", "contract_id",
)  # fmt: skip


@dataclass
class Answers:
    """Hold what a work found: the mapped lines it wrote, each question's answer by its name."""

    mapped: Path | None = None
    summed: MutableMapping[str, pd.DataFrame] = field(default_factory=dict)
    counted: MutableMapping[str, pd.DataFrame] = field(default_factory=dict)


class PutAside(MutableMapping[str, pd.DataFrame]):
    """Hold each answer in a file until it is compared, so that a work's memory is its own and not the measuring's.

    An analyst looks at one answer and goes on; only the measuring keeps them all. What it takes to write them is in the
    work's time.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._new = (folder / f"{number}.pickle" for number in itertools.count())
        self._files: dict[str, Path] = {}

    def __setitem__(self, name: str, answer: pd.DataFrame) -> None:
        self._files[name] = self._files.get(name) or next(self._new)
        answer.to_pickle(self._files[name])

    def __getitem__(self, name: str) -> pd.DataFrame:
        answer: pd.DataFrame = pd.read_pickle(self._files[name])
        return answer

    def __delitem__(self, name: str) -> None:
        self._files.pop(name).unlink()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def name_of(words: Iterable[str]) -> str:
    """Return the name of a question.

    >>> name_of(("unit", "year"))
    'unit × year'
    """
    return " × ".join(words)


def keys_of(words: Iterable[str]) -> list[str]:
    """List the key columns of a question.

    >>> keys_of(("supplier", "month"))
    ['supplier_key', 'month']
    """
    return [KEYS.get(word, word) for word in words]


def digests(answers: Answers) -> dict[str, str]:
    """Return a digest per answer, whatever the order of its rows, and of what was decided about the lines.

    Two works agree to the öre when the digests are the same: they cover every key, sum and count.
    """
    found = {}
    for kind, counts, given in (("summed", SUMMED, answers.summed), ("counted", COUNTED, answers.counted)):
        for words in QUESTIONS:
            if (answer := given.get(name_of(words))) is not None:
                found[f"{kind} {name_of(words)}"] = digest(answer, keys_of(words), counts)
    if answers.mapped:
        columns = ", ".join(_DECIDED)
        decided = duckdb.execute(
            f"SELECT {columns}, sum(amount_ore)::BIGINT AS amount_ore, count(*) AS lines_count "
            f"FROM read_parquet('{answers.mapped}') GROUP BY ALL"
        ).df()
        found["decided"] = digest(decided, _DECIDED, SUMMED)
    return found


def digest(answer: pd.DataFrame, keys: Iterable[str], counts: Iterable[str]) -> str:
    """Digest the rows of an answer: keys as text (a month as 202501), sums and counts as whole numbers.

    >>> one = pd.DataFrame({"unit": ["a", "b"], "amount_ore": [1, 2], "lines_count": [1, 1]})
    >>> digest(one, ["unit"], SUMMED) == digest(one[::-1], ["unit"], SUMMED)
    True
    >>> digest(one, ["unit"], SUMMED) == digest(one.assign(amount_ore=[1, 3]), ["unit"], SUMMED)
    False
    """
    plain = {key: answer[key].astype("str").str.replace("-", "").fillna("").astype("object") for key in keys}
    plain |= {count: answer[count].astype("int64") for count in counts}
    rows = pd.util.hash_pandas_object(pd.DataFrame(plain), index=False)
    summed = int(rows.sum()) & (2**64 - 1)  # a sum, so that the order of the rows does not matter
    return hashlib.sha256(f"{len(rows)}:{summed}".encode()).hexdigest()[:16]

"""Place groups of articles, as orders and invoices write them, in the category tree."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from procanalysis.errors import InputError
from procanalysis.read.registers import CategoryWords

_CPV = re.compile(r"([0-9]{2,8})(?:-[0-9])?")
_MOST_LISTED = 20


class ArticleGroups:
    """Translate a line's group of articles, or else its CPV code, to a code of the tree.

    Formula: the group's code when the group is a code of the tree or a translated word; otherwise the same for the
    UNSPSC code; otherwise the code of the longest translated beginning of the CPV code; otherwise none.
    Parameters: taxonomy, schema.TAXONOMY; categories, word → code; cpv_categories, how CPV codes begin → code; key, the
    organisation file's part. Raises InputError for a code that is not in the tree, or a CPV code that is none.
    """

    def __init__(
        self, taxonomy: pd.DataFrame, categories: Mapping[str, str], cpv_categories: Mapping[str, str], key: str
    ) -> None:
        self._words = CategoryWords(taxonomy, categories, key)
        CategoryWords(taxonomy, cpv_categories, key, setting="cpv_categories")
        self._cpv = {_beginning(written, key): code for written, code in cpv_categories.items()}
        self._unknown: dict[str, None] = {}

    def code(self, group: str | None, unspsc_code: str | None, cpv_code: str | None) -> str | None:
        """Return the category of a line, or None, with the group remembered as unknown."""
        found = next((code for word in (group, unspsc_code) if word and (code := self._words.code(word))), None)
        found = found or self._of_cpv(cpv_code)
        if group and found is None:
            self._unknown[group] = None
        return found

    def _of_cpv(self, cpv_code: str | None) -> str | None:
        match = _CPV.fullmatch(cpv_code or "")
        if match is None or not self._cpv:
            return None
        digits = match[1]
        beginnings = (digits[:length] for length in range(len(digits), 1, -1))
        return next((self._cpv[beginning] for beginning in beginnings if beginning in self._cpv), None)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The groups that no code was found for, the first ones when they are many."""
        words = tuple(self._unknown)
        more = len(words) - _MOST_LISTED
        return words if more <= 0 else (*words[:_MOST_LISTED], f"och {more} till")


def _beginning(written: str, key: str) -> str:
    """Return how the CPV codes of a division, group or class begin: 33140000-3 is every code on 3314."""
    match = _CPV.fullmatch(written)
    if match is None:
        raise InputError(
            f"{key}.cpv_categories: '{written}' is no CPV code. Write its digits, or the first of them, as in '3314'."
        )
    digits = match[1]
    return digits[:2] + digits[2:].rstrip("0")

"""Give the suppliers of a register the keys that the ledger gives them, and hide people in everything else it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from procanalysis.read.hiding import NameFinder, coded_ways, hide_value
from procanalysis.read.identity import UNKNOWN_SUPPLIER, identify_suppliers
from procanalysis.read.parts import word_coder
from procanalysis.read.register_rows import Row, clean_text
from procanalysis.read.supplier_numbers import (
    HIDDEN_NUMBER,
    Masker,
    is_written_as_person,
    normal_name,
    recognise_number,
)

Written = tuple[str, str]
"""A supplier as the register writes it: number and name, either of which may be empty."""

_ABOUT_WORDS = (
    "kind_unknown", "status_unknown", "answer_unreadable", "suppliers_unpaired", "receiver_unknown",
    "category_unknown", "tag_kind_unknown", "tag_missing", "tags_contradict",
)  # fmt: skip
_DIGITS_TOGETHER = re.compile(r"[0-9](?:[\s\-+−–‐‑]{0,3}[0-9]){9,}")
_NUMBER_BESIDE_NAME = re.compile(
    r"(?<![0-9])(?:SE)?(?:16|18|19|20)?[0-9]{6}[\s\-+−–‐‑]{0,3}[0-9]{4,5}(?:01)?(?![0-9])", re.IGNORECASE
)
_SAYS_NUMBER = re.compile(r"\borg(anisations)?[.\s-]*n(umme)?r\b[.:]?", re.IGNORECASE)
_NOBODY = f"namn:{normal_name(UNKNOWN_SUPPLIER)}"


@dataclass(frozen=True)
class RegisterSupplier:
    """Hold one supplier of a register: the ledger's key (None when it cannot be told) and the name to show."""

    supplier_key: str | None
    name: str | None


class Hider:
    """Hide personal numbers and sole traders' names in texts, references and rejected values.

    Parameters: masker, with the names that the ledger hides; names, sole traders' names as the register writes them;
    numbers, theirs, in any written form, which are found wherever their digits stand together.
    """

    def __init__(self, masker: Masker, names: Iterable[str], numbers: Iterable[str]) -> None:
        self._masker = masker
        self._names = NameFinder(names)
        self._names_of_ledger = NameFinder.of_codes(masker.persons, word_coder(masker))
        self._numbers = {part for number in numbers for part in _ten_together(number)}

    def text(self, written: str | None) -> str | None:
        """Return a text with personal numbers and sole traders' names replaced."""
        if written is None or not self._masker.enabled:
            return written
        return self._without_names(self.number_free(written))

    def number_free(self, written: str) -> str:
        """Return the name of a unit or buyer as the ledger shows it: with personal numbers replaced only."""
        if not self._masker.enabled:
            return written
        return self._masker.text(self._replaced(written, lambda digits: HIDDEN_NUMBER))

    def reference(self, written: str | None) -> str | None:
        """Return a contract's or procurement's number with people in it replaced by codes, so that it stays unique."""
        if written is None or not self._masker.enabled:
            return written
        if self._without_names(written) != written:
            return self._masker.supplier_key(written)
        theirs = self._replaced(written, lambda digits: "") != written
        return self._replaced(
            self._masker.reference(written, of_sole_trader=theirs),
            # The code is made of all the digits, so that 900101-00171 and 900101-00172 stay two.
            self._masker.supplier_key,
        )

    def rejected(self, written: str, reason: str) -> str:
        """Return a rejected row's value without people; several words where none belong may be a name."""
        value = written if reason in _ABOUT_WORDS else hide_value(written, self._masker)
        return self.text(value) or ""

    def _without_names(self, written: str) -> str:
        hidden = self._names.hide(written)
        return self._names_of_ledger.hide(hidden) if self._names_of_ledger else hidden

    def _replaced(self, written: str, by: Callable[[str], str]) -> str:
        def replace(match: re.Match[str]) -> str:
            is_theirs = any(part in self._numbers for part in _ten_together(match[0]))
            return by(re.sub(r"[^0-9]", "", match[0])) if is_theirs else match[0]

        return _DIGITS_TOGETHER.sub(replace, written) if self._numbers else written


def _ten_together(written: str) -> list[str]:
    """List every ten digits that stand together."""
    digits = re.sub(r"[^0-9]", "", written)
    return [digits[start : start + 10] for start in range(len(digits) - 9)]


def split_suppliers(row: Row) -> list[Written]:
    """Pair the numbers and names of a row, or reject it when they cannot be paired.

    One name stands for all the numbers; several are paired in order. With exactly one number the whole cell is one
    name, whatever signs stand in it, and so is a person written 'surname;first name'.
    """
    written = row.cells.get("supplier_name", "")
    numbers = _parts(row.cells.get("supplier_number", ""), r"[;\r\n]")
    names = _parts(written, r";" if ";" in written else r"[\r\n]")
    if len(numbers) != len(names):
        numbers, names = list(filter(None, numbers)), list(filter(None, names))
        if is_written_as_person(written) or len(numbers) == 1 or (not numbers and ";" not in written):
            names = [" ".join(written.split())] if names else []
    if not numbers:
        return [("", name) for name in names]
    if len(names) <= 1:
        return [(number, names[0] if names else "") for number in numbers]
    if len(numbers) != len(names):
        row.reject("suppliers_unpaired", "supplier_name", f"{len(numbers)} nummer, {len(names)} namn")
        return []
    return [pair for pair in zip(numbers, names, strict=True) if any(pair)]


def supplier_of(cell: str) -> Written:
    """Tell the number from the name in a column that has room for one supplier only; a number alone is its own name.

    >>> supplier_of("Abbe Bygg AB (556016-0680)"), supplier_of("556016-0680")
    (('556016-0680', 'Abbe Bygg AB'), ('556016-0680', '556016-0680'))
    """
    text = clean_text(cell) or ""
    match = _NUMBER_BESIDE_NAME.search(text)
    if match is None:
        return "", text
    name = _SAYS_NUMBER.sub(" ", f"{text[: match.start()]} {text[match.end() :]}")
    name = re.sub(r"\(\s*\)|\[\s*\]", " ", name).strip(" ,;:/-–")
    return match[0], " ".join(name.split()) or text


def supplier_written(row: Row) -> Written:
    """Return the one supplier of a row: number and name, the number from beside the name when it has no cell."""
    number, name = row.text("supplier_number") or "", row.text("supplier_name") or ""
    return (number, name) if number else supplier_of(name)


def _parts(cell: str, signs: str) -> list[str]:
    # A dash alone is no name; beyond that a name stays as it is written, since the ledger's key is made of it.
    parts = [part.strip() if clean_text(part) else "" for part in re.split(signs, cell.strip().rstrip(";"))]
    return parts if any(parts) else []


def identify(
    written: Sequence[tuple[Written, bool]], masker: Masker, *, supplier_numbers: str, known_keys: Collection[str]
) -> tuple[dict[Written, RegisterSupplier], Hider]:
    """Identify suppliers as the ledger's reader does.

    Parameters: written, each supplier and whether its row is accepted; supplier_numbers, 'organisation' or 'internal';
    known_keys, the ledger's keys: a name without number that is hidden there is hidden here, under the same key. So is
    a name without number that the ledger has with a personal number, which masker.persons tells.
    Returns the supplier of each written form on an accepted row, and what hides people in the other cells.
    """
    identified, sole_traders = identify_suppliers(written, supplier_numbers, masker)
    names, nobody = set(sole_traders), {_NOBODY, masker.supplier_key(_NOBODY)}
    found: dict[Written, RegisterSupplier] = {}
    coded = word_coder(masker)
    for (number, name), one in identified.items():
        key, shown = one.supplier_key, one.name_shown
        hidden_key = masker.supplier_key(key)
        is_theirs = hidden_key in known_keys or (not number and bool(coded_ways([name], coded) & masker.persons))
        if one.supplier_type == "unknown" and masker.enabled and is_theirs:
            names.add(name)
            found[number, name] = RegisterSupplier(hidden_key, masker.supplier_name(key, name))
        else:
            found[number, name] = RegisterSupplier(None if key in nobody else key, shown or None)
    numbers = {number for (number, _), _ in written}
    personal = [number for number in numbers if recognise_number(number).supplier_type == "sole_trader"]
    hider = Hider(masker, names, personal)
    # A cell that is taken as one name may still name a person beside the company.
    whole_cells = {pair: one for pair, one in found.items() if ";" in (one.name or "")}
    found |= {pair: replace(one, name=hider.text(one.name)) for pair, one in whole_cells.items()}
    return found, hider

"""Hide people in what a ledger says beside the supplier: texts, references, and the values of rejected rows.

What one file knows is hidden while its rows stream through the engine (`RowHider`); what only another file knows is
found by keyed codes of the names (`NameFinder.of_codes`), so that no name need be kept to find it again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

import duckdb

from procanalysis.read.supplier_numbers import HIDDEN_NAME, Masker, is_written_as_person

REFERENCES = ("invoice_number", "voucher_number", "project", "contract_reference", "account", "buyer_id")
WITH_NAMES = ("text", "project", "contract_reference", "basis", "fault_value")
"""Of the columns in which people are hidden, those of references, and those in which names are looked for too."""

# What every personal number has that the masker finds, and few others, so that few values need a look one by one.
_LIKE_PERSONAL = "[0-9]{2}[01][0-9]{3}[^0-9]{0,3}[0-9]{4}|[0-9]{4}[^0-9][01][0-9][^0-9][0-9]{2}[^0-9]{0,3}[0-9]{4}"
_TWO_WORDS = "[^[:alnum:]]"
# Letters that lower() and Python's casefold() turn into the same; a text with others is looked at one by one.
_OTHER_LETTERS = r"[^\x00-\x{b4}\x{b6}-\x{de}\x{e0}-\x{ff}\x{2000}-\x{20cf}]"
_MOST_WORDS_IN_PATTERN = 2_000
_REMEMBERED = 20_000

_WORD = re.compile(r"\w+")
Way = tuple[str, ...]
"""One way to write a name: its words, case-folded, or the codes of them."""


def hide_value(value: str, masker: Masker) -> str:
    """Return a value fit to be shown in an error message: no personal number, and no words that may be a name.

    >>> [hide_value(value, Masker(b"k")) for value in ("900101-0017", "Anna Andersson", "1.234")]
    ['[nummer dolt]', '[namn dolt]', '1.234']
    """
    return masker.text(_without_names(value)) if masker.enabled else value


def _without_names(value: str) -> str:
    """Hide a value of several words where an amount or a date should stand: in a shifted row it may be a person's name.

    >>> _without_names("Anna Andersson"), _without_names("12 SEK")
    ('[namn dolt]', '12 SEK')
    """
    words = [word for word in _WORD.findall(value) if word.isalpha()]
    return HIDDEN_NAME if len(words) > 1 else value


def _as_it_is(word: str) -> str:
    return word


class NameFinder:
    """Find sole traders' names of two words or more in texts, in either order and however they are written.

    >>> NameFinder(["ANDERSSON;ANNA MARIA"]).hide("Arvode till Anna Andersson, mars")
    'Arvode till [namn dolt], mars'
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, set[Way]] = defaultdict(set)
        self._coded: Callable[[str], str] = _as_it_is
        self.found: set[Way] = set()
        self._add(way for name in names for way in ways_to_write(name))

    @classmethod
    def of_codes(cls, ways: Iterable[Way], coded: Callable[[str], str]) -> NameFinder:
        """Find names of which only the codes of their words are known; coded gives the code of a word."""
        finder = cls(())
        finder._coded = coded
        finder._add(ways)
        return finder

    def _add(self, ways: Iterable[Way]) -> None:
        for words in ways:
            if len(words) > 1:
                self._by_first[words[0]].add(words)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def hide(self, text: str) -> str:
        """Return the text with every such name replaced, and remember in `found` which ways to write them it held."""
        words = list(_WORD.finditer(text))
        folded = [self._coded(word[0].casefold()) for word in words]
        parts, position, index = [], 0, 0
        while index < len(words):
            fits = [
                name
                for name in self._by_first.get(folded[index], ())
                if tuple(folded[index : index + len(name)]) == name
            ]
            length = max(map(len, fits), default=0)
            if length:
                self.found.update(fits)
                parts += [text[position : words[index].start()], HIDDEN_NAME]
                position = words[index + length - 1].end()
            index += length or 1
        return "".join([*parts, text[position:]]) if parts else text

    def suspects(self, value: str) -> str:
        """Return a condition in SQL that holds for every value in which a clear name can stand, and for few others."""
        two_words = f"regexp_matches({value}, '{_TWO_WORDS}')"
        if not self._by_first:
            return "false"
        if len(self._by_first) > _MOST_WORDS_IN_PATTERN or self._coded is not _as_it_is:
            return two_words
        words = "|".join(map(re.escape, sorted(self._by_first)))
        letter = r"[^\p{L}\p{N}_]"
        first_word = f"regexp_matches(lower({value}), '(^|{letter})({words})({letter}|$)')"
        return f"{two_words} AND ({first_word} OR regexp_matches({value}, '{_OTHER_LETTERS}'))"


def ways_to_write(name: str) -> Iterable[Way]:
    """Return the ways in which a text may write a person's name: as it stands, and with first name and surname turned.

    >>> sorted(ways_to_write("EK;BO"))
    [('bo', 'ek'), ('ek', 'bo')]
    """
    words = tuple(_WORD.findall(name.casefold()))
    ways = {words}
    if is_written_as_person(name):
        surname, given = (tuple(_WORD.findall(part)) for part in re.split("[;,]", name.casefold()))
        ways |= {given + surname, given[:1] + surname, surname + given[:1]}
    elif len(words) == 2:
        ways.add(words[::-1])
    return ways


class RowHider:
    """Hide people in rows while the engine goes through them, by what one file knows.

    Parameters: masker; names, sole traders' names as the file writes them; columns, those in which anything can stand.
    After the rows: `references`, the codes of the references on people's rows that are made like a personal number, by
    column; `open_columns`, the columns with such references left in sight on others' rows.
    """

    def __init__(self, masker: Masker, names: Iterable[str], columns: Collection[str]) -> None:
        self._masker = masker
        self._columns = tuple(columns) if masker.enabled else ()
        self._names = NameFinder(names if masker.enabled else ())
        self.references: dict[str, set[str]] = defaultdict(set)
        self.open_columns: set[str] = set()

    def teach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the functions that `hidden` uses known to a connection."""
        for column in self._columns:
            if column in REFERENCES:
                hide: Callable[..., str] = self._reference_hider(column)
                connection.create_function(f"hide_{column}", hide, ["VARCHAR", "BOOLEAN"], "VARCHAR")
            else:
                connection.create_function(f"hide_{column}", self._text_hider(column), ["VARCHAR"], "VARCHAR")

    def forget(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take the functions away again."""
        for column in self._columns:
            connection.remove_function(f"hide_{column}")

    def hidden(self, column: str, value: str, of_person: str) -> str:
        """Return an expression in SQL for a column's value without people in it.

        Parameters: column, one of those given to the constructor; value and of_person, expressions for what is written
        and for whether the row is a sole trader's. Python is asked for the few values only that may hold a person.
        """
        if not self._masker.enabled:
            return value
        may = suspect_references(value)
        if column == "fault_value":
            may = f"{may} OR regexp_matches({value}, '{_TWO_WORDS}')"
        elif column in WITH_NAMES and self._names:
            may = f"({may}) OR ({self._names.suspects(value)})"
        asked = f"hide_{column}({value}{f', {of_person}' if column in REFERENCES else ''})"
        return f"CASE WHEN {may} THEN {asked} ELSE {value} END"

    def _text_hider(self, column: str) -> Callable[[str], str]:
        def hide(written: str) -> str:
            shown = self._masker.text(written)
            if column == "fault_value":
                shown = _without_names(shown)
            return self._names.hide(shown) if column in WITH_NAMES else shown

        return lru_cache(_REMEMBERED)(hide)

    def _reference_hider(self, column: str) -> Callable[[str, bool], str]:
        def hide(written: str, of_person: bool) -> str:
            shown = self._masker.reference(written, of_sole_trader=of_person)
            if made_like_personal(written, self._masker):
                if of_person:
                    self.references[column].add(reference_code(column, written, self._masker))
                else:
                    self.open_columns.add(column)
            return self._names.hide(shown) if column in WITH_NAMES else shown

        return lru_cache(_REMEMBERED)(hide)


def made_like_personal(written: str, masker: Masker) -> bool:
    """Tell whether a reference is hidden on a sole trader's row and left in sight on another's.

    >>> made_like_personal("1000400712", Masker(b"k")), made_like_personal("9001010017", Masker(b"k"))
    (True, False)
    """
    return masker.reference(written, of_sole_trader=True) != masker.reference(written)


def reference_code(column: str, written: str, masker: Masker) -> str:
    """Return the code of a reference, the same however it is spaced."""
    return masker.code(column, " ".join(written.split()))


def suspect_references(value: str) -> str:
    """Return a condition in SQL that holds for every value that can hold a personal number."""
    return f"strlen({value}) >= 10 AND regexp_matches({value}, '{_LIKE_PERSONAL}')"


def words_in(value: str) -> str:
    """Return an expression in SQL for the list of words of a value, but those made of digits alone."""
    words = rf"regexp_extract_all({value}, '[\p{{L}}\p{{N}}_]+')"
    return f"list_filter({words}, lambda word: regexp_matches(word, '[^0-9]'))"


def coded_ways(names: Iterable[str], coded: Callable[[str], str]) -> frozenset[Way]:
    """Return the codes of the words of each way to write each name; a name of one word is found nowhere."""
    ways = {way for name in names for way in ways_to_write(name) if len(way) > 1}
    return frozenset(tuple(map(coded, way)) for way in ways)

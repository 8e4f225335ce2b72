"""Hide people in what a ledger says beside the supplier: texts, references, and the values of rejected rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import duckdb
import pyarrow as pa

from procanalysis.read.supplier_numbers import HIDDEN_NAME, Masker, is_written_as_person

_TEXTS = ("text", "account_text", "unit", "buyer", "basis", "fault_value")
_REFERENCES = ("invoice_number", "voucher_number", "project", "contract_reference", "account", "buyer_id")
_WITH_NAMES = ("text", "project", "contract_reference", "basis", "fault_value")
# Ten digits close together: what a personal number must have, so that few values need to be looked at one by one.
_TEN_DIGITS = "([0-9][^0-9]{0,3}){9}[0-9]"
_TWO_WORDS = "[^[:alnum:]]"

_WORD = re.compile(r"\w+")


def hide_people(connection: duckdb.DuckDBPyConnection, masker: Masker, sole_traders: Iterable[str]) -> None:
    """Hide personal numbers and sole traders' names in `all_rows`, accepted and rejected rows alike.

    Parameters: connection, with `all_rows` and `supplier_identity`; sole_traders, their names as written.
    """
    if not masker.enabled:
        return

    def without_numbers(column: str, written: str, theirs: bool) -> str:
        return masker.text(written) if column in _TEXTS else masker.reference(written, of_sole_trader=theirs)

    _replace(connection, (*_TEXTS, *_REFERENCES), _TEN_DIGITS, without_numbers)
    _replace(connection, ("fault_value",), _TWO_WORDS, lambda column, written, theirs: _without_names(written))
    if names := NameFinder(sole_traders):
        _replace(connection, _WITH_NAMES, _TWO_WORDS, lambda column, written, theirs: names.hide(written))


def hide_value(value: str, masker: Masker) -> str:
    """Return a value fit to be shown in an error message: no personal number, and no words that may be a name.

    >>> [hide_value(value, Masker(b"k")) for value in ("900101-0017", "Anna Andersson", "1.234")]
    ['[nummer dolt]', '[namn dolt]', '1.234']
    """
    return masker.text(_without_names(value)) if masker.enabled else value


def _replace(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], pattern: str, hide: Callable[[str, str, bool], str]
) -> None:
    """Replace values that match a pattern, each distinct one looked at once.

    `hide` gets the column, the value, and whether it stands on a row of a sole trader.
    """
    of_each = " UNION ALL ".join(
        f"""
        SELECT '{column}', {column}, coalesce(bool_or(supplier_type = 'sole_trader'), false)
        FROM all_rows LEFT JOIN supplier_identity ON number_written = coalesce(supplier_number, '')
            AND name_written = coalesce(all_rows.supplier_name, '')
        WHERE {column} IN (
            SELECT written FROM (SELECT DISTINCT {column} AS written FROM all_rows)
            WHERE regexp_matches(written, '{pattern}'))
        GROUP BY {column}
        """
        for column in columns
    )
    changes: dict[str, dict[str, str]] = defaultdict(dict)
    for column, written, theirs in connection.execute(of_each).fetchall():
        if (shown := hide(column, written, theirs)) != written:
            changes[column][written] = shown
    for column, shown_for in changes.items():
        table = pa.table({"written": list(shown_for), "shown": list(shown_for.values())})
        connection.register("changes", table)
        connection.execute(f"UPDATE all_rows SET {column} = shown FROM changes WHERE {column} = written")
        connection.unregister("changes")


def _without_names(value: str) -> str:
    """Hide a value of several words where an amount or a date should stand: in a shifted row it may be a person's name.

    >>> _without_names("Anna Andersson"), _without_names("12 SEK")
    ('[namn dolt]', '12 SEK')
    """
    words = [word for word in _WORD.findall(value) if word.isalpha()]
    return HIDDEN_NAME if len(words) > 1 else value


class NameFinder:
    """Find sole traders' names of two words or more in texts, in either order and however they are written.

    >>> NameFinder(["ANDERSSON;ANNA MARIA"]).hide("Arvode till Anna Andersson, mars")
    'Arvode till [namn dolt], mars'
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for name in names:
            for words in _ways_to_write(name):
                if len(words) > 1:
                    self._by_first[words[0]].add(words)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def hide(self, text: str) -> str:
        """Return the text with every such name replaced."""
        words = list(_WORD.finditer(text))
        folded = [word[0].casefold() for word in words]
        parts, position, index = [], 0, 0
        while index < len(words):
            fits = (
                len(name)
                for name in self._by_first.get(folded[index], ())
                if tuple(folded[index : index + len(name)]) == name
            )
            if length := max(fits, default=0):
                parts += [text[position : words[index].start()], HIDDEN_NAME]
                position = words[index + length - 1].end()
            index += length or 1
        return "".join([*parts, text[position:]])


def _ways_to_write(name: str) -> Iterable[tuple[str, ...]]:
    words = tuple(_WORD.findall(name.casefold()))
    yield words
    if is_written_as_person(name):
        surname, given = (tuple(_WORD.findall(part)) for part in re.split("[;,]", name.casefold()))
        yield given + surname
        yield given[:1] + surname
        yield surname + given[:1]
    elif len(words) == 2:
        yield words[::-1]

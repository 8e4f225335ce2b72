"""Split a row of a SIE file into records: a label, its fields, and its list of objects."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

VOUCHER_LABELS = frozenset({"#VER", "#TRANS", "#RTRANS", "#BTRANS"})

# A quoted field (a quotation mark in it has a backslash before it; the closing one may be missing), a brace, or an
# unquoted field. Only space and tab separate: other white space may stand in a name.
_PART = re.compile(r'"([^"\\]*(?:\\"?[^"\\]*)*)("?)|([{}])|([^ \t"{}][^ \t{}]*)')


class Brace(Enum):
    """A brace that opens or closes a voucher, not a list of objects."""

    OPEN = "{"
    CLOSE = "}"


class Record(NamedTuple):
    """Hold one record: its label in capitals, its fields in order, and its list of objects.

    objects is None when the record has no list, which stands after so many fields as list_place says; has_whole_list is
    False when the list has no end on the row.
    """

    label: str
    fields: tuple[str, ...]
    objects: tuple[str, ...] | None = None
    list_place: int = 0
    has_whole_list: bool = True

    def field(self, place: int) -> str:
        """Return a field by its place, '' when the record has none there."""
        return self.fields[place] if place < len(self.fields) else ""


class Row(NamedTuple):
    """Hold what stands on one row: records and braces in order, and what is wrong with the row."""

    parts: tuple[Record | Brace, ...]
    has_open_quote: bool = False
    has_loose_fields: bool = False


def split_row(row: str) -> Row:
    r"""Split a row into records and braces.

    A quotation mark in a quoted field is written \"; a backslash before anything else is a backslash. Several records
    may share a row when those after the first are parts of a voucher, and braces may stand beside them.
    Source: SIE filformat, utgåva 4B, section 5 (record syntax).

    >>> split_row(r'#TRANS 1910 {1 "Nord"} -195.50 20210105 "Fika \"stor\""').parts
    (Record(label='#TRANS', fields=('1910', '-195.50', '20210105', 'Fika "stor"'), objects=('1', 'Nord'), ...
    >>> [part.value if isinstance(part, Brace) else part.label for part in split_row("{ #TRANS 1910 {} 5 }").parts]
    ['{', '#TRANS', '}']
    """
    building = _Building()
    open_quote = loose = False
    for quoted, closing, brace, bare in _PART.findall(row):
        if brace:
            building.take_brace(brace)
        elif bare and building.begins_record(bare):
            building.begin(bare.upper())
        elif building.label:
            building.target.append(bare or quoted.replace('\\"', '"'))
        else:
            loose = True
        open_quote = open_quote or not (bare or brace or closing)
    building.end_record()
    return Row(tuple(building.parts), open_quote, loose)


class _Building:
    """What is met of a row so far: whole parts, and the record that is being built (label '' when none is)."""

    def __init__(self) -> None:
        self.parts: list[Record | Brace] = []
        self.label = ""
        self.target: list[str] = []
        self._fields: list[str] = []
        self._objects: list[str] | None = None
        self._list_place = 0

    def begins_record(self, bare: str) -> bool:
        """Tell whether an unquoted field is a label: the first on a row, or a voucher's outside a list."""
        if bare[0] != "#":
            return False
        return not self.label or (self.target is self._fields and bare.upper() in VOUCHER_LABELS)

    def begin(self, label: str) -> None:
        self.end_record()
        self.label = label
        self.target = self._fields = []

    def take_brace(self, brace: str) -> None:
        """Take a brace as the beginning or end of a list, or else as a voucher's."""
        in_list = self.target is self._objects
        if brace == "{" and self.label not in ("", "#VER") and self._objects is None:
            self._list_place = len(self._fields)
            self.target = self._objects = []
        elif brace == "}" and self.label and in_list:
            self.target = self._fields
        else:
            self.end_record()
            self.parts.append(Brace(brace))

    def end_record(self) -> None:
        if not self.label:
            return
        objects = None if self._objects is None else tuple(self._objects)
        whole = self.target is not self._objects
        self.parts.append(Record(self.label, tuple(self._fields), objects, self._list_place, whole))
        self.label, self._objects, self._list_place = "", None, 0

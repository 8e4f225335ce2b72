"""Identify awarded suppliers as the ledger's are, and hide people among them wherever they are named."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from procanalysis.read.register_rows import Row, normal_word
from procanalysis.read.register_suppliers import Hider, RegisterSupplier, Written, identify
from procanalysis.read.supplier_numbers import Masker, normal_name

_PERSONS_FORM = "fysiska personer"
# What Upphandlingsmyndigheten writes in place of a person's name.
_HIDDEN_BY_SOURCE = "personuppgift"


class AwardedSuppliers:
    """Hold the suppliers of the awards, and hide people in every text of the four tables.

    Tender statistics have most often names only, and say by the legal form which are people. Parameters: rows, the
    awards; masker, hides people; known_keys, the ledger's supplier keys.
    """

    def __init__(self, rows: Sequence[Row], masker: Masker, known_keys: Collection[str] = ()) -> None:
        self._masker = masker
        sound = [(_written(row), not row.reason) for row in rows]
        self._suppliers, self._hider = identify(sound, masker, supplier_numbers="organisation", known_keys=known_keys)
        people = {_written(row)[1] for row in rows if _is_person(row)}
        self._people = Hider(masker, people, ())
        self._texts: dict[str | None, str | None] = {}
        self._references: dict[str | None, str | None] = {}

    def of(self, row: Row) -> RegisterSupplier:
        """Return the supplier of an accepted award; its key is None when the source hides who it is."""
        written = _written(row)
        if normal_word(written[1]) == _HIDDEN_BY_SOURCE:
            return RegisterSupplier(None, written[1])
        if _is_person(row) and not written[0]:
            identity = f"namn:{normal_name(written[1])}"
            return RegisterSupplier(
                self._masker.supplier_key(identity), self._masker.supplier_name(identity, written[1])
            )
        return self._suppliers[written]

    def text(self, written: str | None) -> str | None:
        """Return a text with personal numbers and people's names replaced."""
        if written not in self._texts:
            self._texts[written] = self._people.text(self._hider.text(written))
        return self._texts[written]

    def reference(self, written: str | None) -> str | None:
        """Return a number of a procurement or lot with people in it replaced by codes, so that it stays unique."""
        if written not in self._references:
            self._references[written] = self._hider.reference(written)
        return self._references[written]

    def rejected(self, written: str, reason: str) -> str:
        """Return a rejected row's value without people."""
        return self._people.text(self._hider.rejected(written, reason)) or ""


def _written(row: Row) -> Written:
    return row.text("supplier_number") or "", row.text("supplier_name") or ""


def _is_person(row: Row) -> bool:
    return normal_word(row.cells.get("supplier_form", "")) == _PERSONS_FORM

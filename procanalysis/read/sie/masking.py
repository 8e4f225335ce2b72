"""Hide people in what a SIE file says: employees, customers and suppliers who are persons, and numbers in texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from procanalysis.read.hiding import NameFinder, hide_value
from procanalysis.read.identity import UNKNOWN_SUPPLIER
from procanalysis.read.supplier_numbers import (
    HIDDEN_NAME,
    HIDDEN_NUMBER,
    Masker,
    holds_personal_number,
    is_certainly_personal,
    is_written_as_person,
    normal_name,
    recognise_number,
)

EMPLOYEE, SUPPLIER = 7, 9
_PARTNERS = (8, SUPPLIER)


@dataclass(frozen=True)
class SieSupplier:
    """Hold a supplier as dimension 9 names it: identity, name and type as in schema.LEDGER_LINES."""

    supplier_key: str
    supplier_name: str
    supplier_type: str


UNKNOWN = SieSupplier(f"namn:{UNKNOWN_SUPPLIER.casefold()}", UNKNOWN_SUPPLIER, "unknown")


@dataclass(frozen=True)
class _Shown:
    code: str
    name: str | None


class SieMasking:
    """Show the words of one file with the people in them hidden. Every distinct one is looked at once.

    Parameters: masker; names, the declared name of every object, by dimension and code.
    """

    def __init__(self, masker: Masker, names: Mapping[tuple[int, str], str]) -> None:
        self._masker = masker
        self._names = names
        self._texts: dict[str, str] = {}
        self._references: dict[str, str] = {}
        self._objects: dict[tuple[int, str], _Shown] = {}

    def text(self, written: str) -> str:
        """Return a text without personal numbers, and without the names of people whom the file's objects name."""
        if not self._masker.enabled:
            return written
        if written not in self._texts:
            without_numbers = self._masker.text(written)
            self._texts[written] = self._finder.hide(without_numbers) if self._finder else without_numbers
        return self._texts[written]

    def reference(self, written: str) -> str:
        """Return an account, a series or a number with personal numbers in it replaced by codes."""
        if written not in self._references:
            self._references[written] = self._masker.reference(written)
        return self._references[written]

    def value(self, written: str) -> str:
        """Return what stands in a rejected row, with numbers and names hidden."""
        return hide_value(self.text(written), self._masker)

    def object_code(self, dimension: int, code: str) -> str:
        """Return the code of an object as shown."""
        return self._object(dimension, code).code

    def object_name(self, dimension: int, code: str) -> str | None:
        """Return the name of an object as shown, None when the file declares none."""
        return self._object(dimension, code).name

    def company(self, number: str, name: str) -> tuple[str, str]:
        """Return the organisation's number and name; those of a sole trader are hidden."""
        recognised = recognise_number(number)
        if recognised.supplier_type != "sole_trader" or not self._masker.enabled:
            return number, self.text(name)
        return HIDDEN_NUMBER, self._masker.supplier_name(recognised.number, name)

    def supplier(self, code: str) -> SieSupplier:
        """Return a supplier of dimension 9: by organisation number where the code is one, else by name, else by code.

        >>> names = {(9, "1"): "Abbe Bygg AB", (9, "556016-0680"): "Volvo"}
        >>> masking = SieMasking(Masker(b"k"), names)
        >>> [masking.supplier(code).supplier_key for code in ("1", "556016-0680", "2")]
        ['namn:abbe bygg ab', '5560160680', 'nr:2']
        """
        number, name = recognise_number(code), self._names.get((SUPPLIER, code), "")
        if self._is_person(SUPPLIER, code, name):
            identity = self._identity(code, name)
            shown = self._masker.supplier_name(identity, name or code)
            return SieSupplier(self._masker.supplier_key(identity), shown, "sole_trader")
        shown = self.object_name(SUPPLIER, code) or self.object_code(SUPPLIER, code)
        if number.status in ("valid", "foreign"):
            prefix = "utl:" if number.status == "foreign" else ""
            return SieSupplier(f"{prefix}{number.number}", shown, number.supplier_type)
        return SieSupplier(f"namn:{normal_name(name)}" if name else f"nr:{code}", shown, "unknown")

    @cached_property
    def _finder(self) -> NameFinder:
        people = [(key, name) for key, name in self._names.items() if self._is_person(*key, name)]
        return NameFinder(name for _, name in people)

    def _object(self, dimension: int, code: str) -> _Shown:
        key = (dimension, code)
        if key not in self._objects:
            self._objects[key] = self._shown(dimension, code, self._names.get(key) or None)
        return self._objects[key]

    def _shown(self, dimension: int, code: str, name: str | None) -> _Shown:
        masker = self._masker
        if not masker.enabled:
            return _Shown(code, name)
        if not self._is_person(dimension, code, name or ""):
            return _Shown(masker.reference(code), name and self.text(name))
        shown = masker.reference(code, of_sole_trader=True)
        if dimension in _PARTNERS:
            return _Shown(shown, masker.supplier_name(self._identity(code, name or ""), name or ""))
        return _Shown(shown, name and HIDDEN_NAME)

    def _is_person(self, dimension: int, code: str, name: str) -> bool:
        """Tell whether an object is a person: every employee, and whoever has a personal number or a person's name."""
        if dimension == EMPLOYEE:
            return True
        number = recognise_number(code)
        has_number = number.status == "personal" and is_certainly_personal(number.number)
        has_number = has_number or self._masker.reference(code) != code or holds_personal_number(name)
        return has_number or (dimension in _PARTNERS and is_written_as_person(name))

    @staticmethod
    def _identity(code: str, name: str) -> str:
        number = recognise_number(code)
        return number.number if number.status == "personal" else normal_name(name) or code

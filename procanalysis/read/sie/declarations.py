"""Gather what a SIE file says besides its vouchers: the company, years, accounts, dimensions, objects and balances."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from procanalysis.read.sie.faults import Findings
from procanalysis.read.sie.fields import Record
from procanalysis.read.sie.values import (
    read_amount,
    read_day,
    read_dimension,
    read_objects,
    read_quantity,
    read_year_number,
)
from procanalysis.schema import SIE_ACCOUNT_TYPES

_MONTH = re.compile(r"[12][0-9]{3}(0[1-9]|1[0-2])")
_HAS_PERIOD = ("#PSALDO", "#PBUDGET")
BALANCE_LABELS = frozenset({"#IB", "#UB", "#RES", "#OIB", "#OUB", *_HAS_PERIOD})
# Labels of the standard whose content is of no use here: addresses and people's names and signs, tax codes.
UNUSED_LABELS = frozenset({"#PROSA", "#FNR", "#BKOD", "#ADRESS", "#TAXAR", "#FTYP", "#SRU"})


@dataclass(frozen=True)
class SieYear:
    """Hold one financial year: 0 for the file's own, -1 for the one before. The days are None where none are given."""

    number: int
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Hold one balance as given."""

    row_number: int
    kind: str
    year_number: int
    period: str
    account: str
    objects: tuple[tuple[int, str], ...]
    amount_ore: int
    quantity: Decimal | None


@dataclass
class Declarations:
    """Gather declarations in the order of the file; the first of two that say the same thing holds.

    facts: label → its first field; years: by number; account_names, account_types, quantity_units: by account;
    dimension_names, parents: by dimension; object_names: by dimension and object.
    """

    findings: Findings
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    years: dict[int, SieYear] = field(default_factory=dict)
    account_names: dict[str, str] = field(default_factory=dict)
    account_types: dict[str, str] = field(default_factory=dict)
    quantity_units: dict[str, str] = field(default_factory=dict)
    dimension_names: dict[int, str] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    object_names: dict[tuple[int, str], str] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    balances_read: int = 0
    _given: set[tuple[object, ...]] = field(default_factory=set)

    def take(self, record: Record, row_number: int) -> bool:
        """Take a record, or tell that its label is not one of the standard's."""
        label = record.label
        if label in BALANCE_LABELS:
            self.balances_read += 1
            self._take_balance(record, row_number)
        elif label in _FACTS:
            self.facts.setdefault(label, record.fields)
        elif label in _TAKEN_BY:
            _TAKEN_BY[label](self, record, row_number)
        else:
            return label in UNUSED_LABELS
        return True

    def fact(self, label: str, place: int = 0) -> str:
        """Return a field of a label that stands once in a file, '' when it is not given."""
        fields = self.facts.get(label, ())
        return fields[place].strip() if place < len(fields) else ""

    def _take_year(self, record: Record, row_number: int) -> None:
        number = read_year_number(record.field(0))
        written = (record.field(1).strip(), record.field(2).strip())
        starts_on, ends_on = (read_day(day) for day in written)
        unreadable = any(day and read_day(day) is None for day in written)
        if number is None or unreadable or (starts_on and ends_on and ends_on < starts_on):
            self.findings.fault("year_unreadable", row_number, value=" ".join(record.fields))
        else:
            self.years.setdefault(number, SieYear(number, starts_on, ends_on))

    def _take_account(self, record: Record, row_number: int) -> None:
        account = record.field(0).strip()
        if not account:
            self.findings.fault("declaration_unreadable", row_number, value=record.label)
            return
        said = record.field(1).strip()
        if record.label == "#KONTO":
            self.account_names.setdefault(account, said)
        elif record.label == "#ENHET":
            self.quantity_units.setdefault(account, said)
        elif said.upper() in SIE_ACCOUNT_TYPES:
            self.account_types.setdefault(account, said.upper())

    def _take_dimension(self, record: Record, row_number: int) -> None:
        dimension = read_dimension(record.field(0))
        parent = read_dimension(record.field(2)) if record.label == "#UNDERDIM" else None
        if dimension is None or (record.label == "#UNDERDIM" and parent is None):
            self.findings.fault("declaration_unreadable", row_number, value=" ".join(record.fields))
            return
        self.dimension_names.setdefault(dimension, record.field(1).strip())
        if parent is not None:
            self.parents.setdefault(dimension, parent)

    def _take_object(self, record: Record, row_number: int) -> None:
        dimension, code = read_dimension(record.field(0)), record.field(1)
        if dimension is None or not code:
            self.findings.fault("declaration_unreadable", row_number, value=" ".join(record.fields))
        else:
            self.object_names.setdefault((dimension, code), record.field(2).strip())

    def _take_balance(self, record: Record, row_number: int) -> None:
        shift = 1 if record.label in _HAS_PERIOD else 0
        year = read_year_number(record.field(0))
        period = record.field(1).strip() if shift else ""
        account = record.field(1 + shift).strip()
        written = record.field(2 + shift)
        amount = read_amount(written)
        objects = read_objects(record.objects)
        key = (record.label, year, period, account, tuple(sorted(objects.codes.items())) or record.objects)
        faults = (
            ("årsnummer", record.field(0), "year_unreadable", year is None),
            ("objektlista", " ".join(record.objects or ()), "objects_unreadable", not record.has_whole_list),
            ("period", period, "date_unreadable", bool(shift) and not _MONTH.fullmatch(period)),
            ("konto", "", "account_missing", not account),
            ("saldo", written, amount.reason, amount.ore is None),
            ("saldo", written, "balance_repeated", key in self._given),
        )
        for column, value, reason, is_so in faults:
            if is_so:
                self.findings.reject(row_number, f"{record.label} {column}", value, reason, amount.ore)
                return
        if amount.ore is None or year is None:
            return
        self._given.add(key)
        if objects.fault:
            self.findings.fault(objects.fault, row_number, account=account, value=" ".join(record.objects or ()))
        if amount.has_comma:
            self.findings.fault("decimal_comma", row_number, account=account, value=written)
        given = tuple(sorted(objects.codes.items()))
        quantity = read_quantity(record.field(3 + shift).strip())
        self.balances.append(Balance(row_number, record.label[1:], year, period, account, given, amount.ore, quantity))


_FACTS = frozenset(
    {"#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN", "#ORGNR", "#OMFATTN", "#KPTYP", "#VALUTA"}
)
_TAKEN_BY: dict[str, Callable[[Declarations, Record, int], None]] = {
    "#RAR": Declarations._take_year,
    "#KONTO": Declarations._take_account,
    "#KTYP": Declarations._take_account,
    "#ENHET": Declarations._take_account,
    "#DIM": Declarations._take_dimension,
    "#UNDERDIM": Declarations._take_dimension,
    "#OBJEKT": Declarations._take_object,
}

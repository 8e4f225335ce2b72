"""Give every supplier one identity and one name, and hide sole traders before anything is handed on.

A written form is described on its own first (`describe_suppliers`), so that a file can be kept: of a person only keyed
codes stay. What the forms of all files say together then decides identities and names (`identify`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, get_type_hints

import pyarrow as pa

from procanalysis.read.supplier_numbers import (
    HIDDEN_NUMBER,
    MASKED,
    Masker,
    SupplierNumber,
    holds_personal_number,
    is_certainly_personal,
    is_written_as_person,
    normal_name,
    recognise_number,
)

UNKNOWN_SUPPLIER = "Uppgift saknas"
PERSON = "sole_trader"


class WrittenSupplier(NamedTuple):
    """Describe one way in which a ledger writes a supplier, by itself or with what one file knows.

    number and name: as written, or when masked what is shown of them, and no name of a person. number_code: one
    per different written number. given and official: whether there is a number, and whether it is an organisation or
    personal one. status and supplier_type: of the number, but `sole_trader` also by the name. identity: what the
    supplier is known by; of a masked person its key. name_code: one per name however it is written, '' without a name.
    names_person: whether the number makes the name a person's wherever it stands. rows, rejected, amount_ore: accepted
    rows, rejected rows, and the sum of the accepted ones.
    """

    number: str
    name: str
    number_code: str
    given: bool
    official: bool
    status: str
    supplier_type: str
    identity: str
    name_code: str
    names_person: bool
    rows: int = 0
    rejected: int = 0
    amount_ore: int = 0

    @property
    def is_person(self) -> bool:
        """Tell whether it is a person's."""
        return self.supplier_type == PERSON

    @property
    def may_be_person(self) -> bool:
        """Tell whether another row can show that the name is a person's: no number says whose it is."""
        return self.supplier_type == "unknown" and self.status not in ("valid", "personal", "foreign")


class Identified(NamedTuple):
    """Say how one written form is identified and shown."""

    supplier_key: str
    supplier_name: str
    supplier_type: str
    number_status: str
    number_shown: str
    name_shown: str


def describe_suppliers(
    written: Sequence[tuple[str, str]], supplier_numbers: str, masker: Masker
) -> tuple[str, list[WrittenSupplier]]:
    """Describe suppliers by what one file knows, nobody hidden yet.

    Parameters: written, number and name of each form; supplier_numbers, 'organisation', 'internal' or 'auto' (see
    `kind_of_numbers`); masker, makes the codes. Returns which kind of numbers it was and a description of each form.
    """
    kind = supplier_numbers
    if kind == "auto":
        kind = _kind(
            (number, recognise_number(number)) for number, _ in dict.fromkeys((number, "") for number, _ in written)
        )
    numbers = {number: _as_kind(number, recognise_number(number), kind) for number, _ in written}
    normal = {name: normal_name(name) for _, name in written}
    persons = {normal[name] for number, name in written if numbers[number].supplier_type == PERSON and name.strip()}
    codes = {name: masker.code("name", name) if name else "" for name in set(normal.values())}
    described = []
    for number, name in written:
        found = numbers[number]
        identity, supplier_type, status = _identity(found, normal[name], persons)
        described.append(
            WrittenSupplier(
                number=number,
                name=name,
                number_code=masker.code("number", number),
                given=found.status != "missing",
                official=_is_official(number, recognise_number(number)),
                status=status,
                supplier_type=supplier_type,
                identity=identity,
                name_code=codes[normal[name]],
                names_person=found.supplier_type == PERSON and bool(name.strip()),
            )
        )
    return kind, described


def kind_of_numbers(suppliers: Iterable[WrittenSupplier]) -> str:
    """Tell which numbers a ledger uses, from all its files: 'organisation', or 'internal' for numbers of its own.

    They are its own when fewer than half of the distinct numbers on accepted rows are organisation or personal ones.
    """
    given = {one.number_code: one.official for one in suppliers if one.rows and one.given}
    return "internal" if given and sum(given.values()) * 2 < len(given) else "organisation"


def codes_of_persons(suppliers: Iterable[WrittenSupplier]) -> frozenset[str]:
    """List the codes of the names that a personal number somewhere shows to be a person's."""
    return frozenset(one.name_code for one in suppliers if one.names_person)


def with_persons(suppliers: Sequence[WrittenSupplier], persons: frozenset[str]) -> list[WrittenSupplier]:
    """Return the suppliers with those whose name another file shows to be a person's described as such."""
    return [
        one._replace(supplier_type=PERSON) if one.may_be_person and one.name_code in persons else one
        for one in suppliers
    ]


def masked(supplier: WrittenSupplier, masker: Masker) -> WrittenSupplier:
    """Return a supplier as it may be kept: a person without number and name, of anyone else what may be shown.

    A company's name can hold a person's number, and a number that says nothing can be a day of birth.
    """
    if not masker.enabled or supplier.identity.startswith(MASKED):
        return supplier
    number = _shown_number(supplier, masker)
    if not supplier.is_person:
        return supplier._replace(number=number, name=masker.text(supplier.name))
    return supplier._replace(number=number, name="", identity=masker.supplier_key(supplier.identity))


def identify(suppliers: Sequence[WrittenSupplier], masker: Masker) -> list[Identified]:
    """Return how each supplier is identified and shown, from the written forms of all files together.

    The name shown is the one on most accepted rows, the first in the alphabet of equals; a masked person's name is
    never among them.
    """
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for one in suppliers:
        if not (one.is_person and masker.enabled):
            votes[one.identity][" ".join(one.name.split())] += one.rows
    chosen = {identity: _most_common(names) for identity, names in votes.items()}
    return [_identified(one, chosen, masker) for one in suppliers]


def _most_common(names: Mapping[str, int]) -> str:
    return min(names, key=lambda name: (not name, -names[name], name)) or UNKNOWN_SUPPLIER


def _identified(one: WrittenSupplier, chosen: Mapping[str, str], masker: Masker) -> Identified:
    if one.is_person and masker.enabled:
        key = masked(one, masker)
        name = masker.name_of_key(key.identity)
        return Identified(key.identity, name, one.supplier_type, one.status, key.number, name)
    name = masker.text(chosen[one.identity])
    shown = _shown_number(one, masker)
    return Identified(one.identity, name, one.supplier_type, one.status, shown, masker.text(one.name.strip()))


def _shown_number(one: WrittenSupplier, masker: Masker) -> str:
    number = one.number.strip()
    # An internal number is no personal number, and is what the organisation finds the supplier by.
    if one.is_person and masker.enabled and number and one.status != "internal":
        return HIDDEN_NUMBER
    return number if one.status in ("internal", "foreign", "valid") else masker.number(number)


def identify_suppliers(
    written: Iterable[tuple[tuple[str, str], bool]], supplier_numbers: str, masker: Masker
) -> tuple[dict[tuple[str, str], Identified], frozenset[str]]:
    """Identify the suppliers of a list other than the ledger.

    Parameters: written, number and name as written on each row, and whether the row is accepted; supplier_numbers,
    'organisation' or 'internal'. Returns how each form on an accepted row is identified, and the names of sole traders
    as they are written.
    """
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for form, is_accepted in written:
        counts[form][not is_accepted] += 1
    forms = sorted(counts)
    _, described = describe_suppliers(forms, supplier_numbers, masker)
    suppliers = [
        one._replace(rows=counts[form][0], rejected=counts[form][1]) for form, one in zip(forms, described, strict=True)
    ]
    identified = zip(forms, suppliers, identify(suppliers, masker), strict=True)
    return (
        {form: found for form, one, found in identified if one.rows},
        frozenset(one.name for one in suppliers if one.is_person),
    )


_TYPES = {bool: pa.bool_(), int: pa.int64(), str: pa.string()}
_KEPT = pa.schema([(name, _TYPES[kind]) for name, kind in get_type_hints(WrittenSupplier).items()])


def supplier_table(suppliers: Iterable[WrittenSupplier]) -> pa.Table:
    """Lay written suppliers out as a table, to be kept."""
    columns = list(zip(*suppliers, strict=True)) or [()] * len(_KEPT)
    return pa.table([pa.array(values, kept.type) for values, kept in zip(columns, _KEPT, strict=True)], schema=_KEPT)


def suppliers_of(table: pa.Table) -> list[WrittenSupplier]:
    """Return the suppliers that `supplier_table` laid out."""
    columns = [table.column(name).to_pylist() for name in _KEPT.names]
    return list(map(WrittenSupplier._make, zip(*columns, strict=True)))


def _kind(numbers: Iterable[tuple[str, SupplierNumber]]) -> str:
    given = {written: number for written, number in numbers if number.status != "missing"}
    official = sum(_is_official(written, number) for written, number in given.items())
    return "internal" if given and official * 2 < len(given) else "organisation"


def _as_kind(written: str, number: SupplierNumber, kind: str) -> SupplierNumber:
    """Return a number as it counts in a ledger that uses numbers of its own, or does not."""
    if kind == "organisation" or number.status == "missing" or _is_official(written, number):
        return number
    return SupplierNumber(number.number, "internal", "unknown")


def _is_official(written: str, number: SupplierNumber) -> bool:
    """Tell an organisation or personal number, also a mistyped one with its hyphen, from a ledger's own number.

    Ten digits alone may be of a series of the ledger's own, so a personal number among them must be a certain one.
    """
    if number.status == "personal" and is_certainly_personal(number.number):
        return True
    return number.status in ("valid", "foreign") or _WITH_HYPHEN.fullmatch(written.strip()) is not None


_WITH_HYPHEN = re.compile(r"(16|18|19|20)?[0-9]{6}[-+–−‐‑][0-9]{3,5}")


def _identity(number: SupplierNumber, name: str, sole_traders: set[str]) -> tuple[str, str, str]:
    """Return (identity, type, number status). Without a usable number the name is the identity, kept apart."""
    if number.status in ("valid", "personal"):
        return number.number, number.supplier_type, number.status
    if number.status == "foreign":
        return f"utl:{number.number}", "foreign", number.status
    # A person's name must not come to light on the rows where the number is missing, wrong or the ledger's own.
    hidden = (
        number.supplier_type == "sole_trader"
        or name in sole_traders
        or is_written_as_person(name)
        or holds_personal_number(name)
    )
    supplier_type = "sole_trader" if hidden else "unknown"
    if number.status == "internal":
        return f"nr:{number.number}", supplier_type, number.status
    return f"namn:{name or UNKNOWN_SUPPLIER.casefold()}", supplier_type, number.status

"""Give every supplier one identity and one name, and hide sole traders before anything is handed on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from procanalysis.read.supplier_numbers import (
    HIDDEN_NUMBER,
    Masker,
    SupplierNumber,
    holds_personal_number,
    is_certainly_personal,
    is_written_as_person,
    normal_name,
    recognise_number,
)

UNKNOWN_SUPPLIER = "Uppgift saknas"


@dataclass(frozen=True)
class _Written:
    """One way in which the ledger writes a supplier, and in how many accepted and rejected rows."""

    number: str
    name: str
    rows: int
    rejected: int


def identify_suppliers(
    connection: duckdb.DuckDBPyConnection, supplier_numbers: str, masker: Masker
) -> tuple[str, frozenset[str]]:
    """Build the table `supplier_identity` from `all_rows`, one row per number and name as written.

    Parameters: supplier_numbers, 'organisation', 'internal' or 'auto'; with 'auto' a ledger in which fewer than half
    of the distinct numbers are organisation or personal numbers is taken to use numbers of its own.
    Returns which kind it was, 'organisation' or 'internal', and the names of sole traders as the ledger writes them.
    """
    written = [
        _Written(*row)
        for row in connection.execute(
            "SELECT coalesce(supplier_number, ''), coalesce(supplier_name, ''), count(*) FILTER (reason IS NULL), "
            "count(*) FILTER (reason IS NOT NULL) FROM all_rows GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    ]
    numbers = {item.number: recognise_number(item.number) for item in written}
    kind = supplier_numbers
    if kind == "auto":
        kind = _kind_of({item.number: numbers[item.number] for item in written if item.rows})
    if kind == "internal":
        numbers = {
            written: number if _is_official(written, number) or number.status == "missing" else _as_internal(number)
            for written, number in numbers.items()
        }
    rows, sole_traders = _identities(written, numbers, masker)
    connection.register("identity_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("CREATE TABLE supplier_identity AS SELECT * FROM identity_rows")
    connection.unregister("identity_rows")
    return kind, sole_traders


_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "number_written", "name_written", "supplier_key", "supplier_name", "supplier_type", "number_status",
            "number_shown", "name_shown",
        )
    ]
)  # fmt: skip


def _kind_of(numbers: Mapping[str, SupplierNumber]) -> str:
    given = {written: number for written, number in numbers.items() if number.status != "missing"}
    official = sum(_is_official(written, number) for written, number in given.items())
    return "internal" if given and official * 2 < len(given) else "organisation"


def _is_official(written: str, number: SupplierNumber) -> bool:
    """Tell an organisation or personal number, also a mistyped one with its hyphen, from a ledger's own number.

    Ten digits alone may be of a series of the ledger's own, so a personal number among them must be a certain one.
    """
    if number.status == "personal" and is_certainly_personal(number.number):
        return True
    return number.status in ("valid", "foreign") or _WITH_HYPHEN.fullmatch(written.strip()) is not None


_WITH_HYPHEN = re.compile(r"(16|18|19|20)?[0-9]{6}[-+–−‐‑][0-9]{3,5}")


def _as_internal(number: SupplierNumber) -> SupplierNumber:
    return SupplierNumber(number.number, "internal", "unknown")


def _identities(
    written: list[_Written], numbers: dict[str, SupplierNumber], masker: Masker
) -> tuple[list[dict[str, str]], frozenset[str]]:
    names_of_sole_traders = {
        normal_name(item.name)
        for item in written
        if numbers[item.number].supplier_type == "sole_trader" and item.name.strip()
    }
    identities = {
        (item.number, item.name): _identity(numbers[item.number], normal_name(item.name), names_of_sole_traders)
        for item in written
    }
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for item in written:
        votes[identities[item.number, item.name][0]][" ".join(item.name.split())] += item.rows
    chosen = {
        identity: min(names, key=lambda name, names=names: (not name, -names[name], name)) or UNKNOWN_SUPPLIER  # type: ignore[misc]
        for identity, names in votes.items()
    }
    rows = [_row(item, *identities[item.number, item.name], chosen, masker) for item in written if item.rows]
    hidden = {item.name for item in written if identities[item.number, item.name][1] == "sole_trader"}
    return rows, frozenset(hidden)


def _row(
    item: _Written, identity: str, supplier_type: str, status: str, chosen: dict[str, str], masker: Masker
) -> dict[str, str]:
    """Say how one written form is identified and shown."""
    number, name = item.number.strip(), chosen[identity]
    hidden = supplier_type == "sole_trader"
    shown_name = masker.supplier_name(identity, name) if hidden else masker.text(name)
    shown_number = number if status in ("internal", "foreign", "valid") else masker.number(number)
    return {
        "number_written": item.number,
        "name_written": item.name,
        "supplier_key": masker.supplier_key(identity) if hidden else identity,
        "supplier_name": shown_name,
        "supplier_type": supplier_type,
        "number_status": status,
        # An internal number is no personal number, and is what the organisation finds the supplier by.
        "number_shown": HIDDEN_NUMBER
        if hidden and masker.enabled and number and status != "internal"
        else shown_number,
        "name_shown": shown_name if hidden and masker.enabled else masker.text(item.name.strip()),
    }


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

"""Give every supplier one identity and one name, and hide sole traders before anything is handed on."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from procanalysis.read.supplier_numbers import (
    HIDDEN_NUMBER,
    Masker,
    SupplierNumber,
    is_written_as_person,
    normal_name,
    recognise_number,
)

UNKNOWN_SUPPLIER = "Uppgift saknas"


@dataclass(frozen=True)
class _Written:
    """One way in which the ledger writes a supplier."""

    number: str
    name: str
    rows: int


def identify_suppliers(connection: duckdb.DuckDBPyConnection, supplier_numbers: str, masker: Masker) -> str:
    """Build the table `supplier_identity` from `all_rows`, one row per number and name as written.

    Parameters: supplier_numbers, 'organisation', 'internal' or 'auto'; with 'auto' a ledger in which fewer than half
    of the distinct numbers are organisation or personal numbers is taken to use numbers of its own.
    Returns which kind it was, 'organisation' or 'internal'.
    """
    connection.execute("ALTER TABLE all_rows ADD COLUMN raw_supplier_name VARCHAR")
    connection.execute("UPDATE all_rows SET raw_supplier_name = supplier_name")
    written = [
        _Written(*row)
        for row in connection.execute(
            "SELECT coalesce(supplier_number, ''), coalesce(supplier_name, ''), count(*) FROM all_rows "
            "WHERE reason IS NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    ]
    numbers = {item.number: recognise_number(item.number) for item in written}
    kind = supplier_numbers if supplier_numbers != "auto" else _kind_of(numbers)
    if kind == "internal":
        numbers = {key: _as_internal(number) for key, number in numbers.items()}
    rows = _identities(written, numbers, masker)
    connection.register("identity_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("CREATE TABLE supplier_identity AS SELECT * FROM identity_rows")
    connection.unregister("identity_rows")
    return kind


_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "number_written", "name_written", "supplier_key", "supplier_name", "supplier_type", "number_status",
            "number_shown", "name_shown",
        )
    ]
)  # fmt: skip


def _kind_of(numbers: dict[str, SupplierNumber]) -> str:
    given = [number for number in numbers.values() if number.status != "missing"]
    good = sum(number.status in ("valid", "personal", "foreign") for number in given)
    return "internal" if given and good * 2 < len(given) else "organisation"


def _as_internal(number: SupplierNumber) -> SupplierNumber:
    """Keep real organisation and personal numbers as such even among internal ones; the rest are the ledger's own."""
    if number.status in ("valid", "personal", "missing", "foreign"):
        return number
    return SupplierNumber(number.number, "internal", "unknown")


def _identities(written: list[_Written], numbers: dict[str, SupplierNumber], masker: Masker) -> list[dict[str, str]]:
    shown_names = {item.name: masker.text(item.name) for item in written}
    names_of_sole_traders = {
        normal_name(shown_names[item.name])
        for item in written
        if numbers[item.number].supplier_type == "sole_trader" and item.name.strip()
    }
    identities = {
        (item.number, item.name): _identity(
            numbers[item.number], normal_name(shown_names[item.name]), names_of_sole_traders
        )
        for item in written
    }
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for item in written:
        votes[identities[item.number, item.name][0]][" ".join(item.name.split())] += item.rows
    rows = []
    for item in written:
        identity, supplier_type, status = identities[item.number, item.name]
        name = min(votes[identity], key=lambda n, i=identity: (not n, -votes[i][n], n)) or UNKNOWN_SUPPLIER  # type: ignore[misc]
        hidden = supplier_type == "sole_trader"
        shown_name = masker.supplier_name(identity, name) if hidden else masker.text(name)
        number_shown = masker.number(item.number.strip()) if status != "internal" else item.number.strip()
        rows.append(
            {
                "number_written": item.number,
                "name_written": item.name,
                "supplier_key": masker.supplier_key(identity) if hidden else identity,
                "supplier_name": shown_name,
                "supplier_type": supplier_type,
                "number_status": status,
                "number_shown": (HIDDEN_NUMBER if hidden and masker.enabled and item.number.strip() else number_shown),
                "name_shown": shown_name if hidden else masker.text(item.name.strip()),
            }
        )
    return rows


def _identity(number: SupplierNumber, name: str, sole_traders: set[str]) -> tuple[str, str, str]:
    """Return (identity, type, number status). Without a usable number the name is the identity, kept apart."""
    if number.status in ("valid", "personal"):
        return number.number, number.supplier_type, number.status
    if number.status == "foreign":
        return f"utl:{number.number}", "foreign", number.status
    if number.status == "internal":
        return f"nr:{number.number}", "unknown", number.status
    # A person's name must not come to light on the rows where the number happens to be missing or wrong.
    hidden = name in sole_traders or number.supplier_type == "sole_trader" or is_written_as_person(name)
    supplier_type = "sole_trader" if hidden else "unknown"
    return f"namn:{name or UNKNOWN_SUPPLIER.casefold()}", supplier_type, number.status

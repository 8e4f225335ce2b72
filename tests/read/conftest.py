"""Small ledgers as files, and the reader with a fixed masking key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from procanalysis.read.casting import prepare
from procanalysis.read.ledger import LedgerFormat, LedgerReading, join_as_written, read_ledger
from procanalysis.read.supplier_numbers import Masker

HEADER = ("forvaltning", "leverantor", "leverantor_id", "fakturanummer", "konto_nr", "konto_text", "datum", "belopp")
ROW = dict(
    zip(HEADER, ("Skola", "Abbe Bygg AB", "556016-0680", "F1", "6440", "Bygg", "2024-03-05", "100,50"), strict=True)
)

Read = Callable[..., LedgerReading]


def make_rows(count: int, **changes: Any) -> list[dict[str, str]]:
    """Rows that differ in invoice number and amount; a callable change gets the row's number."""
    rows = []
    for number in range(count):
        row = {**ROW, "fakturanummer": f"F{number}", "belopp": f"{number},25"}
        rows.append(row | {key: value(number) if callable(value) else value for key, value in changes.items()})
    return rows


def make_csv(rows: Sequence[dict[str, str]], delimiter: str = ";", line_end: str = "\n", header: Any = HEADER) -> str:
    """Write rows without quoting, so that what is between the separators is exactly what the test says."""
    lines = [delimiter.join(header), *(delimiter.join(row.get(name, "") for name in header) for row in rows)]
    return line_end.join(lines) + line_end


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that knows how amounts and days are read; one for all ledgers, since to open one takes longer."""
    connection = duckdb.connect(":memory:")
    join_as_written(connection)
    prepare(connection)
    yield connection
    connection.close()


@pytest.fixture
def csv_of() -> Callable[..., str]:
    return make_csv


@pytest.fixture
def rows_of() -> Callable[..., list[dict[str, str]]]:
    return make_rows


@pytest.fixture
def masker() -> Masker:
    return Masker(b"test key")


@pytest.fixture
def read(tmp_path: Path, masker: Masker, connection: duckdb.DuckDBPyConnection) -> Read:
    """Write contents (text or bytes, by name) to files and read them as one ledger."""

    def read_contents(*contents: str | bytes, names: Sequence[str] = (), masker: Masker = masker, **form: Any) -> Any:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / (names[number] if names else f"fil{number + 1}.csv")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        reading = read_ledger(connection, paths, LedgerFormat(**form), masker=masker)
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert control.amount_read_ore == control.amount_accepted_ore + control.amount_rejected_ore
        assert (reading.lines.num_rows, reading.rejected.num_rows) == (control.rows_accepted, control.rows_rejected)
        return reading

    return read_contents

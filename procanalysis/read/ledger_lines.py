"""Where the rows of a ledger's parts lie, and the lines and rejected rows that they make together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from procanalysis.read.identity import WrittenSupplier
from procanalysis.read.parts import LedgerPart, quoted

LINES_AT_A_TIME = 1_000_000
"""How many lines a batch has at most: with 1 GB for the engine, mapping and matching so many took 0.8 GB in all."""

_BLOCK = 256


class PlacedParts(NamedTuple):
    """Hold the parts that lines are taken from, with their places among all parts of the ledger."""

    places: tuple[int, ...]
    parts: tuple[LedgerPart, ...]


def place_parts(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[LedgerPart],
    suppliers: Sequence[Sequence[WrittenSupplier]],
    earlier: Sequence[str],
) -> PlacedParts:
    """Make the table `ledger_parts`, how many lines and suppliers stand before each part; return those with lines.

    Parameters: the connection; parts, in order; suppliers, the ways in which each writes them; earlier, for each the
    delivery that it repeats, or ''.
    """
    line = supplier = 0
    rows: list[tuple[Any, ...]] = []
    for part, known, same in zip(parts, suppliers, earlier, strict=True):
        first = part.reasons[""][1] if "" in part.reasons and _is_unbroken(part) else None
        rows.append((str(part.rows), part.name, line, supplier, len(rows), first, bool(same)))
        line += 0 if same else part.control.rows_accepted
        supplier += len(known)
    names = ("rows_file", "file", "lines_before", "suppliers_before", "part", "first_row", "is_repeated")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    table = pa.table(columns | {"first_row": pa.array(columns["first_row"], pa.int64())})
    connection.register("parts_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE ledger_parts AS SELECT * FROM parts_rows")
    connection.unregister("parts_rows")
    used = _placed(
        (place, part)
        for place, (part, same) in enumerate(zip(parts, earlier, strict=True))
        if part.control.rows_accepted and not same
    )
    _number_blocks(connection, used.parts)
    return used


def accepted_lines(
    connection: duckdb.DuckDBPyConnection, used: PlacedParts, rows: tuple[int, int] | None = None
) -> duckdb.DuckDBPyRelation:
    """Return the accepted rows with their suppliers' identity, numbered in the order of files and rows.

    Parameters: the connection, with the tables of `place_parts` and the suppliers' identity; used, the parts whose
    lines are wanted; rows, the first and last number of the rows that are wanted, without it all of them.
    """
    place, places = "r.row_number - p.first_row", ""
    if not all(map(_is_unbroken, used.parts)):
        place = (
            "CASE WHEN p.first_row IS NOT NULL THEN r.row_number - p.first_row WHEN b.places IS NULL "
            f"THEN b.before + r.row_number % {_BLOCK} "
            "ELSE b.before + len(list_filter(b.places, lambda other: other < r.row_number)) END"
        )
        places = f"LEFT JOIN line_blocks b ON b.part = p.part AND b.block = r.row_number // {_BLOCK}"
    only = f"AND r.row_number BETWEEN {rows[0]} AND {rows[1]}" if rows else ""
    return connection.sql(
        f"""
        SELECT p.lines_before + {place} + 1 AS line_id, p.file, r.row_number, r.buyer_id, r.buyer, r.unit,
            s.supplier_key, s.supplier_name, s.supplier_type, r.account, r.account_text, r.project, r.text,
            s.supplier_key || '|' || coalesce(r.invoice_number, r.voucher_number) AS invoice_key,
            r.voucher_number AS voucher_id, r.booked_on, r.basis, r.contract_reference, r.amount_ore
        FROM {_from_files(used.parts)} r
        JOIN ledger_parts p ON p.rows_file = r.filename
        JOIN supplier_identity s ON s.supplier = p.suppliers_before + r.supplier_place
        {places}
        WHERE r.reason IS NULL AND p.part IN ({", ".join(map(str, used.places))}) {only}
        """
    )


def batches(
    connection: duckdb.DuckDBPyConnection, used: PlacedParts, lines: duckdb.DuckDBPyRelation
) -> Iterator[duckdb.DuckDBPyRelation]:
    """Give `lines`, all that `accepted_lines` returns, in pieces of LINES_AT_A_TIME at most, each as its own relation.

    What joins lines with something found from the lines holds as much as there are lines: from a certain size it fits
    no memory, and is written to the disk and read again over and over. Small parts go together; of a large one each
    piece is a stretch of its rows, which its file is written in, so that the others are not read.
    """
    if sum(part.control.rows_accepted for part in used.parts) <= LINES_AT_A_TIME:
        yield lines
        return
    together: list[tuple[int, LedgerPart]] = []
    for place, part in zip(used.places, used.parts, strict=True):
        held = sum(each.control.rows_accepted for _, each in together)
        if together and held + part.control.rows_accepted > LINES_AT_A_TIME:
            yield accepted_lines(connection, _placed(together))
            together = []
        if part.control.rows_accepted > LINES_AT_A_TIME:
            for rows in _stretches(part):
                yield accepted_lines(connection, _placed([(place, part)]), rows)
        else:
            together.append((place, part))
    if together:
        yield accepted_lines(connection, _placed(together))


def _placed(parts: Iterable[tuple[int, LedgerPart]]) -> PlacedParts:
    places, placed = zip(*parts, strict=True)
    return PlacedParts(places, placed)


def _stretches(part: LedgerPart) -> Iterator[tuple[int, int]]:
    """Part the numbers of a part's accepted rows evenly."""
    _, first, last = part.reasons[""]
    pieces = -(-(last - first + 1) // LINES_AT_A_TIME)
    edges = [first + (last - first + 1) * piece // pieces for piece in range(pieces + 1)]
    return ((low, high - 1) for low, high in pairwise(edges))


def _is_unbroken(part: LedgerPart) -> bool:
    """Tell whether the accepted rows follow on each other, so that their numbers tell their places among them."""
    if "" not in part.reasons:
        return True
    rows, first, last = part.reasons[""]
    return rows == last - first + 1


def _number_blocks(connection: duckdb.DuckDBPyConnection, parts: Sequence[LedgerPart]) -> None:
    """Make the table `line_blocks`: the lines before each block of row numbers, and those in it unless it is full.

    An engine that numbered the rows one after the other would do so in one thread, and the rows do not stand in order.
    """
    broken = [part for part in parts if not _is_unbroken(part)]
    if not broken:
        return
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE line_blocks AS
        WITH blocks AS (
            SELECT filename, row_number // {_BLOCK} AS block, count(*) AS lines
            FROM {_from_files(broken)} WHERE reason IS NULL GROUP BY ALL),
        listed AS (
            SELECT r.filename, b.block, list(r.row_number) AS places
            FROM {_from_files(broken)} r JOIN blocks b
                ON b.filename = r.filename AND b.block = r.row_number // {_BLOCK}
            WHERE r.reason IS NULL AND b.lines < {_BLOCK} GROUP BY ALL)
        SELECT p.part, b.block, l.places, coalesce(sum(b.lines) OVER (
            PARTITION BY b.filename ORDER BY b.block ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0)::BIGINT AS before
        FROM blocks b JOIN ledger_parts p ON p.rows_file = b.filename AND NOT p.is_repeated
        LEFT JOIN listed l ON l.filename = b.filename AND l.block = b.block
        """
    )


def _from_files(parts: Iterable[LedgerPart]) -> str:
    # The same file delivered twice is kept once, and read once.
    files = ", ".join(dict.fromkeys(quoted(str(part.rows)) for part in parts))
    return f"read_parquet([{files}], filename = true, hive_partitioning = false)"


def rejected_rows(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[LedgerPart], earlier: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Return the rejected rows in order, those of a delivery that came before among them."""
    pairs = zip(parts, earlier, strict=True)
    used = [part for part, same in pairs if part.control.rows_rejected or (same and part.control.rows_read)]
    if not used:
        return connection.sql(
            "SELECT NULL::VARCHAR AS file, NULL::BIGINT AS row_number, NULL::VARCHAR AS column, "
            "NULL::VARCHAR AS value, NULL::VARCHAR AS reason, NULL::BIGINT AS amount_ore WHERE false"
        )
    return connection.sql(
        f"""
        SELECT p.file, r.row_number, coalesce(r.fault_column, '') AS column, coalesce(r.fault_value, '') AS value,
            coalesce(r.reason, 'repeated_delivery') AS reason, r.amount_ore
        FROM {_from_files(used)} r JOIN ledger_parts p ON p.rows_file = r.filename
        WHERE r.reason IS NOT NULL OR p.is_repeated
        ORDER BY p.part, r.row_number
        """
    )

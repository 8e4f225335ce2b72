"""Lay a raw table's cells out under the ledger's column names, and mark rows that have lost or gained cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

import pyarrow as pa

from procanalysis.errors import InputError
from procanalysis.read.headers import Header, normal_header
from procanalysis.read.records import Cells
from procanalysis.read.tables import RawTable

RAW_COLUMNS = (
    "buyer_id", "buyer", "unit", "supplier_name", "supplier_number", "account", "account_text", "project", "text",
    "invoice_number", "voucher_number", "booked_on", "amount", "basis", "contract_reference",
)  # fmt: skip
"""Our columns, in the order in which a raw table is laid out."""

RAW_SCHEMA = pa.schema(
    [*((column, pa.string()) for column in RAW_COLUMNS), ("row_number", pa.int64()), ("raw_reason", pa.string())]
)
"""The columns of a table that has been laid out."""


def lay_out(table: RawTable, header: Header) -> pa.Table:
    """Return the rows under the header as text columns of ours, with `row_number` and `raw_reason`.

    raw_reason is None, or why the row's cells alone tell that it cannot be a posting. Columns that the file lacks are
    null. Raises InputError when a second header in another order stands among the rows.
    """
    rows, numbers = table.rows[header.position + 1 :], table.row_numbers[header.position + 1 :]
    return pa.Table.from_batches(
        [lay_out_rows(table.name, header, rows, numbers, usual_width(Counter(map(len, rows))))]
    )


def usual_width(lengths: Counter[int]) -> int:
    """Return how many cells most rows have; of equals the first met, and 0 without rows."""
    return max(lengths, key=lengths.__getitem__, default=0)


def lay_out_rows(
    name: str, header: Header, rows: Sequence[Cells], numbers: Sequence[int], usual: int
) -> pa.RecordBatch:
    """Return some of a table's rows as `lay_out` does.

    Parameters: name, the table's; rows and their row numbers; usual, how many cells most rows of the table have.
    Raises InputError when a second header in another order stands among the rows.
    """
    width = len(header.names)
    reasons: list[str | None] = [None] * len(rows)
    if set(map(len, rows)) - {width}:
        # Rows that all end in a separator too much are as good as rows that do not.
        needed = max(place for column, place in header.columns.items() if column in _NEEDED)
        reasons = [_length_reason(cells, width, usual, needed) for cells in rows]
        rows = [cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))] for cells in rows]
    for place in repeated_headers(name, header, rows, numbers):
        reasons[place] = "repeated_header"
    absent = pa.nulls(len(rows), pa.string())
    columns = [
        pa.array(list(map(itemgetter(header.columns[column]), rows)), pa.string())
        if column in header.columns
        else absent
        for column in RAW_COLUMNS
    ]
    columns += [pa.array(numbers, pa.int64()), pa.array(reasons, pa.string())]
    return pa.RecordBatch.from_arrays(columns, schema=RAW_SCHEMA)


_NEEDED = {"supplier_name", "supplier_number", "account", "booked_on", "amount"}


def _length_reason(cells: Cells, width: int, usual: int, needed: int) -> str | None:
    if len(cells) > width and (len(cells) != usual or any(map(str.strip, cells[width:]))):
        return "too_many_cells"
    return "too_few_cells" if len(cells) <= needed else None


def repeated_headers(name: str, header: Header, rows: Sequence[Cells], numbers: Sequence[int]) -> list[int]:
    """Return the places of headers among the rows, as when files have been put together; refuse another order.

    Parameters: as those of `lay_out_rows`.
    """
    normal = [normal_header(cell) for cell in header.names]
    known = {cell for cell in normal if cell}
    amount = header.columns["amount"]
    places = []
    for place, cells in enumerate(rows):
        if len(cells) <= amount or not cells[amount][:1].isalpha() or normal_header(cells[amount]) not in known:
            continue
        if normal_header(cells[amount]) == normal[amount]:
            places.append(place)
        elif known <= {normal_header(cell) for cell in cells[: len(normal)]}:
            raise InputError(
                f"{name}, row {numbers[place]}: a second header stands here, with the columns in another order. "
                "Deliver the two parts as two files."
            )
    return places

"""Lay a raw table's cells out under the ledger's column names, and mark rows that have lost or gained cells."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter

import pyarrow as pa

from procanalysis.errors import InputError
from procanalysis.read.headers import Header, normal_header
from procanalysis.read.tables import Cells, RawTable

_RAW_COLUMNS = (
    "buyer_id", "buyer", "unit", "supplier_name", "supplier_number", "account", "account_text", "project", "text",
    "invoice_number", "voucher_number", "booked_on", "amount", "basis", "contract_reference",
)  # fmt: skip


def lay_out(table: RawTable, header: Header) -> pa.Table:
    """Return the rows under the header as text columns of ours, with `row_number` and `raw_reason`.

    raw_reason is None, or why the row's cells alone tell that it cannot be a posting. Columns that the file lacks are
    null. Raises InputError when a second header in another order stands among the rows.
    """
    rows, numbers = table.rows[header.position + 1 :], table.row_numbers[header.position + 1 :]
    width = len(header.names)
    lengths = list(map(len, rows))
    reasons: list[str | None] = [None] * len(rows)
    if set(lengths) - {width}:
        # Rows that all end in a separator too much are as good as rows that do not.
        usual = Counter(lengths).most_common(1)[0][0]
        needed = max(place for column, place in header.columns.items() if column in _NEEDED)
        reasons = [_length_reason(cells, width, usual, needed) for cells in rows]
        rows = [cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))] for cells in rows]
    _mark_repeated_headers(table.name, header, rows, numbers, reasons)
    absent = pa.nulls(len(rows), pa.string())
    columns = {
        column: pa.array(list(map(itemgetter(header.columns[column]), rows)), pa.string())
        if column in header.columns
        else absent
        for column in _RAW_COLUMNS
    }
    columns["row_number"] = pa.array(numbers, pa.int64())
    columns["raw_reason"] = pa.array(reasons, pa.string())
    return pa.table(columns)


_NEEDED = {"supplier_name", "supplier_number", "account", "booked_on", "amount"}


def _length_reason(cells: Cells, width: int, usual: int, needed: int) -> str | None:
    if len(cells) > width and (len(cells) != usual or any(map(str.strip, cells[width:]))):
        return "too_many_cells"
    return "too_few_cells" if len(cells) <= needed else None


def _mark_repeated_headers(
    name: str, header: Header, rows: list[Cells], numbers: list[int], reasons: list[str | None]
) -> None:
    """Mark headers among the rows, as when files have been put together; refuse those in another order."""
    normal = [normal_header(cell) for cell in header.names]
    known = {cell for cell in normal if cell}
    amount = header.columns["amount"]
    for place, cells in enumerate(rows):
        if not cells[amount][:1].isalpha() or normal_header(cells[amount]) not in known:
            continue
        found = [normal_header(cell) for cell in cells]
        if normal_header(cells[amount]) == normal[amount]:
            reasons[place] = "repeated_header"
        elif known <= set(found):
            raise InputError(
                f"{name}, row {numbers[place]}: a second header stands here, with the columns in another order. "
                "Deliver the two parts as two files."
            )

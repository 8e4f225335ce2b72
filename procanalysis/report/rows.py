"""The ledger lines behind a report's figures: on the page one sentence, in the workbook a sheet to filter."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pyarrow as pa

from procanalysis.errors import ReportError
from procanalysis.report import numbers
from procanalysis.report.columns import column_format
from procanalysis.report.line_sheet import packed
from procanalysis.report.markup import Part, render
from procanalysis.report.sentences import sentence
from procanalysis.report.style import accent_colour
from procanalysis.schema import KeyFigure, Source, kronor, require_columns

MOST_ROWS = 20_000
"""More lines than this make the report slow to write and the workbook slow to open."""

COLUMNS: dict[str, str] = {
    "file": "Fil",
    "row_number": "Rad",
    "booked_on": "Datum",
    "unit": "Enhet",
    "supplier_name": "Leverantör",
    "account": "Konto",
    "account_text": "Kontotext",
    "category_code": "Kategorikod",
    "category_name": "Kategori",
    "spend_class": "Inköpsklass",
    "rule_id": "Regel som avgjorde",
    "is_mapped": "Kategoriserad (1 = ja)",
    "invoice_key": "Faktura eller verifikation",
    "amount_ore": "Belopp",
}
"""The columns of the sheet with their headers. The row's free text is left out: it may hold what is private."""


def rows_behind(
    lines: Any,
    *,
    total: KeyFigure | int,
    source: Source,
    sheet: str = "Rader",
    elsewhere: str = "",
    most: int = MOST_ROWS,
) -> Part:
    """Put the ledger lines behind the figures into the workbook, and say on the page how many there are and their sum.

    Above `most` lines the largest by amount are kept, credit notes among them; the sentence gives the number and sum
    of the rest, so that kept + rest = total, to the öre.

    Parameters
    ----------
    lines: one row per posting, suppliers masked as they were read
    total: what the lines must add up to: a key figure in kronor, or hundredths
    sheet: name of the sheet; elsewhere: where the rest is found, as a sentence
    most: how many lines the sheet holds, at least 1

    Raises ReportError when the lines do not add up to the total, MeasureError when a column is missing.
    """
    if most < 1:
        raise ReportError(f"rows_behind: most is {most}; keep at least one line.")
    frame: Any = nw.from_native(lines)
    frame = frame if isinstance(frame, nw.LazyFrame) else frame.lazy()
    needed = [*COLUMNS, "line_id", "supplier_key"]
    require_columns(frame.collect_schema().names(), needed, "rows_behind")
    counted = frame.select(nw.len().alias("rows"), nw.col("amount_ore").sum()).collect("pyarrow").to_native()
    rows, amount = counted["rows"][0].as_py(), counted["amount_ore"][0].as_py() or 0
    _reconcile(amount, total)
    kept = _kept(frame, needed, rows, most)
    shown = sum(kept["amount_ore"].to_pylist())
    text, html = _sentence(rows, amount, kept.num_rows, shown, sheet, elsewhere, source)
    columns = [
        {"name": name, "label": label, "format": column_format(name, nw.from_native(kept)[name]),
         "unit": numbers.money_units(source.currency)[0].name if name == "amount_ore" else ""}
        for name, label in COLUMNS.items()
    ]  # fmt: skip
    data = {"type": "rows", "title": text, "sheet": sheet, "source": source.text, "columns": columns}
    page = render("finding", accent=accent_colour(source.accent_colour), text=html)
    return Part(text, page, {**data, "parquet": packed(kept)})


def _reconcile(amount: int, total: KeyFigure | int) -> None:
    wanted = total.value if isinstance(total, KeyFigure) else kronor(total)
    if wanted is not None and wanted != kronor(amount):
        raise ReportError(
            f"rows_behind: the lines add up to {kronor(amount)} but the figure is {wanted}. Give both the same lines."
        )


def _kept(frame: Any, needed: list[str], rows: int, most: int) -> pa.Table:
    """Take the lines to keep, in the order of file and row, with the invoice's own number."""
    chosen = frame.select(needed)
    if rows > most:
        size = chosen.with_columns(nw.col("amount_ore").abs().alias("__size"))
        chosen = size.sort("__size", "line_id", descending=[True, False]).head(most).drop("__size")
    table = chosen.sort("line_id").collect("pyarrow").to_native()
    keys, suppliers = table["invoice_key"].to_pylist(), table["supplier_key"].to_pylist()
    own = [key and key.removeprefix(f"{supplier}|") for key, supplier in zip(keys, suppliers, strict=True)]
    place = table.schema.get_field_index("invoice_key")
    return table.set_column(place, "invoice_key", pa.array(own, pa.string())).select(list(COLUMNS))


def _sentence(
    rows: int, amount: int, kept: int, shown: int, sheet: str, elsewhere: str, source: Source
) -> tuple[str, Any]:
    values: dict[str, object] = {"sheet": sheet, "count": rows, "amount_exact_ore": amount}
    words = (
        "Bakom siffrorna ligger {count} rader om {amount_exact_ore}. "
        "De står i arbetsbokens blad {sheet}, med fil och rad."
    )
    if kept < rows:
        words = (
            "Bakom siffrorna ligger {count} rader om {amount_exact_ore}. Arbetsbokens blad {sheet} har de {kept} "
            "största, {shown_exact_ore}, med fil och rad. Resten är {rest} rader om {rest_exact_ore}. {elsewhere}"
        )
        values |= {"kept": kept, "shown_exact_ore": shown, "rest": rows - kept, "rest_exact_ore": amount - shown}
        values["elsewhere"] = elsewhere or "De finns i källfilerna."
    return sentence(words, values, currency=source.currency, otherwise="")

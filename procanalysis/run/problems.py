"""Write the rows that an input file was refused for, so that they can be mended where they came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

from procanalysis.run.publish import write_whole
from procanalysis.schema import REJECT_REASONS, kronor


def write_problems(path: Path, rows: Iterable[Mapping[Hashable, Any]]) -> Path:
    """Write the rejected rows as CSV in which no cell can be taken for a formula."""
    import pandas as pd  # here, so that a run can hold numeric libraries to one thread before they are imported

    stream = io.StringIO("\ufeff", newline="")  # the mark by which a spreadsheet program knows the encoding
    stream.seek(0, io.SEEK_END)
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["fil", "rad", "kolumn", "värde", "orsak", "belopp"])
    for row in rows:
        amount = "" if pd.isna(row["amount_ore"]) else str(kronor(int(row["amount_ore"]))).replace(".", ",")
        reason = REJECT_REASONS[str(row["reason"])]
        cells = (row["file"], row["row_number"], row["column"], row["value"], reason)
        writer.writerow([*map(safe_cell, cells), amount])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, stream.getvalue())
    return path


_FORMULA_SIGNS = tuple("=+-@＝＋－＠")  # spreadsheets take the wide signs for the narrow ones


def safe_cell(cell: object) -> object:
    """Return a cell that no spreadsheet program takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA_SIGNS) or text[:1] in ("\t", "\r", "\n") else cell

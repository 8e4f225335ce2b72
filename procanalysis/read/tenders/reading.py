"""Read tender statistics: Upphandlingsmyndigheten's microdata, or own tables by a column map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean
from procanalysis.read.register_rows import Register, Row
from procanalysis.read.registers import (
    RegisterControl,
    RegisterFileReading,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders.lists import LISTS, OTHER_TABLES
from procanalysis.read.tenders.rows import JUDGES, RECORDS, Context
from procanalysis.read.tenders.suppliers import AwardedSuppliers
from procanalysis.schema import REJECTED_ROWS, TENDER_TABLES

RowsOf = Callable[[str], tuple[list[Row], tuple[RegisterFileReading, ...]]]
# The awards come first: they name the people who are hidden in the other tables' texts.
_ORDER = ("awards", "procurements", "lots", "values")


@dataclass(frozen=True)
class TenderReading:
    """Hold tender statistics: four tables of the schema, the rejected rows, and a control per table read.

    A table that no file was given for is empty and has no control. `rejected` is schema.REJECTED_ROWS.
    """

    procurements: pd.DataFrame
    lots: pd.DataFrame
    values: pd.DataFrame
    awards: pd.DataFrame
    rejected: pd.DataFrame
    controls: Mapping[str, RegisterControl]


def read_tenders(
    files: Mapping[str, Sequence[Path]],
    forms: Mapping[str, RegisterFormat] | None = None,
    *,
    masker: Masker,
    known_keys: Collection[str] = frozenset(),
) -> TenderReading:
    """Read announced procurements, bids per lot, contract values and awarded suppliers, each from files of its own.

    Upphandlingsmyndigheten's microdata are read as they are; own tables with usual headers too, else by a column map.
    Parameters: files, 'procurements', 'lots', 'values' and 'awards' → CSV, XLSX, JSON or Parquet files, any of them
    left out; forms, how each table is written (`columns`: our column → the file's header); masker, hides people;
    known_keys, the ledger's supplier keys.
    Returns a TenderReading that reconciles table by table. Raises InputError for a table that is not known, a file
    that is not such a table, the same file given twice, or a table of which no row is accepted.
    """
    written = forms or {}
    for table in (*files, *written):
        if table not in LISTS:
            raise InputError(f"tenders: there is no table '{table}'. {did_you_mean(table, LISTS)}")

    def rows_of(table: str) -> tuple[list[Row], tuple[RegisterFileReading, ...]]:
        rows, read = read_rows(files[table], written.get(table) or RegisterFormat(), LISTS[table], masker)
        _refuse_other_table(rows, table)
        _refuse_twice(read, LISTS[table])
        return rows, read

    given = [table for table in TENDER_TABLES if files.get(table)]
    if not given:
        raise InputError("tenders: no files are given. Name them under tenders.procurements.files and the like.")
    return assemble(given, rows_of, masker, known_keys, must_accept=given)


def assemble(
    tables: Sequence[str], rows_of: RowsOf, masker: Masker, known_keys: Collection[str], *, must_accept: Collection[str]
) -> TenderReading:
    """Judge the rows of each table, hide people in them, and reckon them up. One table's rows are held at a time.

    Parameters: must_accept, the tables of which at least one row must be accepted.
    """
    frames = {table: frame_of([], columns) for table, columns in TENDER_TABLES.items()}
    controls: dict[str, RegisterControl] = {}
    rejected: list[pd.DataFrame] = []
    suppliers: AwardedSuppliers | None = None
    for table in sorted(tables, key=_ORDER.index):
        rows, files = rows_of(table)
        seen: set[str] = set()
        for row in rows:
            JUDGES[table](row, seen)
        if table in must_accept and rows:
            refuse_nothing_accepted(rows, LISTS[table])
        if suppliers is None:
            suppliers = AwardedSuppliers(rows if table == "awards" else [], masker, known_keys)
        context = Context(masker, suppliers)
        records = [RECORDS[table](row, context) for row in rows if not row.reason]
        frames[table] = frame_of(records, TENDER_TABLES[table])
        unknown = {"kinds": tuple(context.unknown_kinds), "classes": tuple(context.unknown_classes)}
        wrong, controls[table] = reckon(
            rows, files, len(records), shown=suppliers.rejected, amount_column="value", unknown=unknown
        )
        rejected.append(wrong)
    wrongs = [frame for frame in rejected if len(frame)]
    listed = pd.concat(wrongs, ignore_index=True) if wrongs else frame_of([], REJECTED_ROWS)
    ordered = {table: controls[table] for table in TENDER_TABLES if table in controls}
    return TenderReading(**frames, rejected=listed, controls=ordered)


def _refuse_other_table(rows: Sequence[Row], table: str) -> None:
    """Refuse a sheet of bids, values or awards given as the procurements: each of its rows would be one."""
    if table != "procurements":
        return
    for row in rows[:1]:
        for other, (what, _) in OTHER_TABLES.items():
            if header := row.headers.get(f"of_{other}"):
                raise InputError(
                    f"{row.file}: the column '{header}' shows that this is the table of {what}, not of procurements. "
                    f"Put the file under tenders.{other}.files."
                )


def _refuse_twice(read: Sequence[RegisterFileReading], register: Register) -> None:
    """Refuse the same delivery twice: values and awards have no number by which a repeated row could be told."""
    counted = Counter((item.sha256, item.name.partition("#")[2]) for item in read if item.rows_read)
    for item in read:
        if counted[item.sha256, item.name.partition("#")[2]] > 1:
            raise InputError(
                f"{item.name}: the {register.what} is given twice (two files have the same content). Take one of them "
                f"out of {register.key}.files."
            )

"""Read how the prices of contracts with an index clause are moved, period by period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.read.register_rows import Register, Row
from procanalysis.read.register_suppliers import Hider
from procanalysis.read.registers import (
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
)
from procanalysis.read.savings_rows import judge_indexed_shares
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import FAR_FUTURE, PRICE_INDEXES

_REGISTER = Register(
    key="price_indexes",
    what="list of price indexes",
    aliases={
        "contract_reference": (
            "avtalsnummer", "avtalsnr", "avtals-id", "avtalets nummer", "kontraktsnummer", "kontrakts-id",
            "contract id", "avtal",
        ),
        "valid_from": (
            "giltig från", "giltigt från", "gäller från", "giltig fr.o.m.", "gäller fr.o.m.", "fr.o.m.", "startdatum",
            "från",
        ),
        "valid_to": (
            "giltig till", "giltigt till", "gäller till", "giltig t.o.m.", "gäller t.o.m.", "t.o.m.", "slutdatum",
            "till",
        ),
        "indexed_share": (
            "indexandel", "indexerad andel", "indexreglerad andel", "andel som indexeras", "andel index",
        ),
        "index_base": ("basindex", "index bas", "index vid bastidpunkten", "index vid bastidpunkt", "indexbas"),
        "index_now": ("aktuellt index", "index nu", "indextal", "nytt index", "index"),
    },
    needed=(("contract_reference",), ("valid_from",), ("indexed_share",), ("index_base",), ("index_now",)),
    dates=("valid_from", "valid_to"),
    numbers=("indexed_share", "index_base", "index_now"),
    percents=("indexed_share",),
    month_ends=("valid_to",),
    open_ends=("valid_to",),
)  # fmt: skip


@dataclass(frozen=True)
class PriceIndexReading:
    """Hold what a list of price indexes gave: PRICE_INDEXES and REJECTED_ROWS of the schema, and the control."""

    price_indexes: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


def read_price_indexes(
    paths: Sequence[Path], form: RegisterFormat | None = None, *, masker: Masker
) -> PriceIndexReading:
    """Read the index figures by which contracts move their listed prices, one row per contract and period.

    Formula: moved price = listed price × (1 + share × (index_now ÷ index_base − 1)), which the measures reckon. A row
    without last day holds until the contract's next row begins.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people.
    Returns a PriceIndexReading that reconciles. Raises InputError for a file that is not a readable list of indexes, in
    which every share is written as a fraction, or from which no row is accepted. Source: method 5.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, _REGISTER, masker)
    hider = Hider(masker, (), ())
    judge_indexed_shares(rows)
    for row in rows:
        _judge(row)
    _reject_overlaps(rows)
    refuse_nothing_accepted(rows, _REGISTER)
    records = [
        {
            "contract_reference": hider.reference(row.text("contract_reference")),
            "valid_from": row.dates["valid_from"],
            "valid_to": _last_day(row),
            "indexed_share_pct": row.numbers["indexed_share"],
            "index_base": row.numbers["index_base"],
            "index_now": row.numbers["index_now"],
            "file": row.file,
            "row_number": row.row_number,
        }
        for row in rows
        if not row.reason
    ]
    rejected, control = reckon(rows, files, len(records), shown=hider.rejected)
    return PriceIndexReading(frame_of(records, PRICE_INDEXES), rejected, control)


def _judge(row: Row) -> None:
    """Reject a row without contract, first day, share or index, or with one that cannot be."""
    if row.text("contract_reference") is None:
        row.reject("contract_missing", "contract_reference")
    if "valid_from" not in row.dates:
        row.reject("date_missing", "valid_from")
    if not 0 <= row.numbers.get("indexed_share", -1) <= 100:
        row.reject("share_outside", "indexed_share")
    for column in ("index_base", "index_now"):
        if column not in row.numbers:
            row.reject("index_missing", column)
        elif row.numbers[column] <= 0:
            row.reject("number_not_positive", column)
    if not row.reason and row.dates.get("valid_to", FAR_FUTURE) < row.dates["valid_from"]:
        row.reject("ends_before_start", "valid_to")


def _last_day(row: Row) -> date | None:
    """Return the last day of a row; None when it holds until the next."""
    day = row.dates.get("valid_to", FAR_FUTURE)
    return None if day == FAR_FUTURE else day


def _reject_overlaps(rows: Sequence[Row]) -> None:
    """Reject a row said twice, and all rows of a contract that say something else for the same day."""
    of_contract: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.reason:
            of_contract[row.compared("contract_reference")].append(row)
    for group in of_contract.values():
        seen: set[object] = set()
        for row in group:
            content = tuple(row.compared(column) for column in _REGISTER.aliases)
            if content in seen:
                row.reject("id_repeated", "contract_reference")
            seen.add(content)
        _reject_same_days([row for row in group if not row.reason])


def _reject_same_days(rows: Sequence[Row]) -> None:
    ordered = sorted(rows, key=lambda row: row.dates["valid_from"])
    at_fault: list[Row] = []
    for place, row in enumerate(ordered):
        last = _last_day(row)
        for later in ordered[place + 1 :]:
            starts = later.dates["valid_from"]
            if starts == row.dates["valid_from"] or (last is not None and starts <= last):
                at_fault += [row, later]
    for row in at_fault:
        row.reject("periods_overlap", "valid_from")

"""Read who is whose peer: the organisations of a group, and the numbers under which sources file them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, examples
from procanalysis.read.registers import frame_of
from procanalysis.read.supplier_numbers import recognise_number
from procanalysis.read.tables import read_tables
from procanalysis.schema import PEERS, names

_WRITTEN = {
    "peer": (r"[a-z0-9]+(-[a-z0-9]+)*", "small letters and hyphens, as orebro-lan"),
    "county_code": (r"[0-9]{2}", "two digits, as 18"),
    "organisation_number": (r"[0-9]{10}", "ten digits without hyphen, as 2321000164"),
    "is_own_number": (r"ja|nej", "ja or nej"),
}


def read_peers(path: Path) -> pd.DataFrame:
    """Read a group of organisations, each with the organisation numbers that sources use for it.

    Parameters: path, a reviewed CSV in UTF-8 with the columns of schema.PEERS (params/peers/regions.csv).
    Returns schema.PEERS in the order of the file. Raises InputError naming file, row and column of the first fault:
    among others a number of two organisations, a peer without a number of its own or with two, and one that is called
    different things on different rows.
    """
    table = read_tables(path, encoding="utf-8", delimiter=",")[0]
    header = [cell.strip() for cell in table.rows[0]] if table.rows else []
    if header != names(PEERS):
        raise InputError(
            f"{table.name}, row 1: the columns should be {', '.join(names(PEERS))}, but are "
            f"{examples(header, 10) or 'nothing'}. Correct the header."
        )
    records: list[dict[str, str]] = []
    for number, cells in zip(table.row_numbers[1:], table.rows[1:], strict=True):
        place = f"{table.name}, row {number}"
        if len(cells) != len(header):
            raise InputError(
                f"{place}: {len(cells)} cells, but the header has {len(header)}. Put text with a comma within quotes."
            )
        record = dict(zip(header, map(str.strip, cells), strict=True))
        _check_row(record, place)
        _check_against(record, records, place)
        records.append(record)
    _check_own_numbers(records, table.name)
    return frame_of(records, PEERS)


def _check_row(record: Mapping[str, str], place: str) -> None:
    for column, value in record.items():
        pattern, cure = _WRITTEN.get(column, (r".+", "what the column is for"))
        if not re.fullmatch(pattern, value):
            raise InputError(f"{place}, column '{column}': '{value}' cannot be used. Write {cure}.")
    if record["is_own_number"] == "ja" and recognise_number(record["organisation_number"]).status != "valid":
        raise InputError(
            f"{place}, column 'organisation_number': {record['organisation_number']} has a wrong check digit. Correct "
            "it, or write nej under is_own_number when a source uses the wrong number."
        )


def _check_against(record: Mapping[str, str], earlier: list[dict[str, str]], place: str) -> None:
    for other in earlier:
        if other["organisation_number"] == record["organisation_number"]:
            raise InputError(
                f"{place}, column 'organisation_number': {record['organisation_number']} already stands for "
                f"{other['name']}. A number belongs to one organisation: remove one of the rows."
            )
        if other["peer"] == record["peer"]:
            for column in ("name", "county_code", "county"):
                if other[column] != record[column]:
                    raise InputError(
                        f"{place}, column '{column}': '{record[column]}', but an earlier row of {record['peer']} has "
                        f"'{other[column]}'. Write the same on all its rows."
                    )


def _check_own_numbers(records: list[dict[str, str]], name: str) -> None:
    if not records:
        raise InputError(f"{name}: the file names no organisations under its header. Restore the file.")
    for peer in dict.fromkeys(record["peer"] for record in records):
        own = [record for record in records if record["peer"] == peer and record["is_own_number"] == "ja"]
        if len(own) != 1:
            raise InputError(
                f"{name}: {peer} has {len(own)} rows with is_own_number 'ja'. Give every organisation exactly one "
                "number of its own."
            )

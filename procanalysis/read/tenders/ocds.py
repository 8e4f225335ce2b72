"""Read procurements from releases of the Open Contracting Data Standard (OCDS), https://standard.open-contracting.org."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from procanalysis.errors import InputError
from procanalysis.read.files import cannot_open, decode, file_digest
from procanalysis.read.register_casting import cast_rows
from procanalysis.read.register_rows import Register, Row
from procanalysis.read.registers import RegisterFileReading
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders.lists import LISTS
from procanalysis.read.tenders.reading import TenderReading, assemble
from procanalysis.read.tenders.releases import Cells, cells_of, merged

_TABLES = ("procurements", "lots", "values", "awards")


@dataclass(frozen=True)
class _Process:
    """Hold one contracting process: all its releases merged, and where the first one stands."""

    file: int
    row_number: int
    release: Mapping[str, Any]


def read_ocds(paths: Sequence[Path], *, masker: Masker, known_keys: Collection[str] = frozenset()) -> TenderReading:
    """Read release packages, record packages or releases, also one per line, into the tables of tender statistics.

    Releases with the same ocid are merged in order of date, as the standard says: later values replace earlier ones,
    and lists are merged by id. Bids are those that `bids.statistics` counts as 'bids' per lot, otherwise the bids in
    `bids.details`; qualified bids ('validBids') are another measure and are not taken for them. A value is that of a
    contract, otherwise of its award. Parameters: paths, JSON files; masker, hides people; known_keys, the ledger's
    supplier keys.
    Returns a TenderReading whose rows_read are the rows that the releases make; row_number is the release's place in
    its file. Raises InputError for a file that is not OCDS in JSON, and when no release has an ocid.
    """
    digests = [file_digest(path) for path in paths]
    for place, digest in enumerate(digests):
        if digest in digests[:place]:
            raise InputError(
                f"{paths[place].name}: another of the files has the same content. Take one of them out of the list."
            )
    read: list[RegisterFileReading] = []
    processes: dict[str, _Process] = {}
    dated: list[tuple[str, int, int, Mapping[str, Any]]] = []
    for place, path in enumerate(paths):
        releases, encoding = _releases(path)
        dated += [(_day(release), place, number, release) for number, release in enumerate(releases, start=1)]
        read.append(RegisterFileReading(path.name, digests[place], encoding, "", 0))
    if not dated:
        raise InputError(f"{paths[0].name if paths else 'tenders'}: there are no releases. Check the delivery.")
    for _, place, number, release in sorted(dated, key=lambda item: item[:3]):
        ocid = release.get("ocid")
        key = ocid if isinstance(ocid, str) and ocid.strip() else f"\0{place}:{number}"
        known = processes.get(key)
        processes[key] = _Process(
            known.file if known else place,
            known.row_number if known else number,
            {**merged(known.release, release), "date": known.release.get("date")} if known else release,
        )
    notes = _notes(dated, processes.values(), read)
    cells = {table: [(process, row) for process in processes.values() for row in cells_of(process.release, table)]
             for table in _TABLES}  # fmt: skip

    def rows_of(table: str) -> tuple[list[Row], tuple[RegisterFileReading, ...]]:
        return _rows(cells.pop(table), LISTS[table], notes, masker)

    return assemble(_TABLES, rows_of, masker, known_keys, must_accept=("procurements",))


def _rows(
    found: Sequence[tuple[_Process, Cells]], register: Register, read: Sequence[RegisterFileReading], masker: Masker
) -> tuple[list[Row], tuple[RegisterFileReading, ...]]:
    rows = [
        Row(process.file, read[process.file].name, process.row_number, {name: name for name in cells}, dict(cells))
        for process, cells in found
    ]
    if rows:
        # JSON has a decimal point and ISO days, whatever the values look like.
        cast_rows(rows, register, decimal=".", date_order="year-month-day", masker=masker)
    counted = tuple(
        RegisterFileReading(
            item.name, item.sha256, item.encoding, "", sum(row.table == place for row in rows), note=item.note
        )
        for place, item in enumerate(read)
    )
    return rows, counted


def _notes(
    dated: Sequence[tuple[str, int, int, Mapping[str, Any]]],
    processes: Collection[_Process],
    read: Sequence[RegisterFileReading],
) -> list[RegisterFileReading]:
    """Say in each file's note how many releases became how many procurements."""
    return [
        RegisterFileReading(
            item.name, item.sha256, item.encoding, "", 0,
            note=f"{sum(of == place for _, of, _, _ in dated)} releaser gav "
            f"{sum(process.file == place for process in processes)} upphandlingar.",
        )
        for place, item in enumerate(read)
    ]  # fmt: skip


def _day(release: Mapping[str, Any]) -> str:
    day = release.get("date")
    return day if isinstance(day, str) else ""


def _releases(path: Path) -> tuple[list[Mapping[str, Any]], str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot_open(path, error) from None
    text, encoding = decode(content, "auto", path.name)
    releases: list[Mapping[str, Any]] = []
    for parsed in _parsed(text, path.name):
        found = list(_within(parsed))
        if not found:
            raise InputError(
                f"{path.name}: this is not OCDS: there is neither 'releases', 'records' nor a release with an ocid. "
                "Give a release package in JSON, or read a table of your own through a column map."
            )
        releases += found
    return releases, encoding


def _parsed(text: str, name: str) -> list[Any]:
    """Parse a whole file, or one object per line."""
    try:
        return [_loads(text)]
    except RecursionError:
        raise _too_deep(name) from None
    except json.JSONDecodeError as error:
        whole = error
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    parsed = []
    for number, line in lines:
        try:
            parsed.append(_loads(line))
        except RecursionError:
            raise _too_deep(name) from None
        except json.JSONDecodeError as error:
            # A file whose first line is whole is written a line each; otherwise it is one text with a fault.
            row, fault = (number, error) if parsed else (whole.lineno, whole)
            raise InputError(
                f"{name}, row {row}, column {fault.colno}: the JSON cannot be read ({fault.msg}). It may be cut off: "
                "deliver it again."
            ) from None
    return parsed


def _too_deep(name: str) -> InputError:
    return InputError(f"{name}: the JSON is nested too deeply to be OCDS. Deliver it again.")


def _loads(text: str) -> Any:
    # Numbers stay as they are written: no binary fraction, and none too large to handle.
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _within(parsed: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the releases of a package, of records, of a list, or the one release that the object is."""
    if isinstance(parsed, list):
        for item in parsed:
            yield from _within(item)
        return
    if not isinstance(parsed, dict):
        return
    if isinstance(parsed.get("releases"), list):
        yield from (item for item in parsed["releases"] if isinstance(item, dict))
    elif isinstance(parsed.get("records"), list):
        for record in parsed["records"]:
            if isinstance(record, dict) and isinstance(record.get("compiledRelease"), dict):
                yield {"ocid": record.get("ocid"), **record["compiledRelease"]}
            elif isinstance(record, dict):
                yield from _within({"releases": record.get("releases") or []})
    elif "ocid" in parsed or "tender" in parsed:
        yield parsed

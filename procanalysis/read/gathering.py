"""Put the parts of a ledger together: one identity per supplier, nobody in sight whom any file shows to be a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from procanalysis.errors import InputError, ReconciliationError, examples
from procanalysis.read.files import head_of
from procanalysis.read.hiding import (
    WITH_NAMES,
    NameFinder,
    Way,
    coded_ways,
    made_like_personal,
    reference_code,
    suspect_references,
)
from procanalysis.read.identity import (
    Identified,
    WrittenSupplier,
    codes_of_persons,
    identify,
    kind_of_numbers,
    with_persons,
)
from procanalysis.read.laying_out import LedgerFormat
from procanalysis.read.ledger_lines import accepted_lines, batches, place_parts, rejected_rows
from procanalysis.read.parts import (
    DIGITS,
    ROW_COLUMNS,
    ControlTotals,
    LedgerPart,
    forget_facts,
    from_rows,
    quoted,
    word_coder,
    write_facts,
)
from procanalysis.read.sie.ledger_table import is_sie
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import REJECT_REASONS

ReadPart = Callable[[Path, LedgerFormat, bool], list[LedgerPart]]
"""Gives the parts of an input file: (path, how it is written, whether kept parts must be made anew)."""

# Each round hides what the one before brought to light, or reads anew; after a few there is nothing more.
_MOST_ROUNDS = 50
_Each = TypeVar("_Each")
_AT_A_TIME = 10_000


@dataclass(frozen=True)
class FileReading:
    """Describe one file or sheet as it was read."""

    name: str
    sha256: str
    encoding: str
    delimiter: str
    decimal: str
    control: ControlTotals
    note: str = ""


@dataclass(frozen=True)
class GatheredLedger:
    """Hold a ledger whose rows lie in the files of its parts.

    lines and rejected: relations of schema.LEDGER_LINES and schema.REJECTED_ROWS in the connection, the rejected in
    order; batches: the lines in pieces, for work that holds them; register: schema.SUPPLIER_REGISTER. persons: in
    codes, how its sole traders' names are written. The rest as in ledger.LedgerReading.
    """

    lines: duckdb.DuckDBPyRelation
    batches: tuple[duckdb.DuckDBPyRelation, ...]
    rejected: duckdb.DuckDBPyRelation
    register: pa.Table
    files: tuple[FileReading, ...]
    control: ControlTotals
    has_dates: bool
    supplier_numbers: str
    persons: frozenset[Way]


def gather(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], form: LedgerFormat, masker: Masker, read: ReadPart
) -> GatheredLedger:
    """Read the files, or take what is kept of them, and put them together.

    Parameters: the connection; paths, the files in order; form, how they are written; masker, hides sole traders;
    read, gives the parts of one file. A part in which another file's persons stand is hidden anew where it lies.
    Raises InputError for a file that is not a readable ledger or when nothing can be accepted, ReconciliationError when
    rows or hundredths do not add up.
    """
    _refuse_two_kinds(paths)
    parts, suppliers, kind = _agreed(connection, paths, form, masker, read)
    earlier = _repeated(parts)
    files = tuple(_reading(part, earlier[place]) for place, part in enumerate(parts))
    control = _sum_controls([file.control for file in files])
    if not control.rows_read:
        raise InputError(
            f"The ledger is empty: {', '.join(path.name for path in paths)} hold(s) no rows under a header. "
            "Check that the export succeeded."
        )
    _refuse_nothing_accepted(parts, control)
    counted = [
        [one._replace(rows=0) for one in each] if earlier[place] else each for place, each in enumerate(suppliers)
    ]
    register = _identify(connection, counted, masker)
    used = place_parts(connection, parts, suppliers, earlier)
    lines = accepted_lines(connection, used)
    gathered = GatheredLedger(
        lines,
        tuple(batches(connection, used, lines)),
        rejected_rows(connection, parts, earlier),
        register,
        files,
        control,
        all(part.has_dates for part in parts if part.control.rows_read),
        kind,
        frozenset(way for part in parts for way in part.ways),
    )
    _check_reconciles(gathered)
    return gathered


def _refuse_two_kinds(paths: Sequence[Path]) -> None:
    """Refuse SIE files beside others: a general ledger and a supplier ledger tell of the same purchases."""
    general = [path.name for path in dict.fromkeys(paths) if is_sie(head_of(path))]
    others = [path.name for path in dict.fromkeys(paths) if path.name not in general]
    if general and others:
        raise InputError(
            f"The ledger has SIE files ({examples(general)}) and others ({examples(others)}). A general ledger and a "
            "supplier ledger tell of the same purchases, which would count twice. Name one kind under ledger.files."
        )


def _agreed(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], form: LedgerFormat, masker: Masker, read: ReadPart
) -> tuple[list[LedgerPart], list[list[WrittenSupplier]], str]:
    """Read the parts until all of them take the numbers alike and hide everybody whom any of them knows."""
    of_path = {path: read(path, form, False) for path in dict.fromkeys(paths)}
    for _ in range(_MOST_ROUNDS):
        described = {
            path: [part.suppliers() if part.control.rows_read else [] for part in each]
            for path, each in of_path.items()
        }
        parts, suppliers = _in_order(paths, of_path), _in_order(paths, described)
        earlier = _repeated(parts)
        first = [one for place, each in enumerate(suppliers) if not earlier[place] for one in each]
        kind = form.supplier_numbers if form.supplier_numbers != "auto" else kind_of_numbers(first)
        settled = replace(form, supplier_numbers=kind)
        others = [path for path in paths if any(part.supplier_numbers not in ("", kind) for part in of_path[path])]
        known = _Known.of(parts, suppliers)
        stale = [path for path in paths if any(not part.hidden_by <= known.codes for part in of_path[path])]
        if others or stale:
            for path in dict.fromkeys([*others, *stale]):
                of_path[path] = read(path, settled, path in stale)
            continue
        if not masker.enabled:
            return parts, [with_persons(each, known.persons) for each in suppliers], kind
        if not _hide_what_others_know(connection, of_path, described, known, masker):
            return _in_order(paths, of_path), suppliers, kind
    raise ReconciliationError(
        f"{', '.join(path.name for path in paths)}: after {_MOST_ROUNDS} rounds the files do not agree on which "
        "numbers they use or on who is a person. This is a fault in the program: keep the files and report it."
    )


def _in_order(paths: Iterable[Path], of_path: Mapping[Path, Sequence[_Each]]) -> list[_Each]:
    """List what each path gave, in the order of the paths; a path that is named twice gives it twice."""
    return [one for path in paths for one in of_path[path]]


@dataclass(frozen=True)
class _Known:
    """Hold what all parts together know of persons, in codes: names, ways to write them, and their references."""

    persons: frozenset[str]
    ways: frozenset[Way]
    references: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, parts: Iterable[LedgerPart], suppliers: Iterable[Sequence[WrittenSupplier]]) -> _Known:
        references: dict[str, set[str]] = defaultdict(set)
        ways: set[Way] = set()
        for part in parts:
            ways |= part.ways
            for column, codes in part.references.items():
                references[column] |= codes
        persons = codes_of_persons(one for each in suppliers for one in each)
        return cls(persons, frozenset(ways), {column: frozenset(codes) for column, codes in references.items()})

    @property
    def codes(self) -> frozenset[str]:
        """All of them, as a part notes what hid something in it."""
        return self.persons.union(map(" ".join, self.ways), *self.references.values())


def _hide_what_others_know(
    connection: duckdb.DuckDBPyConnection,
    of_path: dict[Path, list[LedgerPart]],
    suppliers: Mapping[Path, Sequence[list[WrittenSupplier]]],
    known: _Known,
    masker: Masker,
) -> bool:
    """Hide in each part what the others know; tell whether any had to be written anew."""
    anew = False
    coded = word_coder(masker)
    done: dict[Path, list[LedgerPart]] = {}
    for path, parts in of_path.items():
        folder = parts[0].folder
        if folder not in done:  # the same file delivered in two places is kept once
            better = [
                _hide_in(connection, part, before, known, masker, coded)
                for part, before in zip(parts, suppliers[path], strict=True)
            ]
            if better != parts:
                anew = anew or [part.hidden_by for part in better] != [part.hidden_by for part in parts]
                write_facts(folder, better)
            done[folder] = better
        of_path[path] = done[folder]
    return anew


def _hide_in(
    connection: duckdb.DuckDBPyConnection,
    part: LedgerPart,
    before: list[WrittenSupplier],
    known: _Known,
    masker: Masker,
    coded: Callable[[str], str],
) -> LedgerPart:
    """Return a part in which everybody known is hidden, or only what was looked for noted when nobody was there."""
    if not before:
        return part
    after = with_persons(before, known.persons)
    turned = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    own_ways = part.ways | coded_ways((before[place].name for place in turned), coded)
    ways = frozenset(
        way for way in known.ways | own_ways if way not in part.ways and " ".join(way) not in part.searched
    )
    references = _references_of(connection, part, turned, masker)
    sought = {
        column: (known.references.get(column, frozenset()) | references.get(column, frozenset())) - part.searched
        for column in part.open_columns
    }
    changes, found = _changes(connection, part, _possible(part, ways), sought, masker, coded)
    searched = part.searched.union(map(" ".join, ways), *sought.values())
    if not (turned or changes):
        return part if searched == part.searched else replace(part, searched=searched)
    better = replace(
        part,
        ways=own_ways,
        references={
            column: part.references.get(column, frozenset()) | references.get(column, frozenset())
            for column in {*part.references, *references}
        },
        hidden_by=part.hidden_by.union((before[place].name_code for place in turned), found),
        searched=searched,
    )
    _rewrite(connection, better, changes, after, masker)
    return better


def _possible(part: LedgerPart, ways: Collection[Way]) -> list[Way]:
    """Keep the ways to write a name of which all words stand somewhere in the part."""
    if not ways:
        return []
    words = part.words()
    return [way for way in ways if all(word in words or word.startswith(DIGITS) for word in way)]


def _references_of(
    connection: duckdb.DuckDBPyConnection, part: LedgerPart, places: Sequence[int], masker: Masker
) -> dict[str, frozenset[str]]:
    """List the codes of the references, made like a personal number, on the rows of some suppliers."""
    if not places:
        return {}
    of_column: dict[str, frozenset[str]] = {}
    for column in part.open_columns:
        written = connection.execute(
            f"SELECT DISTINCT {column} FROM {from_rows(part)} WHERE {suspect_references(column)} "
            f"AND list_contains($places, supplier_place)",
            {"places": list(places)},
        ).fetchall()
        of_column[column] = frozenset(
            reference_code(column, value, masker) for (value,) in written if made_like_personal(value, masker)
        )
    return of_column


def _changes(
    connection: duckdb.DuckDBPyConnection,
    part: LedgerPart,
    ways: Sequence[Way],
    sought: Mapping[str, frozenset[str]],
    masker: Masker,
    coded: Callable[[str], str],
) -> tuple[dict[str, dict[str, str]], frozenset[str]]:
    """Return, by column, what stands in the rows and what shall stand there; and the codes that were met."""
    finder = NameFinder.of_codes(ways, coded)
    met: set[str] = set()
    changes: dict[str, dict[str, str]] = defaultdict(dict)
    for column in (*ROW_COLUMNS, "fault_value"):
        codes = sought.get(column, frozenset())
        with_names = bool(ways) and column in WITH_NAMES
        if not (codes or with_names):
            continue
        conditions = [suspect_references(column)] if codes else []
        conditions += [finder.suspects(column)] if with_names else []
        suspect = " OR ".join(f"({condition})" for condition in conditions)
        for (written,) in _stream(connection, f"SELECT DISTINCT {column} FROM {from_rows(part)} WHERE {suspect}"):
            shown = written
            if codes and made_like_personal(written, masker):
                code = reference_code(column, written, masker)
                if code in codes:
                    met.add(code)
                    shown = masker.reference(written, of_sole_trader=True)
            shown = finder.hide(shown) if with_names else shown
            if shown != written:
                changes[column][written] = shown
    return changes, frozenset(met.union(map(" ".join, finder.found)))


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    found = connection.execute(query)
    while some := found.fetchmany(_AT_A_TIME):
        yield from some


def _rewrite(
    connection: duckdb.DuckDBPyConnection,
    part: LedgerPart,
    changes: Mapping[str, Mapping[str, str]],
    suppliers: Sequence[WrittenSupplier],
    masker: Masker,
) -> None:
    """Put hidden rows and suppliers in place of those that showed somebody; a stop half-way means reading anew."""
    joins, shown = [], []
    for place, (column, values) in enumerate(changes.items()):
        table = pa.table({"written": pa.array(values, pa.string()), "shown": pa.array(values.values(), pa.string())})
        connection.register(f"changes_{place}", table)
        joins.append(f"LEFT JOIN changes_{place} AS c{place} ON r.{column} = c{place}.written")
        shown.append(f"coalesce(c{place}.shown, r.{column}) AS {column}")
    draft = part.rows.with_suffix(".draft")
    replaced = f"REPLACE ({', '.join(shown)})" if shown else ""
    connection.execute(
        f"COPY (SELECT r.* {replaced} FROM {from_rows(part)} r {' '.join(joins)}) "
        f"TO {quoted(str(draft))} (FORMAT parquet, COMPRESSION snappy)"
    )
    for place in range(len(changes)):
        connection.unregister(f"changes_{place}")
    forget_facts(part.folder)
    draft.replace(part.rows)
    part.write_suppliers(suppliers, masker)


def _repeated(parts: Sequence[LedgerPart]) -> list[str]:
    """Name, for each part, the earlier one that is the same delivery: byte for byte, or the same postings; else ''."""
    deliveries: dict[object, str] = {}
    earlier = []
    for part in parts:
        keys: list[object] = [(part.sha256, part.name.partition("#")[2])] if part.control.rows_read else []
        keys += [part.signature] if part.signature else []
        earlier.append(next((deliveries[key] for key in keys if key in deliveries), ""))
        for key in keys:
            deliveries.setdefault(key, part.name)
    return earlier


def _reading(part: LedgerPart, earlier: str) -> FileReading:
    """Describe a part as it counts; of a delivery that came before, every row is rejected."""
    control, note = part.control, part.note
    if earlier:
        control = replace(
            control,
            rows_accepted=0,
            rows_rejected=control.rows_read,
            amount_accepted_ore=0,
            amount_rejected_ore=control.amount_read_ore,
        )
        note = " ".join(filter(None, (note, f"Samma leverans som {earlier}. Alla rader avvisade.")))
    return FileReading(part.name, part.sha256, part.encoding, part.delimiter, part.decimal, control, note)


def _sum_controls(controls: Sequence[ControlTotals]) -> ControlTotals:
    names = ControlTotals.__dataclass_fields__
    return ControlTotals(**{name: sum(getattr(control, name) for control in controls) for name in names})


def _refuse_nothing_accepted(parts: Sequence[LedgerPart], control: ControlTotals) -> None:
    if control.rows_accepted:
        return
    counts: dict[str, int] = defaultdict(int)
    for part in parts:
        for reason, (rows, *_) in sorted(part.reasons.items(), key=lambda item: item[1][1]):
            counts[reason] += rows
    first = next(part for part in parts if part.control.rows_read)
    row = min(first_row for _, first_row, _ in first.reasons.values())
    reason = max(counts, key=lambda name: counts[name])
    raise InputError(
        f"{first.name}, row {row}: not one of {control.rows_read} rows can be a posting. The most common reason: "
        f"{REJECT_REASONS[reason]}. Check that the file is the ledger and is whole."
    )


_IDENTITY = pa.schema(
    [("supplier", pa.int64())]
    + [(name, pa.string()) for name in Identified._fields]
    + [("rows", pa.int64()), ("amount_ore", pa.int64())]
)


def _identify(
    connection: duckdb.DuckDBPyConnection, suppliers: Sequence[Sequence[WrittenSupplier]], masker: Masker
) -> pa.Table:
    """Make the table `supplier_identity`, numbered through all parts, and return the supplier register."""
    everyone = [one for each in suppliers for one in each]
    identified = identify(everyone, masker)
    columns: list[Any] = [
        range(len(everyone)),
        *(list(zip(*identified, strict=True)) or [()] * len(Identified._fields)),
    ]
    columns += [[one.rows for one in everyone], [one.amount_ore for one in everyone]]
    laid_out = pa.table(
        [pa.array(list(values), kind.type) for values, kind in zip(columns, _IDENTITY, strict=True)], _IDENTITY.names
    )
    connection.register("identity_rows", laid_out)
    connection.execute("CREATE OR REPLACE TEMP TABLE supplier_identity AS SELECT * FROM identity_rows WHERE rows > 0")
    connection.unregister("identity_rows")
    return connection.sql(
        """
        SELECT supplier_key, min(supplier_name) AS supplier_name, min(supplier_type) AS supplier_type,
            number_shown AS number_as_written, name_shown AS name_as_written, min(number_status) AS number_status,
            sum(rows)::BIGINT AS rows, sum(amount_ore)::BIGINT AS amount_ore
        FROM supplier_identity GROUP BY supplier_key, number_shown, name_shown
        ORDER BY supplier_key, number_as_written, name_as_written
        """
    ).to_arrow_table()


def _check_reconciles(ledger: GatheredLedger) -> None:
    """Compare the control totals of the files, taken before identities were joined, with what is handed on."""
    control = ledger.control
    accepted, rejected = (
        each.aggregate("count(*), coalesce(sum(amount_ore), 0)").fetchall()[0]
        for each in (ledger.lines, ledger.rejected)
    )
    expected = (
        (control.rows_accepted, control.amount_accepted_ore),
        (control.rows_rejected, control.amount_rejected_ore),
    )
    whole = (
        control.rows_accepted + control.rows_rejected,
        control.amount_accepted_ore + control.amount_rejected_ore,
    )
    if (accepted, rejected) != expected or whole != (control.rows_read, control.amount_read_ore):
        raise ReconciliationError(
            f"The ledger does not reconcile: read {control.rows_read} rows and {control.amount_read_ore} hundredths; "
            f"accepted {accepted[0]} and {accepted[1]}; rejected {rejected[0]} and {rejected[1]}. "
            "This is a fault in the program: keep the files and report it."
        )

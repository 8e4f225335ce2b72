"""Read each input file by itself into a part of the ledger that can be kept: rows and suppliers, people hidden.

Unless masking is off, a part holds no personal number, and no name that its own file shows to be a sole trader's:
persons stand there as keyed codes, so that the parts can still be put together (procanalysis/read/gathering.py). A name
that only another file shows to be a person's stands in clear until the parts are put together, which hides it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from procanalysis.errors import InputError, ReconciliationError
from procanalysis.read.casting import ValueForms, cast_query, prepare
from procanalysis.read.files import file_digest
from procanalysis.read.hiding import WITH_NAMES, RowHider, Way, coded_ways, hide_value, words_in
from procanalysis.read.identity import WrittenSupplier, describe_suppliers, masked, supplier_table, suppliers_of
from procanalysis.read.laying_out import RELATION, LaidOutTable, LedgerFormat, laid_out_tables
from procanalysis.read.plausibility import refuse_unreadable
from procanalysis.read.supplier_numbers import Masker

_SMALLEST_DELIVERY = 10
_FACTS = "facts.json"
_AT_A_TIME = 10_000
DIGITS = "#"
"""Marks the code of a word of digits alone, which `LedgerPart.words` does not list."""
# Of a kept row, what stands under another name than in the raw table.
ROW_COLUMNS = (
    "buyer_id", "buyer", "unit", "account", "account_text", "project", "text", "invoice_number", "voucher_number",
    "basis", "contract_reference",
)  # fmt: skip
_CAST = ("account", "account_text")


@dataclass(frozen=True)
class ControlTotals:
    """Hold rows and sums of what was read, accepted and rejected. Sums cover the rows whose amount could be read."""

    rows_read: int
    rows_accepted: int
    rows_rejected: int
    amount_read_ore: int
    amount_accepted_ore: int
    amount_rejected_ore: int
    rows_without_readable_amount: int


NOTHING_READ = ControlTotals(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class LedgerPart:
    """Describe one file or sheet as it was read; its rows and suppliers lie in Parquet files beside the description.

    supplier_numbers: 'organisation' or 'internal', as which the numbers were taken. reasons: rows and first row per
    reason of rejection, '' for accepted rows. signature: of the accepted postings, '' when they are too few to tell
    two deliveries apart. ways: the codes of how its persons' names are written. references and open_columns: see
    hiding.RowHider. hidden_by: the codes of names, ways and references, known from other files only, that hid something
    here; without them the file must be read again. searched: the codes that were looked for, found or not.
    """

    folder: Path
    place: int
    name: str
    sha256: str
    encoding: str
    delimiter: str
    decimal: str = ""
    note: str = ""
    control: ControlTotals = NOTHING_READ
    has_dates: bool = True
    supplier_numbers: str = ""
    reasons: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    signature: str = ""
    ways: frozenset[Way] = frozenset()
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open_columns: frozenset[str] = frozenset()
    hidden_by: frozenset[str] = frozenset()
    searched: frozenset[str] = frozenset()

    @property
    def rows(self) -> Path:
        """The file of its rows, accepted and rejected; their order is that of row_number, not of the file."""
        return self.folder / f"rows-{self.place}.parquet"

    def suppliers(self) -> list[WrittenSupplier]:
        """Return the ways in which it writes its suppliers; a row names one by its place in this list."""
        return suppliers_of(pq.read_table(self.folder / f"suppliers-{self.place}.parquet"))

    def words(self) -> frozenset[str]:
        """Return the codes of the different words in the columns in which names are looked for."""
        return frozenset(pq.read_table(self.folder / f"words-{self.place}.parquet")["word"].to_pylist())

    def write_suppliers(self, suppliers: Iterable[WrittenSupplier], masker: Masker) -> None:
        """Write its suppliers, persons masked."""
        kept = supplier_table(masked(one, masker) for one in suppliers)
        pq.write_table(kept, self.folder / f"suppliers-{self.place}.parquet")


def read_part(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    form: LedgerFormat,
    masker: Masker,
    folder: Path,
) -> list[LedgerPart]:
    """Read one input file into parts, one per table of it, and write them into a folder.

    Parameters: the connection, whose memory limit bounds what is used; path, the file; form, how it is written;
    masker, hides sole traders before anything is written; folder, an existing one. Raises InputError for a file that
    is not a readable ledger, or that changes while it is read.
    """
    prepare(connection)
    parts = []
    try:
        for place, table in enumerate(laid_out_tables(connection, path, form, masker=masker)):
            part = LedgerPart(folder, place, table.name, table.sha256, table.encoding, table.delimiter, note=table.note)
            if table.forms:
                part = _read_table(connection, path, table, table.forms, part, form, masker)
            parts.append(part)
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise  # of the machine, and without anything that stands in the file
    except duckdb.Error:
        raise changed_while_read(path) from None  # the engine's words hold the line at which it stopped, people and all
    write_facts(folder, parts)
    return parts


def changed_while_read(path: Path) -> InputError:
    """Say that a file changed while it was read, without what it holds."""
    return InputError(
        f"{path.name} changed while it was read, or cannot be read as its beginning; deliver it again and run again."
    )


def write_facts(folder: Path, parts: Sequence[LedgerPart]) -> None:
    """Describe the parts of one input file; what is written last, so that a folder with it is whole."""
    sizes = {path.name: path.stat().st_size for path in sorted(folder.glob("*.parquet"))}
    content = json.dumps({"sizes": sizes, "parts": [_plain(part) for part in parts]}, ensure_ascii=False)
    draft = folder / f".{_FACTS}"
    draft.write_text(content, encoding="utf-8")
    draft.replace(folder / _FACTS)


def forget_facts(folder: Path) -> None:
    """Make a folder one that is not whole, before something in it is replaced."""
    (folder / _FACTS).unlink(missing_ok=True)


def kept_parts(folder: Path) -> list[LedgerPart] | None:
    """Return the parts of one input file from the folder in which they are kept; None when it is not there, or damaged.

    A folder is whole when its description can be read and each of its files is as large as it was written.
    """
    try:
        found = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        is_whole = all((folder / name).stat().st_size == size for name, size in found["sizes"].items())
        return _parts_of(folder, found["parts"]) if is_whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _parts_of(folder: Path, described: Iterable[Mapping[str, Any]]) -> list[LedgerPart]:
    return [
        LedgerPart(
            folder,
            **{
                **facts,
                "control": ControlTotals(**facts["control"]),
                "reasons": {reason: tuple(counted) for reason, counted in facts["reasons"].items()},
                "ways": frozenset(map(tuple, facts["ways"])),
                "references": {column: frozenset(codes) for column, codes in facts["references"].items()},
                **{name: frozenset(facts[name]) for name in ("open_columns", "hidden_by", "searched")},
            },
        )
        for facts in described
    ]


def _plain(part: LedgerPart) -> dict[str, Any]:
    facts = asdict(part)
    del facts["folder"]
    return facts | {
        "ways": sorted(part.ways),
        "references": {column: sorted(codes) for column, codes in part.references.items()},
        **{name: sorted(getattr(part, name)) for name in ("open_columns", "hidden_by", "searched")},
    }


def word_coder(masker: Masker) -> Callable[[str], str]:
    """Return what gives a word its code, each word coded once; those of digits alone are marked by `DIGITS`."""
    known: dict[str, str] = {}

    def coded(word: str) -> str:
        if word not in known:
            known[word] = f"{DIGITS if word.isdigit() else ''}{masker.code('word', word)}"
        return known[word]

    return coded


def _read_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    table: LaidOutTable,
    forms: ValueForms,
    part: LedgerPart,
    form: LedgerFormat,
    masker: Masker,
) -> LedgerPart:
    written = connection.execute(
        f"SELECT DISTINCT coalesce(supplier_number, ''), coalesce(supplier_name, '') FROM {RELATION} ORDER BY ALL"
    ).fetchall()
    kind, suppliers = describe_suppliers(written, form.supplier_numbers, masker)
    names = [one.name for one in suppliers if one.is_person]
    # Account and account text come clean from the cast, which may find a text in the account.
    filled = [column for column in ROW_COLUMNS if column not in table.absent or column in _CAST]
    hider = RowHider(masker, names, (*filled, "fault_value"))
    coded = word_coder(masker)
    _make_known(connection, suppliers)
    try:
        hider.teach(connection)
        try:
            _write_rows(connection, table, forms, part, hider, filled)
        finally:
            hider.forget(connection)
        # A delimited file is gone through more than once: what was found first must be what was written.
        if file_digest(path) != table.sha256:
            raise changed_while_read(path)
        found = _grouped(connection, part)
        counted = _counted(found)
        _refuse_unreadable_columns(connection, table, forms, counted, masker)
        control = _control(counted)
        if control.rows_read != table.rows_count:
            raise ReconciliationError(
                f"{table.name}: {table.rows_count} rows were found in the file and {control.rows_read} were read. "
                "This is a fault in the program: keep the file and report it."
            )
        summed, signature = _with_sums(found, suppliers, masker)
    finally:
        connection.execute("DROP TABLE written_suppliers")
    part.write_suppliers(summed, masker)
    with_words = [
        column for column in WITH_NAMES if column in filled or (column == "fault_value" and control.rows_rejected)
    ]
    _write_words(connection, part, coded, with_words if masker.enabled else ())
    return replace(
        part,
        decimal=forms.decimal or "",
        control=control,
        has_dates=forms.has_dates,
        supplier_numbers=kind,
        reasons={reason: (each.rows, each.first_row, each.last_row) for reason, each in counted.items()},
        signature=signature,
        ways=coded_ways(names, coded) if masker.enabled else frozenset(),
        references={column: frozenset(codes) for column, codes in hider.references.items()},
        open_columns=frozenset(hider.open_columns),
    )


def _make_known(connection: duckdb.DuckDBPyConnection, suppliers: Sequence[WrittenSupplier]) -> None:
    """Number the written suppliers in the engine, so that a row names its own by a whole number."""
    numbered = pa.table(
        {
            "supplier_place": pa.array(range(len(suppliers)), pa.int32()),
            "number_written": pa.array([one.number for one in suppliers], pa.string()),
            "name_written": pa.array([one.name for one in suppliers], pa.string()),
            "of_person": pa.array([one.is_person for one in suppliers], pa.bool_()),
        }
    )
    connection.register("numbered", numbered)
    connection.execute("CREATE TEMP TABLE written_suppliers AS SELECT * FROM numbered")
    connection.unregister("numbered")


def _write_rows(
    connection: duckdb.DuckDBPyConnection,
    table: LaidOutTable,
    forms: ValueForms,
    part: LedgerPart,
    hider: RowHider,
    filled: Collection[str],
) -> None:
    """Cast, hide and write the rows in one pass over the input; filled: the columns in which anything can stand."""
    hidden = ", ".join(
        f"{hider.hidden(column, column, 'of_person') if column in filled else 'NULL::VARCHAR'} AS {column}"
        for column in ROW_COLUMNS
    )
    shown = ", ".join(
        f"filled({column}) AS {column}" if column in filled and column not in _CAST else column
        for column in ROW_COLUMNS
    )
    fault = hider.hidden("fault_value", "fault_value", "of_person")
    amount, booked_on = (quoted(table.headers.get(column, "")) for column in ("amount", "booked_on"))
    connection.execute(
        f"""
        COPY (
            WITH cast_all AS ({_cast(forms)}),
            known AS (
                SELECT c.*, s.supplier_place, s.of_person,
                    CASE WHEN reason IS NULL THEN NULL
                        WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN {amount}
                        WHEN reason LIKE 'date%' THEN {booked_on} ELSE '' END AS fault_column,
                    CASE WHEN reason IS NULL THEN NULL
                        WHEN reason LIKE 'amount%' OR reason = 'shifted' THEN coalesce(amount_written, '')
                        WHEN reason LIKE 'date%' THEN coalesce(date_written, '') ELSE '' END AS fault_value
                FROM cast_all c JOIN written_suppliers s
                    ON s.name_written = coalesce(c.supplier_name, '')
                    AND s.number_written = coalesce(c.supplier_number, '')),
            hidden AS (
                SELECT row_number, supplier_place, {hidden}, booked_on, amount_ore, reason, fault_column,
                    {fault} AS fault_value
                FROM known)
            SELECT row_number, supplier_place, {shown}, booked_on, amount_ore, reason, fault_column, fault_value
            FROM hidden
        ) TO {quoted(str(part.rows))} (FORMAT parquet, COMPRESSION snappy)
        """
    )


def quoted(text: str) -> str:
    """Write a text as SQL does."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def from_rows(part: LedgerPart) -> str:
    """Return what a part's rows are read from, in SQL."""
    return f"read_parquet({quoted(str(part.rows))}, hive_partitioning = false)"


def _cast(forms: ValueForms) -> str:
    return cast_query(RELATION, forms)


def _refuse_unreadable_columns(
    connection: duckdb.DuckDBPyConnection,
    table: LaidOutTable,
    forms: ValueForms,
    reasons: Mapping[str, _Counted],
    masker: Masker,
) -> None:
    checks = (
        ("amount", "amount_written", ("amount_unreadable", "amount_ambiguous", "shifted"),
         "Set ledger.decimal to ',' or '.', or name the right amount column under ledger.columns."),
        ("booked_on", "date_written", ("date_unreadable", "shifted"),
         "Set ledger.date_order, or name the right date column under ledger.columns."),
    )  # fmt: skip
    rows = sum(counted.rows for counted in reasons.values())
    for column, written, unreadable, remedy in checks:
        count = sum(reasons[reason].rows for reason in unreadable if reason in reasons)
        if column not in table.headers or count * 2 <= rows:
            continue
        marks = ", ".join(map(quoted, unreadable))
        samples = connection.execute(
            f"SELECT {written} FROM ({_cast(forms)}) WHERE reason IN ({marks}) ORDER BY row_number LIMIT 3"
        ).fetchall()
        shown = [hide_value(sample, masker) for (sample,) in samples]
        refuse_unreadable(table.name, table.headers[column], rows, count, shown, remedy)


class _Counted(NamedTuple):
    """Count the rows that were accepted, or rejected for one reason."""

    rows: int
    amount_ore: int
    without_amount: int
    first_row: int
    last_row: int

    def with_more(self, other: _Counted) -> _Counted:
        """Add other rows."""
        return _Counted(
            self.rows + other.rows,
            self.amount_ore + other.amount_ore,
            self.without_amount + other.without_amount,
            min(self.first_row, other.first_row),
            max(self.last_row, other.last_row),
        )


_NONE = _Counted(0, 0, 0, 0, 0)


class _Group(NamedTuple):
    """Count the rows of one supplier that were accepted, or rejected for one reason, and sign their postings.

    reason: '' for accepted rows; postings and mix: the sum of the postings' signs, and all of them combined by XOR;
    number and name: the supplier's, without their dress.
    """

    supplier_place: int
    reason: str
    counted: _Counted
    postings: int
    mix: int
    number: str
    name: str


def _grouped(connection: duckdb.DuckDBPyConnection, part: LedgerPart) -> list[_Group]:
    """Count the rows by supplier and reason of rejection, in one pass over what was written."""
    found = connection.execute(
        f"""
        WITH grouped AS (
            SELECT supplier_place, coalesce(reason, '') AS reason, count(*) AS rows,
                coalesce(sum(amount_ore), 0)::BIGINT AS amount_ore, count(*) FILTER (amount_ore IS NULL) AS without,
                min(row_number) AS first_row, max(row_number) AS last_row,
                sum(posting::HUGEINT) AS postings, bit_xor(posting) AS mix
            FROM (
                SELECT supplier_place, reason, row_number, amount_ore,
                    hash(coalesce(account, ''), coalesce(invoice_number, ''), coalesce(voucher_number, ''),
                        coalesce(CAST(booked_on AS VARCHAR), ''), coalesce(unit, ''), amount_ore) AS posting
                FROM {from_rows(part)})
            GROUP BY ALL)
        SELECT grouped.*, regexp_replace(trimmed(number_written), '[^0-9A-Za-z]|[.]0$', '', 'g'),
            coalesce(filled(name_written), '')
        FROM grouped JOIN written_suppliers USING (supplier_place)
        """
    ).fetchall()
    return [_Group(place, reason, _Counted(*counts[:5]), *counts[5:]) for place, reason, *counts in found]


def _counted(groups: Iterable[_Group]) -> dict[str, _Counted]:
    """Count the rows by their reason of rejection, '' for those accepted."""
    counted: dict[str, _Counted] = {}
    for group in groups:
        one = group.counted
        before = counted.get(group.reason)
        counted[group.reason] = one if before is None else before.with_more(one)
    return counted


def _control(counted: Mapping[str, _Counted]) -> ControlTotals:
    accepted = counted.get("", _NONE)
    rows, amount, without_amount = (
        sum(getattr(each, name) for each in counted.values()) for name in ("rows", "amount_ore", "without_amount")
    )
    return ControlTotals(
        rows,
        accepted.rows,
        rows - accepted.rows,
        amount,
        accepted.amount_ore,
        amount - accepted.amount_ore,
        without_amount,
    )


def _with_sums(
    groups: Iterable[_Group], suppliers: Sequence[WrittenSupplier], masker: Masker
) -> tuple[list[WrittenSupplier], str]:
    """Return the suppliers with their rows and sums, and the signature of the accepted postings.

    The signature is that of the postings in whatever order and dress: two files with the same one are one delivery.
    """
    accepted: dict[int, _Counted] = {}
    rejected: dict[int, int] = defaultdict(int)
    postings: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for group in groups:
        place, rows = group.supplier_place, group.counted.rows
        if group.reason:
            rejected[place] += rows
            continue
        accepted[place] = group.counted
        rows_before, sum_before, mix_before = postings[group.number, group.name]
        postings[group.number, group.name] = [rows_before + rows, sum_before + group.postings, mix_before ^ group.mix]
    if accepted.keys() | rejected.keys() != set(range(len(suppliers))):
        raise ReconciliationError(
            f"{len(suppliers)} suppliers were found in the file, and not all of them in the rows that were read of it. "
            "This is a fault in the program: keep the file and report it."
        )
    summed = []
    for place, one in enumerate(suppliers):
        counted = accepted.get(place, _NONE)
        summed.append(one._replace(rows=counted.rows, rejected=rejected[place], amount_ore=counted.amount_ore))
    if sum(rows for rows, _, _ in postings.values()) < _SMALLEST_DELIVERY:
        return summed, ""
    digest = hashlib.sha256(json.dumps(sorted(postings.items())).encode()).hexdigest()
    # Keyed, since a digest of few postings would tell whose they are to anybody who tries all personal numbers.
    return summed, masker.code("delivery", digest)


def _write_words(
    connection: duckdb.DuckDBPyConnection, part: LedgerPart, coded: Callable[[str], str], columns: Iterable[str]
) -> None:
    """Write the codes of the words in which a name can be found, so that a name is looked for only where it can be."""
    words: set[str] = set()
    different = " UNION ALL ".join(
        f"SELECT DISTINCT {column} AS written FROM {from_rows(part)} WHERE {column} IS NOT NULL" for column in columns
    )
    if different:
        found = connection.execute(f"SELECT DISTINCT unnest({words_in('written')}) FROM ({different})")
        while some := found.fetchmany(_AT_A_TIME):
            words.update(coded(word.casefold()) for (word,) in some)
    pq.write_table(
        pa.table({"word": pa.array(sorted(words), pa.string())}), part.folder / f"words-{part.place}.parquet"
    )

"""Read registers of contracts, follow-ups and procurements: what the three readers have in common.

A register is a table with one header row. Its columns are found by the headers that Swedish registers use, or by those
that the organisation file names. Every row is accepted or rejected with a reason, and the rows are always reckoned up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa

from procanalysis.errors import InputError, ReconciliationError, did_you_mean, examples
from procanalysis.read.files import file_digest
from procanalysis.read.headers import normal_header
from procanalysis.read.plausibility import refuse_shifted_columns
from procanalysis.read.register_casting import cast_rows
from procanalysis.read.register_rows import Register, Row, clean_text, normal_word, shortened, split_list
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tables import RawTable, read_tables
from procanalysis.schema import REJECT_REASONS, REJECTED_ROWS, Column

_SEARCHED_ROWS = 20
_TOTAL = re.compile(r"((del|slut|total|mellan)?summa|(grand |sub)?total(t|s|summa)?|sum)\b", re.IGNORECASE)
_LEDGER_HEADERS = {
    normal_header(name)
    for name in ("konto", "kontonr", "konto_nr", "kontonummer", "verifikationsnummer", "vernr", "fakturanummer",
                 "fakturanr", "bokföringsdatum", "bokforingsdatum")
}  # fmt: skip

ANSWERS: dict[str, int] = {
    **dict.fromkeys(("ja", "j", "yes", "true", "sant", "1", "x"), 1),
    **dict.fromkeys(("nej", "n", "no", "false", "falskt", "0"), 0),
}
"""Answers as registers write them: 1 for yes, 0 for no."""

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class RegisterFormat:
    """Say how a register is written and what its words mean, as plain values from the organisation file.

    columns: our column → the file's header. categories: the register's word → code of the tree. kinds: the register's
    word → key of CONTRACT_KINDS, FOLLOW_UP_KINDS or ASSORTMENTS. empty_participants: 'everyone' or 'unknown'.
    empty_end: 'unknown' or 'open_ended'. supplier_numbers: 'organisation', or 'internal' when the ledger's reading says
    so. cpv_categories: how CPV codes begin → code of the tree.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "auto"
    delimiter: str = "auto"
    decimal: str = "auto"
    date_order: str = "auto"
    categories: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    empty_participants: str = "everyone"
    empty_end: str = "unknown"
    owners_gone: Sequence[str] = ()
    supplier_numbers: str = "organisation"
    cpv_categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisterFileReading:
    """Describe one file or sheet as it was read; `note` says in Swedish why a sheet was not."""

    name: str
    sha256: str
    encoding: str
    delimiter: str
    rows_read: int
    rows_accepted: int = 0
    rows_rejected: int = 0
    note: str = ""


@dataclass(frozen=True)
class RegisterControl:
    """Hold the reckoning of a register: rows read are those accepted and those rejected.

    The unknown words are listed as the register writes them, people hidden: they leave a category, kind or class
    unknown without rejecting the row.
    """

    rows_read: int
    rows_accepted: int
    rows_rejected: int
    files: tuple[RegisterFileReading, ...]
    unknown_categories: tuple[str, ...] = ()
    unknown_kinds: tuple[str, ...] = ()
    unknown_classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineControl(RegisterControl):
    """Hold the reckoning of order or invoice lines: rows and sums, read = accepted + rejected.

    Sums cover the rows whose amount could be read. lines_checked: lines with quantity, price and amount;
    lines_differing: those of them whose amount is not quantity × price ÷ base quantity, rounded to the öre. notes: what
    a controller should know, in Swedish.
    """

    amount_read_ore: int = 0
    amount_accepted_ore: int = 0
    amount_rejected_ore: int = 0
    rows_without_readable_amount: int = 0
    lines_checked: int = 0
    lines_differing: int = 0
    notes: tuple[str, ...] = ()


def read_rows(
    paths: Sequence[Path], form: RegisterFormat, register: Register, masker: Masker
) -> tuple[list[Row], tuple[RegisterFileReading, ...]]:
    """Read the files of a register into rows whose dates, amounts, numbers and counts are cast.

    Returns the rows, those at fault with a reason, and the files. Raises InputError for a file that cannot be read, is
    another kind of table or lacks a needed column, and when there is no row at all.
    """
    files: list[RegisterFileReading] = []
    found: list[list[Row]] = []
    known = _known_headers(form, register)
    for path in paths:
        digest = file_digest(path)
        with _speaking_of(register):
            tables = read_tables(path, encoding=form.encoding, delimiter=form.delimiter)
        headers = [_find_header(table, known) for table in tables]
        some_register = any(header.is_of(register) for header in headers)
        for table, header in zip(tables, headers, strict=True):
            if not table.rows or (some_register and not header.is_of(register)):
                note = f"Bladet hör inte till registret och lästes inte ({len(table.rows)} rader)."
                files.append(RegisterFileReading(table.name, digest, table.encoding, table.delimiter, 0, note=note))
                continue
            found.append(_rows_of(table, header, len(files), form, register, known))
            files.append(RegisterFileReading(table.name, digest, table.encoding, table.delimiter, len(found[-1])))
    rows = [row for of_table in found for row in of_table]
    if not rows:
        raise InputError(
            f"The {register.what} is empty: {examples(path.name for path in paths)} hold(s) no rows under a header. "
            f"Check that the export succeeded, or take {register.key} out of the organisation file."
        )
    for of_table in found:
        cast_rows(of_table, register, decimal=form.decimal, date_order=form.date_order, masker=masker)
    return rows, tuple(files)


@contextmanager
def _speaking_of(register: Register) -> Iterator[None]:
    """Turn the remedies of what reads ledgers too towards the register's own part of the organisation file."""
    try:
        yield
    except InputError as error:
        said = str(error)
        if not register.has_settings:
            said = said.replace(", or set ledger.encoding to the one that the system writes", "")
            said = said.replace(", or name the right headers under ledger.columns", "")
        raise InputError(said.replace("ledger.", f"{register.key}.")) from None


def reject_repeated_files(rows: Sequence[Row], files: Sequence[RegisterFileReading]) -> None:
    """Reject every row of a file that was delivered before, byte for byte; a workbook's sheets are told apart."""
    first: dict[tuple[str, str], int] = {}
    for order, file in enumerate(files):
        first.setdefault((file.sha256, file.name.partition("#")[2]), order)
    for row in rows:
        file = files[row.table]
        if first[file.sha256, file.name.partition("#")[2]] != row.table:
            row.reject("repeated_delivery")


def refuse_nothing_accepted(rows: Sequence[Row], register: Register) -> None:
    """Raise InputError when not one row was accepted: every figure that rests on the register would be wrong."""
    if all(row.reason for row in rows):
        usual = Counter(row.reason for row in rows).most_common(1)[0][0]
        first = next(row for row in rows if row.reason == usual)
        column = f", column '{first.fault_column}'" if first.fault_column else ""
        raise InputError(
            f"{first.file}, row {first.row_number}{column}: not one of {len(rows)} rows of the {register.what} can be "
            f"accepted. The most common reason: {REJECT_REASONS[usual]}. Check that the file is the {register.what} "
            f"and is whole, and name its headers under {register.key}.columns."
        )


def reckon(
    rows: Sequence[Row],
    files: Sequence[RegisterFileReading],
    rows_accepted: int,
    *,
    shown: Callable[[str, str], str],
    amount_column: str = "",
    unknown: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[pd.DataFrame, RegisterControl]:
    """List the rejected rows and reckon up the register.

    Parameters: rows_accepted, counted from the frames handed on; shown, hides people in a rejected row's value, given
    the reason; amount_column, the row's amount; unknown, words of 'categories', 'kinds' and 'classes' not understood.
    Returns schema.REJECTED_ROWS and the control. Raises ReconciliationError when rows do not add up.
    """
    rejected = frame_of(
        [
            {
                "file": row.file,
                "row_number": row.row_number,
                "column": row.fault_column,
                "value": shortened(shown(row.fault_value, row.reason)),
                "reason": row.reason,
                "amount_ore": row.amounts.get(amount_column),
            }
            for row in rows
            if row.reason
        ],
        REJECTED_ROWS,
    )
    faulty = Counter(row.table for row in rows if row.reason)
    counted = tuple(
        replace(item, rows_accepted=item.rows_read - faulty[order], rows_rejected=faulty[order])
        for order, item in enumerate(files)
    )
    words = unknown or {}
    control = RegisterControl(
        sum(item.rows_read for item in files),
        rows_accepted,
        len(rejected),
        counted,
        words.get("categories", ()),
        words.get("kinds", ()),
        words.get("classes", ()),
    )
    if control.rows_read != control.rows_accepted + control.rows_rejected:
        raise ReconciliationError(
            f"The register does not reconcile: read {control.rows_read} rows, accepted {control.rows_accepted}, "
            f"rejected {control.rows_rejected}. This is a fault in the program: keep the files and report it."
        )
    return rejected, control


def frame_of(records: Sequence[Mapping[str, object]], table: Sequence[Column]) -> pd.DataFrame:
    """Lay records out as a canonical table: text 'str', integers 'Int64' ('int64' where required), days to the µs.

    Decimals are objects of decimal.Decimal, None where missing.
    """
    return frame_of_columns({column.name: [record.get(column.name) for record in records] for column in table}, table)


def frame_of_columns(values_of: Mapping[str, Sequence[object]], table: Sequence[Column]) -> pd.DataFrame:
    """Lay out values, given column by column, as `frame_of` does."""
    columns: dict[str, pd.Series] = {}
    for column in table:
        values = values_of[column.name]
        if column.type == "date":
            days = pa.array(values, pa.date32(), from_pandas=True).cast(pa.timestamp("us"))
            columns[column.name] = pd.Series(days.to_numpy(zero_copy_only=False))
        elif column.type == "integer":
            columns[column.name] = pd.Series(values, dtype="int64" if column.required else "Int64")
        elif column.type == "decimal":
            columns[column.name] = pd.Series(values, dtype="object")
        else:
            columns[column.name] = pd.Series(values, dtype="str")
    return pd.DataFrame(columns)


class CategoryWords:
    """Translate a register's words for categories to codes of the tree.

    Parameters: taxonomy, schema.TAXONOMY; categories, the register's word → code; key, the organisation file's part;
    setting, what the translation is called there. Raises InputError when a word is translated to a code that is not in
    the tree.
    """

    def __init__(
        self, taxonomy: pd.DataFrame, categories: Mapping[str, str], key: str, *, setting: str = "categories"
    ) -> None:
        codes = [str(code) for code in taxonomy["category_code"]]
        for word, code in categories.items():
            if code not in codes:
                near = did_you_mean(code, codes)
                hint = near if near.startswith("Did you") else "See the codes in the category tree."
                raise InputError(
                    f"{key}.{setting}: '{word}' is said to be '{code}', which is no code of the tree. {hint}"
                )
        own = {normal_word(word): code for word, code in categories.items()}
        self._codes = {normal_word(code): code for code in codes} | own

    def code(self, word: str) -> str | None:
        """Return the code that a word stands for, or None when it is not known."""
        return self._codes.get(normal_word(word))

    def only_code(self, cell: str, unknown: dict[str, None]) -> str | None:
        """Return the one code that a cell stands for; otherwise None, with the cell's words added to the unknown.

        Of several categories none is the row's, so that all of them are listed.
        """
        named = split_list(cell)
        codes = dict.fromkeys(map(self.code, named))
        code = next(iter(codes)) if len(codes) == 1 else None
        if code is None:
            unknown.update(dict.fromkeys(named))
        return code


def word_among(row: Row, column: str, words: Mapping[str, Parsed]) -> Parsed | None:
    """Return what the word in a cell stands for, or None when the cell is empty or the word not known."""
    return words.get(normal_word(row.cells.get(column, "")))


def reject_unless_answer(row: Row, column: str, words: Mapping[str, int] = ANSWERS) -> None:
    """Reject a row whose cell says neither yes nor no; an empty one is for the caller to judge."""
    if row.text(column) is not None and word_among(row, column, words) is None:
        row.reject("answer_unreadable", column)


@dataclass(frozen=True)
class _KnownHeaders:
    """Hold the headers that stand for columns of ours, in the form in which they are compared.

    named: the columns whose header the organisation file names; own: those headers → column; usual: known headers →
    column and rank, the best first.
    """

    named: Collection[str]
    own: Mapping[str, str]
    usual: Mapping[str, tuple[str, int]]

    def columns_of(self, names: Sequence[str]) -> dict[str, int]:
        """Return our column → position. An own header decides alone; otherwise the best alias, the first of equals."""
        found: dict[str, tuple[int, int]] = {}
        for position, name in enumerate(names):
            normal = normal_header(name)
            column, rank = (self.own[normal], 0) if normal in self.own else self.usual.get(normal, ("", 0))
            if not column or (normal not in self.own and column in self.named):
                continue
            found[column] = min(found.get(column, (rank, position)), (rank, position))
        return {column: position for column, (_, position) in found.items()}


@dataclass(frozen=True)
class _Header:
    """Say which row of a table is its header, and where our columns stand in it."""

    position: int
    columns: Mapping[str, int]

    def is_of(self, register: Register) -> bool:
        """Tell whether it has every column that a register needs."""
        return all(any(column in self.columns for column in group) for group in register.needed)


def _known_headers(form: RegisterFormat, register: Register) -> _KnownHeaders:
    return _KnownHeaders(
        frozenset(form.columns),
        {normal_header(header): column for column, header in form.columns.items()},
        {
            normal_header(alias): (column, rank)
            for column, aliases in register.aliases.items()
            for rank, alias in reversed(list(enumerate((column, *aliases))))
        },
    )


def _find_header(table: RawTable, known: _KnownHeaders) -> _Header:
    """Take as header that of the first rows in which most columns are recognised, the first of equals."""
    candidates = [_Header(place, known.columns_of(cells)) for place, cells in enumerate(table.rows[:_SEARCHED_ROWS])]
    return max(candidates, key=lambda header: len(header.columns), default=_Header(0, {}))


def _rows_of(
    table: RawTable, header: _Header, order: int, form: RegisterFormat, register: Register, known: _KnownHeaders
) -> list[Row]:
    """Cut the rows under the header into our columns."""
    top = header.position
    names = [(clean_text(cell) or "") for cell in table.rows[top]]
    place = f"{table.name}, row {table.row_numbers[top]}"
    positions = known.columns_of(names)
    _check_header(names, positions, place, form, register)
    headers = {column: names[position] for column, position in positions.items()}
    normal = [normal_header(name) for name in names]
    deciding = {column for group in register.needed for column in group} | set(register.dates)
    furthest = max(position for column, position in positions.items() if column in deciding)
    known_by = deciding.difference(register.amounts, register.numbers)
    rows = []
    same: dict[str, str] = {}  # the same words stand on thousands of rows, and are kept once
    for number, cells in zip(table.row_numbers[top + 1 :], table.rows[top + 1 :], strict=True):
        values = {
            column: same.setdefault(cells[position], cells[position]) if position < len(cells) else ""
            for column, position in positions.items()
        }
        row = Row(order, table.name, number, headers, values)
        if len(cells) >= len(normal) and all(
            normal_header(cell) == name for cell, name in zip(cells, normal, strict=False)
        ):
            row.reject("repeated_header")
        elif any(map(str.strip, cells[len(names) :])):
            row.reject("too_many_cells")
        elif _is_totals(row, known_by):
            row.reject("totals_row")
        elif len(cells) <= furthest:
            row.reject("too_few_cells")
        rows.append(row)
    suppliers = [column for column in ("supplier_number", "supplier_name") if column in positions]
    with _speaking_of(register):
        refuse_shifted_columns(table.name, headers, {name: [row.cells[name] for row in rows] for name in suppliers})
    return rows


def _is_totals(row: Row, known_by: Collection[str]) -> bool:
    """Tell a row of sums, which says so and has nothing else in the columns by which a row is known."""
    said = (text for column in known_by if (text := row.text(column)))
    return all(map(_TOTAL.match, said)) and any(map(_TOTAL.match, map(str.strip, row.cells.values())))


def _check_header(
    names: Sequence[str], positions: Mapping[str, int], place: str, form: RegisterFormat, register: Register
) -> None:
    """Refuse a header that lacks a column, names one twice, or is another table's."""
    normal = [normal_header(name) for name in names]
    for column, header in form.columns.items():
        if normal_header(header) not in normal:
            near = did_you_mean(header, [name for name in names if name])
            hint = near if near.startswith("Did you") else _headers_found(names)
            raise InputError(
                f"{place}: the organisation file says that '{column}' is called '{header}', but there is no such "
                f"header. {hint} Correct it under {register.key}.columns."
            )
    if sum(name in _LEDGER_HEADERS for name in normal) >= 2 and not set(register.dates) & positions.keys():
        raise InputError(
            f"{place}: this looks like a supplier ledger ({_headers_found(names)}), not a {register.what}. "
            f"Put the {register.what}'s file under {register.key}.files."
        )
    for group in register.needed:
        if not any(column in positions for column in group):
            usual = [register.aliases[column][0].capitalize() for column in group]
            remedy = (
                f"Name your own header in the organisation file under {register.key}.columns, as in '{group[0]}: "
                f"{usual[0]}'."
                if register.has_settings
                else f"Write '{group[0]}' above it."
            )
            raise InputError(
                f"{place}: the {register.what} needs a column {' or '.join(group)} (such as {examples(usual)}). "
                f"{_headers_found(names)} {remedy}"
            )
    for column, position in positions.items():
        if normal.count(normal[position]) > 1:
            raise InputError(
                f"{place}: the header '{names[position]}' ({column}) stands in {normal.count(normal[position])} "
                "columns, so it is not known which to read. Rename or remove one."
            )
    for column in (*register.amounts, *register.numbers):
        known = {normal_header(alias) for alias in register.aliases[column]}
        amounts = [name for name, alike in zip(names, normal, strict=True) if alike in known]
        which = "the one excluding VAT" if column in register.amounts else "the right one (a price excludes VAT)"
        if len(amounts) > 1 and column not in form.columns:
            raise InputError(
                f"{place}: several columns may hold the {column} ({examples(amounts)}). Name {which} in "
                f"the organisation file under {register.key}.columns, as in '{column}: {amounts[0]}'."
            )


def _headers_found(names: Sequence[str]) -> str:
    """List the headers, unless the row is plainly no header: what stands there may then be a person's."""
    if any(sum(sign.isdigit() for sign in name) >= 4 for name in names):
        return "The row holds values instead of headers."
    return f"Headers found: {examples([shortened(name) for name in names if name], 15)}."

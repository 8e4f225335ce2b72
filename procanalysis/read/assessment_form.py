"""Read back the form of an assessment: an XLSX filled in at a meeting, every value with the cell that it stood in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from python_calamine import CalamineError, CalamineWorkbook

from procanalysis.errors import InputError, did_you_mean

Kind = Literal["text", "integer", "number", "date", "yes_no", "list"]
Keys = tuple[str, ...]
Places = dict[Keys, str]
"""Key, with the keys above it, → sheet and cell."""

FIRST_ROW = 1
YES, NO = "ja", "nej"


@dataclass(frozen=True)
class FormField:
    """Describe one cell to fill in: its key in the assessment, its Swedish label, and what it holds."""

    key: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class FormTable:
    """Describe one sheet with a row per entry. With `free_headers` the columns after the first name themselves."""

    sheet: str
    key: str
    fields: tuple[FormField, ...]
    free_headers: str = ""


@dataclass(frozen=True)
class DimensionSheet:
    """Describe the sheet of one dimension."""

    sheet: str
    dimension: str


@dataclass(frozen=True)
class FormLayout:
    """Describe a form: facts on one sheet, a sheet per dimension, and tables."""

    facts_sheet: str
    facts: tuple[FormField, ...]
    dimensions: tuple[DimensionSheet, ...]
    dimension_facts: tuple[FormField, ...]
    scores: tuple[FormField, ...]
    tables: tuple[FormTable, ...]


@dataclass(frozen=True)
class FormReading:
    """Hold what a form says, keyed as an assessment file is, and where each value stood."""

    content: dict[str, Any]
    places: Places


def read_assessment_form(path: Path, layout: FormLayout) -> FormReading:
    """Read a filled-in form.

    Parameters: path, an XLSX; layout, the sheets and cells that it has. Returns a FormReading in which empty cells and
    empty rows are left out. Raises InputError naming file, sheet and cell when the file is no form, a sheet or label is
    missing, or a cell does not hold what it should.
    """
    if not path.is_file():
        raise InputError(f"There is no file '{path.name}'. Check the path.")
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{path.name}: the file is not an Excel workbook ({error}). Save the form as .xlsx.") from None
    form = _Form(path.name, book, {}, {})
    form.facts(layout.facts_sheet, layout.facts, ())
    dimensions = [form.dimension(each, layout) for each in layout.dimensions]
    form.content["dimensions"] = [each for each in dimensions if each is not None]
    form.renumber([number for number, each in enumerate(dimensions) if each is not None])
    for table in layout.tables:
        form.table(table)
    return FormReading(form.content, form.places)


@dataclass
class _Form:
    name: str
    book: Any
    content: dict[str, Any]
    places: Places

    def rows(self, sheet: str) -> list[list[Any]]:
        if sheet not in self.book.sheet_names:
            raise InputError(
                f"{self.name}: the sheet '{sheet}' is missing. {did_you_mean(sheet, self.book.sheet_names)} "
                "Fill in the form as it was written, without renaming sheets."
            )
        read: list[list[Any]] = self.book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        return read

    def facts(self, sheet: str, fields: Sequence[FormField], above: Keys) -> dict[str, Any]:
        """Read the cells beside their labels. Nested keys are written with a full stop."""
        rows = self.rows(sheet)
        labels = {str(row[0]).strip(): number for number, row in enumerate(rows) if row and row[0] != ""}
        found: dict[str, Any] = {} if above else self.content
        for field in fields:
            if field.label not in labels:
                raise InputError(f"{self.name}, sheet '{sheet}': the label '{field.label}' is missing in column A.")
            number = labels[field.label]
            value = self.value(sheet, number, 1, rows, field)
            if value is None:
                continue
            *parts, last = field.key.split(".")
            inner = found
            for part in parts:
                inner = inner.setdefault(part, {})
            inner[last] = value
            self.places[(*above, *field.key.split("."))] = _cell(sheet, number, 1)
        return found

    def dimension(self, each: DimensionSheet, layout: FormLayout) -> dict[str, Any] | None:
        at = ("dimensions", str(layout.dimensions.index(each)))
        found = self.facts(each.sheet, layout.dimension_facts, at)
        rows = self.rows(each.sheet)
        heads = [field.label for field in layout.scores]
        start = next((n for n, row in enumerate(rows) if [str(c).strip() for c in row[: len(heads)]] == heads), None)
        if start is None:
            raise InputError(f"{self.name}, sheet '{each.sheet}': the row with '{', '.join(heads)}' is missing.")
        scores = self.entries(each.sheet, rows, start + 1, layout.scores, (*at, "scores"))
        if not found and not scores:
            return None
        self.places[(*at, "dimension")] = f"sheet '{each.sheet}'"
        return {"dimension": each.dimension, **found, **({"scores": scores} if scores else {})}

    def entries(
        self, sheet: str, rows: list[list[Any]], start: int, fields: Sequence[FormField], above: Keys
    ) -> list[dict[str, Any]]:
        """Read one entry per row that holds anything."""
        found: list[dict[str, Any]] = []
        for number in range(start, len(rows)):
            entry: dict[str, Any] = {}
            keys = (*above, str(len(found)))
            for column, field in enumerate(fields):
                value = self.value(sheet, number, column, rows, field)
                if value is not None:
                    entry[field.key] = value
                    self.places[(*keys, field.key)] = _cell(sheet, number, column)
            if entry:
                self.places[keys] = f"sheet '{sheet}', row {number + 1}"
                found.append(entry)
        return found

    def table(self, table: FormTable) -> None:
        rows = self.rows(table.sheet)
        heads = [str(cell).strip() for cell in rows[0]] if rows else []
        wanted = [field.label for field in table.fields]
        if heads[: len(wanted)] != wanted:
            missing = next(label for n, label in enumerate(wanted) if n >= len(heads) or heads[n] != label)
            raise InputError(
                f"{self.name}, {_cell(table.sheet, 0, wanted.index(missing))}: the header '{missing}' is missing. "
                "Do not move or rename the columns of the form."
            )
        if not table.free_headers:
            found = self.entries(table.sheet, rows, FIRST_ROW, table.fields, (table.key,))
            if found and len(table.fields) == 1 and table.fields[0].key == "":
                self.content[table.key] = [entry[""] for entry in found]
            elif found:
                self.content[table.key] = found
            return
        phases = [head for head in heads[len(wanted) :] if head]
        self.content["phases"] = phases
        self.places |= {("phases", str(n)): _cell(table.sheet, 0, n + 1) for n in range(len(phases))}
        fields = (*table.fields, *(FormField(phase, phase) for phase in phases))
        entries = self.entries(table.sheet, rows, FIRST_ROW, fields, (table.key,))
        first = table.fields[0].key
        for number, entry in enumerate(entries):
            parts = {phase: entry.pop(phase) for phase in phases if phase in entry}
            for phase in parts:
                keys = (table.key, str(number), phase)
                self.places[(table.key, str(number), table.free_headers, phase)] = self.places.pop(keys)
            entries[number] = {first: entry.get(first, ""), table.free_headers: parts}
        if entries:
            self.content[table.key] = entries

    def renumber(self, kept: Sequence[int]) -> None:
        """Number the places of the dimensions as they stand when the empty ones are left out."""
        new = {str(old): str(number) for number, old in enumerate(kept)}
        moved: Places = {}
        for keys, place in self.places.items():
            if keys[0] != "dimensions":
                moved[keys] = place
            elif keys[1] in new:
                moved[(keys[0], new[keys[1]], *keys[2:])] = place
        self.places = moved

    def value(self, sheet: str, row: int, column: int, rows: list[list[Any]], field: FormField) -> Any:
        """Return what a cell holds in the form's own type; None when it is empty."""
        cells = rows[row]
        given = cells[column] if column < len(cells) else ""
        if isinstance(given, str):
            given = given.strip()
        if given == "" or given is None:
            return None
        read = _read_as(given, field.kind)
        if read is None:
            raise InputError(
                f"{self.name}, {_cell(sheet, row, column)} ({field.label}): '{given}' is not {_MEANT[field.kind]}."
            )
        return read


_MEANT: dict[str, str] = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "date": "a date, written as 2025-11-14",
    "yes_no": f"'{YES}' or '{NO}'",
    "list": "text, one item per line in the cell (Alt+Enter)",
}


def _read_as(given: Any, kind: Kind) -> Any:
    if kind in ("integer", "number"):
        number = _number(given)
        if number is None or (kind == "integer" and number != number.to_integral_value()):
            return None
        return int(number) if kind == "integer" else number
    if kind == "date":
        return _date(given)
    text = _text(given)
    if kind == "yes_no":
        return {YES: True, NO: False}.get(text.casefold())
    if kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text


def _number(given: Any) -> Decimal | None:
    if isinstance(given, bool):
        return None
    try:
        number = Decimal(str(given).replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _date(given: Any) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        return None


def _text(given: Any) -> str:
    if isinstance(given, float) and given.is_integer():
        return str(int(given))
    return str(given)


def _cell(sheet: str, row: int, column: int) -> str:
    return f"sheet '{sheet}', cell {chr(ord('A') + column)}{row + 1}"

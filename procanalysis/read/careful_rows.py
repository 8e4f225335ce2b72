"""Read a delimited file record by record, whatever its quotes, line ends and widths, without holding it whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from procanalysis.read.headers import Header
from procanalysis.read.layout import RAW_SCHEMA, lay_out_rows, repeated_headers, usual_width
from procanalysis.read.records import Cells, records
from procanalysis.read.text_survey import TextSurvey, line_blocks

_CHUNK = 20_000


@dataclass(frozen=True)
class DelimitedFile:
    """Say where a delimited file is, how it is written, and which sign stands between its cells."""

    path: Path
    survey: TextSurvey
    delimiter: str

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield every record that is not blank, with its row number in the file."""
        lines = line_blocks(self.path, self.survey.encoding)
        for number, cells in enumerate(records(lines, self.delimiter, quoted=self.survey.has_quotes), start=1):
            if any(map(str.strip, cells)):
                yield number, cells


class CarefulRows:
    """Hand out the rows under the header of a delimited file as an Arrow stream, anew each time it is asked for."""

    def __init__(self, file: DelimitedFile, header: Header, *, held_rows: int) -> None:
        """Go through the file once for what only all rows can tell; hold them when they are `held_rows` at most.

        Raises InputError when a second header in another order stands among the rows.
        """
        self._file = file
        self._header = header
        self._usual = len(header.names)  # as in nearly every file; when it is not, the held rows are laid out anew
        lengths: Counter[int] = Counter()
        held: list[pa.RecordBatch] = []
        for numbers, rows in self._chunks():
            lengths.update(map(len, rows))
            if lengths.total() <= held_rows:
                held.append(self._laid_out(rows, numbers))
            else:
                held.clear()
                repeated_headers(file.path.name, header, rows, numbers)
        self._held = held
        if (usual := usual_width(lengths)) != self._usual:
            self._usual = usual
            self._held = list(self.batches()) if held else []

    def _chunks(self) -> Iterator[tuple[tuple[int, ...], tuple[Cells, ...]]]:
        rows = islice(self._file.rows(), self._header.position + 1, None)
        while chunk := list(islice(rows, _CHUNK)):
            numbers, cells = zip(*chunk, strict=True)
            yield numbers, cells

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as `lay_out` gives them, some at a time."""
        for numbers, rows in self._chunks():
            yield self._laid_out(rows, numbers)

    def _laid_out(self, rows: tuple[Cells, ...], numbers: tuple[int, ...]) -> pa.RecordBatch:
        return lay_out_rows(self._file.path.name, self._header, rows, numbers, self._usual)

    def relation(self) -> pa.Table | CarefulRows:
        """Return all rows as a table when they are held, and otherwise what reads them anew for each query."""
        return pa.Table.from_batches(self._held, RAW_SCHEMA) if self._held else self

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the rows to whoever reads Arrow streams, as DuckDB does for each query."""
        return pa.RecordBatchReader.from_batches(RAW_SCHEMA, self.batches()).__arrow_c_stream__(requested_schema)

"""Let DuckDB read a delimited file by itself, when it is certain to find what the careful way finds."""

from __future__ import annotations

import dataclasses

import duckdb

from procanalysis.read.careful_rows import DelimitedFile
from procanalysis.read.casting import ValueForms, gather_forms
from procanalysis.read.headers import Header, normal_header
from procanalysis.read.layout import RAW_COLUMNS

# What Python's strip() takes away, so that a row is blank here when it is there.
_NOT_SPACE = (
    r"[^\x{09}-\x{0d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)
# What Python's csv reader takes in one cell; a longer line is left to the careful way.
_LONGEST = 131_072
_ENCODINGS = {"utf-8": "utf-8", "cp1252": "latin-1"}


def lay_out_regular(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    file: DelimitedFile,
    header: Header,
    above: int,
    *,
    decimal: str,
    date_order: str,
) -> ValueForms | None:
    """Make a view of a regular file's rows as `lay_out` gives them, and gather the forms of its values.

    A file is regular when each line is a row, each row as wide as the header, each quote by the rule, and no header
    repeated.
    Parameters: relation, the view's name; above, the header's row number; decimal and date_order, as `gather_forms`.
    Returns None, and makes no view, when the file is not regular.
    """
    if not _may_be_regular(file, header):
        return None
    connection.execute(_view(relation, file, header, above))
    try:
        forms = gather_forms(connection, relation, decimal=decimal, date_order=date_order)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        # DuckDB met a line that it cannot read as the others.
        forms = None
    some_dressed = forms is not None and not forms.all_plain
    if (
        forms is None
        or forms.rows != file.survey.lines - above
        or (some_dressed and _repeats_headers(connection, header))
    ):
        connection.execute(f"DROP VIEW {relation}")
        return None
    if some_dressed and _has_blank_amounts(connection):
        return _without_blank_rows(connection, relation, file, header, above, forms)
    return forms


def _may_be_regular(file: DelimitedFile, header: Header) -> bool:
    """Tell from the bytes whether a file can be regular; that every row is as wide as the header DuckDB finds."""
    return (
        file.survey.is_plain
        and file.survey.is_quoted_by_rule(file.delimiter)
        and file.delimiter.isascii()
        and len(header.names) > 1
        and not any(sign in str(file.path) for sign in "*?[]{}")
    )


def _view(relation: str, file: DelimitedFile, header: Header, above: int, *, without_blank: bool = False) -> str:
    # No cell of one line is a line end, so that none becomes null: DuckDB overlooks a cell too many that is null.
    quote = '"' if file.survey.has_quotes else ""
    cells = [f"c{place}" for place in range(len(header.names))]
    columns = ", ".join(
        f"c{header.columns[column]} AS {column}" if column in header.columns else f"NULL::VARCHAR AS {column}"
        for column in RAW_COLUMNS
    )
    filled = " OR ".join(f"regexp_matches({cell}, '{_NOT_SPACE}')" for cell in cells)
    source = f"""
        read_csv({_quoted(str(file.path))}, delim = {_quoted(file.delimiter)}, skip = {above}, header = false,
            columns = {{{", ".join(f"'{cell}': 'VARCHAR'" for cell in cells)}}}, nullstr = '\n',
            quote = '{quote}', escape = '{quote}', comment = '', auto_detect = false, strict_mode = true,
            null_padding = false, max_line_size = {_LONGEST},
            encoding = '{_ENCODINGS[file.survey.encoding]}', compression = 'none',
            hive_partitioning = false)
        """
    return f"""
        CREATE OR REPLACE TEMP VIEW {relation} AS
        SELECT {columns}, row_number, NULL::VARCHAR AS raw_reason
        FROM (SELECT *, row_number() OVER () + {above} AS row_number FROM {source})
        {f"WHERE {filled}" if without_blank else ""}
        """


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _repeats_headers(connection: duckdb.DuckDBPyConnection, header: Header) -> bool:
    known = {normal_header(cell) for cell in header.names} - {""}
    words = connection.execute("SELECT amount FROM amounts WHERE amount >= 'A'").fetchall()
    return any(word[:1].isalpha() and normal_header(word) in known for (word,) in words)


def _has_blank_amounts(connection: duckdb.DuckDBPyConnection) -> bool:
    found = f"SELECT 1 FROM amounts WHERE NOT regexp_matches(amount, '{_NOT_SPACE}') LIMIT 1"
    return bool(connection.execute(found).fetchall())


def _without_blank_rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    file: DelimitedFile,
    header: Header,
    above: int,
    forms: ValueForms,
) -> ValueForms:
    """Leave out rows of nothing but separators, when there are any among the rows without an amount."""
    connection.execute(_view(relation, file, header, above, without_blank=True))
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()
    if rows == forms.rows:
        connection.execute(_view(relation, file, header, above))
    return dataclasses.replace(forms, rows=rows)

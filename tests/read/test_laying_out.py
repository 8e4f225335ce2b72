"""The two ways to lay out a delimited file in constant memory, against the same file laid out whole."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read import careful_rows, laying_out, text_survey
from procanalysis.read.files import decode
from procanalysis.read.headers import find_header
from procanalysis.read.laying_out import LedgerFormat, laid_out_tables
from procanalysis.read.layout import lay_out
from procanalysis.read.tables import read_tables
from procanalysis.read.text_survey import survey_text

HEADER = ["leverantor", "konto_nr", "datum", "belopp"]
ROWS = [[f"Öst {i} AB", str(4000 + i), f"2024-01-{i % 28 + 1:02}", f"{i},50"] for i in range(40)]


@pytest.fixture(scope="module", autouse=True)
def small_steps():
    """Cut files into blocks and chunks so small that every boundary falls in the middle of something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_survey, "_BLOCK", 17)
        patch.setattr(careful_rows, "_CHUNK", 3)
        patch.setattr(laying_out, "_HELD_ROWS", 2)
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("ledger") / "it's a ledger.csv"


def laid(connection: duckdb.DuckDBPyConnection, path: Path, way: str, form: LedgerFormat | None = None):
    """What one way gives: the description and the rows, or the message of the error."""
    tables = laid_out_tables(connection, path, form or LedgerFormat(), way=way)
    try:
        (told, rows) = next(
            (table, connection.execute("SELECT * FROM laid_out ORDER BY row_number").fetchall())
            if table.rows_count
            else (table, [])
            for table in tables
        )
    except InputError as error:
        return str(error), []
    finally:
        tables.close()
    assert told.rows_count == len(rows)
    return told, rows


def laid_whole(path: Path, form: LedgerFormat | None = None):
    """The same file decoded, cut and laid out in one piece."""
    form = form or LedgerFormat()
    try:
        (table,) = read_tables(path, encoding=form.encoding, delimiter=form.delimiter)
        if not table.rows:
            return table, []
        raw = lay_out(table, find_header(table, form.columns))
        return table, list(zip(*(column.to_pylist() for column in raw.columns), strict=True))
    except InputError as error:
        return str(error), []


def compare(connection, path: Path, content: bytes) -> bool:
    """Assert that all ways give the same, and tell whether DuckDB read the file by itself."""
    path.write_bytes(content)
    whole, expected = laid_whole(path)
    told, rows = laid(connection, path, "auto")
    careful, careful_rows_found = laid(connection, path, "careful")
    assert rows == careful_rows_found == expected
    if isinstance(whole, str):
        assert told == careful == whole
        return False
    assert not careful.is_regular
    assert replace(told, is_regular=False, forms=None) == replace(careful, forms=None)
    assert told.forms == careful.forms
    assert (told.encoding, told.delimiter) == (whole.encoding, whole.delimiter)
    assert told.sha256 == hashlib.sha256(content).hexdigest()
    return told.is_regular


def written(rows: list[list[str]], delimiter: str = ";", end: str = "\n", encoding: str = "utf-8") -> bytes:
    return end.join(delimiter.join(cells) for cells in [HEADER, *rows]).encode(encoding)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_regular_files_go_the_fast_way(connection, path, delimiter, end, encoding):
    content = written(ROWS, delimiter, end, encoding)
    assert compare(connection, path, content)
    assert compare(connection, path, content + end.encode())
    assert compare(connection, path, content + end.encode() * 3)


def quoted(rows: list[list[str]], quoting: int, delimiter: str = ";", end: str = "\n") -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([HEADER, *rows])
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_files_quoted_by_the_rule_go_the_fast_way(connection, path, delimiter, end, quoting, encoding):
    rows = [*ROWS, ['"Öl; ""och"", mat"', "4010", "2024-01-31", "1 200,50"], ['"', "40;10", '""', "1,5"]]
    text = quoted(rows, quoting, delimiter, end)
    assert compare(connection, path, text.encode(encoding))
    assert compare(connection, path, text.removesuffix(end).encode(encoding))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.replace(b"\n", b"\r"),
        lambda content: content.replace(b"\n", b"\r\n", 3),
        lambda content: content.replace(b"4003;", b'"4003";'),
        lambda content: content.replace(b"4003;", b"4003;;"),
        lambda content: content.replace(b"3,50", b"3,50;"),
        lambda content: content.replace(b";2024-01-05;", b";;"[:1]).replace(b"4,50", b"4,50;", 1),
        lambda content: content.replace("Öst 3".encode(), "Ö\0t 3".encode()),
        lambda content: content.replace(b"\n", b"\n\n", 5),
        lambda content: content.replace(b"\n", b"\n;;;\n", 5),
        lambda content: content.replace(b"\n", b"\n ; ;\t;\xc2\xa0\n", 5),
        lambda content: content + b"\n" + content,
        lambda content: content + b"\nbelopp;datum;konto_nr;leverantor\n",
        lambda content: content + b"\nbelopp;datum;leverantor;konto_nr\n",
        lambda content: b"Reskontra 2024\n\n" + content,
        lambda content: b"Reskontra;2024;;\n;;;\n" + content,
        lambda content: content.replace(b"\n", b";\n"),
        lambda content: content.replace(b"\n", b";\n").replace(b"belopp;", b"belopp"),
        lambda content: content.decode().replace("Öst 3", "Öst – 3 €").encode("cp1252"),
        lambda content: content.decode().encode("cp1252").replace(b"\xd6st 3", b"\x81st 3"),
        lambda content: content.decode().encode("utf-16"),
        lambda content: content.decode().encode("utf-16-le"),
        lambda content: content.replace("Öst 33".encode(), b"\xd6st 33"),
        lambda content: content + "\nÖ".encode()[:-1],
        lambda content: content.replace(b"Reskontra", b"").replace("Öst 3 ".encode(), b"\xef\xbb\xbf3 "),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst 3\nAB"'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst 3 AB'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), 'Öst "3" AB'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst; ""3"" AB"'.encode()),
        lambda content: content.split(b"\n")[0],
        lambda content: b"\n\n \n",
        lambda content: b"",
    ],
)
def test_every_way_gives_the_same(connection, path, spoil):
    compare(connection, path, spoil(written(ROWS)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.replace(b"\n", b"\r"),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst 3\nAB"'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), 'Öst "3" AB'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), ' "Öst 3 AB"'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst 3" AB'.encode()),
        lambda content: content.replace("Öst 3 AB".encode(), '"Öst 3 AB'.encode()),
        lambda content: content.replace(b"3,50", b"3,50;", 1),
        lambda content: content.replace(b"3,50", b'3,50;""', 1),
        lambda content: content.replace(b";3,50", b"", 1),
        lambda content: content.replace("Öst 3 AB".encode(), b"x" * 140_000),
        lambda content: content.replace(b"\n", b"\n\n", 5),
        lambda content: content + b"\n" + content,
        lambda content: content.decode().encode("utf-16"),
        lambda content: content.decode().replace("Öst 3", "Öst – 3 €").encode("cp1252"),
    ],
)
def test_the_fast_way_declines_what_it_cannot(connection, path, spoil):
    assert not compare(connection, path, spoil(written(ROWS)))


def test_rows_of_separators_alone_are_left_out_by_the_fast_way(connection, path):
    assert compare(connection, path, written([*ROWS, ["", "", "", ""], [" ", "\u00a0", "", "\u2003"]]))
    assert compare(connection, path, written([*ROWS, ["A", "", "", ""], ["", "", "", ""], ["\u200b", "", "", ""]]))


def test_a_path_that_duckdb_would_take_for_a_pattern_is_read_as_it_is(connection, tmp_path):
    compare(connection, tmp_path / "ledger[1]*.csv", written(ROWS))


def test_rows_keep_their_numbers_and_order_over_many_blocks(connection, path):
    rows = [[f"Öst {i} AB", "4010", "2024-01-31", f"{i},50"] for i in range(300_000)]
    path.write_bytes(written(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_survey, "_BLOCK", 1 << 20)
        tables = laid_out_tables(connection, path, LedgerFormat())
        assert next(tables).is_regular
        found = connection.execute(
            "SELECT count(*), count(*) FILTER (amount = (row_number - 2) || ',50') FROM laid_out"
        ).fetchall()
        tables.close()
    assert found == [(300_000, 300_000)]


def test_the_relation_is_gone_after_the_last_table(connection, path):
    path.write_bytes(written(ROWS))
    for way in ("auto", "careful"):
        list(laid_out_tables(connection, path, LedgerFormat(), way=way))
        with pytest.raises(duckdb.CatalogException):
            connection.execute("FROM laid_out")


PLAIN = [
    "",
    " ",
    "Öl AB",
    "4010",
    "2024-01-31",
    "-1 234,50",
    "12,5",
    "1.234",
    "belopp",
    "Konto_nr",
    "be__lopp",
    "summa",
]
NASTY = [
    '"',
    '""',
    'a"b',
    '"a;b"',
    '"a\nb"',
    '"a""b"',
    "\ufeff",
    "\x1c",
    "\u00a0",
    "x\ty",
    "NULL",
    "\\",
    "'",
    "#",
    "\0",
]
CELLS = st.sampled_from([*PLAIN, *NASTY])
LINES = st.one_of(
    st.lists(CELLS, min_size=4, max_size=4),
    st.lists(CELLS, min_size=0, max_size=6),
    st.sampled_from([*ROWS[:6], HEADER, HEADER[::-1], []]),
)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(LINES, max_size=12),
    title=st.lists(st.lists(CELLS, max_size=3), max_size=2),
    delimiter=st.sampled_from([";", ";", "\t", ","]),
    end=st.sampled_from(["\n", "\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    ending=st.sampled_from(["", "end", "end end"]),
)
@example([["Öl AB", "4010", "2024-01-31", "1,5"]], [], ";", "\n", "utf-8", "end")
@example([["Öl AB", "4010", "2024-01-31", "1,5", ""]], [], ";", "\n", "utf-8", "end")
def test_hostile_files_give_the_same_by_every_way(connection, path, rows, title, delimiter, end, encoding, ending):
    text = end.join(delimiter.join(cells) for cells in [*title, HEADER, *rows]) + ending.replace("end", end)
    compare(connection, path, text.encode(encoding, errors="replace"))


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS | st.text(max_size=4), min_size=4, max_size=4), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    delimiter=st.sampled_from([";", "\t", ","]),
    end=st.sampled_from(["\n", "\r\n"]),
    cut=st.integers(0, 3),
)
def test_hostile_quoted_files_give_the_same_by_every_way(connection, path, rows, quoting, delimiter, end, cut):
    content = quoted(rows, quoting, delimiter, end).encode(errors="replace")
    compare(connection, path, content[: len(content) - cut])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=60).map(str.encode))
@example("Åre\nÅmål\n".encode() + "Öland\n".encode("cp1252"))
@example(b"\r\r\n\n\r\xc3")
def test_a_survey_decides_on_an_encoding_as_decode_does(path, content):
    path.write_bytes(content)
    try:
        expected = decode(content, "auto", path.name)[1]
    except InputError as error:
        with pytest.raises(InputError) as caught:
            survey_text(path)
        assert str(caught.value) == str(error)
    else:
        assert survey_text(path).encoding == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_blocks_of_lines_are_the_lines_of_the_text(path, text, encoding):
    content = text.encode(encoding, errors="replace")
    path.write_bytes(content)
    whole = decode(content, encoding, path.name)[0].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [line for block in text_survey.line_blocks(path, encoding) for line in block] == whole

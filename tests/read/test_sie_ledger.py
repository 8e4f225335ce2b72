"""SIE 4 as the ledger of an organisation: the same rows and öre as its own reading, nobody shown, nothing mixed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from procanalysis.errors import InputError
from procanalysis.read.ledger import LedgerFormat, LedgerReading, read_ledger
from procanalysis.read.sie import read_sie
from procanalysis.read.supplier_numbers import Masker

SIE = """#FLAGGA 0
#PROGRAM "Ekonomi" 1.0
#FORMAT PC8
#SIETYP 4
#ORGNR 556016-0680
#FNAMN "Kommunala Bolaget AB"
#RAR 0 20240101 20241231
#KONTO 2440 Leverantörsskulder
#KONTO 6440 "Konsulter och vård"
#KONTO 4010 Material
#DIM 7 Anställd
#OBJEKT 1 10 "Vård och omsorg"
#OBJEKT 6 P7 "Projekt Anna Andersson"
#OBJEKT 7 1 "Anna Andersson"
#OBJEKT 9 5560360793 "Elverket AB"
#OBJEKT 9 900101-0017 "Bo Berg"
#VER A 1 20240305 "Inköp av el"
{
#TRANS 4010 {1 10 9 5560360793} 100.50 "" "Utlägg Anna Andersson"
#TRANS 6440 {1 10 6 P7 9 900101-0017} 49.50 "" "Arvode Bo Berg 900101-0017"
#TRANS 2440 {} -150.00
}
#VER A 2 20240406 "Obalans"
{
#TRANS 4010 {1 10} 10.00
#TRANS 2440 {} -9.50
#BTRANS 4010 {} 77.00
}
#VER A 3 20240506 Trasig
{
#TRANS 4010 {1 10} 1O.00
#TRANS 2440 {} -1.00
}
"""


ReadFiles = Callable[..., LedgerReading]


@pytest.fixture
def read_files(tmp_path: Path, masker: Masker, connection: duckdb.DuckDBPyConnection) -> ReadFiles:
    """Write files by name and read them as one ledger."""

    def read(files: dict[str, str | bytes], **form: Any) -> LedgerReading:
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / name)
            paths[-1].write_bytes(content.encode("cp437") if isinstance(content, str) else content)
        reading = read_ledger(connection, paths, LedgerFormat(**form), masker=masker)
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert control.amount_read_ore == control.amount_accepted_ore + control.amount_rejected_ore
        assert (reading.lines.num_rows, reading.rejected.num_rows) == (control.rows_accepted, control.rows_rejected)
        assert sum(reading.lines["amount_ore"].to_pylist()) == control.amount_accepted_ore
        assert len(set(reading.lines["line_id"].to_pylist())) == reading.lines.num_rows
        return reading

    return read


def test_the_rows_of_a_general_ledger_are_postings(read_files: ReadFiles) -> None:
    reading = read_files({"bok.se": SIE})
    lines = reading.lines.to_pylist()
    assert [(line["account"], line["amount_ore"], line["row_number"]) for line in lines] == [
        ("4010", 10_050, 19), ("6440", 4_950, 20), ("2440", -15_000, 21), ("4010", 1_000, 25), ("2440", -950, 26),
        ("2440", -100, 32),
    ]  # fmt: skip
    first = lines[0]
    told = ("buyer_id", "buyer", "unit", "supplier_key", "supplier_name", "account_text", "voucher_id")
    assert [first[name] for name in told] == [
        "556016-0680", "Kommunala Bolaget AB", "Vård och omsorg", "5560360793", "Elverket AB", "Material", "A 1",
    ]  # fmt: skip
    assert str(first["booked_on"]) == "2024-03-05"
    assert lines[2]["supplier_name"] == "Uppgift saknas"
    assert lines[3]["text"] == "Obalans"
    (rejected,) = reading.rejected.to_pylist()
    assert (rejected["row_number"], rejected["column"], rejected["value"], rejected["reason"]) == (
        31, "#TRANS belopp", "1O.00", "amount_unreadable")  # fmt: skip
    assert reading.has_dates


def test_vouchers_that_do_not_balance_are_told(read_files: ReadFiles) -> None:
    (file,) = read_files({"bok.se": SIE}).files
    assert file.note == "Verifikationer som inte går ihop: A 2 (0,50 kr), A 3 (−1,00 kr)."
    assert file.encoding == "cp437"


def test_only_the_chosen_accounts_are_read_and_the_others_told(read_files: ReadFiles) -> None:
    reading = read_files({"bok.se": SIE}, accounts=("4", "6"))
    assert sorted(set(reading.lines["account"].to_pylist())) == ["4010", "6440"]
    assert "3 rader (−160,50 kr) på andra konton än de som börjar på 4, 6 ingår inte." in reading.files[0].note
    with pytest.raises(InputError, match=r"bok\.se: no account begins with 9"):
        read_files({"bok.se": SIE}, accounts=("9",))


def test_people_are_hidden(read_files: ReadFiles, masker: Masker) -> None:
    reading = read_files({"bok.se": SIE})
    shown = str([reading.lines.to_pylist(), reading.rejected.to_pylist(), reading.register.to_pylist(), reading.files])
    assert "Anna" not in shown and "Bo Berg" not in shown and "900101" not in shown
    by_account = {line["account"]: line for line in reading.lines.to_pylist()}
    assert by_account["6440"]["supplier_key"] == masker.supplier_key("9001010017")
    assert by_account["6440"]["supplier_type"] == "sole_trader"


def test_two_years_are_one_ledger_and_the_same_file_twice_is_not(read_files: ReadFiles) -> None:
    rows = "".join(f"#TRANS 4010 {{}} {number}.00\n" for number in range(1, 13))
    voucher = f"#VER B 1 20240701\n{{\n{rows}#TRANS 2440 {{}} -78.00\n}}\n"
    first, second = SIE + voucher, (SIE + voucher).replace("2024", "2025")
    both = read_files({"a.se": first, "b.si": second})
    assert both.control.rows_accepted == 2 * (6 + 13)
    twice = read_files({"a.se": first, "b.se": first + "\n"})
    assert twice.control.rows_accepted == 6 + 13
    assert "Samma leverans som a.se" in twice.files[1].note


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.se": SIE, "b.csv": "leverantor;konto;belopp\nX;1;1\n"}, "would count twice"),
        ({"a.se": SIE.replace("#RAR", "#VALUTA EUR\n#RAR")}, "another currency than SEK"),
        ({"a.se": SIE.rpartition("}")[0]}, "cut off"),
        ({"a.se": SIE.replace("#SIETYP 4", "#SIETYP 1").partition("#VER")[0] + "#UB 0 2440 1.00\n"}, "a.se"),
        ({"a.se": "#FLAGGA 0\n#VER A 1 20240101\n{\n#TRANS 1 {} 1.00 }\n{ #TRANS 2 {} 1 #TRANS 3 {} 2\n}\n"}, "a.se"),
    ],
)
def test_what_cannot_be_a_ledger_is_refused(read_files: ReadFiles, files: Any, words: str) -> None:
    with pytest.raises(InputError) as found:
        read_files(files)
    assert words in str(found.value)


def test_a_file_without_vouchers_says_so(read_files: ReadFiles) -> None:
    files = {"a.se": SIE, "b.se": SIE.partition("#VER")[0]}
    assert read_files(files).files[1].note == "Filen har inga verifikationer."


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name",
    ["BL0001_typ4I.SI", "SIE4_Exempelfil_med_underdim.SE", "Sie4.se", "XE_SIE_4_20151125095119.SE",
     "transaktioner_ovnbolag-bad-balance.se", "transaktioner_ovnbolag.se"],
)  # fmt: skip
def test_every_real_file_gives_the_rows_and_öre_of_its_own_reading(
    name: str, real_data: Path, masker: Masker, connection: duckdb.DuckDBPyConnection
) -> None:
    path = real_data / "sie" / name
    own = read_sie(path, masker=masker).control
    reading = read_ledger(connection, [path], masker=masker)
    control = reading.control
    assert (control.rows_read, control.rows_accepted, control.rows_rejected) == (
        own.rows_read, own.rows_accepted, own.rows_rejected)  # fmt: skip
    assert control.amount_accepted_ore == own.debit_ore + own.credit_ore
    unbalanced = "Verifikationer som inte går ihop" in reading.files[0].note
    assert unbalanced == (own.vouchers_balanced != own.vouchers_read)
    assert unbalanced or "bad-balance" not in name

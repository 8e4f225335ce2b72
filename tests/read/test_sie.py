"""SIE 4 as a general ledger: planted faults are told exactly, nothing is lost, and hostile files are refused."""

from __future__ import annotations

import dataclasses
import itertools
import random
import time
import zlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.sie import SieReading, checks, read_sie
from procanalysis.read.sie import text as sie_text
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import REJECT_REASONS, SIE_FAULT_KINDS, SIE_TRANSACTIONS, SIE_VOUCHERS, names

HEAD = """#FLAGGA 0
#PROGRAM "Provprogrammet" 1.0
#FORMAT PC8
#GEN 20250110 AB
#SIETYP 4
#FNAMN "Exempelbolaget Åäö AB"
#ORGNR 556016-0680
#RAR 0 20240101 20241231
#RAR -1 20230101 20231231
#KPTYP EUBAS97
#KONTO 1930 "Företagskonto"
#KTYP 1930 T
#KONTO 2640 "Ingående moms"
#KONTO 5010 "Lokalhyra"
#KTYP 5010 K
#ENHET 5010 "kvm"
#DIM 1 "Resultatenhet"
#DIM 6 "Projekt"
#UNDERDIM 21 "Grupp" 1
#OBJEKT 1 10 "Skolan"
#OBJEKT 1 20 "Vården"
#OBJEKT 6 P1 "Nya huset"
#OBJEKT 21 A "Grupp A"
"""
HYRA = """#VER A 1 20240115 "Hyra januari" 20240116 "NN"
{
#TRANS 1930 {} -1250.00
#TRANS 2640 {} 250.00
#TRANS 5010 {1 10 6 "P1"} 600.00 20240114 "Skolans del" 12.5 "NN"
#TRANS 5010 {"1" "20" 21 A} 400 "" "Vårdens \\"del\\""
}
"""

Read = Callable[..., SieReading]


@pytest.fixture
def read_text(tmp_path: Path, masker: Masker) -> Read:
    """Write a text to a file and read it, with the totals held against each other."""

    def read(text: str | bytes, name: str = "prov.se", encoding: str = "cp437", masker: Masker = masker) -> SieReading:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return checked(read_sie(path, masker=masker))

    return read


def checked(reading: SieReading) -> SieReading:
    control = reading.control
    assert control.rows_read == control.rows_accepted + control.rows_rejected
    assert control.balances_read == control.balances_accepted + control.balances_rejected
    assert len(reading.transactions) == control.rows_accepted
    assert len(reading.rejected) == control.rows_rejected + control.balances_rejected
    assert control.debit_ore + control.credit_ore == reading.transactions["amount_ore"].sum()
    assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
    assert set(reading.faults["fault"]) <= SIE_FAULT_KINDS.keys()
    assert list(reading.transactions)[: len(SIE_TRANSACTIONS)] == names(SIE_TRANSACTIONS)
    assert list(reading.vouchers) == names(SIE_VOUCHERS)
    return reading


def faults(reading: SieReading) -> list[str]:
    return sorted(reading.faults["fault"])


def the_fault(reading: SieReading, kind: str) -> dict[str, Any]:
    rows = reading.faults[reading.faults["fault"] == kind]
    assert len(rows) == 1, reading.faults
    return dict(rows.iloc[0])


def test_everything_that_a_sound_file_says_is_read(read_text: Read) -> None:
    reading = read_text(HEAD + HYRA)
    assert faults(reading) == [] and len(reading.rejected) == 0
    assert reading.control.rows_read == 4 and reading.control.vouchers_balanced == 1
    assert (reading.control.debit_ore, reading.control.credit_ore) == (125000, -125000)
    first, *_, third, fourth = reading.transactions.to_dict("records")
    assert (first["account"], first["account_name"], first["amount_ore"]) == ("1930", "Företagskonto", -125000)
    assert (first["series"], first["voucher_number"], first["voucher_text"]) == ("A", "1", "Hyra januari")
    assert first["voucher_on"] == pd.Timestamp(2024, 1, 15) and pd.isna(first["transaction_on"])
    assert pd.isna(first["unit"]) and pd.isna(first["text"]) and first["quantity"] is None
    assert (third["unit"], third["unit_name"], third["project"], third["project_name"]) == (
        "10", "Skolan", "P1", "Nya huset",
    )  # fmt: skip
    assert third["quantity"] == Decimal("12.5") and third["transaction_on"] == pd.Timestamp(2024, 1, 14)
    assert (fourth["text"], fourth["dimension_21"], fourth["dimension_21_name"]) == ('Vårdens "del"', "A", "Grupp A")
    assert first["row_number"] == 26 and list(reading.transactions["line_id"]) == [1, 2, 3, 4]
    company = reading.company
    assert (company.number, company.name) == ("556016-0680", "Exempelbolaget Åäö AB")
    assert [(year.number, year.starts_on) for year in company.years] == [(0, date(2024, 1, 1)), (-1, date(2023, 1, 1))]
    assert (company.account_plan, company.currency, company.program) == ("EUBAS97", "SEK", "Provprogrammet 1.0")
    accounts = reading.accounts.set_index("account")
    assert accounts.loc["5010", ["account_name", "account_type", "quantity_unit"]].tolist() == ["Lokalhyra", "K", "kvm"]
    dimensions = reading.dimensions.set_index("dimension")
    assert dimensions.loc[21, ["dimension_name", "parent_dimension", "objects", "rows"]].tolist() == ["Grupp", 1, 1, 1]
    assert dimensions.loc[1, "rows"] == 2 and len(reading.objects) == 4


def test_the_reading_is_frozen(read_text: Read) -> None:
    reading = read_text(HEAD + HYRA)
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.name = "annat"  # type: ignore[misc]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("last", ["", None])
def test_line_ends_and_a_missing_last_one(read_text: Read, line_end: str, last: str | None) -> None:
    text = (HEAD + HYRA).replace("\n", line_end)
    reading = read_text(text if last is None else text.rstrip("\r\n"))
    assert reading.control.rows_accepted == 4 and faults(reading) == []


def test_braces_and_rows_may_share_a_row(read_text: Read) -> None:
    text = HEAD + (
        '#VER A 1 20240115 "Hyra" {\n#TRANS 1930 {} -10 }\n#ver A 2 20240115 Fika\n'
        "\t{ #trans\t1930 {  } -5 #TRANS 5010 {1 10} 15.00}\n"
    )
    reading = read_text(text)
    assert reading.transactions["amount_ore"].tolist() == [-1000, -500, 1500]
    assert reading.vouchers["balance_ore"].tolist() == [-1000, 1000]


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_encoding_is_found_by_the_content(read_text: Read, encoding: str) -> None:
    reading = read_text(HEAD + HYRA, encoding=encoding)
    assert reading.encoding == encoding.removesuffix("-sig")
    assert reading.company.name == "Exempelbolaget Åäö AB"
    assert faults(reading) == ([] if encoding == "cp437" else ["format_untrue"])


def test_a_file_of_plain_letters_needs_no_guess(read_text: Read) -> None:
    reading = read_text("#FLAGGA 0\n#FORMAT PC8\n#SIETYP 4\n#VER A 1 20240101 x\n{\n#TRANS 1 {} 0\n}")
    assert reading.encoding == "ascii" and faults(reading) == []


def test_mostly_utf8_is_utf8_and_the_loss_is_told(read_text: Read) -> None:
    content = (HEAD + HYRA).encode() + b'#PROSA "\x94"\n#KONTO 6000 "\xef\xbf\xbdvrigt"\n'
    reading = read_text(content)
    assert reading.encoding == "utf-8" and reading.company.name.startswith("Exempelbolaget Åäö")
    assert the_fault(reading, "characters_lost")["value"] == "2"


def test_unbalanced_vouchers_are_told_by_series_number_and_amount(read_text: Read) -> None:
    """Plant a hundred vouchers of which some are wrong, and find exactly those by exactly as much."""
    draw = random.Random(9)
    planted, rows = {}, []
    for number in range(1, 101):
        ore = [draw.randint(-(10**9), 10**9) for _ in range(draw.randint(1, 5))]
        wrong = draw.choice([0, 0, 0, 1, -100, 12771_00])
        if wrong:
            planted["AB"[number % 2], str(number)] = wrong
        rows.append(f"#VER {'AB'[number % 2]} {number} 20240{1 + number % 9}01 x\n{{")
        rows += [f"#TRANS 5010 {{}} {Decimal(value).scaleb(-2):f}" for value in (*ore, wrong - sum(ore))]
        rows.append("}")
    reading = read_text(HEAD + "\n".join(rows))
    wrong_rows = reading.faults[reading.faults["fault"] == "voucher_unbalanced"]
    found = {(row["series"], row["voucher_number"]): row["amount_ore"] for row in wrong_rows.to_dict("records")}
    assert found == planted and len(planted) > 20
    assert reading.control.vouchers_balanced == 100 - len(planted)
    assert reading.vouchers["balance_ore"].sum() == sum(planted.values())


@pytest.mark.parametrize(
    ("row", "column", "reason", "amount"),
    [
        ("#TRANS 5010 {} 100.005", "#TRANS belopp", "amount_decimals", None),
        ("#TRANS 5010 {} etthundra", "#TRANS belopp", "amount_unreadable", None),
        ("#TRANS 5010 {}", "#TRANS belopp", "amount_missing", None),
        ("#TRANS 5010 {} 1,000", "#TRANS belopp", "amount_ambiguous", None),
        ("#TRANS 5010 {} 999999999999.00", "#TRANS belopp", "amount_too_large", None),
        ('#TRANS "" {} 100.00', "#TRANS konto", "account_missing", 10000),
        ("#TRANS 5010 {1 10 100.00", "#TRANS objektlista", "objects_unreadable", None),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_and_its_voucher_told(
    read_text: Read, row: str, column: str, reason: str, amount: int | None
) -> None:
    reading = read_text(f"{HEAD}#VER A 7 20240115 x\n{{\n#TRANS 1930 {{}} -100.00\n{row}\n}}\n{HYRA}")
    (rejected,) = reading.rejected.to_dict("records")
    assert (rejected["row_number"], rejected["column"], rejected["reason"]) == (27, column, reason)
    assert rejected["file"] == "prov.se"
    assert rejected["amount_ore"] == amount or (amount is None and pd.isna(rejected["amount_ore"]))
    told = the_fault(reading, "voucher_row_rejected")
    assert (told["series"], told["voucher_number"], told["amount_ore"]) == ("A", "7", -10000)
    assert reading.vouchers["is_balanced"].tolist() == [0, 1] and reading.control.rows_rejected == 1


def test_a_voucher_without_a_day_is_rejected_whole(read_text: Read) -> None:
    text = HEAD + HYRA.replace("20240115", "20240231") + HYRA.replace("A 1 20240115", 'A 2 ""')
    reading = read_text(text)
    assert reading.rejected["reason"].tolist() == ["date_unreadable"] * 4 + ["date_missing"] * 4
    assert reading.rejected["amount_ore"].sum() == 0 and len(reading.transactions) == 0
    assert faults(reading) == ["voucher_row_rejected"] * 2 and reading.control.vouchers_balanced == 0


def test_what_does_not_touch_the_amount_is_told_and_the_row_kept(read_text: Read) -> None:
    reading = read_text(
        HEAD + "#VER A 1 20240115 x 20241399\n{\n#TRANS 5010 {1 10 6} 10.00 20240199 x två\n"
        '#TRANS 5010 {1 10 1 20 6 P1} 10,5\n#TRANS 9999 -20.50 20240115 "ej slut\n}\n'
    )
    assert faults(reading) == [
        "account_undeclared", "decimal_comma", "dimension_repeated", "objects_unreadable", "quantity_unreadable",
        "quote_unclosed", "registered_date_unreadable", "transaction_date_unreadable",
    ]  # fmt: skip
    rows = reading.transactions
    assert rows["amount_ore"].tolist() == [1000, 1050, -2050] and rows["text"].tolist()[2] == "ej slut"
    assert rows["unit"].isna().all() and rows["project"].tolist()[1] == "P1" and rows["quantity"].tolist()[0] is None
    assert the_fault(reading, "account_undeclared")["amount_ore"] == -2050
    assert the_fault(reading, "decimal_comma")["value"] == "10,5"


ADDED_AND_REMOVED = """#VER A 1 20240115 "Rättad"
{
#TRANS 1930 {} -100.00
#BTRANS 5010 {} 90.00 20240115 "Fel" 0 "NN"
#RTRANS 5010 {1 10} 100.00 20240120 "Rätt" 0 "NN"
#TRANS 5010 {1 10} 100.00 20240120 "Rätt" 0 "NN"
}
"""


def test_added_and_removed_rows_are_not_counted_twice(read_text: Read) -> None:
    reading = read_text(HEAD + ADDED_AND_REMOVED)
    assert faults(reading) == [] and reading.transactions["amount_ore"].tolist() == [-10000, 10000]
    assert reading.transactions["is_added"].tolist() == [0, 1]
    control = reading.control
    assert (control.rows_read, control.rows_doubled, control.rows_removed) == (2, 1, 1)
    (voucher,) = reading.vouchers.to_dict("records")
    assert (voucher["rows"], voucher["rows_added"], voucher["rows_removed"]) == (2, 1, 1)


def test_an_added_row_without_its_twin_counts_once_and_is_told(read_text: Read) -> None:
    alone = ADDED_AND_REMOVED.replace('#TRANS 5010 {1 10} 100.00 20240120 "Rätt" 0 "NN"\n}', "}")
    reading = read_text(HEAD + alone)
    assert reading.transactions["amount_ore"].tolist() == [-10000, 10000]
    assert faults(reading) == ["added_row_alone"] and reading.control.rows_doubled == 0
    assert reading.control.rows_read == 2


def test_the_twin_may_stand_anywhere_in_the_voucher(read_text: Read) -> None:
    """A row that was there already, and the same once more, added: two rows, in any order of the three."""
    rows = ["#TRANS 5010 {} 50", "#RTRANS 5010 {} 50.00", "#TRANS 5010 {} 50.0"]
    for order in itertools.permutations(rows):
        body = "\n".join(order)
        reading = read_text(f"{HEAD}#VER A 1 20240115 x\n{{\n#TRANS 1930 {{}} -100\n{body}\n}}\n")
        assert faults(reading) == [] and reading.control.rows_doubled == 1
        assert reading.transactions["is_added"].tolist() == [0, 0, 1]


def test_two_added_rows_need_two_twins(read_text: Read) -> None:
    pair = "#RTRANS 5010 {} 50\n#RTRANS 5010 {} 50.00\n#TRANS 5010 {} 50.00\n#TRANS 5010 {} 50.0\n"
    reading = read_text(f"{HEAD}#VER A 1 20240115 x\n{{\n#TRANS 1930 {{}} -100\n{pair}}}\n")
    assert faults(reading) == [] and reading.control.rows_doubled == 2
    assert reading.transactions["is_added"].tolist() == [0, 1, 1]


BALANCES = """#IB 0 1930 1000.00
#IB -1 1930 500.00
#UB -1 1930 1000.00
#UB 0 1930 -250.00
#UB 0 2640 250.00
#RES 0 5010 1000.00
#OIB 0 1930 {1 10} 200.00 3
#PSALDO 0 202401 5010 {1 10 6 P1} 600.00
#PBUDGET 0 202401 5010 {} 900.00
"""


def test_balances_are_kept_as_given_and_held_against_the_transactions(read_text: Read) -> None:
    reading = read_text(HEAD + BALANCES + HYRA)
    checks = reading.account_checks.set_index("account")
    assert checks["difference_ore"].tolist() == [0, 0, 0] and checks["kind"].tolist() == ["UB", "UB", "RES"]
    assert checks.loc["1930", ["opening_ore", "transactions_ore", "closing_ore"]].tolist() == [100000, -125000, -25000]
    assert faults(reading) == ["closing_sum", "opening_sum"]  # the planted balances hold no equity
    assert the_fault(reading, "opening_sum")["amount_ore"] == 100000
    assert the_fault(reading, "closing_sum")["amount_ore"] == 100000
    kept = reading.balances.set_index("kind")
    assert kept.loc["OIB", ["objects", "amount_ore", "quantity"]].tolist() == ["1:10", 20000, Decimal(3)]
    assert kept.loc["PSALDO", ["period", "objects"]].tolist() == ["202401", "1:10 6:P1"]
    assert len(kept) == reading.control.balances_accepted == 9


def test_balances_that_do_not_agree_are_told_by_account_and_amount(read_text: Read) -> None:
    wrong = BALANCES.replace("#UB 0 1930 -250.00", "#UB 0 1930 -249.99").replace("#UB 0 2640 250.00\n", "")
    wrong = wrong.replace("#UB -1 1930 1000.00", "#UB -1 1930 900.00")
    reading = read_text(HEAD + wrong + HYRA)
    differing = reading.faults[reading.faults["fault"] == "account_differs"]
    assert dict(zip(differing["account"], differing["amount_ore"], strict=True)) == {"1930": -1, "2640": 25000}
    assert the_fault(reading, "opening_differs")["amount_ore"] == 10000
    assert reading.control.accounts_differing == 2
    missing = reading.account_checks.set_index("account").loc["2640"]
    assert pd.isna(missing["kind"]) and pd.isna(missing["closing_ore"])


def test_balances_that_cannot_be_read_are_rejected(read_text: Read) -> None:
    rows = '#IB noll 1930 1\n#IB 0 1930 1.555\n#UB 0 1930 5\n#UB 0 1930 6\n#PSALDO 0 2024 1930 {} 5\n#RES 0 "" 1\n'
    reading = read_text(HEAD + rows + HYRA)
    assert reading.rejected["reason"].tolist() == [
        "year_unreadable", "amount_decimals", "balance_repeated", "date_unreadable", "account_missing",
    ]  # fmt: skip
    assert reading.rejected["column"].tolist()[2] == "#UB saldo" and reading.control.balances_rejected == 5


def test_a_file_to_be_imported_has_nothing_to_be_held_against(read_text: Read) -> None:
    text = '#FLAGGA 0\n#SIETYP 4\n#FNAMN "X"\n#RAR 0\n#VER "" 0 20240115 x\n{\n#TRANS 1 {} 1\n#TRANS 2 {} -1\n}\n' * 1
    twice = text + text[text.index("#VER") :]
    reading = read_text(twice, name="prov.si")
    assert faults(reading) == [] and len(reading.account_checks) == 0  # without numbers none is repeated
    assert reading.transactions["voucher_number"].isna().all() and reading.company.years[0].starts_on is None


def test_vouchers_that_a_controller_should_look_at(read_text: Read) -> None:
    odd = (
        HYRA + HYRA.replace('A 1 20240115 "Hyra januari"', 'A 1 20250101 "Nästa år"')
        + "#VER B 1 20240115 tom\n{\n}\n#VER B 2 20240115 tom\n#VER B 3 20240115 x\n#TRANS 1930 {} 0\n}\n}\n"
        + "#TRANS 1930 {} 7.00\n#BTRANS 1930 {} 7.00\nlös text\n"
    )  # fmt: skip
    reading = read_text(HEAD + odd)
    assert faults(reading) == [
        "brace_alone", "row_without_label", "voucher_empty", "voucher_empty", "voucher_outside_year",
        "voucher_repeated", "voucher_without_brace",
    ]  # fmt: skip
    (outside,) = reading.rejected.to_dict("records")
    assert (outside["reason"], outside["amount_ore"]) == ("outside_voucher", 700)
    assert reading.control.rows_removed == 1 and reading.control.vouchers_read == 5


def test_unknown_labels_are_counted_and_are_no_fault(read_text: Read) -> None:
    odd = '#MOMS 1\n#moms 2\n#EGEN "x"\n#<script>alert(1)</script>\n' + "".join(
        f"#X{chr(65 + n % 26)}{chr(65 + n // 26)} 1\n" for n in range(300)
    )
    reading = read_text(HEAD + odd + HYRA)
    assert faults(reading) == [] and reading.unknown_labels["#MOMS"] == 2
    assert sum(reading.unknown_labels.values()) == 304 and len(reading.unknown_labels) <= 101
    assert not any("script" in label for label in reading.unknown_labels)
    assert reading.labels["#TRANS"] == 4 and reading.labels["#KONTO"] == 3


SUMMED = {
    "#SIETYP 4": "#SIETYP4",
    '#KONTO\t1915  "Kassa \\"Norra\\" åäö"': '#KONTO1915Kassa "Norra" åäö',
    '#VER A 1 20240115 "Hyra januari"': "#VERA120240115Hyra januari",
    "{": "",
    '#TRANS 1915 {1 "10" 6 P1} -5.00 "" "x y"': "#TRANS19151106P1-5.00x y",
    "#BTRANS 1915 { } 5.00": "#BTRANS19155.00",
    "}": "",
}
"""Rows as written, and what the standard counts of them: label and contents, no separators, quotes or braces."""


@pytest.mark.parametrize("encoding", ["cp437", "utf-8"])
def test_the_checksum_is_held_against_the_content(read_text: Read, encoding: str) -> None:
    body, value = "\n".join(SUMMED), zlib.crc32("".join(SUMMED.values()).encode(encoding))
    for given_value, agrees in ((value, True), (value - 2**32, True), (value ^ 1, False)):
        reading = read_text(f"#FLAGGA 0\n#KSUMMA\n{body}\n#KSUMMA {given_value}\n", encoding=encoding)
        assert reading.checksum_agrees is agrees
        assert ("checksum_wrong" in faults(reading)) is not agrees
    assert read_text(HEAD + HYRA).checksum_agrees is None
    assert "checksum_unreadable" in faults(read_text(f"#FLAGGA 0\n#KSUMMA\n{body}\n#KSUMMA abc\n"))


def test_the_file_as_a_whole(read_text: Read) -> None:
    said = "#FLAGGA 1\n#SIETYP 3\n#FORMAT UTF8\n#VALUTA EUR\n#RAR 0 20241231 20240101\n"
    said += "#KONTO\n#OBJEKT x\n#DIM\n#UNDERDIM 5 x\n"
    reading = read_text(said + HYRA)
    assert faults(reading) == [
        "already_read", *["declaration_unreadable"] * 4, "format_untrue", "other_currency", "type_untrue",
        "year_unreadable",
    ]  # fmt: skip
    assert reading.company.currency == "EUR"
    assert faults(read_text(HEAD)) == ["vouchers_missing"]


PEOPLE = """#FLAGGA 0
#SIETYP 4
#FNAMN "Anna Bergs Bygg"
#ORGNR 900101-0017
#ADRESS "Kalle Kontakt" "Gatan 1" "123 45 Orten" "070-123 45 67"
#GEN 20240101 "Sture Sign"
#OBJEKT 7 12 "Eva Lindgren"
#OBJEKT 9 900101-0017 "Bo Ek"
#OBJEKT 9 556016-0680 "Abbe Bygg AB"
#OBJEKT 9 77 "ANDERSSON;ANNA MARIA"
#VER A 1 20240115 "Arvode 900101-0017" 20240115 "Sture Sign"
{
#TRANS 5010 {7 12 9 900101-0017} 10.00 20240115 "Utlägg Eva Lindgren" 1 "Sture Sign"
#TRANS 5010 {9 77} 10.00 20240115 "Till Anna Andersson 19900101-0017"
#TRANS 5010 {9 556016-0680} x900101-0017
#TRANS 5010 {9 556016-0680} -20
}
"""


def everything(reading: SieReading) -> str:
    """All that a reading holds, as one text."""
    frames = [value for value in vars(reading).values() if isinstance(value, pd.DataFrame)]
    others = [str(value) for value in vars(reading).values() if not isinstance(value, pd.DataFrame)]
    return "\n".join([*(frame.to_csv() for frame in frames), *others])


def test_people_are_hidden_everywhere(read_text: Read, masker: Masker) -> None:
    shown = everything(read_text(PEOPLE))
    for secret in ("900101", "Eva", "Lindgren", "Bo Ek", "ANDERSSON", "Andersson", "Anna", "Sture", "Kalle", "070-"):
        assert secret not in shown, secret
    assert "Abbe Bygg AB" in shown and "556016-0680" in shown
    open_shown = everything(read_text(PEOPLE, masker=Masker(b"k", enabled=False)))
    assert "Eva Lindgren" in open_shown and "900101-0017" in open_shown and "Sture" not in open_shown
    reading = read_text(PEOPLE)
    codes = reading.transactions["dimension_9"].tolist()
    assert codes[0] == masker.supplier_key("9001010017") and codes[2] == "556016-0680"


def test_without_a_masker_people_are_hidden_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "prov.se"
    path.write_bytes(PEOPLE.encode("cp437"))
    assert "900101" not in everything(read_sie(str(path)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"konto;belopp\n5010;100\n", "is no SIE file"),
        (b"#just a comment\n" * 200, "is no SIE file"),
        (b'<?xml version="1.0"?><Sie/>', "SIE 5"),
        (b"PK\x03\x04" + bytes(100), "workbook"),
        (bytes(1000), "is no SIE file"),
        (b"#FLAGGA 0\n#SIETYP 1\n#RAR 0 20240101 20241231\n#UB 0 1930 1\n", "type 1"),
        (b"#FLAGGA 0\n#RAR 0 20240101 20241231\n#UB 0 1930 1\n", "type 1"),
        (b"#FLAGGA 0\n#SIETYP 900101-0017\n#UB 0 1930 1\n", "of an unknown type"),
        (b"#FLAGGA 0\n#SIETYP 4\n#PROSA " + b"x" * 30_000, "row 3"),
        (b"#FLAGGA 0\n#KSUMMA\n#SIETYP 4\n#KONTO 1 x\n", "row 2"),
    ],
)
def test_what_is_no_sie_4_is_refused_in_plain_words(read_text: Read, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        read_text(content)
    assert "prov.se" in str(refused.value) and str(refused.value).count(".") >= 2


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_file_that_is_cut_off_in_a_voucher_is_refused(read_text: Read, cut: int) -> None:
    whole = (HEAD + HYRA).splitlines()
    with pytest.raises(
        InputError, match=r"row 24: the voucher A 1 is opened here, and the file ends.*Export the file again"
    ):
        read_text("\n".join(whole[:-cut]))


def test_a_voucher_that_begins_before_another_ends_is_refused(read_text: Read) -> None:
    with pytest.raises(InputError, match=r"row 24: the voucher A 1 .* row 30 begins another"):
        read_text(HEAD + HYRA.removesuffix("}\n") + HYRA)


def test_a_number_in_a_message_is_hidden(read_text: Read) -> None:
    with pytest.raises(InputError) as refused:
        read_text("#FLAGGA 0\n#SIETYP 4\n#VER A 900101-0017 20240101 x\n{\n")
    assert "900101" not in str(refused.value)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_sie(tmp_path / "saknas.se")
    with pytest.raises(InputError, match="folder"):
        read_sie(tmp_path)


def test_sizes_are_bounded(read_text: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sie_text, "MOST_BYTES", 1000)
        with pytest.raises(InputError, match="month by month"):
            read_text(HEAD + HYRA * 10)
    with monkeypatch.context() as patch:
        patch.setattr(sie_text, "MOST_ROWS", 20)
        with pytest.raises(InputError, match="more than 20 rows"):
            read_text(HEAD + HYRA)
    with pytest.raises(InputError, match="dimensions"):
        objects = "".join(f"#TRANS 1 {{{number} x}} 0\n" for number in range(100, 200))
        read_text(f"{HEAD}#VER A 1 20240101 x\n{{\n{objects}}}\n")
    with monkeypatch.context() as patch:
        patch.setattr(checks, "_LARGEST_SUM", 100_000)
        with pytest.raises(InputError, match="add up to more"):
            read_text(HEAD + HYRA)


def test_control_characters_never_get_through(read_text: Read) -> None:
    text = HEAD + HYRA.replace("Hyra januari", "Hyra\x00\x1b[31m\u202ejan\x85uari")
    reading = read_text(text, encoding="utf-8")
    assert reading.vouchers["text"].tolist() == ["Hyra[31mjanuari"]
    told = the_fault(reading, "control_characters")
    assert (told["row_number"], told["value"]) == (24, "1")


def test_many_added_rows_without_twins_take_no_time(read_text: Read) -> None:
    rows = "".join(f"#RTRANS 1 {{}} {number}\n" for number in range(3000))
    rows += "".join(f"#TRANS 1 {{}} {number}\n" for number in range(3000, 6000))
    began = time.process_time()
    reading = read_text(f"#FLAGGA 0\n#SIETYP 4\n#VER A 1 20240101 x\n{{\n{rows}}}\n")
    assert reading.control.rows_accepted == 6000 and time.process_time() - began < 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "{", "}", "#VER A 1 20240101 x", "#TRANS 1 {} 5", "#TRANS 1 {} x", "#RTRANS 1 {} 5",
                    "#BTRANS 1 {} 5",
                    "#TRANS 1 {1 2", '"', "#KSUMMA 1", "#UB 0 1 5", "#KONTO", "#RAR", "#DIM 1", "#PSALDO", "}{", "#",
                ]
            ),
            st.text(max_size=20),
        ),
        max_size=25,
    )
)  # fmt: skip
def test_any_file_is_read_with_totals_or_refused(read_text: Read, rows: list[str]) -> None:
    """`read_text` holds the totals against each other; nothing but InputError may come out."""
    content = "\n".join(["#FLAGGA 0", "#SIETYP 4", *rows])
    try:
        read_text(content.encode("utf-8", errors="surrogatepass"))
    except InputError as refused:
        assert "prov.se" in str(refused)

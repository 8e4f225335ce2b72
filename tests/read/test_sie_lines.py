"""A general ledger as postings: rules by account map it, and nothing is lost on the way."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from procanalysis import map_categories, read_sie, sie_lines
from procanalysis.errors import InputError
from procanalysis.read.sie import SieReading
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import LEDGER_LINES, SIE_FAULT_KINDS, names

LEDGER = """#FLAGGA 0
#SIETYP 4
#FNAMN "Exempelbolaget AB"
#ORGNR 556016-0680
#KONTO 5010 "Lokalhyra"
#KONTO 6110 "Kontorsmateriel"
#OBJEKT 1 10 "Skolan"
#OBJEKT 1 11 "Skolan"
#OBJEKT 1 20 "Vården"
#OBJEKT 9 501 "Abbe Bygg AB"
#OBJEKT 9 202100-5489 "Regionen"
#OBJEKT 9 900101-0017 "Bo Ek"
#VER A 1 20240115 "Hyra"
{
#TRANS 1930 {} -1500.00
#TRANS 5010 {1 10 9 501 10 F77} 1000.00 20240114 "Januari"
#TRANS 6110 {1 11 6 P1 9 202100-5489} 300.00
#TRANS 6110 {1 20 9 900101-0017} 150.00
#TRANS 6110 {1 30} 50.00
}
#VER "" "" 20240116 ""
{
#TRANS 1930 {} -1.00
#TRANS 6110 {} 1.00
}
"""
RULES = pd.DataFrame(
    {
        "rule_id": ["hyra", "kontor"],
        "tier": ["account", "account"],
        "account": ["50*", "6100-6199"],
        "category_code": ["01", "02"],
        "spend_class": "adresserbar",
        "lou_covered": "ja",
    }
)
TREE = pd.DataFrame(
    {"category_code": ["01", "02"], "parent_code": "", "name": ["Lokaler", "Kontor"], "category_path": ["01", "02"]}
)


@pytest.fixture
def reading(tmp_path: Path) -> SieReading:
    path = tmp_path / "prov.se"
    path.write_bytes(LEDGER.encode("cp437"))
    return read_sie(path, masker=Masker(b"test key"))


def test_lines_have_the_columns_and_the_sum_of_a_ledger(reading: SieReading) -> None:
    before = reading.transactions.copy()
    lines = sie_lines(reading)
    assert list(lines) == names(LEDGER_LINES) and len(lines) == 7
    assert lines["amount_ore"].sum() == reading.control.debit_ore + reading.control.credit_ore == 0
    assert lines["voucher_id"].tolist()[:5] == ["A 1"] * 5 and lines["voucher_id"].isna().tolist()[5:] == [True] * 2
    assert lines["text"].tolist()[:2] == ["Hyra", "Januari"]
    assert set(lines["buyer_id"]) == {"556016-0680"} and lines["booked_on"].iloc[0] == pd.Timestamp(2024, 1, 15)
    assert all(lines[column.name].dtype == "str" for column in LEDGER_LINES if column.type == "text")
    pd.testing.assert_frame_equal(reading.transactions, before)


def test_units_keep_apart_what_shares_a_name(reading: SieReading) -> None:
    units = sie_lines(reading)["unit"]
    assert units.tolist()[1:5] == ["10 Skolan", "11 Skolan", "Vården", "30"] and units.isna().tolist()[0]


def test_the_supplier_is_dimension_9_or_unknown(reading: SieReading) -> None:
    lines = sie_lines(reading)
    assert lines["supplier_key"].tolist()[:5] == [
        "namn:uppgift saknas", "namn:abbe bygg ab", "2021005489", Masker(b"test key").supplier_key("9001010017"),
        "namn:uppgift saknas",
    ]  # fmt: skip
    assert lines["supplier_type"].tolist()[:5] == ["unknown", "unknown", "public", "sole_trader", "unknown"]
    assert "Bo Ek" not in set(lines["supplier_name"]) and lines["invoice_key"].iloc[1] == "namn:abbe bygg ab|F77"
    assert lines["invoice_key"].iloc[0] == "namn:uppgift saknas|A 1" and pd.isna(lines["invoice_key"].iloc[5])


def test_rules_by_account_map_costs(reading: SieReading) -> None:
    costs = sie_lines(reading, accounts=("5", "6"))
    mapped = map_categories(costs, rules=RULES, taxonomy=TREE)
    by_category = mapped.groupby("category_name")["amount_ore"].sum().to_dict()
    assert by_category == {"Lokaler": 100000, "Kontor": 50100} and len(mapped) == 5


def test_accounts_that_do_not_exist_are_refused(reading: SieReading) -> None:
    with pytest.raises(InputError, match=r"no account begins with 7, 8.*1930"):
        sie_lines(reading, accounts=("7", "8"))


def test_a_file_without_vouchers_gives_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "tom.se"
    path.write_bytes(b"#FLAGGA 0\n#SIETYP 4\n")
    lines = sie_lines(read_sie(path), accounts=("5",))
    assert len(lines) == 0 and list(lines) == names(LEDGER_LINES)


PAGE = (Path(__file__).parents[2] / "docs" / "general-ledger.md").read_text("utf-8")


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bokforing-2024.se").write_bytes(LEDGER.encode("cp437"))
    monkeypatch.chdir(tmp_path)
    here: dict[str, object] = {"org": SimpleNamespace(rules=RULES, taxonomy=TREE)}
    examples = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for example in examples:
        if "open_organisation" not in example:
            exec(example, here)
    assert len(examples) == 5 and here["mapped"]["is_mapped"].tolist() == [1] * 5  # type: ignore[index]


def test_the_page_tells_of_every_fault() -> None:
    assert [kind for kind in SIE_FAULT_KINDS if f"`{kind}`" not in PAGE] == []

"""The category tree and the rules: every fault is told with file, row and what to do."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MappingError, ProcanalysisError
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import RULES, names

TREE = "category_code,parent_code,name,description,owner\n01,,Läkemedel,,\n01.01,01,Öppenvård,,\n"
RULE = {
    "rule_id": "r1", "tier": "account", "account": "6440", "category_code": "01", "spend_class": "adresserbar",
    "lou_covered": "ja", "author": "Kategoriansvarig", "decided_on": "2025-01-31", "reason": "Konto för bygg",
}  # fmt: skip
KEY = Masker(b"k")


@pytest.fixture
def tree(tmp_path: Path):
    def read(content: str | bytes) -> pd.DataFrame:
        path = tmp_path / "trad.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_taxonomy(path)

    return read


@pytest.fixture
def rules(tmp_path: Path):
    def read(*changes: dict[str, str], masker: Masker = KEY) -> pd.DataFrame:
        lines = [",".join(names(RULES))]
        lines += [",".join((RULE | change).get(name, "") for name in names(RULES)) for change in changes]
        path = tmp_path / "regler.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_rules([path], masker=masker)

    return read


@pytest.mark.parametrize(
    "content",
    [
        TREE,
        "\ufeff" + TREE,
        TREE.replace(",", ";"),
        TREE.replace("\n", "\r\n"),
        TREE.replace("\n", "\r"),
        TREE + "\n,,,,\n",
    ],
)
def test_tree_in_every_dress(tree, content):
    frame = tree(content)
    assert frame["category_path"].tolist() == ["01", "01/01.01"]
    assert frame["level"].tolist() == [1, 2]
    assert frame["name"].tolist() == ["Läkemedel", "Öppenvård"]


def test_tree_of_any_depth(tree):
    rows = "".join(f"{n},{n - 1 if n else ''},N{n},,\n" for n in reversed(range(60)))
    assert tree("category_code,parent_code,name,description,owner\n" + rows)["level"].max() == 60


@pytest.mark.parametrize(
    "content,words",
    [
        ("", "holds no rows"),
        (TREE.splitlines()[0], "holds no rows"),
        ("category_code,parent_code\n1,", "row 1: .*name are missing"),
        (TREE.replace("owner", "ägare"), "row 1: unknown column 'ägare'.*owner"),
        (TREE.replace("description", "name"), "row 1: a header stands twice"),
        (TREE + "01,,Igen,,\n", "row 4: .*'01' stands twice"),
        (TREE + "02,09,X,,\n", "row 4: the parent '09' of '02' is not in"),
        (TREE + "a,b,X,,\nb,a,Y,,\n", "circle"),
        (TREE + "a,a,X,,\n", "circle"),
        (TREE + "02,,,,\n", "row 4: 'name' is empty"),
        (TREE + "02,,A,B,C,D\n", "row 4: 6 cells, but the header has 5.*quotes"),
        (TREE + '02,,"A,,\n03,,B,,\n', "quote"),
        (TREE.encode("cp1252"), "not written in UTF-8.*CSV UTF-8"),
    ],
)
def test_faults_of_a_tree(tree, content, words):
    with pytest.raises(MappingError, match=r"(?s)trad\.csv.*" + words):
        tree(content)


def test_files_that_cannot_be_opened(tmp_path: Path):
    for path in (tmp_path / "borta.csv", tmp_path):
        with pytest.raises(ProcanalysisError, match=r"cannot be opened|folder"):
            read_taxonomy(path)
        with pytest.raises(ProcanalysisError, match=r"cannot be opened|folder"):
            read_rules([path], masker=KEY)


@pytest.mark.parametrize(
    "change,words",
    [
        ({"tier": "acount"}, "tier is 'acount'. Did you mean 'account'"),
        ({"spend_class": "adressbar"}, "spend_class is 'adressbar'. Did you mean 'adresserbar'"),
        ({"lou_covered": "kanske"}, "lou_covered is 'kanske'"),
        ({"account": "64**"}, r"account is '64\*\*'. Write 6440, 64\* or 6400-6499"),
        ({"valid_from": "2025-13-01"}, "valid_from is '2025-13-01'. Write a day as 2025-01-31"),
        ({"valid_from": "2025-W05-1"}, "valid_from"),
        ({"valid_to": "20250131"}, "valid_to"),
        ({"account": ""}, "no condition"),
        ({"reason": ""}, "'reason' is empty"),
        ({"author": ""}, "'author' is empty"),
        ({"rule_id": "r0"}, r"'r0' stands twice \(first in regler\.csv, row 2\)"),
    ],
)
def test_faults_of_rules(rules, change, words):
    with pytest.raises(MappingError, match=r"regler\.csv, row 3: .*" + words):
        rules({"rule_id": "r0"}, change)


def test_default_rule_needs_no_condition_and_old_dates_are_dates(rules):
    frame = rules({"tier": "default", "account": "", "valid_from": "1900-01-01", "valid_to": "2999-12-31"})
    assert frame["valid_to"].iloc[0] == pd.Timestamp("2999-12-31")
    assert frame["origin"].tolist() == ["regler.csv, row 2"]


def test_supplier_of_a_rule_is_the_ledgers_key(rules):
    written = ["556016-0680", "SE556016068001", "900101-0017", "Abbe Bygg AB", "Bygg 24 AB", "DE 123 456 789"]
    frame = rules(*({"rule_id": f"r{n}", "supplier": name} for n, name in enumerate(written)))
    assert frame["supplier"].tolist() == [
        "5560160680",
        "5560160680",
        KEY.supplier_key("9001010017"),
        *written[3:5],
        "utl:DE123456789",
    ]


def test_a_quote_that_never_closes_swallows_no_rules(tmp_path: Path):
    path = tmp_path / "regler.csv"
    header = ",".join(names(RULES))
    lines = [",".join((RULE | {"rule_id": f"r{n}"}).get(name, "") for name in names(RULES)) for n in range(4)]
    lines[1] = lines[1].replace("Konto för", '"Konto för')
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    with pytest.raises(MappingError, match=r"regler\.csv, row 3: .*quote"):
        read_rules([path], masker=KEY)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (TREE + text).encode("utf-8", "surrogatepass")))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_tree_or_a_message(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "trad.csv"
    path.write_bytes(content)
    for read in (read_taxonomy, lambda path: read_rules([path], masker=KEY)):
        try:
            read(path)
        except ProcanalysisError as error:
            assert "trad.csv" in str(error)

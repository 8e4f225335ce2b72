"""The suggestion round: what is undecided ties to the ledger, and what is accepted moves exactly those kronor."""

from __future__ import annotations

import csv
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pytest
import yaml

import procanalysis as proc
from procanalysis.cli import main
from procanalysis.errors import InputError, MappingError, ParamsError
from procanalysis.measures.categories import map_categories
from procanalysis.measures.suggested_categories import suggest_categories
from procanalysis.organisation import Organisation, open_organisation
from procanalysis.params import load_organisation_params
from procanalysis.read.review_workbook import read_review_rows
from procanalysis.run.ledgers import settings_of
from procanalysis.schema import RULES, SUGGESTED_RULES, kronor, names
from procanalysis.suggestions import (
    PatternParts,
    SuggestionRound,
    broad_rules,
    decided_rules,
    divide_patterns,
    place_rules,
    rule_files,
    suggestions_of,
    take_review,
    write_review_workbook,
)
from procanalysis.suggestions import kept as kept_module
from procanalysis.suggestions.book import RULE_COLUMNS, RULES_SHEET, row_code
from procanalysis.suggestions.figures import undecided_share
from procanalysis.suggestions.patterns import SOLE_TRADERS, compared_with, learnt_from
from procanalysis.suggestions.rule_files import write_rule_files

SLUG = "provby"
TODAY = date(2025, 11, 3)
LEDGER_HEADER = "leverantor;leverantor_id;konto_nr;konto_text;belopp;datum;forvaltning;fakturanummer;text"
RULE_HEADER = names(RULES)
CODES = ("1.1", "1.2", "2.1", "2.2", "3.1", "3.2")
WORDS = ("Livsmedel", "Kök", "El", "Värme", "Konsulter", "Bevakning")
UNITS = ("Norr", "Söder", "Öster")
TREE = (
    "category_code,parent_code,name,description,owner\n1,,Mat,,\n2,,Energi,,\n3,,Tjänster,,\n9,,Utan kategori,,\n"
    + ("".join(f"{code},{code[0]},{word},,\n" for code, word in zip(CODES, WORDS, strict=True)))
)
PERSON = "19900101-0017"
PARAMS = {
    "name": "Provby", "fictional": True, "period": "2025",
    "ledger": {"files": ["../../data/*.csv"]},
    "mapping": {"taxonomy": "../tree.csv", "rules": ["../mappings/provby.csv"]},
}  # fmt: skip


def organisation_number(number: int) -> str:
    """Make a company's number with a right check digit."""
    digits = f"55{6000000 + number:07d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return digits + str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def rule(rule_id: str, tier: str = "account", **more: str) -> dict[str, str]:
    given = {
        "rule_id": rule_id, "tier": tier, "spend_class": "adresserbar", "lou_covered": "ja", "author": "Inköpschef",
        "decided_on": "2025-01-01", "reason": "Prov.", **more,
    }  # fmt: skip
    return {name: given.get(name, "") for name in RULE_HEADER}


OWN_RULES = [
    *(rule(f"konto-{6100 + n}", account=str(6100 + n), category_code=code) for n, code in enumerate(CODES)),
    *(rule(f"konto-{6200 + n}", account=str(6200 + n), category_code=code) for n, code in enumerate(CODES)),
    rule("bred-46", account="46*", category_code="3.1"),
    rule("bidrag", account="45*", category_code="3.2", spend_class="ej inköp", lou_covered="nej"),
    rule("rest", "default", category_code="9", lou_covered="okänt"),
]


def ledger_rows() -> list[tuple[str, str, str, str, int, str, str]]:
    """Plant 48 suppliers that each sell in one category, and book some of it where no specific rule decides.

    supplier, number, account, text, öre, unit, day.
    """
    rows = []
    for number in range(48):
        code = number % len(CODES)
        name, key = f"{WORDS[code]} {number} AB", organisation_number(number)
        for place, unit in enumerate(UNITS):
            for account in (6100 + code, 6200 + code):
                amount = 10_000_00 + number * 1_037 + place * 11 + account
                rows.append((name, key, str(account), WORDS[code], amount, unit, "2025-01-10"))
        if number < 12:
            # The observation account, which only the default decides: enough rows of each supplier for a rule.
            for month in range(1, 13):
                amount = 2_000_00 + number * 97 + month if month != 12 else -500_00
                rows.append((name, key, "7990", "Att utreda", amount, UNITS[month % 3], f"2025-{month:02d}-20"))
    lone = organisation_number(200)
    rows += [("Bredbolaget AB", lone, "4610", "Köpt tjänst", 100_00 * n, "Norr", "2025-05-05") for n in range(1, 4)]
    rows += [("Föreningen", "802400-0000", "4510", "Bidrag", 77_700, "Norr", "2025-05-06")]
    rows += [("Anna Andersson", PERSON, "7990", "Arvode Anna Andersson", 12_345, "Norr", "2025-05-07")]
    rows += [("Formelbolaget AB", organisation_number(201), "7990", "", 999, "=cmd|'/c calc'!A1", "2025-06-01")]
    return rows


def write_project(root: Path) -> None:
    for name in ("params/organisations", "params/mappings", "data"):
        (root / name).mkdir(parents=True)
    (root / f"params/organisations/{SLUG}.yml").write_text(yaml.safe_dump(PARAMS, allow_unicode=True), "utf-8")
    (root / "params/tree.csv").write_text(TREE, "utf-8")
    with (root / "params/mappings/provby.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, RULE_HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(OWN_RULES)
    lines = [LEDGER_HEADER]
    for number, (name, key, account, text, ore, unit, day) in enumerate(ledger_rows(), start=1):
        lines.append(
            f"{name};{key};{account};{text};{str(kronor(ore)).replace('.', ',')};{day};{unit};F{number};{text}"
        )
    (root / "data/reskontra.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A planted organisation in a project of its own. Read only."""
    root = tmp_path_factory.mktemp("suggestions") / "project"
    write_project(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(root))
        patch.setenv("PROCANALYSIS_MASK_KEY", "a key for tests only")
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        yield root


@pytest.fixture(scope="module")
def organisation(environment: Path) -> Organisation:
    return open_organisation(SLUG)


@pytest.fixture(scope="module")
def found(organisation: Organisation) -> SuggestionRound:
    return suggestions_of(organisation)


@pytest.fixture(scope="module")
def written(found: SuggestionRound, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "granskning.xlsx"
    write_review_workbook(path, found.book(TODAY))
    return path


@pytest.fixture
def own(environment: Path, found: SuggestionRound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project that a test may change, with what is prepared already."""
    root = tmp_path / "own"
    shutil.copytree(environment, root)
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))
    return root


Fill = Callable[..., Path]


@pytest.fixture
def fill(written: Path, tmp_path: Path) -> Fill:
    """Fill in a copy of the workbook: {row: {header: value}}, row 2 being the first rule."""

    def filled(cells: dict[int, dict[str, Any]], sheet: str = RULES_SHEET, name: str = "ifylld.xlsx") -> Path:
        book = openpyxl.load_workbook(written)
        page = book[sheet]
        heads = {str(cell.value): cell.column for cell in page[1]}
        for row, values in cells.items():
            for head, value in values.items():
                page.cell(row, heads[head]).value = value
        path = tmp_path / name
        book.save(path)
        return path

    return filled


GOOD = {"Beslut": "Godkänd", "Beslutat av (roll)": "Kategoriansvarig", "Skäl": "Leverantören säljer bara detta."}


def sql(organisation: Organisation, query: str) -> list[tuple[Any, ...]]:
    """Ask the prepared lines in plain SQL, as an oracle that shares no code with what is tested."""
    table = str(organisation.folder / "lines.parquet")
    return duckdb.connect().execute(query.replace("LINES", f"read_parquet('{table}')")).fetchall()


UNDECIDED = "(rule_id IS NULL OR rule_id IN ('rest', 'bred-46'))"


def test_the_parts_are_the_ledger(found: SuggestionRound, organisation: Organisation) -> None:
    steps = found.parts.reconciliation.set_index("step")
    whole, parts = steps.iloc[0], steps.iloc[1:]
    assert tuple(parts.sum()) == tuple(whole)
    control = organisation.facts["control"]
    assert whole["lines_count"] == control["rows_accepted"]
    assert whole["amount_exact_ore"] == control["amount_accepted_ore"]
    counted = [
        sql(organisation, f"SELECT count(*), sum(amount_ore), sum(abs(amount_ore)) FROM LINES WHERE {where}")[0]
        for where in (f"NOT {UNDECIDED} AND rule_id <> 'bidrag'", UNDECIDED, "rule_id = 'bidrag'")
    ]
    assert [tuple(map(int, row)) for row in counted] == [tuple(row) for row in parts.to_numpy()]


def test_a_pattern_is_what_the_ledger_says_of_it(found: SuggestionRound, organisation: Organisation) -> None:
    expected = sql(
        organisation,
        f"SELECT supplier_key, account, unit, count(*), sum(amount_ore) FROM LINES WHERE {UNDECIDED} "
        "AND supplier_type <> 'sole_trader' GROUP BY ALL",
    )
    columns = ["supplier_key", "account", "unit", "lines_count", "amount_ore"]
    told = found.parts.candidates.dropna(subset="supplier_key")[columns]
    assert sorted(told.itertuples(index=False, name=None)) == sorted((*row[:4], int(row[4])) for row in expected)
    assert found.parts.candidates["pattern_id"].is_unique


def test_sole_traders_are_gathered_without_name_number_and_text(found: SuggestionRound) -> None:
    every = pd.concat([found.parts.candidates, found.parts.reviewed])
    theirs = every[every["supplier_type"] == "sole_trader"]
    assert len(theirs) == 1 and theirs["amount_ore"].sum() == 12_345
    assert theirs[["supplier_key", "text", "account_text"]].isna().all(axis=None)
    assert set(theirs["supplier_name"]) == {SOLE_TRADERS}
    assert not every.map(str).apply(lambda column: column.str.contains("Andersson|9001010017|dold:")).any(axis=None)


def test_the_commonest_text_stands_for_a_pattern() -> None:
    rows = [{"text": text, "amount_ore": 1} for text in ("b", "a", "b", "a", "c", "", None)]
    common = {"supplier_key": "1", "account": "7", "unit": None, "rule_id": None, "supplier_type": "company"}
    lines = pd.DataFrame([{**common, **row} for row in rows])
    for name in ("supplier_name", "account_text", "category_code", "spend_class", "lou_covered"):
        lines[name] = pd.Series([None] * len(lines), dtype="str")
    lines[["unit", "rule_id"]] = lines[["unit", "rule_id"]].astype("str")
    parts = divide_patterns(lines, broad=frozenset())
    assert parts.candidates[["text", "lines_count"]].values.tolist() == [["a", 7]]
    assert parts.reviewed.empty and parts.not_asked.empty


@pytest.mark.parametrize(
    ("account", "more", "is_broad"),
    [
        ("46*", {}, True), ("4*", {}, True), ("461*", {}, False), ("4610", {}, False), ("4611-4612", {}, False),
        ("4600-4699", {}, True), ("46*", {"unit": "Norr"}, False), ("46*", {"text": "städ"}, False),
        ("46*", {"supplier": "Bolaget"}, False), ("46*", {"valid_from": "2025-01-01"}, True),
    ],
)  # fmt: skip
def test_which_rules_are_broad(account: str, more: dict[str, str], is_broad: bool) -> None:
    rules = pd.DataFrame([rule("r", account=account, category_code="1.1", **more)])
    assert broad_rules(rules) == (frozenset({"r"}) if is_broad else frozenset())
    assert broad_rules(rules, accepted=["r"]) == frozenset()


def test_the_planted_rules_are_found(found: SuggestionRound, organisation: Organisation) -> None:
    told = found.rules.set_index("supplier")
    for number in range(12):
        key = organisation_number(number)
        lines, amount = sql(
            organisation,
            f"SELECT count(*), sum(amount_ore) FROM LINES WHERE supplier_key = '{key}' AND account = '7990'",
        )[0]
        one = told.loc[key]
        assert (one["account"], one["category_code"]) == ("7990", CODES[number % len(CODES)])
        assert (one["lines_count"], one["moved_ore"]) == (lines, int(amount))
        assert one["wrong_count"] == 0
    assert found.why_none == ""


def test_the_same_ledger_gives_the_same_round(
    found: SuggestionRound, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = found.parts.candidates
    fresh = suggest_categories(
        asked.sample(frac=1, random_state=1), found.parts.reviewed, taxonomy=organisation.taxonomy, threshold_pct=80
    )
    pd.testing.assert_frame_equal(fresh.rows, found.suggestions.rows)
    assert fresh.calibrations == found.suggestions.calibrations
    monkeypatch.setattr(kept_module, "_write", lambda *_: pytest.fail("the model was asked again"))
    again = suggestions_of(organisation)
    pd.testing.assert_frame_equal(again.rules, found.rules)
    assert again.figures == found.figures


def test_why_there_is_no_rule_is_told(found: SuggestionRound) -> None:
    none = replace(found.placed, asked=found.placed.asked.iloc[:0])
    rows = found.suggestions.rows
    silent = replace(found.suggestions, rows=rows.assign(suggested_code=None))
    few = replace(silent, silent_because="För få granskade rader: 3 mönster")
    nothing = replace(found.parts, candidates=found.parts.candidates.iloc[:0])
    told = [
        replace(found, placed=none).why_none,
        replace(found, placed=none, suggestions=silent).why_none,
        replace(found, placed=none, suggestions=few).why_none,
        replace(found, placed=none, parts=nothing).why_none,
    ]
    assert told == [
        "Ingen enskild regel skulle avgöra tillräckligt många rader med tillräcklig säkerhet.",
        "Inget förslag når gränsen 80\u00a0% säkerhet.",
        "För få granskade rader: 3 mönster.",
        "Alla rader avgörs av en särskild regel, så det finns inget att föreslå.",
    ]
    assert set(replace(found, placed=none).rules_told.values()) == {None}
    assert found.rules_told["moved_ore"] == found.rules["moved_ore"].sum()


def test_what_is_kept_tells_of_nobody(found: SuggestionRound, environment: Path) -> None:
    kept = list((environment / "data/prepared/_suggestions").rglob("*.*"))
    assert kept
    for path in kept:
        content = path.read_bytes()
        assert b" AB" not in content and b"7990" not in content and b"5560" not in content


def test_the_figures_have_their_parts(found: SuggestionRound) -> None:
    undecided = undecided_share(found.parts)
    steps = found.parts.reconciliation["absolute_ore"].tolist()
    assert undecided.numerator == kronor(steps[2])
    assert undecided.denominator == kronor(steps[1] + steps[2])
    assert [(one.rows, one.amount_ore) for one in undecided.excluded] == [(1, 77_700)]
    assert {figure.method for figure in found.figures} == {
        "undecided_share", "suggestion_coverage", "suggestion_accuracy",
    }  # fmt: skip


def test_the_worked_example_of_the_page_is_what_the_figure_gives() -> None:
    page = (Path(__file__).parents[1] / "docs/methods/undecided_share.md").read_text("utf-8")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    postings = [row for row in cells if len(row) == 4 and row[0].isdecimal()]
    told = {
        row[0]: Decimal(row[1].replace(" ", "").replace(",", "."))
        for row in cells
        if len(row) == 2 and row[1][0].isdecimal()
    }
    rules = pd.DataFrame(
        [
            rule("regel för 644*", account="644*", category_code="1.1"),
            rule("regel för 46*", account="46*", category_code="1.1"),
            rule("regel för 45*", account="45*", category_code="1.1", spend_class="ej inköp"),
            rule("grundregeln", "default", category_code="9"),
        ]
    )
    lines = pd.DataFrame(
        {
            "account": [row[0] for row in postings],
            "rule_id": [row[1].replace("\\", "") for row in postings],
            "spend_class": [row[2] for row in postings],
            "amount_ore": [int(Decimal(row[3].replace("−", "-").replace(",", ".")) * 100) for row in postings],
        }
    ).assign(**dict.fromkeys(("supplier_key", "supplier_name", "supplier_type", "account_text", "text", "unit"), "x"),
             category_code="1.1", lou_covered="ja")  # fmt: skip
    figure = undecided_share(divide_patterns(lines, broad=broad_rules(rules)))
    assert (figure.value, figure.numerator, figure.denominator) == (told["Värde"], told["Täljare"], told["Nämnare"])
    assert kronor(figure.excluded[0].amount_ore or 0) == told["Undantaget"]


def test_nothing_is_unknown_as_zero(make_empty: Callable[[], PatternParts]) -> None:
    figure = undecided_share(make_empty())
    assert figure.value is None and figure.unknown_because


@pytest.fixture
def make_empty(found: SuggestionRound) -> Callable[[], PatternParts]:
    return lambda: PatternParts(*(part.iloc[:0] for part in (found.parts.candidates,) * 3))


def test_the_model_learns_from_the_same_patterns_each_time(found: SuggestionRound) -> None:
    chosen = learnt_from(found.parts, 120)
    assert len(chosen) == 120 and chosen["pattern_id"].is_unique
    assert set(chosen["category_code"]) == set(CODES)
    # Every supplier that is asked about is learnt of, since each has six patterns and two thirds are 80.
    asked = set(found.parts.candidates["supplier_key"].dropna()) & set(found.parts.reviewed["supplier_key"])
    assert asked <= set(chosen["supplier_key"])
    shuffled = PatternParts(
        found.parts.candidates, found.parts.reviewed.sample(frac=1, random_state=2), found.parts.not_asked
    )
    assert sorted(learnt_from(shuffled, 120)["pattern_id"]) == sorted(chosen["pattern_id"])
    assert learnt_from(found.parts, 10_000) is found.parts.reviewed


def test_what_a_rule_is_compared_with_is_all_that_is_decided(found: SuggestionRound) -> None:
    compared, parts = compared_with(found.parts), found.parts
    whole = ["lines_count", "amount_ore", "absolute_ore"]
    assert compared[whole].sum().equals(parts.reviewed[whole].sum() + parts.not_asked[whole].sum())
    assert compared["pattern_id"].is_unique
    assert len(compared) < len(parts.reviewed)


def suggestion(**more: Any) -> dict[str, Any]:
    given = {
        "rule_id": "forslag-x", "tier": "account", "account": "7990", "unit": None, "supplier": None,
        "supplier_name": None, "category_code": "1.1", "spend_class": "adresserbar", "lou_covered": "ja",
        "lines_count": 0, "moved_ore": 0, "reviewed_count": 0, "wrong_count": 0, "wrong_ore": 0,
        "confidence_pct": Decimal("90.0"), "examples": None,
    }  # fmt: skip
    return given | more


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, ""),
        ({"tier": "supplier", "account": None, "supplier": organisation_number(3)}, "takes_reviewed"),
        ({"account": "6100", "supplier": organisation_number(0)}, "takes_reviewed"),
        ({"tier": "supplier", "account": "45*"}, "takes_reviewed"),
        ({"account": "4610"}, ""),
        ({"tier": "text", "account": "4610"}, "overlaps"),
        ({"unit": "=cmd|'/c calc'!A1"}, "formula"),
        ({"rule_id": "konto-6100"}, "accepted"),
        ({"rule_id": "forslag-nej"}, "refused"),
        ({"supplier": "dold:48a3adeeec1d"}, "overlaps"),
    ],
)
def test_a_rule_is_placed_only_where_it_takes_undecided_rows(
    found: SuggestionRound, organisation: Organisation, more: dict[str, Any], reason: str
) -> None:
    suggested = pd.DataFrame([suggestion(**more)], columns=names(SUGGESTED_RULES))
    placed = place_rules(suggested, found.parts, rules=organisation.rules, refused=frozenset({"forslag-nej"}))
    assert placed.left_out["reason"].tolist() == ([reason] if reason else [])
    if not reason:
        # The engine that maps ledgers is the oracle: it must move the same rows and öre.
        own_rules = pd.concat([organisation.rules, suggested], ignore_index=True)
        lines = organisation.all_lines.df()
        mapped = map_categories(lines, rules=own_rules, taxonomy=organisation.taxonomy)
        taken = mapped[mapped["rule_id"] == "forslag-x"]
        assert placed.asked[["lines_count", "moved_ore"]].values.tolist() == [[len(taken), taken["amount_ore"].sum()]]


def test_no_row_is_promised_twice(found: SuggestionRound, organisation: Organisation) -> None:
    both = [suggestion(), suggestion(rule_id="forslag-y", supplier=organisation_number(1))]
    placed = place_rules(pd.DataFrame(both), found.parts, rules=organisation.rules)
    assert placed.asked["rule_id"].tolist() == ["forslag-x"]
    assert placed.left_out.values.tolist() == [["forslag-y", "overlaps"]]
    assert placed.reasons.values.tolist() == [["gäller rader som en större regel redan gäller", 1]]


# The workbook


def test_the_workbook_holds_what_was_suggested_and_nothing_live(written: Path, found: SuggestionRound) -> None:
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == ["Läs mig", "Regler", "Mönster", "Kategorier"]
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    rules = book["Regler"]
    heads = [cell.value for cell in rules[1]]
    assert heads == [column.label for column in RULE_COLUMNS]
    told = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in rules.iter_rows(min_row=2)]
    assert [row["Regelns namn"] for row in told] == found.rules["rule_id"].tolist()
    assert [round(row["Belopp som flyttas (kr)"] * 100) for row in told] == found.rules["moved_ore"].tolist()
    assert {type(row["Konto"]) for row in told} == {str}
    lists = {str(each.sqref): each.formula1 for each in rules.data_validations.dataValidation}
    assert '"Godkänd,Avböjd"' in lists.values()
    assert any("Kategorier" in formula for formula in lists.values())
    assert rules.page_setup.orientation == "landscape" and rules.sheet_properties.pageSetUpPr.fitToPage
    assert rules.print_title_rows == "$1:$1"


def test_the_workbook_of_a_fictional_organisation_says_so(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    first = [str(cell.value) for row in book["Läs mig"].iter_rows() for cell in row if cell.value]
    assert "Fiktiva uppgifter" in first
    assert all("Fiktiva uppgifter" in str(page.oddHeader.left.text) for page in book)


def test_the_workbook_shows_no_person_and_no_formula(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    cells = [str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert not [text for text in cells if "Andersson" in text or "900101" in text or "dold:" in text]
    hostile = [text for text in cells if text.startswith("=")]
    assert hostile == ["=cmd|'/c calc'!A1"]  # the unit's name, as text
    patterns = [cell for row in book["Mönster"].iter_rows() for cell in row if cell.value == hostile[0]]
    assert [cell.data_type for cell in patterns] == ["s"]


def test_the_patterns_in_the_workbook_are_all_that_is_undecided(written: Path, found: SuggestionRound) -> None:
    page = openpyxl.load_workbook(written)["Mönster"]
    heads = [cell.value for cell in page[1]]
    place = heads.index("Belopp (kr)")
    amounts = [round(float(row[place].value) * 100) for row in page.iter_rows(min_row=2)]
    assert sum(amounts) == found.parts.reconciliation["amount_exact_ore"].iloc[2]


def test_the_same_round_gives_the_same_bytes(written: Path, found: SuggestionRound, tmp_path: Path) -> None:
    again = tmp_path / "igen.xlsx"
    write_review_workbook(again, found.book(TODAY))
    assert again.read_bytes() == written.read_bytes()
    with pytest.raises(InputError, match="exists already, and may have been filled in"):
        write_review_workbook(again, found.book(TODAY))


# The way back


def rule_file(root: Path, ending: str) -> list[dict[str, str]]:
    path = root / f"params/mappings/{SLUG}-{ending}.csv"
    return list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.is_file() else []


def named_in_mapping(root: Path) -> None:
    path = root / f"params/organisations/{SLUG}.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["mapping"]["rules"].append(f"../mappings/{SLUG}-granskade.csv")
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def test_the_round_trip_moves_exactly_what_was_said(own: Path, fill: Fill, found: SuggestionRound) -> None:
    rules = found.rules
    other = {**GOOD, "Annan kategori": "2.2", "Skäl": "Det är värme, inte något annat."}
    refused = {**GOOD, "Beslut": "avböjd", "Skäl": "Säljer annat också."}
    book = fill({2: GOOD, 3: GOOD, 4: other, 5: refused})
    taken = take_review(SLUG, book, decided_on=TODAY)
    assert (taken.counted("accepted"), taken.counted("refused")) == (3, 1)
    assert taken.undecided_count == len(rules) - 4
    assert not taken.is_named
    accepted = rule_file(own, "granskade")
    assert [row["rule_id"] for row in accepted] == rules["rule_id"].tolist()[:3]
    assert [row["category_code"] for row in accepted] == [*rules["category_code"].tolist()[:2], "2.2"]
    assert {(row["author"], row["decided_on"]) for row in accepted} == {("Kategoriansvarig", "2025-11-03")}
    assert [row["rule_id"] for row in rule_file(own, "avbojda")] == [rules["rule_id"].iloc[3]]

    named_in_mapping(own)
    after = open_organisation(SLUG)
    for place in range(3):
        one = rules.iloc[place]
        lines, amount = sql(after, f"SELECT count(*), sum(amount_ore) FROM LINES WHERE rule_id = '{one['rule_id']}'")[0]
        assert (lines, int(amount)) == (one["lines_count"], one["moved_ore"])
    # Nothing else has moved: every other row is decided by the rule that decided it before.
    ids = "', '".join(rules["rule_id"].iloc[:3])
    moved = sql(
        after, f"SELECT rule_id, count(*), sum(amount_ore) FROM LINES WHERE rule_id NOT IN ('{ids}') GROUP BY 1"
    )
    before = {
        key: (lines, int(amount))
        for key, lines, amount in sql(
            found.organisation, "SELECT rule_id, count(*), sum(amount_ore) FROM LINES GROUP BY 1"
        )
    }
    settled = rules.iloc[:3][["lines_count", "moved_ore"]].sum()
    expected = before | {"rest": (before["rest"][0] - settled.iloc[0], before["rest"][1] - settled.iloc[1])}
    assert {key: (lines, int(amount)) for key, lines, amount in moved} == expected

    second = suggestions_of(after)
    assert second.decided.counts == {"accepted": 3, "refused": 1}
    assert not set(rules["rule_id"].iloc[:4]) & set(second.rules["rule_id"])
    settled_suppliers = set(rules["supplier"].iloc[:3])
    asked = second.parts.candidates
    assert not asked[asked["account"] == "7990"]["supplier_key"].isin(settled_suppliers).any()
    assert set(rules["rule_id"].iloc[:3]) <= set(second.parts.reviewed["rule_id"])


def test_the_same_workbook_twice_changes_nothing(own: Path, fill: Fill) -> None:
    book = fill({2: GOOD, 3: {**GOOD, "Beslut": "Avböjd"}})
    take_review(SLUG, book, decided_on=TODAY)
    named_in_mapping(own)
    files = {path: path.read_bytes() for path in (own / "params/mappings").iterdir()}
    again = take_review(SLUG, book, decided_on=date(2025, 12, 24))
    assert {path: path.read_bytes() for path in (own / "params/mappings").iterdir()} == files
    assert again.known_count == 2 and again.decisions.empty and again.is_named


def test_a_decision_makes_what_is_published_outdated(own: Path, fill: Fill) -> None:
    before = settings_of(open_organisation(SLUG))
    take_review(SLUG, fill({2: {**GOOD, "Beslut": "Avböjd"}}), decided_on=TODAY)
    assert settings_of(open_organisation(SLUG)) != before


def test_more_is_added_below_what_stands_there(own: Path, fill: Fill) -> None:
    take_review(SLUG, fill({2: GOOD}), decided_on=TODAY)
    path = own / f"params/mappings/{SLUG}-granskade.csv"
    kept = "\ufeff" + path.read_text("utf-8").replace("\n", "\r\n").replace(",", ";").rstrip()
    path.write_bytes(kept.encode())
    take_review(SLUG, fill({3: GOOD}, name="nasta.xlsx"), decided_on=TODAY)
    after = path.read_bytes().decode()
    assert after.startswith(kept + "\r\n") and after.count("\r\n") == after.count("\n") == 3
    assert len(decided_rules(load_organisation_params(SLUG)).accepted) == 2


def test_reviews_at_the_same_time_lose_nothing(own: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    books = [fill({row: GOOD}, name=f"samtidig-{row}.xlsx") for row in (2, 3, 4)]
    # The others read the file while the first is still to put its own in place.
    monkeypatch.setattr(rule_files, "checked_rules", lambda *frames: time.sleep(0.2))
    with ThreadPoolExecutor(len(books)) as pool:
        taken = list(pool.map(lambda book: take_review(SLUG, book, decided_on=TODAY), books))
    accepted = [rule_id for each in taken for rule_id in each.decisions["rule_id"]]
    assert sorted(row["rule_id"] for row in rule_file(own, "granskade")) == sorted(accepted)
    assert len(accepted) == len(books)


def test_a_draft_of_the_rule_file_is_no_rule_file(own: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, seen = own / "params/mappings", []
    monkeypatch.setattr(rule_files, "checked_rules", lambda *frames: seen.extend(folder.glob("*.csv")))
    take_review(SLUG, fill({2: GOOD}), decided_on=TODAY)
    assert [path.name for path in seen] == [f"{SLUG}.csv"]


def test_empty_lines_above_the_header_are_kept(own: Path, fill: Fill) -> None:
    take_review(SLUG, fill({2: GOOD}), decided_on=TODAY)
    path = own / f"params/mappings/{SLUG}-granskade.csv"
    path.write_text("\n" + path.read_text("utf-8"), "utf-8")
    take_review(SLUG, fill({3: GOOD}, name="nasta.xlsx"), decided_on=TODAY)
    assert path.read_text("utf-8").startswith("\nrule_id,")
    assert len(decided_rules(load_organisation_params(SLUG)).accepted) == 2


def test_a_change_of_mind_is_not_taken_in_silence(own: Path, fill: Fill) -> None:
    take_review(SLUG, fill({2: GOOD}), decided_on=TODAY)
    with pytest.raises(InputError, match=r"row 2, column P \(Beslut\): the rule 'forslag-\w+' was decided otherwise"):
        take_review(SLUG, fill({2: {**GOOD, "Beslut": "Avböjd"}}, name="nasta.xlsx"), decided_on=TODAY)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({**GOOD, "Beslut": "Kanske"}, "Beslut", "'Kanske' is no decision. Write 'Godkänd' or 'Avböjd'"),
        ({**GOOD, "Beslutat av (roll)": " "}, "Beslutat av (roll)", "the cell is empty. Write the role"),
        ({**GOOD, "Skäl": None}, "Skäl", "the cell is empty. Write one sentence"),
        ({**GOOD, "Skäl": "-Nej"}, "Skäl", "which a spreadsheet takes for a formula"),
        ({**GOOD, "Skäl": "Gäller 900101-0017"}, "Skäl", "personal number"),
        ({**GOOD, "Skäl": "x" * 1_001}, "Skäl", "1001 characters"),
        ({**GOOD, "Annan kategori": "2.9"}, "Annan kategori", "there is no category '2.9'. Did you mean '2."),
        ({**GOOD, "Annan kategori": "2"}, "Annan kategori", "has categories below it"),
        ({**GOOD, "Annan kategori": "9"}, "Annan kategori", ""),
        ({**GOOD, "Beslut": "Avböjd", "Annan kategori": "3.2"}, "Annan kategori", "a refused rule has no category"),
        ({"Skäl": "Bara ett skäl"}, "Beslut", "there is no decision, but 'Skäl' is filled in"),
        ({"Annan kategori": "2.1"}, "Beslut", "there is no decision, but 'Annan kategori' is filled in"),
        ({**GOOD, "Konto": "7*"}, "Kontrollkod", "has been changed"),
        ({**GOOD, "Föreslagen kategori": "3.2"}, "Kontrollkod", "has been changed"),
        ({**GOOD, "Regelnivå": "Undantag"}, "Kontrollkod", "has been changed"),
        ({**GOOD, "Belopp som flyttas (kr)": 1}, "Kontrollkod", "has been changed"),
        ({"Konto": "7*"}, "Kontrollkod", "has been changed"),
        ({**GOOD, "Regelns namn": "min-egen"}, "Kontrollkod", "the row of rule 'min-egen' has been changed"),
        ({**GOOD, "Regelns namn": None}, "Regelns namn", "this is no suggested rule"),
        ({**GOOD, "Kontrollkod": None}, "Kontrollkod", "this is no suggested rule"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_nothing_is_taken(
    own: Path, fill: Fill, cells: dict[str, Any], column: str, words: str
) -> None:
    before = sorted((own / "params/mappings").iterdir())
    if cells.get("Annan kategori") == "9":
        # Only the default rule gives it, with another LOU mark: one way, so it may be taken.
        assert take_review(SLUG, fill({4: cells}), decided_on=TODAY).counted("accepted") == 1
        assert rule_file(own, "granskade")[0]["lou_covered"] == "okänt"
        return
    with pytest.raises(InputError) as refused:
        take_review(SLUG, fill({2: GOOD, 4: cells}), decided_on=TODAY)
    said = str(refused.value)
    assert re.search(rf"sheet 'Regler', row 4, column [A-Z]+ \({re.escape(column)}\): ", said)
    assert words in said and "nothing was taken" in said
    assert sorted((own / "params/mappings").iterdir()) == before


def test_every_mistake_is_told_at_once(own: Path, fill: Fill) -> None:
    wrong = {"Beslut": "Ja", "Annan kategori": "77"}
    with pytest.raises(InputError) as refused:
        take_review(SLUG, fill({2: wrong, 3: {"Beslut": "Godkänd"}}), decided_on=TODAY)
    assert str(refused.value).startswith("ifylld.xlsx: 6 mistake(s)")


def test_a_row_that_stands_twice_is_refused(own: Path, written: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written)
    page = book[RULES_SHEET]
    page.append([cell.value for cell in page[2]])
    path = tmp_path / "dubbel.xlsx"
    book.save(path)
    with pytest.raises(InputError, match="stands in row 2 too"):
        take_review(SLUG, path, decided_on=TODAY)


def test_rows_may_be_moved_and_taken_away(own: Path, fill: Fill, found: SuggestionRound, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill({5: GOOD}))
    page = book[RULES_SHEET]
    page.delete_rows(2, 2)
    page.move_range(f"A3:{openpyxl.utils.get_column_letter(page.max_column)}3", rows=40)
    path = tmp_path / "flyttad.xlsx"
    book.save(path)
    taken = take_review(SLUG, path, decided_on=TODAY)
    assert taken.decisions["rule_id"].tolist() == [found.rules["rule_id"].iloc[3]]


def test_a_workbook_of_another_organisation_is_refused(own: Path, fill: Fill) -> None:
    path = own / "params/organisations/annan.yml"
    path.write_text((own / f"params/organisations/{SLUG}.yml").read_text("utf-8"), "utf-8")
    with pytest.raises(InputError, match="or was not written for 'annan'"):
        take_review("annan", fill({2: GOOD}), decided_on=TODAY)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda book: book.remove(book["Regler"]), "the sheet 'Regler' is missing"),
        (lambda book: book["Regler"].delete_cols(16), r"the header\(s\) Beslut are missing"),
        (lambda book: book["Regler"].cell(1, 30, "Beslut"), "the header 'Beslut' stands twice"),
    ],
)
def test_a_workbook_of_another_shape_is_refused(
    own: Path, written: Path, tmp_path: Path, change: Callable[[Any], object], words: str
) -> None:
    book = openpyxl.load_workbook(written)
    change(book)
    path = tmp_path / "annan.xlsx"
    book.save(path)
    with pytest.raises(InputError, match=words):
        take_review(SLUG, path, decided_on=TODAY)


def test_what_is_no_workbook_is_refused(own: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file 'saknas\.xlsx'"):
        take_review(SLUG, tmp_path / "saknas.xlsx", decided_on=TODAY)
    text = tmp_path / "text.xlsx"
    text.write_text("Beslut;Skäl", "utf-8")
    with pytest.raises(InputError, match="is not an Excel workbook"):
        take_review(SLUG, text, decided_on=TODAY)


def test_a_forged_row_may_not_name_a_sole_trader(own: Path, fill: Fill) -> None:
    path = fill({2: {**GOOD, "Leverantörens nummer": "dold:48a3adeeec1d"}})
    labels = {column.key: column.label for column in RULE_COLUMNS}
    cells = read_review_rows(path, sheet=RULES_SHEET, labels=labels)[0].cells
    book = openpyxl.load_workbook(path)
    book[RULES_SHEET].cell(2, len(RULE_COLUMNS)).value = row_code(SLUG, cells)
    book.save(path)
    with pytest.raises(InputError, match="a rule may not name a sole trader"):
        take_review(SLUG, path, decided_on=TODAY)


def test_rules_that_do_not_fit_the_tree_are_not_written(own: Path, organisation: Organisation) -> None:
    params = load_organisation_params(SLUG)
    bad = rule("forslag-x", account="7990", category_code="77.77")
    with pytest.raises(MappingError, match="a category that is not in the tree"):
        write_rule_files(params, [bad], [], taxonomy=organisation.taxonomy)
    assert sorted(path.name for path in (own / "params/mappings").iterdir()) == ["provby.csv"]


def test_the_file_of_refused_rules_can_be_taken_for_no_rule_file(own: Path, fill: Fill) -> None:
    take_review(SLUG, fill({2: {**GOOD, "Beslut": "Avböjd"}}), decided_on=TODAY)
    path = own / f"params/organisations/{SLUG}.yml"
    path.write_text(path.read_text("utf-8").replace("provby.csv", "provby*.csv"), "utf-8")
    with pytest.raises(MappingError, match=r"provby-avbojda\.csv, row 1"):
        open_organisation(SLUG)


# The commands


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["procanalysis", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_the_commands_make_the_round(own: Path, type_in: Callable[..., tuple[int, str]], fill: Fill) -> None:
    code, said = type_in("suggest", SLUG)
    assert code == 0 and "suggested rules would settle" in said
    assert [path.name for path in (own / f"data/reviews/{SLUG}").iterdir()] == [
        f"granskning-provby-alla-{date.today()}.xlsx"
    ]
    assert type_in("suggest", SLUG)[0] == 1  # the workbook may have been filled in
    code, said = type_in("review", SLUG, str(fill({2: GOOD})))
    assert code == 0 and "1 accepted, 0 refused" in said
    assert "add ../mappings/provby-granskade.csv last in mapping.rules of provby.yml" in said
    code, said = type_in("review", SLUG, str(fill({3: {"Beslut": "Nja"}})))
    assert code == 1 and "nothing was taken" in said


def test_the_commands_take_a_period_and_a_threshold(
    own: Path, type_in: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = tmp_path / "del" / "maj.xlsx"
    code, said = type_in("suggest", SLUG, "--period", "2025-05", "--out", str(path), "--threshold", "99.9")
    assert code == 0 and path.is_file() and "No rule is suggested" in said
    first = [str(cell.value) for row in openpyxl.load_workbook(path)["Läs mig"].iter_rows() for cell in row]
    assert any("minst 99,9\u00a0%" in text for text in first)
    assert type_in("suggest", "saknas")[0] == 2
    assert type_in("suggest", SLUG, "--threshold", "20", "--out", str(tmp_path / "x.xlsx"))[0] == 2


def test_the_threshold_is_a_percentage_of_the_organisation_file(own: Path) -> None:
    path = own / f"params/organisations/{SLUG}.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    assert load_organisation_params(SLUG).reports.suggestions.threshold_pct == 80
    for wrong in (49, 100, "mycket"):
        content["reports"] = {"suggestions": {"threshold_pct": wrong}}
        path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        with pytest.raises(ParamsError, match="threshold_pct"):
            load_organisation_params(SLUG)


def test_the_round_is_a_public_name() -> None:
    assert proc.suggestions_of is suggestions_of

"""The shipped category tree and rules, read as plain CSV: what a reviewer may rely on before any code runs.

The matching is written here a second time, without the package, so that a fault in one cannot hide one
in the other.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from procanalysis.schema import LOU_COVERED, RULES, SPEND_CLASSES, TAXONOMY, TIERS, names

ROOT = Path(__file__).parents[1]
TREE_FILE = ROOT / "params" / "taxonomies" / "procanalysis.csv"
KOMMUNBAS_FILE = ROOT / "params" / "mappings" / "kommunbas.csv"
GUYS_FILE = ROOT / "tests" / "cases" / "ledgers" / "guys" / "rules.csv"
RULE_FILES = [pytest.param(KOMMUNBAS_FILE, id="kommunbas"), pytest.param(GUYS_FILE, id="guys")]

NOT_PURCHASE, UNCATEGORISED = "90", "99"
CONDITIONS = ("account", "unit", "supplier", "project", "text")

# The national groups of Kommun-Bas, with the spend class that each has when no sub-account says otherwise.
NATIONAL_GROUPS = {
    **dict.fromkeys(["40"], "investering"),
    **dict.fromkeys(["60"], "ej adresserbar"),
    **dict.fromkeys(["41", "46", "61", "62", "63", "64", "65", "66", "68", "69", "70", "71", "72"], "adresserbar"),
    **dict.fromkeys(["74", "75", "76"], "adresserbar"),
    **dict.fromkeys(["45", "50", "51", "53", "54", "55", "56", "57", "73", "78", "79"], "ej inköp"),
    **dict.fromkeys(["80", "81", "82", "83", "84", "85", "86", "87", "88", "89"], "ej inköp"),
}

Rule = dict[str, str]


def read(path: Path) -> tuple[list[str], list[Rule]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or []), rows


def account_holds(condition: str, account: str) -> bool:
    if condition.endswith("*"):
        return account.startswith(condition[:-1])
    if "-" in condition:
        first, last = condition.split("-")
        return len(account) == len(first) and first <= account <= last
    return condition in ("", account)


def precision(rule: Rule) -> tuple[int, int, int, int]:
    """Order in which rules decide: tier, more conditions, exact then longer prefix, then narrower range."""
    account = rule["account"]
    kind, size = 0, 0
    if account.endswith("*"):
        kind, size = 1, -len(account)
    elif "-" in account:
        first, last = account.split("-")
        kind, size = 2, int(last) - int(first)
    elif not account:
        kind = 3
    return (list(TIERS).index(rule["tier"]), -sum(bool(rule[name]) for name in CONDITIONS), kind, size)


def decide(rules: list[Rule], account: str, text: str = "", supplier: str = "") -> Rule:
    """Return the rule that decides a row with this account, text and organisation number."""
    for rule in sorted(rules, key=precision):
        supplier_holds = not rule["supplier"] or rule["supplier"].replace("-", "") == supplier
        text_holds = rule["text"].casefold() in text.casefold()
        if account_holds(rule["account"], account) and supplier_holds and text_holds:
            return rule
    raise AssertionError(f"no rule decides account {account}")


@pytest.fixture(scope="module")
def tree() -> list[Rule]:
    return read(TREE_FILE)[1]


@pytest.fixture(scope="module")
def kommunbas() -> list[Rule]:
    return read(KOMMUNBAS_FILE)[1]


def test_tree_has_the_columns_of_the_schema_and_unique_codes(tree: list[Rule]) -> None:
    assert read(TREE_FILE)[0] == names(TAXONOMY)
    assert [code for code, count in Counter(row["category_code"] for row in tree).items() if count > 1] == []
    assert [name for name, count in Counter(row["name"] for row in tree).items() if count > 1] == []


def test_tree_has_two_levels_of_the_promised_size(tree: list[Rule]) -> None:
    main = [row["category_code"] for row in tree if not row["parent_code"]]
    purchases = [code for code in main if code not in (NOT_PURCHASE, UNCATEGORISED)]
    subs = [row for row in tree if row["parent_code"]]
    assert purchases == [f"{number:02d}" for number in range(1, len(purchases) + 1)]
    assert 12 <= len(purchases) <= 15
    assert {NOT_PURCHASE, UNCATEGORISED} <= set(main)
    assert 60 <= len(subs) <= 120
    assert {row["parent_code"] for row in subs} == set(main), "every main category has sub-categories, and no others"
    assert [row["category_code"] for row in subs if row["category_code"][:2] != row["parent_code"]] == []


def test_every_category_is_described_and_every_main_category_has_an_owner(tree: list[Rule]) -> None:
    assert [row["category_code"] for row in tree if not row["name"] or not row["description"].endswith(".")] == []
    assert [row["category_code"] for row in tree if not row["parent_code"] and not row["owner"]] == []


def test_codes_that_descriptions_refer_to_exist(tree: list[Rule]) -> None:
    codes = {row["category_code"] for row in tree}
    words = [(row["category_code"], word.strip("(),.;")) for row in tree for word in row["description"].split()]
    assert [(code, word) for code, word in words if word[:1].isdigit() and not set(word.split("–")) <= codes] == []


@pytest.mark.parametrize("path", RULE_FILES)
def test_rules_have_the_columns_of_the_schema_unique_ids_and_leaf_categories(path: Path, tree: list[Rule]) -> None:
    header, rules = read(path)
    parents = {row["parent_code"] for row in tree}
    leaves = {row["category_code"] for row in tree} - parents
    assert header == names(RULES)
    assert [rule for rule, count in Counter(row["rule_id"] for row in rules).items() if count > 1] == []
    assert [row["rule_id"] for row in rules if row["category_code"] not in leaves] == []


@pytest.mark.parametrize("path", RULE_FILES)
def test_rules_use_allowed_values_real_dates_and_give_author_and_reason(path: Path) -> None:
    _, rules = read(path)
    for row in rules:
        assert row["tier"] in TIERS, row["rule_id"]
        assert row["spend_class"] in SPEND_CLASSES, row["rule_id"]
        assert row["lou_covered"] in LOU_COVERED, row["rule_id"]
        assert row["author"], row["rule_id"]
        assert row["reason"].endswith("."), row["rule_id"]
        date.fromisoformat(row["decided_on"])
        valid = [date.fromisoformat(row[name]) for name in ("valid_from", "valid_to") if row[name]]
        assert valid == sorted(valid), row["rule_id"]


@pytest.mark.parametrize("path", RULE_FILES)
def test_spend_class_and_category_tell_the_same_story(path: Path) -> None:
    _, rules = read(path)
    for row in rules:
        is_purchase = not row["category_code"].startswith(f"{NOT_PURCHASE}.")
        assert is_purchase == (row["spend_class"] != "ej inköp"), row["rule_id"]
        assert is_purchase or row["lou_covered"] != "ja", row["rule_id"]
        assert row["spend_class"] != "ej adresserbar" or row["lou_covered"] != "ja", row["rule_id"]


@pytest.mark.parametrize("path", RULE_FILES)
def test_one_default_rule_without_conditions_leads_to_uncategorised(path: Path) -> None:
    _, rules = read(path)
    default = [row for row in rules if row["tier"] == "default"]
    assert [(row["category_code"], row["lou_covered"]) for row in default] == [(f"{UNCATEGORISED}.01", "okänt")]
    assert [row["rule_id"] for row in rules if not any(row[name] for name in CONDITIONS)] == [default[0]["rule_id"]]
    assert [row["rule_id"] for row in rules if row["category_code"].startswith(UNCATEGORISED)] == [
        default[0]["rule_id"]
    ]


@pytest.mark.parametrize("path", RULE_FILES)
def test_every_rule_decides_some_row(path: Path) -> None:
    _, rules = read(path)
    for row in rules:
        # A row made to fit the rule: its own account (a prefix goes on with an x), text, supplier.
        account = row["account"].replace("*", "x").split("-")[0]
        decided = decide(rules, account, row["text"], row["supplier"].replace("-", ""))
        assert decided["rule_id"] == row["rule_id"]


def test_number_of_kommunbas_rules_stays_reviewable(kommunbas: list[Rule]) -> None:
    assert 80 <= len(kommunbas) <= 160


@pytest.mark.parametrize(("group", "spend_class"), NATIONAL_GROUPS.items())
@pytest.mark.parametrize("ending", ["", "0", "00", "000"])
def test_every_national_group_is_decided_above_the_default(
    kommunbas: list[Rule], group: str, spend_class: str, ending: str
) -> None:
    rule = decide(kommunbas, group + ending)
    assert (rule["tier"], rule["spend_class"]) == ("account", spend_class)


@pytest.mark.parametrize(
    ("account", "text", "category", "spend_class", "lou_covered"),
    [
        ("6440", "Livsmedel", "13.01", "adresserbar", "ja"),
        ("44000", "", "99.01", "adresserbar", "okänt"),
        ("4530", "Bidrag till förening", "90.02", "ej inköp", "nej"),
        ("46353", "Köp, LOV omvårdnad", "05.06", "ej adresserbar", "nej"),
        ("4635", "Köp av huvudverksamhet", "05.11", "adresserbar", "okänt"),
        ("5750", "Pensionskostnad", "90.01", "ej inköp", "nej"),
        ("6011", "Lokalhyror", "08.01", "ej adresserbar", "nej"),
        ("6210", "El", "10.01", "adresserbar", "ja"),
        ("6210", "Bygdens Elnät AB", "10.01", "ej adresserbar", "nej"),
        ("69200", "Fordonsskatt", "90.03", "ej inköp", "nej"),
        ("7310", "Försäkringspremier", "15.06", "adresserbar", "ja"),
        ("7320", "Självrisker", "90.08", "ej inköp", "nej"),
        ("7510", "Inhyrda läkare", "06.01", "adresserbar", "ja"),
        ("7450", "Konsulttjänster", "15.01", "adresserbar", "ja"),
        ("40210", "Inköp bilar", "11.01", "investering", "ja"),
        ("", "Läkemedel till boende", "01.02", "adresserbar", "ja"),
    ],
)
def test_known_accounts_get_the_treatment_of_the_methods(
    kommunbas: list[Rule], account: str, text: str, category: str, spend_class: str, lou_covered: str
) -> None:
    rule = decide(kommunbas, account, text)
    assert (rule["category_code"], rule["spend_class"], rule["lou_covered"]) == (
        category,
        spend_class,
        lou_covered,
    )


def test_tax_authority_is_no_purchase_on_any_account(kommunbas: list[Rule]) -> None:
    assert decide(kommunbas, "7490", supplier="2021005448")["category_code"] == "90.03"


def test_british_rules_never_claim_that_swedish_law_covers_a_purchase() -> None:
    assert {row["lou_covered"] for row in read(GUYS_FILE)[1]} == {"okänt"}

"""Reasoning over the rules alone: which comes first, which account lies within another, which rules are dead."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.measures.categories import map_categories
from procanalysis.measures.rule_order import (
    AccountCondition,
    decision_order,
    is_supplier_key,
    parse_rules,
    rules_that_cannot_fire,
    text_pattern,
    validity_edges,
)

Row = dict[str, Any]
TREE = pd.DataFrame([{"category_code": "1", "parent_code": "", "name": "Allt", "category_path": "1"}])


def rule(rule_id: str, tier: str = "account", **more: Any) -> Row:
    decides = {"category_code": "1", "spend_class": "adresserbar", "lou_covered": "ja"}
    return {"rule_id": rule_id, "tier": tier, **decides, **more}


def dead(*rules: Row) -> dict[str, str]:
    found = rules_that_cannot_fire(pd.DataFrame(rules))
    assert found["reason"].str.endswith(".").all()
    return dict(zip(found["rule_id"], found["shadowed_by"].fillna(""), strict=True))


# Accounts


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("6440", ["6440"], ["644", "64400", "6441", ""]),
        ("64*", ["64", "6440", "64abc"], ["6", "6540", "164"]),
        ("6400-6499", ["6400", "6450", "6499"], ["64", "64500", "6399", "6500", "645"]),
        ("A1-A3", ["A1", "A2", "A3"], ["A0", "A4", "B2", "A10"]),
        ("6499-6400", [], ["6400", "6450", "6499"]),
        ("64-6499", [], ["64", "6450"]),
        ("", ["", "6440", "x"], []),
    ],
)
def test_an_account_condition_holds_for_what_it_says(written: str, inside: list[str], outside: list[str]) -> None:
    condition = AccountCondition.parse(written)
    assert [account for account in inside if not condition.matches(account)] == []
    assert [account for account in outside if condition.matches(account)] == []
    assert condition.among(sorted({*inside, *outside})) == sorted(inside)


CONDITIONS = ["", "6440", "6441", "644*", "64*", "6*", "6440-6440", "6440-6449", "6400-6499", "64-65", "6449-6440"]
ACCOUNTS = ["", "6", "64", "65", "644", "6440", "6441", "6449", "6450", "64400", "7"]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(CONDITIONS, repeat=2)))
def test_a_condition_within_another_holds_for_no_account_that_the_other_misses(one: str, other: str) -> None:
    inner, outer = AccountCondition.parse(one), AccountCondition.parse(other)
    if inner.within(outer):
        assert [a for a in ACCOUNTS if inner.matches(a) and not outer.matches(a)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6440", "6440"), ("6440", "64*"), ("6440", "6400-6499"), ("644*", "64*"), ("6440-6449", "6400-6499"),
        ("6440-6449", "64*"), ("6440-6440", "6440"), ("6440", ""), ("64*", ""),
    ],
)  # fmt: skip
def test_a_narrow_condition_is_known_to_lie_within_the_wide_one(one: str, other: str) -> None:
    assert AccountCondition.parse(one).within(AccountCondition.parse(other))


@pytest.mark.parametrize(("one", "other"), [("64*", "6400-6499"), ("64*", "6440"), ("", "64*"), ("6*", "64*")])
def test_a_wide_condition_is_not_taken_to_lie_within_a_narrow_one(one: str, other: str) -> None:
    assert not AccountCondition.parse(one).within(AccountCondition.parse(other))


# Order


def test_rules_decide_by_tier_then_conditions_then_account_then_place_in_the_file() -> None:
    rules = [
        rule("default", "default"),
        rule("text", "text", text="x"),
        rule("no account", unit="u"),
        rule("same as it", project="p"),
        rule("wide range", account="6000-6999"),
        rule("narrow range", account="6400-6499"),
        rule("short prefix", account="6*"),
        rule("long prefix", account="644*"),
        rule("exact", account="6440"),
        rule("two conditions", account="6000-6999", unit="u"),
        rule("dates are a condition", account="6000-6999", unit="u", valid_to="2025-01-01"),
        rule("unit", "unit", unit="u"),
        rule("supplier", "supplier", supplier="s"),
        rule("override", "override", text="x"),
    ]
    order = decision_order(parse_rules(pd.DataFrame(rules)))
    ids = [found.rule_id for _, found in order]
    assert ids == [
        "override", "supplier", "unit", "dates are a condition", "two conditions", "exact", "long prefix",
        "short prefix", "narrow range", "wide range", "no account", "same as it", "text", "default",
    ]  # fmt: skip
    ranks = {found.rule_id: rank for rank, found in order}
    assert ranks["no account"] == ranks["same as it"]
    assert len(set(ranks.values())) == len(rules) - 1


def test_names_are_compared_without_case_and_spacing_but_å_is_not_a() -> None:
    written = [rule("a", unit="Vård  och Omsorg "), rule("b", supplier="ÅKERI  ab"), rule("c", supplier="556016-0680")]
    read = parse_rules(pd.DataFrame(written))
    assert [(found.unit, found.supplier) for found in read] == [
        ("vård och omsorg", ""),
        ("", "åkeri ab"),
        ("", "5560160680"),
    ]


def test_days_may_be_text_dates_or_missing() -> None:
    written = [
        rule("a", valid_from="2025-01-31", valid_to=None),
        rule("b", valid_from=pd.NaT, valid_to=date(2025, 2, 1)),
    ]
    read = parse_rules(pd.DataFrame(written))
    assert [(found.valid_from, found.valid_to) for found in read] == [
        (date(2025, 1, 31), None),
        (None, date(2025, 2, 1)),
    ]


def test_the_edges_are_first_days_and_days_after_the_last() -> None:
    written = [
        rule("a", valid_from="2025-03-01", valid_to="2025-03-31"),
        rule("b", valid_from="2025-04-01", valid_to="9999-12-31"),
        rule("c", valid_to="2024-12-31"),
    ]
    assert validity_edges(parse_rules(pd.DataFrame(written))) == [
        date(2025, 1, 1),
        date(2025, 3, 1),
        date(2025, 4, 1),
    ]


@given(st.text(alphabet=r"aåÄ.*^$+?()[]{}|\-#&~/ ", min_size=1).filter(lambda words: "*" not in words))
def test_every_sign_but_the_star_means_itself(words: str) -> None:
    assert re.search(text_pattern(words), f"före {words} efter")
    assert re.search(text_pattern(words), words.swapcase())
    assert not re.search(text_pattern(words + "ö"), words)


@pytest.mark.parametrize(
    ("written", "is_key"),
    [
        ("5560160680", True),
        ("dold:48a3adeeec1d", True),
        ("nr:17", True),
        ("utl:DE1", True),
        ("namn:x", True),
        ("556016068", False),
        ("Åkeri 5560160680", False),
        ("556016-0680", False),
        ("", False),
    ],
)
def test_a_supplier_key_is_told_from_a_name(written: str, is_key: bool) -> None:
    assert is_supplier_key(written) == is_key


# Rules out of reach


def test_the_planted_dead_rules_are_found_with_what_stands_before_them() -> None:
    found = dead(
        rule("hela 64", account="64*"),
        rule("samma igen", account="64*"),
        rule("intervall under prefix", account="6400-6499"),
        rule("lever", account="6440"),
        rule("baklänges", account="6500-6400"),
        rule("olika långa", account="64-6500"),
        rule("slut före början", account="7", valid_from="2025-02-01", valid_to="2025-01-31"),
        rule("leverantör", "supplier", supplier="Åkeri Öst"),
        rule("leverantör och konto", "account", supplier="ÅKERI  öst", account="6440"),
        rule("vid text", "text", text="el"),
        rule("snäv text", "text", text="ELnät"),
        rule("stjärnor", "text", text="av*el*nät"),
        rule("annan text", "text", text="e*l"),
        rule("enhet", "text", unit="Skola", text="nät"),
        rule("rest", "default"),
    )
    assert found == {
        "samma igen": "hela 64",
        "intervall under prefix": "hela 64",
        "baklänges": "",
        "olika långa": "",
        "slut före början": "",
        "leverantör och konto": "leverantör",
        "snäv text": "vid text",
        "stjärnor": "vid text",
    }


@pytest.mark.parametrize(
    ("earlier", "later", "covered"),
    [
        ((None, None), ("2025-01-01", "2025-01-31"), True),
        (("2025-01-01", "2025-12-31"), ("2025-01-01", "2025-12-31"), True),
        (("2025-01-01", None), ("2025-01-01", "2025-01-31"), True),
        (("2025-01-02", None), ("2025-01-01", "2025-01-31"), False),
        ((None, "2025-01-30"), ("2025-01-01", "2025-01-31"), False),
        (("2025-01-01", "2025-12-31"), (None, None), False),
        (("2025-01-01", None), (None, "2025-12-31"), False),
    ],
)
def test_a_rule_covers_another_only_while_it_holds(
    earlier: tuple[str | None, str | None], later: tuple[str | None, str | None], covered: bool
) -> None:
    first = rule("first", "override", account="64*", valid_from=earlier[0], valid_to=earlier[1])
    second = rule("second", account="6440", valid_from=later[0], valid_to=later[1])
    assert dead(first, second) == ({"second": "first"} if covered else {})


def test_no_rules_out_of_reach_is_an_empty_table() -> None:
    found = rules_that_cannot_fire(pd.DataFrame([rule("a", account="6")]))
    assert (len(found), list(found.columns)) == (0, ["rule_id", "tier", "shadowed_by", "reason"])


# Every combination of a few values, so that a rule that can fire does.
GRID = pd.DataFrame(
    itertools.product(
        [None, "64", "6440", "6449", "7"],
        [None, "Vård", "skola"],
        [None, "el", "nätel", "ELNÄT", "el och nät"],
        [None, *pd.to_datetime(["2025-01-01", "2025-01-31", "2025-02-01"])],
    ),
    columns=["account", "unit", "text", "booked_on"],
).assign(line_id=range(1, 301), amount_ore=1)
rule_rows = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["override", "account", "text"]),
        "account": st.sampled_from(["", "", "6440", "64*", "6*", "6440-6449", "6449-6440", "64-6499"]),
        "unit": st.sampled_from(["", "", "vård", "Skola"]),
        "text": st.sampled_from(["", "", "el", "EL*nät", "nät", "*"]),
        "valid_from": st.sampled_from([None, None, "2025-01-01", "2025-02-01"]),
        "valid_to": st.sampled_from([None, None, "2025-01-31", "9999-12-31"]),
    }
)


@settings(max_examples=8, deadline=None)
@given(st.lists(rule_rows, min_size=2, max_size=12))
def test_a_rule_named_as_out_of_reach_never_decides_a_row(rows: list[Row]) -> None:
    rules = pd.DataFrame([rule(f"r{number}", **row) for number, row in enumerate(rows)])
    fired = set(map_categories(GRID, rules=rules, taxonomy=TREE)["rule_id"].dropna())
    found = rules_that_cannot_fire(rules)
    assert fired & set(found["rule_id"]) == set()
    # What is said to stand before it comes before it, and is not out of reach for being empty.
    order = [each.rule_id for _, each in decision_order(parse_rules(rules))]
    shadowed = found[found["shadowed_by"].fillna("") != ""]
    for name, by in zip(shadowed["rule_id"], shadowed["shadowed_by"], strict=True):
        assert order.index(by) < order.index(name)

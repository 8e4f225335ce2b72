"""Mapping by rules: what decides each row, told a second time in plain Python, and what may never happen on the way."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MappingError, MeasureError, ReconciliationError
from procanalysis.measures import categories
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import LOU_COVERED, MAPPED_COLUMNS, SPEND_CLASSES, TIERS, names

CASES = Path(__file__).parents[1] / "cases" / "map_categories"
ENGINES = ("pandas", "polars", "polars_lazy", "duckdb")
ADDED = names(MAPPED_COLUMNS)
ORDER_OF_TIERS = ["override", "supplier", "unit", "account", "text", "default"]
TEXT_FIELDS = ("account_text", "supplier_name", "text")

Row = dict[str, Any]

# Main categories 1 and 2; below 1 a branch of four levels, below 2 one of two.
PARENTS = {"1": "", "1.1": "1", "1.1.1": "1.1", "1.1.1.1": "1.1.1", "1.1.1.2": "1.1.1", "2": "", "2.1": "2", "3": ""}
LEAVES = ("1.1.1.1", "1.1.1.2", "2.1", "3")


def make_tree(parents: dict[str, str]) -> pd.DataFrame:
    def path(code: str) -> str:
        return f"{path(parents[code])}/{code}" if parents[code] else code

    return pd.DataFrame(
        [
            {"category_code": code, "parent_code": parent, "name": f"Namn {code}", "category_path": path(code)}
            for code, parent in parents.items()
        ]
    )


TREE = make_tree(PARENTS)


def rule(rule_id: str = "r", tier: str = "account", category_code: str = "3", **more: Any) -> Row:
    return {
        "rule_id": rule_id,
        "tier": tier,
        "category_code": category_code,
        "spend_class": "adresserbar",
        "lou_covered": "ja",
        "reason": "Prov.",
        **more,
    }


def mapped(lines: Any, *rules: Row, tree: pd.DataFrame = TREE) -> pd.DataFrame:
    return as_pandas(categories.map_categories(lines, rules=pd.DataFrame(rules), taxonomy=tree))


def as_pandas(native: Any) -> pd.DataFrame:
    if isinstance(native, duckdb.DuckDBPyRelation):
        native = native.df()
    elif isinstance(native, pl.LazyFrame):
        native = native.collect().to_pandas()
    elif isinstance(native, pl.DataFrame):
        native = native.to_pandas()
    ordered: pd.DataFrame = native.sort_values("line_id", ignore_index=True)
    return ordered


def plain(frame: pd.DataFrame, columns: list[str]) -> list[Row]:
    """Return the rows with every kind of missing as None and days as dates, so that engines can be compared."""
    rows = frame[columns].astype("object").where(frame[columns].notna(), None).to_dict("records")
    return [{k: v.date() if isinstance(v, pd.Timestamp) else v for k, v in row.items()} for row in rows]


# The oracle: the rules of decision, read off the issue and the README of the rules, row by row.


def same_name(one: str | None, other: str) -> bool:
    return one is not None and one.lower().split() == other.lower().split()


def account_holds(condition: str, account: str | None) -> bool:
    if account is None:
        return False
    if condition.endswith("*"):
        return account[: len(condition) - 1] == condition[:-1]
    if "-" in condition:
        first, last = condition.split("-")
        return len(first) == len(account) == len(last) and first <= account <= last
    return account == condition


def text_holds(words: str, value: str | None) -> bool:
    """Find the words between the stars one after the other."""
    rest = (value or "").lower()
    for piece in words.lower().split("*"):
        _, found, rest = rest.partition(piece) if piece else ("", "*", rest)
        if not found:
            return False
    return True


def supplier_holds(condition: str, line: Row) -> bool:
    return line["supplier_key"] == condition or same_name(line["supplier_name"], condition)


def rule_holds(row: Row, line: Row) -> bool:
    day = line["booked_on"]
    if (row["valid_from"] or row["valid_to"]) and day is None:
        return False
    checks = [
        not row["account"] or account_holds(row["account"], line["account"]),
        not row["unit"] or same_name(line["unit"], row["unit"]),
        not row["supplier"] or supplier_holds(row["supplier"], line),
        not row["project"] or line["project"] == row["project"],
        not row["text"] or any(text_holds(row["text"], line[field]) for field in TEXT_FIELDS),
        not row["valid_from"] or day >= row["valid_from"],
        not row["valid_to"] or day <= row["valid_to"],
    ]
    return all(checks)


def standing(row: Row) -> tuple[int, int, int, int]:
    account = row["account"]
    dated = bool(row["valid_from"] or row["valid_to"])
    conditions = sum(bool(row[name]) for name in ("account", "unit", "supplier", "project", "text")) + dated
    if not account:
        kind, size = 3, 0
    elif account.endswith("*"):
        kind, size = 1, -len(account)
    elif "-" in account:
        first, last = account.split("-")
        kind, size = 2, int(last) - int(first)
    else:
        kind, size = 0, 0
    return (ORDER_OF_TIERS.index(row["tier"]), -conditions, kind, size)


def decide(rules: list[Row], line: Row) -> Row | None:
    # sorted keeps the order of the file among equals.
    return next((row for row in sorted(rules, key=standing) if rule_holds(row, line)), None)


def expected_marks(row: Row | None) -> Row:
    if row is None:
        return dict.fromkeys(ADDED) | {"lou_covered": "okänt", "is_mapped": 0}
    path = [row["category_code"]]
    while PARENTS[path[0]]:
        path.insert(0, PARENTS[path[0]])
    return {
        "rule_id": row["rule_id"],
        "tier": row["tier"],
        "category_code": path[-1],
        "category_name": f"Namn {path[-1]}",
        "category_path": "/".join(path),
        "main_category_code": path[0],
        "main_category_name": f"Namn {path[0]}",
        "spend_class": row["spend_class"],
        "lou_covered": row["lou_covered"],
        "is_mapped": int(row["tier"] != "default"),
    }


# Few values, so that rules and lines meet; signs that mean something in a regular expression; days on the edges.
# An example costs a good part of a second, nearly all of it the engines' for each kind of rule, whatever the number of
# lines: therefore many lines, drawn by a seed, and few examples.

DAYS = [date(2025, 1, 30) + timedelta(days=number) for number in range(4)]
WORDS = ["el", "nät", "ÅÄÖ", "a.b", "(x", "[y]", "100%", "c+", "\\d", "^", "$", "|", "?", "{2}", "#~&", "'", '"', "\n"]
LINE_VALUES: dict[str, list[Any]] = {
    "account": [None, "6440", "6449", "64", "64400", "5", "A64", "64.0"],
    "unit": [None, "Vård", "VÅRD", "Skola  Ö", "o'Hara"],
    "supplier_key": [None, "5560160680", "dold:abc", "namn:åkeri öst"],
    "supplier_name": [None, "Åkeri Öst", "ÅKERI  ÖST", "El (nät) a.b", "1234567890"],
    "project": [None, "P1", "p1"],
    "booked_on": [None, *DAYS],
}


def draw_lines(seed: int) -> list[Row]:
    draw = random.Random(seed)

    def phrase() -> str | None:
        return draw.choice(["", " "]).join(draw.choices(WORDS, k=draw.randint(1, 3))) if draw.random() < 0.7 else None

    return [
        {name: draw.choice(values) for name, values in LINE_VALUES.items()}
        | {"account_text": phrase(), "text": phrase(), "amount_ore": draw.randint(-(10**6), 10**6)}
        for _ in range(150)
    ]


def seldom(*values: Any, nothing: Any = "") -> st.SearchStrategy[Any]:
    """Leave a condition out three times of four, so that rules hold often and compete."""
    return st.sampled_from([nothing] * (3 * len(values)) + list(values))


patterns = st.builds(
    lambda words, sign, turn: (sign.join(words).swapcase() if turn else sign.join(words)).strip(),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2),
    st.sampled_from(["", "*", " "]),
    st.booleans(),
)
rule_rows = st.fixed_dictionaries(
    {
        "tier": st.sampled_from([*ORDER_OF_TIERS, "account", "account", "account"]),
        "account": st.sampled_from(["", "6440", "64*", "6*", "644*", "6440-6449", "6400-6499", "6449-6440"]),
        "unit": seldom("vård", "SKOLA Ö", "O'HARA"),
        "supplier": seldom("5560160680", "dold:abc", "åkeri öst", "EL (NÄT) A.B"),
        "project": seldom("P1"),
        "text": st.one_of(st.just(""), st.just(""), patterns),
        "valid_from": seldom(*DAYS, nothing=None),
        "valid_to": seldom(*DAYS, date(9999, 12, 31), nothing=None),
        "category_code": st.sampled_from(LEAVES),
        "spend_class": st.sampled_from(SPEND_CLASSES),
        "lou_covered": st.sampled_from(LOU_COVERED),
    }
)
some_lines = st.integers(0, 10**6).map(draw_lines)
some_rules = st.lists(rule_rows, min_size=8, max_size=14).map(
    lambda rows: [{"rule_id": f"r{number}", **row} for number, row in enumerate(rows)]
)


def test_the_tiers_decide_in_the_order_that_the_oracle_has() -> None:
    assert list(TIERS) == ORDER_OF_TIERS


@settings(max_examples=4, deadline=None)
@given(rows=some_lines, rules=some_rules)
def test_every_engine_maps_as_the_rules_of_decision_say(
    rows: list[Row], rules: list[Row], make_lines: Any, in_engine: Any
) -> None:
    lines = make_lines(pd.DataFrame(rows, dtype="object")).drop(columns=ADDED)
    kept, rules_frame = lines.copy(deep=True), pd.DataFrame(rules, dtype="object")
    kept_rules = rules_frame.copy(deep=True)
    expected = [expected_marks(decide(rules, row)) for row in rows]
    for engine in ("pandas", "polars_lazy", "duckdb"):
        native = in_engine(engine, lines)
        found = as_pandas(categories.map_categories(native, rules=rules_frame, taxonomy=TREE))
        assert list(found.columns) == [*lines.columns, *ADDED]
        assert plain(found, ADDED) == expected
        # Nothing that came in is changed on the way out, and nothing in what was handed over either.
        assert plain(found, list(lines.columns)) == plain(kept, list(lines.columns))
        assert plain(as_pandas(native), list(lines.columns)) == plain(kept, list(lines.columns))
    pd.testing.assert_frame_equal(lines, kept)
    pd.testing.assert_frame_equal(rules_frame, kept_rules)


def disagreements(rules: list[Row], rows: list[Row]) -> dict[str, tuple[int, int]]:
    """Count, per rule that decides, the rows on which one of equal standing would have given something else."""
    found: dict[str, tuple[int, int]] = {}
    for line in rows:
        first = decide(rules, line)
        if first is None:
            continue
        gives = [first[name] for name in ("category_code", "spend_class", "lou_covered")]
        others = [row for row in rules if standing(row) == standing(first) and rule_holds(row, line)]
        if any([row[name] for name in ("category_code", "spend_class", "lou_covered")] != gives for row in others):
            count, amount = found.get(first["rule_id"], (0, 0))
            found[first["rule_id"]] = (count + 1, amount + line["amount_ore"])
    return found


@settings(max_examples=4, deadline=None)
@given(rows=some_lines, rules=some_rules)
def test_conflicts_are_every_row_that_only_the_order_in_the_file_decides(
    rows: list[Row], rules: list[Row], make_lines: Any
) -> None:
    lines = make_lines(pd.DataFrame(rows, dtype="object"))
    found = categories.rule_conflicts(lines, rules=pd.DataFrame(rules, dtype="object"), taxonomy=TREE)
    summed = found.groupby("rule_id")[["lines_count", "amount_ore"]].sum()
    assert {str(i): (int(r.iloc[0]), int(r.iloc[1])) for i, r in summed.iterrows()} == disagreements(rules, rows)
    standings = {row["rule_id"]: standing(row) for row in rules}
    assert found["rule_id"].map(standings).tolist() == found["other_rule_id"].map(standings).tolist()


@settings(max_examples=4, deadline=None)
@given(rows=some_lines, old=some_rules, new=some_rules)
def test_what_a_change_of_rules_moves_explains_how_the_headlines_change(
    rows: list[Row], old: list[Row], new: list[Row], make_lines: Any
) -> None:
    lines = make_lines(pd.DataFrame(rows, dtype="object"))
    change = categories.preview_rule_change(lines, old=pd.DataFrame(old), new=pd.DataFrame(new), taxonomy=TREE)
    told = ("category_code", "spend_class", "lou_covered")
    pairs = [(expected_marks(decide(old, row)), expected_marks(decide(new, row)), row["amount_ore"]) for row in rows]
    differ = [pair for pair in pairs if any(pair[0][name] != pair[1][name] for name in told)]
    assert int(change.moved["lines_count"].sum()) == len(differ)
    assert int(change.moved["amount_ore"].sum()) == sum(amount for *_, amount in differ)
    assert (change.headlines["after_ore"] - change.headlines["before_ore"]).equals(change.headlines["change_ore"])
    headlines = change.headlines.set_index("figure")["change_ore"]
    shown = {
        "Adresserbart": ("class", "adresserbar"),
        "Ej adresserbart": ("class", "ej adresserbar"),
        "Investeringar": ("class", "investering"),
        "Ej inköp": ("class", "ej inköp"),
        "Omfattas av LOU": ("lou", "ja"),
        "Oklart om LOU gäller": ("lou", "okänt"),
    }
    for figure, (side, value) in shown.items():
        came, went = (change.moved[f"{when}_{side}"] == value for when in ("new", "old"))
        assert (
            headlines[figure] == change.moved.loc[came, "amount_ore"].sum() - change.moved.loc[went, "amount_ore"].sum()
        )
    by_rule = {when: sum(a for *marks, a in pairs if marks[place]["is_mapped"]) for place, when in enumerate("bn")}
    assert headlines["Kategoriserat"] == by_rule["n"] - by_rule["b"]


@pytest.mark.parametrize("scenario", sorted(path.name for path in CASES.iterdir()))
@pytest.mark.parametrize("engine", ENGINES)
def test_the_case_comes_out_as_expected(scenario: str, engine: str, in_engine: Any) -> None:
    folder = CASES / scenario
    lines = pd.read_csv(folder / "lines.csv", dtype="str").astype({"line_id": "int64", "amount_ore": "int64"})
    if "booked_on" in lines:
        lines["booked_on"] = pd.to_datetime(lines["booked_on"])
    rules = read_rules([folder / "rules.csv"], masker=Masker(b"prov"))
    tree = read_taxonomy(folder / "taxonomy.csv")
    found = as_pandas(categories.map_categories(in_engine(engine, lines), rules=rules, taxonomy=tree))
    expected = pd.read_csv(folder / "expected.csv", dtype="str").astype({"line_id": "int64", "is_mapped": "int64"})
    assert plain(found, list(expected.columns)) == plain(expected, list(expected.columns))


# What an analyst may hand over


def test_a_frame_need_not_have_columns_that_no_rule_looks_at(in_engine: Any) -> None:
    lines = pd.DataFrame({"line_id": [1, 2], "account": ["6440", "7"], "amount_ore": [100, 50]})
    for engine in ENGINES:
        found = mapped(in_engine(engine, lines), rule(account="64*"))
        assert list(found.columns) == [*lines.columns, *ADDED]
        assert found["is_mapped"].tolist() == [1, 0]


def test_the_rows_come_back_by_line_id_with_a_fresh_index() -> None:
    lines = pd.DataFrame({"line_id": [2, 3, 1], "account": ["6", "6", "7"], "amount_ore": 1}, index=[9, 9, 4])
    found = categories.map_categories(lines, rules=pd.DataFrame([rule(account="6")]), taxonomy=TREE)
    assert (found["line_id"].tolist(), found["is_mapped"].tolist(), found.index.tolist()) == (
        [1, 2, 3],
        [0, 1, 1],
        [0, 1, 2],
    )


def test_columns_that_hold_nothing_and_codes_as_whole_numbers_are_taken() -> None:
    lines = pd.DataFrame({"line_id": [1], "account": [6440], "unit": [float("nan")], "text": [None], "amount_ore": [1]})
    found = mapped(
        lines, rule("a", "account", account="6440"), rule("u", "unit", unit="nan"), rule("t", "text", text="x")
    )
    assert found["rule_id"].tolist() == ["a"]


def test_codes_that_pandas_has_read_as_decimals_are_refused_and_not_left_unmapped(in_engine: Any) -> None:
    lines = pd.DataFrame({"line_id": [1, 2], "account": [6440, None], "amount_ore": 1})
    for engine in ENGINES:
        with pytest.raises(MappingError, match=r"'account' holds decimal numbers.*Read it as text"):
            mapped(in_engine(engine, lines), rule(account="6440"))


def test_a_mapping_made_before_is_replaced(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "account": "6440", "amount_ore": 1}])
    once = categories.map_categories(lines, rules=pd.DataFrame([rule("old", account="6440")]), taxonomy=TREE)
    twice = categories.map_categories(once, rules=pd.DataFrame([rule("new", account="6440")]), taxonomy=TREE)
    assert list(twice.columns) == list(once.columns)
    assert twice["rule_id"].tolist() == ["new"]


def test_rows_with_the_same_line_id_are_all_kept(in_engine: Any) -> None:
    lines = pd.DataFrame({"line_id": [1, 1, 1], "account": ["6", "6", "7"], "amount_ore": [5, 5, 5]})
    for engine in ENGINES:
        assert sorted(mapped(in_engine(engine, lines), rule(account="6"))["is_mapped"]) == [0, 1, 1]


def test_an_organisation_number_in_a_rule_may_be_written_with_a_hyphen() -> None:
    lines = pd.DataFrame({"line_id": [1], "supplier_key": ["5560160680"], "amount_ore": [1]})
    assert mapped(lines, rule(tier="supplier", supplier="556016-0680"))["is_mapped"].tolist() == [1]


def test_a_relation_of_another_connection_is_mapped_where_it_lies() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE lines AS SELECT 1::BIGINT line_id, '6440' account, 100::BIGINT amount_ore")
        found = categories.map_categories(
            connection.table("lines"), rules=pd.DataFrame([rule(account="6440")]), taxonomy=TREE
        )
        assert found.project("rule_id").fetchall() == [("r",)]
        assert connection.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchall() == [(0,)]


# What is refused, and in which words


LINES = pd.DataFrame({"line_id": [1], "account": ["6440"], "amount_ore": [1]})


@pytest.mark.parametrize(
    ("rules", "tree", "words"),
    [
        ([rule(category_code="9.9")], TREE, ["not in the tree", "r", "'9.9'", "Correct the code"]),
        ([rule(category_code="1.1")], TREE, ["categories below it", "r", "Point to one of those"]),
        ([rule()], TREE.iloc[:0], ["category tree is empty", "Give a tree"]),
        ([], TREE, ["no rules", "mapping.rules"]),
        ([rule("dubbel"), rule("dubbel", account="7")], TREE, ["same rule_id", "dubbel"]),
        ([rule(None)], TREE, ["rule_id"]),
        ([rule(tier="acount")], TREE, ["tier is 'acount'", "'account'"]),
        ([rule(spend_class="inköp")], TREE, ["spend_class is 'inköp'", "'ej inköp'"]),
        ([rule(lou_covered="kanske")], TREE, ["lou_covered is 'kanske'", "okänt"]),
        ([rule(valid_to="2025-02-30")], TREE, ["r: valid_to is '2025-02-30'", "2025-01-31"]),
        ([{**rule(), "origin": "own.csv, row 7", "category_code": "x"}], TREE, ["own.csv, row 7"]),
        ([rule()], pd.concat([TREE, TREE.iloc[:1]]), ["same category_code", "1"]),
        ([rule()], TREE.drop(columns="category_path"), ["category tree", "category_path"]),
        ([{"rule_id": "r", "tier": "account"}], TREE, ["rules lack", "category_code"]),
        ([rule(supplier="5560160680")], TREE, ["'supplier_key'", "1 rule(s)", "Add the column"]),
        ([rule(supplier="Åkeri Öst")], TREE, ["'supplier_name'", "1 rule(s)", "Add the column"]),
        ([rule("a", unit="x"), rule("b", unit="y")], TREE, ["'unit'", "2 rule(s)", "a, b"]),
        ([rule(project="P")], TREE, ["'project'"]),
        ([rule(text="el")], TREE, ["'account_text' or 'supplier_name' or 'text'"]),
        ([rule(valid_from="2025-01-01")], TREE, ["'booked_on'"]),
    ],
)
def test_rules_that_cannot_be_used_are_refused_in_plain_words(
    rules: list[Row], tree: pd.DataFrame, words: list[str]
) -> None:
    for measure in (categories.map_categories, categories.rule_conflicts):
        with pytest.raises(MappingError) as refused:
            measure(LINES, rules=pd.DataFrame(rules), taxonomy=tree)
        assert [word for word in words if word not in str(refused.value)] == []


def test_lines_without_amount_or_line_id_are_refused() -> None:
    with pytest.raises(MeasureError, match="line_id"):
        mapped(LINES.drop(columns="line_id"), rule())
    with pytest.raises(MeasureError, match="amount_ore"):
        mapped(LINES.drop(columns="amount_ore"), rule())


def test_lost_rows_and_lost_kronor_are_told() -> None:
    two = pd.DataFrame({"amount_ore": [100, 50]})
    categories.check_nothing_lost(two, two.iloc[::-1])
    with pytest.raises(ReconciliationError, match=r"2 rows and 1\.50 went in, 1 rows and 1\.00 came out"):
        categories.check_nothing_lost(two, two.iloc[:1])
    with pytest.raises(ReconciliationError):
        categories.check_nothing_lost(two, pd.DataFrame({"amount_ore": [100, 51]}))


# Picking and ranking categories


PATHS = ["05/05.1/05.1.1", "05/05.1", "05/05.10", "05", "105", "1/1.05", "05.1", None]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("05", [1, 2, 3, 4]),
        ("05.1", [1, 2, 7]),
        ("05.1.1", [1]),
        ("05.10", [3]),
        ("105", [5]),
        ("1.05", [6]),
    ],
)
def test_a_category_holds_what_lies_below_it_and_no_code_that_looks_like_it(
    engine: str, code: str, expected: list[int], make_lines: Any, in_engine: Any
) -> None:
    rows = [{"supplier_key": "a", "amount_ore": 1, "category_path": path} for path in PATHS]
    found = as_pandas(categories.in_category(in_engine(engine, make_lines(rows)), code))
    assert found["line_id"].tolist() == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_a_category_without_lines_is_refused_unless_it_may_be_empty(
    engine: str, make_lines: Any, in_engine: Any
) -> None:
    lines = in_engine(engine, make_lines([{"supplier_key": "a", "amount_ore": 1, "category_path": p} for p in PATHS]))
    with pytest.raises(MappingError, match=r"category '5'.*05, 05\.1, 1, 105"):
        categories.in_category(lines, "5")
    assert as_pandas(categories.in_category(lines, "5", must_exist=False)).empty
    with pytest.raises(MeasureError, match="category_path"):
        categories.in_category(pd.DataFrame({"amount_ore": [1]}), "05")


def bought(path: str | None, amount: int, spend_class: str | None = "adresserbar", is_mapped: int = 1) -> Row:
    return {
        "supplier_key": "a",
        "amount_ore": amount,
        "category_path": path,
        "spend_class": spend_class,
        "is_mapped": is_mapped,
    }


LEDGER = [
    bought("1/1.1/1.1.1", 100),
    bought("1/1.1/1.1.2", 50),
    bought("1/1.2", 120),
    bought("1/1.2", -30),
    bought("2", 149, "investering"),
    bought("90/90.1", 9_999, "ej inköp"),
    bought("99/99.1", 9_999, is_mapped=0),
    bought(None, 9_999, None, 0),
]


@pytest.mark.parametrize(
    ("level", "largest", "expected"),
    [
        (1, 9, [("1", "1", 240), ("2", "2", 149)]),
        (2, 9, [("1.1", "1/1.1", 150), ("2", "2", 149), ("1.2", "1/1.2", 90)]),
        (2, 1, [("1.1", "1/1.1", 150)]),
        (3, 2, [("2", "2", 149), ("1.1.1", "1/1.1/1.1.1", 100)]),
    ],
)
def test_the_largest_categories_are_purchases_summed_on_the_level(
    level: int, largest: int, expected: list[tuple[str, str, int]], make_lines: Any, in_engine: Any
) -> None:
    for engine in ENGINES:
        lines = in_engine(engine, make_lines(LEDGER))
        found = categories.largest_categories(lines, largest=largest, level=level)
        assert [tuple(row) for row in found.to_numpy().tolist()] == expected


def test_nothing_bought_gives_no_largest_category(make_lines: Any) -> None:
    found = categories.largest_categories(make_lines(LEDGER[5:]), largest=3)
    assert (len(found), list(found.columns)) == (0, ["category_code", "category_path", "amount_ore"])


# Conflicts and changes that were planted


def test_the_planted_conflict_is_found_also_when_the_outermost_rules_agree(make_lines: Any, in_engine: Any) -> None:
    rules = pd.DataFrame(
        [
            rule("first", "text", "3", text="el"),
            rule("middle", "text", "2.1", text="nät"),
            rule("last", "text", "3", text="e"),
            rule("other rank", "text", "2.1", text="el", account="6"),
        ]
    )
    rows = [
        {"supplier_key": "a", "text": "elnät", "amount_ore": 100},
        {"supplier_key": "a", "text": "elnät", "amount_ore": -30},
        {"supplier_key": "a", "text": "el", "amount_ore": 7, "account": "6"},
        {"supplier_key": "a", "text": "vatten", "amount_ore": 9},
    ]
    for engine in ENGINES:
        lines = in_engine(engine, make_lines(rows))
        found = categories.rule_conflicts(lines, rules=rules, taxonomy=TREE)
        assert found.to_dict("records") == [
            {"rule_id": "first", "other_rule_id": "middle", "lines_count": 2, "amount_ore": 70, "absolute_ore": 130}
        ]


def test_rules_that_give_the_same_do_not_disagree(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "text": "elnät", "amount_ore": 1}])
    rules = pd.DataFrame([rule("a", "text", text="el"), rule("b", "text", text="nät")])
    found = categories.rule_conflicts(lines, rules=rules, taxonomy=TREE)
    assert (len(found), list(found.columns)) == (
        0,
        ["rule_id", "other_rule_id", "lines_count", "amount_ore", "absolute_ore"],
    )


def test_the_planted_move_is_told_to_the_ore(make_lines: Any, in_engine: Any) -> None:
    rows = [
        {"supplier_key": "a", "account": "6440", "amount_ore": 10_050},
        {"supplier_key": "a", "account": "6441", "amount_ore": -1},
        {"supplier_key": "a", "account": "7000", "amount_ore": 333},
        {"supplier_key": "a", "account": "8000", "amount_ore": 4_000},
    ]
    old = pd.DataFrame([rule("mat", "account", "3", account="64*"), rule("resa", "account", "2.1", account="7*")])
    extra = rule("pension", "account", "1.1.1.1", account="6440", spend_class="ej inköp", lou_covered="nej")
    new = pd.concat([old, pd.DataFrame([extra, rule("rest", "account", "2.1", account="8*")])])
    for engine in ENGINES:
        lines = in_engine(engine, make_lines(rows))
        change = categories.preview_rule_change(lines, old=old, new=new, taxonomy=TREE)
        assert change.moved.to_dict("records") == [
            {
                "old_category_code": "3", "new_category_code": "1.1.1.1",
                "old_category": "Namn 3", "new_category": "Namn 1.1.1.1",
                "old_class": "adresserbar", "new_class": "ej inköp", "old_lou": "ja", "new_lou": "nej",
                "lines_count": 1, "amount_ore": 10_050,
            },
            {
                "old_category_code": "", "new_category_code": "2.1",
                "old_category": "Inte kategoriserat", "new_category": "Namn 2.1",
                "old_class": "Inte kategoriserat", "new_class": "adresserbar", "old_lou": "okänt", "new_lou": "ja",
                "lines_count": 1, "amount_ore": 4_000,
            },
        ]  # fmt: skip
        assert change.headlines.set_index("figure").to_numpy().tolist() == [
            [10_382, 14_382, 4_000],
            [10_382, 4_332, -6_050],
            [0, 0, 0],
            [0, 0, 0],
            [0, 10_050, 10_050],
            [10_382, 4_332, -6_050],
            [4_000, 0, -4_000],
        ]


def test_a_move_between_categories_of_the_same_name_is_told(make_lines: Any) -> None:
    tree = TREE.assign(name="Samma")
    lines = make_lines([{"supplier_key": "a", "account": "6", "amount_ore": 5}])
    old, new = (pd.DataFrame([rule("r", "account", code, account="6")]) for code in ("3", "2.1"))
    moved = categories.preview_rule_change(lines, old=old, new=new, taxonomy=tree).moved
    assert moved[["old_category_code", "new_category_code", "amount_ore"]].to_numpy().tolist() == [["3", "2.1", 5]]


def test_the_same_rules_move_nothing(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "account": account, "amount_ore": 5} for account in ("6", "9")])
    rules = pd.DataFrame([rule(account="6")])
    change = categories.preview_rule_change(lines, old=rules, new=rules.iloc[::-1], taxonomy=TREE)
    assert change.moved.empty
    assert change.headlines["change_ore"].tolist() == [0] * 7


def test_a_change_that_points_nowhere_is_refused_before_anything_is_shown(make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "account": "6", "amount_ore": 5}])
    good, bad = pd.DataFrame([rule(account="6")]), pd.DataFrame([rule(account="6", category_code="x")])
    with pytest.raises(MappingError, match="not in the tree"):
        categories.preview_rule_change(lines, old=good, new=bad, taxonomy=TREE)


def test_a_code_that_would_break_the_paths_is_refused_where_the_tree_is_read(tmp_path: Path) -> None:
    tree = tmp_path / "tree.csv"
    tree.write_text("category_code,name\nIT/tele,IT och tele\n", encoding="utf-8")
    with pytest.raises(MappingError, match=r"tree\.csv, row 2: the category 'IT/tele' has a / in its code"):
        read_taxonomy(tree)

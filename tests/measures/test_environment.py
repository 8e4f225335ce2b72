"""Tags on what is bought, and its spend-based emissions: planted shares, hand reckoning and plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import environment, spend
from procanalysis.measures.environment.by_contract import NOTHING_CONTRACTED, UNCHANGED
from procanalysis.measures.environment.emissions import NO_CATEGORY, NO_FACTOR, NO_FACTORS, NO_INDEX, NOTHING_RECKONED
from procanalysis.measures.environment.shares import NOT_ABOVE_ZERO, NOTHING_JUDGED
from procanalysis.measures.environment.tagging import NO_LINES, NO_TAGS
from procanalysis.read.quantity_units import quantity_unit_of
from procanalysis.schema import (
    ARTICLE_LINES,
    ARTICLE_TAGS,
    EMISSION_FACTORS,
    QUANTITY_UNITS,
    TAG_KINDS,
    Column,
    KeyFigure,
    kronor,
)

TREE = pd.DataFrame(
    [
        ("10", "Kontor", "10"),
        ("10.01", "Papper", "10/10.01"),
        ("10.01.01", "Kopieringspapper", "10/10.01/10.01.01"),
        ("10.02", "Möbler", "10/10.02"),
        ("20", "Resor", "20"),
        ("20.01", "Flyg", "20/20.01"),
        ("30", "Livsmedel", "30"),
    ],
    columns=["category_code", "name", "category_path"],
).astype("str")
TYPES = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}


def frame_of(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a canonical table; what the rows leave out is missing."""
    made = {}
    for column in columns:
        values = [row.get(column.name) for row in rows]
        if column.type == "decimal":
            values = [None if value is None else Decimal(str(value)) for value in values]
        made[column.name] = pd.Series(values, dtype="object").astype(TYPES[column.type])
    return pd.DataFrame(made)


def lines_of(*rows: Mapping[str, Any]) -> pd.DataFrame:
    usual = {"supplier_key": "s", "bought_on": "2025-03-01", "amount_ore": 100_00, "base_quantity": 1}
    filled = [{**usual, "line_id": place, **row} for place, row in enumerate(rows, start=1)]
    frame = frame_of(ARTICLE_LINES, filled)
    if rows and "contracted" in rows[0]:
        frame["contracted"] = pd.Series([row["contracted"] for row in rows], dtype="str")
    return frame


def tags_of(*rows: Mapping[str, Any]) -> pd.DataFrame:
    filled = [
        {"tag_kind": "label", "tag": "Svanen", "supplier_key": "s" if "article_id" in row else None, **row}
        for row in rows
    ]
    return frame_of(ARTICLE_TAGS, filled)


def factors_of(*rows: Mapping[str, Any]) -> pd.DataFrame:
    return frame_of(
        EMISSION_FACTORS, [{"price_year": 2025, "incl_vat": 0, "source": "påhittad", **row} for row in rows]
    )


def met(lines: pd.DataFrame, tags: pd.DataFrame) -> environment.TaggedPurchases:
    before = lines.copy(), tags.copy()
    found = environment.tagged_purchases(lines, tags, taxonomy=TREE)
    pd.testing.assert_frame_equal(lines, before[0])
    pd.testing.assert_frame_equal(tags, before[1])
    return found


def verdicts(found: environment.TaggedPurchases, kind: str = "label") -> dict[int, tuple[int, str]]:
    rows = found.judged[found.judged["tag_kind"] == kind]
    return {row.line_id: (row.is_tagged, row.met_by) for row in rows.itertuples()}


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def ore(text: str) -> int:
    return int(number(text) * 100)


def told(table: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in table.to_dict("records")}


def parts(figure: KeyFigure) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return figure.value, figure.numerator, figure.denominator


def excluded(figure: KeyFigure) -> Decimal:
    return sum((kronor(left.amount_ore or 0) for left in figure.excluded), Decimal(0))


def test_the_most_specific_meeting_decides_for_each_kind_by_itself():
    lines = lines_of(
        {"article_id": "a", "standard_item_id": "0123", "category_code": "10.01.01"},
        {"article_id": "b", "standard_item_id": "123", "category_code": "10.01.01"},
        {"article_id": "c", "category_code": "10.01.01"},
        {"article_id": "c", "category_code": "10.01"},
        {"article_id": "c", "category_code": "20"},
        {},
    )
    tags = tags_of(
        {"article_id": "a", "tag": None},
        {"standard_item_id": "00123"},
        {"category_code": "10.01.01", "tag": None},
        {"category_code": "10"},
        {"category_code": "10", "tag_kind": "local", "tag": "Närproducerat"},
    )
    found = met(lines, tags)
    assert verdicts(found) == {1: (0, "article"), 2: (1, "standard"), 3: (0, "category"), 4: (1, "category")}
    assert verdicts(found, "local") == dict.fromkeys((1, 2, 3, 4), (1, "category"))
    assert found.tags["line_id"].tolist() == [1, 2, 2, 3, 4, 4]


def test_a_tag_holds_on_its_days_first_and_last_included():
    days = ("2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01")
    lines = lines_of(*({"article_id": "a", "bought_on": day} for day in days))
    found = met(lines, tags_of({"article_id": "a", "valid_from": "2025-01-01", "valid_to": "2025-06-30"}))
    assert list(verdicts(found)) == [2, 3]
    late = met(lines, tags_of({"article_id": "a", "valid_from": "2025-01-01"}))
    assert list(verdicts(late)) == [2, 3, 4]


def test_a_filled_in_cell_is_no_standard_number():
    found = met(lines_of({"standard_item_id": "9999999999999"}), tags_of({"standard_item_id": "9999999999999"}))
    assert verdicts(found) == {}


def test_another_suppliers_number_is_another_article_and_what_is_missing_meets_nothing():
    lines = lines_of({"article_id": "a", "supplier_key": "t"}, {}, {"standard_item_id": ""}, {"standard_item_id": "00"})
    tags = tags_of({"article_id": "a"}, {"standard_item_id": "9"}, {"standard_item_id": "0"}, {"standard_item_id": ""})
    assert verdicts(met(lines, tags)) == {}


def test_tags_that_contradict_each_other_judge_nothing():
    found = met(lines_of({"article_id": "a"}), tags_of({"article_id": "a"}, {"article_id": "a", "tag": None}))
    assert found.judged.empty and found.tags.empty


def test_orders_and_invoices_together_are_refused_and_so_is_an_unknown_kind():
    lines = lines_of({"article_id": "a"})
    with pytest.raises(MeasureError, match=r"line_id '?1'? stands on several lines"):
        met(pd.concat([lines, lines], ignore_index=True), tags_of())
    with pytest.raises(MeasureError, match=r"'lable' is not a kind of tag\. Did you mean 'label'"):
        met(lines, tags_of({"article_id": "a", "tag_kind": "lable"}))
    with pytest.raises(MeasureError, match="'lable' is not a kind of tag"):
        environment.tag_share(met(lines, tags_of({"article_id": "a"})), kind="lable")
    with pytest.raises(MeasureError, match=r"no line carries the tag 'Svan'\. Did you mean 'Svanen'"):
        environment.tag_share(met(lines, tags_of({"article_id": "a"})), kind="label", tag="Svan")


@pytest.mark.parametrize(
    ("lines", "tags", "because"),
    [
        (lines_of(), tags_of({"article_id": "a"}), NO_LINES),
        (lines_of({"article_id": "a"}), tags_of(), NO_TAGS),
        (lines_of({"article_id": "b"}), tags_of({"article_id": "a"}), NOTHING_JUDGED),
        (lines_of({"article_id": "a", "amount_ore": -5}), tags_of({"article_id": "a"}), NOT_ABOVE_ZERO),
    ],
)
def test_what_cannot_be_known_says_why(lines, tags, because):
    found = met(lines, tags)
    for figure in (environment.tag_share(found, kind="label"), environment.tag_share(found, kind="label", of="all")):
        assert (figure.value, figure.low, figure.high, figure.unknown_because) == (None, None, None, because)
    assert environment.tag_figures(found) == []
    for by in ("month", "quarter", "unit", "category", "main_category"):
        environment.tag_shares(found, by, kind="label")
    assert len(environment.tag_kinds(found)) == len(TAG_KINDS)
    environment.tags_bought(found, kind="label")
    environment.tag_quantities(found, kind="label")


def test_the_worked_share_is_what_the_measure_gives(worked_tables: Callable[[str], list[pd.DataFrame]]):
    given, expected = worked_tables("tag_share")
    codes = {"Städ": "10.02", "Papper": "10.01"}
    rows = [
        {"article_id": row["Artikel"], "category_code": codes[row["Kategori"]], "amount_ore": ore(row["Belopp (kr)"])}
        for row in given.to_dict("records")
    ]
    tags = tags_of({"article_id": "A"}, {"article_id": "B", "tag": None}, {"category_code": "10.01"})
    found, numbers = met(lines_of(*rows), tags), told(expected)
    figure = environment.tag_share(found, kind="label")
    assert parts(figure) == (numbers["Värde"], numbers["Täljare"], numbers["Nämnare"])
    assert excluded(figure) == numbers["Undantaget"]
    assert (figure.low, figure.high) == (numbers["Av alla köp"], numbers["Högst av alla köp"])
    of_all = environment.tag_share(found, kind="label", of="all")
    assert (of_all.value, of_all.excluded) == (numbers["Av alla köp"], ())
    assert environment.tag_share(found, kind="label", tag="Svanen").value == figure.value


def test_the_worked_coverage_is_what_the_measure_gives(worked_tables: Callable[[str], list[pd.DataFrame]]):
    given, expected = worked_tables("tag_coverage")
    rows, tags = [], []
    for row in given.to_dict("records"):
        rows.append({"article_id": row["Rad"], "amount_ore": ore(row["Belopp (kr)"])})
        for kind in ("label", "organic"):
            word = row[TAG_KINDS[kind]]
            if word != "–":
                tags.append({"article_id": row["Rad"], "tag_kind": kind, "tag": None if word == "ingen" else word})
    found, numbers = met(lines_of(*rows), tags_of(*tags)), told(expected)
    figure = environment.tag_coverage(found)
    assert parts(figure) == (numbers["Värde"], numbers["Täljare"], numbers["Nämnare"])
    assert excluded(figure) == numbers["Undantaget"]
    assert environment.tag_coverage(found, kind="label").value == numbers["För miljömärke"]


def test_the_worked_shares_by_contract_are_what_the_measure_gives(worked_tables: Callable[[str], list[pd.DataFrame]]):
    given, expected = worked_tables("tag_share_by_contract")
    codes = {"Kontorsmaterial": "10.01", "Kemtekniskt": "20", "Möbler": "10.02"}
    answers = {"ja": "yes", "kanske": "possible", "nej": "no"}
    rows = []
    for row in given.to_dict("records"):
        shared = {"category_code": codes[row["Kategori"]], "contracted": answers[row["På avtal"]]}
        tagged, judged = ore(row["Märkt (kr)"]), ore(row["Bedömt (kr)"])
        rows += [
            {**shared, "article_id": "märkt", "amount_ore": tagged},
            {**shared, "article_id": "omärkt", "amount_ore": judged - tagged},
        ]
    found = met(lines_of(*rows), tags_of({"article_id": "märkt"}, {"article_id": "omärkt", "tag": None}))
    numbers = told(expected)
    by_contract = environment.tag_share_by_contract(found, kind="label")
    assert by_contract.rows["share_pct"].round(1).tolist() == [75.7, 0.0, 20.8]
    shares = by_contract.rows.set_index("contracted")
    assert (shares.loc["yes", "tagged_ore"], shares.loc["yes", "judged_ore"]) == (530_00, 700_00)
    assert (shares.loc["no", "tagged_ore"], shares.loc["no", "judged_ore"]) == (50_00, 240_00)
    figure = environment.tag_share_if_contracted(by_contract)
    assert parts(figure) == (numbers["Värde"], numbers["Täljare"], numbers["Nämnare"])
    assert excluded(figure) == numbers["Undantaget"] and figure.excluded[0].reason == UNCHANGED
    assert [one.id for one in environment.tag_figures(found)] == ["tag_coverage_any", "tag_share_label"]
    assert figure.comparison.replace("\u00a0", " ") == f"nu {numbers['Nu']} %"
    assert "räkneexempel, ingen prognos" in figure.label


def test_without_anything_on_contract_there_is_no_share_to_reckon_with():
    found = met(lines_of({"article_id": "a", "contracted": "no"}), tags_of({"article_id": "a"}))
    figure = environment.tag_share_if_contracted(environment.tag_share_by_contract(found, kind="label"))
    assert (figure.value, figure.unknown_because) == (None, NOTHING_CONTRACTED)
    with pytest.raises(MeasureError, match="no column 'contracted'"):
        environment.tag_share_by_contract(met(lines_of({}), tags_of()), kind="label")
    with pytest.raises(MeasureError, match="contracted is 'maybe'"):
        environment.tag_share_by_contract(met(lines_of({"contracted": "maybe"}), tags_of()), kind="label")


def test_quantities_stay_in_their_own_unit_of_measure():
    rows = [
        ("a", 3, "KGM", 30_00), ("b", 1, "KGM", 10_00), ("c", 4, "KGM", 5_00), ("a", "-0.5", "KGM", -5_00),
        ("a", 200, "C62", 20_00), ("b", None, "C62", 7_00), ("a", 9, None, 1_00),
    ]  # fmt: skip
    lines = lines_of(
        *(
            {"article_id": article, "quantity": quantity, "quantity_unit": unit, "amount_ore": amount}
            for article, quantity, unit, amount in rows
        )
    )
    tags = tags_of({"article_id": "a"}, {"article_id": "b", "tag": None})
    table = environment.tag_quantities(met(lines, tags), kind="label")
    assert table["quantity_unit_name"].tolist() == ["kg", "C62", "Måttenhet saknas"]
    assert table["tagged_quantity"].tolist() == [Decimal("2.5"), Decimal(200), None]
    assert table["judged_quantity"].tolist() == [Decimal("3.5"), Decimal(200), None]
    assert table["unknown_quantity"].tolist() == [Decimal(4), Decimal(0), None]
    assert table["share_pct"].round(2).tolist()[:2] == [71.43, 100.0]
    assert table["without_quantity_count"].tolist() == [0, 1, 0]


def test_every_unit_of_quantity_has_the_word_that_the_reader_knows():
    assert {quantity_unit_of(word): code for code, word in QUANTITY_UNITS.items()} == {
        code: code for code in QUANTITY_UNITS
    }


def test_a_line_with_two_labels_counts_under_both_and_once_in_the_share():
    tags = tags_of({"article_id": "a"}, {"article_id": "a", "tag": "EU Ecolabel"}, {"article_id": "b"})
    found = met(lines_of({"article_id": "a"}, {"article_id": "b"}, {"article_id": "b"}, {}), tags)
    table = environment.tags_bought(found, kind="label")
    assert table[["tag", "tagged_ore", "share_pct", "share_of_all_pct", "articles_count"]].to_numpy().tolist() == [
        ["Svanen", 300_00, 100.0, 75.0, 2], ["EU Ecolabel", 100_00, pytest.approx(100 / 3), 25.0, 1]
    ]  # fmt: skip
    assert environment.tag_share(found, kind="label").value == 100
    one = environment.tag_share(found, kind="label", tag="EU Ecolabel")
    assert one.value == Decimal(100) / 3 and one.id != environment.tag_share(found, kind="label").id


def test_shares_over_time_and_by_unit():
    lines = lines_of(
        {"article_id": "a", "bought_on": "2025-04-02", "unit": "Norr", "category_code": "10.01"},
        {"article_id": "b", "bought_on": "2025-01-02", "unit": "Norr", "category_code": "10.02"},
        {"article_id": "a", "bought_on": "2025-02-02", "unit": None, "category_code": "20.01"},
        {"article_id": "c", "bought_on": "2025-02-03", "unit": None},
    )
    found = met(lines, tags_of({"article_id": "a"}, {"article_id": "b", "tag": None}))
    quarters = environment.tag_shares(found, "quarter", kind="label")
    assert quarters[["quarter", "share_pct", "judged_pct"]].round(1).to_numpy().tolist() == [
        ["2025-Q1", 50.0, 66.7], ["2025-Q2", 100.0, 100.0]
    ]  # fmt: skip
    months = environment.tag_shares(found, "month", kind="label")
    assert months["month_name"].tolist() == ["januari 2025", "februari 2025", "april 2025"]
    units = environment.tag_shares(found, "unit", kind="label")
    assert units["unit_name"].tolist() == ["Norr", "Enhet saknas"]
    mains = environment.tag_shares(found, "main_category", kind="label")
    assert mains["main_category_name"].tolist() == ["Kontor", "Resor", "Kategori saknas"]
    assert mains["share_pct"].isna().tolist() == [False, False, True]


def drawn(seed: int, count: int = 600) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw lines and tags that meet in every way, with gaps, returns and days outside."""
    draw = np.random.default_rng(seed)

    def some(values: Sequence[Any]) -> Any:
        return values[int(draw.integers(len(values)))]

    codes = [*TREE["category_code"], None]
    days = [str(day.date()) for day in pd.date_range("2024-12-01", "2025-12-31", freq="11D")]
    lines = lines_of(
        *(
            {
                "supplier_key": some("stu"), "article_id": some(["1", "2", "3", "4", None]),
                "standard_item_id": some(["7", "07", "8", "x", None]), "category_code": some(codes),
                "bought_on": some(days), "unit": some(["Norr", "Syd", None]),
                "amount_ore": int(draw.integers(-20_00, 300_00)), "contracted": some(["yes", "possible", "no"]),
            }
            for _ in range(count)
        )
    )  # fmt: skip
    tags = []
    for _ in range(40):
        target = some(["article", "standard", "category"])
        where: dict[str, Any] = {"category_code": some(list(TREE["category_code"]))}
        if target == "article":
            where = {"article_id": some("1234"), "supplier_key": some("stu")}
        elif target == "standard":
            where = {"standard_item_id": some(["7", "8", "x"])}
        valid = {"valid_from": some([None, "2025-02-01"]), "valid_to": some([None, "2025-09-01"])}
        said = {"tag_kind": some(list(TAG_KINDS)), "tag": some(["A", "B", None])}
        tags.append({**where, **valid, **said})
    return lines, tags_of(*tags)


ORACLE = """
WITH tree AS (SELECT category_code, unnest(str_split(category_path, '/')) AS above, len(str_split(category_path, '/'))
        - unnest(range(1, len(str_split(category_path, '/')) + 1)) AS steps FROM tree_given),
met AS (
    SELECT l.line_id, t.tag_kind, t.tag, 0 AS far, l.bought_on, t.valid_from, t.valid_to FROM lines l JOIN tags t
        ON l.supplier_key = t.supplier_key AND l.article_id = t.article_id
    UNION ALL
    SELECT l.line_id, t.tag_kind, t.tag, 1, l.bought_on, t.valid_from, t.valid_to FROM lines l JOIN tags t
        ON ltrim(l.standard_item_id, '0') = ltrim(t.standard_item_id, '0')
    UNION ALL
    SELECT l.line_id, t.tag_kind, t.tag, 2 + steps, l.bought_on, t.valid_from, t.valid_to FROM lines l
        JOIN tree USING (category_code) JOIN tags t ON t.category_code = tree.above),
held AS (
    SELECT *, min(far) OVER (PARTITION BY line_id, tag_kind) AS nearest FROM met
    WHERE bought_on >= coalesce(valid_from, bought_on) AND bought_on <= coalesce(valid_to, bought_on)),
verdict AS (
    SELECT line_id, tag_kind, count(tag) > 0 AS is_tagged FROM held WHERE far = nearest GROUP BY ALL
    HAVING count(tag) = 0 OR count(tag) = count(*))
SELECT tag_kind, {key} AS key, sum(amount_ore) FILTER (is_tagged), sum(amount_ore)
FROM verdict JOIN lines USING (line_id) GROUP BY ALL ORDER BY ALL
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_sql_finds_the_same(seed):
    lines, tags = drawn(seed)
    found = met(lines, tags)
    connection = duckdb.connect()
    for name, frame in (("lines", lines), ("tags", tags), ("tree_given", TREE)):
        connection.register(name, frame[[column for column in frame if frame[column].dtype != "object"]])
    by_kind = {row[0]: row[2:] for row in connection.execute(ORACLE.format(key="1")).fetchall()}
    table = environment.tag_kinds(found).set_index("tag_kind")
    assert len(by_kind) == len(TAG_KINDS)
    for kind, (tagged_ore, judged_ore) in by_kind.items():
        assert (table.loc[kind, "tagged_ore"], table.loc[kind, "judged_ore"]) == (tagged_ore or 0, judged_ore)
        figure = environment.tag_share(found, kind=kind)
        assert (figure.numerator, figure.denominator) == (kronor(tagged_ore or 0), kronor(judged_ore))
    by_unit = {row[:2]: row[2:] for row in connection.execute(ORACLE.format(key="unit")).fetchall()}
    for kind in TAG_KINDS:
        units = environment.tag_shares(found, "unit", kind=kind).set_index("unit_name")
        for unit, shown in (("Norr", "Norr"), ("Syd", "Syd"), (None, "Enhet saknas")):
            tagged_ore, judged_ore = by_unit.get((kind, unit), (0, 0))
            assert (units.loc[shown, "tagged_ore"], units.loc[shown, "judged_ore"]) == (tagged_ore or 0, judged_ore)


@pytest.mark.parametrize("by", ["month", "quarter", "unit", "category", "main_category"])
def test_the_parts_sum_to_the_whole_to_the_ore(by):
    lines, tags = drawn(4)
    found = met(lines, tags)
    whole = int(lines["amount_ore"].sum())
    for kind in TAG_KINDS:
        table = environment.tag_shares(found, by, kind=kind)
        assert int(table["amount_ore"].sum()) == whole
        assert int((table["judged_ore"] + table["unknown_ore"]).sum()) == whole
        assert int(table["lines_count"].sum()) == len(lines)
        by_contract = environment.tag_share_by_contract(found, kind=kind)
        assert int(by_contract.rows["amount_ore"].sum()) == whole
        figure = environment.tag_share_if_contracted(by_contract)
        assert figure.numerator == kronor(int(by_contract.categories["if_contracted_ore"].sum()))


# Emissions


def spent(*rows: tuple[str | None, int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "category_code": pd.Series([code for code, _, _ in rows], dtype="str"),
            "amount_ore": [amount for _, amount, _ in rows],
            "booked_on": pd.to_datetime([day for _, _, day in rows]).astype("datetime64[us]"),
        }
    )


def test_the_worked_emissions_are_what_the_measure_gives(worked_tables: Callable[[str], list[pd.DataFrame]]):
    given, expected = worked_tables("spend_emissions")
    codes = {"Resor": "20", "Livsmedel": "30", "Juridik": "10"}
    rows = given.to_dict("records")
    lines = spent(*((codes[row["Kategori"]], ore(row["Belopp (kr)"]), "2025-05-05") for row in rows))
    factors = factors_of(
        *(
            {
                "category_code": codes[row["Kategori"]],
                "kg_per_sek": number(row["Faktor (kg per krona)"]),
                "uncertainty_pct": number(row["Osäkerhet (%)"]),
            }
            for row in rows
            if row["Faktor (kg per krona)"] != "–"
        )
    )
    found, numbers = environment.spend_emissions(lines, factors, taxonomy=TREE), told(expected)
    figure = environment.total_emissions(found)
    assert (figure.value, figure.unit) == (numbers["Värde"], "kg CO2e")
    assert (figure.low, figure.high) == (numbers["Lägst"], numbers["Högst"])
    alone = (found.independent_low_kg, found.independent_high_kg)
    assert alone == (numbers["Lägst, oberoende fel"], numbers["Högst, oberoende fel"])
    assert excluded(figure) == numbers["Undantaget"] and figure.excluded[0].reason == NO_FACTOR
    coverage = environment.emission_coverage(found)
    assert (coverage.numerator, coverage.denominator) == (Decimal(30_000), Decimal(35_000))
    assert found.notes == (environment.PRICE_RISE,)
    assert environment.emission_figures(found) == [figure, coverage]


def test_the_nearest_category_above_and_the_nearest_year_give_the_factor():
    lines = spent(
        ("10.01.01", 100_00, "2025-01-01"), ("10.02", 100_00, "2025-01-01"), ("20.01", 100_00, "2020-06-01"),
        ("20.01", 100_00, "2024-06-01"), ("20.01", 100_00, "2022-06-01"), (None, 7_00, "2025-01-01"),
    )  # fmt: skip
    factors = factors_of(
        {"category_code": "10", "kg_per_sek": 1},
        {"category_code": "10.01", "kg_per_sek": 2},
        {"category_code": "20", "kg_per_sek": 3, "price_year": 2020},
        {"category_code": "20", "kg_per_sek": 5, "price_year": 2024},
    )
    found = environment.spend_emissions(lines, factors, taxonomy=TREE)
    table = found.categories.set_index(["category_code", "price_year"])
    assert table["factor_code"].to_dict() == {
        ("20.01", 2024): "20", ("20.01", 2020): "20", ("10.01.01", 2025): "10.01", ("10.02", 2025): "10"
    }  # fmt: skip
    # Of 2020 and 2024 both are two years from 2022: the later is taken.
    assert table["emitted_kg"].to_dict() == {
        ("20.01", 2024): 1000, ("20.01", 2020): 300, ("10.01.01", 2025): 200, ("10.02", 2025): 100
    }  # fmt: skip
    assert found.unknown[["reason", "amount_ore", "lines_count"]].to_numpy().tolist() == [[NO_CATEGORY, 7_00, 1]]
    assert found.years[["year", "price_year", "years_between"]].to_numpy().tolist() == [
        ["2020", 2020, 0], ["2022", 2024, -2], ["2024", 2024, 0], ["2025", 2025, 0]
    ]  # fmt: skip
    assert (found.low_kg, found.independent_low_kg) == (None, None)


def test_nothing_is_deflated_and_no_vat_added_without_being_asked_and_it_is_said():
    lines = spent(("20", 1_000_00, "2025-05-05"))
    factors = factors_of({"category_code": "20", "kg_per_sek": "0.1", "price_year": 2020, "incl_vat": 1})
    plain = environment.spend_emissions(lines, factors, taxonomy=TREE)
    assert plain.emitted_kg == 100
    said = " ".join(plain.notes).replace("\u00a0", " ")
    assert "inte omräknade till faktorernas prisår: 1 000 kr" in said and "Mest skiljer 5 år" in said
    assert "1 000 kr exklusive moms räknas med faktorer för kronor inklusive moms" in said and "för lågt" in said
    asked = {"price_index": {2020: Decimal(100), 2025: Decimal(125)}, "vat_pct": 25}
    moved = environment.spend_emissions(lines, factors, taxonomy=TREE, **asked)
    # 1 000 kr × 100/125 × 1,25 × 0,1
    assert moved.emitted_kg == 100
    assert environment.spend_emissions(lines, factors, taxonomy=TREE, vat_pct=25).emitted_kg == 125
    only_index = {"price_index": asked["price_index"]}
    assert environment.spend_emissions(lines, factors, taxonomy=TREE, **only_index).emitted_kg == 80
    assert "har 25 % moms lagts till" in " ".join(moved.notes).replace("\u00a0", " ")
    without_vat = factors.assign(incl_vat=0)
    assert environment.spend_emissions(lines, without_vat, taxonomy=TREE, vat_pct=25).emitted_kg == 100


def test_a_year_that_the_index_lacks_is_unknown():
    lines = spent(("20", 1_000_00, "2025-05-05"), ("20", 500_00, "2024-05-05"))
    factors = factors_of({"category_code": "20", "kg_per_sek": 1, "price_year": 2024})
    found = environment.spend_emissions(lines, factors, taxonomy=TREE, price_index={2024: Decimal(1)})
    assert found.emitted_kg == 500
    assert found.unknown[["reason", "amount_ore"]].to_numpy().tolist() == [[NO_INDEX, 1_000_00]]


def test_the_interval_is_widest_when_all_factors_err_the_same_way():
    lines = spent(("10.01", 400_00, "2025-01-01"), ("10.02", 200_00, "2025-01-01"), ("20", -100_00, "2025-01-01"))
    factors = factors_of(
        {"category_code": "10", "kg_per_sek": 1, "uncertainty_pct": 50},
        {"category_code": "20", "kg_per_sek": 4, "uncertainty_pct": 150},
    )
    found = environment.spend_emissions(lines, factors, taxonomy=TREE)
    # 600 kg ± 300 from one factor in two categories, -400 kg ± 400: no factor can be below zero.
    assert (found.emitted_kg, found.low_kg, found.high_kg) == (200, -500, 900)
    assert (found.independent_low_kg, found.independent_high_kg) == (-300, 700)


@pytest.mark.parametrize("engine", ["pandas", "polars_lazy", "duckdb"])
def test_every_engine_and_plain_sql_give_the_same_kilograms(engine, year_lines, in_engine):
    tree = pd.DataFrame(
        [(code, code, path) for code, path in (
            ("05", "05"), ("05.01", "05/05.01"), ("05.02", "05/05.02"), ("11", "11"), ("11.03", "11/11.03"),
            ("12", "12"), ("12.01", "12/12.01"))],
        columns=["category_code", "name", "category_path"],
    ).astype("str")  # fmt: skip
    factors = factors_of(
        {"category_code": "05", "kg_per_sek": "0.037", "uncertainty_pct": 30},
        {"category_code": "05.02", "kg_per_sek": "0.0111", "uncertainty_pct": 10},
        {"category_code": "11.03", "kg_per_sek": "0.02", "uncertainty_pct": 10},
    )
    found = environment.spend_emissions(in_engine(engine, year_lines), factors, taxonomy=tree)
    connection = duckdb.connect()
    connection.register("lines", year_lines)
    told_ore = dict(
        connection.execute(
            "SELECT category_code, sum(amount_ore)::BIGINT FROM lines WHERE coalesce(spend_class, '') <> 'ej inköp' "
            "AND is_mapped = 1 GROUP BY ALL"
        ).fetchall()
    )
    kilograms = sum(
        Decimal(told_ore[code]) / 100 * factor
        for code, factor in (("05.01", Decimal("0.037")), ("05.02", Decimal("0.0111")), ("11.03", Decimal("0.02")))
    )
    assert found.emitted_kg == int(kilograms.quantize(Decimal(1), "ROUND_HALF_UP"))
    assert int(found.categories["emitted_kg"].sum()) == found.emitted_kg == int(found.years["emitted_kg"].sum())
    assert found.not_bought is not None
    everything = found.categories["amount_ore"].sum() + found.unknown["amount_ore"].sum() + found.not_bought.amount_ore
    assert everything == year_lines["amount_ore"].sum()
    counted = found.categories["lines_count"].sum() + found.unknown["lines_count"].sum() + found.not_bought.rows
    assert counted == len(year_lines)


def test_sums_by_category_and_year_give_what_their_lines_give():
    lines = spent(("20", 333_33, "2024-01-01"), ("20.01", 100_10, "2025-01-01"), ("30", 5_00, "2025-01-01"))
    lines = lines.assign(category_name="x", invoice_key="i", supplier_key="s")
    factors = factors_of({"category_code": "20", "kg_per_sek": "0.7", "price_year": 2024, "uncertainty_pct": 10})
    of_lines = environment.spend_emissions(lines, factors, taxonomy=TREE)
    of_sums = environment.spend_emissions(spend.spend_by(lines, ["category", "year"]), factors, taxonomy=TREE)
    pd.testing.assert_frame_equal(of_lines.categories, of_sums.categories)
    pd.testing.assert_frame_equal(of_lines.unknown, of_sums.unknown)


def test_what_cannot_be_estimated_says_why():
    lines = spent(("20", 100_00, "2025-01-01"))
    none = environment.spend_emissions(lines, factors_of(), taxonomy=TREE)
    figure = environment.total_emissions(none)
    assert (figure.value, figure.unknown_because) == (None, NO_FACTORS)
    assert environment.emission_figures(none) == []
    assert environment.emission_coverage(none).unknown_because == NO_FACTORS
    other = environment.spend_emissions(lines, factors_of({"category_code": "30", "kg_per_sek": 1}), taxonomy=TREE)
    assert environment.total_emissions(other).unknown_because == NOTHING_RECKONED
    assert environment.emission_coverage(other).value == 0
    assert int(other.unknown["amount_ore"].sum()) == 100_00


@pytest.mark.parametrize(
    ("factors", "asked", "said"),
    [
        ([{"category_code": "99", "kg_per_sek": 1}], {}, "no category of the tree"),
        ([{"category_code": "20", "kg_per_sek": 1}] * 2, {}, "two factors for 2025"),
        ([{"category_code": "20", "kg_per_sek": -1}], {}, "below 0"),
        ([], {"vat_pct": 101}, "vat_pct is 101"),
        ([], {"price_index": {2025: Decimal(0)}}, "price index of 2025 is 0"),
    ],
)
def test_factors_and_parameters_that_cannot_be_are_refused(factors, asked, said):
    with pytest.raises(MeasureError, match=said):
        environment.spend_emissions(spent(("20", 1, "2025-01-01")), factors_of(*factors), taxonomy=TREE, **asked)

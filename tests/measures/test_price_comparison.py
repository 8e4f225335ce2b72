"""Indices, the parts of a change in cost, price differences and the best own price: by hand, by identity, by SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import price_comparison as prices
from procanalysis.schema import round_ore

Tables = Callable[[str], list[pd.DataFrame]]
YEAR = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}


def period(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Make one period of (article, price, quantity), or (article, price, quantity, quantity unit)."""
    full = [(*row, "st")[:4] for row in rows]
    return pd.DataFrame(
        [(row[0], Decimal(str(row[1])), Decimal(str(row[2])), row[3]) for row in full],
        columns=["article_id", "price_sek", "quantity", "quantity_unit"],
    )


def bought(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make order lines of one procurement."""
    columns = ["procurement_id", "article_id", "unit", "supplier", "bought_on", "quantity", "price_paid_sek"]
    usual = {"procurement_id": "u", "article_id": "a", "supplier": "Alfa AB", "bought_on": "2025-03-01"}
    frame = pd.DataFrame([usual | dict(row) for row in rows], columns=columns, dtype=object)
    for name in ("quantity", "price_paid_sek"):
        frame[name] = pd.Series([Decimal(str(value)) for value in frame[name]], dtype=object)
    return frame.assign(bought_on=pd.to_datetime(frame["bought_on"])).astype({"unit": "str", "supplier": "str"})


def named(*articles: str, quantity_unit: str | None = "st", procurement_id: str = "u") -> pd.DataFrame:
    rows = [(procurement_id, article, f"Artikel {article}", quantity_unit) for article in articles]
    return pd.DataFrame(rows, columns=["procurement_id", "article_id", "article_name", "quantity_unit"]).astype("str")


BEFORE, AFTER = period([("1", 10, 100), ("2", 20, 50)]), period([("1", 12, 80), ("2", 18, 70)])


def test_the_vector_of_the_methods_holds_exactly() -> None:
    found = prices.price_indices(BEFORE, AFTER)
    assert found.laspeyres == Decimal("1.05")
    assert found.paasche is not None and found.fisher is not None and found.paasche_quantity is not None
    assert round(found.paasche, 7) == Decimal("1.0090909")
    assert round(found.fisher, 7) == Decimal("1.0293422")
    assert (found.base_ore, found.current_ore, found.articles_count) == (2000_00, 2220_00, 2)
    assert round(found.laspeyres * found.paasche_quantity, 20) == Decimal(222) / Decimal(200)
    parts = prices.price_decomposition(BEFORE, AFTER)
    assert (parts.price_ore, parts.volume_ore, parts.mix_ore) == (20_00, 0, 200_00)
    assert (parts.rest_ore, parts.assortment_ore, parts.volume_unknown_because) == (None, 0, "")
    assert parts.steps[["step_name", "amount_ore", "is_total"]].values.tolist() == [
        ["Värde före", 2000_00, 1], ["Pris", 20_00, 0], ["Volym", 0, 0], ["Mix", 200_00, 0], ["Nya artiklar", 0, 0],
        ["Utgångna artiklar", 0, 0], ["Värde efter", 2220_00, 1],
    ]  # fmt: skip


def test_new_and_vanished_articles_are_assortment_and_never_price() -> None:
    # By hand: of "1" 100 × 10 became 150 × 11: price 150, volume 500. "2" vanished with 400, "3" is new with 90,25.
    base, current = period([("1", 10, 100), ("2", 40, 10)]), period([("1", 11, 150), ("3", "3.61", 25)])
    found = prices.price_decomposition(base, current)
    assert (found.base_ore, found.current_ore) == (1400_00, 1740_25)
    assert (found.price_ore, found.volume_ore, found.mix_ore) == (150_00, 500_00, 0)
    assert (found.new_ore, found.vanished_ore, found.assortment_ore) == (90_25, -400_00, -309_75)
    assert found.articles[["article_id", "kind", "base_ore", "current_ore"]].values.tolist() == [
        ["1", "Jämförbar artikel", 1000_00, 1650_00],
        ["3", "Ny artikel", 0, 90_25],
        ["2", "Utgången artikel", 400_00, 0],
    ]
    assert found.articles["price_ore"].tolist() == [150_00, pd.NA, pd.NA]
    indices = prices.price_indices(base, current)
    assert indices.laspeyres == indices.paasche == Decimal("1.1")
    assert indices.excluded[["article_id", "reason", "base_ore", "current_ore"]].values.tolist() == [
        ["3", "Ny artikel", 0, 90_25],
        ["2", "Utgången artikel", 400_00, 0],
    ]
    figure = prices.fisher_index(indices)
    assert figure.value is not None and round(figure.value, 6) == 110
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Ny artikel", 1, 90_25), ("Utgången artikel", 1, 400_00),
    ]  # fmt: skip


def test_an_article_counted_in_another_unit_is_another_article() -> None:
    found = prices.price_decomposition(period([("1", 10, 100, "st")]), period([("1", 900, 1, "paket")]))
    assert (found.price_ore, found.new_ore, found.vanished_ore) == (0, 900_00, -1000_00)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("kg", "Artiklarna räknas i olika enheter, så volym och mix går inte att skilja åt"),
        (None, "Någon artikels enhet är inte angiven, så volym och mix går inte att skilja åt"),
    ],
)
def test_without_a_common_unit_volume_and_mix_are_unknown_and_only_the_rest_is_told(
    unit: str | None, reason: str
) -> None:
    base, current = period([("1", 10, 100), ("2", 20, 50, unit)]), period([("1", 12, 80), ("2", 18, 70, unit)])
    found = prices.price_decomposition(base, current)
    assert (found.volume_ore, found.mix_ore, found.volume_unknown_because) == (None, None, reason)
    assert (found.price_ore, found.rest_ore) == (20_00, 200_00)
    assert found.steps["step_name"].tolist()[1:3] == ["Pris", "Volym och mix"]


def test_what_has_no_price_is_left_out_of_both_periods_with_its_value() -> None:
    current = period([("1", 12, 80), ("2", 18, 0)])
    found = prices.price_decomposition(BEFORE, current)
    assert (found.base_ore, found.current_ore, found.assortment_ore) == (1000_00, 960_00, 0)
    assert found.excluded[["article_id", "base_ore", "current_ore"]].values.tolist() == [["2", 1000_00, 0]]
    unpriced = BEFORE.assign(price_sek=[Decimal(10), None])
    reasons = prices.price_indices(unpriced, AFTER).excluded["reason"].tolist()
    assert reasons == ["Priset saknas"]


def test_nothing_to_compare_is_unknown_and_not_zero() -> None:
    nothing = prices.price_indices(BEFORE, period([("9", 1, 1)]))
    assert (nothing.laspeyres, nothing.paasche, nothing.fisher, nothing.paasche_quantity) == (None,) * 4
    figure = prices.fisher_index(nothing)
    assert figure.value is None
    assert figure.unknown_because == "Ingen artikel har ett pris över noll i båda perioderna"
    empty = prices.price_decomposition(BEFORE.head(0), AFTER.head(0))
    assert (empty.base_ore, empty.current_ore, len(empty.articles)) == (0, 0, 0)


def test_an_article_twice_in_a_period_is_refused_with_the_cure() -> None:
    with pytest.raises(MeasureError, match=r"stands twice in a period\. Gather its purchases with purchases_of first"):
        prices.price_indices(pd.concat([BEFORE, BEFORE]), AFTER)


exact_prices = st.decimals("0.0001", "5000", places=4)
exact_quantities = st.decimals("0.001", "9999", places=3)
periods = st.dictionaries(st.sampled_from("abcdefg"), st.tuples(exact_prices, exact_quantities), max_size=6)


@settings(max_examples=80, deadline=None)
@given(periods, periods, st.booleans())
def test_the_parts_sum_to_the_change_to_the_ore_and_the_indices_to_the_value(
    before: dict[str, Any], after: dict[str, Any], one_unit: bool
) -> None:
    units = dict.fromkeys("abcdefg", "st") if one_unit else dict(zip("abcdefg", ["st", "kg"] * 4, strict=False))
    base = period([(name, *pair, units[name]) for name, pair in before.items()])
    current = period([(name, *pair, units[name]) for name, pair in after.items()])
    found = prices.price_decomposition(base, current)
    middle = [found.volume_ore, found.mix_ore] if found.rest_ore is None else [found.rest_ore]
    parts = [found.price_ore, *(part or 0 for part in middle), found.assortment_ore]
    assert sum(parts) == found.current_ore - found.base_ore
    assert found.base_ore == round_ore(sum((p * q * 100 for p, q in before.values()), Decimal(0)))
    assert found.current_ore == round_ore(sum((p * q * 100 for p, q in after.values()), Decimal(0)))
    assert found.steps["amount_ore"].iloc[:-1].sum() == found.current_ore
    assert found.articles["price_ore"].fillna(0).sum() == found.price_ore
    assert found.articles["base_ore"].sum() == found.base_ore
    # Each part is within two öre of what it is when nothing is rounded.
    both = set(before) & set(after)
    exact = {"price": sum((Fraction(after[k][0]) - Fraction(before[k][0])) * Fraction(after[k][1]) for k in both)}
    assert abs(exact["price"] * 100 - found.price_ore) < 2
    if found.rest_ore is None and both:
        q0, q1 = (sum(Fraction(side[k][1]) for k in both) for side in (before, after))
        v0 = sum(Fraction(before[k][0]) * Fraction(before[k][1]) for k in both)
        assert abs((q1 - q0) * v0 / q0 * 100 - (found.volume_ore or 0)) < 2
    indices = prices.price_indices(base, current)
    if both:
        v0 = sum(Fraction(before[k][0]) * Fraction(before[k][1]) for k in both)
        v1 = sum(Fraction(after[k][0]) * Fraction(after[k][1]) for k in both)
        assert indices.laspeyres is not None and indices.paasche_quantity is not None
        assert abs(Fraction(indices.laspeyres) * Fraction(indices.paasche_quantity) / (v1 / v0) - 1) < Fraction(
            1, 10**24
        )
        assert indices.fisher is not None and indices.paasche is not None
        low, high = sorted([indices.laspeyres, indices.paasche])
        assert low * Decimal("0.999999") <= indices.fisher <= high * Decimal("1.000001")


def test_purchases_are_gathered_with_their_exact_value_and_compared_to_the_ore() -> None:
    rows = [
        {"unit": "A", "quantity": 3, "price_paid_sek": "0.1275"},
        {"unit": "B", "quantity": 4, "price_paid_sek": "0.13"},
        {"unit": "A", "quantity": -1, "price_paid_sek": "0.1275"},
        {"unit": "A", "quantity": 5, "price_paid_sek": 1, "bought_on": "2026-01-01"},
        {"article_id": "b", "unit": "A", "quantity": -2, "price_paid_sek": 8},
    ]
    found = prices.purchases_of(bought(rows), named("a", "b"), **YEAR)
    assert found["article_name"].tolist() == ["Artikel a", "Artikel b"]
    assert found["quantity"].tolist() == [6, -2]
    assert found["value_sek"].tolist() == [Decimal("0.775"), -16]
    assert found["price_sek"].tolist() == [Decimal("0.129167"), None]
    assert found["purchases_count"].tolist() == [3, 1]
    assert found["reason"].tolist() == ["", "Kvantiteten är inte över noll när returer har dragits av"]
    later = prices.purchases_of(bought(rows), named("a", "b"), starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    change = prices.price_decomposition(found, later)
    # 0,775 kronor is rounded once, although 0,129167 × 6 would not be 0,775.
    assert (change.base_ore, change.current_ore) == (78, 500)
    assert change.excluded["base_ore"].tolist() == [-16_00]


def test_an_article_number_is_one_article_across_procurements_only_when_told_so() -> None:
    rows = [
        {"procurement_id": "old", "quantity": 10, "price_paid_sek": 5},
        {"procurement_id": "new", "quantity": 10, "price_paid_sek": 4},
    ]
    names = pd.concat([named("a", procurement_id="old"), named("a", procurement_id="new")])
    apart = prices.purchases_of(bought(rows), names, **YEAR)
    assert apart["procurement_id"].tolist() == ["new", "old"]
    together = prices.purchases_of(bought(rows), names, across_procurements=True, **YEAR)
    assert together["procurement_id"].isna().tolist() == [True]
    assert together["price_sek"].tolist() == [Decimal("4.5")]


def renewals(*pairs: tuple[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["procurement_id", "replaces_procurement_id"]).astype("str")


def orders(*rows: tuple[str, str, str, int, int]) -> pd.DataFrame:
    return bought(
        [
            {"procurement_id": name, "article_id": article, "bought_on": day, "quantity": quantity,
             "price_paid_sek": price}
            for name, article, day, quantity, price in rows
        ]
    )  # fmt: skip


def test_a_renewed_contract_is_a_new_price_and_not_a_new_article() -> None:
    lines = orders(("old", "a", "2024-05-01", 100, 10), ("old", "a", "2025-02-01", 20, 10),
                   ("new", "a", "2025-05-01", 80, 9), ("new", "n", "2025-05-01", 10, 5))  # fmt: skip
    names = pd.concat([named("a", procurement_id="old"), named("a", "n", procurement_id="new")])
    kept = [frame.copy(deep=True) for frame in (lines, names)]
    days = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31)}
    replaced = renewals(("old", None), ("new", "old"))
    base, current = (prices.purchases_of(lines, names, awards=replaced, **each) for each in (days, YEAR))
    assert current[["procurement_id", "article_id", "price_sek"]].values.tolist() == [
        ["new", "a", Decimal("9.2")], ["new", "n", Decimal(5)],
    ]  # fmt: skip
    parts = prices.price_decomposition(base, current)
    # Ninety-two for ten instead of a hundred, on a hundred bought.
    assert (parts.price_ore, parts.volume_ore, parts.new_ore, parts.vanished_ore) == (-80_00, 0, 50_00, 0)
    figure = prices.fisher_index(prices.price_indices(base, current), currency="SEK")
    assert figure.value is not None and round(figure.value, 9) == 92
    assert figure.comparison.replace("\xa0", " ") == (
        "Omfattar 94,8 % av periodens köp, 920 kr av 970 kr; Laspeyres 92,0; Paasche 92,0"
    )
    assert [(left.reason, left.rows, left.counted) for left in figure.excluded] == [("Ny artikel", 1, "artiklar")]
    # Without the awards nobody knows that one replaces the other; the index then says how little it covers.
    apart = [prices.purchases_of(lines, names, **each) for each in (days, YEAR)]
    assert prices.price_indices(*apart).current_ore == 200_00
    told = prices.fisher_index(prices.price_indices(*apart)).comparison
    assert told.replace("\xa0", " ").startswith("Omfattar 20,6 % av periodens köp, 200 kr av 970 kr")
    for frame, before in zip((lines, names), kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("replacing", "priced", "stands_under"),
    [
        ([("B", "A"), ("C", "B")], {"A": "st", "B": "st", "C": "st"}, "C"),
        ([("B", "A"), ("C", "B")], {"A": "st", "C": "st"}, "C"),
        ([("B", "A"), ("C", "B")], {"A": "st", "B": "st"}, "B"),
        ([("B", "A")], {"A": "st", "B": "paket"}, "A"),
        ([("B", "A")], {"A": "st"}, "A"),
        ([("B", "A"), ("C", "A")], {"A": "st", "C": "st"}, "C"),
        ([("B", "A"), ("C", "A")], {"A": "st", "B": "st", "C": "st"}, "A"),
        ([("B", "A"), ("A", "B")], {"A": "st", "B": "st"}, "A"),
        ([("A", "A")], {"A": "st"}, "A"),
        ([("B", "A")], {"B": "st"}, "A"),
    ],
)
def test_an_article_goes_on_to_the_last_procurement_of_the_chain_that_prices_it(
    replacing: list[tuple[str, str]], priced: dict[str, str], stands_under: str
) -> None:
    names = pd.concat([named("a", procurement_id=name, quantity_unit=unit) for name, unit in priced.items()])
    lines = orders(("A", "a", "2025-05-01", 1, 1))
    found = prices.purchases_of(lines, names, awards=renewals(*replacing), **YEAR)
    assert found["procurement_id"].tolist() == [stands_under]


def test_each_procurement_is_parted_by_itself_and_they_sum_to_the_whole() -> None:
    base = pd.concat([BEFORE.assign(procurement_id="u"), period([("1", 3, 10, "h")]).assign(procurement_id="v")])
    current = pd.concat([AFTER.assign(procurement_id="u"), period([("1", 4, 10, "h")]).assign(procurement_id="v")])
    found = prices.price_decomposition_by_procurement(base, current).set_index("procurement_id")
    assert found.loc["u", ["price_ore", "volume_ore", "mix_ore"]].tolist() == [20_00, 0, 200_00]
    assert found.loc["v", ["price_ore", "volume_ore", "mix_ore"]].tolist() == [10_00, 0, 0]
    whole = prices.price_decomposition(base, current)
    assert whole.rest_ore == 200_00  # pieces and hours have no volume in common
    assert found["price_ore"].sum() == whole.price_ore
    with pytest.raises(MeasureError, match="no column 'procurement_id'"):
        prices.price_decomposition_by_procurement(BEFORE, current)


SPREAD = [
    {"unit": "A", "quantity": 10, "price_paid_sek": 10},
    {"unit": "A", "quantity": 30, "price_paid_sek": 12, "supplier": "Beta AB", "bought_on": "2025-04-01"},
    {"unit": "B", "quantity": 20, "price_paid_sek": 13, "supplier": "Enskild firma #abc123"},
]


def test_the_spread_is_what_was_paid_above_the_lowest_price() -> None:
    # A paid 460 for 40: 11,50. B paid 260 for 20: 13. At 11,50 all sixty had cost 690 of the 720 paid.
    found = prices.price_variance(bought(SPREAD), named("a"), **YEAR)
    row = found.articles.iloc[0]
    assert (row["lowest_price_sek"], row["lowest_at"]) == (Decimal("11.5"), "A")
    assert (row["highest_price_sek"], row["highest_at"], row["mean_price_sek"]) == (13, "B", 12)
    assert (row["quantity"], row["paid_ore"], row["spread_ore"], row["groups_count"]) == (60, 720_00, 30_00, 2)
    assert found.groups[["group_name", "paid_ore", "spread_ore"]].values.tolist() == [
        ["A", 460_00, 0],
        ["B", 260_00, 30_00],
    ]
    months = prices.price_variance(bought(SPREAD), named("a"), between="month", **YEAR)
    assert months.groups["group_name"].tolist() == ["mars 2025", "april 2025"]
    # March: 360 for 30, 12 apiece; April 12 as well.
    assert months.articles["spread_ore"].tolist() == [0]


def test_a_sole_trader_is_ranked_without_name_or_code() -> None:
    found = prices.price_variance(bought(SPREAD), named("a"), between="supplier", **YEAR)
    assert found.groups["group_name"].tolist() == ["Alfa AB", "Beta AB", "Enskild firma"]
    assert found.articles["highest_at"].tolist() == ["Enskild firma"]
    assert not found.groups.astype(str).apply(lambda column: column.str.contains("#")).any(axis=None)


def test_what_cannot_be_compared_is_returned_with_the_reason() -> None:
    rows = [
        *SPREAD,
        {"unit": None, "quantity": 1, "price_paid_sek": 99},
        {"unit": "C", "quantity": -1, "price_paid_sek": 10},
        {"article_id": "b", "unit": "A", "quantity": 1, "price_paid_sek": 7},
    ]
    found = prices.price_variance(bought(rows), named("a", "b"), **YEAR)
    assert found.articles["spread_ore"].tolist() == [30_00]
    assert found.excluded[["article_id", "reason", "purchases_count", "paid_ore"]].values.tolist() == [
        ["a", "Enheten är inte angiven", 1, 99_00],
        ["a", "Kvantiteten är inte över noll när returer har dragits av", 1, -10_00],
        ["b", "Bara en enhet har köpt artikeln", 1, 7_00],
    ]
    assert found.articles["purchases_count"].sum() + found.excluded["purchases_count"].sum() == len(rows)
    figure = prices.price_spread(found)
    assert (figure.value, figure.method) == (30, "price_variance")
    assert sum(left.amount_ore for left in figure.excluded) == 96_00
    nothing = prices.price_variance(bought([]), named("a"), **YEAR)
    assert prices.price_spread(nothing).value is None
    with pytest.raises(MeasureError, match=r"cannot compare between .units.\. Did you mean .unit."):
        prices.price_variance(bought(rows), named("a"), between="units", **YEAR)  # type: ignore[arg-type]


def test_the_best_own_price_counts_only_what_was_bought_in_earnest_and_in_the_same_pack() -> None:
    rows = [
        {"unit": "A", "quantity": 100, "price_paid_sek": 10},
        {"unit": "B", "quantity": 50, "price_paid_sek": 12},
        {"unit": "C", "quantity": 1, "price_paid_sek": 8},
        {"article_id": "b", "unit": "A", "quantity": 100, "price_paid_sek": 1},
        {"article_id": "b", "unit": "B", "quantity": 10, "price_paid_sek": 10},
        {"article_id": "c", "unit": "A", "quantity": 2, "price_paid_sek": 1},
        {"article_id": "c", "unit": "B", "quantity": 3, "price_paid_sek": 2},
        {"article_id": "d", "unit": "A", "quantity": 30, "price_paid_sek": 0},
        {"article_id": "d", "unit": "B", "quantity": 30, "price_paid_sek": 2},
    ]
    found = prices.best_own_prices(bought(rows), named("a", "b", "c", "d"), least_quantity=Decimal(20), **YEAR)
    articles = found.articles.set_index("article_id")
    # C bought one at 8: too little to set the price, but its lower price takes 2 from the 100 that B overpaid.
    assert articles.loc["a", ["best_price_sek", "best_unit", "potential_ore"]].tolist() == [10, "A", 98_00]
    assert articles.loc["b", ["is_counted", "potential_ore"]].tolist() == [0, 90_00]
    assert (
        articles.loc["b", "caution"] == "Kan vara olika förpackningar: högsta betalda priset är 10,0 gånger det lägsta"
    )
    assert articles.loc["d", ["is_counted", "caution"]].tolist() == [0, "Lägsta priset är inte över noll"]
    assert found.excluded["reason"].tolist() == [
        "Ingen enhet har köpt så mycket som krävs för att dess pris ska räknas"
    ]
    figure = prices.best_own_price(found)
    assert figure.value == 98
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Kan vara olika förpackningar", 2, 200_00),
        ("Lägsta priset är inte över noll", 2, 60_00),
        ("Ingen enhet har köpt så mycket som krävs för att dess pris ska räknas", 2, 8_00),
    ]
    limit = prices.best_own_prices(bought(rows), named("a"), pack_size_ratio=Decimal("10.5"), **YEAR)
    assert limit.articles.set_index("article_id").loc["b", "is_counted"] == 1
    for wrong in ({"least_quantity": Decimal(0)}, {"pack_size_ratio": Decimal(1)}):
        with pytest.raises(MeasureError, match="Give a quantity above zero and a ratio above one"):
            prices.best_own_prices(bought(rows), named("a"), **YEAR, **wrong)
    assert prices.best_own_price(prices.best_own_prices(bought([]), named("a"), **YEAR)).value is None


def test_a_unit_that_buys_both_packs_and_single_ones_is_cautioned_though_its_mean_is_near() -> None:
    rows = [
        {"unit": "A", "quantity": 100, "price_paid_sek": 1},
        # Ten packs of ten among a hundred single ones: on average 1,82, which alone would pass.
        {"unit": "B", "quantity": 100, "price_paid_sek": 1},
        {"unit": "B", "quantity": 10, "price_paid_sek": 10},
        # A sample for nothing and a return say nothing of packs.
        {"article_id": "b", "unit": "A", "quantity": 10, "price_paid_sek": 2},
        {"article_id": "b", "unit": "A", "quantity": 1, "price_paid_sek": 0},
        {"article_id": "b", "unit": "B", "quantity": 10, "price_paid_sek": 3},
        {"article_id": "b", "unit": "B", "quantity": -1, "price_paid_sek": 3},
    ]
    articles = prices.best_own_prices(bought(rows), named("a", "b"), **YEAR).articles.set_index("article_id")
    assert articles["is_counted"].to_dict() == {"a": 0, "b": 1}
    assert (
        articles.loc["a", "caution"] == "Kan vara olika förpackningar: högsta betalda priset är 10,0 gånger det lägsta"
    )
    assert articles.loc["a", "ratio"] < 3


order_lines = st.lists(
    st.fixed_dictionaries(
        {
            "article_id": st.sampled_from("ab"),
            "unit": st.sampled_from(["Norr", "Söder", "Öster"]),
            "quantity": st.integers(1, 400),
            "price_paid_sek": st.decimals("0.01", "90", places=2),
        }
    ),
    max_size=14,
)


@settings(max_examples=30, deadline=None)
@given(order_lines)
def test_spread_and_best_price_agree_with_sql(rows: list[dict[str, Any]]) -> None:
    lines = bought(rows)
    found = prices.price_variance(lines, named("a", "b"), **YEAR)
    assert found.groups["spread_ore"].sum() == found.articles["spread_ore"].sum()
    own = prices.best_own_prices(lines, named("a", "b"), pack_size_ratio=Decimal(10**6), **YEAR)
    # The lowest price of all units is the best one when any quantity is enough: two ways to the same sum.
    assert own.articles["potential_ore"].tolist() == found.articles["spread_ore"].tolist()
    if not rows:
        return
    # Whole öre and pieces in DuckDB's own integers; the lowest price stays a fraction value / quantity.
    cents = pd.DataFrame(
        {**row, "price_paid_sek": int(row["price_paid_sek"] * 100), "place": place} for place, row in enumerate(rows)
    )
    with duckdb.connect() as connection:
        connection.register("lines", cents)
        told = connection.sql(
            """
            with groups as (
                select article_id, unit, sum(quantity)::hugeint q, sum(quantity * price_paid_sek)::hugeint v
                from lines group by all),
            lowest as (
                select article_id, arg_min(v, v::double / q) v, arg_min(q, v::double / q) q, count(*) n
                from groups group by article_id)
            select article_id, sum(g.v) * any_value(l.q) - sum(g.q) * any_value(l.v) above, any_value(l.q) per
            from groups g join lowest l using (article_id) where l.n > 1 group by article_id
            """
        ).fetchall()
    expected = {article: Fraction(int(above), int(per)) for article, above, per in told}
    spread = dict(zip(found.articles["article_id"], found.articles["spread_ore"], strict=True))
    assert spread.keys() == expected.keys()
    assert all(abs(spread[article] - amount) <= Fraction(1, 2) for article, amount in expected.items())


def test_the_inputs_are_left_as_they_were() -> None:
    lines, names = bought(SPREAD), named("a")
    kept = [frame.copy(deep=True) for frame in (lines, names, BEFORE, AFTER)]
    prices.price_variance(lines, names, **YEAR)
    prices.best_own_prices(lines, names, **YEAR)
    prices.purchases_of(lines, names, **YEAR)
    prices.price_decomposition(BEFORE, AFTER)
    prices.price_indices(BEFORE, AFTER)
    for frame, before in zip((lines, names, BEFORE, AFTER), kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(MeasureError, match="Swap the days"):
        prices.purchases_of(lines, names, starts_on=date(2025, 2, 1), ends_on=date(2025, 1, 1))


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def two_periods(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the two periods of a worked example; a dash means that the article was not bought."""
    sides = []
    for when in ("före", "efter"):
        there = table[table[f"Kvantitet {when}"] != "–"]
        sides.append(
            period(
                [
                    (row["Artikel"], number(row[f"Pris {when} (kr)"]), number(row[f"Kvantitet {when}"]), row["Enhet"])
                    for row in there.to_dict("records")
                ]
            )
        )
    return sides[0], sides[1]


def told(table: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in table.to_dict("records")}


def test_the_worked_indices_are_what_the_measure_gives(worked_tables: Tables) -> None:
    table, figures = worked_tables("price_indices")
    found = prices.price_indices(*two_periods(table))
    hand = told(figures)
    for name, index in (("Laspeyres", found.laspeyres), ("Paasche", found.paasche), ("Fisher", found.fisher)):
        assert index is not None and index.quantize(hand[name]) == hand[name]
    figure = prices.fisher_index(found)
    assert figure.value is not None and figure.value.quantize(hand["Värde"]) == hand["Värde"]
    covered = f"{hand['Täckning, procent']}".replace(".", ",")
    assert figure.comparison.replace("\xa0", " ").startswith(
        f"Omfattar {covered} % av periodens köp, 2 220 kr av 2 475"
    )


def test_the_worked_decomposition_is_what_the_measure_gives(worked_tables: Tables) -> None:
    table, figures = worked_tables("price_decomposition")
    steps = prices.price_decomposition(*two_periods(table)).steps
    assert dict(zip(steps["step_name"], steps["amount_ore"], strict=True)) == {
        step: amount * 100 for step, amount in told(figures).items()
    }


def worked_purchases(table: pd.DataFrame) -> pd.DataFrame:
    columns = {"Artikel": "article_id", "Enhet": "unit", "Kvantitet": "quantity", "Betalt pris (kr)": "price_paid_sek"}
    rows = table.rename(columns=columns)[list(columns.values())].to_dict("records")
    exact = [{**row, **{k: number(str(row[k])) for k in ("quantity", "price_paid_sek")}} for row in rows]
    return bought([{str(name): value for name, value in row.items()} for row in exact])


def test_the_worked_spread_is_what_the_measure_gives(worked_tables: Tables) -> None:
    table, articles, figures = worked_tables("price_variance")
    found = prices.price_variance(worked_purchases(table), named(*table["Artikel"].unique()), **YEAR)
    for row, hand in zip(found.articles.to_dict("records"), articles.to_dict("records"), strict=True):
        assert row["article_id"] == hand["Artikel"]
        assert (row["lowest_price_sek"], row["lowest_at"]) == (number(hand["Lägsta pris (kr)"]), hand["Lägst hos"])
        assert (row["highest_price_sek"], row["mean_price_sek"]) == (
            number(hand["Högsta pris (kr)"]), number(hand["Medelpris (kr)"]),
        )  # fmt: skip
        assert row["spread_ore"] == number(hand["Över lägsta (kr)"]) * 100
    hand = told(figures)
    figure = prices.price_spread(found)
    assert figure.value == hand["Värde"]
    assert sum(left.amount_ore for left in figure.excluded) == hand["Undantaget"] * 100


def test_the_worked_best_price_is_what_the_measure_gives(worked_tables: Tables) -> None:
    table, articles, figures = worked_tables("best_own_price")
    found = prices.best_own_prices(
        worked_purchases(table), named(*table["Artikel"].unique()), least_quantity=Decimal(10), **YEAR
    )
    for row, hand in zip(found.articles.to_dict("records"), articles.to_dict("records"), strict=True):
        assert row["article_id"] == hand["Artikel"]
        assert (row["best_price_sek"], row["best_unit"]) == (number(hand["Bästa pris (kr)"]), hand["Enhet"])
        assert row["potential_ore"] == number(hand["Möjligt (kr)"]) * 100
        assert bool(row["is_counted"]) == (hand["Räknas"] == "ja")
    hand = told(figures)
    figure = prices.best_own_price(found)
    assert (figure.id, figure.method, figure.value) == ("best_own_price", "best_own_price", hand["Värde"])
    assert sum(left.amount_ore for left in figure.excluded) == hand["Undantaget"] * 100

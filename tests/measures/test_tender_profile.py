"""A buyer's tenders as one profile: figures counted by hand, what may be compared, and orders that are honest."""

from __future__ import annotations

from decimal import Decimal
from math import comb
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import tenders as t
from procanalysis.schema import TENDER_TABLES, KeyFigure, TenderTables

DEFAULTS: dict[str, Any] = {"file": "anbud.xlsx", "contracted_count": 1, "announced_on": "2021-03-01"}
KINDS = {"text": "str", "date": "datetime64[us]", "integer": "Int64"}


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = {}
    for column in TENDER_TABLES[name]:
        values = [row.get(column.name, DEFAULTS.get(column.name)) for row in rows]
        if column.name == "row_number":
            values = list(range(2, len(rows) + 2))
        if column.name in ("procurement_id", "lot_id"):
            values = [row.get(column.name, f"U{place}") for place, row in enumerate(rows)]
        kind = "int64" if column.required and column.type == "integer" else KINDS[column.type]
        columns[column.name] = pd.Series(values, dtype="object" if not values else None).astype(kind)
    return pd.DataFrame(columns)


def tables(
    procurements: list[dict[str, Any]] | None = None, bids: dict[str, list[int | None]] | None = None,
    values: list[int | None] | None = None, awards: list[dict[str, Any]] | None = None,
) -> TenderTables:  # fmt: skip
    lots = [
        {"procurement_id": name, "lot_id": f"{name}/{place}", "bids_count": count}
        for name, counts in (bids or {}).items()
        for place, count in enumerate(counts)
    ]
    return TenderTables(
        procurements=table("procurements", procurements or []),
        lots=table("lots", lots),
        values=table("values", [{"value_ore": value} for value in values or []]),
        awards=table("awards", awards or []),
    )


def of_bids(*counts: int, name: str = "U") -> TenderTables:
    """A buyer whose procurements have one lot each, with so many bids."""
    known = {f"{name}{place}": [count] for place, count in enumerate(counts)}
    return tables([{"procurement_id": number} for number in known], known)


NOTHING = tables()
OWN = tables(
    procurements=[
        {"procurement_id": f"U{place}", "is_framework": int(place < 6), "is_reviewed": None if place else 1,
         "notice_database": "Alfa" if place < 9 else "Beta", "is_coordinated": int(place == 0),
         "is_environmental": 1 if place < 8 else None, "is_social": 1 if place < 10 else 0,
         "kind": "goods" if place < 7 else "services" if place < 11 else None}
        for place in range(12)
    ],
    bids={"U0": [1], "U1": [2], "U2": [4, 1, 1], "U3": [5, 9], "U4": [0], "U5": [None], "X": [3]},
    values=[300, 100, 0, None, 200],
    awards=[
        {"procurement_id": "U0", "supplier_size": "small", "contracted_count": 3},
        {"procurement_id": "U1", "supplier_size": "unclear"},
        {"procurement_id": "U1", "supplier_size": "large", "contracted_count": 2},
        {"procurement_id": "U2", "supplier_size": None, "contracted_count": 5},
    ],
)  # fmt: skip


def by_id(figures: tuple[KeyFigure, ...]) -> dict[str, KeyFigure]:
    return {figure.id: figure for figure in figures}


def row(profile: pd.DataFrame, measure: str, group: str) -> dict[str, Any]:
    [found] = profile[(profile["measure"] == measure) & (profile["group"] == group)].to_dict("records")
    return found


def test_every_measure_is_there_and_as_counted_by_hand() -> None:
    found = by_id(t.tender_figures(OWN))
    assert tuple(found) == t.MEASURES
    counted = {name: (one.numerator, one.denominator) for name, one in found.items() if one.unit == "%"}
    assert counted == {
        "framework_share": (6, 12),
        "reviewed_share": (None, None),  # answered for one of twelve
        "single_bid_share_per_procurement": (2, 5),  # U0 and U2, of U0, U1, U2, U3 and X
        "one_or_two_bids_share_per_procurement": (3, 5),
        "single_bid_share_per_lot": (3, 8),
        "one_or_two_bids_share_per_lot": (4, 8),
        "sme_award_share": (3, 6),
        "sme_award_share_highest": (4, 6),
        "coordinated_tender_share": (1, 9),  # of those announced in Alfa
        "environmental_share": (None, None),  # never a no
        "social_share": (10, 12),
        "covered_share_lots": (5, 12),
        "covered_share_values": (4, 12),
        "covered_share_awards": (3, 12),
    }
    assert found["median_bids_per_procurement"].value == Decimal("1.5")  # 0, 1, 1, 2, 3, 5 of U4, U0, U2, U1, X, U3
    assert found["median_bids_per_lot"].value == 2 and found["mean_bids_per_lot"].value == Decimal(26) / 9
    assert (found["contract_value"].value, found["median_contract_value"].value) == (Decimal(6), Decimal(2))
    assert found["procurements_announced"].value == 12
    assert found["reviewed_share"].unknown_because == "Uppgiften är ifylld för 1 av 12 upphandlingar"
    assert all(one.unknown_because for one in found.values() if one.value is None)


def test_a_source_that_says_no_elsewhere_lets_all_yes_be_a_share() -> None:
    all_yes = tables([{"is_environmental": 1} for _ in range(3)])
    assert by_id(t.tender_figures(all_yes))["environmental_share"].value is None
    nation = {"Landet": tables([{"is_environmental": answer} for answer in (1, 1, 1, 0)])}
    assert by_id(t.tender_figures(all_yes, nation))["environmental_share"].value == 100


def test_nothing_at_all_is_unknown_everywhere_and_never_zero() -> None:
    for figure in t.tender_figures(NOTHING):
        assert figure.value is None and figure.unknown_because, figure.id
    profile = t.tender_profile(NOTHING, {"Alla": OWN})
    assert set(profile.loc[profile["role"] == "group", "verdict"]) <= {"unknown", "not_compared"}
    assert (profile.loc[profile["role"] == "own", "reason"] != "").all()
    alone = t.tender_profile(OWN, {})
    assert set(alone["role"]) == {"own"} and len(alone) == len(t.MEASURES)


def test_one_procurement_with_many_lots_does_not_make_an_interval_narrow() -> None:
    # One procurement of eighty lots and twenty of one: 81 of 100 lots with a single bid.
    many = {"stor": [1] * 80} | {f"U{place}": [1 if place == 0 else 3] for place in range(20)}
    profile = t.tender_profile(tables(bids=many), {"Alla": of_bids(*[1] * 60 + [3] * 40)}, name="Vi")
    lots, own = row(profile, "single_bid_share_per_lot", "Vi"), row(profile, "single_bid_share_per_procurement", "Vi")
    assert (lots["numerator"], lots["denominator"], lots["units_count"]) == (81, 100, 21)
    # By hand: V = (15,2² + 0,19² + 19 · 0,81²) / 100² · 21 / 20 and n = 0,81 · 0,19 / V = 6,02 answers.
    assert t.independent_answers([(80, 80), (1, 1), *[(0, 1)] * 19]) == pytest.approx(
        Decimal("6.0183"), abs=Decimal("0.0001")
    )
    assert (lots["lowest"], lots["highest"]) == (Decimal("41.62"), Decimal("96.23"))
    assert (own["numerator"], own["denominator"], own["units_count"]) == (2, 21, 21)
    # By lots 81 percent would surely be above 60; by what the procurements say it may be chance.
    assert t.wilson_interval(81, 100)[0] > 60
    assert row(profile, "single_bid_share_per_lot", "Alla")["verdict"] == "no_difference"
    assert row(profile, "single_bid_share_per_procurement", "Alla")["verdict"] == "lower"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12).flatmap(lambda m: st.tuples(st.integers(0, m + 1), st.just(m + 1))), max_size=30))
def test_answers_in_groups_are_worth_what_linearised_variance_says(parts: list[tuple[int, int]]) -> None:
    found, groups = t.independent_answers(parts), len(parts)
    counted, total = sum(y for y, _ in parts), sum(m for _, m in parts)
    spread = sum((y - counted / total * m) ** 2 for y, m in parts)
    assert 0 <= found <= max(total, groups)
    if spread > 1e-9:
        variance = spread / total**2 * groups / (groups - 1)
        share = counted / total
        assert float(found) == pytest.approx(min(share * (1 - share) / variance, total))
    else:
        assert found == groups


def test_verdicts_follow_the_numbers() -> None:
    groups = {"Alla": of_bids(*[1, 2, 3, 4, 5] * 20), "Landet": of_bids(*[1, 2, 3, 4, 5] * 4)}
    few, poor = of_bids(*[1] * 19), of_bids(*[1] * 20)
    measure = "one_or_two_bids_share_per_procurement"
    assert row(t.tender_profile(few, groups), measure, "Alla")["verdict"] == "too_few"
    assert row(t.tender_profile(few, groups, fewest=19), measure, "Alla")["verdict"] == "higher"
    found = t.tender_profile(poor, groups, name="Vi")
    assert row(found, measure, "Alla")["verdict_text"] == "tydligt högre än Alla"
    assert row(found, measure, "Alla")["reference_value"] == 40
    median = row(found, "median_bids_per_procurement", "Alla")
    assert (median["verdict"], median["reference_value"]) == ("lower", 3)
    mine = row(found, "median_bids_per_procurement", "Vi")
    assert (mine["lowest"], mine["highest"], mine["units_count"]) == (1, 1, 20)
    for measure in ("procurements_announced", "contract_value", "mean_bids_per_procurement", "median_bids_per_lot"):
        against = row(found, measure, "Alla")
        assert (
            against["verdict"] == ("unknown" if measure == "contract_value" else "not_compared") and against["reason"]
        )
    assert row(found, "procurements_announced", "Vi")["verdict"] == ""


def test_requirements_are_shown_without_a_verdict() -> None:
    own = tables([{"is_social": 1} for _ in range(40)])
    nation = {"Landet": tables([{"is_social": place % 2} for place in range(400)])}
    against = row(t.tender_profile(own, nation), "social_share", "Landet")
    assert (against["verdict"], against["value"]) == ("not_compared", 50)
    assert against["reason"].endswith("visas utan slutsats")


def test_headlines_say_how_they_stand() -> None:
    groups = {"Alla regioner": of_bids(*[1, 2, 3, 4, 5] * 20)}
    own = of_bids(*[1] * 20)
    found = by_id(t.headline_figures(t.tender_figures(own, groups), t.tender_profile(own, groups)))
    assert tuple(found) == t.HEADLINES
    said = {name: figure.comparison.replace("\xa0", " ") for name, figure in found.items()}
    assert said["one_or_two_bids_share_per_procurement"] == "Tydligt högre än Alla regioner: 40 % (40 av 100)"
    assert said["median_bids_per_procurement"] == "Tydligt lägre än Alla regioner: 3"
    assert said["procurements_announced"] == "Alla regioner: 100" and said["framework_share"] == ""
    with pytest.raises(MeasureError, match="Did you mean 'framework_share'"):
        t.headline_figures(tuple(found.values()), t.tender_profile(own, groups), ["framework_shares"])
    whole = by_id(t.group_headlines(groups | {"Landet": of_bids(*[1] * 20)}))
    assert whole["one_or_two_bids_share_per_procurement"].comparison.startswith("Tydligt lägre än Landet")


def test_a_headline_keeps_how_many_values_it_sums() -> None:
    nation = {"Landet": tables(values=[500, 700, 100])}
    own = tables(values=[300, 100])
    found = by_id(t.headline_figures(t.tender_figures(own, nation), t.tender_profile(own, nation)))
    said = found["contract_value"].comparison.replace("\xa0", " ")
    assert said == "Summan av 2 angivna värden. Landet: 13 kr"


@pytest.mark.parametrize(
    ("one", "other", "limits"),
    [  # Newcombe (1998), table II, method 10
        ((56, 70), (48, 80), ("5.24", "33.39")), ((9, 10), (3, 10), ("17.05", "80.90")),
        ((6, 7), (2, 7), ("5.82", "80.62")), ((5, 56), (0, 29), ("-3.81", "19.26")),
        ((0, 10), (0, 20), ("-16.11", "27.75")), ((0, 10), (0, 10), ("-27.75", "27.75")),
    ],
)  # fmt: skip
def test_the_interval_of_a_difference_is_the_published_one(one: Any, other: Any, limits: Any) -> None:
    low, high = (Decimal(limit) for limit in limits)
    assert t.difference_interval(one, other) == (low, high)
    assert t.difference_interval(other, one) == (-high, -low)
    assert t.difference_interval((0, 0), other) is None
    with pytest.raises(MeasureError, match="difference_interval: 6 of 5 is no share"):
        t.difference_interval((6, 5), other)


def test_what_it_is_held_against_is_uncertain_too() -> None:
    # 6 of 20 against 11 of 20: 11/20 lies outside Wilson's interval of 6/20, but Fisher's p is 0.20.
    own, others = of_bids(*[1] * 6 + [3] * 14), {"Alla": of_bids(*[1] * 11 + [3] * 9)}
    limits = t.wilson_interval(6, 20)
    assert limits is not None and limits[1] < 55
    against = row(t.tender_profile(own, others), "single_bid_share_per_procurement", "Alla")
    assert (against["verdict"], against["verdict_text"]) == ("no_difference", "ingen tydlig skillnad mot Alla")
    shares = ({name: t.few_bids_share(one.lots, per="procurement")} for name, one in (("Vi", own), *others.items()))
    assert t.compare_shares(*shares)["verdict"].tolist() == ["no_difference"]
    # Medians: 2 of twenty (interval 1 to 2) against 3 of twenty (2 to 4) may be chance, against 3 of four hundred not.
    mine = of_bids(*[1] * 9 + [2] * 9 + [3] * 2)
    spread = [1, 2, 3, 4, 5]
    few, many = ({"Alla": of_bids(*spread * times)} for times in (4, 80))
    measure = "median_bids_per_procurement"
    assert row(t.tender_profile(mine, few), measure, "Alla")["verdict"] == "no_difference"
    assert row(t.tender_profile(mine, many), measure, "Alla")["verdict"] == "lower"


def test_the_more_that_are_compared_the_more_a_difference_must_be() -> None:
    measure = "single_bid_share_per_procurement"
    apart = {"Avvik": of_bids(*[1] * 28 + [3] * 12)}  # 70 against 50 percent of 400
    crowd = {f"M{place}": of_bids(*[1] * 20 + [3] * 20) for place in range(20)}
    alone, among = t.group_profile(apart, GROUP), t.group_profile(apart | crowd, GROUP)
    assert row(alone, measure, "Avvik")["verdict"] == "higher"
    assert row(among, measure, "Avvik")["verdict"] == "no_difference"
    limits = t.wilson_interval(28, 40, confidence_pct=100 - Decimal(5) / 21)
    assert limits == (row(among, measure, "Avvik")["lowest"], row(among, measure, "Avvik")["highest"])
    # Those without rows are not compared, so that they do not count; nor is anything divided by none.
    empty = dict.fromkeys(("Tom", "Tommare"), NOTHING)
    assert row(t.group_profile(apart | empty, GROUP), measure, "Avvik")["verdict"] == "higher"
    assert set(t.group_profile(empty, GROUP)["verdict"]) <= {"", "unknown", "not_compared"}
    assert [t.shared_confidence(count) for count in (0, 1, 20)] == [95, 95, Decimal("99.75")]


def members_with(*shares: int) -> dict[str, TenderTables]:
    """Members of forty procurements each, of which so many got one bid; named so that names and values disagree."""
    names = ("Öland", "Åland", "Ärla", "Dalby", "Boda")
    return {name: of_bids(*[1] * one + [3] * (40 - one)) for name, one in zip(names, shares, strict=False)}


GROUP = {"Alla": of_bids(*[1] * 200 + [3] * 200)}


def order(profile: pd.DataFrame, measure: str) -> list[str]:
    return list(profile.loc[(profile["measure"] == measure) & (profile["role"] == "member"), "group"])


def test_members_stand_by_value_only_where_chance_does_not_make_the_order() -> None:
    measure = "single_bid_share_per_procurement"
    alike = t.group_profile(members_with(22, 19, 21, 18, 20), GROUP)
    assert order(alike, measure) == ["Boda", "Dalby", "Åland", "Ärla", "Öland"]
    assert set(alike.loc[alike["measure"] == measure, "ordered_by"]) == {"name"}
    apart = t.group_profile(members_with(5, 38, 21, 18, 20) | {"Få": of_bids(1, 1)}, GROUP)
    assert order(apart, measure) == ["Åland", "Ärla", "Boda", "Dalby", "Öland", "Få"]
    assert set(apart.loc[apart["measure"] == measure, "ordered_by"]) == {"value"}
    verdicts = {name: row(apart, measure, name)["verdict"] for name in ("Åland", "Ärla", "Öland", "Få")}
    assert verdicts == {"Åland": "higher", "Ärla": "no_difference", "Öland": "lower", "Få": "too_few"}
    # How many were announced follows from size: never an order by value.
    assert order(apart, "procurements_announced")[0] == "Boda"
    assert not any("rank" in column for column in apart.columns)


def test_every_member_and_group_has_one_row_per_measure() -> None:
    found = t.group_profile({"Tom": NOTHING, "Ensam": OWN}, {"Alla": OWN, "Landet": OWN})
    assert len(found) == 4 * len(t.MEASURES)
    assert found.groupby("measure", sort=False)["group"].agg(set).map(len).eq(4).all()
    assert tuple(dict.fromkeys(found["measure"])) == t.MEASURES
    assert row(found, "framework_share", "Tom")["verdict"] == "unknown"


def test_what_cannot_be_meant_is_refused_and_the_input_stays_as_it_was() -> None:
    with pytest.raises(MeasureError, match="both a buyer and a group"):
        t.tender_profile(OWN, {"Vi": OWN}, name="Vi")
    with pytest.raises(MeasureError, match="fewest is 0"):
        t.tender_profile(OWN, {}, fewest=0)
    for measure in (t.group_profile, lambda _, groups: t.group_headlines(groups)):
        with pytest.raises(MeasureError, match="there are no groups"):
            measure({"Vi": OWN}, {})
    before = {name: getattr(OWN, name).copy(deep=True) for name in TENDER_TABLES}
    t.group_profile({"Vi": OWN}, {"Alla": OWN})
    t.mix(OWN, {"Alla": OWN}, "kind")
    t.procurement_list(OWN)
    for name, table_before in before.items():
        pd.testing.assert_frame_equal(getattr(OWN, name), table_before)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=70))
def test_the_median_lies_within_its_interval_which_is_the_sign_tests(drawn: list[int]) -> None:
    ordered = sorted(drawn)
    found, count = t.median_interval(ordered), len(drawn)
    if found is None:
        assert count < 6
        return
    low, high = found
    median = sorted(drawn)[(count - 1) // 2]
    assert low <= median <= high
    # The widest of the orders' pairs that chance leaves with at most five percent outside, by the definition.
    place = max(k for k in range(1, count // 2 + 1) if 2 * sum(comb(count, n) for n in range(k)) <= 0.05 * 2**count)
    assert found == (ordered[place - 1], ordered[count - place])


def test_the_mix_folds_what_is_rare_and_keeps_what_is_missing_last() -> None:
    groups = {"Alla": tables([{"kind": "works"}, {"kind": "goods"}])}
    found = t.mix(OWN, groups, "kind", name="Vi")
    assert found["name"].tolist() == ["Varor", "Tjänster", "Byggentreprenader", "Uppgift saknas"] * 2
    assert found["procurements_count"].tolist() == [7, 4, 0, 1, 1, 0, 1, 0]
    assert set(found.loc[found["group"] == "Vi", "total_count"]) == {12}
    folded = t.mix(OWN, groups, "kind", name="Vi", most=1)
    assert folded["name"].tolist() == ["Varor", "Övriga (2)", "Uppgift saknas"] * 2
    assert folded["procurements_count"].tolist() == [7, 4, 1, 1, 1, 0]
    assert folded.groupby("group")["share_pct"].sum().tolist() == pytest.approx([100, 100])
    assert t.mix(NOTHING, {}, "kind").empty
    for wrong, words in (({"name": "Alla"}, "both the buyer"), ({"most": 0}, "most is 0")):
        with pytest.raises(MeasureError, match=words):
            t.mix(OWN, groups, "kind", **wrong)


def test_bids_fall_into_classes_that_add_up() -> None:
    found = t.bid_classes({"Vi": OWN, "Ingen": NOTHING})
    own = found[found["group"] == "Vi"]
    assert own["procurements_count"].tolist() == [2, 1, 1, 1] and own["share_pct"].tolist() == [40, 20, 20, 20]
    assert own[["total_count", "without_bid_count", "unknown_count"]].iloc[0].tolist() == [5, 1, 1]
    nothing = found[found["group"] == "Ingen"]
    assert nothing["share_pct"].isna().all() and nothing["total_count"].eq(0).all()


def test_answers_are_counted_and_sum_to_all() -> None:
    found = t.flag_answers({"Vi": OWN, "Ingen": NOTHING})
    assert found[["yes_count", "no_count", "missing_count"]].to_numpy().tolist() == [
        [1, 11, 0], [0, 0, 0], [8, 0, 4], [0, 0, 0], [10, 2, 0], [0, 0, 0],
    ]  # fmt: skip
    counted = found[["yes_count", "no_count", "missing_count"]].sum(axis="columns")
    assert counted.equals(found["procurements_count"])


def test_the_list_has_each_announced_procurement_once_with_what_else_is_known() -> None:
    found = t.procurement_list(OWN).set_index("procurement_id")
    assert len(found) == 12 and "X" not in found.index
    assert found.loc["U2", ["lots_count", "bids_count", "suppliers_count"]].tolist()[:2] == [3, 1]
    assert found.loc["U0", "value_ore"] == 300 and pd.isna(found.loc["U3", "value_ore"])
    assert pd.isna(found.loc["U9", "bids_count"]) and t.procurement_list(NOTHING).empty

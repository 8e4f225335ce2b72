"""Tenders and competition: hand-counted bids and shares, intervals against another library, and what must add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import pandas as pd
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import tenders as t
from procanalysis.schema import PEERS, TENDER_TABLES, KeyFigure, names


def table(name: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Fill in what a test does not care about, with the canonical types."""
    columns = {}
    for column in TENDER_TABLES[name]:
        values = [row.get(column.name, DEFAULTS.get(column.name)) for row in rows]
        if column.name == "row_number":
            values = list(range(2, len(rows) + 2))
        if column.name == "procurement_id":
            values = [row.get("procurement_id", f"U{place}") for place, row in enumerate(rows)]
        if column.name == "lot_id":
            values = [row.get("lot_id", f"L{place}") for place, row in enumerate(rows)]
        kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
        columns[column.name] = pd.Series(values).astype(kinds[column.type])
    return pd.DataFrame(columns)


DEFAULTS: dict[str, Any] = {"file": "anbud.xlsx", "contracted_count": 1, "announced_on": "2021-03-01"}


def procurements(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("procurements", *rows)


def lots_with(**bids: list[int | None]) -> pd.DataFrame:
    rows = [{"procurement_id": name, "bids_count": count} for name, counts in bids.items() for count in counts]
    return table("lots", *rows)


def parts(figure: KeyFigure) -> tuple[Any, Any, Any]:
    return figure.value, figure.numerator, figure.denominator


def left(figure: KeyFigure) -> dict[str, int]:
    return {one.reason: one.rows for one in figure.excluded}


def test_one_procurement_with_many_lots_does_not_decide() -> None:
    lots = lots_with(dis=[90] * 80, tolk=[1], städ=[2, 3], däck=[4, 1, 1, 2], larm=[None], porto=[None, 5])
    assert parts(t.mean_bids(lots, per="procurement")) == (Decimal(99) / 5, 99, 5)
    assert parts(t.mean_bids(lots, per="lot")) == (Decimal(7219) / 88, 7219, 88)
    assert t.median_bids(lots, per="lot").value == 90
    assert t.median_bids(lots, per="procurement").value == 2
    assert left(t.mean_bids(lots, per="lot")) == {"Antalet anbud är inte angivet": 2}
    assert left(t.mean_bids(lots, per="procurement")) == {
        "Antalet anbud är inte angivet för något av upphandlingens anbudsområden": 1
    }
    found = t.procurement_bids(lots).set_index("procurement_id")
    assert found.loc[["dis", "däck", "porto", "städ", "tolk"], "bids_count"].tolist() == [90, 1, 5, 2, 1]
    assert found.loc["däck", ["lots_count", "known_count", "fewest_bids", "most_bids"]].tolist() == [4, 4, 1, 4]
    assert found.loc["porto", ["lots_count", "known_count"]].tolist() == [2, 1]
    assert pd.isna(found.loc["larm", "bids_count"])


def test_few_bids_are_counted_among_those_with_any() -> None:
    lots = lots_with(a=[1], b=[2], c=[3], d=[0], e=[None], f=[1, 9])
    one = t.few_bids_share(lots, per="procurement")
    assert (parts(one), one.id, one.method) == ((50, 2, 4), "single_bid_share_per_procurement", "few_bids_share")
    assert left(one) == {
        "Inget anbud kom in": 1,
        "Antalet anbud är inte angivet för något av upphandlingens anbudsområden": 1,
    }
    two = t.few_bids_share(lots, per="lot", most=2)
    assert (parts(two), two.id) == ((60, 3, 5), "one_or_two_bids_share_per_lot")
    assert (
        t.few_bids_share(lots.head(0), per="lot").unknown_because
        == t.few_bids_share(lots_with(e=[None]), per="lot").unknown_because
        == "Underlaget har inga uppgifter om anbud för urvalet"
    )
    only_zero = t.few_bids_share(lots_with(d=[0]), per="lot")
    assert only_zero.value is None and only_zero.unknown_because


@pytest.mark.parametrize("per", ["lot", "procurement"])
def test_bids_counted_once_give_every_measure_the_same(per: str) -> None:
    lots = lots_with(a=[1], b=[2], c=[3], d=[0], e=[None], f=[1, 9, None])
    counts = t.bid_counts(lots, per=per)
    assert t.mean_bids(counts, per=per) == t.mean_bids(lots, per=per)
    assert t.median_bids(counts, per=per) == t.median_bids(lots, per=per)
    assert t.few_bids_share(counts, per=per, most=2) == t.few_bids_share(lots, per=per, most=2)
    other = {"lot": "procurement", "procurement": "lot"}[per]
    with pytest.raises(MeasureError, match=f"mean_bids: the bids are counted per {per}"):
        t.mean_bids(counts, per=other)


def test_the_input_stays_as_it_was() -> None:
    lots = lots_with(a=[3, 1], b=[2])
    before = lots.copy(deep=True)
    t.bid_summary({"Alla": lots}, per="procurement")
    t.few_bids_share(lots, per="procurement")
    pd.testing.assert_frame_equal(lots, before)


counts = st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(counts, max_size=8))
def test_bids_are_those_of_plain_python(drawn: list[list[int | None]]) -> None:
    lots = lots_with(**{f"U{place}": bids for place, bids in enumerate(drawn)})
    typical = []
    for bids in drawn:
        known = sorted(count for count in bids if count is not None)
        if known:
            typical.append(known[(len(known) - 1) // 2])
    flat = [count for bids in drawn for count in bids if count is not None]
    for per, expected in (("procurement", typical), ("lot", flat)):
        counted = t.bid_counts(lots, per=per)
        mean, middle = t.mean_bids(counted, per=per), t.median_bids(counted, per=per)
        if not expected:
            assert mean.value is None and mean.unknown_because and middle.value is None
            continue
        assert mean.numerator == sum(expected) and mean.denominator == len(expected)
        assert mean.value == Decimal(sum(expected)) / len(expected)
        assert middle.value is not None and Fraction(middle.value) == Fraction(median(expected))
        shares = [t.few_bids_share(counted, per=per, most=most) for most in (1, 2)]
        for most, share in zip((1, 2), shares, strict=True):
            any_bid = [count for count in expected if count]
            assert share.denominator == (len(any_bid) or None)
            assert share.numerator == (sum(count <= most for count in any_bid) if any_bid else None)
        summary = t.bid_summary({"x": lots}, per=per, fewest=5).to_dict("records")[0]
        assert (summary["units_count"], summary["bids_count"]) == (len(expected), sum(expected))
        assert (summary["caution"] == t.TOO_FEW) == (len(expected) < 5)
        assert summary["lower_quartile"] <= summary["median_bids"] <= summary["upper_quartile"]
        known = pd.Series(expected).quantile([0.25, 0.75]).tolist()
        assert [summary["lower_quartile"], summary["upper_quartile"]] == pytest.approx(known)


def test_a_summary_of_nothing_says_nothing() -> None:
    row = t.bid_summary({"Tom": lots_with()}, per="lot").to_dict("records")[0]
    assert row["units_count"] == 0 and pd.isna(row["mean_bids"]) and pd.isna(row["most_bids"])
    assert row["caution"] == "för få för att jämföra"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([80, 90, 95, 99])
)
def test_the_interval_is_that_of_another_library(share: tuple[int, int], confidence: int) -> None:
    numerator, denominator = share
    found = t.wilson_interval(numerator, denominator, confidence_pct=confidence)
    other = scipy.stats.binomtest(numerator, denominator).proportion_ci(confidence / 100, method="wilson")
    assert found is not None
    assert [float(limit) for limit in found] == pytest.approx([other.low * 100, other.high * 100], abs=0.0051)
    assert 0 <= found[0] <= Decimal(numerator) * 100 / denominator + Decimal("0.005")
    assert Decimal(numerator) * 100 / denominator - Decimal("0.005") <= found[1] <= 100


def test_an_interval_of_what_is_no_share_is_refused() -> None:
    for wrong in ((-1, 5), (6, 5)):
        with pytest.raises(MeasureError, match="is no share"):
            t.wilson_interval(*wrong)
    with pytest.raises(MeasureError, match="confidence_pct is 100"):
        t.wilson_interval(1, 2, confidence_pct=100)


def flagged(column: str, **counts: int) -> pd.DataFrame:
    value = {"yes": 1, "no": 0, "missing": None}
    return procurements(*({column: value[name]} for name, count in counts.items() for _ in range(count)))


def test_shares_are_compared_only_where_the_numbers_carry_it() -> None:
    share = {
        name: t.framework_share(flagged("is_framework", yes=yes, no=no))
        for name, yes, no in (("Liten", 9, 1), ("Lik", 12, 28), ("Hög", 60, 40), ("Låg", 10, 90), ("Ingen", 0, 0))
    }
    nation = {"Hela landet": t.framework_share(flagged("is_framework", yes=300, no=700))}
    found = t.compare_shares(share, nation).set_index("group")
    assert found["verdict"].to_dict() == {
        "Liten": "too_few", "Lik": "no_difference", "Hög": "higher", "Låg": "lower", "Ingen": "unknown",
    }  # fmt: skip
    assert found["verdict_text"].tolist() == [
        "för få för att jämföra", "ingen tydlig skillnad mot Hela landet", "tydligt högre än Hela landet",
        "tydligt lägre än Hela landet", "går inte att jämföra",
    ]  # fmt: skip
    assert found.loc["Hög", ["numerator", "denominator", "reference_pct", "difference_points"]].tolist() == [
        60, 100, 30, 30,
    ]  # fmt: skip
    assert pd.isna(found.loc["Ingen", "lowest_pct"]) and found.loc["Ingen", "unknown_because"]
    assert t.compare_shares(share, nation, fewest=10).set_index("group").loc["Liten", "verdict"] == "higher"
    small = {"Grannen": share["Liten"]}
    assert set(t.compare_shares({"Hög": share["Hög"]}, small)["verdict"]) == {"too_few"}
    with pytest.raises(MeasureError, match="different figures"):
        t.compare_shares(share, {"x": t.reviewed_share(flagged("is_reviewed", yes=1))})
    with pytest.raises(MeasureError, match="no share of counted things"):
        counted = t.procurements_announced(procurements({}))
        t.compare_shares({"x": counted}, {"y": counted})
    with pytest.raises(MeasureError, match="fewest is 0"):
        t.compare_shares(share, nation, fewest=0)


def test_a_source_that_only_says_yes_gives_no_share() -> None:
    for measure, column in ((t.environmental_share, "is_environmental"), (t.social_share, "is_social")):
        only = measure(flagged(column, yes=3, missing=7))
        assert only.value is None and only.numerator is None
        assert only.unknown_because.startswith("Källan anger bara att kravet finns")
        assert only.unknown_because.endswith("(3 av 10 har ja)")
        assert parts(measure(flagged(column, yes=3, no=1, missing=6))) == (75, 3, 4)
        assert parts(measure(flagged(column, no=4))) == (0, 0, 4)
        assert "för någon upphandling" in measure(flagged(column, missing=4)).unknown_because
        assert "inga annonserade upphandlingar" in measure(procurements()).unknown_because


def test_the_coordinated_mark_is_shown_with_its_coverage() -> None:
    rows = [
        *({"notice_database": "Alfa", "is_coordinated": yes} for yes in (1, 0, 0, None)),
        *({"notice_database": "Beta", "is_coordinated": 0} for _ in range(5)),
        {"is_coordinated": 0},
    ]
    listed = procurements(*rows)
    assert t.databases_using(listed, "is_coordinated") == ("Alfa",)
    figure = t.coordinated_tender_share(listed, used_in=("Alfa",))
    assert parts(figure) == (Decimal(100) / 3, 1, 3)
    assert left(figure) == {"Annonsdatabasen använder inte märkningen": 6, "Samordning är inte angiven": 1}
    assert figure.comparison.endswith("annonsdatabaser med 4 av 10 upphandlingar")
    unused = t.coordinated_tender_share(listed, used_in=())
    assert unused.value is None and unused.unknown_because.startswith("Ingen av upphandlingarna")
    use = t.flag_use(listed, "is_coordinated")
    counted = use.set_index(use["notice_database"].fillna("?"))
    assert counted[["procurements_count", "yes_count", "no_count", "missing_count"]].to_numpy().tolist() == [
        [5, 0, 5, 0], [4, 1, 2, 1], [1, 0, 1, 0],
    ]  # fmt: skip
    assert (use[["yes_count", "no_count", "missing_count"]].sum(axis="columns") == use["procurements_count"]).all()


def test_announced_are_counted_by_kind_and_what_is_missing_too() -> None:
    listed = procurements(
        {"kind": "goods", "cpv_main_code": "33000000", "cpv_main_name": "Medicinsk utrustning"},
        {"kind": "goods", "cpv_main_code": "33000000"},
        {"kind": "services", "announced_on": "2021-01-31"},
        {},
    )
    by_kind = t.announced_by(listed, "kind")
    assert by_kind["name"].tolist() == ["Varor", "Tjänster", "Uppgift saknas"]
    assert by_kind["procurements_count"].tolist() == [2, 1, 1] and by_kind["share_pct"].tolist() == [50, 25, 25]
    assert t.announced_by(listed, "cpv_main_code")["name"].tolist() == ["Medicinsk utrustning", "Uppgift saknas"]
    assert t.announced_by(listed, "month")["key"].tolist() == ["2021-01", "2021-03"]
    assert len(t.announced_by(procurements(), "kind")) == 0
    assert t.procurements_announced(procurements()).value is None
    with pytest.raises(MeasureError, match=r"counted by 'slag'"):
        t.announced_by(listed, "slag")


def test_groups_have_the_same_keys_and_each_its_own_total() -> None:
    groups = {
        "Vi": procurements({"kind": "works"}, {"kind": "works"}, {"kind": "goods"}),
        "Alla": procurements({"kind": "goods"}, {"kind": "services"}, {}),
        "Ingen": procurements(),
    }
    found = t.announced_by_groups(groups, "kind")
    assert found["name"].tolist() == ["Byggentreprenader", "Varor", "Tjänster", "Uppgift saknas"] * 3
    assert found.groupby("group", sort=False)["procurements_count"].agg(list).to_dict() == {
        "Vi": [2, 1, 0, 0], "Alla": [0, 1, 1, 1], "Ingen": [0, 0, 0, 0],
    }  # fmt: skip
    assert found[found["group"] == "Alla"]["share_pct"].sum() == pytest.approx(100)


def test_values_of_zero_are_no_values() -> None:
    values = table("values", *({"value_ore": ore} for ore in (100, 300, 250, 0, None, 99_999_999_999_99)))
    total = t.contract_value(values)
    assert total.value == Decimal("100000000006.49") and total.comparison == "Summan av 4 angivna värden"
    assert left(total) == {"Värdet är angivet som noll eller mindre": 1, "Värdet är inte angivet": 1}
    assert t.median_contract_value(values).value == Decimal("2.75")
    assert t.contract_value(values.iloc[3:5]).value is None
    assert t.median_contract_value(values.head(0)).unknown_because == "Underlaget har inga kontraktsvärden för urvalet"


def awarded(*rows: tuple[str | None, int]) -> pd.DataFrame:
    return table("awards", *({"supplier_size": size, "contracted_count": count} for size, count in rows))


def test_small_and_medium_firms_are_an_interval_where_the_class_is_unclear() -> None:
    share = t.sme_award_share(awarded(("micro", 1), ("small_or_medium", 2), ("unclear", 1), ("large", 4), (None, 3)))
    assert parts(share.lowest) == (Decimal("37.5"), 3, 8) and parts(share.highest) == (50, 4, 8)
    assert left(share.lowest) == left(share.highest) == {"Leverantörens storlek är inte angiven": 3}
    assert (share.lowest.id, share.highest.id) == ("sme_award_share", "sme_award_share_highest")
    assert t.sme_award_share(awarded((None, 3))).lowest.unknown_because == "Leverantörens storlek är inte angiven"
    assert "inga tilldelningar" in t.sme_award_share(awarded()).lowest.unknown_because
    by_size = t.awards_by_size(awarded(("micro", 1), ("large", 4), (None, 3)))
    assert by_size["bids_count"].sum() == 8 and by_size["share_pct"].sum() == pytest.approx(100)
    assert by_size["name"].iloc[-1] == "Uppgift saknas" and by_size["bids_count"].iloc[-1] == 3


def test_regional_suppliers_are_unknown_where_the_source_has_no_county() -> None:
    rows = [{"supplier_county": county} for county in ("Örebro län", " örebro LÄN", "Dalarnas län", None)]
    figure = t.regional_award_share(table("awards", *rows), county="Örebro län")
    assert parts(figure) == (Decimal(200) / 3, 2, 3) and left(figure) == {"Leverantörens län är inte angivet": 1}
    none = t.regional_award_share(table("awards", {}), county="Örebro län")
    assert none.value is None and none.unknown_because == "Källan anger inte leverantörernas län"


def test_joins_are_counted_in_both_directions() -> None:
    listed = procurements(*({"procurement_id": name, "buyer_number": "2321000164"} for name in "ABCD"))
    lots = table(
        "lots",
        {"procurement_id": "A", "lot_id": "A1", "buyer_number": "2321000164"},
        {"procurement_id": "A", "lot_id": "A2", "buyer_number": "2321000164"},
        {"procurement_id": "B", "lot_id": "B1", "buyer_number": "2321000016"},
        {"procurement_id": "X", "lot_id": "X1"},
        {"procurement_id": "X", "lot_id": "X2"},
    )
    values = table("values", {"procurement_id": "A"}, {"procurement_id": "A"})
    awards = table("awards", {"procurement_id": "A", "lot_id": "A1"}, {"procurement_id": "Y", "lot_id": "Y"})
    found = t.tender_joins(listed, lots, values, awards).set_index(["table", "other_table"])
    counted = ["ids_count", "matched_count", "unmatched_count", "unmatched_rows", "other_buyer_count"]
    assert found.loc[("procurements", "lots"), counted].tolist() == [4, 2, 2, 2, 1]
    assert found.loc[("lots", "procurements"), counted].tolist() == [3, 2, 1, 2, 1]
    assert found.loc[("values", "procurements"), counted].tolist() == [1, 1, 0, 0, 0]
    assert found.loc[("lots", "awards"), counted].tolist() == [5, 1, 4, 4, 0]
    assert found.loc[("awards", "lots"), counted].tolist() == [2, 1, 1, 1, 0]
    assert (found["matched_count"] + found["unmatched_count"] == found["ids_count"]).all()
    covered = t.covered_share(listed, lots.assign(bids_count=[1, None, None, 2, 2]), what="lots")
    assert (parts(covered), covered.id, covered.method) == ((25, 1, 4), "covered_share_lots", "covered_share")
    assert parts(t.covered_share(listed, awards, what="awards")) == (25, 1, 4)
    with pytest.raises(MeasureError, match="there is no table 'bids'"):
        t.covered_share(listed, lots, what="bids")


def test_a_buyer_is_chosen_by_number_never_by_name() -> None:
    listed = procurements(
        {"buyer_number": "2321000164", "buyer_name": "REGION ÖREBRO LÄN"},
        {"buyer_number": "2120000803", "buyer_name": "REGION ÖREBRO LÄN"},
        {"buyer_name": "REGION ÖREBRO LÄN"},
    )
    assert t.of_buyers(listed, ["2321000164"])["procurement_id"].tolist() == ["U0"]
    assert len(t.of_buyers(listed, [])) == 0
    with pytest.raises(MeasureError, match="no organisation number"):
        t.of_buyers(listed, ["232100-0164"])
    with pytest.raises(MeasureError, match="buyer_number"):
        t.of_buyers(listed.drop(columns="buyer_number"), ["2321000164"])


def test_a_peer_has_all_its_numbers() -> None:
    rows = [("dalarna", "2331000180", "nej"), ("dalarna", "2321000180", "ja"), ("skane", "2321000255", "ja")]
    peers = pd.DataFrame(
        [
            {"peer": peer, "name": peer, "county_code": "20", "county": "x", "organisation_number": number,
             "is_own_number": own, "source": "x"}
            for peer, number, own in rows
        ]
    )[names(PEERS)]  # fmt: skip
    assert t.numbers_of(peers) == ("2331000180", "2321000180", "2321000255")
    assert t.numbers_of(peers, "skane") == ("2321000255",)
    for number in ("2331000180", "2321000180"):
        assert t.group_of(peers, number) == ("2321000180", "2331000180")
    assert t.group_of(peers, "2120000803") == ("2120000803",)
    with pytest.raises(MeasureError, match="Did you mean 'skane'"):
        t.numbers_of(peers, "skåne")


@pytest.mark.parametrize("measure", [t.mean_bids, t.median_bids, t.few_bids_share])
def test_wrong_parameters_are_refused(measure: Any) -> None:
    with pytest.raises(MeasureError, match="per 'område'"):
        measure(lots_with(a=[1]), per="område")
    with pytest.raises(MeasureError, match="bids_count"):
        measure(lots_with(a=[1]).drop(columns="bids_count"), per="lot")
    with pytest.raises(MeasureError, match="most is 3"):
        t.few_bids_share(lots_with(a=[1]), per="lot", most=3)
    with pytest.raises(MeasureError, match="fewest is 0"):
        t.bid_summary({}, per="lot", fewest=0)


# The worked examples of the method pages.


def number(text: str) -> Decimal:
    return Decimal(text.replace("\xa0", "").replace(" ", "").replace(",", "."))


def cells(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): None if v == "–" else v for k, v in row.items()} for row in frame.to_dict("records")]


ANSWER = {"ja": 1, "nej": 0, None: None}
FLAGS = {
    "framework_share": ("Ramavtal", "is_framework"),
    "reviewed_share": ("Överprövad", "is_reviewed"),
    "environmental_share": ("Miljökrav", "is_environmental"),
    "social_share": ("Sociala krav", "is_social"),
}


def expected_of(told: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}


def told_as(figure: KeyFigure, expected: dict[str, Decimal], of: str = "") -> bool:
    """Compare a figure with what a page tells of it, to the decimals that the page gives."""
    value = expected[f"Värde{of}"]
    assert figure.value is not None
    assert figure.value.quantize(value) == value
    for word, part in (("Täljare", figure.numerator), ("Nämnare", figure.denominator)):
        told = expected.get(f"{word}{of}", expected.get(word))
        assert told is None or told == part
    assert sum(left(figure).values()) == expected.get("Undantagna", sum(left(figure).values()))
    return True


@pytest.mark.parametrize("name", FLAGS)
def test_the_worked_examples_of_requirements(name: str, worked_tables: Any) -> None:
    given_rows, told = worked_tables(name)
    header, column = FLAGS[name]
    figure = getattr(t, name)(procurements(*({column: ANSWER[row[header]]} for row in cells(given_rows))))
    assert figure.id == figure.method == name and told_as(figure, expected_of(told))


@pytest.mark.parametrize("name", ["mean_bids", "median_bids", "few_bids_share"])
def test_the_worked_examples_of_bids(name: str, worked_tables: Any) -> None:
    given_rows, told = worked_tables(name)
    rows = [
        {"procurement_id": row["Upphandling"], "lot_id": row["Anbudsområde"], "bids_count": row["Anbud"]}
        for row in cells(given_rows)
    ]
    lots = table("lots", *({**row, "bids_count": row["bids_count"] and int(row["bids_count"])} for row in rows))
    expected = expected_of(told)
    for per, of in (("lot", " per anbudsområde"), ("procurement", " per upphandling")):
        figure = getattr(t, name)(lots, per=per)
        assert figure.method == name and told_as(figure, expected, of)
    if name == "few_bids_share":
        assert parts(t.few_bids_share(lots, per="lot", most=2))[1:] == (4, 6)
        assert parts(t.few_bids_share(lots, per="procurement", most=2))[1:] == (2, 3)


def test_the_worked_examples_of_announcements_and_values(worked_tables: Any) -> None:
    kinds = {"Tjänster": "services", "Varor": "goods", "Byggentreprenader": "works", None: None}
    given_rows, told = worked_tables("procurements_announced")
    listed = procurements(*({"kind": kinds[row["Slag"]]} for row in cells(given_rows)))
    assert told_as(t.procurements_announced(listed), expected_of(told))
    assert t.announced_by(listed, "kind")["procurements_count"].tolist() == [1, 1, 1, 1]
    given_rows, told = worked_tables("covered_share")
    rows = [(row["Upphandling"], row["Anbud"]) for row in cells(given_rows)]
    lots = table("lots", *({"procurement_id": one, "bids_count": bids and int(bids)} for one, bids in rows))
    named = procurements(*({"procurement_id": one} for one, _ in rows))
    assert told_as(t.covered_share(named, lots, what="lots"), expected_of(told))
    for name in ("contract_value", "median_contract_value"):
        given_rows, told = worked_tables(name)
        amounts = [row["Värde (kr)"] for row in cells(given_rows)]
        values = table("values", *({"value_ore": text and int(number(text) * 100)} for text in amounts))
        figure = getattr(t, name)(values)
        assert figure.id == figure.method == name and told_as(figure, expected_of(told))


def test_the_worked_examples_of_coordination_and_awards(worked_tables: Any) -> None:
    given_rows, told = worked_tables("coordinated_tender_share")
    rows = [
        {"notice_database": row["Annonsdatabas"], "is_coordinated": ANSWER[row["Samordnad"]]}
        for row in cells(given_rows)
    ]
    listed = procurements(*rows)
    used_in = t.databases_using(listed, "is_coordinated")
    assert told_as(t.coordinated_tender_share(listed, used_in=used_in), expected_of(told))
    given_rows, told = worked_tables("sme_award_share")
    sizes = {"Mikroföretag": "micro", "Små företag": "small", "Medelstora företag": "medium",
             "200–499 anställda": "unclear", "Stora företag": "large", None: None}  # fmt: skip
    share = t.sme_award_share(
        awarded(*((sizes[row["Storlek"]], int(row["Kontrakterade anbud"])) for row in cells(given_rows)))
    )
    assert told_as(share.lowest, expected_of(told), ", lägst") and told_as(share.highest, expected_of(told), ", högst")
    given_rows, told = worked_tables("regional_award_share")
    awards = table(
        "awards",
        *(
            {"supplier_county": row["Län"], "contracted_count": int(row["Kontrakterade anbud"])}
            for row in cells(given_rows)
        ),
    )
    assert told_as(t.regional_award_share(awards, county="Örebro län"), expected_of(told))

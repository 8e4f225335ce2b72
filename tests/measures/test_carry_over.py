"""The carry-over ledger: against plain SQL over drawn registers, renewed contracts, and the published split of 2025."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import savings
from procanalysis.measures.savings.reckoned import REGISTER_MISSING
from procanalysis.schema import kronor

OWN = "Region Påhitt"
MILLION = 1_000_000_00


def carried(
    registers: Any, *awards: Mapping[str, Any], shares: Sequence[Mapping[str, Any]] = (), **more: Any
) -> savings.CarryOver:
    """Carry awards whose yearly saving (`saves`) and refused increase (`avoids`) are given in öre."""
    listed = registers.awards(*awards)
    prices = []
    for name, award in zip(listed["procurement_id"], awards, strict=True):
        saves, avoids = award.get("saves"), award.get("avoids")
        price: dict[str, Any] = {"procurement_id": name, "quantity": 1}
        if saves is not None:
            price |= {"previous_price_sek": kronor(max(saves, 0)), "new_price_sek": kronor(max(-saves, 0))}
        if avoids is not None:
            price |= {"refused_increase_sek": kronor(avoids)}
        prices.append(price)
    triage = savings.saving_triage(listed, registers.bids(), registers.prices(*prices))
    return savings.carry_over(triage, listed, registers.shares(*shares), **{"own_name": OWN, **more})


def plain(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    chosen = frame[list(columns)].astype(object)
    return chosen.where(chosen.notna(), None).to_numpy().tolist()  # type: ignore[no-any-return]


def by_year(found: savings.CarryOver, name: str) -> dict[int, int]:
    rows = found.ledger[found.ledger["procurement_id"] == name]
    return {int(year): int(each["saving_ore"].sum()) for year, each in rows.groupby("year")}


def test_the_worked_contract_with_the_worked_shares(registers: Any) -> None:
    found = carried(
        registers,
        {"starts_on": "2025-04-01", "ends_on": "2029-03-31", "saves": 1_200_000_00, "is_coordinated": 1},
        shares=[
            {"receiver": "A", "share_pct": 20},
            {"receiver": "B", "share_pct": 50},
            {"receiver": "C", "share_pct": 30},
            {"receiver": "Enhet 1", "share_pct": 100, "receiver_kind": "unit"},
        ],
    )
    assert by_year(found, "1") == {
        2025: 904_109_59, 2026: 1_200_000_00, 2027: 1_200_000_00, 2028: 1_200_000_00, 2029: 295_890_41,
    }  # fmt: skip
    assert plain(found.ledger.head(4), "year", "organisation", "saving_ore", "is_new", "days", "basis", "group") == [
        [2025, "A", 180_821_92, True, 275, "275 av 365 dagar", "samordnad"],
        [2025, "B", 452_054_79, True, 275, "275 av 365 dagar", "samordnad"],
        [2025, "C", 271_232_88, True, 275, "275 av 365 dagar", "samordnad"],
        [2026, "A", 240_000_00, False, 365, "365 av 365 dagar", "samordnad"],
    ]
    assert found.ledger["saving_ore"].sum() == 4_800_000_00
    assert found.left_out.empty
    assert found.without_method.empty


def test_the_first_twelve_months_alone_are_a_choice(registers: Any) -> None:
    award = {"starts_on": "2025-04-01", "ends_on": "9999-12-31", "saves": 1_200_000_00}
    found = carried(registers, award, counted="first_year_only")
    assert by_year(found, "1") == {2025: 904_109_59, 2026: 295_890_41}
    assert "första tolv månader" in found.rule
    assert "gäller i kalenderåret" in carried(registers, award).rule
    with pytest.raises(MeasureError, match="Valid: contract_life, first_year_only"):
        carried(registers, award, counted="always")


def test_who_receives_and_under_what_it_is_reported(registers: Any) -> None:
    year = {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "saves": 1_00}
    found = carried(
        registers,
        {**year},
        {**year, "organisation": "Norr", "is_coordinated": 0},
        {**year, "organisation": "Norr", "is_coordinated": 1},
        {**year, "organisation": "Norr", "is_coordinated": 1},
        shares=[{"procurement_id": "4", "receiver": name, "share_pct": 50} for name in ("Söder", "Norr")],
    )
    assert plain(found.ledger, "procurement_id", "organisation", "group", "reporting_group", "saving_ore") == [
        ["1", OWN, "okänt", "Okänt om samordnad", 1_00],
        ["2", "Norr", "egen", "Norr", 1_00],
        ["3", "Norr", "samordnad", "Samordnade", 1_00],
        ["4", "Söder", "samordnad", "Samordnade", 50],
        ["4", "Norr", "samordnad", "Samordnade", 50],
    ]


def test_shares_that_could_not_be_read_leave_the_receiver_unknown_and_the_sum_whole(registers: Any) -> None:
    award = {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "saves": 100_00, "is_coordinated": 1}
    shares = [{"receiver": OWN, "share_pct": 60}, {"receiver": "A", "share_pct": 40}]
    for kept in (shares, []):
        found = carried(registers, {**award, "rejected_shares_count": 1}, shares=kept)
        assert plain(savings.saving_by(found, "organisation", 2025), "organisation", "saving_ore") == [
            ["Fördelningen kunde inte läsas", 100_00]
        ]
        assert savings.enabled_saving(found, year=2025).value == kronor(100_00)


def test_an_award_whose_other_row_could_not_be_read_falls_on_no_year(registers: Any) -> None:
    award = {"starts_on": "2025-01-01", "ends_on": "2026-12-31", "saves": 100_00}
    found = carried(registers, {**award, "rejected_awards_count": 1}, award)
    assert by_year(found, "2") == {2025: 100_00, 2026: 100_00}
    said = "En rad som gäller eller ersätter upphandlingen kunde inte läsas"
    assert plain(found.left_out, "procurement_id", "yearly_ore", "replaced_by", "reason") == [["1", 100_00, None, said]]
    figure = savings.enabled_saving(found, year=2025)
    assert (figure.value, [(left.reason, left.amount_ore) for left in figure.excluded]) == (100, [(said, 100_00)])


def test_shares_that_are_not_a_whole_name_the_procurement(registers: Any) -> None:
    award = {"procurement_id": "U-7", "starts_on": "2025-01-01", "ends_on": "2025-12-31", "saves": 1_00}
    with pytest.raises(MeasureError, match=r"procurement U-7: .* sum to 99\.99, not to exactly 100"):
        carried(registers, award, shares=[{"procurement_id": "U-7", "receiver": "A", "share_pct": "99.99"}])
    zero = [{"procurement_id": "U-7", "receiver": name, "share_pct": share} for name, share in (("A", 100), ("B", 0))]
    with pytest.raises(MeasureError, match="share of 'B' is 0"):
        carried(registers, award, shares=zero)


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ({"ends_on": "2025-12-31"}, "Avtalets startdag saknas"),
        ({"starts_on": "2025-12-31"}, "Avtalets slutdag saknas"),
        ({"starts_on": "2025-12-31", "ends_on": "2025-12-30"}, "Avtalets slutdag ligger före startdagen"),
        (
            {"starts_on": "2025-12-31", "ends_on": "9999-12-31"},
            "Avtalet gäller tills vidare, och besparingen har ingen slutdag",
        ),
    ],
)
def test_a_saving_without_days_is_left_out_with_its_reason(days: dict[str, str], reason: str, registers: Any) -> None:
    found = carried(registers, {**days, "saves": 5_00, "avoids": 3_00})
    assert plain(found.left_out, "procurement_id", "yearly_ore", "cost_avoidance_ore", "replaced_by", "reason") == [
        ["1", 5_00, 3_00, None, reason]
    ]
    assert found.ledger.empty
    assert savings.enabled_saving(found, year=2025).unknown_because == "Ingen besparing är känd för 2025"


# Renewed contracts.

FIRST: dict[str, Any] = {"procurement_id": "A", "starts_on": "2020-01-01", "ends_on": "2027-12-31", "saves": 365_00}


def renewed(start: str | None, **more: Any) -> dict[str, Any]:
    new = {"procurement_id": "B", "replaces_procurement_id": "A", "starts_on": start, "ends_on": "2030-12-31"}
    return {**new, "saves": 7_00, **more}


def test_a_renewed_contract_ends_the_old_saving_the_day_before(registers: Any) -> None:
    found = carried(registers, FIRST, renewed("2025-01-02"))
    assert list(by_year(found, "A")) == [2020, 2021, 2022, 2023, 2024, 2025]
    assert by_year(found, "A")[2025] == 1_00
    last = found.ledger[(found.ledger["procurement_id"] == "A") & (found.ledger["year"] == 2025)]
    assert plain(last, "days", "basis") == [[1, "1 av 365 dagar, slutar 2025-01-01 då B tar vid"]]
    assert min(by_year(found, "B")) == 2025


@pytest.mark.parametrize("new", [{"saves": None}, {"ends_on": None}, {"saves": -9_00}])
def test_the_old_saving_ends_whatever_is_known_of_the_new(new: dict[str, Any], registers: Any) -> None:
    assert max(by_year(carried(registers, FIRST, renewed("2024-01-01", **new)), "A")) == 2023


def test_a_later_start_or_an_unknown_one_changes_nothing(registers: Any) -> None:
    alone = by_year(carried(registers, FIRST), "A")
    assert by_year(carried(registers, FIRST, renewed("2028-01-01")), "A") == alone
    assert by_year(carried(registers, FIRST, renewed("2029-06-01")), "A") == alone
    unknown = carried(registers, FIRST, renewed(None))
    assert by_year(unknown, "A") == alone
    assert plain(unknown.left_out, "procurement_id", "reason") == [["B", "Avtalets startdag saknas"]]
    assert by_year(carried(registers, {**FIRST, "replaces_procurement_id": "A"}), "A") == alone


def test_of_two_that_replace_the_same_the_first_to_start_ends_it(registers: Any) -> None:
    found = carried(registers, FIRST, renewed("2026-01-01"), renewed("2023-01-01", procurement_id="C"))
    assert max(by_year(found, "A")) == 2022


@pytest.mark.parametrize("start", ["2020-01-01", "2019-06-01"])
def test_a_contract_replaced_before_it_began_has_no_days(start: str, registers: Any) -> None:
    found = carried(registers, FIRST, renewed(start))
    assert plain(found.left_out, "procurement_id", "yearly_ore", "replaced_by", "reason") == [
        ["A", 365_00, "B", "Ersätts av ett nytt avtal innan det egna har hunnit gälla"]
    ]
    assert set(found.ledger["procurement_id"]) == {"B"}


def test_a_chain_of_three_counts_one_contract_a_day(registers: Any) -> None:
    chain = [
        {**FIRST, "saves": 365_00},
        renewed("2024-01-01", saves=365_00),
        {"procurement_id": "C", "replaces_procurement_id": "B", "starts_on": "2026-07-01", "ends_on": "2028-12-31",
         "saves": 365_00},
    ]  # fmt: skip
    found = carried(registers, *chain)
    # Overlapping as written, one after another as counted: a krona a day, but for the leap days.
    assert savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 1, 1))["saving_ore"].tolist() == [365_00] * 9
    without_middle = carried(registers, chain[0], {**chain[1], "starts_on": None}, chain[2])
    assert (max(by_year(without_middle, "A")), min(by_year(without_middle, "C"))) == (2026, 2026)
    assert sum(by_year(without_middle, name)[2026] for name in "AC") == 365_00


def test_circles_neither_hang_nor_count_twice(registers: Any) -> None:
    found = carried(registers, {**FIRST, "replaces_procurement_id": "B"}, renewed("2024-01-01"))
    assert max(by_year(found, "A")) == 2023
    assert plain(found.left_out, "procurement_id", "replaced_by") == [["B", "A"]]
    three = [
        {"procurement_id": name, "replaces_procurement_id": old, "starts_on": start, "ends_on": "2030-12-31",
         "saves": 1_00}
        for name, old, start in [("A", "C", "2020-01-01"), ("B", "A", "2022-01-01"), ("C", "B", "2024-01-01")]
    ]  # fmt: skip
    found = carried(registers, *three)
    assert not found.ledger.duplicated(["year", "organisation"]).any()
    assert found.left_out["procurement_id"].tolist() == ["C"]


# Against plain SQL.


@st.composite
def registers_drawn(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    count = draw(st.integers(1, 7))
    ids = [f"U{place}" for place in range(count)]
    awards, shares = [], []
    for name in ids:
        start = draw(st.none() | st.dates(date(2018, 1, 1), date(2030, 12, 31)))
        length = draw(st.none() | st.sampled_from([0, 1, 364, 365, 366]) | st.integers(0, 4000))
        ends = None if start is None or length is None else start + timedelta(days=length)
        awards.append(
            {
                "procurement_id": name,
                "starts_on": start,
                "ends_on": ends,
                "replaces_procurement_id": draw(st.none() | st.sampled_from(ids)),
                "saves": draw(st.none() | st.integers(-(10**11), 10**11)),
                "avoids": draw(st.none() | st.integers(0, 10**9)),
                "is_coordinated": draw(st.sampled_from([None, 0, 1])),
            }
        )
        if draw(st.booleans()):
            cuts = [0, *sorted(draw(st.sets(st.integers(1, 10**8 - 1), max_size=4))), 10**8]
            shares += [
                {"procurement_id": name, "receiver": f"R{place}", "share_pct": Decimal(high - low).scaleb(-6)}
                for place, (low, high) in enumerate(pairwise(cuts))
            ]
    return awards, shares


ORACLE = """
with recursive
links as (select new.procurement_id as new_id, new.replaces as old_id, new.starts_on from awards new
          where new.replaces <> new.procurement_id),
reached as (select old_id as old, new_id, starts_on from links
            union
            select reached.old, links.new_id, links.starts_on from reached
            join links on links.old_id = reached.new_id
            where reached.starts_on is null and links.new_id <> reached.old),
ends as (select procurement_id, starts_on, saves, avoids,
                least(ends_on, coalesce((select min(r.starts_on) - 1 from reached r where r.old = procurement_id),
                                        ends_on)) as last_on
         from awards where starts_on is not null and ends_on is not null),
days as (select procurement_id, saves, avoids, year(day) as year, count(*) as days,
                dayofyear(make_date(year(day), 12, 31)) as length
         from (select *, unnest(generate_series(starts_on::timestamp, last_on::timestamp, interval 1 day))::date as day
               from ends where last_on >= starts_on)
         group by all),
amounts as (select procurement_id, year, kind, days, length, case kind when 'saves' then saves else avoids end as yearly
            from days cross join (values ('saves'), ('avoids')) kinds(kind)),
-- 365 × 366 is a denominator that both kinds of year share, so every sum so far is a whole number.
summed as (select *, sum(yearly * days * (731 - length)) over
                     (partition by procurement_id, kind order by year)::hugeint as top
           from amounts where yearly is not null),
rounded as (select *, sign(top) * ((2 * abs(top) + 133590) // 267180) as so_far from summed),
parts as (select procurement_id, year, kind,
                 (so_far - coalesce(lag(so_far) over (partition by procurement_id, kind order by year), 0))::bigint
                 as part
          from rounded),
given as (select procurement_id, receiver, millionths from shares
          union all
          select procurement_id, 'own', 100000000 from awards
          where procurement_id not in (select procurement_id from shares)),
cut as (select parts.*, receiver, abs(part)::hugeint * millionths as exact, exact // 100000000 as whole,
               exact % 100000000 as left_over
        from parts join given using (procurement_id)),
placed as (select *, row_number() over (partition by procurement_id, year, kind order by left_over desc, receiver)
                     as place,
                  abs(part) - sum(whole) over (partition by procurement_id, year, kind) as to_give from cut)
select procurement_id, year, receiver, kind,
       (sign(part) * (whole + case when place <= to_give then 1 else 0 end))::bigint as amount
from placed
"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the register's tables and the query, which DuckDB plans once for all registers drawn."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "create table awards (procurement_id text, starts_on date, ends_on date, replaces text, saves bigint, "
            "avoids bigint)"
        )
        connection.execute("create table shares (procurement_id text, receiver text, millionths bigint)")
        connection.execute(f"prepare reckoned as {ORACLE}")
        yield connection


def by_sql(
    oracle: duckdb.DuckDBPyConnection, awards: list[dict[str, Any]], shares: list[dict[str, Any]]
) -> dict[tuple[Any, ...], int]:
    names = ("procurement_id", "starts_on", "ends_on", "replaces_procurement_id", "saves", "avoids")
    listed = [[row[name] for name in names] for row in awards]
    shared = [[row["procurement_id"], row["receiver"], int(row["share_pct"] * 10**6)] for row in shares]
    for table, rows in (("awards", listed), ("shares", shared)):
        oracle.execute(f"delete from {table}")
        if rows:
            oracle.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
    return {tuple(row[:4]): row[4] for row in oracle.execute("execute reckoned").fetchall()}


@given(drawn=registers_drawn())
@settings(max_examples=50, deadline=None)
def test_the_ledger_is_what_plain_sql_makes_of_the_register(drawn: Any, registers: Any, oracle: Any) -> None:
    awards, shares = drawn
    found = carried(registers, *awards, shares=shares, own_name="own")
    ours = {
        (row["procurement_id"], row["year"], row["organisation"], kind): int(row[column])
        for row in found.ledger.to_dict("records")
        for kind, column in (("saves", "saving_ore"), ("avoids", "cost_avoidance_ore"))
        if not pd.isna(row[column])
    }
    assert ours == by_sql(oracle, awards, shares)
    assert not found.ledger.duplicated(["year", "procurement_id", "organisation"]).any()
    # Every award with an amount is either carried or left out with a reason, and nowhere twice.
    known = {row["procurement_id"] for row in awards if row["saves"] is not None or row["avoids"] is not None}
    in_ledger, left = set(found.ledger["procurement_id"]), set(found.left_out["procurement_id"])
    assert in_ledger | left == known
    assert not in_ledger & left
    assert found.left_out["reason"].str.len().gt(0).all()
    assert set(found.without_method["procurement_id"]) == {r["procurement_id"] for r in awards if r["saves"] is None}
    per_year = savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 12, 31))
    assert per_year["saving_ore"].sum() == found.ledger["saving_ore"].sum()
    for year in set(found.ledger["year"]):
        for by in savings.SAVING_PARTS:
            parts = savings.saving_by(found, by, year)
            assert parts["saving_ore"].sum() == found.ledger.loc[found.ledger["year"] == year, "saving_ore"].sum()


# The published year.

PUBLISHED_2025_MSEK = {"RS": "3.0", "RV": "5.1", "Samordnade": "0.9"}
PUBLISHED_NEW, PUBLISHED_RUNNING, PUBLISHED_ALL, PUBLISHED_TARGET = (
    int(Decimal(text) * MILLION) for text in ("9.0", "55.4", "64.4", "70.0")
)


def published(registers: Any) -> savings.CarryOver:
    """Build a register that gives the published split: contracts begun 2025, for 73, 146 and 219 of its 365 days."""
    return carried(
        registers,
        {"title": "Hjälpmedel", "organisation": "RS", "is_coordinated": 0, "starts_on": "2025-10-20",
         "ends_on": "2027-10-19", "saves": 15 * MILLION},
        {"title": "Livsmedel", "organisation": "RV", "is_coordinated": 0, "starts_on": "2025-08-08",
         "ends_on": "2028-08-07", "saves": 12_750_000_00},
        {"title": "Kontorsmaterial", "is_coordinated": 1, "starts_on": "2025-05-27", "ends_on": "2029-05-26",
         "saves": 1_500_000_00},
        {"title": "Laboratorietjänster", "organisation": "RV", "is_coordinated": 0, "starts_on": "2023-01-01",
         "ends_on": "2026-12-31", "saves": 30 * MILLION},
        {"title": "Busstrafik", "organisation": "RS", "is_coordinated": 0, "starts_on": "2021-08-01",
         "ends_on": "2031-07-31", "saves": 20_400_000_00},
        {"title": "Telefoni", "is_coordinated": 1, "starts_on": "2024-01-01", "ends_on": "2025-12-31",
         "saves": 5 * MILLION},
        shares=[
            {"procurement_id": name, "receiver": receiver, "share_pct": share}
            for name in ("3", "6")
            for receiver, share in (("RS", "40"), ("RV", "60"))
        ],
    )  # fmt: skip


def test_the_published_year_is_expressible(registers: Any) -> None:
    found = published(registers)
    targets = {2025: PUBLISHED_TARGET, 2026: 57 * MILLION}
    years = savings.saving_per_year(found, targets_ore=targets, as_of=date(2025, 12, 31))
    published_year = years[years["year"] == 2025]
    assert plain(published_year, "new_ore", "running_ore", "saving_ore", "target_ore", "difference_ore") == [
        [PUBLISHED_NEW, PUBLISHED_RUNNING, PUBLISHED_ALL, PUBLISHED_TARGET, -5_600_000_00]
    ]
    groups = savings.saving_by(found, "reporting_group", 2025).set_index("reporting_group")["new_ore"]
    assert groups.to_dict() == {name: int(Decimal(text) * MILLION) for name, text in PUBLISHED_2025_MSEK.items()}
    assert groups.sum() == PUBLISHED_NEW
    # The drill-down: with their parts of what is coordinated.
    regions = savings.saving_by(found, "organisation", 2025).set_index("organisation")["new_ore"]
    assert regions.to_dict() == {"RS": 3_360_000_00, "RV": 5_640_000_00}
    figure = savings.enabled_saving(found, year=2025)
    assert figure.value == Decimal("64400000")
    assert figure.comparison.replace("\xa0", " ") == (
        "9 000 000 kr från avtal som började 2025 och 55 400 000 kr från tidigare avtal"
    )
    largest = savings.largest_contributors(found, 2025, 3)
    assert plain(largest, "title", "saving_ore", "is_new") == [
        ["Laboratorietjänster", 30 * MILLION, False],
        ["Busstrafik", 20_400_000_00, False],
        ["Livsmedel", 5_100_000_00, True],
    ]
    assert round(largest["share_pct"][0], 2) == Decimal("46.58")


def test_years_to_come_rest_on_signed_contracts_alone(registers: Any) -> None:
    found = published(registers)
    years = savings.saving_per_year(found, targets_ore={2020: 1, 2033: 2}, as_of=date(2025, 12, 31))
    assert years["year"].tolist() == list(range(2020, 2034))
    assert years.loc[years["is_forecast"], "year"].tolist() == list(range(2026, 2034))
    table = years.set_index("year")
    # Nothing is known of 2020; in 2033 no signed contract is left, and that is known.
    assert plain(table.loc[[2020]], "saving_ore", "difference_ore", "contracts_count") == [[None, None, 0]]
    assert plain(table.loc[[2033]], "saving_ore", "difference_ore", "contracts_count") == [[0, -2, 0]]
    assert table.loc[2026, "new_ore"] == 0
    # 15 + 12,75 + 1,5 + 30 + 20,4 million in the first whole year of all five.
    assert (table.loc[2026, "saving_ore"], table.loc[2026, "contracts_count"]) == (79_650_000_00, 5)
    near = savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 12, 31), forecast_years=1)
    assert near["year"].tolist() == [2021, 2022, 2023, 2024, 2025, 2026]


def test_cost_avoidance_is_beside_and_never_in_the_saving(registers: Any) -> None:
    days = {"starts_on": "2025-01-01", "ends_on": "2026-12-31"}
    found = carried(registers, {**days, "saves": 5_00, "avoids": 3_00}, {**days, "avoids": 4_00}, {"avoids": 9_00})
    years = savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 12, 31))
    assert plain(years, "saving_ore", "cost_avoidance_ore", "contracts_count") == [[5_00, 7_00, 1]] * 2
    methods = savings.saving_by(found, "method", 2025)
    assert plain(methods, "method", "method_name", "saving_ore", "share_pct", "cost_avoidance_ore") == [
        ["previous_contract", "Tidigare avtal", 5_00, 100, 3_00],
        [None, None, None, None, 4_00],
    ]
    assert savings.largest_contributors(found, 2025, 9)["procurement_id"].tolist() == ["1"]
    figure = savings.cost_avoidance(found, year=2025)
    assert (figure.value, figure.label) == (7, "Kostnadsundvikande 2025")
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Avtalets startdag saknas", 1, 9_00)
    ]
    enabled = savings.enabled_saving(found, year=2025)
    assert enabled.value == 5
    assert [(left.reason, left.rows, left.amount_ore) for left in enabled.excluded] == [
        ("Ingen metod för besparing kan användas", 2, None)
    ]


def test_what_is_left_out_of_the_year_is_told(registers: Any) -> None:
    found = carried(
        registers,
        {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "saves": 5_00},
        {"ends_on": "2025-12-31", "saves": 6_00},
        {"ends_on": "2026-12-31", "saves": 7_00},
        {"starts_on": "2024-01-01", "ends_on": "2024-12-31"},
        {"starts_on": "2024-01-01", "ends_on": "2025-01-01"},
        {"starts_on": "2025-12-31"},
    )
    figure = savings.enabled_saving(found, year=2025)
    assert [(left.reason, left.rows, left.amount_ore) for left in figure.excluded] == [
        ("Avtalets startdag saknas", 2, 13_00),
        ("Ingen metod för besparing kan användas", 2, None),
    ]
    after = savings.enabled_saving(found, year=2030)
    assert (after.value, after.unknown_because) == (0, "")
    before = savings.enabled_saving(found, year=2019)
    assert (before.value, before.unknown_because) == (None, "Ingen besparing är känd för 2019")
    avoided = savings.cost_avoidance(found, year=2025)
    assert (avoided.value, avoided.comparison) == (None, "")


def test_a_year_below_zero_keeps_its_sign_and_has_no_shares(registers: Any) -> None:
    days = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    found = carried(registers, {**days, "saves": -9_00}, {**days, "saves": 4_00, "category_code": "05.01"})
    parts = savings.saving_by(found, "category_code", 2025)
    assert plain(parts, "category_code", "saving_ore", "share_pct") == [["05.01", 4_00, None], [None, -9_00, None]]
    assert savings.enabled_saving(found, year=2025).value == -5
    assert savings.largest_contributors(found, 2025, 1)["saving_ore"].tolist() == [4_00]


def test_no_register_at_all_is_said(registers: Any) -> None:
    found = carried(registers)
    for figure in (savings.enabled_saving(found, year=2025), savings.cost_avoidance(found, year=2025)):
        assert (figure.value, figure.unknown_because) == (None, REGISTER_MISSING)
    assert savings.saving_per_year(found, targets_ore={}, as_of=date(2025, 1, 1)).empty
    wanted = savings.saving_per_year(found, targets_ore={2026: 1}, as_of=date(2025, 1, 1))
    assert plain(wanted, "year", "saving_ore", "target_ore", "is_forecast") == [[2026, None, 1, True]]
    assert savings.saving_by(found, "group", 2025).empty


def test_wrong_words_and_frames_are_refused(registers: Any) -> None:
    found = published(registers)
    with pytest.raises(MeasureError, match="Did you mean 'organisation'"):
        savings.saving_by(found, "organization", 2025)
    with pytest.raises(MeasureError, match="n is 0"):
        savings.largest_contributors(found, 2025, 0)
    triage = savings.saving_triage(registers.awards({"procurement_id": "A"}), registers.bids(), registers.prices())
    with pytest.raises(MeasureError, match="A, B is not in both triage and awards"):
        savings.carry_over(triage, registers.awards({"procurement_id": "B"}), registers.shares(), own_name=OWN)


def test_large_amounts_stay_exact_and_frames_untouched(registers: Any) -> None:
    awards = registers.awards({"starts_on": "2025-01-01", "ends_on": "2025-12-31"}, {"is_monetary": 0})
    prices = registers.prices({"previous_price_sek": "90071992547409.93", "new_price_sek": 0, "quantity": 1})
    shares = registers.shares({"receiver": "A", "share_pct": 100})
    triage = savings.saving_triage(awards, registers.bids(), prices)
    before = [frame.copy(deep=True) for frame in (triage.procurements, awards, shares)]
    found = savings.carry_over(triage, awards, shares, own_name=OWN)
    assert found.ledger["saving_ore"].tolist() == [9_007_199_254_740_993]
    for frame, copy in zip((triage.procurements, awards, shares), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)

"""Follow-ups: goals and limits to the day, what is due, what is open, and a choice that can be repeated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import follow_up_choice, follow_ups
from procanalysis.measures.follow_up_choice import choose_for_follow_up
from procanalysis.schema import CONTRACT_SCOPES, CONTRACTS, FOLLOW_UPS, names

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
YEAR: dict[str, Any] = {"starts_on": FIRST, "ends_on": LAST}
AS_OF = date(2025, 12, 31)
MONTHS = {"A": 4, "B": 12, "C": 24, "D": 24}
NO_REGISTER = "Organisationen har inget uppföljningsregister i underlaget"


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def parts(figure: Any) -> tuple[Any, Any, Any]:
    return figure.value, figure.numerator, figure.denominator


def test_done_is_measured_against_the_goal_for_the_months_of_the_period(registers: Any) -> None:
    done = registers.follow_ups(
        {"done_on": "2025-01-01"}, {"done_on": "2025-12-31"}, {"done_on": "2024-12-31"}, {"done_on": "2026-01-01"},
        {"planned_on": "2025-06-01"},
    )  # fmt: skip
    assert parts(follow_ups.follow_ups_done(done, **YEAR, yearly_goal=8)) == (25, 2, 8)
    quarter = follow_ups.follow_ups_done(done, starts_on=FIRST, ends_on=date(2025, 3, 31), yearly_goal=10)
    assert parts(quarter) == (40, 1, Decimal("2.5"))
    with pytest.raises(MeasureError, match="yearly_goal is 0"):
        follow_ups.follow_ups_done(done, **YEAR, yearly_goal=0)
    with pytest.raises(MeasureError, match="Swap the days"):
        follow_ups.follow_ups_done(done, starts_on=LAST, ends_on=FIRST)


def test_without_a_goal_done_is_measured_against_what_was_planned_in_the_period(registers: Any) -> None:
    planned = registers.follow_ups(
        {"planned_on": "2025-01-01", "done_on": "2024-12-20"},
        {"planned_on": "2025-12-31", "done_on": "2025-12-31"},
        {"planned_on": "2025-12-30", "done_on": "2026-01-01"},
        {"planned_on": "2025-03-01"},
        {"planned_on": "2026-01-01", "done_on": "2025-12-01"},
        {"done_on": "2025-05-05"},
    )
    assert parts(follow_ups.follow_ups_done(planned, **YEAR)) == (50, 2, 4)


def test_without_register_or_plan_done_is_unknown_and_a_goal_with_nothing_done_is_zero(registers: Any) -> None:
    for goal in (None, 250):
        missing = follow_ups.follow_ups_done(registers.follow_ups(), **YEAR, yearly_goal=goal)
        assert (missing.value, missing.unknown_because) == (None, NO_REGISTER)
    other_year = registers.follow_ups({"planned_on": "2020-01-01"})
    nothing = follow_ups.follow_ups_done(other_year, **YEAR)
    assert nothing.value is None
    assert nothing.unknown_because == "Inget årsmål är satt, och ingen uppföljning var planerad i perioden"
    assert parts(follow_ups.follow_ups_done(other_year, **YEAR, yearly_goal=250)) == (0, 0, 250)


def bought(supplier: str, kronor: int, **more: Any) -> dict[str, Any]:
    return {"supplier_key": supplier, "amount_ore": kronor * 100, **more}


def test_a_supplier_must_lie_above_the_limit_and_be_followed_up_in_the_period(
    make_matched: Any, registers: Any, in_engine: Any
) -> None:
    lines = make_matched(
        [
            bought("a", 700), bought("a", 301), bought("b", 1_000), bought("c", 3_000), bought("d", 5_000),
            bought("d", -3_500), bought("tax", 9_999, spend_class="ej inköp"),
        ]
    )  # fmt: skip
    done = registers.follow_ups(
        {"supplier_key": "a", "done_on": "2025-12-31", "kind": "audit"},
        {"supplier_key": "a", "done_on": "2025-02-01"},
        {"supplier_key": "b", "done_on": "2025-02-01"},
        {"supplier_key": "c", "done_on": "2026-01-01"},
        {"supplier_key": "d", "planned_on": "2025-02-01"},
    )
    for engine in ("pandas", "polars_lazy", "duckdb"):
        native = in_engine(engine, lines)
        counted = follow_ups.suppliers_followed_up_share(native, done, above_ore=1_000_00, **YEAR)
        assert parts(counted) == (Decimal(100) / 3, 1, 3)
        assert [(plain(left.reason), left.rows, left.amount_ore) for left in counted.excluded] == [
            ("Ej inköp", 1, 9_999_00),
            ("Leverantörer på högst 1 000 kr (1 st)", 1, 1_000_00),
        ]
        volume = follow_ups.followed_up_volume_share(native, done, above_ore=1_000_00, **YEAR)
        assert parts(volume) == (Decimal(100_100) / 5_501, 1_001, 5_501)
    left = sum(each.amount_ore for each in volume.excluded)
    assert left + int(volume.denominator * 100) == lines["amount_ore"].sum()


def test_followed_up_is_unknown_without_register_and_without_large_suppliers(make_matched: Any, registers: Any) -> None:
    lines = make_matched([bought("a", 700)])
    done = registers.follow_ups({"supplier_key": "a", "done_on": "2025-02-01"})
    for measure in (follow_ups.suppliers_followed_up_share, follow_ups.followed_up_volume_share):
        missing = measure(lines, registers.follow_ups(), above_ore=0, **YEAR)
        assert (missing.value, missing.unknown_because) == (None, NO_REGISTER)
        small = measure(lines, done, above_ore=700_00, **YEAR)
        assert small.value is None
        assert plain(small.unknown_because) == "Ingen leverantör ligger över 700 kr i perioden"
        with pytest.raises(MeasureError, match="above_ore is -1"):
            measure(lines, done, above_ore=-1, **YEAR)


def due(registers: Any, contract: dict[str, Any], *done: dict[str, Any], as_of: date = AS_OF) -> dict[Any, Any]:
    """Reckon for one contract; its register of follow-ups holds at least one of somebody else's."""
    register = registers.follow_ups({"contract_id": "other"}, *({"contract_id": "1", **each} for each in done))
    table = follow_ups.follow_ups_due(registers.contracts(contract), register, months_between=MONTHS, as_of=as_of)
    assert len(table) == 1
    row = table.to_dict("records")[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def test_a_class_a_contract_needs_meetings_and_a_class_c_contract_a_check_in_will_do(registers: Any) -> None:
    done = [
        {"kind": "meeting", "done_on": "2025-06-15"},
        {"kind": "check_in", "done_on": "2025-10-01"},
        {"kind": "audit", "done_on": "2025-11-01"},
        {"kind": "meeting", "done_on": "2026-01-01"},
        {"kind": "meeting", "planned_on": "2026-02-02"},
        {"kind": "meeting", "planned_on": "2026-01-20"},
    ]
    first = due(registers, {"contract_class": "A", "starts_on": "2025-01-01"}, *done)
    assert (first["last_on"], first["next_on"]) == (day("2025-06-15"), day("2025-10-15"))
    assert (first["state_name"], first["days_late"], first["planned_on"]) == ("Försenad", 77, day("2026-01-20"))
    assert first["follow_up_form"] == "Uppföljningsmöten"
    third = due(registers, {"contract_class": "C", "starts_on": "2025-01-01"}, *done)
    assert (third["last_on"], third["next_on"], third["state"]) == (day("2025-10-01"), day("2027-10-01"), "later")


@pytest.mark.parametrize(
    ("starts_on", "as_of", "next_on", "state"),
    [
        ("2025-10-31", date(2026, 2, 27), "2026-02-28", "soon"),
        ("2025-10-31", date(2026, 2, 28), "2026-02-28", "soon"),
        ("2025-10-31", date(2026, 3, 1), "2026-02-28", "overdue"),
        ("2023-10-31", date(2024, 2, 29), "2024-02-29", "soon"),
        ("2023-10-31", date(2024, 3, 1), "2024-02-29", "overdue"),
        ("2025-10-30", date(2025, 11, 28), "2026-02-28", "soon"),
        ("2025-10-30", date(2025, 11, 27), "2026-02-28", "later"),
    ],
)
def test_months_are_added_to_the_day_in_leap_years_and_short_months(
    starts_on: str, as_of: date, next_on: str, state: str, registers: Any
) -> None:
    found = due(registers, {"contract_class": "A", "starts_on": starts_on}, as_of=as_of)
    assert (found["last_on"], found["next_on"], found["state"]) == (None, day(next_on), state)


def test_what_is_due_cannot_be_told_without_class_first_day_or_register(registers: Any) -> None:
    nobody = due(registers, {"starts_on": "2025-01-01"})
    assert (nobody["state_name"], nobody["unknown_because"]) == ("Okänt", "Avtalet har ingen klass i registret")
    undated = due(registers, {"contract_class": "A"})
    assert undated["unknown_because"] == "Avtalet har inte följts upp, och dess första dag är okänd"
    assert due(registers, {"contract_class": "A"}, {"done_on": "2025-12-01"})["unknown_because"] == ""
    table = follow_ups.follow_ups_due(
        registers.contracts({"contract_class": "A", "starts_on": "2020-01-01"}, {"contract_class": "D"}),
        registers.follow_ups(),
        months_between=MONTHS,
        as_of=AS_OF,
    )
    assert table["unknown_because"].tolist() == [NO_REGISTER, NO_REGISTER]
    assert table["state"].tolist() == ["unknown", "unknown"]
    with pytest.raises(MeasureError, match="class A has 0 months"):
        follow_ups.follow_ups_due(table, registers.follow_ups(), months_between={"A": 0}, as_of=AS_OF)


def test_only_contracts_in_force_are_due_and_the_classes_sum_to_them(registers: Any) -> None:
    contracts = registers.contracts(
        {"contract_class": "A", "starts_on": "2025-12-31"},
        {"contract_class": "A", "starts_on": "2024-01-01", "ends_on": "2025-12-31"},
        {"contract_class": "B", "starts_on": "2026-01-01"},
        {"contract_class": "B", "ends_on": "2025-12-30", "starts_on": "2024-01-01"},
        {"contract_class": "B", "starts_on": "2025-12-31", "ends_on": "2026-06-30"},
        {"starts_on": "2024-01-01"},
        {"contract_class": "D", "starts_on": "2024-02-28"},
    )
    register = registers.follow_ups({"contract_id": "2", "done_on": "2025-12-30"})
    table = follow_ups.follow_ups_due(contracts, register, months_between=MONTHS, as_of=AS_OF)
    assert table["contract_id"].tolist() == ["7", "1", "2", "5", "6"]
    assert table["state"].tolist() == ["soon", "later", "ends_before", "ends_before", "unknown"]
    counted = follow_ups.follow_ups_due_by_class(table).set_index("class_name")
    assert counted.index.tolist() == ["A", "B", "D", "Utan klass"]
    assert counted.loc["A"].tolist() == [2, 0, 0, 1, 1, 0]
    assert counted.drop(columns="contracts_count").to_numpy().sum() == counted["contracts_count"].sum() == 5
    empty = follow_ups.follow_ups_due(registers.contracts(), register, months_between=MONTHS, as_of=AS_OF)
    assert follow_ups.follow_ups_due_by_class(empty).empty


def test_follow_ups_are_counted_per_year_kind_and_result(registers: Any) -> None:
    register = registers.follow_ups(
        {"kind": "audit", "done_on": "2025-05-01", "result": "Avvikelse", "deviation": "Lön", "escalation_step": 3},
        {
            "kind": "audit",
            "done_on": "2025-06-01",
            "result": "Avvikelse",
            "deviation": "Tid",
            "closed_on": "2025-12-31",
        },
        {"kind": "audit", "done_on": "2025-06-02", "result": "Godkänd"},
        {"kind": "audit", "done_on": "2026-01-01", "result": "Godkänd", "deviation": "Sen"},
        {
            "kind": "meeting",
            "done_on": "2024-06-02",
            "escalation_step": 1,
            "deviation": "Pris",
            "closed_on": "2026-01-01",
        },
        {"kind": "meeting", "planned_on": "2024-06-02"},
        {"kind": "meeting"},
    )
    table = follow_ups.follow_ups_by_kind(register, as_of=AS_OF).astype(object).where(lambda cell: cell.notna(), None)
    assert table.drop(columns="kind").to_numpy().tolist() == [
        [2026, "Revision på plats", "", 0, 1, 0, 0, 0, None],
        [2025, "Revision på plats", "Avvikelse", 2, 0, 2, 1, 1, 3],
        [2025, "Revision på plats", "Godkänd", 1, 0, 0, 0, 0, None],
        [2024, "Uppföljningsmöte", "", 1, 1, 1, 1, 1, 1],
        [None, "Uppföljningsmöte", "", 0, 1, 0, 0, 0, None],
    ]
    assert table[["done_count", "not_done_count"]].to_numpy().sum() == len(register)
    found = follow_ups.open_deviations(register, as_of=AS_OF)
    assert found["follow_up_id"].tolist() == ["1", "5"]
    assert found["days_open"].tolist() == [244, 577]
    assert follow_ups.follow_ups_by_kind(registers.follow_ups(), as_of=AS_OF).empty
    assert follow_ups.open_deviations(registers.follow_ups(), as_of=AS_OF).empty


EVEN = {"spend": 1, "category_risk": 1, "time_since": 1, "contract_class": 1}


def choose(lines: Any, registers: Any, **more: Any) -> follow_up_choice.FollowUpChoice:
    given_values: dict[str, Any] = {
        "category_risk": {"05": 2, "05.01": 5},
        "weights": EVEN,
        "chosen_count": 1,
        "random_count": 1,
        "seed": 1,
        "as_of": AS_OF,
    }
    contracts = registers.contracts(
        {"contract_class": "C"}, {"contract_class": "A", "ends_on": "2025-12-31"},
        {"contract_class": "A", "ends_on": "2025-12-30"}, {"contract_class": "A", "starts_on": "2026-01-01"},
        {"contract_class": "A"},
    )  # fmt: skip
    scopes = registers.scopes(
        *({"contract_id": contract, "supplier_key": key} for contract, key in ("1a", "2a", "3b", "4b", "1c")),
        {"contract_id": "5", "supplier_key": "c", "through_group": 1},
        {"contract_id": "5"},
    )
    done = registers.follow_ups(
        {"supplier_key": "a", "kind": "audit", "done_on": "2023-12-31"},
        {"supplier_key": "a", "kind": "desk_review", "done_on": "2021-01-01"},
        {"supplier_key": "a", "kind": "meeting", "done_on": "2025-12-01"},
        {"supplier_key": "b", "kind": "self_assessment", "done_on": "2026-01-01"},
        {"supplier_key": "c", "kind": "self_assessment", "done_on": "2025-01-01"},
    )
    return choose_for_follow_up(lines, contracts, scopes, done, **{**given_values, **more})


@pytest.fixture
def purchases(make_matched: Any) -> pd.DataFrame:
    lines = make_matched(
        [
            bought("a", 90_000, category_path="05/05.02"), bought("a", 10_000, category_path="05/05.01"),
            bought("b", 100, category_path="06"), bought("c", 99, category_path="05/05.01"),
            bought("c", 900, category_path="05/05.02"), bought("c", 1, category_path="06"),
            bought("p", 50, supplier_type="sole_trader"), bought("q", 70, supplier_type="sole_trader"),
            bought("tax", 9, spend_class="ej inköp"), bought("credit", -4),
        ]
    )  # fmt: skip
    return lines.assign(category_name=lines["category_path"].str.split("/").str[-1])  # type: ignore[no-any-return]


def test_every_part_of_the_score_is_what_the_hand_reckons(purchases: Any, registers: Any) -> None:
    found = choose(purchases, registers)
    table = found.suppliers.set_index("supplier_key")
    parts_and_score = ["spend_score", "category_risk_score", "time_since_score", "contract_class_score", "score"]
    # a: 10 % of its volume lies in 05.01; two years to the day; the class A contract ends today.
    assert table.loc["a", parts_and_score].tolist() == [5, 5, 3, 5, Decimal("4.50")]
    # b: no risk is given for 06; its follow-up is not done yet; its contracts are not in force.
    assert table.loc["b", parts_and_score].tolist() == [1, None, 5, None, 3]
    # c: 9,9 % in 05.01 is too little; half a year ago; class A only through its group.
    assert table.loc["c", parts_and_score].tolist() == [Decimal("2.33"), 2, 1, 3, Decimal("2.08")]
    assert table["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}
    assert plain(table.loc["a", "explanation"]) == (
        "Poäng 4,50: volym 5 (100 000 kr, vikt 1), kategoririsk 5 (05.01, vikt 1), tid sedan senaste "
        "hållbarhetsuppföljning 3 (senast 2023-12-31, vikt 1), avtalsklass 5 (klass A, vikt 1)."
    )
    assert plain(table.loc["b", "explanation"]) == (
        "Poäng 3,00: volym 1 (100 kr, vikt 1), tid sedan senaste hållbarhetsuppföljning 5 (aldrig, vikt 1); okänt: "
        "kategoririsk och avtalsklass."
    )
    assert [(left.reason.replace("\xa0", " "), left.rows, left.amount_ore) for left in found.excluded] == [
        ("Ej inköp", 1, 900),
        ("Enskilda firmor och privatpersoner (2 st)", 2, 12_000),
        ("Leverantörer med nettovolym noll eller lägre (1 st)", 1, -400),
    ]
    total = sum(left.amount_ore for left in found.excluded) + found.suppliers["amount_ore"].sum()
    assert total == purchases["amount_ore"].sum()
    assert found.chosen["chosen_as_name"].tolist() == ["Risk", "Slump"]
    assert found.chosen["supplier_key"].tolist()[0] == "a"
    assert found.weights["weight"].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("done_on", "score"),
    [("2025-12-31", 1), ("2025-01-01", 1), ("2024-12-31", 2), ("2023-12-31", 3), ("2021-12-31", 5), ("2022-01-01", 4)],
)
def test_the_time_since_counts_whole_years_to_the_day(done_on: str, score: int, purchases: Any, registers: Any) -> None:
    done = registers.follow_ups({"supplier_key": "b", "kind": "audit", "done_on": done_on})
    found = choose_for_follow_up(
        purchases, registers.contracts(), registers.scopes(), done, category_risk={}, weights=EVEN, chosen_count=1,
        random_count=0, seed=1, as_of=AS_OF,
    )  # fmt: skip
    assert found.suppliers.set_index("supplier_key").loc["b", "time_since_score"] == score


def test_weights_decide_and_a_part_without_weight_is_not_spoken_of(purchases: Any, registers: Any) -> None:
    found = choose(purchases, registers, weights={"spend": 3, "time_since": 1})
    table = found.suppliers.set_index("supplier_key")
    assert table["score"].to_dict() == {"a": Decimal("4.50"), "b": Decimal("2.00"), "c": Decimal("2.00")}
    assert table["rank"].to_dict() == {"a": 1, "c": 2, "b": 3}, "the larger volume first when the score is the same"
    assert table["unknown_parts"].tolist() == ["", "", ""]
    assert "kategoririsk" not in table.loc["b", "explanation"]
    only_class = choose(purchases, registers, weights={"contract_class": 2}, chosen_count=3, random_count=0)
    assert only_class.chosen["supplier_key"].tolist() == ["a", "c"], "nobody is chosen by a risk that is unknown"
    unscored = only_class.suppliers.set_index("supplier_key").loc["b"]
    assert (unscored["score"], unscored["explanation"]) == (None, "Poäng saknas; okänt: avtalsklass.")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"weights": {"spend": 0}}, "all weights are 0"),
        ({"weights": {"spent": 1}}, "Did you mean 'spend'"),
        ({"weights": {"spend": -1}}, "weight of spend is -1"),
        ({"category_risk": {"05": 6}}, "risk of category 05 is 6"),
        ({"chosen_count": -1}, "chosen_count is -1"),
        ({"random_count": -1}, "random_count is -1"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(
    wrong: dict[str, Any], words: str, purchases: Any, registers: Any
) -> None:
    with pytest.raises(MeasureError, match=words):
        choose(purchases, registers, **wrong)


def test_without_registers_the_parts_are_unknown_and_not_low(purchases: Any, registers: Any) -> None:
    found = choose_for_follow_up(
        purchases, registers.contracts(), registers.scopes(), registers.follow_ups(), category_risk={}, weights=EVEN,
        chosen_count=1, random_count=0, seed=1, as_of=AS_OF,
    )  # fmt: skip
    first = found.suppliers.iloc[0]
    assert (first["supplier_key"], first["score"]) == ("a", 5)
    assert first["unknown_parts"] == "kategoririsk; tid sedan senaste hållbarhetsuppföljning; avtalsklass"


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(10)), st.integers(0, 5), st.integers(0, 10), st.integers(0, 10**6))
def test_the_sample_is_the_same_in_any_order_of_rows_and_holds_nobody_twice(
    order: list[int], chosen: int, random: int, seed: int
) -> None:
    rows = [
        {"supplier_key": f"s{place % 7}", "supplier_name": f"S{place % 7}", "supplier_type": "company",
         "invoice_key": str(place), "category_path": "05", "category_name": "Städ", "spend_class": "adresserbar",
         "amount_ore": 10**place}
        for place in range(10)
    ]  # fmt: skip
    empty = [pd.DataFrame(columns=names(table)) for table in (CONTRACTS, CONTRACT_SCOPES, FOLLOW_UPS)]
    lines = pd.DataFrame(rows)

    def chosen_from(frame: pd.DataFrame) -> follow_up_choice.FollowUpChoice:
        return choose_for_follow_up(
            frame, *empty, category_risk={}, weights={"spend": 1}, chosen_count=chosen, random_count=random, seed=seed,
            as_of=AS_OF,
        )  # fmt: skip

    found = chosen_from(lines)
    pd.testing.assert_frame_equal(chosen_from(lines.iloc[order]).suppliers, found.suppliers)
    assert len(found.chosen) == min(7, chosen + random)
    assert found.chosen["supplier_key"].is_unique
    assert (found.chosen["chosen_as"] == "risk").sum() == chosen
    assert found.suppliers["chosen_as"].head(chosen).eq("risk").all()


def test_another_seed_gives_another_sample_and_engines_agree(
    year_lines: pd.DataFrame, registers: Any, in_engine: Any
) -> None:
    lines = year_lines.assign(category_path=("0/" + year_lines["category_code"]).astype("str"))
    expected = choose(lines, registers, category_risk={"0": 3}, chosen_count=3, random_count=5)
    for engine in ("polars_lazy", "duckdb"):
        native = in_engine(engine, lines.sample(frac=1, random_state=6))
        other = choose(native, registers, category_risk={"0": 3}, chosen_count=3, random_count=5)
        pd.testing.assert_frame_equal(other.suppliers, expected.suppliers)
        assert other.excluded == expected.excluded
    again = choose(lines, registers, category_risk={"0": 3}, chosen_count=3, random_count=5, seed=2)
    assert again.chosen["supplier_key"].tolist()[:3] == expected.chosen["supplier_key"].tolist()[:3]
    assert set(again.chosen["supplier_key"]) != set(expected.chosen["supplier_key"])
    assert "sole_trader" not in set(
        lines.loc[lines["supplier_key"].isin(expected.suppliers["supplier_key"]), "supplier_type"]
    )


SHOWN = {"Leverantör": "supplier_key", "Inköpsklass": "spend_class", "Planerad": "planned_on", "Gjord": "done_on",
         "Uppföljning gjord": "done_on"}  # fmt: skip


def shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Read a table of a method page row by row; a dash stands for what is missing."""
    return [
        {str(name): None if cell == "–" else cell for name, cell in row.items()} for row in table.to_dict("records")
    ]


def amount(text: str) -> Decimal:
    return Decimal(text.replace("\xa0", "").replace(" ", "").replace(",", "."))


def told(table: pd.DataFrame) -> dict[str, Decimal]:
    return {row["Storhet"]: amount(row["Tal"]) for row in table.to_dict("records")}


def test_the_worked_example_of_follow_ups_done_is_what_the_measure_gives(worked_tables: Any, registers: Any) -> None:
    table, figures = worked_tables("follow_ups_done")
    rows = shown(table.rename(columns=SHOWN))
    register = registers.follow_ups(*({"planned_on": row["planned_on"], "done_on": row["done_on"]} for row in rows))
    figure = follow_ups.follow_ups_done(register, **YEAR)
    assert figure.id == figure.method == "follow_ups_done"
    assert parts(figure) == tuple(told(figures).values())
    assert follow_ups.follow_ups_done(register, **YEAR, yearly_goal=10).value == 40


@pytest.mark.parametrize("name", ["suppliers_followed_up_share", "followed_up_volume_share"])
def test_the_worked_examples_of_followed_up_suppliers_are_what_the_measures_give(
    name: str, worked_tables: Any, make_matched: Any, registers: Any
) -> None:
    table, figures = worked_tables(name)
    rows = shown(table.rename(columns=SHOWN))
    lines = make_matched(
        [
            {"supplier_key": row["supplier_key"], "spend_class": row["spend_class"],
             "amount_ore": int(amount(row["Belopp (kr)"]) * 100)}
            for row in rows
        ]
    )  # fmt: skip
    done = registers.follow_ups(*({"supplier_key": row["supplier_key"], "done_on": row["done_on"]} for row in rows))
    figure = getattr(follow_ups, name)(lines, done, above_ore=1_000_00, **YEAR)
    expected = told(figures)
    assert figure.id == figure.method == name
    assert figure.value.quantize(expected["Värde"]) == expected["Värde"]
    assert (figure.numerator, figure.denominator) == (expected["Täljare"], expected["Nämnare"])
    assert sum(left.amount_ore for left in figure.excluded) == expected["Undantaget"] * 100


def test_the_worked_choice_is_what_the_measure_makes(worked_tables: Any, make_matched: Any, registers: Any) -> None:
    given_rows, expected = (shown(table) for table in worked_tables("choose_for_follow_up"))
    lines = make_matched(
        [
            {"supplier_key": row["Leverantör"], "category_path": row["Kategori"], "category_code": row["Kategori"],
             "amount_ore": int(amount(row["Belopp (kr)"]) * 100)}
            for row in given_rows
        ]
    )  # fmt: skip
    found = choose_for_follow_up(
        lines,
        registers.contracts(
            *({"contract_id": row["Leverantör"], "contract_class": row["Klass"]} for row in given_rows)
        ),
        registers.scopes(
            *({"contract_id": row["Leverantör"], "supplier_key": row["Leverantör"]} for row in given_rows)
        ),
        registers.follow_ups(
            *({"supplier_key": row["Leverantör"], "kind": "audit", "done_on": row["Senast"]} for row in given_rows)
        ),
        category_risk={row["Kategori"]: int(row["Risk"]) for row in given_rows if row["Risk"]},
        weights={**EVEN, "category_risk": 2},
        chosen_count=1,
        random_count=0,
        seed=1,
        as_of=AS_OF,
    )
    rows = found.suppliers[["supplier_key", "score", "chosen_as_name"]].to_numpy().tolist()
    assert rows == [[row["Leverantör"], amount(row["Poäng"]), row["Vald"] or ""] for row in expected]

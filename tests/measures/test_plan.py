"""Schedules, conflicts, overload and follow-up, by hand on the method page and by planted cases."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import plan
from procanalysis.measures.plan import ACTION_COLUMNS, quarter_name, quarter_number, schedule


def actions(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Make actions of (id, start, end, depends_on, role, days, done); what is left out is unknown."""
    filled = [(*row, *(None, None, (), "", None, None)[len(row) - 1 :]) for row in rows]
    ordered = [(r[0], r[0].title(), r[1], r[2], r[4], r[5], r[3], r[6]) for r in filled]
    return pd.DataFrame(ordered, columns=ACTION_COLUMNS, dtype=object)


def test_a_chain_is_moved_as_far_as_what_it_waits_for_and_no_further() -> None:
    found = schedule(
        actions(
            ("third", "2025-Q2", "2025-Q2", ("second",)),
            ("first", "2025-Q1", "2025-Q3"),
            ("second", "2025-Q2", "2025-Q3", ("first",)),
            ("free", "2025-Q1"),
        )
    ).set_index("action_id")
    assert found.loc["first", ["scheduled_start", "scheduled_end"]].tolist() == ["2025-Q1", "2025-Q3"]
    assert found.loc["second", ["scheduled_start", "scheduled_end"]].tolist() == ["2025-Q3", "2025-Q4"]
    assert found.loc["third", ["scheduled_start", "scheduled_end"]].tolist() == ["2025-Q4", "2025-Q4"]
    assert found["moved_count"].to_dict() == {"third": 2, "first": 0, "second": 1, "free": 0}
    assert (
        found.loc["second", "conflict"] == "Planerad 2025-Q2, men väntar på ”First” (klar 2025-Q3). Tidigast 2025-Q3."
    )
    assert found.loc["free", "conflict"] == found.loc["first", "conflict"] == ""


def test_the_same_quarter_is_no_conflict_and_what_is_done_counts_as_it_was_done() -> None:
    found = schedule(actions(("a", "2025-Q1"), ("b", "2025-Q1", None, ("a",))))
    assert found["conflict"].tolist() == ["", ""]
    late = schedule(actions(("a", "2025-Q1", None, (), "", None, "2025-Q3"), ("b", "2025-Q2", None, ("a",))))
    assert late["scheduled_start"].tolist() == ["2025-Q1", "2025-Q3"]


def test_an_action_without_quarter_stays_so_and_moves_nobody() -> None:
    found = schedule(actions(("a",), ("b", "2025-Q1", None, ("a",))))
    assert found["scheduled_start"].tolist() == [None, "2025-Q1"]
    assert found["conflict"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a", "2025-Q1", None, ("a",))], "in a circle: a"),
        ([("a", "2025-Q1", None, ("b",)), ("b", "2025-Q1", None, ("c",)), ("c", "2025-Q1", None, ("a",))], "circle"),
        ([("abc", "2025-Q1"), ("b", "2025-Q1", None, ("abd",))], "Did you mean 'abc'"),
        ([("a", "2025-Q5")], "'2025-Q5' is not a quarter"),
        ([("a", "2025-Q3", "2025-Q1")], "ends before it starts"),
        ([("a", "2025-Q1"), ("a", "2025-Q1")], "stands twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(rows: list[tuple[Any, ...]], words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        schedule(actions(*rows))


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4), st.lists(st.integers(0, 9), max_size=3)),
        min_size=1,
        max_size=10,
    )
)
def test_no_scheduled_action_begins_before_what_it_waits_for_is_done(rows: list[tuple[int, int, list[int]]]) -> None:
    base = quarter_number("2025-Q1")
    given_actions = actions(
        *(
            (f"n{n}", quarter_name(base + start), quarter_name(base + start + length),
             tuple(f"n{d}" for d in sorted(set(needs)) if d < n))
            for n, (start, length, needs) in enumerate(rows)
        )
    )  # fmt: skip
    found = {row["action_id"]: row for row in schedule(given_actions).to_dict("records")}
    for row in found.values():
        first, last = quarter_number(row["scheduled_start"]), quarter_number(row["scheduled_end"])
        assert last - first == quarter_number(row["end"]) - quarter_number(row["start"]), "the length stays"
        assert first >= quarter_number(row["start"]), "nothing is moved forward"
        waits = [quarter_number(found[name]["scheduled_end"]) for name in row["depends_on"]]
        assert all(end <= first for end in waits)
        assert (row["conflict"] != "") == (row["moved_count"] > 0) == (first > quarter_number(row["start"]))
        assert first == max([quarter_number(row["start"]), *waits]), "and not later than needed"


def test_overload_names_role_quarter_and_limit() -> None:
    found = schedule(
        actions(
            ("a", "2025-Q1", "2025-Q2", (), "Chef", 20),
            ("b", "2025-Q2", None, (), "Chef", 35),
            ("c", "2025-Q2", None, (), "Chef", None),
            ("d", "2025-Q2", None, (), "Annan", 5),
            ("e", "2025-Q2", None, (), "Chef", 99, "2025-Q1"),
            ("f", "2025-Q2", None, (), "", 99),
        )
    )
    load = plan.load(found).set_index(["role", "quarter"])
    assert load.loc[("Chef", "2025-Q2"), ["actions_count", "days", "without_effort_count"]].tolist() == [3, 45, 1]
    assert load.loc[("Chef", "2025-Q1"), "days"] == 10
    heavy = plan.overload(found, most_actions=2, most_days=Decimal(40))
    assert heavy[["role", "quarter", "problem"]].values.tolist() == [
        ["Chef", "2025-Q2", "3 åtgärder, högst 2; 45 dagar, högst 40"]
    ]
    assert plan.overload(found, most_actions=3).empty
    with pytest.raises(MeasureError, match="most_actions must be 1 or more"):
        plan.overload(found, most_actions=0)


def test_effort_that_nobody_knows_is_unknown_and_not_zero() -> None:
    assert plan.load(schedule(actions(("a", "2025-Q1", None, (), "Chef"))))["days"].tolist() == [None]


def test_the_worked_example_of_follow_up_is_what_the_measure_gives(
    worked_tables: Callable[[str], list[pd.DataFrame]],
) -> None:
    table, figures = worked_tables("plan_done_share")
    rows = table.replace("–", None).to_dict("records")
    names = [(row["Åtgärd"].lower().replace("-", ""), row) for row in rows]
    before = actions(*((name, row["Först planerad klar"]) for name, row in names))
    now = actions(*((name, row["Nu planerad klar"], None, (), "", None, row["Klar"]) for name, row in names))
    followed = plan.follow_up(now, before, as_of="2025-Q4")
    assert followed["state"].tolist() == [row["Läge"] for row in rows]
    figure = plan.plan_done_share(followed, as_of="2025-Q4")
    expected = dict(figures.to_numpy().tolist())
    assert [str(each) for each in (figure.value, figure.numerator, figure.denominator)] == list(expected.values())
    assert figure.id == figure.method == "plan_done_share"


def test_what_was_taken_out_is_told_and_counts_as_not_done_when_due() -> None:
    before = actions(("a", "2025-Q1"), ("gone", "2025-Q2"))
    now = actions(("a", "2025-Q1", None, (), "", None, "2025-Q1"), ("fresh", "2026-Q1"))
    followed = plan.follow_up(now, before, as_of="2025-Q4")
    assert dict(zip(followed["action_id"], followed["state"], strict=True)) == {
        "a": "Klar", "fresh": "Ny", "gone": "Struken ur planen",
    }  # fmt: skip
    assert plan.plan_done_share(followed, as_of="2025-Q4").value == 50


def test_a_plan_that_was_not_followed_up_has_no_figure_but_a_reason() -> None:
    followed = plan.follow_up(actions(("a", "2025-Q1")), None, as_of="")
    assert followed.empty
    figure = plan.plan_done_share(followed, as_of="", why_unknown="Ingen uppföljning")
    assert (figure.value, figure.denominator, figure.unknown_because) == (None, None, "Ingen uppföljning")


def test_every_phase_has_one_driver() -> None:
    roles = pd.DataFrame([("A", "Analys", "Driver"), ("B", "Analys", "Beslutar")], columns=["role", "phase", "part"])
    assert plan.phase_matrix(roles, ["Analys"]).values.tolist() == [["A", "Driver"], ["B", "Beslutar"]]
    with pytest.raises(MeasureError, match="'Mätning' has 0 drivers"):
        plan.phase_matrix(roles, ["Analys", "Mätning"])
    assert plan.phase_matrix(roles.head(0), ["Analys"]).empty


def test_indicators_are_named_with_the_actions_that_should_move_them() -> None:
    given_actions = actions(("a", "2025-Q1"), ("b", "2025-Q1")).assign(indicators=[("x",), ("x", "y")])
    found = plan.indicators_of_actions(pd.DataFrame({"indicator_id": ["y", "x", "z"]}), given_actions)
    assert found.values.tolist() == [["y", "B"], ["x", "A; B"]]


def amount_ore(text: str) -> int | None:
    return None if text == "–" else round(Decimal(text.replace("\xa0", "").replace(" ", "").replace(",", ".")) * 100)


def test_the_worked_savings_are_what_the_measures_give(worked_tables: Callable[[str], list[pd.DataFrame]]) -> None:
    given_rows, per_gap, figures = worked_tables("estimated_saving")
    names = ["Beställning", "System", "Kategorier", "Uppdrag", "Personal"]
    planned = pd.DataFrame(
        [
            {
                "dimensions": () if row["Gap"] == "–" else tuple(row["Gap"].split("; ")),
                "saving_ore": amount_ore(row["Besparing per år (kr)"]),
                "saving_by": row["Uppskattad av"].replace("–", ""),
            }
            for row in given_rows.to_dict("records")
        ],
        dtype=object,
    )
    positions = pd.DataFrame([(name, name, None) for name in names], columns=["dimension_id", "dimension_name", "gap"])
    found = plan.savings_per_gap(planned, positions).to_dict("records")
    assert [
        (row["dimension_name"], row["actions_count"], row["unknown_count"], row["saving_ore"]) for row in found
    ] == [
        (row["Gap"], int(row["Åtgärder"]), int(row["Okända"]), amount_ore(row["Besparing per år (kr)"]))
        for row in per_gap.to_dict("records")
    ]
    assert found[1]["saving_by"] == "Ekonomichef; Inköpschef"
    figure = plan.estimated_saving(planned)
    assert figure.value is not None and figure.value * 100 == amount_ore(figures["Tal"].iloc[0])
    assert figure.id == figure.method == "estimated_saving"
    assert figure.comparison == "3 av 5 åtgärder är uppskattade, 2 är okända"


def test_what_nobody_has_estimated_is_unknown_and_an_estimate_of_zero_is_zero() -> None:
    nobody = pd.DataFrame({"saving_ore": [None, None]}, dtype=object)
    figure = plan.estimated_saving(nobody)
    assert (figure.value, figure.unknown_because) == (None, "Ingen har uppskattat vad åtgärderna sparar")
    assert plan.estimated_saving(pd.DataFrame({"saving_ore": [0, None]}, dtype=object)).value == 0


def test_the_next_quarters_hold_what_is_late_and_what_begins_in_them_but_nothing_done() -> None:
    scheduled = schedule(
        actions(
            ("late", "2025-Q1", "2025-Q2"),
            ("next", "2026-Q1"),
            ("later", "2026-Q3"),
            ("edge", "2026-Q2"),
            ("done", "2025-Q1", "2025-Q1", (), "", None, "2025-Q1"),
            ("always", None),
        )
    )
    assert plan.next_quarters(scheduled, after="2025-Q4", quarters=2)["action_id"].tolist() == ["late", "next", "edge"]
    assert plan.next_quarters(scheduled, after="", quarters=1)["action_id"].tolist() == ["late"]
    assert plan.next_quarters(scheduled.iloc[4:], after="2025-Q4").empty
    with pytest.raises(MeasureError, match="quarters is 0"):
        plan.next_quarters(scheduled, after="", quarters=0)

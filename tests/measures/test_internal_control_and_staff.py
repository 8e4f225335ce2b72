"""Internal control and staff: the worst first, nothing lost on the way, and unknown where nothing is reported."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import internal_control, staff
from procanalysis.schema import INTERNAL_CONTROLS, STAFF_FIGURES, STATUS_SCALES, names

STEPS = (("Ingen avvikelse", "green"), ("Mindre avvikelse", "amber"), ("Stor avvikelse", "red"))
Tables = Callable[[str], list[pd.DataFrame]]


def scale(name: str = "internal_control") -> pd.DataFrame:
    rows = [
        {"organisation": "prov", "scale": name, "step": at, "status": status, "colour": colour, "source": "Prov"}
        for at, (status, colour) in enumerate(STEPS, start=1)
    ]
    return pd.DataFrame(rows, columns=names(STATUS_SCALES))


def risks(*rows: tuple[str | None, str | None]) -> pd.DataFrame:
    """Make one risk per result and planned action."""
    made = [
        {"number": at, "risk": f"Risk {at}", "result": result, "actions": actions}
        for at, (result, actions) in enumerate(rows, start=1)
    ]
    return pd.DataFrame(made, columns=names(INTERNAL_CONTROLS), dtype=object)


def test_the_worst_come_first_with_their_colour() -> None:
    given_risks = risks(
        ("Ingen avvikelse", None),
        (None, "Möte"),
        ("Stor avvikelse", "Möte"),
        ("Mindre avvikelse", " "),
        ("Stor avvikelse", None),
    )
    found = internal_control.controls_by_result(given_risks, scale())
    assert list(found["number"]) == [3, 5, 4, 1, 2]
    assert list(found["colour"]) == ["red", "red", "amber", "green", None]
    assert list(found["is_deviation"]) == [1, 1, 1, 0, 0]
    assert list(found["lacks_action"]) == [0, 1, 1, 0, 0]
    assert found["result_name"].iloc[-1] == "Resultat saknas"
    counts = internal_control.control_counts(found, scale())
    assert list(counts["count"]) == [2, 1, 1, 1]


results = st.lists(
    st.tuples(st.sampled_from([None, *(status for status, _ in STEPS)]), st.sampled_from([None, "", "Möte"])),
    max_size=12,
)


@given(results)
@settings(max_examples=15, deadline=None)
def test_no_risk_is_lost_and_the_counts_add_up(rows: list[tuple[str | None, str | None]]) -> None:
    found = internal_control.controls_by_result(risks(*rows), scale())
    counts = internal_control.control_counts(found, scale())
    figure = internal_control.controls_with_deviation(found)
    assert sorted(found["number"]) == list(range(1, len(rows) + 1))
    assert int(counts["count"].sum()) == len(rows)
    # Counted by hand, without the frames.
    known = [result for result, _ in rows if result is not None]
    if known:
        assert (figure.value, figure.denominator) == (sum(one != "Ingen avvikelse" for one in known), len(known))
        assert sum(each.rows for each in figure.excluded) == len(rows) - len(known)
    else:
        assert figure.value is None and figure.unknown_because


def test_controls_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MeasureError, match=r"'Stor avikelse' is no step of the scale\. Did you mean 'Stor avvikelse'"):
        internal_control.controls_by_result(risks(("Stor avikelse", None)), scale())
    with pytest.raises(MeasureError, match="The scale has no steps"):
        internal_control.controls_by_result(risks(("Stor avvikelse", None)), scale("board_goal"))
    two = pd.concat([scale(), scale().assign(organisation="annan")])
    with pytest.raises(MeasureError, match="several organisations"):
        internal_control.controls_by_result(risks(), two)


def test_the_worked_controls(worked_tables: Tables) -> None:
    table, told = worked_tables("controls_with_deviation")
    rows = [
        (None if row["Resultat"] == "–" else row["Resultat"], None if row["Planerad åtgärd"] == "–" else "Möte")
        for row in table.to_dict("records")
    ]
    found = internal_control.controls_by_result(risks(*rows), scale())
    figure = internal_control.controls_with_deviation(found)
    expected = dict(zip(told["Storhet"], map(int, told["Tal"]), strict=True))
    assert figure.id == figure.method == "controls_with_deviation"
    assert (figure.value, figure.numerator, figure.denominator) == (
        expected["Värde"], expected["Täljare"], expected["Nämnare"],
    )  # fmt: skip
    assert sum(each.rows for each in figure.excluded) == expected["Undantagna"]
    assert int(found["lacks_action"].sum()) == expected["Utan åtgärd"]


def figures(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    made: list[dict[str, Any]] = [
        {
            "organisation": "prov",
            "year": year,
            "figure": figure,
            "value": Decimal(value),
            "unit": unit,
            "source": "Prov",
        }
        for year, figure, value, unit in rows
    ]
    return pd.DataFrame(made, columns=names(STAFF_FIGURES), dtype=object)


def test_staff_of_a_year_beside_the_year_before() -> None:
    given_figures = figures(
        (2025, "anställda 31 dec", "43", "personer"), (2024, "anställda 31 dec", "44", "personer"),
        (2025, "vakans", "1.25", "tjänster"), (2024, "vakans", "1", "tjänster"), (2025, "kurser", "3", "st"),
        (2024, "slutat", "2", "st"), (2025, "timmar", "80", "h"), (2024, "timmar", "85", "%"),
        (2023, "gammalt", "1", "st"),
    )  # fmt: skip
    found = staff.staff_rows(given_figures, 2025).set_index("figure")
    assert list(found.index) == ["anställda 31 dec", "vakans", "kurser", "timmar", "slutat"]
    assert found["change_text"].tolist() == [
        "−1", "+0,25", "uppgift saknas för 2024", "enheten var % 2024", "uppgift saknas för 2025",
    ]  # fmt: skip
    assert found.loc["slutat", "value"] is None and found.loc["kurser", "change"] is None
    known = found[found["change"].notna()]
    assert (known["previous"] + known["change"] == known["value"]).all()


@pytest.mark.parametrize(
    ("rows", "because"),
    [
        ((), "inte redovisat för 2025"),
        (((2024, "anställda", "9", "st"),), "inte redovisat för 2025"),
        (((2025, "anställda", "9", "st"), (2025, "Anställda 31 dec", "8", "st")), "2 tal om antal anställda"),
    ],
)
def test_a_head_count_that_is_not_reported_is_unknown(rows: Any, because: str) -> None:
    figure = staff.head_count(figures(*rows), 2025)
    assert figure.value is None and because in figure.unknown_because


def test_staff_of_several_organisations_is_refused() -> None:
    rows = figures((2025, "anställda", "9", "st"))
    with pytest.raises(MeasureError, match="several organisations"):
        staff.staff_rows(pd.concat([rows, rows.assign(organisation="annan")]), 2025)


def test_the_worked_head_count(worked_tables: Tables) -> None:
    table, told = worked_tables("head_count")
    given_figures = figures(*((int(r["År"]), r["Uppgift"], r["Tal"], r["Enhet"]) for r in table.to_dict("records")))
    expected = dict(zip(told["Storhet"], told["Tal"], strict=True))
    figure = staff.head_count(given_figures, 2025)
    assert (figure.value, figure.unit) == (int(expected["Värde"]), "personer")
    assert figure.comparison.replace("\u00a0", " ") == "44 personer 2024, 1 färre nu"
    first = staff.staff_rows(given_figures, 2025).iloc[0]
    assert first["change_text"] == expected["Förändring"]

"""The parts of a board's report: small lines that never join what is broken or missing, and words for each of them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import ReportError
from procanalysis.report import style
from procanalysis.report.indicators import (
    Mark,
    board_table,
    deviation_points,
    draw_sparkline,
    finding_points,
    goal_table,
    history_in_words,
    reason_points,
    trend_points,
)
from procanalysis.schema import Source

SVG = "{http://www.w3.org/2000/svg}"
ACCENT = style.ACCENT
SOURCE = Source(text="Verksamhetsberättelse 2025.", organisation="Nämnden")
HOSTILE = '</td><script>alert(1)</script>{{ 7*7 }} "x'


def outcome(year: int, value: Any, **more: Any) -> Mark:
    return Mark("outcome", year, Decimal(str(value)), **more)


def shapes(svg: str, kind: str) -> list[dict[str, str]]:
    return [dict(node.attrib) for node in ElementTree.fromstring(svg).iter(f"{SVG}{kind}")]


def joined(svg: str) -> int:
    """Count the lines between outcomes: neither targets nor breaks."""
    others = (style.REFERENCE, style.MUTED_TEXT)
    return sum(line["stroke"] not in others for line in shapes(svg, "line"))


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


# The small line


def test_years_that_follow_on_each_other_are_joined() -> None:
    svg = draw_sparkline([outcome(2023, 12), outcome(2024, 20), outcome(2025, 23.5)], year=2025, accent=ACCENT)
    assert joined(svg) == 2 and len(shapes(svg, "circle")) == 3 and texts(svg) == ["2023", "2025"]
    heights = [float(circle["cy"]) for circle in shapes(svg, "circle")]
    assert heights == sorted(heights, reverse=True), "higher outcomes stand higher"
    assert [float(circle["r"]) for circle in shapes(svg, "circle")] == [2.8, 2.8, 4.0], "the year's own is the largest"


def test_a_broken_series_is_drawn_broken_and_what_it_replaced_in_grey() -> None:
    marks = [outcome(2023, 3, part=-1, is_replaced=True), outcome(2024, 4, part=0), Mark("break", 2024)]
    svg = draw_sparkline(marks, year=2024, accent=ACCENT)
    assert joined(svg) == 0
    assert [line["stroke-dasharray"] for line in shapes(svg, "line")] == ["3 2.5"]
    assert [circle["stroke"] for circle in shapes(svg, "circle")] == [style.MUTED_MARK, ACCENT]


def test_a_missing_year_leaves_a_gap_and_a_year_told_to_be_missing_a_question_mark() -> None:
    svg = draw_sparkline([outcome(2021, 1), outcome(2023, 2)], year=2023, accent=ACCENT)
    assert joined(svg) == 0 and "?" not in texts(svg)
    told = draw_sparkline([outcome(2021, 1), outcome(2022, 2), Mark("missing", 2023)], year=2023, accent=ACCENT)
    assert joined(told) == 1 and texts(told) == ["?", "2021", "2023"] and len(shapes(told, "circle")) == 2


def test_a_doubtful_outcome_is_hollow() -> None:
    svg = draw_sparkline([outcome(2024, 1), outcome(2025, 2, is_doubtful=True)], year=2025, accent=ACCENT)
    assert [circle["fill"] for circle in shapes(svg, "circle")] == [ACCENT, style.BACKGROUND]


def test_a_target_stands_at_its_own_year_and_no_other() -> None:
    svg = draw_sparkline(
        [outcome(2024, 1), outcome(2025, 2), Mark("target", 2025, Decimal(3))], year=2025, accent=ACCENT
    )
    [target] = [line for line in shapes(svg, "line") if line["stroke"] == style.REFERENCE]
    now, before = shapes(svg, "circle")[1], shapes(svg, "circle")[0]
    assert (float(target["x1"]) + float(target["x2"])) / 2 == pytest.approx(float(now["cx"]), abs=0.1)
    assert float(target["x1"]) > float(before["cx"]) + 11
    assert float(target["y1"]) < float(now["cy"])


def test_without_an_outcome_nothing_is_drawn_and_too_many_years_are_refused() -> None:
    assert draw_sparkline([Mark("missing", 2025), Mark("target", 2025, Decimal(1))], year=2025, accent=ACCENT) == ""
    with pytest.raises(ReportError, match="41 years"):
        draw_sparkline([outcome(1985, 1), outcome(2025, 2)], year=2025, accent=ACCENT)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(2000, 2030), st.tuples(st.decimals(-1e6, 1e6, places=2), st.booleans()), min_size=1),
    st.sets(st.integers(2000, 2030), max_size=3),
)
def test_whatever_the_series_all_stands_within_the_drawing(points: dict[int, Any], broken: set[int]) -> None:
    marks = [
        outcome(year, value, part=sum(limit <= year for limit in broken), is_doubtful=doubtful)
        for year, (value, doubtful) in points.items()
    ]
    svg = draw_sparkline([*marks, *(Mark("break", year) for year in broken)], year=max(points), accent=ACCENT)
    circles = shapes(svg, "circle")
    assert len(circles) == len(points)
    assert all(4 <= float(circle["cx"]) <= 146 and 3 <= float(circle["cy"]) <= 31 for circle in circles)
    assert all(float(node["font-size"]) >= 11 for node in shapes(svg, "text"))
    adjoining = sum(year + 1 in points and year + 1 not in broken for year in points)
    assert joined(svg) == adjoining


# The table


def history(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"indicator_id": "A", "name": "Andel", "kind": "outcome", "kind_name": "Utfall", "part": 0, "value": None,
             "value_text": "", "number_text": "", "is_doubtful": False, "is_replaced": False, "note": ""}  # fmt: skip
    return pd.DataFrame([usual | row for row in rows], columns=[*usual, "year"], dtype=object)


def rows(**more: Any) -> pd.DataFrame:
    usual = {"indicator_id": "A", "name": "Andel", "goal": "God hushållning", "status": "not_met",
             "status_name": "Målet är inte uppnått", "target_text": "minst 30 %",
             "later_target_text": "2026: minst 30 %",
             "outcome_text": "23,5 % (40 av 170)", "distance_text": "−6,5\u00a0procentenheter",
             "deviation_pct": Decimal("-21.66"), "comment": "Osäkert: suddigt.", "rule": "Målet är uppnått om …",
             "outcome": Decimal("23.5")}  # fmt: skip
    return pd.DataFrame([usual | more])


YEARS = history(
    {"year": 2024, "value": Decimal(20), "value_text": "20\u00a0%", "number_text": "20"},
    {"year": 2025, "value": Decimal("23.5"), "value_text": "23,5\u00a0%", "number_text": "23,5", "is_doubtful": True},
    {"year": 2025, "kind": "target", "value": Decimal(30), "value_text": "minst 30\u00a0%"},
    {"year": 2025, "kind": "break", "note": "Ny fråga"},
)


def test_the_table_says_in_words_what_the_small_line_shows() -> None:
    part = board_table(rows(), YEARS, year=2025, title="Mätetalen", source=SOURCE)
    html = str(part.html).replace("\u00a0", " ")
    told = "Utfall 2024: 20 %; 2025: 23,5 % (osäkert). Mål 2025: minst 30 %. Serien är bruten från 2025: Ny fråga."
    assert f'alt="{told}"' in html
    assert "2024: 20; 2025: 23,5" in html and "avstånd −6,5 procentenheter" in html
    assert "✕</span> Inte uppnått" in html and 'scope="rowgroup"' in html
    assert re.search(r"Osäkert: suddigt\. Serien är bruten från 2025: Ny fråga\.", html)
    assert part.data["sheet"] == "Mätetal" and len(part.data["rows"]) == 1


def test_every_status_has_symbol_and_word_and_a_row_without_outcomes_says_so() -> None:
    words = {"met": "✓</span> Uppnått", "unknown": "?</span> Kan inte avgöras", "followed": "–</span> Följs utan mål"}
    for status, shown in words.items():
        part = board_table(rows(status=status), history(), year=2025, title="Mätetalen", source=SOURCE)
        assert shown in str(part.html) and "Inga utfall" in str(part.html)


def test_text_from_the_files_is_only_text() -> None:
    part = board_table(
        rows(name=HOSTILE, goal=HOSTILE, comment=HOSTILE),
        YEARS.assign(note=HOSTILE),
        year=2025,
        title=HOSTILE,
        source=SOURCE,
    )
    assert "<script" not in str(part.html) and "49" not in str(part.html)


def test_a_frame_without_a_column_or_a_report_without_source_is_refused() -> None:
    with pytest.raises(ReportError, match="comment"):
        board_table(rows().drop(columns="comment"), YEARS, year=2025, title="Mätetalen", source=SOURCE)
    with pytest.raises(ReportError, match="source"):
        board_table(rows(), YEARS, year=2025, title="Mätetalen", source=None)  # type: ignore[arg-type]


def test_a_history_without_outcomes_is_told() -> None:
    assert history_in_words([]) == "Inga utfall."
    [missing] = history({"year": 2023, "kind": "missing"}).to_dict("records")
    assert history_in_words([missing]).replace("\u00a0", " ") == "Utfall 2023: saknas."


# The lists


def test_deviations_are_told_with_outcome_target_and_share() -> None:
    told = deviation_points(rows(), source=SOURCE, otherwise="Inget").text.replace("\u00a0", " ")
    assert told == "- Andel: 23,5 % (40 av 170) mot målet minst 30 %. Avståndet −6,5 procentenheter är 21,7 % av målet."
    bare = deviation_points(rows(deviation_pct=None), source=SOURCE, otherwise="Inget").text
    assert "av målet" not in bare
    assert "Inget missat" in deviation_points(rows()[:0], source=SOURCE, otherwise="Inget missat").text


def goals(**more: Any) -> pd.DataFrame:
    usual = {"goal_number": "2.5", "goal": "Hushållning", "printed": None, "colour": None, "suggested": "Risk",
             "met_count": 1, "not_met_count": 2, "undecided_count": 0,
             "verdict_name": "Ingen status är tryckt"}  # fmt: skip
    return pd.DataFrame([usual | more])


def test_goals_show_the_printed_status_beside_what_the_outcomes_suggest() -> None:
    told = goal_table(goals(), source=SOURCE, otherwise="Inga", note="Regeln").text
    assert "2.5 Hushållning | ? Ingen status är tryckt | Risk | 1 uppnådda, 2 inte uppnådda" in told
    other = goal_table(goals(printed="Bra", colour="green"), source=SOURCE, otherwise="Inga", note="Regeln").text
    assert "✓ Bra | Risk, inte den tryckta" in other
    same = goal_table(goals(printed="Risk", colour="amber"), source=SOURCE, otherwise="Inga", note="Regeln").text
    assert "▲ Risk | Risk |" in same
    assert "Inga mål" in goal_table(goals()[:0], source=SOURCE, otherwise="Inga mål", note="Regeln").text


def test_a_board_without_printed_goals_is_not_compared() -> None:
    part = goal_table(goals(goal_number="", suggested=""), source=SOURCE, otherwise="Inga", note="Regeln")
    assert "Tryckt status" not in part.text and "inte tryckt någon status" in str(part.html)


def test_long_lists_of_names_say_how_many_more_there_are() -> None:
    frame = pd.DataFrame(
        [{"reason": "Inget mål", "indicators_count": 40, "names": tuple(f"Mätetal {n:02}" * 3 for n in range(40))}]
    )
    told = reason_points(frame, source=SOURCE, otherwise="Alla").text
    more = int(re.search(r"och (\d+) till\.$", told)[1])  # type: ignore[index]
    assert told.count("; ") + 1 + more == 40 and "(40 mätetal)" in told
    assert "Alla" in reason_points(frame[:0], source=SOURCE, otherwise="Alla").text


def test_trends_are_told_where_they_are_sure_and_otherwise_how_far_it_is() -> None:
    def told(*rows: tuple[str, str, int, str]) -> str:
        frame = pd.DataFrame(rows, columns=["name", "verdict", "points_count", "sentence"])
        return trend_points(frame, source=SOURCE).text

    assert told(("A", "rising", 7, "Stiger."), ("B", "too_few", 2, "För få.")) == "- A: Stiger."
    assert told(("B", "too_few", 2, "För få.")) == (
        "Ingen serie är lång nog för en trend eller en prognos: den längsta har 2 säkra och jämförbara år."
    )
    assert told(("B", "no_clear", 6, "Nej.")).startswith("Ingen serie visar en säker trend: den längsta har 6")


def test_findings_are_listed_or_said_not_to_exist() -> None:
    frame = pd.DataFrame([{"rule_name": "Delarna ska ge summan", "sentence": "Talen går inte ihop."}])
    assert finding_points(frame, year=2025, source=SOURCE).text == "- Delarna ska ge summan. Talen går inte ihop."
    assert "Inga tryckta tal om 2025" in finding_points(frame[:0], year=2025, source=SOURCE).text

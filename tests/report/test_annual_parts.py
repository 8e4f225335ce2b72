"""The parts of an annual report: running text, goals, boxes, statement, deviations, risks, and what is not there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import nbformat
import pandas as pd
import pytest
from page_reader import PageReader

from procanalysis import report
from procanalysis.errors import ReportError
from procanalysis.measures import income_statement, indicators, internal_control, savings, staff
from procanalysis.read.registers import frame_of
from procanalysis.report import annual
from procanalysis.report.notebook_html import export_html
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    INCOME_STATEMENTS,
    INDICATOR_TARGETS,
    INDICATOR_VALUES,
    INDICATORS,
    INTERNAL_CONTROLS,
    PUBLISHED_SAVINGS,
    SERIES_BREAKS,
    STAFF_FIGURES,
    STATUS_SCALES,
    KeyFigure,
    Source,
)

SOURCE = Source(text="Verksamhetsberättelse 2025.", organisation="Nämnden")
HOSTILE = '</td><script>alert(1)</script>{{ 7*7 }} "x'
TKR = 100_000
OWN = {"organisation": "prov", "year": 2025, "source": "Rapport"}


def plain(part: report.Part) -> str:
    return part.text.replace("\u00a0", " ")


def is_sound(part: report.Part) -> PageReader:
    """Read the part as a browser does: every tag is closed, and nothing in it runs."""
    page = PageReader(part.html)
    assert not page.open and not page.all("script")
    assert "{{ 7*7 }}" in "".join(page.text) or "{{" not in part.html
    return page


@dataclass(frozen=True)
class Text:
    """A reviewed text of any kind, as the file of texts has it."""

    title: str = ""
    status: str = ""
    text: str = ""
    analysis: str = ""
    action: str = ""
    decided_tkr: int | None = None
    used_tkr: int | None = None


@dataclass(frozen=True)
class Reviewed:
    is_missing: bool = False
    reviewed_by: str = "Verksamhetschefen"
    reviewed_on: date | None = date(2026, 2, 1)


@dataclass(frozen=True)
class Statement:
    """An income statement in tkr: (row, kind, outcome, budget, printed difference, year before)."""

    rows: list[tuple[str, str, int, int, int | None, int]] = field(
        default_factory=lambda: [
            ("Avgifter", "income", 1200, 1000, 200, 900),
            ("Intäkter", "income_total", 1200, 1000, 200, 900),
            ("Personal", "cost", -700, -600, -100, -650),
            ("Hyra", "cost", -494, -400, -94, -250),
            ("Kostnader", "cost_total", -1195, -1000, -195, -900),
            ("Resultat", "result", 0, 0, 0, 0),
        ]
    )

    def frame(self) -> pd.DataFrame:
        records = [
            OWN | {"row_number": place, "row": row, "kind": kind, "outcome_ore": out * TKR,
                   "budget_to_date_ore": budget * TKR,
                   "difference_to_date_ore": None if difference is None else difference * TKR,
                   "outcome_previous_year_ore": before * TKR}
            for place, (row, kind, out, budget, difference, before) in enumerate(self.rows, 1)
        ]  # fmt: skip
        return income_statement.income_rows(frame_of(records, INCOME_STATEMENTS))


def figure(identity: str, value: int | None, **more: Any) -> KeyFigure:
    because = "" if value is not None else "Okänt"
    exact = None if value is None else Decimal(value)
    given = {"label": identity, "unit": "tkr", "method": identity, "unknown_because": because}
    return KeyFigure(id=identity, value=exact, **{**given, **more})


def goals(*rows: tuple[str, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"goal_number": number, "goal": f"Mål {number}", "printed": printed, "colour": colour, "suggested": "",
             "met_count": 1, "not_met_count": 0, "undecided_count": 2, "verdict_name": "Lika", "sentence": ""}
            for number, printed, colour in rows
        ]
    )  # fmt: skip


def controls(*rows: tuple[int, str | None, str | None], name: str = "Risk") -> pd.DataFrame:
    scale = [("Bra", "green"), ("Sådär", "amber"), ("Illa", "red")]
    steps = [OWN | {"scale": "internal_control", "step": step, "status": status, "colour": colour}
             for step, (status, colour) in enumerate(scale, 1)]  # fmt: skip
    records = [
        {"number": n, "risk": f"{name} {n}", "result": result, "actions": actions} for n, result, actions in rows
    ]
    return internal_control.controls_by_result(
        frame_of(records, INTERNAL_CONTROLS), frame_of(steps, STATUS_SCALES)
    )  # fmt: skip


# Running text


def summary(**more: Any) -> report.Part:
    given: dict[str, Any] = {
        "year": 2025, "counts": {"total": 5, "met": 2, "missed": 1, "undecided": 2, "followed": 0, "doubtful": 0},
        "behind": pd.DataFrame([{"name": "Samordning", "outcome_text": "23 %", "target_text": "minst 30 %"}]),
        "goals": goals(("1", "Bra", "green"), ("2", "Illa", "red"), ("3", None, None)), "figures": [],
        "controls": controls(), "texts": [], "signed": "", "source": SOURCE,
    }  # fmt: skip
    return annual.summary_text(**(given | more))


def test_the_summary_reads_as_text_and_leaves_out_what_is_not_known() -> None:
    told = summary(texts=["Året var långt."], signed="Skrivet av chefen.")
    assert plain(told).splitlines() == [
        "Av 5 mätetal har 2 nått målet för 2025, 1 har inte gjort det och 2 kan inte avgöras. Målet nåddes inte för "
        "Samordning, 23 % mot minst 30 %. Av 3 mål bedömer nämnden 1 som ”Bra” och 1 som ”Illa”; 1 har ingen tryckt "
        "status.",
        "Året var långt.",
        "Skrivet av chefen.",
    ]


def test_the_summary_says_money_staff_and_risks_where_they_are_known() -> None:
    known = [
        figure("printed_saving", 64_400_000, unit="SEK", comparison="5,6 mnkr under målet"),
        figure("cost_against_budget", 5726, comparison="46 430 tkr mot budget 40 704 tkr"),
        figure("unexplained_difference", 6), figure("head_count", 43, unit="personer"),
    ]  # fmt: skip
    told = plain(summary(figures=known, controls=controls((1, "Illa", None), (2, "Sådär", None), (3, "Bra", None))))
    assert "De möjliggjorda besparingarna blev 64,4 mnkr, 5,6 mnkr under målet." in told
    assert (
        "Kostnaderna blev 46 430 tkr mot budget 40 704 tkr. Mellan intäkter, kostnader och resultat ligger 6 tkr"
        in told
    )
    assert "Antalet anställda var 43 personer." in told
    assert "Av internkontrollens 3 kontroller visade 2 en avvikelse. 1 har resultatet illa: Risk 1." in told
    silent = [replace(each, value=None) for each in known[:2]] + [figure("unexplained_difference", 0)]
    told = plain(summary(figures=silent, controls=controls((1, "Bra", None))))
    assert "besparing" not in told and "Kostnaderna" not in told and "Mellan intäkter" not in told
    assert "Ingen av internkontrollens 1 kontroller visade någon avvikelse." in told


def test_nothing_decided_is_said_in_one_sentence_and_nothing_at_all_is_absent() -> None:
    nobody = {"total": 4, "met": None, "missed": None, "undecided": 4, "followed": 0, "doubtful": 0}
    empty = goals()
    empty["printed"] = []
    told = summary(counts=nobody, behind=pd.DataFrame(), goals=empty)
    assert plain(told) == "Inget av de 4 mätetalen 2025 har både ett utfall och ett målvärde för samma år."
    told = summary(counts=nobody | {"total": 0}, behind=pd.DataFrame(), goals=empty)
    assert told.data["type"] == "absent"


def test_the_signature_tells_who_answers_or_that_nobody_has_written() -> None:
    assert "svarar Verksamhetschefen (1\u00a0februari 2026)." in annual.signature(Reviewed(), year=2025)
    assert "svarar Verksamhetschefen." in annual.signature(Reviewed(reviewed_on=None), year=2025)
    assert annual.signature(Reviewed(is_missing=True), year=2021).startswith("Skrivna texter för 2021 saknas.")


# Goals and boxes


def test_a_goal_off_course_without_an_action_asks_for_one() -> None:
    told = annual.goal_text_table(
        goals(("1", "Bra", "green"), ("2", "Illa", "red"), ("3", "Illa", "red")),
        {"2": Text(analysis="Svårt.", action="Börja om."), "1": Text(analysis="Gott.")},
        source=SOURCE, otherwise="Inga mål.", note="Regel.",
    )  # fmt: skip
    assert plain(told).splitlines()[2:5] == [
        "1 Mål 1 | ✓ Bra | 1 uppnådda, 2 kan inte avgöras eller följs utan mål | Gott. | ",
        "2 Mål 2 | ✕ Illa | 1 uppnådda, 2 kan inte avgöras eller följs utan mål | Svårt. | Börja om.",
        "3 Mål 3 | ✕ Illa | 1 uppnådda, 2 kan inte avgöras eller följs utan mål |  | ✕ Åtgärd saknas",
    ]
    assert "Skriven analys saknas för 1 av 3 mål." in plain(told) and "Regel." not in plain(told)


def test_a_long_analysis_is_shown_in_full_and_a_column_without_text_not_at_all() -> None:
    long = "Ord " * 150
    told = annual.goal_text_table(
        goals(("1", "Bra", "green")), {"1": Text(analysis=long)}, source=SOURCE, otherwise="Inga.", note=""
    )
    assert long.strip() in plain(told) and "Åtgärd" not in plain(told)
    assert [column["label"] for column in told.data["columns"]][-1] == "Åtgärd", "the workbook keeps every column"


def boxes(
    name: str = "Samordning",
    analysis: str = "",
    definition: str = "Andel av alla.",
    *,
    aims: tuple[int, ...] = (30, 35),
) -> report.Part:
    key = {"organisation": "prov", "indicator_id": "A"}
    catalogue = frame_of(
        [key | {"name": name, "goal": "Ekonomi", "level": "nämnd", "definition": definition, "unit": "percent",
                "direction": "higher", "owner": "N", "source_kind": "reported", "source": "R"}], INDICATORS,
    )  # fmt: skip
    values = frame_of(
        [key | {"year": year, "period": "helår", "value": Decimal(value), "unit": "percent", "is_doubtful": 0,
                "source": "R"} for year, value in ((2023, 12), (2024, 20), (2025, 24))], INDICATOR_VALUES,
    )  # fmt: skip
    targets = frame_of(
        [key | {"year": year, "operator": "at_least", "value": Decimal(value), "unit": "percent", "source": "R"}
         for year, value in zip((2025, 2026), aims, strict=False)], INDICATOR_TARGETS,
    )  # fmt: skip
    breaks = frame_of([], SERIES_BREAKS)
    found = indicators.indicators_of_year(catalogue, values, targets, breaks, year=2025)
    history = indicators.indicator_history(catalogue, values, targets, breaks, to_year=2025)
    texts = {"A": analysis} if analysis else {}
    return annual.indicator_boxes(
        found.rows, history, catalogue, texts, targets=targets, year=2025, title="Mätetalen", source=SOURCE
    )  # fmt: skip


def test_a_box_holds_description_target_of_the_year_outcome_history_and_analysis() -> None:
    told = boxes(analysis="Fler har samordnat.")
    page = is_sound(told)
    said = " ".join(" ".join(page.text).split()).replace("\u00a0", " ")
    assert "Mål 2025 minst 30 % Utfall 2025 24 % Avstånd −6 procentenheter Senare mål 2026: minst 35 %" in said
    assert "Andel av alla." in said and "Fler har samordnat." in said and "Skriven analys saknas" not in said
    [picture] = page.all("img")
    assert len(picture["alt"]) >= 25 and "24" in picture["alt"] and "30" in picture["alt"]
    assert page.headings == [3, 4] and told.data["rows"][0][-1] == "Fler har samordnat."
    assert "Skriven analys saknas för 1 av 1 mätetal." in " ".join(is_sound(boxes()).text)


def test_indicators_outside_the_goals_stand_last_and_are_no_goal() -> None:
    outside = goals(("", None, None), ("", None, None), ("", None, None)).assign(
        goal=["Löptext", "Nära kund", "Ekonomi"]
    )
    texts = {"Nära kund": Text(analysis="Gott."), "Ekonomi": Text(analysis="Svårt.")}
    told = annual.goal_text_table(outside, texts, source=SOURCE, otherwise="Inga mål.", note="")
    assert [line.split(" | ")[0] for line in plain(told).splitlines()[2:5]] == [
        "Nära kund", "Ekonomi", "Utan mål i planen",
    ]  # fmt: skip
    assert "Löptext" not in plain(told) and "analys saknas" not in plain(told), "both goals have theirs"
    some = annual.goal_text_table(outside, {"Ekonomi": Text(analysis="Svårt.")}, source=SOURCE, otherwise="", note="")
    assert "Skriven analys saknas för 1 av 2 mål." in plain(some)
    alone = annual.goal_text_table(outside[:1], {}, source=SOURCE, otherwise="Inga mål.", note="")
    assert (alone.text, alone.data["type"]) == ("Inga mål.", "absent")


def test_the_boxes_outside_the_goals_stand_last_under_a_heading_of_their_own() -> None:
    rows = pd.concat([boxed("A", "Löptext"), boxed("B", "Ekonomi"), boxed("C", None)], ignore_index=True)
    empty = [frame_of([], columns) for columns in (INDICATOR_VALUES, INDICATOR_TARGETS, SERIES_BREAKS)]
    history = indicators.indicator_history(frame_of([], INDICATORS), *empty, to_year=2025)
    told = annual.indicator_boxes(rows, history, frame_of([], INDICATORS), {}, targets=empty[1], year=2025,
                                  title="Mätetalen", source=SOURCE)  # fmt: skip
    lines = plain(told).splitlines()
    assert [line for line in lines if line in ("Ekonomi", "Utan mål i planen", "Löptext")] == [
        "Ekonomi", "Utan mål i planen",
    ]  # fmt: skip
    assert [row[0] for row in told.data["rows"]] == ["Ekonomi", "Utan mål i planen", "Utan mål i planen"]


def boxed(identity: str, goal: str | None) -> pd.DataFrame:
    texts = dict.fromkeys(("target_text", "outcome_text", "distance_text"), "–") | {"later_target_text": ""}
    row = {"indicator_id": identity, "name": identity, "goal": goal, "status": "followed", "comment": "", **texts}
    return pd.DataFrame([row | {"status_name": "Följs utan mål"}], dtype=object)


def test_an_indicator_without_a_target_for_any_year_has_no_target_instead_of_no_verdict() -> None:
    aimless = boxes(aims=())
    assert "– Samordning" in plain(aimless) and "Inget mål" in " ".join(is_sound(aimless).text)
    assert "Inget mål" in aimless.data["rows"][0] and "Kan inte avgöras" not in " ".join(is_sound(aimless).text)
    aimed = boxes()
    assert "✕ Samordning" in plain(aimed) and "Inget mål" not in " ".join(is_sound(aimed).text)


def test_texts_that_the_organisation_has_not_reviewed_are_said_to_be_so() -> None:
    other = Reviewed(reviewed_by="Projektet, efter rapporten; inte granskad av nämnden")
    assert plain(annual.text_caution(other, source=SOURCE)) == (
        "Observera: De skrivna texterna är inte granskade av Nämnden och är inte dess egna ord. För dem svarar "
        "Projektet, efter rapporten."
    )
    for own in (Reviewed(), Reviewed(is_missing=True, reviewed_by="")):
        assert annual.text_caution(own, source=SOURCE).data == {"type": "absent", "reason": ""}
    hostile = annual.text_caution(Reviewed(reviewed_by=f"{HOSTILE}; inte granskad"), source=SOURCE)
    assert is_sound(hostile) and "<script>" not in hostile.html


def test_hostile_names_and_texts_stay_text() -> None:
    told = boxes(name=HOSTILE, analysis=HOSTILE, definition=HOSTILE)
    assert "<script" not in is_sound(told).inside.get("h4", [""])[0].replace("<script>alert(1)", "")
    assert "&lt;script&gt;" in told.html and "<script>" not in told.html
    tables = [
        annual.prose([HOSTILE], source=SOURCE, signed=HOSTILE),
        annual.goal_text_table(goals(("1", HOSTILE, "red")), {"1": Text(analysis=HOSTILE, action=HOSTILE)},
                               source=SOURCE, otherwise="", note=HOSTILE),
        annual.assignment_table([Text(title=HOSTILE, status=HOSTILE, text=HOSTILE)], source=SOURCE, otherwise=""),
        annual.investment_table([Text(title=HOSTILE, text=HOSTILE)], source=SOURCE, otherwise=""),
        annual.control_table(controls((1, "Illa", HOSTILE), name=HOSTILE), source=SOURCE, otherwise=""),
        annual.missing_points({HOSTILE: annual.absent(HOSTILE)}, source=SOURCE, otherwise="Allt finns."),
        summary(texts=[HOSTILE], signed=HOSTILE),
    ]  # fmt: skip
    for part in tables:
        is_sound(part)
        assert "<script>" not in part.html and "&lt;script&gt;" in part.html


# Economy


def test_the_statement_is_shown_row_by_row_with_marks_and_what_nothing_explains() -> None:
    rows = Statement().frame()
    told = annual.statement_table(
        rows, income_statement.unexplained_difference(rows), year=2025, source=SOURCE, otherwise="Ingen."
    )
    lines = plain(told).splitlines()
    assert lines[:2] == ["Resultaträkning 2025, tkr", "Rad | Utfall | Budget | Differens | Utfall föregående år | Mot "
                         "föregående år | Kontroll"]  # fmt: skip
    assert "Kostnader | −1 195 | −1 000 | −195 | −900 | −295 | ≈ Avrundning" in lines
    assert "Resultat | 0 | 0 | 0 | 0 | 0 | ✕ Stämmer inte" in lines
    assert "Oförklarad skillnad | 5 |  |  |  |  | ✕ Stämmer inte" in lines
    assert "Alla tryckta differenser är räknade på nytt och är lika med de tryckta." in lines
    assert not any("uppgift saknas" in line for line in lines)
    page = is_sound(told)
    assert [row.get("class") for row in page.all("tr")].count("pa-total") == 4
    assert json.dumps(told.data)


def test_a_printed_difference_that_is_wrong_stands_beside_the_reckoned_one() -> None:
    wrong = Statement().rows
    wrong[2] = ("Personal", "cost", -700, -600, -90, -650)
    rows = Statement(wrong).frame()
    told = plain(
        annual.statement_table(
            rows, income_statement.unexplained_difference(rows), year=2025, source=SOURCE, otherwise=""
        )
    )
    assert "Differens | Räknad differens" in told and "Personal | −700 | −600 | −90 | −100 |" in told
    assert "Alla tryckta differenser" not in told


def statement_part(rows: pd.DataFrame) -> str:
    unexplained = income_statement.unexplained_difference(rows)
    return plain(annual.statement_table(rows, unexplained, year=2025, source=SOURCE, otherwise=""))


def test_a_statement_that_prints_no_differences_shows_the_reckoned_ones_and_says_nothing_agrees() -> None:
    told = statement_part(Statement([(*row[:4], None, row[5]) for row in Statement().rows]).frame())
    assert "Rad | Utfall | Budget | Räknad differens | " in told and "Personal | −700 | −600 | −100 |" in told
    assert "Alla tryckta differenser" not in told


def test_a_single_difference_that_is_not_printed_is_shown_as_reckoned() -> None:
    rows = Statement().rows
    rows[2] = (*rows[2][:4], None, rows[2][5])
    told = statement_part(Statement(rows).frame())
    assert "Personal | −700 | −600 |  | −100 |" in told and "Hyra | −494 | −400 | −94 | −94 |" in told
    assert "Alla tryckta differenser är räknade på nytt och är lika med de tryckta." in told, "those that are printed"


def test_a_deviation_beyond_the_limits_without_an_explanation_asks_for_it() -> None:
    found = income_statement.deviations_to_explain(
        Statement().frame(), {"budget": {"Personal": "Fler timmar."}}, limit_ore=90 * TKR, limit_pct=5
    )
    told = annual.deviation_table(
        income_statement.asked_deviations(found), income_statement.unexplained_deviations(found), source=SOURCE,
        limits=annual.limits_in_words(90, Decimal(5)), otherwise="",
    )  # fmt: skip
    lines = plain(told).splitlines()
    assert "Utfall mot budget" in lines and "Utfall mot föregående år" in lines
    assert "Personal | −700 | −600 | −100 | −16,7 % | Fler timmar." in lines
    assert "Hyra | −494 | −400 | −94 | −23,5 % | ✕ Förklaring saknas" in lines
    assert "En avvikelse ska förklaras när den är större än 90 tkr och mer än 5,0 %." in plain(told)
    lacking = income_statement.unexplained_deviations(found)
    assert lacking.value and f"{lacking.value} {lacking.comparison} saknar förklaring." in plain(told)
    heads = {cell.get("data-head") for cell in is_sound(told).all("td")}
    assert {"Skillnad", "Förklaring"} <= heads, "a narrow screen writes the head before each value"


def test_printed_cost_deviations_are_added_again_and_explained() -> None:
    records = [
        OWN | {"comparison": "budget", "kind": kind, "row": row, "amount_ore": amount * TKR}
        for kind, row, amount in (("total", "Allt", -869), ("part", "Personal", -487), ("part", "Hyra", -381),
                                  ("of_which", "Konsulter", 61))
    ]  # fmt: skip
    rows = income_statement.cost_deviation_rows(
        frame_of(records, COST_DEVIATIONS), {"budget": {"Personal": "Vakanser."}}
    )  # fmt: skip
    told = plain(annual.cost_deviation_table(rows, source=SOURCE, otherwise=""))
    assert "Allt | −869 | ≈ Avrundning | " in told and "Personal | −487 |  | Vakanser." in told
    assert "Hyra | −381 |  | ✕ Förklaring saknas" in told and "Varav Konsulter | 61 |  | " in told


def test_savings_stand_by_receiver_with_total_target_and_the_next_years_target() -> None:
    records = [
        {"organisation": "Nämnden", "year": year, "kind": kind, "part": part, "amount_ore": amount * 1_000_000_00,
         "is_approximate": about, "source": "R"}
        for year, kind, part, amount, about in (
            (2025, "total", "Allt", 64, 0), (2025, "new", "Norr", 4, 1), (2025, "new", HOSTILE, 5, 1),
            (2025, "running", "Äldre", 55, 1), (2025, "target", "Mål", 70, 0), (2026, "target", "Mål", 57, 0),
        )
    ]  # fmt: skip
    told = annual.saving_table(
        savings.printed_saving(frame_of(records, PUBLISHED_SAVINGS), year=2025), source=SOURCE
    )  # fmt: skip
    lines = plain(told).splitlines()
    assert lines[2:6] == ["Från avtal som började under året", "Norr | 4,0 | Ca", f"{HOSTILE} | 5,0 | Ca",
                          "Summa | 9,0 | Ca"]  # fmt: skip
    assert (lines[9:13]) == [
        "Möjliggjort totalt | 64,0 | ",
        "Mål 2025 | 70,0 | ",
        "Utfall minus mål | −6,0 | ",
        "Mål 2026 | 57,0 | ",
    ]
    assert is_sound(told) and "<script>" not in told.html


def test_budgets_staff_and_investments_leave_empty_what_is_not_known() -> None:
    printed = ((2025, "cost_total", "Kostnader", -100), (2026, "cost_total", "Kostnader", -110),
               (2026, "cost", "Ny rad", -110))  # fmt: skip
    records = [OWN | {"year": year, "kind": kind, "row": row, "amount_ore": amount * TKR}
               for year, kind, row, amount in printed]  # fmt: skip
    budget = income_statement.budget_rows(frame_of(records, BUDGETS), (2025, 2026))
    told = plain(annual.budget_table(budget, source=SOURCE, otherwise=""))
    assert (
        "Kostnader | −100 | −110 | +10 tkr (10 %)" in told
        and "Ny rad |  | −110 | raden finns inte i budget 2025" in told
    )
    counted = ((2025, "anställda", "43", "personer"), (2024, "anställda", "44", "personer"),
               (2025, "vakans", "1.25", "tjänster"))  # fmt: skip
    people = [OWN | {"year": year, "figure": name, "value": Decimal(value), "unit": unit}
              for year, name, value, unit in counted]  # fmt: skip
    rows = staff.staff_rows(frame_of(people, STAFF_FIGURES), 2025)
    told = plain(annual.staff_table(rows, year=2025, source=SOURCE, otherwise=""))
    assert "Anställda | 43 | 44 | −1 | personer" in told and "Vakans | 1,25 |  |  | tjänster" in told
    told = plain(
        annual.investment_table([Text(title="Hus", used_tkr=5), Text(title="Bil")], source=SOURCE, otherwise="")
    )
    assert "Hus | 5" in told and "Beslutat" not in told and "En tom ruta betyder att beloppet inte är känt." in told


def test_risks_come_worst_first_and_one_without_action_says_so() -> None:
    told = annual.control_table(
        controls((1, "Bra", None), (2, None, None), (3, "Illa", "Gör om."), (4, "Sådär", None)), source=SOURCE,
        otherwise="",
    )  # fmt: skip
    assert [line.split(" | ")[:2] for line in plain(told).splitlines()[2:6]] == [
        ["3. Risk 3", "✕ Illa"], ["4. Risk 4", "▲ Sådär"], ["1. Risk 1", "✓ Bra"], ["2. Risk 2", "? Resultat saknas"],
    ]  # fmt: skip
    assert plain(told).count("✕ Åtgärd saknas") == 1 and "1 av 4 kontroller har en avvikelse utan" in plain(told)


# Tenders


@dataclass(frozen=True)
class Member:
    name: str
    organisation_number: str = ""


def gaps(**more: Any) -> report.Part:
    given: dict[str, Any] = {
        "because": "", "members": [Member("Norr", "1"), Member(HOSTILE, "2"), Member("Syd")], "without_rows": ["2"],
        "missing_tables": ["Källan har inga kontraktsvärden."], "text": "165 annonserade upphandlingar.", "year": 2021,
        "source": SOURCE,
    }  # fmt: skip
    return annual.tender_gaps(**(given | more))


def test_members_and_tables_that_the_source_lacks_are_said_and_so_is_another_count() -> None:
    assert plain(gaps()).splitlines() == [
        f"- 1 av 3 medlemmar har inga uppgifter i källan för 2021: {HOSTILE}.",
        "- 1 av 3 medlemmar har inget känt organisationsnummer och är inte med: Syd.",
        "- Källan har inga kontraktsvärden.",
        "- Källans antal gäller upphandlingar som annonserades under 2021. Texten nedan räknar på organisationens eget "
        "sätt, så talen mäter inte samma sak.",
    ]
    assert is_sound(gaps()) and "<script>" not in gaps().html
    whole = {"members": [Member("Norr", "1")], "without_rows": [], "missing_tables": []}
    for text in ("", "Av de annonserade upphandlingarna hade 60 % ett anbud. 23 var samordnade."):
        assert gaps(**whole, text=text).data == {"type": "absent", "reason": ""}
    assert gaps(because="Ingen källa.").text == "", "the chapter says it above"


# What is not there


def test_every_part_without_anything_says_so_quietly() -> None:
    none = Statement([]).frame()
    parts = {
        "Mål": annual.goal_text_table(goals(), {}, source=SOURCE, otherwise="Inga mål.", note=""),
        "Resultaträkning": annual.statement_table(
            none, income_statement.unexplained_difference(none), year=2025, source=SOURCE, otherwise="Ingen."
        ),
        "Uppdrag": annual.assignment_table([], source=SOURCE, otherwise="Inga."),
        "Investeringar": annual.investment_table([], source=SOURCE, otherwise="Inga."),
        "Text": annual.prose([], source=SOURCE, otherwise="Ingen."),
        "Besparingar": annual.saving_table(
            savings.printed_saving(frame_of([], PUBLISHED_SAVINGS), year=2025), source=SOURCE
        ),
    }
    assert all(part.data["type"] == "absent" for part in parts.values())
    told = annual.missing_points(parts | {"Tyst": annual.absent("")}, source=SOURCE, otherwise="Allt finns.")
    assert len(plain(told).splitlines()) == len(parts) and "Tyst" not in plain(told)
    assert "Besparingar: Ingen möjliggjord besparing är publicerad för 2025." in plain(told)
    assert "Allt finns." in plain(annual.missing_points({}, source=SOURCE, otherwise="Allt finns."))


def notebook(*chapters: tuple[str, list[report.Part]]) -> Any:
    header = report.report_header(title="Rapport", lead="Hur gick det?", source=SOURCE, period="2025",
                                  made_on=date(2026, 1, 2), version="1")  # fmt: skip
    cells = [nbformat.v4.new_code_cell("header", outputs=[shown(header)])]
    for heading, parts in chapters:
        cells.append(nbformat.v4.new_markdown_cell(f"## {heading}"))
        cells += [nbformat.v4.new_code_cell(f"part of {heading}", outputs=[shown(part)]) for part in parts]
    return nbformat.v4.new_notebook(cells=cells)


def shown(part: report.Part) -> Any:
    return nbformat.v4.new_output("execute_result", data=part._repr_mimebundle_())


def test_a_chapter_that_shows_nothing_is_left_out_with_its_heading_but_not_its_code() -> None:
    some, nothing = annual.prose("Något.", source=SOURCE), annual.absent("Saknas helt.")
    given = notebook(("Finns", [some, nothing]), ("Tomt", [nothing, annual.absent("")]), ("Sist", [some]))
    page = export_html(given)
    assert "Tomt</h2>" not in page and "#tomt" not in page and "Finns</h2>" in page and "Sist</h2>" in page
    assert page.count("Saknas helt.") == 1, "beside something else it is said where it is missing"
    assert "part of Tomt" in page
    assert given.cells[3].source == "part of Finns" and given.cells[5].outputs, "the notebook is not changed"


def test_a_table_without_source_or_title_is_refused() -> None:
    rows = Statement().frame()
    with pytest.raises(ReportError, match="source is missing"):
        annual.statement_table(
            rows,
            income_statement.unexplained_difference(rows),
            year=2025,
            source=replace(SOURCE, text=" "),
            otherwise="",
        )

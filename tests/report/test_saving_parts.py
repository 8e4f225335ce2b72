"""The parts of the savings report: the bridge, the years against their target, and why savings are not measured."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from drawings import ACCENTS, HOSTILE, LONG, boxes, filled, overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import ReportError
from procanalysis.report import charts, style
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import Look, box, sheet
from procanalysis.report.markup import Part
from procanalysis.report.numbers import money_units
from procanalysis.report.savings import (
    bridge_figure,
    bridge_title,
    change_title,
    stacked_years_figure,
    summary_points,
    triage_points,
    years_title,
)
from procanalysis.report.savings.pictures import Step, YearParts, draw_bridge, draw_stacked_years
from procanalysis.schema import Source

MNKR = 100_000_000
SCALE = Scale("money", money_units("SEK")[2])
STEPS = (
    ("Utlovat", 10 * MNKR), ("Ej påbörjat", -120_000_000), ("Lägre volym", 70_000_000),
    ("Köp utanför avtal", -210_000_000), ("Pris över avtal", -40_000_000), ("Realiserat", 7 * MNKR),
)  # fmt: skip


def causes(*rows: tuple[Any, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows or STEPS, columns=["step_name", "amount_ore"])


def bridge(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "label": "step_name", "amount": "amount_ore", "total_rows": ["Utlovat", "Realiserat"], "source": source,
        "title": "Mest går bort utanför avtal", "alt": "Stegen från utlovat till realiserat.", "sheet": "Brygga",
        "columns": {"step_name": "Steg", "amount_ore": "Belopp"},
    }  # fmt: skip
    return bridge_figure(frame, **(given | more))


def per_year(count: int = 4) -> pd.DataFrame:
    rows = [(2023 + n, (9 - n) * MNKR, 55 * MNKR, (64 - n) * MNKR, 70 * MNKR if n < 3 else None, n > 2)
            for n in range(count)]  # fmt: skip
    names = ["year", "new_ore", "running_ore", "saving_ore", "target_ore", "is_forecast"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:5], "Int64"))


def years(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "year": "year", "parts": {"new_ore": "Nya avtal", "running_ore": "Löpande avtal"}, "total": "saving_ore",
        "target": "target_ore", "is_forecast": "is_forecast", "title": "64 mnkr möjliggjordes", "source": source,
        "alt": "Staplar med besparing per år.", "sheet": "Per år",
        "columns": {"year": "År", "new_ore": "Nya", "running_ore": "Löpande", "saving_ore": "Summa"},
    }  # fmt: skip
    return stacked_years_figure(frame, **(given | more))


def svg_of(part: Part) -> list[str]:
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", part.html)
    assert len(found) == 2
    return [base64.b64decode(each).decode() for each in found]


def plain(part: Part) -> str:
    return part.text.replace("\u00a0", " ")


def inside_the_sheet(svg: str, narrow: bool) -> None:
    width = charts.NARROW_POINTS if narrow else charts.WIDE_POINTS
    height = float(re.search(r'viewBox="0 0 [0-9.]+ ([0-9.]+)"', svg)[1])  # type: ignore[index]
    for left, top, right, bottom in [*boxes(svg), *(place for colour, place in filled(svg) if colour != "#ffffff")]:
        assert left >= -1 and right <= width + 1 and top >= -1 and bottom <= height + 1


def bars(svg: str, colour: str) -> list[tuple[float, float]]:
    """List the bars of one colour as (left, right), without the legend, whose boxes are 12 wide and 10 high."""
    return [
        (left, right) for each, (left, top, right, bottom) in filled(svg)
        if each == colour.lower() and bottom - top == pytest.approx(13, abs=0.01)
    ]  # fmt: skip


NAMES = st.sampled_from(["A", LONG, f"{LONG} {LONG}"[:90], "It och telekommunikation inklusive programvaror"])
AMOUNTS = st.integers(-(10**18), 10**18) | st.integers(-(10**10), 10**10)


# The drawings


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=12, deadline=None)
@given(rows=st.lists(st.tuples(NAMES, AMOUNTS, st.booleans()), min_size=1, max_size=40))
def test_texts_of_a_bridge_stay_apart_and_on_the_sheet(rows: list[tuple[str, int, bool]], narrow: bool) -> None:
    reached = Decimal(0)
    steps = []
    for name, amount, is_total in rows:
        steps.append(Step(name, reached if is_total else Decimal(amount), reached, is_total))
        reached = steps[-1].after
    svg = draw_bridge(steps, scale=SCALE, accent=style.ACCENT, narrow=narrow)
    assert overlaps(svg) == 0
    inside_the_sheet(svg, narrow)
    assert sum("mnkr" in text for text in texts(svg)) == len(rows), "every row has its amount"


def test_each_step_begins_where_the_one_above_ended_and_totals_at_zero(source: Source) -> None:
    svg = svg_of(bridge(causes(), source))[1]
    (zero, whole), (begin, realised) = bars(svg, style.ACCENT)
    falls, (rise,) = bars(svg, style.MUTED_MARK), bars(svg, style.mix(style.BACKGROUND, style.ACCENT, 0.14))
    assert begin == pytest.approx(zero, abs=0.01) and realised - zero == pytest.approx((whole - zero) * 0.7, abs=0.01)
    unit = (whole - zero) / 10
    assert falls[0] == pytest.approx((zero + 8.8 * unit, whole), abs=0.01)
    assert rise == pytest.approx((falls[0][0], zero + 9.5 * unit), abs=0.01), "up from where the fall ended"
    assert falls[1] == pytest.approx((zero + 7.4 * unit, rise[1]), abs=0.01)
    assert falls[2] == pytest.approx((realised, falls[1][0]), abs=0.01)


def test_a_bridge_may_end_below_zero(source: Source) -> None:
    frame = causes(("Utlovat", MNKR * 10), ("Fördyring", -25 * MNKR), ("Realiserat", -15 * MNKR))
    for svg in svg_of(bridge(frame, source)):
        (zero, promised), (realised, also_zero) = bars(svg, style.ACCENT)
        assert also_zero == pytest.approx(zero, abs=0.01)
        assert (zero - realised) / (promised - zero) == pytest.approx(1.5, abs=0.01)
        assert {"−15,0\u00a0mnkr", "−25,0\u00a0mnkr", "10,0\u00a0mnkr"} <= set(texts(svg))


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(st.tuples(AMOUNTS, AMOUNTS, st.none() | AMOUNTS, st.booleans()), min_size=1, max_size=31),
    names=st.sampled_from([("Nya avtal", "Löpande avtal"), (LONG[:40], "Löpande")]),
)
def test_texts_of_years_stay_apart_and_on_the_sheet(rows: list[Any], names: tuple[str, str], narrow: bool) -> None:
    held = [
        YearParts(str(2000 + n), (Decimal(a), Decimal(b)), Decimal(a + b), None if t is None else Decimal(t), forecast)
        for n, (a, b, t, forecast) in enumerate(rows)
    ]
    given: dict[str, Any] = {"parts": names, "total": "Summa", "target": "Mål", "scale": SCALE}
    svg = draw_stacked_years(held, **given, accent=style.ACCENT, narrow=narrow)
    assert overlaps(svg) == 0
    inside_the_sheet(svg, narrow)


def test_parts_lie_after_each_other_and_negative_ones_left_of_zero() -> None:
    held = [
        YearParts("2025", (Decimal(10), Decimal(30)), Decimal(40)),
        YearParts("2026", (Decimal(-10), Decimal(20)), Decimal(10)),
    ]
    given: dict[str, Any] = {"parts": ["Nya", "Löpande"], "total": "Summa", "target": "", "scale": SCALE}
    svg = draw_stacked_years(held, **given, accent=style.ACCENT)
    (zero, first), (negative, at_zero) = bars(svg, style.ACCENT)
    (begin, second), (also_zero, _) = bars(svg, style.MUTED_MARK)
    assert begin == pytest.approx(first, abs=0.01) and second - zero == pytest.approx(4 * (first - zero), abs=0.01)
    assert at_zero == pytest.approx(zero, abs=0.01) == pytest.approx(also_zero, abs=0.01)
    assert zero - negative == pytest.approx(first - zero, abs=0.01)


@pytest.mark.parametrize("accent", ACCENTS)
def test_what_is_drawn_can_be_told_apart_without_colour(accent: str) -> None:
    pale = style.mix(style.BACKGROUND, accent, 0.14)
    assert style.contrast(accent, pale) >= 3 and style.contrast(style.MUTED_MARK, style.BACKGROUND) >= 3
    assert all(style.contrast(colour, style.BACKGROUND) >= 3 for colour in style.SERIES)
    canvas = sheet(False)
    canvas.height = 40
    box(canvas, 0, 100, 20, Look(accent, hatched=True))
    striped = canvas.svg()
    assert striped.count("\nM ") + striped.count('"M ') >= 10 and striped.count("<path") < 6, "stripes in one shape"


@pytest.mark.parametrize("narrow", [False, True])
def test_the_same_drawing_is_the_same_bytes_and_text_can_be_read_on_a_phone(narrow: bool) -> None:
    steps = [Step("Utlovat", Decimal(MNKR), Decimal(0), True)]
    held = [YearParts("2025", (Decimal(MNKR),), Decimal(MNKR), Decimal(MNKR), True)]
    given: dict[str, Any] = {"scale": SCALE, "accent": style.ACCENT, "narrow": narrow}
    for drawn in (
        lambda: draw_bridge(steps, **given),
        lambda: draw_stacked_years(held, parts=["Nya"], total="Summa", target="Mål", **given),
    ):
        svg = drawn()
        assert svg == drawn() and not re.search(r"\d{4}-\d{2}-\d{2}T|xlink:href=\"http", svg)
        smallest = min(float(size) for size in re.findall(r"font-size: ([0-9.]+)px", svg))
        assert smallest * (288 / charts.NARROW_POINTS if narrow else 96 / 72) >= 11


def test_more_than_can_be_read_is_refused_by_the_drawing() -> None:
    with pytest.raises(ReportError, match="41 rows; show at most 40"):
        draw_bridge([Step("A", Decimal(1), Decimal(0), False)] * 41, scale=SCALE, accent=style.ACCENT)
    given: dict[str, Any] = {"total": "Summa", "target": "", "scale": SCALE, "accent": style.ACCENT}
    with pytest.raises(ReportError, match="32 years and 1 parts"):
        draw_stacked_years([YearParts("2025", (None,), None)] * 32, parts=["A"], **given)
    with pytest.raises(ReportError, match="1 years and 5 parts"):
        draw_stacked_years([YearParts("2025", (None,) * 5, None)], parts=list("ABCDE"), **given)


# The figures


def test_the_text_of_a_bridge_tells_totals_and_the_largest_step(source: Source) -> None:
    said = plain(bridge(causes(), source))
    assert "Utlovat är 10,0 mnkr, Realiserat är 7,0 mnkr. Störst steg är Köp utanför avtal med −2,1 mnkr." in said
    drawn = texts(svg_of(bridge(causes(), source))[0])
    assert "+0,7\u00a0mnkr" in drawn and "−0,4\u00a0mnkr" in drawn and {"Minskar", "Ökar", "Summa"} <= set(drawn)


def test_losses_may_be_given_as_positive_amounts(source: Source) -> None:
    losses = causes(*((name, amount if name in ("Utlovat", "Realiserat") else -amount) for name, amount in STEPS))
    assert svg_of(bridge(losses, source, steps_are="losses")) == svg_of(bridge(causes(), source))


def test_steps_that_do_not_lead_to_the_total_are_refused(source: Source) -> None:
    with pytest.raises(ReportError, match="the steps lead to 700000000 öre, but 'Realiserat' is 700000001"):
        bridge(causes(*STEPS[:-1], ("Realiserat", 7 * MNKR + 1)), source)
    with pytest.raises(ReportError, match="steps_are='changes'"):
        bridge(causes(), source, steps_are="losses")
    with pytest.raises(ReportError, match="no row is named 'Lovat'"):
        bridge(causes(), source, total_rows=["Lovat"])


def test_an_unknown_amount_or_no_rows_is_said_and_not_drawn(source: Source) -> None:
    unknown = causes(("Utlovat", MNKR), ("Lägre volym", pd.NA), ("Realiserat", MNKR))
    for frame in (causes().head(0), unknown, causes(("Utlovat", None))):
        assert "något av beloppen är okänt" in bridge(frame, source).text
        assert "Inga priser" in bridge(frame, source, otherwise="Inga priser är registrerade.").text
        assert "<img" not in bridge(frame, source).html
    assert "<img" in bridge(causes(("Utlovat", MNKR)), source, total_rows=["Utlovat"]).html
    zeros = causes(("Utlovat", 0), ("Lägre volym", 0), ("Realiserat", 0))
    assert "0\u00a0kr" in texts(svg_of(bridge(zeros, source))[0])


def test_too_many_steps_become_a_table(source: Source) -> None:
    many = causes(("Utlovat", 45), *((f"Orsak {n}", -1) for n in range(45)), ("Realiserat", 0))
    part = bridge(many, source)
    assert "<img" not in part.html and "för många för en bild" in part.html and len(part.data["rows"]) == 47
    twenty = causes(("Utlovat", 25), *((f"{LONG} {n}", -1) for n in range(25)), ("Realiserat", 0))
    for svg, narrow in zip(svg_of(bridge(twenty, source)), (True, False), strict=True):
        assert overlaps(svg) == 0
        inside_the_sheet(svg, narrow)


def test_the_text_of_years_tells_total_target_and_forecast(source: Source) -> None:
    part = years(per_year(), source)
    said = plain(part)
    assert "2025 62,0 mnkr, mål 70,0 mnkr; 2026 (prognos) 61,0 mnkr." in said
    wide = texts(svg_of(part)[1])
    assert "2026\u00a0prognos" in wide and "Prognos" in wide and "Mål" in wide
    narrow = " ".join(texts(svg_of(part)[0])).replace("\u00a0", " ")
    assert "Nya avtal 9,0 mnkr; löpande avtal 55,0 mnkr;" in narrow and "mål saknas" in narrow
    assert part.data["rows"][0][1] == "9000000.00"


def test_years_without_target_or_forecast_say_nothing_of_them(source: Source) -> None:
    drawn = texts(svg_of(years(per_year().assign(target_ore=pd.NA), source))[1])
    assert "Mål" not in drawn and "–" not in drawn
    drawn = texts(svg_of(years(per_year(), source, target="", is_forecast=""))[1])
    assert not {"Mål", "Prognos"} & set(drawn) and "2026" in drawn
    one = svg_of(years(per_year(1), source, parts={"new_ore": "Nya avtal"}))[1]
    assert texts(one).count("Nya avtal") == 1, "one part is its own total: it stands in the legend alone"


def test_unknown_years_are_drawn_empty_and_all_unknown_are_said(source: Source) -> None:
    frame = per_year()
    frame.loc[1, ["new_ore", "running_ore", "saving_ore"]] = pd.NA
    assert "2024 uppgift saknas, mål 70,0 mnkr" in plain(years(frame, source))
    assert "–" in texts(svg_of(years(frame, source))[1])
    nothing = per_year().assign(new_ore=pd.NA, running_ore=pd.NA)
    for none in (nothing, per_year().head(0)):
        assert "Inget år har ett känt belopp." in years(none, source).text
        assert "Avtal saknas" in years(none, source, otherwise="Avtal saknas.").text


def test_the_last_years_are_drawn_and_all_are_in_the_data(source: Source) -> None:
    frame = pd.concat([per_year(4)] * 9, ignore_index=True).assign(year=range(1990, 2026))
    part = years(frame, source)
    assert "Bilden visar 31 av 36 år, de sista" in part.html and len(part.data["rows"]) == 36
    drawn = texts(svg_of(part)[1])
    assert "1995" in drawn and "1994" not in drawn and "2025\u00a0prognos" in drawn


@pytest.mark.parametrize("make", [bridge, years])
def test_figures_demand_title_alt_source_and_their_columns(source: Source, make: Any) -> None:
    frame = causes() if make is bridge else per_year()
    for missing, says in (({"title": " "}, "title"), ({"alt": "kort"}, "alt must tell"), ({"source": None}, "source")):
        with pytest.raises(ReportError, match=says):
            make(frame, **({"source": source} | missing))
    with pytest.raises(ReportError, match="no column"):
        make(frame.rename(columns={"amount_ore": "sum", "saving_ore": "sum"}), source)


def test_hostile_names_are_text_and_frames_stay_as_they_were(source: Source) -> None:
    given = {"title": HOSTILE, "subtitle": HOSTILE}
    steps = causes((HOSTILE, MNKR), ("Å" * 10_000, -MNKR))
    frame = per_year().assign(year=HOSTILE)
    before = steps.copy(), frame.copy()
    parts = (bridge(steps, source, total_rows=[HOSTILE], **given),
             years(frame, source, parts={"new_ore": HOSTILE, "running_ore": "B"}, **given))  # fmt: skip
    for part in parts:
        assert "<script" not in part.html and not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', part.html))
        assert not re.search("[\u202e\x07]", part.html + part.text) and len(part.html) < 400_000
        for svg, narrow in zip(svg_of(part), (True, False), strict=True):
            assert "<script" not in svg and overlaps(svg) == 0
            inside_the_sheet(svg, narrow)
    for was, now in zip(before, (steps, frame), strict=True):
        pd.testing.assert_frame_equal(was, now)


# The sentences

METHODS = pd.DataFrame(
    {
        "method_name": ["Marknadspris", "Tidigare avtal", "Marknadspris", None, None, None],
        "old": ["Inget tidigare avtal", "", "Inget tidigare avtal", "Inget tidigare avtal", "Volymen saknas", ""],
        "market": [
            "",
            "2 kvalificerade anbud, 3 krävs",
            "",
            "2 kvalificerade anbud, 3 krävs.",
            *["Volymen saknas"] * 2,
        ],
    }
)
REASONS = {"old": "Tidigare avtal", "market": "Marknadspris"}


def test_triage_points_count_reasons_only_where_no_method_applies(source: Source) -> None:
    part = triage_points(METHODS, method="method_name", reasons=REASONS, source=source)
    assert part.text.splitlines() == [
        "- 3 av 6 upphandlingar går att mäta: marknadspris 2, tidigare avtal 1.",
        "- 2 kan inte mätas med metoden marknadspris: volymen saknas.",
        "- 1 kan inte mätas med metoden tidigare avtal: inget tidigare avtal.",
        "- 1 kan inte mätas med metoden tidigare avtal: volymen saknas.",
        "- 1 kan inte mätas med metoden marknadspris: 2 kvalificerade anbud, 3 krävs.",
    ]
    short = triage_points(METHODS, method="method_name", reasons=REASONS, source=source, most=1)
    assert short.text.endswith("volymen saknas.\n- Ytterligare 3 skäl står i tabellen.")


def test_triage_points_of_none_one_and_all(source: Source) -> None:
    given: dict[str, Any] = {"method": "method_name", "reasons": REASONS, "source": source}
    assert triage_points(METHODS.head(0), **given).text.endswith("Inga upphandlingar är registrerade.")
    assert triage_points(METHODS.head(0), **given, otherwise="Register saknas.").text.endswith("Register saknas.")
    assert triage_points(METHODS.head(1), **given).text == "- 1 av 1 upphandling går att mäta: marknadspris 1."
    none = METHODS.tail(3).assign(old=HOSTILE, market=None)
    said = triage_points(none, **given)
    assert (
        said.text.startswith("- 0 av 3 upphandlingar går att mäta.\n- 3 kan inte mätas") and "<script" not in said.html
    )


def test_bridge_title_names_what_takes_most(source: Source) -> None:
    given: dict[str, Any] = {"label": "step_name", "amount": "amount_ore", "total_rows": ["Utlovat", "Realiserat"],
                             "source": source, "otherwise": "Inget går bort"}  # fmt: skip
    title = bridge_title(causes(), losses=False, **given).replace("\u00a0", " ")
    assert title == "Mest går bort genom köp utanför avtal: 2,1 mnkr"
    assert bridge_title(causes(), losses=True, **given).startswith("Mest går bort genom lägre volym")
    for none in (causes(*STEPS[:1]), causes().head(0), causes(("It", None))):
        assert bridge_title(none, losses=False, **given) == "Inget går bort"
    assert "IT-stöd" in bridge_title(causes(("IT-stöd", -5)), losses=False, **(given | {"total_rows": []}))


# What the report says first


def a_plan(**changes: Any) -> Any:
    given = {"year": 2025, "target_ore": 70 * MNKR, "outcome_ore": 62 * MNKR, "planned_ore": 2 * MNKR,
             "gap_ore": 8 * MNKR, "missing_ore": 6 * MNKR}  # fmt: skip
    return SimpleNamespace(**(given | changes))


def said_first(source: Source, frame: pd.DataFrame | None = None, **changes: Any) -> list[str]:
    part = summary_points(a_plan(**changes), per_year() if frame is None else frame, source=source)
    return part.text.replace("\u00a0", " ").splitlines()


def test_the_summary_says_target_new_and_running_plan_and_next_year(source: Source) -> None:
    assert said_first(source) == [
        "- 62,0 mnkr av målet 70,0 mnkr är möjliggjort 2025: 8,0 mnkr fattas.",
        "- 7,0 mnkr kommer från avtal som började 2025 och 55,0 mnkr från avtal som löper sedan tidigare.",
        "- Pågående och planerade upphandlingar kan bidra med ytterligare 2,0 mnkr under året. Det är en uppskattning "
        "och ingår inte i utfallet.",
        "- 2026 ger tecknade avtal 61,0 mnkr, om inga nya tecknas.",
    ]
    above = said_first(source, outcome_ore=72 * MNKR, gap_ore=-2 * MNKR)
    assert above[0] == "- 72,0 mnkr är möjliggjort 2025, 2,0 mnkr mer än målet 70,0 mnkr."


def test_the_summary_leaves_out_what_nobody_knows(source: Source) -> None:
    without_target = said_first(source, target_ore=None, gap_ore=None, planned_ore=None)
    assert without_target[0] == "- 62,0 mnkr är möjliggjort 2025. Organisationsfilen har inget mål för året."
    assert len(without_target) == 3
    unknown = said_first(source, per_year().head(0), outcome_ore=None, gap_ore=None, planned_ore=0)
    assert unknown == ["- Vad som är möjliggjort 2025 är inte känt."]
    unsplit = per_year().assign(new_ore=pd.array([None] * 4, dtype="Int64"))
    assert said_first(source, unsplit)[1] == "- Hur mycket som kommer från nya avtal är inte känt."
    past = per_year().assign(is_forecast=False)
    assert not [text for text in said_first(source, past) if "tecknade avtal" in text], "what has been is no forecast"


def test_the_title_of_the_years_is_a_share_or_no_claim(source: Source) -> None:
    assert years_title(per_year(), year=2025, source=source).replace("\u00a0", " ") == (
        "88,7 % av besparingen 2025 kommer från tidigare års avtal"  # 55 of 62
    )
    plain_title = "Möjliggjord besparing år för år"
    negative = per_year().assign(running_ore=-1)
    for frame, year in ((per_year(), 2040), (per_year().head(0), 2025), (negative, 2025),
                        (per_year().assign(saving_ore=0), 2025), (per_year().assign(running_ore=63 * MNKR), 2025),
                        (per_year().assign(saving_ore=pd.array([None] * 4, dtype="Int64")), 2025)):  # fmt: skip
        assert years_title(frame, year=year, source=source) == plain_title


@pytest.mark.parametrize(
    ("amounts", "title"),
    [
        ([100, 30, -10, 120], "Kostnaden steg med 20\u00a0kr, mest genom pris"),
        ([100, 5, -25, 80], "Kostnaden sjönk med 20\u00a0kr, mest genom volym"),
        ([100, 10, -10, 100], "Kostnaden är densamma som förra perioden"),
    ],
)
def test_the_title_says_how_a_cost_changed_and_most_through_what(
    amounts: list[int], title: str, source: Source
) -> None:
    names = ["Värde före", "Pris", "Volym", "Värde efter"]
    ore = [amount * 100 for amount in amounts]
    steps = pd.DataFrame({"step_name": names, "amount_ore": ore, "is_total": [1, 0, 0, 1]})
    assert change_title(steps, source=source) == title
    assert change_title(steps.iloc[:0], source=source) == "Varför kostnaden ändrades"

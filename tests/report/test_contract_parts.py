"""The parts of the contract reports: intervals, the portfolio, and sentences about what is missing."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from drawings import ACCENTS, HOSTILE, LONG, boxes, filled, overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import ReportError
from procanalysis.report import charts, style
from procanalysis.report.contracts import (
    advice,
    busiest_buyers,
    interval_figure,
    left_out,
    missing_points,
    pictures,
    portfolio_figure,
    portfolio_title,
    wave_points,
    without_sole_traders,
)
from procanalysis.report.contracts.pictures import Interval, Placed, draw_intervals, draw_portfolio
from procanalysis.report.drawn import drawn_figure
from procanalysis.report.markup import Part
from procanalysis.schema import Exclusion, Source

GAP = 0.01
"""Drawings are written with six decimals."""


def shares(count: int = 3, **more: Any) -> pd.DataFrame:
    rows = [(f"Kategori {n}", 20 + 3 * n, 30 + 2.5 * n) for n in range(count)]
    return pd.DataFrame(rows, columns=["name", "low_pct", "high_pct"]).assign(**more)


def interval(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "label": "name", "proven": "low_pct", "possible": "high_pct", "title": "Tre kategorier", "source": source,
        "alt": "Staplar per kategori, lägst först.", "sheet": "Andelar",
        "columns": {"name": "Kategori", "low_pct": "Belagd andel", "high_pct": "Möjlig andel"},
    }  # fmt: skip
    return interval_figure(frame, **(given | more))


def scores(count: int = 4) -> pd.DataFrame:
    rows = [(f"Kategori {n}", 1 + n % 5, 5 - n % 4) for n in range(count)]
    return pd.DataFrame(rows, columns=["name", "impact", "risk"])


def portfolio(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "name": "name", "impact": "impact", "risk": "risk", "title": "En kategori är strategisk", "source": source,
        "alt": "Kategorierna som punkter i fyra fält.", "sheet": "Portfölj",
        "columns": {"name": "Kategori", "impact": "Betydelse", "risk": "Risk"},
    }  # fmt: skip
    return portfolio_figure(frame, **(given | more))


def svg_of(part: Part) -> list[str]:
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", part.html)
    assert len(found) == 2
    return [base64.b64decode(each).decode() for each in found]


def alt_of(part: Part) -> str:
    return re.search(r'alt="([^"]*)"', part.html)[1].replace("\u00a0", " ")  # type: ignore[index]


# The drawings

SHARES = st.tuples(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1)).map(sorted)
ROWS = st.lists(
    st.builds(
        lambda name, pair, known, target: Interval(name, *(pair if known else (None, None)), target),
        st.sampled_from(["A", LONG, f"{LONG} {LONG}"[:80], "It och telekommunikation inklusive programvaror"]),
        SHARES,
        st.sampled_from([True, True, True, False]),
        st.none() | st.decimals(0, 100, places=0),
    ),
    min_size=1,
    max_size=25,
)
SCORE = st.decimals(1, 5, places=2)
CROWDED = st.lists(st.tuples(SCORE, SCORE), min_size=1, max_size=40)
IN_ONE_FIELD = st.lists(st.tuples(st.decimals(3, 5, places=2), st.decimals(3, 5, places=2)), min_size=35, max_size=40)
ON_ONE_SPOT = st.tuples(SCORE, SCORE, st.integers(1, 40)).map(lambda spot: [spot[:2]] * spot[2])


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_texts_of_intervals_stay_apart_and_on_the_sheet(rows: list[Interval], narrow: bool) -> None:
    svg = draw_intervals(rows, accent=style.ACCENT, narrow=narrow)
    assert overlaps(svg) == 0
    inside_the_sheet(svg, narrow)
    assert [row.words for row in rows] == [text for text in texts(svg) if re.search(r"\d\u00a0%|kan inte mätas", text)]


def inside_the_sheet(svg: str, narrow: bool) -> None:
    width = charts.NARROW_POINTS if narrow else charts.WIDE_POINTS
    height = float(re.search(r'viewBox="0 0 [0-9.]+ ([0-9.]+)"', svg)[1])  # type: ignore[index]
    for left, top, right, bottom in boxes(svg):
        assert left >= -1 and right <= width + 1 and top >= -1 and bottom <= height + 1


@settings(max_examples=12, deadline=None)
@given(pair=SHARES, target=st.none() | st.decimals(0, 100, places=0))
def test_a_bar_is_as_long_as_its_share(pair: Sequence[Decimal], target: Decimal | None) -> None:
    row, whole = Interval("A", *pair, target), Interval("B", Decimal(100), Decimal(100))
    svg = draw_intervals([row, whole], accent="#005F50")
    bars = [
        box for colour, box in filled(svg) if colour == "#005f50" and box[2] - box[0] != pytest.approx(12, abs=0.01)
    ]
    longest = max(right - left for left, _, right, _ in bars)
    ends = {round((right - bars[-1][0]) / longest * 100, 1) for left, _, right, _ in bars}
    assert any(abs(end - float(pair[0])) < 0.11 for end in ends), (ends, pair)


def test_shares_outside_the_scale_stop_at_its_ends() -> None:
    rows = [Interval("Krediter", Decimal(-40), Decimal(-20)), Interval("Mer än allt", Decimal(110), Decimal(130))]
    svg = draw_intervals(rows, accent=style.ACCENT)
    assert overlaps(svg) == 0 and "−40,0–−20,0\u00a0%" in texts(svg)
    assert all(left >= -1 and right <= charts.WIDE_POINTS + 1 for _, (left, _, right, _) in filled(svg))


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=12, deadline=None)
@given(scored=CROWDED | IN_ONE_FIELD | ON_ONE_SPOT)
def test_dots_stay_in_their_field_and_never_cover_each_other(
    scored: list[tuple[Decimal, Decimal]], narrow: bool
) -> None:
    places = [Placed(number, LONG[:60], *pair) for number, pair in enumerate(scored, start=1)]
    svg = draw_portfolio(places, accent="#005F50", narrow=narrow)
    dots = [box for colour, box in filled(svg) if colour == "#005f50"]
    assert len(dots) == len(places)
    assert not [
        (a, b) for at, a in enumerate(dots) for b in dots[at + 1 :]
        if a[0] < b[2] - GAP and b[0] < a[2] - GAP and a[1] < b[3] - GAP and b[1] < a[3] - GAP
    ]  # fmt: skip
    assert overlaps(svg) == 0, "a dot's number may not cover the name of its field either"
    inside_the_sheet(svg, narrow)
    middle = lines_between_fields(svg)
    by_number = dict(zip((place.number for place in sorted_as_drawn(places)), dots, strict=True))
    for place in places:
        left, top, right, bottom = by_number[place.number]
        assert left >= middle[0] if place.risk >= 3 else right <= middle[0], place
        assert bottom <= middle[1] if place.impact >= 3 else top >= middle[1], place


def sorted_as_drawn(places: list[Placed]) -> list[Placed]:
    """Order the dots field by field, as the drawing does."""
    return sorted(places, key=lambda place: pictures.FIELDS.index(place.field))


def lines_between_fields(svg: str) -> tuple[float, float]:
    """Return where the lines between the fields lie: the second of three upright and of three level ones."""
    ends = [tuple(map(float, each)) for each in re.findall(r'd="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n"', svg)]
    upright = sorted(a for a, b, c, d in ends if a == c)
    level = sorted(b for a, b, c, d in ends if b == d)
    assert len(upright) == len(level) == 3
    return upright[1], level[1]


def test_a_score_on_the_border_belongs_to_the_higher_field() -> None:
    fields = {
        (risk, impact): Placed(1, "A", Decimal(impact), Decimal(risk)).field
        for risk in ("2.99", "3")
        for impact in ("2.99", "3")
    }
    assert fields == {
        ("2.99", "2.99"): "Rutin", ("2.99", "3"): "Hävstång", ("3", "2.99"): "Flaskhals", ("3", "3"): "Strategisk",
    }  # fmt: skip


def test_a_dot_alone_stands_where_its_scores_say() -> None:
    def middle(impact: str, risk: str) -> tuple[float, float]:
        svg = draw_portfolio([Placed(1, "A", Decimal(impact), Decimal(risk))], accent="#005F50")
        ((left, top, right, bottom),) = [box for colour, box in filled(svg) if colour == "#005f50"]
        return (left + right) / 2, (top + bottom) / 2

    low, high, between = middle("1", "1"), middle("5", "5"), middle("2", "4")
    assert between[0] == pytest.approx(low[0] + (high[0] - low[0]) * 3 / 4, abs=0.1)
    assert between[1] == pytest.approx(low[1] + (high[1] - low[1]) * 1 / 4, abs=0.1)


@pytest.mark.parametrize("accent", ACCENTS)
def test_what_is_drawn_can_be_seen(accent: str) -> None:
    possible = style.mix(style.BACKGROUND, accent, 0.14)
    assert style.contrast(accent, possible) >= 4.5, "the edge between what is proven and what is possible"
    assert style.contrast(accent, style.text_colour_on(accent)) >= 4.5, "the number in a dot"
    assert style.contrast(style.REFERENCE, style.BACKGROUND) >= 4.5, "the target, which has an edge of white"
    svg = draw_intervals([Interval("A", Decimal(90), Decimal(95), Decimal(80))], accent=accent)
    edge = svg.index("stroke: #ffffff; stroke-width: 4")
    assert edge < svg.index(f"stroke: {style.REFERENCE.lower()}; stroke-width: 2", edge)
    assert style.REFERENCE.lower() in svg and accent.lower() in svg


@pytest.mark.parametrize("narrow", [False, True])
def test_the_same_drawing_is_the_same_bytes_and_text_can_be_read_on_a_phone(narrow: bool) -> None:
    rows = [Interval("A", Decimal(40), Decimal(50))]
    places = [Placed(1, "A", Decimal(4), Decimal(4))]
    for drawn in (lambda: draw_intervals(rows, accent=style.ACCENT, narrow=narrow),
                  lambda: draw_portfolio(places, accent=style.ACCENT, narrow=narrow)):  # fmt: skip
        svg = drawn()
        assert svg == drawn() and not re.search(r"\d{4}-\d{2}-\d{2}T|xlink:href=\"http", svg)
        smallest = min(float(size) for size in re.findall(r"font-size: ([0-9.]+)px", svg))
        assert smallest * (288 / charts.NARROW_POINTS if narrow else 96 / 72) >= 11


def test_more_than_can_be_read_is_refused() -> None:
    with pytest.raises(ReportError, match="26 rows; show at most 25"):
        draw_intervals([Interval("A", None, None)] * 26, accent=style.ACCENT)
    with pytest.raises(ReportError, match="41 categories; show at most 40"):
        draw_portfolio([Placed(1, "A", Decimal(1), Decimal(1))] * 41, accent=style.ACCENT)


# The figures


def test_the_text_of_intervals_tells_lowest_and_highest(source: Source) -> None:
    frame = pd.DataFrame(
        [("Bygg", 60, 70), ("Vård", None, None), ("It", 24.7, 40.5), ("Resor", 90, 90)],
        columns=["name", "low_pct", "high_pct"],
    )
    part = interval(frame, source)
    assert alt_of(part).endswith("Lägst är It med 24,7–40,5 %, högst Resor med 90,0 %.")
    drawn = texts(svg_of(part)[0])
    assert "kan inte mätas" in drawn and "60,0–70,0\u00a0%" in drawn and "90,0\u00a0%" in drawn
    assert part.data["rows"][1] == ["Vård", None, None]
    assert alt_of(interval(frame.head(1), source)).endswith("först. Bygg: 60,0–70,0 %.")


def test_the_text_of_a_portfolio_counts_each_field_and_names_the_highest(source: Source) -> None:
    frame = pd.DataFrame(
        [("Läkemedel", 5, 3), ("It", 3, 4.5), ("Resor", 4, 2), ("Möbler", 1, 1), ("Gaser", 2, 5)],
        columns=["name", "impact", "risk"],
    )
    told = alt_of(portfolio(frame, source))
    assert "Hävstång 1, Strategisk 2, Rutin 1, Flaskhals 1" in told
    assert "Störst betydelse har Läkemedel med 5,00" in told


def test_limits_are_told_in_words_and_every_row_is_in_the_data(source: Source) -> None:
    part = interval(shares(31), source, subtitle="Andel av köpen")
    assert "Andel av köpen. Bilden visar 25 av 31 rader, de första<" in part.html
    assert len(part.data["rows"]) == 31 and len([t for t in texts(svg_of(part)[0]) if t.endswith("%")]) == 25
    assert "Bilden visar" not in interval(shares(25), source).html
    placed = portfolio(scores(43), source)
    assert "Bilden visar 40 av 43 kategorier, de första<" in placed.html
    assert len(placed.data["rows"]) == 43 and "40. Kategori 39" in texts(svg_of(placed)[0])
    assert "Bilden visar" not in portfolio(scores(40), source).html


def test_a_category_without_a_score_is_left_out_and_counted(source: Source) -> None:
    frame = scores(4).astype({"impact": "Float64"})
    frame.loc[1, "impact"] = pd.NA
    part = portfolio(frame, source)
    assert "Betydelse eller risk saknas för 1 av 4 kategorier" in part.html
    names = [text for text in texts(svg_of(part)[0]) if re.match(r"\d\. ", text)]
    assert names == ["1. Kategori 0", "2. Kategori 2", "3. Kategori 3"]
    assert len(part.data["rows"]) == 4


def test_nothing_known_is_said_and_not_drawn(source: Source) -> None:
    unknown = shares(2, low_pct=None)
    for frame in (shares(0), unknown):
        assert "Ingen andel går att räkna ut." in interval(frame, source).text
        assert "Avtalsregister saknas" in interval(frame, source, otherwise="Avtalsregister saknas").html
        assert "img" not in interval(frame, source).html and "0,0" not in interval(frame, source).html
    for frame in (scores(0), scores(3).assign(risk=None)):
        assert "Ingen kategori har både betydelse och risk." in portfolio(frame, source).text
        assert "img" not in portfolio(frame, source).html


@pytest.mark.parametrize("make", [interval, portfolio])
def test_figures_demand_title_alt_and_source(source: Source, make: Any) -> None:
    frame = shares() if make is interval else scores()
    for missing, says in (({"title": " "}, "title"), ({"alt": "kort"}, "alt must tell"), ({"source": None}, "source")):
        with pytest.raises(ReportError, match=says):
            make(frame, **({"source": source} | missing))


def test_hostile_names_are_text(source: Source) -> None:
    rows = [(HOSTILE, 4, 4, 10, 20), ("Å" * 10_000, 2, 2, 30, 40)]
    frame = pd.DataFrame(rows, columns=["name", "impact", "risk", "low_pct", "high_pct"])
    columns = {"name": HOSTILE, "impact": "Betydelse"}
    given = {"title": HOSTILE, "subtitle": HOSTILE, "sheet": "Blad", "columns": columns}
    for part in (interval(frame, source, **given), portfolio(frame, source, **given)):
        assert "<script" not in part.html and not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', part.html))
        assert not re.search("[\u202e\x07]", part.html + part.text)
        assert len(part.html) < 400_000 and part.data["rows"][1][0] == "Å" * 10_000, "the workbook has all of it"
        for svg, narrow in zip(svg_of(part), (True, False), strict=True):
            assert "<script" not in svg and overlaps(svg) == 0
            inside_the_sheet(svg, narrow)


def test_figures_leave_their_frame_as_it_was(source: Source) -> None:
    for frame, make in ((shares(), interval), (scores(), portfolio)):
        before = frame.copy()
        make(frame, source)
        pd.testing.assert_frame_equal(frame, before)


def test_a_drawing_is_shown_as_other_figures_are(source: Source) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 36"></svg>'
    given: dict[str, Any] = {
        "columns": {"name": "Kategori"}, "title": "T" * 200, "alt": "En bild av 3 kategorier.", "source": source,
        "sheet": "Blad",
    }  # fmt: skip
    part = drawn_figure((drawing, drawing.replace("72", "60")), shares(70), **given)
    assert 'width="96" height="48"' in part.html and part.html.count("base64") == 2
    assert f"Siffrorna bakom diagrammet: {'T' * 119}…" in part.html
    assert "Visar 60 av 70 rader. Alla rader finns i arbetsboken, bladet Blad." in part.html
    assert len(part.data["rows"]) == 70 and "Källa: leverantörsreskontra" in part.html
    assert "pa-repeated" not in part.html
    own = drawn_figure((drawing, drawing), shares(), **given, data_title="Siffrorna", repeated=True)
    assert "<caption><span>Siffrorna</span></caption>" in own.html and "pa-repeated" in own.html


# The sentences


def test_missing_points_name_the_three_that_lack_most(source: Source) -> None:
    groups = pd.DataFrame(
        [("Bygg", 0, 900, ""), ("It", 500_000_00, 10**8, "Inget avtal"), ("Vård", 900_000_00, 10**8, "För sent"),
         (HOSTILE, 700_000_00, 10**8, ""), ("Resor", 100_00, 10**8, "Inget avtal")],
        columns=["name", "supplier_missing_ore", "denominator_ore", "cause"],
    )  # fmt: skip
    part = missing_points(groups, name="name", source=source, otherwise="Inget saknas.")
    first, second, third = part.text.replace("\u00a0", " ").splitlines()
    assert first == "- Vård: 900 tkr utan belagt avtal av 1,0 mnkr. Vanligaste skälet: för sent."
    assert second.endswith("krediter utan motsvarande inköp.") and third.startswith("- It: 500")
    assert "<script>" not in part.html
    for none in (groups.head(1), groups.head(0)):
        assert missing_points(none, name="name", source=source, otherwise="Inget saknas.").text.endswith(
            "Inget saknas."
        )


def test_wave_points_name_the_first_wave_only(source: Source) -> None:
    waves = pd.DataFrame(
        {
            "wave": [1, 1, 2],
            "category_name": ["Fordon", "Å" * 10_000, "Möbler"],
            "amount_ore": [30_000_000_00, 4_000_000_00, 100],
            "ends_on": pd.to_datetime(["2026-06-30", None, "2027-01-01"]),
        }
    )
    first, second = wave_points(waves, source=source).text.replace("\u00a0", " ").splitlines()
    assert first == "- Våg 1: Fordon, 30,0 mnkr per år. Avtalet med störst volym slutar 30 juni 2026."
    assert second.endswith("…, 4,0 mnkr per år.") and len(second) < 400
    assert "Ingen kategori har en poäng" in wave_points(waves.tail(1), source=source).text
    assert "Ingen kategori har en poäng" in wave_points(waves.head(0), source=source).text


def test_advice_asks_for_the_missing_register_first(source: Source) -> None:
    registers = pd.DataFrame({"register": ["Avtalsregister"]})
    both = ["Avtalsregister", "Uppföljningsregister"]
    assert advice("Gör {så}.", registers=registers, needed=both[:1], source=source).text.endswith("Gör {så}.")
    one = advice("Gör så.", registers=registers, needed=both, source=source).text
    assert "saknar uppföljningsregister." in one and "Gör så" not in one
    none = advice("Gör så.", registers=registers.head(0), needed=both, source=source).text
    assert "saknar avtalsregister och uppföljningsregister." in none


def test_portfolio_title_counts_among_those_placed() -> None:
    quadrants = pd.DataFrame({"quadrant": ["strategic", "routine", None, "strategic"]})
    assert portfolio_title(quadrants) == "2 av 3 kategorier har både hög betydelse och hög risk"
    for none in (quadrants.head(0), quadrants.iloc[[2]]):
        assert portfolio_title(none) == "Ingen kategori går att placera efter betydelse och risk"


def test_sole_traders_are_left_out_and_what_is_unknown_stays() -> None:
    frame = pd.DataFrame({"supplier_type": ["company", "sole_trader", "unknown", None], "amount_ore": [1, 2, 3, 4]})
    assert without_sole_traders(frame)["amount_ore"].tolist() == [1, 3, 4]


def test_the_twenty_busiest_buyers_are_kept_with_all_their_months() -> None:
    rows = [(f"Upphandlare {buyer}", month, buyer % 23) for month in ("2026-01", "2026-02") for buyer in range(1, 24)]
    frame = pd.DataFrame(rows, columns=["buyer_name", "month", "procurements_count"])
    kept = busiest_buyers(frame)
    assert len(kept) == 40
    assert set(frame["buyer_name"]) - set(kept["buyer_name"]) == {f"Upphandlare {buyer}" for buyer in (23, 1, 2)}
    assert busiest_buyers(frame.head(0)).empty and len(busiest_buyers(frame.head(5))) == 5


def test_left_out_lays_out_reason_rows_and_amount() -> None:
    table = left_out([Exclusion("Ej inköp", 3, 120), Exclusion("Investering", 1, -5)])
    assert table.to_dict("list") == {
        "reason": ["Ej inköp", "Investering"], "rows_count": [3, 1], "amount_ore": [120, -5],
    }  # fmt: skip
    assert list(left_out([]).columns) == ["reason", "rows_count", "amount_ore"]

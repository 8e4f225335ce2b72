"""The parts of a business case: cash flows, tornado, simulated outcomes, risks, and the sentences of the decision."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pandas as pd
import pytest
from drawings import HOSTILE, LONG, boxes, filled, overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import ReportError
from procanalysis.report import charts, style
from procanalysis.report.business_case import (
    break_even_points,
    cash_flow_figure,
    cash_flow_title,
    convergence_table,
    distribution_figure,
    numbered_risks,
    recommendation,
    risk_matrix_figure,
    tornado_figure,
    tornado_title,
    with_units,
)
from procanalysis.report.business_case.outcomes import Outcomes, draw_outcomes, equally_likely
from procanalysis.report.business_case.pictures import Driver, Flows, YearFlow, draw_cash_flows, draw_tornado
from procanalysis.report.business_case.risks import Risk, draw_risks
from procanalysis.report.charts import Scale
from procanalysis.report.markup import Part
from procanalysis.report.numbers import money_units
from procanalysis.schema import Source

MNKR = 100_000_000
SCALE = Scale("money", money_units("SEK")[2])
DRAWN: dict[str, Any] = {"scale": SCALE, "accent": "#005F50"}


def flows(*alternatives: tuple[Any, list[Any]]) -> pd.DataFrame:
    rows = []
    for name, nets in alternatives or (
        ("Göra ingenting", [0, 0, 0]),
        ("Högre trohet", [-3 * MNKR, 2 * MNKR, 2 * MNKR]),
    ):
        rows += [(name, year, net, sum(nets[: year + 1])) for year, net in enumerate(nets)]
    return pd.DataFrame(rows, columns=["alternative", "year", "net_ore", "cumulated_ore"])


def cash_flow(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "alternative": "alternative", "year": "year", "net": "net_ore", "cumulated": "cumulated_ore",
        "title": "Högre trohet har betalat sig efter två år", "alt": "Kassaflöden per alternativ och år.",
        "source": source, "sheet": "Kassaflöden",
        "columns": {"alternative": "Alternativ", "year": "År", "net_ore": "Netto", "cumulated_ore": "Ackumulerat"},
    }  # fmt: skip
    return cash_flow_figure(frame, **(given | more))


def drivers(*rows: tuple[Any, ...]) -> pd.DataFrame:
    shown = rows or (
        ("Projektledning", 340, 260, 300_000, 600_000, "kr"), ("Prisskillnad", -120, 610, 4, 10, "%"),
        ("Fakturor", 310, 310, 500, 500, "st"), ("Okänt", None, 200, None, None, None),
    )  # fmt: skip
    frame = pd.DataFrame(shown, columns=["driver", "low_npv_ore", "high_npv_ore", "low", "high", "unit"])
    for name in ("low_npv_ore", "high_npv_ore"):
        frame[name] = frame[name].astype("Int64") * 1_000_000
    return frame


def tornado(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "name": "driver", "at_low": "low_npv_ore", "at_high": "high_npv_ore", "low": "low", "high": "high",
        "unit": "unit", "base": 310_000_000, "title": "Prisskillnaden avgör", "source": source, "sheet": "Känslighet",
        "alt": "Antaganden och hur de ändrar nuvärdet.",
        "columns": {"driver": "Antagande", "low_npv_ore": "Vid lågt", "high_npv_ore": "Vid högt"},
    }  # fmt: skip
    return tornado_figure(frame, **(given | more))


def simulated(mean: float = 3.1, deviation: float = 3.4) -> pd.DataFrame:
    normal = NormalDist(mean * MNKR, deviation * MNKR)
    rows = [(share, round(normal.inv_cdf(share / 100))) for share in range(1, 100)]
    return pd.DataFrame(rows, columns=["percentile", "npv_ore"])


def distribution(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "percentile": "percentile", "value": "npv_ore", "loss_pct": Decimal("18.1"), "sheet": "Utfall",
        "title": "Risken för förlust är 18 %", "alt": "Simulerade nuvärden som rutor.", "source": source,
        "columns": {"percentile": "Percentil", "npv_ore": "Nuvärde"},
    }  # fmt: skip
    return distribution_figure(frame, **(given | more))


def dangers(*rows: tuple[Any, ...]) -> pd.DataFrame:
    shown = rows or (("Leverantören höjer priset", 2, 4), ("Köp utanför avtal", 4, 4), ("Statistiken saknas", 1, 1))
    return pd.DataFrame(shown, columns=["text", "likelihood", "consequence"])


def matrix(frame: pd.DataFrame, source: Source, **more: Any) -> Part:
    given = {
        "name": "text", "likelihood": "likelihood", "consequence": "consequence",
        "title": "Köp utanför avtal väger mest",
        "alt": "Risker som nummer i ett rutnät.", "source": source, "sheet": "Risker",
        "columns": {"risk_number": "Nr", "text": "Risk", "risk_weight": "Riskvärde"},
    }  # fmt: skip
    return risk_matrix_figure(frame, **(given | more))


def svg_of(part: Part) -> list[str]:
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", part.html)
    assert len(found) == 2
    return [base64.b64decode(each).decode() for each in found]


def plain(part: Part) -> str:
    return part.text.replace("\u00a0", " ")


def readable(svg: str, narrow: bool) -> None:
    """No text covers another, nothing lies outside the sheet, and the smallest text is 11 pixels."""
    width = charts.NARROW_POINTS if narrow else charts.WIDE_POINTS
    height = float(re.search(r'viewBox="0 0 [0-9.]+ ([0-9.]+)"', svg)[1])  # type: ignore[index]
    assert overlaps(svg) == 0
    for left, top, right, bottom in [*boxes(svg), *(at for colour, at in filled(svg) if colour != "#ffffff")]:
        assert left >= -1 and right <= width + 1 and top >= -1 and bottom <= height + 1
    smallest = min(float(size) for size in re.findall(r"font-size: ([0-9.]+)px", svg))
    assert smallest * (288 / charts.NARROW_POINTS if narrow else 96 / 72) >= 11
    assert not re.search(r"\d{4}-\d{2}-\d{2}T|xlink:href=\"http|<script", svg)


def bars(svg: str, colour: str = "#005f50", height: float = 13) -> list[tuple[float, float]]:
    """List the bars of one colour and height as (left, right); those of the legend are 10 high."""
    return [
        (left, right) for each, (left, top, right, bottom) in filled(svg)
        if each == colour and bottom - top == pytest.approx(height, abs=0.01)
    ]  # fmt: skip


AMOUNT = st.integers(-(10**18), 10**18) | st.integers(-(10**9), 10**9)
EXACT = AMOUNT.map(Decimal)
NAME = st.sampled_from(["A", LONG, f"{LONG}: 4–10\u00a0%", "Avtalscontroller, halvtid, år 1 till år 5"])


# Cash flows


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=6, deadline=None)
@given(
    held=st.lists(
        st.tuples(NAME, st.lists(st.tuples(st.none() | EXACT, st.none() | EXACT), min_size=1, max_size=31)),
        min_size=1,
        max_size=6,
    )
)
def test_cash_flows_of_any_size_can_be_read(held: list[Any], narrow: bool) -> None:
    shown = [
        Flows(name, tuple(YearFlow(str(n), *pair) for n, pair in enumerate(pairs))) for name, pairs in held
    ]  # fmt: skip
    readable(draw_cash_flows(shown, **DRAWN, narrow=narrow), narrow)


def test_bars_and_dots_share_one_scale() -> None:
    one = Flows("A", (YearFlow("0", Decimal(-300), Decimal(-300)), YearFlow("1", Decimal(200), Decimal(-100))))
    svg = draw_cash_flows([one], **DRAWN)
    _, (cost, zero), (also_zero, gain) = bars(svg, height=10)  # the legend's box comes first
    assert also_zero == pytest.approx(zero, abs=0.01)
    assert (zero - cost) / (gain - zero) == pytest.approx(1.5, abs=0.01)
    # Legend and line are drawn by layers, so the legend's dot comes last.
    dots = [float(x) for x in re.findall(r'<use xlink:href="#[^"]+" x="([\d.]+)"', svg)]
    assert cost == pytest.approx(dots[0], abs=0.01)
    assert dots[1] == pytest.approx(zero - (zero - cost) / 3, abs=0.01), "−100 is a third of −300"


def test_an_unknown_year_breaks_the_line_and_is_not_zero(source: Source) -> None:
    frame = flows(("A", [-MNKR, MNKR, MNKR])).astype({"net_ore": "Int64", "cumulated_ore": "Int64"})
    frame.loc[1, ["net_ore", "cumulated_ore"]] = pd.NA
    svg = svg_of(cash_flow(frame, source))[1]
    assert texts(svg).count("–") == 2
    assert not re.findall(r'd="M [\d. ]+\nL [\d. ]+\n"[^>]*stroke: #801650; stroke-width: 1.6', svg)


def test_an_alternative_of_zeros_is_named_and_not_drawn(source: Source) -> None:
    part = cash_flow(flows(), source)
    assert "Noll eller okänt alla år: Göra ingenting<" in part.html and len(part.data["rows"]) == 6
    assert "Göra ingenting" not in texts(svg_of(part)[0]) and "Högre trohet" in texts(svg_of(part)[0])
    assert "Högre trohet har efter år 2 gett 1 000 tkr." in plain(part)


def test_no_cash_flow_is_said(source: Source) -> None:
    for frame in (flows().head(0), flows().head(3), flows(("A", [0])).assign(net_ore=None, cumulated_ore=None)):
        part = cash_flow(frame, source)
        assert "Inget alternativ har ett känt kassaflöde" in part.text and "<img" not in part.html
    assert cash_flow(flows().head(0), source, otherwise="Fallet saknar alternativ.").text.endswith("saknar alternativ.")
    assert "<img" in cash_flow(flows(("A", [MNKR])), source).html


def test_many_alternatives_and_years_are_cut_in_words(source: Source) -> None:
    many = flows(*((f"{LONG} {n}", [-MNKR, *[MNKR] * 34]) for n in range(8)))
    part = cash_flow(many, source)
    assert "Bilden visar 6 av 8 alternativ. Bilden visar 31 av 35 år, de första<" in part.html
    assert len(part.data["rows"]) == 8 * 35
    for svg, narrow in zip(svg_of(part), (True, False), strict=True):
        readable(svg, narrow)
    with pytest.raises(ReportError, match="7 alternatives"):
        draw_cash_flows([Flows("A", ())] * 7, **DRAWN)


# Tornado


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=6, deadline=None)
@given(rows=st.lists(st.builds(Driver, NAME, EXACT, EXACT), min_size=1, max_size=20), base=EXACT)
def test_tornados_of_any_size_can_be_read(rows: list[Driver], base: Decimal, narrow: bool) -> None:
    svg = draw_tornado(rows, base=base, base_name="Sannolikt", **DRAWN, narrow=narrow)
    readable(svg, narrow)
    assert texts(svg).count("Vid högt värde") == 1


def test_a_tornado_sorts_by_effect_and_counts_what_it_leaves_out(source: Source) -> None:
    part = tornado(drivers(), source)
    drawn = [text for text in texts(svg_of(part)[1]) if ":" in text]
    assert drawn == ["Sannolikt: 3\u00a0100\u00a0tkr", "Prisskillnad: 4–10\u00a0%", "Projektledning: 300–600\u00a0tkr"]
    assert "Antaganden som inte ändrar resultatet: 1. Antaganden utan känt resultat: 1<" in part.html
    assert [row[0] for row in part.data["rows"]] == ["Prisskillnad", "Projektledning", "Fakturor"]
    assert "Störst verkan har Prisskillnad: 4–10 %, där resultatet går från −1 200 tkr till 6 100 tkr." in plain(part)
    assert "0\u00a0tkr" in texts(svg_of(part)[0]), "zero lies within the results"
    above = tornado(drivers(("A", 200, 400, None, None, None)), source)
    assert not [text for text in texts(svg_of(above)[0]) if text.startswith("0")], "zero lies outside them"


def test_bars_reach_from_the_base_to_each_result() -> None:
    rows = [Driver("A", Decimal(-100), Decimal(400)), Driver("B", Decimal(50), Decimal(250)),
            Driver("C", Decimal(300), Decimal(350))]  # fmt: skip
    svg = draw_tornado(rows, base=Decimal(100), base_name="Sannolikt", **DRAWN)
    high = bars(svg)
    low = bars(svg, style.mix(style.BACKGROUND, "#005F50", 0.14).lower())
    unit = (high[0][1] - high[0][0]) / 300
    assert low[0][1] == pytest.approx(high[0][0], abs=0.01) and low[0][1] - low[0][0] == pytest.approx(200 * unit)
    assert high[1][1] - high[1][0] == pytest.approx(150 * unit) and low[1][1] - low[1][0] == pytest.approx(50 * unit)
    (thin,) = bars(svg, style.mix(style.BACKGROUND, "#005F50", 0.14).lower(), height=7)
    assert thin[1] - thin[0] == pytest.approx(200 * unit), "both results above the base: the nearer one is thinner"


def test_a_tornado_of_nothing_is_said(source: Source) -> None:
    unknown = drivers().assign(low_npv_ore=pd.NA)
    for frame, base in ((drivers().head(0), 1), (unknown, 1), (drivers(), None)):
        part = tornado(frame, source, base=base)
        assert "Inget antagande har ett resultat" in part.text and "<img" not in part.html
    still = tornado(drivers(("A", 310, 310, None, None, None)), source)
    assert "Inget antagande ändrar resultatet" in still.text
    assert "Säkra tal." in tornado(drivers().head(0), source, otherwise="Säkra tal.").text


def test_a_long_tornado_shows_the_twenty_that_matter(source: Source) -> None:
    frame = drivers(*((f"{LONG} {n}", 310 - n, 310 + n, n, n + 1, HOSTILE) for n in range(1, 28)))
    part = tornado(frame, source)
    assert "Bilden visar 20 av 27 antaganden, de med störst verkan<" in part.html and len(part.data["rows"]) == 27
    for svg, narrow in zip(svg_of(part), (True, False), strict=True):
        readable(svg, narrow)
    with pytest.raises(ReportError, match="21 rows; show at most 20"):
        draw_tornado([Driver("A", Decimal(1), Decimal(2))] * 21, base=Decimal(1), base_name="B", **DRAWN)


# Simulated outcomes


@settings(max_examples=25, deadline=None)
@given(results=st.lists(AMOUNT, min_size=99, max_size=99).map(sorted))
def test_squares_are_read_off_the_percentiles(results: list[int]) -> None:
    known = [(Decimal(n), Decimal(value)) for n, value in enumerate(results, start=1)]
    assert equally_likely(known) == tuple(Decimal(value) for value in results[::2])
    ends = [known[0], known[-1]]
    assert equally_likely(ends)[0] == results[0] and equally_likely(ends)[-1] == results[-1]
    assert len(equally_likely(known[9:90])) == 40, "from P10 to P90 there are forty of the fifty"


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=8, deadline=None)
@given(
    squares=st.lists(EXACT, min_size=50, max_size=50).filter(lambda values: len(set(values)) > 1),
    skewed=st.booleans(),
    loss=st.none() | st.decimals(0, 100, places=1),
)
def test_outcomes_of_any_shape_can_be_read(
    squares: list[Decimal], skewed: bool, loss: Decimal | None, narrow: bool
) -> None:
    held = sorted([squares[0]] * 49 + [squares[0] + 1] if skewed else squares)
    marked = tuple((share, held[share // 2]) for share in (10, 50, 90))
    outcomes = Outcomes(tuple(held), marked, loss)
    svg = draw_outcomes(outcomes, scale=SCALE, accent="#005F50", narrow=narrow)
    readable(svg, narrow)
    low, high = outcomes.ends
    assert outcomes.shows_zero == (max(high, 0) - min(low, 0) <= 2 * (high - low))
    drawn = [c for c, (_, top, _, bottom) in filled(svg) if c != "#ffffff" and bottom - top != pytest.approx(10)]
    assert len(drawn) == 50
    losses = sum(c == style.mix(style.BACKGROUND, style.REFERENCE, 0.14).lower() for c in drawn)
    assert losses == sum(value < 0 for value in held), "as many pale squares as outcomes below zero"


def test_the_picture_of_outcomes_tells_percentiles_and_risk(source: Source) -> None:
    part = distribution(simulated(), source)
    said = plain(part)
    assert "P10 är −1,3 mnkr, P50 är 3,1 mnkr, P90 är 7,5 mnkr, 18,1 % av utfallen är förluster." in said
    for svg in svg_of(part):
        assert {"P50: 3,1\u00a0mnkr", "0\u00a0mnkr", "Förlust: 18,1\u00a0% av utfallen"} <= set(texts(svg))
    assert "Varje ruta är 2 av 100 simulerade utfall. Ett utfall av tio är sämre än P10" in part.html


def test_what_the_simulation_does_not_give_is_not_drawn(source: Source) -> None:
    far = distribution(simulated(90, 2), source, loss_pct=0)
    assert "Noll ligger utanför bilden" in far.html and "0\u00a0mnkr" not in texts(svg_of(far)[0])
    losing = texts(svg_of(distribution(simulated(-90, 2), source, loss_pct=100))[0])
    assert "Noll eller mer" not in losing
    few = simulated(1).iloc[19:80]
    part = distribution(few, source, loss_pct=None)
    assert "Utfallen längst ut är inte kända" in part.html and "Förlust" in texts(svg_of(part)[0])
    assert not [text for text in texts(svg_of(part)[0]) if text.startswith(("P10", "P90"))]
    assert "P50 är 1 000 tkr." in plain(part)


def test_no_spread_of_outcomes_is_said(source: Source) -> None:
    for frame in (simulated().head(0), simulated().head(1), simulated().assign(npv_ore=None)):
        part = distribution(frame, source)
        assert "Simuleringen har inget resultat att visa." in part.text and "<img" not in part.html
    same = distribution(simulated().assign(npv_ore=250 * MNKR), source)
    assert plain(same).endswith("Alla simulerade utfall ger 250 mnkr.") and "<img" not in same.html


def test_the_convergence_table_spreads_its_rows_and_ends_with_the_last(source: Source) -> None:
    frame = pd.DataFrame({"runs_count": range(500, 10_001, 500), "mean_ore": 3 * MNKR})
    given: dict[str, Any] = {"columns": {"runs_count": "Körningar", "mean_ore": "Medelvärde"}, "title": "Det stannar",
                             "source": source, "sheet": "Konvergens"}  # fmt: skip
    part = convergence_table(frame, **given)
    assert [row[0] for row in part.data["rows"]] == [500, 2000, 3000, 4500, 6000, 7500, 8500, 10_000]
    assert "Tabellen visar 8 av 20 steg." in part.html
    assert "Tabellen visar" not in convergence_table(frame.head(8), **given).html
    assert "Inga uppgifter" in convergence_table(frame.head(0), **given).text


# Risks


@pytest.mark.parametrize("narrow", [False, True])
@settings(max_examples=6, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=20)
    | st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 20)).map(lambda at: [at[:2]] * at[2])
)
def test_risks_stand_in_their_cells_and_can_be_read(places: list[tuple[int, int]], narrow: bool) -> None:
    risks = [Risk(number, f"{LONG} {LONG} {LONG}"[:200], *at) for number, at in enumerate(places, start=1)]
    svg = draw_risks(risks, accent="#005F50", narrow=narrow)
    readable(svg, narrow)
    cells = [place for colour, place in filled(svg) if colour != "#ffffff"]
    assert len(cells) == 25
    inside: dict[int, int] = {}
    for words, (left, top, right, bottom) in zip(texts(svg), boxes(svg), strict=True):
        for at, cell in enumerate(cells):
            if cell[0] <= left and right <= cell[2] and cell[1] <= top and bottom <= cell[3]:
                inside |= {int(number): at for number in words.split()}
    # Cells are drawn row by row from likelihood 5 down.
    assert inside == {risk.number: (5 - risk.likelihood) * 5 + risk.consequence - 1 for risk in risks}


def test_risks_are_numbered_from_the_gravest(source: Source) -> None:
    frame = dangers(("A.", 2, 4), ("B.", 4, 4), ("C", None, 5), ("D", 1, 1), ("E", 4, 2)).astype(
        {"likelihood": "Int64"}
    )
    ordered = numbered_risks(frame, likelihood="likelihood", consequence="consequence")
    assert ordered["text"].tolist() == ["B.", "A.", "E", "D", "C"] and ordered["risk_number"].tolist() == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert ordered["risk_weight"].fillna(-1).tolist() == [16, 8, 8, 1, -1]
    part = matrix(frame, source)
    assert "Sannolikhet eller konsekvens saknas för 1 av 5<" in part.html
    assert "Allvarligast är B med 16 av 25." in part.text
    assert {"B (4\u00a0×\u00a04\u00a0=\u00a016)", "1."} <= set(texts(svg_of(part)[0]))
    assert part.data["rows"][4] == [5, "C", None]


def test_risks_that_cannot_be_placed_are_said_or_refused(source: Source) -> None:
    for frame in (dangers().head(0), dangers().assign(likelihood=None)):
        assert "Ingen risk har både sannolikhet och konsekvens." in matrix(frame, source).text
    for wrong in (0, 6, 2.5):
        with pytest.raises(ReportError, match=f"risks: {wrong} is no likelihood"):
            matrix(dangers(("A", wrong, 3)), source)
    part = matrix(dangers(*((f"Risk {n}", 1 + n % 5, 3) for n in range(23))), source)
    assert "Bilden visar 20 av 23 risker, de allvarligaste<" in part.html and len(part.data["rows"]) == 23
    with pytest.raises(ReportError, match="21 risks; show at most 20"):
        draw_risks([Risk(1, "A", 1, 1)] * 21, accent="#005F50")


# All figures

FIGURES = [(cash_flow, flows), (tornado, drivers), (distribution, simulated), (matrix, dangers)]


@pytest.mark.parametrize(("make", "frame_of"), FIGURES)
def test_figures_demand_title_alt_source_and_columns_and_leave_their_frame(
    source: Source, make: Any, frame_of: Any
) -> None:
    frame = frame_of()
    before = frame.copy()
    assert make(frame, source).html == make(frame, source).html
    pd.testing.assert_frame_equal(frame, before)
    for missing, says in (({"title": " "}, "title"), ({"alt": "kort"}, "alt must tell"), ({"source": None}, "source")):
        with pytest.raises(ReportError, match=says):
            make(frame, **({"source": source} | missing))
    with pytest.raises(ReportError, match="no column"):
        make(frame.drop(columns=frame.columns[1]), source)


def test_hostile_names_are_text(source: Source) -> None:
    given = {"title": HOSTILE, "subtitle": HOSTILE}
    parts = [
        cash_flow(flows((HOSTILE, [1, -5]), ("Å" * 10_000, [MNKR])), source, **given),
        tornado(drivers((HOSTILE, 1, 2, 3, 4, HOSTILE), ("Å" * 10_000, 5, 2, 3, 4, "%")), source, **given),
        matrix(dangers((HOSTILE, 3, 3), ("Å" * 10_000, 4, 4)), source, **given),
        recommendation(title=HOSTILE, is_doing_nothing=False, source=source, break_even=HOSTILE, decision_by=HOSTILE,
                       sentences=[HOSTILE], cautions=[HOSTILE], must_be_true=[HOSTILE, "Å" * 10_000]),
        break_even_points(pd.DataFrame({"n": [HOSTILE] * 2, "v": [1, None], "u": HOSTILE}), name="n", value="v",
                          unit="u", reason="u", source=source),
    ]  # fmt: skip
    for part in parts:
        assert "<script" not in part.html and not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', part.html))
        assert not re.search("[\u202e\x07]", part.html + part.text) and len(part.html) < 400_000
    for part in parts[:3]:
        for svg, narrow in zip(svg_of(part), (True, False), strict=True):
            readable(svg, narrow)


@pytest.mark.parametrize("accent", [style.ACCENT, "#6B1E3C", "#005F50", "#000000"])
def test_losses_and_gains_and_risks_have_contrast(accent: str) -> None:
    pale = style.mix(style.BACKGROUND, style.REFERENCE, 0.14)
    assert style.contrast(style.REFERENCE, pale) >= 4.5, "the outline of a loss"
    assert style.contrast(accent, style.BACKGROUND) >= 4.5
    for step in range(25):
        cell = style.mix(style.HEAT_LIGHT, accent, step / 24)
        assert style.contrast(cell, style.text_colour_on(cell)) >= 4.5, "the number of a risk"


# The sentences


def test_break_even_points_list_values_first_and_share_reasons(source: Source) -> None:
    frame = pd.DataFrame(
        [("Kostnad per leverantör", None, "kr", "", "Påverkar inte nettonuvärdet"),
         ("Trohet", Decimal("74.01"), "%", "above", ""), ("Andel", Decimal(-20), "%", "below", None),
         ("Fakturor", None, "st", "", "Påverkar inte nettonuvärdet"), ("Lokaler", None, None, None, None),
         ("Projektledning", Decimal("1149999.9"), "kr", "below", None), ("Pris", 12, None, None, None)],
        columns=["driver_name", "value", "unit", "side", "reason"],
    )  # fmt: skip
    given: dict[str, Any] = {"name": "driver_name", "value": "value", "unit": "unit", "direction": "side",
                             "reason": "reason", "source": source}  # fmt: skip
    assert plain(break_even_points(frame, **given)).splitlines() == [
        "- Trohet: lönar sig först över 74,1 %.",
        "- Andel: lönar sig bara under −20 %.",
        "- Projektledning: lönar sig bara under 1 149 999 kr.",
        "- Pris: går jämnt ut vid 12.",
        "- Påverkar inte nettonuvärdet: Kostnad per leverantör, Fakturor.",
    ]
    short = break_even_points(frame, **given, most=1).text.splitlines()
    assert short[1] == "- 3 till står i tabellen." and len(short) == 3
    for none in (frame.head(0), frame.iloc[[4]]):
        assert "Inget tal i kalkylen har en brytpunkt." in break_even_points(none, **given).text
        assert break_even_points(none, **given, otherwise="Allt är säkert.").text.endswith("Allt är säkert.")


def test_the_recommendation_says_why_and_what_must_be_true(source: Source) -> None:
    whole = recommendation(
        title="Höj troheten", is_doing_nothing=False, source=source, decision_by="Inköpsstyrelsen",
        sentences=["Alternativ 1 har det högsta nettonuvärdet: 3,1 mnkr.", " "],
        cautions=["Ett fall av tio är förlust."], break_even="Lönar sig först över 74 % trohet",
        must_be_true=["Alla beställer i e-handeln", " "],
    )  # fmt: skip
    assert whole.text.splitlines() == [
        "Rekommendation: Förslag till Inköpsstyrelsen: välj ”Höj troheten”. Alternativ 1 har det högsta nettonuvärdet: "
        "3,1 mnkr. Lönar sig först över 74 % trohet.",
        "Det här måste stämma:",
        "- Alla beställer i e-handeln",
        "Det här talar emot:",
        "- Ett fall av tio är förlust.",
    ]
    assert whole.html.count("<li>") == 2 and "<bdi>Höj troheten</bdi>" in whole.html
    bare = recommendation(title="Höj troheten", is_doing_nothing=False, sentences=[], source=source)
    assert bare.text == "Rekommendation: Välj ”Höj troheten”."
    assert "<ul" not in bare.html


def test_doing_nothing_is_proposed_without_a_title(source: Source) -> None:
    given: dict[str, Any] = {"title": "Göra ingenting", "is_doing_nothing": True, "source": source}
    why = ["Inget alternativ har ett nettonuvärde över noll."]
    assert recommendation(sentences=why, **given).text == f"Rekommendation: Gör ingenting. {why[0]}"
    said = recommendation(sentences=why, decision_by="Inköpsstyrelsen", **given).text
    assert said == f"Rekommendation: Förslag till Inköpsstyrelsen: gör ingenting. {why[0]}"


# Titles


def test_titles_say_when_the_money_is_back_and_what_matters_most() -> None:
    paid = pd.DataFrame({"alternative_title": ["A", "B"], "payback_years": [Decimal("2.46"), None]})
    assert cash_flow_title(paid, "A") == "A är återbetalt efter 2,5 år"
    for title in ("B", "C"):
        assert cash_flow_title(paid, title) == f"{title} betalar sig inte inom horisonten"
    assert HOSTILE.split(" ")[0] not in tornado_title(pd.DataFrame({"driver_name": [LONG]}))
    assert tornado_title(pd.DataFrame({"driver_name": ["Pris", "Volym"]})) == "Resultatet beror mest på pris"
    assert tornado_title(pd.DataFrame({"driver_name": []})) == "Inget antagande är osäkert"


def test_numbers_of_different_units_stand_in_one_column(source: Source) -> None:
    frame = pd.DataFrame(
        [(Decimal("61.25"), "%"), (Decimal(1_250_000), "kr"), (40, "st"), (None, "st")], columns=["value", "unit"],
        dtype=object,
    )  # fmt: skip
    written = with_units(frame, ["value"], source=source)
    assert [text if pd.isna(text) else text.replace("\u00a0", " ") for text in written["value"]][:3] == [
        "61,3 %", "1,3 mnkr", "40 st",
    ]  # fmt: skip
    assert pd.isna(written["value"].iloc[3]) and frame["value"].iloc[2] == 40, "the frame given stays as it was"
    two = pd.DataFrame(
        {"low": [Decimal(90_000), None], "high": [Decimal(130_000), Decimal(900)], "unit": "kr"}, dtype=object
    )
    told = with_units(two, ["low", "high"], source=source).map(lambda text: str(text).replace("\u00a0", " "))
    assert told.iloc[0, :2].tolist() == ["90 tkr", "130 tkr"] and told.iloc[1]["high"] == "900 kr"
    assert list(with_units(two.head(0), ["low"], source=source).columns) == ["low", "high", "unit"]

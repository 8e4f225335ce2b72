import re
from datetime import date
from decimal import Decimal

import pytest
from drawings import boxes, overlaps, texts

from procanalysis.errors import ReportError
from procanalysis.report import charts, numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import Drawing, Point, Scale

MONEY = Scale("money", numbers.money_units("SEK")[2])


LONG = "Utbildningsförvaltningens gymnasieskola-och-vuxenutbildning i Exempelköping"
BARS = Drawing(
    "bar",
    (*(Point(f"{LONG} {row}", Decimal(10**9 * (6 - row))) for row in range(12)), Point("Tom", None)),
    MONEY,
    reference=(Decimal(4 * 10**9), "Gräns 40 mnkr"),
)
LINES = Drawing(
    "line",
    tuple(
        Point(date(2022 + m // 12, m % 12 + 1, 1), Decimal(10**9 + s), f"{LONG} {s}")
        for s in range(4)
        for m in range(36)
    ),
    MONEY,
)
HEAT = Drawing(
    "heatmap",
    tuple(Point(f"Rad {r} {LONG}", Decimal(r * 9 + c), f"Enhet {c} {LONG}") for r in range(12) for c in range(11)),
    Scale("percent"),
)
PARETO = Drawing(
    "cumulative",
    tuple(Point(n, Decimal(n) / 200) for n in range(1, 20001)),
    Scale("percent"),
    reference=(Decimal(9000), f"Efter 9 000 leverantörer {LONG}"),
)
PARTS = Drawing("parts", tuple(Point(f"{LONG} {n}", Decimal(5**n)) for n in range(5)), Scale("count"))
ALL = {"bar": BARS, "line": LINES, "heatmap": HEAT, "cumulative": PARETO, "parts": PARTS}


def test_text_and_marks_can_be_seen_against_white() -> None:
    for colour in (style.TEXT, style.MUTED_TEXT, style.REFERENCE, *style.SERIES):
        assert style.contrast(colour, style.BACKGROUND) >= 4.5, colour
    for colour in (style.MUTED_MARK, *style.PARTS):
        assert style.contrast(colour, style.BACKGROUND) >= 2.995, colour


@pytest.mark.parametrize("accent", [style.ACCENT, "#6B1E3C", "#005F50", "#000000"])
def test_text_in_every_cell_of_a_heatmap_can_be_read(accent: str) -> None:
    worst = min(
        style.contrast(colour, style.text_colour_on(colour))
        for colour in (style.mix(style.HEAT_LIGHT, accent, step / 200) for step in range(201))
    )
    assert worst >= 4.5


def test_text_in_parts_can_be_read() -> None:
    for colour in style.PARTS:
        assert style.contrast(colour, style.text_colour_on(colour)) >= 4.5, colour


def test_pale_house_colour_is_refused_with_a_darker_one() -> None:
    with pytest.raises(ReportError, match=r"needs 4\.5:1") as caught:
        style.accent_colour("#F2C300")
    suggested = re.findall(r"#[0-9A-F]{6}", str(caught.value))[-1]
    assert style.accent_colour(suggested) == suggested
    with pytest.raises(ReportError, match="#RRGGBB"):
        style.accent_colour("red;}</style>")


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", ALL)
def test_no_words_overlap_or_leave_the_sheet(kind: str, narrow: bool) -> None:
    svg = charts.draw(ALL[kind], narrow=narrow)
    width = charts.NARROW_POINTS if narrow else charts.WIDE_POINTS
    assert overlaps(svg) == 0
    assert all(left >= -1 and right <= width + 1 for left, _, right, _ in boxes(svg))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", ALL)
def test_same_drawing_same_bytes(kind: str, narrow: bool) -> None:
    first = charts.draw(ALL[kind], narrow=narrow)
    assert first == charts.draw(ALL[kind], narrow=narrow)
    assert not re.search(r"\d{4}-\d{2}-\d{2}T|<script|xlink:href=\"http", first)
    assert len(first) < 120_000


def test_narrow_text_is_eleven_pixels_on_a_phone() -> None:
    svg = charts.draw(BARS, narrow=True)
    smallest = min(float(size) for size in re.findall(r"font-size: ([0-9.]+)px", svg))
    assert smallest * 288 / charts.NARROW_POINTS >= 11


def test_bars_are_sorted_and_the_rest_comes_last() -> None:
    drawing = Drawing(
        "bar",
        (Point("Övriga (9)", Decimal(99)), Point("b", Decimal(-2)), Point("a", Decimal(5)), Point("c", None)),
        Scale("count"),
    )
    shown = texts(charts.draw(drawing))
    assert shown == ["a", "5", "b", "−2", "c", "uppgift saknas", "Övriga (9)", "99"]


def test_negative_bar_grows_left_from_zero() -> None:
    drawing = Drawing("bar", (Point("a", Decimal(10)), Point("b", Decimal(-10))), Scale("count"))
    plus, minus = boxes(charts.draw(drawing))[1], boxes(charts.draw(drawing))[3]
    assert minus[2] < plus[0]


def test_missing_month_breaks_the_line() -> None:
    months = [1, 2, 3, 6, 7]
    whole = Drawing("line", tuple(Point(date(2024, m, 1), Decimal(m)) for m in range(1, 8)), Scale("count"))
    broken = Drawing("line", tuple(Point(date(2024, m, 1), Decimal(m)) for m in months), Scale("count"))
    assert charts.draw(broken).count("stroke-width: 2") == charts.draw(whole).count("stroke-width: 2") + 1
    assert "apr" in texts(charts.draw(broken))


def test_label_is_text_and_never_a_formula_or_markup() -> None:
    hostile = "$\\frac{1}$ <script>alert(1)</script>"
    svg = charts.draw(Drawing("bar", (Point(hostile, Decimal(1)),), Scale("count")))
    assert "<script>" not in svg
    assert "".join(texts(svg)).replace(" ", "").startswith(hostile.replace(" ", "")[:20])


@pytest.mark.parametrize(
    "drawing",
    [
        Drawing("bar", tuple(Point(str(n), Decimal(n)) for n in range(21)), Scale("count")),
        Drawing("line", tuple(Point("jan", Decimal(n), str(n)) for n in range(5)), Scale("count")),
        Drawing("parts", (Point("a", Decimal(-1)), Point("b", Decimal(2))), Scale("count")),
        Drawing("parts", (Point("a", Decimal(0)),), Scale("count")),
        Drawing("pie", (Point("a", Decimal(1)),), Scale("count")),  # type: ignore[arg-type]
    ],
)
def test_chart_that_cannot_be_read_is_refused(drawing: Drawing) -> None:
    with pytest.raises(ReportError, match="figure: "):
        charts.draw(drawing)


@pytest.mark.parametrize("kind", ["bar", "line", "heatmap", "parts"])
def test_one_row_and_nothing_known(kind: str) -> None:
    label = date(2024, 3, 1) if kind == "line" else "En rad"
    one = Drawing(kind, (Point(label, Decimal(5), "A"),), Scale("count"))  # type: ignore[arg-type]
    assert "5" in texts(charts.draw(one)) or "100,0\u00a0%" in texts(charts.draw(one))
    if kind != "parts":
        unknown = Drawing(kind, (Point(label, None, "A"),), Scale("count"))  # type: ignore[arg-type]
        assert overlaps(charts.draw(unknown)) == 0


@pytest.mark.parametrize("width", [12, 37.5, 60, 200])
def test_a_label_is_cut_where_no_letter_more_would_fit(width: float) -> None:
    canvas = Canvas(300, 10)
    word = LONG.replace(" ", "").replace("-", "")
    first = canvas.wrap(word, width, most=99)[0]
    assert first.endswith("-") and canvas.text_width(first) <= width < canvas.text_width(f"{word[: len(first)]}-")
    (shown,) = canvas.wrap(f"{word} {word}", width, most=1)
    start = shown.removesuffix(" …")
    assert first.startswith(start) and (not start or canvas.text_width(shown) <= width)
    assert canvas.text_width(f"{first[: len(start) + 1]} …") > width

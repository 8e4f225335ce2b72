import base64
import dataclasses
import json
import re
from datetime import date
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest

from procanalysis import report
from procanalysis.errors import ReportError
from procanalysis.report.key_figures import figure_data
from procanalysis.report.markup import PART_MIME
from procanalysis.schema import Exclusion, KeyFigure, Source

FRAME = pd.DataFrame(
    {
        "supplier_name": ["Nordbygg AB", "Äldreomsorg i Väst AB", "Tomt AB"],
        "amount_ore": [5_390_000_000, 820_000_000, None],
        "share_pct": [86.84, 13.2, None],
        "invoice_count": [12772, 3, 0],
        "last_on": [date(2024, 12, 31), None, date(2024, 1, 2)],
        "account": ["6440", "6500", None],
        "status": ["Avviker", "met", "okänd sort"],
        "year": [2024, 2024, 2024],
    }
)
HEADS = {name: name.upper() for name in FRAME.columns}
ALT = "Störst är Nordbygg AB med 53,9 mnkr."


def test_table_formats_by_suffix_and_names_one_unit(source: Source) -> None:
    part = report.table(FRAME, title="Leverantörer", columns=HEADS, source=source)
    lines = part.text.replace("\u00a0", "_").splitlines()
    assert lines[1].split(" | ")[:2] == ["SUPPLIER_NAME", "AMOUNT_ORE (mnkr)"]
    assert lines[2].split(" | ") == (
        ["Nordbygg AB", "53,9", "86,8_%", "12_772", "2024-12-31", "6440", "Avviker", "2024"]
    )
    assert lines[3].split(" | ")[4:7] == ["uppgift saknas", "6500", "Når målet"]
    assert lines[4].split(" | ")[1:3] == ["uppgift saknas", "uppgift saknas"]
    assert lines[4].split(" | ")[6] == "okänd sort"


def test_machine_data_hold_every_row_exactly(source: Source) -> None:
    part = report.table(FRAME, title="Leverantörer", columns=HEADS, source=source, rows=1, sheet="Blad")
    data = part._repr_mimebundle_()[PART_MIME]
    assert json.loads(json.dumps(data)) == data
    assert (data["type"], data["sheet"], len(data["rows"])) == ("table", "Blad", 3)
    assert data["rows"][0] == [
        "Nordbygg AB", "53900000.00", 86.84, 12772, "2024-12-31", "6440", "Avviker", "2024",
    ]  # fmt: skip
    assert data["rows"][2][1:3] == [None, None]
    assert "Visar 1 av 3 rader. Alla rader finns i arbetsboken, bladet Blad." in part.html


def test_pandas_and_polars_give_the_same_table(source: Source) -> None:
    columns = {"supplier_name": "Leverantör", "amount_ore": "Inköp", "last_on": "Senast"}
    whole = FRAME.fillna({"amount_ore": 0})[list(columns)]
    rows = [[None if pd.isna(value) else value for value in row] for row in whole.itertuples(index=False)]
    other = pl.DataFrame(rows, schema=list(columns), orient="row")
    first, second = (report.table(f, title="T", columns=columns, source=source) for f in (whole, other))
    assert first == second


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ({"title": ""}, "title"),
        ({"alt": "för kort"}, "alt must tell"),
        ({"alt": ""}, "alt must tell"),
        ({"source": None}, "source=org.source"),
        ({"value": "amount_or"}, "Did you mean 'amount_ore'"),
        ({"columns": {"supplier_name": "Leverantör"}}, "lacks 'amount_ore'"),
    ],
)
def test_figure_demands_what_a_reader_needs(source: Source, missing: dict[str, object], says: str) -> None:
    given = {"title": "Störst", "alt": ALT, "source": source, "label": "supplier_name", "value": "amount_ore"}
    assert "img" in report.figure(FRAME, kind="bar", **given).html  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=says):
        report.figure(FRAME, kind="bar", **{**given, **missing})  # type: ignore[arg-type]


def test_figure_and_table_without_arguments_say_what_to_add(source: Source) -> None:
    with pytest.raises(ReportError, match="title is missing"):
        report.figure(FRAME, kind="bar", label="supplier_name", value="amount_ore")
    with pytest.raises(ReportError, match="source is missing"):
        report.table(FRAME, columns=HEADS, title="T")
    with pytest.raises(ReportError, match="needs a data frame"):
        report.table([1], columns=HEADS, title="T", source=source)
    with pytest.raises(ReportError, match="name the columns"):
        report.table(FRAME, columns={}, title="T", source=source)


def test_figure_has_two_pictures_caption_source_and_data(source: Source) -> None:
    part = report.figure(
        FRAME, kind="bar", title="Störst", subtitle="mnkr", alt=ALT, source=source, label="supplier_name",
        value="amount_ore", columns=HEADS,
    )  # fmt: skip
    assert part.html.count("data:image/svg+xml;base64,") == 2
    wide = base64.b64decode(part.html.split('src="data:image/svg+xml;base64,', 1)[1].split('"', 1)[0]).decode()
    assert "Nordbygg AB" in wide and "53,9\u00a0mnkr" in wide
    assert f'alt="{ALT} ' in part.html
    assert "Källa: leverantörsreskontra" in part.html and "Fiktiva uppgifter." in part.html
    assert "<details" in part.html and "<caption>" in part.html


def test_no_rows_give_an_honest_part(source: Source) -> None:
    for kind in ("bar", "line", "heatmap", "cumulative", "parts"):
        part = report.figure(
            FRAME.head(0), kind=kind, title="Störst", alt=ALT, source=source, label="supplier_name",
            value="amount_ore",
        )  # type: ignore[arg-type]  # fmt: skip
        assert "Inga uppgifter" in part.html and "img" not in part.html
        assert part.data["rows"] == []


def test_two_rows_for_one_place_are_refused(source: Source) -> None:
    twice = pd.DataFrame({"month_on": ["2024-01", "2024-01"], "amount_ore": [1, 2]})
    with pytest.raises(ReportError, match="Sum them first"):
        report.figure(twice, kind="line", title="T", alt=ALT, source=source, label="month_on", value="amount_ore")


def test_line_table_has_a_column_per_series_and_named_months(source: Source) -> None:
    rows = [("2024-01", "A", 100_000_000), ("2024-02", "A", None), ("2024-01", "B", 2_000_000_00)]
    frame = pd.DataFrame(rows, columns=["month", "unit", "amount_ore"])
    part = report.figure(
        frame, kind="line", title="T", alt=ALT, source=source, label="month", value="amount_ore",
        series="unit", columns={"month": "Månad", "unit": "Enhet", "amount_ore": "Inköp"},
    )  # fmt: skip
    body = part.html.split("<table>", 1)[1].replace("\n", "")
    assert ">januari</th>" in body and ">februari</th>" in body  # one year, which the subtitle names
    assert ">A</th>" in body and ">B</th>" in body and "Siffrorna bakom diagrammet: T, tkr<" in body
    assert "1\u00a0000" in body and "2\u00a0000" in body
    assert len(part.data["rows"]) == 3


def test_key_figure_as_json(key_figures_shown: list[KeyFigure]) -> None:
    total, loyalty, bids = (figure_data(figure) for figure in key_figures_shown)
    assert total["value"] == "242000000.10"
    assert total["excluded"] == [
        {"reason": "Interna poster", "rows": 1204, "counted": "rader", "amount": "-45000000.12", "known": None}
    ]
    assert (loyalty["value"], loyalty["unit"]) == (84.94, "%")
    assert (loyalty["numerator"], loyalty["denominator"]) == ("205554800.00", "242000000.10")
    assert bids["value"] is None and bids["unknown_because"].startswith("Fler än")
    keys = "id label value unit numerator denominator excluded method status unknown_because".split()  # noqa: SIM905
    assert set(keys) <= set(total)


def test_an_unknown_amount_is_never_written_as_nothing(source: Source) -> None:
    figure = KeyFigure(
        id="enabled", label="Möjliggjort", value=Decimal(1), unit="SEK", method="enabled",
        excluded=(
            Exclusion.of("Ingen metod", [None] * 37, counted="upphandlingar"),
            Exclusion.of("Utan slutdag", [300_00, None, 200_00], counted="upphandlingar"),
            Exclusion.of("Startdag saknas", [0], counted="upphandlingar"),
            Exclusion.of("Ny artikel", [None], counted="artiklar"),
        ),
    )  # fmt: skip
    shown = report.how_calculated([figure], source=source, methods={"enabled": "# Möjliggjort\n\nText.\n"}).html
    for text in (
        "Ingen metod: 37 upphandlingar, belopp okänt", "Utan slutdag: 3 upphandlingar, belopp känt för 2: 500,00 kr",
        "Startdag saknas: 1 upphandling, 0,00 kr", "Ny artikel: 1 artikel, belopp okänt",
    ):  # fmt: skip
        assert text in shown.replace("\xa0", " ")
    told = figure_data(figure)["excluded"]
    assert [(each["rows"], each["counted"], each["amount"], each["known"]) for each in told] == [
        (37, "upphandlingar", None, None), (3, "upphandlingar", "500.00", 2), (1, "upphandlingar", "0.00", None),
        (1, "artiklar", None, None),
    ]  # fmt: skip
    wrong = KeyFigure(id="a", label="A", value=Decimal(1), unit="SEK", method="enabled",
                      excluded=(Exclusion("Skäl", 1, 1, "upphandling"),))  # fmt: skip
    with pytest.raises(ReportError, match="Did you mean 'upphandlingar'"):
        report.how_calculated([wrong], source=source, methods={"enabled": "# A\n\nText.\n"})


def test_key_figures_refuse_what_cannot_be_defended(source: Source, key_figures_shown: list[KeyFigure]) -> None:
    total, loyalty, bids = key_figures_shown
    for wrong, says in [
        ([], "between 1 and 8"),
        ([total, total], "twice"),
        ([dataclasses.replace(bids, unknown_because="")], "no reason"),
        ([dataclasses.replace(loyalty, status="grön")], "status 'grön'"),
    ]:
        with pytest.raises(ReportError, match=says):
            report.key_figures(wrong, source=source)
    with pytest.raises(ReportError, match=r"docs/methods/spend_total\.md"):
        report.how_calculated([total], source=source, methods={})


def test_unknown_figure_says_why(source: Source, key_figures_shown: list[KeyFigure]) -> None:
    html = report.key_figures(key_figures_shown, source=source).html
    assert "Uppgift saknas" in html and "Fler än hälften" in html and "Underlag saknas" in html


def test_finding_formats_by_name_and_escapes() -> None:
    part = report.finding(
        "{name}: {a_ore}, {b_exact_ore}, {c_pct}, {row_count}, {d_on}, {year}, {x}.",
        name="<script>x</script>", a_ore=5_390_000_000, b_exact_ore=12345, c_pct=Decimal("12.34"),
        row_count=68021, d_on=date(2024, 1, 31), year=2024, x=None,
    )  # fmt: skip
    shown = part.text.replace("\u00a0", "_")
    assert shown == ("<script>x</script>: 53,9_mnkr, 123,45_kr, 12,3_%, 68_021, 31_januari 2024, 2024, uppgift saknas.")
    assert "<script>" not in part.html and "<bdi>&lt;script&gt;" in part.html
    assert "<b>" not in report.finding("<b>fet</b>").html


def test_template_and_values_must_agree() -> None:
    with pytest.raises(ReportError, match="has no value"):
        report.finding("{name}")
    with pytest.raises(ReportError, match="not used"):
        report.finding("Hej", name="x")
    with pytest.raises(ReportError, match="braces"):
        report.finding("{")
    with pytest.raises(ReportError, match="no kind 'stopp'"):
        report.callout("Hej", kind="stopp")  # type: ignore[arg-type]
    with pytest.raises(ReportError, match="empty"):
        report.bullet_points([])


def test_status_has_symbol_word_and_rule() -> None:
    part = report.status_mark("watch", "Mål: 85 %")
    assert part.text == "▲ Bevaka: Mål: 85 %"
    assert 'aria-hidden="true">▲' in part.html and "Bevaka" in part.html
    with pytest.raises(ReportError, match="rule"):
        report.status_mark("watch", " ")


def test_pounds_are_pounds_everywhere(source: Source) -> None:
    british = dataclasses.replace(source, currency="GBP")
    part = report.table(FRAME, title="T", columns={"supplier_name": "L", "amount_ore": "Inköp"}, source=british)
    assert "Inköp (miljoner\u00a0£)" in part.html and "kr)" not in part.html
    assert "£" in report.finding("{a_ore}", source=british, a_ore=100).text


def test_inputs_are_untouched(source: Source) -> None:
    before = FRAME.copy(deep=True)
    report.table(FRAME, title="T", columns=HEADS, source=source)
    report.figure(FRAME, kind="bar", title="T", alt=ALT, source=source, label="supplier_name", value="amount_ore")
    pd.testing.assert_frame_equal(FRAME, before)


def test_logo_is_inside_the_page_or_refused(source: Source, tmp_path) -> None:  # type: ignore[no-untyped-def]
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG")
    given = {"title": "T", "lead": "L", "period": "2024", "made_on": "2026-11-21", "version": "1"}
    part = report.report_header(source=dataclasses.replace(source, logo_path=str(logo)), **given)  # type: ignore[arg-type]
    assert 'src="data:image/png;base64,' in part.html and 'alt="Region Exempel"' in part.html
    with pytest.raises(ReportError, match="logo"):
        report.report_header(source=dataclasses.replace(source, logo_path=str(tmp_path / "x.exe")), **given)  # type: ignore[arg-type]


def test_long_names_that_differ_at_the_end_stay_apart(source: Source) -> None:
    units = [f"{'Förvaltningen för teknik, miljö och samhällsbyggnad ' * 2}enhet {number}" for number in range(3)]
    frame = pd.DataFrame({"category_name": ["Bygg"] * 3, "unit_name": units, "amount_ore": [1_00, 2_00, 3_00]})
    part = report.figure(
        frame, kind="heatmap", title="T", alt=ALT, source=source, label="category_name", series="unit_name",
        value="amount_ore",
    )  # fmt: skip
    heads = re.findall(r'<th scope="col" class="pa-number">([^<]*)', part.html)
    assert len(heads) == len(set(heads)) == 3 and all(head.endswith(f"enhet {n}") for n, head in enumerate(heads))


def test_a_sentence_about_what_is_not_known_falls_back() -> None:
    nothing = report.first_row(pd.DataFrame({"unit_name": [], "share_pct": []}))
    assert nothing == {"unit_name": None, "share_pct": None}
    for share in (None, float("nan"), pd.NA):
        assert report.words("{share_pct} av allt", otherwise="Inga köp", share_pct=share) == "Inga köp"
        assert report.finding("{share_pct} av allt", otherwise="Inga köp", share_pct=share).text == "Inga köp"
    assert report.words("{share_pct} av allt", otherwise="Inga köp", share_pct=0) == "0,0\u00a0% av allt"
    assert report.words("{name} säljer mest", name=None) == "uppgift saknas säljer mest"
    assert "Inga frågor" in report.bullet_points([], otherwise="Inga frågor.").text
    with pytest.raises(ReportError, match="otherwise"):
        report.bullet_points([])


def test_curve_without_a_supplier_above_zero_says_so(source: Source) -> None:
    columns = {"rank": "int64", "cumulative_pct": "float64", "is_point": "bool"}
    empty = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in columns.items()})
    assert (
        "Ingen leverantör har nettobelopp över noll" in report.supplier_curve(empty, period="2025", source=source).text
    )
    curve = pd.DataFrame({"rank": [1, 2, 3], "cumulative_pct": [60.0, 90.0, 100.0], "is_point": [False, True, False]})
    text = report.supplier_curve(curve, period="2025", source=source).text
    assert "2 av 3 leverantörer står för 90,0\u00a0% av beloppet" in text


def test_a_month_alone_does_not_vary(source: Source) -> None:
    months = pd.DataFrame({"series": ["2025"], "month": ["2025-03"], "amount_ore": [125_050]})
    assert report.month_title(months, source=source, otherwise="").endswith("en och samma månad: 1\u00a0251\u00a0kr")
    assert report.month_title(months.head(0), source=source, otherwise="") == "Inga inköp per månad att visa"

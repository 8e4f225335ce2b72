"""The parts of the reports on tenders: intervals that are seen, words that are true, hostile names kept harmless."""

from __future__ import annotations

import base64
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from drawings import ACCENTS, HOSTILE, LONG, boxes, filled, overlaps, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from page_reader import PageReader

from procanalysis.errors import ReportError
from procanalysis.measures.tenders import GROUP_RULE, PROFILE_RULE
from procanalysis.report import style
from procanalysis.report import tenders as parts
from procanalysis.report.absent import is_absent
from procanalysis.report.charts import Scale
from procanalysis.report.markup import Part
from procanalysis.report.tenders.panels import Cell, Panel, draw_panels
from procanalysis.report.tenders.pictures import Held, Spread, draw_held, draw_spread
from procanalysis.report.tenders.words import group_summary, members_title, profile_summary, profile_title
from procanalysis.schema import KeyFigure, Source

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PERCENT = Scale("percent")
MEASURES = (
    ("procurements_announced", "count", "st"), ("contract_value", "amount", "SEK"),
    ("median_contract_value", "median", "SEK"), ("framework_share", "share", "%"), ("reviewed_share", "share", "%"),
    ("one_or_two_bids_share_per_procurement", "share", "%"), ("median_bids_per_procurement", "median", "st"),
    ("sme_award_share", "share", "%"), ("sme_award_share_highest", "share", "%"), ("covered_share_lots", "share", "%"),
)  # fmt: skip
SHARES = tuple(name for name, kind, _ in MEASURES if kind == "share")
COLUMNS = ("measure", "label", "kind", "unit", "group", "role", "value", "numerator", "denominator", "units_count",
           "lowest", "highest", "reference", "reference_value", "verdict", "verdict_text", "reason",
           "ordered_by")  # fmt: skip


def row(measure: str, kind: str, unit: str, group: str, role: str, **more: Any) -> dict[str, Any]:
    share = {"value": Decimal(50), "numerator": Decimal(20), "denominator": Decimal(40), "lowest": Decimal(35),
             "highest": Decimal(65), "units_count": 40}  # fmt: skip
    other = {"value": Decimal(4_000_000) if unit == "SEK" else Decimal(3), "units_count": 40}
    usual = dict.fromkeys(COLUMNS) | dict.fromkeys(("reference", "verdict", "verdict_text", "reason"), "")
    known = share if kind == "share" else other
    return usual | known | {"measure": measure, "label": f"Mått {measure}", "kind": kind, "unit": unit, "group": group,
                            "role": role, "ordered_by": "name"} | more  # fmt: skip


UNKNOWN = dict.fromkeys(("value", "numerator", "denominator", "lowest", "highest")) | {"units_count": 0}


def profile(name: str = "Region Exempel", *, own: Any = None, group: Any = None, others: Any = ("Alla", "Landet"),
            **by_measure: Any) -> pd.DataFrame:  # fmt: skip
    """Make a profile; `own` and `group` are for every measure, others by the measure's id on the buyer's row."""
    rows = []
    for measure, kind, unit in MEASURES:
        rows.append(row(measure, kind, unit, name, "own", **(own or {}), **by_measure.get(measure, {})))
        verdict = {"verdict": "no_difference" if kind == "share" else "not_compared"}
        rows += [row(measure, kind, unit, other, "group", **(verdict | (group or {}))) for other in others]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def side_by_side(names: tuple[str, ...], verdicts: tuple[str, ...] = (), **more: Any) -> pd.DataFrame:
    rows = []
    for measure, kind, unit in MEASURES:
        for place, name in enumerate(names):
            verdict = verdicts[place % len(verdicts)] if verdicts and kind == "share" else "not_compared"
            rows.append(row(measure, kind, unit, name, "member", reference="Alla", verdict=verdict, **more))
        rows += [row(measure, kind, unit, other, "group") for other in ("Alla", "Landet")]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def plain(part: Part) -> str:
    return part.text.replace("\u00a0", " ")


def pictures(part: Part) -> list[str]:
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", part.html)
    assert len(found) == 2
    return [base64.b64decode(each).decode() for each in found]


def harmless(part: Part) -> None:
    """Everything hostile is text: no tag, no handler, no script came with it."""
    page = PageReader(str(part.html))
    assert not page.all("script") and not any("onerror" in attributes for _, attributes in page.tags)
    assert {tag for tag, _ in page.tags} <= {
        "div", "h3", "p", "figure", "figcaption", "picture", "source", "img", "details", "summary", "span", "table",
        "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "bdi",
    }  # fmt: skip


def every_part(name: str, group: str, source: Source) -> list[Part]:
    """Every part that names come into, with the names given."""
    beside, members = profile(name, others=(group, "Landet")), side_by_side((name, "Beta"), ("higher", "lower"))
    mixed = pd.DataFrame(
        {"group": [name, group], "key": ["a", "a"], "name": [LONG, LONG], "procurements_count": [3, 7],
         "share_pct": [100.0, 100.0], "total_count": [3, 7]}
    )  # fmt: skip
    classes = pd.DataFrame(
        {"group": [name] * 2 + [group] * 2, "name": ["1 anbud", "2 anbud"] * 2, "procurements_count": [1, 3, 2, 2],
         "share_pct": [25.0, 75.0, 50.0, 50.0], "total_count": [4] * 4}
    )  # fmt: skip
    answers = pd.DataFrame(
        {"question": ["Miljökrav"] * 2, "group": [name, group], "procurements_count": [4, 4], "yes_count": [1, 2],
         "no_count": [0, 0], "missing_count": [3, 2]}
    )  # fmt: skip
    listed = pd.DataFrame(
        {"procurement_id": [name], "title": [name], "announced_on": [pd.Timestamp("2025-03-01")], "kind": ["goods"],
         "procedure": [None], "cpv_main_name": [group], "lots_count": [1], "bids_count": [2], "value_ore": [100],
         "suppliers_count": [1]}
    )  # fmt: skip
    said = {"source": source, "sheet": "Blad"}
    return [
        parts.summary(beside, name=name, year=2025, source=source),
        parts.comparison_summary(members, name=group, year=2025, source=source),
        parts.profile_table(beside, SHARES, title=name, **said),
        parts.profile_figure(beside, SHARES, **said),
        parts.members_figure(members, SHARES[:3], **said),
        parts.matrix_table(members, SHARES, title=name, **said),
        parts.detail_table(beside, title=name, **said),
        parts.mix_figure(mixed, name=name, what="Slag", **said),
        parts.bids_figure(classes, name=name, **said),
        parts.answers_table(answers, **said),
        parts.few_members(side_by_side((name,), ("too_few",)), source=source),
        parts.left_out_points([name], [group], source=source),
        parts.procurement_table(listed, **said),
    ]


@pytest.mark.parametrize("name", [HOSTILE, LONG, "Å"])
def test_names_are_harmless_and_nothing_falls_outside(name: str, source: Source) -> None:
    for part in every_part(name, f"{name} grupp", source):
        harmless(part)
        if part.data["type"] == "figure":
            image = PageReader(str(part.html)).all("img")[0]
            assert len(image["alt"]) >= 25 and re.search(r"\d", image["alt"])
            for svg in pictures(part):
                assert "<script" not in svg and overlaps(svg) == 0
                width = float(re.search(r'viewBox="0 0 ([0-9.]+)', svg)[1])
                assert all(left >= -1 and right <= width + 1 for left, _, right, _ in boxes(svg))
        assert str(part.html).count("<table") == str(part.html).count("<caption>")


def test_every_figure_has_source_alt_and_the_rows_for_the_workbook(source: Source) -> None:
    part = parts.profile_figure(profile(), SHARES, source=source, sheet="Andelar")
    assert f"Källa: {source.text} Fiktiva uppgifter." in PageReader(str(part.html)).text
    assert part.data["sheet"] == "Andelar" and len(part.data["rows"]) == 3 * len(SHARES)
    assert "Ramavtal 50,0\u00a0% (20 av 40)" in part.html and "35–65\u00a0%" in part.data["rows"][0]


# What is said


def test_the_summary_reads_as_text_and_gives_the_numbers() -> None:
    said = " ".join(profile_summary(profile(), name="Region Exempel", year=2025)).replace("\xa0", " ")
    assert said == (
        "Region Exempel annonserade 3 upphandlingar under 2025; alla tillsammans 3 och landet tillsammans 3. Av de 40 "
        "upphandlingar som enligt källan fick anbud fick 50,0 % (20 av 40) ett eller två, och medianen var 3; andelen "
        "skiljer sig inte tydligt från alla tillsammans, 50,0 % (20 av 40). De angivna kontraktsvärdena är tillsammans "
        "4,0 mnkr, och hälften av värdena är högst 4,0 mnkr. Små och medelstora företag vann 50,0 % (20 av 40) av de "
        "kontrakterade anbuden. Källan har uppgift om anbud bara för 20 av 40 annonserade upphandlingar, så bilden av "
        "konkurrensen är inte hel."
    )


def test_the_summary_says_why_where_nothing_is_known() -> None:
    unknown = profile(own=UNKNOWN | {"reason": "Underlaget har inga uppgifter"}, others=())
    said = profile_summary(unknown, name="Region Exempel", year=2025)
    assert len(said) == 5 and all("underlaget har inga uppgifter" in sentence for sentence in said)
    assert not any(word in " ".join(said) for word in ("None", "nan", "–", "0 upphandlingar"))
    assert profile_summary(unknown, name="x", year=2025, because="Filerna saknas.") == ["Filerna saknas."]


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("higher", "tydligt högre än för alla tillsammans"),
        ("lower", "tydligt lägre än för alla tillsammans"),
        ("too_few", "för få för att jämföra med alla"),
        ("unknown", "medianen var 3."),
    ],
)
def test_the_summary_follows_the_verdict(verdict: str, words: str) -> None:
    said = profile_summary(profile(group={"verdict": verdict}), name="Vi", year=2025)
    assert words in said[1].replace("\xa0", " ")


def test_small_firms_are_a_range_only_where_the_class_is_unclear() -> None:
    more = profile(sme_award_share_highest={"value": Decimal(60)})
    [said] = [one for one in profile_summary(more, name="Vi", year=2025) if "medelstora" in one]
    assert said.replace("\xa0", " ").endswith("högst 60,0 % (20 av 40) om företag med 200–499 anställda räknas dit.")


def test_titles_say_what_is_sure_and_no_more() -> None:
    names = ("A", "B", "C", "D", "E")
    titled = {
        verdicts: members_title(side_by_side(names, verdicts), "framework_share")
        for verdicts in (("higher", "lower", "no_difference", "too_few", "unknown"), ("no_difference",), ("too_few",))
    }
    assert list(titled.values()) == [
        "Ramavtal: av 3 är 1 tydligt högre och 1 tydligt lägre än alla tillsammans",
        "Ramavtal: ingen av 5 skiljer sig tydligt från alla tillsammans",
        "Ramavtal: ingen har underlag nog för att jämföras",
    ]
    own, group = (profile()[profile()["role"] == role].to_dict("records") for role in ("own", "group"))
    shares = [one for one in group if one["group"] == "Alla" and one["kind"] == "share"]
    assert profile_title(own, shares) == f"Inget av de {len(shares)} mått som kan jämföras skiljer sig tydligt från " \
        "alla tillsammans"  # fmt: skip
    shares[0]["verdict"], shares[1]["verdict"] = "higher", "lower"
    assert profile_title(own, shares) == "Ramavtal tydligt högre; Överprövade tydligt lägre än alla tillsammans"
    assert profile_title(own, []) == "Andelarna och deras osäkerhet"


def test_the_group_in_words_counts_and_never_ranks() -> None:
    said = " ".join(group_summary(side_by_side(("A", "B", "C"), ("higher", "no_difference")), name="Alla", year=2025))
    assert "Andelen ramavtal är tydligt högre än gruppens för 2 av de 3 organisationer som kan jämföras." in said
    assert not re.search(r"\b(bäst|sämst|först|sist|plats|rang)\b", said)


def test_an_unknown_figure_says_why_in_the_table(source: Source) -> None:
    unknown = profile(own=UNKNOWN | {"reason": "Källan anger det inte"}, group={"verdict": "unknown"})
    for part in (
        parts.profile_table(unknown, SHARES, title="Andelar", source=source, sheet="Andelar"),
        parts.profile_figure(unknown, SHARES, source=source, sheet="Andelar"),
    ):
        assert is_absent(part) and plain(part) == "Källan anger det inte."
    some = profile(framework_share=UNKNOWN | {"reason": "Källan anger det inte"})
    some.loc[(some["measure"] == "framework_share") & (some["role"] == "group"), "verdict"] = "unknown"
    shown = parts.profile_table(some, SHARES, title="Andelar", source=source, sheet="Andelar")
    assert plain(shown).count("Okänt. Källan anger det inte | kan inte jämföras") == 1


def nothing(columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in columns.split()})


def test_nothing_to_show_is_said_in_words_and_leaves_its_chapter_empty(source: Source) -> None:
    said = {"source": source, "sheet": "Blad"}
    mixed = nothing("group key name procurements_count share_pct total_count")
    classes = pd.DataFrame(
        {"group": ["Vi", "Alla"], "name": ["1 anbud"] * 2, "procurements_count": [0, 5], "share_pct": [None, 100.0],
         "total_count": [0, 5]}
    )  # fmt: skip
    answers = pd.DataFrame({"question": ["Miljökrav"] * 2, "group": ["Vi", "Alla"], "procurements_count": [0, 4],
                            "yes_count": [0, 4], "no_count": [0, 0], "missing_count": [0, 0]})  # fmt: skip
    none = side_by_side(("A", "B"), ("unknown",), **UNKNOWN | {"reason": "Underlaget är tomt"})
    unknown = KeyFigure(
        id="a", label="Anbud från länet", value=None, unit="%", method="a", unknown_because="Län saknas"
    )
    told = {
        "inga upphandlingar att fördela på slag": parts.mix_figure(mixed, name="Vi", what="Slag", **said),
        "inga uppgifter om antal anbud": parts.bids_figure(classes, name="Vi", **said),
        "Underlaget är tomt.": parts.members_figure(none.assign(value=None), SHARES[:1], **said),
        "krav och samordning": parts.answers_table(answers, **said),
        "Anbud från länet: län saknas.": parts.share_finding(unknown, source=source),
        "inga tilldelningar": parts.sizes_table(nothing("name bids_count share_pct suppliers_count"), **said),
        "": parts.caution(profile(own=UNKNOWN), rule="Så jämförs det.", source=source),
    }
    for words, part in told.items():
        assert is_absent(part) and words in plain(part)
    assert is_absent(parts.procurement_table(nothing("procurement_id title kind procedure"), **said))
    assert "inga begränsningar" in plain(parts.left_out_points((), ("",), source=source))


def test_members_with_little_or_nothing_are_named(source: Source) -> None:
    enough, few = side_by_side(("A",), ("higher",)), side_by_side(("A", "B"), ("higher", "too_few"))
    assert "minst 20 upphandlingar" in plain(parts.few_members(enough, source=source))
    assert plain(parts.few_members(few, without_rows=["C"], source=source)).splitlines() == [
        "- C: källan har inga uppgifter.",
        f"- B: färre än 20 upphandlingar bakom {len(SHARES)} mått, som därför inte jämförs.",
    ]


def test_a_group_of_one_is_drawn(source: Source) -> None:
    alone = parts.members_figure(side_by_side(("Ensam",), ("no_difference",)), SHARES[:2], source=source, sheet="Blad")
    assert all("Ensam" in texts(svg) for svg in pictures(alone))
    members = side_by_side(("A", "B"), ("no_difference",), lowest=Decimal(2_000_000), highest=Decimal(9_000_000))
    values = parts.members_figure(members, ["median_contract_value"], source=source, sheet="Blad")
    assert all({"4,0\xa0mnkr", "9\xa0000\xa0tkr"} <= set(texts(svg)) for svg in pictures(values))


def test_few_procurements_are_warned_of(source: Source) -> None:
    rule = "Så jämförs det."
    few = profile(framework_share={"units_count": 7}, reviewed_share={"units_count": 12})
    assert plain(parts.caution(few, rule=rule, source=source)).startswith(
        "Observera: 2 mått vilar på färre än 20 upphandlingar, som lägst 7."
    )
    # However long, the rule is told to its end.
    for told in (rule, PROFILE_RULE, GROUP_RULE):
        assert plain(parts.caution(profile(), rule=told, source=source)) == f"Att känna till: {told}"
    assert "höjd efter antalet jämförda" in GROUP_RULE


def test_matrices_mark_what_is_sure_with_a_sign_and_what_is_few_with_words(source: Source) -> None:
    found = side_by_side(("A", "B", "C", "D"), ("higher", "lower", "too_few", "no_difference"))
    part = parts.matrix_table(found, ["framework_share"], title="Avtal", source=source, sheet="Avtal")
    rows = [one.split(" | ") for one in plain(part).splitlines()[2:8]]
    assert rows == [["A", "50,0 % ▲ (20/40)"], ["B", "50,0 % ▼ (20/40)"], ["C", "50,0 % (för få) (20/40)"],
                    ["D", "50,0 % (20/40)"], ["Alla", "50,0 % (20/40)"], ["Landet", "50,0 % (20/40)"]]  # fmt: skip
    on_paper = parts.matrix_table(found, ["framework_share"], title="Avtal", source=source, sheet="A", screen_only=True)
    assert "pa-screen" in on_paper.html or on_paper.html != part.html


def test_the_upper_end_of_a_share_has_a_column_only_where_it_says_more(source: Source) -> None:
    found = side_by_side(("A", "B"), ("no_difference",))
    ends = ["sme_award_share", "sme_award_share_highest"]
    shown = {"title": "Leverantörer", "source": source, "sheet": "Blad"}
    assert "högst" not in plain(parts.matrix_table(found, ends, **shown))
    assert "högst" in plain(parts.matrix_table(found, ends[1:], **shown))
    found.loc[(found["measure"] == ends[1]) & (found["group"] == "B"), "value"] = Decimal(60)
    assert "högst" in plain(parts.matrix_table(found, ends, **shown))


def test_all_the_details_are_in_the_workbook(source: Source) -> None:
    found = side_by_side(tuple(f"M{place}" for place in range(20)), ("no_difference",))
    part = parts.detail_table(found, title="Alla mått", source=source, sheet="Alla mått")
    assert len(part.data["rows"]) == len(found) == 22 * len(MEASURES)


def test_shares_in_sentences_have_their_counts() -> None:
    said = " ".join(
        [*group_summary(side_by_side(("A", "B")), name="Alla", year=2025),
         *profile_summary(profile(sme_award_share_highest={"value": Decimal(60)}), name="Vi", year=2025)]
    ).replace("\xa0", " ")  # fmt: skip
    assert said.count(" %") == len(re.findall(r" % \(\d+ av \d+\)", said)) >= 4
    assert not re.search(r"\bdem\b|säker", said)


def test_tables_are_joined_for_all_buyers_and_every_row_read_is_accounted_for() -> None:
    cells = {
        name: "\n".join("".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"])
        for name, path in ((name, NOTEBOOKS / f"{name}.ipynb") for name in ("annual_report_region", "comparison"))
    }
    # Chosen by buyer the tables cannot tell what another buyer concluded.
    assert "tender_joins" not in cells["annual_report_region"]
    assert "*_, whole = group.groups.values()" in cells["comparison"] and "tender_joins(whole." in cells["comparison"]
    assert all(".control_table(" in text for text in cells.values())
    # The comparison tells that its confidence follows from how many are compared.
    assert "GROUP_RULE" in cells["comparison"] and "PROFILE_RULE" in cells["annual_report_region"]


def test_what_is_missing_is_named_so_that_it_can_be_mended(source: Source) -> None:
    said = {"source": source, "sheet": "Blad"}
    for make in (parts.profile_table, parts.matrix_table):
        with pytest.raises(ReportError, match="no measure 'ramavtal'"):
            make(profile(), ["ramavtal"], title="Andelar", **said)
    with pytest.raises(ReportError, match="is no share"):
        parts.profile_figure(profile(), ["contract_value"], **said)
    with pytest.raises(ReportError, match="no members"):
        parts.members_figure(profile(), ["framework_share"], **said)
    with pytest.raises(ReportError, match="title is missing"):
        parts.profile_table(profile(), SHARES, title="", **said)


# The drawings

numbers = st.decimals(0, 100, places=1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(numbers, numbers, numbers, st.booleans(), st.one_of(st.none(), numbers)), min_size=1, max_size=9
    ),
    st.sampled_from(ACCENTS), st.booleans(), st.booleans(),
)  # fmt: skip
def test_whatever_the_values_nothing_covers_anything(drawn: Any, accent: str, narrow: bool, as_bars: bool) -> None:
    rows = [
        Held(f"Rad {place} {LONG if place == 2 else ''}", ("12,3 %", "1 av 8"), None if pale else sorted(ends)[1],
             min(ends), max(ends), (reference, Decimal(40)), pale)
        for place, (*ends, pale, reference) in enumerate(drawn)
    ]  # fmt: skip
    svg = draw_held(rows, heads=("Andel", "Antal"), references=("Alla", "Landet"), scale=PERCENT, accent=accent,
                    value_name="Vi", as_bars=as_bars, narrow=narrow)  # fmt: skip
    assert overlaps(svg) == 0
    width = float(re.search(r'viewBox="0 0 ([0-9.]+)', svg)[1])
    assert all(left >= -1 and right <= width + 1 for left, _, right, _ in boxes(svg))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("count", [1, 21, 40])
def test_panels_hold_every_member_once_and_leave_out_the_dot_of_the_few(narrow: bool, count: int) -> None:
    names = [f"Region {place}" for place in range(count)]
    cells = tuple(
        Cell("för få", None) if place == 1 else Cell("50,0 %", Decimal(50), Decimal(40), Decimal(60), place == 2)
        for place in range(count)
    )
    panels = [Panel(f"Mått {one}", PERCENT, cells, (Decimal(45), None)) for one in range(3)]
    svg = draw_panels(names, panels, references=("Alla", "Landet"), accent=style.ACCENT, narrow=narrow)
    written = texts(svg)
    assert all(written.count(name) == (3 if narrow else 1) for name in names)
    assert overlaps(svg) == 0 and written.count("för få") == (3 if count > 1 else 0)
    assert svg.count("<use ") == 3 * (count - (count > 1)) + len({"Tydligt", "Ingen"} if count > 2 else {"Ingen"})


def test_the_classes_fill_the_bar_and_are_read_on_every_shade() -> None:
    rows = [Spread("Vi", (Decimal(10), Decimal(20), Decimal(30), Decimal(40)), "40", bold=True)]
    for accent in ACCENTS[:3]:  # black is what a drawing is filled with when it says nothing
        svg = draw_spread(rows, classes=("1", "2", "3–4", "5 eller fler"), head="Upphandlingar", accent=accent)
        bars = [corners for _, corners in filled(svg) if corners[3] - corners[1] == pytest.approx(15)]
        widths = [right - left for left, _, right, _ in bars]
        assert [width / sum(widths) for width in widths] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.001)
        assert overlaps(svg) == 0 and {"20\u00a0%", "40\u00a0%"} <= set(texts(svg))


def test_too_much_for_one_drawing_is_refused() -> None:
    row = Held("x", ("1",), Decimal(1))
    given_to = {"heads": ("a",), "scale": PERCENT, "accent": style.ACCENT, "value_name": "Vi"}
    with pytest.raises(ReportError, match="41 rows"):
        draw_held([row] * 41, references=(), **given_to)
    with pytest.raises(ReportError, match="3 references"):
        draw_held([row], references=("a", "b", "c"), **given_to)
    with pytest.raises(ReportError, match="6 classes"):
        draw_spread([], classes=tuple("abcdef"), head="x", accent=style.ACCENT)
    with pytest.raises(ReportError, match="4 measures"):
        draw_panels(["x"], [Panel("a", PERCENT, ())] * 4, references=(), accent=style.ACCENT)

"""The list of article tags: what is tagged with what and when; every row accounted for; nobody shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procanalysis.errors import InputError
from procanalysis.read.article_tags import ArticleTagReading, read_article_tags
from procanalysis.read.registers import RegisterFormat
from procanalysis.read.rules import read_taxonomy
from procanalysis.schema import ARTICLE_TAGS, REJECT_REASONS, TAG_KINDS, names

TAXONOMY = read_taxonomy(Path(__file__).parents[2] / "params" / "taxonomies" / "procanalysis.csv")
ABBE, PERSON = "556016-0680", "900101-0017"
SOUND = {
    "Organisationsnummer": ABBE,
    "Leverantör": "Abbe Bygg AB",
    "Artikelnummer": "K-100",
    "GTIN": "",
    "Kategori": "",
    "Slag av märkning": "Miljömärke",
    "Märkning": "Svanen",
    "Giltig från": "2024-01-01",
    "Giltig till": "2025-12",
    "Källa": "leverantörens lista",
}


def csv_text(rows: Sequence[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(SOUND), delimiter=";", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path: Path, masker):
    def read_contents(content: Any, known_keys: Any = frozenset(), **form: Any) -> ArticleTagReading:
        path = tmp_path / "markningar.csv"
        content = csv_text(content) if isinstance(content, list) else content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        reading = read_article_tags(
            [path], RegisterFormat(**form), taxonomy=TAXONOMY, masker=masker, known_keys=known_keys
        )
        control = reading.control
        assert control.rows_read == control.rows_accepted + control.rows_rejected
        assert (len(reading.article_tags), len(reading.rejected)) == (control.rows_accepted, control.rows_rejected)
        assert list(reading.article_tags.columns) == names(ARTICLE_TAGS)
        for column in ARTICLE_TAGS:
            kinds = {"text": "str", "date": "datetime64[us]", "integer": "int64" if column.required else "Int64"}
            assert str(reading.article_tags[column.name].dtype) == kinds[column.type]
            assert not (column.required and reading.article_tags[column.name].isna().any())
        assert set(reading.rejected["reason"]) <= REJECT_REASONS.keys()
        return reading

    return read_contents


def changed(**cells: str) -> dict[str, str]:
    return {**SOUND, **{name.replace("_", " "): value for name, value in cells.items()}}


def on_category(code: str, **cells: str) -> dict[str, str]:
    return changed(Organisationsnummer="", Leverantör="", Artikelnummer="", Kategori=code, **cells)


def reasons(reading: ArticleTagReading) -> list[list[Any]]:
    return reading.rejected[["row_number", "column", "reason"]].to_numpy().tolist()


def test_a_row_with_every_column(read):
    (found,) = read([SOUND]).article_tags.to_dict("records")
    days = {name: pd.Timestamp(found.pop(name)).date() for name in ("valid_from", "valid_to")}
    assert days == {"valid_from": date(2024, 1, 1), "valid_to": date(2025, 12, 31)}
    assert {name: None if pd.isna(value) else value for name, value in found.items()} == {
        "supplier_key": "5560160680", "article_id": "K-100", "standard_item_id": None, "category_code": None,
        "tag_kind": "label", "tag": "Svanen", "source": "leverantörens lista", "file": "markningar.csv",
        "row_number": 2,
    }  # fmt: skip


def test_kinds_are_swedish_words_or_those_of_the_organisation_file(read):
    words = {
        "miljömärke": "label", "EKOLOGISKT": "organic", "Närproducerat": "local", "klimatklass": "climate_class",
        "organic": "organic", "Grön": "label",
    }  # fmt: skip
    rows = [changed(Artikelnummer=f"K-{n}", Slag_av_märkning=word) for n, word in enumerate(words)]
    reading = read([*rows, changed(Slag_av_märkning="Rund & fin")], kinds={"grön": "label"})
    assert reading.article_tags["tag_kind"].tolist() == list(words.values())
    assert reading.rejected["value"].tolist() == ["Rund & fin"]
    assert reading.control.unknown_kinds == ("Rund & fin",)


def test_looked_at_and_found_without_is_no_tag(read):
    words = ["ingen", "Inget", "inga", "nej", "Utan", "ej märkt", "omärkt"]
    rows = [
        changed(Artikelnummer=f"{kind}-{word}", Slag_av_märkning=kind, Märkning=word)
        for kind in ("Miljömärke", "Klimatklass")
        for word in words
    ]
    found = read([*rows, changed(Artikelnummer="K-101")]).article_tags
    assert found["tag"].isna().tolist() == [True] * 14 + [False]


def test_a_plain_yes_is_the_kind_itself_but_names_no_climate_class(read):
    reading = read(
        [
            changed(Slag_av_märkning="Ekologiskt", Märkning="ja"),
            changed(Slag_av_märkning="Lokalproducerat", Märkning="x"),
            changed(Slag_av_märkning="Lokalproducerat", Märkning="0", Artikelnummer="K-2"),
            changed(Slag_av_märkning="Klimatklass", Märkning="ja"),
        ]
    )
    assert reading.article_tags["tag"].fillna("–").tolist() == ["Ekologiskt", "Lokalproducerat", "–"]
    assert reasons(reading) == [[5, "Märkning", "tag_missing"]]


def test_a_tag_is_spelled_as_it_was_first_spelled(read):
    rows = [changed(Artikelnummer=f"K-{n}", Märkning=word) for n, word in enumerate(["Svanen", "SVANEN", "svanen "])]
    assert read(rows).article_tags["tag"].tolist() == ["Svanen"] * 3


def test_a_row_is_about_the_article_or_else_the_category(read):
    rows = [
        changed(GTIN="9521234000017", Kategori="Vad som helst"),
        changed(Organisationsnummer="", Leverantör="", GTIN="9521234000017"),
        on_category("13.01"),
        on_category("Mat"),
    ]
    reading = read(rows, categories={"mat": "13.01"})
    found = reading.article_tags[["supplier_key", "article_id", "standard_item_id", "category_code"]]
    assert found.astype("object").where(found.notna(), None).to_numpy().tolist() == [
        ["5560160680", "K-100", "9521234000017", None],
        [None, None, "9521234000017", None],
        [None, None, None, "13.01"],
        [None, None, None, "13.01"],
    ]
    assert reading.control.unknown_categories == ()


def test_an_open_ended_tag_holds_still(read):
    found = read([changed(Giltig_från="", Giltig_till="tills vidare")]).article_tags
    assert found["valid_from"].isna().all() and found["valid_to"].isna().all()


FAULTS: list[tuple[dict[str, str], str, str]] = [
    (changed(Slag_av_märkning=""), "Slag av märkning", "tag_kind_unknown"),
    (changed(Märkning=" "), "Märkning", "tag_missing"),
    (changed(Artikelnummer=""), "Artikelnummer", "tag_target_missing"),
    (on_category("99.99"), "Kategori", "category_unknown"),
    (changed(Organisationsnummer="", Leverantör=""), "Leverantör", "supplier_missing"),
    (changed(Giltig_till="2023-01-01"), "Giltig till", "ends_before_start"),
    (changed(Giltig_från="2024-02-30"), "Giltig från", "date_unreadable"),
]


def test_a_row_at_fault_is_rejected_with_its_column_and_reason(read):
    reading = read([SOUND, *(row for row, _, _ in FAULTS)])
    assert reasons(reading) == [[n, column, reason] for n, (_, column, reason) in enumerate(FAULTS, start=3)]
    assert reading.control.unknown_categories == ("99.99",)


def test_rows_that_contradict_each_other_on_the_same_days_are_all_rejected(read):
    rows = [
        changed(),
        changed(Märkning="ingen", Giltig_från="2025-12-31", Giltig_till=""),
        changed(Märkning="EU Ecolabel"),
        changed(Märkning="ingen", Artikelnummer="K-7"),
        changed(Artikelnummer="K-7", Giltig_från="", Giltig_till="2023-12-31"),
    ]
    reading = read(rows)
    # Only the second overlaps the first and third; two labels do not contradict each other.
    assert reasons(reading) == [[n, "Märkning", "tags_contradict"] for n in (2, 3, 4)]
    assert reading.article_tags["article_id"].tolist() == ["K-7", "K-7"]


def test_an_article_has_one_climate_class_at_a_time(read):
    clash = [changed(Slag_av_märkning="Klimatklass", Märkning=letter) for letter in ("A", "C")]
    later = changed(Slag_av_märkning="Klimatklass", Märkning="B", Giltig_från="2026-01-01", Giltig_till="")
    reading = read([*clash, later])
    assert reading.article_tags["tag"].tolist() == ["B"]
    assert set(reading.rejected["reason"]) == {"tags_contradict"}


def test_a_standard_number_is_the_same_article_whoever_sells_it(read):
    rows = [
        changed(GTIN="9521234000017"),
        changed(Leverantör="Annan AB", Organisationsnummer="202100-5489", GTIN="9521234000017", Märkning="ingen"),
    ]
    with pytest.raises(InputError, match="not one of 2 rows"):
        read(rows)


def test_zeros_alone_are_no_standard_number(read):
    rows = [changed(GTIN="0000000000000"), changed(Artikelnummer="K-101", GTIN="00", Märkning="ingen")]
    assert read(rows).article_tags["standard_item_id"].isna().all()


def test_many_rows_that_say_the_same_of_one_article_are_read_at_once(read):
    rows = [changed(Märkning="ingen" if n % 2 else "Svanen", Artikelnummer="K-1") for n in range(4_000)]
    assert set(read([SOUND, *rows]).rejected["reason"]) == {"tags_contradict"}


def test_people_are_hidden(read, masker):
    rows = [
        SOUND,
        changed(Organisationsnummer=PERSON, Leverantör="Andersson;Anna", Källa="Anna Andersson, 900101-0017"),
        changed(Märkning="", Leverantör="Andersson;Anna", Organisationsnummer=PERSON),
    ]
    reading = read(rows)
    shown = " ".join(map(str, [*reading.article_tags.to_numpy().ravel(), *reading.rejected.to_numpy().ravel()]))
    assert "Anna" not in shown and "900101" not in shown and "9001010017" not in shown
    assert reading.article_tags["supplier_key"].tolist()[1] == masker.supplier_key("9001010017")


def test_a_ledger_is_no_list_of_tags(read):
    with pytest.raises(InputError, match=r"needs a column tag_kind .*article_tags\.columns"):
        read("Artikelnummer;Leverantör;Märkning\nK;Abbe;Svanen\n")
    with pytest.raises(InputError, match="looks like a supplier ledger"):
        read("konto;fakturanummer;leverantör;belopp\n6110;F1;Abbe;100\n")


cells = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "Artikelnummer": st.sampled_from(["K-1", "K-2", ""]) | cells,
                "Kategori": st.sampled_from(["13", "13.01", ""]) | cells,
                "Slag av märkning": st.sampled_from(["Ekologiskt", "Klimatklass"]) | cells,
                "Märkning": st.sampled_from(["KRAV", "ingen", "A", "ja"]) | cells,
                "Giltig från": st.sampled_from(["", "2024-01-01", "2025-06-30"]) | cells,
                "Giltig till": st.sampled_from(["", "2024-12-31", "tills vidare"]) | cells,
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_stands_there_every_row_is_accounted_for(read, rows):
    try:
        reading = read([SOUND, *({**changed(), **row} for row in rows)])
    except InputError:
        return
    found = reading.article_tags
    assert found["tag_kind"].isin(TAG_KINDS).all()
    targets = found[["article_id", "standard_item_id", "category_code"]].notna()
    assert targets.any(axis="columns").all()
    assert not (targets["category_code"] & (targets["article_id"] | targets["standard_item_id"])).any()
    assert (found["supplier_key"].notna() == found["article_id"].notna()).all()
    kept = found.assign(said=found["tag"].notna()).groupby(["supplier_key", "article_id", "tag_kind"], dropna=False)
    for _, rows_of_one in kept:
        for one in rows_of_one.itertuples():
            for other in rows_of_one.itertuples():
                starts = max(one.valid_from, other.valid_from) if pd.notna(one.valid_from) and pd.notna(
                    other.valid_from) else None  # fmt: skip
                ends = [end for end in (one.valid_to, other.valid_to) if pd.notna(end)]
                both = starts is not None and all(starts <= end for end in ends)
                if both and pd.notna(one.article_id):
                    assert one.said == other.said

"""Tender sources: files found and read once, rows found by organisation number, and what is missing told in words."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
import yaml

from procanalysis import cli
from procanalysis.errors import InputError, ParamsError, ProcanalysisError
from procanalysis.params import load_params
from procanalysis.params.indicators import load_indicators
from procanalysis.params.tenders import TENDER_COLUMNS, load_tender_source
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders import read_tenders
from procanalysis.read.tenders.lists import LISTS
from procanalysis.schema import TENDER_TABLES, TenderTables
from procanalysis.tenders import (
    faulty_sources,
    group_slugs,
    group_years,
    has_files,
    open_region,
    open_tender_group,
    open_tenders,
    prepare_tenders,
    preparing,
    region_is_fictional,
    region_name,
    region_slugs,
    region_years,
    tender_check_lines,
    tenders_of,
)

ROOT = Path(__file__).parents[1]
KEY = "a key for tests only"
ALFA, ALFA_BESIDES, ISLAND, EMPTY, HALF = "2321000016", "2331000016", "2120000803", "2321000024", "2321000032"
MUNICIPALITY = "2120002270"

PEERS = f"""\
peer,name,county_code,county,organisation_number,is_own_number,source
alfa,Region Alfa,01,Alfa län,{ALFA},ja,Påhittat
alfa,Region Alfa,01,Alfa län,{ALFA_BESIDES},nej,Påhittat: fel kontrollsiffra
on,Region Ön,02,Öns län,{ISLAND},ja,Påhittat
tom,Region Tom,03,Toms län,{EMPTY},ja,Påhittat
halv,Region Halv,04,Halva län,{HALF},ja,Påhittat
"""
SOURCE = """\
name: Provstatistiken 2021
source: Provmyndigheten, provstatistik 2021
licence: CC0
years: [2021]
procurements: {files: [upphandlingar.xlsx]}
lots: {files: ["anbud*.csv"]}
values: {files: [varden.csv]}
awards: {files: [tilldelningar.csv]}
nation: Hela landet
group: {slug: prov, name: Provets regioner, one: region, all: Alla regioner, peers: ../peers/prov.csv}
missing: ["Direktupphandlingar saknas."]
"""
# Number, buyer's name, its number, sector, day of announcement.
BUYERS = {
    "A1": ("REGION ALFA", ALFA, "Region", "2021-01-04"),
    "A2": ("region alfa", ALFA_BESIDES, "Region", "2021-05-04"),
    "A3": ("Region Alfa", ALFA, "Region", "2020-12-30"),
    "A4": ("Alfas sjukhus", ALFA, "Annat", "2021-12-31"),
    "O1": ("Öns kommun", ISLAND, "Kommun", "2021-06-01"),
    "H1": ("Region Halv", HALF, "Region", "2021-06-02"),
    "K1": ("Värdkommunen", MUNICIPALITY, "Kommun", "2021-06-03"),
    "N1": ("Region Alfa", "5560160680", "Annat", "2021-06-04"),  # called as the region, and not the region
    "U1": ("Region Ön", ISLAND, "Kommun", ""),
}


def shared(number: str) -> dict[str, str]:
    name, buyer, sector, day = BUYERS[number]
    return {
        "Upphandlings-ID": number,
        "Namn för köpare": name,
        "Organisationsnummer för köpare": buyer,
        "Sektor för köpare": sector,
        "Publiceringsdatum": day,
    }


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def write_files(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [shared(number) | {"Upphandlingsslag": "Varor", "Överprövad": "False"} for number in BUYERS]
    book = xlsxwriter.Workbook(folder / "upphandlingar.xlsx")
    sheet = book.add_worksheet()
    for place, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
        sheet.write_row(place, 0, cells)
    book.close()
    write_csv(
        folder / "anbud-1.csv",
        [
            *(shared("A1") | {"Anbudsområdes-ID": lot, "Antal anbud": bids} for lot, bids in (("1", 1), ("2", 4))),
            shared("O1") | {"Anbudsområdes-ID": "1", "Antal anbud": 2},
        ],
    )
    write_csv(folder / "anbud-2.csv", [shared("K1") | {"Anbudsområdes-ID": "1", "Antal anbud": 3}])
    write_csv(
        folder / "varden.csv",
        [shared(number) | {"Kontrakterat värde": worth} for number, worth in (("A1", "1000"), ("K1", "25,50"))],
    )
    suppliers = (("A1", "Bolaget AB", "Övriga aktiebolag"), ("O1", "ANDERSSON;ANNA", "Fysiska personer"))
    write_csv(
        folder / "tilldelningar.csv",
        [
            shared(number)
            | {"Anbudsområdes-ID": "1", "Namn för leverantör": name, "Juridisk form för leverantör": form}
            for number, name, form in suppliers
        ],
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one tender source, whose tables are one workbook and CSV files, read once. Copy it."""
    root = tmp_path_factory.mktemp("prepared")
    for folder in ("organisations", "indicators", "tenders", "peers"):
        (root / "params" / folder).mkdir(parents=True)
    (root / "params/peers/prov.csv").write_text(PEERS, "utf-8")
    (root / "params/tenders/prov.yml").write_text(SOURCE, "utf-8")
    write_files(root / "data/tenders")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, root)
        prepare_tenders("prov")
    return root


@pytest.fixture
def project(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project that a test may change."""
    root = tmp_path / "project"
    shutil.copytree(prepared, root)
    use(monkeypatch, root)
    return root


def use(patch: pytest.MonkeyPatch, root: Path) -> None:
    patch.setenv("PROCANALYSIS_ROOT", str(root))
    patch.setenv("PROCANALYSIS_MASK_KEY", KEY)
    for name in ("PROCANALYSIS_PARAMS", "PROCANALYSIS_TENDERS"):
        patch.delenv(name, raising=False)


def change(project: Path, old: str, new: str, source: str = "prov") -> None:
    path = project / f"params/tenders/{source}.yml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def another(project: Path, slug: str, **changes: object) -> None:
    """Write a second source: the first with some keys changed, or taken away by None."""
    content = {**yaml.safe_load(SOURCE), **changes}
    kept = {key: value for key, value in content.items() if value is not None}
    (project / f"params/tenders/{slug}.yml").write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")


def ids(tables: TenderTables, table: str = "procurements") -> list[str]:
    return list(getattr(tables, table)["procurement_id"])


def sizes(tables: TenderTables) -> list[int]:
    return [len(getattr(tables, name)) for name in TENDER_TABLES]


# Whose rows


def test_a_region_is_found_by_its_numbers_and_never_by_name(project: Path) -> None:
    alfa = open_region("alfa", 2021)
    # Both its numbers, whatever the source calls it; not the company that is called as it is, nor the year before.
    assert ids(alfa.own) == ["A1", "A2", "A4"]
    assert sizes(alfa.own) == [3, 2, 1, 1]
    assert (alfa.name, alfa.county, alfa.numbers) == ("Region Alfa", "Alfa län", (ALFA, ALFA_BESIDES))
    assert alfa.missing_because == "" and alfa.missing_tables == ()
    # Filed under another sector.
    assert ids(open_region("on", 2021).own) == ["O1"]


def test_a_region_is_held_against_all_who_are_compared_and_the_nation(project: Path) -> None:
    groups = open_region("alfa", 2021).groups
    assert {name: sizes(tables) for name, tables in groups.items()} == {
        "Alla regioner": [5, 3, 1, 2],
        "Hela landet": [7, 4, 2, 2],
    }
    assert list(groups) == ["Alla regioner", "Hela landet"]
    change(project, "nation: Hela landet\n", "")
    assert list(open_region("alfa", 2021).groups) == ["Alla regioner"]


def test_what_a_source_has_nothing_of_is_told_in_words(project: Path) -> None:
    empty = open_region("tom", 2021)
    assert sizes(empty.own) == [0, 0, 0, 0]
    assert empty.missing_because == (
        "Provstatistiken 2021 har inga uppgifter om Region Tom för 2021 (organisationsnummer 232100-0024). Det betyder "
        "inte att inget upphandlades."
    )
    assert empty.missing_tables == () and empty.numbers_without_rows == (EMPTY,)
    half = open_region("halv", 2021)
    assert half.missing_because == ""
    assert half.missing_tables == (
        "Provstatistiken 2021 har inga uppgifter om antal anbud för Region Halv 2021.",
        "Provstatistiken 2021 har inga kontraktsvärden för Region Halv 2021.",
        "Provstatistiken 2021 har inga tilldelade leverantörer för Region Halv 2021.",
    )
    change(project, "values: {files: [varden.csv]}\n", "")
    assert "Provstatistiken 2021 innehåller inga kontraktsvärden." in open_region("alfa", 2021).missing_tables


def test_what_the_source_leaves_out_is_its_own_words_and_the_rows_without_a_day(project: Path) -> None:
    alfa = open_region("alfa", 2021)
    assert alfa.left_out == (
        "Direktupphandlingar saknas.",
        "Källan har 7 annonserade upphandlingar, med anbud för 3, kontraktsvärde för 2 och tilldelad leverantör för 2. "
        "Någon av uppgifterna finns för 3.",
        "1 upphandling har ingen annonseringsdag och ingår inte i något år.",
    )
    assert alfa.source.text == "Provmyndigheten, provstatistik 2021. Licens: CC0."
    assert (alfa.source.organisation, alfa.source.fictional) == ("Region Alfa", False)


def test_what_is_lacking_is_counted_in_the_files_as_they_are(project: Path) -> None:
    data = project / "data/tenders"
    numbers = [number for number in BUYERS if number != "U1"]
    listed = [
        shared(number) | {"Upphandlingsslag": "" if number == "A1" else "Varor", "Samordnad upphandling": flag,
                          "Annonsdatabas": base}
        for number, flag, base in zip([*numbers, "A1"], ["True", *[""] * 8], ["Ena", *["Andra"] * 8], strict=True)
    ]  # fmt: skip
    write_csv(data / "upphandlingar.csv", listed)
    change(project, "upphandlingar.xlsx", "upphandlingar.csv")
    amounts = (("A1", "0"), ("O1", ""), ("K1", "25,50"))
    write_csv(data / "varden.csv", [shared(number) | {"Kontrakterat värde": worth} for number, worth in amounts])
    award = shared("A1") | {"Namn för leverantör": "Personuppgift", "Juridisk form för leverantör": "Fysiska personer"}
    write_csv(data / "tilldelningar.csv", [award])
    assert list(open_region("alfa", 2021).left_out[1:]) == [
        "Källan har 7 annonserade upphandlingar, med anbud för 3, kontraktsvärde för 2 och tilldelad leverantör för 1. "
        "Någon av uppgifterna finns för 3.",
        "Varor, tjänster eller byggentreprenader är inte angivet för 1 av 7 upphandlingar (14 %).",
        "Samordnad upphandling är markerad i 1 av 7 upphandlingar, i 1 av 2 annonsdatabaser. Det räcker inte för någon "
        "slutsats om de andra.",
        "1 av 3 kontraktsvärden är 0 kronor och räknas som en saknad uppgift.",
        "1 av 3 kontraktsvärden är inte angivna.",
        "Leverantörens namn är dolt i 1 av 1 tilldelningar.",
        "Rader som lästes men inte är med: Upphandlingar 1 av 9. Skäl: samma nummer står på en tidigare rad (1).",
    ]
    # Another delivery, other numbers: none of them stands in the source's own file.
    write_csv(data / "varden.csv", [shared("A1") | {"Kontrakterat värde": "5"}])
    assert not any("kontraktsvärden är" in said for said in open_region("alfa", 2021).left_out)


def test_bids_values_and_awards_are_of_the_procurements_that_were_announced(project: Path) -> None:
    data = project / "data/tenders"
    # Alfa's second procurement is filed under the island in the list of bids, and the island's under Alfa; the last is
    # nobody's among the procurements.
    rows = [
        shared("O1") | {"Upphandlings-ID": "A2", "Anbudsområdes-ID": "1", "Antal anbud": 5},
        shared("A1") | {"Upphandlings-ID": "O1", "Anbudsområdes-ID": "1", "Antal anbud": 6},
        shared("A1") | {"Upphandlings-ID": "okänd", "Anbudsområdes-ID": "1", "Antal anbud": 7},
    ]
    write_csv(data / "anbud-1.csv", rows)
    alfa, island = open_region("alfa", 2021), open_region("on", 2021)
    assert alfa.own.lots["bids_count"].tolist() == [5, 7] and island.own.lots["bids_count"].tolist() == [6]
    assert alfa.groups["Hela landet"].lots["bids_count"].tolist() == [5, 6, 7, 3]
    assert alfa.left_out[-3:] == (
        "1 upphandling där Region Alfa står som köpare i uppgifterna om anbud, kontraktsvärden eller leverantörer är "
        "annonserad av någon annan. De uppgifterna är inte med.",
        "1 upphandling som Region Alfa annonserade har en annan köpare i uppgifterna om anbud, kontraktsvärden eller "
        "leverantörer. De uppgifterna är med.",
        "1 upphandling finns i uppgifterna om anbud, kontraktsvärden eller leverantörer men inte bland de annonserade "
        "upphandlingarna. De uppgifterna är med, så antalet upphandlingar kan skilja sig mellan tabellerna.",
    )  # fmt: skip
    announced = {*ids(alfa.own), "okänd"}
    assert set(ids(alfa.own, "lots")) | set(ids(alfa.own, "values")) | set(ids(alfa.own, "awards")) <= announced
    group = open_tender_group("prov", 2021)
    assert [len(each.lots) for each in group.members.values()] == [2, 1, 0, 0]
    assert len(group.groups["Alla regioner"].lots) == 3
    assert group.left_out[-2].startswith("2 upphandlingar har en annan köpare i uppgifterna om anbud")


def test_a_group_is_its_members_in_the_order_of_the_file_and_adds_up(project: Path) -> None:
    group = open_tender_group("prov", 2021)
    assert (group.name, group.one, group.source.organisation) == ("Provets regioner", "region", "Provets regioner")
    assert list(group.members) == ["Region Alfa", "Region Ön", "Region Tom", "Region Halv"]
    assert group.without_rows == ("Region Tom",)
    together = [sum(counts) for counts in zip(*map(sizes, group.members.values()), strict=True)]
    assert together == sizes(group.groups["Alla regioner"])
    assert list(group.groups) == ["Alla regioner", "Hela landet"]


def test_regions_and_groups_are_listed_with_their_years_the_real_ones_first(project: Path) -> None:
    made_up = {"slug": "saga", "name": "Sagans regioner", "one": "region", "peers": "../peers/saga.csv"}
    (project / "params/peers/saga.csv").write_text(PEERS.splitlines()[0] + f"\nsaga,Region Saga,91,Sagan,{ALFA},ja,x\n")
    another(project, "a-saga", fictional=True, years=[2020, 2021], folder="../../data/tenders", group=made_up)
    assert region_slugs() == ["alfa", "on", "tom", "halv", "saga"]
    assert (region_years("alfa"), region_years("saga")) == ((2021,), (2020, 2021))
    assert [region_is_fictional(slug) for slug in ("alfa", "saga")] == [False, True]
    assert region_name("saga") == "Region Saga"
    assert group_slugs() == ["prov", "saga"] and group_years("saga") == (2020, 2021)
    assert open_region("saga", 2020).source.fictional
    shutil.rmtree(project / "data/tenders")
    assert region_slugs() == group_slugs() == [] and region_years("alfa") == ()


@pytest.mark.parametrize(
    ("opened", "words"),
    [
        (lambda: open_region("alfas", 2021), ["region 'alfas'", "Did you mean 'alfa'?"]),
        (lambda: open_region("alfa", 2019), ["'alfa'", "2019", "2021"]),
        (lambda: open_tender_group("prof", 2021), ["group 'prof'", "Did you mean 'prov'?"]),
        (lambda: open_tender_group("prov", 2020), ["'prov'", "2020"]),
        (lambda: open_tenders("prev"), ["tender source 'prev'", "Did you mean 'prov'?"]),
        (lambda: tenders_of([ALFA], 2021, name="Alfa", sources=["../prov"]), ["There is no tender source"]),
    ],
)
def test_what_there_is_none_of_is_refused_with_the_nearest(
    opened: Callable[[], object], words: list[str], project: Path
) -> None:
    with pytest.raises(ParamsError) as refused:
        opened()
    assert all(word in str(refused.value) for word in words), refused.value


# For a board or an organisation


def test_members_and_organisations_are_found_by_their_numbers(project: Path) -> None:
    board = tenders_of([MUNICIPALITY, "232100-0032", ""], 2021, name="Nämnden")
    assert ids(board.own) == ["H1", "K1"] and board.source.organisation == "Nämnden"
    assert board.left_out[-1] == "1 av 3 organisationer har inget känt organisationsnummer och är inte med."
    assert board.county == "Halva län"
    # One member is among the regions, so that they are a reference; the municipality alone is none of them.
    assert list(board.groups) == ["Alla regioner", "Hela landet"]
    assert list(tenders_of([MUNICIPALITY], 2021, name="Nämnden").groups) == ["Hela landet"]
    # An organisation has the numbers that the source uses besides its own.
    assert ids(tenders_of([ALFA], 2021, name="Region Alfa").own) == ["A1", "A2", "A4"]
    assert tenders_of([ALFA, EMPTY], 2021, name="Nämnden").numbers_without_rows == (EMPTY,)


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"year": 2025}, "Ingen källa med upphandlingsstatistik täcker 2025."),
        ({"fictional": True}, "Ingen källa med upphandlingsstatistik täcker 2021."),
        (
            {"numbers": [""]},
            "Nämnden har inget organisationsnummer med tio siffror, så upphandlingarna kan inte hittas.",
        ),
        ({"numbers": ["2021-1"]}, "Nämnden har inget organisationsnummer med tio siffror"),
    ],
)
def test_without_a_source_the_tables_are_empty_and_the_reason_is_told(
    given: dict[str, Any], because: str, project: Path
) -> None:
    found = tenders_of(**({"numbers": [ALFA], "year": 2021, "name": "Nämnden"} | given))
    assert found.missing_because.startswith(because)
    assert sizes(found.own) == [0, 0, 0, 0] and not found.groups and found.source.text and found.controls.empty
    # Which sources there are decides what is said, so they are listed; a made-up organisation looks in none.
    files = ["prov.yml", "upphandlingar.xlsx", "anbud-1.csv", "anbud-2.csv", "varden.csv", "tilldelningar.csv"]
    assert [each["path"] for each in found.inputs] == ([] if "fictional" in given else files)


def test_a_source_without_files_is_told_and_is_no_error(project: Path) -> None:
    shutil.rmtree(project / "data/tenders")
    found = tenders_of([ALFA], 2021, name="Region Alfa")
    assert found.missing_because == "Provstatistiken 2021 är inte inläst: filerna finns inte på plats."
    assert [each["path"] for each in found.inputs] == ["prov.yml"]
    change(project, "name: Provstatistiken 2021", "name: Den andra statistiken")
    assert tenders_of([ALFA], 2021, name="Region Alfa").inputs != found.inputs
    change(project, "name: Den andra statistiken", "name: Provstatistiken 2021")
    assert not has_files("prov")
    assert list(tender_check_lines("prov")) == [f"Tender source {preparing.no_files(load_tender_source('prov'))}"]
    for opened in (lambda: open_region("alfa", 2021), lambda: prepare_tenders("prov")):
        with pytest.raises(InputError, match=r"prov: its files are not there.*PROCANALYSIS_TENDERS.*own-tenders"):
            opened()


def test_fictional_sources_are_used_by_those_only_that_name_them(project: Path) -> None:
    another(project, "a-saga", fictional=True)
    real = tenders_of([ALFA], 2021, name="Region Alfa")
    assert not real.source.fictional and len(real.left_out) == 3
    assert "a-saga.yml" not in [each["path"] for each in real.inputs]
    named = tenders_of([ALFA], 2021, name="Region Alfa", sources=["a-saga"], fictional=True)
    assert named.source.fictional and ids(named.own) == ["A1", "A2", "A4"]
    for source, fictional, said in (("a-saga", False, "is fictional, and a real"), ("prov", True, "is real, and a f")):
        with pytest.raises(ParamsError, match=f"Region Alfa: the tender source '{source}' {said}.*Take it away"):
            tenders_of([ALFA], 2021, name="Region Alfa", sources=[source], fictional=fictional)


def test_two_sources_are_never_added_together(project: Path) -> None:
    another(project, "egen", name="Egen lista", lots=None, values=None, awards=None, group=None, nation="")
    used = tenders_of([ALFA], 2021, name="Region Alfa")
    # Without the file of peers a source knows of one number only.
    assert used.source.text.startswith("Provmyndigheten") and ids(used.own) == ["A1", "A4"]
    assert (
        used.left_out[-1] == ("Provstatistiken 2021 är inte medräknad: samma upphandlingar kan stå i båda källorna.")
        and not used.groups
    )
    ordered = tenders_of([ALFA], 2021, name="Region Alfa", sources=["prov", "egen"])
    assert ids(ordered.own) == ["A1", "A2", "A4"] and "Egen lista" in ordered.left_out[-1]
    assert "egen.yml" in [each["path"] for each in used.inputs], "had it been the only one, it would be used"
    # The first source with rows of theirs, not the first of all.
    write_csv(project / "data/tenders/andra.csv", [shared("K1")])
    another(project, "a-andra", procurements={"files": ["andra.csv"]}, lots=None, values=None, awards=None)
    assert ids(tenders_of([ALFA], 2021, name="Region Alfa", sources=["a-andra", "prov"]).own) == ["A1", "A2", "A4"]


# Read once


def test_the_prepared_tables_are_those_that_the_reader_gives(project: Path) -> None:
    data = project / "data/tenders"
    for left_out in ("", 'lots: {files: ["anbud*.csv"]}\n'):
        if left_out:
            change(project, left_out, "")
        paths = load_tender_source("prov").file_paths()
        read = read_tenders(paths, masker=Masker(KEY.encode()))
        opened = open_tenders("prov")
        for name in TENDER_TABLES:
            pd.testing.assert_frame_equal(getattr(opened.tables, name), getattr(read, name))
        pd.testing.assert_frame_equal(opened.rejected, read.rejected)
    assert [path.parent for found in paths.values() for path in found] == [data] * 3
    assert opened.controls.to_dict("list") == {
        "table": ["procurements", "values", "awards"],
        "table_name": ["Upphandlingar", "Kontraktsvärden", "Tilldelningar"],
        "rows_read_count": [9, 2, 2],
        "rows_accepted_count": [9, 2, 2],
        "rows_rejected_count": [0, 0, 0],
    }
    assert [(each["path"], each["rows"]) for each in opened.inputs] == [
        ("upphandlingar.xlsx", 9), ("varden.csv", 2), ("tilldelningar.csv", 2), ("prov.yml", 0), ("prov.csv", 0),
    ]  # fmt: skip


def test_nothing_is_read_twice_while_nothing_has_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepare_tenders("prov")
    assert folder.parent == project / "data/prepared/_tenders/prov"

    def refuse(*given: object, **named: object) -> None:
        raise AssertionError("the files were read again")

    monkeypatch.setattr(preparing, "read_tenders", refuse)
    assert prepare_tenders("prov") == folder
    # Words of the source change what reports say, not what the tables hold.
    change(project, "Direktupphandlingar saknas.", "Direktupphandlingar ingår inte.")
    assert prepare_tenders("prov") == folder
    assert open_region("alfa", 2021).left_out[0] == "Direktupphandlingar ingår inte."


@pytest.mark.parametrize("changed", ["a row", "another file", "the settings", "the key", "the code"])
def test_what_the_tables_rest_on_makes_them_anew(changed: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, data = prepare_tenders("prov"), project / "data/tenders"
    if changed == "a row":
        write_csv(data / "varden.csv", [shared("O1") | {"Kontrakterat värde": "7"}])
    elif changed == "another file":
        write_csv(data / "anbud-3.csv", [shared("O1") | {"Anbudsområdes-ID": "2", "Antal anbud": 2}])
    elif changed == "the settings":
        change(project, "values: {files: [varden.csv]}", 'values: {files: [varden.csv], decimal: ","}')
    elif changed == "the key":
        monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "another key")
    else:
        monkeypatch.setattr(preparing, "code_digest", lambda *parts: "another")
    made: list[Path] = []
    monkeypatch.setattr(preparing, "_prepare", lambda params, paths, draft: made.append(draft))
    assert prepare_tenders("prov") != before and len(made) == 1


def test_a_new_delivery_is_what_the_reports_rest_on(project: Path) -> None:
    assert sizes(open_region("on", 2021).own) == [1, 1, 0, 1]
    write_csv(project / "data/tenders/varden.csv", [shared("O1") | {"Kontrakterat värde": "7"}])
    assert sizes(open_region("on", 2021).own) == [1, 1, 1, 1]


def test_a_preparation_appears_whole_or_not_at_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: object) -> None:
        raise OSError(28, "No space left on device")

    shutil.rmtree(project / "data/prepared")
    with monkeypatch.context() as patched:
        patched.setattr(preparing, "asdict", crash)
        with pytest.raises(OSError, match="No space left"):
            prepare_tenders("prov")
    assert list((project / "data/prepared/_tenders/prov").iterdir()) == []
    assert sizes(open_region("alfa", 2021).own) == [3, 2, 1, 1]


def test_rows_without_a_day_or_a_buyer_have_those_of_their_procurement(project: Path) -> None:
    bare = [{"Upphandlings-ID": "A1", "Antal anbud": 5}, {"Upphandlings-ID": "okänd", "Antal anbud": 6}]
    write_csv(project / "data/tenders/anbud-1.csv", bare)
    change(project, '"anbud*.csv"', "anbud-1.csv")
    # The value of another buyer in the same procurement follows the procurement.
    write_csv(project / "data/tenders/varden.csv", [shared("O1") | {"Upphandlings-ID": "A1", "Kontrakterat värde": 1}])
    alfa = open_region("alfa", 2021).own
    assert alfa.lots[["buyer_number", "bids_count"]].to_numpy().tolist() == [[ALFA, 5]]
    assert len(alfa.values) == 1 and open_region("on", 2021).own.values.empty
    assert open_tenders("prov").tables.lots["buyer_number"].isna().sum() == 1


def test_people_are_hidden_in_what_is_kept(project: Path) -> None:
    names = open_tenders("prov").tables.awards["supplier_name"].tolist()
    assert names[0] == "Bolaget AB" and names[1].startswith("Enskild firma")
    kept = b"".join(path.read_bytes() for path in prepare_tenders("prov").iterdir())
    assert b"ANNA" not in kept


# Where the files lie


def test_the_variable_names_the_folder_of_real_sources_only(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.rmtree(project / "data/tenders")
    another(project, "saga", fictional=True)
    write_files(elsewhere)
    monkeypatch.setenv("PROCANALYSIS_TENDERS", str(elsewhere))
    assert has_files("prov") and not has_files("saga")
    # What the files hold decides, not where they lie: nothing is read anew.
    assert len(list((project / "data/prepared/_tenders/prov").iterdir())) == 1
    assert sizes(open_region("alfa", 2021).own) == [3, 2, 1, 1]
    assert "procanalysis example" in next(tender_check_lines("saga"))


def test_organisation_files_that_are_kept_elsewhere_use_the_projects_sources(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere/organisations").mkdir(parents=True)
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(tmp_path / "elsewhere/organisations"))
    assert load_tender_source("prov").path == (project / "params/tenders/prov.yml").resolve()
    # Unless there are sources beside them.
    (tmp_path / "elsewhere/tenders").mkdir()
    with pytest.raises(ParamsError, match=r"no tender source 'prov'.*There are none"):
        load_tender_source("prov")


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_file_that_is_missing_beside_others_stops_with_its_name(
    by_variable: bool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "data/tenders/varden.csv").unlink()
    if by_variable:
        monkeypatch.setenv("PROCANALYSIS_TENDERS", str(project / "data/tenders"))
    with pytest.raises(InputError) as stopped:
        open_region("alfa", 2021)
    where = "PROCANALYSIS_TENDERS" if by_variable else "'../../data/tenders'"
    for word in ("prov.yml", "values.files", "'varden.csv'", where, "docs/own-tenders.md"):
        assert word in str(stopped.value)
    assert str(project) not in str(stopped.value)


def test_ocds_releases_are_a_source_too(project: Path) -> None:
    release = {
        "ocid": "ocds-1",
        "date": "2021-03-01T00:00:00Z",
        "buyer": {"id": "b", "name": "Region Alfa"},
        "parties": [
            {"id": "b", "name": "Region Alfa", "roles": ["buyer"], "identifier": {"scheme": "SE-ORG", "id": ALFA}}
        ],
        "tender": {"id": "t1", "title": "Tolk", "datePublished": "2021-03-01T00:00:00Z"},
        "bids": {"statistics": [{"id": "1", "measure": "bids", "value": 4}]},
    }
    (project / "data/tenders/releases-1.json").write_text(json.dumps({"releases": [release]}), "utf-8")
    for table in ("procurements", "lots", "values", "awards"):
        change(project, re.search(rf"^{table}:.*\n", SOURCE, re.MULTILINE)[0], "")  # type: ignore[index]
    change(project, "nation:", 'format: ocds\nreleases: {files: ["releases-*.json"]}\nnation:')
    alfa = open_region("alfa", 2021).own
    assert sizes(alfa)[:2] == [1, 1] and alfa.lots["bids_count"].tolist() == [4]


# Mistakes in a source

MISTAKES: dict[str, tuple[str, str, list[str]]] = {
    "an unknown key": ("licence:", "license:", ["line 3", "unknown key 'license'", "Did you mean 'licence'?"]),
    "a key of a table": ("{files: [varden.csv]}", "{filer: [varden.csv]}", ["line 7", "values.filer", "'files'"]),
    "an unknown column": (
        "{files: [varden.csv]}",
        "{files: [varden.csv], columns: {valu: Belopp}}",
        ["line 7", "'values.columns.valu'", "Did you mean 'value'?"],
    ),
    "no years": ("[2021]", "[]", ["line 4", "'years' must not be empty"]),
    "a year twice": ("[2021]", "[2021, 2021]", ["line 4", "2021 stands twice"]),
    "a year that is none": ("[2021]", "[21]", ["line 4", "years.0"]),
    "no source": ("source: Provmyndigheten, provstatistik 2021\n", "", ["'source' is missing"]),
    "releases beside tables": ("nation:", "releases: {files: [a.json]}\nnation:", ["line 9", "format: ocds"]),
    "tables beside releases": (
        "years:",
        "format: ocds\nreleases: {files: [a.json]}\nyears:",
        ["'lots'", "Take it away"],
    ),
    "no releases": ("years:", "format: ocds\nyears:", ["'releases': is missing"]),
    "an unknown format": ("years:", "format: xml\nyears:", ["line 4", "'tables' or 'ocds'"]),
    "no file of peers": ("prov.csv}", "provv.csv}", ["line 10", "'group.peers'", "no such file"]),
    "a group's short name": ("slug: prov,", "slug: Prov A,", ["line 10", "'group.slug'", "regioner"]),
    "an empty sentence": ('["Direktupphandlingar saknas."]', '[""]', ["line 11", "missing.0"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_line_key_and_remedy(mistake: str, project: Path) -> None:
    old, new, words = MISTAKES[mistake]
    change(project, old, new)
    with pytest.raises(ParamsError) as refused:
        load_tender_source("prov")
    message = str(refused.value)
    assert message.startswith("prov.yml")
    assert all(word in message for word in words), message


def test_a_source_that_names_no_table_is_refused(project: Path) -> None:
    another(project, "prov", procurements=None, lots=None, values=None, awards=None)
    with pytest.raises(ParamsError, match=r"names no table\. Give files under one of procurements, lots"):
        load_tender_source("prov")


def test_a_source_with_mistakes_stops_no_other_and_is_told(project: Path) -> None:
    another(project, "fel", years=[])
    assert region_slugs() == ["alfa", "on", "tom", "halv"] and open_region("alfa", 2021).year == 2021
    assert list(faulty_sources()) == ["fel"] and "'years'" in faulty_sources()["fel"]
    with pytest.raises(ParamsError, match="These sources have mistakes in them: fel"):
        open_region("beta", 2021)
    # For an organisation every source may be the one, so that passing it by would be to guess.
    with pytest.raises(ParamsError, match="'years'"):
        tenders_of([ALFA], 2021, name="Region Alfa")


def test_every_column_that_is_read_can_be_named() -> None:
    for table, register in LISTS.items():
        assert set(TENDER_COLUMNS[table]) == {name for name in register.aliases if not name.startswith("of_")}


@pytest.mark.parametrize(
    "example",
    re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/own-tenders.md").read_text("utf-8"), re.MULTILINE | re.DOTALL),
)
def test_every_example_of_a_tender_source_is_valid(example: str, project: Path) -> None:
    shutil.copy(ROOT / "params/peers/regions.csv", project / "params/peers/regions.csv")
    (project / "params/tenders/mitt.yml").write_text(example, "utf-8")
    assert load_tender_source("mitt").years


def test_the_page_names_every_key_and_column() -> None:
    page = (ROOT / "docs/own-tenders.md").read_text("utf-8")
    keys = set(load_tender_source.__globals__["TenderSourceParams"].model_fields) - {"slug", "path", "releases"}
    assert [key for key in keys if f"`{key}`" not in page] == []
    for table, columns in TENDER_COLUMNS.items():
        (row,) = re.findall(rf"^\| `{table}` \|(.*)$", page, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) == set(columns)


# What else names sources, numbers and members


def test_an_organisation_file_names_sources_that_exist(project: Path) -> None:
    path = project / "params/organisations/mitt.yml"
    least = "name: A\nperiod: 2021\nledger: {files: [a.csv]}\nmapping: {rules: [r.csv]}\n"
    path.write_text(f"{least}tenders: [prov]\n", "utf-8")
    assert load_params(path).tenders == ("prov",)
    another(project, "saga", fictional=True)
    for text, line, said in (
        (f"{least}tenders: [prov, saga]\n", 5, "'saga' is fictional, and a real organisation"),
        (f"{least}fictional: true\ntenders: [prov]\n", 6, "'prov' is real, and a fictional organisation"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(ParamsError, match=rf"mitt\.yml.*(?s:.*)line {line}: 'tenders'.*{said}.*Take it away"):
            load_params(path)
    path.write_text(f"{least}fictional: true\ntenders: [saga]\n", "utf-8")
    assert load_params(path).tenders == ("saga",)
    path.write_text(f"{least}tenders: [prow]\n", "utf-8")
    with pytest.raises(ParamsError, match=r"line 5: 'tenders'.*no tender source 'prow'.*Did you mean 'prov'\?"):
        load_params(path)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ('[{name: A, organisation_number: "2321000017"}]', "check digit is wrong"),
        ('[{name: A, organisation_number: "12"}]', "ten digits"),
        ("[{name: A}, {name: A}]", "'A' stands twice"),
        ('[{name: A, organisation_number: "2321000016"}, {name: B, organisation_number: 232100-0016}]', "stands twice"),
        ("[{namn: A}]", "unknown key 'members.0.namn'"),
    ],
)
def test_mistakes_among_a_boards_members_are_named(members: str, words: str, project: Path) -> None:
    text = (ROOT / "params/indicators/rjh.yml").read_text("utf-8")
    (project / "params/indicators/rjh.yml").write_text(f"members: {members}\n{text}", "utf-8")
    with pytest.raises(ParamsError) as refused:
        load_indicators("rjh")
    assert words in str(refused.value) and "line 1" in str(refused.value)


# procanalysis check


def test_check_shows_that_every_row_is_accounted_for_and_how_the_tables_join(project: Path) -> None:
    unreadable = shared("O1") | {"Upphandlings-ID": "", "Kontrakterat värde": 2}
    write_csv(project / "data/tenders/varden.csv", [shared("A1") | {"Kontrakterat värde": 1}, unreadable])
    lines = list(tender_check_lines("prov"))
    assert lines[0] == "Tender source prov (Provstatistiken 2021), 2021"
    shown = [" ".join(line.split()) for line in lines]
    assert "procurements 9 rows = 9 accepted + 0 rejected" in shown
    assert "values 2 rows = 1 accepted + 1 rejected" in shown
    assert any(line.startswith("rejected: varden.csv row 3") for line in shown)
    assert "without a day of announcement, and so in no year: 1" in shown
    assert "joined by procurement_id procurements 3 of 9, lots 3 of 3" in shown
    assert "joined by lot_id lots 2 of 4, awards 2 of 2" in shown


def test_check_goes_on_after_a_source_that_cannot_be_read(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not cli._check_tenders()
    another(project, "fel", years=[])
    another(project, "utan", folder="../../ingenstans")
    assert cli._check_tenders()
    said = capsys.readouterr()
    assert "Tender source prov (Provstatistiken 2021)" in said.out
    assert "Tender source utan: its files are not there" in said.out
    assert "Tender source fel: fel.yml" in said.err


def test_the_shipped_sources_are_sound() -> None:
    found = {slug: load_tender_source(slug) for slug in ("uhm-2021", "exempel")}
    assert [params.fictional for params in found.values()] == [False, True]
    assert found["uhm-2021"].years == (2021,) and found["uhm-2021"].missing
    assert ProcanalysisError not in map(type, faulty_sources().values())

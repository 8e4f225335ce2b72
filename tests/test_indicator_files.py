"""Indicator files: every mistake is named with file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from procanalysis.errors import ParamsError
from procanalysis.params.indicators import catalogue_slugs, load_indicators

LEAST = """\
name: Prov
owner: Chefen
source: Rapport 2025
indicators:
  - id: A1
    name: Andel
    level: N
    definition: En andel.
    unit: percent
    good: higher
"""
BAD = [
    ("    good: hgher\n", "line 10: 'indicators.0.good': unknown direction of good. Did you mean 'higher'?"),
    ("    unit: procent\n", "line 9: 'indicators.0.unit': unknown unit. Did you mean 'percent'?"),
    ("    level: Nämnden\n", "line 7: 'indicators.0.level': unknown level. Did you mean 'nämnd'?"),
    ("    id: 'A 1'\n", "'indicators.0.id'"),
]
MORE = [
    ("    source: {measure: suplier_loyalty}\n", "unknown measure 'suplier_loyalty'. Did you mean 'supplier_loyalty'?"),
    ("    source: {kind: computed}\n", "'indicators.0.source.measure': is missing. Name the measure"),
    ("    source: {kind: computed, measure: supplier_count}\n", "supplier_count gives count, not percent. Write unit"),
    ("    source: {kind: counted}\n", "'indicators.0.source.kind'"),
    ("    numerater: Antal\n", "unknown key 'indicators.0.numerater'. Did you mean 'numerator'?"),
    (
        "    targets:\n      20206: {must: at_least, value: 1}\n",
        "line 12: 'indicators.0.targets.20206': '20206' is not a",
    ),
    ("    targets:\n      2026: {must: at_last, value: 1}\n", "unknown target. Did you mean 'at_least'?"),
    ("    targets:\n      2026: {must: at_least}\n", "'at_least' needs a number; without one write left_blank or"),
    ("    targets:\n      2026: {must: followed, value: 1}\n", "'followed' has no number. Take value away"),
    ("    targets:\n      2026: {must: in_words}\n", "Say in words what the target is"),
    ("    targets:\n      2026: {must: at_most, value: 1}\n", "'at_most' goes against good: higher. Valid: at_least,"),
    ("    targets:\n      2026: {must: decrease}\n", "'decrease' goes against good: higher"),
    ("    highest: 100\n    targets:\n      2026: {must: at_least, value: 300}\n", "300 is outside what is possible"),
    (
        "    highest: 9\n    targets:\n      2026: {must: at_least, value: 8, long_term: 10}\n",
        "long_term': 10 is outside",
    ),
    ("    lowest: 5\n    highest: 5\n", "5 is not above lowest 5"),
    ("    least_coverage_pct: 101\n", "'indicators.0.least_coverage_pct'"),
    ("    breaks: [{from_year: 2024, reason: Ny, replaces: A2}]\n", "'A2' is not another indicator of the file"),
    ("    breaks: [{from_year: 2024, reason: Ny}, {from_year: 2024, reason: Ny}]\n", "2024 stands twice"),
    ("    breaks: [{from_year: 24, reason: Ny}]\n", "'indicators.0.breaks.0.from_year'"),
    ("    versions: [{from_year: 2025, definition: Ny}, {from_year: 2021, definition: Då}]\n", "the years must rise"),
    ("  - {id: A1, name: B, level: N, definition: En., unit: count, good: lower}\n", "'A1' stands twice. Give another"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(tmp_path / "organisations"))
    made = tmp_path / "indicators"
    made.mkdir()
    return made


def refused(folder: Path, text: str) -> str:
    (folder / "prov.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_indicators("prov")
    return str(caught.value)


def test_the_least_file_has_sensible_defaults(folder: Path) -> None:
    (folder / "prov.yml").write_text(LEAST, encoding="utf-8")
    assert catalogue_slugs() == ["prov"]
    found = load_indicators("prov").indicator("A1")
    assert (found.source.kind, found.source.measure, found.targets, found.breaks) == ("reported", "", {}, ())
    with pytest.raises(ParamsError, match=r"there is no indicator 'A2'. Valid: A1."):
        load_indicators("prov").indicator("A2")


@pytest.mark.parametrize(("line", "message"), BAD)
def test_a_wrong_word_is_named_with_its_line(folder: Path, line: str, message: str) -> None:
    key = line.split(":")[0].strip()
    text = "".join(
        line.replace("    id", "  - id") if one.strip().removeprefix("- ").startswith(f"{key}:") else one
        for one in LEAST.splitlines(keepends=True)
    )
    assert message in refused(folder, text)


@pytest.mark.parametrize(("more", "message"), MORE)
def test_what_does_not_hang_together_is_named(folder: Path, more: str, message: str) -> None:
    said = refused(folder, LEAST + more)
    assert said.startswith("prov.yml: 1 problem(s) to correct:\n  line ")
    assert message in said


def test_every_mistake_is_listed_at_once(folder: Path) -> None:
    targets = "    targets:\n      2026: {must: at_least}\n      2027: {must: at_most, value: 1}\n"
    more = f"    source: {{measure: loyalty}}\n{targets}"
    assert refused(folder, LEAST + more).startswith("prov.yml: 3 problem(s)")


def test_an_unknown_organisation_and_an_empty_list_are_refused(folder: Path) -> None:
    (folder / "prov.yml").write_text(LEAST, encoding="utf-8")
    with pytest.raises(ParamsError, match=r"There are no indicators of 'prv'. Did you mean 'prov'\?"):
        load_indicators("prv")
    assert "the list is empty" in refused(folder, LEAST.split("indicators:")[0] + "indicators: []\n")

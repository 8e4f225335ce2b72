"""Texts of annual reports: every mistake is named with file, line, key and remedy, and the shipped ones fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from procanalysis.errors import ParamsError
from procanalysis.measures import internal_control
from procanalysis.params.annual_report import (
    AnnualReportTexts,
    annual_text_files,
    load_annual_file,
    load_annual_texts,
    unknown_keys,
)
from procanalysis.published import open_published
from procanalysis.read.registers import frame_of
from procanalysis.schema import INTERNAL_CONTROLS

ROOT = Path(__file__).parents[1]
SHIPPED = ("insv-2021", "insv-2025", "uhc-2024")
LEAST = """\
organisation: prov
year: 2025
reviewed_by: Verksamhetschefen
source: Rapport 2025
"""
BAD = [
    ("yaer: 2025", "line 5: unknown key 'yaer'. Did you mean 'year'?"),
    ("summary: En text", "line 5: 'summary' must be a list"),
    ("summary: ['']", "'summary.0' must not be empty"),
    ("goals:\n  '2.1': {analys: Bra}", "line 6: unknown key 'goals.2.1.analys'. Did you mean 'analysis'?"),
    ("goals:\n  '2.1': {analysis: ''}", "line 6: 'goals.2.1': there is no text. Write an analysis or an action"),
    ("indicators: {A1: 5}", "'indicators.A1' must be text: put it within quotes"),
    ("explain_beyond: {tkr: -1}", "'explain_beyond.tkr' must be greater than or equal to 0"),
    ("explain_beyond: {pct: mycket}", "'explain_beyond.pct' must be a number"),
    ("explanations: {budjet: {Personal: Fler}}", "unknown key 'explanations.budjet'. Did you mean 'budget'?"),
    ("investments:\n  - {title: Hus, used_tkr: 1.5}", "line 6: 'investments.0.used_tkr' must be a whole number"),
    ("investments:\n  - {title: Hus}\n  - {title: Hus}", "line 7: 'investments.1.title': 'Hus' stands twice. Keep one"),
    ("assignments:\n  - {title: A}\n  - {title: A}", "line 7: 'assignments.1.title': 'A' stands twice"),
    ("risks:\n  - {number: 1}", "line 6: 'risks.0.risk' is missing"),
    ("risks:\n  - {number: 0, risk: A}", "'risks.0.number' must be greater than or equal to 1"),
    ("risks:\n  - {number: 1, risk: A}\n  - {number: 1, risk: B}", "line 7: 'risks.1.number': '1' stands twice"),
    ("reviewed_on: 2025-13-01", "line 5: there is no such date"),
    ("slug: prov-2025", "unknown key 'slug'. The file's name decides it."),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(tmp_path / "organisations"))
    made = tmp_path / "annual_reports"
    made.mkdir()
    return made


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(ROOT))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)


def refused(folder: Path, text: str, name: str = "prov-2025.yml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_annual_file(folder / name)
    assert name in str(caught.value)
    return str(caught.value)


def read(folder: Path, text: str) -> AnnualReportTexts:
    (folder / "prov-2025.yml").write_text(LEAST + text, encoding="utf-8")
    return load_annual_texts("prov", 2025)


def test_the_least_file_has_sensible_defaults(folder: Path) -> None:
    texts = read(folder, "")
    assert not texts.is_missing and not texts.fictional
    assert (texts.explain_beyond.limit_ore, texts.explain_beyond.pct) == (100 * 100_000, 5)
    assert (texts.goals, texts.summary, texts.risk_records, texts.staff) == ({}, (), [], "")
    assert texts.explanations.by_comparison == {"budget": {}, "previous_year": {}, "forecast": {}}
    assert [path.name for path in annual_text_files()] == ["prov-2025.yml"]


def test_without_a_file_the_texts_are_empty_and_say_so(folder: Path) -> None:
    texts = load_annual_texts("prov", 2024)
    assert texts.is_missing and (texts.organisation, texts.year) == ("prov", 2024)
    assert (texts.summary, texts.risks, texts.loyalty, texts.reviewed_by) == ((), (), "", "")
    assert texts.explain_beyond.limit_ore == 10_000_000


@pytest.mark.parametrize(("line", "said"), BAD)
def test_every_mistake_is_named(folder: Path, line: str, said: str) -> None:
    assert said in refused(folder, LEAST + line + "\n")


@pytest.mark.parametrize("key", ["organisation", "year", "reviewed_by", "source"])
def test_what_is_required_must_be_there(folder: Path, key: str) -> None:
    rest = "".join(line for line in LEAST.splitlines(keepends=True) if not line.startswith(key))
    assert f"'{key}' is missing" in refused(folder, rest)


def test_the_name_must_agree_with_the_content(folder: Path) -> None:
    said = refused(folder, LEAST, "annan-2024.yml")
    assert "line 1: 'organisation': the file's name says 'annan'. Correct this or rename the file" in said
    assert "line 2: 'year': the file's name says 2024" in said
    assert "must be an organisation's short name and a year, as in 'insv-2025.yml'" in refused(
        folder, LEAST, "prov.yml"
    )


def test_texts_of_several_lines_become_one(folder: Path) -> None:
    texts = read(folder, "staff: |\n  En rad\n  och en till\n")
    assert texts.staff == "En rad och en till"


def test_texts_about_nothing_are_found(folder: Path) -> None:
    texts = read(
        folder,
        "goals: {'2.1': {analysis: Bra}}\nindicators: {A1: Bra}\nexplanations: {budget: {Personl: Fler}}\n"
        "risks: [{number: 1, risk: R, result: Liten avvikelse}, {number: 2, risk: S}]\n",
    )
    found = unknown_keys(
        texts, indicator_ids=["A2"], goal_numbers=[], statement_rows=["Personal"], control_steps=["Mindre avvikelse"]
    )
    assert [keys for keys, _ in found] == [
        ("indicators", "A1"), ("goals", "2.1"), ("explanations", "budget", "Personl"), ("risks", "0", "result"),
    ]  # fmt: skip
    said = [words for _, words in found]
    assert said[0] == "there is no indicator 'A1'. Valid: A2."
    assert said[1] == "there is no goal '2.1'. The figures have none. Take the text away."
    assert said[2] == "there is no row 'Personl'. Did you mean 'Personal'?"
    assert "'Liten avvikelse' is no step of the scale" in said[3]
    assert not unknown_keys(
        texts, indicator_ids=["A1"], goal_numbers=["2.1"], statement_rows=["Personl"], control_steps=None
    )


def test_the_example_of_the_manual_is_valid(folder: Path) -> None:
    page = (ROOT / "docs" / "own-annual-report.md").read_text(encoding="utf-8")
    (folder / "mitt-slug-2025.yml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    texts = load_annual_texts("mitt-slug", 2025)
    # Every key is shown, so that nobody has to read the code to find one.
    left = set(AnnualReportTexts.model_fields) - texts.model_fields_set
    assert left == {"fictional"}
    assert texts.risk_records[0]["result"] == "Mindre avvikelse" and texts.explain_beyond.tkr == 500


def test_the_shipped_texts_say_who_stands_for_them(shipped: None) -> None:
    assert set(SHIPPED) <= {path.stem for path in annual_text_files()}
    for name in SHIPPED:
        slug, _, year = name.rpartition("-")
        texts = load_annual_texts(slug, int(year))
        assert "inte granskad av nämnden" in texts.reviewed_by
        assert not texts.fictional


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_texts_are_about_what_is_published(name: str, shipped: None) -> None:
    slug, _, year = name.rpartition("-")
    texts, published = load_annual_texts(slug, int(year)), open_published(slug)
    goals = published.goals[published.goals["year"] == int(year)]
    numbered = goals[goals["scale"] != internal_control.SCALE]["goal_number"]
    rows = [
        *published.statements[published.statements["year"] == int(year)]["row"],
        *published.deviations[published.deviations["year"] == int(year)]["row"],
    ]
    assert not unknown_keys(
        texts,
        indicator_ids=set(published.values[published.values["year"] == int(year)]["indicator_id"]),
        goal_numbers=set(numbered) or set(published.indicators["goal"]),
        statement_rows=rows,
        control_steps=list(published.scales[published.scales["scale"] == internal_control.SCALE]["status"]),
    )


def test_the_risks_of_2025_are_as_printed(shipped: None) -> None:
    published, texts = open_published("insv"), load_annual_texts("insv", 2025)
    printed = published.goals[published.goals["scale"] == internal_control.SCALE]
    controls = internal_control.controls_by_result(frame_of(texts.risk_records, INTERNAL_CONTROLS), published.scales)
    own = {f"risk {row['number']}": row["result"] for row in controls.to_dict("records")}
    assert own == dict(zip(printed["goal_number"], printed["status"], strict=True))
    assert list(controls["number"]) == [3, 5, 1, 2, 4, 6]
    assert list(controls[controls["lacks_action"] == 1]["number"]) == [1]
    counts = internal_control.control_counts(controls, published.scales)
    assert dict(zip(counts["result_name"], counts["count"], strict=True)) == {
        "Stor avvikelse": 2, "Mindre avvikelse": 2, "Ingen avvikelse": 2,
    }  # fmt: skip

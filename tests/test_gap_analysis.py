"""The gap analysis as published: with scores and a ledger, with findings only, and when an assessment is wrong."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ROOT = Path(__file__).parents[1]

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'
OTHER_MODEL = """
organisation: pelare
name: Pelarkommunen
fictional: true
year: 2025
model: purchasing-system
source: Arbetsmöte. Påhittat.
may_be_compared: true
dimensions:
  - dimension: rules
    weight: 2
    scores:
      - {by: Chef, scored_on: 2025-05-06, now: 0, wanted: 3}
      - {by: Jurist, scored_on: 2025-05-06, now: 2, wanted: 3}
  - dimension: market
    scores: [{by: Chef, scored_on: 2025-05-06, now: 3, wanted: 3}]
reported:
  - {indicator: single_bid_share, value: 30, as_of: 2025, source: Upphandlingsregister}
not_examined: [Bolagen]
"""

pytestmark = pytest.mark.slow


def publish_assessments(example_project: Any, root: Path) -> None:
    """Publish the shipped assessments and a faulty one in a project of their own, and keep what was said."""
    shutil.copytree(example_project.root, root, dirs_exist_ok=True)
    folder = root / "params/assessments"
    shutil.copytree(ROOT / "params/assessments", folder)
    good = (folder / "rjh-2017.yml").read_text("utf-8")
    faulty = good.replace("organisation: rjh", "organisation: fel").replace("start: 2017-Q4", "start: 2017-Q9", 1)
    (folder / "fel-2017.yml").write_text(faulty.replace("name: Region J", "name: Fel i J"), "utf-8")
    (folder / "pelare-2025.yml").write_text(OTHER_MODEL, "utf-8")
    logo = root / "params/organisations/logotyp.svg"
    logo.write_text(LOGO, "utf-8")
    own = root / "params/organisations/exempel.yml"
    styled = re.sub(r"(?ms)^style:.*?(?=^\S|\Z)", "", own.read_text("utf-8"))
    own.write_text(f"{styled}\nstyle: {{accent_colour: '#5b2a86', logo: logotyp.svg}}\n", "utf-8")
    done = example_project.at(root).command("run", "--report", "gap-analysis", "--report", "gap-summary")
    (root / "said.txt").write_text(f"{done.returncode}\n{done.stdout}\n{done.stderr}", "utf-8")


@pytest.fixture(scope="module")
def assessed(example_project: Any, once: Callable[[str, Callable[[Path], None]], Path]) -> Any:
    """A project with the shipped assessments, and a faulty one, run once for this file and the browser's. Read only."""
    root = once("assessed", lambda folder: publish_assessments(example_project, folder))
    return example_project.at(root)


def page(project: Any, place: str, report: str = "gap-analysis") -> str:
    text: str = (project.reports / place / f"{report}.html").read_text("utf-8")
    return text


def words(html: str) -> str:
    """Return what the page shows, without its code, styles and tags."""
    shown = (
        re.sub(r"<style>.*?</style>|<details class=\"code\">.*", " ", html, flags=re.DOTALL)
        .replace("<bdi>", "")
        .replace("</bdi>", "")
    )
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def figures(project: Any, place: str) -> dict[str, Any]:
    content = json.loads((project.reports / place / "gap-analysis.json").read_text("utf-8"))
    return {figure["id"]: figure for figure in content["figures"]}


def test_one_faulty_assessment_stops_no_other_and_is_told_with_its_line(assessed: Any) -> None:
    said = (assessed.root / "said.txt").read_text("utf-8")
    assert said.startswith("1\n"), "exit code 1: something failed, the rest was published"
    assert "8 published, 0 unchanged, 1 failed" in said
    assert re.search(r"fel-2017.*line \d+: .*'2017-Q9' is not a quarter", said, flags=re.DOTALL)
    places = ("exempel/2024", "exempel/2025", "rjh/2017")
    for place in places:
        for suffix in (".html", ".ipynb", ".xlsx", ".json"):
            assert (assessed.reports / place / f"gap-analysis{suffix}").is_file()
            assert (assessed.reports / place / f"gap-summary{suffix}").is_file()
    index = (assessed.reports / "index.html").read_text("utf-8")
    assert all(f"{place}/gap-analysis.html" in index for place in places)
    assert "Fel i Jämtland" in index.replace("Fel i J", "Fel i J") and "2017-Q9" in index


def test_where_no_scores_exist_none_is_shown_and_the_report_says_so(assessed: Any) -> None:
    shown = words(page(assessed, "rjh/2017"))
    assert "Granskningen 2017 innehåller inga poäng" in shown
    for identity in ("weighted_position", "weighted_gap", "claim_agreement"):
        figure = figures(assessed, "rjh/2017")[identity]
        assert figure["value"] is None and figure["unknown_because"] == "Inga poäng finns"
    assert not re.search(r"[Pp]oäng \d|nivå \d|Underlagets nivå", shown.split("Vad nivåerna betyder")[0])
    book = openpyxl.load_workbook(assessed.reports / "rjh/2017/gap-analysis.xlsx", read_only=True)
    heads = {str(cell) for sheet in book for row in sheet.iter_rows(max_row=1, values_only=True) for cell in row}
    assert not heads & {"Poäng", "I dag", "Nivå", "Gap (nivåer)", "Underlagets nivå"}


def test_what_was_published_runs_through_unchanged(assessed: Any) -> None:
    shown = words(page(assessed, "rjh/2017"))
    for text in ("94\u00a0%", "79\u00a0%", "ca 60\u00a0%", "knappt 5\u00a0%"):
        assert text.replace("\u00a0", " ") in shown.replace("\u00a0", " ")
    notebook = json.loads((assessed.reports / "rjh/2017/gap-analysis.ipynb").read_text("utf-8"))
    assert "22 av 22" not in shown and "21 av 22 åtgärder har kvartal" in shown
    assert "Planen anger inte vilka åtgärder som väntar på andra" in shown
    assert "Planen anger inte vem som gör vad" in shown
    assert notebook["cells"]
    book = openpyxl.load_workbook(assessed.reports / "rjh/2017/gap-analysis.xlsx", read_only=True)
    assert len(list(book["Åtgärder"].iter_rows(min_row=2))) == 22


def test_claims_are_set_against_the_ledger(assessed: Any) -> None:
    shown = words(page(assessed, "exempel/2025"))
    assert re.search(
        r"Kategoristyrning: poäng 2,3, underlagets nivå 3,5 \(2 av 2 mått kända\)\. Lägre än underlaget", shown
    )
    found = figures(assessed, "exempel/2025")
    assert {"weighted_position", "claim_agreement", "small_invoice_share", "tail_share", "mapped_share"} <= set(found)
    share = found["small_invoice_share"]
    assert float(share["value"]) == pytest.approx(float(share["numerator"]) * 100 / float(share["denominator"]))
    assert "Underlag saknas" in shown, "an indicator that nobody has told of stays unknown"


def test_movement_and_follow_up_since_the_earlier_assessment_are_shown(assessed: Any) -> None:
    shown = words(page(assessed, "exempel/2025"))
    assert "Poäng sedan 2024" in shown and "Framåt" in shown and "Bakåt" in shown
    for state in ("Klar, senare än planerat", "Flyttad", "Sen", "Struken ur planen", "Ny"):
        assert state in shown
    assert "Planerad 2026-Q1, men väntar på ”Rekrytera två kategoriledare” (klar 2026-Q2)" in shown
    assert "3 åtgärder, högst 2" in shown
    assert "Det finns ingen tidigare bedömning att jämföra med." in words(page(assessed, "exempel/2024"))


def test_an_organisation_without_a_ledger_is_run_by_name_and_nothing_is_done_twice(
    assessed: Any, tmp_path: Path
) -> None:
    project, both = assessed.copy(tmp_path / "own"), ("--report", "gap-analysis", "--report", "gap-summary")
    done = project.command("run", "rjh", *both)
    assert done.returncode == 0 and "0 published, 2 unchanged, 0 failed" in done.stdout
    file = project.root / "params/assessments/rjh-2017.yml"
    file.write_text(file.read_text("utf-8").replace("value: 79", "value: 78"), "utf-8")
    changed = project.command("run", "rjh", "--report", "gap-analysis")
    assert "1 published, 0 unchanged" in changed.stdout
    assert "78\u00a0%" in page(project, "rjh/2017")
    (project.root / "params/assessments/rjh-again.yml").write_text(file.read_text("utf-8"), "utf-8")
    twice = project.command("run", "rjh", *both)
    assert twice.returncode == 1 and "rjh-2017.yml is also the assessment of rjh 2017" in twice.stderr + twice.stdout
    (project.root / "params/assessments/rjh-again.yml").unlink()
    assert "line" in project.command("check", "fel").stderr
    assert "rjh-2017" in project.command("list").stdout
    assert project.command("run", "rjh", "--period", "2016", *both).stdout.startswith("0 published")
    assert project.command("run", "ingen").returncode == 2


def test_the_organisations_own_colour_and_logo_reach_its_gap_analysis(assessed: Any) -> None:
    logo = base64.b64encode(LOGO.encode()).decode()
    shown = page(assessed, "exempel/2025")
    assert f'class="pa-logo" src="data:image/svg+xml;base64,{logo}"' in shown and 'alt="Region Exempel"' in shown
    assert "--pa-accent:#5B2A86" in shown and "--pa-accent:#12436D" not in shown
    assert 'class="pa-logo"' not in page(assessed, "rjh/2017"), "an organisation without a file has no logo"


def test_another_model_is_another_file(assessed: Any) -> None:
    shown = words(page(assessed, "pelare/2025"))
    assert "Modell: Inköpssystemet i fyra pelare." in shown and "Delvis uppfyllt" in shown
    assert "Regler och mandat: från 1 till 3, gap 2 × vikt 2 = 4. Bedömarna är oeniga (0–2)" in shown
    assert re.search(r"Marknad och konkurrens: poäng 3, underlagets nivå 1 \(1 av 2 mått kända\)\. Högre", shown)
    found = figures(assessed, "pelare/2025")
    # (2 × 1 + 1 × 3) / 3 and (2 × 2 + 1 × 0) / 3
    assert float(found["weighted_position"]["value"]) == pytest.approx(5 / 3, abs=0.01)
    assert float(found["weighted_gap"]["value"]) == pytest.approx(4 / 3, abs=0.01)
    assert "Jämförelse visas bara när" in shown, "assessments by another model are not compared with it"


def test_years_that_may_be_compared_stand_beside_each_other(assessed: Any) -> None:
    shown = words(page(assessed, "exempel/2025"))
    assert "Poäng i 2 bedömningar med samma modell" in shown
    book = openpyxl.load_workbook(assessed.reports / "exempel/2025/gap-analysis.xlsx", read_only=True)
    named = {row[1] for row in book["Jämförelse"].iter_rows(min_row=2, values_only=True)}
    assert named == {"Region Exempel 2024", "Region Exempel 2025"}


def test_what_the_registers_tell_is_set_beside_the_scores(assessed: Any) -> None:
    found = figures(assessed, "exempel/2025")
    names = {"supplier_loyalty", "category_loyalty", "contract_register_quality", "follow_ups_done", "single_bid_share",
             "finished_as_planned"}  # fmt: skip
    assert names <= set(found) and all(found[name]["value"] is not None for name in names)
    book = openpyxl.load_workbook(assessed.reports / "exempel/2025/gap-analysis.xlsx", read_only=True)
    told = {row[0]: row[-1] for row in book["Mått"].iter_rows(min_row=2, values_only=True)}
    assert told["Andel upphandlingar med ett anbud"].startswith("Förteckningen över upphandlingar: ")
    assert re.search(r"avtalsregistret: .* av .* mnkr", told["Andel av köpen från leverantörer med gällande avtal"])
    assert not names & set(figures(assessed, "rjh/2017")), "without registers there are no such figures"


def test_savings_are_the_assessors_and_what_nobody_estimated_is_counted(assessed: Any) -> None:
    shown = words(page(assessed, "exempel/2025")).replace("\xa0", " ")
    assert float(figures(assessed, "exempel/2025")["estimated_saving"]["value"]) == 13_100_000
    assert "4 av 11 åtgärder är uppskattade, 7 är okända" in shown
    assert "Besparingarna är uppskattade av den som anges, inte uppmätta" in shown
    book = openpyxl.load_workbook(assessed.reports / "exempel/2025/gap-analysis.xlsx", read_only=True)
    rows = {row[0]: row[1:] for row in book["Besparing per gap"].iter_rows(min_row=2, values_only=True)}
    assert rows["Kategoristyrning"] == (2, 1, 6_500_000, "Inköpschef")
    assert rows["Personal"][2] is None or rows["Personal"][2] == "", "unknown, not zero"
    unknown = figures(assessed, "rjh/2017")["estimated_saving"]
    assert unknown["value"] is None and unknown["unknown_because"] == "Ingen har uppskattat vad åtgärderna sparar"


def test_the_published_word_map_and_those_who_took_part_are_shown_without_names(assessed: Any) -> None:
    shown = words(page(assessed, "rjh/2017"))
    for text in ("Hämta hem MSEK 20", "Titta på oss utifrån och ge synpunkter", "Antal uttryck per tema",
                 "Materialkonsulent", "Modellen är omvänd", "taktiskt upphandlings- och avtalsfokus",
                 "utan läsbara värden"):  # fmt: skip
        assert text in shown
    book = openpyxl.load_workbook(assessed.reports / "rjh/2017/gap-analysis.xlsx", read_only=True)
    quoted = [row[1] for row in book["Ord och citat"].iter_rows(min_row=2, values_only=True)]
    assert sum(len(text.split(" · ")) for text in quoted) == 25, "every wording printed in the review's word map"
    took_part = [row[:2] for row in book["Deltagare"].iter_rows(min_row=2, values_only=True)]
    assert sum(how == "Intervju" for _, how in took_part) == 15 and ("Upphandlingsenheten", "Workshop") in took_part


def test_the_board_gets_the_short_version(assessed: Any) -> None:
    shown = words(page(assessed, "exempel/2025", "gap-summary"))
    order = ["Där poängen och underlaget skiljer sig", "Nuläge och önskad nivå", "De fem största gapen",
             "Planens närmaste kvartal", "Beslut som begärs"]  # fmt: skip
    places = [shown.rindex(text) for text in order]
    assert places == sorted(places)
    assert "Koppla e-handel och avtalskatalog" not in shown, "it begins after the next quarters"
    assert "Ge Inköpsstyrelsen mandat över plan och mål: " not in shown, "what is done is not to be done"
    without = words(page(assessed, "rjh/2017", "gap-summary"))
    assert "Granskningen 2017 innehåller inga poäng" in without and "Iakttagelse per dimension" in without

"""Whole runs: what has not changed is left alone, what fails stays apart, and the same data give the same bytes."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from procanalysis.errors import ParamsError, ReportError
from procanalysis.run.catalogue import REPORTS, Item, check_parameters, chosen_reports
from procanalysis.run.jobs import Job
from procanalysis.run.ledgers import prepare

pytestmark = pytest.mark.slow

Readable = Callable[[Any], AbstractContextManager[None]]


def counts(done: Any) -> tuple[int, int, int]:
    """Read what a run says of itself: published, unchanged, failed."""
    line = next(line for line in done.stdout.splitlines() if line.endswith(" failed."))
    published, unchanged, failed = (int(part.split()[0]) for part in line.split(", "))
    return published, unchanged, failed


def times(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_mtime_ns
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "index.html"
    }


# The catalogue


def test_reports_have_a_notebook_each_and_the_parameters_that_the_runner_gives(example_project: Any) -> None:
    for report in chosen_reports(["data-quality", "spend-overview", "category-analysis"]):
        notebook = example_project.root / "notebooks" / report.notebook
        given = {"organisation": "exempel", "period": "2025"} | ({report.per: "01"} if report.per else {})
        check_parameters(notebook, given)
        with pytest.raises(ReportError, match=r"declares no parameter 'perid'\. Did you mean 'period'"):
            check_parameters(notebook, {**given, "perid": "2025"})
        with pytest.raises(ReportError, match="'period' is declared in the notebook but not given"):
            check_parameters(notebook, {name: value for name, value in given.items() if name != "period"})


def test_reports_are_chosen_by_name_and_each_once() -> None:
    assert chosen_reports([]) == REPORTS
    assert [report.name for report in chosen_reports(["spend-overview", "spend-overview"])] == ["spend-overview"]
    with pytest.raises(ParamsError, match="Did you mean 'spend-overview'"):
        chosen_reports(["spend-overwiev"])


# Nothing twice, and the same bytes


def test_a_second_run_with_nothing_changed_touches_no_file(own_project: Any) -> None:
    own_project.publish()  # these reports alone have not been asked for before, which is remembered
    before = times(own_project.root / "data"), times(own_project.reports)
    done = own_project.publish()
    assert (done.returncode, counts(done)) == (0, (0, 4, 0))
    assert (times(own_project.root / "data"), times(own_project.reports)) == before


def test_two_runs_on_the_same_day_differ_only_in_when_they_were_made(published: Any, tmp_path: Path) -> None:
    first = published.reports / "exempel/2025"
    project = published.copy(tmp_path / "another place")
    shutil.rmtree(project.root / "data/prepared")
    done = project.publish("--jobs", "1", "--out", str(tmp_path / "second"))
    assert counts(done) == (4, 0, 0)
    second = tmp_path / "second/exempel/2025"
    made = sorted(path.name for path in second.iterdir())
    assert len(made) == 4 * 4 and set(made) <= {path.name for path in first.iterdir()}
    when = {
        json.loads(path.read_text("utf-8"))["made_at"][:10]
        for place in (first, second)
        for path in place.glob("*.json")
        if path.name in made
    }
    if len(when) > 1:
        pytest.skip("midnight passed between the two runs")
    for path in (first / name for name in made):
        if path.suffix == ".json":
            left, right = (json.loads((place / path.name).read_text("utf-8")) for place in (first, second))
            left.pop("made_at"), right.pop("made_at")
            assert left == right and list(left) == list(right), path.name
        else:
            assert path.read_bytes() == (second / path.name).read_bytes(), difference(path, second / path.name)


def difference(left: Path, right: Path) -> str:
    if left.suffix != ".xlsx":
        return left.name
    with zipfile.ZipFile(left) as one, zipfile.ZipFile(right) as other:
        return f"{left.name}: {[name for name in one.namelist() if one.read(name) != other.read(name)]}"


def test_what_has_changed_is_run_again_and_only_that(own_project: Any) -> None:
    notebook = own_project.root / "notebooks/spend_overview.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("## Vad köper vi?", "## Vad köps?"), "utf-8")
    done = own_project.command("run", "--report", "data-quality", "--report", "spend-overview")
    assert counts(done) == (1, 1, 0)
    assert "Vad köps?" in (own_project.reports / "exempel/2025/spend-overview.html").read_text("utf-8")


def shorten(file: Path) -> None:
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "notebook": ("notebooks/spend_overview.ipynb", lambda file: replace(file, "Vad köper vi", "Vad köps")),
    "parameter": ("params/organisations/exempel.yml", lambda file: replace(file, "limit_sek: 10000", "limit_sek: 2")),
    "name": ("params/organisations/exempel.yml", lambda file: replace(file, "name: Region Ex", "name: Landet Ex")),
    "control total": (
        "params/organisations/exempel.yml",
        lambda file: replace(file, "\nledger:\n", "\nledger:\n  supplier_numbers: organisation\n"),
    ),
    "rules": ("params/mappings/exempel.csv", lambda file: replace(file, "okänt", "nej")),
    "tree": ("params/taxonomies/procanalysis.csv", lambda file: replace(file, "Läkemedel", "Medicin")),
    "method page": ("docs/methods/tail_share.md", lambda file: replace(file, "#", "# Ny:")),
    "ledger": ("data/example/leverantorsreskontra-2024.csv", shorten),
    "supplier groups": ("data/example/koncerner.csv", shorten),
}


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def fingerprint(project: Any, period: str = "", category: str = "") -> str:
    report = next(report for report in REPORTS if report.name == "spend-overview")
    return Job(report, prepare("exempel", period), Item(category), project.reports, project.root).fingerprint()


@pytest.fixture(scope="module")
def before(example_project: Any, readable: Readable, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report's fingerprint before anything is changed."""
    project = example_project.copy(tmp_path_factory.mktemp("before") / "own")
    with readable(project):
        found = fingerprint(project)
        assert found == fingerprint(project, "2025")
        assert len({found, fingerprint(project, "2024"), fingerprint(project, "", "01")}) == 3
    return found


def test_a_project_that_is_moved_keeps_its_fingerprints(
    example_project: Any, readable: Readable, tmp_path: Path, before: str
) -> None:
    project = example_project.copy(tmp_path / "another place")
    with readable(project):
        assert fingerprint(project) == before


@pytest.mark.parametrize("change", CHANGES)
def test_everything_a_report_depends_on_is_in_its_fingerprint(
    example_project: Any, readable: Readable, tmp_path: Path, before: str, change: str
) -> None:
    project = example_project.copy(tmp_path / "another place")
    with readable(project):
        file, alter = CHANGES[change]
        alter(project.root / file)
        assert fingerprint(project) != before


# Failure stays where it is


BROKEN = """
name: Trasiga kommunen
period: "2025"
ledger: {files: ["../../data/levereras-aldrig/*.csv"]}
mapping: {rules: [../mappings/exempel.csv]}
"""


def test_one_organisation_that_fails_never_stops_the_others(own_project: Any) -> None:
    organisations = own_project.root / "params/organisations"
    (organisations / "trasig.yml").write_text(BROKEN, "utf-8")
    (organisations / "felskriven.yml").write_text(BROKEN.replace("period:", "perid:"), "utf-8")
    done = own_project.command("run", "--report", "data-quality", "--period", "2024")
    assert (done.returncode, counts(done)) == (1, (1, 0, 2))
    assert "published  exempel 2024 data-quality" in done.stdout
    assert "unknown key 'perid'" in done.stderr and "no file matches" in done.stderr
    page = (own_project.reports / "index.html").read_text("utf-8")
    assert "Trasiga kommunen" in page and "no file matches" in page
    assert "exempel/2024/data-quality.html" in page and "exempel/2025/spend-overview.html" in page

    (organisations / "felskriven.yml").unlink()
    (organisations / "trasig.yml").write_text(
        BROKEN.replace("levereras-aldrig/*", "example/leverantorsreskontra-2025"), "utf-8"
    )
    done = own_project.command("run", "trasig", "--report", "data-quality", "--period", "2025")
    assert (done.returncode, counts(done)) == (0, (1, 0, 0))
    # The failure was noted for another period, and is no more all the same: the data can be read now.
    assert "no file matches" not in (own_project.reports / "index.html").read_text("utf-8")
    assert not list(own_project.reports.rglob("*.failed.*"))


def test_a_failed_report_keeps_yesterdays_and_says_why(own_project: Any) -> None:
    folder = own_project.reports / "exempel/2025"
    before = times(folder)
    notebook = own_project.root / "notebooks/spend_overview.ipynb"
    good = notebook.read_text("utf-8")
    notebook.write_text(
        good.replace("proc.callout(\\n", "raise ValueError('medvetet <fel>')\\nproc.callout(\\n"), "utf-8"
    )
    assert notebook.read_text("utf-8") != good
    done = own_project.publish()
    assert (done.returncode, counts(done)) == (1, (0, 3, 1))
    after = times(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"spend-overview.failed.ipynb", "spend-overview.failed.json"}
    assert "medvetet <fel>" in (folder / "spend-overview.failed.ipynb").read_text("utf-8")
    page = (own_project.reports / "index.html").read_text("utf-8")
    assert "medvetet &lt;fel&gt;" in page and "spend-overview.failed.ipynb" in page
    assert "exempel/2025/spend-overview.html" in page

    notebook.write_text(good, "utf-8")
    done = own_project.publish()
    assert (done.returncode, counts(done)) == (0, (0, 4, 0))
    assert times(folder) == before
    assert "medvetet" not in (own_project.reports / "index.html").read_text("utf-8")


IMPATIENT = """
import sys
from pathlib import Path
from procanalysis.run.catalogue import chosen_reports
from procanalysis.run.options import RunOptions
from procanalysis.run.runner import run_organisations
options = RunOptions(
    reports=chosen_reports(["data-quality", "spend-overview"]), out=Path("reports"), seconds_per_report=8.0
)
result = run_organisations(["exempel"], options)
print(result.published, result.unchanged, len(result.failures))
"""


def test_a_report_that_hangs_or_dies_is_listed_and_leaves_nothing_behind(own_project: Any) -> None:
    before = times(own_project.reports)
    for name, code in (("data_quality", "import time; time.sleep(600)"), ("spend_overview", "import os; os._exit(7)")):
        notebook = own_project.root / f"notebooks/{name}.ipynb"
        content = json.loads(notebook.read_text("utf-8"))
        first = next(cell for cell in content["cells"] if cell["cell_type"] == "code" and not cell["metadata"])
        first["source"] = [code]
        notebook.write_text(json.dumps(content), "utf-8")
    done = own_project.python(IMPATIENT)
    assert done.stdout.split() == ["0", "0", "2"], done.stderr
    after = times(own_project.reports)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {
        "exempel/2025/data-quality.failed.json", "exempel/2025/spend-overview.failed.json",
    }  # fmt: skip
    page = (own_project.reports / "index.html").read_text("utf-8")
    assert "time limit" in page and "exit code 7" in page

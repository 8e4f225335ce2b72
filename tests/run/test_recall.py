"""What a run remembers: only as long as nothing that it rests on has changed, and never a failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.catalogue import Item, chosen_reports
from procanalysis.run.jobs import Prepared
from procanalysis.run.options import RunOptions
from procanalysis.run.recall import recall, remember, stamp_of

REPORTS = chosen_reports(["spend-overview", "category-analysis"])
OPTIONS = RunOptions(reports=REPORTS)
PREPARED = Prepared(
    slug="exempel",
    name="Region Exempel",
    fictional=True,
    period="2025",
    period_name="2025",
    preparation="abc",
    settings="{}",
    inputs=({"path": "ledger.csv", "sha256": "0", "rows": 3},),
    parameters={"organisation": "exempel", "period": "2025"},
    items={"category": (Item("07.06", "IT-konsulter", "07.06"),), "unit": ()},
)


@pytest.fixture
def own(in_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    project = in_project.copy(tmp_path / "own")
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(project.root))
    return project


def test_what_is_remembered_is_what_was_prepared(own: Any) -> None:
    stamp = stamp_of(["exempel"], OPTIONS)
    assert recall(stamp) is None
    remember(stamp, [PREPARED])
    assert recall(stamp) == (PREPARED,)


def test_a_spoiled_memory_is_no_memory(own: Any) -> None:
    remember("one", [PREPARED])
    memory = own.root / "data/prepared/_runs/one.json"
    for spoiled in ("", "[", '{"slug": 1}', '[{"slug": "exempel"}]'):
        memory.write_text(spoiled, "utf-8")
        assert recall("one") is None, spoiled


def test_only_the_newest_memories_are_kept(own: Any) -> None:
    for number in range(20):
        remember(f"run{number}", [PREPARED])
    assert len(list((own.root / "data/prepared/_runs").glob("*.json"))) < 20
    assert recall("run19") == (PREPARED,)


def test_the_password_of_the_mail_server_is_no_part_of_what_is_remembered(
    own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = stamp_of(["exempel"], OPTIONS)
    monkeypatch.setenv("PROCANALYSIS_SMTP_PASSWORD", "secret")
    assert stamp_of(["exempel"], OPTIONS) == stamp
    monkeypatch.setenv("PROCANALYSIS_MEMORY", "1GB")
    assert stamp_of(["exempel"], OPTIONS) != stamp


def append(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


CHANGES: dict[str, Callable[[Path], None]] = {
    name: (lambda root, name=name: append(root / name))  # type: ignore[misc]
    for name in (
        "params/organisations/exempel.yml",
        "params/taxonomies/procanalysis.csv",
        "params/mappings/exempel.csv",
        "params/business_cases/exempel-e-handel.yml",
        "params/indicators/exempel.yml",
        "params/annual_reports/exempel-2025.yml",
        "params/peers/exempel.csv",
        "params/tenders/exempel.yml",
        "data/published/savings.csv",
        "data/example/leverantorsreskontra-2024.csv",
        "data/example/avtalsregister.csv",
        "data/example/koncerner.csv",
        "data/example/prisade_inkop.csv",
        "data/example/upphandlingsstatistik-anbud.csv",
        "data/example/rapporterat/indicator_values.csv",
    )
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_file_that_a_preparation_rests_on_is_in_the_stamp(own: Any, name: str) -> None:
    before = stamp_of(["exempel"], OPTIONS)
    assert before and before == stamp_of(["exempel"], OPTIONS)
    CHANGES[name](own.root)
    assert stamp_of(["exempel"], OPTIONS) not in ("", before)


def test_what_is_asked_for_and_the_environment_are_in_the_stamp(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        stamp_of(["exempel"], OPTIONS),
        stamp_of(["exempel", "insv"], OPTIONS),
        stamp_of(["exempel"], RunOptions(reports=REPORTS, period="2024")),
        stamp_of(["exempel"], RunOptions(reports=REPORTS, everyone=True)),
        stamp_of(["exempel"], RunOptions(reports=chosen_reports(["gap-analysis"]))),
    ]
    monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "another key")
    asked.append(stamp_of(["exempel"], OPTIONS))
    assert len(set(asked)) == len(asked)
    # Which of the reports about the same thing, and where they are put, changes nothing in what they rest on.
    narrower = RunOptions(reports=chosen_reports(["data-quality"]), out=Path("elsewhere"))
    assert stamp_of(["exempel"], narrower) == stamp_of(["exempel"], OPTIONS)


def test_a_file_that_cannot_be_read_gives_no_stamp(own: Any) -> None:
    (own.root / "data/example/avtalsregister.csv").unlink()
    assert stamp_of(["exempel"], OPTIONS) == ""


@pytest.mark.slow
def test_a_run_with_nothing_changed_imports_no_engine(own_project: Any) -> None:
    code = """
import json, sys
from pathlib import Path
from procanalysis.run.catalogue import chosen_reports
from procanalysis.run.options import RunOptions
from procanalysis.run.runner import run_organisations
options = RunOptions(reports=chosen_reports(["data-quality", "spend-overview", "category-analysis"]))
result = run_organisations(["exempel"], options)
heavy = ("duckdb", "narwhals", "matplotlib", "papermill", "nbconvert", "IPython", "scipy")
print(json.dumps([result.published, result.unchanged, [name for name in heavy if name in sys.modules]]))
"""
    own_project.python(code)  # what the command remembered is asked for in other words
    assert json.loads(own_project.fresh_python(code).stdout.splitlines()[-1]) == [0, 4, []]

"""Every notebook is thin, explained, stripped, and runs top to bottom as it lies."""

from __future__ import annotations

import ast
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from procanalysis.organisation import open_organisation
from procanalysis.run.catalogue import REPORTS, declared_parameters
from procanalysis.run.engine import ENGINE
from procanalysis.run.processes import CAN_FORK

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 12
LEAST_OUTPUTS = {"monthly_report": 6}  # it is one page
ALLOWED_IMPORTS = {"import procanalysis as proc", "import pandas as pd"}
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.With, ast.Try,
    ast.JoinedStr, ast.Global, ast.Delete, ast.Assert, ast.Raise,
)  # fmt: skip

notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.read(path, 4)


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tree(path: Path) -> ast.Module:
    """Parse all the code of a notebook after its parameters."""
    return ast.parse("\n".join(cell.source for cell in code_cells(path)[1:]))


def test_every_report_has_a_notebook_and_every_notebook_a_report() -> None:
    assert {path.name for path in NOTEBOOKS} == {report.notebook for report in REPORTS}


@notebooks
def test_it_is_valid_and_stripped(path: Path) -> None:
    nbformat.validate(read(path))
    for cell in code_cells(path):
        assert cell.outputs == [] and cell.execution_count is None
        assert set(cell.metadata) <= {"tags"}
    assert read(path).metadata.kernelspec.name == "python3"
    assert "papermill" not in read(path).metadata


@notebooks
def test_the_first_code_cell_holds_parameters_that_explain_themselves(path: Path) -> None:
    first, *others = code_cells(path)
    assert first.metadata.get("tags") == ["parameters"]
    assert not any("parameters" in cell.metadata.get("tags", []) for cell in others)
    for statement in ast.parse(first.source).body:
        assert isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        assert isinstance(statement.annotation, ast.Name) and statement.annotation.id in ("str", "int", "float", "bool")
        assert isinstance(statement.value, ast.Constant)
        assert type(statement.value.value).__name__ == statement.annotation.id
        line = first.source.splitlines()[statement.lineno - 1]
        assert len(line.partition("#")[2].strip()) >= 15, line
    for name, about in declared_parameters(path).items():
        assert about["help"], name


@notebooks
def test_every_parameter_is_used(path: Path) -> None:
    read_names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert set(declared_parameters(path)) <= read_names


@notebooks
def test_it_calls_the_library_and_computes_nothing_itself(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not isinstance(node, FORBIDDEN), f"{path.name}: {ast.unparse(node)[:80]}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert ast.unparse(node) in ALLOWED_IMPORTS
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("read_"), "files are opened by the library only"
            assert not node.attr.startswith("_"), "public names only"
    assert not re.search(r"^\s*[%!?]", "\n".join(cell.source for cell in code_cells(path)), flags=re.MULTILINE)


@notebooks
def test_every_name_it_takes_from_the_library_is_public(path: Path) -> None:
    import procanalysis as proc

    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "proc":
            assert node.attr in proc.__all__, f"proc.{node.attr}"
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {f"proc.{name}" for name in proc.__all__}:
            assert hasattr(getattr(proc, node.value.attr), node.attr), ast.unparse(node)  # type: ignore[attr-defined]


@notebooks
def test_cells_are_short(path: Path) -> None:
    for cell in code_cells(path)[1:]:
        lines = [line for line in cell.source.splitlines() if line.strip() and not line.strip().startswith("#")]
        assert len(lines) <= LONGEST_CELL, cell.source


@notebooks
def test_questions_come_before_answers_under_headings_without_jumps(path: Path) -> None:
    cells = read(path).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    levels = [
        len(match[1])
        for cell in cells
        if cell.cell_type == "markdown"
        for match in re.finditer(r"^(#+) \S", cell.source, flags=re.MULTILINE)
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    kinds = [cell.cell_type for cell in cells]
    # The parameters and the cell that opens the data stand under the title; every other part has a heading.
    first_heading = next(place for place, cell in enumerate(cells) if cell.source.startswith("## "))
    assert kinds[1:first_heading] == ["code", "code"]
    for before, after in pairwise(cells):
        assert (before.cell_type, after.cell_type) != ("markdown", "markdown")
    assert kinds[-1] == "code" and levels.count(2) >= 5
    headings = [cell.source.splitlines()[0] for cell in cells if cell.source.startswith("## ")]
    assert headings[0].startswith("## Sammanfatt") and "## Så har vi räknat" in headings
    assert len(set(headings)) == len(headings)


@notebooks
def test_the_report_tells_who_made_what_of_which_data(path: Path) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    assert len([name for name in calls if name.startswith("proc.open_")]) == 1
    assert calls.count("proc.report_header") == 1
    for name in ("proc.key_figures", "proc.how_calculated"):
        assert name in calls


@pytest.mark.parametrize("name", ["data_quality", "spend_overview", "category_analysis"])
def test_reports_of_the_ledger_show_the_reconciliation(name: str) -> None:
    attributes = {
        node.attr for node in ast.walk(tree(ROOT / f"notebooks/{name}.ipynb")) if isinstance(node, ast.Attribute)
    }
    assert attributes & {"reconciliation", "category_reconciliation"}


def test_every_key_figure_has_a_method_page(published: Any) -> None:
    methods = {
        figure["method"]
        for file in (published.reports / "exempel/2025").glob("*.json")
        for figure in json.loads(file.read_text("utf-8"))["figures"]
    }
    assert len(methods) >= 8
    assert methods <= {page.stem for page in (ROOT / "docs/methods").glob("*.md")}


# Each in a process of its own, as a run has it, but imported once for all of them.
TOP_TO_BOTTOM = """
import os
import sys
import traceback
from pathlib import Path
os.chdir("notebooks")
from papermill.execute import execute_notebook
from procanalysis.run import engine
import procanalysis
for name in procanalysis.__all__:
    getattr(procanalysis, name)
engine.register()
folder = Path(sys.argv[1])
for given in sys.argv[2:]:
    name, _, chosen = given.partition("=")
    if child := os.fork():
        os.waitpid(child, 0)
        continue
    try:
        execute_notebook(
            name, str(folder / name), engine_name=chosen or None, kernel_name="python3", progress_bar=False
        )
    except BaseException:
        (folder / f"{name}.failed").write_text(traceback.format_exc())
    os._exit(0)
"""
ON_LEDGERS = [path for path in NOTEBOOKS if not path.stem.startswith(("gap_", "indicators"))]
# A kernel as JupyterLab has it; what no other test publishes; a default that the run never hands over.
RUN_HERE = {"data_quality": "", "annual_report_region": ENGINE, "category_analysis": ENGINE}


@pytest.fixture(scope="module")
def ran(published: Any, once: Any) -> Path:
    """The notebooks of RUN_HERE, run with their defaults from their own folder."""

    def fill(folder: Path) -> None:
        chosen = [f"{stem}.ipynb={engine}" for stem, engine in RUN_HERE.items()]
        done = published.python(TOP_TO_BOTTOM, str(folder), *chosen)
        assert done.returncode == 0, done.stderr[-2000:]

    return once("top-to-bottom", fill)  # type: ignore[no-any-return]


def shows_and_prints_nothing(done: Path, stem: str) -> None:
    outputs = [output for cell in code_cells(done) for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}, "something was printed"
    assert len(outputs) >= LEAST_OUTPUTS.get(stem, 10)


@pytest.mark.slow
@pytest.mark.skipif(not CAN_FORK, reason="the notebooks are run in processes forked from one that has imported all")
@pytest.mark.parametrize("stem", RUN_HERE)
def test_it_runs_with_its_defaults_from_its_folder(ran: Path, stem: str) -> None:
    failed = ran / f"{stem}.ipynb.failed"
    assert not failed.exists(), failed.read_text()[-2000:]
    shows_and_prints_nothing(ran / f"{stem}.ipynb", stem)


def words_of_code(path: Path) -> list[str]:
    """Return the code of a notebook as it was written, without what a run adds."""
    return [cell.source for cell in code_cells(path) if "injected-parameters" not in cell.metadata.get("tags", [])]


def values(path: Path, tag: str) -> dict[str, Any]:
    """Return what the cell with the tag gives its names."""
    (cell,) = (cell for cell in code_cells(path) if tag in cell.metadata.get("tags", []))
    given = (node for node in ast.parse(cell.source).body if isinstance(node, ast.Assign | ast.AnnAssign))
    return {ast.unparse(getattr(n, "target", None) or n.targets[0]): ast.literal_eval(n.value) for n in given}  # type: ignore[attr-defined,arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in ON_LEDGERS if path.stem not in RUN_HERE], ids=lambda path: path.stem
)  # the others: tests of their own
def test_it_was_published_with_its_defaults(path: Path, published: Any, annual: Any, monthly: Any) -> None:
    """What is published is the same code with the same values; only the period is the organisation file's own."""
    pages = [each for project in (published, annual, monthly) for each in project.reports.glob("*/*/*.ipynb")]
    same = [each for each in pages if words_of_code(each) == words_of_code(path)]
    defaults = values(path, "parameters")
    own = {"period": "2025"} if defaults.get("period") == "" else {}
    (done,) = (each for each in same if values(each, "injected-parameters") == defaults | own)
    shows_and_prints_nothing(done, path.stem)
    calls = [ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    used = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id == "period"]
    opened = [call for call in calls if re.fullmatch(r"proc\.open_organisation(_year)?\(organisation, period\)", call)]
    assert len(opened) == len(used) == ("period" in defaults), "period does nothing but open the organisation"


def test_an_empty_period_is_the_organisation_files_own(in_project: Any) -> None:
    assert open_organisation("exempel").period_name == open_organisation("exempel", "2025").period_name == "2025"

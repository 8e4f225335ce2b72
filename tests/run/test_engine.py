"""The warm engine gives what an ordinary kernel gives, and keeps nothing from one notebook to the next."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from procanalysis.run import engine
from procanalysis.run.processes import CAN_FORK, Task, run_tasks

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="the warm engine is used where the platform can fork")

Cell = tuple[str, str, int | None, list[dict[str, Any]]]

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
PARAMETERS = nbformat.v4.new_code_cell("number: int = 1  # what to show", metadata={"tags": ["parameters"]})
SHOWN = (
    "import sys\nprint('ett'); print('fel', file=sys.stderr); display('två'); print('tre'); print('fyra')\nnumber",
    "_ + 1",
    "number;",
    "import pandas as pd\npd.DataFrame({'belopp': [1, 2]})",
    "",
    "quiet = 1",
    "from IPython.display import HTML, Markdown\nfor place in range(2):\n"
    "    print(place)\n    display(Markdown(f'*{place}*'))",
    "HTML('<b>fet</b>')",
    "class Part:\n    def __repr__(self):\n        return 'del'\n    def _repr_mimebundle_(self, **ignored):\n"
    "        return {'text/plain': 'del', 'application/vnd.procanalysis+json': {'rows': [1, None]}}\nPart()",
    "class Picture:\n    def __repr__(self):\n        return 'bild'\n    def _repr_png_(self):\n"
    "        return b'\\x89PNG\\r\\n\\x1a\\n'\nPicture()",
    "Out[3]",
)
FAULTS = {
    "own error": "raise ValueError('fel: åäö')",
    "after output": "print('före')\n1 / 0",
    "unknown name": "missing_name",
    "own class": "from procanalysis.errors import InputError\nraise InputError('rad 7: belopp saknas')",
    "syntax": "for",
    "exit": "raise SystemExit(3)",
    "in a repr": "class Bad:\n    def __repr__(self):\n        raise KeyError('repr')\nBad()",
}


@dataclass(frozen=True)
class Ran:
    """What became of a notebook: its cells without execution metadata, and what papermill raised."""

    cells: list[Cell]
    raised: tuple[int, int, str, str] | None


def notebook_file(folder: Path, name: str, sources: Sequence[str]) -> Path:
    path = folder / f"{name}.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Rubrik"), PARAMETERS, *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), path)
    return path


def execute(path: Path, engine_name: str | None) -> Ran:
    engine.register()
    done, raised = path.with_suffix(".done.ipynb"), None
    try:
        execute_notebook(
            str(path), str(done), parameters={"number": 5}, engine_name=engine_name, kernel_name="python3",
            cwd=str(path.parent), progress_bar=False, request_save_on_cell_execute=False,
        )  # fmt: skip
    except PapermillExecutionError as error:
        raised = (error.cell_index, error.exec_count, error.ename, error.evalue)
    return Ran(cells_of(done), raised)


def cells_of(file: Path) -> list[Cell]:
    """Read the cells of an executed notebook without execution metadata."""
    return [
        (cell.cell_type, cell.source, cell.get("execution_count"), list(map(_plain, cell.get("outputs", []))))
        for cell in nbformat.read(file, 4).cells
    ]


def _plain(output: Any) -> dict[str, Any]:
    """Drop the traceback, which names the files of the engine."""
    return {name: value for name, value in output.items() if name != "traceback"}


def warm(path: Path) -> Ran:
    """Run a notebook as the runner does: in a process of its own."""
    outcome = next(iter(run_tasks([Task("notebook", execute, (path, engine.ENGINE))], jobs=1, seconds=120)))
    assert not outcome.failure, outcome.failure
    ran: Ran = outcome.value
    return ran


@pytest.mark.slow
def test_same_outputs_as_an_ordinary_kernel(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, "shown", SHOWN)
    assert warm(path) == execute(path, None)


@pytest.mark.slow
def test_same_error_as_an_ordinary_kernel(tmp_path: Path) -> None:
    path = notebook_file(tmp_path, "fault", ("first = 1", "", FAULTS["after output"], "print('aldrig')"))
    assert warm(path) == execute(path, None)


def test_output_stands_in_the_order_in_which_it_was_made(tmp_path: Path) -> None:
    outputs = warm(notebook_file(tmp_path, "order", SHOWN[:1])).cells[3][3]
    assert [output["output_type"] for output in outputs] == [
        "stream", "stream", "display_data", "stream", "execute_result",
    ]  # fmt: skip
    assert [output.get("text") for output in outputs] == ["ett\n", "fel\n", None, "tre\nfyra\n", None]
    assert outputs[-1]["data"] == {"text/plain": "5"}


def test_the_last_value_is_known_whatever_the_run_has_made_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "_", None, raising=False)  # as a doctest that ran before leaves it
    last = warm(notebook_file(tmp_path, "last", ("5", "_ + 1"))).cells[-1]
    assert [output["data"] for output in last[3]] == [{"text/plain": "6"}]


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("own error", "ValueError", "fel: åäö"),
        ("after output", "ZeroDivisionError", "division by zero"),
        ("unknown name", "NameError", "name 'missing_name' is not defined"),
        ("own class", "InputError", "rad 7: belopp saknas"),
        ("syntax", "SyntaxError", None),
        ("exit", "SystemExit", "3"),
        ("in a repr", "KeyError", "'repr'"),
    ],
)
def test_an_error_stops_the_notebook_and_names_its_cell(
    tmp_path: Path, fault: str, name: str, value: str | None
) -> None:
    ran = warm(notebook_file(tmp_path, "fault", ("first = 1", "", FAULTS[fault], "print('aldrig')")))
    assert ran.raised is not None
    index, count, raised_name, raised_value = ran.raised
    # Markdown, parameters, injected parameters, two cells, one of them empty; the empty one is not counted.
    assert (index, count, raised_name) == (5, 4, name)
    assert value is None or raised_value == value
    failed = next(cell for cell in ran.cells if cell[1] == FAULTS[fault])
    errors = [output for output in failed[3] if output["output_type"] == "error"]
    assert [(error["ename"], error["evalue"]) for error in errors] == [(name, raised_value)]
    assert [output["text"] for output in failed[3] if output.get("name") == "stdout"] == (
        ["före\n"] if fault == "after output" else []
    )
    assert ran.cells[-1][1:] == ("print('aldrig')", None, [])


def twice_in_one_process(first: Path, second: Path) -> tuple[Ran, Ran]:
    return execute(first, engine.ENGINE), execute(second, engine.ENGINE)


def test_nothing_is_kept_from_one_notebook_to_the_next(tmp_path: Path) -> None:
    first = notebook_file(tmp_path, "first", ("leaked = 1", "leaked"))
    second = notebook_file(tmp_path, "second", ("'leaked' in dir()", "number"))
    task = Task("both", twice_in_one_process, (first, second))
    outcome = next(iter(run_tasks([task], jobs=1, seconds=120)))
    assert not outcome.failure, outcome.failure
    left, right = outcome.value
    assert right == warm(second)
    assert [cell[3][0]["data"]["text/plain"] for cell in right.cells[3:]] == ["False", "5"]
    assert [cell[2] for cell in right.cells if cell[0] == "code"] == [1, 2, 3, 4]
    assert left.cells[-1][3][0]["data"] == {"text/plain": "1"}


@pytest.mark.slow
def test_a_real_report_is_the_same_from_both(published: Any, tmp_path: Path) -> None:
    done = published.command("run", "--report", "spend-overview", "--ordinary-kernel", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    notebooks = (
        published.reports / "exempel/2025/spend-overview.ipynb",
        tmp_path / "exempel/2025/spend-overview.ipynb",
    )
    if len({re.findall(r'"made_on": "([0-9-]+)"', path.read_text("utf-8"))[0] for path in notebooks}) > 1:
        pytest.skip("midnight passed between the two runs, and a report tells the day on which it was made")
    for ending in (".ipynb", ".html", ".xlsx"):
        warm_file = published.reports / "exempel/2025" / f"spend-overview{ending}"
        kernel_file = tmp_path / "exempel/2025" / f"spend-overview{ending}"
        if ending == ".ipynb":
            assert cells_of(kernel_file) == cells_of(warm_file)
        else:
            assert kernel_file.read_bytes() == warm_file.read_bytes(), ending

"""Reports by a warm run against `papermill` and `jupyter nbconvert` per report, as anybody would script it.

Both run the very same notebooks with the same parameters on the same prepared data, and the cells' outputs are compared
before any time is told. Ours also writes workbook, figures and index, and our own page; nbconvert writes its ordinary
page.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.project import MASK_KEY, REPOSITORY
from benchmarks.targets import REPORTS_AGAINST_CELLS, REPORTS_AGAINST_COMMANDS, Row, size_in_words, verdict_of

_NAMES = ("data-quality", "spend-overview", "contracts", "supplier-follow-up", "procurement-plan", "savings")
_LINES = 6_000
_JOBS = 2
_MOST_OF_CELLS = 1.2
_TIMES_LESS = 25.0
_COMMAND = "from procanalysis.cli import main; main()"
_WARM_UP = "from procanalysis.run import runner; runner._warm_up()"


def measure_reports(folder: Path, number: int) -> tuple[list[Row], dict[str, Any]]:
    """Make some reports of the example by us and by the commands, and compare outputs and time.

    Parameters: folder, where the project is written; number, how many reports, up to six. Returns the rows of the table
    and the raw figures. Raises RuntimeError when the two ways do not give the same outputs.
    """
    names, root = _NAMES[:number], folder / "reports-project"
    _make_example(root)
    ours = ["-m", "benchmarks.reports", "run", "exempel", *(word for name in names for word in ("--report", name))]
    _measured(root, [*ours, "--jobs", str(_JOBS)])  # prepares the data, which both then have
    preparation = _parameters(root, names)
    facts: dict[str, Any] = {"reports": list(names), "jobs": _JOBS, "cells_s": 0.0, "commands": [], "warm_up": []}
    shutil.rmtree(root / "reports")
    facts["warm_up"] = _measured(root, ["-c", _WARM_UP])
    facts["warm"] = _measured(root, [*ours, "--jobs", str(_JOBS)])
    facts["cells_s"] = _cell_seconds(root)
    for name in names:
        facts["commands"].append(_by_commands(root, name, preparation))
        _refuse_difference(root, name)
    facts["unchanged"] = [
        _measured(root, ["-c", _COMMAND, *ours[2:], "--jobs", str(_JOBS)])["wall_s"] for _ in range(3)
    ]
    return _rows(facts), facts


def _make_example(root: Path) -> None:
    if (root / "data/example/planted_truths.json").is_file():
        return
    for name in ("params", "notebooks", "docs", "data/published"):
        shutil.copytree(REPOSITORY / name, root / name, dirs_exist_ok=True)
    _measured(root, ["-c", _COMMAND, "example", "--lines", str(_LINES)])


def _measured(root: Path, words: Sequence[str]) -> dict[str, float]:
    """Run a Python command in the project and return its seconds, by the wall and of computing."""
    variables = {"PROCANALYSIS_ROOT": str(root), "PROCANALYSIS_MASK_KEY": MASK_KEY, "PYTHONPATH": str(REPOSITORY)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=root, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout[-500:]} {done.stderr[-2000:]}")
    return {
        "wall_s": round(wall, 3),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
    }


def _parameters(root: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the parameters that our run gave the notebooks, read out of what it published."""
    import nbformat

    notebook = nbformat.read(_published(root, names[0], ".ipynb"), 4)
    cell = next(each for each in notebook.cells if "injected-parameters" in each.metadata.get("tags", []))
    given: dict[str, str] = {}
    exec(cell.source, given)
    return {name: value for name, value in given.items() if not name.startswith("__")}


def _published(root: Path, name: str, ending: str) -> Path:
    return next((root / "reports/exempel").glob(f"*/{name}{ending}"))


def _by_commands(root: Path, name: str, parameters: dict[str, str]) -> dict[str, float]:
    notebook = root / "notebooks" / f"{name.replace('-', '_')}.ipynb"
    made = root / "by-commands" / f"{name}.ipynb"
    made.parent.mkdir(exist_ok=True)
    given = [word for key, value in parameters.items() for word in ("-r", key, str(value))]
    run = _measured(root, ["-m", "papermill", "--cwd", str(notebook.parent), *given, str(notebook), str(made)])
    page = _measured(root, ["-m", "nbconvert", "--to", "html", str(made)])
    return {key: round(run[key] + page[key], 3) for key in run}


def _refuse_difference(root: Path, name: str) -> None:
    ours, theirs = _outputs(_published(root, name, ".ipynb")), _outputs(root / "by-commands" / f"{name}.ipynb")
    if ours != theirs:
        raise RuntimeError(f"{name}: the warm run and papermill gave different outputs, so no time is told.")


def _outputs(path: Path) -> list[Any]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(cell["source"], cell.get("outputs", [])) for cell in cells]


def _cell_seconds(root: Path) -> float:
    """Sum the computing seconds of the cells alone, which the warm run below notes one a line."""
    return round(sum(map(float, (root / "cells.txt").read_text("ascii").split())), 3)


def _rows(facts: dict[str, Any]) -> list[Row]:
    number, warm, warm_up = len(facts["reports"]), facts["warm"], facts["warm_up"]
    # By computing time, since the wall is shared with whatever else the machine does.
    own = warm["cpu_s"] - warm_up["cpu_s"]
    of_cells, of_commands = own / facts["cells_s"], sum(each["cpu_s"] for each in facts["commands"]) / own
    wall = sum(each["wall_s"] for each in facts["commands"]) / warm["wall_s"]
    unchanged = statistics.median(facts["unchanged"])
    whole = (
        f"{own:.1f} s for {number} reports, {facts['cells_s']:.1f} s of it in cells; warm-up {warm_up['cpu_s']:.1f} s"
    )
    return [
        Row(
            REPORTS_AGAINST_CELLS, size_in_words(_LINES), f"{of_cells:.2f} ×",
            verdict_of(of_cells <= _MOST_OF_CELLS), whole,
        ),
        Row(
            REPORTS_AGAINST_COMMANDS, size_in_words(_LINES), f"{of_commands:.1f} ×",
            verdict_of(of_commands >= _TIMES_LESS),
            f"computing time beside one warm-up; {wall:.1f} times by the wall, warm-up included",
        ),
        Row(
            "`procanalysis run` of these reports with nothing changed: under 3 s", size_in_words(_LINES),
            f"{unchanged:.2f} s",
            verdict_of(unchanged < 3), "median of three",
        ),
    ]  # fmt: skip


def _run_noting_cells() -> None:
    """Run `procanalysis`, noting the computing seconds of each cell: what this module does as a command."""
    from procanalysis import cli

    engine: Any = importlib.import_module("procanalysis.run.engine")
    root, run_cell = Path(os.environ["PROCANALYSIS_ROOT"]), engine.run_cell
    (root / "cells.txt").unlink(missing_ok=True)

    def noted(*given: Any) -> Any:
        before = time.process_time()
        try:
            return run_cell(*given)
        finally:
            with (root / "cells.txt").open("a", encoding="ascii") as stream:
                stream.write(f"{time.process_time() - before}\n")

    engine.run_cell = noted
    sys.argv = ["procanalysis", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    _run_noting_cells()

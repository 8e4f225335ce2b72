"""Reports by a warm run against `papermill` and `jupyter nbconvert` per report, as anybody would script it.

Both run the very same notebooks with the same parameters on the same prepared data, and the cells' outputs are compared
before any time is told. Ours also writes workbook, figures and index, and our own page; nbconvert writes its ordinary
page. They are run in turn, and ratios are taken within each round.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import tell
from benchmarks.project import MASK_KEY, REPOSITORY
from benchmarks.targets import NOT_RUN, Row, size_in_words, verdict_of

_NAMES = ("data-quality", "spend-overview", "contracts", "supplier-follow-up", "procurement-plan", "savings")
_LINES = 6_000
_JOBS = 2
_MOST_OF_CELLS = 1.2
_TIMES_LESS = 25.0
_COMMAND = "from procanalysis.cli import main; main()"
_WARM_UP = "from procanalysis.run import runner; runner._warm_up()"


def measure_reports(folder: Path, number: int, rounds: int) -> dict[str, Any]:
    """Make some reports of the example by us and by the commands in turn, compare outputs, and return what it took.

    Parameters: folder, where the project is written; number, how many reports, up to six; rounds. Returns the raw
    figures, from which `report_rows` makes the table. Raises RuntimeError when the two ways differ in their outputs.
    """
    names, root = _NAMES[:number], folder / "reports-project"
    _make_example(root)
    ours = ["-m", "benchmarks.reports", "run", "exempel", *(word for name in names for word in ("--report", name))]
    _measured(root, [*ours, "--jobs", str(_JOBS)])  # prepares the data, which both then have
    parameters = _parameters(root, names)
    facts: dict[str, Any] = {"reports": list(names), "jobs": _JOBS, "rounds": []}
    for turn in range(1, rounds + 1):
        shutil.rmtree(root / "reports")
        found: dict[str, Any] = {"warm_up": _measured(root, ["-c", _WARM_UP])}
        found["warm"] = _measured(root, [*ours, "--jobs", str(_JOBS)])
        found["cells_s"] = _cell_seconds(root)
        found["commands"] = {name: _by_commands(root, name, parameters) for name in names}
        for name in names:
            _refuse_difference(root, name)
        facts["rounds"].append(found)
        tell(f"reports: round {turn} of {rounds}: {found['warm']['wall_s']:.1f} s warm")
    facts["unchanged"] = [
        _measured(root, ["-c", _COMMAND, *ours[2:], "--jobs", str(_JOBS)])["wall_s"] for _ in range(rounds)
    ]
    return facts


def _make_example(root: Path) -> None:
    """Write the example anew, since notebooks and settings kept from an earlier run may be of another code."""
    shutil.rmtree(root, ignore_errors=True)
    for name in ("params", "notebooks", "docs", "data/published"):
        shutil.copytree(REPOSITORY / name, root / name, dirs_exist_ok=True)
    _measured(root, ["-c", _COMMAND, "example", "--lines", str(_LINES)])


def _measured(root: Path, words: Sequence[str]) -> dict[str, float]:
    """Run a Python command in the project and return its seconds, by the wall and of computing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROCANALYSIS_")}
    own = {"PROCANALYSIS_ROOT": str(root), "PROCANALYSIS_MASK_KEY": MASK_KEY, "PYTHONPATH": str(REPOSITORY)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=root, env=kept | own, capture_output=True, text=True, check=False
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


_AGAINST_CELLS = "Reports beside one warm-up, against their cells' own computing time: at most 1.2 ×"
_AGAINST_COMMANDS = "`papermill` and `jupyter nbconvert` per report, against the same by one run: at least 25 ×"
_UNCHANGED = "`procanalysis run` of these reports with nothing changed: under 3 s"


def report_rows(facts: Mapping[str, Any]) -> list[Row]:
    """Make the rows of the targets about reports from the raw figures, empty when they were not run.

    By computing time, since the wall is shared with whatever else the machine does.
    """
    if not facts:
        return [Row(target, "", NOT_RUN, NOT_RUN) for target in (_AGAINST_CELLS, _AGAINST_COMMANDS, _UNCHANGED)]
    rounds, size = facts["rounds"], size_in_words(_LINES)
    own = [each["warm"]["cpu_s"] - each["warm_up"]["cpu_s"] for each in rounds]
    commands = [_of_commands(each, "cpu_s") for each in rounds]
    of_cells = median(spent / each["cells_s"] for spent, each in zip(own, rounds, strict=True))
    of_commands = median(theirs / ours for theirs, ours in zip(commands, own, strict=True))
    with_start = median(theirs / each["warm"]["cpu_s"] for theirs, each in zip(commands, rounds, strict=True))
    by_wall = median(_of_commands(each, "wall_s") / each["warm"]["wall_s"] for each in rounds)
    unchanged = median(facts["unchanged"])
    cells, warm_up = median(each["cells_s"] for each in rounds), median(each["warm_up"]["cpu_s"] for each in rounds)
    return [
        Row(
            _AGAINST_CELLS, size, f"{of_cells:.2f} ×", verdict_of(of_cells <= _MOST_OF_CELLS),
            f"computing {median(own):.1f} s for {len(facts['reports'])} reports beside the warm-up, {cells:.1f} s of "
            f"it in cells; warm-up {warm_up:.1f} s",
        ),
        Row(
            _AGAINST_COMMANDS, size, f"{of_commands:.1f} ×", verdict_of(of_commands >= _TIMES_LESS),
            f"computing {median(commands):.1f} s by the commands; with the warm-up counted as ours {with_start:.1f} ×, "
            f"and then by the wall {by_wall:.1f} ×",
        ),
        Row(_UNCHANGED, size, f"{unchanged:.2f} s", verdict_of(unchanged < 3)),
    ]  # fmt: skip


def _of_commands(found: Mapping[str, Any], seconds: str) -> float:
    return float(sum(each[seconds] for each in found["commands"].values()))


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

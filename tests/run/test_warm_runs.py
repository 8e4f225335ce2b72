"""What processes are forked from: no engine, no threads, every part imported. What they leave: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from procanalysis.run.processes import CAN_FORK, Task, run_tasks

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CAN_FORK, reason="processes are forked where the platform can")]

AT_THE_FORK = """
import gc, os, sys, threading
from procanalysis.run import hold_to_one_thread
hold_to_one_thread()
from procanalysis.run import runner
runner._warm_up()
import duckdb
connections = [each for each in gc.get_objects() if type(each) is duckdb.DuckDBPyConnection]
print("connections", len(connections))
print("python threads", threading.active_count())
print("limits", os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"])
names = [open(f"/proc/self/task/{each}/comm").read().strip() for each in os.listdir("/proc/self/task")]
print("threads", len(names))
print("polars", "polars" in sys.modules, "pyspark", "pyspark" in sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_processes_are_forked_from_one_that_has_no_engine_and_no_threads_at_work(example_project: Any) -> None:
    done = example_project.fresh_python(AT_THE_FORK)
    assert done.returncode == 0, done.stderr
    told = dict(line.split(" ", 1) if not line.startswith("python") else line.rsplit(" ", 1) for line in
                done.stdout.splitlines())  # fmt: skip
    assert told["connections"] == "0" and told["python threads"] == "1" and told["limits"] == "1 1"
    # Pyarrow, which pandas imports, starts one thread of its own that holds no lock.
    assert int(told["threads"]) <= 2, done.stdout
    assert told["polars"] == "False pyspark False"


UNCHANGED = """
import sys
sys.argv = ["procanalysis", "run", "exempel", "--report", "spend-overview", "--report", "data-quality"]
from procanalysis.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code
heavy = ("duckdb", "pandas", "numpy", "pyarrow", "matplotlib", "papermill", "nbconvert", "IPython", "psutil")
print("brought", [name for name in heavy if name in sys.modules])
"""


def test_a_run_with_nothing_changed_brings_no_engine(own_project: Any) -> None:
    # What the first run remembers of the preparation is what the second need not ask an engine for.
    for done in (own_project.python(UNCHANGED), own_project.fresh_python(UNCHANGED)):
        assert done.returncode == 0, done.stderr
    assert "0 published, 2 unchanged, 0 failed." in done.stdout
    assert done.stdout.splitlines()[-1] == "brought []"


DISTURBING = """import builtins, os, sys
import matplotlib, pandas as pd
os.environ["PROCANALYSIS_ROOT"] = "elsewhere"
os.chdir("/")
matplotlib.rcParams["font.size"] = 99
pd.set_option("display.max_rows", 3)
sys.path.insert(0, "elsewhere")
builtins.left_behind = leaked = 1
import procanalysis
procanalysis.left_behind = 1"""
UNDISTURBED = """import builtins, os, sys
import matplotlib, pandas as pd, procanalysis
(os.environ.get("PROCANALYSIS_ROOT"), os.getcwd() == "/", matplotlib.rcParams["font.size"],
 pd.get_option("display.max_rows"), "elsewhere" in sys.path, hasattr(builtins, "left_behind"), "leaked" in dir(),
 hasattr(procanalysis, "left_behind"))"""


def execute(path: Path) -> str:
    from papermill.execute import execute_notebook

    from procanalysis.run import engine

    engine.register()
    notebook = execute_notebook(
        str(path), None, engine_name=engine.ENGINE, kernel_name="python3", cwd=str(path.parent), progress_bar=False
    )
    outputs = notebook.cells[-1].outputs
    return str(outputs[0]["data"]["text/plain"]) if outputs else ""


def notebook_file(path: Path, *sources: str) -> Path:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = list(map(nbformat.v4.new_code_cell, sources))
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def test_what_a_notebook_changes_never_reaches_the_next(tmp_path: Path) -> None:
    import matplotlib  # noqa: F401  (imported where the processes are forked, as in a run)
    import pandas  # noqa: F401

    disturbing = notebook_file(tmp_path / "disturbing.ipynb", DISTURBING)
    undisturbed = notebook_file(tmp_path / "undisturbed.ipynb", UNDISTURBED)
    tasks = [Task(str(number), execute, (path,)) for number, path in enumerate((undisturbed, disturbing, undisturbed))]
    found = {}
    for outcome in run_tasks(tasks, jobs=1, seconds=120):
        assert not outcome.failure, outcome.failure
        found[outcome.task.name] = outcome.value
    assert found["0"] == found["2"] != ""
    assert "99" not in found["2"] and "elsewhere" not in found["2"]


def test_papermill_finds_the_engine_by_its_name(tmp_path: Path) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    # As an installer writes it down, so that the test does not hang on when this was installed.
    installed = tmp_path / "site/named-1.dist-info"
    installed.mkdir(parents=True)
    named = project["entry-points"]["papermill.engine"]
    lines = ["[papermill.engine]", *(f"{name} = {place}" for name, place in named.items())]
    (installed / "entry_points.txt").write_text("\n".join(lines), "ascii")
    path = notebook_file(tmp_path / "one.ipynb", "1 + 1", "get_ipython().__class__.__module__")
    words = ["papermill", "--engine", "procanalysis-warm", "--no-progress-bar", str(path), "done.ipynb"]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(installed.parent)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outputs = [cell.outputs[0].data["text/plain"] for cell in nbformat.read(tmp_path / "done.ipynb", 4).cells]
    assert outputs == ["2", "'procanalysis.run.shell'"]


HUNG = """
import os, sys
from pathlib import Path
from procanalysis.run.catalogue import chosen_reports
from procanalysis.run.options import Listener, RunOptions
from procanalysis.run.runner import run_organisations
told = []
options = RunOptions(
    reports=chosen_reports(["procurement-plan"]), out=Path("reports"), seconds_per_report=float(sys.argv[1]),
)
listener = Listener(at=lambda what, cell, cells: told.append((what, cell, cells)))
result = run_organisations(["exempel"], options, listener)
print(result.published, len(result.failures))
print(result.notes)
print(told[:2], told[-1])
"""


def test_a_hung_report_is_made_by_an_ordinary_kernel_and_that_is_told(own_project: Any) -> None:
    import json

    notebook = own_project.root / "notebooks/procurement_plan.ipynb"
    content = json.loads(notebook.read_text("utf-8"))
    first = next(cell for cell in content["cells"] if cell["cell_type"] == "code" and not cell["metadata"])
    # Stands for a lock that a library held when the process was forked: an ordinary kernel does not have it.
    hang = "import sys, time\nif 'ipykernel_launcher' not in sys.argv[0]:\n    time.sleep(600)\n"
    first["source"] = hang + "".join(first["source"])
    notebook.write_text(json.dumps(content), "utf-8")
    done = own_project.python(HUNG, "45")
    counted, notes, told = done.stdout.splitlines()[-3:]
    assert counted == "1 0", done.stdout + done.stderr
    assert "time limit of 45 seconds was reached at cell 3 of" in notes and "An ordinary kernel then made" in notes
    assert told.startswith("[('exempel 2025 procurement-plan', 1, ")

"""The warm engine and an ordinary kernel run the same cells, and each cell has the same outputs."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from procanalysis.run.processes import CAN_FORK, Task, run_tasks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CAN_FORK, reason="the warm engine is used where the platform can fork"),
]

# Each is a cell of its own; the next one runs whatever became of it.
CELLS = {
    "streams and values": "import sys\nprint('a'); print('b', file=sys.stderr); print('c')\n"
    "display('d'); print('e')\n5",
    "the last value": "_ + 1",
    "no value": "1;",
    "an earlier value": "Out[1]",
    "error": "raise ValueError('fel: åäö')",
    "error in a function": "def f():\n    return 1/0\nf()",
    "error from an error": "try:\n    f()\nexcept ZeroDivisionError as error:\n"
    "    raise RuntimeError('efter') from error",
    "error of two lines": "raise type('Own', (Exception,), {})('x\\ny')",
    "syntax": "for",
    "half a statement": "x = (1,\n",
    "exit": "raise SystemExit(3)",
    "interrupt": "raise KeyboardInterrupt",
    "in a repr": "class Bad:\n    def __repr__(self):\n        raise KeyError('repr')\nBad()",
    "coroutine never awaited": "async def g():\n    return 7\ng().__class__.__name__",
    "awaited": "await g()",
    "a loop within the loop": "import asyncio\nlater = g()\nasyncio.run(later)",
    "task": "later.close()\ntask = asyncio.get_running_loop().create_task(g()); 1",
    "task, one cell later": "await task",
    "timed": "%time 1 + 1",
    "question": "input('namn?')",
    "secret question": "import getpass; getpass.getpass()",
    "help in a pager": "len?",
    "help": "help(len)",
    "command": "!echo hej",
    "very long": "for number in range(30_000):\n    print(number, 'x' * 30)",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);",
    "frame": "import pandas as pd\nframe = pd.DataFrame({f'kolumn_{i}': range(3) for i in range(30)})\nframe",
    "frame as text": "print(frame)",
    "shown and changed": "first = display('ett', display_id='x')\nsecond = display('två', display_id=True)\n"
    "second.update('tre')",
    "changed in another cell": "first.update('nytt')",
    "cleared": "from IPython.display import clear_output\nprint('bort'); clear_output(); print('kvar')",
    "cleared later": "print('bort'); clear_output(wait=True); print('kvar')",
    "log": "import logging\nlogging.basicConfig(stream=sys.stdout, level='INFO', force=True)\nlogging.info('ett')",
    "log, one cell later": "logging.info('två')",
    "warning": "import warnings\nwarnings.warn('varning')",
    "markup": "%%html\n<b>fet</b>",
    "no such magic": "%finns_inte",
    "captured": "%%capture caught\nprint('x')",
    "what was captured": "caught.stdout",
    "carriage return": "print('ett\\rtvå')",
    "thread": "import threading\nthread = threading.Thread(target=print, args=('tråd',))\n"
    "thread.start(); thread.join()",
    "what printing is": "sys.stdout.isatty(), sys.stdout.encoding",
    "command past Python": "import os\nos.system('echo ut; echo fel >&2')",
    "another command past Python": "import subprocess\nprint('före', flush=True)\n"
    "subprocess.run(['echo', 'under']).args",
}
# What a kernel's threads are late to read it sends in the next cell or not at all, so these two come last, and what is
# written is told here.
WRITTEN_PAST_PYTHON = {
    "command past Python": {"stdout": "ut\n", "stderr": "fel\n"},
    "another command past Python": {"stdout": "före\nunder\n"},
}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def run_warm(path: Path) -> str:
    import asyncio

    from procanalysis.run.shell import fresh_shell, run_cell

    importlib.reload(warnings)  # pytest keeps warnings to itself, also in a process forked from its own
    warnings.simplefilter("default")
    notebook = nbformat.read(path, 4)
    shell = fresh_shell(notebook)
    with asyncio.Runner() as runner:
        for cell in notebook.cells:
            run_cell(shell, cell, runner)
    return nbformat.writes(notebook)


def run_in_kernel(path: Path) -> str:
    from nbclient import NotebookClient

    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, allow_errors=True, kernel_name="python3", resources={}).execute()
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Any, Any]]]:
    """Each cell as the warm engine ran it, and as a kernel did."""
    path = tmp_path_factory.mktemp("parity") / "cells.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS.values())), metadata=KERNEL), path
    )
    tasks = [Task("warm", run_warm, (path,)), Task("kernel", run_in_kernel, (path,))]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND", raising=False)
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)  # a kernel that finds it keeps less of what is written
        ran = {outcome.task.name: outcome for outcome in run_tasks(tasks, jobs=2, seconds=300)}
    notebooks = []
    for name in ("warm", "kernel"):
        assert not ran[name].failure, ran[name].failure
        notebooks.append(nbformat.reads(ran[name].value, 4))
    assert notebooks[0].metadata == notebooks[1].metadata
    yield dict(zip(CELLS, zip(notebooks[0].cells, notebooks[1].cells, strict=True), strict=True))


def comparable(cell: Any) -> list[dict[str, Any]]:
    """Take away what differs from run to run: times, the process's number, and when a kernel sends what is printed."""
    found: list[dict[str, Any]] = []
    for output in cell.outputs:
        plain = dict(output)
        if "traceback" in plain:
            # Who refuses to ask stands in another file here; the cell and its line stand in the first part.
            asks = plain["ename"] == "StdinNotImplementedError"
            plain["traceback"] = plain["traceback"][:3] if asks else plain["traceback"]
        if plain["output_type"] == "stream":
            text = re.sub(r"(\S*/)?ipykernel_?\d*/", "ipykernel/", plain["text"])
            plain["text"] = re.sub(r"[\d.]+(e[+]\d+)? (s|ms|[μu]s|ns)\b", "0 s", text)
            if found and found[-1].get("name") == plain["name"]:
                found[-1]["text"] += plain["text"]
                continue
        found.append(plain)
    return found


def split_streams(outputs: list[dict[str, Any]]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return what was written to each stream, and the other outputs."""
    streams = {output["name"]: output["text"] for output in outputs if output["output_type"] == "stream"}
    return streams, [output for output in outputs if output["output_type"] != "stream"]


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_has_the_outputs_that_a_kernel_gives_it(both: dict[str, tuple[Any, Any]], name: str) -> None:
    warm, kernel = both[name]
    shown = [comparable(cell) for cell in (warm, kernel)]
    if name in WRITTEN_PAST_PYTHON:
        streams, shown[0] = split_streams(shown[0])
        _, shown[1] = split_streams(shown[1])
        assert streams == WRITTEN_PAST_PYTHON[name]
    assert shown[0] == shown[1]
    assert warm.execution_count == kernel.execution_count


def test_the_cells_did_what_they_are_here_for(both: dict[str, tuple[Any, Any]]) -> None:
    kinds = {name: [output.output_type for output in warm.outputs] for name, (warm, _) in both.items()}
    failed = {name for name, found in kinds.items() if "error" in found}
    assert failed >= {"error", "syntax", "exit", "interrupt", "in a repr", "question", "a loop within the loop"}
    assert "image/png" in both["figure"][0].outputs[-1].data
    assert both["very long"][0].outputs[0].text.count("\n") == 30_000
    assert both["command"][0].outputs[0].text.strip() == "hej"
    assert kinds["shown and changed"] == ["display_data"] * 2

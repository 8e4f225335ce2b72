"""A run that is killed leaves the reports before it whole, nothing running, and the rest to the next run."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.drafts import drafts_folder, sweep
from procanalysis.run.processes import CAN_FORK
from procanalysis.run.publish import SUFFIXES
from procanalysis.run.stopping import Stopped, raise_if_asked, signals_wait, stopped_by_signals

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="signals and locks as on Linux and macOS")

REPORTS = ("procurement-plan", "spend-overview")
RUN = """
import os, pathlib, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell began the tests in the background
pathlib.Path("run.pid").write_text(str(os.getpid()))
sys.argv = [
    "procanalysis", "run", "exempel", "--report", "procurement-plan", "--report", "spend-overview", "--jobs", "2",
]
from procanalysis.cli import main
main()
"""


def reports_of(project: Any) -> dict[str, dict[str, bytes]]:
    folder = project.reports / "exempel/2025"
    return {name: {end: (folder / f"{name}{end}").read_bytes() for end in SUFFIXES} for name in REPORTS}


def is_whole(files: dict[str, bytes]) -> bool:
    """Tell whether the page, the notebook and the figures are of the same making: all changed, or none."""
    changed = {name: "ÄNDRAD".encode() in files[name] for name in (".html", ".ipynb")}
    return len(set(changed.values())) == 1 and bool(json.loads(files[".json"]))


def change_notebooks(project: Any) -> None:
    for name in REPORTS:
        file = project.root / "notebooks" / f"{name.replace('-', '_')}.ipynb"
        content = json.loads(file.read_text("utf-8"))
        cell = next(
            each for each in content["cells"] if each["cell_type"] == "markdown" and "## " in "".join(each["source"])
        )
        cell["source"] = re.sub("## ", "## ÄNDRAD ", "".join(cell["source"]), count=1)
        file.write_text(json.dumps(content), "utf-8")


def descendants(folder: Path) -> list[int]:
    """List the processes that have a file open below a folder, or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            places = [str(each.readlink()) for each in (process / "cwd", *(process / "fd").iterdir())]
        except OSError:
            continue
        if any(place.startswith(str(folder)) for place in places):
            found.append(int(process.name))
    return found


def drafting(project: Any) -> bool:
    return any(project.reports.glob(".drafts-*/*/"))


MOMENTS: dict[str, Callable[[Any], bool]] = {
    "when it begins": lambda project: any(project.reports.glob(".drafts-*/held")),
    "when notebooks run": drafting,
    "when a report is being written": lambda project: any(project.reports.glob(".drafts-*/*/*.html")),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("when it begins", signal.SIGKILL),
        ("when notebooks run", signal.SIGKILL),
        ("when a report is being written", signal.SIGKILL),
        ("when notebooks run", signal.SIGTERM),
        ("when notebooks run", signal.SIGINT),
    ],
)
def test_a_run_killed_at_any_moment_leaves_whole_reports_and_nothing_running(
    own_project: Any, moment: str, number: signal.Signals
) -> None:
    change_notebooks(own_project)
    before = reports_of(own_project)
    deadline = time.monotonic() + 120
    # The first imports all that it needs meanwhile, as a user's does; the others are forked from where that is done.
    start = own_project.fresh_python if moment == "when it begins" else own_project.python
    with ThreadPoolExecutor(1) as beside:
        run = beside.submit(start, RUN)
        while not MOMENTS[moment](own_project) and not run.done() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not run.done(), run.result()
        process = int((own_project.root / "run.pid").read_text("ascii"))
        if number == signal.SIGINT:
            os.killpg(process, number)  # Ctrl-C reaches all of them
        else:
            os.kill(process, number)
        said = run.result(timeout=60)
    if number != signal.SIGKILL:
        assert said.returncode == 128 + number and "Stopped." in said.stderr and "Traceback" not in said.stderr
        assert not list(own_project.reports.glob(".drafts-*"))
    while descendants(own_project.root) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not descendants(own_project.root)

    assert not list(own_project.reports.rglob("*.failed.*"))
    for name, files in reports_of(own_project).items():
        assert files == before[name] or is_whole(files), name

    done = own_project.command("run", "exempel", *(word for name in REPORTS for word in ("--report", name)))
    assert done.returncode == 0, done.stderr
    assert all(b"\xc3\x84NDRAD" in files[".html"] and is_whole(files) for files in reports_of(own_project).values())
    assert not list(own_project.reports.glob(".drafts-*")) and not list(own_project.reports.rglob(".aside-*"))


# Forgotten drafts


def test_drafts_of_a_killed_run_are_swept_and_those_of_a_running_one_stay(tmp_path: Path) -> None:
    forgotten, unnamed = tmp_path / ".drafts-forgotten", tmp_path / ".drafts-unnamed"
    for folder in (forgotten, unnamed):
        folder.mkdir()
        (folder / "report.html").write_text("half", "ascii")
    (forgotten / "held").touch()
    with drafts_folder(tmp_path) as running:
        assert not forgotten.exists()
        assert unnamed.exists()  # it may be made at this moment
        sweep(tmp_path)
        with drafts_folder(tmp_path) as beside:
            assert running.is_dir() and beside.is_dir()
    assert not running.exists() and not beside.exists()
    os.utime(unnamed, (0, 0))
    sweep(tmp_path)
    assert not unnamed.exists()


def test_halves_of_files_are_swept_only_when_nobody_writes_them_any_more(tmp_path: Path) -> None:
    (tmp_path / "exempel/2025").mkdir(parents=True)
    halves = [tmp_path / ".index.html.123", tmp_path / "exempel/2025/.savings.failed.json.123"]
    for half in halves:
        half.touch()
    sweep(tmp_path)
    assert all(half.exists() for half in halves)
    for half in halves:
        os.utime(half, (0, 0))
    (tmp_path / "index.html").touch()
    os.utime(tmp_path / "index.html", (0, 0))
    sweep(tmp_path)
    assert not any(half.exists() for half in halves) and (tmp_path / "index.html").exists()


def test_a_signal_waits_while_a_process_is_forked_and_is_never_lost() -> None:
    reached = []
    with stopped_by_signals(), pytest.raises(Stopped) as stopped:
        with signals_wait():
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append("the end of the work")
        reached.append("what comes after it")
    assert reached == ["the end of the work"] and stopped.value.exit_code == 143


def test_a_stopped_run_does_not_stop_the_next_one_in_the_process() -> None:
    with pytest.raises(Stopped), stopped_by_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    raise_if_asked()
    with stopped_by_signals():
        raise_if_asked()

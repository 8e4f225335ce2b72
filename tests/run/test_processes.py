"""Tasks in processes of their own: what fails, dies or hangs never touches the others; nothing is left running."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from procanalysis.errors import InputError
from procanalysis.run.processes import CAN_FORK, Outcome, Task, run_tasks

AMPLE = 60.0


def double(number: int) -> int:
    return 2 * number


def raise_own(words: str) -> None:
    raise InputError(words)


def raise_other(words: str) -> None:
    raise ZeroDivisionError(words)


def leave(code: int) -> None:
    raise SystemExit(code)


def die(code: int) -> None:
    os._exit(code)


def hang(pid_file: Path | None = None) -> None:
    if pid_file:
        pid_file.write_text(str(os.getpid()), "ascii")
    time.sleep(600)


def give_what_cannot_be_sent() -> Any:
    return lambda: None


def leave_a_thread_behind() -> str:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "done"


def note_times(folder: Path, name: str) -> None:
    started = time.monotonic()
    time.sleep(0.2)
    (folder / name).write_text(f"{started} {time.monotonic()}", "ascii")


def wait_for(file: Path) -> None:
    while not (file.is_file() and file.read_text("ascii")):
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.is_file() or state.read_text("ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False


def outcomes(*tasks: Task, jobs: int = 2, seconds: float = AMPLE) -> dict[str, Outcome]:
    found = {outcome.task.name: outcome for outcome in run_tasks(tasks, jobs=jobs, seconds=seconds)}
    assert multiprocessing.active_children() == []
    return found


MIXED = (
    Task("first", double, (1,)),
    Task("own", raise_own, ("reskontra.csv, row 7: no amount",)),
    Task("other", raise_other, ("by zero",)),
    Task("dies", die, (3,)),
    Task("leaves", leave, (0,)),
    Task("cannot be sent", give_what_cannot_be_sent),
    Task("last", double, (21,)),
)


@pytest.mark.parametrize("jobs", [1, 2, 20])
@pytest.mark.parametrize("tasks", [MIXED, MIXED[::-1]], ids=["in order", "reversed"])
def test_one_failure_never_touches_the_others(tasks: tuple[Task, ...], jobs: int) -> None:
    found = outcomes(*tasks, jobs=jobs)
    assert set(found) == {task.name for task in MIXED}
    assert {name: outcome.value for name, outcome in found.items() if not outcome.failure} == {"first": 2, "last": 42}
    assert found["own"].failure == "reskontra.csv, row 7: no amount"
    assert found["other"].failure.startswith("Unexpected ZeroDivisionError: by zero (test_processes.py, line ")
    assert found["leaves"].failure.startswith("Unexpected SystemExit: 0")
    assert "pickle" in found["cannot be sent"].failure
    assert "exit code 3" in found["dies"].failure
    assert [name for name, outcome in found.items() if outcome.died] == ["dies"]
    assert not any(outcome.timed_out for outcome in found.values())
    for outcome in found.values():
        assert "Traceback" not in outcome.failure and "\n" not in outcome.failure
        assert not outcome.failure or outcome.value is None


def test_what_hangs_is_stopped_at_the_limit_and_the_rest_go_on(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    found = outcomes(Task("hangs", hang, (pid_file,)), *(Task(str(n), double, (n,)) for n in range(6)), seconds=1.5)
    assert found["hangs"].timed_out and "time limit" in found["hangs"].failure
    assert {name: outcome.value for name, outcome in found.items() if name != "hangs"} == {
        str(number): 2 * number for number in range(6)
    }
    assert not is_running(int(pid_file.read_text("ascii")))


def test_a_thread_left_behind_does_not_keep_the_run_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procanalysis.run.processes._ENDING_SECONDS", 0.2)
    started = time.monotonic()
    assert outcomes(Task("thread", leave_a_thread_behind))["thread"].value == "done"
    assert time.monotonic() - started < AMPLE


def test_a_large_answer_comes_back_whole() -> None:
    assert outcomes(Task("large", double, ("å" * 3_000_000,)))["large"].value == "å" * 6_000_000  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("jobs", [1, 3])
def test_never_more_than_jobs_at_a_time(tmp_path: Path, jobs: int) -> None:
    names = [str(number) for number in range(7)]
    outcomes(*(Task(name, note_times, (tmp_path, name)) for name in names), jobs=jobs)
    spans = [tuple(map(float, (tmp_path / name).read_text("ascii").split())) for name in names]
    at_once = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
    assert max(at_once) <= jobs
    assert jobs == 1 or max(at_once) > 1


def test_whoever_stops_listening_leaves_nothing_running(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    tasks = [Task("hangs", hang, (pid_file,)), Task("waits", wait_for, (pid_file,))]
    listening = run_tasks(tasks, jobs=2, seconds=AMPLE)
    assert next(listening).task.name == "waits"
    assert is_running(int(pid_file.read_text("ascii")))
    listening.close()
    assert multiprocessing.active_children() == []
    assert not is_running(int(pid_file.read_text("ascii")))


def run_in_kernel(notebook: Path) -> None:
    from papermill.execute import execute_notebook

    execute_notebook(str(notebook), None, kernel_name="python3", progress_bar=False)


@pytest.mark.slow
@pytest.mark.skipif(not CAN_FORK, reason="this platform starts processes anew, which takes too long here")
def test_a_kernel_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    pid_file, notebook = tmp_path / "pid", tmp_path / "hangs.ipynb"
    code = f"import os, time, pathlib\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\ntime.sleep(600)"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata=kernel), notebook)
    listening = run_tasks(
        [Task("kernel", run_in_kernel, (notebook,)), Task("waits", wait_for, (pid_file,))], jobs=2, seconds=AMPLE
    )
    outcome = next(listening)
    assert outcome.task.name == "waits", outcome.failure
    listening.close()
    kernel_pid, deadline = int(pid_file.read_text("ascii")), time.monotonic() + 30
    while is_running(kernel_pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not is_running(kernel_pid)

"""Tasks in processes of their own: what fails, dies or hangs never touches the others; nothing is left running."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from procanalysis.errors import InputError
from procanalysis.run.processes import CAN_FORK, Outcome, Task, run_tasks, tell_progress

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
    found = outcomes(Task("hangs", hang, (pid_file,)), *(Task(str(n), double, (n,)) for n in range(6)), seconds=4)
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


def start_another(pid_file: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        pid_file.write_text(str(process.pid), "ascii")


def test_what_a_stopped_task_has_started_ends_with_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    tasks = [Task("starts another", start_another, (pid_file,)), Task("waits", wait_for, (pid_file,))]
    listening = run_tasks(tasks, jobs=2, seconds=AMPLE)
    assert next(listening).task.name == "waits"
    listening.close()
    other, deadline = int(pid_file.read_text("ascii")), time.monotonic() + 30
    try:
        while is_running(other) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_running(other)
    finally:
        if is_running(other):
            os.kill(other, signal.SIGKILL)


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


# Memory, progress, and the end of the run


def fill_memory(size: int) -> None:
    kept = bytearray(size)
    for place in range(0, size, 4096):
        kept[place] = 1
    time.sleep(600)


def fill_in_another_process(size: int) -> None:
    code = f"import time; kept = b'1' * {size}; time.sleep(600)"
    subprocess.run([sys.executable, "-c", code], check=False)


@pytest.mark.parametrize("function", [fill_memory, fill_in_another_process])
def test_what_takes_too_much_memory_is_stopped_and_told_and_the_rest_go_on(function: Any) -> None:
    # This process alone, whose memory a task's begins with: what other tests started from it may hold more than a task.
    limit = psutil.Process().memory_info().rss + 400_000_000
    tasks = [Task("large", function, (1_000_000_000,)), Task("small", double, (2,)), Task("also", double, (3,))]
    found = {each.task.name: each for each in run_tasks(tasks, jobs=2, seconds=AMPLE, memory=limit)}
    assert found["large"].died and not found["large"].timed_out
    assert re.search(r"took [\d.]+ GB of memory and was stopped; [\d.]+ GB is the limit", found["large"].failure)
    assert (found["small"].value, found["also"].value) == (4, 6)
    assert multiprocessing.active_children() == []


def three_steps() -> str:
    for step in (1, 2, 3):
        tell_progress(step, 3)
    return "done"


def hang_at_two() -> None:
    tell_progress(2, 7)
    time.sleep(600)


def test_how_far_each_task_has_come_is_told_before_its_end() -> None:
    told: list[tuple[str, int, int]] = []
    tasks = [Task("steps", three_steps), Task("hangs", hang_at_two)]
    for outcome in run_tasks(tasks, jobs=1, seconds=4, progress=lambda task, at, of: told.append((task.name, at, of))):
        told.append((outcome.task.name, 0, 0))
    assert told == [
        ("steps", 1, 3),
        ("steps", 2, 3),
        ("steps", 3, 3),
        ("steps", 0, 0),
        ("hangs", 2, 7),
        ("hangs", 0, 0),
    ]
    tell_progress(1, 2)  # here nobody listens


def test_where_it_hung_is_told() -> None:
    assert "reached at cell 2 of 7 and" in outcomes(Task("hangs", hang_at_two), seconds=4)["hangs"].failure


def interrupted() -> str:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    return "went on"


@pytest.mark.skipif(not CAN_FORK, reason="signals as a terminal sends them")
def test_a_signal_meant_for_the_run_makes_no_task_fail() -> None:
    assert outcomes(Task("interrupted", interrupted))["interrupted"].value == "went on"


RUN_THAT_HANGS = """
import sys, pathlib
from procanalysis.run import processes
sys.path.insert(0, sys.argv[1])
import test_processes as these
if sys.argv[3] == "thread":
    processes.sys = type("Elsewhere", (), {"platform": "another"})
files = [pathlib.Path(sys.argv[2]) / name for name in ("one", "two")]
list(processes.run_tasks([processes.Task(file.name, these.hang, (file,)) for file in files], jobs=2, seconds=600))
"""


@pytest.mark.skipif(not CAN_FORK, reason="signals as a system sends them")
@pytest.mark.parametrize("way", ["system", "thread"])
def test_tasks_end_when_the_run_is_killed(tmp_path: Path, way: str) -> None:
    command = [sys.executable, "-c", RUN_THAT_HANGS, str(Path(__file__).parent), str(tmp_path), way]
    run = subprocess.Popen(command)
    try:
        for name in ("one", "two"):
            wait_for(tmp_path / name)
    finally:
        run.kill()
        run.wait()
    pids = [int((tmp_path / name).read_text("ascii")) for name in ("one", "two")]
    deadline = time.monotonic() + 20
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, pids))

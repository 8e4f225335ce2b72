"""Run tasks in processes of their own, a few at a time, each with a limit on time and memory.

Where the platform can fork, a task starts from this process as it is, with every library imported; elsewhere it starts
anew and imports them itself. The result is the same. A task never outlives the run, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

from procanalysis.errors import ProcanalysisError
from procanalysis.run.stopping import raise_if_asked, signals_wait

_ENDING_SECONDS = 5.0
_LOOK_SECONDS = 0.25
"""How often it is looked whether the run is to end."""
_MEMORY_SECONDS = 0.5
"""How often it is looked how much memory the tasks hold, for which every process of the machine is looked through."""

CAN_FORK = "fork" in multiprocessing.get_all_start_methods() and os.name == "posix"

_DIES_WITH_PARENT = 1
"""PR_SET_PDEATHSIG in Linux's prctl: the signal that a process gets when the one that started it has ended."""


@dataclass(frozen=True)
class Task:
    """Name a piece of work: a function at module level and its arguments."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Hold what became of a task: its value, or in words why there is none."""

    task: Task
    value: Any = None
    failure: str = ""
    timed_out: bool = False
    died: bool = False
    """The process ended, or was ended for the memory it took, before it could tell anything itself."""


@dataclass
class _Running:
    task: Task
    process: Any
    receiver: Connection
    deadline: float
    at: tuple[int, int] = (0, 0)

    @property
    def whereabouts(self) -> str:
        return f" at cell {self.at[0]} of {self.at[1]}" if self.at[1] else ""


Progress = Callable[[Task, int, int], None]
"""What is told of a running task: which step of how many it is at."""


def run_tasks(
    tasks: Sequence[Task],
    *,
    jobs: int,
    seconds: float,
    memory: int = 0,
    progress: Progress | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Outcome]:
    """Run tasks, at most `jobs` at a time, and yield each outcome as it comes.

    A task that raises, dies, runs for more than `seconds` or holds more than `memory` bytes gives an outcome with the
    failure in words; the others go on. No memory limit is kept when it is 0. What counts is the resident memory of the
    task's process and of those it started, such as a kernel; what a forked process shares with this one counts too.
    What `meanwhile` does is done in this process while the first tasks run; until it returns no outcome is looked at.
    """
    context = multiprocessing.get_context("fork" if CAN_FORK else "spawn")
    waiting = list(reversed(tasks))
    running: list[_Running] = []
    tell = progress or (lambda task, at, steps: None)
    looked = monotonic()
    is_first = True
    try:
        while waiting or running:
            raise_if_asked()
            while waiting and len(running) < jobs:
                with signals_wait():
                    running.append(_start(context, waiting.pop(), seconds))
            if is_first:
                meanwhile()
                is_first = False
            yield from _finished(running, seconds, tell)
            if memory and monotonic() >= looked + _MEMORY_SECONDS:
                yield from _too_large(running, memory)
                looked = monotonic()
    finally:
        for each in running:
            _stop(each)


def tell_progress(at: int, steps: int) -> None:
    """Tell the run that this process, a task's own, has come to a step. Does nothing anywhere else."""
    if _Run.sender is not None:
        _Run.sender.send_bytes(pickle.dumps((at, steps)))


class _Run:
    """Hold the way to the run that started this process, if one did."""

    sender: Connection | None = None


def _start(context: Any, task: Task, seconds: float) -> _Running:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, sender, os.getpid()), daemon=True)
    process.start()
    sender.close()
    return _Running(task, process, receiver, monotonic() + seconds)


def _work(task: Task, sender: Connection, parent: int) -> None:
    _end_with(parent)
    _leave_signals_to_the_run()
    _Run.sender = sender
    try:
        value, failure = task.function(*task.arguments), ""
    except ProcanalysisError as error:
        value, failure = None, str(error)
    except BaseException as error:
        value, failure = None, _unexpected(error)
    try:
        answer = pickle.dumps((value, failure, None))
    except Exception as error:
        answer = pickle.dumps((None, _unexpected(error), None))
    sender.send_bytes(answer)
    sender.close()


def _end_with(parent: int) -> None:
    """Let this process end when the one that started it does, even when that one is killed."""
    if sys.platform == "linux":
        import ctypes

        # The system does it, also when a library hangs with the interpreter's lock held.
        ctypes.CDLL(None, use_errno=True).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    else:
        threading.Thread(target=_watch_parent, daemon=True).start()
    if os.name == "posix" and os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def _watch_parent() -> None:
    started_by = multiprocessing.parent_process()
    if started_by is not None:
        wait([started_by.sentinel])
        os._exit(1)


def _leave_signals_to_the_run() -> None:
    """Let Ctrl-C and an orderly stop reach only the run, which ends its tasks: none of them is to call it a failure.

    A function that does nothing, rather than ignoring: what this process starts, such as a kernel, does not inherit it.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)


def _unexpected(error: BaseException) -> str:
    """Say in one line what went wrong and where in the code: a fault of ours, for whoever is to mend it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"Unexpected {type(error).__name__}: {error}{where}"


def _finished(running: list[_Running], seconds: float, tell: Progress) -> Iterator[Outcome]:
    nearest = min(each.deadline for each in running)
    ready = wait([each.receiver for each in running], timeout=min(_LOOK_SECONDS, max(0.0, nearest - monotonic())))
    for each in list(running):
        if each.receiver in ready:
            outcome = _received(each)
            if outcome is None:
                tell(each.task, *each.at)
            else:
                running.remove(each)
                yield outcome
        elif monotonic() >= each.deadline:
            running.remove(each)
            _stop(each)
            why = f"The time limit of {seconds:g} seconds was reached{each.whereabouts} and the work was stopped."
            yield Outcome(each.task, failure=why, timed_out=True)


def _received(each: _Running) -> Outcome | None:
    """Return what became of a task, or None when it only told how far it has come."""
    try:
        told = pickle.loads(each.receiver.recv_bytes())  # noqa: S301 (our own child wrote it)
    except (EOFError, OSError):
        each.process.join(_ENDING_SECONDS)
        code = each.process.exitcode
        _stop(each)
        why = f"The process ended unexpectedly{each.whereabouts} (exit code {code}); memory may have run out."
        return Outcome(each.task, failure=why, died=True)
    if len(told) == 2:
        each.at = told
        return None
    value, failure, _ = told
    # The answer is here; a thread that a library left behind must not keep the run waiting for the end.
    each.process.join(_ENDING_SECONDS)
    _stop(each)
    return Outcome(each.task, value, failure)


def _too_large(running: list[_Running], memory: int) -> Iterator[Outcome]:
    for each in list(running):
        held = memory_of(each.process.pid)
        if held > memory:
            running.remove(each)
            _stop(each)
            why = (
                f"The work took {_gigabytes(held)} of memory{each.whereabouts} and was stopped; "
                f"{_gigabytes(memory)} is the limit."
            )
            yield Outcome(each.task, failure=why, died=True)


def memory_of(pid: int) -> int:
    """Return the resident bytes of a process and of all that it started, 0 when it has ended.

    It is counted from outside, since a cell that fills the memory does not stop to count.
    """
    held = 0
    for each in _family(pid):
        with _may_have_ended():
            held += each.memory_info().rss
    return held


def _family(pid: int) -> list[Any]:
    """List a process and all that it started, the process itself first; nothing when it has ended."""
    import psutil  # only where something runs: a run with nothing changed brings as little as it can

    with _may_have_ended():
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _may_have_ended() -> suppress:
    """Let it pass that a process that is asked for has ended meanwhile."""
    import psutil

    return suppress(psutil.Error)


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2g} GB"


def _stop(each: _Running) -> None:
    """End a task's process and all that it started: a kernel that computes without pause never sees it is alone."""
    started = _family(each.process.pid)[1:] if each.process.is_alive() else []
    each.process.kill()
    each.process.join()
    for process in started:
        with _may_have_ended():
            process.kill()
    each.receiver.close()

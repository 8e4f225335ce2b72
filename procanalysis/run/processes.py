"""Run tasks in processes of their own, a few at a time, each with a time limit.

Where the platform can fork, a task starts from this process as it is, with every library imported; elsewhere it starts
anew and imports them itself. The result is the same.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

from procanalysis.errors import ProcanalysisError

_ENDING_SECONDS = 5.0

CAN_FORK = "fork" in multiprocessing.get_all_start_methods() and os.name == "posix"


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


@dataclass
class _Running:
    task: Task
    process: Any
    receiver: Connection
    deadline: float


def run_tasks(tasks: Sequence[Task], *, jobs: int, seconds: float) -> Iterator[Outcome]:
    """Run tasks, at most `jobs` at a time, and yield each outcome as it comes.

    A task that raises, dies or runs for more than `seconds` gives an outcome with the failure in words; the others go
    on.
    """
    context = multiprocessing.get_context("fork" if CAN_FORK else "spawn")
    waiting = list(reversed(tasks))
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_start(context, waiting.pop(), seconds))
            yield from _finished(running)
    finally:
        for each in running:
            _stop(each)


def _start(context: Any, task: Task, seconds: float) -> _Running:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, sender), daemon=True)
    process.start()
    sender.close()
    return _Running(task, process, receiver, monotonic() + seconds)


def _work(task: Task, sender: Connection) -> None:
    try:
        value, failure = task.function(*task.arguments), ""
    except ProcanalysisError as error:
        value, failure = None, str(error)
    except BaseException as error:
        value, failure = None, _unexpected(error)
    try:
        answer = pickle.dumps((value, failure))
    except Exception as error:
        answer = pickle.dumps((None, _unexpected(error)))
    sender.send_bytes(answer)
    sender.close()


def _unexpected(error: BaseException) -> str:
    """Say in one line what went wrong and where in the code: a fault of ours, for whoever is to mend it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"Unexpected {type(error).__name__}: {error}{where}"


def _finished(running: list[_Running]) -> Iterator[Outcome]:
    nearest = min(each.deadline for each in running)
    ready = wait([each.receiver for each in running], timeout=max(0.0, nearest - monotonic()))
    for each in list(running):
        if each.receiver in ready:
            running.remove(each)
            yield _received(each)
        elif monotonic() >= each.deadline:
            running.remove(each)
            _stop(each)
            yield Outcome(each.task, failure="The time limit was reached and the work was stopped.", timed_out=True)


def _received(each: _Running) -> Outcome:
    try:
        value, failure = pickle.loads(each.receiver.recv_bytes())  # noqa: S301 (our own child wrote it)
    except (EOFError, OSError):
        each.process.join(_ENDING_SECONDS)
        code = each.process.exitcode
        _stop(each)
        why = f"The process ended unexpectedly (exit code {code}); memory may have run out."
        return Outcome(each.task, failure=why, died=True)
    # The answer is here; a thread that a library left behind must not keep the run waiting for the end.
    each.process.join(_ENDING_SECONDS)
    _stop(each)
    return Outcome(each.task, value, failure)


def _stop(each: _Running) -> None:
    each.process.kill()
    each.process.join()
    each.receiver.close()

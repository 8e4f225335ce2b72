"""Serve the tests: import everything once, and fork a process for every command that they run.

Each command is a process of its own with its own folder, environment and output, as when a user types it; only the
imports, which take seconds, are shared. A task can be a piece of Python instead. tests/conftest.py starts this file and
hands it a socket that listens. Who connects to it writes one task, as JSON on a line, and is answered with the exit
code when the task is done; tasks of several workers run side by side. When standard input ends, so does the serving.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any, NamedTuple, NoReturn

from procanalysis import cli
from procanalysis.run import runner

LOOK_AGAIN = 0.01
"""Seconds between looks at the processes that are at work."""
SECONDS_TO_ASK = 10.0


class Task(NamedTuple):
    """A process at work, whom to tell when it has ended, and when it has taken too long."""

    process: int
    asking: socket.socket
    deadline: float


def serve(listener: socket.socket) -> None:
    """Begin each task that is asked for, and answer with its exit code. End when nobody can ask any more."""
    runner._warm_up()
    for module in ("preparations", "reports", "index"):  # which a run imports when it has come to them
        importlib.import_module(f"procanalysis.run.{module}")
    begun: list[Task] = []
    while True:
        ready, _, _ = select.select([sys.stdin, listener], [], [], LOOK_AGAIN if begun else None)
        if sys.stdin in ready:
            for task in begun:
                end(task)
            return
        if listener in ready and (task := begin(listener)):
            begun.append(task)
        begun = [task for task in begun if not answered(task)]


def begin(listener: socket.socket) -> Task | None:
    """Take a task from who asks, and fork the process that does it; None when who asks says nothing whole in time."""
    asking, _ = listener.accept()
    asking.settimeout(SECONDS_TO_ASK)
    try:
        with asking.makefile(encoding="utf-8") as lines:
            wanted = json.loads(lines.readline())
    except (OSError, ValueError):  # who asked may have been stopped
        asking.close()
        return None
    process = os.fork()
    if not process:
        listener.close()
        work(wanted)
    return Task(process, asking, time.monotonic() + wanted["seconds"])


def answered(task: Task) -> bool:
    """Tell who asked the exit code, as subprocess tells it, if the process has ended. End one that takes too long."""
    ended, status = os.waitpid(task.process, os.WNOHANG)
    if ended:
        with task.asking, contextlib.suppress(OSError):  # who asked may have been stopped
            task.asking.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    elif time.monotonic() > task.deadline:
        end(task)
    return bool(ended)


def end(task: Task) -> None:
    """Kill a task and all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # it has not made its group yet, or has ended
        os.killpg(task.process, signal.SIGKILL)


def work(task: dict[str, Any]) -> NoReturn:
    """Do in this process, which is a task's own, what the task says, and end."""
    os.setsid()
    os.chdir(task["folder"])
    os.environ.clear()
    os.environ.update(task["environment"])
    for number, path in enumerate((os.devnull, task["out"], task["err"])):
        opened = os.open(path, os.O_RDWR if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    code, sys.argv = 0, list(task["arguments"])
    try:
        if "code" in task:
            exec(compile(task["code"], "<code>", "exec"), {"__name__": "__main__"})
        else:
            cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

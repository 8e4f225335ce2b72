"""Serve the tests: import everything once, and fork a process for every command that they run.

Each command is a process of its own with its own folder, environment and output, as when a user types it; only the
imports, which take seconds, are shared. A task can be a piece of Python instead. tests/conftest.py starts this file and
writes one task a line, as JSON.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import sys
import time
import traceback
from typing import Any, NoReturn

from procanalysis import cli
from procanalysis.run import runner


def serve() -> None:
    """Run each task that is asked for, and answer with its exit code. End when nobody can ask any more."""
    runner._warm_up()
    for module in ("preparations", "reports", "index"):  # which a run imports when it has come to them
        importlib.import_module(f"procanalysis.run.{module}")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if not child:
            work(task)
        print(end_of(child, task["seconds"]), file=answers, flush=True)


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


def end_of(child: int, seconds: float) -> int:
    """Wait for a process and return its exit code, as subprocess tells it. One that takes too long is ended."""
    deadline = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)


if __name__ == "__main__":
    serve()

"""End a run in good order when it is asked to end: its processes ended, its drafts removed, no report half in place."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class _Asked:
    """Hold the signal that asked the run to end, if one did, and whether it must wait for work that it would spoil."""

    number = 0
    waits = False


class Stopped(BaseException):
    """Tell that a run was asked to end. It is no Exception, so that nothing on the way takes it for a fault."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise Stopped at Ctrl-C, at an orderly stop (as from systemd) and when the terminal is closed."""

    def stop(number: int, frame: object) -> None:
        _Asked.number = number
        if not _Asked.waits:
            raise Stopped(number)

    _Asked.number = 0
    kept = {number: signal.getsignal(number) for name in _SIGNALS if (number := getattr(signal, name, None))}
    # What is ignored stays so: `nohup` asks for that.
    kept = {number: before for number, before in kept.items() if before != signal.SIG_IGN}
    for number in kept:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, before in kept.items():
            signal.signal(number, before)
        _Asked.number = 0  # the next run in this process was asked for nothing


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let signals wait while a process is forked, where Python would drop and print what is raised; then raise it."""
    _Asked.waits = True
    try:
        yield
    finally:
        _Asked.waits = False
    raise_if_asked()


def raise_if_asked() -> None:
    """Raise Stopped when it was asked for meanwhile, or was lost: where Python cleans up, it drops what is raised."""
    if _Asked.number:
        raise Stopped(_Asked.number)

"""Tell of a run on the screen while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from procanalysis.run.options import Listener

_STATES = {
    "prepared": "prepared",
    "published": "published",
    "unchanged": "unchanged",
    "printed": "printed",
    "left out": "left out",
    "failed": "FAILED",
}


@contextmanager
def progress_shown(out: Console, err: Console) -> Iterator[Listener]:
    """Show a progress bar on a terminal, with the cell that each report is at, and in a log one line per report."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    running: dict[str, str] = {}
    with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
        task = bar.add_task("Reports", total=0)

        def planned(number: int) -> None:
            bar.update(task, total=(bar.tasks[0].total or 0) + number)

        def at(what: str, cell: int, cells: int) -> None:
            running[what] = f"{what} {cell}/{cells}"
            bar.update(task, description=escape(", ".join(running.values())))

        def done(what: str, state: str, why: str) -> None:
            running.pop(what, None)
            bar.update(task, advance=1, description=escape(", ".join(running.values()) or what))
            if why:
                err.print(f"{_STATES[state]}  {what}: {escape(why)}")
            elif not out.is_terminal:
                out.print(f"{_STATES[state]}  {what}")

        yield Listener(planned, at, done)

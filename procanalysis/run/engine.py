"""A papermill engine that runs a notebook's cells in the process it is called in.

Starting a kernel and importing the libraries takes several seconds per notebook; the cells themselves take one. The
runner therefore imports once, forks a process per notebook, and lets papermill use this engine there. The process ends
with the notebook, so that no state is shared. Papermill does everything else as usual: parameters, metadata, errors.
"""

from __future__ import annotations

from typing import Any

import nbformat
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from papermill.engines import Engine, papermill_engines

ENGINE = "procanalysis-warm"


class WarmEngine(Engine):  # type: ignore[misc]
    """Run cells in an IPython shell of this process. Use it only in a process that ends with the notebook."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Run each code cell in order, keep its outputs, and stop at the first error."""
        shell = _fresh_shell()
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            if cell.cell_type == "code" and cell.source.strip():
                failed = _run_cell(shell, cell)
                if failed:
                    nb_man.cell_exception(cell, index)
                    nb_man.cell_complete(cell, index)
                    return
            nb_man.cell_complete(cell, index)


def register() -> None:
    """Make the engine known to papermill under its name."""
    papermill_engines.register(ENGINE, WarmEngine)


class _Publisher(DisplayPublisher):
    """Keep what `display()` shows, in order with the cell's value."""

    def __init__(self, outputs: list[Any]) -> None:
        super().__init__()
        self._kept = outputs

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, **ignored: Any) -> None:
        self._kept.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata or {}))


def _fresh_shell() -> InteractiveShell:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    if shell.history_manager is not None:
        shell.history_manager.enabled = False  # nothing is typed here, so there is no history to keep
    return shell


def _run_cell(shell: InteractiveShell, cell: Any) -> bool:
    """Run one cell and write its outputs into it. Returns True when it failed."""
    shown: list[Any] = []

    def keep_value(value: object) -> None:
        if value is not None:
            data, metadata = shell.display_formatter.format(value)
            shown.append(
                nbformat.v4.new_output(
                    "execute_result", data=data, metadata=metadata, execution_count=shell.execution_count
                )
            )

    shell.display_pub = _Publisher(shown)
    shell.display_trap.hook = keep_value
    with capture_output(display=False) as captured:
        result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count = result.execution_count
    streams = [(name, text) for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)) if text]
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        # IPython writes the traceback to stdout; a kernel gives it as an output of its own.
        streams = [stream for stream in streams if stream[0] == "stderr"]
        trace = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        shown.append(
            nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=list(trace))
        )
    cell.outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in streams] + shown
    return error is not None

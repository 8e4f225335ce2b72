"""A papermill engine that runs a notebook's cells in the process it is called in.

Starting a kernel and importing the libraries takes several seconds per notebook; the cells themselves take one. The
runner therefore imports once, forks a process per notebook, and lets papermill use this engine there. The process ends
with the notebook, so that no state is shared. Papermill does everything else as usual: parameters, metadata, errors.
"""

from __future__ import annotations

from typing import Any

import nbformat
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


def _fresh_shell() -> InteractiveShell:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    if shell.history_manager is not None:
        shell.history_manager.enabled = False  # nothing is typed here, so there is no history to keep
    return shell


def _run_cell(shell: InteractiveShell, cell: Any) -> bool:
    """Run one cell and write its outputs into it. Returns True when it failed."""
    with capture_output() as captured:
        result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count = result.execution_count
    outputs = []
    if captured.stderr:
        outputs.append(nbformat.v4.new_output("stream", name="stderr", text=captured.stderr))
    if captured.stdout and result.success:
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text=captured.stdout))
    for rich in captured.outputs:
        outputs.append(_display_output(rich.data, rich.metadata or {}))
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        trace = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        outputs.append(
            nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=list(trace))
        )
    cell.outputs = outputs
    return error is not None


def _display_output(data: dict[str, Any], metadata: dict[str, Any]) -> Any:
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)

"""A papermill engine that runs a notebook's cells in the process it is called in.

Starting a kernel and importing the libraries takes several seconds per notebook; the cells themselves take one. The
runner therefore imports once, forks a process per notebook, and lets papermill use this engine there. The process ends
with the notebook, so that no state is shared. Papermill does everything else as usual: parameters, metadata, errors.

The package names the engine to papermill as its entry point too (`papermill --engine procanalysis-warm`): that command
runs one notebook in a process of its own, which is what the engine asks for.
"""

from __future__ import annotations

import asyncio
from typing import Any

from papermill.engines import Engine, NBClientEngine, papermill_engines

from procanalysis.run.processes import tell_progress
from procanalysis.run.shell import fresh_shell, run_cell

ENGINE = "procanalysis-warm"
KERNEL_ENGINE = "procanalysis-kernel"


class WarmEngine(Engine):  # type: ignore[misc]
    """Run cells in an IPython shell of this process. Use it only in a process that ends with the notebook."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Run each code cell in order, keep its outputs, and stop at the first error."""
        _tell_of_cells(nb_man)
        shell = fresh_shell(nb_man.nb)
        # A kernel has a loop running while a cell runs, which goes on in the next cell.
        with asyncio.Runner() as runner:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                failed = cell.cell_type == "code" and bool(cell.source.strip()) and run_cell(shell, cell, runner)
                if failed:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if failed:
                    return


class KernelEngine(NBClientEngine):  # type: ignore[misc]
    """Run cells in an ordinary kernel, as papermill does by itself, and tell the run which cell is being run."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run each code cell as papermill's own engine does."""
        _tell_of_cells(nb_man)
        return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)


def register() -> None:
    """Make the engines known to papermill under their names, whether or not the package is installed."""
    papermill_engines.register(ENGINE, WarmEngine)
    papermill_engines.register(KERNEL_ENGINE, KernelEngine)


def _tell_of_cells(nb_man: Any) -> None:
    """Tell the run, as each code cell starts, which of how many it is."""
    numbers = {id(cell): number for number, cell in enumerate(_code_cells(nb_man.nb), start=1)}
    start = nb_man.cell_start

    def tell_and_start(cell: Any, *given: Any, **named: Any) -> None:
        if number := numbers.get(id(cell)):
            tell_progress(number, len(numbers))
        start(cell, *given, **named)

    nb_man.cell_start = tell_and_start


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]

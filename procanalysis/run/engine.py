"""A papermill engine that runs a notebook's cells in the process it is called in.

Starting a kernel and importing the libraries takes several seconds per notebook; the cells themselves take one. The
runner therefore imports once, forks a process per notebook, and lets papermill use this engine there. The process ends
with the notebook, so that no state is shared. Papermill does everything else as usual: parameters, metadata, errors.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.jsonutil import json_default
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

ENGINE = "procanalysis-warm"


class WarmEngine(Engine):  # type: ignore[misc]
    """Run cells in an IPython shell of this process. Use it only in a process that ends with the notebook."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
        """Run each code cell in order, keep its outputs, and stop at the first error."""
        shell = _fresh_shell()
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            failed = cell.cell_type == "code" and bool(cell.source.strip()) and _run_cell(shell, cell)
            if failed:
                nb_man.cell_exception(cell, index)
            nb_man.cell_complete(cell, index)
            if failed:
                return


def register() -> None:
    """Make the engine known to papermill under its name."""
    papermill_engines.register(ENGINE, WarmEngine)


class _Stream(io.TextIOBase):
    """Keep what is printed, in order with what is shown; writes after one another make one output, as in a kernel."""

    def __init__(self, name: str, outputs: list[Any]) -> None:
        super().__init__()
        self._stream, self._outputs = name, outputs

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        last = self._outputs[-1] if self._outputs else {}
        if not text:
            return 0
        if last.get("output_type") == "stream" and last["name"] == self._stream:
            last["text"] += text
        else:
            self._outputs.append(nbformat.v4.new_output("stream", name=self._stream, text=text))
        return len(text)


def _keep(shell: Any, kind: str, data: Any, metadata: Any, **more: Any) -> None:
    """Keep an output as a kernel would write it, pictures as text."""
    shown = json.loads(json.dumps(data, default=json_default))
    shell.outputs.append(nbformat.v4.new_output(kind, data=shown, metadata=metadata or {}, **more))


class _Publisher(DisplayPublisher):
    """Keep what `display()` shows."""

    def publish(self, data: Any, metadata: Any = None, *ignored: Any, **also_ignored: Any) -> None:
        _keep(self.shell, "display_data", data, metadata)


class _ValueHook(DisplayHook):
    """Keep a cell's value. What a kernel does with it besides (`_`, `;` at the end) the base class does."""

    def start_displayhook(self) -> None:
        """Write nothing before the value."""

    def write_output_prompt(self) -> None:
        """Write no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        _keep(self.shell, "execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        """Write nothing after the value."""


class _Shell(InteractiveShell):
    """An IPython shell whose output is kept, as a kernel would send it."""

    outputs: list[Any]

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.append(
            nbformat.v4.new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))
        )


def _fresh_shell() -> Any:
    _Shell.clear_instance()
    # Nothing is typed here, so there is no history to keep.
    return _Shell.instance(
        config=Config({"HistoryManager": {"enabled": False}}),
        displayhook_class=_ValueHook,
        display_pub_class=_Publisher,
    )


def _run_cell(shell: Any, cell: Any) -> bool:
    """Run one cell and write its outputs into it. Returns True when it failed."""
    cell.outputs = shell.outputs = []
    with redirect_stdout(_Stream("stdout", shell.outputs)), redirect_stderr(_Stream("stderr", shell.outputs)):
        result = shell.run_cell(cell.source, store_history=True)
    cell.execution_count = result.execution_count
    # A value that cannot be shown is an error too, though IPython goes on after it.
    return any(output["output_type"] == "error" for output in shell.outputs)

"""The IPython shell of the warm engine: a kernel's own shell, whose output is kept instead of sent.

What nbclient does with a kernel's messages is done here at once: streams are joined, displays updated and cleared.
"""

from __future__ import annotations

import builtins
import getpass
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO, Any, NoReturn

import nbformat
from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.jsonutil import json_default
from traitlets import Type
from traitlets.config import Config

INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
"""What a kernel draws with when the environment names nothing else: an open figure is shown when its cell ends."""


class _Outputs:
    """The outputs of the cell that is being run."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.streams = (_Stream("stdout", self), _Stream("stderr", self))
        self._by_display: dict[str, list[Any]] = {}
        self._clear_before_next = False

    def begin(self) -> list[Any]:
        """Begin a cell, and return the list that its outputs will come in."""
        self.found, self._clear_before_next = [], False
        return self.found

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()

    def add(self, output: Any, display: str = "") -> None:
        self._clear_if_asked()
        if display:
            self._by_display.setdefault(display, []).append(output)
        self.found.append(output)

    def add_text(self, name: str, text: str) -> None:
        self._clear_if_asked()
        last = self.found[-1] if self.found else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.found.append(nbformat.v4.new_output("stream", name=name, text=text))

    def update(self, display: str, data: Any, metadata: Any) -> None:
        """Show something else where a display was shown, in this cell or an earlier one."""
        for output in self._by_display.get(display, ()):
            output["data"], output["metadata"] = data, metadata

    def clear(self, wait: bool) -> None:
        self.flush()
        if wait:
            self._clear_before_next = True
        else:
            self.found.clear()

    def _clear_if_asked(self) -> None:
        if self._clear_before_next:
            self._clear_before_next = False
            self.found.clear()


class _Stream(io.TextIOBase):
    """Keep what is printed until something is shown or the cell ends, as a kernel does.

    What a library or a command writes to the process's own output, past Python, is kept too, in its place.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, outputs: _Outputs) -> None:
        super().__init__()
        self.name = f"<{name}>"
        self._stream, self._outputs = name, outputs
        self._written: list[str] = []
        self._past: IO[bytes] | None = None
        self._read = 0

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self._stream == "stdout" else 2

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._take_past()
        self._written.append(text)
        return len(text)

    def flush(self) -> None:
        if self.closed:
            return
        self._take_past()
        written, self._written = self._written, []
        if text := "".join(written):
            self._outputs.add_text(self._stream, text)

    def _take_past(self) -> None:
        if self._past and (size := os.fstat(self._past.fileno()).st_size) > self._read:
            found = os.pread(self._past.fileno(), size - self._read, self._read)
            self._read += len(found)
            self._written.append(found.decode("utf-8", errors="replace"))

    @contextmanager
    def instead_of_own(self) -> Iterator[None]:
        """Take what goes to the process's own output while a cell runs."""
        original, self._read = os.dup(self.fileno()), 0
        with tempfile.TemporaryFile() as self._past:
            # Written at its end, whoever writes, since a command that was started has a place of its own in the file.
            os.dup2(self._past.fileno(), self.fileno())
            try:
                yield
                self.flush()
            finally:
                os.dup2(original, self.fileno())
                os.close(original)
                self._past = None


class _Publisher(ZMQDisplayPublisher):
    """Keep what `display()` shows."""

    def publish(
        self, data: Any, metadata: Any = None, *ignored: Any, transient: Any = None, update: bool = False, **more: Any
    ) -> None:
        outputs = _outputs_of(self.shell)
        outputs.flush()
        shown, about, display = _as_json(data), _as_json(metadata or {}), (transient or {}).get("display_id", "")
        if display:
            outputs.update(display, shown, about)
        if not update:
            outputs.add(nbformat.v4.new_output("display_data", data=shown, metadata=about), display)

    def clear_output(self, wait: bool = False) -> None:
        _outputs_of(self.shell).clear(wait)


class _ValueHook(ZMQShellDisplayHook):
    """Keep a cell's value. What a kernel does with it besides (`_`, `;` at the end) the base class does."""

    def start_displayhook(self) -> None:
        """Write nothing before the value."""

    def write_output_prompt(self) -> None:
        """Write no prompt."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        data, metadata = _as_json(format_dict), _as_json(md_dict or {})
        count, outputs = self.prompt_count, _outputs_of(self.shell)
        outputs.flush()
        outputs.add(nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=count))

    def finish_displayhook(self) -> None:
        """Write nothing after the value."""


def _outputs_of(shell: Any) -> _Outputs:
    outputs: _Outputs = shell.outputs
    return outputs


def _as_json(data: Any) -> Any:
    """Return data as a kernel would send it, pictures as text."""
    return json.loads(json.dumps(data, default=json_default))


class _Compiler(XCachingCompiler):
    """Name cells as a kernel does, but without the number of its process: the same data give the same notebook."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        given = super().get_code_name(raw_code, code, number)  # type: ignore[no-untyped-call]
        return f"ipykernel/{Path(given).name}"


class _Shell(ZMQInteractiveShell):
    """A kernel's shell whose output is kept, as the kernel would send it."""

    compiler_class = Type(_Compiler)
    displayhook_class = Type(_ValueHook)
    display_pub_class = Type(_Publisher)
    outputs: _Outputs

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.flush()
        self.outputs.add(nbformat.v4.new_output("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb)))

    def ask_exit(self) -> NoReturn:
        """Refuse to end: half a notebook is no report. An ordinary kernel dies of it, which fails too."""
        raise RuntimeError("exit() or quit() was called in a cell. Take it out; a notebook runs to its end.")


def fresh_shell(notebook: Any) -> Any:
    """Return a shell that knows nothing yet, and note in the notebook what language it speaks, as papermill does."""
    os.environ.setdefault("MPLBACKEND", INLINE_BACKEND)
    for each in (_Shell, ZMQInteractiveShell, InteractiveShell):
        each.clear_instance()
    # Nothing is typed here, so there is no history to keep.
    shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.outputs = _Outputs()
    # It leaves `_` alone where somebody has given it a meaning of their own: a doctest does, and gettext.
    vars(builtins).pop("_", None)
    if "pandas" in sys.modules:
        # It shows fewer columns where it finds a kernel while it is imported.
        sys.modules["pandas"].set_option("display.max_columns", 20)
    if "matplotlib" in sys.modules and os.environ["MPLBACKEND"] == INLINE_BACKEND:
        sys.modules["matplotlib"].use(INLINE_BACKEND)
        sys.modules["matplotlib"].interactive(True)
    if "matplotlib_inline.backend_inline" in sys.modules and os.environ["MPLBACKEND"] == INLINE_BACKEND:
        # Where it was imported before there was a shell, it has not asked to be told of the end of a cell.
        from matplotlib_inline.backend_inline import configure_inline_support

        configure_inline_support(shell, INLINE_BACKEND)  # type: ignore[no-untyped-call]
    notebook.metadata["language_info"] = nbformat.from_dict(IPythonKernel.language_info)
    return shell


def run_cell(shell: Any, cell: Any, runner: Any) -> bool:
    """Run one cell and write its outputs into it. Returns True when it failed."""
    outputs = shell.outputs
    cell.outputs = outputs.begin()
    stdout, stderr = outputs.streams
    # Of the two, what was printed comes before what was complained of, as nearly always from a kernel.
    with (
        stderr.instead_of_own(), stdout.instead_of_own(), redirect_stdout(stdout), redirect_stderr(stderr),
        _no_questions(),
    ):  # fmt: skip
        result = runner.run(_run(shell, cell.source))
    cell.execution_count = result.execution_count
    # A value that cannot be shown is an error too, though IPython goes on after it.
    return any(output["output_type"] == "error" for output in outputs.found)


async def _run(shell: Any, source: str) -> Any:
    """Run a cell within the loop that runs already, as a kernel does, whether or not it awaits anything."""
    changed, failed = source, None
    try:
        changed = shell.transform_cell(source)
    except Exception:
        failed = sys.exc_info()
    if shell.should_run_async(source, transformed_cell=changed, preprocessing_exc_tuple=failed):
        return await shell.run_cell_async(
            source, store_history=True, transformed_cell=changed, preprocessing_exc_tuple=failed
        )
    return shell.run_cell(source, store_history=True)


@contextmanager
def _no_questions() -> Iterator[None]:
    """Let a cell that asks for input fail: nobody is there to answer."""

    def refuse(name: str) -> Any:
        def ask(*given: Any, **named: Any) -> NoReturn:
            raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")

        return ask

    kept = builtins.input, getpass.getpass
    builtins.input, getpass.getpass = refuse("raw_input"), refuse("getpass")
    try:
        yield
    finally:
        builtins.input, getpass.getpass = kept

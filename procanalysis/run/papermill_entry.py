"""The engine as papermill finds it by the package's entry point.

Papermill imports this module whenever it is imported itself, also when our own engine imports papermill. It therefore
imports nothing before it is asked to run a notebook.
"""

from __future__ import annotations

from typing import Any


class WarmEntry:
    """Stand for the warm engine until it is used. Papermill asks these three things of an engine."""

    @classmethod
    def execute_notebook(cls, *given: Any, **named: Any) -> Any:
        """Run a notebook, as WarmEngine does."""
        return _engine().execute_notebook(*given, **named)

    @classmethod
    def nb_kernel_name(cls, *given: Any, **named: Any) -> Any:
        """Tell the kernel that a notebook names."""
        return _engine().nb_kernel_name(*given, **named)

    @classmethod
    def nb_language(cls, *given: Any, **named: Any) -> Any:
        """Tell the language that a notebook is written in."""
        return _engine().nb_language(*given, **named)


def _engine() -> Any:
    from procanalysis.run.engine import WarmEngine

    return WarmEngine

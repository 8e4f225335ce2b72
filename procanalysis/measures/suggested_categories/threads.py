"""One thread for what is learned, so that the same rows give the same bytes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Keep the libraries that scikit-learn reckons with to one thread, for as long as the context lasts."""
    limited: AbstractContextManager[Any] = _libraries().limit(limits=1)
    return limited


@cache
def _libraries() -> ThreadpoolController:
    # To find them among all that the process has loaded costs as much as to fit a small curve. What brings this module
    # has brought scikit-learn, and with it all of them.
    return ThreadpoolController()

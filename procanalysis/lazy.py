"""Let a package import its public names when they are first asked for, so that importing it costs next to nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, places: Mapping[str, tuple[str, str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the __getattr__ and __dir__ of a package.

    Parameters: package, its full name; places, public name → the module below the package that has it, and what it is
    called there (empty when the name is the module itself). The first raises AttributeError that lists the names.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"{package} has no '{name}'. It has: {', '.join(sorted(places))}.")
        module, attribute = places[name]
        loaded = importlib.import_module(f"{package}.{module}")
        found = getattr(loaded, attribute) if attribute else loaded
        setattr(sys.modules[package], name, found)
        return found

    return get, lambda: sorted(places)

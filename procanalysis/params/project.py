"""Where the project lies, and which organisations it holds."""

from __future__ import annotations

import os
from pathlib import Path

from procanalysis.errors import ParamsError


def project_root() -> Path:
    """Return the project's folder: PROCANALYSIS_ROOT, or the nearest folder upwards with params/organisations.

    Raises ParamsError when there is none.
    """
    if given := os.environ.get("PROCANALYSIS_ROOT"):
        return Path(given).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "params" / "organisations").is_dir():
            return folder
    raise ParamsError(
        "This folder is not a procanalysis project: there is no params/organisations here or above. "
        "Go to the project's folder, or set PROCANALYSIS_ROOT to it."
    )


def organisations_folder() -> Path:
    """Return the folder of organisation files: PROCANALYSIS_PARAMS, or params/organisations of the project."""
    given = os.environ.get("PROCANALYSIS_PARAMS")
    return Path(given).resolve() if given else project_root() / "params" / "organisations"


def organisation_slugs() -> list[str]:
    """List the organisations that have a file, in order of name."""
    return sorted(path.stem for path in organisations_folder().glob("*.yml"))


def method_pages() -> dict[str, str]:
    """Read the method pages of docs/methods by name, for 'så har vi räknat'."""
    pages = (project_root() / "docs" / "methods").glob("*.md")
    return {page.stem: page.read_text(encoding="utf-8") for page in sorted(pages)}

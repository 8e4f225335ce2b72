"""The import table of the design, checked from the source: data flow one way, so every arrow points downward.

Imports inside functions and under TYPE_CHECKING count too: they tie modules together just as much.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "procanalysis"

# What the measures share: the engines, Swedish amounts in the sentences they produce, and which row of a printed
# statement is the sum of which.
SHARED_BY_MEASURES = {"measures.frames", "measures.splitting", "measures.statement_sums", "measures.wording"}

# Modules split off from one measure, which alone uses them, or of which a second one needs the same order of rules.
SPLIT_OFF = {
    "measures.categories": {"measures.rule_order"},
    "measures.loyalty": {"measures.article_rung", "measures.covered_purchases"},
    "measures.article_rung": {"measures.covered_purchases"},
    "measures.suggested_categories": {"measures.rule_order"},
}

# Every part of the package, and the parts below it that it may use besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "lazy": set(),
    "opened": {"params", "version"},
    "schema": {"errors"},
    "params": {"errors", "schema"},
    "read": {"errors", "schema"},
    "measures": {"errors", "schema"},
    "report": {"errors", "lazy", "schema"},
    "example": {"errors", "schema"},
    "organisation": {
        "lazy",
        "opened",
        "params",
        "read",
        "measures.categories",
        "measures.contract_loyalty",
        "measures.contract_matching",
        "measures.covered_purchases",
        "measures.frames",
        "schema",
        "errors",
        "version",
    },
    "assessment": {"organisation", "opened", "params", "read", "measures", "schema", "errors", "version"},
    "business_case": {"organisation", "opened", "params", "read", "measures", "schema", "errors", "version"},
    "suggestions": {"organisation", "params", "read", "measures", "report.cleaning", "schema", "errors", "version"},
    "published": {"opened", "params", "read", "measures", "schema", "errors", "version"},
    "annual_report": {
        "opened",
        "published",
        "tenders",
        "organisation",
        "params",
        "read",
        "measures",
        "schema",
        "errors",
        "version",
    },
    "tenders": {
        "opened",
        "organisation.keeping",
        "organisation.masking",
        "params",
        "read",
        "measures",
        "schema",
        "errors",
        "version",
    },
    "run": {
        "annual_report",
        "assessment",
        "business_case",
        "published",
        "tenders",
        "organisation",
        "params",
        "read.files",
        "report",
        "schema",
        "errors",
        "version",
    },
    "cli": {
        "run",
        "assessment",
        "business_case",
        "published",
        "suggestions",
        "tenders",
        "organisation",
        "params",
        "example",
        "schema",
        "errors",
        "version",
    },
}

# A calculation gets frames and values: it opens nothing, draws nothing, and asks nobody else.
NOT_IN_MEASURES = {
    "pathlib", "os", "io", "glob", "shutil", "tempfile", "subprocess", "socket", "urllib", "requests",
    "random", "matplotlib", "seaborn", "IPython", "papermill", "nbconvert", "yaml",
}  # fmt: skip
READS_OR_WRITES = {
    "open", "print", "input", "read_csv", "read_parquet", "read_excel", "read_json", "scan_csv",
    "scan_parquet", "to_csv", "to_parquet", "to_excel", "write_csv", "write_parquet", "read_text",
    "write_text", "read_bytes", "write_bytes",
}  # fmt: skip


def modules(package: Path) -> dict[str, Path]:
    """List the modules by dotted name below the package; the package itself is ''."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(module: str, path: Path, known: set[str], package: str) -> Iterator[tuple[str, int]]:
    """List what a module imports from its own package, with the line; '' is the top of the package."""
    here = [package, *module.split(".")] if module else [package]
    folder = here if path.name == "__init__.py" else here[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            targets = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"} and node.args:
            first = node.args[0]
            targets = [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
        for target in targets:
            if target == package or target.startswith(f"{package}."):
                yield (
                    nearest_module(target.removeprefix(package).lstrip("."), known),
                    getattr(node, "lineno", 0),
                )


def nearest_module(name: str, known: set[str]) -> str:
    """Cut names from the end until a module is left: schema.kronor is a name in the module schema."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def part_of(module: str) -> str:
    return module.split(".")[0]


def within(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


def allowed_import(module: str, target: str) -> bool:
    part = part_of(module)
    if part == "measures":
        # measures/x.py may be split into a folder measures/x/; those modules are one measure.
        measure = ".".join(module.split(".")[:2])
        own = SPLIT_OFF.get(measure, set()) | ({measure} if measure != "measures" else set())
        shared = SHARED_BY_MEASURES if measure not in SHARED_BY_MEASURES else set()
        return any(within(target, name) for name in MAY_IMPORT["measures"] | shared | own)
    return any(within(target, name) for name in MAY_IMPORT.get(part, set()) | {part})


def import_problems(package: Path) -> list[str]:
    """List every import that points upward or sideways, and every module that has no place in the table."""
    problems = []
    found = modules(package)
    # A folder is a package with or without an __init__.py.
    known = {name.rsplit(".", cut)[0] for name in found for cut in range(name.count(".") + 1)}
    for module, path in found.items():
        shown = path.relative_to(package.parent).as_posix()
        if part_of(module) not in {*MAY_IMPORT, "", "__main__"}:
            problems.append(f"{shown}: '{part_of(module)}' is not a part of the design; see MAY_IMPORT")
        if "utils" in module.split("."):
            problems.append(f"{shown}: no module is named utils; name it after what it means")
        for target, line in imported(module, path, known, package.name):
            if part_of(target) == "cli":
                if module not in {"cli", "__main__"} and not module.startswith("cli."):
                    problems.append(f"{shown}:{line}: nobody imports cli")
            elif module not in {"", "__main__"} and not allowed_import(module, target):
                problems.append(f"{shown}:{line}: {module} may not import {target or 'the top of the package'}")
    return problems


def impurities(package: Path) -> list[str]:
    """List what the measures do besides reckoning: files, drawing, global state."""
    problems = []
    for module, path in modules(package).items():
        if part_of(module) != "measures":
            continue
        shown = path.relative_to(package.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{shown}:{getattr(node, 'lineno', 0)}"
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            problems += [f"{where}: a measure may not import {n}" for n in names if part_of(n) in NOT_IN_MEASURES]
            if isinstance(node, ast.Call) and called(node) in READS_OR_WRITES:
                problems.append(f"{where}: a measure may not call {called(node)}")
            if isinstance(node, ast.Global):
                problems.append(f"{where}: a measure may not keep global state")
    return problems


def test_every_import_points_downward() -> None:
    assert import_problems(PACKAGE) == []


def test_measures_only_reckon() -> None:
    assert impurities(PACKAGE) == []


def test_every_part_of_the_design_exists() -> None:
    present = {part_of(name) for name in modules(PACKAGE)} - {"", "__main__"}
    assert present == set(MAY_IMPORT)


def made_up(folder: Path, files: dict[str, str]) -> Path:
    package = folder / "procanalysis"
    sound = {
        "__init__.py": "from procanalysis.organisation import open_organisation",
        "errors.py": "import difflib",
        "schema.py": "from procanalysis.errors import MeasureError",
        "params.py": "from procanalysis import errors, schema",
        "read/__init__.py": "from .csv_files import read\nfrom procanalysis.schema import names",
        "read/csv_files.py": "from ..errors import InputError\nfrom pathlib import Path",
        "measures/frames.py": "from procanalysis.schema import names",
        "measures/spend.py": "from procanalysis.measures import frames\nfrom .frames import tally",
        "measures/categories/__init__.py": "from .rules import compiled\nfrom ..rule_order import order",
        "measures/categories/rules.py": "import procanalysis.errors",
        "measures/rule_order.py": "from procanalysis.measures import wording",
        "measures/wording.py": "from procanalysis.schema import kronor",
        "report/tables.py": "from procanalysis.schema import Source",
        "organisation.py": "from procanalysis.measures import categories, contract_matching, frames",
        "measures/contract_matching.py": "from procanalysis.measures.frames import lazy",
        "measures/loyalty.py": "from .covered_purchases import loyalty_base\nfrom . import wording",
        "measures/covered_purchases.py": "from procanalysis.measures import frames, wording",
        "run/engine.py": "from procanalysis.organisation import open_organisation",
        "cli.py": "from procanalysis.run.engine import WarmEngine",
        "__main__.py": "from procanalysis.cli import main",
    }
    for name, text in (sound | files).items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    return package


def test_a_sound_package_passes(tmp_path: Path) -> None:
    package = made_up(tmp_path, {})
    assert import_problems(package) == []
    assert impurities(package) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("errors.py", "from procanalysis.schema import names", "errors.py:1: errors may not import schema"),
        ("schema.py", "import procanalysis.params", "schema may not import params"),
        ("params.py", "from procanalysis.read import csv_files", "params may not import read.csv_files"),
        ("read/csv_files.py", "from .. import params", "read.csv_files may not import params"),
        (
            "read/csv_files.py",
            "from ..measures.spend import x",
            "read.csv_files may not import measures.spend",
        ),
        ("measures/frames.py", "from . import spend", "measures.frames may not import measures.spend"),
        ("measures/spend.py", "from .categories import x", "may not import measures.categories"),
        ("measures/spend.py", "from procanalysis.measures import categories", "may not import measures.cat"),
        (
            "measures/spend.py",
            "from .rule_order import x",
            "measures.spend may not import measures.rule_order",
        ),
        ("measures/rule_order.py", "from .categories import x", "may not import measures.categories"),
        ("measures/loyalty.py", "from .contract_matching import x", "may not import measures.contract_matching"),
        ("measures/spend.py", "from .covered_purchases import x", "may not import measures.covered_purchases"),
        ("measures/covered_purchases.py", "from .loyalty import x", "may not import measures.loyalty"),
        ("organisation.py", "from procanalysis.measures.loyalty import x", "may not import measures.loyalty"),
        ("measures/spend.py", "from procanalysis.report import tables", "may not import report.tables"),
        ("measures/__init__.py", "from .spend import spend_by", "measures may not import measures.spend"),
        ("report/tables.py", "from ..measures.frames import tally", "may not import measures.frames"),
        ("example.py", "def f():\n    from .read import x", "example.py:2: example may not import read"),
        ("organisation.py", "from procanalysis.measures.spend import x", "may not import measures.spend"),
        ("organisation.py", "from procanalysis import run", "organisation may not import run"),
        ("run/engine.py", "import procanalysis.measures.spend", "run.engine may not import measures.spend"),
        ("run/engine.py", "from procanalysis import open_organisation", "may not import the top of the"),
        ("run/engine.py", "from importlib import import_module as f\nimport procanalysis.cli", ":2: nobody"),
        ("run/engine.py", "import importlib\nimportlib.import_module('procanalysis.cli')", ":2: nobody"),
        ("__init__.py", "from procanalysis.cli import main", "__init__.py:1: nobody imports cli"),
        ("cli.py", "from procanalysis.report.tables import table", "cli may not import report.tables"),
        ("read/utils.py", "", "no module is named utils"),
        ("helpers.py", "", "'helpers' is not a part of the design"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, name: str, text: str, problem: str) -> None:
    problems = import_problems(made_up(tmp_path, {name: text}))
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("from pathlib import Path", "may not import pathlib"),
        ("import matplotlib.pyplot as plt", "may not import matplotlib.pyplot"),
        ("def spend_by(path):\n    return open(path).read()", "spend.py:2: a measure may not call open"),
        ("import pandas as pd\nframe = pd.read_csv('ledger.csv')", "may not call read_csv"),
        ("def spend_by(frame):\n    global total\n    total = 1", "may not keep global state"),
    ],
)
def test_a_measure_that_does_more_than_reckon_is_found(tmp_path: Path, text: str, problem: str) -> None:
    problems = impurities(made_up(tmp_path, {"measures/spend.py": text}))
    assert len(problems) == 1
    assert problem in problems[0]

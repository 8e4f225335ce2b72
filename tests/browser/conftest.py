"""Find browser, Node and Java, or skip with the reason; measure every page once and share what was measured."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from procanalysis.run.pdf import find_browser

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
MODULES = ("axe-core", "puppeteer-core", "vnu-jar")
ASSESSED = (
    "index.html", "exempel/2025/gap-analysis.html", "exempel/2025/gap-summary.html", "rjh/2017/gap-analysis.html",
)  # fmt: skip
LONGEST_WAIT = 900.0
Measured = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser, or a skip with the reason."""
    found = find_browser()
    if not found:
        pytest.skip("there is no Chromium, so pages cannot be measured in a browser")
    return found


@pytest.fixture(scope="session")
def node(chromium: str) -> str:
    """Node with the modules of package.json, or a skip with the reason."""
    found = shutil.which("node")
    if not found:
        pytest.skip("there is no Node to steer Chromium with")
    missing = [name for name in MODULES if not (HERE / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(f"Chromium cannot be steered without {', '.join(missing)}: run npm ci in tests/browser")
    return found


@pytest.fixture(scope="session")
def java(node: str) -> str:
    """Java 17 or later for the HTML validator, or a skip with the reason."""
    found = shutil.which("java")
    if not found:
        pytest.skip("there is no Java for the HTML validator, which reads pages as Chromium does")
    return found


@pytest.fixture(scope="session")
def inspecting(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process of inspect.mjs, whose browsers stay open for all that a worker measures."""
    complaints = tmp_path_factory.mktemp("inspecting") / "complaints.txt"
    with (
        complaints.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(
            [node, str(HERE / "inspect.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        yield process
        try:
            process.communicate(timeout=60)  # its input ends, and so do its browsers
        finally:
            process.kill()
    assert not process.returncode, complaints.read_text("utf-8")[-2000:]


@pytest.fixture(scope="session")
def measure(
    chromium: str, inspecting: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Iterable[tuple[str, Path, str]]], Measured]:
    """Open pages, given as (name, path, kind), in the browser and return what inspect.mjs measured of each.

    PROCANALYSIS_SCREENSHOTS names a folder to put pictures of the pages in, for people to look at.
    """
    shots = os.environ.get("PROCANALYSIS_SCREENSHOTS", "")
    if shots:
        Path(shots).mkdir(parents=True, exist_ok=True)

    def run(pages: Iterable[tuple[str, Path, str]]) -> Measured:
        task = {
            "browser": chromium,
            "shots": shots,
            "prints": str(tmp_path_factory.mktemp("prints")),
            "pages": [{"name": name, "path": str(path), "kind": kind} for name, path, kind in pages],
        }
        assert inspecting.stdin and inspecting.stdout
        print(json.dumps(task), file=inspecting.stdin, flush=True)
        assert select.select([inspecting.stdout], [], [], LONGEST_WAIT)[0], "the browser has hung"
        answer = inspecting.stdout.readline()
        assert answer, "the process that steers the browser has ended"
        measured: Measured = json.loads(answer)
        assert len(measured) == len(task["pages"])
        return measured

    return run


@pytest.fixture(scope="session")
def print_pages(measure: Any) -> Callable[[Iterable[Path]], dict[Path, bytes]]:
    """Print pages as `procanalysis run --pdf` does, but all in one browser, and return the PDF of each."""

    def run(pages: Iterable[Path]) -> dict[Path, bytes]:
        measured = measure([(str(page), page, "print") for page in pages])
        return {Path(page): Path(found["pdf"]).read_bytes() for page, found in measured.items()}

    return run


@pytest.fixture(scope="session")
def validate(java: str) -> Callable[[Iterable[Path]], list[str]]:
    """Read pages with the W3C validator (vnu) and return its errors."""
    jar = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"

    def run(pages: Iterable[Path]) -> list[str]:
        # To compile with all one's might takes longer than the reading; so compiled, a call needs more of the stack.
        light = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m")
        command = [java, *light, "-jar", str(jar), "--errors-only", "--format", "json", *map(str, pages)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        messages = json.loads(done.stderr)["messages"]
        return [f"{Path(m.get('url', '')).name}: {m['message']}: {m.get('extract', '')[:80]}" for m in messages]

    return run


@pytest.fixture(scope="session")
def example_pages(published: Any, annual: Any, example_project: Any, once: Any) -> list[Path]:
    """One page of every kind: the indexes with and without failures, a category, annual reports, a comparison, and gap
    analyses with and without scores. The gap analyses are those that tests/test_gap_analysis.py publishes, run once
    for both.
    """
    shipped = _module("gap_analysis_published", HERE.parent / "test_gap_analysis.py")
    assessed = once("assessed", lambda root: shipped.publish_assessments(example_project, root)) / "reports"
    ledger = report_pages(published.reports)
    first_category = next(path for path in ledger if path.stem.startswith("category-analysis"))
    own = [path for path in ledger if not path.stem.startswith("category-analysis") or path == first_category]
    yearly = report_pages(annual.reports)[1:]
    return [*own, *yearly, *(assessed / place for place in ASSESSED)]


@pytest.fixture(scope="session")
def example_measured(example_pages: list[Path], measure: Any, once: Any) -> Measured:
    """What was measured of every kind of report of the example organisation, and of the index."""

    def fill(folder: Path) -> None:
        pages = [(_name(path), path, "report") for path in example_pages]
        (folder / "measured.json").write_text(json.dumps(measure(pages)), encoding="utf-8")

    return json.loads((once("example-measured", fill) / "measured.json").read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def ledgers() -> Any:
    """The module of made-up organisations at the edges."""
    return _module("browser_ledgers", HERE / "ledgers.py")


def _module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def edges(ledgers: Any, example_project: Any, once: Any) -> Path:
    """The reports of every organisation at the edges, published. Read only."""

    def fill(root: Path) -> None:
        for name in ("notebooks", "docs", "params/law"):
            shutil.copytree(REPOSITORY / name, root / name)
        ledgers.write_edges(root)
        project = example_project.at(root)
        said = []
        for kinds, slugs in ledgers.by_reports().items():
            done = project.command("run", *slugs, *(word for kind in kinds for word in ("--report", kind)))
            said.append(done.stdout + done.stderr)
        (root / "said.txt").write_text("".join(said), encoding="utf-8")

    return once("edges", fill)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def edges_measured(edges: Path, ledgers: Any, measure: Any, once: Any) -> Measured:
    """What was measured of every report of the organisations at the edges, and of their index."""

    def fill(folder: Path) -> None:
        pages = [
            (_name(path), path, "edge" if ledgers.changes_markup(path) else "sizes")
            for path in report_pages(edges / "reports")
        ]
        (folder / "measured.json").write_text(json.dumps(measure(pages)), encoding="utf-8")

    return json.loads((once("edges-measured", fill) / "measured.json").read_text("utf-8"))  # type: ignore[no-any-return]


def report_pages(reports: Path) -> list[Path]:
    """List the index and every published page."""
    return [reports / "index.html", *sorted(reports.glob("*/*/*.html"))]


def _name(path: Path) -> str:
    if path.name == "index.html":
        return f"{path.stem} {path.parent.parent.name}"
    return f"{path.parent.parent.name} {path.parent.name} {path.stem}"

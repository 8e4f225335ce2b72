"""The fictional organisation in a project of its own, published once and shared by every test that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from procanalysis.example import generate_example
from procanalysis.organisation import open_organisation

REPOSITORY = Path(__file__).parents[1]
LINES = 6_000
MASK_KEY = "a key for tests only"
LONGEST_WAIT = 300.0
LEDGER_REPORTS = ("data-quality", "spend-overview", "category-analysis")
CONTRACT_REPORTS = ("contracts", "supplier-follow-up", "procurement-plan")
SAVING_REPORTS = ("savings", "business-case")


@dataclass(frozen=True)
class Project:
    """A project folder, and the commands run in it as a user runs them: in a process of their own."""

    root: Path
    bytecode: Path

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def truths(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.root / "data/example/planted_truths.json").read_text("utf-8"))
        return content

    def environment(self, **more: str) -> dict[str, str]:
        left_out = ("PROCANALYSIS_PARAMS", "PYTHONDONTWRITEBYTECODE")
        inherited = {name: value for name, value in os.environ.items() if name not in left_out}
        own = {
            "PROCANALYSIS_ROOT": str(self.root),
            "PROCANALYSIS_MASK_KEY": MASK_KEY,
            "PYTHONPYCACHEPREFIX": str(self.bytecode),  # compiled once for all the processes that the tests start
            "PYTHONIOENCODING": "utf-8",
            "NO_COLOR": "1",
        }
        return inherited | own | more

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `procanalysis`. No output of it may ever show a traceback."""
        script = shutil.which("procanalysis", path=sysconfig.get_path("scripts"))
        assert script, "procanalysis is not installed beside this Python"
        done = self._process([script, *arguments], environment)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def publish(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the reports that build on the ledger."""
        chosen = [word for name in LEDGER_REPORTS for word in ("--report", name)]
        return self.command("run", "exempel", *chosen, *arguments, **environment)

    def python(self, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a piece of Python that needs a process of its own."""
        return self._process([sys.executable, "-c", code, *arguments], environment)

    def _process(self, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LONGEST_WAIT,
            check=False,
        )

    def copy(self, root: Path) -> Project:
        """Copy the project for a test that changes something in it."""
        shutil.copytree(self.root, root)
        return Project(root, self.bytecode)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once for all the worker processes of a test run, and wait while another worker makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder, made, failed = (shared / f"{name}{ending}" for ending in ("", ".made", ".failed"))
        try:
            folder.mkdir()
        except FileExistsError:
            deadline = time.monotonic() + LONGEST_WAIT
            while not made.exists():
                assert not failed.exists() and time.monotonic() < deadline, f"another worker failed to make {name}"
                time.sleep(0.1)
            return folder
        try:
            fill(folder)
        except BaseException:
            failed.touch()
            raise
        made.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def example_project(once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """A project with the fictional ledger in its small size, and two category analyses to publish. Read only."""

    def fill(root: Path) -> None:
        for name in ("params", "notebooks", "docs"):
            shutil.copytree(REPOSITORY / name, root / name)
        shutil.rmtree(root / "params/assessments")  # tests/test_gap_analysis.py publishes assessments
        shutil.copytree(REPOSITORY / "data/published", root / "data/published")
        own = root / "params/organisations/exempel.yml"
        text = own.read_text("utf-8")
        assert "{largest: 10}" in text
        own.write_text(text.replace("{largest: 10}", "{largest: 2}"), "utf-8")
        generate_example(root / "data/example", lines=LINES)

    root = once("project", fill)
    return Project(root, root.parent / "bytecode")


@pytest.fixture(scope="session")
def published(example_project: Project, once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project with its reports published and its rejected rows listed. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        project = Project(root, example_project.bytecode)
        more = [word for name in (*CONTRACT_REPORTS, *SAVING_REPORTS) for word in ("--report", name)]
        for done in (project.publish(*more), project.command("check", "exempel")):
            assert done.returncode == 0, done.stdout + done.stderr

    return Project(once("published", fill), example_project.bytecode)


@pytest.fixture(scope="session")
def monthly(example_project: Project, once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project with its monthly reports published: the organisation's, and those of three units. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        done = Project(root, example_project.bytecode).command("run", "exempel", "--report", "monthly-report")
        assert done.returncode == 0, done.stdout + done.stderr

    return Project(once("monthly", fill), example_project.bytecode)


@pytest.fixture
def own_project(published: Project, tmp_path: Path) -> Project:
    """A copy of the published project that a test may change."""
    return published.copy(tmp_path / "own")


@pytest.fixture
def in_project(example_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Let calls in this process read the shared project."""
    for name, value in example_project.environment().items():
        if name.startswith("PROCANALYSIS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return example_project


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real ledgers, or a skip with the reason."""
    given = os.environ.get("PROCANALYSIS_TEST_DATA")
    if not given:
        pytest.skip("PROCANALYSIS_TEST_DATA is not set, so the real ledgers cannot be read")
    return Path(given)


@pytest.fixture(scope="session")
def without_registers(
    example_project: Project, session_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The last year's ledger, opened in a project of its own where the organisation file names no register."""
    root = tmp_path_factory.mktemp("without_registers")
    shutil.copytree(example_project.root / "params", root / "params")
    path = root / "params/organisations/exempel.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["ledger"]["files"] = [str(example_project.root / "data/example/leverantorsreskontra-2025.csv")]
    for register in ("contracts", "follow_ups", "procurements", "savings"):
        del content[register]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROCANALYSIS_ROOT", str(root))
        opened = open_organisation("exempel", "2025")
        assert len(opened.limits)
    return opened


@pytest.fixture(scope="session")
def session_environment(example_project: Project) -> Iterator[None]:
    """Let calls in this process read the shared project for as long as a module-wide fixture lives."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in example_project.environment().items():
            if name.startswith("PROCANALYSIS_"):
                patch.setenv(name, value)
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        yield

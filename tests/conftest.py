"""The fictional organisation in a project of its own, published once and shared by every test that looks at it."""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from procanalysis.example import SEED, generate_example
from procanalysis.organisation import open_organisation
from procanalysis.run.processes import CAN_FORK

REPOSITORY = Path(__file__).parents[1]
LINES = 6_000
MASK_KEY = "a key for tests only"
LONGEST_WAIT = 900.0
COMMANDS_ADDRESS = "PROCANALYSIS_TEST_COMMANDS"
PLAIN_OUTPUT = {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
LEDGER_REPORTS = ("data-quality", "spend-overview", "category-analysis")
CONTRACT_REPORTS = ("contracts", "articles", "supplier-follow-up", "procurement-plan")
SAVING_REPORTS = ("savings", "business-case")
Done = subprocess.CompletedProcess[str]
EXECUTE = """
import json
import sys
from papermill.execute import execute_notebook
from procanalysis.run import engine
engine.register()
notebook, done, parameters = sys.argv[1:]
execute_notebook(
    notebook, done, json.loads(parameters), engine_name=engine.ENGINE, kernel_name="python3", progress_bar=False
)
"""
# What takes longest, dearest first: a worker takes a whole file at a time, and what is left last should be small.
DEAREST = (
    "browser/test_every_report.py", "browser/test_edges.py", "measures/test_spark.py", "test_kept_files.py",
    "run/test_warm_runs.py", "run/test_runner.py", "test_real_ledgers.py", "run/test_stopping.py",
    "test_organisation.py", "test_example.py", "run/test_cases.py", "test_real_tenders.py", "test_cli.py",
    "test_notebooks.py", "read/test_privacy.py", "read/test_laying_out.py", "measures/test_article_prices.py",
    "read/test_dialects.py", "measures/test_engines.py", "measures/test_loyalty.py", "run/test_annual_runs.py",
    "run/test_processes.py", "measures/test_direct_awards.py", "test_annual_report_organisation.py",
    "run/test_engine.py", "read/test_made_up_ledgers.py", "test_benchmarks.py", "measures/test_contract_matching.py",
    "browser/test_indicator_report.py", "test_example_savings.py", "run/test_pdf.py", "test_monthly_report.py",
    "read/test_real_ledgers.py", "browser/test_hostile_chain.py", "test_example_annual.py", "test_gap_analysis.py",
)  # fmt: skip
# A worker keeps millions of objects, and looking through them for garbage every 700 new ones took a tenth of its time.
gc.set_threshold(10_000, 20, 20)


class WarmCommands:
    """The process of tests/warm_commands.py, one for all the workers of a test run, and what is asked of it."""

    def __init__(self) -> None:
        self._address = os.environ.get(COMMANDS_ADDRESS, "")

    def run(self, arguments: list[str], folder: Path, environment: dict[str, str], code: str = "") -> Done:
        """Run `procanalysis`, or a piece of Python, in a process forked from the one that has imported it all."""
        address = self.start()
        with (
            tempfile.NamedTemporaryFile() as out,
            tempfile.NamedTemporaryFile() as err,
            socket.socket(socket.AF_UNIX) as asking,
        ):
            task = {
                "arguments": arguments, "folder": str(folder), "environment": environment,
                "out": out.name, "err": err.name, "seconds": LONGEST_WAIT, **({"code": code} if code else {}),
            }  # fmt: skip
            asking.connect(address)
            asking.sendall(f"{json.dumps(task)}\n".encode())
            with asking.makefile(encoding="utf-8") as lines:
                answer = lines.readline()
            assert answer, "the process that runs the commands has ended"
            return subprocess.CompletedProcess(
                arguments, int(answer), out.read().decode("utf-8"), err.read().decode("utf-8")
            )

    def start(self) -> str:
        """Start the process, unless this one or the one that leads the workers has, and return its address."""
        if self._address:
            return self._address
        folder = tempfile.mkdtemp(prefix="procanalysis-tests-", dir="/tmp")  # a socket's path has a hundred letters
        self._address = str(Path(folder, "commands"))
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen()
            server = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("warm_commands.py")), str(listener.fileno())],
                stdin=subprocess.PIPE,
                env=os.environ | PLAIN_OUTPUT | one_thread,
                pass_fds=[listener.fileno()],
            )

        def end() -> None:
            server.communicate()  # its input ends, and so does it
            shutil.rmtree(folder)

        atexit.register(end)
        return self._address


COMMANDS = WarmCommands()


@dataclass(frozen=True)
class Project:
    """A project folder, and the commands run in it as a user runs them: in a process of their own."""

    root: Path

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def truths(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.root / "data/example/planted_truths.json").read_text("utf-8"))
        return content

    def environment(self, **more: str) -> dict[str, str]:
        left_out = ("PROCANALYSIS_PARAMS", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS")
        inherited = {name: value for name, value in os.environ.items() if name not in left_out}
        own = {
            "PROCANALYSIS_ROOT": str(self.root),
            "PROCANALYSIS_MASK_KEY": MASK_KEY,
        }
        return inherited | PLAIN_OUTPUT | own | more

    def command(self, *arguments: str, **environment: str) -> Done:
        """Run `procanalysis`. No output of it may ever show a traceback."""
        if not CAN_FORK:
            return self.script(*arguments, **environment)
        done = COMMANDS.run(["procanalysis", *arguments], self.root, self.environment(**environment))
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def script(self, *arguments: str, **environment: str) -> Done:
        """Run the installed script, which imports everything anew; `command` shares that with other commands."""
        script = shutil.which("procanalysis", path=sysconfig.get_path("scripts"))
        assert script, "procanalysis is not installed beside this Python"
        done = self._process([script, *arguments], environment)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def publish(self, *arguments: str, **environment: str) -> Done:
        """Run the reports that build on the ledger."""
        chosen = [word for name in LEDGER_REPORTS for word in ("--report", name)]
        return self.command("run", "exempel", *chosen, *arguments, **environment)

    def python(self, code: str, *arguments: str, **environment: str) -> Done:
        """Run a piece of Python in a process of its own, forked from one that has imported the library and engines."""
        if not CAN_FORK:
            return self.fresh_python(code, *arguments, **environment)
        return COMMANDS.run(["-c", *arguments], self.root, self.environment(**environment), code)

    def fresh_python(self, code: str, *arguments: str, **environment: str) -> Done:
        """Run a piece of Python that needs a process which has imported nothing."""
        return self._process([sys.executable, "-c", code, *arguments], environment)

    def notebook(self, name: str, folder: Path, parameters: dict[str, str], **environment: str) -> Any:
        """Run a notebook of ours as a run does, publish nothing, and return it with its outputs."""
        shipped, executed = REPOSITORY / "notebooks" / name, folder / name
        done = self.python(EXECUTE, str(shipped), str(executed), json.dumps(parameters), **environment)
        assert done.returncode == 0, done.stderr
        import nbformat  # procanalysis.run, imported by now, keeps it from building grammars for more than a second

        return nbformat.read(executed, 4)

    def _process(self, command: list[str], environment: dict[str, str]) -> Done:
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

    def at(self, root: Path) -> Project:
        """Another project, in the folder given."""
        return Project(root)

    def copy(self, root: Path) -> Project:
        """Copy the project for a test that changes something in it."""
        shutil.copytree(self.root, root)
        return Project(root)


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers, which inherit the environment, share one process that runs commands."""
    leads_workers = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if CAN_FORK and leads_workers and not config.option.collectonly:
        os.environ[COMMANDS_ADDRESS] = COMMANDS.start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the dearest files; the others keep their order."""
    place = {REPOSITORY / "tests" / name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path, len(DEAREST)))


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
def generated(once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[..., Path]:
    """The fictional organisation's files in a size and of a seed, made once for all tests. Read only."""

    def folder_of(lines: int, seed: int = SEED) -> Path:
        def fill(folder: Path) -> None:
            generate_example(folder, lines=lines, seed=seed)

        return once(f"example-{lines}-{seed}", fill)

    return folder_of


@pytest.fixture(scope="session")
def example_project(generated: Callable[..., Path], once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
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
        shutil.copytree(generated(LINES), root / "data/example")
        with in_environment(Project(root)):
            open_organisation("exempel")  # so that no copy of the project has to read the ledger again

    return Project(once("project", fill))


@pytest.fixture(scope="session")
def published(example_project: Project, once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project with its reports published and its rejected rows listed. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        project = Project(root)
        chosen = (*LEDGER_REPORTS, *CONTRACT_REPORTS, *SAVING_REPORTS)
        words = [word for name in chosen for word in ("--report", name)]
        for done in (project.script("run", "exempel", *words), project.command("check", "exempel")):
            assert done.returncode == 0, done.stdout + done.stderr

    return Project(once("published", fill))


@pytest.fixture(scope="session")
def monthly(example_project: Project, once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project with its monthly reports published: the organisation's, and those of three units. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        done = Project(root).command("run", "exempel", "--report", "monthly-report")
        assert done.returncode == 0, done.stdout + done.stderr

    return Project(once("monthly", fill))


@pytest.fixture(scope="session")
def annual(example_project: Project, once: Callable[[str, Callable[[Path], None]], Path]) -> Project:
    """The project with annual reports published, the region's and a board's, and the regions compared. Read only."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root, root, dirs_exist_ok=True)
        words = ("run", "exempel", "insv", "--report", "annual-report", "--report", "comparison")
        done = Project(root).command(*words)
        assert done.returncode == 0, done.stdout + done.stderr

    return Project(once("annual", fill))


@pytest.fixture
def own_project(published: Project, tmp_path: Path) -> Project:
    """A copy of the published project that a test may change."""
    return published.copy(tmp_path / "own")


@contextmanager
def in_environment(project: Project) -> Iterator[None]:
    """Let calls in this process read a project."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in project.environment().items():
            if name.startswith("PROCANALYSIS_"):
                patch.setenv(name, value)
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        yield


@pytest.fixture(scope="session")
def readable() -> Callable[[Project], AbstractContextManager[None]]:
    """What lets calls in this process read a project, for tests that make one of their own."""
    return in_environment


@pytest.fixture
def in_project(example_project: Project) -> Iterator[Project]:
    """Let calls in this process read the shared project."""
    with in_environment(example_project):
        yield example_project


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real ledgers, or a skip with the reason."""
    given = os.environ.get("PROCANALYSIS_TEST_DATA")
    if not given:
        pytest.skip("PROCANALYSIS_TEST_DATA is not set, so the real ledgers cannot be read")
    return Path(given)


@pytest.fixture(scope="session")
def without_registers(
    example_project: Project, session_environment: None, once: Callable[[str, Callable[[Path], None]], Path]
) -> Any:
    """The last year's ledger, opened in a project of its own where the organisation file names no register."""

    def fill(root: Path) -> None:
        shutil.copytree(example_project.root / "params", root / "params")
        path = root / "params/organisations/exempel.yml"
        content = yaml.safe_load(path.read_text("utf-8"))
        content["ledger"]["files"] = [str(example_project.root / "data/example/leverantorsreskontra-2025.csv")]
        articles = ("orders", "invoices", "price_lists", "price_indexes", "article_tags", "emission_factors")
        for register in ("contracts", "follow_ups", "procurements", "savings", *articles):
            del content[register]
        path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        with in_environment(Project(root)):
            open_organisation("exempel", "2025")

    root = once("without_registers", fill)
    with in_environment(Project(root)):
        opened = open_organisation("exempel", "2025")
        assert len(opened.limits)
    return opened


@pytest.fixture(scope="session")
def session_environment(example_project: Project) -> Iterator[None]:
    """Let calls in this process read the shared project for as long as a module-wide fixture lives."""
    with in_environment(example_project):
        yield

"""What stands around the code is true: environment, lock, commands, links, recipes, examples."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import stat
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.params import load_params
from procanalysis.schema import LOU_COVERED, NUMBER_STATUSES, SPEND_CLASSES, SUPPLIER_TYPES, TIERS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "reports" / "README.md"]
PAGES += sorted(page for folder in ("docs", "params") for page in (ROOT / folder).rglob("*.md"))
SCHEDULE = ROOT / "docs" / "schedule.md"

CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements() -> list[Requirement]:
    """List what everyone installs; Spark has a lock of its own, since few need it."""
    extras = project()["project"]["optional-dependencies"]
    assert extras.keys() == {"dev", "spark"}
    return [Requirement(text) for text in (*project()["project"]["dependencies"], *extras["dev"])]


def fences(page: Path, *languages: str) -> list[str]:
    """List the fenced blocks of a page that are marked with one of the languages."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


# The environments


def test_conda_environment_is_in_step_with_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    names = [text for text in environment["dependencies"] if isinstance(text, str)]
    listed = {item.name: str(item.specifier) for item in map(Requirement, names)}
    assert len(listed) == len(names)
    expected = {CONDA_NAMES.get(item.name, item.name.lower()): str(item.specifier) for item in requirements()}
    expected |= {"python": project()["project"]["requires-python"], "pip": ""}
    assert listed == expected
    assert [item for item in environment["dependencies"] if not isinstance(item, str)] == [{"pip": ["--editable ."]}]


@cache
def locked(lock: str = "requirements.lock") -> dict[str, list[str]]:
    """Collect the pinned versions by name; several where they differ between Python versions or systems."""
    pins: dict[str, list[str]] = {}
    text = (ROOT / lock).read_text(encoding="utf-8")
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE):
        pins.setdefault(name, []).append(version)
    return pins


def test_lock_has_every_dependency_within_its_bounds() -> None:
    build = [Requirement(text) for text in (*project()["build-system"]["requires"], "editables", "uv")]
    for item in (*requirements(), *build):
        versions = locked().get(item.name.lower(), [])
        assert versions, f"{item.name} is not in requirements.lock; run make lock"
        outside = [version for version in versions if Version(version) not in item.specifier]
        assert not outside, f"requirements.lock has {item.name} {outside}, not {item.specifier}; run make lock"


def test_lock_of_spark_has_it_within_its_bounds_and_nothing_that_the_other_has() -> None:
    pins = locked("requirements-spark.lock")
    (item,) = map(Requirement, project()["project"]["optional-dependencies"]["spark"])
    assert [version for version in pins[item.name] if Version(version) not in item.specifier] == []
    assert not pins.keys() & locked().keys()


LOCKS = ("requirements.lock", "requirements-spark.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_lock_is_universal() -> None:
    assert "colorama" in locked(), "Windows needs colorama"
    assert "pexpect" in locked(), "Linux and macOS need pexpect"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_registry_and_no_machine(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    kept = re.fullmatch(r"(?:[a-z0-9][a-z0-9._-]*==\S+(?: ; [^\n\\]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+\n)+", text)
    assert kept, f"{lock} may hold names, versions, markers and hashes only; refresh it with make lock"
    for sign in ("://", "file:", "/", "@", "index", "find-links"):
        assert sign not in text


# The commands


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


@cache
def cli_help(*command: str) -> str:
    done = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    return done.output


def code_lines(page: Path) -> list[str]:
    """List the lines of the fenced blocks and the pieces of inline code."""
    text = page.read_text(encoding="utf-8")
    blocks = fences(page, "sh", "bash", "systemd", "bat", "powershell")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", prose)
    return [line.strip() for line in (*"\n".join(blocks).splitlines(), *inline)]


def commands_of(page: Path) -> list[tuple[str, list[str]]]:
    """List the procanalysis commands that a page tells one to type, each with its options."""
    pattern = r"(?:ExecStart=)?(?:\S*[/\\])?procanalysis(?:\.exe)? ([a-z]+)\b([^#>]*)"
    found = [match for line in code_lines(page) if (match := re.match(pattern, line))]
    return [(match[1], re.findall(r"--[a-z]+", match[2])) for match in found]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_make_command_exists(page: Path) -> None:
    typed = [match[1] for line in code_lines(page) if (match := re.search(r"\bmake (?:-C \S+ )?([a-z]+)$", line))]
    assert set(typed) <= make_targets()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_procanalysis_command_exists(page: Path) -> None:
    for command, options in commands_of(page):
        assert re.search(rf"\b{command}\b", cli_help()), f"{page_name(page)} names procanalysis {command}"
        for option in options:
            assert option in cli_help(command), f"{page_name(page)} names procanalysis {command} {option}"


def test_readme_shows_the_two_commands_and_the_whole_command_line() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make reports\nmake test\n" in text
    assert {command for command, _ in commands_of(ROOT / "README.md")} == {
        "init",
        "check",
        "run",
        "list",
        "send",
        "example",
        "assessment",
        "case",
        "suggest",
        "review",
    }
    for option in re.findall(r"`(--[a-z]+)`", text):
        assert option in cli_help("run")


def test_make_lists_its_commands() -> None:
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([a-z]+)", listed.stdout, flags=re.MULTILINE)) == make_targets()


@pytest.mark.parametrize("python", ["", "no-such-python", "false"])
def test_make_without_a_new_enough_python_says_so(tmp_path: Path, python: str) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(["make", "setup", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "needs Python 3.11 or later" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_continuous_integration_calls_make_test() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert script.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in text
    assert re.search(r"^make test\b", text, flags=re.MULTILINE)
    assert re.search(r"^make spark\b", text, flags=re.MULTILINE)
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0


def test_pre_commit_fetches_nothing_and_uses_our_tools() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in config["repos"][0]["hooks"]}
    assert {hook["language"] for hook in hooks.values()} == {"system"}
    assert {"ruff", "ruff-format", "mypy", "nbstripout", "large-files"} <= hooks.keys()
    dev = {Requirement(text).name for text in project()["project"]["optional-dependencies"]["dev"]}
    assert {"ruff", "mypy", "nbstripout", "pre-commit"} <= dev


# The pages


def heading_anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_internal_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page_name(page)} links to {link}"
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in heading_anchors(target), f"{page_name(page)} links to {link}"


def test_changelog_keeps_to_its_form() -> None:
    headings = re.findall(r"^(#{2,3}) (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    versions = [text for level, text in headings if level == "##"]
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", text) for text in versions[1:])
    kinds = {text for level, text in headings if level == "###"}
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_glossary_has_the_words_of_the_schema_and_of_the_reports() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert all(len(row) == 3 and all(row) for row in rows)
    english, swedish = {row[0] for row in rows}, " | ".join(row[1] for row in rows)
    assert {f"tier: {tier}" for tier in TIERS} <= english
    assert set(SUPPLIER_TYPES) <= english
    assert set(NUMBER_STATUSES) - {"valid", "personal"} <= english
    for word in (*TIERS.values(), *SPEND_CLASSES):
        assert word.lower() in swedish
    assert all(word in text for word in LOU_COVERED)
    pairs = {
        "supplier loyalty": "leverantörstrohet", "contract loyalty": "avtalstrohet",
        "enabled saving": "möjliggjord besparing", "realised saving": "realiserad besparing",
        "direct award": "direktupphandling", "framework contract": "ramavtal",
        "category tree": "kategoriträd", "coding": "kontering", "supplier ledger": "leverantörsreskontra",
        "coordinated procurement": "samordnad upphandling",
        "risk of welfare crime": "risk för välfärdsbrottslighet",
    }  # fmt: skip
    assert pairs.items() <= {row[0]: row[1] for row in rows}.items()


@pytest.mark.parametrize("example", fences(ROOT / "docs" / "own-ledger.md", "yaml"))
def test_every_example_of_an_organisation_file_is_valid(example: str, tmp_path: Path) -> None:
    base = {
        "name": "Exempelkommunen",
        "period": "2025",
        "ledger": {"files": ["a.csv"]},
        "mapping": {"rules": ["r.csv"]},
    }
    given = yaml.safe_load(example)
    for key in ("ledger", "mapping"):
        given[key] = base[key] | given.get(key, {})
    path = tmp_path / "mitt-slug.yml"
    path.write_text(yaml.safe_dump(base | given, allow_unicode=True), encoding="utf-8")
    assert load_params(path).slug == "mitt-slug"


# The recipes of docs/schedule.md


@pytest.mark.parametrize("snippet", [text for page in PAGES for text in fences(page, "sh", "bash")])
def test_shell_snippets_parse(snippet: str) -> None:
    done = subprocess.run(["bash", "-n"], input=snippet, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def nightly_script(folder: Path, exit_code: int) -> Path:
    """Write the page's script, its paths moved to a folder, beside a stand-in for procanalysis."""
    script = next(text for text in fences(SCHEDULE, "bash") if text.startswith("#!"))
    places = {
        "/opt/procanalysis": folder / "project",
        "/etc/procanalysis/environment": folder / "environment",
        "/var/log/procanalysis": folder / "log",
    }
    for written, place in places.items():
        assert written in script
        script = script.replace(written, str(place))
    (folder / "log").mkdir()
    (folder / "environment").write_text(next(text for text in fences(SCHEDULE, "ini")), encoding="utf-8")
    stand_in = folder / "project" / ".venv" / "bin" / "procanalysis"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text(
        f'#!/bin/sh\necho "$PWD $* $LEDGER_FOLDER $PROCANALYSIS_MASK_KEY"\necho to-stderr >&2\nexit {exit_code}\n',
        encoding="utf-8",
    )
    path = folder / "procanalysis-nightly"
    path.write_text(script, encoding="utf-8")
    for program in (stand_in, path):
        program.chmod(0o755)
    return path


@pytest.mark.skipif(not shutil.which("flock"), reason="needs flock, which Linux has")
@pytest.mark.parametrize("exit_code", [0, 1, 2])
def test_the_cron_script_logs_and_passes_the_exit_code_on(tmp_path: Path, exit_code: int) -> None:
    script = nightly_script(tmp_path, exit_code)
    done = subprocess.run([str(script), "--period", "2025-03"], capture_output=True, text=True)
    log = (tmp_path / "log" / "nightly.log").read_text(encoding="utf-8")
    assert done.returncode == exit_code
    assert f"{tmp_path / 'project'} run --period 2025-03 /srv/ledgers paste-the-key-here\nto-stderr\n" in log
    assert f"exit code {exit_code}\n" in log
    assert done.stdout == ""
    # cron sends a mail when anything is printed: silent when all is well, the end of the log when not.
    assert ("to-stderr" in done.stderr) == (exit_code != 0)


@pytest.mark.skipif(not shutil.which("flock"), reason="needs flock, which Linux has")
def test_the_cron_script_does_not_start_a_second_run(tmp_path: Path) -> None:
    script = nightly_script(tmp_path, 0)
    lock = tmp_path / "log" / "nightly.log.lock"
    done = subprocess.run(["flock", str(lock), str(script)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "still going on" in done.stderr
    assert not (tmp_path / "log" / "nightly.log").exists()


def test_crontab_lines_are_well_formed() -> None:
    lines = [line for line in "".join(fences(SCHEDULE, "crontab")).splitlines() if not re.match(r"[A-Z]+=", line)]
    assert len(lines) == 2
    for line in lines:
        *times, command = line.split(maxsplit=5)
        limits = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
        for field, (low, high) in zip(times, limits, strict=True):
            assert field == "*" or low <= int(field) <= high
        assert not re.search(r"(?<!\\)%", command), "cron takes an unescaped % for a line break"
        assert command.startswith("/usr/local/bin/procanalysis-nightly")


def test_the_monthly_crontab_line_names_the_month_before(tmp_path: Path) -> None:
    line = next(line for line in "".join(fences(SCHEDULE, "crontab")).splitlines() if "--period" in line)
    command = line.split(maxsplit=5)[5].replace("\\%", "%")
    command = command.replace("/usr/local/bin/procanalysis-nightly", "echo")
    # A clock that stands on the last of March, a day that the month before does not have.
    clock = tmp_path / "date"
    clock.write_text(
        f'#!/bin/sh\n[ "$1" = -d ] || set -- -d 2025-03-31 "$@"\nexec {shutil.which("date")} "$@"\n',
        encoding="utf-8",
    )
    clock.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.stdout.strip() == "--period 2025-02", done.stderr


def systemd_units() -> dict[str, str]:
    """Collect the units by file name: the page names each file just before its block."""
    text = SCHEDULE.read_text(encoding="utf-8")
    found = re.findall(r"`/etc/systemd/system/([\w.-]+)`(?:(?!```).)*?```systemd\n(.*?)```", text, flags=re.DOTALL)
    return dict(found)


def unit_sections(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(text)
    return parser


def test_systemd_units_have_what_they_need() -> None:
    units = {name: unit_sections(text) for name, text in systemd_units().items()}
    assert set(units) == {"procanalysis.service", "procanalysis.timer", "procanalysis-failed.service"}
    service = units["procanalysis.service"]
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["ExecStart"] == f"{service['Service']['WorkingDirectory']}/.venv/bin/procanalysis run"
    assert service["Service"]["EnvironmentFile"] in SCHEDULE.read_text(encoding="utf-8").split("```bash")[1]
    assert service["Unit"]["OnFailure"] in units
    timer = units["procanalysis.timer"]
    assert {"OnCalendar", "Persistent"} <= timer["Timer"].keys()
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    # The programs of the recipe do not exist here; one that does stands in for them.
    for name, text in systemd_units().items():
        text = text.replace("/opt/procanalysis/.venv/bin/procanalysis", "/bin/true")
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    complaints = [line for line in done.stderr.splitlines() if "procanalysis" in line]
    assert complaints == []
    time = unit_sections((tmp_path / "procanalysis.timer").read_text(encoding="utf-8"))["Timer"]["OnCalendar"]
    assert subprocess.run(["systemd-analyze", "calendar", time], capture_output=True).returncode == 0


def test_windows_log_lines_begin_with_the_redirection() -> None:
    # In cmd, `echo … %STATUS%>>log` with status 1 reads as redirection of handle 1 and loses the digit.
    nightly = next(text for text in fences(SCHEDULE, "bat") if "run >>" in text)
    assert [line for line in nightly.splitlines() if re.search(r"echo .*>>", line) and not line.startswith(">>")] == []
    assert nightly.index("run >>") < nightly.index("set STATUS=%ERRORLEVEL%") < nightly.index("exit /b %STATUS%")

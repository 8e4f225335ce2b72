"""A report appears whole or the old one stays; the index tells the truth; the JSON keeps its contract."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from procanalysis.run.index import write_index
from procanalysis.run.publish import (
    FAILED,
    FAILED_NOTEBOOK,
    SUFFIXES,
    Place,
    is_published,
    publish,
    record_failure,
    restore_interrupted,
)
from procanalysis.version import VERSION

FACTS = {"organisation": "Region Påhitt", "slug": "pahitt", "fictional": True, "item_name": ""}


class Killed(BaseException):
    """Stands for a process that is killed: nothing in the code catches it."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "reports", "pahitt", "2025", "spend-overview")


@pytest.fixture
def make_draft(tmp_path: Path, place: Place) -> Callable[[str], Path]:
    def make(version: str) -> Path:
        draft = tmp_path / f"draft-{version}"
        draft.mkdir()
        content = {
            **FACTS, "period": "2025", "report": "spend-overview", "fingerprint": version,
            "made_at": "2026-01-02T03:04:05+01:00",
        }  # fmt: skip
        for suffix in SUFFIXES:
            text = json.dumps(content) if suffix == ".json" else f"{version}{suffix}"
            (draft / f"{place.stem}{suffix}").write_text(text, "utf-8")
        return draft

    return make


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Whole or not at all


def test_a_report_is_put_in_place_and_replaced_whole(place: Place, make_draft: Callable[[str], Path]) -> None:
    for version in ("old", "new"):
        publish(place, make_draft(version))
        assert set(contents(place.folder)) == {f"spend-overview{suffix}" for suffix in SUFFIXES}
        assert place.file(".html").read_text("utf-8") == f"{version}.html"
        assert is_published(place, version) and not is_published(place, "another")


@pytest.mark.parametrize("published_before", [True, False])
@pytest.mark.parametrize("fails_at", range(4))
@pytest.mark.parametrize("fault", [OSError("disk full"), Killed()], ids=["error", "stop"])
def test_a_file_that_cannot_be_put_in_place_leaves_the_old_report_whole(
    place: Place,
    make_draft: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    fails_at: int,
    published_before: bool,
    fault: BaseException,
) -> None:
    if published_before:
        publish(place, make_draft("old"))
    place.folder.mkdir(parents=True, exist_ok=True)
    before, draft, replace = contents(place.folder), make_draft("new"), Path.replace

    def failing(self: Path, target: Path) -> Path:
        if self == draft / f"{place.stem}{SUFFIXES[fails_at]}":
            raise fault
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(type(fault)):
        publish(place, draft)
    assert contents(place.folder) == before


@pytest.mark.parametrize("published_before", [True, False])
@pytest.mark.parametrize("killed_at", range(4))
def test_a_process_killed_between_two_files_leaves_what_the_next_run_makes_whole(
    place: Place,
    make_draft: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    killed_at: int,
    published_before: bool,
) -> None:
    if published_before:
        publish(place, make_draft("old"))
    place.folder.mkdir(parents=True, exist_ok=True)
    before, draft, replace = contents(place.folder), make_draft("new"), Path.replace

    def killed(self: Path, target: Path) -> Path:
        if self == draft / f"{place.stem}{SUFFIXES[killed_at]}":
            raise Killed
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        patch.setattr("procanalysis.run.publish.restore", lambda place: None)  # a killed process restores nothing
        with pytest.raises(Killed):
            publish(place, draft)
    restore_interrupted(place.out)
    assert contents(place.folder) == before
    publish(place, make_draft("newer"))
    assert place.file(".xlsx").read_text("utf-8") == "newer.xlsx"


def test_another_run_does_not_take_a_report_that_is_being_put_in_place_for_interrupted(
    place: Place, make_draft: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(place, make_draft("old"))
    draft, replace, others = make_draft("new"), Path.replace, list[threading.Thread]()

    def with_another(self: Path, target: Path) -> Path:
        if self == draft / f"{place.stem}{SUFFIXES[2]}":
            others.append(threading.Thread(target=restore_interrupted, args=(place.out,)))
            others[0].start()
            others[0].join(0.2)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", with_another)
        publish(place, draft)
        others[0].join()
    assert set(contents(place.folder)) == {f"spend-overview{suffix}" for suffix in SUFFIXES}
    assert is_published(place, "new") and place.file(".xlsx").read_text("utf-8") == "new.xlsx"


def test_a_run_killed_while_it_makes_a_report_whole_again_loses_none_of_it(
    place: Place, make_draft: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(place, make_draft("old"))
    before = contents(place.folder)
    aside = place.folder / ".aside-spend-overview"
    shutil.copytree(place.folder, aside)
    place.file(".html").write_text("half", "utf-8")

    def killed_half_way(folder: Path, **given: Any) -> None:
        next(path for path in sorted(folder.rglob("*")) if path.is_file()).unlink()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("procanalysis.run.publish.shutil.rmtree", killed_half_way)
        with pytest.raises(Killed):
            restore_interrupted(place.out)
    restore_interrupted(place.out)
    assert contents(place.folder) == before


# Failures


def test_a_failure_keeps_the_old_report_and_its_notebook_and_success_forgets_it(
    place: Place, make_draft: Callable[[str], Path], tmp_path: Path
) -> None:
    publish(place, make_draft("old"))
    before = contents(place.folder)
    notebook = tmp_path / "failed.ipynb"
    notebook.write_text("the failed notebook", "utf-8")
    record_failure(place, FACTS, "rad 7: belopp <saknas>", notebook)
    after = contents(place.folder)
    assert {name: after[name] for name in before} == before
    assert place.file(FAILED_NOTEBOOK).read_text("utf-8") == "the failed notebook"
    page = write_index(place.out).read_text("utf-8")
    assert "rad 7: belopp &lt;saknas&gt;" in page and "<saknas>" not in page
    assert 'href="pahitt/2025/spend-overview.failed.ipynb"' in page and 'href="pahitt/2025/spend-overview.html"' in page
    record_failure(place, FACTS, "another reason")  # a later failure without a notebook: the old one is not its
    assert not place.file(FAILED_NOTEBOOK).exists()
    publish(place, make_draft("new"))
    assert not place.file(FAILED).exists()
    assert "another reason" not in write_index(place.out).read_text("utf-8")


# The index


@pytest.mark.parametrize(
    "garbage",
    [
        b"", b"{", b"null", b"[1, 2]", b'"text"', b"\xff\xfe\x00", b'{"fingerprint": "x"}', b"12", b"NaN",
        b'{"fingerprint": 1, "organisation": 2, "slug": 3, "period": 4, "report": 5, "made_at": 6}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["spend-overview.json", "spend-overview.failed.json", "notes.json"])
def test_the_index_leaves_out_what_is_no_report(
    place: Place, make_draft: Callable[[str], Path], garbage: bytes, name: str
) -> None:
    publish(place, make_draft("good"))
    other = place.out / "annan" / "2025"
    other.mkdir(parents=True)
    (other / name).write_bytes(garbage)
    page = write_index(place.out).read_text("utf-8")
    assert page.count("spend-overview.html") == 1 and "annan" not in page
    assert not is_published(Place(place.out, "annan", "2025", "spend-overview"), "x")


def test_the_index_lists_no_report_that_lacks_a_file(place: Place, make_draft: Callable[[str], Path]) -> None:
    publish(place, make_draft("good"))
    place.file(".html").unlink()
    assert "spend-overview" not in write_index(place.out).read_text("utf-8")


def test_an_empty_folder_has_an_index(tmp_path: Path) -> None:
    page = write_index(tmp_path / "none yet")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]


# What a whole run has published


class Links(HTMLParser):
    """Collect every address that a page points at."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attributes if name in ("href", "src", "srcset", "action", "data")]


def report_jsons(published: Any) -> list[Path]:
    found = sorted((published.reports / "exempel/2025").glob("*.json"))
    assert len(found) == 11
    return found


def test_links_are_relative_and_lead_somewhere(published: Any) -> None:
    pages = [published.reports / "index.html", *(path.with_suffix(".html") for path in report_jsons(published))]
    beside = 0
    for page in pages:
        for link in Links(page).found:
            if link.startswith(("#", "data:image/")):
                continue
            parts = urlsplit(link)
            assert not parts.scheme and not parts.netloc and not link.startswith("/"), (page.name, link)
            assert (page.parent / unquote(parts.path)).is_file(), (page.name, link)
            beside += 1
    assert beside >= 4 * 4 + 4 * 3


LEDGER_FILES, REGISTER_FILES = 4, 8
PER_ITEM = ("category-analysis", "business-case")
NOT_SHARES = ("internal_rate_of_return",)
REPORT_KEYS = {
    "organisation", "slug", "fictional", "item_name", "period", "report", "item", "title", "version", "made_at",
    "fingerprint", "inputs", "figures",
}  # fmt: skip
FIGURE_KEYS = {
    "id", "label", "value", "unit", "numerator", "denominator", "part_unit", "excluded", "method", "status",
    "unknown_because",
}  # fmt: skip
EXACT = re.compile(r"-?\d+\.\d\d")


def test_every_json_keeps_the_contract(published: Any) -> None:
    for path in report_jsons(published):
        content = json.loads(path.read_text("utf-8"))
        assert set(content) == REPORT_KEYS
        stem = f"{content['report']}-{content['item']}" if content["item"] else content["report"]
        assert path.stem == stem and bool(content["item"]) == (content["report"] in PER_ITEM)
        assert (content["organisation"], content["period"], content["version"]) == ("Region Exempel", "2025", VERSION)
        assert content["fictional"] is True
        assert datetime.fromisoformat(content["made_at"]).tzinfo is not None
        assert content["figures"] and len({figure["id"] for figure in content["figures"]}) == len(content["figures"])
        for figure in content["figures"]:
            check_figure(figure)


def check_figure(figure: dict[str, Any]) -> None:
    assert set(figure) == FIGURE_KEYS
    assert figure["id"] and figure["label"] and figure["method"]
    for name in ("numerator", "denominator"):
        assert figure[name] is None or EXACT.fullmatch(figure[name]), figure
    if figure["value"] is None:
        assert figure["unknown_because"]
    elif figure["unit"] == "SEK":
        assert EXACT.fullmatch(figure["value"]), figure
    elif figure["unit"] == "%" and figure["id"] not in NOT_SHARES:
        share = Decimal(figure["numerator"]) * 100 / Decimal(figure["denominator"])
        assert figure["part_unit"] and figure["value"] == pytest.approx(float(share), abs=1e-9)
    else:
        assert isinstance(figure["value"], int | float)
    for excluded in figure["excluded"]:
        assert set(excluded) == {"reason", "rows", "amount", "counted", "known"} and excluded["reason"]
        assert isinstance(excluded["rows"], int)
        assert excluded["amount"] is None or EXACT.fullmatch(excluded["amount"])


ARTICLE_SOURCES = (
    "e-handelsorder-*.csv", "raindanceorder-*.csv", "e-fakturor/*.xml", "prislistor/*", "prisindex.csv",
    "artikelmarkning.csv", "utslappsfaktorer.csv",
)  # fmt: skip


def test_every_json_tells_what_it_was_made_from(published: Any) -> None:
    example = published.root / "data/example"
    of_articles = {path.name for pattern in ARTICLE_SOURCES for path in example.glob(pattern)}
    for path in report_jsons(published):
        inputs = json.loads(path.read_text("utf-8"))["inputs"]
        assert [item["path"] for item in inputs] == sorted(item["path"] for item in inputs)
        of_case = path.name.startswith("business-case")
        by_hand = path.name == "business-case-exempel-e-handel.json"
        assert by_hand or {"upphandlingar.csv", "effektredovisning.csv"} <= {item["path"] for item in inputs}
        assert len(inputs) == of_case + (0 if by_hand else LEDGER_FILES + REGISTER_FILES + len(of_articles))
        assert by_hand or of_articles <= {item["path"].partition("#")[0] for item in inputs}
        for item in inputs:
            assert set(item) == {"path", "sha256", "rows"} and "/" not in item["path"]
            folder = "params/business_cases" if item["path"].endswith(".yml") else "data/example"
            (file,) = (published.root / folder).rglob(item["path"].partition("#")[0])
            assert item["sha256"] == sha256(file.read_bytes()).hexdigest()
            year = next((entry for entry in published.truths["files"] if entry["file"] == item["path"]), None)
            assert year is None or item["rows"] == year["rows_in_file"]


def test_nothing_published_names_the_machine(published: Any) -> None:
    for path in sorted(published.reports.rglob("*")):
        if path.suffix in (".html", ".ipynb", ".json", ".csv"):
            text = path.read_text("utf-8")
            assert str(published.root) not in text and str(published.root.parent) not in text, path.name
    assert not list(published.reports.rglob(".*")), "drafts are left behind"

"""Write whole projects to measure on: ledgers, category tree, mapping rules, contract register, organisation files.

The files are in the project's own formats, so that procanalysis runs on them as it does on anybody's. The rules stand
in the order in which they decide, so that a rival may take the row as the rank.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ledgers import ACCOUNTS, BUYERS, FIRST_DAY, UNITS, Totals, draw_suppliers, write_ledger
from benchmarks.project import REPOSITORY, Project, open_project

CONTRACTS = 5_000
CONTRACTED_SUPPLIERS = 4_000

_RULE_HEADER = (
    "rule_id", "tier", "account", "unit", "supplier", "category_code", "spend_class", "lou_covered", "author",
    "decided_on", "reason",
)  # fmt: skip
_RULES_PER_TIER = {"override": 150, "supplier": 300, "unit": 100, "account": 250}
_SEED = 20_261
_MAINS, _LEAVES = 20, 10
_UNITS_TOGETHER = 10


def make_project(
    root: Path, lines: int, *, organisations: int = 1, files: int = 1, contracts: int = CONTRACTS, seed: int = 1
) -> Project:
    """Write a project, or open it when the very same one is there already, whole and drawn by the same code.

    Notebooks, method pages and laws are copied each time: those kept from an earlier run may be of another code.
    Parameters: root, its folder; lines, of all organisations together; organisations, how many share them; files, of
    each organisation's ledger; contracts, in the registers of all organisations together; seed, of the drawing.
    """
    wanted: dict[str, Any] = {"lines": lines, "organisations": organisations, "files": files, "contracts": contracts}
    wanted |= {"seed": seed, "drawn by": _drawn_by()}
    mark = root / "made.json"
    made = json.loads(mark.read_text(encoding="utf-8")) if mark.is_file() else {}
    # A run that was killed may have left a ledger without its last line or file.
    if made != wanted | {"bytes": _bytes_of(root)}:
        shutil.rmtree(root, ignore_errors=True)
        _draw(root, lines, organisations, files, contracts, seed)
        mark.write_text(json.dumps(wanted | {"bytes": _bytes_of(root)}), encoding="utf-8")
    for name in ("notebooks", "docs/methods", "params/law"):
        shutil.rmtree(root / name, ignore_errors=True)
        shutil.copytree(REPOSITORY / name, root / name)
    return open_project(root)


def _draw(root: Path, lines: int, organisations: int, files: int, contracts: int, seed: int) -> None:
    _write_rows(root / "params/taxonomies/bench.csv", taxonomy_rows())
    _write_rows(root / "params/mappings/bench.csv", rule_rows())
    slugs = tuple(f"bench-{number + 1:02d}" for number in range(organisations))
    total = Totals(0, 0)
    for number, slug in enumerate(slugs):
        share = lines * (number + 1) // organisations - lines * number // organisations
        paths = [root / "data" / slug / f"reskontra-{part + 1:02d}.csv" for part in range(files)]
        total += write_ledger(paths, share, seed=seed + number)
        register = contract_rows(contracts // organisations, seed=number)
        _write_rows(root / "data" / f"avtal-{slug}.csv", register, delimiter=";")
        write_organisation(root, slug)
    Project(root, slugs, total.rows, total.amount_ore).save()


def _drawn_by() -> str:
    """Return a digest of the code that draws ledgers and registers."""
    drawing = [REPOSITORY / "benchmarks" / name for name in ("ledgers.py", "make_project.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in drawing)).hexdigest()[:16]


def _bytes_of(root: Path) -> int:
    """Add up the sizes of the ledgers."""
    return sum(path.stat().st_size for path in root.glob("data/bench-*/*.csv"))


def write_organisation(root: Path, slug: str) -> None:
    """Write an organisation file: where its ledger lies, the rules, the tree and the contract register."""
    path = root / "params/organisations" / f"{slug}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""name: Påhittad organisation {slug}
fictional: true
period: "2025"
ledger:
  files: ["../../data/{slug}/*.csv"]
mapping:
  taxonomy: ../taxonomies/bench.csv
  rules: [../mappings/bench.csv]
contracts:
  files: ["../../data/avtal-{slug}.csv"]
  empty_participants: everyone
""",
        encoding="utf-8",
    )


def leaf_codes() -> list[str]:
    """List the sub-categories, to which alone rules point."""
    return [f"{main:02d}.{leaf:02d}" for main in range(1, _MAINS + 1) for leaf in range(1, _LEAVES + 1)]


def taxonomy_rows() -> Iterable[Sequence[str]]:
    """Make the category tree: main categories and as many sub-categories under each."""
    yield ("category_code", "parent_code", "name", "description", "owner")
    for main in range(1, _MAINS + 1):
        yield (f"{main:02d}", "", f"Område {main:02d}", "Påhittat", "Påhittad roll")
    for code in leaf_codes():
        yield (code, code[:2], f"Kategori {code}", "Påhittad", "Påhittad roll")


def rule_rows() -> Iterable[Sequence[str]]:
    """Draw the rules, in the order in which they decide, and last one that holds for every line.

    150 for a supplier within a range of accounts, 300 for a supplier, 100 for a unit within a range, 250 for a range.
    """
    rng = np.random.default_rng(_SEED)
    numbers = draw_suppliers().written
    leaves = leaf_codes()
    yield _RULE_HEADER
    for tier, count in _RULES_PER_TIER.items():
        # Narrow ranges before wide ones, as the program ranks them within a tier.
        ranges = sorted((_range(rng) for _ in range(count)), key=lambda ends: ends[1] - ends[0])
        suppliers = rng.choice(3_000, size=count, replace=False)
        units = rng.choice(len(UNITS), size=count, replace=True)
        for place, (first, last) in enumerate(ranges):
            account = "" if tier == "supplier" else f"{first}-{last}"
            unit = UNITS[units[place]] if tier == "unit" else ""
            supplier = numbers[suppliers[place]] if tier in ("override", "supplier") else ""
            yield (
                f"{tier}-{place + 1:03d}", tier, account, unit, supplier,
                *_decided(rng, leaves), "Påhittad roll", "2025-01-31", "Påhittad regel",
            )  # fmt: skip
    yield ("default-001", "default", "", "", "", leaves[-1], "adresserbar", "okänt", "Påhittad roll", "2025-01-31", "-")


def _range(rng: np.random.Generator) -> tuple[int, int]:
    first = int(rng.integers(int(ACCOUNTS[0]), int(ACCOUNTS[-1]) - 10))
    return first, min(first + int(rng.integers(10, 160)), int(ACCOUNTS[-1]))


def _decided(rng: np.random.Generator, leaves: Sequence[str]) -> tuple[str, str, str]:
    classes = ("adresserbar", "ej adresserbar", "investering", "ej inköp")
    return (
        leaves[int(rng.integers(0, len(leaves)))],
        str(rng.choice(classes, p=(0.7, 0.15, 0.1, 0.05))),
        str(rng.choice(("ja", "nej", "okänt"), p=(0.8, 0.15, 0.05))),
    )


def contract_rows(count: int = CONTRACTS, *, seed: int = 0) -> Iterable[Sequence[str]]:
    """Draw the contract register: one supplier each, several contracts for some, overlapping in time.

    Two in five are for the units of a department and one buyer, the rest for everyone; half name a main category,
    half a sub-category; some were registered after they began.
    """
    rng = np.random.default_rng((_SEED, seed))
    suppliers, leaves = draw_suppliers(), leaf_codes()
    yield (
        "Avtalsnummer", "Avtalsnamn", "Organisationsnummer", "Leverantör", "Kategori", "Deltagare", "Startdatum",
        "Slutdatum", "Registrerad",
    )  # fmt: skip
    for number in range(count):
        supplier = int(rng.integers(0, CONTRACTED_SUPPLIERS))
        code = leaves[int(rng.integers(0, len(leaves)))]
        starts = FIRST_DAY + int(rng.integers(-700, 1500))
        ends = starts + int(rng.integers(365, 4 * 365))
        department = int(rng.integers(0, len(UNITS) // _UNITS_TOGETHER)) * _UNITS_TOGETHER
        named = [*UNITS[department : department + _UNITS_TOGETHER], BUYERS[department % len(BUYERS)]]
        participants = ";".join(named) if rng.random() < 0.4 else ""
        yield (
            f"K{number + 1:05d}", f"Påhittat avtal {number + 1}", suppliers.written[supplier],
            suppliers.names[supplier], code if rng.random() < 0.5 else code[:2], participants, str(starts), str(ends),
            str(starts + int(rng.integers(-30, 90))),
        )  # fmt: skip


def _write_rows(path: Path, rows: Iterable[Sequence[str]], *, delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)


def main() -> None:
    """Write the project that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("lines", type=int)
    parser.add_argument("--organisations", type=int, default=1)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--contracts", type=int, default=CONTRACTS)
    parser.add_argument("--seed", type=int, default=1)
    make_project(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()

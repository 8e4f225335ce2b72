"""Measure how good suggested categories are on real labels, split in time: python -m benchmarks.suggestion_accuracy.

Nothing of the data is kept: what comes out are tables in Markdown, for docs/suggested-categories.md.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine
from procanalysis.measures.suggested_categories import (
    calibration_error,
    rank_categories,
    rank_cpv,
    reliability,
    train_title_model,
)
from procanalysis.params import project_root
from procanalysis.read.cpv_categories import read_cpv_categories
from procanalysis.read.rules import read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.read.tenders import read_tenders

COVERED_PCT, THRESHOLD_PCT = 80, 80
_TRAINED = ("2014-Q1", "2014-Q2", "2014-Q3", "2014-Q4")
_TESTED = ("2015-Q1", "2015-Q2")
_MAIN, _SUB = re.compile(r"CAT[0-9]{2}"), re.compile(r"SUBCAT[0-9]{4}")
_NOBODY = re.compile(r"(?i)redacted|not yet available")
_FIRST_TESTED_MONTH, _FIRST_VALIDATED_MONTH = 10, 8


@dataclass(frozen=True)
class Judged:
    """Hold rows of the test period: what they are, what was said by the model and by the baseline, and their amount.

    `party` is whose habits the baseline follows, the supplier or the buyer.

    `frame`: truth, said, confidence_pct (NaN where nothing is told), order (ties between equal confidences), baseline,
    baseline_share, is_seen, amount_ore (without sign; NaN where it is not known).
    """

    name: str
    party: str
    frame: pd.DataFrame

    def most_confident(self, column: str, share_pct: int = COVERED_PCT) -> np.ndarray:
        """Mark the rows, surest first, that together hold a share of the known amount."""
        amounts = self.frame["amount_ore"].fillna(0).to_numpy(dtype="float64")
        keys = [-self.frame[name].fillna(-1).to_numpy(dtype="float64") for name in (column, "order")]
        ordered = np.lexsort((np.arange(len(amounts)), keys[1], keys[0]))
        before = np.cumsum(amounts[ordered]) - amounts[ordered]
        marked = np.zeros(len(amounts), dtype=bool)
        marked[ordered[before * 100 < share_pct * amounts.sum()]] = True
        return marked


def main() -> None:
    """Measure what is asked for and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggestion_accuracy", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with classified/ and tenders/")
    parser.add_argument("--parts", nargs="+", default=["spend", "titles"], choices=["spend", "titles"])
    parser.add_argument("--validate", action="store_true", help="use the last part of the training period as the test")
    parser.add_argument("--out", type=Path, help="write the tables there instead of on the screen")
    given = parser.parse_args()
    machine = describe_machine()
    told = [f"Measured {machine['day']} by `python -m benchmarks.suggestion_accuracy --data DIR`.", ""]
    if "spend" in given.parts:
        told += spend_tables(given.data / "classified", validate=given.validate)
    if "titles" in given.parts:
        told += title_tables(given.data / "tenders", validate=given.validate)
    text = "\n".join(told) + "\n"
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def spend_tables(folder: Path, *, validate: bool) -> list[str]:
    """Train on four quarters of a council's classified spend and test on the two after them."""
    trained = _TRAINED[:-1] if validate else _TRAINED
    tested = _TRAINED[-1:] if validate else _TESTED
    known = read_classified([folder / f"wakefield-{quarter}.csv" for quarter in trained])
    tree, learnt = tree_of(known), learnt_patterns(known)
    lines = ["## Spend", "", *counts_in_words(known, "Training")]
    for quarter in tested:
        rows = read_classified([folder / f"wakefield-{quarter}.csv"])
        asked = patterns_of(rows)
        began = time.perf_counter()
        answers = rank_categories(asked, learnt, taxonomy=tree)
        seconds = time.perf_counter() - began
        lines += [*counts_in_words(rows, quarter), f"- {len(learnt)} patterns learnt, {len(asked)} asked, "
                  f"{seconds:.0f} s in all.", ""]  # fmt: skip
        for level in (1, 2):
            judged = judge_spend(rows, known, answers, level, f"{quarter}, level {level}")
            lines += [*accuracy_table(judged), "", *reliability_table(judged), ""]
    return lines


def read_classified(paths: Sequence[Path]) -> pd.DataFrame:
    """Read Wakefield's files: two columns each of two classifications share a name, and not always in the same order.

    A code is therefore told by how it is written. Returns one row per payment: quarter, supplier, unit, text,
    main_code, sub_code (empty where it is to be classified), amount_ore.
    """
    rows = [row for path in paths for row in _classified_rows(path)]
    return pd.DataFrame(rows)


def _classified_rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="cp1252", newline="") as handle:
        reader = csv.reader(handle)
        header = next(reader)
        place = {
            name: header.index(name) for name in ("Directorate", "Service (Sercop)", "Supplier Name", "Net Amount")
        }
        text = header.index("Purpose of Spend")
        labels = [number for number, name in enumerate(header) if name in ("Procurement Classification", "Class Code")]
        for cells in reader:
            if len(cells) != len(header):
                continue
            codes = [cells[number].strip() for number in labels]
            supplier = "" if _NOBODY.search(cells[place["Supplier Name"]]) else cells[place["Supplier Name"]].strip()
            service = cells[place["Service (Sercop)"]]
            amount = Decimal(cells[place["Net Amount"]].replace(",", "").strip() or "0")
            yield {
                "quarter": path.stem,
                "supplier": " ".join(supplier.split()),
                "unit": cells[place["Directorate"]].strip(),
                "service": "" if _NOBODY.search(service) else service.strip(),
                "text": cells[text].strip(),
                "main_code": next((code for code in codes if _MAIN.fullmatch(code)), ""),
                "sub_code": next((code for code in codes if _SUB.fullmatch(code)), ""),
                "amount_ore": int(amount.scaleb(2).to_integral_value()),
            }


def tree_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Make the two-level tree that the labels use."""
    pairs = rows.loc[rows["main_code"] != "", ["main_code", "sub_code"]].drop_duplicates()
    paths = {code: code for code in pairs["main_code"]}
    # A sub-category under two main ones gets a place under each.
    paths |= {f"{main}:{sub}": f"{main}/{main}:{sub}" for main, sub in pairs.itertuples(index=False) if sub}
    return pd.DataFrame({"category_code": list(paths), "category_path": list(paths.values())})


def patterns_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Gather payments by supplier, unit and purpose, as a ledger's rows by account; a purpose is like an account."""
    keys = ["supplier", "unit", "text"]
    found = rows.groupby(keys, sort=True, as_index=False).agg(
        lines_count=("amount_ore", "size"), amount_ore=("amount_ore", "sum")
    )
    written = found[keys].agg("\0".join, axis=1)
    return found.assign(
        pattern_id=[hashlib.sha256(one.encode()).hexdigest()[:16] for one in written],
        supplier_key=found["supplier"].str.casefold(),
        supplier_name=found["supplier"],
        account="",
        account_text=found["text"],
        text="",
        purpose=found["text"],
    )


def learnt_patterns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the labelled patterns, each with the category that most of its rows have, as a reviewer would decide."""
    labelled = rows[rows["main_code"] != ""]
    pairs = zip(labelled["main_code"], labelled["sub_code"], strict=True)
    codes = [f"{main}:{sub}" if sub else main for main, sub in pairs]
    keys = ["supplier", "unit", "text"]
    counted = labelled.assign(code=codes).groupby([*keys, "code"], as_index=False).size()
    # A whole category before half of one, since a sub-category still to be given says less.
    counted["is_whole"] = counted["code"].str.contains(":")
    ordered = counted.sort_values(["is_whole", "size", "code"], ascending=[False, False, True])
    decided = ordered.drop_duplicates(keys)[[*keys, "code"]]
    decided = decided.rename(columns={"text": "purpose", "code": "category_code"})
    return patterns_of(labelled).merge(decided, on=["supplier", "unit", "purpose"])


def counts_in_words(rows: pd.DataFrame, name: str) -> list[str]:
    """Tell how many rows there are, and how many have no label on each level."""
    no_main, no_sub = int((rows["main_code"] == "").sum()), int((rows["sub_code"] == "").sum())
    return [f"- {name}: {len(rows)} rows; without main category {no_main}, without sub-category {no_sub}."]


def judge_spend(rows: pd.DataFrame, known: pd.DataFrame, answers: pd.DataFrame, level: int, name: str) -> Judged:
    """Lay the answers beside the truth, row by row, with the baseline: the commonest category of the supplier."""
    labelled = rows[rows["main_code" if level == 1 else "sub_code"] != ""]
    truth = labelled["main_code"] if level == 1 else labelled["main_code"] + ":" + labelled["sub_code"]
    patterns = patterns_of(labelled)[["supplier", "unit", "purpose", "pattern_id"]].rename(columns={"purpose": "text"})
    here = answers[answers["level"] == level].set_index("pattern_id")
    placed = labelled.assign(truth=truth).merge(patterns, on=["supplier", "unit", "text"], how="left")
    majority = majority_of(known, level)
    common = majority.get("", ("", 0.0))
    said = here.reindex(placed["pattern_id"])
    told = [majority.get(supplier, common) if supplier else common for supplier in placed["supplier"]]
    seen = set(known.loc[known["supplier"] != "", "supplier"])
    frame = pd.DataFrame(
        {
            "truth": placed["truth"].to_numpy(),
            "said": said["code"].fillna("").to_numpy(),
            "confidence_pct": said["confidence_pct"].to_numpy(dtype="float64"),
            "order": said["probability"].to_numpy(dtype="float64"),
            "baseline": [code for code, _ in told],
            "baseline_share": [share for _, share in told],
            "is_seen": [supplier in seen for supplier in placed["supplier"]],
            "amount_ore": placed["amount_ore"].abs().to_numpy(dtype="float64"),
        }
    )
    return Judged(name, "supplier", frame)


def majority_of(known: pd.DataFrame, level: int) -> dict[str, tuple[str, float]]:
    """Find the category that most of each supplier's rows have, and their share; '' stands for all suppliers."""
    labelled = known[known["main_code" if level == 1 else "sub_code"] != ""]
    code = labelled["main_code"] if level == 1 else labelled["main_code"] + ":" + labelled["sub_code"]
    placed = labelled.assign(code=code)
    found = {}
    for supplier, theirs in [("", placed), *placed[placed["supplier"] != ""].groupby("supplier")]:
        counted = theirs["code"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        # One row more than there are, so that a supplier with a single row is not as sure as one with a hundred.
        found[str(supplier)] = (str(counted.index[0]), float(counted.iloc[0] / (len(theirs) + 1)))
    return found


def accuracy_table(judged: Judged) -> list[str]:
    """Lay out right shares of model and baseline on the same rows, by amount and by rows."""
    frame = judged.frame
    every = np.ones(len(frame), dtype=bool)
    confident = (frame["confidence_pct"].fillna(-1) >= THRESHOLD_PCT).to_numpy()
    surest, seen = judged.most_confident("confidence_pct"), frame["is_seen"].to_numpy()
    baseline_surest = judged.most_confident("baseline_share")
    named = {
        "all rows": every,
        f"– {judged.party} seen": seen,
        f"– {judged.party} new": ~seen,
        f"surest {COVERED_PCT} % of amount": surest,
        f"– {judged.party} seen ": surest & seen,
        f"– {judged.party} new ": surest & ~seen,
        f"confidence {THRESHOLD_PCT} % or more": confident,
        f"– {judged.party} seen  ": confident & seen,
        f"– {judged.party} new  ": confident & ~seen,
        f"the baseline's own surest {COVERED_PCT} %": baseline_surest,
    }
    lines = [
        f"**{judged.name}**",
        "",
        "| Rows | Share of amount | of rows | Right by amount: model | baseline | Right by rows: model | baseline |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rows in named.items():
        shares = [_share(rows, every, frame, "amount_ore"), _share(rows, every, frame, None)]
        for weight in ("amount_ore", None):
            for column in ("said", "baseline"):
                right = (frame[column] == frame["truth"]).to_numpy()
                shares.append(_share(rows & right, rows, frame, weight))
        lines.append(f"| {name.strip()} | {' | '.join(shares)} |")
    return lines


def _share(part: np.ndarray, whole: np.ndarray, frame: pd.DataFrame, weight: str | None) -> str:
    weights = np.ones(len(frame)) if weight is None else frame[weight].fillna(0).to_numpy(dtype="float64")
    total = weights[whole].sum()
    return f"{100 * weights[part].sum() / total:.1f} %" if total else "–"


def _percent_or_dash(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1f} %"


def reliability_table(judged: Judged) -> list[str]:
    """Lay out the confidence told beside the share that was right, and the expected calibration error."""
    told = judged.frame.dropna(subset="confidence_pct")
    right = (told["said"] == told["truth"]).to_numpy()
    confidence = told["confidence_pct"].to_numpy(dtype="float64")
    by_rows = reliability(confidence, right)
    by_amount = reliability(confidence, right, told["amount_ore"].fillna(0).to_numpy(dtype="float64"))
    lines = ["| Confidence | Rows | Told, mean | Right, rows | Right, amount |", "|---|---|---|---|---|"]
    amounts = by_amount.set_index("from_pct")["right_pct"]
    for row in by_rows.to_dict("records"):
        lines.append(
            f"| {row['from_pct']:.0f}–{row['to_pct']:.0f} % | {row['suggestions_count']} | {row['told_pct']:.1f} % | "
            f"{row['right_pct']:.1f} % | {_percent_or_dash(amounts[row['from_pct']])} |"
        )
    errors = [calibration_error(table) for table in (by_rows, by_amount)]
    rows_error, amount_error = ("–" if one is None else f"{one:.1f}" for one in errors)
    return [*lines, "", f"Expected calibration error: {rows_error} points by rows, {amount_error} by amount."]


def title_tables(folder: Path, *, validate: bool) -> list[str]:
    """Train on the titles announced before October 2021 and test on those after."""
    tables = read_tenders(
        {
            "procurements": [folder / "number_of_procurements.xlsx"],
            "values": [folder / "contracted_value.xlsx"],
            "awards": [folder / "number_of_contracted_tenders_with_suppliers.xlsx"],
        },
        masker=Masker(b"nothing is kept"),
    )
    tenders = tables.procurements.dropna(subset=["title", "cpv_main_code", "announced_on"]).reset_index(drop=True)
    valued = tables.values.dropna(subset="value_ore").groupby("procurement_id")["value_ore"].sum()
    month = tenders["announced_on"].dt.month
    first, after = (_FIRST_VALIDATED_MONTH, _FIRST_TESTED_MONTH) if validate else (_FIRST_TESTED_MONTH, 13)
    known, asked = tenders[month < first], tenders[(month >= first) & (month < after)]
    began = time.perf_counter()
    model = train_title_model(known)
    answers = rank_cpv(asked["title"].tolist(), model)
    seconds = time.perf_counter() - began
    truth = asked["cpv_main_code"].astype(str).str[:2] + "000000"
    judged = judge_titles(known, asked, truth, answers, valued)
    taxonomies = project_root() / "params" / "taxonomies"
    categories = read_cpv_categories(
        taxonomies / "cpv-huvudgrupper.csv", taxonomy=read_taxonomy(taxonomies / "procanalysis.csv")
    )
    in_tree = judged_in_tree(judged, categories)
    return [
        "## Titles",
        "",
        f"- {len(known)} titles learnt (announced before month {first}), {len(asked)} asked, {seconds:.0f} s; "
        f"{len(tables.procurements) - len(tenders)} procurements without title or CPV left out; "
        f"{int(judged.frame['amount_ore'].notna().sum())} of those asked have a contract value.",
        "",
        *accuracy_table(judged),
        "",
        *reliability_table(judged),
        "",
        f"- In our tree: {len(categories)} main groups have a main category in `cpv-huvudgrupper.csv`; "
        f"{len(in_tree.frame)} of those asked are of such a group, and the others are not in the table below.",
        "",
        *accuracy_table(in_tree),
        "",
    ]


def judged_in_tree(judged: Judged, categories: Mapping[str, str]) -> Judged:
    """Translate main groups to main categories of the tree, where the truth has one.

    An answer in a group without a category is no answer, and so never right.
    """
    main = {group + "000000": code[:2] for group, code in categories.items()}
    frame = judged.frame[judged.frame["truth"].isin(main)].reset_index(drop=True)
    said = frame["said"].map(main)
    frame = frame.assign(
        truth=frame["truth"].map(main),
        said=said.fillna("none"),
        confidence_pct=frame["confidence_pct"].where(said.notna()),
        baseline=frame["baseline"].map(main).fillna("none"),
    )
    return Judged("Titles, main category of our tree", judged.party, frame)


def judge_titles(
    known: pd.DataFrame, asked: pd.DataFrame, truth: pd.Series[str], answers: pd.DataFrame, valued: pd.Series[int]
) -> Judged:
    """Lay the answers beside the truth, with the baseline: the commonest group of the buyer, else of all."""
    groups = known["cpv_main_code"].astype(str).str[:2] + "000000"
    common = str(groups.value_counts().index[0])
    buyers, shares = dict[str, str](), dict[str, float]()
    for buyer, theirs in groups.groupby(known["buyer_number"]):
        counted = theirs.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        buyers[str(buyer)] = str(counted.index[0])
        shares[str(buyer)] = float(counted.iloc[0] / (len(theirs) + 1))
    frame = pd.DataFrame(
        {
            "truth": truth.to_numpy(),
            "said": answers["code"].to_numpy(),
            "confidence_pct": answers["confidence_pct"].to_numpy(dtype="float64"),
            "order": answers["probability"].to_numpy(dtype="float64"),
            "baseline": asked["buyer_number"].map(buyers).fillna(common).to_numpy(),
            "baseline_share": asked["buyer_number"].map(shares).fillna(0).to_numpy(dtype="float64"),
            "is_seen": asked["buyer_number"].isin(set(known["buyer_number"])).to_numpy(),
            "amount_ore": asked["procurement_id"].map(valued).to_numpy(dtype="float64"),
        }
    )
    return Judged("Titles, CPV main group", "buyer", frame)


if __name__ == "__main__":
    main()

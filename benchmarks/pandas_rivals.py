"""Pandas, written with care, and as an analyst writes it: the same mapping, contracts and questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from benchmarks.project import Project
from benchmarks.questions import QUESTIONS, Answers, keys_of, name_of
from benchmarks.work import Clock

_HEADERS = {
    "Köpare_id": "buyer_id", "Förvaltning": "unit", "Organisationsnummer": "supplier_key",
    "Leverantör": "supplier_name", "Konto": "account", "Fakturanummer": "invoice_number",
    "Bokföringsdatum": "booked_on", "Belopp": "amount",
}  # fmt: skip
_KINDS: dict[str, list[str]] = {
    "override": ["supplier_key", "account"],
    "supplier": ["supplier_key"],
    "unit": ["unit", "account"],
    "account": ["account"],
}
_NO_PLACE = 10**6

Decide = Callable[[pd.DataFrame, pd.DataFrame], "pd.Series[int]"]
Reader = Literal["c", "pyarrow"]


def careful(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Read with the fast reader, compile the rules to tables and merge, as one who knows pandas well does it."""
    return _do(project, clock, scratch, _by_merging, "pyarrow")


def loop(project: Project, clock: Clock, scratch: Path) -> Answers:
    """Read as pandas does by itself, and go through the rules with a mask each, as an analyst writes it.

    The rest is as in `careful`.
    """
    return _do(project, clock, scratch, _one_by_one, "c")


def _do(project: Project, clock: Clock, scratch: Path, decide: Decide, reader: Reader) -> Answers:
    with clock.stage("registers"):
        rules, contracts = _read_rules(project), _read_contracts(project)
    with clock.stage("map"):
        lines = _read_ledger(project, reader)
        lines["place"] = decide(lines, rules)
        mapped = _match(lines.merge(_outcomes(project, rules), on="place", how="left"), contracts)
        mapped.to_parquet(scratch / "mapped.parquet", compression="zstd")
        mapped["year"] = mapped["booked_on"].dt.year
        mapped["month"] = mapped["year"] * 100 + mapped["booked_on"].dt.month
        mapped["supplier_number"] = mapped["supplier_key"]
    answers = Answers(scratch / "mapped.parquet")
    summed = {"amount_ore": ("amount_ore", "sum"), "lines_count": ("amount_ore", "size")}
    different = {"invoices_count": ("invoice_key", "nunique"), "suppliers_count": ("supplier_number", "nunique")}
    with clock.stage("summed"):
        answers.summed.update({name_of(words): _grouped(mapped, words, summed) for words in QUESTIONS})
    with clock.stage("counted"):
        answers.counted.update({name_of(words): _grouped(mapped, words, summed | different) for words in QUESTIONS})
    return answers


def _read_ledger(project: Project, reader: Reader) -> pd.DataFrame:
    types = dict.fromkeys((*_HEADERS,), "category") | {"Fakturanummer": "str", "Belopp": "str"}
    parts = [pd.read_csv(path, sep=";", dtype=types, engine=reader) for path in project.ledger()]
    lines = pd.concat(parts, ignore_index=True).rename(columns=_HEADERS)
    for name in ("buyer_id", "unit", "supplier_key", "supplier_name", "account", "booked_on"):
        # Files of a ledger have categories of their own, and codes become numbers where all are digits.
        lines[name] = lines[name].astype("category").cat.rename_categories(str)
    lines["supplier_key"] = lines["supplier_key"].cat.rename_categories(lambda number: number.replace("-", ""))
    days = pd.to_datetime(lines["booked_on"].cat.categories, format="%Y-%m-%d")
    lines["booked_on"] = lines["booked_on"].cat.rename_categories(list(days)).astype(days.dtype)
    # Through whole öre, since sums of floats differ from run to run.
    lines["amount_ore"] = lines.pop("amount").str.replace(",", "", regex=False).astype("int64")
    invoices = lines["supplier_key"].astype("str") + "|" + lines.pop("invoice_number")
    lines["invoice_key"] = invoices.astype("category")  # so that invoices are told apart once, not in every question
    return lines


def _read_rules(project: Project) -> pd.DataFrame:
    rules = pd.read_csv(project.rules, dtype="str", keep_default_na=False)
    ends = rules["account"].str.split("-", expand=True)
    return rules.assign(
        place=range(len(rules)),
        first=pd.to_numeric(ends[0]),
        last=pd.to_numeric(ends[1]),
        supplier_key=rules["supplier"].str.replace("-", ""),
    )


def _outcomes(project: Project, rules: pd.DataFrame) -> pd.DataFrame:
    tree = pd.read_csv(project.taxonomy, dtype="str", keep_default_na=False).set_index("category_code")
    found = rules[["place", "rule_id", "tier", "category_code", "spend_class", "lou_covered"]].copy()
    found["category_name"] = found["category_code"].map(tree["name"])
    found["main_category_code"] = found["category_code"].map(tree["parent_code"])
    found["main_category_name"] = found["main_category_code"].map(tree["name"])
    found["category_path"] = found["main_category_code"] + "/" + found["category_code"]
    found["is_mapped"] = (found["tier"] != "default").astype("int64")
    texts = found.columns.difference(["place", "is_mapped"])
    return found.astype(dict.fromkeys(texts, "category"))


def _by_merging(lines: pd.DataFrame, rules: pd.DataFrame) -> pd.Series[int]:
    """Take the first rule of all kinds: each kind is a table keyed by what it looks at, one row per account."""
    best = pd.Series(len(rules) - 1, index=lines.index)
    for tier, keys in _KINDS.items():
        of_tier = rules[rules["tier"] == tier]
        if "account" in keys:
            ends = zip(of_tier["first"], of_tier["last"], strict=True)
            accounts = pd.Series([range(int(first), int(last) + 1) for first, last in ends], of_tier.index, "object")
            of_tier = of_tier.assign(account=accounts).explode("account")
            of_tier = of_tier.assign(account=of_tier["account"].astype("int64").astype("str"))
        table = of_tier.groupby(keys, as_index=False)["place"].min()
        for key in keys:  # the same categories on both sides, so that the merge compares numbers
            table = table[table[key].isin(lines[key].cat.categories)]
            table = table.assign(**{key: table[key].astype(lines[key].dtype)})
        found = lines[keys].merge(table, on=keys, how="left")["place"].fillna(_NO_PLACE)
        best = best.clip(upper=found.astype("int64").set_axis(lines.index))
    return best


def _one_by_one(lines: pd.DataFrame, rules: pd.DataFrame) -> pd.Series[int]:
    """Let every rule in turn take the lines that no rule before it has taken."""
    account = lines["account"].astype("str").astype("int64")
    unit, supplier = lines["unit"].astype("str"), lines["supplier_key"].astype("str")
    place = pd.Series(_NO_PLACE, index=lines.index)
    rule: Any
    for rule in rules.itertuples():
        taken = place == _NO_PLACE
        if rule.supplier_key:
            taken &= supplier == rule.supplier_key
        if rule.unit:
            taken &= unit == rule.unit
        if rule.account:
            taken &= (account >= rule.first) & (account <= rule.last)
        place[taken] = rule.place
    return place


def _read_contracts(project: Project) -> pd.DataFrame:
    found = pd.read_csv(project.contracts, sep=";", dtype="str", keep_default_na=False).sort_values("Avtalsnummer")
    days = {name: pd.to_datetime(found[name]) for name in ("Startdatum", "Slutdatum", "Registrerad")}
    numbers = found["Organisationsnummer"].str.replace("-", "")
    return found.assign(**days, supplier_key=numbers, number=range(len(found))).reset_index(drop=True)


def _match(lines: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    """Ask of every pair of a line and a contract with its supplier how far up the ladder it stands; keep the best."""
    looked_at = ["supplier_key", "booked_on", "category_code", "main_category_code", "unit", "buyer_id"]
    terms = contracts[contracts["supplier_key"].isin(lines["supplier_key"].cat.categories)]
    terms = terms.assign(supplier_key=terms["supplier_key"].astype(lines["supplier_key"].dtype))
    terms = terms.drop(columns=["Avtalsnummer", "Avtalsnamn", "Leverantör", "Organisationsnummer"])
    met = lines[looked_at].reset_index().merge(terms, on="supplier_key")
    held = met["booked_on"].between(met["Startdatum"], met["Slutdatum"])
    code = met["Kategori"]
    fits = (code == met["category_code"].astype("str")) | (code == met["main_category_code"].astype("str"))
    may = met["Deltagare"] == ""
    asked = met.index[held & fits & ~may]
    named = [
        unit in who or buyer in who
        for who, unit, buyer in zip(
            met.loc[asked, "Deltagare"].str.split(";"), met.loc[asked, "unit"], met.loc[asked, "buyer_id"], strict=True
        )
    ]
    may.loc[asked] = np.array(named, dtype=bool)
    rung = 1 + held * (1 + fits * (1 + may.astype("int64")))
    then = rung.where(met["Registrerad"] <= met["booked_on"], 0)
    best = pd.DataFrame({"index": met["index"], "best": rung * 10**6 + 999_999 - met["number"], "then": then})
    best = best.groupby("index").max().reindex(lines.index, fill_value=0)
    rungs, numbers = best["best"] // 10**6, 999_999 - best["best"] % 10**6
    ids = contracts["Avtalsnummer"].reindex(numbers.where(rungs > 0, -1)).set_axis(lines.index)
    return lines.assign(
        proven_rung=rungs,
        possible_rung=rungs,
        proven_rung_then=best["then"],
        possible_rung_then=best["then"],
        contract_id=ids,
    )


def _grouped(mapped: pd.DataFrame, words: tuple[str, ...], counts: dict[str, tuple[str, str]]) -> pd.DataFrame:
    keys = keys_of(words)
    found = mapped.groupby(keys, observed=True).agg(**counts).reset_index()
    return found.sort_values(["amount_ore", *keys], ascending=[False, *(True for _ in keys)], ignore_index=True)

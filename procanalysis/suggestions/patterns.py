"""Divide an organisation's accepted rows into patterns: those to ask about, those already reviewed, and the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures.frames import NativeFrame, check_total, collect_pandas, lazy
from procanalysis.measures.rule_order import AccountCondition, parse_rules

SOLE_TRADERS = "Enskilda firmor (dolda)"
"""What stands instead of the name where sole traders are gathered, so that none of them can be told."""

NOT_A_PURCHASE = "ej inköp"
WIDEST_GROUP = 2
"""How many signs a group of accounts begins with that is too wide to tell what was bought, such as 46*."""

_KEYS = ("supplier_key", "account", "unit", "rule_id")
_DECIDED = ("category_code", "spend_class", "lou_covered")
_NEEDED = (*_KEYS, "supplier_name", "supplier_type", "account_text", "text", *_DECIDED, "amount_ore")
_WHOLE = ("lines_count", "amount_ore", "absolute_ore")
_COLUMNS = (
    "pattern_id", "supplier_key", "supplier_name", "supplier_type", "account", "account_text", "unit", "text",
    *_WHOLE, "rule_id", *_DECIDED,
)  # fmt: skip


@dataclass(frozen=True)
class PatternParts:
    """Hold the patterns of a ledger in three parts that together are all its accepted rows, to the öre.

    Each part has one row per supplier, account, unit and rule that decides today: pattern_id, supplier_key,
    supplier_name, supplier_type, account, account_text, unit, text (the rows' commonest), lines_count, amount_ore,
    absolute_ore (each amount without its sign), rule_id, category_code, spend_class and lou_covered.
    candidates: rows that no rule, or only the default or a broad rule, decides; reviewed: rows that a specific rule
    decides; not_asked: rows that a broad rule says are no purchase at all.
    """

    candidates: pd.DataFrame
    reviewed: pd.DataFrame
    not_asked: pd.DataFrame

    @property
    def reconciliation(self) -> pd.DataFrame:
        """The accepted rows and their parts, in rows and hundredths: step, lines_count, amount_exact_ore, absolute_ore.

        The first row is the sum of the others.
        """
        parts = {
            "– avgörs av en särskild regel": self.reviewed,
            "– avgörs bara av grundregeln, en bred regel eller ingen": self.candidates,
            "– är inte inköp enligt en bred regel, och frågas inte om": self.not_asked,
        }
        sums = {step: _sums(part) for step, part in parts.items()}
        whole = tuple(map(sum, zip(*sums.values(), strict=True)))
        rows = [(step, *counted) for step, counted in {"Godtaget": whole, **sums}.items()]
        return pd.DataFrame(rows, columns=["step", "lines_count", "amount_exact_ore", "absolute_ore"])


def _sums(part: pd.DataFrame) -> tuple[int, ...]:
    return tuple(int(part[name].sum()) for name in _WHOLE)


def broad_rules(rules: pd.DataFrame, accepted: Sequence[str] = ()) -> frozenset[str]:
    """List the rules that say too little of what was bought: the default, and those for a wide group of accounts.

    A rule is broad when it is of the default tier, or when it asks for nothing but the account and names a whole group:
    the first two signs or fewer (46*), or a range from one group of three signs to another (4600-4699). A rule that a
    reviewer accepted is never broad.
    Parameters: rules, one row per rule (schema.RULES); accepted, the rule_ids that a reviewer has accepted.
    Returns their rule_ids.

    >>> rules = pd.DataFrame({"rule_id": ["a", "b", "c", "d"], "tier": ["account", "account", "account", "default"],
    ...                       "account": ["46*", "461*", "4611-4612", ""]})
    >>> sorted(broad_rules(rules)), sorted(broad_rules(rules, accepted=["a"]))
    (['a', 'd'], ['d'])
    """
    kept = frozenset(accepted)
    return frozenset(
        rule.rule_id
        for rule in parse_rules(rules)
        if rule.rule_id not in kept
        and (rule.tier == "default" or (not any(rule.conditions()) and _is_wide(rule.account)))
    )


def _is_wide(account: AccountCondition) -> bool:
    if account.kind == "prefix":
        return len(account.first) <= WIDEST_GROUP
    return account.kind == "range" and account.first[: WIDEST_GROUP + 1] != account.last[: WIDEST_GROUP + 1]


def divide_patterns(mapped: NativeFrame, *, broad: frozenset[str]) -> PatternParts:
    """Divide mapped rows into those to ask about, those already reviewed and those that are not asked about.

    Parameters: mapped, one row per posting (schema.LEDGER_LINES and MAPPED_COLUMNS); broad, rule_ids of the default and
    the broad rules, as `broad_rules` lists them. Sole traders are gathered per account and unit, without name, number
    or texts. Returns PatternParts. Raises MeasureError when a column is missing, ReconciliationError when the parts are
    not all the rows.
    """
    frame = lazy(mapped, _NEEDED, "divide_patterns")
    patterns = _grouped(frame)
    undecided = patterns["rule_id"].isna() | patterns["rule_id"].isin(broad)
    no_purchase = undecided & (patterns["spend_class"] == NOT_A_PURCHASE)
    parts = PatternParts(
        *(patterns[chosen].reset_index(drop=True) for chosen in (undecided & ~no_purchase, ~undecided, no_purchase))
    )
    whole = parts.reconciliation.iloc[0]
    check_total("divide_patterns", frame, int(whole["lines_count"]), int(whole["amount_exact_ore"]))
    return parts


def _grouped(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Sum the rows per pattern, in the engine, each pattern with the text that most of its rows have."""
    is_private = nw.col("supplier_type").fill_null("") == "sole_trader"
    # Empty text for what is missing, since two missing values are not equal in a join.
    filled = frame.with_columns(nw.col(name).fill_null("") for name in (*_KEYS, "text"))
    hidden = filled.with_columns(
        nw.when(is_private).then(nw.lit("")).otherwise(nw.col("supplier_key")).alias("supplier_key"),
        nw.when(is_private).then(nw.lit(SOLE_TRADERS)).otherwise(nw.col("supplier_name")).alias("supplier_name"),
        # Some write whom they paid in the account's text too.
        *(
            nw.when(is_private).then(nw.lit("")).otherwise(nw.col(name)).alias(name)
            for name in ("text", "account_text")
        ),
        nw.col("amount_ore").abs().alias("absolute_ore"),
    )
    summed = hidden.group_by(*_KEYS).agg(
        *(nw.col(name).min() for name in ("supplier_name", "supplier_type", "account_text", *_DECIDED)),
        nw.len().alias("lines_count"),
        nw.col("amount_ore").sum(),
        nw.col("absolute_ore").sum(),
    )
    whole = summed.with_columns(nw.col(*_WHOLE).cast(nw.Int64))
    patterns = collect_pandas(whole.join(_commonest_texts(hidden), on=list(_KEYS), how="left"))
    patterns = patterns.sort_values(list(_KEYS), ignore_index=True)
    ids = [pattern_id(*row) for row in patterns[list(_KEYS)].itertuples(index=False, name=None)]
    emptied = {name: patterns[name].where(patterns[name] != "") for name in (*_KEYS, "account_text")}
    return patterns.assign(pattern_id=pd.Series(ids, dtype="str"), **emptied)[list(_COLUMNS)]


def _commonest_texts(hidden: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Find each pattern's commonest text; of texts as common the first in the alphabet."""
    counted = hidden.filter(nw.col("text") != "").group_by(*_KEYS, "text").agg(nw.len().alias("__times"))
    most = counted.group_by(*_KEYS).agg(nw.col("__times").max())
    common = counted.join(most, on=[*_KEYS, "__times"], how="inner")
    return common.group_by(*_KEYS).agg(nw.col("text").min())


def pattern_id(*parts: object) -> str:
    """Return the name of a pattern, the same at every run for the same supplier, account, unit and rule.

    >>> pattern_id("5560160680", "6440", None, "64") == pattern_id("5560160680", "6440", float("nan"), "64")
    True
    """
    written = "\0".join(part if isinstance(part, str) else "" for part in parts)
    return f"m-{hashlib.sha256(written.encode()).hexdigest()[:12]}"


def learnt_from(parts: PatternParts, most: int) -> pd.DataFrame:
    """Choose which reviewed patterns the model learns from where there are more than it needs: always the same ones.

    Two thirds are patterns of the suppliers that are asked about, each supplier's largest first; the others are drawn
    by their names from all categories in turn, so that a rare category is seen too.
    Parameters: parts, as `divide_patterns` returns them; most, 3 or more, how many patterns. Returns rows of
    `parts.reviewed`.
    """
    reviewed = parts.reviewed
    if len(reviewed) <= most:
        return reviewed
    is_near = reviewed["supplier_key"].isin(set(parts.candidates["supplier_key"].dropna()))
    near = _in_turn(
        reviewed[is_near].sort_values(["absolute_ore", "pattern_id"], ascending=[False, True]), "supplier_key"
    )
    near = near.head(most * 2 // 3)
    rest = _in_turn(reviewed.drop(near.index).sort_values("pattern_id"), "category_code").head(most - len(near))
    return pd.concat([near, rest]).sort_index().reset_index(drop=True)


def _in_turn(ordered: pd.DataFrame, by: str) -> pd.DataFrame:
    """Take the first of every group, then the second of every group, and so on."""
    turn = ordered.groupby(by, sort=False).cumcount()
    return ordered.assign(__turn=turn).sort_values("__turn", kind="stable").drop(columns="__turn")


def compared_with(parts: PatternParts) -> pd.DataFrame:
    """Return the decided patterns that a suggested rule can meet, and the others summed per account and rule.

    A rule asks for a supplier or an account that is asked about, so it can meet no pattern that has neither; those only
    tell how a category is treated. Parameters: parts, as `divide_patterns` returns them. Returns rows like
    `parts.reviewed`, with the sums of `parts.reviewed` and `parts.not_asked`.
    """
    known = pd.concat([parts.reviewed, parts.not_asked], ignore_index=True)
    is_near = known["supplier_key"].isin(set(parts.candidates["supplier_key"].dropna()))
    is_near |= known["account"].isin(set(parts.candidates["account"])) | known["account"].isna()
    keys = ["account", "rule_id", *_DECIDED]
    far = known[~is_near].groupby(keys, as_index=False, dropna=False)[list(_WHOLE)].sum()
    far["pattern_id"] = pd.Series([pattern_id("", row[0], "", row[1]) for row in far[keys].to_numpy()], dtype="str")
    texts = [name for name in _COLUMNS if name not in far]
    summed = far.assign(**dict.fromkeys(texts, pd.Series([None] * len(far), dtype="str")))
    return pd.concat([known[is_near], summed[list(_COLUMNS)]], ignore_index=True)

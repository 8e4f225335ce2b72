"""Suggest rules: one line in the rule file that would settle many undecided rows, and what it would get wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.measures import frames, wording
from procanalysis.measures.rule_order import AccountCondition, Rule, comparable_name, parse_rules
from procanalysis.measures.suggested_categories.patterns import checked_patterns
from procanalysis.schema import names, require_columns
from procanalysis.schema.suggestions import SUGGESTED_RULES

# What a rule may ask for, with the tier that such a rule has in the rule file.
_SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("supplier", ("supplier_key",)),
    ("supplier", ("supplier_key", "account")),
    ("supplier", ("supplier_key", "unit")),
    ("account", ("account",)),
    ("unit", ("unit", "account")),
)
_MEASURE = "suggest_rules"
_UNDECIDED = (10**9,)
_ACCOUNT = re.compile(r"[^\s*-]+")
# Organisation numbers have a third digit of 2 or more; with less it is a personal number.
_NUMBER_OF_NOBODY = re.compile(r"[0-9]{2}[2-9][0-9]{7}|nr:.+")
_SHOWN = 5
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class _Limits:
    """Hold what a rule must reach to be suggested."""

    threshold_pct: Decimal
    fewest_lines: int
    most_wrong_pct: Decimal
    currency: str


def suggest_rules(
    candidates: pd.DataFrame,
    reviewed: pd.DataFrame,
    suggestions: pd.DataFrame,
    rules: pd.DataFrame,
    *,
    taxonomy: pd.DataFrame,
    refused: Collection[str] = (),
    threshold_pct: int | Decimal = 80,
    fewest_lines: int = 10,
    most_wrong_pct: int | Decimal = 10,
    currency: str = "SEK",
) -> pd.DataFrame:
    """Suggest rules that would each settle many undecided rows, none of them the same rows twice.

    A rule asks for a supplier, a supplier and account, a supplier and unit, an account, or a unit and account. It is
    suggested when patterns suggested the same undivided category hold threshold_pct of the amount (without sign) that
    it would take, it takes fewest_lines rows, most_wrong_pct at most of the reviewed rows that meet its conditions were
    placed elsewhere, and it takes no reviewed row from the rule that decides it. Rules are chosen by amount, and one
    that would take a row of a chosen one is left out, so that each can be accepted alone.

    Parameters: `candidates` and `reviewed`, patterns as in suggest_categories, `reviewed` with rule_id too;
    `suggestions`, SUGGESTIONS of the same candidates; `rules`, those of today (RULES); `taxonomy`, with category_code
    and category_path; `refused`, rule_ids that a reviewer has refused; `threshold_pct`, 50 to 100; `fewest_lines`, 1 or
    more; `most_wrong_pct`, 0 to 100; `currency` of the amounts in the examples.
    Returns SUGGESTED_RULES, the largest amount first. No rule asks for a supplier that may be a person. spend_class and
    lou_covered are those of most reviewed rows of the category, on accounts of the same class where there are any; a
    category that no rule gives is not suggested, since nobody has said how it is treated.
    Raises MeasureError for missing columns and values outside their limits. Source: issue 9 part 5.
    """
    frames.check_range(_MEASURE, "threshold_pct", threshold_pct, 50, 100)
    frames.check_range(_MEASURE, "fewest_lines", fewest_lines, 1, 10**9)
    frames.check_range(_MEASURE, "most_wrong_pct", most_wrong_pct, 0, 100)
    require_columns(taxonomy.columns, ["category_code", "category_path"], _MEASURE)
    require_columns(suggestions.columns, ["pattern_id", "suggested_code", "confidence_pct"], _MEASURE)
    require_columns(rules.columns, ["rule_id", "tier", "category_code", "spend_class", "lou_covered"], _MEASURE)
    limits = _Limits(Decimal(threshold_pct), fewest_lines, Decimal(most_wrong_pct), currency)
    strength = {rule.rule_id: rule.sort_key() for rule in parse_rules(rules)}
    asked = _with_suggestions(_prepared(candidates, ("rule_id",), strength), suggestions, taxonomy)
    known = _prepared(reviewed, ("rule_id", "category_code"), strength)
    treated = _Treatments.of(known, rules)
    offers = [offer for shape in _SHAPES for offer in _offers(shape, asked, known, limits)]
    chosen = _chosen(offers, len(asked), {*refused, *rules["rule_id"].astype(str)}, treated)
    rows = [_as_row(offer, asked, known, treated, limits) for offer in chosen]
    found = pd.DataFrame(rows, columns=names(SUGGESTED_RULES))
    types = {"text": "str", "integer": "int64", "decimal": "object", "date": "datetime64[us]"}
    return found.astype({column.name: types[column.type] for column in SUGGESTED_RULES})


def _prepared(patterns: pd.DataFrame, more: Sequence[str], strength: Mapping[str, tuple[int, ...]]) -> pd.DataFrame:
    """Check the patterns and add how the rule file compares their units, and how strong the rule is that decides."""
    tidy = checked_patterns(patterns, _MEASURE, more)
    # Columns that the rules compare; the written forms stay beside them for the reader.
    tidy["written_unit"] = tidy["unit"]
    tidy["unit"] = pd.Series([comparable_name(unit) for unit in tidy["unit"]], dtype="object")
    tidy["strength"] = [strength.get(rule_id, _UNDECIDED) for rule_id in tidy["rule_id"]]
    tidy["size"] = tidy["amount_ore"].abs()
    return tidy


def _with_suggestions(asked: pd.DataFrame, suggestions: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Add what is suggested for each pattern, where it is a category that a rule may give: one without any below it."""
    paths = taxonomy["category_path"].astype(str)
    above = {path.rpartition("/")[0] for path in paths}
    undivided = set(taxonomy.loc[~paths.isin(above), "category_code"].astype(str))
    told = suggestions.dropna(subset="suggested_code")
    codes = dict(zip(told["pattern_id"].map(str), told["suggested_code"].map(str), strict=True))
    confidence = dict(zip(told["pattern_id"].map(str), told["confidence_pct"].map(str), strict=True))
    suggested = [codes.get(one, "") for one in asked["pattern_id"]]
    asked["suggested"] = pd.Series([code if code in undivided else "" for code in suggested], dtype="object")
    told_pct = [Decimal(confidence.get(one, "0")) for one in asked["pattern_id"]]
    asked["confidence"] = pd.Series(told_pct, dtype="object")
    return asked


@dataclass(frozen=True)
class _Offer:
    """Hold a rule that could be suggested: its conditions and category, and the places of the patterns it concerns."""

    tier: str
    conditions: dict[str, str]
    category_code: str
    takes: np.ndarray
    behind: np.ndarray
    met: np.ndarray
    size: int

    @property
    def rule_id(self) -> str:
        """The same for the same conditions and category at every run."""
        parts = [self.tier, *(self.conditions.get(name, "") for name in ("supplier_key", "account", "unit"))]
        written = "\0".join([*parts, self.category_code])
        return f"forslag-{hashlib.sha256(written.encode('utf-8')).hexdigest()[:12]}"


def _offers(
    shape: tuple[str, tuple[str, ...]], asked: pd.DataFrame, known: pd.DataFrame, limits: _Limits
) -> list[_Offer]:
    """Find the rules of one shape that reach the limits."""
    tier, columns = shape
    can = _can_name(asked, columns) & _takes(asked, tier, columns)
    met = dict(_grouped(known, np.flatnonzero(_can_name(known, columns)), columns))
    reviewed_taken = _takes(known, tier, columns)
    found = []
    for key, rows in _grouped(asked, np.flatnonzero(can), columns):
        theirs = met.get(key, np.array([], dtype="int64"))
        if reviewed_taken[theirs].any():
            continue
        offer = _offer(tier, dict(zip(columns, key, strict=True)), rows, theirs, asked)
        if offer and _reaches(offer, asked, known, limits):
            found.append(offer)
    return found


def _can_name(patterns: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Tell which patterns have what a rule would ask for, written so that a rule file can say it."""
    can = np.ones(len(patterns), dtype=bool)
    for column in columns:
        values = patterns[column]
        if column == "supplier_key":
            can &= np.array([bool(_NUMBER_OF_NOBODY.fullmatch(value)) for value in values], dtype=bool)
        elif column == "account":
            can &= np.array([bool(_ACCOUNT.fullmatch(value)) for value in values], dtype=bool)
        else:
            can &= (values != "").to_numpy()
    return can


def _takes(patterns: pd.DataFrame, tier: str, columns: Sequence[str]) -> np.ndarray:
    """Tell which patterns a rule of a shape would take from the rule that decides them; of equals the old one stays."""
    keys = {size: _strength(tier, columns, size) for size in {len(account) for account in patterns["account"]}}
    return np.array(
        [keys[len(account)] < old for account, old in zip(patterns["account"], patterns["strength"], strict=True)],
        dtype=bool,
    )


def _strength(tier: str, columns: Sequence[str], account_length: int) -> tuple[int, ...]:
    has_account = "account" in columns and account_length > 0
    return Rule(
        rule_id="",
        tier=tier,
        account=AccountCondition.parse("0" * account_length if has_account else ""),
        unit="x" if "unit" in columns else "",
        supplier="x" if "supplier_key" in columns else "",
        project="",
        text="",
        valid_from=None,
        valid_to=None,
    ).sort_key()


def _grouped(
    patterns: pd.DataFrame, rows: np.ndarray, columns: Sequence[str]
) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """Gather the places of patterns by what a rule would ask for."""
    keys: dict[tuple[str, ...], list[int]] = {}
    values = [patterns[column].to_numpy() for column in columns]
    for row in rows.tolist():
        keys.setdefault(tuple(column[row] for column in values), []).append(row)
    return [(key, np.array(keys[key], dtype="int64")) for key in sorted(keys)]


def _offer(
    tier: str, conditions: dict[str, str], rows: np.ndarray, met: np.ndarray, asked: pd.DataFrame
) -> _Offer | None:
    """Make the rule for the category that most of the rows' amount is suggested for."""
    sizes, codes = asked["size"].to_numpy()[rows], asked["suggested"].to_numpy()[rows]
    per_code: dict[str, int] = {}
    for code, size in zip(codes, sizes, strict=True):
        if code:
            per_code[code] = per_code.get(code, 0) + int(size)
    if not per_code:
        return None
    category = min(per_code, key=lambda code: (-per_code[code], code))
    return _Offer(tier, conditions, category, rows, rows[codes == category], met, int(sizes.sum()))


def _reaches(offer: _Offer, asked: pd.DataFrame, known: pd.DataFrame, limits: _Limits) -> bool:
    behind = int(asked["size"].to_numpy()[offer.behind].sum())
    lines = int(asked["lines_count"].to_numpy()[offer.takes].sum())
    met, wrong = _met_and_wrong(offer, known)
    return (
        behind > 0
        and behind * 100 >= limits.threshold_pct * offer.size
        and lines >= limits.fewest_lines
        and wrong * 100 <= limits.most_wrong_pct * met
    )


def _met_and_wrong(offer: _Offer, known: pd.DataFrame) -> tuple[int, int]:
    lines, wrong = known["lines_count"].to_numpy(), _wrong(offer, known)
    return int(lines[offer.met].sum()), int(lines[wrong].sum())


def _wrong(offer: _Offer, known: pd.DataFrame) -> np.ndarray:
    placed = known["category_code"].to_numpy()[offer.met]
    return np.asarray(offer.met[placed != offer.category_code])


def _chosen(offers: Sequence[_Offer], patterns: int, passed_by: Collection[str], treated: _Treatments) -> list[_Offer]:
    """Choose by amount, the wider rule first of equals; no pattern is taken by two rules."""
    # A stable sort: of equals those of the shape that is named first.
    ordered = sorted(offers, key=lambda offer: (-offer.size, len(offer.conditions)))
    taken = np.zeros(patterns, dtype=bool)
    chosen = []
    for offer in ordered:
        if offer.rule_id in passed_by or not treated.has(offer.category_code) or taken[offer.takes].any():
            continue
        taken[offer.takes] = True
        chosen.append(offer)
    return chosen


@dataclass(frozen=True)
class _Treatments:
    """Hold how reviewed rows of a category are treated: spend class and LOU mark, in all and per class of account."""

    rows_count: dict[tuple[str, str], dict[tuple[str, str], int]]

    @classmethod
    def of(cls, known: pd.DataFrame, rules: pd.DataFrame) -> _Treatments:
        counted: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
        treatment = {}
        for row in rules.to_dict("records"):
            pair = (str(row["spend_class"]), str(row["lou_covered"]))
            treatment[str(row["rule_id"])] = pair
            if row["tier"] != "default":
                # A rule that has met no reviewed row still says how its category is treated.
                counted.setdefault((str(row["category_code"]), ""), {}).setdefault(pair, 0)
        columns = ("category_code", "account", "rule_id", "lines_count")
        for code, account, rule_id, lines in known[list(columns)].itertuples(index=False, name=None):
            if rule_id in treatment:
                for account_class in {"", account[:1]}:
                    pairs = counted.setdefault((code, account_class), {})
                    pairs[treatment[rule_id]] = pairs.get(treatment[rule_id], 0) + int(lines)
        return cls(counted)

    def has(self, code: str) -> bool:
        """Tell whether some rule says how a category is treated."""
        return (code, "") in self.rows_count

    def most_common(self, code: str, account_class: str) -> tuple[str, str]:
        """Return spend class and LOU mark of most reviewed rows, first of those on accounts of the same class."""
        pairs = self.rows_count.get((code, account_class)) or self.rows_count[code, ""]
        return min(pairs, key=lambda pair: (-pairs[pair], pair))


def _as_row(
    offer: _Offer, asked: pd.DataFrame, known: pd.DataFrame, treated: _Treatments, limits: _Limits
) -> dict[str, Any]:
    takes, behind = asked.iloc[offer.takes], asked.iloc[offer.behind]
    wrong = known.iloc[_wrong(offer, known)]
    met, wrong_lines = _met_and_wrong(offer, known)
    largest = takes.sort_values(["size", "pattern_id"], ascending=[False, True]).iloc[0]
    spend_class, lou_covered = treated.most_common(offer.category_code, str(largest["account"])[:1])
    weighed = sum(c * int(s) for c, s in zip(behind["confidence"], behind["size"], strict=True))
    return {
        "rule_id": offer.rule_id,
        "tier": offer.tier,
        "account": offer.conditions.get("account"),
        "unit": largest["written_unit"] if "unit" in offer.conditions else None,
        "supplier": offer.conditions.get("supplier_key"),
        "supplier_name": largest["supplier_name"] if "supplier_key" in offer.conditions else None,
        "category_code": offer.category_code,
        "spend_class": spend_class,
        "lou_covered": lou_covered,
        "lines_count": int(takes["lines_count"].sum()),
        "moved_ore": int(takes["amount_ore"].sum()),
        "reviewed_count": met,
        "wrong_count": wrong_lines,
        "wrong_ore": int(wrong["amount_ore"].sum()),
        "confidence_pct": (weighed / int(behind["size"].sum())).quantize(_TENTH, ROUND_HALF_UP),
        "examples": _examples(wrong, limits.currency),
    }


def _examples(wrong: pd.DataFrame, currency: str) -> str | None:
    """Tell in words the reviewed patterns that a rule gets wrong, the largest first."""
    shown = wrong.sort_values(["size", "pattern_id"], ascending=[False, True]).head(_SHOWN)
    told = []
    for row in shown.to_dict("records"):
        account = f"konto {row['account']} {row['account_text']}".strip() if row["account"] else ""
        parts = [str(part) for part in (row["supplier_name"], account, row["written_unit"]) if part]
        lines = wording.number_text(int(row["lines_count"]))
        noun = "rad" if int(row["lines_count"]) == 1 else "rader"
        amount = wording.amount_text(int(row["amount_ore"]), currency)
        told.append(f"{', '.join(parts)}: {lines} {noun}, {amount} i {row['category_code']}")
    return "; ".join(told) or None

"""Tell exactly which rows a suggested rule would take from the rules of today, before anybody accepts it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from procanalysis.measures.rule_order import Rule, comparable_name, decision_order, parse_rules
from procanalysis.suggestions.patterns import PatternParts

_FORMULA_SIGNS = tuple("=+-@＝＋－＠\t\r\n")
_NAMED_SUPPLIERS = {"company", "public", "association", "foreign"}
_UNDECIDED = 2**31 - 1

LEFT_OUT: dict[str, str] = {
    "refused": "avböjda tidigare",
    "accepted": "har redan en regel med samma namn",
    "private": "skulle namnge en leverantör som kan vara en privatperson",
    "formula": "konto eller enhet börjar med ett tecken som kalkylprogram läser som en formel",
    "takes_reviewed": "skulle ta rader som redan är avgjorda",
    "overlaps": "gäller rader som en större regel redan gäller",
}
"""Why a suggested rule is not asked about, in Swedish."""


@dataclass(frozen=True)
class PlacedRules:
    """Hold the suggested rules that can be accepted one by one, and those that cannot.

    asked: as they were suggested, with lines_count and moved_ore exactly as the next preparation will move them;
    left_out: rule_id and reason, a key of LEFT_OUT.
    """

    asked: pd.DataFrame
    left_out: pd.DataFrame

    @property
    def reasons(self) -> pd.DataFrame:
        """How many were left out for each reason: reason_name (Swedish), rules_count."""
        counted = self.left_out["reason"].value_counts()
        rows = [(words, int(counted.get(reason, 0))) for reason, words in LEFT_OUT.items() if reason in counted]
        return pd.DataFrame(rows, columns=["reason_name", "rules_count"])


def place_rules(
    suggested: pd.DataFrame,
    parts: PatternParts,
    *,
    rules: pd.DataFrame,
    refused: frozenset[str] = frozenset(),
) -> PlacedRules:
    """Keep the suggested rules that take rows only from the default and the broad rules, and no row twice.

    A rule takes a row when its conditions hold and it stands before the rule that decides the row today, the accepted
    rules being read last. Its kronor are summed anew from the patterns that it takes, so that they are what the next
    preparation moves, whether the other rules are accepted or not.
    Parameters: suggested, one row per rule (schema.SUGGESTED_RULES), in the order in which they claim rows; parts, of
    the same ledger; rules, those of today (schema.RULES); refused, rule_ids that a reviewer has refused.
    Returns PlacedRules.
    """
    ledger = _Ledger.of(parts, rules)
    places = _places(suggested, rules)
    private = _private_suppliers(parts)
    known = set(rules["rule_id"])
    taken = pd.Series(False, index=ledger.patterns.index)
    kept, left_out = [], []
    for row in suggested.to_dict("records"):
        rule_id = str(row["rule_id"])
        reason = _why_not(row, refused, known, private)
        if not reason:
            mine = ledger.taken_by(*places[rule_id])
            reason = _conflict(mine, ledger, taken)
        if reason:
            left_out.append((rule_id, reason))
            continue
        taken |= mine
        moved = ledger.patterns.loc[mine, ["lines_count", "amount_ore"]].sum()
        kept.append({**row, "lines_count": int(moved["lines_count"]), "moved_ore": int(moved["amount_ore"])})
    asked = pd.DataFrame(kept, columns=suggested.columns).astype(suggested.dtypes.to_dict())
    return PlacedRules(asked, pd.DataFrame(left_out, columns=["rule_id", "reason"], dtype="str"))


def _why_not(row: dict[object, object], refused: frozenset[str], known: set[object], private: set[str]) -> str:
    """Say why a rule is not asked about whatever it would move; nothing when it may be."""
    conditions = [row[name] for name in ("account", "unit", "supplier")]
    if row["rule_id"] in refused:
        return "refused"
    if row["rule_id"] in known:
        return "accepted"
    if isinstance(row["supplier"], str) and row["supplier"] in private:
        return "private"
    written = [each for each in conditions if isinstance(each, str)]
    return "formula" if any(each.startswith(_FORMULA_SIGNS) for each in written) else ""


def _conflict(mine: pd.Series[bool], ledger: _Ledger, taken: pd.Series[bool]) -> str:
    if (mine & ~ledger.is_candidate).any():
        return "takes_reviewed"
    return "overlaps" if (mine & taken).any() or not mine.any() else ""


def _private_suppliers(parts: PatternParts) -> set[str]:
    """List the suppliers that may be a person: all but those with an organisation's number or the ledger's own."""
    private = set()
    for part in (parts.candidates, parts.reviewed, parts.not_asked):
        suppliers = part[["supplier_key", "supplier_type"]].dropna(subset="supplier_key").drop_duplicates()
        private |= {
            key
            for key, kind in suppliers.itertuples(index=False, name=None)
            if not (key.startswith("nr:") and kind == "unknown") and kind not in _NAMED_SUPPLIERS
        }
    return private


def _places(suggested: pd.DataFrame, rules: pd.DataFrame) -> dict[str, tuple[Rule, int]]:
    """Find each suggested rule's place among the rules of today, which come first where two are equally strong."""
    before = decision_order(parse_rules(rules))
    own = parse_rules(suggested)
    both = decision_order([*(rule for _, rule in before), *own])
    wanted = {rule.rule_id for rule in own}
    places, passed = {}, 0
    for _, rule in both:
        if rule.rule_id in wanted and rule.rule_id not in places:
            places[rule.rule_id] = (rule, passed)
        else:
            passed += 1
    return places


@dataclass(frozen=True)
class _Ledger:
    """Hold all patterns with the place of the rule that decides them today."""

    patterns: pd.DataFrame
    is_candidate: pd.Series[bool]
    place: pd.Series[int]
    unit: pd.Series[str]

    @classmethod
    def of(cls, parts: PatternParts, rules: pd.DataFrame) -> _Ledger:
        every = [parts.candidates, parts.reviewed, parts.not_asked]
        patterns = pd.concat(every, ignore_index=True)
        order = {rule.rule_id: place for place, (_, rule) in enumerate(decision_order(parse_rules(rules)))}
        units = {unit: comparable_name(unit) for unit in patterns["unit"].dropna().unique()}
        return cls(
            patterns,
            pd.Series([number == 0 for number, part in enumerate(every) for _ in range(len(part))], dtype="bool"),
            patterns["rule_id"].map(order).fillna(_UNDECIDED).astype("int64"),
            patterns["unit"].map(units).fillna(""),
        )

    def taken_by(self, rule: Rule, place: int) -> pd.Series[bool]:
        """Mark the patterns that a rule takes when `place` rules of today stand before it."""
        mine = self.place >= place
        if rule.account.kind != "any":
            accounts = self.patterns["account"]
            mine &= accounts.isin([each for each in accounts.dropna().unique() if rule.account.matches(each)])
        if rule.unit:
            mine &= self.unit == rule.unit
        if rule.supplier:
            mine &= self.patterns["supplier_key"] == rule.supplier
        return mine

"""Which rule comes first, which rules can never decide anything: reasoning over the rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from procanalysis.schema import TIERS

_TIER_ORDER = {tier: order for order, tier in enumerate(TIERS)}


@dataclass(frozen=True)
class AccountCondition:
    """Hold what a rule says of the account: exactly one, all that begin so, or a range of codes of one length."""

    first: str
    last: str
    kind: str

    @classmethod
    def parse(cls, written: str) -> AccountCondition:
        """Read '6440', '64*' or '6400-6499'.

        >>> AccountCondition.parse("64*").matches("6440")
        True
        >>> AccountCondition.parse("6400-6499").matches("64400")
        False
        """
        if not written:
            return cls("", "", "any")
        if written.endswith("*"):
            return cls(written[:-1], written[:-1], "prefix")
        first, _, last = written.partition("-")
        return cls(first, last, "range") if last else cls(first, first, "exact")

    def matches(self, account: str) -> bool:
        """Tell whether an account code meets the condition. Ranges compare codes of the same length only."""
        if self.kind == "prefix":
            return account.startswith(self.first)
        if self.kind == "range":
            return len(account) == len(self.first) and self.first <= account <= self.last
        return self.kind == "any" or account == self.first

    def within(self, other: AccountCondition) -> bool:
        """Tell whether every account that meets this condition meets the other one."""
        if other.kind == "any":
            return True
        if self.kind == "any" or (self.kind == "prefix" and other.kind != "prefix"):
            return False
        if self.kind == "range" and other.kind == "exact":
            return self.first == self.last == other.first
        return other.matches(self.first) and other.matches(self.last)

    def is_empty(self) -> bool:
        """Tell whether no account can meet the condition."""
        return self.kind == "range" and (self.first > self.last or len(self.first) != len(self.last))

    def precision(self) -> tuple[int, int]:
        """Return a sort key: exact before prefix before range before none; longer prefix and narrower range first."""
        if self.kind == "range":
            width = int(self.last) - int(self.first) if (self.first + self.last).isdigit() else 10**9
            return (2, width)
        return ({"exact": 0, "prefix": 1, "any": 3}[self.kind], -len(self.first))


@dataclass(frozen=True)
class Rule:
    """Hold the conditions of one rule; an empty one means that anything goes."""

    rule_id: str
    tier: str
    account: AccountCondition
    unit: str
    supplier: str
    project: str
    text: str
    valid_from: date | None
    valid_to: date | None

    def conditions(self) -> tuple[str, str, str, str]:
        """Return the conditions other than account and dates."""
        return (self.unit, self.supplier, self.project, self.text)

    def sort_key(self) -> tuple[int, int, int, int]:
        """Return tier, then more conditions before fewer, then the more exact account."""
        given = (
            sum(map(bool, self.conditions())) + (self.account.kind != "any") + bool(self.valid_from or self.valid_to)
        )
        return (_TIER_ORDER[self.tier], -given, *self.account.precision())


def parse_rules(rules: pd.DataFrame) -> list[Rule]:
    """Turn a frame of rules (schema.RULES) into rules, in the same order."""
    return [
        Rule(
            rule_id=str(row["rule_id"]),
            tier=str(row["tier"]),
            account=AccountCondition.parse(_filled(row["account"])),
            unit=_filled(row["unit"]).lower(),
            supplier=_filled(row["supplier"]),
            project=_filled(row["project"]),
            text=_filled(row["text"]),
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
        )
        for row in rules.to_dict("records")
    ]


def _filled(value: object) -> str:
    return value if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    if not isinstance(value, str | date) or not value or pd.isna(value):
        return None
    return pd.Timestamp(value).date()


def decision_order(rules: Sequence[Rule]) -> list[tuple[int, Rule]]:
    """Sort rules in the order in which they decide, each with its rank.

    Rules of equal rank (same tier, as many conditions, as exact an account) decide in the order given.
    """
    ranks = {key: rank for rank, key in enumerate(sorted({rule.sort_key() for rule in rules}))}
    return sorted(((ranks[rule.sort_key()], rule) for rule in rules), key=lambda pair: pair[0])


def rules_that_cannot_fire(rules: pd.DataFrame) -> pd.DataFrame:
    """Find the rules that no row could ever reach, with the reason.

    A rule is out of reach when its dates or its range are empty, or when one rule that comes before it holds for every
    row for which it holds. A rule covered only by several others together is not found here; `rule_outcomes` shows it
    among those that did not fire.

    Parameters: rules, one row per rule (schema.RULES).
    Returns one row per such rule: rule_id, tier, shadowed_by (empty when it is empty in itself), reason in Swedish.
    """
    ordered = [rule for _, rule in decision_order(parse_rules(rules))]
    found = []
    for position, rule in enumerate(ordered):
        reason, by = _empty_reason(rule), ""
        if not reason:
            cover = next((earlier for earlier in ordered[:position] if _covers(earlier, rule)), None)
            if cover:
                by = cover.rule_id
                reason = f"Regeln {by} gäller före och för alla rader som den här regeln gäller."
        if reason:
            found.append({"rule_id": rule.rule_id, "tier": rule.tier, "shadowed_by": by, "reason": reason})
    return pd.DataFrame(found, columns=["rule_id", "tier", "shadowed_by", "reason"], dtype="str")


def _empty_reason(rule: Rule) -> str:
    if rule.account.is_empty():
        return "Kontointervallet är tomt: det slutar före det börjar, eller koderna är olika långa."
    if rule.valid_from and rule.valid_to and rule.valid_from > rule.valid_to:
        return "Giltighetstiden är tom: den slutar före den börjar."
    return ""


def _covers(earlier: Rule, rule: Rule) -> bool:
    same = all(not mine or mine == its for mine, its in zip(earlier.conditions(), rule.conditions(), strict=True))
    starts = earlier.valid_from is None or (rule.valid_from is not None and earlier.valid_from <= rule.valid_from)
    ends = earlier.valid_to is None or (rule.valid_to is not None and earlier.valid_to >= rule.valid_to)
    return same and starts and ends and rule.account.within(earlier.account)


def is_supplier_key(written: str) -> bool:
    """Tell a supplier key of the ledger from a supplier's name.

    >>> is_supplier_key("5560160680"), is_supplier_key("Nordfjäll Bygg AB")
    (True, False)
    """
    return (len(written) == 10 and written.isdigit()) or written.startswith(("dold:", "nr:", "utl:", "namn:"))


def text_pattern(words: str) -> str:
    """Return the regular expression for a rule's words, where * stands for anything and case does not matter.

    >>> text_pattern("el*nät")
    '(?i)el.*nät'
    """
    special = set(r"\.^$+?()[]{}|")
    return "(?i)" + "".join(".*" if sign == "*" else f"\\{sign}" if sign in special else sign for sign in words)


def validity_edges(rules: Sequence[Rule]) -> list[date]:
    """List the days on which some rule begins to hold or has ceased to, in order."""
    begins = {rule.valid_from for rule in rules if rule.valid_from}
    ceases = {rule.valid_to + timedelta(days=1) for rule in rules if rule.valid_to}
    return sorted(begins | ceases)

"""Which rule comes first, which rules can never decide anything: reasoning over the rules alone."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from procanalysis.errors import MappingError, did_you_mean, examples
from procanalysis.schema import LOU_COVERED, RULES, SPEND_CLASSES, TIERS, names

_LAST_SIGN = "\U0010ffff"
"""Stands after every sign that an account may have."""

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
            return len(self.first) == len(account) == len(self.last) and self.first <= account <= self.last
        return self.kind == "any" or account == self.first

    def among(self, accounts: Sequence[str]) -> list[str]:
        """Return those of some different accounts, given in the order of their codes, that meet the condition.

        >>> AccountCondition.parse("64*").among(["6399", "64", "6440", "65"])
        ['64', '6440']
        """
        first = bisect_left(accounts, self.first)
        # Whatever meets it stands together: hundreds of rules need not look at every account.
        last = len(accounts) if self.kind == "any" else bisect_right(accounts, self.last + _LAST_SIGN, lo=first)
        return [account for account in accounts[first:last] if self.matches(account)]

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
            width = int(self.last) - int(self.first) if (self.first + self.last).isdecimal() else 10**9
            return (2, width)
        return ({"exact": 0, "prefix": 1, "any": 3}[self.kind], -len(self.first))


@dataclass(frozen=True)
class Rule:
    """Hold the conditions of one rule; an empty one means that anything goes.

    Names (`unit`, and `supplier` unless it is a supplier key) are in the form in which they are compared.
    """

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


_DECIDES = ("rule_id", "tier", "category_code", "spend_class", "lou_covered")
_CHOICES = {"tier": tuple(TIERS), "spend_class": SPEND_CLASSES, "lou_covered": LOU_COVERED}


def checked_rules(rules: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Return the rules with every column of schema.RULES, once they are known to fit each other and the tree.

    Parameters: rules, as a file gave them or as an analyst made them (columns that no rule uses may be absent);
    taxonomy, the category tree. Raises MappingError that names the rules at fault.
    """
    if rules.empty:
        raise MappingError(
            "There are no rules, so nothing could be mapped. Name at least one rule file under mapping.rules."
        )
    if taxonomy.empty:
        raise MappingError(
            "The category tree is empty, so nothing could be mapped. Give a tree with at least one category."
        )
    _refuse_missing("rules", rules, _DECIDES)
    _refuse_missing("category tree", taxonomy, ("category_code", "parent_code", "name", "category_path"))
    whole = rules.assign(**{name: None for name in names(RULES) if name not in rules}).reset_index(drop=True)
    origins = whole["origin"] if "origin" in whole else whole["rule_id"].astype("str")
    _refuse_doubles(taxonomy["category_code"], "categories of the tree", "category_code")
    _refuse_doubles(whole["rule_id"], "rules", "rule_id")
    if whole["rule_id"].isna().any():
        raise MappingError("A rule has no rule_id. Give it one, so that every row can tell what decided it.")
    for column, choices in _CHOICES.items():
        odd = whole.index[~whole[column].isin(choices)]
        if len(odd):
            value = str(whole.loc[odd[0], column])
            raise MappingError(f"{examples(origins[odd])}: {column} is '{value}'. {did_you_mean(value, choices)}")
    for column in ("valid_from", "valid_to"):
        for origin, value in zip(origins, whole[column], strict=True):
            try:
                _day(value)
            except ValueError:
                raise MappingError(f"{origin}: {column} is '{value}'. Write a day as 2025-01-31.") from None
    _check_categories(whole["category_code"], origins, taxonomy)
    return whole


def _refuse_missing(what: str, frame: pd.DataFrame, needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in frame]
    if missing:
        raise MappingError(
            f"The {what} lack the column(s) {examples(missing)}. Add them; params/mappings/README.md and "
            "params/taxonomies/README.md say what each column holds."
        )


def _refuse_doubles(codes: pd.Series[str], what: str, column: str) -> None:
    doubled = codes[codes.duplicated()].drop_duplicates()
    if len(doubled):
        raise MappingError(
            f"Several {what} have the same {column}: {examples(doubled)}. Give each one of its own, so that every row "
            "can tell what decided it."
        )


def _check_categories(pointed_at: pd.Series[str], origins: pd.Series[str], taxonomy: pd.DataFrame) -> None:
    strange = ~pointed_at.isin(set(taxonomy["category_code"]))
    if strange.any():
        raise MappingError(
            f"{int(strange.sum())} rule(s) point to a category that is not in the tree: {examples(origins[strange])} "
            f"(the first to '{pointed_at[strange].iloc[0]}'). Correct the code, or add the category to the tree."
        )
    wide = pointed_at.isin(set(taxonomy["parent_code"]))
    if wide.any():
        raise MappingError(
            f"{int(wide.sum())} rule(s) point to a category that has categories below it: {examples(origins[wide])}. "
            "Point to one of those, so that no kronor stop half-way down the tree."
        )


def parse_rules(rules: pd.DataFrame) -> list[Rule]:
    """Turn a frame of rules (schema.RULES, conditions that no rule gives may be absent) into rules, in the same
    order.
    """
    return [
        Rule(
            rule_id=str(row["rule_id"]),
            tier=str(row["tier"]),
            account=AccountCondition.parse(_filled(row.get("account"))),
            unit=comparable_name(_filled(row.get("unit"))),
            supplier=_supplier(_filled(row.get("supplier"))),
            project=_filled(row.get("project")),
            text=_filled(row.get("text")),
            valid_from=_day(row.get("valid_from")),
            valid_to=_day(row.get("valid_to")),
        )
        for row in rules.to_dict("records")
    ]


def _filled(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def comparable_name(name: str) -> str:
    """Return the form in which two writings of a name are compared: NFC, without case, single spaces.

    >>> comparable_name("  Vård och  OMSORG ")
    'vård och omsorg'
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _supplier(written: str) -> str:
    if re.fullmatch(r"[0-9]{6}-[0-9]{4}", written):
        return written.replace("-", "")
    return written if is_supplier_key(written) else comparable_name(written)


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
    names = ((earlier.unit, rule.unit), (earlier.supplier, rule.supplier), (earlier.project, rule.project))
    same = all(not mine or mine == its for mine, its in names) and _text_covers(earlier.text, rule.text)
    starts = earlier.valid_from is None or (rule.valid_from is not None and earlier.valid_from <= rule.valid_from)
    ends = earlier.valid_to is None or (rule.valid_to is not None and earlier.valid_to >= rule.valid_to)
    return same and starts and ends and rule.account.within(earlier.account)


def _text_covers(wide: str, narrow: str) -> bool:
    """Tell whether every text that meets the narrow pattern meets the wide one: its words stand within the other's."""
    # What stands for anything in the narrow pattern can hold none of the wide one's words for certain.
    return not wide or bool(re.search(text_pattern(wide), narrow.replace("*", "\0")))


def is_supplier_key(written: str) -> bool:
    """Tell a supplier key of the ledger from a supplier's name.

    >>> is_supplier_key("5560160680"), is_supplier_key("Nordfjäll Bygg AB")
    (True, False)
    """
    return (len(written) == 10 and written.isdecimal()) or written.startswith(("dold:", "nr:", "utl:", "namn:"))


def text_pattern(words: str) -> str:
    """Return the regular expression for a rule's words, where * stands for anything and case does not matter.

    >>> text_pattern("el*nät")
    '(?is)el.*nät'
    """
    special = set(r"\.^$+?()[]{}|")
    return "(?is)" + "".join(".*" if sign == "*" else f"\\{sign}" if sign in special else sign for sign in words)


def validity_edges(rules: Sequence[Rule]) -> list[date]:
    """List the days on which some rule begins to hold or has ceased to, in order.

    9999-12-31, as registers write 'until further notice', has no day after it and so never ceases.
    """
    begins = {rule.valid_from for rule in rules if rule.valid_from}
    ceases = {rule.valid_to + timedelta(days=1) for rule in rules if rule.valid_to and rule.valid_to < date.max}
    return sorted(begins | ceases)

"""Take a filled-in review workbook back: every row is checked, and nothing is taken when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean
from procanalysis.organisation.kept_files import alone
from procanalysis.organisation.masking import masker_of
from procanalysis.params import OrganisationParams, load_organisation_params, project_root
from procanalysis.params.decided_files import accepted_path, is_named, refused_path
from procanalysis.read.review_workbook import ReviewRow, read_review_rows
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import MASKED, holds_personal_number
from procanalysis.schema import DECISIONS, REFUSED_RULES, REVIEW_DECISIONS, RULES, TIERS, names
from procanalysis.suggestions.book import RULE_COLUMNS, RULES_SHEET, leaves, row_code
from procanalysis.suggestions.decided import DecidedRules, decided_rules
from procanalysis.suggestions.rule_files import write_rule_files

_LABELS = {column.key: column.label for column in RULE_COLUMNS}
_FILLED_IN = tuple(column.key for column in RULE_COLUMNS if column.to_fill_in)
_FORMULA_SIGNS = tuple("=+-@＝＋－＠")
_TIERS = {word: tier for tier, word in TIERS.items()}
LONGEST_TEXT = 1_000


@dataclass(frozen=True)
class ReviewTaken:
    """Hold what a review led to.

    decisions: those that are new (schema.REVIEW_DECISIONS); known_count: decided earlier and alike, so that nothing was
    done; undecided_count: rows without a decision; accepted_file and refused_file: where they stand; is_named: whether
    the organisation file names the accepted rules, so that they decide rows.
    """

    decisions: pd.DataFrame
    known_count: int
    undecided_count: int
    accepted_file: Path
    refused_file: Path
    is_named: bool

    def counted(self, decision: str) -> int:
        """Return how many new decisions are of a kind, a key of DECISIONS."""
        return int((self.decisions["decision"] == decision).sum())


def take_review(slug: str, workbook: Path, *, decided_on: date) -> ReviewTaken:
    """Check a filled-in review workbook, add the accepted rules to the rule file, and remember the refused ones.

    A rule that is decided already, and alike, is left as it is: the same workbook twice changes nothing. The files
    appear whole or not at all. Of several reviews of an organisation at the same time the others wait for the first.
    Parameters: slug, the organisation's; workbook, as `write_review_workbook` wrote it and a reviewer filled it in;
    decided_on, the day that is written with the decisions. Returns ReviewTaken. Raises InputError that lists every
    mistake with sheet, row and column, MappingError when the rules would not fit the tree or each other.
    """
    params = load_organisation_params(slug)
    # Two at once would each write the files without what the other adds.
    with alone(project_root() / "data" / "prepared" / params.slug, lambda message: None):
        return _take(params, workbook, decided_on)


def _take(params: OrganisationParams, workbook: Path, decided_on: date) -> ReviewTaken:
    taxonomy = read_taxonomy(params.taxonomy_path())
    rules = read_rules(params.rule_paths(), masker=masker_of(params))
    earlier = decided_rules(params)
    rows = read_review_rows(workbook, sheet=RULES_SHEET, labels=_LABELS)
    check = _Check(params, taxonomy, pd.concat([rules, earlier.accepted], ignore_index=True), earlier, decided_on)
    undecided = 0
    for row in rows:
        undecided += check.row(row) == "undecided"
    check.refuse_mistakes(workbook.name)
    write_rule_files(params, check.accepted, check.refused, taxonomy=taxonomy)
    return ReviewTaken(
        decisions=pd.DataFrame(check.decisions, columns=names(REVIEW_DECISIONS)),
        known_count=check.known_count,
        undecided_count=undecided,
        accepted_file=accepted_path(params),
        refused_file=refused_path(params),
        is_named=is_named(params),
    )


class _Check:
    """Check the rows of a review one by one, and gather what they say and every mistake in them."""

    def __init__(
        self,
        params: OrganisationParams,
        taxonomy: pd.DataFrame,
        rules: pd.DataFrame,
        earlier: DecidedRules,
        decided_on: date,
    ) -> None:
        self._slug, self._decided_on = params.slug, decided_on
        self._categories = set(taxonomy["category_code"])
        self._leaves = set(leaves(taxonomy)["category_code"])
        self._rules, self._earlier = rules, earlier
        self._seen: dict[str, int] = {}
        self.mistakes: list[str] = []
        self.decisions: list[dict[str, object]] = []
        self.accepted: list[dict[str, str]] = []
        self.refused: list[dict[str, str]] = []
        self.known_count = 0

    def refuse_mistakes(self, name: str) -> None:
        """Raise InputError that lists every mistake; nothing has been taken."""
        if self.mistakes:
            listed = "\n".join(f"  {mistake}" for mistake in self.mistakes)
            raise InputError(
                f"{name}: {len(self.mistakes)} mistake(s), so nothing was taken. Correct them and try again:\n{listed}"
            )

    def row(self, row: ReviewRow) -> str:
        """Check one row. Returns 'undecided', 'decided', or 'wrong' when a mistake was found."""
        before = len(self.mistakes)
        self._unchanged(row)
        if not row.cells["decision"]:
            self._nothing_filled_in(row)
            return "undecided" if len(self.mistakes) == before else "wrong"
        decision = self._decision(row)
        category = self._category(row, decision)
        for key in ("author", "reason"):
            self._words(row, key)
        if len(self.mistakes) > before:
            return "wrong"
        self._take(row, decision, category)
        return "decided" if len(self.mistakes) == before else "wrong"

    def _mistake(self, row: ReviewRow, key: str, words: str) -> None:
        self.mistakes.append(f"{row.place(key)}: {words}")

    def _unchanged(self, row: ReviewRow) -> None:
        """Refuse a row that is not as it was written, but for what a reviewer fills in."""
        rule_id = row.cells["rule_id"]
        if not rule_id or not row.cells["row_code"]:
            self._mistake(
                row, "rule_id" if not rule_id else "row_code",
                "the cell is empty, so this is no suggested rule. Take the row away; a rule of your own belongs in the "
                "rule file.",
            )  # fmt: skip
        elif row_code(self._slug, row.cells) != row.cells["row_code"]:
            filled_in = ", ".join(_LABELS[key] for key in _FILLED_IN)
            self._mistake(
                row, "row_code",
                f"the row of rule '{rule_id}' has been changed, or was not written for '{self._slug}'. Only these "
                f"columns may be filled in: {filled_in}. Write a new workbook with 'procanalysis suggest "
                f"{self._slug}' and copy the decisions there.",
            )  # fmt: skip
        if rule_id and rule_id in self._seen:
            self._mistake(
                row, "rule_id", f"the rule '{rule_id}' stands in row {self._seen[rule_id]} too. Keep one of the rows."
            )
        self._seen.setdefault(rule_id, row.number)

    def _nothing_filled_in(self, row: ReviewRow) -> None:
        for key in ("other_category", "reason"):
            if row.cells[key]:
                self._mistake(
                    row, "decision",
                    f"there is no decision, but '{_LABELS[key]}' is filled in. Choose {_choices()}, or empty the "
                    "other cells to leave the rule until later.",
                )  # fmt: skip
                return

    def _decision(self, row: ReviewRow) -> str:
        words = {word.casefold(): decision for decision, word in DECISIONS.items()}
        decision = words.get(row.cells["decision"].casefold(), "")
        if not decision:
            self._mistake(
                row, "decision", f"'{row.cells['decision']}' is no decision. Write {_choices()}, or leave it empty."
            )
        return decision

    def _category(self, row: ReviewRow, decision: str) -> str:
        other, suggested = row.cells["other_category"], row.cells["category_code"]
        if not other or other == suggested:
            return suggested
        if decision == "refused":
            self._mistake(
                row, "other_category",
                f"a refused rule has no category. Write {DECISIONS['accepted']} to make the rule with '{other}', or "
                "empty this cell to refuse it.",
            )  # fmt: skip
        elif other not in self._categories:
            self._mistake(row, "other_category", f"there is no category '{other}'. {did_you_mean(other, self._leaves)}")
        elif other not in self._leaves:
            self._mistake(
                row, "other_category",
                f"the category '{other}' has categories below it. Choose one of those, so that no kronor stop "
                "half-way down the tree.",
            )  # fmt: skip
        return other

    def _words(self, row: ReviewRow, key: str) -> None:
        text = row.cells[key]
        wanted = {"author": "the role that decided, such as Kategoriansvarig", "reason": "one sentence that says why"}
        if not text:
            self._mistake(row, key, f"the cell is empty. Write {wanted[key]}.")
        elif text.startswith(_FORMULA_SIGNS):
            self._mistake(
                row, key, f"the text begins with '{text[0]}', which a spreadsheet takes for a formula. Begin with a "
                "letter or a figure.",
            )  # fmt: skip
        elif len(text) > LONGEST_TEXT:
            self._mistake(row, key, f"the text has {len(text)} characters. Write at most {LONGEST_TEXT}.")
        elif holds_personal_number(text):
            self._mistake(row, key, "the text looks like it holds a personal number. Take it away.")

    def _take(self, row: ReviewRow, decision: str, category: str) -> None:
        rule_id = row.cells["rule_id"]
        known = self._known(rule_id)
        if known:
            said, code = known
            if (said, code) == (decision, category):
                self.known_count += 1
                return
            shown = DECISIONS[said] + (f" with category {code}" if said == "accepted" else "")
            self._mistake(
                row, "decision",
                f"the rule '{rule_id}' was decided otherwise earlier: {shown}. Take its row away from the file of "
                f"{'accepted rules' if said == 'accepted' else 'refused rules'} first, or decide as then.",
            )  # fmt: skip
            return
        rule = self._rule(row, category)
        if rule is None:
            return
        decided = {name: row.cells[name] for name in ("author", "reason")} | {"decided_on": str(self._decided_on)}
        if decision == "accepted":
            self.accepted.append({name: (rule | decided).get(name, "") for name in names(RULES)})
        else:
            refused = rule | decided | {"refused_tier": rule["tier"]}
            self.refused.append({name: refused.get(name, "") for name in names(REFUSED_RULES)})
        self.decisions.append(
            {"rule_id": rule_id, "decision": decision, "category_code": category, **decided}
            | {"decided_on": pd.Timestamp(self._decided_on)}
        )

    def _known(self, rule_id: str) -> tuple[str, str] | None:
        """Return what was decided of a rule earlier, and with which category."""
        for decision, frame in (("accepted", self._rules), ("refused", self._earlier.refused)):
            codes = frame.loc[frame["rule_id"] == rule_id, "category_code"]
            if len(codes):
                return decision, str(codes.iloc[0])
        return None

    def _rule(self, row: ReviewRow, category: str) -> dict[str, str] | None:
        """Return the rule as the rule file holds it; None when it cannot be written, which is then a mistake."""
        cells = row.cells
        tier = _TIERS.get(cells["tier"], "")
        if not tier:
            self._mistake(row, "tier", f"'{cells['tier']}' is no tier. {did_you_mean(cells['tier'], _TIERS)}")
            return None
        if cells["supplier"].startswith(MASKED) or holds_personal_number(cells["supplier"]):
            self._mistake(row, "supplier", "a rule may not name a sole trader. Take the row away.")
            return None
        treatment = self._treatment(row, category)
        if treatment is None:
            return None
        return {
            "rule_id": cells["rule_id"],
            "tier": tier,
            **{name: cells[name] for name in ("account", "unit", "supplier")},
            "category_code": category,
            "spend_class": treatment[0],
            "lou_covered": treatment[1],
        }

    def _treatment(self, row: ReviewRow, category: str) -> tuple[str, str] | None:
        """Return spend class and LOU mark: the suggestion's, unless rules treat the reviewer's category otherwise."""
        own = (row.cells["spend_class"], row.cells["lou_covered"])
        if category == row.cells["category_code"]:
            return own
        its_rules = self._rules[self._rules["category_code"] == category]
        pairs = sorted(set(its_rules[["spend_class", "lou_covered"]].itertuples(index=False, name=None)))
        if own in pairs:
            return own
        if len(pairs) == 1:
            return pairs[0]
        because = f"its rules treat it in {len(pairs)} ways" if pairs else "no rule says what spend class it has"
        self._mistake(
            row, "other_category",
            f"the rule cannot be made with the category '{category}', since {because}. Refuse it here, and write the "
            "rule in the rule file by hand.",
        )  # fmt: skip
        return None


def _choices() -> str:
    return " or ".join(f"'{word}'" for word in DECISIONS.values())

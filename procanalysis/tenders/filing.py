"""Choose whose rows are whose: what was announced by somebody, with all that is known of it wherever it is filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from procanalysis.measures.tenders import of_buyers
from procanalysis.measures.wording import number_text
from procanalysis.schema import TENDER_TABLES, TenderTables

_DETAILS = tuple(name for name in TENDER_TABLES if name != "procurements")
_WHAT = "uppgifterna om anbud, kontraktsvärden eller leverantörer"


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Hold the numbers of procurements whose bids, values or awards are filed otherwise than they were announced.

    elsewhere, filed under somebody's numbers and announced by somebody else, so left out; from_others, announced by
    them and filed under somebody else, so counted; unannounced, filed under them and among nobody's procurements.
    """

    elsewhere: frozenset[str]
    from_others: frozenset[str]
    unannounced: frozenset[str]


@dataclass(frozen=True)
class ByAnnouncer:
    """Hold tables of many buyers, with who announced the procurement of each row, found once for all choices."""

    tables: TenderTables

    @cached_property
    def _buyers(self) -> dict[str, pd.Series]:
        """Per table who announced each row's procurement, or whom the row is filed under where nobody is known to."""
        announced = self.tables.procurements.dropna(subset=["buyer_number"]).set_index("procurement_id")["buyer_number"]
        found = {}
        for name in _DETAILS:
            table = getattr(self.tables, name)
            announcer = table["procurement_id"].map(announced).astype(table["buyer_number"].dtype)
            found[name] = announcer.where(announcer.notna(), table["buyer_number"])
        return found

    @cached_property
    def _is_announced(self) -> dict[str, pd.Series]:
        known = set(self.tables.procurements["procurement_id"])
        # As objects: among Arrow's texts pandas converts each value that is looked for by itself.
        return {name: getattr(self.tables, name)["procurement_id"].astype("object").isin(known) for name in _DETAILS}

    def rows_of(self, numbers: Sequence[str]) -> TenderTables:
        """Choose the procurements that were announced by some buyers, and the bids, values and awards of those.

        A row of the other tables follows its procurement, whoever it is filed under, so that all figures are about the
        same procurements. One whose procurement has no row, or no buyer with a number, stays with the buyer it is filed
        under. Parameters: numbers, organisation numbers of ten digits. Raises MeasureError for another number.
        """
        chosen = {
            name: getattr(self.tables, name)[buyers.isin(list(numbers))].reset_index(drop=True)
            for name, buyers in self._buyers.items()
        }
        return TenderTables(procurements=of_buyers(self.tables.procurements, numbers), **chosen)

    def filing_of(self, numbers: Sequence[str]) -> Filing:
        """Find the procurements whose rows `rows_of` does not choose by the buyer they are filed under."""
        found: dict[str, set[str]] = {"elsewhere": set(), "from_others": set(), "unannounced": set()}
        for name, buyers in self._buyers.items():
            table = getattr(self.tables, name)
            is_filed, is_own = table["buyer_number"].isin(list(numbers)), buyers.isin(list(numbers))
            for key, rows in (
                ("elsewhere", is_filed & ~is_own),
                ("from_others", is_own & ~is_filed),
                ("unannounced", is_own & ~self._is_announced[name]),
            ):
                found[key] |= set(table.loc[rows, "procurement_id"])
        return Filing(**{key: frozenset(ids) for key, ids in found.items()})


def rows_of(tables: TenderTables, numbers: Sequence[str]) -> TenderTables:
    """Choose as `ByAnnouncer.rows_of`, once."""
    return ByAnnouncer(tables).rows_of(numbers)


def filing_sentences(filing: Filing, name: str) -> tuple[str, ...]:
    """Say in Swedish what is filed otherwise than it was announced, and where it is counted.

    Parameters: name, whose rows are chosen.
    """
    said = []
    if filing.elsewhere:
        announced = "annonserad" if len(filing.elsewhere) == 1 else "annonserade"
        said.append(
            f"{_procurements(filing.elsewhere)} där {name} står som köpare i {_WHAT} är {announced} av någon annan. "
            "De uppgifterna är inte med."
        )
    if filing.from_others:
        said.append(
            f"{_procurements(filing.from_others)} som {name} annonserade har en annan köpare i {_WHAT}. De "
            "uppgifterna är med."
        )
    return (*said, *_unannounced(filing.unannounced))


def group_filing_sentences(filings: Sequence[Filing]) -> tuple[str, ...]:
    """Say the same of members side by side, of whom one may have what is filed under another."""
    moved = frozenset(number for each in filings for number in each.elsewhere | each.from_others)
    said = []
    if moved:
        said.append(
            f"{_procurements(moved)} har en annan köpare i {_WHAT} än den som annonserade. De uppgifterna räknas hos "
            "den som annonserade."
        )
    return (*said, *_unannounced(frozenset(number for each in filings for number in each.unannounced)))


def _unannounced(numbers: frozenset[str]) -> tuple[str, ...]:
    if not numbers:
        return ()
    return (
        f"{_procurements(numbers)} finns i {_WHAT} men inte bland de annonserade upphandlingarna. De uppgifterna är "
        "med, så antalet upphandlingar kan skilja sig mellan tabellerna.",
    )


def _procurements(numbers: frozenset[str]) -> str:
    return f"{number_text(len(numbers))} upphandling{'' if len(numbers) == 1 else 'ar'}"

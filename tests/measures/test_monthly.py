"""Monthly report: contracts that end soon, the saving so far, and what stands out, each by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import monthly, wording
from procanalysis.schema import Exclusion, KeyFigure

AS_OF = date(2025, 6, 30)


def ending(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"contract_id": name, "title": name, "supplier_names": "AB", "ends_on": pd.Timestamp(day),
             "has_options": False, "amount_ore": 100}
            for name, day in rows
        ]
    )  # fmt: skip


def scopes(*rows: tuple[str, str | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["contract_id", "participant", "participants_known"])
    return frame.astype({"participant": "str"})


def procurements(*rows: tuple[str | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["replaces_contract_id", "status"]).astype({"replaces_contract_id": "str"})


CONTRACTS = ending(
    ("on the day", "2025-06-30"), ("day after", "2025-07-01"), ("last day", "2025-12-31"), ("too late", "2026-01-01")
)
SCOPES = scopes(*((name, None, 1) for name in CONTRACTS["contract_id"]))


def soon(**changed: Any) -> monthly.EndingSoon:
    given = {"ending": CONTRACTS, "contracts": CONTRACTS, "scopes": SCOPES, "procurements": procurements()} | changed
    return monthly.ending_soon(**given, as_of=AS_OF)


def test_six_months_are_counted_from_the_day_after_to_the_last_of_the_sixth() -> None:
    assert soon().contracts["contract_id"].tolist() == ["day after", "last day"]


def test_a_units_contracts_are_those_that_name_it_or_everyone_and_those_whose_users_are_unknown() -> None:
    listed = ending(*((name, "2025-08-01") for name in ("ours", "theirs", "everyone", "unknown", "both")))
    reach = scopes(
        ("ours", "skolan", 1), ("theirs", "vården", 1), ("everyone", None, 1), ("unknown", None, 0),
        ("both", "vården", 1), ("both", "skolan", 1),
    )  # fmt: skip
    found = soon(ending=listed, contracts=listed, scopes=reach, called={"skolan"}).contracts
    told = dict(zip(found["contract_id"], found["for_unit"], strict=True))
    assert told == {"ours": "Ja", "everyone": "Ja", "unknown": "Okänt", "both": "Ja"}
    whole = soon(ending=listed, contracts=listed, scopes=reach).contracts
    assert len(whole) == 5 and set(whole["for_unit"]) == {"Ja"}


def test_what_replaces_a_contract_is_told_and_a_broken_off_procurement_replaces_nothing() -> None:
    listed = procurements(("day after", "running"), ("last day", "cancelled"), (None, "planned"))
    assert soon(procurements=listed).contracts["procurement"].tolist() == ["Pågår", "Ingen"]
    assert set(soon().contracts["procurement"]) == {"Okänt"}, "without a list nothing is known"


def test_contracts_without_known_end_are_counted_and_no_register_is_said() -> None:
    more = pd.concat([CONTRACTS, ending(("endless", "NaT"))], ignore_index=True)
    assert soon(contracts=more).unknown_end_count == 1
    empty = CONTRACTS.iloc[:0]
    without = soon(ending=empty, contracts=empty, scopes=SCOPES.iloc[:0], called={"skolan"})
    assert without.unknown_because == wording.NO_CONTRACT_REGISTER and without.contracts.empty


def test_months_must_be_sound() -> None:
    with pytest.raises(MeasureError, match="months"):
        monthly.ending_soon(CONTRACTS, CONTRACTS, SCOPES, procurements(), as_of=AS_OF, months=0)


@dataclass(frozen=True)
class Plan:
    year: int = 2025
    target_ore: int | None = 1_000_000
    so_far_ore: int | None = 250_000


ENABLED = KeyFigure(
    id="enabled_saving", label="M", value=None, unit="SEK", method="enabled_saving", unknown_because="Inga priser",
    excluded=(Exclusion("Slutdag saknas", 1, 5),),
)  # fmt: skip


def test_the_saving_so_far_is_held_against_the_years_target() -> None:
    found = monthly.saving_so_far(Plan(), ENABLED)
    assert (found.value, found.comparison.replace("\xa0", " ")) == (Decimal("2500.00"), "av årets mål 10 000 kr (25 %)")
    assert found.excluded == ENABLED.excluded and found.method == "savings_plan"
    assert monthly.saving_so_far(Plan(target_ore=None), ENABLED).comparison == "inget mål för 2025 är angivet"


def test_an_unknown_saving_is_not_zero() -> None:
    found = monthly.saving_so_far(Plan(so_far_ore=None), ENABLED)
    assert (found.value, found.unknown_because, found.comparison) == (None, "Inga priser", "")


def deviation(kind: str, subject: str, amount: int, reference: int, where: str = "") -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "where": where, "amount_ore": amount, "reference_ore": reference,
            "difference_ore": amount - reference, "rule": "Regel"}  # fmt: skip


def test_only_a_peak_in_the_month_itself_is_taken_and_stands_first() -> None:
    year = pd.DataFrame([deviation("Månadstopp", "juni 2025", 5, 1, "2025-06"),
                         deviation("Månadstopp", "mars 2025", 9, 1, "2025-03"),
                         deviation("Stor enskild kontering", "X", 9, 10)])  # fmt: skip
    month = pd.DataFrame([deviation("Ökning per leverantör", "A", 30, 10),
                          deviation("Stor enskild kontering", "B", 25, 1000),
                          deviation("Minskning per enhet", "C", 0, 40)])  # fmt: skip
    found = monthly.standing_out(month, year, month=AS_OF)
    assert found["subject"].tolist() == ["juni 2025", "C", "B", "A"]
    own = monthly.standing_out(month, year, month=AS_OF, unit="C")
    assert own["subject"].tolist() == ["juni 2025", "B", "A"]
    assert list(found.columns) == list(month.columns)

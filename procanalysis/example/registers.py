"""Generate the registers beside the ledger: contracts, follow-ups and procurements, and all that is planted in them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.example.contract_rungs import with_rungs
from procanalysis.example.contract_suppliers import bought_from, in_base, without_contract
from procanalysis.example.contract_truths import loyalty_truths
from procanalysis.example.contracts import OWNER_GONE, Register, draw_register
from procanalysis.example.follow_ups import FOLLOW_UP_FILE, draw_follow_ups, write_follow_ups
from procanalysis.example.ledger import PERIOD
from procanalysis.example.limit_truths import limit_truths
from procanalysis.example.procurements import PROCUREMENT_FILE, Procurement, draw_procurements, write_procurements
from procanalysis.example.register_files import CONTRACT_FILE, GROUP_FILE, WrittenRegister, write_register
from procanalysis.example.register_truths import (
    contract_list,
    expiry,
    follow_up_truths,
    procurement_truths,
    register_faults,
)
from procanalysis.example.saving_truths import saving_truths
from procanalysis.example.savings import company_places, draw_savings
from procanalysis.example.savings_files import write_savings

Truths = dict[str, Any]

_WORDS = ("category_code", "spend_class", "lou_covered")
_NEEDED = ("supplier", "unit", "day", "year", "amount_ore", "invoice", *_WORDS)
_REASONS = {
    "end_before_start": "ends_before_start",
    "start_unreadable": "date_unreadable",
    "end_unreadable": "date_unreadable",
}


def write_registers(directory: Path, postings: pd.DataFrame, suppliers: pd.DataFrame, seed: int) -> Truths:
    """Write the register files for the ledger's postings; returns what is planted, as 'contracts' and 'savings'.

    Parameters: `directory`, which exists; `postings`, in the order of the files; `suppliers`, their table; `seed`, of
    a generator apart from the ledger's, so that the ledger is the same with and without registers.
    """
    rng = np.random.default_rng([seed, 4])
    # Few different words, looked at again and again.
    postings = postings[list(_NEEDED)].assign(**{name: postings[name].astype("category") for name in _WORDS})
    base = postings[in_base(postings)]
    bought = bought_from(postings, base, len(suppliers))
    left_out = without_contract(base, bought, suppliers, rng)
    drawn = draw_register(bought, {who for places in left_out.values() for who in places}, suppliers, rng)
    procurements, contracts = draw_procurements(drawn.contracts, rng)
    register = replace(drawn, contracts=contracts)
    follow_ups = draw_follow_ups(contracts, rng)
    written = write_register(directory, register, suppliers)
    write_procurements(directory, procurements)
    write_follow_ups(directory, follow_ups, suppliers)
    lines = with_rungs(postings[~postings["spend_class"].eq("ej inköp")], register, suppliers)
    covered = lines[lines["lou_covered"].eq("ja")]
    savings = _write_savings(directory, register, procurements, lines, suppliers)
    contracts_truths = {
        "period": str(PERIOD),
        "files": {
            "contracts": CONTRACT_FILE,
            "groups": GROUP_FILE,
            "follow_ups": FOLLOW_UP_FILE,
            "procurements": PROCUREMENT_FILE,
        },
        "register": _register(register, written),
        "cases": _cases(register),
        "left_without_contract": _named(left_out, suppliers),
        "loyalty": loyalty_truths(postings, covered),
        "direct_award": limit_truths(covered, suppliers),
        "faults": register_faults(register, lines),
        "expiry": expiry(register, lines),
        "follow_ups": follow_up_truths(follow_ups, register),
        "procurements": procurement_truths(procurements, register),
        "contracts": contract_list(register, written.first_rows, suppliers),
    }
    return {"contracts": contracts_truths, "savings": savings}


def _write_savings(
    directory: Path, register: Register, procurements: list[Procurement], lines: pd.DataFrame, suppliers: pd.DataFrame
) -> Truths:
    """Write the savings register, tied to the contracts, procurements and what was bought on them."""
    on_contract = lines[lines["year"].eq(PERIOD) & (lines["proven"] >= 2)].groupby("contract")["amount_ore"].sum()
    places, amounts = on_contract.index.tolist(), on_contract.tolist()
    spent = {register.contracts[place].contract_id: amount for place, amount in zip(places, amounts, strict=True)}
    savings = draw_savings(register.contracts, procurements, spent, company_places(suppliers))
    return saving_truths(savings, write_savings(directory, savings), spent)


def _register(register: Register, written: WrittenRegister) -> Truths:
    return {
        "rows_in_file": written.rows_in_file,
        "accepted_rows": written.rows_in_file - len(written.rejected),
        "contracts": len(register.contracts),
        "rejected_rows": [
            {"file": CONTRACT_FILE, **asdict(row), "reason": _REASONS[row.case]} for row in written.rejected
        ],
        "owner_gone": OWNER_GONE,
        "groups": len(register.groups),
    }


def _cases(register: Register) -> dict[str, list[str]]:
    """List the contracts of each case."""
    found: dict[str, list[str]] = {}
    for one in register.contracts:
        found.setdefault(one.case, []).append(one.contract_id)
    return dict(sorted(found.items()))


def _named(left_out: dict[str, list[int]], suppliers: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    """Name the suppliers that have no contract, per case of the direct-award limit."""
    return {
        case: [
            {"supplier_number": str(suppliers["number"].iat[place]), "supplier_name": str(suppliers["name"].iat[place])}
            for place in places
        ]
        for case, places in left_out.items()
    }

"""The fictional organisation Region Exempel: its inputs, generated, with every planted truth written down."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from procanalysis.errors import ParamsError
from procanalysis.example.amounts import amounts_in_ore
from procanalysis.example.article_lines import write_article_lines
from procanalysis.example.case_truths import case_truths
from procanalysis.example.files import file_name, write_year
from procanalysis.example.ledger import YEARS, Invoices, draw_invoices
from procanalysis.example.postings import draw_postings
from procanalysis.example.registers import write_registers
from procanalysis.example.reported import write_reported
from procanalysis.example.suppliers import draw_suppliers
from procanalysis.example.tender_truths import write_tender_statistics
from procanalysis.example.truths import gather_truths

FULL_SIZE = 300_000
FULL_SIZE_SUPPLIERS = 4_000
SMALLEST = 5_000
SEED = 2025


def generate_example(directory: Path, *, lines: int = FULL_SIZE, seed: int = SEED) -> Path:
    """Write the supplier ledger and registers of a fictional region for 2023–2025, and what is planted in them.

    Parameters: `directory`, made when missing; `lines`, about how many postings over the three years, at
    least 5 000; `seed`, the same seed and size give the same bytes. Returns the path of
    `planted_truths.json`, beside `leverantorsreskontra-<year>.csv`, a second, identical delivery of 2024, and the
    registers of contracts (with groups of companies), follow-ups, procurements and savings, the order lines of
    e-commerce, the folders `e-fakturor` and `prislistor`, tags and emission factors, the tender statistics of a
    fictional nation, and the folder `rapporterat` of what the region has reported about itself.
    Raises ParamsError when `lines` is too small to plant anything in. Source: the shares of suppliers and
    invoices are those of requirements R49 and R50.
    """
    if lines < SMALLEST:
        raise ParamsError(f"lines is {lines}. Ask for at least {SMALLEST}, so that everything can be planted.")
    rng = np.random.default_rng(seed)
    # Small ledgers have relatively more suppliers, as in life.
    suppliers = draw_suppliers(round(FULL_SIZE_SUPPLIERS * (lines / FULL_SIZE) ** 0.5), rng)
    invoices = draw_invoices(suppliers, lines, rng)
    postings = draw_postings(invoices, amounts_in_ore(invoices, len(suppliers)), suppliers, rng)
    postings = _with_names(postings, invoices, suppliers, rng)
    directory.mkdir(parents=True, exist_ok=True)
    written = {year: write_year(directory, year, postings[postings["year"].eq(year)], suppliers, rng) for year in YEARS}
    copy = directory / file_name(2024).replace(".csv", "-kopia.csv")
    shutil.copyfile(written[2024].path, copy)
    truths = gather_truths(postings, suppliers, written, copy, seed, lines)
    truths |= write_registers(directory, postings, suppliers, seed)
    contracts = truths.get("contracts", {})
    truths["articles"] = write_article_lines(directory, postings, suppliers, contracts, lines=lines, seed=seed)
    truths["business_cases"] = case_truths(postings)
    truths["tenders"] = write_tender_statistics(directory, seed)
    truths["reported"] = write_reported(directory)
    path = directory / "planted_truths.json"
    path.write_text(json.dumps(truths, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def _with_names(
    postings: pd.DataFrame, invoices: Invoices, suppliers: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Add the supplier's name as the invoice has it, and the supplier's own running invoice number."""
    count = len(invoices.supplier)
    other = suppliers["other_name"].to_numpy()[invoices.supplier]
    use_other = (other != "") & (rng.random(count) < 0.35)
    name = np.where(use_other, other, suppliers["name"].to_numpy()[invoices.supplier])
    running = pd.Series(invoices.supplier).groupby(invoices.supplier).cumcount().to_numpy()
    start = rng.integers(1_000, 60_000, len(suppliers))[invoices.supplier]
    number = (start + running).astype(str).astype(object)
    # Some ledgers lack the number; the voucher then tells the invoices apart.
    number[rng.random(count) < 0.02] = ""
    invoice = postings["invoice"].to_numpy()
    return postings.assign(name=name[invoice], invoice_number=number[invoice])

"""Draw ledgers of any size and write them as they stream: the same seed gives the same bytes.

Everything is made up: organisation numbers come from ranges that nobody has (procanalysis.example.PREFIXES).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from procanalysis.example.organisation_numbers import legal_numbers

SUPPLIERS = 40_000
ACCOUNTS = tuple(str(4000 + 7 * place) for place in range(600))
UNITS = tuple(f"Kst {1001 + place}" for place in range(400))
BUYERS = tuple(legal_numbers("public", 21))
FIRST_DAY, LAST_DAY = np.datetime64("2021-01-01"), np.datetime64("2025-12-31")
HEADER = (
    "Köpare_id", "Förvaltning", "Organisationsnummer", "Leverantör", "Konto", "Fakturanummer", "Bokföringsdatum",
    "Belopp",
)  # fmt: skip

_BLOCK = 50_000
_LINES_PER_INVOICE = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5)
_CREDIT_SHARE = 0.04
_MIDDLE_KRONOR, _SPREAD = 2_500.0, 1.6
_NAMES = ("Åkerlund", "Söderbäck", "Älvros", "Björkö", "Hällnäs", "Östhammar", "Granvik", "Nyköping")
_TRADES = ("Bygg", "Städ", "Måleri", "Vård", "Trafik", "Livs", "Teknik", "Tryck")

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Suppliers:
    """Hold the suppliers: organisation numbers with and without hyphen, names, and how often each is drawn."""

    numbers: tuple[str, ...]
    written: tuple[str, ...]
    names: tuple[str, ...]
    shares: npt.NDArray[np.float64]


@cache
def draw_suppliers(count: int = SUPPLIERS) -> Suppliers:
    """Make suppliers whose shares of the invoices follow Zipf's law: the share of number r is proportional to 1/r.

    >>> draw_suppliers(2).names
    ('Åkerlund Bygg 00000 AB', 'Söderbäck Bygg 00001 AB')
    """
    numbers = legal_numbers("company", count)
    weights = 1.0 / np.arange(1, count + 1)
    return Suppliers(
        tuple(numbers),
        tuple(f"{number[:6]}-{number[6:]}" for number in numbers),
        tuple(f"{_NAMES[place % 8]} {_TRADES[place // 8 % 8]} {place:05d} AB" for place in range(count)),
        np.asarray(weights / weights.sum(), dtype=np.float64),
    )


@dataclass(frozen=True)
class Totals:
    """Hold what a ledger adds up to, counted while it was drawn."""

    rows: int
    amount_ore: int

    def __add__(self, other: Totals) -> Totals:
        """Add two parts together."""
        return Totals(self.rows + other.rows, self.amount_ore + other.amount_ore)


def write_ledger(paths: Sequence[Path], lines: int, *, seed: int = 1) -> Totals:
    """Write a ledger of so many lines into files of about the same size, and return what it adds up to.

    Parameters: paths, the files to write, in order; lines, of all files together; seed, of the drawing. The lines of a
    smaller ledger are the first ones of a larger one with the same seed. About 92 bytes a line, of which a block at a
    time is held in memory.
    """
    suppliers = draw_suppliers()
    cuts = [lines * place // len(paths) for place in range(1, len(paths) + 1)]
    total, at, place = Totals(0, 0), 0, 0
    writer = _writer(paths[0])
    for block in _blocks(lines, seed, suppliers):
        total += Totals(block.num_rows, int(pc.sum(block["amount_ore"]).as_py() or 0))
        while block.num_rows:
            taken = min(block.num_rows, cuts[place] - at)
            writer.write_table(_laid_out(block.slice(0, taken)))
            block, at = block.slice(taken), at + taken
            if at == cuts[place] and place + 1 < len(paths):
                writer.close()
                place += 1
                writer = _writer(paths[place])
    writer.close()
    return total


def _writer(path: Path) -> pa_csv.CSVWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, pa.string()) for name in HEADER])
    with path.open("wb") as stream:
        stream.write((";".join(HEADER) + "\n").encode())
    options = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    return pa_csv.CSVWriter(pa.OSFile(str(path), "ab"), schema, write_options=options)


def _blocks(lines: int, seed: int, suppliers: Suppliers) -> Iterator[pa.Table]:
    """Draw the lines a block at a time, each with a generator of its own, so that none depends on how many follow."""
    for number, first in enumerate(range(0, lines, _BLOCK)):
        rng = np.random.default_rng((seed, number))
        yield _block(rng, number, suppliers).slice(0, min(_BLOCK, lines - first))


def _block(rng: np.random.Generator, number: int, suppliers: Suppliers) -> pa.Table:
    """Draw whole invoices until a block is full; a line has its invoice's buyer, supplier and day."""
    sizes = rng.choice(_LINES_PER_INVOICE, size=_BLOCK)
    invoice: Integers = np.repeat(np.arange(_BLOCK), sizes)[:_BLOCK]
    of_invoice = int(invoice[-1]) + 1
    supplier = rng.choice(len(suppliers.shares), size=of_invoice, p=suppliers.shares)
    buyer = rng.integers(0, len(BUYERS), of_invoice)
    days = int((LAST_DAY - FIRST_DAY).astype(int)) + 1
    day = FIRST_DAY + rng.integers(0, days, of_invoice).astype("timedelta64[D]")
    is_credit = rng.random(of_invoice) < _CREDIT_SHARE
    ore = np.maximum(np.rint(rng.lognormal(np.log(_MIDDLE_KRONOR * 100), _SPREAD, _BLOCK)), 1).astype(np.int64)
    return pa.table(
        {
            "buyer": buyer[invoice],
            "unit": rng.integers(0, len(UNITS), _BLOCK),
            "supplier": supplier[invoice],
            "account": rng.integers(0, len(ACCOUNTS), _BLOCK),
            "invoice": 100_000_000 + number * _BLOCK + invoice,
            "day": day[invoice],
            "amount_ore": np.where(is_credit[invoice], -ore, ore),
            "number": pa.DictionaryArray.from_arrays(supplier[invoice], list(suppliers.written)),
            "name": pa.DictionaryArray.from_arrays(supplier[invoice], list(suppliers.names)),
        }
    )


def _laid_out(block: pa.Table) -> pa.Table:
    """Write a block as text: days as 2025-01-31, amounts with a decimal comma, credit notes with a minus before."""
    ore = block["amount_ore"]
    size = pc.abs(ore)
    kronor = pc.divide(size, 100)
    cents = pc.subtract(size, pc.multiply(kronor, 100))
    sign = pc.if_else(pc.less(ore, 0), "-", "")
    columns = [
        pc.take(pa.array(BUYERS), block["buyer"]),
        pc.take(pa.array(UNITS), block["unit"]),
        pc.cast(block["number"], pa.string()),
        pc.cast(block["name"], pa.string()),
        pc.take(pa.array(ACCOUNTS), block["account"]),
        pc.binary_join_element_wise("F", pc.cast(block["invoice"], pa.string()), ""),
        pc.cast(block["day"], pa.string()),
        pc.binary_join_element_wise(
            sign,
            pc.cast(kronor, pa.string()),
            pc.take(pa.array([f",{cent:02d}" for cent in range(100)]), cents),
            "",
        ),
    ]
    return pa.table(dict(zip(HEADER, columns, strict=True)))

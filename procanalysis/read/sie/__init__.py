"""SIE 4: a general ledger's transactions, vouchers, accounts, dimensions and balances."""

from procanalysis.read.sie.lines import sie_lines
from procanalysis.read.sie.reading import SieCompany, SieControl, SieReading, read_sie

__all__ = ["SieCompany", "SieControl", "SieReading", "read_sie", "sie_lines"]

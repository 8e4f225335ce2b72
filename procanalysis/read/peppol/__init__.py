"""E-invoices, credit notes and contract price lists in Peppol's formats; price lists as CSV and XLSX too."""

from procanalysis.read.peppol.article_lines import InvoiceLines, article_lines_of
from procanalysis.read.peppol.catalogues import CatalogueReading, read_catalogues
from procanalysis.read.peppol.invoices import InvoiceReading, read_invoices

__all__ = [
    "CatalogueReading",
    "InvoiceLines",
    "InvoiceReading",
    "article_lines_of",
    "read_catalogues",
    "read_invoices",
]

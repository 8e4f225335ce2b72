"""What an opened organisation tells of articles: order and invoice lines, price lists, indexes, tags and factors."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd

from procanalysis.measures.contract_loyalty import LineEvidence, line_evidence
from procanalysis.organisation.evidence import kept_evidence
from procanalysis.organisation.registers import open_register
from procanalysis.params import Period


class OpenedArticles:
    """Give an opened organisation its sources of articles; one that the organisation file does not name has no rows.

    Orders and invoices tell of the same purchases, so they are never added together.
    """

    folder: Path
    period: Period
    taxonomy: pd.DataFrame

    @cached_property
    def all_order_lines(self) -> pd.DataFrame:
        """Order lines of the e-commerce system, whatever their day (schema.ARTICLE_LINES)."""
        return open_register(self.folder, "order_lines")

    @cached_property
    def order_lines(self) -> pd.DataFrame:
        """Order lines of the period."""
        return _between(self.all_order_lines, self.period)

    @cached_property
    def order_lines_before(self) -> pd.DataFrame:
        """Order lines of the period of comparison."""
        return _between(self.all_order_lines, self.period.before())

    def article_lines_before(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Lines of the period of comparison of the same origin as these: orders and invoices are never mixed."""
        return self.invoice_lines_before if set(lines["origin"]) == {"invoice"} else self.order_lines_before

    @cached_property
    def order_differences(self) -> pd.DataFrame:
        """Order lines whose amount is not quantity × price (schema.ORDER_DIFFERENCES)."""
        return open_register(self.folder, "order_differences")

    @cached_property
    def invoices(self) -> pd.DataFrame:
        """E-invoices and credit notes, whatever their day (schema.INVOICES), in every currency."""
        return open_register(self.folder, "invoices")

    @cached_property
    def all_invoice_lines(self) -> pd.DataFrame:
        """Lines of the e-invoices in kronor, whatever their day (schema.ARTICLE_LINES)."""
        return open_register(self.folder, "invoice_lines")

    @cached_property
    def invoice_lines(self) -> pd.DataFrame:
        """Invoice lines of the period."""
        return _between(self.all_invoice_lines, self.period)

    @cached_property
    def invoice_lines_before(self) -> pd.DataFrame:
        """Invoice lines of the period of comparison."""
        return _between(self.all_invoice_lines, self.period.before())

    @cached_property
    def invoice_checks(self) -> pd.DataFrame:
        """How the e-invoices' own totals came out (schema.INVOICE_CHECK_COUNTS)."""
        return open_register(self.folder, "invoice_checks")

    @cached_property
    def invoice_differences(self) -> pd.DataFrame:
        """Totals of e-invoices that do not agree to the öre (schema.INVOICE_DIFFERENCES)."""
        return open_register(self.folder, "invoice_differences")

    @cached_property
    def credit_chains(self) -> pd.DataFrame:
        """What was credited of which e-invoices (schema.CREDIT_CHAINS)."""
        return open_register(self.folder, "credit_chains")

    @cached_property
    def order_evidence(self) -> LineEvidence:
        """What speaks for each order line being bought on a contract, whatever its day; found once for all reports."""
        return kept_evidence(self.folder, "order_evidence", self.all_order_lines, self._evidence)

    @cached_property
    def invoice_evidence(self) -> LineEvidence:
        """The same of each invoice line, with what its order line proves."""

        def find(lines: pd.DataFrame) -> LineEvidence:
            return self._evidence(lines, self.order_evidence)

        return kept_evidence(self.folder, "invoice_evidence", self.all_invoice_lines, find)

    def _evidence(self, lines: pd.DataFrame, order_lines: LineEvidence | None = None) -> LineEvidence:
        return line_evidence(
            lines,
            contracts=open_register(self.folder, "contracts"),
            scopes=open_register(self.folder, "scopes"),
            price_lists=open_register(self.folder, "price_lists"),
            order_lines=order_lines,
            taxonomy=self.taxonomy,
        )

    @cached_property
    def price_lists(self) -> pd.DataFrame:
        """Contract price lists (schema.PRICE_LISTS)."""
        return open_register(self.folder, "price_lists")

    @cached_property
    def price_indexes(self) -> pd.DataFrame:
        """How index clauses move the listed prices (schema.PRICE_INDEXES)."""
        return open_register(self.folder, "price_indexes")

    @cached_property
    def article_tags(self) -> pd.DataFrame:
        """Labels and other tags of articles and categories (schema.ARTICLE_TAGS)."""
        return open_register(self.folder, "article_tags")

    @cached_property
    def emission_factors(self) -> pd.DataFrame:
        """The organisation's own emission factors (schema.EMISSION_FACTORS)."""
        return open_register(self.folder, "emission_factors")


def _between(lines: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the lines whose day is in a period, numbered from 0."""
    inside = lines["bought_on"].between(pd.Timestamp(period.starts_on), pd.Timestamp(period.ends_on))
    return lines[inside].reset_index(drop=True)

"""Generate what was bought line by line: orders, e-invoices, price lists, tags, and all that is planted in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.example.article_tags import draw_tags, write_tags
from procanalysis.example.article_truths import article_truths
from procanalysis.example.articles import with_articles
from procanalysis.example.draws import Draws
from procanalysis.example.e_invoices import draw_invoices, write_invoices
from procanalysis.example.order_files import write_orders
from procanalysis.example.orders import draw_orders
from procanalysis.example.price_list_files import write_price_lists
from procanalysis.example.shops import choose_shops

Truths = dict[str, Any]

ORDER_LINES = 8_000
"""So many order lines beside a ledger of full size."""
_FULL_SIZE = 300_000
_LEAST_LINES, _LEAST_DOCUMENTS, _MOST_DOCUMENTS = 700, 24, 90


def write_article_lines(
    directory: Path, postings: pd.DataFrame, suppliers: pd.DataFrame, contracts: Truths, *, lines: int, seed: int
) -> Truths:
    """Write order files, e-invoices, price lists and tags that tie to the ledger; returns what is planted, 'articles'.

    Parameters: `directory`, which exists; `postings`, with the invoices' numbers; `suppliers`, their table;
    `contracts`, what is planted in the contract register, empty without one; `lines`, the ledger's wanted size; `seed`,
    of a generator apart from all others, so that their files are the same with and without these.
    """
    if not contracts:
        return {}
    draws = Draws(np.random.default_rng([seed, 9]))
    chosen = choose_shops(postings, suppliers, contracts)
    shops = with_articles([shop for shop, _ in chosen], draws)
    with_invoices = [(shop, invoices) for shop, (_, invoices) in zip(shops, chosen, strict=True)]
    orders = draw_orders(with_invoices, max(_LEAST_LINES, ORDER_LINES * lines // _FULL_SIZE), draws)
    documents = max(_LEAST_DOCUMENTS, _MOST_DOCUMENTS * lines // _FULL_SIZE)
    invoiced = draw_invoices(orders, documents, draws)
    tags = draw_tags(shops, draws)
    written = write_orders(directory, orders)
    write_invoices(directory, invoiced)
    return article_truths(
        shops=shops,
        orders=orders,
        invoiced=invoiced,
        tags=tags,
        postings=postings,
        written=written,
        lists=write_price_lists(directory, shops),
        rejected_tags=write_tags(directory, tags),
    )

"""What boards have printed about themselves, ready to use: catalogue, outcomes, statements, and their truth check."""

from procanalysis.published.board import (
    Board,
    board_digest,
    board_files,
    board_name,
    board_of,
    board_slugs,
    board_years,
    catalogue_files,
    open_board,
    require_outcomes,
)
from procanalysis.published.catalogue import catalogue_tables
from procanalysis.published.opening import (
    Published,
    figures_folder,
    has_published,
    nothing_published,
    open_published,
    published_folder,
)
from procanalysis.published.summary import truth_check_lines, truth_check_of

__all__ = [
    "Board",
    "Published",
    "board_digest",
    "board_files",
    "board_name",
    "board_of",
    "board_slugs",
    "board_years",
    "catalogue_files",
    "catalogue_tables",
    "figures_folder",
    "has_published",
    "nothing_published",
    "open_board",
    "open_published",
    "published_folder",
    "require_outcomes",
    "truth_check_lines",
    "truth_check_of",
]

"""Measure procanalysis against rivals that do the same work: `make bench`. See docs/performance.md."""

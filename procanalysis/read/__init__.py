"""The only part that opens input files: one module per source, each returning accepted and rejected rows."""

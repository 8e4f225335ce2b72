"""Run the notebooks for every organisation and publish what they show."""

import os
import sys

# nbformat checks notebooks with jsonschema, which imports this grammar for addresses that no notebook has, and the
# grammar compiles itself anew in every process. jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def hold_to_one_thread() -> None:
    """Hold numeric libraries to one thread before they are imported: a process with threads is unsafe to fork."""
    for name in _THREADS:
        os.environ.setdefault(name, "1")

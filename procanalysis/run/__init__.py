"""Run the notebooks for every organisation and publish what they show."""

import sys

# nbformat checks notebooks with jsonschema, which imports this grammar for addresses that no notebook has, and the
# grammar compiles itself anew in every process. jsonschema does without it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

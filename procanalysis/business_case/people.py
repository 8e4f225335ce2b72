"""Keep personal numbers out of a business case: its texts are published as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from procanalysis.errors import ParamsError
from procanalysis.params.business_case_parts import BusinessCaseParams, Keys
from procanalysis.params.yaml_file import FROM_FILE_NAME, Problem, refuse
from procanalysis.read.supplier_numbers import Masker, holds_personal_number

_CURE = "Every text here is published. Take it away, and write a role instead of a person"


def without_people(load: Callable[[], BusinessCaseParams]) -> BusinessCaseParams:
    """Load a case file, and refuse it when something in it looks like a personal number.

    Parameters: load, which reads the file. Returns what it returns. Raises ParamsError with the line of each such text,
    never with the number, and what `load` raises, with such numbers hidden.
    """
    try:
        params = load()
    except ParamsError as error:
        raise ParamsError(hidden(str(error))) from None
    content = params.model_dump(exclude=set(FROM_FILE_NAME))
    refuse(params.path, _personal(content, ()))
    return params


def hidden(text: str) -> str:
    """Return a text with everything that looks like a personal number hidden.

    >>> hidden("Anlita 900101-0017")
    'Anlita [nummer dolt]'
    """
    return Masker(b"").text(text)


def _personal(value: object, keys: Keys) -> Iterator[Problem]:
    if isinstance(value, str) and holds_personal_number(value):
        yield keys, f"holds what looks like a personal number. {_CURE}"
    elif isinstance(value, dict):
        for key, inner in value.items():
            # A key is named in the message, so one that holds a number is told of where it stands.
            if holds_personal_number(str(key)):
                yield keys, f"has a name that holds what looks like a personal number. {_CURE}"
            else:
                yield from _personal(inner, (*keys, str(key)))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _personal(inner, (*keys, str(number)))

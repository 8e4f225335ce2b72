"""Who gets which reports by e-mail. Names and addresses are people's: they stand in no message, log or report."""

from __future__ import annotations

import re
import unicodedata

from pydantic import Field, field_validator

from procanalysis.params.yaml_file import Part

_LONGEST_ADDRESS = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    flags=re.ASCII,
)


def is_address(text: str) -> bool:
    """Tell whether a text is one plain e-mail address and nothing more, so that no header can be smuggled in with it.

    >>> is_address("anna.berg@example.se"), is_address("anna@example.se\\nBcc: b@example.se")
    (True, False)
    """
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


class Recipient(Part):
    """Say who gets which reports: those of the units named, or else of the organisation as a whole."""

    to: str
    name: str = Field(default="", max_length=100)
    reports: tuple[str, ...] = Field(default=("monthly-report",), min_length=1)
    units: tuple[str, ...] = ()

    @field_validator("to")
    @classmethod
    def _one_address(cls, text: str) -> str:
        if not is_address(text):
            raise ValueError("is not one plain e-mail address such as fornamn.efternamn@example.se. Write it alone")
        return text

    @field_validator("name")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text):
            raise ValueError("has a line break or another invisible sign in it. Write the name on one line")
        if "=?" in text:  # begins an encoded word, in which a line break can hide
            raise ValueError("has '=?' in it, which e-mail gives a meaning of its own. Write the name as it is spoken")
        return text

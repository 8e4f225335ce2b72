"""Keep the key with which sole traders are masked: the same for every run, and out of sight."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from procanalysis.errors import InputError
from procanalysis.params import OrganisationParams, project_root
from procanalysis.read.supplier_numbers import Masker


def masker_of(params: OrganisationParams) -> Masker:
    """Return what hides the sole traders of an organisation."""
    return Masker(mask_key(), params.privacy.mask_sole_traders)


def mask_key() -> bytes:
    """Return the masking key: PROCANALYSIS_MASK_KEY, or one made at random once and kept beside the prepared data."""
    if given := os.environ.get("PROCANALYSIS_MASK_KEY"):
        return given.encode()
    path = project_root() / "data" / "prepared" / ".mask-key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_hex(32))
    key = path.read_text(encoding="ascii").strip().encode()
    if not key:
        raise InputError(
            f"{path.name}: the masking key in data/prepared is empty. Delete the file, and a new one is made, or set "
            "PROCANALYSIS_MASK_KEY to the key that you keep."
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all, unless another process already has."""
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process's is the one to use
    except OSError:  # a file system without links, where the last process wins
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)

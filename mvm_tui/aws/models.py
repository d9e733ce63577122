"""Reads botocore's service models without what calls never need: half of each file is prose about it.

botocore keeps a model for as long as its client, documentation and all. Of the models that the UI loads
that is several megabytes.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

_DOCUMENTATION = "documentation"


class LeanModels:
    """What `botocore.loaders.Loader` reads files with, in the place of its `JSONFileLoader`."""

    def exists(self, file_path: str) -> bool:
        """Whether there is such a file. `file_path` has no extension."""
        return Path(f"{file_path}.json").is_file() or Path(f"{file_path}.json.gz").is_file()

    def load_file(self, file_path: str) -> Any:
        """Its content; None if there is none. Raises OSError and ValueError."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return _parse(plain.read_bytes())
        return _parse(gzip.decompress(packed.read_bytes())) if packed.is_file() else None


def _parse(content: bytes) -> Any:
    return json.loads(content.decode("utf-8"), object_hook=_without_documentation)


def _without_documentation(members: dict[str, Any]) -> dict[str, Any]:
    """Emptied, not taken away: parts of botocore rely on its being there.

    A member of a shape may be called so too: then it is no text but describes one.
    """
    if isinstance(members.get(_DOCUMENTATION), str):
        members[_DOCUMENTATION] = ""
    return members

"""The demo fleet's MicroVMs by name. The service has no names: the demo gives them as a user would.

Light enough for whoever starts the demo: the cloud itself is not loaded.
"""

from __future__ import annotations

import uuid

WEB, BATCH, JOBS, OLD, DEV = NAMES = ("web-1", "batch", "jobs", "web-old", "dev")
_SPACE = uuid.UUID("5d0c3f0e-7a43-4b8e-9a52-1f6c2d9b7e10")


def microvm_id(name: str) -> str:
    """The id of the demo's MicroVM that goes by this name; the same in every demo."""
    return f"microvm-{uuid.uuid5(_SPACE, name)}"

"""What a process inside a local MicroVM finds in its environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

GUEST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NEVER_GIVEN = ("AWS_", "SSH_AUTH_SOCK")


def guest_environment(image: Mapping[str, str], folder: Path, port: int | None) -> dict[str, str]:
    """The whole environment of a guest: nothing of the cloud's own, no credentials, the VM's own folders."""
    given = {key: value for key, value in image.items() if not key.startswith(NEVER_GIVEN)}
    temporary = str(folder / "tmp")
    # tmux does not look at TMPDIR: without a folder of its own it would find the user's own server.
    own = {"HOME": str(folder / "home"), "TMPDIR": temporary, "TMUX_TMPDIR": temporary}
    if port is not None:
        own["PORT"] = str(port)
        # Inside a MicroVM an app listens for everybody; here it should for this machine alone.
        own["HOST"] = "127.0.0.1"
    return {"PATH": GUEST_PATH, "LANG": "C.UTF-8", **given, **own}

"""Why a build failed, and what mends it.

The service's sentence is on each build; on the version it was null on real failures (measured by agentd).
What `snapshotBuild` holds tells how far a build came: nothing means that the Dockerfile broke before anything
was installed, only an install size that the app was installed and never became ready, all three success
(agentd). The codes are those of AWS's agent skill; sentences instead of codes were measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mvm_tui.model.image import FAILED, ImageBuild, ImageVersion
from mvm_tui.model.text import clean

# Code → what it means, and what mends it.
CODES: dict[str, tuple[str, str]] = {
    "S3_ACCESS_DENIED": (
        "The build role may not read the artifact.",
        "Give the build role s3:GetObject on the bucket, and kms:Decrypt where it is encrypted with a key.",
    ),
    "S3_NO_SUCH_KEY": ("The artifact is not in the bucket (any more).", "Upload it and build again."),
    "S3_NO_SUCH_BUCKET": ("The artifact's bucket does not exist.", "Name a bucket that does."),
    "S3_INVALID_OBJECT": (
        "The artifact is in a storage class that has to be restored first.",
        "Upload it in the standard class.",
    ),
    "S3_CROSS_REGION_ACCESS_DENIED": (
        "The artifact's bucket is in another region.",
        "Use a bucket in the region that the image is in.",
    ),
    "ARCHIVE_DOCKERFILE_NOT_FOUND": (
        "There is no Dockerfile at the root of the zip.",
        "Zip the folder's contents, not the folder.",
    ),
    "ARCHIVE_INVALID": ("The artifact is no zip that can be read.", "Build from the folder again."),
    "CONTAINER_BUILD_FAILED": (
        "A step of the Dockerfile failed.",
        "The build's log tells which; build it with Docker on your machine to try.",
    ),
    "DISK_STORAGE_FULL": (
        "The image does not fit onto the disk of its size.",
        "Leave out what is not needed, or take a larger --memory, which has a larger disk.",
    ),
    "INTERNAL_PLATFORM_ERROR": ("Something failed at the service.", "Build again a little later."),
}
# Parts of the service's own sentences → what mends it.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (
        "ready hook invocation timed out",
        "See that the app listens on 0.0.0.0 at the hooks' port and answers the ready hook with 200; "
        "give it more time with --hook ready=PORT:TIME.",
    ),
    (
        "validate hook invocation timed out",
        "See that the app answers the validate hook with 200 when started from the snapshot.",
    ),
    ("hook check failed", "The app answered its hook, but not with 200: its log tells why."),
    ("container image build failed", CODES["CONTAINER_BUILD_FAILED"][1]),
)
NOTHING_INSTALLED = "Nothing was installed: the Dockerfile broke before it was done."
NEVER_READY = "It was installed, but the app never became ready for its snapshot."
SHOWN_LINES = 10


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a version's build failed; all of it safe to show.

    Attributes:
        what: The sentence to begin with.
        reasons: The service's own words, each once, with the builds they are of where these differ.
        reached: How far it came, as far as that can be told; empty if it cannot.
        fixes: What to do, the likeliest first.
        lines: The last lines of its log.
    """

    what: str
    reasons: tuple[str, ...] = ()
    reached: str = ""
    fixes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, one thing a line."""
        log = ("The last lines of its log:", *(f"  {line}" for line in self.lines)) if self.lines else ()
        return "\n".join((self.what, *self.reasons, *filter(None, (self.reached,)), *self.fixes, *log))


def diagnose(version: ImageVersion, builds: Sequence[ImageBuild], log: Iterable[str] = ()) -> Diagnosis:
    """Why the version's build failed. `builds` with their sizes; `log` are its last lines, oldest first."""
    failed = [build for build in builds if build.state == FAILED]
    words = _words(version, failed)
    fixes = dict.fromkeys(fix for word in words for fix in (_fix(word),) if fix)
    reached = _reached(failed)
    if not fixes and reached == NEVER_READY:
        fixes[_SENTENCES[0][1]] = None
    if not fixes:
        fixes["See the build's log: mvm-tui logs IMAGE --build."] = None
    return Diagnosis(
        f"Version {clean(version.version)} of {clean(_name(version))} could not be built.",
        tuple(_explained(word) for word in words),
        reached,
        tuple(fixes),
        tuple(clean(line) for line in log)[-SHOWN_LINES:],
    )


def _words(version: ImageVersion, failed: Sequence[ImageBuild]) -> list[str]:
    """What the service says, each once: of the builds, and where they say nothing of the version."""
    said = dict.fromkeys(build.state_reason for build in failed if build.state_reason)
    if not said and version.state_reason:
        said = {version.state_reason: None}
    return [word for word in said if word]


def _explained(word: str) -> str:
    meaning = next((meaning for code, (meaning, _) in CODES.items() if code in word), "")
    safe = clean(word)
    return f"{safe}: {meaning}" if meaning else safe


def _fix(word: str) -> str:
    for code, (_, fix) in CODES.items():
        if code in word:
            return fix
    lowered = word.lower()
    return next((fix for part, fix in _SENTENCES if part in lowered), "")


def _reached(failed: Sequence[ImageBuild]) -> str:
    if not failed:
        return ""
    sizes = [build.snapshot for build in failed]
    if all(size is None or size.code_install is None for size in sizes):
        return NOTHING_INSTALLED
    if any(size is not None and size.code_install is not None and size.memory is None for size in sizes):
        return NEVER_READY
    return ""


def _name(version: ImageVersion) -> str:
    return version.image_arn.rpartition(":")[2].rpartition("/")[2]

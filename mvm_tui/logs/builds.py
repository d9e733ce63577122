"""The logs of a build: an image version is built by several short-lived MicroVMs, each with its stream.

One runs the Dockerfile and uploads BuildKit's text at its end, one starts the app for each generation of
processors and takes the snapshot, others validate it. Their streams are named like those of any MicroVM, so
they are told apart by their time and by not being MicroVMs of the account (measured by rayito in September
2026; agentd saw opaque names in August).
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mvm_tui.aws.logs import DESCRIBE_STREAMS, LogReader, StreamFacts
from mvm_tui.logs.find import Absence, Finder, Missing, Sleep
from mvm_tui.logs.places import Place
from mvm_tui.model.errors import Denied
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.log_event import LogEvent, milliseconds, version_of_stream, vm_of_stream
from mvm_tui.model.microvm import image_name

# A stream is made with its first event; a build's text is uploaded at its end, when the version may be told
# finished already.
_BEFORE = timedelta(minutes=1)
_AFTER = timedelta(minutes=5)
# Builds take 2 to 6 minutes; one whose end is not told is looked for this long.
_LONGEST = timedelta(hours=1)
_STREAM_PAGES = 40
_UNFINISHED = frozenset({"PENDING", "IN_PROGRESS"})
_BUILDKIT = re.compile(r"#\d+ (?:\[|DONE|\d|CACHED|ERROR|sha256|extracting|exporting|transferring)")
_HOOK = re.compile(r"/runtime/v1/(ready|validate)\b")


@dataclass(frozen=True, slots=True)
class BuildLog:
    """Where a version's build logged."""

    version: str
    place: Place


def build_log(
    finder: Finder,
    reader: LogReader,
    version: ImageVersion,
    microvms: Collection[str] = (),
    *,
    sleep: Sleep = time.sleep,
) -> BuildLog | Missing:
    """All streams of a version's build, or why there are none. Blocking; raises Problem.

    `microvms` are the ids of the account's own MicroVMs: their streams are left out.
    """
    logging = version.logging
    if logging is not None and logging.disabled:
        what = f"Logging was disabled for the build of version {version.version}."
        return Missing(Absence.DISABLED, what, "The image says so.", "Build a version with logging.")
    if logging is not None and logging.group and logging.stream:
        return BuildLog(version.version, Place(logging.group, (logging.stream,)))
    if logging is not None and logging.group:
        found: Place | Missing = Place(logging.group)
    else:
        found = finder.image(image_name(version.image_arn))
    if isinstance(found, Missing):
        early = version.state in _UNFINISHED and found.absence is Absence.NO_GROUP
        return _nothing(version) if early else found
    if version.state in _UNFINISHED:
        # Its streams come one by one, and no MicroVM of the version can run yet.
        return BuildLog(version.version, replace(found, version=version.version))
    try:
        streams = _streams(reader, found.group, version, frozenset(microvms), sleep)
    except Denied as problem:
        return Missing(Absence.DENIED, problem.what, problem.why, problem.fix)
    if not streams:
        return _nothing(version)
    return BuildLog(version.version, Place(found.group, tuple(streams)))


def stream_roles(events: Iterable[LogEvent]) -> dict[str, str]:
    """What each stream of a build is of, as far as its lines tell: ``build``, ``snapshot``, ``validate``."""
    roles: dict[str, str] = {}
    for event in events:
        if _BUILDKIT.match(event.message):
            roles[event.stream] = "build"
        elif (hook := _HOOK.search(event.message)) and roles.get(event.stream) != "build":
            roles[event.stream] = "validate" if hook[1] == "validate" else "snapshot"
    return roles


def _streams(
    reader: LogReader, group: str, version: ImageVersion, microvms: frozenset[str], sleep: Sleep
) -> list[str]:
    """The names of the build's streams, the earliest first."""
    found: list[StreamFacts] = []
    for prefix in dict.fromkeys((_prefix(version), "")):
        found = _listed(reader, group, prefix, version, microvms, sleep)
        if found:
            break
    return [stream.name for stream in sorted(found, key=lambda stream: (stream.created or 0, stream.name))]


def _listed(
    reader: LogReader,
    group: str,
    prefix: str,
    version: ImageVersion,
    microvms: frozenset[str],
    sleep: Sleep,
) -> list[StreamFacts]:
    """The build's streams among those of a prefix; of all streams, the latest pages are looked through."""
    found: list[StreamFacts] = []
    pages = reader.stream_names(group, prefix, newest_first=True)
    for _ in range(_STREAM_PAGES):
        sleep(reader.budget.reserve(DESCRIBE_STREAMS, background=False))
        page = next(pages, None)
        if page is None:
            break
        found += [stream for stream in page if _is_build(stream, version, microvms)]
    return found


def _prefix(version: ImageVersion) -> str:
    """What all names begin with: the day, if the build cannot have gone past midnight."""
    if version.created_at is None:
        return ""
    first, last = version.created_at - _BEFORE, _end(version, version.created_at)
    return f"{first:%Y/%m/%d}[{version.version}]" if first.date() == last.date() else ""


def _end(version: ImageVersion, created: datetime) -> datetime:
    """When the last stream of a build was made at the latest; later changes of the version do not count."""
    return min(version.updated_at or created + _LONGEST, created + _LONGEST) + _AFTER


def _is_build(stream: StreamFacts, version: ImageVersion, microvms: frozenset[str]) -> bool:
    told = version_of_stream(stream.name)
    if (told and told != version.version) or vm_of_stream(stream.name) in microvms:
        return False
    if stream.created is None or version.created_at is None:
        return bool(told)
    first, last = version.created_at - _BEFORE, _end(version, version.created_at)
    return milliseconds(first) <= stream.created <= milliseconds(last)


def _nothing(version: ImageVersion) -> Missing:
    return Missing(
        Absence.NOT_YET,
        f"There are no logs of the build of version {version.version}.",
        version.state_reason
        or "A build writes its text at its end, one that fails early perhaps none, and its role needs "
        "the right to write logs.",
        "See mvm-tui images for the state of its versions.",
    )

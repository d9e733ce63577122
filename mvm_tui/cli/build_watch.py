"""Follows a build on the command line, and tells how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mvm_tui.aws import image_builds
from mvm_tui.aws.image_changes import Begun
from mvm_tui.builds.build_lines import BuildLines, last_lines
from mvm_tui.builds.diagnose import Diagnosis, diagnose
from mvm_tui.builds.follow import STUCK_SECONDS, USUAL_SECONDS, Progress, follow
from mvm_tui.cli import exits
from mvm_tui.cli.output import emit_object, progress, say, talks_to_terminal
from mvm_tui.cli.session import Session
from mvm_tui.model.durations import short_duration
from mvm_tui.model.image import SUCCESSFUL, ImageBuild, ImageVersion
from mvm_tui.model.log_event import LogEvent
from mvm_tui.model.microvm import image_name
from mvm_tui.model.text import clean


def watch(session: Session, begun: Begun, *, wait: bool) -> int:
    """Follow the build to its end, unless it is to be left; its exit code."""
    name = clean(image_name(begun.image_arn))
    label = f"{name}:{clean(begun.version)}"
    again = f"mvm-tui builds {label} --follow"
    if not wait:
        say(f"Version {begun.version} of {name} is being built. Follow it: {again}")
        return _emit(session, begun, None, ())
    usual = " to ".join(short_duration(seconds) for seconds in USUAL_SECONDS)
    say(f"Building {label}; this usually takes {usual}.")
    end = _followed(session, begun, again)
    if end.version is None or end.stuck:
        say(
            f"{label} has not moved for {short_duration(STUCK_SECONDS)}. An image that stays in CREATING "
            "answers an old request: delete it, and build again."
        )
        return max(_emit(session, begun, end.version, end.builds), exits.FAILED)
    return _ended(session, begun, end.version)


def _followed(session: Session, begun: Begun, again: str) -> Progress:
    """The end of the build, its states and its log told meanwhile; ctrl-c leaves it running."""
    where = (session.connection, begun.image_arn, begun.version, session.clock)
    teller = Teller()
    lines = BuildLines(*where, teller.tell_lines)
    lines.start()
    try:
        return follow(*where, teller.tell)
    except KeyboardInterrupt:
        progress("")
        say(f"The build goes on. Follow it again: {again}")
        raise
    finally:
        lines.stop()
        progress("")


def _ended(session: Session, begun: Begun, version: ImageVersion) -> int:
    if version.state == SUCCESSFUL:
        say(f"{clean(image_name(begun.image_arn))}:{clean(version.version)} is built.")
        return _emit(session, begun, version, ())
    where = (session.connection, begun.image_arn, begun.version)
    builds = image_builds.builds(*where)
    say(diagnose(version, builds, last_lines(*where, session.clock)).text)
    _emit(session, begun, version, builds)
    return exits.FAILED


def _emit(session: Session, begun: Begun, version: ImageVersion | None, builds: Sequence[ImageBuild]) -> int:
    diagnosis = diagnose(version, builds) if version is not None and builds else None
    record = {
        "name": image_name(begun.image_arn),
        "arn": begun.image_arn,
        "version": begun.version,
        "state": version.state if version else None,
        "status": version.status if version else None,
        **_reasons(diagnosis),
    }
    facts = [(image_name(begun.image_arn), begun.version)]
    emit_object(session.form, record, facts)
    return exits.DONE


def _reasons(diagnosis: Diagnosis | None) -> dict[str, Any]:
    return {
        "reasons": list(diagnosis.reasons) if diagnosis else None,
        "fixes": list(diagnosis.fixes) if diagnosis else None,
    }


class Teller:
    """Says how a build stands: on a line that replaces itself, elsewhere a line for each change."""

    def __init__(self) -> None:
        self._said = ""

    def tell_lines(self, events: Sequence[LogEvent]) -> None:
        """Say what the build logs, from the thread that follows it."""
        progress("")
        for event in events:
            say(f"  {clean(event.message)}")

    def tell(self, now: Progress) -> None:
        words = clean(now.problem.what if now.problem else now.words)
        progress(f"{short_duration(now.elapsed)}  {words}")
        if not talks_to_terminal() and words != self._said:
            say(words)
        self._said = words

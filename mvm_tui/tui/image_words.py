"""How an image, a version of it and its builds are put into words: fact sheets for the pane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from mvm_tui.model.bases import Base, standing
from mvm_tui.model.durations import short_duration
from mvm_tui.model.image import FAILED, Image, ImageBuild, ImageVersion
from mvm_tui.model.image_settings import settings
from mvm_tui.model.sensitive import MASK
from mvm_tui.model.text import clean
from mvm_tui.tui.image_views import state_tone, state_word, status_word
from mvm_tui.tui.words import Fact, local_time, size_words

if TYPE_CHECKING:
    from mvm_tui.builds.diagnose import Diagnosis

_NAMED = 12
# The first words of settings that are followed by a name.
_OWN_NAMES = frozenset({"env", "tag", "hook"})
_GAP: Fact = ("", Content(""))


def image_facts(
    image: Image, tags: Mapping[str, str] | None, running: Sequence[str], now: datetime
) -> list[Fact]:
    """The fact sheet of an image; `running` are the names of its MicroVMs that have not ended."""
    facts: list[Fact] = [("", _state(image.state)), _GAP]
    if image.latest_active_version:
        facts.append(("launches", Content(f"take version {clean(image.latest_active_version, 20)}")))
    else:
        facts.append(
            ("launches", Content.styled("No version is active: nothing to launch.", "$text-warning"))
        )
    if image.latest_failed_version:
        words = f"version {clean(image.latest_failed_version, 20)}: enter tells why"
        facts.append(("failed", Content.styled(words, "$text-error")))
    facts += [*_times(image.created_at, image.updated_at, now), _GAP]
    named = ", ".join(running[:_NAMED]) + (f" and {len(running) - _NAMED} more" * (len(running) > _NAMED))
    facts.append(("MicroVMs", Content(named) if running else Content.styled("none", "$text-muted")))
    facts += [_GAP, *_tags(tags), _GAP, ("ARN", Content(clean(image.arn)))]
    return facts


def version_facts(
    version: ImageVersion, bases: Sequence[Base], now: datetime, *, open_values: bool
) -> list[Fact]:
    """How it went, and how it is configured. `open_values` shows the values of variables."""
    head = Content.assemble(_state(version.state), ("  status ", "$text-muted"), status_word(version))
    facts: list[Fact] = [("", head)]
    if version.state_reason:
        facts.append(("reason", Content(clean(version.state_reason))))
    facts += [*_times(version.created_at, version.updated_at, now), _GAP]
    if version.memory_mib is not None:
        facts.append(("size", Content(size_words(version.memory_mib))))
    for setting in settings(version):
        if setting.name == "memory":
            # Said with the size.
            continue
        hidden = setting.secret and not open_values
        value = Content.styled(clean(MASK if hidden else setting.value), "$text-muted" * hidden)
        if setting.name == "base version":
            value += _standing(version, bases)
        label, _, own = setting.name.partition(" ")
        if label in _OWN_NAMES:
            # Names of the user's own may be longer than a label.
            facts.append((label, Content.assemble(f"{clean(own, 80)}  ", value)))
        else:
            facts.append((setting.name, value))
    return facts


def build_facts(builds: Sequence[ImageBuild] | None) -> list[Fact]:
    """The builds of a version: one for each generation of chips."""
    heading: Fact = ("", Content.styled("Builds", "bold"))
    if builds is None:
        return [heading, ("", Content.styled("being read…", "$text-muted"))]
    if not builds:
        return [heading, ("", Content.styled("The service lists none.", "$text-muted"))]
    return [heading, *(("", line) for build in builds for line in _build_lines(build))]


def _build_lines(build: ImageBuild) -> Iterator[Content]:
    sizes = build.snapshot
    parts = [
        f"{name} {count / (1 << 20):,.0f} MiB"
        for name, count in (
            ("memory", sizes.memory if sizes else None),
            ("disk", sizes.disk if sizes else None),
            ("installed", sizes.code_install if sizes else None),
        )
        if count is not None
    ]
    chip = f"{clean(build.label, 24):<12} {clean(build.architecture, 12):<8}"
    yield Content.assemble(
        (f"{state_word(build.state):<14}", state_tone(build.state)),
        f"  {chip}  ",
        (", ".join(parts) or "no snapshot", "$text-muted"),
    )
    if build.state_reason:
        yield Content.styled(f"    {clean(build.state_reason)}", "$text-error" * (build.state == FAILED))
    if build.id:
        yield Content.styled(f"    {clean(build.id, 80)}", "$text-muted")


def diagnosis_facts(diagnosis: Diagnosis) -> list[Fact]:
    """Why a build failed, how far it came, what mends it, and the last lines of its log."""
    facts: list[Fact] = [("", Content.styled("Why it failed", "bold $text-error"))]
    facts += [("", Content(reason)) for reason in diagnosis.reasons or ("The service does not say.",)]
    if diagnosis.reached:
        facts.append(("came to", Content(diagnosis.reached)))
    facts += [("try", Content.styled(fix, "bold")) for fix in diagnosis.fixes]
    if diagnosis.lines:
        facts.append(("", Content.styled("The last lines of its log", "$text-muted")))
        facts += [("", Content(f"  {line}")) for line in diagnosis.lines]
    return facts


def _state(state: str) -> Content:
    return Content.styled(state_word(state), state_tone(state))


def _times(created: datetime | None, updated: datetime | None, now: datetime) -> Iterator[Fact]:
    for name, moment in (("created", created), ("changed", updated)):
        if moment is not None and not (name == "changed" and moment == created):
            ago = short_duration((now - moment).total_seconds())
            yield name, Content.assemble(local_time(moment, now), (f"  {ago} ago", "$text-muted"))


def _tags(tags: Mapping[str, str] | None) -> Iterator[Fact]:
    if tags is None:
        yield "tags", Content.styled("being read…", "$text-muted")
    elif not tags:
        yield "tags", Content.styled("none", "$text-muted")
    else:
        for number, (name, value) in enumerate(tags.items()):
            yield "" if number else "tags", Content(clean(f"{name}={value}", 200))


def _standing(version: ImageVersion, bases: Sequence[Base]) -> Content:
    found = standing(version, bases)
    words = []
    if found.status and found.status != "AVAILABLE":
        words.append(clean(found.status.lower(), 20))
    if found.newer:
        words.append(f"{clean(found.newer, 20)} is newer")
    return Content.styled(f"  {', '.join(words)}", "$text-warning") if words else Content("")

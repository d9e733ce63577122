"""The tables of the images screen: pure, so that each is a value that can be tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from mvm_tui.model.bases import Base, standing
from mvm_tui.model.durations import short_duration
from mvm_tui.model.image import (
    ACTIVE,
    FAILED,
    IMAGE_BUSY,
    Image,
    ImageVersion,
    version_key,
)
from mvm_tui.model.microvm import image_name
from mvm_tui.model.money import short
from mvm_tui.model.size import memory_label
from mvm_tui.model.text import clean
from mvm_tui.tui.lines import Line, View

if TYPE_CHECKING:
    from mvm_tui.fleet.storage import VersionCost

UNKNOWN = "…"
NONE = "—"
_NAME = 48
# Of the versions on a base so many are named.
_NAMED = 12
_MONTH_HOURS = 30 * 24
_IMAGE_TITLES = ("STATE", "NAME", "ACTIVE", "FAILED", ">VMS", ">VERSIONS", ">SIZE", ">GB", ">$/30 D")
_VERSION_TITLES = (
    "VERSION",
    "BUILD",
    "STATUS",
    ">SIZE",
    "BASE",
    ">VMS",
    ">GB",
    ">$/30 D",
    ">AGE",
    "REASON",
)
_BASE_TITLES = ("BASE IMAGE", "VERSION", "STATUS", ">AGE", ">OURS", "OUR VERSIONS ON IT")


@dataclass(frozen=True, slots=True)
class Around:
    """What tables need beside the images themselves.

    Attributes:
        versions: ARN → its versions, of images whose versions were read.
        costs: (ARN, version) → what storing it costs, as far as it is known.
        running: (ARN, version) → how many MicroVMs that have not ended run it.
        bases: The managed base images, as far as they were read.
        marked: (ARN, version) of those that are marked.
    """

    now: datetime
    versions: Mapping[str, Sequence[ImageVersion]] = field(default_factory=dict)
    costs: Mapping[tuple[str, str], VersionCost] = field(default_factory=dict)
    running: Mapping[tuple[str, str], int] = field(default_factory=dict)
    bases: Sequence[Base] = ()
    marked: Collection[tuple[str, str]] = ()


def state_word(state: str) -> str:
    """``● created``: its shape says what it comes to, its word is the service's own; safe to show."""
    return f"{_shape(state)} {clean(state.lower().replace('_', ' '), 20)}"


def state_tone(state: str) -> str:
    """The style of a state of an image, a version or a build."""
    return {"✗": "$text-error", "◌": "$state-starting", "●": "$state-running"}.get(_shape(state), "")


def _shape(state: str) -> str:
    if state.endswith(FAILED):
        return "✗"
    if state in IMAGE_BUSY or state in ("PENDING", "IN_PROGRESS"):
        return "◌"
    return "●" if state in ("CREATED", "UPDATED", "SUCCESSFUL") else "○"


def images(found: Sequence[Image] | None, around: Around, empty: str) -> View:
    """The account's images, by name."""
    running: Counter[str] = Counter()
    for (arn, _), count in around.running.items():
        running[arn] += count
    ordered = sorted(found or (), key=lambda one: one.name)
    lines = tuple(_image_line(image, around, running[image.arn]) for image in ordered)
    return View(_IMAGE_TITLES, lines, empty)


def _image_line(image: Image, around: Around, running: int) -> Line:
    versions = around.versions.get(image.arn)
    mine = [around.costs[image.arn, one.version] for one in versions or () if _costed(around, one)]
    cells = (
        state_word(image.state),
        clean(image.name, _NAME),
        clean(image.latest_active_version or NONE, 12),
        clean(image.latest_failed_version or NONE, 12),
        f"{running:,}" if running else NONE,
        UNKNOWN if versions is None else f"{len(versions):,}",
        _size(image, versions),
        _gb(mine, versions),
        _month(mine, versions),
    )
    failed = "$text-error" if image.latest_failed_version else ""
    return Line(image.arn, cells, "", (state_tone(image.state), "", "", failed))


def _costed(around: Around, version: ImageVersion) -> bool:
    return (version.image_arn, version.version) in around.costs


def _size(image: Image, versions: Sequence[ImageVersion] | None) -> str:
    """That of the version which launches take, else of the newest."""
    if versions is None:
        return UNKNOWN
    latest = next((one for one in versions if one.version == image.latest_active_version), None)
    shown = latest or max(versions, key=lambda one: version_key(one.version), default=None)
    memory = shown.memory_mib if shown is not None else None
    return NONE if memory is None else memory_label(memory)


def _gb(costs: Sequence[VersionCost], versions: Sequence[ImageVersion] | None) -> str:
    known = [one.gb for one in costs if one.gb is not None]
    return _total(known, versions, lambda total: f"{total:.2f}")


def _month(costs: Sequence[VersionCost], versions: Sequence[ImageVersion] | None) -> str:
    known = [one.per_hour * _MONTH_HOURS for one in costs if one.per_hour is not None]
    return _total(known, versions, short)


def _total(
    known: Sequence[Decimal], versions: Sequence[ImageVersion] | None, form: Callable[[Decimal], str]
) -> str:
    """The sum; ``≥`` where some of what is stored is not known, ``—`` where nothing is stored."""
    if versions is None:
        return UNKNOWN
    stored = sum(one.state == "SUCCESSFUL" for one in versions)
    if not stored:
        return NONE
    if not known:
        return UNKNOWN
    return f"{'≥' if len(known) < stored else ''}{form(sum(known, Decimal(0)))}"


def versions(image: Image, found: Sequence[ImageVersion] | None, around: Around, empty: str) -> View:
    """The versions of an image, newest first."""
    ordered = sorted(found or (), key=lambda one: version_key(one.version), reverse=True)
    # Most versions have no reason: the column is there when one has.
    titles = _VERSION_TITLES if any(one.state_reason for one in ordered) else _VERSION_TITLES[:-1]
    lines = tuple(_version_line(image, one, around, len(titles)) for one in ordered)
    marked = [number for arn, number in around.marked if arn == image.arn]
    note = f"Marked: {', '.join(clean(number, 12) for number in marked)}." if marked else ""
    return View(titles, lines, empty, note)


def _version_line(image: Image, version: ImageVersion, around: Around, columns: int) -> Line:
    key = (version.image_arn or image.arn, version.version)
    cost = around.costs.get(key)
    running = around.running.get((image.arn, version.version), 0)
    stored = version.state == "SUCCESSFUL"
    missing = UNKNOWN if stored else NONE
    gb = missing if cost is None or cost.gb is None else f"{cost.gb:.2f}"
    month = missing if cost is None or cost.per_hour is None else short(cost.per_hour * _MONTH_HOURS)
    old = standing(version, around.bases).old
    latest = version.version == image.latest_active_version
    marked = (image.arn, version.version) in around.marked
    cells = (
        f"{'✓ ' if marked else ''}{clean(version.version, 12)}",
        state_word(version.state),
        clean(f"{status_word(version)}{' · latest' if latest else ''}", 24),
        NONE if version.memory_mib is None else memory_label(version.memory_mib),
        base_words(version, around.bases),
        f"{running:,}" if running else NONE,
        gb,
        month,
        age(version.created_at, around.now),
        clean(version.state_reason or "", 80),
    )
    status = "" if version.status == ACTIVE else "$text-muted"
    number = "bold $accent" if marked else "bold"
    tones = (number, state_tone(version.state), status, "", "$text-warning" if old else "")
    return Line(version.version, cells[:columns], "", tones)


def status_word(version: ImageVersion) -> str:
    """``active``, ``inactive``, or what the service says; a dash if nothing."""
    return clean(version.status.lower(), 20) or NONE


def base_words(version: ImageVersion, bases: Sequence[Base]) -> str:
    """``al2023 1.0``, and what is to be said of that version: ``old``, ``deprecated``…"""
    if not version.base_arn:
        return NONE
    found = standing(version, bases)
    status = "" if found.status in ("", "AVAILABLE") else f" {found.status.lower()}"
    old = " old" if found.newer and not status else ""
    return clean(f"{image_name(version.base_arn)} {version.base_version}".rstrip() + status + old, 48)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Which of our versions sit on which version of a base image.

    Attributes:
        names: (ARN of the base, its version without a trailing ``.0``) → what sits on it, as ``web:2.0``.
        old: How many sit on an old version.
        unread: Of how many images the versions were not read yet.
    """

    names: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    old: int = 0
    unread: int = 0


def sitting(
    images: Sequence[Image], versions: Mapping[str, Sequence[ImageVersion]], bases: Sequence[Base]
) -> Sitting:
    """Sort our versions by what they sit on: one look at each, however many base images there are."""
    names: dict[tuple[str, str], list[str]] = {}
    old: dict[tuple[str, str], bool] = {}
    for image in images:
        for one in versions.get(image.arn, ()):
            key = _base_key(one.base_arn, one.base_version)
            if key not in old:
                old[key] = standing(one, bases).old
            names.setdefault(key, []).append(f"{image.name}:{one.version}")
    count = sum(len(names[key]) for key, is_old in old.items() if is_old)
    return Sitting(names, count, sum(image.arn not in versions for image in images))


def _base_key(arn: str, number: str) -> tuple[str, str]:
    """The same for ``1`` and ``1.0``, as `mvm_tui.model.image.same_version` has it."""
    return arn, number.removesuffix(".0")


def bases(found: Sequence[Base] | None, ours: Sitting, now: datetime, empty: str) -> View:
    """Managed base images, version by version, with our versions that sit on each."""
    lines = tuple(_base_line(base, at, ours, now) for base in found or () for at in range(len(base.versions)))
    notes = []
    if ours.unread:
        notes.append(f"Versions of {ours.unread:,} images are being read.")
    if ours.old:
        notes.append(f"{ours.old:,} of our versions sit on an old base: a new version takes the newest.")
    return View(_BASE_TITLES, lines, empty, " ".join(notes))


def _base_line(base: Base, at: int, ours: Sitting, now: datetime) -> Line:
    one = base.versions[at]
    on_it = ours.names.get(_base_key(base.image.arn, one.version), ())
    more = f" and {len(on_it) - _NAMED:,} more" if len(on_it) > _NAMED else ""
    status = clean(one.status.lower(), 20) or NONE
    newest = base.newest is not None and base.newest.version == one.version
    cells = (
        clean(base.image.name, _NAME),
        clean(one.version, 12),
        f"{'●' if one.current else '✗'} {status}{' · newest' if newest else ''}",
        age(one.created_at, now),
        f"{len(on_it):,}" if on_it else NONE,
        clean(", ".join(on_it[:_NAMED]) + more, 400),
    )
    tone = "$state-running" if one.current else "$text-warning"
    return Line(f"{base.image.arn}\n{one.version}", cells, "", ("", "bold", tone))


def age(since: datetime | None, now: datetime) -> str:
    """``3d04h``; a dash if it is not known."""
    return NONE if since is None else short_duration((now - since).total_seconds())

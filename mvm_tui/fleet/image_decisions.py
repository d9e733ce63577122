"""Whether an action on an image or a version of it may run, and what is asked first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import Ask, Context, Decision, Go, Refuse, decide, display_name
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import ACTIVE, FAILED, INACTIVE, SUCCESSFUL, Image, ImageVersion
from mvm_tui.model.text import clean

IMAGE_SCOPES = frozenset({Scope.IMAGE, Scope.IMAGE_VERSION})
_NAMED = 5


@dataclass(frozen=True, slots=True)
class ImageTarget:
    """What an action works on.

    Attributes:
        version: The version under the cursor, or named; None for the image as a whole.
        count: How many versions the image has; None while that is not known.
        running: The MicroVMs of the image that have not ended.
    """

    image: Image
    version: ImageVersion | None = None
    count: int | None = None
    running: tuple[FleetRow, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """(ARN,) or (ARN, version)."""
        return (self.image.arn,) if self.version is None else (self.image.arn, self.version.version)

    @property
    def name(self) -> str:
        """``web`` or ``web:2.0``; safe to show."""
        name = clean(self.image.name, 64)
        return name if self.version is None else f"{name}:{clean(self.version.version, 20)}"


def decide_image(action: Action, target: ImageTarget | None, context: Context) -> Decision:
    """Whether `action`, whose scope is one of `IMAGE_SCOPES`, may run on `target` now."""
    general = decide(action, (), context)
    if isinstance(general, Refuse):
        return general
    if target is None:
        return Refuse("No image is selected.")
    if action.scope is Scope.IMAGE_VERSION and target.version is None:
        return Refuse(f"Choose a version of {target.name} first: enter shows them.")
    rule = _RULES.get(action.id)
    return rule(target) if rule is not None else Go(target.ids)


def _follow(target: ImageTarget) -> Decision:
    version = target.version
    if version is not None and version.state in (SUCCESSFUL, FAILED):
        return Refuse(f"The build of {target.name} is over: {_word(version.state)}.")
    return Go(target.ids)


def _launch(target: ImageTarget) -> Decision:
    version = target.version
    if version is None:
        if target.image.latest_active_version is None:
            return Refuse(f"{target.name} has no active version: activate or build one.")
        return Go(target.ids)
    if version.state != SUCCESSFUL:
        return Refuse(f"{target.name} is not built: its state is {_word(version.state)}.")
    if version.status == INACTIVE:
        return Refuse(f"{target.name} is inactive: activate it first.")
    return Go(target.ids)


def _activate(target: ImageTarget) -> Decision:
    version = target.version
    if version is not None and version.status == ACTIVE:
        return Refuse(f"{target.name} is active already.")
    if version is not None and version.state != SUCCESSFUL:
        return Refuse(f"{target.name} is not built: its state is {_word(version.state)}.")
    return Go(target.ids)


def _deactivate(target: ImageTarget) -> Decision:
    version = target.version
    if version is not None and version.status == INACTIVE:
        return Refuse(f"{target.name} is inactive already.")
    if version is not None and version.version == target.image.latest_active_version:
        return Ask(target.ids, f"Retire {target.name}? It is what launches take now.")
    return Go(target.ids)


def _delete_version(target: ImageTarget) -> Decision:
    if target.count == 1:
        return Refuse(f"{target.name} is the last version: it goes with its image only. Delete the image.")
    version = target.version.version if target.version is not None else ""
    using = [row for row in target.running if row.vm.image_version == version]
    if using:
        return Refuse(f"{target.name} is in use: terminate {_listed(using)} first.")
    latest = version == target.image.latest_active_version
    note = " It is what launches take now." if latest else ""
    return Ask(target.ids, f"Delete {target.name}? It can never be launched again.{note}", target.name)


def _delete(target: ImageTarget) -> Decision:
    name = clean(target.image.name, 64)
    if target.running:
        return Refuse(f"{name} has MicroVMs: terminate {_listed(target.running)} first.")
    count = "all its versions" if target.count is None else f"its {target.count} versions"
    if target.count == 1:
        count = "its one version"
    question = f"Delete the image {name} with {count}? None can be launched again."
    return Ask((target.image.arn,), question, name)


def _listed(rows: tuple[FleetRow, ...] | list[FleetRow]) -> str:
    names = ", ".join(display_name(row) for row in rows[:_NAMED])
    more = len(rows) - _NAMED
    return f"{names} and {more} more" if more > 0 else names


def _word(state: str) -> str:
    return clean(state.lower().replace("_", " "), 30)


_RULES: dict[str, Callable[[ImageTarget], Decision]] = {
    "image.follow": _follow,
    "image.launch": _launch,
    "image.activate": _activate,
    "image.deactivate": _deactivate,
    "image.delete_version": _delete_version,
    "image.delete": _delete,
}

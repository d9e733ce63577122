"""Actions on images, on their versions, and on the screen of both."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope

BUILD = Action(
    "image.build",
    "build",
    ("B",),
    Scope.APP,
    "Build an image, or a new version of one, from a folder with a Dockerfile.",
    Danger.COSTS,
    verb="build",
)


def _image(
    name: str,
    label: str,
    keys: tuple[str, ...],
    text: str,
    danger: Danger = Danger.NONE,
    verb: str = "",
    *,
    scope: Scope = Scope.IMAGE,
    footer: bool = False,
) -> Action:
    return Action(f"image.{name}", label, keys, scope, text, danger, verb=verb, footer=footer)


BUILDING = Action(
    "app.building",
    "builds",
    ("ctrl+b",),
    Scope.APP,
    "Show the builds that were begun or are followed here.",
    verb="building",
)

IMAGE_ACTIONS: tuple[Action, ...] = (
    _image("open", "open", ("enter",), "Go down: to its versions, to a version's builds.", footer=True),
    _image(
        "new_version",
        "new version",
        ("N",),
        "Build a new version of the image, configured as its last one.",
        Danger.COSTS,
        "new-version",
        footer=True,
    ),
    _image(
        "follow",
        "follow",
        ("f",),
        "Follow the build to its end.",
        verb="follow",
        scope=Scope.IMAGE_VERSION,
        footer=True,
    ),
    _image("launch", "launch", ("n",), "Launch a MicroVM of it.", Danger.COSTS, "run", footer=True),
    _image("logs", "build logs", ("l",), "Read the logs of its build.", verb="build-logs", footer=True),
    _image(
        "activate",
        "activate",
        ("a",),
        "Let launches take the version.",
        Danger.CHANGES,
        "activate",
        scope=Scope.IMAGE_VERSION,
        footer=True,
    ),
    _image(
        "deactivate",
        "deactivate",
        ("i",),
        "Retire the version: no launch takes it, what runs goes on.",
        Danger.CHANGES,
        "deactivate",
        scope=Scope.IMAGE_VERSION,
        footer=True,
    ),
    _image(
        "mark",
        "mark",
        ("space",),
        "Mark the version to compare it with another.",
        scope=Scope.IMAGE_VERSION,
        footer=True,
    ),
    _image(
        "compare",
        "compare",
        ("equals_sign",),
        "Compare the version with the marked one.",
        verb="compare",
        scope=Scope.IMAGE_VERSION,
        footer=True,
    ),
    _image(
        "values",
        "values",
        ("m",),
        "Show the values of environment variables, or mask them again.",
        scope=Scope.IMAGE_VERSION,
    ),
    _image("tag", "tags", ("t",), "Change the image's tags.", Danger.CHANGES, "tag"),
    _image("copy_name", "copy name", ("y",), "Copy NAME, or NAME:VERSION."),
    _image("copy_arn", "copy ARN", ("Y",), "Copy the ARN, in the form that the service takes."),
    _image("raw", "raw JSON", ("v",), "Show the service's answer as JSON."),
    _image(
        "delete_version",
        "delete version",
        ("D",),
        "Delete the version for ever. Asks for its name.",
        Danger.DESTROYS,
        "delete-version",
        scope=Scope.IMAGE_VERSION,
    ),
    _image(
        "delete",
        "delete image",
        ("X",),
        "Delete the image with all its versions. Asks for its name.",
        Danger.DESTROYS,
        "delete-image",
    ),
    Action("images.next_view", "view", ("tab",), Scope.IMAGES, "Go to the next view.", footer=True),
)

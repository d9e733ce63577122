"""Actions on images and their versions."""

from __future__ import annotations

from mvm_tui.fleet.action import Action, Danger, Scope

BUILD = Action(
    "image.build",
    "build",
    (),
    Scope.APP,
    "Build an image, or a new version of one, from a folder with a Dockerfile.",
    Danger.COSTS,
    verb="build",
)

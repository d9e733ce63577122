"""The configuration of a version as settings, and what differs between two."""

from __future__ import annotations

from dataclasses import replace

from mvm_tui.model.image import HookSetting, ImageVersion
from mvm_tui.model.image_settings import Difference, Setting, differences, settings
from mvm_tui.model.launch import Logging

ONE = ImageVersion(
    "image",
    "1.0",
    "SUCCESSFUL",
    "ACTIVE",
    1_024,
    hook_port=9_000,
    hooks=(HookSetting("ready", 30), HookSetting("run")),
    environment=(("A", "1"), ("B", "")),
    tags=(("team", "x"),),
    logging=Logging(group="/own"),
)


def test_what_is_set_is_listed_and_what_is_not_is_left_out() -> None:
    assert settings(ONE) == [
        Setting("memory", "1 GB"),
        Setting("hooks port", "9000"),
        Setting("hook ready", "30 s"),
        Setting("hook run", "service's time"),
        Setting("logs", "/own"),
        Setting("env A", "1", secret=True),
        Setting("env B", "(empty)", secret=True),
        Setting("tag team", "x"),
    ]
    assert settings(ImageVersion("image", "1.0", "FAILED", "")) == []
    assert Setting("logs", "off") in settings(replace(ONE, logging=Logging(True)))


def test_only_what_differs_is_told() -> None:
    other = replace(ONE, memory_mib=2_048, environment=(("A", "2"), ("C", "3")), description="new", hooks=())
    assert differences(ONE, ONE) == []
    assert differences(ONE, other) == [
        Difference("description", None, "new"),
        Difference("memory", "1 GB", "2 GB"),
        Difference("env A", "1", "2", secret=True),
        Difference("env C", None, "3", secret=True),
        Difference("hook ready", "30 s", None),
        Difference("hook run", "service's time", None),
        Difference("env B", "(empty)", None, secret=True),
    ]

"""Images that live in memory: what the screen of images reads and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mvm_tui.model.bases import Base
from mvm_tui.model.errors import Problem
from mvm_tui.model.image import (
    BaseImage,
    BaseImageVersion,
    HookSetting,
    Image,
    ImageBuild,
    ImageVersion,
    SnapshotSizes,
)
from tests.tui.fakes import NOW, image_arn

BASE_ARN = "arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1"
SECRET = "hunter2-secret"
DONE = SnapshotSizes(3 << 20, 1 << 30, 512 << 20)


def version(name: str, number: str, **changes: Any) -> ImageVersion:
    """A version that was built."""
    one = ImageVersion(
        image_arn(name),
        number,
        "SUCCESSFUL",
        "ACTIVE",
        2_048,
        NOW - timedelta(days=3),
        base_arn=BASE_ARN,
        base_version="2.0",
        build_role="arn:aws:iam::000000000000:role/build",
        artifact=f"s3://bucket/{name}/{number}.zip",
        hook_port=9_000,
        hooks=(HookSetting("ready", 120), HookSetting("run")),
        environment=(("LEVEL", "info"), ("TOKEN", SECRET)),
        egress=("arn:aws:lambda:us-east-1:aws:network-connector:INTERNET_EGRESS",),
        architectures=("ARM_64",),
    )
    return replace(one, **changes)


class FakeImages:
    """Three images; what is done to them is remembered.

    Attributes:
        done: (what, arguments) of every change.
        reads: (what, arguments) of every reading.
        problem: Raised by every call, if set.
    """

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.reads: list[tuple[Any, ...]] = []
        self.problem: Problem | None = None
        self.held: dict[str, Image] = {}
        self.kept: dict[str, list[ImageVersion]] = {}
        self.named_tags: dict[str, dict[str, str]] = {}
        self.put("hello-web", [version("hello-web", "2.0", description="now"), _old("hello-web")])
        self.put("broken", [version("broken", "1.0", state="FAILED", status="INACTIVE")])
        self.put("worker", [version("worker", "1.0", memory_mib=1_024)])
        self.named_tags[image_arn("hello-web")] = {"team": "a", "stage": "dev"}

    def put(self, name: str, versions: list[ImageVersion], state: str = "CREATED") -> None:
        """Add an image, or change what it has."""
        active = next((one.version for one in versions if one.launchable), None)
        failed = next((one.version for one in versions if one.state == "FAILED"), None)
        self.held[name] = Image(image_arn(name), name, state, active, failed, NOW - timedelta(days=9))
        self.kept[image_arn(name)] = versions

    def images(self) -> Sequence[Image]:
        self._read("images")
        return list(self.held.values())

    def versions(self, image_arn: str) -> Sequence[ImageVersion]:
        self._read("versions", image_arn)
        return list(self.kept[image_arn])

    def builds(self, image_arn: str, version: str) -> Sequence[ImageBuild]:
        self._read("builds", image_arn, version)
        one = next(one for one in self.kept[image_arn] if one.version == version)
        failed = one.state == "FAILED"
        reason = "Ready hook invocation timed out after PT5M" if failed else None
        left = SnapshotSizes(code_install=4 << 20) if failed else DONE
        return [
            ImageBuild(
                image_arn, version, f"build-{chip}", one.state, "ARM_64", "GRAVITON", chip, reason,
                snapshot=None if one.building else left,
            )
            for chip in ("4", "3")
        ]  # fmt: skip

    def tags(self, image_arn: str) -> Mapping[str, str]:
        self._read("tags", image_arn)
        return dict(self.named_tags.get(image_arn, {}))

    def bases(self) -> Sequence[Base]:
        self._read("bases")
        states = {"2": "AVAILABLE", "1": "DEPRECATED", "0": "EXPIRING"}
        versions = (BaseImageVersion(BASE_ARN, number, states[number], NOW) for number in states)
        return [Base(BaseImage(BASE_ARN, "al2023-1"), tuple(versions))]

    def raw(self, image_arn: str, version: str = "") -> dict[str, Any]:
        self._read("raw", image_arn, version)
        return {"imageArn": image_arn, "environmentVariables": {"TOKEN": SECRET}}

    def set_status(self, image_arn: str, version: str, status: str) -> None:
        self._do("set_status", image_arn, version, status)
        name = image_arn.rpartition(":")[2]
        changed = [
            replace(one, status=status) if one.version == version else one for one in self.kept[image_arn]
        ]
        self.put(name, changed)

    def delete_version(self, image_arn: str, version: str) -> str:
        self._do("delete_version", image_arn, version)
        left = [one for one in self.kept[image_arn] if one.version != version]
        self.put(image_arn.rpartition(":")[2], left)
        return "request-of-the-deletion"

    def delete(self, image_arn: str) -> str:
        self._do("delete", image_arn)
        del self.held[image_arn.rpartition(":")[2]]
        return "request-of-the-deletion"

    def set_tags(self, image_arn: str, tags: Mapping[str, str], removed: Sequence[str] = ()) -> None:
        self._do("set_tags", image_arn, dict(tags), tuple(removed))
        held = self.named_tags.setdefault(image_arn, {})
        held.update(tags)
        for name in removed:
            del held[name]

    def _read(self, *what: Any) -> None:
        self.reads.append(what)
        if self.problem is not None:
            raise self.problem

    def _do(self, *what: Any) -> None:
        self.done.append(what)
        if self.problem is not None:
            raise self.problem


def _old(name: str) -> ImageVersion:
    return version(
        name,
        "1.0",
        status="INACTIVE",
        memory_mib=1_024,
        base_version="1.0",
        environment=(("LEVEL", "info"), ("TOKEN", "an-older-secret")),
    )

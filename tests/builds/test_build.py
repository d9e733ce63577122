"""Asking for a build: of an image that is busy, with one fresh token for all tries of a build."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mvm_tui.aws.image_changes import Begun
from mvm_tui.builds.build import Plan, begin
from mvm_tui.builds.folder import read_folder
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Conflict
from mvm_tui.model.image import Image
from mvm_tui.model.image_spec import ImageSpec
from tests.aws.scripted import Answer, Asked, error, scripted

ARN = "arn:aws:lambda:us-east-1:123456789012:microvm-image:web"
SPEC = ImageSpec(name="web", base_arn=f"{ARN}-base", role="arn:aws:iam::123456789012:role/build")
IMAGE = Image(ARN, "web", "CREATED", None, None, None)


class Service:
    """S3 that takes everything, and an image that is in conflict so many times."""

    def __init__(self, conflicts: int, state: str = "CREATED") -> None:
        self.left = conflicts
        self.state = state
        self.tokens: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "HEAD":
            return Answer(b"", 404)
        if "microvm-images" not in asked.path:
            return Answer(b"")
        if asked.method == "GET":
            return Answer({"imageArn": ARN, "name": "web", "state": self.state})
        self.tokens.append(json.loads(asked.body)["clientToken"])
        self.left -= 1
        if self.left >= 0:
            return error(409, "ConflictException", f"conflict {len(self.tokens)}")
        return Answer({"imageArn": ARN, "imageVersion": "2.0"})


def begun(service: Service, tmp_path: Path, image: Image | None = IMAGE) -> tuple[Begun, list[float]]:
    (tmp_path / "Dockerfile").write_text("FROM x\nCMD x\n")
    waits: list[float] = []
    with scripted(service) as server:
        plan = Plan(replace(SPEC), read_folder(tmp_path), "bucket", image)
        made = begin(server.connect(), plan, SystemClock(), wait=waits.append)
    return made, waits


def test_a_conflict_that_passes_is_waited_out_with_the_same_token(tmp_path: Path) -> None:
    service = Service(conflicts=2)
    made, waits = begun(service, tmp_path)
    assert made.version == "2.0"
    assert len(service.tokens) == 3
    assert len(set(service.tokens)) == 1
    assert len(waits) == 2
    again = Service(conflicts=0)
    begun(again, tmp_path)
    assert set(again.tokens).isdisjoint(service.tokens)


def test_a_conflict_that_stays_is_told_in_the_services_own_words(tmp_path: Path) -> None:
    service = Service(conflicts=99)
    with pytest.raises(Conflict, match=f"conflict {4}"):
        begun(service, tmp_path)
    assert len(service.tokens) == 4


def test_a_new_image_in_conflict_is_not_asked_for_again(tmp_path: Path) -> None:
    service = Service(conflicts=99)
    with pytest.raises(Conflict):
        begun(service, tmp_path, image=None)
    assert len(service.tokens) == 1

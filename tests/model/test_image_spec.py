"""What a build may ask for, and how versions compare."""

from __future__ import annotations

import pytest

from mvm_tui.model.image import same_version, version_key
from mvm_tui.model.image_spec import Hook, ImageSpec

BASE = "arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1"
ROLE = "arn:aws:iam::123456789012:role/service/build"


def spec(**changes: object) -> ImageSpec:
    return ImageSpec(**{"name": "web", "base_arn": BASE, "role": ROLE, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "bad name!"}),
        ("name", {"name": "x" * 65}),
        ("role", {"role": "admin"}),
        ("memory", {"memory_mib": 3_000}),
        ("hooks", {"hooks": (Hook("run", 80),)}),
        ("hooks", {"hooks": (Hook("ready", 80), Hook("run", 81))}),
        ("hooks", {"hooks": (Hook("ready", 80, 3_601),)}),
        ("hooks", {"hooks": (Hook("ready", 80), Hook("ready", 80))}),
        ("hooks", {"hooks": (Hook("go", 80),)}),
        ("hooks", {"hooks": (Hook("ready", 0),)}),
        ("environment", {"environment": (("A B", "x"),)}),
        ("environment", {"environment": (("A", "x" * 4_097),)}),
        ("environment", {"environment": (("AWS_REGION", "x"),)}),
        ("environment", {"environment": tuple((f"N{number}", "") for number in range(101))}),
        ("tags", {"tags": (("a;b", ""),)}),
        ("tags", {"tags": (("a", "x" * 257),)}),
    ],
)
def test_what_would_be_refused_is_told_by_field(field: str, changes: dict[str, object]) -> None:
    assert field in spec(**changes).problems()


def test_only_what_was_given_is_sent() -> None:
    sent = spec(artifact="s3://b/k").parameters(new=True)
    assert set(sent) == {"name", "baseImageArn", "buildRoleArn", "codeArtifact", "resources"}
    later = spec(artifact="s3://b/k", tags=(("a", "b"),)).parameters(new=False)
    assert "tags" not in later
    assert "name" not in later


def test_versions_compare_by_number_and_by_either_spelling() -> None:
    assert sorted(["10.0", "2.0", "1.10", "1.9", "beta"], key=version_key) == [
        "1.9",
        "1.10",
        "2.0",
        "10.0",
        "beta",
    ]
    assert same_version("1", "1.0")
    assert not same_version("1", "10")

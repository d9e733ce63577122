"""Where a version stands with its base image."""

from __future__ import annotations

import pytest

from mvm_tui.model.bases import Base, Standing, standing
from mvm_tui.model.image import BaseImage, BaseImageVersion, ImageVersion

ARN = "arn:aws:lambda:us-east-1:aws:microvm-image:al2023"


def base(*versions: tuple[str, str]) -> Base:
    return Base(BaseImage(ARN, "al2023"), tuple(BaseImageVersion(ARN, *one) for one in versions))


def on(number: str, arn: str = ARN) -> ImageVersion:
    return ImageVersion("image", "1.0", "SUCCESSFUL", "ACTIVE", base_arn=arn, base_version=number)


@pytest.mark.parametrize(
    ("number", "found", "old"),
    [
        ("10.0", Standing("AVAILABLE"), False),
        ("10", Standing("AVAILABLE"), False),
        ("9.0", Standing("AVAILABLE", "10"), True),
        ("2", Standing("RECALLED", "10"), True),
        ("1", Standing("SOMETHING_NEW", "10"), True),
        ("11.0", Standing(), False),
        ("", Standing(), False),
    ],
)
def test_standing(number: str, found: Standing, old: bool) -> None:
    bases = [base(("9", "AVAILABLE"), ("10", "AVAILABLE"), ("2", "RECALLED"), ("1", "SOMETHING_NEW"))]
    assert standing(on(number), bases) == found
    assert found.old is old


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert standing(on("1", "arn:other"), [base(("1", "AVAILABLE"))]) == Standing()
    assert standing(on("1"), []) == Standing()
    assert standing(on("1"), [base(("1", "DEPRECATED"))]) == Standing("DEPRECATED")

"""Why a build failed: the service's words, what they mean, how far it came, what to do."""

from __future__ import annotations

import pytest

from mvm_tui.builds.diagnose import CODES, NEVER_READY, NOTHING_INSTALLED, diagnose
from mvm_tui.model.image import ImageBuild, ImageVersion, SnapshotSizes

ARN = "arn:aws:lambda:us-east-1:000000000000:microvm-image:web"


def version(reason: str | None = None) -> ImageVersion:
    return ImageVersion(ARN, "2.0", "FAILED", "INACTIVE", state_reason=reason)


def build(
    reason: str | None = None, snapshot: SnapshotSizes | None = None, state: str = "FAILED"
) -> ImageBuild:
    return ImageBuild(ARN, "2.0", "b", state, "ARM_64", "GRAVITON", "4", reason, snapshot=snapshot)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_meaning_and_a_way_out(code: str) -> None:
    found = diagnose(version(), [build(code), build(code)])
    assert found.reasons == (f"{code}: {CODES[code][0]}",)
    assert found.fixes == (CODES[code][1],)


def test_the_versions_own_reason_counts_where_the_builds_have_none() -> None:
    assert diagnose(version("S3_NO_SUCH_KEY"), [build()]).fixes == (CODES["S3_NO_SUCH_KEY"][1],)
    assert "S3_NO_SUCH_KEY" not in diagnose(version("S3_NO_SUCH_KEY"), [build("ARCHIVE_INVALID")]).text


@pytest.mark.parametrize(
    ("snapshot", "reached"),
    [
        (None, NOTHING_INSTALLED),
        (SnapshotSizes(code_install=1_000), NEVER_READY),
        (SnapshotSizes(1_000, 2_000, 3_000), ""),
    ],
)
def test_the_shape_of_the_snapshot_tells_how_far_it_came(
    snapshot: SnapshotSizes | None, reached: str
) -> None:
    assert diagnose(version(), [build("The container image build failed.", snapshot)]).reached == reached


def test_measured_sentences_are_understood() -> None:
    found = diagnose(version(), [build("Ready hook invocation timed out after PT5M", SnapshotSizes(1))])
    assert "0.0.0.0" in found.fixes[0]
    assert "never became ready" in found.text


def test_what_is_unknown_is_shown_and_points_to_the_log_and_nothing_steers_the_terminal() -> None:
    found = diagnose(version(), [build("New \x1b[2J reason")], [f"line {n}\x1b[0m" for n in range(30)])
    assert found.reasons == ("New  reason",)
    assert "mvm-tui logs" in found.fixes[0]
    assert len(found.lines) == 10
    assert found.lines[-1] == "line 29"
    assert "\x1b" not in found.text

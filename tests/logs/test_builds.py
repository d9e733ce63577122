"""The streams of a version's build, told apart from those of its MicroVMs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mvm_tui.aws.images import version as read_version
from mvm_tui.aws.images import versions
from mvm_tui.aws.logs import LogReader
from mvm_tui.local.launch import Facts
from mvm_tui.logs.builds import BuildLog, build_log, stream_roles
from mvm_tui.logs.find import Absence, Finder, Missing
from mvm_tui.logs.places import Place
from mvm_tui.model.image import ImageVersion
from mvm_tui.model.launch import Logging
from tests.cloud import client, cloud_process
from tests.logs.feeding import CLOCK, Feed, connect
from tests.logs.made import event

CREATED = datetime.now(UTC) - timedelta(minutes=4)
DAY = datetime.now(UTC).strftime("%Y/%m/%d")


def made(image: str, number: str = "2.0", logging: Logging | None = None) -> ImageVersion:
    arn = f"arn:aws:lambda:us-east-1:000000000000:microvm-image:{image}"
    return ImageVersion(arn, number, "SUCCESSFUL", "ACTIVE", created_at=CREATED, logging=logging)


@pytest.fixture
def finder(reader: LogReader) -> Finder:
    return Finder(reader, CLOCK, sleep=lambda _: None)


def test_the_builds_streams_are_found_and_those_of_microvms_left_out(
    reader: LogReader, finder: Finder, feed: Feed
) -> None:
    image = feed.group.rpartition("/")[2]
    for stream in ("microvm-b1", "microvm-b2", "microvm-own"):
        feed.put(f"{DAY}[2.0]{stream}", "hello")
    feed.put(f"{DAY}[1.0]microvm-b3", "of another version")
    found = build_log(finder, reader, made(image), {"microvm-own"}, sleep=lambda _: None)
    streams = (f"{DAY}[2.0]microvm-b1", f"{DAY}[2.0]microvm-b2")
    assert found == BuildLog("2.0", Place(feed.group, streams))


def test_opaque_names_are_found_by_their_time(reader: LogReader, finder: Finder, feed: Feed) -> None:
    feed.put("4f1c-opaque", "#1 [1/3] FROM x")
    found = build_log(finder, reader, made(feed.group.rpartition("/")[2]), sleep=lambda _: None)
    assert found == BuildLog("2.0", Place(feed.group, ("4f1c-opaque",)))


def test_why_a_build_has_no_logs(reader: LogReader, finder: Finder, feed: Feed) -> None:
    image = feed.group.rpartition("/")[2]
    feed.put(f"{DAY}[1.0]microvm-b3", "of another version")
    cases = [made(image), made(image, logging=Logging(disabled=True)), made("no-such-image")]
    found = [build_log(finder, reader, one, sleep=lambda _: None) for one in cases]
    assert [one.absence for one in found if isinstance(one, Missing)] == [
        Absence.NOT_YET,
        Absence.DISABLED,
        Absence.NO_GROUP,
    ]


def test_a_build_under_way_is_followed_by_its_version(reader: LogReader, finder: Finder, feed: Feed) -> None:
    running = replace(made(feed.group.rpartition("/")[2]), state="IN_PROGRESS")
    feed.put(f"{DAY}[2.0]microvm-b1", "hello")
    assert build_log(finder, reader, running) == BuildLog("2.0", Place(feed.group, version="2.0"))
    early = build_log(finder, reader, replace(made("not-yet"), state="PENDING"))
    assert isinstance(early, Missing)
    assert early.absence is Absence.NOT_YET


def test_a_builds_own_logging_holds(reader: LogReader, finder: Finder) -> None:
    logging = Logging(group="builds", stream="all")
    found = build_log(finder, reader, made("web", logging=logging))
    assert found == BuildLog("2.0", Place("builds", ("all",)))


def test_roles_are_told_by_lines() -> None:
    events = [
        event("#1 [1/3] FROM x", stream="a"),
        event("POST /aws/lambda-microvms/runtime/v1/ready 200", stream="b"),
        event("POST /aws/lambda-microvms/runtime/v1/ready 200", stream="c"),
        event("POST /aws/lambda-microvms/runtime/v1/validate 200", stream="c"),
        event("hello", stream="d"),
    ]
    assert stream_roles(events) == {"a": "build", "b": "snapshot", "c": "validate"}


def test_a_real_build_of_the_local_cloud_is_found() -> None:
    with cloud_process("demo", speed=20, rates=False) as facts:
        found = _failed_build(facts)
    assert isinstance(found, BuildLog)
    assert found.place.group == "/aws/lambda-microvms/report-renderer"
    assert len(found.place.streams) == 1


def _failed_build(facts: Facts) -> BuildLog | Missing:
    connection = connect(facts)
    images = client(facts).list_microvm_images()["items"]
    (arn,) = (image["imageArn"] for image in images if image["name"] == "report-renderer")
    (number,) = (one.version for page in versions(connection, arn) for one in page)
    reader = LogReader(connection, CLOCK)
    return build_log(Finder(reader, CLOCK), reader, read_version(connection, arn, number))

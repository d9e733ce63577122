"""Finding logs by every form of their names, and saying why there are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mvm_tui.aws.logs import LogReader, lacks
from mvm_tui.local.launch import Facts
from mvm_tui.logs.find import Absence, Finder, Missing
from mvm_tui.logs.places import Place, where
from mvm_tui.model.errors import Gone, Throttled
from mvm_tui.model.launch import Logging
from mvm_tui.model.microvm import RUNNING, TERMINATED, Details, Microvm
from tests.aws.scripted import Answer, Asked, scripted
from tests.cli.runs import counted
from tests.cloud import set_faults
from tests.logs.feeding import CLOCK, Feed

STARTED = datetime.now(UTC) - timedelta(hours=1)
DAY = STARTED.strftime("%Y/%m/%d")
NEXT_DAY = (STARTED + timedelta(days=1)).strftime("%Y/%m/%d")
ID = "microvm-9c1f0000-1111-2222-3333-444444444444"
ROLE = "arn:aws:iam::123456789012:role/vm"


def vm(
    image: str = "web",
    *,
    role: str | None = ROLE,
    state: str = RUNNING,
    started: datetime = STARTED,
    microvm_id: str = ID,
) -> Microvm:
    arn = f"arn:aws:lambda:us-east-1:000000000000:microvm-image:{image}"
    details = Details("host", 3_600, None, execution_role=role)
    return Microvm(microvm_id, state, arn, "2.0", started, details)


@pytest.fixture
def finder(reader: LogReader) -> Finder:
    return Finder(reader, CLOCK, sleep=lambda _: None)


@pytest.fixture
def image(feed: Feed) -> str:
    return feed.group.rpartition("/")[2]


@pytest.mark.parametrize(
    "stream",
    [
        f"{DAY}[2.0]{ID}",
        ID,
        f"{ID}/stdout",
        f"{DAY}[2]{ID}",
        f"{STARTED + timedelta(days=1):%Y/%m/%d}[2.0]{ID}",
    ],
)
def test_every_form_of_a_streams_name(finder: Finder, feed: Feed, image: str, stream: str) -> None:
    feed.put(f"{DAY}[2.0]microvm-another", "not this one")
    feed.put(stream, "hello")
    assert finder.microvm(vm(image)) == Place(feed.group, (stream,))


def test_the_older_prefix_is_found_and_remembered(facts: Facts, reader: LogReader, finder: Finder) -> None:
    old = Feed(facts, "/aws/lambda/microvms/old-style")
    old.put(f"{DAY}[2.0]{ID}", "hello")
    other = f"{ID[:-1]}5"
    old.put(f"{DAY}[2.0]{other}", "hello")
    assert finder.microvm(vm("old-style")) == Place(old.group, (f"{DAY}[2.0]{ID}",))
    assert finder.group_of("old-style") == old.group
    with counted(facts, "DescribeLogStreams", "DescribeLogGroups") as counts:
        finder.microvm(vm("old-style"))
        assert not counts()
        finder.microvm(vm("old-style", microvm_id=other))
        assert counts() == {"DescribeLogStreams": 1}
    assert finder.image("old-style") == Place(old.group)


def test_one_call_finds_the_usual_place(facts: Facts, finder: Finder, feed: Feed, image: str) -> None:
    feed.put(f"{DAY}[2.0]{ID}", "hello")
    with counted(facts, "DescribeLogStreams", "DescribeLogGroups", "FilterLogEvents") as counts:
        finder.microvm(vm(image))
        assert counts() == {"DescribeLogStreams": 1}


def test_a_microvm_in_the_group_of_another_name_is_found_in_the_end(
    facts: Facts, finder: Finder, feed: Feed
) -> None:
    feed.put(f"{DAY}[2.0]{ID[:-1]}7", "hello")
    place = finder.microvm(vm("renamed", microvm_id=f"{ID[:-1]}7"))
    assert place == Place(feed.group, (f"{DAY}[2.0]{ID[:-1]}7",))


def test_what_was_chosen_at_launch_holds(facts: Facts, reader: LogReader) -> None:
    custom = Feed(facts, "team-logs")
    custom.put("shared", "hello")
    custom.put("shared-not", "no")
    told = Logging(group="team-logs", stream="shared")
    assert Finder(reader, CLOCK, lambda _: told).microvm(vm()) == Place("team-logs", ("shared",))
    gone = Finder(reader, CLOCK, lambda _: Logging(group="nowhere", stream="x")).microvm(vm())
    assert isinstance(gone, Missing)
    assert gone.absence is Absence.NO_GROUP
    assert "nowhere" in gone.what


def test_the_config_goes_before_what_is_remembered(facts: Facts, reader: LogReader) -> None:
    own = Feed(facts, "per-image")
    own.put(f"vms/{ID}/2.0", "hello")
    known = where(
        {"web": Logging(group="per-image", stream="vms/{id}/{version}")}, lambda _: Logging(disabled=True)
    )
    assert Finder(reader, CLOCK, known).microvm(vm()) == Place("per-image", (f"vms/{ID}/2.0",))
    disabled = Finder(reader, CLOCK, known).microvm(vm("worker"))
    assert isinstance(disabled, Missing)


def absences(facts: Facts, reader: LogReader, feed: Feed, image: str) -> Iterator[Missing | Place]:
    finder = Finder(reader, CLOCK, sleep=lambda _: None)
    silent = f"{ID[:-1]}0"
    feed.put("other", "x")
    yield finder.microvm(vm(image, microvm_id=silent))
    yield finder.microvm(vm("nothing-logged", role=None, microvm_id=silent))
    yield Finder(reader, CLOCK, lambda _: Logging(disabled=True)).microvm(vm(image))
    yield finder.microvm(vm("nothing-logged", microvm_id=silent))


def test_why_there_is_nothing_is_said_in_a_sentence_of_its_own(
    facts: Facts, reader: LogReader, feed: Feed, image: str
) -> None:
    found = [one for one in absences(facts, reader, feed, image) if isinstance(one, Missing)]
    assert [one.absence for one in found] == [
        Absence.NOT_YET,
        Absence.NO_ROLE,
        Absence.DISABLED,
        Absence.NO_GROUP,
    ]
    denied = Answer(
        {
            "__type": "AccessDeniedException",
            "message": "User: me is not authorized to perform: logs:DescribeLogStreams",
        },
        400,
    )
    with scripted(lambda _: denied) as server:
        refused = Finder(LogReader(server.connect(), CLOCK), CLOCK).microvm(vm())
    assert isinstance(refused, Missing)
    assert refused.absence is Absence.DENIED
    assert "logs:DescribeLogStreams" in refused.what
    sentences = {one.what for one in (*found, refused)}
    assert len(sentences) == 5
    assert all(one.why and one.fix for one in (*found, refused))


def test_a_young_microvm_without_a_group_has_no_logs_yet(finder: Finder) -> None:
    young = finder.microvm(vm("brand-new", started=datetime.now(UTC)))
    assert isinstance(young, Missing)
    assert young.absence is Absence.NOT_YET
    ended = finder.microvm(vm("brand-new", started=datetime.now(UTC), state=TERMINATED))
    assert isinstance(ended, Missing)
    assert "ended" in ended.why


def test_other_trouble_is_no_answer(facts: Facts, finder: Finder) -> None:
    set_faults(facts, "throttle@DescribeLogStreams*9")
    with pytest.raises(Throttled):
        finder.microvm(vm())


def test_an_image_without_a_group(finder: Finder) -> None:
    found = finder.image("unheard-of")
    assert isinstance(found, Missing)
    assert found.absence is Absence.NO_GROUP


def test_a_group_with_thousands_of_streams_is_not_listed_to_its_end() -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> Answer:
        asked.append(request)
        if request.headers["X-Amz-Target"].endswith("DescribeLogGroups"):
            return Answer({"logGroups": []})
        number = len(asked)
        if not json.loads(request.body)["logStreamNamePrefix"].endswith("["):
            return Answer({"logStreams": []})
        return Answer({"logStreams": [{"logStreamName": f"s{number}"}], "nextToken": str(number)})

    with scripted(answer) as server:
        found = Finder(LogReader(server.connect(), CLOCK), CLOCK, sleep=lambda _: None).microvm(vm())
    assert isinstance(found, Missing)
    assert 20 < len(asked) < 50


def test_an_empty_page_of_groups_is_not_the_end() -> None:
    def answer(asked: Asked) -> Answer:
        if "nextToken" in json.loads(asked.body):
            return Answer({"logGroups": [{"logGroupName": "/aws/lambda-microvms/web"}]})
        return Answer({"logGroups": [], "nextToken": "more"})

    with scripted(answer) as server:
        found = Finder(LogReader(server.connect(), CLOCK), CLOCK, sleep=lambda _: None).image("web")
    assert found == Place("/aws/lambda-microvms/web")


@pytest.mark.parametrize(
    ("message", "lacking"),
    [
        ("The specified log group does not exist.", "group"),
        ("The specified log stream does not exist.", "stream"),
        ("Log group '/aws/lambda-microvms/stream-hub' does not exist", "group"),
    ],
)
def test_what_is_lacking_is_told_whatever_its_name(message: str, lacking: str) -> None:
    gone = Answer({"__type": "ResourceNotFoundException", "message": message}, 400)
    with scripted(lambda _: gone) as server, pytest.raises(Gone) as raised:
        LogReader(server.connect(), CLOCK).find_events("/g")
    assert lacks(raised.value) == lacking

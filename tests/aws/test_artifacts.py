"""Uploads to the local cloud's S3: once, in parts, again after trouble, and not at all where it is there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvm_tui.aws import artifacts
from mvm_tui.aws.artifacts import PART_BYTES, Source
from mvm_tui.aws.session import Connection, Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Cancelled, Problem
from tests.cli.runs import counted
from tests.cloud import client, cloud_process, set_faults


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("empty", rates=False) as found:
        yield found


@pytest.fixture
def connection(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    for name, value in facts.environment().items():
        monkeypatch.setenv(name, value)
    opened = Connection.open(Target(None, facts.region, facts.endpoint), SystemClock())
    if artifacts.bucket_region(opened, "held") is None:
        artifacts.create_bucket(opened, "held")
    yield opened
    opened.close()


def source(tmp_path: Path, size: int) -> Source:
    data = os.urandom(size)
    path = tmp_path / "app.zip"
    path.write_bytes(data)
    return Source(path, size, hashlib.sha256(data).hexdigest())


def stored(facts: Facts, key: str) -> bytes:
    return bytes(client(facts, "s3").get_object(Bucket="held", Key=key)["Body"].read())


def test_a_bucket_is_found_or_made_where_the_connection_is(connection: Connection) -> None:
    name = artifacts.default_bucket("000000000000", connection.region)
    assert name == f"mvm-tui-000000000000-{connection.region}"
    assert artifacts.bucket_region(connection, name) is None
    artifacts.create_bucket(connection, name)
    assert artifacts.bucket_region(connection, name) == connection.region


def test_a_small_file_goes_at_once_and_only_once(
    connection: Connection, facts: Facts, tmp_path: Path
) -> None:
    small = source(tmp_path, 1_000)
    told: list[int] = []
    first = artifacts.upload(connection, "held", "small.zip", small, told.append)
    assert (first.uri, first.reused, told) == ("s3://held/small.zip", False, [1_000])
    assert stored(facts, "small.zip") == small.path.read_bytes()
    with counted(facts, "PutObject") as counts:
        assert artifacts.upload(connection, "held", "small.zip", small).reused
        other = source(tmp_path, 1_000)
        assert not artifacts.upload(connection, "held", "small.zip", other).reused
        assert counts() == {"PutObject": 1}


def test_a_large_file_goes_in_parts_whatever_fails_on_the_way(
    connection: Connection, facts: Facts, tmp_path: Path
) -> None:
    large = source(tmp_path, 2 * PART_BYTES + 5_000)
    told: list[int] = []
    set_faults(facts, "error@UploadPart*2", "throttle@CompleteMultipartUpload*1")
    artifacts.upload(connection, "held", "large.zip", large, told.append)
    assert told == [PART_BYTES, 2 * PART_BYTES, large.size]
    assert stored(facts, "large.zip") == large.path.read_bytes()


def test_an_upload_that_was_called_off_goes_on_where_it_stopped(
    connection: Connection, facts: Facts, tmp_path: Path
) -> None:
    large = source(tmp_path, 3 * PART_BYTES)
    told: list[int] = []
    with pytest.raises(Cancelled):
        artifacts.upload(connection, "held", "later.zip", large, told.append, lambda: len(told) == 2)
    with counted(facts, "UploadPart") as counts:
        artifacts.upload(connection, "held", "later.zip", large)
        assert counts() == {"UploadPart": 1}
    assert stored(facts, "later.zip") == large.path.read_bytes()


def test_a_bucket_that_is_not_there_is_a_problem(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(Problem):
        artifacts.upload(connection, "nowhere", "a.zip", source(tmp_path, 10))

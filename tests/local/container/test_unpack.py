"""Zips from outside: what is unpacked, and what is refused before it does harm."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvm_tui.local.container import unpack as unpacking
from mvm_tui.local.container.errors import BuildError
from mvm_tui.local.container.limits import MAX_BYTES, MAX_FILES, Budget
from mvm_tui.local.container.unpack import unpack


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = mode << 16
    return made


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, body in entries:
            archive.writestr(info, body)
    return file.getvalue()


def refused(body: bytes, folder: Path, budget: Budget | None = None) -> BuildError:
    with pytest.raises(BuildError) as refusal:
        unpack(io.BytesIO(body), folder, budget or Budget())
    return refusal.value


def test_files_folders_and_their_modes(tmp_path: Path) -> None:
    body = zipped(
        (entry("./Dockerfile"), b"FROM x"),
        (entry("bin/run.sh", stat.S_IFREG | 0o4777), b"#!/bin/sh"),
        (entry("empty/", stat.S_IFDIR | 0o755), b""),
        (entry("secret", stat.S_IFREG | 0o000), b"s"),
        (entry("ä/ö"), b"uml"),
    )
    budget = Budget()
    unpack(io.BytesIO(body), tmp_path, budget)
    assert (tmp_path / "Dockerfile").read_bytes() == b"FROM x"
    modes = {
        name: stat.S_IMODE((tmp_path / name).stat().st_mode)
        for name in ("Dockerfile", "bin/run.sh", "secret")
    }
    assert modes == {"Dockerfile": 0o644, "bin/run.sh": 0o755, "secret": 0o600}
    assert (tmp_path / "empty").is_dir()
    assert (tmp_path / "ä" / "ö").read_bytes() == b"uml"
    assert (budget.files, budget.bytes) == (5, 19)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "..", "a\\..\\..\\x", "//x", "a/.."])
def test_a_name_that_leads_outside(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    assert refused(zipped((entry(name), b"x")), inside).code == "ARCHIVE_INVALID"
    assert [path.name for path in tmp_path.rglob("*")] == ["inside"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    failure = refused(zipped((entry("x", kind | 0o777), b"/etc/passwd")), tmp_path)
    assert failure.code == "ARCHIVE_INVALID"
    assert "special file" in str(failure)
    assert not [*tmp_path.iterdir()]


def test_one_file_twice_and_a_file_where_a_folder_is(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        body = zipped((entry("x"), b"1"), (entry("x"), b"2"))
    assert refused(body, tmp_path).code == "ARCHIVE_INVALID"
    other = tmp_path / "other"
    other.mkdir()
    assert refused(zipped((entry("x"), b"1"), (entry("x/y"), b"2")), other).code == "ARCHIVE_INVALID"


def test_damage(tmp_path: Path) -> None:
    body = bytearray(zipped((entry("x"), b"some text that is long enough to be packed" * 20)))
    body[40] ^= 0xFF
    assert refused(bytes(body), tmp_path).code == "ARCHIVE_INVALID"


def test_encryption(tmp_path: Path) -> None:
    body = bytearray(zipped((entry("x"), b"text")))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        body[body.index(mark) + at] |= 1
    assert refused(bytes(body), tmp_path).code == "ARCHIVE_INVALID"


def test_the_limits_are_the_agreed_ones_and_are_counted_while_writing(tmp_path: Path) -> None:
    assert (MAX_FILES, MAX_BYTES) == (20_000, 1 << 30)
    bomb = zipped((entry("x"), b"\0" * 5_000_000))
    assert len(bomb) < 10_000
    failure = refused(bomb, tmp_path, Budget(size=1_000_000))
    assert failure.code == "DISK_STORAGE_FULL"
    assert (tmp_path / "x").stat().st_size <= 1_000_000
    many = zipped(*((entry(f"f{number}"), b"") for number in range(30)))
    assert refused(many, tmp_path, Budget(files=20)).code == "DISK_STORAGE_FULL"


def test_a_list_of_files_that_is_too_long_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = bytearray(zipped((entry("x"), b"text")))
    at = body.index(b"PK\5\6")
    struct.pack_into("<I", body, at + 12, 1 << 30)
    assert refused(bytes(body), tmp_path).code == "DISK_STORAGE_FULL"
    monkeypatch.setattr(unpacking, "_LONGEST_LIST", 100)
    many = zipped(*((entry(f"f{number}"), b"") for number in range(30)))
    assert refused(many, tmp_path).code == "DISK_STORAGE_FULL"


def test_a_long_list_is_not_read_wherever_its_length_stands(tmp_path: Path) -> None:
    body = zipped((entry("x"), b"text"))
    at = body.index(b"PK\5\6")
    # The length itself reads as the mark of an end record.
    disguised = bytearray(body)
    disguised[at + 12 : at + 16] = b"PK\5\6"
    assert refused(bytes(disguised), tmp_path).code == "DISK_STORAGE_FULL"
    # In 64 bits, with the small record left as it is.
    large = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 1 << 30, 0)
    pointer = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    assert refused(body[:at] + large + pointer + body[at:], tmp_path).code == "DISK_STORAGE_FULL"


def test_folders_without_end_and_entries_without_a_name(tmp_path: Path) -> None:
    assert refused(zipped((entry("d/" * 500 + "f"), b"")), tmp_path).code == "ARCHIVE_INVALID"
    nameless = zipped((entry("x"), b"text")).replace(b"x", b"\0")
    assert refused(nameless, tmp_path).code == "ARCHIVE_INVALID"


@given(st.binary(max_size=300), st.integers(0, 2000), st.binary(min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_bytes_do_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, change: bytes
) -> None:
    sound = zipped((entry("Dockerfile"), b"FROM x" * 50), (entry("a/b", stat.S_IFREG | 0o644), b"text"))
    at %= len(sound)
    for body in (noise, sound[:at] + change + sound[at + len(change) :]):
        folder = tmp_path_factory.mktemp("unpacked")
        with suppress(BuildError):
            unpack(io.BytesIO(body), folder, Budget())
        assert all(path.is_file() or path.is_dir() for path in folder.rglob("*"))

"""Log and crash files: readable by machines and people, private, and without secrets."""

from __future__ import annotations

import json
import logging
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mvm_tui.config.crash import crash_line, write_crash
from mvm_tui.config.logging import KEPT_FILES, ROOT, start_logging
from mvm_tui.config.secrets import MASK, Secrets

SECRET = "marker-token-8c1f"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    logger = logging.getLogger(ROOT)
    hook = threading.excepthook
    yield
    threading.excepthook = hook
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


def secrets() -> Secrets:
    known = Secrets()
    known.add(SECRET)
    return known


def entries(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def fail_with(local: str) -> Exception:
    """An error whose frames hold `local` and whose message quotes it, as a library's may."""
    try:
        try:
            raise ValueError(f"bad value {local}")
        except ValueError as error:
            raise KeyError(local) from error
    except KeyError as error:
        return error


def test_each_record_is_one_line_of_json_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "state" / "app.log"
    start_logging(file, secrets=secrets())
    logging.getLogger("mvm_tui.fleet").info("two\nlines \x1b[31m of %s", SECRET, extra={"calls": 3})
    (entry,) = entries(file)
    assert entry["message"] == f"two\nlines  of {MASK}"
    assert (entry["level"], entry["logger"], entry["calls"]) == ("info", "mvm_tui.fleet", 3)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_debug_raises_our_loggers_only(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    before = logging.getLogger("botocore").getEffectiveLevel()
    start_logging(file, debug=True)
    logging.getLogger("botocore.endpoint").warning("Making request with body %s", SECRET)
    logging.getLogger("mvm_tui.aws").debug("read a page")
    assert [entry["message"] for entry in entries(file)] == ["read a page"]
    assert logging.getLogger("botocore").getEffectiveLevel() == before


def test_without_a_record_there_is_no_file(tmp_path: Path) -> None:
    start_logging(tmp_path / "app.log")
    logging.getLogger("mvm_tui.aws").debug("not worth a line")
    assert list(tmp_path.iterdir()) == []


def test_the_file_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.config.logging.LARGEST", 10_000)
    start_logging(tmp_path / "app.log")
    for _ in range(20 * KEPT_FILES):
        logging.getLogger(ROOT).info("x" * 1_000)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["app.log", *(f"app.log.{number + 1}" for number in range(KEPT_FILES))]


def test_a_place_that_cannot_be_written_breaks_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    start_logging(blocker / "below" / "app.log")
    logging.getLogger(ROOT).error("lost")
    assert capfd.readouterr() == ("", "")


def test_a_thread_that_dies_is_logged_without_its_data(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    start_logging(tmp_path / "app.log")

    def die() -> None:
        raise fail_with(SECRET)

    thread = threading.Thread(target=die, name="poller")
    thread.start()
    thread.join()
    (entry,) = entries(tmp_path / "app.log")
    assert entry["message"] == "thread poller ended by an exception"
    assert "KeyError" in entry["stack"]
    assert SECRET not in (tmp_path / "app.log").read_text()
    assert capfd.readouterr().err == ""


def test_a_crash_file_tells_the_way_but_no_data(tmp_path: Path) -> None:
    error = fail_with(SECRET)
    file = write_crash(error, tmp_path / "state", secrets=Secrets())
    assert file is not None
    text = file.read_text()
    assert "in fail_with" in text
    assert text.index("ValueError") < text.index("KeyError")
    assert SECRET not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    line = crash_line(error, file)
    assert line == f"mvm-tui crashed (KeyError). Details are in {file}"


def test_a_crash_where_nothing_can_be_written_goes_to_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    spare = tmp_path / "spare"
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    file = write_crash(OSError("disk"), blocker / "state")
    assert file is not None
    assert file.parent == spare
    assert "OSError: disk" in file.read_text()


def test_old_crash_files_go(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"crash-20260101T0000{number:02d}-1.txt").write_text("")
    file = write_crash(RuntimeError("x"), tmp_path)
    assert file is not None
    assert file in sorted(tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 10


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "eyJraWQiOiJhIn0..iv-part.cipher_text.tag",
        "X-Amz-Security-Token: IQoJb3JpZ2luX2VjE",
        "x-aws-proxy-auth: opaque",
    ],
)
def test_what_looks_like_a_secret_is_masked_unknown_as_it_is(text: str) -> None:
    assert text.split(": ")[-1] not in Secrets().mask(f"a {text} b")


def test_the_environments_credentials_are_masked() -> None:
    known = Secrets()
    known.add_environment({"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "short"})
    assert known.mask(f"{SECRET} short") == f"{MASK} short"

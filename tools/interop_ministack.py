"""Proves that our command line and our screen work with another emulator: `ministack`, from PyPI.

Its answers differ from the service's: ids are ``mvm-<hex>``, image ARNs hold a slash, versions are ``1``, the
endpoint is a URL, and many members are absent. Everything that is started here ends here.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from tests.pty_session import PtySession
from tools import peers
from tools.interop_support import check, clean_environment, report, run, say, wait_for

REGION = "us-east-1"
OURS = str(Path(sys.executable).with_name("mvm-tui"))
GROUP = "/aws/lambda-microvms/web"
# Of 0.2 s each, in which each stream gets so many events.
TURNS = 40
BATCH = 150
IDLE = {"maxIdleDurationSeconds": 900, "suspendedDurationSeconds": 7200, "autoResumeEnabled": True}


@contextmanager
def ministack(program: Path, home: Path) -> Iterator[str]:
    """The URL of an emulator that runs on loopback as long as the block does."""
    port = free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(home)}
    with (home / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [str(program)],
            env=clean_environment(home, settings),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for("ministack", lambda: answers(process, f"{url}/_ministack/health"))
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def answers(process: subprocess.Popen[bytes], url: str) -> bool:
    check(process.poll() is None, "ministack ended before it served")
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def emulated(settings: Mapping[str, str], service: str) -> Any:
    """A boto3 client of the emulator."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )


def plant(settings: Mapping[str, str]) -> dict[str, Any]:
    """An image and three MicroVMs, one with an idle policy, one suspended; gives them by what they are."""
    client = emulated(settings, "lambda-microvms")
    client.create_microvm_image(
        name="web",
        baseImageArn=f"arn:aws:lambda:{REGION}:aws:microvm-image:al2023-1",
        codeArtifact={"uri": "s3://artifacts/web.zip"},
        buildRoleArn="arn:aws:iam::000000000000:role/build",
    )
    plain = client.run_microvm(imageIdentifier="web")
    idle = client.run_microvm(imageIdentifier="web", idlePolicy=IDLE)
    suspended = client.run_microvm(imageIdentifier="web")
    client.suspend_microvm(microvmIdentifier=suspended["microvmId"])
    for microvm in (plain, idle, suspended):
        say(f"ministack's MicroVM: {json.dumps(without_metadata(microvm), default=str)}")
    return {"plain": plain["microvmId"], "idle": idle["microvmId"], "suspended": suspended["microvmId"]}


def without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def prove_cli(ids: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Our command line shows the emulator's MicroVMs and acts on them."""

    def ours(*arguments: str) -> str:
        return run([OURS, *arguments], environment)

    def listed(*arguments: str) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in json.loads(ours("ls", "-o", "json", *arguments))}

    rows = listed()
    check(set(rows) == set(ids.values()), f"ls shows {sorted(rows)}, not {sorted(ids.values())}")
    states = {name: rows[ids[name]]["state"] for name in ids}
    check(states == {"plain": "RUNNING", "idle": "RUNNING", "suspended": "SUSPENDED"}, f"states: {states}")
    check(all((row["image"], row["version"]) == ("web", "1") for row in rows.values()), f"images: {rows}")
    detailed = listed("--details")[ids["idle"]]
    check("://" not in (detailed["endpoint"] or ""), f"an endpoint with a scheme: {detailed}")
    check(detailed["idle_policy"], f"no idle policy: {detailed}")
    say(f"ours: {json.dumps(detailed)}")
    one = json.loads(ours("get", ids["plain"], "-o", "json"))
    check(one["state"] == "RUNNING" and one["started_at"], f"get: {one}")
    check(one["shell"] is None, f"the shell of a MicroVM without connectors is not known: {one}")
    ours("suspend", ids["plain"])
    ours("resume", ids["suspended"])
    ours("terminate", "--yes", ids["idle"])
    states = {name: row["state"] for name, row in ((name, listed("--all")[ids[name]]) for name in ids)}
    wanted = {"plain": "SUSPENDED", "idle": "TERMINATED", "suspended": "RUNNING"}
    check(states == wanted, f"after the actions: {states}")
    (image,) = json.loads(ours("images", "-o", "json"))
    check((image["name"], image["latest_active_version"]) == ("web", "1"), f"image: {image}")


def prove_screen(ids: Mapping[str, str], settings: Mapping[str, str], home: Path) -> None:
    """Our screen shows the emulator's MicroVMs and leaves on `q`."""
    # The table shortens ids; their ends tell them apart.
    alive = (ids["plain"][-4:], ids["suspended"][-4:])
    with PtySession([OURS], home, size=(200, 40), extra=dict(settings)) as session:
        session.wait_until(
            lambda screen: all(f"…{end}" in screen for end in alive), "the emulator's MicroVMs"
        )
        say("ok   mvm-tui shows the emulator's MicroVMs")
        session.send("q")
        check(session.wait_exit() == 0, "the screen ended with an error")


def prove_follow(microvm: str, environment: Mapping[str, str], client: Any) -> None:
    """`mvm-tui logs --follow` prints every event that is put meanwhile, once.

    Ten come to a millisecond, in two streams, at up to 1,500 a second: 12,000 in all, where the emulator's
    FilterLogEvents ends after 10,000 and gives no token for the rest.
    """
    day = datetime.now(UTC).strftime("%Y/%m/%d")
    streams = [f"{day}[1]{microvm}", f"{day}[1]mvm-another"]
    client.create_log_group(logGroupName=GROUP)
    for stream in streams:
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    command = [OURS, "logs", "web", "--follow", "--since", "1m", "-o", "ndjson"]
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    lines: list[str] = []
    assert process.stdout is not None
    reading = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
    reading.start()
    try:
        put = put_events(client, streams)
        wait_for("all events that were put", lambda: len(lines) >= len(put))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        reading.join(20)
    told = [json.loads(line) for line in lines]
    messages = [one["message"] for one in told]
    check(len(messages) == len(set(messages)), "events were printed twice")
    check(sorted(messages) == sorted(put), f"{len(put)} were put, {len(messages)} printed")
    check({one["stream"] for one in told} == set(streams), "a stream is missing")
    check(process.returncode == 130, f"ended with {process.returncode} on ctrl-c")
    say(f"ok   mvm-tui logs web --follow: {len(put)} events, each once")


def put_events(client: Any, streams: Sequence[str]) -> list[str]:
    """Put events for some seconds, several to a millisecond; gives their messages."""
    put: list[str] = []
    for turn in range(TURNS):
        now = round(time.time() * 1000)
        for stream in streams:
            messages = [f"{stream[-4:]} {turn}.{number}" for number in range(BATCH)]
            events = [
                {"timestamp": now + number // 10, "message": text} for number, text in enumerate(messages)
            ]
            client.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
            put += messages
        time.sleep(0.2)
    return put


def main() -> int:
    """The exit status: 0 when the command line and the screen show the emulator's MicroVMs."""

    def work() -> None:
        with TemporaryDirectory() as name:
            home = Path(name)
            with ministack(peers.ministack(), home) as url:
                settings = {
                    "AWS_ENDPOINT_URL": url,
                    "AWS_ACCESS_KEY_ID": "test",
                    "AWS_SECRET_ACCESS_KEY": "test",
                    "AWS_REGION": REGION,
                    "AWS_DEFAULT_REGION": REGION,
                    "AWS_CONFIG_FILE": os.devnull,
                    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                    "AWS_EC2_METADATA_DISABLED": "true",
                }
                ids = plant(settings)
                environment = clean_environment(home, settings)
                prove_cli(ids, environment)
                prove_screen(ids, settings, home)
                prove_follow(ids["suspended"], environment, emulated(settings, "logs"))
        say("mvm-tui works with ministack")

    return report(work)


if __name__ == "__main__":
    sys.exit(main())

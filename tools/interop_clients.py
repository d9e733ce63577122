"""Proves that foreign clients work with the local cloud: AWS's own CLI, and microvm-ctl's `mvm`.

Each is installed from PyPI into an environment of its own. Both list, get, run, suspend, resume and terminate
MicroVMs and read their logs; AWS's also filters them by each kind of pattern and tails them live. (PyPI has
the CLI's first version, which knows no `aws logs tail`.) Everything that is started here ends here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mvm_tui.local import launch
from tools import peers
from tools.interop_support import check, clean_environment, interrupt_after, report, run, say, wait_for

IMAGE = "hello-web"
GROUP = f"/aws/lambda-microvms/{IMAGE}"
TALKING = "/aws/lambda-microvms/worker"
# A launch without an execution role writes no logs.
ROLE = "arn:aws:iam::000000000000:role/interop"


class AwsCli:
    """AWS's own command line."""

    def __init__(self, program: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._environment = environment

    def call(self, *arguments: str) -> Any:
        """The answer of an operation; None where the CLI prints nothing."""
        text = run([str(self._program), *arguments, "--output", "json"], self._environment)
        return json.loads(text) if text.strip() else None

    def tail(self, arn: str, pattern: str, *, wanted: str) -> None:
        """A Live Tail session, until an event holds `wanted`."""
        started = [str(self._program), "logs", "start-live-tail", "--log-group-identifiers", arn]
        interrupt_after([*started, "--log-event-filter-pattern", pattern], self._environment, wanted)

    def state(self, microvm: str) -> str:
        found: str = self.call("lambda-microvms", "get-microvm", "--microvm-identifier", microvm)["state"]
        return found

    def change(self, verb: str, microvm: str, state: str) -> None:
        self.call("lambda-microvms", verb, "--microvm-identifier", microvm)
        wait_for(state, lambda: self.state(microvm), lambda now: now == state)


def prove_awscli(cli: AwsCli) -> None:
    """The whole life of a MicroVM by AWS's own CLI."""
    listed = cli.call("lambda-microvms", "list-microvms")["items"]
    check(any(item["state"] == "RUNNING" for item in listed), f"nothing runs: {listed}")
    images = cli.call("lambda-microvms", "list-microvm-images")["items"]
    (image,) = (item["imageArn"] for item in images if item["name"] == IMAGE)
    launched = cli.call(
        "lambda-microvms", "run-microvm", "--image-identifier", image, "--execution-role-arn", ROLE
    )
    microvm = launched["microvmId"]
    check(launched["state"] == "PENDING", f"not pending: {launched}")
    wait_for("RUNNING", lambda: cli.state(microvm), lambda now: now == "RUNNING")
    cli.change("suspend-microvm", microvm, "SUSPENDED")
    cli.change("resume-microvm", microvm, "RUNNING")
    read = ("logs", "filter-log-events", "--log-group-name", GROUP)
    events = wait_for(
        "a log line of the MicroVM",
        lambda: [event for event in cli.call(*read)["events"] if microvm in event["logStreamName"]],
    )
    check(all(event["message"] for event in events), f"empty lines: {events}")
    prove_awscli_logs(cli)
    cli.change("terminate-microvm", microvm, "TERMINATED")
    identity = cli.call("sts", "get-caller-identity")
    check(identity["Account"] in image, f"another account: {identity}")


def prove_awscli_logs(cli: AwsCli) -> None:
    """The demo's worker, which talks all the time, by pattern, newest first, and live."""
    search = ("logs", "filter-log-events", "--log-group-name", TALKING, "--max-items", "20")
    patterns = ("done", "%done|retrying%", '{ $.queue = "mail" }', "[level=%INFO%, ..., unit=ms*]")
    for pattern in patterns:
        filtered = partial(cli.call, *search, "--filter-pattern", pattern)
        found = wait_for(f"events that match {pattern}", filtered, lambda answer: bool(answer["events"]))[
            "events"
        ]
        check(len({event["eventId"] for event in found}) == len(found), f"doubles: {found}")
    streams = cli.call(
        "logs",
        "describe-log-streams",
        "--log-group-name",
        TALKING,
        "--order-by",
        "LastEventTime",
        "--descending",
    )["logStreams"]
    read = (
        "logs",
        "get-log-events",
        "--log-group-name",
        TALKING,
        "--log-stream-name",
        streams[0]["logStreamName"],
    )
    first = cli.call(*read, "--start-from-head")
    again = cli.call(*read, "--start-from-head", "--next-token", first["nextForwardToken"])
    check(first["events"] and again["nextForwardToken"] >= first["nextForwardToken"], f"tokens: {again}")
    (group,) = cli.call("logs", "describe-log-groups", "--log-group-name-prefix", TALKING)["logGroups"]
    cli.tail(group["logGroupArn"], "{ $.level = %info|error% }", wanted='"queue"')


class Mvm:
    """microvm-ctl's command line."""

    def __init__(self, program: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._environment = environment

    def call(self, *arguments: str) -> str:
        return run([str(self._program), *arguments], self._environment)

    def state(self, microvm: str) -> str:
        found: str = json.loads(self.call("get", microvm))["state"]
        return found

    def change(self, verb: str, microvm: str, state: str) -> None:
        self.call(verb, microvm)
        wait_for(state, lambda: self.state(microvm), lambda now: now == state)


def prove_mvm(mvm: Mvm) -> None:
    """The whole life of a MicroVM by `mvm`."""
    check("RUNNING" in mvm.call("ls"), "nothing runs")
    launched = mvm.call("run", IMAGE, "--wait", "--idle", "600")
    microvm = next(word for word in launched.split() if word.startswith("microvm-"))
    check("RUNNING" in launched, f"does not run: {launched}")
    check(microvm in mvm.call("ls", "--image", IMAGE), "the listing lacks what was launched")
    mvm.change("suspend", microvm, "SUSPENDED")
    mvm.change("resume", microvm, "RUNNING")
    wait_for(
        "log lines", lambda: mvm.call("logs", IMAGE), lambda text: "no events" not in text and text.strip()
    )
    mvm.change("terminate", microvm, "TERMINATED")
    check(microvm not in mvm.call("ls"), "the listing shows what has ended")
    check("8.0" in mvm.call("quotas"), "the applied memory quota is not shown")


def main() -> int:
    """The exit status: 0 when both clients work."""

    def work() -> None:
        aws, mvm = peers.aws(), peers.mvm()
        with TemporaryDirectory() as empty, launch.start(seed="demo", speed=10) as cloud:
            settings = {
                **cloud.facts.environment(),
                "AWS_PAGER": "",
                "MVM_REGION": cloud.facts.region,
                "MVM_EXECUTION_ROLE_ARN": ROLE,
            }
            environment = clean_environment(Path(empty), settings)
            prove_awscli(AwsCli(aws, environment))
            prove_mvm(Mvm(mvm, environment))
        say("awscli and mvm work with the local cloud")

    return report(work)


if __name__ == "__main__":
    sys.exit(main())

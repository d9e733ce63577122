"""`mvm-tui local`: the local cloud as a process that prints where it is and stays."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import math
import os
import secrets
import select
import shlex
import signal
import string
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from mvm_tui.local.api import Api
from mvm_tui.local.control import Control
from mvm_tui.local.faults import Fault, Faults, parse_faults
from mvm_tui.local.launch import Facts
from mvm_tui.local.log_control import log_resources
from mvm_tui.local.proxy import EndpointProxy
from mvm_tui.local.rates import Rates
from mvm_tui.local.reaper import Reaper
from mvm_tui.local.seeds import plant
from mvm_tui.local.server import HOST, LocalServer
from mvm_tui.local.shell_door import ShellDoor
from mvm_tui.local.sigv4 import RunKey, Verifier
from mvm_tui.local.state.cloud import REGIONS, Cloud, CloudOptions

_REGION = "us-east-1"
_MOST_SEEDED = 100_000
_LOOK_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a local cloud until SIGINT, SIGTERM or SIGHUP; gives the exit status."""
    options = _parse(arguments)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    root = Path(tempfile.mkdtemp(prefix="mvm-tui-local-"))
    with Reaper(root):
        try:
            asyncio.run(_serve(options, root))
        except OSError as problem:
            return _failed(options, f"{problem.strerror or problem}")
        except ValueError as problem:
            return _failed(options, str(problem))
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mvm-tui local",
        description="A local cloud that speaks the HTTP API of AWS Lambda MicroVMs on loopback. "
        "It isolates nothing: its MicroVMs are ordinary processes of yours.",
    )
    parser.add_argument("--port", type=_port, default=0, help="0, the default, takes a free one")
    parser.add_argument("--seed", type=_seed, default="demo", help="demo, empty, or a number of MicroVMs")
    parser.add_argument("--speed", type=_speed, default=1.0, help="divides the service's durations")
    parser.add_argument(
        "--region", type=_region, default=_REGION, help="the region that is seeded and printed"
    )
    parser.add_argument("--rates", choices=("on", "off"), default="on", help="the service's API rates")
    parser.add_argument("--endpoint-form", choices=("localhost", "aws"), default="localhost")
    parser.add_argument(
        "--strict-artifacts",
        action="store_true",
        help="builds fail when this cloud does not hold the artifact",
    )
    parser.add_argument(
        "--log-delay",
        type=_log_delay,
        metavar="SECONDS",
        help="from a log line until it can be read, divided by the speed; 2 to 5 unless given",
    )
    parser.add_argument(
        "--run-steps",
        action="store_true",
        help="builds carry out the RUN steps of a Dockerfile, as you, on this machine",
    )
    parser.add_argument("--faults", type=_faults, default=[], metavar="FAULT[,FAULT…]")
    parser.add_argument("--print", choices=("env", "json"), default="env", dest="form")
    parser.add_argument(
        "--end-with-stdin",
        action="store_true",
        help="end when standard input does, as with the process that started it",
    )
    return parser.parse_args(arguments)


async def _serve(options: argparse.Namespace, root: Path) -> None:
    ended = _end_signals(options.end_with_stdin)
    _end_with_reader(ended, os.getppid())
    key = RunKey(_access_key(), secrets.token_urlsafe(30))
    faults = Faults(options.faults)
    cloud = Cloud(_cloud_options(options, root), faults=faults)
    rates = Rates(cloud.timing.monotonic, on=options.rates == "on")
    api = Api(cloud, Verifier(key, cloud.timing.now), rates, faults)
    shells = ShellDoor(cloud.timing, faults)
    endpoints = EndpointProxy(cloud.tokens, shells, faults)

    async def vm_proxy(request: web.BaseRequest, uuid: str, region: str) -> web.StreamResponse:
        return await endpoints.handle(request, cloud.vm_by_host(uuid, region))

    server = LocalServer(api, Control(key, faults, log_resources(cloud)), vm_proxy)
    try:
        cloud.bind(await server.start(options.port))
        await plant(cloud)
        # What is there now stays; a collector that does not look at it pauses nobody.
        gc.collect()
        gc.freeze()
        facts = Facts(
            f"http://{HOST}:{server.port}",
            key.access_key,
            key.secret_key,
            options.region,
            cloud.options.account,
        )
        _say(_facts_text(facts, options.form))
        await ended.wait()
    finally:
        shells.drop_all()
        await server.stop()
        await cloud.close()


def _cloud_options(options: argparse.Namespace, root: Path) -> CloudOptions:
    return CloudOptions(
        root=root,
        region=options.region,
        speed=options.speed,
        seed=options.seed,
        endpoint_form=options.endpoint_form,
        strict_artifacts=options.strict_artifacts,
        run_steps=options.run_steps,
        log_delay=options.log_delay,
    )


def _end_signals(with_stdin: bool) -> asyncio.Event:
    """An event that is set when the process is told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Whoever started us with nohup wants us to outlive the terminal.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, ended.set)
    if with_stdin:
        stdin = sys.stdin.fileno()

        def read() -> None:
            if not os.read(stdin, 4096):
                loop.remove_reader(stdin)
                ended.set()

        loop.add_reader(stdin, read)
    return ended


def _end_with_reader(ended: asyncio.Event, parent: int) -> None:
    """Look every second whether the process that started us and reads what we print is gone.

    A shell that ends after it has put us in the background with our output in a file is no such process.
    """
    if os.getppid() != parent and _unread(sys.stdout.fileno()):
        ended.set()
    else:
        asyncio.get_running_loop().call_later(_LOOK_SECONDS, _end_with_reader, ended, parent)


def _unread(descriptor: int) -> bool:
    """Whether a descriptor is a pipe that nobody reads any more."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


def _facts_text(facts: Facts, form: str) -> str:
    if form == "json":
        return json.dumps(
            {
                "endpoint": facts.endpoint,
                "access_key": facts.access_key,
                "secret_key": facts.secret_key,
                "region": facts.region,
                "account": facts.account,
            }
        )
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in facts.environment().items())


def _failed(options: argparse.Namespace, reason: str) -> int:
    if options.form == "json":
        _say(json.dumps({"error": reason}))
    sys.stderr.write(f"mvm-tui local: {reason}\n")
    return 1


def _say(text: str) -> None:
    """Print for whoever started us; that nobody listens any more is no reason to fail."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _access_key() -> str:
    """Twenty characters like an AWS key's, but none of AWS's prefixes."""
    return "LOCAL" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(15))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _region(text: str) -> str:
    if text not in REGIONS:
        raise argparse.ArgumentTypeError(f"one of {', '.join(REGIONS)}")
    return text


def _speed(text: str) -> float:
    speed = float(text)
    if not math.isfinite(speed) or speed <= 0:
        raise argparse.ArgumentTypeError("the speed is a number above 0")
    return speed


def _log_delay(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a delay is a number of seconds from 0 to 3600")
    return seconds


def _seed(text: str) -> str:
    if text in ("demo", "empty") or (text.isascii() and text.isdigit() and int(text) <= _MOST_SEEDED):
        return text
    raise argparse.ArgumentTypeError(f"demo, empty, or a number up to {_MOST_SEEDED}")


def _faults(text: str) -> list[Fault]:
    try:
        return parse_faults(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None

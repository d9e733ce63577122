"""From a folder to a running MicroVM on a whole local cloud, by boto3 alone."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from aiohttp import ClientSession, WSMsgType

from mvm_tui.local import process_tree
from mvm_tui.local.launch import Facts, start
from mvm_tui.model.connectors import managed_arn
from tests.cloud import client, cloud_process
from tests.local.guests import PATIENCE, alive, proc, until
from tests.local.test_shells_on_cloud import attached

HELLO_WEB = Path(__file__).parents[2] / "examples" / "hello-web"
ROLE = "arn:aws:iam::000000000000:role/local"
BUCKET = "artifacts"
Files = Mapping[str, str | bytes]


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process(seed="empty", speed=100.0, rates=False, options=["--run-steps"]) as running:
        client(running, "s3").create_bucket(Bucket=BUCKET)
        yield running


def folder(path: Path) -> dict[str, str | bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def upload(facts: Facts, key: str, files: Files) -> dict[str, Any]:
    """Put files into a zip in the cloud's S3; gives the members of a build from it."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    client(facts, "s3").put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())
    return {
        "baseImageArn": f"arn:aws:lambda:{facts.region}:aws:microvm-image:al2023-1",
        "buildRoleArn": ROLE,
        "codeArtifact": {"uri": f"s3://{BUCKET}/{key}"},
        "resources": [{"minimumMemoryInMiB": 512}],
    }


def wait(what: str, ask: Callable[[], Any]) -> Any:
    """The first answer that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.02)
    return answer


def create(facts: Facts, name: str, files: Files, **members: Any) -> str:
    """Build an image to its end, good or bad; gives the ARN."""
    api = client(facts)
    members = upload(facts, f"{name}.zip", files) | members
    arn: str = api.create_microvm_image(name=name, **members)["imageArn"]
    wait("built", lambda: api.get_microvm_image(imageIdentifier=arn)["state"] != "CREATING")
    return arn


def launch(facts: Facts, arn: str) -> Any:
    """What Get says of a new MicroVM that runs."""
    api = client(facts)
    ingress = [managed_arn(name, facts.region) for name in ("HTTP_INGRESS", "SHELL_INGRESS")]
    vm = api.run_microvm(imageIdentifier=arn, executionRoleArn=ROLE, ingressNetworkConnectors=ingress)
    wait("running", lambda: api.get_microvm(microvmIdentifier=vm["microvmId"])["state"] == "RUNNING")
    return api.get_microvm(microvmIdentifier=vm["microvmId"])


def reach(facts: Facts, vm: Any) -> dict[str, str]:
    """The headers that lead to a MicroVM's app."""
    answer = client(facts).create_microvm_auth_token(
        microvmIdentifier=vm["microvmId"], expirationInMinutes=5, allowedPorts=[{"allPorts": {}}]
    )
    return {"Host": vm["endpoint"], **answer["authToken"]}


def log_of(facts: Facts, name: str, part: str = "") -> list[str]:
    """The lines of an image's log group, of one stream if told; none before the first has come."""
    logs = client(facts, "logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda-microvms/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events if part in event["logStreamName"]]


def reasons(facts: Facts, arn: str, version: str = "1.0") -> set[str]:
    builds = client(facts).list_microvm_image_builds(imageIdentifier=arn, imageVersion=version)["items"]
    return {build.get("stateReason") for build in builds}


PLAIN = {"Dockerfile": "FROM x\nWORKDIR /srv\nCOPY . .\nENV SECRET_OF_APP=1\nCMD exec sh app.sh\n"}


async def test_hello_web_builds_runs_and_answers(facts: Facts) -> None:
    files = folder(HELLO_WEB)
    dockerfile = (HELLO_WEB / "Dockerfile").read_text()
    # It installs Python, which this machine has.
    files["Dockerfile"] = dockerfile.replace("RUN dnf install -y python3 && dnf clean all\n", "")
    assert files["Dockerfile"] != dockerfile
    arn = await asyncio.to_thread(create, facts, "hello-web", files)
    assert client(facts).get_microvm_image(imageIdentifier=arn)["state"] == "CREATED"
    vm = await asyncio.to_thread(launch, facts, arn)
    headers, base = reach(facts, vm), f"http://127.0.0.1:{facts.port}"
    async with ClientSession(base, headers=headers) as session:
        async with session.get("/") as answer:
            assert (answer.status, await answer.text()) == (200, "Hello from a MicroVM\n")
        async with session.get("/about") as answer:
            assert await answer.text() == (HELLO_WEB / "pages" / "about.txt").read_text()
        async with session.post("/items", json={"a": 1}) as answer:
            assert answer.status == 201
        async with session.get("/items") as answer:
            assert await answer.json() == {"items": [{"a": 1}]}
        async with session.ws_connect("/echo") as socket:
            for text in ("hello", "ä" * 300, "x" * 70_000):
                await socket.send_str(text)
                assert await socket.receive_str() == text
            await socket.send_bytes(b"\0\1")
            assert (await socket.receive()).type is WSMsgType.BINARY
            await socket.close()
    wait("its log", lambda: any("GET /about" in line for line in log_of(facts, "hello-web", vm["microvmId"])))


async def test_its_shell_starts_in_the_workdir_without_the_images_environment(facts: Facts) -> None:
    arn = create(facts, "plain", {**PLAIN, "app.sh": "echo at $(pwd) with $SECRET_OF_APP\nexec sleep 1000\n"})
    vm = launch(facts, arn)
    async with attached(facts, vm) as typist:
        where = await typist.run("pwd")
        assert where.endswith(f"{vm['microvmId']}/app/srv")
        assert await typist.run("ls") == "Dockerfile  app.sh"
        assert await typist.run("echo [$SECRET_OF_APP]") == "[]"
        assert await typist.run("echo changed > app.sh; cat app.sh") == "changed"
    wait("its log", lambda: f"at {where} with 1" in log_of(facts, "plain", vm["microvmId"]))
    other = launch(facts, arn)
    async with attached(facts, other) as typist:
        assert "SECRET" in await typist.run("cat app.sh")


def test_a_second_version_is_retired_and_taken_back(facts: Facts) -> None:
    api = client(facts)
    script = "echo version {}\nexec sleep 1000\n"
    arn = create(facts, "twice", {**PLAIN, "app.sh": script.format(1)})
    api.update_microvm_image(
        imageIdentifier=arn, **upload(facts, "twice-2.zip", {**PLAIN, "app.sh": script.format(2)})
    )
    wait("updated", lambda: api.get_microvm_image(imageIdentifier=arn)["state"] == "UPDATED")
    second = launch(facts, arn)
    wait("version 2 runs", lambda: "version 2" in log_of(facts, "twice", second["microvmId"]))
    for number in ("1.0", "2.0"):
        api.update_microvm_image_version(imageIdentifier=arn, imageVersion=number, status="INACTIVE")
    with pytest.raises(botocore.exceptions.ClientError, match="No active version found"):
        launch(facts, arn)
    api.update_microvm_image_version(imageIdentifier=arn, imageVersion="1.0", status="ACTIVE")
    first = launch(facts, arn)
    wait("version 1 runs", lambda: "version 1" in log_of(facts, "twice", first["microvmId"]))


def test_run_steps_change_the_image_and_leave_nothing_running(facts: Facts) -> None:
    dockerfile = (
        "FROM x\nWORKDIR /srv\nARG WHO=me\nRUN echo built by $WHO > made; echo told; sleep 1007 &\n"
        "RUN test -s /srv/made\nCMD cat made; exec sleep 1000\n"
    )
    arn = create(facts, "steps", {"Dockerfile": dockerfile})
    assert client(facts).get_microvm_image(imageIdentifier=arn)["state"] == "CREATED"
    wait("the build's log", lambda: "#6 told" in log_of(facts, "steps"))
    vm = launch(facts, arn)
    wait("its log", lambda: "built by me" in log_of(facts, "steps", vm["microvmId"]))
    assert not [pid for pid in process_tree.table() if "sleep\x001007\x00" in proc(pid, "cmdline")]


def test_hooks_on_a_port_of_their_own_are_asked_in_a_build_and_at_the_start(
    facts: Facts, unused_tcp_port: int
) -> None:
    hooks = {
        "port": unused_tcp_port,
        "microvmHooks": {"run": "ENABLED", "runTimeoutInSeconds": 10},
        "microvmImageHooks": {"ready": "ENABLED", "validate": "ENABLED"},
    }
    files = folder(HELLO_WEB)
    files["Dockerfile"] = f"FROM x\nCOPY app.py /\nENV PORT={unused_tcp_port}\nCMD python3 /app.py\n"
    arn = create(facts, "hooked", files, hooks=hooks)
    assert client(facts).get_microvm_image(imageIdentifier=arn)["state"] == "CREATED"
    vm = launch(facts, arn)
    wait("the run hook", lambda: any("/run" in line for line in log_of(facts, "hooked", vm["microvmId"])))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_run_under_way_ends_with_the_cloud(number: signal.Signals) -> None:
    with start(seed="empty", speed=100, options=["--run-steps"]) as cloud:
        client(cloud.facts, "s3").create_bucket(Bucket=BUCKET)
        made = upload(cloud.facts, "slow.zip", {"Dockerfile": "FROM x\nRUN sleep 1008\nCMD x\n"})
        client(cloud.facts).create_microvm_image(name="slow", **made)

        def below() -> list[int]:
            rows = [row for level in process_tree.descendants(cloud.process.pid) for row in level]
            return [row.pid for row in rows if proc(row.pid, "comm").strip() == "sleep"]

        await until(below, "the step runs")
        pids = below()
        os.kill(cloud.process.pid, number)
        await until(lambda: not any(alive(pid) for pid in pids), "the step has ended")
        await asyncio.to_thread(cloud.process.wait, PATIENCE)


@pytest.mark.parametrize(
    ("files", "reason", "told"),
    [
        ({"Dockerfile": "FROM x\nRUN echo no; exit 3\nCMD x\n"}, "CONTAINER_BUILD_FAILED", "exit code 3"),
        ({"Dockerfile": "FROM x\nCOPY gone /\nCMD x\n"}, "CONTAINER_BUILD_FAILED", "is not in the archive"),
        ({"app/Dockerfile": "FROM x\n"}, "ARCHIVE_DOCKERFILE_NOT_FOUND", "no Dockerfile at the root"),
        ({"Dockerfile": "FROM x\nCMD x\n", "../x": "x"}, "ARCHIVE_INVALID", "leads outside"),
    ],
)
def test_a_build_that_fails_says_why(facts: Facts, files: Files, reason: str, told: str) -> None:
    name = f"bad-{abs(hash((reason, told)))}"
    arn = create(facts, name, files)
    image = client(facts).get_microvm_image(imageIdentifier=arn)
    assert (image["state"], image["latestFailedImageVersion"]) == ("CREATE_FAILED", "1.0")
    assert reasons(facts, arn) == {reason}
    wait("the build's log", lambda: any(told in line for line in log_of(facts, name)))

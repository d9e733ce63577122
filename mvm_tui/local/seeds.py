"""What a local cloud starts with: a small fleet to look at, nothing, or very many records.

The same seed at the same moment gives the same ids, so that screenshots do not change.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any

from mvm_tui.local.demo_names import BATCH, DEV, JOBS, OLD, WEB, microvm_id
from mvm_tui.local.log_events import milliseconds
from mvm_tui.local.state.arns import base_image_arn, connector_arn, image_arn
from mvm_tui.local.state.build_logs import STOCK_DOCKERFILE, buildkit_lines
from mvm_tui.local.state.cloud import Cloud, Region
from mvm_tui.local.state.connectors import ACTIVE as CONNECTOR_ACTIVE
from mvm_tui.local.state.connectors import ConnectorRecord
from mvm_tui.local.state.images import CREATE_FAILED, CREATED, GENERATIONS, UPDATED, ImageRecord
from mvm_tui.local.state.lifecycle import SUCCESS
from mvm_tui.local.state.microvms import IdleRule, Launch, MicrovmRecord
from mvm_tui.local.state.samples import DEVBOX, HELLO_WEB, WORKER, Sample
from mvm_tui.local.state.versions import ACTIVE, INACTIVE, SPEC_MEMBERS, BuildRecord, VersionRecord
from mvm_tui.model.connectors import HTTP_INGRESS, INTERNET_EGRESS, SHELL_INGRESS, managed_arn
from mvm_tui.model.microvm import PENDING, RUNNING, SUSPENDED, SUSPENDING, TERMINATED, TERMINATING

DEMO = "demo"
EMPTY = "empty"

_HOUR = 3600
_MINUTE = 60
_MAX_DURATION = 8 * _HOUR
_WEB_HOOKS: dict[str, Any] = {
    "port": HELLO_WEB.port,
    "microvmHooks": {"run": "ENABLED", "runTimeoutInSeconds": 10},
    "microvmImageHooks": {"ready": "ENABLED", "readyTimeoutInSeconds": 30},
}
# The states of a big fleet, over and over: each state is among the first six.
_STATES = (
    *(RUNNING, SUSPENDED, TERMINATED, PENDING, SUSPENDING, TERMINATING),
    *(RUNNING, RUNNING, SUSPENDED, RUNNING, RUNNING, SUSPENDED, RUNNING, TERMINATED, RUNNING, RUNNING),
    *(SUSPENDED, RUNNING, RUNNING, RUNNING),
)
_FAILED_BUILD_LOG = (
    "#1 [internal] load build definition from Dockerfile",
    "#2 [1/3] FROM public.ecr.aws/lambda/microvms:al2023-minimal",
    "#3 [2/3] COPY . /app",
    "#4 [3/3] RUN pip install -r requirements.txt",
    "#4 0.842 ERROR: Could not open requirements file: No such file or directory: 'requirements.txt'",
    '#4 ERROR: process "/bin/sh -c pip install -r requirements.txt" failed: exit code: 1',
)


@dataclass(frozen=True, slots=True)
class _Version:
    """A version to seed: memory in MiB, age in seconds."""

    memory: int
    age: int
    status: str = ACTIVE


async def plant(cloud: Cloud) -> None:
    """Fill the cloud's own region as its options say: `demo`, `empty`, or a number of MicroVMs.

    Returns at once; the processes of the demo's running MicroVMs start meanwhile.

    Raises:
        ValueError: The seed is none of these.
    """
    seed = cloud.options.seed
    if seed == EMPTY:
        return
    planter = _Planter(cloud.region(cloud.options.region), seed)
    if seed == DEMO:
        for vm in planter.plant_demo():
            cloud.spawn(vm.touch())
    elif seed.isascii() and seed.isdigit():
        planter.plant_many(int(seed))
    else:
        raise ValueError(f"a seed is {DEMO}, {EMPTY} or a number, not {seed!r}")


class _Planter:
    def __init__(self, region: Region, seed: str) -> None:
        self._region = region
        self._now = region.cloud.timing.now()
        self._chance = random.Random(f"mvm-tui {seed}")  # noqa: S311 ids that must come out the same again
        self._role = f"arn:aws:iam::{region.account}:role/local-execution"
        self._internet = (managed_arn(INTERNET_EGRESS, region.name),)
        self._http = (managed_arn(HTTP_INGRESS, region.name),)
        self._shell = (*self._http, managed_arn(SHELL_INGRESS, region.name))

    def plant_demo(self) -> list[MicrovmRecord]:
        """A small fleet that leaves room for a 2 GB launch; gives the running ones."""
        web, worker, devbox = self._images()
        for version in (*web, *worker, *devbox):
            self._build_logs(version)
        self._failed_image()
        self._connector()
        idle = IdleRule(15 * _MINUTE, 2 * _HOUR, auto_resume=True)
        patient = IdleRule(_HOUR, 2 * _HOUR, auto_resume=True)
        kept = IdleRule(15 * _MINUTE, 4 * _HOUR, auto_resume=False)
        running = [
            self._vm(
                web[1], RUNNING, 72 * _MINUTE, self._launch(idle=idle, payload='{"tenant": "demo"}'), WEB
            ),
            self._vm(worker[2], RUNNING, 22 * _MINUTE, self._launch(idle=patient, duration=2 * _HOUR), BATCH),
            self._vm(worker[1], RUNNING, 3 * _HOUR, self._launch(ingress=self._http), JOBS),
            self._vm(web[0], RUNNING, 438 * _MINUTE, self._launch(idle=patient), OLD),
        ]
        suspended = self._vm(devbox[1], SUSPENDED, 185 * _MINUTE, self._launch(idle=kept), DEV)
        ended = self._vm(worker[1], TERMINATED, 95 * _MINUTE, self._launch(idle=idle))
        for vm in (*running, suspended, ended):
            self._region.microvms.add(vm)
        self._log(
            ended,
            ended.started_at,
            ("worker started", "INFO  queue drained, 214 jobs done", "worker stopped"),
        )
        return running

    def plant_many(self, count: int) -> None:
        """`count` records in every state, without processes, and a quota they fit into."""
        images = self._images()
        versions = [version for image in images for version in image]
        launches = [
            self._launch(),
            self._launch(ingress=self._http),
            self._launch(idle=IdleRule(15 * _MINUTE, 2 * _HOUR, auto_resume=True)),
            self._launch(idle=IdleRule(30 * _MINUTE, 4 * _HOUR, auto_resume=False)),
        ]
        fleet = self._region.microvms
        for state in islice(cycle(_STATES), count):
            age = self._chance.randrange(_MINUTE, 7 * _HOUR)
            fleet.add(self._vm(self._chance.choice(versions), state, age, self._chance.choice(launches)))
        quotas = self._region.quotas
        quotas.memory_mib += -(-fleet.allocated_mib // 1024) * 1024

    def _images(self) -> tuple[list[VersionRecord], list[VersionRecord], list[VersionRecord]]:
        day = 24 * _HOUR
        web = self._image(
            "hello-web", HELLO_WEB, (_Version(512, 9 * day), _Version(2048, 2 * day)), _WEB_HOOKS
        )
        retired = _Version(512, 20 * day, INACTIVE)
        worker = self._image("worker", WORKER, (retired, _Version(512, 6 * day), _Version(1024, 1 * day)))
        devbox = self._image("devbox", DEVBOX, (_Version(4096, 14 * day), _Version(1024, 3 * day)))
        return web, worker, devbox

    def _image(
        self, name: str, sample: Sample, versions: Sequence[_Version], hooks: dict[str, Any] | None = None
    ) -> list[VersionRecord]:
        created = self._ago(versions[0].age)
        image = self._new_image(name, CREATED if len(versions) == 1 else UPDATED, created)
        made = []
        for one in versions:
            version = self._version(image, one, hooks)
            version.sample = sample
            version.succeed(version.created_at + timedelta(seconds=171))
            version.status = one.status
            image.updated_at = version.updated_at
            made.append(version)
        image.tags["team"] = "demo"
        return made

    def _failed_image(self) -> None:
        """An image whose only build broke in its Dockerfile; listed after all others."""
        image = self._new_image("report-renderer", CREATE_FAILED, self._ago(50 * _MINUTE))
        version = self._version(image, _Version(2048, 50 * _MINUTE), None)
        version.fail("The container image build failed.", version.created_at + timedelta(seconds=94))
        image.updated_at = version.updated_at
        day = version.created_at.strftime("%Y/%m/%d")
        stream = f"{day}[{version.number}]microvm-{self._id()}"
        told = milliseconds(version.updated_at)
        self._region.logs.preload(
            f"/aws/lambda-microvms/{image.name}", stream, [(told, line) for line in _FAILED_BUILD_LOG]
        )

    def _build_logs(self, version: VersionRecord) -> None:
        """What the build left: a stream of the VM that ran the Dockerfile, and one for each snapshot."""
        # Of its own, so that the ids of what can be seen do not hang on what was logged.
        chance = random.Random(f"{version.image_name} {version.number}")  # noqa: S311
        ended = milliseconds(version.updated_at)
        greeting = version.sample.greeting
        snapshot = [(ended, greeting)] if greeting else []
        built = [(ended, line) for line in buildkit_lines(STOCK_DOCKERFILE)]
        for lines in (built, *(snapshot for _ in version.builds)):
            identity = uuid.UUID(int=chance.getrandbits(128), version=4)
            stream = f"{version.created_at:%Y/%m/%d}[{version.number}]microvm-{identity}"
            self._region.logs.preload(f"/aws/lambda-microvms/{version.image_name}", stream, lines)

    def _new_image(self, name: str, state: str, created: datetime) -> ImageRecord:
        image = ImageRecord(self._id(), image_arn(self._region, name), name, state, created, created)
        self._region.images.put(image)
        return image

    def _version(self, image: ImageRecord, one: _Version, hooks: dict[str, Any] | None) -> VersionRecord:
        created = self._ago(one.age)
        spec: dict[str, Any] = dict.fromkeys(SPEC_MEMBERS)
        spec.update(
            baseImageArn=base_image_arn(self._region),
            baseImageVersion="1.0",
            buildRoleArn=f"arn:aws:iam::{self._region.account}:role/local-build",
            codeArtifact={"uri": f"s3://local-artifacts/{image.name}.zip"},
            egressNetworkConnectors=list(self._internet),
            hooks=hooks,
            resources=[{"minimumMemoryInMiB": one.memory}],
        )
        builds = [BuildRecord(self._id(), generation, created, self._id()) for generation in GENERATIONS]
        return image.add_version(spec, builds, created)

    def _connector(self) -> None:
        connector_id = f"nc-{self._id()}"
        network = {
            "SubnetIds": ["subnet-0a1b2c3d4e5f60001"],
            "SecurityGroupIds": ["sg-0a1b2c3d4e5f60001"],
            "AssociatedComputeResourceTypes": ["MicroVm"],
            "NetworkProtocol": "IPv4",
        }
        self._region.connectors.put(
            ConnectorRecord(
                connector_id,
                connector_arn(self._region, connector_id),
                "private-vpc",
                {"VpcEgressConfiguration": network},
                f"arn:aws:iam::{self._region.account}:role/local-connector",
                CONNECTOR_ACTIVE,
                self._ago(30 * 24 * _HOUR),
            )
        )

    def _launch(
        self,
        *,
        ingress: tuple[str, ...] | None = None,
        idle: IdleRule | None = None,
        duration: int = _MAX_DURATION,
        payload: str = "",
    ) -> Launch:
        return Launch(
            ingress=self._shell if ingress is None else ingress,
            egress=self._internet,
            max_duration=duration,
            idle=idle,
            role=self._role,
            payload=payload,
        )

    def _vm(
        self, version: VersionRecord, state: str, age: int, launch: Launch, name: str = ""
    ) -> MicrovmRecord:
        vm = MicrovmRecord(
            id=microvm_id(name) if name else f"microvm-{self._id()}",
            uuid=self._id(),
            lifecycle=self._region.microvms.lifecycle,
            version=version,
            build=self._chance.choice(version.builds),
            launch=launch,
            state=state,
            started_at=self._ago(age),
        )
        if state == TERMINATED:
            vm.state_reason = SUCCESS
            vm.terminated_at = max(vm.started_at, self._ago(10 * _MINUTE))
        return vm

    def _log(self, vm: MicrovmRecord, start: datetime, lines: Sequence[str]) -> None:
        if vm.log_target is not None:
            group, stream = vm.log_target
            first = milliseconds(start)
            self._region.logs.preload(
                group, stream, [(first + 1000 * n, line) for n, line in enumerate(lines)]
            )

    def _ago(self, seconds: int) -> datetime:
        return self._now - timedelta(seconds=seconds)

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

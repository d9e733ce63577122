"""How an image version is built.

An artifact in a bucket that this cloud holds is really built, by `mvm_tui.local.container`. One in any other
bucket cannot be read here, and gives the stock sample that its file is named after
(``s3://anywhere/worker.zip``), or else `hello-web`.

The VMs of a build log as others do, each to a stream of its own: the one that ran the Dockerfile, one for
each kind of processor that a snapshot is taken on, and one that validates (streams as rayito saw them,
September 2026).
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

from mvm_tui.local.container.errors import BuildError
from mvm_tui.local.hooks import HookName, HookResult, call_hook
from mvm_tui.local.log_events import milliseconds
from mvm_tui.local.state.artifacts import find_artifact, split_uri
from mvm_tui.local.state.build_logs import STOCK_DOCKERFILE, buildkit_lines
from mvm_tui.local.state.durations import iso_duration
from mvm_tui.local.state.errors import quota_exceeded
from mvm_tui.local.state.installing import Installer
from mvm_tui.local.state.keeper import GuestKeeper
from mvm_tui.local.state.lifecycle import PLATFORM_ERROR
from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.local.state.samples import sample_of
from mvm_tui.local.state.versions import IN_PROGRESS, BuildRecord, VersionRecord
from mvm_tui.model.microvm import PENDING

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

# A build takes 114 to 258 s, a failing one 72 to 105 s (measured by rayito and agentd); what is built here is
# done in less and waits. With a stock image nothing is to be built: it is there in seconds.
QUEUE_SECONDS = 1.0
BUILD_SECONDS = 150.0
FAILURE_SECONDS = 80.0
STOCK_SECONDS = 6.0

# A build hook's way to say "ask again".
NOT_YET = 503
HOOK_PAUSE_SECONDS = 0.5
_LAST_CALL_SECONDS = 0.1

_log = logging.getLogger(__name__)

# Concurrent builds: limits page of the developer guide.
MAX_BUILDS = 5
MAX_BUILDS_BIG = 10
BIG_REGIONS = frozenset({"us-east-1", "us-east-2", "us-west-2", "ap-northeast-1"})


class Builder:
    """Builds the versions of one region's images."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._timing = region.cloud.timing
        self._keeper = GuestKeeper(region, lambda _vm, _code: None)
        self._installer = Installer(region.cloud)
        self._limit = MAX_BUILDS_BIG if region.name in BIG_REGIONS else MAX_BUILDS
        self._running = 0

    def reserve(self) -> None:
        """Take one of the places for concurrent builds, which `build` gives back.

        Raises:
            ServiceError: ServiceQuotaExceededException when all are taken.
        """
        if self._running >= self._limit:
            raise quota_exceeded(
                "The maximum number of concurrent MicroVM image builds has been reached for this account."
            )
        self._running += 1

    def discard(self, version: VersionRecord) -> None:
        """A version is gone, and with it what was built for it."""
        if version.built is not None:
            self._installer.discard(version.built)

    async def build(self, version: VersionRecord) -> None:
        """Take a PENDING version to SUCCESSFUL or FAILED, in the place reserved before."""
        try:
            await self._timing.sleep(QUEUE_SECONDS)
            self._move(version, IN_PROGRESS)
            if not await self._install(version):
                return
            problem = await self._take_snapshots(version) or await self._validate(version)
            if problem is not None:
                version.fail(problem, self._timing.now(), installed=True)
                return
            version.succeed(self._timing.now())
        finally:
            self._running -= 1

    async def _install(self, version: VersionRecord) -> bool:
        """Build the artifact and take the time a build takes; false when the version has failed."""
        uri: str = version.spec["codeArtifact"]["uri"]
        place = split_uri(uri)
        held = place is not None and place[0] in self._region.objects.buckets
        if not held and not self._region.cloud.options.strict_artifacts:
            version.sample = sample_of(uri)
            await self._timing.sleep(STOCK_SECONDS)
            self._log_build(version, buildkit_lines(STOCK_DOCKERFILE))
            return True
        problem, log = None, list[str]()
        try:
            artifact = find_artifact(self._region.objects, uri, self._region.name)
            version.built = await self._installer.install(artifact, log)
        except BuildError as failure:
            problem = failure.code
            log = log or [f"ERROR: {failure}"]
        except OSError as failure:
            _log.warning("build of %s %s: %s", version.image_name, version.number, failure)
            problem = PLATFORM_ERROR
        except (ValueError, LookupError, RuntimeError):
            # Whatever it is, a version that stays in progress for ever would tell nobody.
            _log.exception("build of %s %s", version.image_name, version.number)
            problem = PLATFORM_ERROR
        await self._timing.sleep(BUILD_SECONDS if problem is None else FAILURE_SECONDS)
        self._log_build(version, log)
        if problem is not None:
            version.fail(problem, self._timing.now())
        return problem is None

    def _log_build(self, version: VersionRecord, lines: list[str]) -> None:
        """Upload what the VM that ran the Dockerfile said, all of it with the time of its end."""
        target = self._build_vm(version, version.builds[0]).log_target
        if target is not None:
            ended = milliseconds(self._timing.now())
            self._region.logs.put(*target, [(ended, line) for line in lines])

    async def _take_snapshots(self, version: VersionRecord) -> str | None:
        """Start the app once for each kind of processor; the reason of a failure, or None.

        One after the other: all share this machine's ports, and an app may have a fixed one for its hooks.
        """
        for build in version.builds:
            problem = await self._try(self._build_vm(version, build), "ready")
            if problem is not None:
                return problem
        return None

    async def _validate(self, version: VersionRecord) -> str | None:
        """Start the app once more if the version has itself validated; the reason of a failure, or None."""
        if version.hook("validate") is None:
            return None
        return await self._try(self._build_vm(version, version.builds[0]), "validate")

    async def _try(self, vm: MicrovmRecord, name: HookName) -> str | None:
        """Start a VM's app, ask its hook if it is enabled, and end it; the reason of a failure, or None."""
        enabled = vm.version.hook(name)
        if enabled is None and vm.log_target is None:
            return None
        try:
            await self._keeper.ensure(vm)
            if enabled is None:
                return None
            result = await self._ask_until_ready(vm, name, *enabled)
        except OSError as problem:
            _log.warning("build of %s %s: %s", vm.version.image_name, vm.version.number, problem)
            return PLATFORM_ERROR
        finally:
            await asyncio.shield(self._keeper.stop(vm))
        return _hook_problem(name, result, enabled[1])

    async def _ask_until_ready(
        self, vm: MicrovmRecord, name: HookName, port: int, seconds: float
    ) -> HookResult:
        """Call the hook until it answers otherwise than 503. `seconds` are real ones: the app is real."""
        deadline = self._timing.monotonic() + seconds
        while True:
            address = vm.guest.address_of(port) if vm.guest else None
            left = deadline - self._timing.monotonic()
            result = await call_hook(address, name, {}, max(left, _LAST_CALL_SECONDS))
            if result.status != NOT_YET or left <= HOOK_PAUSE_SECONDS:
                return result
            await self._timing.sleep(HOOK_PAUSE_SECONDS * self._timing.speed)

    def _build_vm(self, version: VersionRecord, build: BuildRecord) -> MicrovmRecord:
        """A MicroVM of the platform's own: no listing shows it, its output goes where the build's logs go."""
        choice = version.spec["logging"] or {}
        named = choice.get("cloudWatch") or {}
        launch = Launch(
            (),
            (),
            max_duration=0,
            role=version.spec["buildRoleArn"],
            log_group=named.get("logGroup"),
            log_stream=named.get("logStream"),
            logs_off="disabled" in choice,
        )
        identity = str(uuid.uuid4())
        lifecycle = self._region.microvms.lifecycle
        return MicrovmRecord(
            f"microvm-{identity}",
            identity,
            lifecycle,
            version,
            build,
            launch,
            PENDING,
            self._timing.now(),
        )

    def _move(self, version: VersionRecord, state: str) -> None:
        version.move(state, self._timing.now())
        for build in version.builds:
            build.state = state


def _hook_problem(name: HookName, result: HookResult, seconds: float) -> str | None:
    """The service's words for what a build hook answered, or did not; None when all is well."""
    title = name.capitalize()
    if result.ok:
        return None
    if result.timed_out or result.status == NOT_YET:
        return f"{title} hook invocation timed out after {iso_duration(seconds)}"
    told = f"HTTP status {result.status}" if result.status is not None else result.error
    return f"{title} hook check failed: {told}"

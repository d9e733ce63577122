"""How an image version is built.

Every version is made from a stock sample: an artifact in a bucket this cloud does not hold builds
`hello-web`, and so does one it holds, once its object was read and found to be a zip with a Dockerfile
at its root. The Dockerfile itself is not run.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

from mvm_tui.local.hooks import HookName, HookResult, call_hook
from mvm_tui.local.state.artifacts import NO_SUCH_BUCKET, artifact_problem, split_uri
from mvm_tui.local.state.durations import iso_duration
from mvm_tui.local.state.errors import quota_exceeded
from mvm_tui.local.state.keeper import GuestKeeper
from mvm_tui.local.state.lifecycle import PLATFORM_ERROR
from mvm_tui.local.state.microvms import Launch, MicrovmRecord
from mvm_tui.local.state.versions import IN_PROGRESS, VersionRecord
from mvm_tui.model.microvm import PENDING

if TYPE_CHECKING:
    from mvm_tui.local.state.cloud import Region

# A build takes 114 to 258 s, a failing one 72 to 105 s (measured by rayito and agentd). With a stock image
# nothing is to be built: it is there in seconds.
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

    async def build(self, version: VersionRecord) -> None:
        """Take a PENDING version to SUCCESSFUL or FAILED, in the place reserved before."""
        try:
            await self._timing.sleep(QUEUE_SECONDS)
            self._move(version, IN_PROGRESS)
            problem = await self._install(version)
            if problem is not None:
                version.fail(problem, self._timing.now())
                return
            problem = await self._try_hooks(version)
            if problem is not None:
                version.fail(problem, self._timing.now(), installed=True)
                return
            version.succeed(self._timing.now())
        finally:
            self._running -= 1

    async def _install(self, version: VersionRecord) -> str | None:
        """Read the artifact and take the time a build takes; the reason of a failure, or None."""
        uri: str = version.spec["codeArtifact"]["uri"]
        place = split_uri(uri)
        held = place is not None and place[0] in self._region.objects.buckets
        if not held and not self._region.cloud.options.strict_artifacts:
            await self._timing.sleep(STOCK_SECONDS)
            return None
        problem = artifact_problem(self._region.objects, uri, self._region.name) if held else NO_SUCH_BUCKET
        await self._timing.sleep(BUILD_SECONDS if problem is None else FAILURE_SECONDS)
        return problem

    async def _try_hooks(self, version: VersionRecord) -> str | None:
        """Start the app once for each enabled build hook and ask it; the reason of a failure, or None."""
        names: tuple[HookName, ...] = ("ready", "validate")
        for name in names:
            enabled = version.hook(name)
            if enabled is not None:
                problem = await self._try_hook(version, name, *enabled)
                if problem is not None:
                    return problem
        return None

    async def _try_hook(
        self, version: VersionRecord, name: HookName, port: int, seconds: float
    ) -> str | None:
        vm = self._build_vm(version)
        try:
            await self._keeper.ensure(vm)
            result = await self._ask_until_ready(vm, name, port, seconds)
        except OSError as problem:
            _log.warning("build of %s %s: %s", version.image_name, version.number, problem)
            return PLATFORM_ERROR
        finally:
            await asyncio.shield(self._keeper.stop(vm))
        title = name.capitalize()
        if result.ok:
            return None
        if result.timed_out or result.status == NOT_YET:
            return f"{title} hook invocation timed out after {iso_duration(seconds)}"
        told = f"HTTP status {result.status}" if result.status is not None else result.error
        return f"{title} hook check failed: {told}"

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

    def _build_vm(self, version: VersionRecord) -> MicrovmRecord:
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
            version.builds[0],
            launch,
            PENDING,
            self._timing.now(),
        )

    def _move(self, version: VersionRecord, state: str) -> None:
        version.move(state, self._timing.now())
        for build in version.builds:
            build.state = state

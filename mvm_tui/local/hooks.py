"""Lifecycle hooks: the platform calls the app over loopback, inside the guest as it were.

Path, Host header and statuses: SERVICE facts measured on the live service. Only 200 is success.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import aiohttp

HookName = Literal["run", "resume", "suspend", "terminate", "ready", "validate"]
HOOK_PATH = "/aws/lambda-microvms/runtime/v1/"
OK = 200
NOTHING_LISTENS = "nothing listens on the hook port"


@dataclass(frozen=True, slots=True)
class HookResult:
    """How a call went: the app's HTTP status, or why there is none."""

    status: int | None = None
    error: str | None = None
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.status == OK


async def call_hook(
    address: tuple[str, int] | None, hook: HookName, body: Mapping[str, object], timeout_s: float
) -> HookResult:
    """Call one hook once.

    :param address: where the app answers (`Guest.address_of` of the version's hook port).
    :param body: sent as a JSON object. For ``run``: ``microvmId``, ``runHookPayload`` (the string given at
        launch) and ``bootId``, which tells the snapshot the MicroVM came from.
    :param timeout_s: real seconds for the whole call.
    """
    if address is None:
        return HookResult(error=NOTHING_LISTENS)
    host, port = address
    url = (
        f"http://[{host}]:{port}{HOOK_PATH}{hook}"
        if ":" in host
        else f"http://{host}:{port}{HOOK_PATH}{hook}"
    )
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.post(
                url, json=dict(body), headers={"Host": f"localhost:{port}"}, allow_redirects=False
            ) as answer,
        ):
            return HookResult(status=answer.status)
    except TimeoutError:
        return HookResult(error=f"no answer within {timeout_s:g} s", timed_out=True)
    except aiohttp.ClientError as error:
        return HookResult(error=str(error) or type(error).__name__)


async def wait_hook(
    address: tuple[str, int] | None, hook: HookName, timeout_s: float, pause_s: float = 0.5
) -> HookResult:
    """Call ``ready`` or ``validate`` until it answers otherwise than 503, which means not yet.

    :param timeout_s: real seconds in all; the last answer tells `timed_out` when they are over.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while True:
        left = deadline - loop.time()
        result = await call_hook(address, hook, {}, max(left, 0.001))
        if result.status != 503:
            return result
        if loop.time() + pause_s >= deadline:
            return HookResult(status=503, error=f"not ready within {timeout_s:g} s", timed_out=True)
        await asyncio.sleep(pause_s)

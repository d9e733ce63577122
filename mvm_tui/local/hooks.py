"""Lifecycle hooks: the platform calls the app over loopback, inside the guest as it were.

Path, Host header and statuses: SERVICE facts measured on the live service. Only 200 is success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import aiohttp
from yarl import URL

HookName = Literal["run", "resume", "suspend", "terminate", "ready", "validate"]
OK = 200
HOOK_PATH = "/aws/lambda-microvms/runtime/v1/"
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
    url = URL.build(scheme="http", host=host, port=port, path=HOOK_PATH + hook)
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

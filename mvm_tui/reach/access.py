"""What reaching a MicroVM needs of the rest of the program, and the token that is kept between requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mvm_tui.model.clock import Clock
from mvm_tui.model.connectors import http_possible
from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Conflict, Unexpected
from mvm_tui.model.microvm import Microvm
from mvm_tui.model.token import AccessToken

PORT_HEADER = "X-aws-proxy-port"
# Headers of the proxy itself: the client's own are taken out, and so are the proxy's on the way back.
PROXY_HEADERS = "x-aws-proxy-"


class Mint(Protocol):
    """How a token is had. `fresh` says that a kept one will not do. Blocking; raises Problem."""

    def __call__(self, *, fresh: bool) -> AccessToken: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What is handed in for one MicroVM. All of it blocks and raises Problem.

    Attributes:
        mint: Gives a token for the ports in question.
        look: Reads the MicroVM with its details.
        resume: Asks for its resumption; None where the user did not agree to one.
        ca_file: File of certificates to trust instead of the system's; empty for those.
    """

    mint: Mint
    look: Callable[[], Microvm]
    resume: Callable[[], object] | None = None
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One port of one MicroVM.

    Attributes:
        port: The guest's port; None leaves it to the service, which takes 8080.
        memory_mib: The baseline, which sets the rate of requests; None if it is not known.
    """

    vm_id: str
    endpoint: Endpoint
    port: int | None = None
    memory_mib: int | None = None

    def headers(self, token: AccessToken) -> list[tuple[str, str]]:
        """What has to be sent with every request. Holds the token: never to be logged or shown."""
        port = [(PORT_HEADER, str(self.port))] if self.port is not None else []
        return [*token.headers, *port]


def target_of(vm: Microvm, port: int | None, memory_mib: int | None) -> Target:
    """The target for a MicroVM as `look` read it.

    Raises:
        Unexpected: It has no endpoint, or one that cannot be used.
    """
    if vm.details is None or not vm.details.endpoint:
        raise Unexpected(
            "The MicroVM has no endpoint.", "The service named none.", "Launch it with HTTP_INGRESS."
        )
    if not http_possible(vm.details.ingress):
        raise Conflict(
            "The MicroVM was launched without HTTP.",
            "Its endpoint needs the connector HTTP_INGRESS.",
            "Connectors cannot be changed: launch another MicroVM like it, with HTTP_INGRESS.",
        )
    return Target(vm.id, Endpoint.of(vm.details.endpoint), port, memory_mib)


class Tokens:
    """The token in use, minted when it is first needed and again before it ends. One mint at a time."""

    def __init__(self, mint: Mint, clock: Clock) -> None:
        self._mint = mint
        self._clock = clock
        self._token: AccessToken | None = None
        self._fresh = False
        self._minting = asyncio.Lock()

    async def current(self) -> AccessToken:
        """One that a request can be sent with now. Raises Problem."""
        async with self._minting:
            if self._token is None or not self._token.usable(self._clock.now()):
                self._token = await asyncio.to_thread(self._mint, fresh=self._fresh)
                self._fresh = False
            return self._token

    def forget(self, refused: AccessToken) -> None:
        """It was refused: the next request has a new one minted, unless another did meanwhile."""
        if self._token is refused:
            self._token, self._fresh = None, True

    async def instead_of(self, refused: AccessToken) -> AccessToken:
        """A new one for the one refused; minted once for all requests that had it. Raises Problem."""
        async with self._minting:
            if self._token is None or self._token is refused:
                self._token = await asyncio.to_thread(self._mint, fresh=True)
            return self._token

"""Tells an answer of the proxy in front of a MicroVM from one of the app behind it."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from mvm_tui.model.errors import Problem
from mvm_tui.reach.refusals import ERROR_HEADER, TEXT_LIMIT, explain, from_proxy, token_refused

# Statuses among which the proxy's own answers are looked for.
MAYBE_REFUSED = frozenset({401, 403, 429, 502})


@dataclass(frozen=True)
class Refused(Exception):
    """The answer is the proxy's own. `error` is its header, `text` its body."""

    status: int
    error: str
    text: str

    @property
    def by_token(self) -> bool:
        """Whether a new token may help."""
        return token_refused(self.status, self.error, self.text)

    def problem(self, port: int | None) -> Problem:
        """What it means."""
        return explain(self.status, self.error, self.text, port)


async def beginning(response: aiohttp.ClientResponse) -> bytes:
    """The start of a body, as far as it had to be read to tell whose it is; raises Refused if the proxy's."""
    if response.status not in MAYBE_REFUSED:
        return b""
    error = response.headers.get(ERROR_HEADER, "")
    start = b""
    while len(start) <= TEXT_LIMIT and (piece := await response.content.read(TEXT_LIMIT + 1)):
        start += piece
    text = start.decode("utf-8", "replace") if len(start) <= TEXT_LIMIT else "…"
    if from_proxy(response.status, error, text):
        raise Refused(response.status, error, text)
    return start

"""What faults do to an event stream once it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from mvm_tui.local.faults import Fault
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.event_stream import exception_message

# The initial response, the start of the session, its first update.
_UNHARMED = 3


class CutOff(Exception):
    """The connection is to end here."""


async def faulty(pieces: AsyncIterator[bytes], struck: Mapping[str, Fault]) -> AsyncIterator[bytes]:
    """The messages of a stream as its faults let them through.

    Raises:
        CutOff: after half a message.
    """
    count = 0
    async for piece in pieces:
        count += 1
        if count == _UNHARMED + 1:
            if "stall" in struck:
                await asyncio.sleep(struck["stall"].value)
            if "stream-exception" in struck:
                yield exception_message(
                    ServiceError("SessionStreamingException", 500, "An unknown error occurred.")
                )
                return
            if "half-body" in struck:
                yield piece[: len(piece) // 2]
                raise CutOff
        yield piece

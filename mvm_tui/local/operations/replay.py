"""Idempotent operations: a client token makes a repeated request harmless."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from mvm_tui.local.state.errors import conflict
from mvm_tui.local.state.idempotency import TokenReusedError
from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.operations import Answer, Call, Handler


def _default_refusal(message: str) -> ServiceError:
    return conflict(message)


def replayed(
    member: str, refusal: Callable[[str], ServiceError] = _default_refusal
) -> Callable[[Handler], Handler]:
    """Answer a request again as it was answered first, by the token in `member`.

    Another request with the same token gets what `refusal` makes of the sentence that says so.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def answer(call: Call) -> Answer:
            token = call.params.get(member)
            params = {name: value for name, value in call.params.items() if name != member}
            try:
                earlier = call.region.answers.earlier(call.operation, token, params)
            except TokenReusedError:
                raise refusal(f"The {member} was used before with other parameters.") from None
            if earlier is not None:
                return earlier
            given = await handler(call)
            if isinstance(given, dict):
                call.region.answers.keep(call.operation, token, params, given)
            return given

        return answer

    return decorate

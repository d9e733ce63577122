"""A token that opens a MicroVM's endpoint or its shell. It never shows itself: not in repr, not in a log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

# The one header that the service was ever seen to answer with; all that it answers are sent.
AUTH_HEADER = "X-aws-proxy-auth"
# A token is not used in the last seconds of its life: the way to the proxy takes time, clocks differ.
_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What the service minted.

    Attributes:
        headers: Names and values to send, as the service answered them.
        expires_at: When the proxy stops to accept it for new connections; open ones live on.
    """

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    expires_at: datetime

    @property
    def secret(self) -> str:
        """The value of `AUTH_HEADER`; that of the only header where it is called otherwise."""
        for name, value in self.headers:
            if name.lower() == AUTH_HEADER.lower():
                return value
        return self.headers[0][1] if len(self.headers) == 1 else ""

    def usable(self, now: datetime) -> bool:
        """Whether a connection that begins now can use it."""
        return now + _MARGIN < self.expires_at

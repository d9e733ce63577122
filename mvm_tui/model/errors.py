"""The few kinds of failure that users meet, each with what happened, why, and what to do next.

`mvm_tui.aws.errors` turns what botocore raises into these; everything above catches only these.
"""

from __future__ import annotations

from dataclasses import dataclass


def sentences(*parts: str) -> str:
    """The parts in a row, each ended by a mark: what services say often is not."""
    return " ".join(part if part[-1] in ".!?:" else f"{part}." for part in parts if part)


@dataclass(eq=False)
class Problem(Exception):
    """A failed call in plain words.

    Attributes:
        what: What happened, one sentence.
        why: The reason as far as it is known; the service's own words where it gave some.
        fix: What the user can do next.
        code: The service's error code, e.g. ``ThrottlingException``; empty when there was no answer.
        operation: The API operation that failed, e.g. ``RunMicrovm``.
        request_id: The service's id of the failed request, empty if none came back.
        retry_after: Seconds after which the service asked to be called again; None if it did not say.
    """

    what: str
    why: str = ""
    fix: str = ""
    code: str = ""
    operation: str = ""
    request_id: str = ""
    retry_after: float | None = None

    # Whether the same call may succeed a little later with nothing changed.
    temporary = False
    # The exit code of the command line for this kind.
    exit_code = 1

    def __str__(self) -> str:
        return sentences(self.what, self.why, self.fix)


class NotSignedIn(Problem):
    """No credentials were found, or the profile does not exist."""

    exit_code = 3


class SignInExpired(Problem):
    """The credentials or the SSO session are past their end."""

    exit_code = 3


class Denied(Problem):
    """IAM refuses the action; `operation` and `why` name it."""

    exit_code = 3


class RegionUnavailable(Problem):
    """The region answers as one without the service does: access denied without a message."""

    exit_code = 3


class Throttled(Problem):
    """The API rate was exceeded, after the retries."""

    temporary = True
    exit_code = 4


class QuotaReached(Problem):
    """A quota (mostly allocated memory, HTTP 402) does not allow the call."""


class MemoryUsedUp(QuotaReached):
    """All memory that the account may allocate is allocated: HTTP 402."""


class Conflict(Problem):
    """The resource is in a state that forbids the call."""


class Gone(Problem):
    """The MicroVM, image or version does not exist (any more)."""


class Invalid(Problem):
    """The service rejects the request's content."""


class NoShell(Problem):
    """The MicroVM was launched without what a shell needs, and that cannot be changed."""


class GatewayFault(Problem):
    """The service failed on its own side (5xx, or an answer that is not its own)."""

    temporary = True
    exit_code = 4


class Unreachable(Problem):
    """No answer: name not found, refused, timed out, TLS."""

    temporary = True
    exit_code = 4


class Unexpected(Problem):
    """Anything else; the class of last resort."""


class ReadOnly(Problem):
    """Read-only mode forbids the action."""


class Cancelled(Problem):
    """The user answered No, or the work was superseded."""

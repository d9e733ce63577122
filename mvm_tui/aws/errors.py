"""Turns what botocore raises into the few problems of `mvm_tui.model.errors`.

What each answer of the service really means was gathered from its documentation and from the reports of
people who ran it; several codes do not mean what they say (an `AccessDenied` without a message is a region
without the service, HTTP 402 is the memory quota).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mvm_tui.model.errors import (
    Conflict,
    Denied,
    GatewayFault,
    Gone,
    Invalid,
    MemoryUsedUp,
    NoShell,
    NotSignedIn,
    Problem,
    QuotaReached,
    RegionUnavailable,
    SignInExpired,
    Throttled,
    Unexpected,
    Unreachable,
)
from mvm_tui.model.text import clean

_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "UnauthorizedException"}
)
_REJECTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_SKEWED = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_QUOTA = frozenset({"ServiceQuotaExceededException", "QuotaExceededException"})
_CONFLICT = frozenset({"ConflictException", "ResourceConflictException", "OptimisticLockException"})
_GONE = frozenset({"ResourceNotFoundException", "NoSuchResourceException"})
_INVALID = frozenset(
    {"ValidationException", "ValidationError", "InvalidParameterValueException", "InvalidRequestException"}
)
_ENDED = "has been terminated and its state cannot be changed"
_CORRECT = "Correct the profile or the environment, or choose another profile."
_SIGN_IN = "Sign in again, for example with `aws sso login`, and retry."
_LATER = "Wait a little and retry."
# What `explained` is told while credentials are looked for: no API operation.
SIGNING_IN = "signing in"
_ACTION = re.compile(r"perform:? ([a-z0-9-]+:[A-Za-z*]+)")


@dataclass(frozen=True, slots=True)
class _Answer:
    """An error answer of a service."""

    code: str
    status: int
    message: str
    operation: str

    @property
    def reason(self) -> str:
        return self.message or f"The service gave no reason ({self.code or self.status})."


def explain(error: BaseException, operation: str = "") -> Problem:
    """What happened, why, and what to do. A Problem comes back as it is; nothing is ever raised."""
    from botocore.exceptions import ClientError

    if isinstance(error, Problem):
        return error
    if isinstance(error, ClientError):
        return _explain_answer(error.response, str(error.operation_name or operation))
    problem = _explain_failure(error, operation or "the call")
    problem.operation = operation
    return problem


@contextmanager
def explained(operation: str) -> Iterator[None]:
    """Whatever goes wrong inside leaves as a Problem, without the original traceback's values."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - this is the border where every failure becomes a Problem
        raise explain(error, operation) from None


def _explain_answer(response: Any, operation: str) -> Problem:
    error = response.get("Error") or {}
    metadata = response.get("ResponseMetadata") or {}
    answer = _Answer(
        code=clean(error.get("Code") or "", 100),
        status=int(metadata.get("HTTPStatusCode") or 0),
        message=clean(error.get("Message") or ""),
        operation=operation,
    )
    problem = next(make for fits, make in _ANSWERS if fits(answer))(answer)
    problem.code = answer.code
    problem.operation = operation
    problem.request_id = clean(metadata.get("RequestId") or "", 100)
    problem.retry_after = _seconds((metadata.get("HTTPHeaders") or {}).get("retry-after"))
    return problem


def _seconds(header: str | None) -> float | None:
    try:
        return min(max(float(header), 0.0), 300.0) if header else None
    except ValueError:
        return None


def _denied(answer: _Answer) -> Problem:
    if not answer.message or answer.message == "None":
        return RegionUnavailable(
            f"{answer.operation} was refused without a reason.",
            "Regions that do not have MicroVMs answer so; so does a permission that is only implied.",
            "Switch to a region with the service, or check your permissions.",
        )
    found = _ACTION.search(answer.message)
    own = "lambda:" if "Microvm" in answer.operation else ""
    action = found.group(1) if found else f"{own}{answer.operation}"
    where = ", allowed on the image's ARN (…:microvm-image:NAME)" if own else ""
    return Denied(f"You may not {action}.", answer.message, f"Ask for that action{where}.")


def _quota(answer: _Answer) -> Problem:
    if answer.status == 402 or "memory" in answer.message.lower():
        return MemoryUsedUp(
            "The account's MicroVM memory is used up.",
            f"{answer.reason} Suspended MicroVMs count too.",
            "Terminate some, wait a minute, or have the quota L-CD1C0CC4 raised.",
        )
    return QuotaReached(
        f"A quota does not allow {answer.operation}.", answer.reason, "Free some, or raise it."
    )


def _gone(answer: _Answer) -> Problem:
    if "No active version" in answer.message:
        return Gone(
            "The image has no version that can be launched.",
            answer.reason,
            "Activate a version or build one.",
        )
    return Gone("It does not exist here (any more).", answer.reason, "Check id, account and region.")


def _invalid(answer: _Answer) -> Problem:
    if "SHELL_INGRESS" in answer.message or "ALL_INGRESS" in answer.message:
        # Both places were seen to refuse ALL_INGRESS beside SHELL_INGRESS: the launch, and only the token.
        if answer.operation == "RunMicrovm":
            fix = "Use SHELL_INGRESS, with HTTP_INGRESS if its ports are to be reached too."
            return Invalid("These connectors cannot be had together.", answer.reason, fix)
        fix = "Connectors cannot be changed: launch another MicroVM like it, with the shell."
        return NoShell("This MicroVM was launched without a shell.", answer.reason, fix)
    return Invalid(f"The service does not accept this {answer.operation}.", answer.reason)


def _faulty(answer: _Answer) -> Problem:
    if answer.code == "InsufficientCapacityException":
        return GatewayFault(
            "The region has no capacity just now.", answer.reason, f"{_LATER} Or try another."
        )
    if answer.status == 501:
        fix = "Emulators lack some operations: use an endpoint that has it."
        return Unexpected(f"The endpoint does not know {answer.operation}.", answer.reason, fix)
    return GatewayFault(f"The service failed at {answer.operation}.", answer.reason, _LATER)


def _among(codes: frozenset[str], status: int = 0) -> Callable[[_Answer], bool]:
    return lambda answer: answer.code in codes or (status != 0 and answer.status == status)


# Read from the top; the first that fits explains the answer.
_ANSWERS: tuple[tuple[Callable[[_Answer], bool], Callable[[_Answer], Problem]], ...] = (
    (_among(_EXPIRED), lambda a: SignInExpired("Your sign-in has expired.", a.reason, _SIGN_IN)),
    (
        lambda a: a.code in _SKEWED or "Signature expired" in a.message,
        lambda a: NotSignedIn("The request's time was not accepted.", a.reason, "Set this machine's clock."),
    ),
    (
        _among(_REJECTED),
        lambda a: NotSignedIn("The service does not accept your credentials.", a.reason, _SIGN_IN),
    ),
    (_among(_QUOTA, 402), _quota),
    (_among(_THROTTLED, 429), lambda a: Throttled("Too many calls at once.", a.reason, _LATER)),
    (_among(_DENIED), _denied),
    (
        lambda a: _ENDED in a.message,
        lambda a: Conflict("The MicroVM has ended.", a.reason, "Launch a new one."),
    ),
    (
        _among(_CONFLICT, 409),
        lambda a: Conflict(f"Its state does not allow {a.operation} now.", a.reason, _LATER),
    ),
    (_among(_GONE, 404), _gone),
    (_among(_INVALID, 400), _invalid),
    (_among(_DENIED, 403), _denied),
    (lambda a: a.status >= 500 or a.code == "InsufficientCapacityException", _faulty),
    (lambda a: True, lambda a: Unexpected(f"{a.operation} failed.", a.reason)),
)


def _explain_failure(error: BaseException, operation: str) -> Problem:
    """A failure before or instead of an answer."""
    why = clean(error)
    for names, make in (*_sign_in_failures(), *_call_failures()):
        if isinstance(error, names):
            return make(why, operation)
    if type(error).__name__ == "ResponseParserError":
        # The reason quotes the answer, which may hold a token.
        why = "It is not in the service's format."
        return GatewayFault(f"The answer to {operation} could not be read.", why, _LATER)
    if why.startswith("Invalid endpoint"):
        return Invalid("The endpoint cannot be used.", why, "Write it as a URL: http://127.0.0.1:4566.")
    if operation == SIGNING_IN:
        return NotSignedIn("Your credentials could not be read.", why or type(error).__name__, _CORRECT)
    return Unexpected(f"{operation} failed.", why or type(error).__name__)


_Maker = Callable[[str, str], Problem]


_Failures = tuple[tuple[tuple[type[BaseException], ...], _Maker], ...]


def _sign_in_failures() -> _Failures:
    from botocore import exceptions as e

    sign_in = (
        e.SSOError,
        e.TokenRetrievalError,
        e.LoginError,
        e.NoAuthTokenError,
        e.RefreshWithMFAUnsupportedError,
    )
    return (
        (sign_in, lambda why, _: SignInExpired("Your sign-in has expired.", why, _SIGN_IN)),
        (
            (e.PartialCredentialsError,),
            lambda why, _: NotSignedIn("Your credentials are not complete.", why, _CORRECT),
        ),
        (
            (e.CredentialRetrievalError, e.MetadataRetrievalError),
            lambda why, _: NotSignedIn("Your credentials could not be read.", why, _SIGN_IN),
        ),
        (
            (e.NoCredentialsError,),
            lambda why, _: NotSignedIn(
                "You are not signed in to AWS.",
                "No credentials were found.",
                "Sign in (for example `aws sso login`), choose another profile, or try `mvm-tui demo`.",
            ),
        ),
        (
            (e.ProfileNotFound,),
            lambda why, _: NotSignedIn(
                "There is no such profile.", why, "See `aws configure list-profiles`."
            ),
        ),
        (
            (e.NoRegionError,),
            lambda why, _: NotSignedIn(
                "No region is configured.", "", "Pass --region, set AWS_REGION, or give the profile one."
            ),
        ),
        (
            (e.ConfigParseError, e.ConfigNotFound, e.InvalidConfigError, e.MissingDependencyException),
            lambda why, _: NotSignedIn("The AWS configuration cannot be used.", why, "Correct it and retry."),
        ),
    )


def _call_failures() -> _Failures:
    from botocore import exceptions as e

    return (
        (
            (e.SSLError,),
            lambda why, _: Unreachable(
                "No trusted connection to the endpoint could be made.",
                why,
                "Check that it speaks https; AWS_CA_BUNDLE names a file of certificates to trust.",
            ),
        ),
        (
            (e.ConnectionError, e.HTTPClientError, e.IncompleteReadError),
            lambda why, operation: Unreachable(
                f"No complete answer to {operation}.", why, "Check the network, proxy and endpoint."
            ),
        ),
        (
            (e.InvalidRegionError,),
            lambda why, _: RegionUnavailable("This is no name of a region.", why, "Write it like eu-west-1."),
        ),
        (
            (e.ParamValidationError, e.ValidationError, e.BaseEndpointResolverError, e.EndpointProviderError),
            lambda why, operation: Invalid(f"{operation} could not be asked for.", why),
        ),
    )

"""Every kind of failure becomes the problem that says what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore import exceptions as botocore_errors

from mvm_tui.aws import microvms
from mvm_tui.aws.errors import explain, explained
from mvm_tui.aws.session import Connection, Target
from mvm_tui.model import errors
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Problem
from tests.aws.scripted import Answer, error, scripted

DENIED = (
    "User: arn:aws:iam::000000000000:user/x is not authorized to perform: lambda:TerminateMicrovm "
    "on resource: arn:aws:lambda:us-east-1:000000000000:microvm-image:web"
)
SHELL = "Shell access requires SHELL_INGRESS network connector to be configured on the MicroVM."
ENDED = "The MicroVM microvm-1 has been terminated and its state cannot be changed."
MEMORY = "The base maximum allocated memory limit has been reached for this account."
ANSWERS: list[tuple[int, str, str | None, type[Problem], str]] = [
    (403, "ExpiredTokenException", "The security token has expired", errors.SignInExpired, "expired"),
    (403, "UnrecognizedClientException", "The token is invalid.", errors.NotSignedIn, "credentials"),
    (403, "InvalidSignatureException", "Signature expired: …", errors.NotSignedIn, "time"),
    (403, "AccessDeniedException", DENIED, errors.Denied, "lambda:TerminateMicrovm"),
    (403, "AccessDeniedException", "no", errors.Denied, "lambda:TerminateMicrovm"),
    (403, "AccessDeniedException", None, errors.RegionUnavailable, "without a reason"),
    (429, "ThrottlingException", "Rate exceeded", errors.Throttled, "Too many"),
    (400, "TooManyRequestsException", "slow", errors.Throttled, "Too many"),
    (402, "ServiceQuotaExceededException", MEMORY, errors.MemoryUsedUp, "memory"),
    (400, "ServiceQuotaExceededException", "too many builds", errors.QuotaReached, "quota"),
    (409, "ConflictException", "already in state: UPDATING", errors.Conflict, "state"),
    (400, "ValidationException", ENDED, errors.Conflict, "ended"),
    (404, "ResourceNotFoundException", "MicroVM not found: microvm-1", errors.Gone, "not exist"),
    (404, "ResourceNotFoundException", "No active version found for …", errors.Gone, "no version"),
    (400, "ValidationException", SHELL, errors.NoShell, "without a shell"),
    (400, "ValidationException", "Invalid ARN format", errors.Invalid, "does not accept"),
    (400, "", None, errors.Invalid, "does not accept"),
    (500, "InternalServerException", "oops", errors.GatewayFault, "failed"),
    (500, "InsufficientCapacityException", None, errors.GatewayFault, "no capacity"),
    (501, "NotImplemented", "TagResource", errors.Unexpected, "does not know"),
    (418, "Teapot", "short and stout", errors.Unexpected, "failed"),
]


@pytest.mark.parametrize(("status", "code", "message", "kind", "said"), ANSWERS)
def test_answers(status: int, code: str, message: str | None, kind: type[Problem], said: str) -> None:
    with scripted(lambda _: error(status, code, message, Retry_After="7")) as server:
        connection = server.connect()
        with pytest.raises(Problem) as caught:
            microvms.terminate(connection, "microvm-1")
        connection.close()
    problem = caught.value
    assert type(problem) is kind
    assert said in problem.what
    assert problem.why
    assert problem.operation == "TerminateMicrovm"
    assert problem.request_id == "request-1"
    assert problem.retry_after == 7.0


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html><body><h1>502 Bad Gateway</h1></body></html>", 502, {"Content-Type": "text/html"}),
        Answer(b"<html>not json", 200),
        Answer([1, 2], 200),
        Answer(b"", 503),
    ],
)
def test_answers_that_are_not_the_services_own(answer: Answer) -> None:
    with scripted(lambda _: answer) as server, pytest.raises(errors.GatewayFault) as caught:
        microvms.get(server.connect(), "microvm-1")
    assert "<html>" not in caught.value.what
    assert caught.value.temporary


def test_an_answer_that_cannot_be_read_is_not_quoted() -> None:
    with (
        scripted(lambda _: Answer({"token": "marker-8c1f"})) as server,
        pytest.raises(errors.GatewayFault, match="not in the service's format") as caught,
    ):
        server.connect().identity()
    assert "marker" not in str(caught.value)


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    broken = Answer(b'{"microvmId": "microvm-1", "sta', 200, {"Content-Length": "500"})
    answers = iter([broken, broken, Answer({"microvmId": "microvm-1", "state": "RUNNING"})])
    with scripted(lambda _: next(answers)) as server:
        assert microvms.get(server.connect(), "microvm-1").state == "RUNNING"
        assert len(server.asked) == 3


def test_an_answer_that_always_breaks_off() -> None:
    broken = Answer(b'{"items": [', 200, {"Content-Length": "500"})
    with scripted(lambda _: broken) as server, pytest.raises(errors.GatewayFault) as caught:
        list(microvms.pages(server.connect()))
    assert caught.value.temporary


def test_nobody_listens() -> None:
    with scripted(lambda _: Answer({})) as server:
        connection = server.connect()
    with pytest.raises(errors.Unreachable) as caught:
        microvms.suspend(connection, "microvm-1")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (botocore_errors.NoCredentialsError(), errors.NotSignedIn),
        (botocore_errors.NoRegionError(), errors.NotSignedIn),
        (botocore_errors.ProfileNotFound(profile="x"), errors.NotSignedIn),
        (botocore_errors.PartialCredentialsError(provider="env", cred_var="x"), errors.NotSignedIn),
        (botocore_errors.CredentialRetrievalError(provider="p", error_msg="m"), errors.NotSignedIn),
        (botocore_errors.ConfigParseError(path="config"), errors.NotSignedIn),
        (botocore_errors.UnauthorizedSSOTokenError(), errors.SignInExpired),
        (botocore_errors.SSOTokenLoadError(error_msg="m"), errors.SignInExpired),
        (botocore_errors.TokenRetrievalError(provider="sso", error_msg="m"), errors.SignInExpired),
        (botocore_errors.LoginRefreshRequired(), errors.SignInExpired),
        (botocore_errors.SSLError(endpoint_url="https://x", error=OSError("x")), errors.Unreachable),
        (botocore_errors.ConnectTimeoutError(endpoint_url="https://x"), errors.Unreachable),
        (botocore_errors.EndpointConnectionError(endpoint_url="https://x"), errors.Unreachable),
        (botocore_errors.IncompleteReadError(actual_bytes=1, expected_bytes=2), errors.Unreachable),
        (botocore_errors.ParamValidationError(report="bad"), errors.Invalid),
        (botocore_errors.UnknownServiceError(service_name="x", known_service_names="y"), errors.Unexpected),
        (OSError("odd"), errors.Unexpected),
        (ValueError(), errors.Unexpected),
    ],
)
def test_failures_without_an_answer(failure: Exception, kind: type[Problem]) -> None:
    problem = explain(failure, "ListMicrovms")
    assert type(problem) is kind
    assert problem.what.endswith(".")
    assert problem.operation == "ListMicrovms"


def test_a_problem_stays_itself() -> None:
    gone = errors.Gone("gone")
    assert explain(gone) is gone
    with pytest.raises(errors.Gone) as caught, explained("GetMicrovm"):
        raise gone
    assert caught.value is gone


def test_hostile_messages_are_made_safe() -> None:
    hostile = error(400, "ValidationException", "red \x1b[31m alert \u202e end")
    with scripted(lambda _: hostile) as server, pytest.raises(errors.Invalid) as caught:
        microvms.suspend(server.connect(), "microvm-1")
    assert caught.value.why == "red  alert  end"


@pytest.mark.parametrize("header", ["soon", "-3", "", "1e9"])
def test_odd_retry_after_headers_do_no_harm(header: str) -> None:
    odd = error(429, "ThrottlingException", "x", Retry_After=header)
    with scripted(lambda _: odd) as server, pytest.raises(errors.Throttled) as caught:
        microvms.suspend(server.connect(), "microvm-1")
    assert caught.value.retry_after is None or 0 <= caught.value.retry_after <= 300


def test_a_profile_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with pytest.raises(errors.NotSignedIn, match="no-such") as caught:
        Connection.open(Target(profile="no-such", region="us-east-1"), SystemClock())
    assert caught.value.exit_code == 3

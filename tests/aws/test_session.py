"""Connections: whose account, which region, which endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mvm_tui.aws import microvms
from mvm_tui.aws.session import MICROVMS, Connection, Identity, Target
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import (
    Invalid,
    NotSignedIn,
    Problem,
    RegionUnavailable,
    SignInExpired,
    Unreachable,
)
from mvm_tui.model.scope import Scope
from tests.aws.scripted import Answer, Asked, error, scripted
from tests.cloud import cloud_process

EMPTY = Answer({"items": [], "nextToken": None})
CONFIG = """
[default]
region = eu-west-1
[profile work]
region = us-west-2
[profile role]
region = us-east-1
role_arn = arn:aws:iam::000000000000:role/x
source_profile = work
[profile mfa]
region = us-east-1
role_arn = arn:aws:iam::000000000000:role/x
source_profile = work
mfa_serial = arn:aws:iam::000000000000:mfa/me
[profile chatty]
region = us-east-1
credential_process = echo hello
[profile sso]
region = us-east-1
sso_session = corp
sso_account_id = 000000000000
sso_role_name = dev
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
"""
CREDENTIALS = """
[default]
aws_access_key_id = DEFAULTKEY
aws_secret_access_key = not-a-secret
[work]
aws_access_key_id = WORKKEY
aws_secret_access_key = not-a-secret
"""


@pytest.fixture(autouse=True)
def users_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's AWS files of our own, and nothing of this machine's."""
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def opened(target: Target) -> Connection:
    return Connection.open(target, SystemClock())


def test_profile_and_region_are_found_as_users_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = opened(Target())
    assert (connection.profile, connection.region, connection.endpoint) == ("default", "eu-west-1", "")
    assert opened(Target(profile="work")).region == "us-west-2"
    assert opened(Target(profile="work", region="ap-south-1")).region == "ap-south-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert opened(Target()).region == "eu-north-1"
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_PROFILE", "work")
    connection = opened(Target())
    assert (connection.profile, connection.region) == ("work", "eu-central-1")
    assert connection.partition == "aws"
    assert connection.expires_at is None


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA_MICROVMS"])
def test_endpoint_variables(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(lambda _: EMPTY) as server:
        monkeypatch.setenv(name, f"{server.endpoint}/")
        connection = opened(Target())
        assert connection.endpoint == server.endpoint
        assert list(microvms.pages(connection)) == [[]]
        assert "Credential=DEFAULTKEY/" in server.asked[0].headers["Authorization"]
        assert "/eu-west-1/lambda/" in server.asked[0].headers["Authorization"]
        assert not connection.client(MICROVMS).meta.config.inject_host_prefix


def test_host_prefixes_stay_for_aws_itself() -> None:
    assert opened(Target()).client(MICROVMS).meta.config.inject_host_prefix


def test_a_localhost_name_needs_no_resolver() -> None:
    with scripted(lambda _: EMPTY) as server:
        connection = server.connect(host="no-resolver-knows-this.localhost")
        assert list(microvms.pages(connection)) == [[]]
        host = f"no-resolver-knows-this.localhost:{server.port}"
        assert server.asked[0].headers["Host"] == host
        assert connection.endpoint == f"http://{host}"


def test_the_embedded_cloud_reads_nothing_of_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    (tmp_path / "config").write_text("this is [no config")
    with scripted(lambda _: EMPTY) as server:
        connection = server.connect()
        assert list(microvms.pages(connection)) == [[]]
        assert "Credential=LOCALEXAMPLE/" in server.asked[0].headers["Authorization"]
    assert connection.profile == "default"


def test_secrets_are_not_in_the_text_of_a_target() -> None:
    assert "hidden" not in repr(Target(access_key="hidden", secret_key="hidden"))


@pytest.mark.parametrize(
    ("target", "kind", "said"),
    [
        (Target(profile="nobody"), NotSignedIn, "no profile named nobody"),
        (Target(profile="sso"), SignInExpired, "expired"),
    ],
)
def test_sign_ins_that_fail(target: Target, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        opened(target)


def test_no_region(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(NotSignedIn, match="No region"):
        opened(Target())


def test_no_credentials(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("")
    with pytest.raises(NotSignedIn, match="not signed in"):
        opened(Target())


def test_a_broken_config(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("this is [no config")
    with pytest.raises(NotSignedIn, match="cannot be used"):
        opened(Target())


def assume_role(_: Asked) -> Answer:
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLEKEY</AccessKeyId>"
        "<SecretAccessKey>not-a-secret</SecretAccessKey><SessionToken>token</SessionToken>"
        f"<Expiration>{ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    return Answer(body.encode(), 200, {"Content-Type": "text/xml"})


def test_a_role_is_assumed_and_its_end_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(assume_role) as sts, scripted(lambda _: EMPTY) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.endpoint)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA_MICROVMS", server.endpoint)
        connection = opened(Target(profile="role"))
        assert connection.expires_at is not None
        assert timedelta(minutes=50) < connection.expires_at - datetime.now(UTC) <= timedelta(hours=1)
        assert list(microvms.pages(connection)) == [[]]
        assert "Credential=ROLEKEY/" in server.asked[0].headers["Authorization"]


def test_a_role_that_may_not_be_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message></Error></ErrorResponse>"
    with scripted(lambda _: Answer(refusal, 403, {"Content-Type": "text/xml"})) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.endpoint)
        with pytest.raises(SignInExpired) as caught:
            opened(Target(profile="role"))
    assert caught.value.operation == "AssumeRole"


def test_identity_and_scope() -> None:
    with cloud_process() as facts:
        connection = opened(Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key))
        identity = connection.identity()
        assert identity == Identity(facts.account, identity.arn)
        assert connection.scope == Scope("aws", facts.account, facts.region, facts.endpoint)
        arn = f"arn:aws:lambda:{facts.region}:{facts.account}:microvm-image:web"
        assert connection.scope_of(arn) == connection.scope
        assert connection.scope_of("odd") == Scope("", "", facts.region, facts.endpoint)


def test_clients_are_built_once_by_many_threads() -> None:
    with scripted(lambda _: EMPTY) as server:
        connection = server.connect()
        built: list[int] = []
        threads = [
            threading.Thread(target=lambda: built.append(id(connection.client("sts")))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(built) == 8
        assert len(set(built)) == 1


def test_reads_are_retried_and_actions_are_not() -> None:
    answers = iter([error(503, "ServiceUnavailable"), EMPTY])
    with scripted(lambda _: next(answers)) as server:
        assert list(microvms.pages(server.connect())) == [[]]
        assert len(server.asked) == 2


def test_botocore_is_not_loaded_before_a_connection_is_opened() -> None:
    program = (
        "import sys, json\n"
        "import mvm_tui.fleet.service, mvm_tui.aws.session, mvm_tui.aws.errors\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(('boto', 'textual'))]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []


@pytest.mark.parametrize(
    ("target", "kind", "what", "fix"),
    [
        (Target("mfa"), NotSignedIn, "asks for an MFA code", "aws configure export-credentials"),
        (Target("chatty"), NotSignedIn, "could not be read", "choose another profile"),
        (Target("work", "EU WEST"), RegionUnavailable, "no name of a region", "eu-west-1"),
        (Target("work", endpoint_url="nowhere"), Invalid, "endpoint cannot be used", "http://127.0.0.1:4566"),
    ],
)
def test_what_cannot_work_is_told_before_a_call(
    target: Target, kind: type[Problem], what: str, fix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind) as caught:
        Connection.open(target, SystemClock())
    assert what in caught.value.what
    assert caught.value.why
    assert fix in caught.value.fix
    assert capfd.readouterr() == ("", "")


def test_credentials_that_are_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ONLYTHEKEY")
    with pytest.raises(NotSignedIn, match="AWS_SECRET_ACCESS_KEY") as caught:
        Connection.open(Target(region="us-east-1"), SystemClock())
    assert "environment" in caught.value.fix


@pytest.mark.parametrize("bundle", ["", "/no/such/bundle.pem"])
def test_an_endpoint_without_tls_and_a_bundle_that_is_not_there(
    bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bundle:
        monkeypatch.setenv("AWS_CA_BUNDLE", bundle)
    with scripted(lambda _: EMPTY) as server:
        target = Target("work", endpoint_url=f"https://127.0.0.1:{server.port}")
        with pytest.raises(Unreachable) as caught:
            microvms.terminate(Connection.open(target, SystemClock()), "microvm-1")
    assert "https" in caught.value.fix
    assert "AWS_CA_BUNDLE" in caught.value.fix

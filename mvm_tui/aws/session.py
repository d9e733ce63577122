"""One signed-in connection to AWS or to an endpoint that speaks its API.

Profiles, regions, endpoint variables, the SSO cache, certificate bundles and assumed roles are botocore's
business and work as users know them. botocore is loaded when a connection is opened, not before.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mvm_tui import __version__
from mvm_tui.aws.budget import Budget
from mvm_tui.aws.errors import SIGNING_IN, explained
from mvm_tui.model.clock import Clock
from mvm_tui.model.errors import GatewayFault, NotSignedIn
from mvm_tui.model.scope import Scope
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.session import Session

MICROVMS = "lambda-microvms"
_CONNECT_TIMEOUT = 5.0
_READ_TIMEOUT = 20.0
_ATTEMPTS = 3
# Services that live in a few regions only and answer there for all.
_HOMES = {"pricing": "us-east-1"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect. None means: as botocore finds it in environment and files.

    The keys are for the embedded local cloud only: with them, no file of the user's is read.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)

    @property
    def embedded(self) -> bool:
        return self.access_key is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the service says we are."""

    account: str
    arn: str


class Connection:
    """Clients of one profile in one region, built once each and shared by all threads."""

    def __init__(self, session: Session, target: Target, clock: Clock) -> None:
        """For `open`; `session` has a region and credentials."""
        self.profile: str = clean(session.profile or "default")
        self.region: str = str(session.get_config_variable("region"))
        self.budget = Budget(clock)
        self._session = session
        self._target = target
        self._clients: dict[tuple[str, bool], Any] = {}
        self._identity: Identity | None = None
        self._lock = threading.RLock()
        self.endpoint: str = _own_endpoint(self.client(MICROVMS).meta.endpoint_url)

    @classmethod
    def open(cls, target: Target, clock: Clock) -> Connection:
        """Find region and credentials. Blocking: a role may have to be assumed, an SSO token renewed.

        Raises:
            NotSignedIn: No credentials, no such profile, or no region.
            SignInExpired: The SSO session is past its end.
            Problem: Anything else, see `mvm_tui.aws.errors`.
        """
        from botocore.exceptions import NoCredentialsError, NoRegionError

        with explained(SIGNING_IN):
            session = _session(target)
            if not session.get_config_variable("region"):
                raise NoRegionError
            credentials = session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            credentials.get_frozen_credentials()
            return cls(session, target, clock)

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn``…, from the region."""
        with explained("finding the partition"):
            return str(self._session.get_partition_for_region(self.region))

    @property
    def expires_at(self) -> datetime | None:
        """When the credentials end, if they do; they are renewed before that where botocore can."""
        # botocore does not publish the moment; without the attribute it is unknown, which None says.
        expiry = getattr(self._session.get_credentials(), "_expiry_time", None)
        return expiry.astimezone(UTC) if isinstance(expiry, datetime) else None

    @property
    def ca_file(self) -> str:
        """The file of certificates that ``AWS_CA_BUNDLE`` or the profile names; empty if none."""
        return str(self._session.get_config_variable("ca_bundle") or "")

    @property
    def credentials_source(self) -> str:
        """How botocore found the credentials, such as ``env`` or ``sso``; empty if it does not say."""
        return clean(getattr(self._session.get_credentials(), "method", None) or "")

    def identity(self) -> Identity:
        """Account and ARN of the caller. Blocking the first time (STS); raises Problem."""
        with self._lock:
            if self._identity is None:
                with explained("GetCallerIdentity"):
                    answer = self.client("sts").get_caller_identity()
                account, arn = clean(answer.get("Account") or ""), clean(answer.get("Arn") or "")
                self._identity = Identity(account, arn)
            return self._identity

    @property
    def scope(self) -> Scope:
        """The key of everything remembered. Blocking the first time (STS); raises Problem."""
        identity = self.identity()
        partition = _arn_part(identity.arn, 1) or self.partition
        return Scope(partition, identity.account, self.region, self.endpoint)

    def scope_of(self, arn: str) -> Scope:
        """The key for a resource, with the account taken from its ARN: no call is made."""
        return Scope(_arn_part(arn, 1), _arn_part(arn, 4), self.region, self.endpoint)

    def client(self, service: str, *, retries: bool = True) -> Any:
        """The botocore client of a service. Without `retries` every failure comes back at once."""
        with self._lock:
            key = (service, retries)
            if key not in self._clients:
                with explained(f"setting up {service}"):
                    self._clients[key] = self._build(service, retries)
            return self._clients[key]

    def close(self) -> None:
        """Close the idle sockets; calls under way end by themselves."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    def _build(self, service: str, retries: bool) -> Any:
        client = self._session.create_client(
            service,
            region_name=_HOMES.get(service, self.region),
            endpoint_url=self._target.endpoint_url,
            config=_client_config(retries, self._target.embedded),
        )
        client.meta.events.register("before-parse", _check_answer)
        if _own_endpoint(client.meta.endpoint_url):
            # A custom endpoint is reached under its own name; `streaming-…` and the like do not exist there.
            client.meta.config.inject_host_prefix = False
        if _localhost_name(client.meta.endpoint_url):
            client.meta.events.register("before-send", _stay_on_loopback)
        if _log.isEnabledFor(logging.DEBUG):
            client.meta.events.register("after-call", _log_call)
        return client


def _session(target: Target) -> Session:
    from botocore.config import Config
    from botocore.session import Session

    from mvm_tui.aws.models import LeanModels

    variables: dict[str, Any] = {"region": ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None)}
    if target.embedded:
        variables["profile"] = (None, None, None, None)
        variables["config_file"] = (None, None, os.devnull, None)
        variables["credentials_file"] = (None, None, os.devnull, None)
    session = Session(session_vars=variables, profile=target.profile)
    if target.region:
        session.set_config_variable("region", target.region)
    if target.embedded:
        session.set_credentials(target.access_key or "", target.secret_key or "")
    elif session.profile and session.profile not in session.available_profiles:
        raise NotSignedIn(
            "There is no such profile.",
            f"The AWS configuration has no profile named {clean(session.profile)}.",
            "See `aws configure list-profiles`.",
        )
    if not target.embedded and not _can_prompt():
        # botocore asks on the terminal, wherever it is: in the middle of a screen, or where nobody answers.
        session.get_component("credential_provider").get_provider("assume-role")._prompter = _no_code
    session.get_component("data_loader").file_loader = LeanModels()
    session.set_default_client_config(Config(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT))
    # Timestamps stay as they came: parsing them is the largest part of reading a long list, and an odd one
    # must not spoil the whole answer. `mvm_tui.aws.wire` reads them.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_as_it_came)
    return session


def _can_prompt() -> bool:
    """Whether a code may be asked for: on a terminal, by a verb. The UI signs in from other threads."""
    return threading.current_thread() is threading.main_thread() and sys.stdin.isatty()


def _no_code(prompt: str) -> str:
    raise NotSignedIn(
        "The profile asks for an MFA code.",
        "It can be typed only at a verb on a terminal.",
        "Get credentials in the shell (for example `aws configure export-credentials --format env`).",
    )


def _as_it_came(value: object) -> object:
    return value


def _client_config(retries: bool, embedded: bool) -> Config:
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
        retries={
            "mode": "adaptive" if retries else "standard",
            "total_max_attempts": _ATTEMPTS if retries else 1,
        },
        user_agent_extra=f"mvm-tui/{__version__}",
    )
    if embedded:
        # The machine's proxy and endpoint settings are meant for AWS, not for a server on loopback.
        return config.merge(Config(proxies={}, use_fips_endpoint=False, use_dualstack_endpoint=False))
    return config


def _log_call(model: Any, parsed: Any, **_: object) -> None:
    """That a call was answered, and how: neither what was asked nor what was answered."""
    metadata = parsed.get("ResponseMetadata") or {}
    _log.debug(
        "%s was answered",
        model.name,
        extra={
            "status": metadata.get("HTTPStatusCode"),
            "request_id": clean(metadata.get("RequestId") or "", 100),
            "retries": metadata.get("RetryAttempts"),
        },
    )


def _own_endpoint(url: str) -> str:
    """A custom endpoint without its trailing slash; empty for one of AWS's own."""
    host = (urlsplit(url).hostname or "").lower()
    aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonwebservices.com.cn"))
    return "" if aws else url.rstrip("/")


def _localhost_name(url: str) -> bool:
    return (urlsplit(url).hostname or "").lower().endswith(".localhost")


def _stay_on_loopback(request: Any, **_: object) -> None:
    """Names under ``.localhost`` are this machine (RFC 6761), whether or not a resolver knows them."""
    parts = urlsplit(request.url)
    if parts.scheme == "http" and _localhost_name(request.url):
        request.headers["Host"] = parts.netloc
        port = f":{parts.port}" if parts.port else ""
        request.url = parts._replace(netloc=f"127.0.0.1{port}").geturl()


def _check_answer(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    """Stop answers that botocore reads wrongly before it reads them.

    It takes a success that is cut short, or is no JSON at all, for one without members: an empty fleet.
    """
    _round_retry_after(response_dict["headers"])
    body = response_dict.get("body")
    if not isinstance(body, bytes) or not body or response_dict["status_code"] >= 300:
        return
    headers = response_dict["headers"]
    if headers.get("content-encoding", "identity") != "identity":
        return
    expected = headers.get("content-length", "")
    whole = not expected.isdecimal() or int(expected) == len(body)
    json = "json" in operation_model.service_model.resolved_protocol
    if not whole or (json and not (body.lstrip().startswith(b"{") and body.rstrip().endswith(b"}"))):
        raise GatewayFault(
            f"The answer to {operation_model.name} could not be read.",
            "It ends in the middle." if not whole else "It is not in the service's format.",
            "Retry; if it stays so, look for a proxy on the way to the endpoint.",
        )


def _round_retry_after(headers: Any) -> None:
    """botocore fails on a Retry-After that is no whole number, as gateways send; round it up or drop it."""
    value = headers.get("retry-after")
    if value is None or value.isdecimal():
        return
    del headers["retry-after"]
    with contextlib.suppress(ValueError, OverflowError):
        headers["retry-after"] = str(max(math.ceil(float(value)), 0))


def _arn_part(arn: str, index: int) -> str:
    parts = arn.split(":", 5)
    return clean(parts[index], 100) if len(parts) == 6 and parts[0] == "arn" else ""

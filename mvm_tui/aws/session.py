"""One signed-in connection to AWS or to an endpoint that speaks its API.

Profiles, regions, endpoint variables, the SSO cache, certificate bundles and assumed roles are botocore's
business and work as users know them. botocore is loaded when a connection is opened, not before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mvm_tui.aws.budget import Budget
from mvm_tui.model.clock import Clock
from mvm_tui.model.scope import Scope


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


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the service says we are."""

    account: str
    arn: str


class Connection:
    """Clients of one profile in one region, built once each and shared by all threads."""

    profile: str
    region: str
    endpoint: str
    budget: Budget

    @classmethod
    def open(cls, target: Target, clock: Clock) -> Connection:
        """Find region and credentials. Blocking: a role may have to be assumed, an SSO token renewed.

        Raises:
            NotSignedIn: No credentials, no such profile, or no region.
            SignInExpired: The SSO session is past its end.
            Problem: Anything else, see `mvm_tui.aws.errors`.
        """
        raise NotImplementedError

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn``…, from the region."""
        raise NotImplementedError

    @property
    def expires_at(self) -> datetime | None:
        """When the credentials end, if they do; they are renewed before that where botocore can."""
        raise NotImplementedError

    def identity(self) -> Identity:
        """Account and ARN of the caller. Blocking the first time (STS); raises Problem."""
        raise NotImplementedError

    @property
    def scope(self) -> Scope:
        """The key of everything remembered. Blocking the first time (STS); raises Problem."""
        raise NotImplementedError

    def scope_of(self, arn: str) -> Scope:
        """The key for a resource, with the account taken from its ARN: no call is made."""
        raise NotImplementedError

    def client(self, service: str, *, retries: bool = True) -> Any:
        """The botocore client of a service. Without `retries` every failure comes back at once."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the sockets. Calls under way end with an error that nobody waits for."""
        raise NotImplementedError

"""MicroVMs: listing, reading, running, suspending, resuming, terminating. Every call may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mvm_tui.aws.session import Connection
from mvm_tui.model.launch import LaunchRequest
from mvm_tui.model.microvm import Microvm


def pages(connection: Connection) -> Iterator[list[Microvm]]:
    """Every page of the listing as soon as it is read, without repeats; a page may be empty.

    The next page is asked for when the next item is taken, so the caller sets the pace.
    """
    raise NotImplementedError


def get(connection: Connection, microvm_id: str) -> Microvm:
    """One MicroVM with its details. Raises Gone if the service does not know it."""
    raise NotImplementedError


def get_raw(connection: Connection, microvm_id: str) -> dict[str, Any]:
    """The service's answer for one MicroVM as JSON values, timestamps in ISO 8601."""
    raise NotImplementedError


def run(connection: Connection, request: LaunchRequest) -> Microvm:
    """Launch. The request's `client_token` makes a repeated call harmless; one is made if it is empty."""
    raise NotImplementedError


def suspend(connection: Connection, microvm_id: str) -> str:
    """Ask for a suspension; the request id. That the call succeeds does not mean it happened yet."""
    raise NotImplementedError


def resume(connection: Connection, microvm_id: str) -> str:
    """Ask for a resumption; the request id."""
    raise NotImplementedError


def terminate(connection: Connection, microvm_id: str) -> str:
    """Ask for the end; the request id."""
    raise NotImplementedError

"""The fleet: the one object that the UI and the command line hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mvm_tui.aws.session import Connection
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.ledger import Ledger
from mvm_tui.fleet.perform import Result
from mvm_tui.model.clock import Clock
from mvm_tui.model.connectors import NetworkConnector
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.launch import LaunchRequest
from mvm_tui.model.microvm import Microvm
from mvm_tui.model.quota import MemoryQuota


def _never() -> bool:
    return False


class Fleet:
    """The MicroVMs of one connection. Safe to use from any thread.

    Methods marked "blocking" call the service or touch the ledger: not for the UI's own thread.
    """

    generation: int
    read_only: bool
    connection: Connection

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        clock: Clock,
        *,
        generation: int = 0,
        read_only: bool = False,
    ) -> None:
        raise NotImplementedError

    def start(self, on_change: Callable[[ChangeSet], None]) -> None:
        """Start polling. `on_change` is called from other threads, never twice at once."""
        raise NotImplementedError

    def stop(self) -> None:
        """End polling; returns at once. Answers still under way are dropped."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Read the whole listing now, at the pace of something the user asked for."""
        raise NotImplementedError

    def rows(self) -> dict[str, FleetRow]:
        """A copy of the snapshot, by id."""
        raise NotImplementedError

    def row(self, microvm_id: str) -> FleetRow | None:
        raise NotImplementedError

    def want_details(self, ids: Sequence[str], *, on_screen: bool = True) -> None:
        """Replace the list of MicroVMs whose details are read in the background, first things first.

        The rows on screen and those that a sort or a filter needs are two lists; the first is served first.
        """
        raise NotImplementedError

    def details_progress(self) -> tuple[int, int]:
        """(read, wanted) of the MicroVMs asked for with `want_details`."""
        raise NotImplementedError

    def watch(self, ids: Sequence[str]) -> None:
        """Poll these fast until their state settles."""
        raise NotImplementedError

    def set_hidden(self, hidden: bool) -> None:
        """Whether nobody looks: polling slows down."""
        raise NotImplementedError

    def rename(self, microvm_id: str, name: str) -> None:
        """Give a MicroVM a local name; empty removes it. Blocking."""
        raise NotImplementedError

    def quota(self) -> MemoryQuota | None:
        """Allocated memory and limit as far as they are known; None before the first listing."""
        raise NotImplementedError

    def perform(
        self,
        action_id: str,
        ids: Sequence[str],
        on_result: Callable[[Result], None],
        cancelled: Callable[[], bool] = _never,
    ) -> list[Result]:
        """Suspend, resume or terminate: paced, retried, verified. Blocking.

        `action_id` is ``microvm.suspend``, ``microvm.resume`` or ``microvm.terminate``. Each MicroVM gets
        exactly one result, also handed to `on_result` from this thread as soon as it is known.

        Raises:
            ReadOnly: The fleet is read-only; nothing was done.
            ValueError: No such action.
        """
        raise NotImplementedError

    def launch(self, request: LaunchRequest, name: str = "") -> Microvm:
        """Launch a MicroVM and keep its name. Blocking. Raises Problem, ReadOnly."""
        raise NotImplementedError

    def settle(self, microvm_id: str, timeout: float, cancelled: Callable[[], bool] = _never) -> Microvm:
        """Read a MicroVM until its state is no transition, at most `timeout` seconds. Blocking."""
        raise NotImplementedError

    def images(self) -> list[Image]:
        """All images. Blocking. Raises Problem."""
        raise NotImplementedError

    def versions(self, image_arn: str) -> list[ImageVersion]:
        """All versions of an image. Blocking. Raises Problem."""
        raise NotImplementedError

    def connectors(self) -> list[NetworkConnector]:
        """The account's own connectors. Blocking. Raises Problem."""
        raise NotImplementedError

    def raw(self, microvm_id: str) -> dict[str, Any]:
        """The service's answer for a MicroVM as JSON values. Blocking. Raises Problem."""
        raise NotImplementedError

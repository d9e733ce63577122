"""The bucket of a build on the command line: one that is proposed is made, if agreed to."""

from __future__ import annotations

from mvm_tui.aws import artifacts
from mvm_tui.builds import place
from mvm_tui.cli.asking import confirm
from mvm_tui.cli.output import say
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import Ask


def bucket_for(session: Session, named: str | None, *, yes: bool) -> str:
    """The bucket for the zip, which is there and in the region.

    Raises:
        Problem: It cannot be used.
        Cancelled: The user did not agree.
    """
    connection = session.connection
    bucket = place.bucket_for(connection, named or "")
    if not bucket.exists:
        question = f"Create the bucket {bucket.name} in {connection.region}?"
        confirm(Ask((), question), yes or bucket.agreed)
        artifacts.create_bucket(connection, bucket.name)
        say(f"Created the bucket {bucket.name}.")
    return bucket.name

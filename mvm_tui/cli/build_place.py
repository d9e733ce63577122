"""What a build needs of the account: a base image, a role, a bucket. Named, configured, or proposed."""

from __future__ import annotations

from mvm_tui.aws import artifacts
from mvm_tui.aws.base_images import base_images
from mvm_tui.cli.asking import confirm
from mvm_tui.cli.output import say
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import Ask
from mvm_tui.model.errors import Denied, Gone, Invalid
from mvm_tui.model.text import clean

# An emulator checks no role, but the service's model demands one.
_ANY_ROLE = "arn:aws:iam::{account}:role/mvm-tui-build"


def base_image(session: Session, named: str | None) -> str:
    """The ARN of a base image: as it was given, by its name, or the first that AWS manages here."""
    if named and named.startswith("arn:"):
        return named
    found = list(base_images(session.connection))
    if not found:
        raise Gone(
            "There is no managed base image here.",
            "Regions without MicroVMs have none.",
            "Switch to a region with the service, or name a --base.",
        )
    if not named:
        return found[0].arn
    for base in found:
        if base.name == named:
            return base.arn
    listed = ", ".join(clean(base.name) for base in found)
    raise Gone(f"There is no base image {clean(named)!r}.", f"There are: {listed}.")


def role_for(session: Session, named: str | None) -> str:
    """The build role. Emulators, the local cloud among them, need none.

    Raises:
        Denied: None is named, and AWS demands one.
    """
    if named:
        return named
    if session.connection.endpoint:
        return _ANY_ROLE.format(account=session.connection.identity().account)
    raise Denied(
        "A build needs a role.",
        "Lambda reads the zip and writes the build's logs as that role: it must be assumable by "
        "lambda.amazonaws.com, with s3:GetObject on the bucket and logs:CreateLogGroup, "
        "logs:CreateLogStream and logs:PutLogEvents; and you need iam:PassRole on it.",
        "Name it with --role, or as build.role in the config.",
    )


def bucket_for(session: Session, named: str | None, *, yes: bool) -> str:
    """The bucket for the zip, which is there and in the region. One that is proposed is made, if agreed to.

    Raises:
        Problem: It cannot be used.
        Cancelled: The user did not agree.
    """
    connection = session.connection
    bucket = named or artifacts.default_bucket(connection.identity().account, connection.region)
    where = artifacts.bucket_region(connection, bucket)
    if where == connection.region:
        return bucket
    if where is not None:
        raise Invalid(
            f"The bucket {clean(bucket)} is in {clean(where)}.",
            f"A build in {connection.region} reads from buckets there only.",
            "Name another --bucket.",
        )
    if named:
        raise Gone(f"There is no bucket {clean(bucket)}.", fix="Make it, or leave --bucket out.")
    # Nothing is charged, and nothing left behind, where the endpoint is an emulator.
    confirm(Ask((), f"Create the bucket {bucket} in {connection.region}?"), yes or bool(connection.endpoint))
    artifacts.create_bucket(connection, bucket)
    say(f"Created the bucket {bucket}.")
    return bucket

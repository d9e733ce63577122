"""What a build needs of the account: a base image, a role, a bucket. Named, or found. All of it blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mvm_tui.aws import artifacts
from mvm_tui.aws.base_images import base_images
from mvm_tui.aws.session import Connection
from mvm_tui.model.errors import Denied, Gone, Invalid
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.text import clean

# An emulator checks no role, but the service's model demands one.
_ANY_ROLE = "arn:aws:iam::{account}:role/mvm-tui-build"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket in the connection's region. One that is not there was proposed, and has to be made.

    Attributes:
        agreed: Whether it may be made without a question: nothing is charged, and nothing left behind, where
            the endpoint is an emulator.
    """

    name: str
    exists: bool
    agreed: bool = False


def completed(connection: Connection, spec: ImageSpec) -> ImageSpec:
    """The specification with its base image and its role: by the names it holds, else as they are found.

    Raises:
        Problem: There is no such base image, or no role is named where one is demanded.
    """
    base = _base_image(connection, spec.base_arn)
    return replace(spec, base_arn=base, role=spec.role or _role(connection))


def _base_image(connection: Connection, named: str) -> str:
    """The ARN of a base image: as it was given, by its name, or the first that AWS manages here."""
    if named.startswith("arn:"):
        return named
    found = list(base_images(connection))
    if not found:
        raise Gone(
            "There is no managed base image here.",
            "Regions without MicroVMs have none.",
            "Switch to a region with the service, or name a base image by its ARN.",
        )
    if not named:
        return found[0].arn
    for base in found:
        if base.name == named:
            return base.arn
    listed = ", ".join(clean(base.name) for base in found)
    raise Gone(f"There is no base image {clean(named)!r}.", f"There are: {listed}.")


def _role(connection: Connection) -> str:
    """The build role where none is named. Emulators, the local cloud among them, need none."""
    if connection.endpoint:
        return _ANY_ROLE.format(account=connection.identity().account)
    raise Denied(
        "A build needs a role.",
        "Lambda reads the zip and writes the build's logs as that role: it must be assumable by "
        "lambda.amazonaws.com, with s3:GetObject on the bucket and logs:CreateLogGroup, "
        "logs:CreateLogStream and logs:PutLogEvents; and you need iam:PassRole on it.",
        "Name it with --role or in the dialog, or as build.role in the config.",
    )


def bucket_for(connection: Connection, named: str) -> Bucket:
    """The bucket for the zip: the named one, else that of the account and region.

    Raises:
        Problem: It cannot be used, or the named one is not there.
    """
    name = named or artifacts.default_bucket(connection.identity().account, connection.region)
    where = artifacts.bucket_region(connection, name)
    if where == connection.region:
        return Bucket(name, exists=True)
    if where is not None:
        raise Invalid(
            f"The bucket {clean(name)} is in {clean(where)}.",
            f"A build in {connection.region} reads from buckets there only.",
            "Name another bucket.",
        )
    if named:
        raise Gone(f"There is no bucket {clean(name)}.", fix="Make it, or name none: then one is proposed.")
    return Bucket(name, exists=False, agreed=bool(connection.endpoint))

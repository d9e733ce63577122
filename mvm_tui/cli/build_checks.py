"""What `doctor` says of the defaults that builds take from the config: bucket, role, base image."""

from __future__ import annotations

from collections.abc import Iterator

from mvm_tui.aws import artifacts
from mvm_tui.aws.base_images import base_images
from mvm_tui.aws.roles import Need, role_facts
from mvm_tui.aws.session import Connection
from mvm_tui.cli.checks import FAILED, OK, WARNING, Check
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Denied, Gone, Problem, sentences
from mvm_tui.model.log_event import GROUP_PREFIXES

_GROUP = "builds"


def build_checks(session: Session) -> Iterator[Check]:
    """Whether a build could begin with what is configured; changes nothing."""
    connection = session.connection
    place = session.settings.build.in_region(connection.region)
    try:
        bucket = place.bucket or artifacts.default_bucket(connection.identity().account, connection.region)
        yield _bucket(connection, bucket, named=place.bucket is not None)
    except Problem as problem:
        yield _told("bucket", problem)
        bucket = place.bucket or ""
    yield _role(connection, place.role, bucket)
    if place.base is not None:
        yield _base(connection, place.base)


def _bucket(connection: Connection, bucket: str, *, named: bool) -> Check:
    where = artifacts.bucket_region(connection, bucket)
    if where == connection.region:
        return Check(_GROUP, "bucket", OK, f"{bucket} is here")
    if where is not None:
        fix = f"Name one in {connection.region}: [build.regions.{connection.region}] bucket."
        return Check(_GROUP, "bucket", FAILED, f"{bucket} is in {where}: builds here cannot read it", fix)
    if named:
        return Check(_GROUP, "bucket", FAILED, f"{bucket} does not exist", "Make it, or name another.")
    return Check(_GROUP, "bucket", OK, f"none is configured: the first build proposes {bucket}")


def _role(connection: Connection, role: str | None, bucket: str) -> Check:
    if connection.endpoint:
        return Check(_GROUP, "role", OK, "this endpoint needs none")
    if role is None:
        fix = "Set build.role in the config, or give --role with each build."
        return Check(_GROUP, "role", WARNING, "none is configured, and a build needs one", fix)
    try:
        facts = role_facts(connection, role, _needs(connection, role, bucket))
    except Denied as problem:
        return Check(_GROUP, "role", WARNING, f"{role} cannot be checked: {problem.what}", problem.fix)
    except Gone:
        return Check(_GROUP, "role", FAILED, f"{role} does not exist", "Make it, or name another.")
    except Problem as problem:
        return _told("role", problem)
    if not facts.assumable:
        fix = "Let lambda.amazonaws.com do sts:AssumeRole in its trust policy."
        return Check(_GROUP, "role", FAILED, f"Lambda may not assume {role}", fix)
    if facts.denied:
        return Check(_GROUP, "role", FAILED, f"{role} may not {', '.join(facts.denied)}", "Allow it.")
    checked = "may do what a build needs" if facts.denied == () else "its policies may not be simulated"
    return Check(_GROUP, "role", OK, f"{role}: Lambda may assume it; {checked}")


def _needs(connection: Connection, role: str, bucket: str) -> list[Need]:
    """What a build does as its role: read the zips that we upload, write to the group that builds have."""
    group = f"{GROUP_PREFIXES[0]}{artifacts.FOLDER}"
    account = role.split(":")[4] if role.count(":") >= 5 else "*"
    logs = f"arn:{connection.partition}:logs:{connection.region}:{account}:log-group:{group}"
    zips = f"arn:{connection.partition}:s3:::{bucket}/{artifacts.FOLDER}/build.zip"
    return [
        *([Need(zips, ("s3:GetObject",))] if bucket else ()),
        Need(logs, ("logs:CreateLogGroup",)),
        Need(f"{logs}:log-stream:build", ("logs:CreateLogStream", "logs:PutLogEvents")),
    ]


def _base(connection: Connection, named: str) -> Check:
    try:
        found = [base for base in base_images(connection) if named in (base.arn, base.name)]
    except Problem as problem:
        return _told("base image", problem)
    if not found:
        return Check(_GROUP, "base image", FAILED, f"there is no {named} here", "Name one that is.")
    return Check(_GROUP, "base image", OK, found[0].arn)


def _told(name: str, problem: Problem) -> Check:
    detail = sentences(problem.what, problem.why)
    return Check(_GROUP, name, WARNING, detail, problem.fix)

"""Broken constraints in the service's words."""

from __future__ import annotations

from typing import Any

import pytest

from mvm_tui.local.wire.errors import ServiceError
from mvm_tui.local.wire.models import service
from mvm_tui.local.wire.shapes import ShapeCompiler, java_order
from mvm_tui.local.wire.validate import validate
from tests.local.wire.botocore_client import operation


def complaint(service_name: str, name: str, params: dict[str, Any]) -> str:
    with pytest.raises(ServiceError) as caught:
        validate(operation(service_name, name), params)
    assert caught.value.status == 400
    return f"{caught.value.code}: {caught.value.message}"


IMAGE = {
    "name": "n",
    "baseImageArn": "b",
    "buildRoleArn": "arn:aws:iam::123456789012:role/r",
    "codeArtifact": {"uri": "s3://b/k"},
}


def test_a_name_that_does_not_fit_its_pattern_as_recorded() -> None:
    assert complaint("lambda-microvms", "CreateMicrovmImage", {**IMAGE, "name": "bad name!"}) == (
        "ValidationException: 1 validation error detected: Value 'bad name!' at 'name' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+"
    )


def test_missing_members_in_the_recorded_order() -> None:
    null = "failed to satisfy constraint: Member must not be null"
    assert complaint("lambda-microvms", "CreateMicrovmImage", {"name": "n"}) == (
        f"ValidationException: 3 validation errors detected: Value null at 'baseImageArn' {null}; "
        f"Value null at 'codeArtifact' {null}; Value null at 'buildRoleArn' {null}"
    )


def test_too_many_subnets_as_recorded() -> None:
    subnets = [f"subnet-{number:017}" for number in range(1, 18)]
    params = {"Name": "n", "Configuration": {"VpcEgressConfiguration": {"SubnetIds": subnets}}}
    assert complaint("lambda-core", "CreateNetworkConnector", params) == (
        f"ValidationException: 1 validation error detected: Value '[{', '.join(subnets)}]' at "
        "'configuration.vpcEgressConfiguration.subnetIds' failed to satisfy constraint: "
        "Member must have length less than or equal to 16"
    )


@pytest.mark.parametrize(
    ("params", "ending"),
    [
        ({"maximumDurationInSeconds": 0}, "Member must have value greater than or equal to 1"),
        ({"maximumDurationInSeconds": 28801}, "Member must have value less than or equal to 28800"),
        (
            {"idlePolicy": {"autoResumeEnabled": True, "suspendedDurationSeconds": 0}},
            "'idlePolicy.maxIdleDurationSeconds' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
def test_limits_and_nested_members(params: dict[str, Any], ending: str) -> None:
    assert complaint("lambda-microvms", "RunMicrovm", {"imageIdentifier": "i", **params}).endswith(ending)


def test_values_of_sensitive_members_are_left_out() -> None:
    text = complaint(
        "lambda-microvms", "RunMicrovm", {"imageIdentifier": "i", "runHookPayload": "s3cret" * 4000}
    )
    assert "s3cret" not in text
    assert "Value at 'runHookPayload' failed to satisfy constraint" in text


def test_enums_list_what_they_take() -> None:
    text = complaint(
        "lambda-microvms",
        "UpdateMicrovmImageVersion",
        {"imageIdentifier": "i", "imageVersion": "1.0", "status": "PAUSED"},
    )
    assert text.endswith("Member must satisfy enum value set: [ACTIVE, INACTIVE]")


def test_items_of_lists_and_keys_of_maps_are_reported_together() -> None:
    params = {**IMAGE, "tags": {"": "v"}}
    assert (
        "Value '{=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: ["
        in complaint("lambda-microvms", "CreateMicrovmImage", params)
    )


def test_other_services_use_types_of_their_own() -> None:
    assert complaint("logs", "CreateLogGroup", {"logGroupName": "a b"}).startswith(
        "InvalidParameterException: 1"
    )
    assert complaint("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::1:role/r"}).startswith(
        "ValidationError: "
    )


def test_good_requests_pass() -> None:
    validate(operation("lambda-microvms", "CreateMicrovmImage"), IMAGE)
    validate(
        operation("lambda-microvms", "RunMicrovm"),
        {"imageIdentifier": "i", "maximumDurationInSeconds": 28800},
    )
    validate(operation("s3", "PutObject"), {"Bucket": "b"})


def test_every_operation_of_every_model_compiles() -> None:
    for name in ("lambda-microvms", "lambda-core", "logs", "sts", "service-quotas", "pricing", "s3"):
        model = service(name)
        assert [model.operation(operation).name for operation in model.http()] == list(model.http())


def test_java_classes_in_patterns_are_understood() -> None:
    node = ShapeCompiler({"T": {"type": "string", "pattern": r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"}}).node("T")
    assert node.pattern is not None
    assert node.pattern.fullmatch("Größe 4: a/b@c")
    assert not node.pattern.fullmatch("a\x00b")


def test_a_shape_may_contain_itself() -> None:
    node = ShapeCompiler({"T": {"type": "structure", "members": {"inner": {"shape": "T"}}}}).node("T")
    assert node.members["inner"].node is node


def test_java_order_is_that_of_a_hash_map() -> None:
    assert java_order(dict.fromkeys("cab")) == ["a", "b", "c"]

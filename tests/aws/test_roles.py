"""What is read of a role: who may assume it, and what it may do."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from mvm_tui.aws.roles import Need, RoleFacts, role_facts, trusts_lambda
from mvm_tui.model.errors import Denied, Gone
from tests.aws.scripted import Answer, Asked, scripted

ROLE = "arn:aws:iam::123456789012:role/service/build"
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
}


def statement(**changes: Any) -> dict[str, Any]:
    return {"Statement": {**TRUST["Statement"][0], **changes}}


@pytest.mark.parametrize(
    ("document", "trusted"),
    [
        (TRUST, True),
        (statement(), True),
        (statement(Principal={"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}), True),
        (statement(Action=["sts:TagSession", "sts:*"]), True),
        (statement(Effect="Deny"), False),
        (statement(Principal={"Service": "ec2.amazonaws.com"}), False),
        (statement(Principal="*"), False),
        (statement(Action="sts:TagSession"), False),
        ({}, False),
        (None, False),
        ({"Statement": "odd"}, False),
    ],
)
def test_whether_lambda_may_assume_it(document: object, trusted: bool) -> None:
    assert trusts_lambda(document) is trusted


# The role may read its bucket only, and write its group only: neither may be asked of the other's resource.
NEEDS = (
    Need("arn:aws:s3:::b/mvm-tui/build.zip", ("s3:GetObject",)),
    Need("arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s", ("logs:PutLogEvents",)),
)


def answers(*, simulate: str | None = "implicitDeny", missing: bool = False) -> Any:
    """A script of IAM; `simulate` None forbids the simulation."""

    def script(asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form["Action"] == "GetRole":
            assert form["RoleName"] == "build"
            return _refused("NoSuchEntity", 404) if missing else Answer(_role().encode())
        if simulate is None:
            return _refused("AccessDenied", 403)
        how = "allowed" if form["ActionNames.member.1"] == "s3:GetObject" else simulate
        return Answer(_simulated(form["ActionNames.member.1"], how).encode())

    return script


def _role() -> str:
    return (
        "<GetRoleResponse><GetRoleResult><Role><RoleName>build</RoleName><AssumeRolePolicyDocument>"
        f"{quote(json.dumps(TRUST))}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"
    )


def _simulated(action: str, how: str) -> str:
    members = f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{how}</EvalDecision></member>"
    return (
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>"
        f"{members}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


def _refused(code: str, status: int) -> Answer:
    text = (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>iam:Simulate no</Message></Error></ErrorResponse>"
    )
    return Answer(text.encode(), status)


@pytest.mark.parametrize(
    ("simulate", "denied"),
    [("allowed", ()), ("implicitDeny", ("logs:PutLogEvents",)), (None, None)],
)
def test_what_it_may_do(simulate: str | None, denied: tuple[str, ...] | None) -> None:
    with scripted(answers(simulate=simulate)) as server:
        facts = role_facts(server.connect(), ROLE, NEEDS)
    assert facts == RoleFacts(True, denied)
    if simulate is not None:
        asked = [parse_qs(one.body.decode()) for one in server.asked][1:]
        assert [
            (form["ResourceArns.member.1"], form["ActionNames.member.1"], "ResourceArns.member.2" in form)
            for form in asked
        ] == [([need.resource], [need.actions[0]], False) for need in NEEDS]


def test_a_role_that_is_not_there_is_gone() -> None:
    with scripted(answers(missing=True)) as server, pytest.raises(Gone):
        role_facts(server.connect(), ROLE, NEEDS)


def test_a_role_that_may_not_be_read_is_denied() -> None:
    with scripted(lambda asked: _refused("AccessDenied", 403)) as server, pytest.raises(Denied):
        role_facts(server.connect(), ROLE, NEEDS)

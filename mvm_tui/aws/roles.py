"""What IAM tells of a role that Lambda is to assume, as far as it may be read. Calls may raise Problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mvm_tui.aws.errors import explained
from mvm_tui.aws.session import Connection
from mvm_tui.aws.wire import text
from mvm_tui.model.errors import Denied

LAMBDA = "lambda.amazonaws.com"
_ASSUME = frozenset({"sts:assumerole", "sts:*", "*"})


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What was read of a role. `denied` are the actions it may not do, None where that may not be asked."""

    assumable: bool
    denied: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that a role has to be allowed on a resource, which is named by its ARN."""

    resource: str
    actions: tuple[str, ...]


def role_facts(connection: Connection, role_arn: str, needs: Sequence[Need]) -> RoleFacts:
    """Whether Lambda may assume a role, and which of the actions its policies do not allow.

    Raises:
        Gone: There is no such role.
        Denied: The role may not be read. That the policies may not be simulated only leaves `denied` None.
    """
    client = connection.client("iam")
    with explained("GetRole"):
        role = client.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    trusted = trusts_lambda(role.get("AssumeRolePolicyDocument"))
    return RoleFacts(trusted, _denied(client, role_arn, needs))


def trusts_lambda(document: object) -> bool:
    """Whether a trust policy lets Lambda assume the role. Conditions are not looked at."""
    return any(
        statement.get("Effect") == "Allow"
        and LAMBDA in _texts(_part(statement, "Principal").get("Service"))
        and any(action.lower() in _ASSUME for action in _texts(statement.get("Action")))
        for statement in _statements(document)
    )


def _denied(client: Any, role_arn: str, needs: Sequence[Need]) -> tuple[str, ...] | None:
    """What is refused; each need is asked for alone, for IAM tries every action on every resource."""
    denied: list[str] = []
    for need in needs:
        try:
            with explained("SimulatePrincipalPolicy"):
                answer = client.simulate_principal_policy(
                    PolicySourceArn=role_arn, ActionNames=list(need.actions), ResourceArns=[need.resource]
                )
        except Denied:
            return None
        results = answer.get("EvaluationResults") or []
        refused = {text(one, "EvalActionName") for one in results if text(one, "EvalDecision") != "allowed"}
        denied += [action for action in need.actions if action in refused]
    return tuple(denied)


def _statements(document: object) -> Iterator[Mapping[str, Any]]:
    statements = document.get("Statement") if isinstance(document, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            yield statement


def _part(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    """A text, or a list of them, as policies have both."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]

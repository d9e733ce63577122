"""STS: who the caller is."""

from __future__ import annotations

from typing import Any

from mvm_tui.local.wire.operations import Call, operation

_USER = "local"
# Unique ids of IAM users start with AIDA (IAM user guide, unique identifiers).
_USER_ID = "AIDALOCALCLOUDUSER000"


@operation("sts", "GetCallerIdentity")
async def get_caller_identity(call: Call) -> dict[str, Any]:
    account = call.region.account
    return {"UserId": _USER_ID, "Account": account, "Arn": f"arn:aws:iam::{account}:user/{_USER}"}

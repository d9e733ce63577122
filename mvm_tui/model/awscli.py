"""The AWS CLI command for a request, so that what the screen does can be done and learned by hand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def aws_command(
    operation: str, members: Mapping[str, Any], *, region: str, profile: str = "", endpoint: str = ""
) -> str:
    """``aws lambda-microvms run-microvm --image-identifier …``, one option a line, quoted for a shell."""
    lines = [f"aws lambda-microvms {_kebab(operation)}"]
    lines += [f"{_option(name)} {_value(value)}" for name, value in members.items()]
    lines.append(f"--region {shlex.quote(region)}")
    if profile:
        lines.append(f"--profile {shlex.quote(profile)}")
    if endpoint:
        lines.append(f"--endpoint-url {shlex.quote(endpoint)}")
    return " \\\n  ".join(lines)


def _option(member: str) -> str:
    return f"--{_kebab(member)}"


def _kebab(name: str) -> str:
    return _CAPITAL.sub("-", name).lower()


def _value(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(shlex.quote(item) for item in value)
    if isinstance(value, (dict, list)):
        return shlex.quote(json.dumps(value, ensure_ascii=False))
    return shlex.quote(str(value))

"""Commands for other clients of a MicroVM's endpoint, without its token: mvm-tui gives it when they run."""

from __future__ import annotations

import shlex

from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Invalid


def curl_command(vm_id: str, endpoint: str, port: int | None, profile: str, region: str) -> str:
    """A request with curl, which reads the headers from its stdin: the token is in nobody's arguments."""
    return (
        f"{_token(vm_id, port, profile, region)} --header | curl -H @- {shlex.quote(_url(endpoint, 'http'))}"
    )


def wscat_command(vm_id: str, endpoint: str, port: int | None, profile: str, region: str) -> str:
    """A WebSocket with wscat, which takes headers as arguments only."""
    named = f' -H "X-aws-proxy-port: {port}"' if port else ""
    token = f'-H "X-aws-proxy-auth: $({_token(vm_id, port, profile, region)})"'
    return f"wscat -c {shlex.quote(_url(endpoint, 'ws'))} {token}{named}"


def _token(vm_id: str, port: int | None, profile: str, region: str) -> str:
    words = ["mvm-tui", "token", vm_id]
    words += ["--port", str(port)] if port else []
    words += ["--profile", profile] if profile else []
    # The profile's own region may be another than the one that is on the screen.
    words += ["--region", region] if region else []
    return shlex.join(words)


def _url(endpoint: str, kind: str) -> str:
    try:
        place = Endpoint.of(endpoint)
    except Invalid:
        return ""
    return place.url("/") if kind == "http" else place.socket_url("/")

"""`/_local/`: only for whoever holds the run's key."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from mvm_tui.local.control import Control
from mvm_tui.local.faults import Faults
from mvm_tui.local.sigv4 import RunKey

KEY = RunKey("LOCALKEY", "secret")


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


RIGHT = basic("LOCALKEY:secret")


def ask(
    control: Control, method: str, body: bytes = b"", path: str = "/_local/faults"
) -> tuple[int, dict[str, object]]:
    answer = control.answer(method, path, RIGHT, body)
    return answer.status, json.loads(answer.body)


def test_faults_are_shown_replaced_and_cleared() -> None:
    faults = Faults()
    control = Control(KEY, faults)
    assert ask(control, "GET") == (200, {"faults": []})
    put = json.dumps({"faults": ["throttle@RunMicrovm*2", "latency=0.5"]}).encode()
    assert ask(control, "PUT", put) == (200, {"faults": ["throttle@RunMicrovm*2", "latency=0.5"]})
    assert set(faults.strike("RunMicrovm")) == {"throttle", "latency"}
    assert ask(control, "GET") == (200, {"faults": ["throttle@RunMicrovm*1", "latency=0.5"]})
    assert ask(control, "DELETE") == (200, {"faults": []})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"faults": "throttle"}', b'{"faults": [1]}', b'{"faults": ["x"]}']
)
def test_a_wrong_body_changes_nothing(body: bytes) -> None:
    control = Control(KEY, Faults())
    ask(control, "PUT", b'{"faults": ["expired"]}')
    assert ask(control, "PUT", body)[0] == 400
    assert ask(control, "GET") == (200, {"faults": ["expired"]})


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !",
        basic("LOCALKEY:"),
        basic("LOCALKEY:secret2"),
        basic(":secret"),
        "Bearer secret",
        "Basic é",
    ],
)
def test_without_the_key_everything_is_refused(header: str) -> None:
    control = Control(KEY, Faults())
    for method in ("GET", "PUT", "DELETE", "POST"):
        assert control.answer(method, "/_local/faults", header, b'{"faults": []}').status == 403


def test_there_is_nothing_else() -> None:
    control = Control(KEY, Faults())
    assert ask(control, "GET", path="/_local/")[0] == 404
    assert ask(control, "POST")[0] == 405

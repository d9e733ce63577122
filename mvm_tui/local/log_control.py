"""`/_local/logs` and `/_local/loads`: how logs behave, and loads of events for benches and trials.

- ``GET``, ``PUT /_local/logs``    the members of `log_settings.LogSettings`; PUT changes those it names
- ``POST /_local/loads``           the members of `log_load.LoadSpec`, and ``region``: begins a load
- ``GET /_local/loads``            {"loads": [{"id": "1", "put": 5000, "done": false, …}, …]}
- ``GET /_local/loads/ID``         one of them
- ``GET /_local/loads/ID/events``  a line ``EVENT_ID STREAM_NUMBER`` for each event it put, in its order, from
  ``?from=0``, at most ``&count=100000``; the number counts in the load's ``streams``
- ``DELETE /_local/loads/ID``      stops it and keeps its events no longer than others
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mvm_tui.local.control import ControlRequest, Refused, Resource
from mvm_tui.local.log_load import MOST_EVENTS, Load, parse_load
from mvm_tui.local.state.cloud import REGIONS, Cloud

_MOST_IDS = 100_000


def log_resources(cloud: Cloud) -> dict[str, Resource]:
    """The resources of this module by their names under `/_local/`."""
    return {"logs": LogsResource(cloud), "loads": LoadsResource(cloud)}


class LogsResource:
    """The settings of all regions' logs."""

    def __init__(self, cloud: Cloud) -> None:
        self._settings = cloud.log_settings

    def answer(self, request: ControlRequest) -> dict[str, Any]:
        if request.rest:
            raise Refused(404, "there is nothing below /_local/logs")
        if request.method == "PUT":
            self._settings.change(request.document())
        elif request.method != "GET":
            raise Refused(405, "GET or PUT")
        return asdict(self._settings)


class LoadsResource:
    """The loads of a run."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._loads: dict[str, tuple[Load, str]] = {}
        self._begun = 0

    def answer(self, request: ControlRequest) -> dict[str, Any] | str:
        match request.method, request.rest:
            case "GET", ():
                return {"loads": [self._described(identity) for identity in self._loads]}
            case "POST", ():
                return self._described(self._begin(request.document()))
            case "GET", (identity,):
                return self._described(identity)
            case "GET", (identity, "events"):
                first, count = (_whole(request, *one) for one in (("from", 0), ("count", _MOST_IDS)))
                return self._find(identity).ids(first, min(count, _MOST_IDS))
            case "DELETE", (identity,):
                return self._drop(identity)
        raise Refused(405, "GET and POST /_local/loads, GET and DELETE /_local/loads/ID")

    def _begin(self, document: dict[str, Any]) -> str:
        name = document.pop("region", self._cloud.options.region)
        spec = parse_load(document)
        if spec.events + sum(load.spec.events for load, _ in self._loads.values()) > MOST_EVENTS:
            raise ValueError(f"all loads together hold at most {MOST_EVENTS} events; drop one")
        if name not in REGIONS:
            raise ValueError(f"region is one of {', '.join(REGIONS)}")
        region = self._cloud.region(name)
        load = Load(spec, region.logs, self._cloud.timing)
        self._begun += 1
        identity = str(self._begun)
        self._loads[identity] = load, name
        self._cloud.spawn(load.run())
        return identity

    def _drop(self, identity: str) -> dict[str, Any]:
        described = self._described(identity)
        load, name = self._loads.pop(identity)
        load.stopped = True
        places = {(other.spec.group, region) for other, region in self._loads.values()}
        if (load.spec.group, name) not in places:
            self._cloud.region(name).logs.let_go(load.spec.group)
        return described

    def _described(self, identity: str) -> dict[str, Any]:
        return {"id": identity, **self._find(identity).status()}

    def _find(self, identity: str) -> Load:
        if identity not in self._loads:
            raise Refused(404, f"there is no load {identity}")
        return self._loads[identity][0]


def _whole(request: ControlRequest, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{name} is a whole number")
    return int(text)

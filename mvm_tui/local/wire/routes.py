"""From a request line to the operation it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from urllib.parse import unquote

from mvm_tui.local.wire.models import SERVICES_BY_SCOPE, Operation, Service, service

_LABEL = re.compile(r"\{([^{}+]+)(\+?)\}")
_SEGMENT = "[^/]+"
# An ARN whose resource part is written with a slash that the client left bare.
_SLASHED_ARN = "arn(?::[^/:]*){4}:[a-z-]+/[^/]+"
_PATHS_REMEMBERED = 4096


@dataclass(slots=True)
class Route:
    """The HTTP binding of one operation of a REST service."""

    service: Service
    name: str
    method: str
    strict: re.Pattern[str]
    loose: re.Pattern[str]
    labels: tuple[str, ...]
    literals: int
    query: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Match:
    """An operation and the decoded labels of its path."""

    operation: Operation
    labels: dict[str, str]


def match_rest(
    scope: str, method: str, raw_path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> Match | None:
    """The operation of a REST service behind a method and a still encoded path; None if there is none."""
    candidates = _by_path(scope, method, raw_path)
    if len(candidates) == 1 and not candidates[0][0].query:
        route, labels = candidates[0]
        return Match(route.service.operation(route.name), dict(labels))
    best: tuple[int, Route, dict[str, str]] | None = None
    for route, labels in candidates:
        weight = _fit(route, query, headers)
        if weight is not None and (best is None or weight > best[0]):
            best = (weight, route, labels)
    return Match(best[1].service.operation(best[1].name), dict(best[2])) if best else None


def match_target(scope: str, target: str) -> Match | None:
    """The operation named by an X-Amz-Target header."""
    prefix, _, name = target.rpartition(".")
    for model_name in SERVICES_BY_SCOPE.get(scope, ()):
        model = service(model_name)
        if model.target_prefix and model.target_prefix == prefix and model.has(name):
            return Match(model.operation(name), {})
    return None


def match_action(scope: str, form: Mapping[str, str]) -> Match | None:
    """The operation named by the Action of a query-protocol form."""
    name = form.get("Action", "")
    for model_name in SERVICES_BY_SCOPE.get(scope, ()):
        model = service(model_name)
        if model.has(name) and form.get("Version", model.version) == model.version:
            return Match(model.operation(name), {})
    return None


def protocol_of(scope: str) -> str:
    """The protocol that the services of a credential scope speak; rest-json for an unknown scope."""
    names = SERVICES_BY_SCOPE.get(scope)
    return service(names[0]).protocol if names else "rest-json"


@cache
def _table(scope: str) -> dict[str, list[Route]]:
    table: dict[str, list[Route]] = {}
    for model_name in SERVICES_BY_SCOPE.get(scope, ()):
        model = service(model_name)
        for name, http in model.http().items():
            route = _compile(model, name, http["method"], http["requestUri"])
            table.setdefault(route.method, []).append(route)
    for routes in table.values():
        routes.sort(key=lambda route: route.literals, reverse=True)
    return table


def _compile(model: Service, name: str, method: str, uri: str) -> Route:
    path, _, query = uri.partition("?")
    literals = dict(item.partition("=")[::2] for item in query.split("&")) if query else {}
    labels = tuple(label for label, _ in _LABEL.findall(path))
    return Route(
        model,
        name,
        method,
        re.compile(_expression(path, _SEGMENT)),
        re.compile(_expression(path, f"{_SLASHED_ARN}|{_SEGMENT}")),
        labels,
        sum(not _LABEL.fullmatch(part) for part in path.split("/")),
        literals,
    )


def _expression(path: str, segment: str) -> str:
    pieces, end = [], 0
    for found in _LABEL.finditer(path):
        pieces.append(re.escape(path[end : found.start()]))
        pieces.append("(.+)" if found[2] else f"({segment})")
        end = found.end()
    return "".join(pieces) + re.escape(path[end:])


@lru_cache(maxsize=_PATHS_REMEMBERED)
def _by_path(scope: str, method: str, raw_path: str) -> tuple[tuple[Route, dict[str, str]], ...]:
    """Routes whose path fits, with their labels: those with the most literal segments only."""
    routes = _table(scope).get(method, [])
    bare = raw_path.replace("%3A", ":").replace("%3a", ":")
    for loose in (False, True):
        found: list[tuple[Route, dict[str, str]]] = []
        for route in routes:
            fit = (route.loose if loose else route.strict).fullmatch(bare)
            if fit and (not found or route.literals == found[0][0].literals):
                labels = {name: unquote(text) for name, text in zip(route.labels, fit.groups(), strict=True)}
                found.append((route, labels))
        if found:
            return tuple(found)
    return ()


def _fit(route: Route, query: Mapping[str, str], headers: Mapping[str, str]) -> int | None:
    """How specifically a route with a fitting path fits the rest of the request; None: not at all."""
    for name, value in route.query.items():
        if name not in query or (value and query[name] != value):
            return None
    wanted = route.service.required_at(route.name, "querystring")
    if not wanted <= query.keys():
        return None
    header_names = {name.lower() for name in route.service.required_at(route.name, "header")}
    if not header_names <= headers.keys():
        return None
    return 2 * len(route.query) + len(wanted) + len(header_names)

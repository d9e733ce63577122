"""The options as a list and as a file, read from the schema itself."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

import msgspec
import tomlkit

from mvm_tui.config.schema import Settings

_Container = tomlkit.TOMLDocument | tomlkit.items.Table


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its name, its default and the string documented below it in the schema.

    `blank` is how a value of its kind is begun in the file.
    """

    name: str
    default: Any
    doc: str
    blank: str = '""'


def options(kind: type[msgspec.Struct]) -> Iterator[Option]:
    """The options of a section in the order of the schema."""
    # Options that a section shares with another are documented where both have them from.
    inherited = [one for one in reversed(kind.__mro__) if one.__module__ == kind.__module__]
    docs = {name: doc for one in inherited for name, doc in _attribute_docs(one).items()}
    for item in msgspec.structs.fields(kind):
        default = item.default if item.default is not msgspec.NODEFAULT else item.default_factory()
        yield Option(item.name, default, docs[item.name], _blank(item.type))


def _blank(kind: Any) -> str:
    info = msgspec.inspect.type_info(kind)
    kinds = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return "0.0" if any(isinstance(one, msgspec.inspect.FloatType) for one in kinds) else '""'


def _attribute_docs(kind: type) -> dict[str, str]:
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for node, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_text(after):
            docs[node.target.id] = inspect.cleandoc(str(ast.literal_eval(after.value)))
    return docs


def _is_text(node: ast.stmt) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def as_toml(settings: Settings) -> str:
    """The settings as a config file: each option with its documentation, unset ones commented out."""
    document = tomlkit.document()
    sections = {
        "shell": _documented(settings.shell),
        "logs": _documented(settings.logs),
        "build": _documented(settings.build),
        "keys": settings.keys,
        "profiles": _given_profiles(settings),
    }
    for option in options(Settings):
        if option.name not in sections:
            _add(document, option, getattr(settings, option.name))
    for option in options(Settings):
        if option.name in sections:
            _comment(document, option.doc)
            document.add(option.name, tomlkit.item(sections[option.name]))
            if option.name in ("keys", "profiles"):
                document.add(tomlkit.nl())
    return tomlkit.dumps(document)


def _documented(section: msgspec.Struct) -> tomlkit.items.Table:
    """A section with the documentation of each of its options."""
    table = tomlkit.table()
    for option in options(type(section)):
        value = msgspec.to_builtins(getattr(section, option.name))
        _add(table, option, {name: _given(each) for name, each in value.items()} if _nested(value) else value)
    return table


def _nested(value: Any) -> bool:
    """Whether an option is sections by name."""
    return isinstance(value, dict) and all(isinstance(each, dict) for each in value.values())


def _given_profiles(settings: Settings) -> dict[str, dict[str, Any]]:
    return {name: _given(msgspec.to_builtins(profile)) for name, profile in settings.profiles.items()}


def _given(section: dict[str, Any]) -> dict[str, Any]:
    """What is set of a section, and of those in it."""
    given = {key: _given(value) if isinstance(value, dict) else value for key, value in section.items()}
    return {key: value for key, value in given.items() if value not in (None, {})}


def _add(document: _Container, option: Option, value: Any) -> None:
    _comment(document, option.doc)
    if value is None:
        document.add(tomlkit.comment(f"{option.name} = {option.blank}"))
    else:
        document.add(option.name, tomlkit.item(value))
    document.add(tomlkit.nl())


def _comment(document: _Container, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))

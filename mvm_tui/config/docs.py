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
    """One option: its name, its default and the string documented below it in the schema."""

    name: str
    default: Any
    doc: str


def options(kind: type[msgspec.Struct]) -> Iterator[Option]:
    """The options of a section in the order of the schema."""
    docs = _attribute_docs(kind)
    for item in msgspec.structs.fields(kind):
        default = item.default if item.default is not msgspec.NODEFAULT else item.default_factory()
        yield Option(item.name, default, docs[item.name])


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
            if option.name not in ("shell", "logs"):
                document.add(tomlkit.nl())
    return tomlkit.dumps(document)


def _documented(section: msgspec.Struct) -> tomlkit.items.Table:
    """A section with the documentation of each of its options."""
    table = tomlkit.table()
    for option in options(type(section)):
        _add(table, option, msgspec.to_builtins(getattr(section, option.name)))
    return table


def _given_profiles(settings: Settings) -> dict[str, dict[str, Any]]:
    sections = {name: msgspec.structs.asdict(profile) for name, profile in settings.profiles.items()}
    return {
        name: {key: value for key, value in section.items() if value is not None}
        for name, section in sections.items()
    }


def _add(document: _Container, option: Option, value: Any) -> None:
    _comment(document, option.doc)
    if value is None:
        document.add(tomlkit.comment(f'{option.name} = ""'))
    else:
        document.add(option.name, tomlkit.item(value))
    document.add(tomlkit.nl())


def _comment(document: _Container, text: str) -> None:
    for line in text.splitlines():
        document.add(tomlkit.comment(line))

"""Reads the config file. What is wrong in it is reported; the rest holds."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from mvm_tui.config.lines import KeyPath, locate, salvage
from mvm_tui.config.schema import Settings, Shell, split_keys
from mvm_tui.model.leader import leader_bytes
from mvm_tui.model.text import clean

LARGEST_FILE = 1_000_000
# Sections of Settings that are read by themselves.


@dataclass(frozen=True, slots=True)
class Known:
    """What exists elsewhere in the app, so that the file's words can be checked against it.

    Attributes:
        actions: Action id → its default keys; empty leaves the ids unchecked.
        together: Sets of action ids whose keys work at the same time, so that none may have another's.
        columns: Ids of the table's columns; empty leaves them unchecked.
        themes: Names of the themes; empty leaves them unchecked.
        sortable: Those of the columns that can be sorted by; empty allows all.
    """

    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    together: Collection[Collection[str]] = ()
    columns: Collection[str] = ()
    themes: Collection[str] = ()
    sortable: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong in the file. `line` counts from 1; 0 is the file as a whole."""

    path: Path
    line: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return clean(f"{place}: {self.message}{'. ' if self.suggestion else ''}{self.suggestion}")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings that hold, and what was wrong."""

    settings: Settings = field(default_factory=Settings)
    complaints: tuple[Complaint, ...] = ()


def load(path: Path, known: Known | None = None) -> Loaded:
    """Read the file at `path`. A missing file is no fault: everything has a default."""
    try:
        text = _read(path)
    except FileNotFoundError:
        return Loaded()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fix = "The app is read-only until it can be"
        return Loaded(Settings(read_only=True), (Complaint(path, 0, f"cannot be read: {reason}", fix),))
    return _Reader(path, text, known or Known()).read()


def _read(path: Path) -> str:
    if not path.is_file() and path.exists():
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError("it is larger than 1 MB")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None


class _Reader:
    """One reading of one file: collects what holds and what is wrong."""

    def __init__(self, path: Path, text: str, known: Known) -> None:
        self._path = path
        self._text = text
        self._known = known
        self._complaints: list[Complaint] = []
        self._lines: dict[KeyPath, int] | None = None

    def read(self) -> Loaded:
        content = self._parse()
        values = self._section(content, Settings, ())
        values["keys"] = self._keys(content.get("keys", {}))
        self._check_words(values)
        complaints = tuple(sorted(self._complaints, key=lambda complaint: complaint.line))
        return Loaded(Settings(**values), complaints)

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError:
            content, bad = salvage(self._text)
        for line in bad:
            advice = "Quote text, name each option once, and close every bracket"
            self._complaints.append(Complaint(self._path, line, "this is not TOML", advice))
        return content

    def _complain(self, at: KeyPath, message: str, suggestion: str = "") -> None:
        if self._lines is None:
            self._lines = locate(self._text)
        place = at
        while place and place not in self._lines:
            place = place[:-1]
        self._complaints.append(Complaint(self._path, self._lines.get(place, 0), message, suggestion))

    def _section(self, content: dict[str, Any], kind: type[msgspec.Struct], at: KeyPath) -> dict[str, Any]:
        """The options of one section that hold, sections in it included; keys are read by themselves."""
        types = {item.name: item.type for item in msgspec.structs.fields(kind)}
        values: dict[str, Any] = {}
        for name, value in content.items():
            if name == "keys" and not at:
                continue
            if name not in types:
                where = f" in [{'.'.join(at)}]" if at else ""
                self._complain((*at, name), f"there is no option {name!r}{where}", did_you_mean(name, types))
                continue
            self._put(values, name, types[name], value, at)
        if kind is Shell:
            self._check_leader(values)
        return values

    def _put(self, values: dict[str, Any], name: str, kind: Any, value: Any, at: KeyPath) -> None:
        """Add one option to those that hold, or complain of it."""
        if (section := _section_kind(kind)) is not None:
            values[name] = self._subsection(value, section, (*at, name))
        elif (named := _named_kind(kind)) is not None:
            values[name] = self._named(value, named, (*at, name))
        else:
            try:
                values[name] = msgspec.convert(value, kind)
            except msgspec.ValidationError as error:
                self._wrong_value(values, (*at, name), value, _allowed(kind) or _plain(str(error)))

    def _wrong_value(self, values: dict[str, Any], at: KeyPath, value: Any, advice: str) -> None:
        name = at[-1]
        if name == "read_only":
            values[name] = True
            advice = "Write true or false; until then it counts as true"
            return self._complain(at, f"read_only cannot be {_shown(value)}", advice)
        return self._complain(at, f"{name} cannot be {_shown(value)}", advice)

    def _subsection(self, content: Any, kind: type[msgspec.Struct], at: KeyPath) -> msgspec.Struct:
        if not isinstance(content, dict):
            self._complain(at, f"{at[-1]} must be a section", f"Write [{'.'.join(at)}]")
            return kind()
        return kind(**self._section(content, kind, at))

    def _named(self, content: Any, kind: type[msgspec.Struct], at: KeyPath) -> dict[str, msgspec.Struct]:
        """Sections of one kind, each with a name of the user's."""
        path = ".".join(at)
        if not isinstance(content, dict):
            self._complain(at, f"{at[-1]} must be sections", f"Write [{path}.NAME]")
            return {}
        found = {}
        for name, section in content.items():
            if isinstance(section, dict):
                found[name] = kind(**self._section(section, kind, (*at, name)))
            else:
                self._complain(
                    (*at, name), f"there is no option {name!r} in [{path}]", f"Write [{path}.NAME]"
                )
        return found

    def _check_leader(self, values: dict[str, Any]) -> None:
        """Without a leader there would be no way out of a shell that hangs."""
        for key in split_keys(values.get("leader", [])) or ([""] if "leader" in values else []):
            try:
                leader_bytes(key)
            except ValueError as error:
                self._complain(("shell", "leader"), f"the leader cannot be {_shown(key)}", str(error))
                del values["leader"]
                return

    def _keys(self, content: Any) -> dict[str, str | list[str]]:
        if not isinstance(content, dict):
            self._complain(("keys",), "keys must be a section", "Write [keys]")
            return {}
        found: dict[str, str | list[str]] = {}
        for action, value in _flat(content):
            at = ("keys", *action.split("."))
            at = at if ("keys", action) not in self._located() else ("keys", action)
            if self._known.actions and action not in self._known.actions:
                self._complain(
                    at, f"there is no action {action!r}", did_you_mean(action, self._known.actions)
                )
            elif not _is_keys(value):
                self._complain(
                    at, f"the keys of {action} cannot be {_shown(value)}", "Write text or a list of texts"
                )
            else:
                found[action] = value
        self._report_clashes(found)
        return found

    def _located(self) -> dict[KeyPath, int]:
        if self._lines is None:
            self._lines = locate(self._text)
        return self._lines

    def _report_clashes(self, found: Mapping[str, str | list[str]]) -> None:
        keymap = dict(self._known.actions) | {action: split_keys(keys) for action, keys in found.items()}
        for action, key, other in clashes(keymap, found, self._known.together):
            at = ("keys", action) if ("keys", action) in self._located() else ("keys", *action.split("."))
            self._complain(
                at, f"the key {key!r} of {action} is also that of {other}", f"Give {other} another key"
            )

    def _check_words(self, values: dict[str, Any]) -> None:
        """Drop columns and themes that do not exist."""
        columns, themes = self._known.columns, self._known.themes
        if columns:
            for name in [name for name in values.get("columns", ()) if name not in columns]:
                self._complain(("columns",), f"there is no column {name!r}", did_you_mean(name, columns))
                values["columns"] = [kept for kept in values["columns"] if kept != name]
            sort, sortable = values.get("sort", ""), self._known.sortable or columns
            if sort and (name := sort.removeprefix("-")) not in sortable:
                wrong = f"cannot sort by {sort!r}" if name in columns else f"there is no column {sort!r}"
                self._complain(("sort",), wrong, did_you_mean(name, sortable))
                del values["sort"]
        if themes and (theme := values.get("theme")) and theme not in themes:
            self._complain(("theme",), f"there is no theme {theme!r}", did_you_mean(theme, themes))
            del values["theme"]


def clashes(
    keymap: Mapping[str, tuple[str, ...]], remapped: Collection[str], together: Collection[Collection[str]]
) -> Iterator[tuple[str, str, str]]:
    """(remapped action, key, other action) for each key that a remapped action shares with another.

    Only what works at the same time can clash.
    """
    for action in remapped:
        for key in keymap[action]:
            for other, keys in keymap.items():
                both_remapped_and_told = other in remapped and other < action
                if other == action or key not in keys or both_remapped_and_told:
                    continue
                if any(action in group and other in group for group in together):
                    yield action, key, other


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``Did you mean 'theme'?``, else the words there are if they are few, else nothing."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"There are: {', '.join(sorted(known))}" if 0 < len(known) <= 20 else ""


def _flat(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Action ids hold a dot, which unquoted makes a table of it: both ways to write one are right."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_keys(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(key, str) for key in value))


def _shown(value: Any) -> str:
    return clean(repr(value), 60)


def _section_kind(kind: Any) -> type[msgspec.Struct] | None:
    """The struct that an option is, as ``X`` or ``X | None``; None if it is no section."""
    if get_origin(kind) is dict:
        return None
    candidates = (one for one in get_args(kind) or (kind,) if isinstance(one, type))
    return next((one for one in candidates if issubclass(one, msgspec.Struct)), None)


def _named_kind(kind: Any) -> type[msgspec.Struct] | None:
    """The struct of an option that is sections by name; None if it is none."""
    if get_origin(kind) is not dict:
        return None
    value = get_args(kind)[1]
    return value if isinstance(value, type) and issubclass(value, msgspec.Struct) else None


def _allowed(kind: Any) -> str:
    """``Write one of ask, deny`` or ``Write a number from 0 to 60``; empty for types that say no more."""
    if get_origin(kind) is Literal:
        return f"Write one of {', '.join(get_args(kind))}"
    # msgspec gives an annotated type with what it asks of the value beside it.
    base, *asked = get_args(kind) or (kind,)
    bounds = next((each for each in asked if isinstance(each, msgspec.Meta)), None)
    if bounds is None or bounds.description:
        return bounds.description or "" if bounds else ""
    if base not in (int, float):
        return ""
    whole = "a whole number" if base is int else "a number"
    return f"Write {whole} from {bounds.ge} to {bounds.le}"


def _plain(reason: str) -> str:
    """msgspec's reason in a user's words: ``Expected `bool`, got `str``` → ``Write true or false``."""
    words = {
        "bool": "true or false",
        "str": "text in quotes",
        "float": "a number, such as 5.0",
        "array": "a list in brackets",
        "object": "a section",
    }
    for kind, word in words.items():
        if f"`{kind}" in reason.partition(", got")[0]:
            return f"Write {word}"
    return reason

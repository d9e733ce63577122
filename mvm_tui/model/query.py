"""The filter language of table and command line.

Terms are separated by spaces and must all match::

    web                  text in name, id, image or state
    "two words"          text with a space
    state:run,susp       one of several; the beginning of the word is enough
    image:web name:dev id:9c1f version:2.0
    size:2g  size>=1g    baseline memory
    shell:yes  idle:no   whether a shell can be opened, whether there is an idle policy
    age>2h  left<1h      time since the start, time until the hard end
    !state:ended         not

What is not known matches neither a term nor its negation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mvm_tui.model.durations import parse_duration
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.size import MIB_PER_GB
from mvm_tui.model.terms import COMPARE, Head, read_terms, read_value

# A term's answer: None where the row's value is not known.
Matcher = Callable[[FleetRow, datetime], bool | None]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(g|gb|gib|m|mb|mib)", re.IGNORECASE)
_YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `field` is empty for plain text, `operator` is one of ``: = > < >= <=``."""

    field: str
    operator: str
    value: str
    negated: bool
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed filter: `text` as it was written, and its terms, all of which must match."""

    text: str
    terms: tuple[Term, ...]

    def matches(self, row: FleetRow, now: datetime) -> bool:
        """Whether the row passes every term at the (aware) time `now`."""
        for term in self.terms:
            answer = term.matcher(row, now)
            if answer is None or answer is term.negated:
                return False
        return True

    @property
    def needs_details(self) -> bool:
        """Whether the answer depends on what only `GetMicrovm` knows."""
        return any(term.field in _DETAIL_FIELDS for term in self.terms)

    @property
    def needs_sizes(self) -> bool:
        """Whether the answer depends on the size of image versions."""
        return any(term.field == "size" for term in self.terms)

    @property
    def changes_with_time(self) -> bool:
        """Whether a row can begin or cease to match by the clock alone."""
        return any(term.field in _TIME_FIELDS for term in self.terms)


def parse_query(text: str) -> Query:
    """Read a filter. Blank text gives a query that everything matches.

    Raises:
        ValueError: A term is wrong; the message says which and how it is written.
    """
    return Query(text.strip(), tuple(read_terms(text, _read_term)))


def _read_term(text: str, head: Head) -> tuple[Term, int]:
    value, end = read_value(text, head)
    field, sign = head.field, head.sign
    if not field:
        return Term("", "", value, head.negated, _text_matcher(value)), end
    if field not in _FIELDS:
        known = ", ".join(_FIELDS)
        raise ValueError(f'no field {field!r}: use {known}, or quote the text: "{text[head.start : end]}"')
    return Term(field, sign, value, head.negated, _FIELDS[field](field, sign, value)), end


def _text_matcher(value: str) -> Matcher:
    wanted = value.casefold()

    def match(row: FleetRow, now: datetime) -> bool:
        vm = row.vm
        return (
            wanted in row.name.casefold()
            or wanted in vm.id.casefold()
            or wanted in vm.image_label.casefold()
            or wanted in row.state_word
        )

    return match


def _string_field(read: Callable[[FleetRow], str]) -> Callable[[str, str, str], Matcher]:
    """A field in which each of the comma-separated values is looked for."""

    def build(field: str, sign: str, value: str) -> Matcher:
        wanted = _choices(field, sign, value)

        def match(row: FleetRow, now: datetime) -> bool:
            found = read(row).casefold()
            return any(choice in found for choice in wanted)

        return match

    return build


def _version(field: str, sign: str, value: str) -> Matcher:
    wanted = frozenset(_choices(field, sign, value))
    return lambda row, now: row.vm.image_version.casefold() in wanted


def _state(field: str, sign: str, value: str) -> Matcher:
    wanted = tuple(_choices(field, sign, value))

    def match(row: FleetRow, now: datetime) -> bool:
        return row.state_word.casefold().startswith(wanted) or row.vm.state.casefold().startswith(wanted)

    return match


def _choices(field: str, sign: str, value: str) -> list[str]:
    if sign not in ":=":
        raise ValueError(f"{field} has no order: write {field}:{value}")
    choices = [choice for choice in value.casefold().split(",") if choice]
    if not choices:
        raise ValueError(f"{field}{sign}{value} lacks a value")
    return choices


def _size(field: str, sign: str, value: str) -> Matcher:
    written = _SIZE.fullmatch(value.replace("½", "0.5"))
    if not written:
        raise ValueError(f"{value!r} is not a size: write size:2g, size>=1g or size:512m")
    number, unit = float(written.group(1)), written.group(2).lower()
    wanted = number * MIB_PER_GB if unit.startswith("g") else number
    compare = COMPARE[sign]
    return lambda row, now: None if row.memory_mib is None else compare(row.memory_mib, wanted)


def _yes_no(field: str, sign: str, value: str) -> bool:
    wanted = _YES_NO.get(value.casefold())
    if wanted is None or sign not in ":=":
        raise ValueError(f"{field} is yes or no: write {field}:yes or {field}:no")
    return wanted


def _shell(field: str, sign: str, value: str) -> Matcher:
    wanted = _yes_no(field, sign, value)
    return lambda row, now: None if row.vm.shell is None else row.vm.shell is wanted


def _idle(field: str, sign: str, value: str) -> Matcher:
    wanted = _yes_no(field, sign, value)

    def match(row: FleetRow, now: datetime) -> bool | None:
        details = row.vm.details
        return None if details is None else (details.idle_policy is not None) is wanted

    return match


def _duration_field(read: Callable[[FleetRow, datetime], float | None]) -> Callable[[str, str, str], Matcher]:
    def build(field: str, sign: str, value: str) -> Matcher:
        if sign in ":=":
            raise ValueError(f"{field} never equals a time: write {field}>{value} or {field}<{value}")
        limit = parse_duration(value)
        compare = COMPARE[sign]

        def match(row: FleetRow, now: datetime) -> bool | None:
            seconds = read(row, now)
            return None if seconds is None else compare(seconds, limit)

        return match

    return build


def _age_seconds(row: FleetRow, now: datetime) -> float | None:
    started = row.vm.started_at
    return None if started is None or row.vm.ended else (now - started).total_seconds()


def _left_seconds(row: FleetRow, now: datetime) -> float | None:
    ends = None if row.vm.ended else row.vm.ends_at
    return None if ends is None else (ends - now).total_seconds()


_FIELDS: dict[str, Callable[[str, str, str], Matcher]] = {
    "state": _state,
    "name": _string_field(lambda row: row.name),
    "id": _string_field(lambda row: row.vm.id),
    "image": _string_field(lambda row: row.vm.image_label),
    "version": _version,
    "size": _size,
    "age": _duration_field(_age_seconds),
    "left": _duration_field(_left_seconds),
    "idle": _idle,
    "shell": _shell,
}
_DETAIL_FIELDS = frozenset({"left", "idle", "shell"})
_TIME_FIELDS = frozenset({"age", "left"})

r"""The filter language of logs.

Terms are separated by spaces and must all match::

    error                  text, whatever its case
    "two words"            text with a space
    /5\d\d/  /time ?out/i  a regular expression; i: whatever its case
    level:error            this level; level>=warn: this or a more urgent one
    stream:2026/11/25      text in the stream's name
    vm:9c1f                text in the MicroVM's id
    after:14:20            at or after a time of today, or of a day: after:2026-11-25T14:20
    before:14:25:30
    last:5m                not older than this
    !health                not

What is not known, such as the level of a line that tells none, matches neither a term nor its negation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from mvm_tui.logs.levels import Level, level_named, level_of
from mvm_tui.logs.patterns import Pattern, TooSlow
from mvm_tui.model.durations import parse_duration
from mvm_tui.model.log_event import LogEvent, milliseconds
from mvm_tui.model.terms import COMPARE, Head, read_terms, read_value
from mvm_tui.model.text import clean

# The answers of a term for a batch of events; None where it is not known.
Answers = list[bool | None]
Matcher = Callable[[Sequence[LogEvent]], Answers]

_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(i?)(?=\s|$)", re.DOTALL)
_EXAMPLES = 'level>=warn, stream:NAME, vm:ID, after:14:20, before:14:30, last:5m, or quote it: "{}"'


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: as it was written, whether it is turned round, and how batches are tested.

    `plain` is the text of a term of plain text, else empty.
    """

    written: str
    negated: bool
    matcher: Matcher
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: `text` as it was written, and its terms, all of which must match."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, event: LogEvent) -> bool:
        """Whether an event passes every term. Raises TooSlow."""
        return bool(self.select((event,)))

    def select(self, events: Sequence[LogEvent]) -> list[int]:
        """The indexes of the events that pass every term; quicker in batches. Raises TooSlow."""
        left = list(range(len(events)))
        for term in self.terms:
            if not left:
                break
            answers = term.matcher([events[index] for index in left])
            wanted = not term.negated
            left = [index for index, answer in zip(left, answers, strict=True) if answer is wanted]
        return left

    def without(self, slow: TooSlow) -> Filter:
        """The filter without the terms whose pattern is too slow."""
        return replace(self, terms=tuple(term for term in self.terms if slow.pattern not in term.written))

    def server_pattern(self) -> str:
        """A pattern by which CloudWatch itself finds the longest plain text of the filter; empty without one.

        CloudWatch tells cases apart: text is found as written, small, in capitals, and with a capital first.
        """
        plain = [term.plain for term in self.terms if term.plain and not term.negated]
        if not plain:
            return ""
        word = max(plain, key=len)
        forms = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
        quoted = ('"' + form.replace("\\", "\\\\").replace('"', '\\"') + '"' for form in forms)
        return " ".join(f"?{form}" for form in quoted) if len(forms) > 1 else next(quoted)


def parse_filter(text: str, now: datetime) -> Filter:
    """Read a filter. Blank text gives one that everything passes.

    `now` is aware; times of the day are those of its zone: `MACHINE_ZONE`, which knows summer time, or UTC.

    Raises:
        ValueError: A term is wrong; the message says which and how it is written.
    """
    return Filter(text.strip(), tuple(read_terms(text, partial(_read_term, now=now))))


def _read_term(text: str, head: Head, *, now: datetime) -> tuple[Term, int]:
    if not head.field and (expression := _REGEX.match(text, head.end)):
        pattern = Pattern(expression[1].replace("\\/", "/"), ignore_case=bool(expression[2]))
        return Term(f"/{pattern.text}/", head.negated, _pattern_matcher(pattern)), expression.end()
    value, end = read_value(text, head)
    written = text[head.start : end]
    if not head.field:
        return Term(written, head.negated, _text_matcher(value), value), end
    if head.field not in _FIELDS:
        raise ValueError(f"no field {head.field!r}: use {_EXAMPLES.format(written)}")
    return Term(written, head.negated, _FIELDS[head.field](head.sign, value, now)), end


def _text_matcher(value: str) -> Matcher:
    wanted = value.casefold()
    return lambda events: [wanted in event.message.casefold() for event in events]


def _pattern_matcher(pattern: Pattern) -> Matcher:
    def match(events: Sequence[LogEvent]) -> Answers:
        answers: Answers = [False] * len(events)
        for index in pattern.found_in([event.message for event in events]):
            answers[index] = True
        return answers

    return match


def _level(sign: str, value: str, now: datetime) -> Matcher:
    wanted = level_named(value)
    if wanted is None:
        words = ", ".join(level.name.lower() for level in Level)
        raise ValueError(f"{value!r} is no level: there are {words}")
    compare = COMPARE[sign]

    def match(events: Sequence[LogEvent]) -> Answers:
        levels = (level_of(event.message) for event in events)
        return [None if level is None else compare(level, wanted) for level in levels]

    return match


def _name_field(read: Callable[[LogEvent], str]) -> Callable[[str, str, datetime], Matcher]:
    def build(sign: str, value: str, now: datetime) -> Matcher:
        _need_colon(sign, value)
        wanted = value.casefold()

        def match(events: Sequence[LogEvent]) -> Answers:
            names = (read(event) for event in events)
            return [wanted in name.casefold() if name else None for name in names]

        return match

    return build


def _after(sign: str, value: str, now: datetime) -> Matcher:
    _need_colon(sign, value)
    border = milliseconds(parse_time(value, now))
    return lambda events: [event.timestamp >= border for event in events]


def _before(sign: str, value: str, now: datetime) -> Matcher:
    _need_colon(sign, value)
    border = milliseconds(parse_time(value, now))
    return lambda events: [event.timestamp < border for event in events]


def _last(sign: str, value: str, now: datetime) -> Matcher:
    _need_colon(sign, value)
    border = milliseconds(ago(value, now))
    return lambda events: [event.timestamp >= border for event in events]


def _need_colon(sign: str, value: str) -> None:
    if sign not in ":=":
        raise ValueError(f"{sign}{value} is not written so: use a colon")


def ago(text: str, now: datetime) -> datetime:
    """The moment so long before `now` as a duration like ``10m`` says, in UTC.

    Raises:
        ValueError: It is no duration, or a longer one than there are years.
    """
    seconds = parse_duration(text)
    try:
        # In UTC: subtracting in a zone with summer time would count by the hands of its clocks.
        return now.astimezone(UTC) - timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{clean(text, 40)!r} is longer ago than there are years") from None


def parse_time(text: str, now: datetime) -> datetime:
    """``14:20``, ``14:20:30`` of today, or ISO 8601; without a zone in that of `now`, which is aware.

    Raises:
        ValueError: It is no time; the message says how one is written.
    """
    try:
        if len(text) <= 8 and ":" in text:
            return datetime.combine(now.date(), time.fromisoformat(text), now.tzinfo)
        moment = datetime.fromisoformat(text)
    except ValueError:
        shown = clean(text, 40)
        raise ValueError(f"{shown!r} is no time: write 14:20, 14:20:30 or 2026-11-25T14:20") from None
    return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment


_FIELDS: dict[str, Callable[[str, str, datetime], Matcher]] = {
    "level": _level,
    "stream": _name_field(lambda event: event.stream),
    "vm": _name_field(lambda event: event.vm),
    "after": _after,
    "before": _before,
    "last": _last,
}

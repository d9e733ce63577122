"""The level of a line, as far as its text tells one."""

from __future__ import annotations

import re
from enum import IntEnum


class Level(IntEnum):
    """From the least to the most urgent."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4
    FATAL = 5


_WORDS = {
    "trace": Level.TRACE,
    "verbose": Level.DEBUG,
    "debug": Level.DEBUG,
    "info": Level.INFO,
    "information": Level.INFO,
    "notice": Level.INFO,
    "warn": Level.WARN,
    "warning": Level.WARN,
    "error": Level.ERROR,
    "err": Level.ERROR,
    "severe": Level.ERROR,
    "critical": Level.FATAL,
    "crit": Level.FATAL,
    "alert": Level.FATAL,
    "emergency": Level.FATAL,
    "fatal": Level.FATAL,
    "panic": Level.FATAL,
}
# Where a level stands: near the beginning. Looking further would find the word in what is told about.
_SEARCHED = 200
_NAMED = re.compile(
    r"""(?i:level|severity|lvl|levelname)["']?\s*[:=]\s*["']?(?P<named>[A-Za-z]{3,11}|[1-6]0)\b"""
)
_LOUD = re.compile(
    r"(?:\b|(?<=\dm))(?:TRACE|VERBOSE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|ALERT|EMERGENCY|FATAL|PANIC)\b"
)
_FRAMED = re.compile(r"[\[<(](?P<framed>[A-Za-z]{3,11})[\])>]|^(?P<first>[A-Za-z]{3,11}):")
# What loggers that count instead of naming write (pino, bunyan).
_NUMBERS = {
    "10": Level.TRACE,
    "20": Level.DEBUG,
    "30": Level.INFO,
    "40": Level.WARN,
    "50": Level.ERROR,
    "60": Level.FATAL,
}


def level_named(word: str) -> Level | None:
    """The level of a word such as ``warning``; None if it is none."""
    return _WORDS.get(word.casefold())


def level_of(message: str) -> Level | None:
    """The level that a line tells by a member, a word in capitals or in brackets; None if it tells none."""
    head = message[:_SEARCHED]
    if found := _NAMED.search(head):
        word = found["named"]
        return _NUMBERS.get(word) or level_named(word)
    if loud := _LOUD.search(head):
        return level_named(loud[0])
    for framed in _FRAMED.finditer(head):
        if (level := level_named(framed["framed"] or framed["first"])) is not None:
            return level
    return None

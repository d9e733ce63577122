"""Blocking calls, made in threads that nothing waits for: leaving the app is never held up by a call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message import Message

from mvm_tui.model.errors import Problem, Unexpected
from mvm_tui.model.text import clean

Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


def in_thread(name: str, work: Callable[[], None]) -> None:
    """Run `work`, which must not raise, in a thread that ends with the process."""
    threading.Thread(target=work, name=name, daemon=True).start()


def outcome(call: Callable[[], Answer]) -> Answer | Problem:
    """The answer of a call, or its problem: nothing a thread does ends in a traceback."""
    try:
        return call()
    except Problem as problem:
        return problem
    except Exception as error:  # noqa: BLE001 - the border of a thread: whatever it is becomes a notice
        _log.exception("a call in the background failed")
        kind = type(error).__name__
        return Unexpected(
            "Something in mvm-tui failed.", f"{kind}: {clean(error, 200)}.", "The log file has more."
        )


def post_safely(post: Callable[[Message], bool], message: Message) -> None:
    """Post from a thread; once the app has closed, nobody listens and that is fine."""
    try:
        post(message)
    except RuntimeError:
        _log.debug("the app closed before a %s was delivered", type(message).__name__)

"""What leaves the emulator: answers to the guest and events for the caller. Both bounded."""

from __future__ import annotations

from mvm_tui.terminal.events import Event, PromptMark


class Outbox:
    """Answers and events until they are taken. A flood of either is cut, never kept."""

    REPLY_LIMIT = 65_536
    EVENT_LIMIT = 1_024

    def __init__(self) -> None:
        self._replies = bytearray()
        self._events: dict[object, Event] = {}

    def reply(self, data: str) -> None:
        """Answer the guest; nothing more once `REPLY_LIMIT` bytes wait."""
        if len(self._replies) < self.REPLY_LIMIT:
            self._replies += data.encode()

    def emit(self, event: Event) -> None:
        """Tell the caller. Of each kind the last alone is kept; of prompt marks as many as there is room."""
        events = self._events
        if isinstance(event, PromptMark):
            if len(events) < self.EVENT_LIMIT:
                events[len(events), event.line, event.kind] = event
        else:
            events.pop(type(event), None)
            events[type(event)] = event

    def take_replies(self) -> bytes:
        replies = bytes(self._replies)
        self._replies.clear()
        return replies

    def take_events(self) -> tuple[Event, ...]:
        events = tuple(self._events.values())
        self._events.clear()
        return events

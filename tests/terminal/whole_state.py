"""All that a terminal shows, as a value: two terminals with equal ones cannot be told apart by a caller."""

from __future__ import annotations

from mvm_tui.terminal.facade import Terminal


def whole_state(terminal: Terminal) -> tuple[object, ...]:
    """Lines, cursor, modes, titles, colours, answers and events (which are taken by it)."""
    return (
        [terminal.line(number) for number in range(terminal.first, terminal.top + terminal.rows)],
        terminal.first,
        terminal.cursor,
        terminal.modes,
        terminal.title,
        terminal.icon_name,
        terminal.prompts,
        terminal.history_size,
        dict(terminal.colours.changed),
        terminal.take_replies(),
        terminal.take_events(),
    )


def assert_sound(terminal: Terminal) -> None:
    """What holds of every terminal, whatever it was fed."""
    cursor = terminal.cursor
    assert 0 <= cursor.x < terminal.columns
    assert 0 <= cursor.y < terminal.rows
    for y in range(terminal.rows):
        line = terminal.line(terminal.top + y)
        cells = line.cells()
        assert len(cells) == len(line.styles) <= terminal.columns
        assert "".join(run.text for run in line.runs()) == "".join(cells)
        assert line.text == "".join(cells)[: len(line.text)]
        assert not "".join(cells)[len(line.text) :].strip(" ")
        assert sum(run.columns for run in line.runs()) == len(cells)
        assert all(cells[at] or (at and cells[at - 1]) for at in range(len(cells)))
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line.text)
    for number in range(max(terminal.first, terminal.top - 50), terminal.top):
        assert terminal.line(number).text == terminal.text(number)
        assert terminal.line(number).wrapped is terminal.wrapped(number)

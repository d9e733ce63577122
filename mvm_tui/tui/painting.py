"""Paints now what would otherwise be painted soon: an echo need not wait for messages.

In the ordinary way what was refreshed goes through the queues of its widget and of the screen and through a
timer first, which takes as long as the painting, and much longer while output is being parsed.
"""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget


def paint_at_once(screen: Screen[object], *widgets: Widget) -> None:
    """Paint what of these widgets was refreshed, and what others wait for: the frame counts for them too.

    Where the screen is not in front, or is to be laid out anew, it is left to the ordinary way.
    """
    if not screen.is_current or screen.app._batch_count:
        return
    if screen._layout_required or screen._repaint_required:
        return
    ready = [widget for widget in widgets if widget.is_mounted]
    for widget in ready:
        widget._repaint_required = False
    screen._compositor.update_widgets({*ready, *screen._dirty_widgets})
    screen._compositor_refresh()

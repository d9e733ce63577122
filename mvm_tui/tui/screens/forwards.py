"""The forwarded ports, and what goes through the one that is chosen."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import BACK, Dialog

if TYPE_CHECKING:
    from mvm_tui.reach.traffic import Exchange
    from mvm_tui.tui.forwards import OpenForward

_EVERY_SECONDS = 0.5
_SHOWN = 200
_PATH = 60


class ForwardsScreen(Dialog[None]):
    """Forwards above, requests of the chosen one below, newest first."""

    DEFAULT_CSS = """
    ForwardsScreen .box { width: 96%; height: 94%; }
    ForwardsScreen OptionList { height: auto; max-height: 40%; }
    ForwardsScreen .rate { color: $text-muted; height: auto; margin-top: 1; }
    ForwardsScreen VerticalScroll { height: 1fr; }
    ForwardsScreen .traffic { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy URL", show=False, id="forwards.copy"),
        Binding("o", "open", "open", show=False, id="forwards.open"),
        Binding("x", "end", "end", show=False, id="forwards.end"),
        BACK,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._numbers: list[int] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Forwarded ports"
            yield OptionList()
            yield Static(classes="rate", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(classes="traffic", markup=False)
            yield Static(
                "y copies the URL · o opens it · x ends it · esc leaves", classes="keys", markup=False
            )

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._show()
        self.set_interval(_EVERY_SECONDS, self._show)

    @property
    def _chosen(self) -> OpenForward | None:
        at = self.query_one(OptionList).highlighted
        forwards = self.desk.forwards.all
        return forwards[at] if at is not None and at < len(forwards) else None

    def _show(self) -> None:
        options, forwards = self.query_one(OptionList), self.desk.forwards.all
        numbers = [forward.number for forward in forwards]
        if numbers != self._numbers:
            at, self._numbers = options.highlighted, numbers
            options.set_options([Option(_line(forward)) for forward in forwards])
            options.highlighted = min(at or 0, len(forwards) - 1) if forwards else None
        else:
            for place, forward in enumerate(forwards):
                options.replace_option_prompt_at_index(place, _line(forward))
        self._show_chosen()

    def _show_chosen(self) -> None:
        forward = self._chosen
        rate, traffic = self.query_one(".rate", Static), self.query_one(".traffic", Static)
        if forward is None:
            rate.update(f"None. {self.desk.keys.label('microvm.reach')} on a MicroVM forwards a port of it.")
            traffic.update("")
            return
        rate.update(f"At most {forward.rate}." if forward.rate else "")
        traffic.update(Content("\n").join(list(_exchanges(forward))))

    def action_copy(self) -> None:
        if (forward := self._chosen) is not None and forward.url:
            self.desk.copy(forward.url)

    def action_open(self) -> None:
        if (forward := self._chosen) is not None and forward.url:
            webbrowser.open(forward.url)

    def action_end(self) -> None:
        if (forward := self._chosen) is not None:
            self.desk.forwards.close(forward)
            self._show()


def _line(forward: OpenForward) -> Content:
    traffic = forward.traffic
    if forward.problem is not None:
        state = Content.styled(clean(forward.problem.what, 80), "$text-error")
    elif not forward.url:
        state = Content.styled("being opened…", "$text-muted")
    else:
        counts = f"{traffic.count:,} requests"
        failed = f", {traffic.failed:,} failed" if traffic.failed else ""
        under_way = f", {traffic.open} open" if traffic.open else ""
        state = Content.assemble(forward.url, (f"\n  {counts}{failed}{under_way}", "$text-muted"))
    return Content.assemble((f"{forward.label}  ", "bold"), state)


def _exchanges(forward: OpenForward) -> Iterator[Content]:
    for number, exchange in enumerate(forward.traffic.newest_first()):
        if number == _SHOWN:
            return
        yield _exchange(exchange)


def _exchange(exchange: Exchange) -> Content:
    status = exchange.status
    style = "$text-error" if status is None or status >= 500 else "$text-warning" if status >= 400 else ""
    problem = f"  {clean(exchange.problem.what, 100)}" if exchange.problem else ""
    held = f" · held back {exchange.waited * 1000:,.0f} ms" if exchange.waited >= 0.001 else ""
    return Content.assemble(
        (f"{exchange.at.astimezone():%H:%M:%S}  ", "$text-muted"),
        (f"{'—' if status is None else status:>3}  ", style),
        (f"{(exchange.seconds - exchange.waited) * 1000:>8,.0f} ms  ", ""),
        f"{clean(exchange.method, 10)} {clean(exchange.path, _PATH)}",
        (f"  {exchange.sent:,} bytes{held}{problem}", "$text-muted"),
    )

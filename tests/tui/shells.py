"""The app with shells that are attached to an endpoint over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mvm_tui.shell.session import Access
from mvm_tui.shell.states import Open
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.open_shell import OpenShell
from mvm_tui.tui.widgets.shell_pane import ShellPane
from mvm_tui.tui.widgets.shell_view import ShellView
from tests.shell.servers import Server, Service, a_vm, echo_endpoint
from tests.tui.driving import AppPilot, filled, until
from tests.tui.fakes import FakeAccounts, make_app

# As wide as the tests of drawing want it, and small enough to be quick.
SIZE = (100, 30)


@dataclass
class ShellApp:
    """The app, who drives it, and the endpoint at the other side."""

    app: MvmApp
    pilot: AppPilot
    server: Server
    service: Service
    accounts: FakeAccounts

    @property
    def shell(self) -> OpenShell:
        current = self.app.desk.shells.current
        assert current is not None
        return current

    @property
    def pane(self) -> ShellPane:
        pane = self.app.desk.front.shell_pane
        assert pane is not None
        return pane

    @property
    def view(self) -> ShellView:
        return self.pane.view

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        await until(self.pilot, condition, seconds)

    async def attach(self) -> OpenShell:
        """Press the key, wait until it is attached and has the focus."""
        await self.pilot.press("s")
        await self.until(lambda: isinstance(self.shell.state, Open))
        await self.until(lambda: self.app.focused is self.view)
        return self.shell

    async def another(self) -> OpenShell:
        """Open another shell on the same MicroVM."""
        count = len(self.app.desk.shells.all)
        await self.lead("c")
        await self.until(lambda: len(self.app.desk.shells.all) == count + 1)
        await self.until(lambda: isinstance(self.shell.state, Open))
        await self.until(lambda: self.app.focused is self.view)
        return self.shell

    async def lead(self, *keys: str) -> None:
        """Press keys after the leader."""
        await self.pilot.press("ctrl+right_square_bracket", *keys)

    async def say(self, text: str | bytes) -> None:
        """Have the guest print something, and wait until it is parsed."""
        data = text.encode() if isinstance(text, str) else text
        heard = self.shell
        before = heard.heard
        await self.server.connections[-1].send(data)
        await self.until(lambda: heard.heard >= before + len(data))

    def drawn(self) -> list[str]:
        """The lines of the view as they are drawn."""
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]

    def screen_text(self) -> str:
        return "\n".join(self.drawn())


@asynccontextmanager
async def shell_app(state_dir: Path, size: tuple[int, int] = SIZE, **options: Any) -> AsyncIterator[ShellApp]:
    """The app with its table filled; `s` attaches to an endpoint that echoes what is typed."""
    async with echo_endpoint() as server:
        service = Service(a_vm(server.endpoint))
        accounts = options.pop("accounts", None) or FakeAccounts()

        def access(resume: bool, say: Callable[[str], None]) -> Access:
            return service.access(resume=resume)

        accounts.shell_access = access
        app = make_app(accounts, state_dir, **options)
        async with filled(app, size) as pilot:
            # The first row that runs and has a shell.
            app.desk.fleet_screen.table.move_to(accounts.rows[0].id)
            yield ShellApp(app, pilot, server, service, accounts)

"""Launching a MicroVM: everything that is decided once and for all, checked before the service is asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static, TextArea

from mvm_tui.fleet.launch_price import LaunchPrice, over_budget
from mvm_tui.model.awscli import aws_command
from mvm_tui.model.connectors import NetworkConnector
from mvm_tui.model.errors import Problem
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.launch import PAYLOAD_LIMIT, Launched, LaunchRequest
from mvm_tui.model.sensitive import masked
from mvm_tui.model.size import DEFAULT_MEMORY_MIB, memory_label
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.launch_form import LOG_DEFAULT, LOG_OFF, LOG_OWN, LaunchForm
from mvm_tui.tui.dialogs.rows import ROW_STYLES, row, word
from mvm_tui.tui.dialogs.text import TextDialog
from mvm_tui.tui.words import size_words

if TYPE_CHECKING:
    from mvm_tui.tui.seams import FleetLike

# Begins the value that stands for the latest active version; what follows is which one that is.
LATEST = "latest"
INTERNET = ""
# Problem's field → the row under which it is said.
_ROWS = {
    "image": "image",
    "idle_policy": "idle",
    "idle_after": "idle",
    "suspended_for": "then",
    "ingress": "ingress",
    "maximum_seconds": "maximum",
    "execution_role": "role",
    "log_group": "logging",
    "log_stream": "logging",
    "payload": "payload",
}


class LaunchDialog(Dialog[None]):
    """Stays open until the launch was accepted, so that nothing typed is lost."""

    DEFAULT_CSS = (
        ROW_STYLES.format(form="LaunchDialog")
        + """
    LaunchDialog .box { width: 92; }
    LaunchDialog #version { width: 26; }
    LaunchDialog #logging { width: 22; }
    LaunchDialog #what_if { background: $panel; color: $foreground; text-style: none; padding: 0 1; }
    LaunchDialog #what_if:focus { background: $accent; color: $background; text-style: bold; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "launch", "launch", show=False, priority=True, id="launch.go"),
        Binding("ctrl+o", "command", "show command", show=False, priority=True, id="launch.command"),
    ]

    def __init__(
        self, fleet: FleetLike, image: str = "", version: str = "", *, form: LaunchForm | None = None
    ) -> None:
        """`image` is the name or ARN of the one to begin with, `version` one of its versions.

        `form` is what lifetime, network and role say at first; its image is left out.
        """
        super().__init__()
        self._fleet = fleet
        self._begin = form or LaunchForm()
        self._wanted_image = image
        self._wanted_version = version
        self._images: Sequence[Image] = ()
        self._versions: Sequence[ImageVersion] = ()
        self._connectors: Sequence[NetworkConnector] = ()
        self._tried = False
        self._under_way = False
        self._attempt: tuple[LaunchRequest, str] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = "Launch a MicroVM"
            with VerticalScroll(can_focus=False):
                yield from self._image_rows()
                yield from self._network_rows()
                yield from self._lifetime_rows()
                yield from self._guest_rows()
            with Vertical(classes="foot"):
                yield Static(id="failure", classes="note -problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Static("ctrl+s launches", classes="hint", markup=False)
                    yield Button("Show command", id="command", compact=True)
                    yield Button("Cancel", id="cancel", compact=True)
                    yield Button("Launch", id="launch", compact=True)

    def _image_rows(self) -> Iterator[Widget]:
        image: Select[str] = Select([], prompt="reading images…", id="image", compact=True)
        version: Select[str] = Select(
            [("latest active", LATEST)], value=LATEST, allow_blank=False, id="version", compact=True
        )
        yield from row("image", image, word("version"), version)
        yield from row("name", Input(id="name", compact=True, max_length=64, placeholder="local, optional"))

    def _network_rows(self) -> Iterator[Widget]:
        form = self._begin
        http = Checkbox("HTTP", form.http, id="http", compact=True)
        shell = Checkbox("shell", form.shell, id="shell", compact=True)
        yield from row("ingress", http, shell)
        egress: Select[str] = Select(
            [("internet", INTERNET)], value=INTERNET, allow_blank=False, id="egress", compact=True
        )
        yield from row("egress", egress)

    def _lifetime_rows(self) -> Iterator[Widget]:
        form = self._begin
        yield from row(
            "idle",
            Checkbox("suspend after", form.idle, id="idle", compact=True),
            Input(form.idle_after, id="idle_after", classes="short", compact=True),
            word("without traffic"),
        )
        yield from row(
            "then",
            Checkbox("traffic resumes it", form.auto_resume, id="auto_resume", compact=True),
            word("end after"),
            Input(form.suspended_for, id="suspended_for", classes="short", compact=True),
            word("suspended"),
        )
        yield from row(
            "maximum",
            Input(form.maximum, id="maximum", classes="short", compact=True),
            word("from start to end, suspended or not"),
            Button("What if", id="what_if", compact=True),
        )
        yield Static(id="summary", classes="note -shown", markup=False)
        yield Static(id="price", classes="note", markup=False)

    def _guest_rows(self) -> Iterator[Widget]:
        yield from row(
            "role",
            Input(
                self._begin.role,
                id="role",
                compact=True,
                placeholder="ARN, such as arn:aws:iam::123456789012:role/NAME",
            ),
        )
        kinds = [("default group", LOG_DEFAULT), ("own group", LOG_OWN), ("off", LOG_OFF)]
        logging: Select[str] = Select(kinds, value=LOG_DEFAULT, allow_blank=False, id="logging", compact=True)
        yield from row(
            "logging",
            logging,
            word("group"),
            Input(id="log_group", compact=True, disabled=True),
            word("stream"),
            Input(id="log_stream", compact=True, disabled=True),
        )
        yield from row("payload", TextArea(id="payload", compact=True, show_line_numbers=False))

    def on_mount(self) -> None:
        self.query_one("#image").focus()
        self._check()
        self.desk.ask(self._fleet.images, self._take_images)
        self.desk.ask(self._fleet.connectors, self._take_connectors)

    # What the service says

    def _take_images(self, answer: Sequence[Image] | Problem) -> None:
        if not self.on_screen:
            return
        if isinstance(answer, Problem):
            self._fail(answer)
            return
        self._images = sorted(answer, key=lambda image: (image.latest_active_version is None, image.name))
        box: Select[str] = self.query_one("#image", Select)
        box.set_options([(Content(_image_label(image)), image.arn) for image in self._images])
        box.prompt = "choose an image" if self._images else "no images in this region"
        wanted = self._wanted_image
        chosen = [image for image in self._images if wanted in (image.name, image.arn)] or self._images
        if chosen and chosen[0].latest_active_version:
            box.value = chosen[0].arn

    def _take_versions(self, image_arn: str, answer: Sequence[ImageVersion] | Problem) -> None:
        if not self.on_screen or image_arn != self._form().image_arn:
            return
        if isinstance(answer, Problem):
            self._fail(answer)
            return
        self._versions = answer
        latest = self._latest()
        label = f"latest active: {clean(latest, 20)}" if latest else "latest active: none"
        launchable = [version.version for version in answer if version.launchable]
        box: Select[str] = self.query_one("#version", Select)
        value = f"{LATEST} {latest}"
        others = [(Content(clean(version, 20)), version) for version in launchable]
        box.set_options([(Content(label), value), *others])
        wanted, self._wanted_version = self._wanted_version, ""
        box.value = wanted if wanted in launchable else value
        self._check()

    def _take_connectors(self, answer: Sequence[NetworkConnector] | Problem) -> None:
        if not self.on_screen:
            return
        if isinstance(answer, Problem):
            self._note(
                "egress", f"VPC connectors could not be read: {clean(answer.why or answer.what)}", "warning"
            )
            return
        self._connectors = answer
        own = [(Content(_connector_label(item)), item.arn) for item in answer]
        box: Select[str] = self.query_one("#egress", Select)
        box.set_options([(Content("internet"), INTERNET), *own])
        box.value = INTERNET

    def _latest(self) -> str:
        arn = self._form().image_arn
        return next((image.latest_active_version or "" for image in self._images if image.arn == arn), "")

    # The form

    def _form(self) -> LaunchForm:
        text = {box.id: box.value for box in self.query(Input)}
        ticked = {box.id: box.value for box in self.query(Checkbox)}
        chosen = {box.id: box.value if isinstance(box.value, str) else "" for box in self.query(Select)}
        return LaunchForm(
            image_arn=chosen["image"],
            version="" if chosen["version"].startswith(LATEST) else chosen["version"],
            name=text["name"],
            http=ticked["http"],
            shell=ticked["shell"],
            egress_arn=chosen["egress"],
            idle=ticked["idle"],
            idle_after=text["idle_after"],
            suspended_for=text["suspended_for"],
            auto_resume=ticked["auto_resume"],
            maximum=text["maximum"],
            role=text["role"],
            logging=chosen["logging"],
            log_group=text["log_group"],
            log_stream=text["log_stream"],
            payload=self.query_one(TextArea).text,
        )

    @on(Select.Changed, "#image")
    def _image_changed(self) -> None:
        arn = self._form().image_arn
        self._versions = ()
        if arn:
            self.desk.ask(lambda: self._fleet.versions(arn), lambda answer: self._take_versions(arn, answer))

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Select.Changed)
    @on(TextArea.Changed)
    def _check(self) -> dict[str, str]:
        """Say what is wrong and what follows; returns the problems by field."""
        form = self._form()
        _, problems = form.read()
        for name in ("idle_after", "suspended_for", "auto_resume"):
            self.query_one(f"#{name}").disabled = not form.idle
        for name in ("log_group", "log_stream"):
            self.query_one(f"#{name}").disabled = form.logging != LOG_OWN
        self.query_one("#summary", Static).update(form.summary())
        price = self._price()
        self.query_one("#price", Static).update(price.words() if price else "")
        self.query_one("#price").set_class(price is not None, "-shown")
        self._show_notes(form, problems)
        return problems

    def _show_notes(self, form: LaunchForm, problems: dict[str, str]) -> None:
        """One note under each row: a problem before a warning before a fact."""
        size = len(form.payload.encode())
        notes = {
            "image": (self._size_words(), ""),
            "payload": (f"{size:,} of {PAYLOAD_LIMIT:,} bytes, handed to the run hook", ""),
        }
        notes |= {_ROWS[field]: (text, "warning") for field, text in form.warnings().items()}
        connector = next((item for item in self._connectors if item.arn == form.egress_arn), None)
        if connector is not None and not connector.usable:
            notes["egress"] = (f"{clean(connector.name)} is {clean(connector.state.lower())}.", "warning")
        if warning := self._quota_warning():
            notes["image"] = (warning, "warning")
        for field, text in problems.items():
            if self._tried or field != "image":
                notes[_ROWS[field]] = (clean(text), "problem")
        for name in dict.fromkeys((*_ROWS.values(), "egress")):
            self._note(name, *notes.get(name, ("", "")))

    def _memory(self) -> int | None:
        version = self._form().version or self._latest()
        return next((item.memory_mib for item in self._versions if item.version == version), None)

    def _size_words(self) -> str:
        memory, quota = self._memory(), self._fleet.quota()
        if not memory:
            return ""
        more = quota.fits(memory) if quota else None
        return f"{size_words(memory)}{'' if more is None else f' · fits: {more} more of this size'}"

    def _price(self) -> LaunchPrice | None:
        """What the launch will cost; None while its size is not known."""
        memory, form = self._memory(), self._form()
        if not memory:
            return None
        version = (form.image_arn, form.version or self._latest())
        found = self._fleet.spend.tariff(version, memory)
        request, _ = form.read()
        return LaunchPrice(found, request.idle_policy, request.maximum_seconds) if found else None

    def _quota_warning(self) -> str:
        memory, quota = self._memory(), self._fleet.quota()
        if memory is None or quota is None or quota.limit_mib is None:
            return ""
        left = max(quota.limit_mib - quota.used_mib, 0)
        if memory <= left:
            return ""
        return f"Needs {memory_label(memory)}, but {memory_label(left)} of the memory quota is left."

    def _note(self, row: str, text: str, kind: str = "") -> None:
        note = self.query_one(f"#note-{row}", Static)
        note.update(text)
        note.set_class(bool(text), "-shown")
        note.set_class(kind == "warning", "-warning")
        note.set_class(kind == "problem", "-problem")

    def _fail(self, problem: Problem) -> None:
        failure = self.query_one("#failure", Static)
        failure.update(Content(clean(str(problem))))
        failure.add_class("-shown")

    # What it does

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "launch":
            self.action_launch()
        elif event.button.id == "command":
            self.action_command()
        elif event.button.id == "what_if":
            self._what_if()
        else:
            self.dismiss(None)

    def action_command(self) -> None:
        """The request as an AWS CLI command."""
        account = self.desk.accounts.account
        if account is None:
            return
        request, _ = self._form().read()
        members = request.parameters(account.region, account.partition)
        masked_text, full = (
            aws_command(
                "RunMicrovm",
                shown,
                region=account.region,
                profile=self.desk.command_profile,
                endpoint=account.endpoint,
            )
            for shown in (masked(members), members)
        )
        self.app.push_screen(TextDialog("AWS CLI", masked_text, full))

    def _what_if(self) -> None:
        from mvm_tui.tui.dialogs.what_if import WhatIfDialog, WhatIfForm

        form, price = self._form(), self._price()
        memory = self._memory() or DEFAULT_MEMORY_MIB
        rates = price.tariff.rates if price else self._fleet.spend.rates()
        after = form.idle_after if form.idle else form.maximum
        self.app.push_screen(WhatIfDialog(rates, WhatIfForm(memory, idle_after=after)))

    def action_launch(self) -> None:
        self._tried = True
        if self._under_way or self._check():
            return
        figures, desk = self._fleet.spend.figures, self.desk
        cost = figures.cost if figures else None
        question = over_budget(cost, self._price(), desk.budget, desk.now)
        if question:
            self.app.push_screen(Confirm(question, "launch"), lambda yes: self._launch() if yes else None)
        else:
            self._launch()

    def _launch(self) -> None:
        self._under_way = True
        button = self.query_one("#launch", Button)
        button.label, button.disabled = "Launching…", True
        request, name = self._with_token(self._form().read()[0]), self._form().name.strip()
        self.desk.ask(lambda: self._fleet.launch(request, clean(name, 64)), self._launched)

    def _with_token(self, request: LaunchRequest) -> LaunchRequest:
        """The same request tried again keeps its token, so that no second MicroVM comes of it."""
        if self._attempt is None or self._attempt[0] != request:
            self._attempt = (request, str(uuid.uuid4()))
        return replace(request, client_token=self._attempt[1])

    def _launched(self, answer: Launched | Problem) -> None:
        if isinstance(answer, Problem):
            self.desk.report(answer, toast=not self.on_screen)
            if self.on_screen:
                self._under_way = False
                button = self.query_one("#launch", Button)
                button.label, button.disabled = "Launch", False
                self._fail(answer)
            return
        self.desk.launched(answer)
        if self.on_screen:
            self.dismiss(None)


def _image_label(image: Image) -> str:
    none = "" if image.latest_active_version else " · nothing to launch"
    return f"{clean(image.name, 48)}{none}"


def _connector_label(connector: NetworkConnector) -> str:
    return f"{clean(connector.name, 40)} · {clean(connector.state.lower(), 20)}"

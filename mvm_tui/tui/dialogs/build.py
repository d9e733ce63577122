"""Building an image, or a new version of one, from a folder with a Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static, TextArea

from mvm_tui.builds.check import Finding
from mvm_tui.builds.folder import Contents
from mvm_tui.config.secrets import KNOWN
from mvm_tui.model.bases import Base
from mvm_tui.model.build_words import parse_variables
from mvm_tui.model.connectors import NetworkConnector
from mvm_tui.model.errors import Problem
from mvm_tui.model.image_spec import ImageSpec
from mvm_tui.model.sensitive import MASK
from mvm_tui.model.size import SIZES
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.base import Dialog
from mvm_tui.tui.dialogs.build_form import BuildForm, changed_variables
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.launch_form import LOG_DEFAULT, LOG_OFF, LOG_OWN
from mvm_tui.tui.dialogs.rows import ROW_STYLES, row, word
from mvm_tui.tui.dialogs.text import TextDialog
from mvm_tui.tui.folders import FolderSuggester, looked_over

if TYPE_CHECKING:
    from mvm_tui.builds.builder import Prepared

# The folder is looked over when nothing was typed for so long.
_PAUSE_SECONDS = 0.3
_LISTED = 2_000
_BY_SERVICE = ""
# Problem's field → the row under which it is said.
_ROWS = {
    "name": "name",
    "role": "role",
    "memory": "memory",
    "hooks": "hooks",
    "environment": "env",
    "tags": "tags",
    "logging": "logging",
}


class BuildDialog(Dialog[None]):
    """Stays open until the build is under way, so that nothing typed is lost."""

    DEFAULT_CSS = (
        ROW_STYLES.format(form="BuildDialog")
        + """
    BuildDialog .box { width: 96; }
    BuildDialog #memory { width: 16; }
    BuildDialog #logging { width: 22; }
    BuildDialog #variable { width: 24; }
    BuildDialog #note-folder { display: block; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "build", "build", show=False, priority=True, id="build.go"),
        Binding("ctrl+l", "list", "what is in it", show=False, priority=True, id="build.list"),
        Binding("ctrl+e", "values", "show values", show=False, priority=True, id="build.values"),
    ]

    def __init__(self, form: BuildForm, image: str = "") -> None:
        """`image` is the name of the image that gets a new version; empty for any."""
        super().__init__()
        self._given = form
        self._image = image
        self._variables = dict(form.variables)
        self._open_values = False
        self._contents: Contents | None = None
        self._findings: Sequence[Finding] = ()
        self._looked_at: tuple[str, int | None] | None = None
        self._looking = False
        self._waiting: Timer | None = None
        # The choices whose options were read.
        self._offered: set[str] = set()
        self._tried = False
        self._under_way = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = f"New version of {clean(self._image, 64)}" if self._image else "Build an image"
            with VerticalScroll(can_focus=False):
                yield from self._source_rows()
                yield from self._place_rows()
                yield from self._guest_rows()
            with Vertical(classes="foot"):
                yield Static(id="failure", classes="note -problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Static("ctrl+s builds · ctrl+l contents", classes="hint", markup=False)
                    yield Button("Contents", id="contents", compact=True)
                    yield Button("Cancel", id="cancel", compact=True)
                    yield Button("Build", id="build", compact=True)

    def _source_rows(self) -> Iterator[Widget]:
        given = self._given
        place = "the folder with the Dockerfile; → completes"
        yield from row(
            "folder",
            Input(given.folder, id="folder", compact=True, placeholder=place, suggester=FolderSuggester()),
        )
        yield from row(
            "name", Input(given.name, id="name", compact=True, max_length=64, disabled=bool(self._image))
        )
        sizes = [(size.label, str(size.memory_mib)) for size in SIZES]
        known = str(given.memory_mib) if given.memory_mib in {one.memory_mib for one in SIZES} else "2048"
        memory: Select[str] = Select(sizes, value=known, allow_blank=False, id="memory", compact=True)
        yield from row(
            "memory",
            memory,
            word("description"),
            Input(given.description, id="description", compact=True, max_length=512),
        )

    def _place_rows(self) -> Iterator[Widget]:
        given = self._given
        base: Select[str] = Select(
            [("the newest", _BY_SERVICE)], value=_BY_SERVICE, allow_blank=False, id="base", compact=True
        )
        version = Input(
            given.base_version, id="base_version", classes="short", compact=True, placeholder="newest"
        )
        yield from row("base", base, word("version"), version)
        yield from row(
            "role",
            Input(given.role, id="role", compact=True, placeholder="ARN of the role that builds run as"),
        )
        proposed = "mvm-tui-ACCOUNT-REGION, made if it is not there"
        yield from row("bucket", Input(given.bucket, id="bucket", compact=True, placeholder=proposed))
        egress: Select[str] = Select(
            [("internet", _BY_SERVICE)], value=_BY_SERVICE, allow_blank=False, id="egress", compact=True
        )
        rights = Checkbox("all OS capabilities", given.all_capabilities, id="capabilities", compact=True)
        yield from row("egress", egress, rights)
        kinds = [("default group", LOG_DEFAULT), ("own group", LOG_OWN), ("off", LOG_OFF)]
        logging: Select[str] = Select(
            kinds, value=given.logging, allow_blank=False, id="logging", compact=True
        )
        group = Input(given.log_group, id="log_group", compact=True)
        yield from row("logging", logging, word("group"), group)

    def _guest_rows(self) -> Iterator[Widget]:
        yield from row(
            "hooks", TextArea(self._given.hooks, id="hooks", compact=True, show_line_numbers=False)
        )
        yield from row(
            "env",
            Input(id="variable", compact=True, placeholder="NAME or @FILE"),
            word("="),
            Input(id="value", compact=True, password=True, placeholder="value; enter adds it"),
        )
        if not self._image:
            yield from row(
                "tags", TextArea(self._given.tags, id="tags", compact=True, show_line_numbers=False)
            )

    def on_mount(self) -> None:
        self.query_one("#folder").focus()
        account = self.desk.accounts.account
        if account is not None:
            self.desk.ask(lambda: account.images().bases(), self._take_bases)
            self.desk.ask(account.fleet.connectors, self._take_connectors)
        self._check()
        self._look()

    # What the service says

    def _take_bases(self, answer: Sequence[Base] | Problem) -> None:
        if not self.on_screen:
            return
        if isinstance(answer, Problem):
            self._note(
                "base", f"Base images could not be read: {clean(answer.why or answer.what)}", "warning"
            )
            return
        found = [(Content(clean(base.image.name, 48)), base.image.arn) for base in answer]
        wanted = self._given.base
        arn = next((base.image.arn for base in answer if wanted in (base.image.arn, base.image.name)), wanted)
        self._offer("base", "the newest", found, arn)

    def _take_connectors(self, answer: Sequence[NetworkConnector] | Problem) -> None:
        if not self.on_screen:
            return
        if isinstance(answer, Problem):
            words = f"VPC connectors could not be read: {clean(answer.why or answer.what)}"
            self._note("egress", words, "warning")
            return
        found = [(Content(clean(item.name, 40)), item.arn) for item in answer if item.usable]
        self._offer("egress", "internet", found, self._given.egress_arn)

    def _offer(self, name: str, default: str, found: list[tuple[Content, str]], wanted: str) -> None:
        """Offer what was found in a choice, and take what is wanted, found or not."""
        if wanted and all(value != wanted for _, value in found):
            found = [*found, (Content(clean(wanted, 48)), wanted)]
        box: Select[str] = self.query_one(f"#{name}", Select)
        box.set_options([(Content(default), _BY_SERVICE), *found])
        box.value = wanted
        self._offered.add(name)

    # The form

    @property
    def form(self) -> BuildForm:
        """The fields as they stand."""
        text = {box.id: box.value for box in self.query(Input)}
        areas = {box.id: box.text for box in self.query(TextArea)}
        chosen = {box.id: box.value if isinstance(box.value, str) else "" for box in self.query(Select)}
        return BuildForm(
            folder=text["folder"].strip(),
            name=text["name"],
            memory_mib=int(chosen["memory"]),
            base=self._chosen("base", self._given.base),
            base_version=text["base_version"],
            role=text["role"],
            bucket=text["bucket"].strip(),
            description=text["description"],
            hooks=areas["hooks"],
            variables=tuple(self._variables.items()),
            tags=areas.get("tags", ""),
            egress_arn=self._chosen("egress", self._given.egress_arn),
            logging=chosen["logging"],
            log_group=text["log_group"],
            all_capabilities=self.query_one("#capabilities", Checkbox).value,
        )

    def _chosen(self, name: str, given: str) -> str:
        """What is chosen; until it is read what can be, what was given."""
        value = self.query_one(f"#{name}", Select).value
        return value if isinstance(value, str) and name in self._offered else given

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Select.Changed)
    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._check()
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE_SECONDS, self._look)

    def _check(self) -> tuple[ImageSpec, dict[str, str]]:
        """Say what is wrong; the specification and its problems."""
        form = self.form
        spec, problems = form.read()
        self.query_one("#log_group").disabled = form.logging != LOG_OWN
        notes = {
            "hooks": ("one a line, such as ready=9000:2m or run=9000:5s", ""),
            "env": (self._named(), ""),
        }
        notes["tags"] = ("one a line: NAME=VALUE", "")
        if (
            self._tried
            and self.query_one("#value", Input).value
            and not self.query_one("#variable", Input).value
        ):
            notes["env"] = ("this value has no name", "problem")
        for name, text in problems.items():
            if self._tried or (name != "name" or form.name):
                notes[_ROWS[name]] = (clean(text), "problem")
        for name in dict.fromkeys(_ROWS.values()):
            self._note(name, *notes.get(name, ("", "")))
        return spec, problems

    def _named(self) -> str:
        """The variables that are set, their values as dots until they are asked for."""
        if not self._variables:
            return "none; -NAME takes one away"
        shown = (
            f"{name}={clean(value, 60) if self._open_values else MASK}"
            for name, value in self._variables.items()
        )
        return clean(
            f"{', '.join(shown)}  · ctrl+e {'masks' if self._open_values else 'shows'} values", 1_000
        )

    def _note(self, name: str, text: str, kind: str = "") -> None:
        for note in self.query(f"#note-{name}").results(Static):
            note.update(text)
            note.set_class(bool(text), "-shown")
            note.set_class(kind == "warning", "-warning")
            note.set_class(kind == "problem", "-problem")

    @on(Input.Submitted, "#variable, #value")
    def _variable_entered(self) -> None:
        if self._take_variable():
            self.query_one("#variable", Input).focus()

    def _take_variable(self) -> bool:
        """Set what stands in the fields of a variable; False if it is none."""
        name, value = self.query_one("#variable", Input), self.query_one("#value", Input)
        word = name.value.strip()
        if not word:
            self._check()
            return not value.value
        try:
            if word.startswith("@"):
                self._variables |= dict(parse_variables([word]))
            else:
                self._variables = changed_variables(self._variables, word, value.value)
        except ValueError as error:
            self._note("env", clean(error), "problem")
            return False
        for one in self._variables.values():
            KNOWN.add(one)
        name.value = value.value = ""
        self._check()
        return True

    def action_values(self) -> None:
        self._open_values = not self._open_values
        self.query_one("#value", Input).password = not self._open_values
        self._check()

    # The folder

    def _look(self) -> None:
        """Look the folder over, unless that was done since it was named."""
        spec, _ = self.form.read()
        wanted = (self.form.folder, spec.hook_port)
        if not self.on_screen or self._looking or wanted == self._looked_at:
            return
        self._looked_at = wanted
        self._contents, self._findings = None, ()
        if not wanted[0]:
            self._show_folder()
            return
        self._looking = True
        self._note("folder", "is being looked over…")

        def deliver(answer: tuple[Contents | None, list[Finding]] | Problem) -> None:
            self._looking = False
            if not self.on_screen:
                return
            if isinstance(answer, Problem):
                self._findings = [Finding(True, answer.what, answer.why)]
            else:
                self._contents, self._findings = answer
            self._show_folder()
            # It may have been changed meanwhile.
            self._look()

        self.desk.ask(lambda: looked_over(*wanted), deliver)

    def _show_folder(self) -> None:
        contents = self._contents
        lines = []
        if contents is not None:
            left = f", {contents.ignored:,} left out" if contents.ignored else ""
            megabytes = contents.bytes / (1 << 20)
            size = f"{megabytes:,.1f} MB" if megabytes >= 0.1 else f"{contents.bytes:,} bytes"
            lines.append(Content(f"{len(contents.entries):,} files, {size}{left}"))
        for finding in self._findings:
            style = "$text-error" if finding.fatal else "$text-warning"
            lines.append(Content.styled(clean(finding.text), style))
        self.query_one("#note-folder", Static).update(Content("\n").join(lines))

    def action_list(self) -> None:
        """What the zip will hold."""
        contents = self._contents
        if contents is None:
            self._note("folder", "Name a folder with a Dockerfile first.", "problem")
            return
        lines = [f"{entry.size:>12,}  {clean(entry.name, 200)}" for entry in contents.entries[:_LISTED]]
        if (more := len(contents.entries) - _LISTED) > 0:
            lines.append(f"and {more:,} more")
        self.app.push_screen(TextDialog("What is in the zip", "\n".join(lines)))

    # What it does

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "build":
            self.action_build()
        elif event.button.id == "contents":
            self.action_list()
        else:
            self.dismiss(None)

    def action_build(self) -> None:
        """Find what the build needs; then ask about a bucket that is to be made, and begin."""
        self._tried = True
        # A variable that was typed and not entered is meant too.
        if not self._take_variable():
            self._fail("A variable cannot be set: see what is said of it.")
            return
        spec, problems = self._check()
        account, contents = self.desk.accounts.account, self._contents
        if self._under_way or problems or account is None:
            return
        if contents is None or self._looking or any(finding.fatal for finding in self._findings):
            self._fail("The folder cannot be built: see what is said of it above.")
            return
        self._set_under_way(True)
        bucket, findings = self.form.bucket, self._findings
        self.desk.ask(lambda: account.builder().prepare(spec, contents, bucket, findings), self._prepared)

    def _prepared(self, answer: Prepared | Problem) -> None:
        if not self.on_screen:
            return
        self._set_under_way(False)
        if isinstance(answer, Problem):
            self.desk.report(answer, toast=False)
            self._fail(clean(answer))
            return
        bucket = answer.bucket
        if bucket.exists or bucket.agreed:
            self._begin(answer)
            return
        question = f"Create the bucket {clean(bucket.name, 80)} in {self.desk.accounts.region}?"
        self.app.push_screen(Confirm(question, "create it"), lambda yes: self._begin(answer) if yes else None)

    def _begin(self, prepared: Prepared) -> None:
        from mvm_tui.tui.screens.building import BuildingScreen

        self.desk.builds.start(prepared)
        self.dismiss(None)
        self.app.push_screen(BuildingScreen())

    def _set_under_way(self, under_way: bool) -> None:
        self._under_way = under_way
        button = self.query_one("#build", Button)
        button.label, button.disabled = ("Looking…" if under_way else "Build"), under_way

    def _fail(self, text: str) -> None:
        failure = self.query_one("#failure", Static)
        failure.update(Content(text))
        failure.add_class("-shown")

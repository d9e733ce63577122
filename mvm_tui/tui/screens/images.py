"""Images: their table, one level down the versions of one, and below these a version's builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList, Static

from mvm_tui.fleet.action import Action, Scope
from mvm_tui.fleet.actions import Decision, display_name
from mvm_tui.fleet.changes import ChangeSet
from mvm_tui.fleet.image_decisions import IMAGE_SCOPES, ImageTarget, decide_image
from mvm_tui.fleet.sections import IMAGES, Section
from mvm_tui.model.bases import Base
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.text import clean
from mvm_tui.tui import image_views
from mvm_tui.tui.image_naming import named_target
from mvm_tui.tui.image_sheet import Sheet
from mvm_tui.tui.image_shelf import Shelf
from mvm_tui.tui.image_use import ImageUse
from mvm_tui.tui.image_views import Around, Sitting
from mvm_tui.tui.keys import bindings
from mvm_tui.tui.lines import View
from mvm_tui.tui.screens.main import MainScreen
from mvm_tui.tui.widgets.border_box import BorderBox
from mvm_tui.tui.widgets.detail import DetailPane, FactSheet
from mvm_tui.tui.widgets.line_list import LineList
from mvm_tui.tui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk


class ImageSheet(FactSheet):
    """With room for the names of settings."""

    LABEL_WIDTH = 14


VIEWS = ("images", "base images")
# How many versions can be marked: two are compared.
_MARKS = 2
# Seconds in which what was read is drawn together.
_BREATH = 0.05


class ImagesScreen(MainScreen):
    """Images.

    Attributes:
        showing: The view in front, one of `VIEWS`.
        image_arn: The image whose versions are shown; empty on the level of images.
        number: The version whose builds are shown; empty above.
        marked: (ARN, version) of the marked versions, the earlier first.
        open_values: Whether the values of environment variables are shown.
        shelf: What was read.
    """

    section: ClassVar[Section] = IMAGES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(IMAGES)]
    DEFAULT_CSS = """
    ImagesScreen #image-box { width: 1fr; border: round $border-blurred; padding: 0 1; }
    ImagesScreen #image-box:focus-within { border: round $border; }
    ImagesScreen #image-titles { height: 1; }
    ImagesScreen #image-empty {
        height: 1fr; content-align: center middle; text-align: center; color: $text-muted; display: none;
    }
    ImagesScreen #image-note { height: auto; color: $text-muted; }
    ImagesScreen.-empty #image-empty { display: block; }
    ImagesScreen.-empty LineList, ImagesScreen.-empty #image-titles { display: none; }
    ImagesScreen.-sheet #image-box { display: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.showing = VIEWS[0]
        self.image_arn = self.number = ""
        self.marked: list[tuple[str, str]] = []
        self.open_values = False
        self._seen = ""
        self.shelf = Shelf(desk, self._read)
        self._sheet = Sheet(desk, self.shelf)
        self._tabs = ViewTabs(VIEWS)
        self._list = LineList()
        self._pane = DetailPane(ImageSheet(markup=False))
        self._use = ImageUse(desk)
        self._sitting = Sitting()
        self._sitting_at = -1
        self._drawing: Timer | None = None
        self._viewed: tuple[tuple[object, ...], View] | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="body"):
            with BorderBox(id="image-box"):
                yield self._tabs
                yield Static(id="image-titles", markup=False)
                yield self._list
                yield Static(id="image-empty", markup=False)
                yield Static(id="image-note", markup=False)
            yield self._pane

    def focus_body(self) -> None:
        (self._pane if self.number else self._list).focus()

    def on_screen_resume(self) -> None:
        self._want_costs(True)

    def on_screen_suspend(self) -> None:
        # Under a dialog it is still looked at.
        self._want_costs(self.desk.front is self)

    def _want_costs(self, wanted: bool) -> None:
        if self.desk.fleet is not None:
            self.desk.fleet.spend.want_details(wanted)

    def apply(self, change: ChangeSet) -> None:
        self._use.changed()

    def clear(self) -> None:
        self.shelf.clear()
        self.image_arn = self.number = ""
        self.marked = []
        self._use.changed()
        self.open_values = False
        self._level_changed()

    def read_again(self) -> None:
        self.shelf.stale()
        if self.desk.fleet is not None:
            self.desk.fleet.spend.reread_images()
        self.refresh_facts()

    def image_changed(self, image_arn: str) -> None:
        self.shelf.stale(image_arn)
        self._read()

    def status_words(self) -> Content:
        """The build that was begun last, where nothing else is under way."""
        words = super().status_words()
        jobs = self.desk.builds.under_way
        if words or not jobs:
            return words
        more = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        key = self.desk.keys.label("app.building")
        return Content.assemble((f"◌ {jobs[-1].label}{more}", "$state-starting"), (f" {key}", "$text-muted"))

    def note(self) -> str:
        return "◌" if self.desk.builds.under_way else ""

    # Going down and up

    def open_images(self) -> None:
        self._go("", "")

    def open_image(self, arn: str) -> None:
        """Show the versions of an image."""
        self._go(arn, "")

    def open_version(self, arn: str, number: str) -> None:
        """Show the builds and the configuration of a version."""
        self._go(arn, number)

    def _go(self, arn: str, number: str) -> None:
        came_from = (self.image_arn, self.number)
        self.showing = VIEWS[0]
        self.image_arn, self.number = arn, number
        self.open_values = False
        self._level_changed()
        # Going up, the cursor is where it went down.
        self._list.go_to(came_from[1] if arn else came_from[0])
        self.refresh_facts()

    def _level_changed(self) -> None:
        # Other lines come: the cursor begins at the first of them.
        self._list.highlighted = None
        self.set_class(bool(self.number), "-sheet")
        if self.is_mounted:
            self._draw()
            self.focus_body()

    def close_something(self) -> bool:
        """esc: one level up, then the marks."""
        if self.number:
            self.open_image(self.image_arn)
        elif self.image_arn:
            self.open_images()
        elif self.showing != VIEWS[0]:
            self.open_view(VIEWS[0])
        elif self.marked:
            self.marked = []
            self.refresh_facts()
        else:
            return False
        return True

    def open_view(self, name: str) -> None:
        """Show this view; that of images from its top."""
        self.showing = name
        self.image_arn = self.number = ""
        self._level_changed()
        self.refresh_facts()

    def turn(self) -> None:
        """Go to the next view."""
        self.open_view(VIEWS[(VIEWS.index(self.showing) + 1) % len(VIEWS)])

    @on(ViewTabs.Chosen)
    def _view_chosen(self, message: ViewTabs.Chosen) -> None:
        message.stop()
        self.open_view(message.name)

    @on(OptionList.OptionSelected)
    def _opened(self) -> None:
        self.desk.invoke("image.open")

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        if self._list.chosen != self._seen:
            # Another one: what is secret is hidden again.
            self._seen = self._list.chosen
            self.open_values = False
        self.refresh_facts()

    def toggle_mark(self, key: tuple[str, str]) -> None:
        """Mark a version, or take its mark; of more than two the oldest mark goes."""
        if key in self.marked:
            self.marked.remove(key)
        else:
            self.marked = [*self.marked, key][-_MARKS:]
        self.refresh_facts()

    def toggle_values(self) -> None:
        self.open_values = not self.open_values
        self.refresh_facts()

    # What actions work on

    def target(self, argument: str = "") -> ImageTarget | None:
        """The image or version under the cursor, or the one that `argument` names.

        Raises:
            Gone, ValueError: There is none of that name, or several.
        """
        image, version = named_target(self.shelf, argument) if argument else self._chosen()
        if image is None:
            return None
        found = self.shelf.versions(image.arn).value
        return ImageTarget(image, version, None if found is None else len(found), self._use.rows(image.arn))

    def _chosen(self) -> tuple[Image | None, ImageVersion | None]:
        if self.showing != VIEWS[0]:
            return None, None
        if not self.image_arn:
            return self.shelf.image(self._list.chosen), None
        image = self.shelf.image(self.image_arn)
        return image, self.shelf.version(self.image_arn, self.number or self._list.chosen)

    def names_for(self, action: Action) -> Sequence[str]:
        images = self.shelf.images or ()
        if action.scope is not Scope.IMAGE_VERSION:
            return [image.name for image in images]
        known = ((image, self.shelf.versions(image.arn).value or ()) for image in images)
        return [f"{image.name}:{one.version}" for image, versions in known for one in versions]

    def decision(
        self, action: Action, argument: str = "", *, rows: Sequence[FleetRow] | None = None
    ) -> Decision:
        if action.scope not in IMAGE_SCOPES:
            return super().decision(action, argument, rows=rows)
        return decide_image(action, self.target(argument), self.desk.context())

    def works(self, action: Action) -> bool:
        if action.id == "image.open" and self.number:
            return False
        return super().works(action)

    # What is shown

    def _read(self) -> None:
        """Something was read: ask for more, and draw what came within a moment at once."""
        if self.desk.front is not self or not self.is_mounted:
            return
        self._want()
        if self._drawing is None:
            self._drawing = self.set_timer(_BREATH, self._draw_read)

    def _draw_read(self) -> None:
        self._drawing = None
        self.refresh_facts()

    def show_facts(self) -> None:
        self._want_costs(True)
        self._want()
        self._draw()

    def _want(self) -> None:
        """Read what is on screen and not known, or known for too long."""
        self.shelf.want_images()
        if self.image_arn:
            self.shelf.want_versions(self.image_arn)
            self.shelf.want_bases()
        elif self.showing == VIEWS[0]:
            arns = [line.key for line in self._list.in_sight()]
            chosen = [self._list.chosen] if self._list.chosen else []
            self.shelf.want_all_versions([*chosen, *arns])
            for arn in chosen:
                self.shelf.want_tags(arn)
        else:
            self.shelf.want_bases()
            self.shelf.want_all_versions([image.arn for image in self.shelf.images or ()])
        self._sheet.want(*self._chosen())

    def _draw(self) -> None:
        view = self._view()
        self._tabs.show(self.showing)
        self._list.show(view)
        self.set_class(not view.lines, "-empty")
        self.set_class(self.showing != VIEWS[0], "-bases")
        self.query_one("#image-box", BorderBox).write_border(self._title())
        self.query_one("#image-empty", Static).update(view.empty)
        self.query_one("#image-titles", Static).update(self._list.heading)
        self.query_one("#image-note", Static).update(view.note)
        self.query_one("#image-note").display = bool(view.note)
        self._draw_pane()

    def _title(self) -> Content:
        image = self.shelf.image(self.image_arn)
        return Content.styled(clean(image.name, 64) if image else "", "bold $foreground")

    def _draw_pane(self) -> None:
        image, version = self._chosen()
        if image is None:
            self._pane.show("", [])
        elif version is None:
            names = sorted(display_name(row) for row in self._use.rows(image.arn))
            self._pane.show(clean(image.name, 64), self._sheet.image(image, names))
        else:
            title = f"{clean(image.name, 64)}:{clean(version.version, 20)}"
            facts = self._sheet.version(version, open_values=self.open_values, whole=bool(self.number))
            self._pane.show(title, facts)

    def _view(self) -> View:
        """The table as it is now; put together again only when something in it may differ."""
        self._use.costs()
        # Ages are told on every level but that of images.
        second = int(self.desk.now.timestamp()) if self.image_arn or self.showing != VIEWS[0] else 0
        place = (self.showing, self.image_arn, tuple(self.marked))
        wanted = (*place, self.shelf.revision, self._use.revision, second)
        if self._viewed is None or self._viewed[0] != wanted:
            self._viewed = (wanted, self._new_view())
        return self._viewed[1]

    def _new_view(self) -> View:
        around = self._around()
        if self.showing != VIEWS[0]:
            return self._bases(around)
        if not self.image_arn:
            return image_views.images(self.shelf.images, around, self._no_images())
        image = self.shelf.image(self.image_arn)
        kept = self.shelf.versions(self.image_arn)
        if image is None:
            return View((), (), "The image is not there any more. esc goes back.")
        empty = "It has no versions."
        if kept.value is None:
            empty = clean(kept.problem) if kept.problem else "Versions are being read…"
        return image_views.versions(image, kept.value, around, empty)

    def _bases(self, around: Around) -> View:
        kept = self.shelf.bases
        if self._sitting_at != self.shelf.revision:
            # Sorting tens of thousands of versions is done when some were read, not each second.
            self._sitting_at = self.shelf.revision
            self._sitting = image_views.sitting(self.shelf.images or (), around.versions, around.bases)
        empty = "There are no managed base images here."
        if kept.value is None:
            empty = clean(kept.problem) if kept.problem else "Base images are being read…"
        return image_views.bases(kept.value, self._sitting, self.desk.now, empty)

    def _no_images(self) -> str:
        if self.shelf.images_problem is not None:
            return clean(self.shelf.images_problem)
        if self.shelf.images is None:
            return "Images are being read…"
        build = self.desk.keys.label("image.build") or ":build"
        return f"There are no images here yet.\n{build} builds one from a folder with a Dockerfile."

    def _around(self) -> Around:
        known = {
            image.arn: kept.value
            for image in self.shelf.images or ()
            if (kept := self.shelf.versions(image.arn)).value is not None
        }
        bases: Sequence[Base] = self.shelf.bases.value or ()
        return Around(self.desk.now, known, self._use.costs(), self._use.counts(), bases, self.marked)

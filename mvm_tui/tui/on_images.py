"""What the actions on images do. What they need is loaded when images are first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from mvm_tui.fleet.action import Action
from mvm_tui.model.errors import Problem
from mvm_tui.model.image import ACTIVE, INACTIVE, ImageVersion, version_key
from mvm_tui.model.microvm import image_name
from mvm_tui.model.size import DEFAULT_MEMORY_MIB
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.dialogs.build_form import BuildForm
    from mvm_tui.tui.screens.images import ImagesScreen
    from mvm_tui.tui.seams import ImagesLike

Ids = tuple[str, ...]


def images_screen(desk: Desk) -> ImagesScreen:
    """The screen of images, made if it was not yet."""
    return cast("ImagesScreen", desk.sections.screen("images"))


def label_of(ids: Ids) -> str:
    """``web`` or ``web:2.0``; safe to show."""
    return clean(":".join((image_name(ids[0]), *ids[1:])), 90)


def _open(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    screen = images_screen(desk)
    if len(ids) > 1:
        screen.open_version(*ids)
    else:
        screen.open_image(ids[0])


def _launch(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    from mvm_tui.tui.dialogs.launch import LaunchDialog

    if desk.fleet is not None:
        desk.app.push_screen(LaunchDialog(desk.fleet, *ids))


def _logs(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    """Of the version; of an image as a whole, of its newest version."""
    if len(ids) > 1:
        open_build_logs(desk, *ids)
        return
    account = desk.accounts.account
    if account is None:
        return

    def newest(images: ImagesLike) -> str:
        return max((one.version for one in images.versions(ids[0])), key=version_key, default="")

    def deliver(answer: str | Problem) -> None:
        if isinstance(answer, Problem):
            desk.report(answer, label_of(ids))
        elif answer:
            open_build_logs(desk, ids[0], answer)
        else:
            desk.say(f"{label_of(ids)} has no versions.", "warning")

    desk.ask(lambda: newest(account.images()), deliver)


def open_build_logs(desk: Desk, arn: str, version: str) -> None:
    """Read the logs of a version's build on the screen of logs."""
    from mvm_tui.tui.log_subject import Kind, Subject
    from mvm_tui.tui.on_logs import open_logs

    open_logs(desk, Subject(Kind.BUILD, image=image_name(arn), image_arn=arn, version=version))


def _set_status(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    arn, version = ids
    status, word = (ACTIVE, "active") if action.id == "image.activate" else (INACTIVE, "inactive")
    _change(desk, ids, lambda images: images.set_status(arn, version, status), f"is {word} now.")


def _delete_version(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    arn, version = ids
    screen = images_screen(desk)
    if screen.number == version and screen.image_arn == arn:
        screen.open_image(arn)
    _change(desk, ids, lambda images: images.delete_version(arn, version), "is being deleted.")


def _delete(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    screen = images_screen(desk)
    if screen.image_arn == ids[0]:
        screen.open_images()
    _change(desk, ids[:1], lambda images: images.delete(ids[0]), "is being deleted.")


def _change(desk: Desk, ids: Ids, call: Callable[[ImagesLike], str | None], done: str) -> None:
    """Change something in a thread, say how it went, and read again what may be otherwise now."""
    account = desk.accounts.account
    if account is None:
        desk.say("There is no connection.", "warning")
        return

    def deliver(answer: str | Problem | None) -> None:
        desk.images_changed(ids[0])
        if isinstance(answer, Problem):
            desk.report(answer, label_of(ids))
        else:
            desk.say(f"{label_of(ids)} {done}", request_id=answer or "")

    desk.ask(lambda: call(account.images()), deliver)


def _tag(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    """Its tags are read anew before they are changed: somebody else may have."""
    account = desk.accounts.account
    if account is None:
        return
    arn = ids[0]

    def deliver(answer: Mapping[str, str] | Problem) -> None:
        from mvm_tui.tui.dialogs.tags import TagsDialog

        if isinstance(answer, Problem):
            desk.report(answer, label_of(ids[:1]))
            return

        def keep(wanted: dict[str, str] | None) -> None:
            if wanted is not None and wanted != dict(answer):
                changed = {name: value for name, value in wanted.items() if answer.get(name) != value}
                gone = [name for name in answer if name not in wanted]
                _change(desk, ids[:1], lambda images: images.set_tags(arn, changed, gone), "is tagged.")

        desk.app.push_screen(TagsDialog(label_of(ids[:1]), answer), keep)

    desk.ask(lambda: account.images().tags(arn), deliver)


def _mark(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    images_screen(desk).toggle_mark((ids[0], ids[1]))


def _compare(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    """The marked version with this one, or the two marked ones."""
    from mvm_tui.tui.dialogs.compare import CompareDialog

    screen = images_screen(desk)
    others = [key for key in screen.marked if key != ids]
    if not others:
        key = desk.keys.label("image.mark")
        desk.say(f"Mark another version first ({key}): the two are compared then.", "warning")
        return
    left, right = (screen.marked[0], screen.marked[1]) if len(others) > 1 else (others[0], (ids[0], ids[1]))
    if argument:
        left, right = others[-1], (ids[0], ids[1])
    versions = screen.shelf.version(*left), screen.shelf.version(*right)
    if versions[0] is None or versions[1] is None:
        desk.say("One of the two is not there any more.", "warning")
        return
    desk.app.push_screen(CompareDialog((label_of(left), label_of(right)), (versions[0], versions[1])))


def _values(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    images_screen(desk).toggle_values()


def _copy_name(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    desk.copy(label_of(ids))


def _copy_arn(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    desk.copy(ids[0])


def _raw(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    from mvm_tui.tui.dialogs.raw import RawDialog

    account = desk.accounts.account
    if account is None:
        return
    dialog = RawDialog(label_of(ids))

    def deliver(answer: dict[str, Any] | Problem) -> None:
        if isinstance(answer, Problem):
            dialog.dismiss()
            desk.report(answer, label_of(ids))
        else:
            dialog.show_answer(answer)

    desk.app.push_screen(dialog)
    desk.ask(lambda: account.images().raw(*ids), deliver)


def _next_view(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    images_screen(desk).turn()


def _build(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    """From the folder that is named, or from one that is asked for."""
    from mvm_tui.tui.dialogs.build import BuildDialog

    if desk.fleet is None:
        desk.say("There is no connection to build on.", "warning")
    else:
        desk.app.push_screen(BuildDialog(replace(_defaults(desk), folder=argument.strip())))


def _new_version(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    """Configured as the chosen version, or as the newest one of the image."""
    account = desk.accounts.account
    if account is None:
        return

    def deliver(answer: Sequence[ImageVersion] | Problem) -> None:
        from mvm_tui.tui.dialogs.build import BuildDialog
        from mvm_tui.tui.dialogs.build_form import form_of

        if isinstance(answer, Problem):
            desk.report(answer, label_of(ids))
            return
        wanted = [one for one in answer if one.version in ids[1:]] or answer
        last = max(wanted, key=lambda one: version_key(one.version), default=None)
        given = _defaults(desk)
        form = form_of(last, given) if last else replace(given, name=image_name(ids[0]))
        desk.app.push_screen(BuildDialog(form, image_name(ids[0])))

    desk.ask(lambda: account.images().versions(ids[0]), deliver)


def _defaults(desk: Desk) -> BuildForm:
    """What the config says of builds here."""
    from mvm_tui.tui.dialogs.build_form import BuildForm

    settings = desk.options.settings.for_profile(desk.accounts.profile or None)
    place = settings.build.in_region(desk.accounts.region)
    return BuildForm(
        memory_mib=place.memory or DEFAULT_MEMORY_MIB,
        base=place.base or "",
        base_version=place.base_version or "",
        role=place.role or "",
        bucket=place.bucket or "",
    )


def _follow(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    from mvm_tui.tui.screens.building import BuildingScreen

    desk.app.push_screen(BuildingScreen(desk.builds.follow(*ids)))


def _building(desk: Desk, action: Action, ids: Ids, argument: str) -> None:
    from mvm_tui.tui.screens.building import BuildingScreen

    desk.app.push_screen(BuildingScreen())


HANDLERS: dict[str, Callable[[Desk, Action, Ids, str], None]] = {
    "app.building": _building,
    "image.build": _build,
    "image.new_version": _new_version,
    "image.follow": _follow,
    "image.open": _open,
    "image.launch": _launch,
    "image.logs": _logs,
    "image.activate": _set_status,
    "image.deactivate": _set_status,
    "image.delete_version": _delete_version,
    "image.delete": _delete,
    "image.tag": _tag,
    "image.mark": _mark,
    "image.compare": _compare,
    "image.values": _values,
    "image.copy_name": _copy_name,
    "image.copy_arn": _copy_arn,
    "image.raw": _raw,
    "images.next_view": _next_view,
}

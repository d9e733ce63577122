"""Which image and version a word on the command line names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone
from mvm_tui.model.image import Image
from mvm_tui.model.text import clean

_ARN = re.compile(r"(arn:[^:]*:lambda:[^:]*:[^:]*:microvm-image)[:/]([^:]+)(?::([^:]+))?")
_SHOWN = 5


def image_and_version(session: Session, word: str) -> tuple[str, str]:
    """(ARN, version) of ``NAME[:VERSION]``, the beginning of a name that is unique, or an ARN.

    The ARN is in the form that the service takes, with a colon before the name; the version may be empty.

    Raises:
        Gone: There is no such image.
        Refusal: A beginning is that of several.
    """
    if match := _ARN.fullmatch(word):
        return f"{match[1]}:{match[2]}", match[3] or ""
    name, _, version = word.partition(":")
    return find_image(all_images(session), name).arn, version


def all_images(session: Session) -> list[Image]:
    """The account's images. Raises Problem."""
    from mvm_tui.aws.images import images

    return [image for page in images(session.connection) for image in page]


def find_image(images: Sequence[Image], name: str) -> Image:
    """The image of a name, of an ARN, or of a beginning of a name that only one has."""
    exact = next((image for image in images if name in (image.name, image.arn)), None)
    if exact is not None:
        return exact
    # An empty word is an unset variable of a script: it must not begin every name.
    begins = [image for image in images if name and image.name.startswith(name)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        listed = ", ".join(clean(image.name) for image in begins[:_SHOWN])
        raise Refusal(f"{clean(name)!r} may be {len(begins)} images: {listed}. Write more of the name.")
    close = get_close_matches(name, [image.name for image in images], n=1)
    advice = f"Did you mean {clean(close[0])}?" if close else "See mvm-tui images."
    raise Gone(f"There is no image {clean(name)!r}.", "The account has none of that name here.", advice)

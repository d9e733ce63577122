"""Which image and version a word names: a name, the beginning of one or an ARN, with a version or without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from mvm_tui.model.errors import Gone
from mvm_tui.model.image import Image
from mvm_tui.model.text import clean

_ARN = re.compile(r"(arn:[^:]*:lambda:[^:]*:[^:]*:microvm-image)[:/]([^:]+)(?::([^:]+))?")
_SHOWN = 5


def split_reference(word: str) -> tuple[str, str]:
    """(name or ARN, version) of ``NAME[:VERSION]`` or an ARN; the version may be empty.

    An ARN comes back in the form that the service takes, with a colon before the name: the one with a slash
    is refused as if permission were missing.
    """
    if match := _ARN.fullmatch(word):
        return f"{match[1]}:{match[2]}", match[3] or ""
    name, _, version = word.partition(":")
    return name, version


def is_arn(word: str) -> bool:
    """Whether `split_reference` gave an ARN."""
    return _ARN.fullmatch(word) is not None


def find_image(images: Sequence[Image], name: str) -> Image:
    """The image of a name, of an ARN, or of a beginning of a name that only one has.

    Raises:
        Gone: There is no such image.
        ValueError: A beginning is that of several; the message names them.
    """
    exact = next((image for image in images if name in (image.name, image.arn)), None)
    if exact is not None:
        return exact
    # An empty word is an unset variable of a script: it must not begin every name.
    begins = [image for image in images if name and image.name.startswith(name)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        listed = ", ".join(clean(image.name) for image in begins[:_SHOWN])
        raise ValueError(f"{clean(name)!r} may be {len(begins)} images: {listed}. Write more of the name.")
    close = get_close_matches(name, [image.name for image in images], n=1)
    advice = f"Did you mean {clean(close[0])}?" if close else "See mvm-tui images."
    raise Gone(f"There is no image {clean(name)!r}.", "The account has none of that name here.", advice)

"""Which image and version a word on the ``:`` line names, among those that were read."""

from __future__ import annotations

from mvm_tui.model.errors import Gone
from mvm_tui.model.image import Image, ImageVersion, same_version
from mvm_tui.model.image_naming import find_image, split_reference
from mvm_tui.model.text import clean
from mvm_tui.tui.image_shelf import Shelf


def named_target(shelf: Shelf, word: str) -> tuple[Image, ImageVersion | None]:
    """The image, and the version if one is named.

    Raises:
        Gone: There is none of that name, or its versions were not read yet.
        ValueError: It may be several.
    """
    name, number = split_reference(word)
    image = find_image(shelf.images or (), name)
    if not number:
        return image, None
    found = shelf.versions(image.arn).value
    if found is None:
        shelf.want_versions(image.arn)
        raise Gone(f"The versions of {clean(image.name)} are being read.", fix="Try again in a moment.")
    version = next((one for one in found if same_version(one.version, number)), None)
    if version is None:
        listed = ", ".join(clean(one.version, 12) for one in found[:8])
        raise Gone(f"{clean(image.name)} has no version {clean(number, 20)}.", f"There are {listed}.")
    return image, version

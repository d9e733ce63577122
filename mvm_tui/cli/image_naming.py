"""Which image and version a word on the command line names."""

from __future__ import annotations

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.session import Session
from mvm_tui.model import image_naming
from mvm_tui.model.image import Image


def image_and_version(session: Session, word: str) -> tuple[str, str]:
    """(ARN, version) of ``NAME[:VERSION]``, the beginning of a name that is unique, or an ARN.

    The version may be empty.

    Raises:
        Gone: There is no such image.
        Refusal: A beginning is that of several.
    """
    name, version = image_naming.split_reference(word)
    if image_naming.is_arn(name):
        return name, version
    try:
        return image_naming.find_image(all_images(session), name).arn, version
    except ValueError as error:
        raise Refusal(str(error)) from None


def all_images(session: Session) -> list[Image]:
    """The account's images. Raises Problem."""
    from mvm_tui.aws.images import images

    return [image for page in images(session.connection) for image in page]

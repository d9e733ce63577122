"""How two image versions are configured otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from mvm_tui.model.image import ImageVersion
from mvm_tui.model.image_settings import Difference, differences
from mvm_tui.model.sensitive import MASK
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.text import TextDialog

_STYLES = {"-": "$text-error", "+": "$text-success"}


class CompareDialog(TextDialog):
    """The settings that differ: a line with ``-`` for the first version, one with ``+`` for the second."""

    def __init__(self, names: tuple[str, str], versions: tuple[ImageVersion, ImageVersion]) -> None:
        """`names` are what the two are called; safe to show."""
        found = differences(*versions)
        super().__init__(
            "Compare", difference_text(names, found), difference_text(names, found, open_values=True)
        )

    def styled(self, text: str) -> Content:
        lines = []
        for line in text.split("\n"):
            style = _STYLES.get(line[:1], "bold" if line and not line.startswith(" ") else "")
            lines.append(Content.styled(line, style))
        return Content("\n").join(lines)


def difference_text(names: tuple[str, str], found: Sequence[Difference], *, open_values: bool = False) -> str:
    """The differences as lines; sensitive values are dots unless `open_values`."""
    lines = [f"- {names[0]}", f"+ {names[1]}", ""]
    if not found:
        lines.append("Both are configured the same.")
    for one in found:
        lines.append(clean(one.name, 80))
        for sign, value in (("-", one.before), ("+", one.after)):
            if value is not None:
                lines.append(f"{sign} {MASK if one.secret and not open_values else clean(value)}")
    return "\n".join(lines)

"""A box whose border is written on without drawing what is inside anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.content import Content
from textual.geometry import Region

if TYPE_CHECKING:
    from typing import Self


class BorderBox(Container):
    """Textual draws a widget and all that is in it again for every title that is set; see `write_border`."""

    _writing = False
    _border_words = (Content(""), Content(""))

    def write_border(self, above: Content, below: Content = Content("")) -> None:  # noqa: B008 - immutable
        """Draw the lines of the border that read differently, and nothing else."""
        before, self._border_words = self._border_words, (above, below)
        if above.is_same(before[0]) and below.is_same(before[1]):
            return
        self._writing = True
        self.border_title, self.border_subtitle = above, below
        self._writing = False
        left, width = -self.content_offset.x, self.outer_size.width
        top = -self.content_offset.y
        rows = ((above, before[0], top), (below, before[1], top + self.outer_size.height - 1))
        self.refresh(*(Region(left, y, width, 1) for now, old, y in rows if not now.is_same(old)))

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """As Textual has it, but that words in the border do not draw all that is inside anew."""
        if self._writing:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

"""The service's own answer for a MicroVM."""

from __future__ import annotations

import json
from typing import Any

from mvm_tui.model.sensitive import masked
from mvm_tui.tui.dialogs.text import TextDialog


class RawDialog(TextDialog):
    """The answer as JSON; empty until `show_answer` brings it."""

    def show_answer(self, answer: dict[str, Any]) -> None:
        self.show(_json(masked(answer)), _json(answer))


def _json(answer: Any) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False, default=str)

"""The order of a table's rows, by column id.

Keys do not depend on the time of day, so that a sorted list stays sorted while the clock runs: age sorts
by the start, time left by the hard end. All keys of one column are of one type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import SUSPENDED, image_name

SortKey = str | float

# What a user looks for first comes first; a word that is not listed comes after all of them.
_STATE_ORDER = (
    "running",
    "resuming",
    "starting",
    "suspending",
    "suspended",
    "terminating",
    "ending",
    "ended",
)
_STATE_RANK = {word: f"{rank:02d}" for rank, word in enumerate(_STATE_ORDER)}
_NUMBER = re.compile(r"\d+")


def natural(text: str) -> str:
    """A key that puts ``web-2`` before ``web-10`` and does not look at case."""
    return _NUMBER.sub(lambda match: match.group().zfill(12), text.casefold())


def _state(row: FleetRow) -> SortKey:
    word = row.state_word
    return f"{_STATE_RANK.get(word, '99')} {word}"


def _name(row: FleetRow) -> SortKey | None:
    return natural(row.name) if row.name else None


def _image(row: FleetRow) -> SortKey:
    return _image_key(row.vm.image_arn, row.vm.image_version)


# Thousands of rows share a few images.
@lru_cache(1_024)
def _image_key(arn: str, version: str) -> str:
    return f"{natural(image_name(arn))}\0{natural(version)}"


def _age(row: FleetRow) -> SortKey | None:
    started = row.vm.started_at
    return None if started is None or row.vm.ended else -started.timestamp()


def _left(row: FleetRow) -> SortKey | None:
    ends = None if row.vm.ended else row.vm.ends_at
    return None if ends is None else ends.timestamp()


def _idle(row: FleetRow) -> SortKey | None:
    if row.vm.details is None or row.vm.ended:
        return None
    policy = row.vm.details.idle_policy
    return float("inf") if policy is None else float(policy.max_idle_seconds)


def _shell(row: FleetRow) -> SortKey | None:
    return None if row.vm.shell is None or row.vm.ended else float(not row.vm.shell)


def _rate(row: FleetRow) -> SortKey | None:
    """By size, those that run first: what an hour costs grows with it."""
    if row.memory_mib is None or row.vm.ended:
        return None
    return row.memory_mib if row.vm.state != SUSPENDED else row.memory_mib / 1_000_000


_KEYS: dict[str, Callable[[FleetRow], SortKey | None]] = {
    "state": _state,
    "name": _name,
    "id": lambda row: row.vm.id,
    "image": _image,
    "size": lambda row: row.memory_mib,
    "age": _age,
    "left": _left,
    "idle": _idle,
    "shell": _shell,
    "rate": _rate,
}
SORTABLE = tuple(_KEYS)
# What a MicroVM has cost grows with the clock, each at its own pace: an order by it would not hold.
COLUMN_IDS = (*SORTABLE, "cost")
# Columns whose order is complete only when every row's details were read one by one.
DETAIL_COLUMNS = frozenset({"left", "idle", "shell"})


def sort_key(column: str) -> Callable[[FleetRow], SortKey | None]:
    """The key function of a column; it answers None where the value is unknown or does not apply.

    Raises:
        ValueError: There is no such column; the message names those there are.
    """
    try:
        return _KEYS[column]
    except KeyError:
        raise ValueError(f"cannot sort by {column!r}: use {', '.join(SORTABLE)}") from None


def sort_rows(rows: Iterable[FleetRow], column: str, reverse: bool = False) -> list[FleetRow]:
    """Rows in order, equal ones by id. Unknown values come last in either direction.

    Raises:
        ValueError: There is no such column.
    """
    key = sort_key(column)
    known: list[tuple[SortKey, str, FleetRow]] = []
    unknown: list[FleetRow] = []
    for row in rows:
        value = key(row)
        if value is None:
            unknown.append(row)
        else:
            known.append((value, row.id, row))
    known.sort(key=lambda item: item[:2], reverse=reverse)
    unknown.sort(key=lambda row: row.id)
    return [row for _, _, row in known] + unknown

"""How a MicroVM and what happened to it are put into words: shared by detail pane, dialogs and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from mvm_tui.model.connectors import connector_name
from mvm_tui.model.durations import plain_duration, short_duration
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.idle import IdlePolicy
from mvm_tui.model.microvm import Details
from mvm_tui.model.size import Size, memory_label, size_of
from mvm_tui.model.text import clean
from mvm_tui.tui.widgets.fleet_columns import COLUMNS

UNKNOWN = "…"
# A hard end closer than this needs a decision.
SOON_SECONDS = 3_600
# Of the MicroVMs that came from one snapshot so many are named.
_MATES = 4
SEEDS_NOTE = "A random generator seeded at build time repeats in all MicroVMs of one snapshot."

_STATE = next(column for column in COLUMNS if column.id == "state")

# One line of a fact sheet: its label, and what it says. Without a label it takes the whole line.
Fact = tuple[str | Content, Content]


def state_label(row: FleetRow, now: datetime) -> Content:
    """``● running``, coloured as in the table."""
    text, role = _STATE.read(row, now)
    return Content.styled(text, f"${role}")


def local_time(moment: datetime, now: datetime) -> str:
    """``14:21:07``, with the date in front if it is another day, in the machine's zone."""
    here, today = moment.astimezone(), now.astimezone()
    return f"{here:%H:%M:%S}" if here.date() == today.date() else f"{here:%Y-%m-%d %H:%M}"


def size_words(memory_mib: int | None) -> str:
    """``2 GB, 1 vCPU · up to 8 GB, 4 vCPU``."""
    if memory_mib is None:
        return f"size {UNKNOWN}"
    size: Size = size_of(memory_mib)
    burst = f"up to {memory_label(size.peak_memory_mib)}, {size.peak_vcpu:g} vCPU"
    return f"{size.label}, {size.baseline_vcpu:g} vCPU · {burst}"


def facts(
    row: FleetRow,
    now: datetime,
    *,
    whole: bool = False,
    cost: Sequence[Fact] = (),
    forwards: Sequence[str] = (),
) -> list[Fact]:
    """The fact sheet of a MicroVM.

    `whole` spells ids and ARNs out; `cost` are the lines on its cost, `forwards` the URLs that lead to it.
    """
    details = row.vm.details
    head = Content.assemble(state_label(row, now), "   ", (clean(row.vm.image_label), "bold"))
    sheet: list[Fact] = [("", head), ("size", Content(size_words(row.memory_mib)))]
    if details is not None and details.state_reason:
        sheet.append(("reason", Content(clean(details.state_reason))))
    sheet += [("", Content("")), *_deadlines(row, now)]
    if cost:
        sheet += [("", Content("")), *cost]
    if details is None:
        sheet.append(("details", Content.styled(f"being read {UNKNOWN}", "$text-muted")))
    else:
        sheet += [("", Content("")), *_network(row, details, whole)]
    sheet += [("forward", Content(clean(url))) for url in forwards]
    sheet += [("", Content("")), ("id", Content(clean(row.id)))]
    if row.name:
        sheet.append(("name", Content(clean(row.name))))
    if whole:
        sheet.append(("image", Content(clean(row.vm.image_arn))))
    if details is not None:
        sheet.append(("role", _role(details, whole)))
    return sheet


def _deadlines(row: FleetRow, now: datetime) -> list[Fact]:
    vm = row.vm
    lines: list[Fact] = []
    if vm.started_at is not None:
        ago = short_duration((now - vm.started_at).total_seconds())
        lines.append(("started", _when(local_time(vm.started_at, now), f"{ago} ago")))
    if vm.details is not None and vm.details.terminated_at is not None:
        lines.append(("ended", Content(local_time(vm.details.terminated_at, now))))
    elif vm.ends_at is not None and not vm.ended:
        lines.append(("ends", _end(vm.ends_at, now)))
    if vm.details is not None and not vm.ended:
        lines.append(("idle", Content(idle_words(vm.details.idle_policy))))
    return lines


def _when(moment: str, distance: str) -> Content:
    return Content.assemble(moment, (f"  {distance}", "$text-muted"))


def _end(ends_at: datetime, now: datetime) -> Content:
    left = (ends_at - now).total_seconds()
    style = "$text-warning bold" if left < SOON_SECONDS else "$text-muted"
    distance = f"in {short_duration(left)}" if left > 0 else "due now"
    return Content.assemble(local_time(ends_at, now), (f"  {distance}", style))


def idle_words(policy: IdlePolicy | None) -> str:
    """The idle policy of a MicroVM as a sentence.

    The suspended window is said of idle suspends only: after a suspend by hand the service was seen to
    ignore it.
    """
    if policy is None:
        return "None: runs until suspended or terminated."
    idle = plain_duration(policy.max_idle_seconds)
    if policy.suspended_seconds == 0:
        return f"Terminated after {idle} without traffic."
    wake = "traffic resumes it" if policy.auto_resume else "only you can resume it"
    kept = plain_duration(policy.suspended_seconds)
    return f"Suspended after {idle} without traffic; {wake}. Idle for {kept} more, it is terminated."


def _network(row: FleetRow, details: Details, whole: bool) -> list[Fact]:
    possible = row.vm.shell
    shell = "unknown" if possible is None else "yes" if possible else "no: launched without SHELL_INGRESS"
    return [
        ("ingress", _connectors(details.ingress, whole)),
        ("egress", _connectors(details.egress, whole)),
        ("shell", Content(shell)),
        ("endpoint", Content(clean(details.endpoint) or "—")),
    ]


def _connectors(arns: Sequence[str], whole: bool) -> Content:
    """Their names; the account's own ones by ARN where there is room, for their names say little."""
    managed = ":aws:network-connector:"
    names = [clean(arn if whole and managed not in arn else connector_name(arn)) for arn in arns]
    return Content(", ".join(names) or "—")


def _role(details: Details, whole: bool) -> Content:
    role = details.execution_role
    if not role:
        return Content.assemble("none", ("  so it writes no logs", "$text-muted"))
    return Content(clean(role if whole else role.rpartition("/")[2]))


def snapshot_facts(snapshot: str, mates: Sequence[str]) -> list[Fact]:
    """Which snapshot a MicroVM came from; the others that did, by their names, with a word of caution."""
    if not snapshot:
        return []
    sheet: list[Fact] = [("snapshot", Content(clean(snapshot, 60)))]
    if mates:
        named = ", ".join(sorted(mates)[:_MATES]) + (
            f" and {len(mates) - _MATES} more" * (len(mates) > _MATES)
        )
        sheet.append(("same as", Content.styled(named, "$text-warning")))
        sheet.append(("", Content.styled(SEEDS_NOTE, "$text-muted")))
    return sheet

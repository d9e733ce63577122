"""The store: what a listener is told, and which answer wins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.fleet.store import Store
from mvm_tui.model.clock import ManualClock
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import ALLOCATING
from tests.fleet.rows import ARN, detailed, vm


def new_store() -> Store:
    return Store(ManualClock())


def states(store: Store) -> dict[str, str]:
    return {key: row.vm.state for key, row in store.rows().items()}


def test_a_page_is_added_and_a_repeat_changes_nothing() -> None:
    store = new_store()
    store.apply_page([vm(1), vm(2)], store.ticket())
    first = store.take_changes()
    assert {row.id for row in first.added} == {"microvm-0001", "microvm-0002"}
    assert {row.id for row in first.moved} == {"microvm-0001", "microvm-0002"}
    store.apply_page([vm(1), vm(2)], store.ticket())
    assert store.take_changes().empty


def test_a_late_listing_does_not_override_a_newer_reading() -> None:
    store = new_store()
    listing = store.ticket()
    store.apply(detailed(1, "SUSPENDED"), store.ticket())
    store.apply_page([vm(1, "RUNNING")], listing)
    assert states(store) == {"microvm-0001": "SUSPENDED"}
    store.apply_page([vm(1, "RUNNING")], store.ticket())
    assert states(store) == {"microvm-0001": "RUNNING"}


def test_a_late_listing_does_not_revive_what_is_gone() -> None:
    store = new_store()
    store.apply_page([vm(1)], store.ticket())
    listing = store.ticket()
    store.remove("microvm-0001", store.ticket())
    store.apply_page([vm(1)], listing)
    assert store.rows() == {}
    store.apply_page([vm(1)], store.ticket())
    assert len(store.rows()) == 1


def test_details_survive_a_listing() -> None:
    store = new_store()
    store.apply(detailed(1), store.ticket())
    store.apply_page([vm(1, "SUSPENDING")], store.ticket())
    row = store.row("microvm-0001")
    assert row is not None
    assert row.vm.details is not None
    assert row.vm.state == "SUSPENDING"


def test_details_are_wanted_until_read_and_once_more_after_the_end() -> None:
    store = new_store()
    assert not store.needs_details("microvm-0001")
    store.apply_page([vm(1)], store.ticket())
    assert store.needs_details("microvm-0001")
    store.apply(detailed(1), store.ticket())
    assert not store.needs_details("microvm-0001")
    store.apply_page([vm(1, "TERMINATED")], store.ticket())
    assert store.needs_details("microvm-0001")
    store.apply(detailed(1, "TERMINATED", "Success."), store.ticket())
    assert not store.needs_details("microvm-0001")


def test_what_a_sweep_did_not_hold_is_named_or_dropped() -> None:
    store = new_store()
    store.apply_page([vm(1), vm(2), vm(3, "TERMINATED"), vm(4)], store.ticket())
    store.take_changes()
    first = store.ticket()
    store.apply_page([vm(1)], store.ticket())
    store.apply(detailed(4), store.ticket())
    assert store.end_sweep(first) == ["microvm-0002"]
    assert store.take_changes().gone == ("microvm-0003",)
    # It stays until it is confirmed, and is named again.
    assert store.end_sweep(store.ticket()) == ["microvm-0001", "microvm-0002", "microvm-0004"]


def test_pending_is_shown_until_the_state_arrives() -> None:
    store = new_store()
    store.apply_page([vm(1), vm(2, "SUSPENDED")], store.ticket())
    store.set_pending(["microvm-0001", "unknown"], "suspending")
    store.set_pending(["microvm-0002"], "resuming")
    store.apply_page([vm(1), vm(2, "SUSPENDED")], store.ticket())
    assert {row.state_word for row in store.rows().values()} == {"suspending", "resuming"}
    store.apply_page([vm(1, "SUSPENDING"), vm(2, "PENDING")], store.ticket())
    assert {row.pending for row in store.rows().values()} == {"suspending", "resuming"}
    store.apply_page([vm(1, "SUSPENDED"), vm(2, "RUNNING")], store.ticket())
    assert {row.pending for row in store.rows().values()} == {""}
    store.set_pending(["microvm-0001"], "resuming")
    store.set_pending(["microvm-0001"], "")
    assert {row.state_word for row in store.rows().values()} == {"suspended", "running"}


def test_names_and_sizes_reach_rows_of_now_and_of_later() -> None:
    store = new_store()
    store.apply_page([vm(1)], store.ticket())
    assert store.unknown_sizes() == [(ARN, "1.0")]
    assert store.allocated() == (0, 1)
    store.take_changes()
    store.learn({"microvm-0001": "web", "microvm-0002": "db"}, {(ARN, "1.0"): 2048})
    assert [row.id for row in store.take_changes().changed] == ["microvm-0001"]
    store.apply_page([vm(1), vm(2), vm(3, "TERMINATED")], store.ticket())
    shown = {row.id: (row.name, row.memory_mib) for row in store.rows().values()}
    assert shown == {
        "microvm-0001": ("web", 2048),
        "microvm-0002": ("db", 2048),
        "microvm-0003": ("", 2048),
    }
    assert store.unknown_sizes() == []
    assert store.allocated() == (4096, 0)


def test_the_moment_of_a_change_is_kept() -> None:
    clock = ManualClock()
    store = Store(clock)
    store.apply_page([vm(1)], store.ticket())
    clock.advance(7)
    store.apply_page([vm(1, "SUSPENDED")], store.ticket())
    row = store.row("microvm-0001")
    assert row is not None
    assert row.changed_at == 7


STATES = st.sampled_from(["PENDING", "RUNNING", "SUSPENDED", "TERMINATED", "ODD"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("page"), st.lists(st.tuples(st.integers(1, 4), STATES), max_size=4)),
        st.tuples(st.just("read"), st.tuples(st.integers(1, 4), STATES)),
        st.tuples(st.just("remove"), st.integers(1, 4)),
        st.tuples(st.just("pending"), st.integers(1, 4)),
        st.tuples(st.just("tell"), st.none()),
    ),
    max_size=30,
)


@given(STEPS)
def test_a_listener_that_applies_all_changes_holds_the_snapshot(steps: list[tuple[str, object]]) -> None:
    store = new_store()
    held: dict[str, FleetRow] = {}
    for kind, value in [*steps, ("tell", None)]:
        if kind == "page" and isinstance(value, list):
            store.apply_page([vm(number, state) for number, state in value], store.ticket())
        elif kind == "read" and isinstance(value, tuple):
            store.apply(detailed(*value), store.ticket())
        elif kind == "remove":
            store.remove(f"microvm-{value:04d}", store.ticket())
        elif kind == "pending":
            store.set_pending([f"microvm-{value:04d}"], "suspending")
        else:
            changes = store.take_changes()
            assert not {row.id for row in changes.added} & held.keys()
            assert {row.id for row in changes.changed} <= held.keys()
            assert set(changes.gone) <= held.keys()
            held.update({row.id: row for row in (*changes.added, *changes.changed)})
            for key in changes.gone:
                del held[key]
    assert held == store.rows()
    store.learn({}, {(ARN, "1.0"): 512})
    allocating = [row for row in held.values() if row.vm.state in ALLOCATING]
    assert store.allocated() == (512 * len(allocating), 0)

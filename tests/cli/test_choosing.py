"""Which MicroVM a word means, and which a selection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.cli.choosing import Selection, find
from mvm_tui.cli.exits import DONE, FAILED, SIGN_IN, TEMPORARY, Refusal, worst
from mvm_tui.model.errors import Gone
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.microvm import Microvm

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ARN = "arn:aws:lambda:us-east-1:123456789012:microvm-image:"


def row(
    microvm_id: str, state: str = "RUNNING", name: str = "", image: str = "web", hours: float = 1
) -> FleetRow:
    return FleetRow(Microvm(microvm_id, state, ARN + image, "2.0", NOW - timedelta(hours=hours)), name)


def test_an_id_goes_before_a_name_and_a_name_before_a_beginning() -> None:
    listing = [row("microvm-aa"), row("microvm-aab", name="microvm-aa"), row("microvm-c", name="aab")]
    assert find(listing, "microvm-aa").id == "microvm-aa"
    assert find(listing, "aab").id == "microvm-c"
    assert find(listing, "c").id == "microvm-c"


def test_what_lives_goes_before_what_has_ended() -> None:
    listing = [row("microvm-a1", "TERMINATED", "web"), row("microvm-a2", name="web")]
    assert find(listing, "web").id == "microvm-a2"
    assert find(listing, "a").id == "microvm-a2"
    assert find(listing, "a1").id == "microvm-a1"


def test_two_of_a_name_are_refused_with_both_told() -> None:
    with pytest.raises(Refusal, match=r"may be 2 MicroVMs: microvm-a1 \(web\), microvm-a2 \(web\)"):
        find([row("microvm-a1", name="web"), row("microvm-a2", name="web")], "web")


def test_an_empty_word_is_nobody() -> None:
    with pytest.raises(Gone):
        find([row("microvm-a1")], "")


@given(st.sets(st.text("0123456789abcdef", min_size=4, max_size=8), min_size=1, max_size=20), st.data())
def test_every_microvm_is_found_by_its_shortest_beginning_of_its_own(
    bare: set[str], data: st.DataObject
) -> None:
    listing = [row(f"microvm-{one}") for one in bare]
    wanted = data.draw(st.sampled_from(sorted(bare)))
    for length in range(1, len(wanted) + 1):
        beginning = wanted[:length]
        fitting = [one for one in bare if one.startswith(beginning)]
        if len(fitting) == 1 or (beginning == wanted and beginning in bare and len(fitting) == 1):
            assert find(listing, beginning).id == f"microvm-{wanted}"
    assert find(listing, f"microvm-{wanted}").id == f"microvm-{wanted}"


def test_a_selection_wants_all_kinds_and_any_of_each() -> None:
    web, job = row("a", image="web", hours=3), row("b", "SUSPENDED", image="job", hours=1)
    both = Selection(("web", "job:2.0"))
    assert [both.matches(one, NOW) for one in (web, job)] == [True, True]
    assert [Selection(states=("suspended",)).matches(one, NOW) for one in (web, job)] == [False, True]
    assert [Selection(older_than=7_200).matches(one, NOW) for one in (web, job)] == [True, False]
    assert not Selection(("web",), ("SUSPENDED",)).matches(web, NOW)
    assert Selection((ARN + "web",)).matches(web, NOW)
    assert not Selection(())
    assert Selection(older_than=0)


def test_a_state_by_the_services_word_or_ours() -> None:
    starting = row("a", "PENDING")
    odd = row("b", "HIBERNATING")
    assert Selection(states=("pending",)).matches(starting, NOW)
    assert Selection(states=("starting",)).matches(starting, NOW)
    assert Selection(states=("hibernating",)).matches(odd, NOW)


def test_a_mistyped_state_does_not_pass_for_an_empty_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    listing = [row("a"), row("b", "HIBERNATING")]
    Selection(states=("Running", "ending", "hibernating")).doubt(listing)
    assert capsys.readouterr().err == ""
    Selection(states=("runing",)).doubt(listing)
    assert "No state is called runing. There are: starting, running," in capsys.readouterr().err


def test_of_several_the_names_are_told_and_what_to_write() -> None:
    with pytest.raises(Refusal) as caught:
        find([row("microvm-aa", name="web"), row("microvm-ab")], "a")
    assert caught.value.message == (
        "'a' may be 2 MicroVMs: microvm-aa (web), microvm-ab. Write more of the id, or all of it."
    )


def test_an_unknown_start_is_not_older_than_anything() -> None:
    unknown = FleetRow(Microvm("a", "RUNNING", ARN + "web", "1.0", None))
    assert not Selection(older_than=0).matches(unknown, NOW)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], DONE),
        ([TEMPORARY], TEMPORARY),
        ([TEMPORARY, FAILED], FAILED),
        ([FAILED, SIGN_IN, TEMPORARY], SIGN_IN),
    ],
)
def test_the_worst_code_is_the_one_that_needs_the_user_most(codes: list[int], expected: int) -> None:
    assert worst(codes) == expected

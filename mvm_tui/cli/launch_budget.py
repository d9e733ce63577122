"""Asks before a launch that would pass the budget of the day."""

from __future__ import annotations

from mvm_tui.cli.asking import confirm
from mvm_tui.cli.session import Session
from mvm_tui.fleet.actions import Ask
from mvm_tui.model.errors import Denied
from mvm_tui.model.launch import LaunchRequest


def ask_budget(session: Session, request: LaunchRequest, yes: bool) -> None:
    """Return if there is no budget, the launch keeps it, or the user agrees; without one nothing is read.

    Raises:
        Cancelled: They do not.
        Refusal: There is nobody to ask and no ``--yes``.
        Problem: What today costs cannot be read, for a reason that would stop the launch too.
    """
    budget = session.settings.day_budget
    if yes or budget is None:
        return
    if question := _question(session, request):
        confirm(Ask((), question), yes)


def _question(session: Session, request: LaunchRequest) -> str:
    from mvm_tui.cli.cost_reading import read_fleet
    from mvm_tui.fleet.launch_price import LaunchPrice, over_budget
    from mvm_tui.fleet.spend import fleet_cost

    budget = session.settings.day_budget
    try:
        version = request.image_arn, request.version or _latest(session, request.image_arn)
        account = read_fleet(session, version)
    except Denied as problem:
        why = f"What was spent today cannot be read. {problem}"
        return over_budget(None, None, budget, session.clock.now(), why)
    found = account.tariffs.of(version)
    price = LaunchPrice(found, request.idle_policy, request.maximum_seconds) if found else None
    return over_budget(fleet_cost(account.books, account.tariffs, account.at), price, budget, account.now)


def _latest(session: Session, image_arn: str) -> str:
    """The version that a launch takes by itself."""
    from mvm_tui.aws.images import image

    return image(session.connection, image_arn).latest_active_version or ""

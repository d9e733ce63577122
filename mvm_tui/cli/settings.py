"""`config` and `keys`: the settings in force, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mvm_tui.cli import exits
from mvm_tui.cli.options import Verbs, verb
from mvm_tui.cli.output import TABLE, emit_list, emit_object, say, write
from mvm_tui.cli.session import Session, tell
from mvm_tui.fleet.actions import ACTIONS

if TYPE_CHECKING:
    from mvm_tui.config.load import Known
    from mvm_tui.config.schema import Settings


@click.group(
    "config",
    cls=Verbs,
    help="The config file: where it is, what holds, what is wrong.",
    examples="""
    mvm-tui config path
    mvm-tui config show > config.toml
    mvm-tui config check --config ./config.toml
    """,
)
def config_verb() -> None:
    """Only a group."""


def _checked(session: Session) -> Settings:
    """The settings as the UI takes them, their faults told."""
    from mvm_tui.cli.ui import known_words

    loaded = session.read_config(known_words)
    tell(loaded.complaints)
    return loaded.settings


@verb("path", help="Print the path of the config file; with -o json of the other places, too.")
def path_verb(session: Session) -> None:
    paths = session.paths
    if session.form == TABLE:
        return write(f"{paths.config_file}\n")
    record = {
        "config_file": str(paths.config_file),
        "state_dir": str(paths.state_dir),
        "cache_dir": str(paths.cache_dir),
        "log_file": str(paths.log_file),
    }
    return emit_object(session.form, record, ())


@verb("show", help="Print every option with its documentation and the value that holds, as a config file.")
def show_verb(session: Session) -> None:
    settings = _checked(session)
    if session.form == TABLE:
        from mvm_tui.config.docs import as_toml

        return write(as_toml(settings))
    import msgspec

    return emit_object(session.form, msgspec.to_builtins(settings), ())


@verb("check", help="Print what is wrong in the config file. Exit code 1 if anything is.")
def check_verb(session: Session) -> None:
    from mvm_tui.cli.ui import known_words
    from mvm_tui.tui.theme import theme_names

    def known() -> Known:
        return replace(known_words(), themes=theme_names(session.paths.config_file.parent / "themes"))

    complaints = session.read_config(known).complaints
    records = [
        {
            "file": str(complaint.path),
            "line": complaint.line or None,
            "message": complaint.message,
            "suggestion": complaint.suggestion or None,
        }
        for complaint in complaints
    ]
    emit_list(session.form, records, (), ([str(complaint)] for complaint in complaints))
    if not complaints:
        found = session.paths.config_file.exists()
        say("Nothing is wrong." if found else "There is no config file: every option has its default.")
    click.get_current_context().exit(exits.FAILED if complaints else exits.DONE)


for _command in (path_verb, show_verb, check_verb):
    config_verb.add_command(_command)


@verb(
    "keys",
    help="List the UI's actions with their keys as the config file has them.",
    examples="""
    mvm-tui keys
    """,
)
def keys_verb(session: Session) -> None:
    remapped = _checked(session).keymap()
    keymap = {action.id: remapped.get(action.id, action.keys) for action in ACTIONS}
    records = [
        {"action": action.id, "label": action.label, "keys": list(keymap[action.id]), "help": action.help}
        for action in ACTIONS
    ]
    cells = ((action.id, ", ".join(keymap[action.id]) or "—", action.help) for action in ACTIONS)
    emit_list(session.form, records, ("ACTION", "KEYS", "DOES"), cells)

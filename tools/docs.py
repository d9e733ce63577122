"""Writes the pages of docs/ that are made from the program itself: its keys, verbs and settings.

``python -m tools.docs`` writes them, ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from mvm_tui.cli.main import root
from mvm_tui.cli.options import Given, global_options
from mvm_tui.config.docs import as_toml
from mvm_tui.config.schema import Settings
from mvm_tui.fleet.action import Action, Danger
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.fleet.sections import SECTIONS
from mvm_tui.tui.keys import shown_key

DOCS = Path(__file__).parents[1] / "docs"
_MADE = "<!-- Made by `make docs` from the program itself: change it there. -->"


def main() -> int:
    """Exit status 1 where `--check` finds a page that is not up to date."""
    stale = [name for name, make in PAGES.items() if _current(name) != make()]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/{name} is not up to date: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/{name}")
    return 0


def _current(name: str) -> str:
    file = DOCS / name
    return file.read_text(encoding="utf-8") if file.exists() else ""


def keys_page() -> str:
    """Every action with its keys, by the screen that it works on first."""
    lines = [_MADE, "", "# Keys", "", _KEYS]
    told: set[str] = set()
    for section in SECTIONS:
        fresh = [action for action in section.actions if action.id not in told]
        told |= {action.id for action in fresh}
        lines += ["", f"## {section.title}", "", *_actions(fresh)]
    rest = [action for action in ACTIONS if action.id not in told]
    if rest:
        lines += ["", "## After a shell's leader", "", *_actions(rest)]
    return "\n".join(lines) + "\n"


def _actions(actions: list[Action]) -> Iterator[str]:
    yield "| key | action | does | id |"
    yield "|---|---|---|---|"
    for action in actions:
        keys = " ".join(f"`{shown_key(key)}`" for key in action.keys)
        verb = f"`:{action.verb}`" if action.verb else ""
        note = " Not in read-only mode." if action.danger is not Danger.NONE else ""
        cell = " ".join(part for part in (keys, verb) if part) or "—"
        yield f"| {cell.replace('|', '&#124;')} | {action.label} | {action.help}{note} | `{action.id}` |"


def cli_page() -> str:
    """The help of every verb."""
    lines = [_MADE, "", "# The command line", "", "Global options stand before or after any verb:", "", "```"]
    context = click.Context(root, info_name="mvm-tui", obj=Given(), terminal_width=100)
    lines += [f"{names:<24} {text}" for names, text in _records(global_options(), context)]
    lines.append("```")
    for path, command in _commands(context, root, ()):
        lines += ["", f"## {' '.join(path)}", "", "```", _help(context, command, path), "```"]
    return "\n".join(lines) + "\n"


def _records(options: list[click.Option], context: click.Context) -> Iterator[tuple[str, str]]:
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            yield record


def _commands(
    context: click.Context, group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(context, command, (*path, name))
        elif command is not None:
            yield (*path, name), command


def _help(parent: click.Context, command: click.Command, path: tuple[str, ...]) -> str:
    name = " ".join(("mvm-tui", *path))
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
    text = command.get_help(context)
    return text.partition("\nGlobal options:")[0].rstrip() + _examples(text)


def _examples(text: str) -> str:
    _, found, examples = text.partition("\nExamples:")
    return f"\n\nExamples:{examples.rstrip()}" if found else ""


def config_page() -> str:
    """Every option with its default, as a config file."""
    return "\n".join(
        [_MADE, "", "# Settings", "", _CONFIG, "", "```toml", as_toml(Settings()).rstrip(), "```", ""]
    )


_KEYS = """Every key can be changed by the id of its action, in the section `[keys]` of the config:
`"microvm.suspend" = "f5"`. `mvm-tui keys` lists them as they are. What has a verb can be typed after `:`."""
_CONFIG = """`mvm-tui config path` says where the file is, `mvm-tui config check` what is wrong in it. Every
option may be left out."""

PAGES: dict[str, Callable[[], str]] = {"keys.md": keys_page, "cli.md": cli_page, "config.md": config_page}

if __name__ == "__main__":
    sys.exit(main())

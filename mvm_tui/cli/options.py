"""The options every verb takes, before and after it, and the classes that make verbs of functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from mvm_tui.cli.output import FORMATS, TABLE

_TEXT = "text"


@dataclass(slots=True)
class Given:
    """What the global options said; None and False where they said nothing."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    read_only: bool = False
    output: str = TABLE
    config: str = ""
    log_file: str = ""
    debug: bool = False


class Form(click.Choice[str]):
    """A format; ``text`` is another word for the table, which for lines is the better one."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        form = super().convert(value, parameter, context)
        return TABLE if form == _TEXT else form


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """The last one given holds, wherever it stands."""
    if value:
        setattr(context.ensure_object(Given), str(parameter.name), value)


def _global(*names: str, text: str, **attributes: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_remember, help=text, **attributes)


def global_options() -> list[click.Option]:
    """Fresh options for one command."""
    return [
        _global("--profile", metavar="NAME", text="AWS profile."),
        _global("--region", metavar="NAME", text="AWS region."),
        _global("--endpoint-url", metavar="URL", text="Endpoint to use instead of AWS."),
        _global("--read-only", is_flag=True, text="Forbid everything but reading."),
        _global("-o", "--output", type=Form((*FORMATS, _TEXT)), text="Format of the data on stdout."),
        _global("--config", metavar="FILE", text="Config file."),
        _global("--log-file", metavar="FILE", text="Log file."),
        _global("--debug", is_flag=True, text="Log more of what the app itself does."),
    ]


# Longer than any first sentence.
_SENTENCE = 500


class _WithGlobals(click.Command):
    """A command with the global options and, at the end of its help, examples."""

    def __init__(self, *arguments: Any, examples: str = "", **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = examples
        self._globals = global_options()
        self.params += self._globals

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        for title, chosen in (("Options", False), ("Global options", True)):
            records = [
                record
                for parameter in self.get_params(context)
                if (parameter in self._globals) is chosen
                and (record := parameter.get_help_record(context)) is not None
                and record[1]
            ]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples.strip().splitlines():
                    for part in _shell_lines(line.strip(), formatter.width - formatter.current_indent):
                        formatter.write(f"{'':{formatter.current_indent}}{part}\n")


def _shell_lines(example: str, width: int) -> list[str]:
    """An example too long for one line goes on in the next, from an option on, as a shell takes it."""
    lines = [example]
    while len(lines[-1]) > width and (at := lines[-1].rfind(" -", 5, width - 1)) > 0:
        lines[-1:] = [f"{lines[-1][:at]} \\", f"    {lines[-1][at + 1 :]}"]
    return lines


class Verb(_WithGlobals):
    """A verb whose function gets the `Session` first."""

    def invoke(self, context: click.Context) -> Any:
        from mvm_tui.cli.session import Session

        assert self.callback is not None
        given = context.ensure_object(Given)
        with Session(given) as session:
            return context.invoke(self.callback, session, **context.params)


def verb(name: str, *, examples: str = "", **attributes: Any) -> Callable[[Callable[..., Any]], Verb]:
    """Make a `Verb` of a function ``(session, **options)``."""

    def decorate(function: Callable[..., Any]) -> Verb:
        command = click.command(name, cls=Verb, examples=examples, **attributes)(function)
        assert isinstance(command, Verb)
        return command

    return decorate


class Verbs(_WithGlobals, click.Group):
    """A group that loads a verb's module when the verb is asked for.

    Options may stand before the verb as well: what stands before it is moved behind it.
    """

    def __init__(self, *arguments: Any, modules: dict[str, str] | None = None, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._modules = modules or {}

    def list_commands(self, context: click.Context) -> list[str]:
        return [*self._modules, *super().list_commands(context)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        module = self._modules.get(name)
        if module is None:
            return super().get_command(context, name)
        command = getattr(import_module(f"mvm_tui.cli.{module}"), f"{name}_verb")
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        valued = {
            name
            for parameter in self.get_params(context)
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        return super().parse_args(context, verb_first(args, set(self.list_commands(context)), valued))

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(context, formatter)
        self.format_commands(context, formatter)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Each verb with the whole first sentence of its help: click itself cuts it off at one line."""
        commands = [(name, self.get_command(context, name)) for name in self.list_commands(context)]
        rows = [(name, command.get_short_help_str(_SENTENCE)) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def verb_first(args: Sequence[str], verbs: Collection[str], valued: Collection[str]) -> list[str]:
    """The arguments with the verb moved to the front, if there is one.

    `valued` are the options whose next word is their value, not a verb.
    """
    position = 0
    while position < len(args) and args[position] != "--":
        word = args[position]
        if word in verbs:
            return [word, *args[:position], *args[position + 1 :]]
        position += 2 if word in valued else 1
    return list(args)

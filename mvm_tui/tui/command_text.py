"""The language of the ``:`` line: a verb of the registry, then what it works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mvm_tui.fleet.action import Action

# Verb → its action, of those that the screen in front has.
Verbs = Mapping[str, Action]
# Action id → the words its argument may be.
Words = Mapping[str, Callable[[], Sequence[str]]]

_SHORT = {"q": "quit", "h": "help", "launch": "run"}
_LIMIT = 50
# Verbs that an unknown one may be the beginning of: so many are named.
_NAMED = 4


def parse_command(line: str, verbs: Verbs) -> tuple[Action, str]:
    """The action and its argument.

    Raises:
        ValueError: There is no such verb; the message names the nearest.
    """
    verb, _, argument = line.strip().partition(" ")
    verb = _SHORT.get(verb, verb)
    action = verbs.get(verb)
    if action is None:
        raise ValueError(_unknown(verb, verbs))
    return action, argument.strip()


def completions(line: str, words: Words, verbs: Verbs) -> list[str]:
    """Whole lines that `line` may become, best first; at most fifty."""
    verb, space, argument = line.lstrip().partition(" ")
    if not space:
        return [name for name in sorted(verbs) if name.startswith(verb)][:_LIMIT]
    action = verbs.get(_SHORT.get(verb, verb))
    if action is None or action.id not in words:
        return []
    head, _, last = argument.rpartition(" ")
    before = f"{verb} {head} " if head else f"{verb} "
    known = words[action.id]()
    found = [word for word in known if word.startswith(last)]
    found += [word for word in known if last and last in word and not word.startswith(last)]
    return [before + word for word in found[:_LIMIT]]


def _unknown(verb: str, verbs: Verbs) -> str:
    from difflib import get_close_matches

    begun = sorted(name for name in verbs if name.startswith(verb))[:_NAMED]
    close = begun or get_close_matches(verb, verbs, n=1)
    hint = f"did you mean {_either(close)}?" if close else "tab goes through those there are."
    return f"There is no command {verb!r}: {hint}"


def _either(words: Sequence[str]) -> str:
    """``one``, ``one or two``, ``one, two or three``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last

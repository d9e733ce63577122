"""The character sets a program may put into G0 to G3, as strings for ``str.translate``.

The national sets replace a few positions of ASCII (DEC's VT220 and VT320 manuals, as xterm lists them).
"""

from __future__ import annotations

from mvm_tui.terminal.base import VT100_GRAPHICS

_POSITIONS = "#@[\\]^_`{|}~"


def _national(by: str) -> str:
    """ASCII with these characters, in the order of `_POSITIONS`; a space leaves one as it is."""
    table = [chr(code) for code in range(128)]
    for position, char in zip(_POSITIONS, by, strict=True):
        if char != " ":
            table[ord(position)] = char
    return "".join(table)


_BRITISH = _national("£           ")
_DUTCH = _national("£¾ĳ½|   ¨ƒ¼´")
_FINNISH = _national("  ÄÖÅÜ éäöåü")
_FRENCH = _national("£à°ç§   éùè¨")
_CANADIAN = _national(" àâçêî ôéùèû")
_GERMAN = _national(" §ÄÖÜ   äöüß")
_ITALIAN = _national("£§°çé  ùàòèì")
_NORWEGIAN = _national(" ÄÆØÅÜ äæøåü")
_SPANISH = _national("£§¡Ñ¿   °ñç ")
_SWEDISH = _national(" ÉÄÖÅÜ éäöåü")
_SWISS = _national("ùàéçêîèôäöüû")

# pyte's table is the Linux console's, which has more in it: on a VT only ` to ~ are special, and h is NL.
_GRAPHICS = "".join(map(chr, range(0x60))) + VT100_GRAPHICS[0x60:0x68] + "\u2424" + VT100_GRAPHICS[0x69:0x7F]

# None is ASCII: text passes as it is.
CHARSETS: dict[str, str | None] = {
    "B": None,
    "0": _GRAPHICS,
    "A": _BRITISH,
    "4": _DUTCH,
    "C": _FINNISH,
    "5": _FINNISH,
    "R": _FRENCH,
    "f": _FRENCH,
    "Q": _CANADIAN,
    "9": _CANADIAN,
    "K": _GERMAN,
    "Y": _ITALIAN,
    "E": _NORWEGIAN,
    "6": _NORWEGIAN,
    "`": _NORWEGIAN,
    "Z": _SPANISH,
    "H": _SWEDISH,
    "7": _SWEDISH,
    "=": _SWISS,
}

"""The little XML that S3 and the query protocol need: trees in, text out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

_MAX_DEPTH = 64
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotXml(ValueError):
    """The bytes are no XML document that this server reads."""


@dataclass(slots=True)
class Element:
    """One element: its name without namespace, its text, its children."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)


def read_xml(body: bytes) -> Element:
    """The root element of a document.

    Documents with a DOCTYPE are refused, so no entity can be declared, let alone expanded.

    Raises:
        NotXml: not well-formed, with a DOCTYPE, or nested more than 64 deep.
    """
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.buffer_text = True
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        # Beside what is not well-formed: an encoding that Python does not know, or expat cannot use.
        raise NotXml(str(problem)) from None
    return builder.root.children[0]


class _Builder:
    def __init__(self) -> None:
        self.root = Element("")
        self._open = [self.root]

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > _MAX_DEPTH:
            raise NotXml("nested too deep")
        element = Element(name.rpartition(" ")[2])
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].text += data

    def doctype(self, *_: object) -> None:
        raise NotXml("a DOCTYPE is not allowed")


def tag(name: str, content: str, attributes: str = "") -> str:
    """An element around markup that is already escaped."""
    return f"<{name}{attributes}>{content}</{name}>"


def text_of(value: str) -> str:
    """Text as XML content. Characters that XML cannot hold become U+FFFD."""
    return escape(_FORBIDDEN.sub("\ufffd", value), {"\r": "&#13;"})

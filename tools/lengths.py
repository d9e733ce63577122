"""Fails when a file has more than 500 lines or a function more than 60."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LIMIT = 500
FUNCTION_LIMIT = 60
ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("mvm_tui", "tests", "bench", "tools", "examples")
# Files that compose and must not grow into knowing: path → lines.
TIGHTER = {"mvm_tui/tui/app.py": 300}


def too_long(path: Path) -> Iterator[str]:
    """One sentence for each limit that the file exceeds."""
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    lines = len(source.splitlines())
    limit = TIGHTER.get(name, FILE_LIMIT)
    if lines > limit:
        yield f"{name}: {lines} lines, at most {limit}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LIMIT:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LIMIT}"


def main() -> int:
    """Exit status 1 when anything is too long."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [sentence for path in files for sentence in too_long(path)]
    for sentence in found:
        print(sentence)
    print(f"{len(files)} files, {len(found)} too long")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Reading a Dockerfile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.model.dockerfile import KINDS, DockerfileError, Instruction, parse_dockerfile

EVERYTHING = """# syntax=docker/dockerfile:1
ARG BASE=scratch
FROM --platform=linux/arm64 ${BASE} AS one

# a comment
run echo a \\
    # in between

    && echo b
COPY --from=one --chmod=755 ["a b", "/x/"]
RUN <<EOF
echo in a document
EOF
CMD python3 app.py
"""


def instructions(text: str) -> tuple[Instruction, ...]:
    return parse_dockerfile(text).instructions


def test_all_that_a_file_may_hold() -> None:
    arg, base, run, copy, document, command = instructions(EVERYTHING)
    assert (arg.kind, arg.text, arg.line) == ("ARG", "BASE=scratch", 2)
    assert (base.text, base.flags) == ("${BASE} AS one", {"platform": "linux/arm64"})
    assert (run.kind, run.text.split(), run.line) == ("RUN", ["echo", "a", "&&", "echo", "b"], 6)
    assert (copy.flags, copy.exec_form) == ({"from": "one", "chmod": "755"}, ["a b", "/x/"])
    assert document.documents == {"<<EOF": "echo in a document\n"}
    assert (command.text, command.exec_form) == ("python3 app.py", None)
    assert str(copy) == 'COPY --from=one --chmod=755 ["a b", "/x/"]'


@pytest.mark.parametrize("text", ['["a", 1]', '["a"', "[a]", "a", '{"a": 1}'])
def test_what_is_no_array_of_strings_is_for_a_shell(text: str) -> None:
    assert instructions(f"FROM x\nCMD {text}")[1].exec_form is None


def test_tabs_of_a_document_may_be_taken_off_and_its_name_quoted() -> None:
    (_, copy) = instructions("FROM x\nCOPY <<-'one' <<two /d/\n\ta\n\tone\nb\ntwo\n")
    assert copy.documents == {"<<-'one'": "a\n", "<<two": "b\n"}


def test_the_escape_character_may_be_another() -> None:
    (_, run) = instructions("# escape=`\nFROM x\nRUN dir `\n  C:\\\n")
    assert run.text.split() == ["dir", "C:\\"]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    assert [one.kind for one in instructions("\ufeffFROM x\r\n\r\nCMD y\r\n")] == ["FROM", "CMD"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("# nothing\n\n", "empty"),
        ("ARG X=1\n", "empty"),
        ("RUN x\nFROM y\n", "line 1: no build stage"),
        ("FROM x\nINSTALL y\n", "line 2: unknown instruction: INSTALL"),
        ("FROM x\n\nCMD\n", "line 3: CMD needs"),
        ("FROM x\nRUN --mount=type=cache\n", "line 2: RUN needs"),
        ("FROM x\nRUN <<EOF\na\n", "line 2: the here-document EOF does not end"),
        ("FROM x\n" + "#" * (1 << 20), "characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, why: str) -> None:
    with pytest.raises(DockerfileError, match=why):
        parse_dockerfile(text)


lines = st.builds(
    lambda kind, text, end: f"{kind} {text}{end}",
    st.sampled_from(["", "#", *sorted(KINDS)]),
    st.text(st.sampled_from("ab <-E\\\"'[]$={}\t"), max_size=12),
    st.sampled_from(["\n", "\r\n", "\\\n", ""]),
)


@given(st.lists(lines).map("".join) | st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        found = parse_dockerfile("FROM x\n" + text)
    except DockerfileError:
        return
    assert found.instructions[0].kind == "FROM"

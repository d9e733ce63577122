"""Carrying out a Dockerfile: what lands where, what runs, what is told, what fails."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mvm_tui.local.container.app import BuiltApp, relocate, relocated_environment
from mvm_tui.local.container.building import ContainerBuild, RunStep, Step
from mvm_tui.local.container.errors import BuildError
from mvm_tui.local.container.limits import Budget
from mvm_tui.local.guest_environment import GUEST_PATH


@dataclass
class Bench:
    """A folder to build from, and builds of it."""

    folder: Path
    log: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def context(self) -> Path:
        return self.folder / "context"

    def put(self, name: str, text: str = "x", mode: int = 0o644) -> None:
        path = self.context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def build(self, *lines: str, run_step: RunStep | None = None, budget: Budget | None = None) -> BuiltApp:
        """Build these lines, after FROM and before CMD."""
        self.put("Dockerfile", "\n".join(("FROM base", *lines, "CMD app\n")))
        return self.build_file(run_step, budget)

    def build_file(self, run_step: RunStep | None = None, budget: Budget | None = None) -> BuiltApp:
        self.count += 1
        self.log.clear()
        stages = self.folder / f"stages-{self.count}"
        made = ContainerBuild(self.context, stages, budget or Budget(), run_step, self.log)
        return asyncio.run(made.build())

    def fails(self, *lines: str) -> str:
        with pytest.raises(BuildError) as failure:
            self.build(*lines)
        assert failure.value.code == "CONTAINER_BUILD_FAILED"
        assert self.log[-1] == f"ERROR: failed to solve: {failure.value}"
        return str(failure.value)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    for name in ("a.txt", "b.txt", "src/main.py", "src/lib/util.py", "with space/c.txt"):
        made.put(name, name)
    return made


def held(app: BuiltApp) -> set[str]:
    return {str(path.relative_to(app.root)) for path in app.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("COPY a.txt /", {"a.txt"}),
        ("COPY a.txt /x", {"x"}),
        ("COPY a.txt /x/", {"x/a.txt"}),
        ("COPY a.txt x", {"work/x"}),
        ("COPY a.txt .", {"work/a.txt"}),
        ("COPY a.txt b.txt /x/", {"x/a.txt", "x/b.txt"}),
        ("COPY *.txt /x/", {"x/a.txt", "x/b.txt"}),
        ("COPY [ab].txt ./", {"work/a.txt", "work/b.txt"}),
        ("COPY src /x", {"x/main.py", "x/lib/util.py"}),
        ("COPY src/ .", {"work/main.py", "work/lib/util.py"}),
        ("COPY src/*/util.py /x/", {"x/util.py"}),
        ('COPY ["with space/c.txt", "/x y/"]', {"x y/c.txt"}),
        ("COPY 'with space' /x", {"x/c.txt"}),
        ("COPY ../../a.txt /", {"a.txt"}),
        ("COPY a.txt ../../../x", {"x"}),
        ("ADD a.txt /x/", {"x/a.txt"}),
        ("COPY <<A <<B /x/\none\nA\ntwo\nB", {"x/A", "x/B"}),
    ],
)  # fmt: skip
def test_what_is_copied_lands_where_docker_puts_it(bench: Bench, line: str, files: set[str]) -> None:
    assert held(bench.build("WORKDIR /work", line)) == files


def test_the_whole_context_with_its_modes(bench: Bench) -> None:
    bench.put("run.sh", mode=0o755)
    app = bench.build("COPY . /app", "COPY --chmod=700 --chown=1:1 a.txt /app/", "COPY b.txt /app/a2.txt")
    assert "app/src/lib/util.py" in held(app)
    modes = [(app.root / "app" / name).stat().st_mode & 0o777 for name in ("run.sh", "a.txt", "b.txt")]
    assert modes == [0o755, 0o700, 0o644]


def test_what_dockerignore_names_is_not_there(bench: Bench) -> None:
    bench.put(".dockerignore", "**/*.txt\n!a.txt\n.dockerignore\nDockerfile\n")
    assert held(bench.build("COPY . /")) == {"a.txt", "src/main.py", "src/lib/util.py"}
    assert "#2 4 files left out" in bench.log


def test_a_later_copy_replaces_files_and_joins_folders(bench: Bench) -> None:
    app = bench.build("COPY src /x", "COPY a.txt /x/main.py", "COPY with* /x")
    assert held(app) == {"x/main.py", "x/lib/util.py", "x/c.txt"}
    assert (app.root / "x" / "main.py").read_text() == "a.txt"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("COPY gone /", 'line 3: "/gone" is not in the archive'),
        ("COPY *.md /", "is not in the archive"),
        ("COPY a.txt b.txt /x", "must end with a slash"),
        ("COPY a.txt", "needs a source and a destination"),
        ("COPY --parents src/main.py /", "--parents is not known"),
        ("COPY --chmod=u+x a.txt /", "only modes in octal"),
        ("ADD https://example.com/x /", "is not fetched"),
        ("COPY src /there/a.txt/x", "is in a file, where a folder is wanted"),
        ("COPY src /there/a.txt", "is in a file, where a folder is wanted"),
        ("COPY lib /there/", "is a folder, where a file is wanted"),
        ("ENV NAME", "needs a name and a value"),
        ("ENV A=1 B", "is no NAME=value"),
        ("ENV 1A=x", "is no name of a variable"),
        ("ENV A='x", "a quote is not closed"),
        ("EXPOSE http", "is no port"),
        ("EXPOSE 70000", "is no port"),
        ("SHELL bash", "JSON array"),
        ("FROM a b", "FROM takes an image"),
        ("COPY --from=0 / /x", "names the stage that it stands in"),
        ("COPY a.txt /x\0y", "embedded null byte"),
        ("COPY a.txt /" + "x" * 300, "File name too long"),
        ("WORKDIR /" + "x" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_built_says_why_and_where(bench: Bench, line: str, why: str) -> None:
    bench.put("lib")
    message = bench.fails("COPY a.txt b.txt src /there/", line) if "there" in line else bench.fails("", line)
    assert why in message
    assert message.startswith("line 3: ")


def test_variables_that_grow_without_end_are_refused(bench: Bench) -> None:
    message = bench.fails("ENV A=" + "a" * 2_000, *["ENV A=$A$A"] * 12)
    assert "with its variables filled in" in message


def test_a_dockerfile_that_is_no_text_or_not_there(bench: Bench) -> None:
    (bench.context / "Dockerfile").write_bytes(b"FROM \xff")
    with pytest.raises(BuildError, match="no UTF-8"):
        bench.build_file()
    (bench.context / "Dockerfile").unlink()
    with pytest.raises(BuildError, match="no Dockerfile") as failure:
        bench.build_file()
    assert failure.value.code == "ARCHIVE_DOCKERFILE_NOT_FOUND"


def test_copies_count_against_the_limits(bench: Bench) -> None:
    with pytest.raises(BuildError) as failure:
        bench.build("COPY . /a", "COPY . /b", budget=Budget(files=9))
    assert failure.value.code == "DISK_STORAGE_FULL"
    with pytest.raises(BuildError) as failure:
        bench.build("COPY a.txt /", budget=Budget(size=4))
    assert failure.value.code == "DISK_STORAGE_FULL"


def test_a_tar_is_unpacked_by_add_alone_and_stays_inside(bench: Bench) -> None:
    def pack(name: str, *members: tuple[str, str]) -> None:
        with tarfile.open(bench.context / name, "w:gz") as archive:
            for member, link in members:
                info = tarfile.TarInfo(member)
                if link:
                    info.type, info.linkname = tarfile.SYMTYPE, link
                    archive.addfile(info)
                else:
                    info.size = 1
                    archive.addfile(info, io.BytesIO(b"x"))

    pack("good.tgz", ("d/f", ""), ("d/l", "f"))
    app = bench.build("ADD good.tgz /x/", "COPY good.tgz /")
    assert held(app) == {"good.tgz", "x/d/f", "x/d/l"}
    pack("outside.tgz", ("../../f", ""))
    assert "cannot be unpacked" in bench.fails("ADD outside.tgz /x/")
    pack("link.tgz", ("l", "/etc"))
    assert "cannot be unpacked" in bench.fails("ADD link.tgz /x/")


def test_variables_folders_and_ports(bench: Bench) -> None:
    app = bench.build(
        "ARG version=1",
        'ENV NAME="the app" V=$version',
        "ENV OLD form  of it",
        "WORKDIR /srv",
        "WORKDIR $V/x",
        "ENV PATH=/srv/bin:$PATH",
        "EXPOSE 3000/tcp 53/udp 8080",
        "LABEL a=b",
        "USER nobody",
    )
    assert app.environment == {
        "NAME": "the app",
        "V": "1",
        "OLD": "form  of it",
        "PATH": f"/srv/bin:{GUEST_PATH}",
    }
    assert (app.workdir, app.port) == ("/srv/1/x", 8080)
    assert (app.root / "srv" / "1" / "x").is_dir()
    assert bench.build("EXPOSE 3000-3005").port == 3000
    assert bench.build().port is None


@pytest.mark.parametrize(
    ("lines", "argv"),
    [
        (("CMD python3 app.py",), ("/bin/sh", "-c", "python3 app.py")),
        (('CMD ["python3", "app.py"]',), ("python3", "app.py")),
        (('ENTRYPOINT ["python3"]', 'CMD ["app.py"]'), ("python3", "app.py")),
        (('ENTRYPOINT ["run"]', "CMD app"), ("run", "/bin/sh", "-c", "app")),
        (("ENTRYPOINT exec run", 'CMD ["x"]'), ("/bin/sh", "-c", "exec run")),
        (('SHELL ["bash", "-ec"]', "CMD app"), ("bash", "-ec", "app")),
        (("CMD one", "CMD two"), ("/bin/sh", "-c", "two")),
    ],
)
def test_the_command_in_all_its_forms(bench: Bench, lines: tuple[str, ...], argv: tuple[str, ...]) -> None:
    bench.put("Dockerfile", "\n".join(("FROM base", *lines)))
    assert bench.build_file().argv == argv


def test_stages(bench: Bench) -> None:
    bench.put(
        "Dockerfile",
        "ARG base=scratch\nFROM $base AS files\nCOPY src /out\nENV A=1\n"
        "FROM files AS more\nCOPY a.txt /out/\n"
        "FROM scratch\nARG base\nCOPY --from=more /out/*.* /app/\nCOPY --from=0 /out/lib /lib\n"
        "COPY --from=ghcr.io/some/tool:latest /tool /bin/\nENV BASE=$base\nCMD x\n",
    )
    app = bench.build_file()
    assert held(app) == {"app/main.py", "app/a.txt", "lib/util.py"}
    assert app.environment["BASE"] == "scratch"
    assert "A" not in app.environment
    tool = "#11 ghcr.io/some/tool:latest: not pulled: this machine stands in for it, so nothing is copied"
    assert any(line.startswith(tool) for line in bench.log)


class Runner:
    """Carries out steps in name only."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.steps: list[Step] = []

    async def __call__(self, step: Step, tell: Callable[[str], None]) -> int:
        self.steps.append(step)
        tell("done so")
        return self.code


def test_run_is_left_out_or_carried_out_in_the_images_folder(bench: Bench) -> None:
    bench.build("RUN make", "COPY a.txt /")
    assert (
        "#5 not run: the local cloud carries out RUN only when it was started with --run-steps" in bench.log
    )
    runner = Runner()
    app = bench.build(
        "WORKDIR /app", "COPY src .", "ENV DIR=/app/lib", "RUN make -C /app/lib /usr/lib",
        'RUN ["make", "/app"]',
        "RUN <<EOF\nset -e\nmake\nEOF", "RUN cat <<EOF > x\ny\nEOF",
        run_step=runner,
    )  # fmt: skip
    root = app.root
    assert [step.argv[-1] for step in runner.steps] == [
        f"make -C {root}/app/lib /usr/lib", f"{root}/app", "set -e\nmake\n", "cat <<EOF > x\ny\nEOF",
    ]  # fmt: skip
    assert {step.folder for step in runner.steps} == {root / "app"}
    assert runner.steps[0].environment["DIR"] == f"{root}/app/lib"
    assert "#7 done so" in bench.log


def test_a_run_that_fails_fails_the_build(bench: Bench) -> None:
    with pytest.raises(BuildError, match=r"line 2: 'make\s+x' did not complete: exit code 2"):
        bench.build("RUN make x", run_step=Runner(2))


def test_a_link_made_by_a_run_leads_nothing_outside(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    async def link(step: Step, _tell: Callable[[str], None]) -> int:
        (step.folder / "x").symlink_to(outside)
        (step.folder / "f").symlink_to(outside / "f")
        return 0

    with pytest.raises(BuildError, match="leads outside"):
        bench.build("RUN link", "COPY a.txt /x/", run_step=link)
    bench.build("RUN link", "COPY a.txt /f", run_step=link)
    assert not [*outside.iterdir()]


def test_paths_of_the_image_are_pointed_into_the_copy(tmp_path: Path) -> None:
    root, copy = tmp_path / "root", Path("/vm/app")
    (root / "app" / "bin").mkdir(parents=True)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "app" / "x.py").touch()
    for text, found in {
        "/app/x.py": "/vm/app/app/x.py",
        "python3 /app/x.py --data=/app/bin; cat </app/x.py": (
            "python3 /vm/app/app/x.py --data=/vm/app/app/bin; cat </vm/app/app/x.py"
        ),
        "/usr/bin/env /app/none": "/usr/bin/env /app/none",
        "http://host/app/x.py s3:/app": "http://host/app/x.py s3:/vm/app/app",
        "./app/x.py a/app/x.py ~/app/x.py": "./app/x.py a/app/x.py ~/app/x.py",
        "/app/../etc": "/app/../etc",
        "/": "/",
    }.items():
        assert relocate(text, root, copy) == found
    given = {"PATH": "/app/bin:/usr/bin:bin", "PYTHONPATH": "/app:/lib"}
    assert relocated_environment(given, root, copy) == {
        "PATH": "/vm/app/app/bin:/app/bin:/vm/app/usr/bin:/usr/bin:bin",
        "PYTHONPATH": "/vm/app/app:/lib",
    }

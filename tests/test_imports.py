"""What each way in loads: proven in fresh processes, because an import made once stays made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty_session import PtySession

_REPORT = """
import atexit, sys
from mvm_tui.cli.main import main
def report():
    print('LOADED ' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)
atexit.register(report)
sys.argv[0] = 'mvm-tui'
main()
"""


def loaded_by(arguments: list[str], home: Path) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """The top-level packages that a run of the command line has loaded at its end."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    done = subprocess.run(
        [sys.executable, "-c", _REPORT, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("LOADED "))
    return set(line.split()[1:]), done


def test_version_loads_next_to_nothing(tmp_path: Path) -> None:
    packages, done = loaded_by(["--version"], tmp_path)
    assert done.returncode == 0
    assert "0.1.0" in done.stdout
    assert not packages & {"textual", "rich", "boto3", "botocore", "aiohttp", "msgspec"}


def test_ls_loads_no_screen_and_no_server(tmp_path: Path) -> None:
    packages, done = loaded_by(["ls", "--region", "us-east-1"], tmp_path)
    assert done.returncode == 3, done.stderr
    assert "botocore" in packages
    assert not packages & {"textual", "aiohttp"}


@pytest.mark.parametrize(
    "arguments",
    [["local", "--help"], ["doctor", "--help"], ["run", "--help"], ["shell", "--help"], ["exec", "--help"]],
)
def test_help_loads_neither_screen_nor_aws(arguments: list[str], tmp_path: Path) -> None:
    packages, done = loaded_by(arguments, tmp_path)
    assert done.returncode == 0
    assert not packages & {"textual", "boto3", "botocore", "aiohttp"}


def test_the_local_cloud_loads_no_screen(tmp_path: Path) -> None:
    probe = (
        "import sys\n"
        "import mvm_tui.local.main, mvm_tui.local.server, mvm_tui.local.operations\n"
        "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    packages = set(done.stdout.split())
    assert "aiohttp" in packages
    assert not packages & {"textual", "rich", "boto3"}


# Stands in for the import system: the moment boto3 is asked for, the process says whether it has painted.
_PAINT_PROBE = """
import sys, os
painted = False
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ('boto3', 'botocore'):
            os.write(2, ('IMPORT %s painted=%s\\n' % (name, painted)).encode())
            sys.meta_path.remove(watch)
        return None
watch = Watch()
sys.meta_path.insert(0, watch)
from mvm_tui.tui.driver import ShellDriver
original = ShellDriver.write
def write(self, data):
    global painted
    original(self, data)
    painted = painted or 'MicroVMs' in data
ShellDriver.write = write
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9']
main()
"""


def test_the_screen_paints_before_boto3_is_loaded(tmp_path: Path) -> None:
    log = tmp_path / "stderr"
    with PtySession(
        [sys.executable, "-c", _PAINT_PROBE], home=tmp_path, stderr=log, extra={"AWS_ACCESS_KEY_ID": "x"}
    ) as screen:
        screen.wait_until(lambda _: "IMPORT" in log.read_text(), "boto3 is asked for")
    assert "painted=True" in log.read_text()


# Says what of ours was loaded when the outline of the screen was written.
_OUTLINE_PROBE = """
import os, sys
from mvm_tui.tui.driver import ShellDriver
original = ShellDriver.write
def write(self, data):
    if 'MicroVMs' in data and not os.path.exists(os.environ['REPORT']):
        open(os.environ['REPORT'], 'w').write(' '.join(name for name in sys.modules))
    original(self, data)
ShellDriver.write = write
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9']
main()
"""


def test_the_outline_is_painted_before_the_parts_are_loaded(tmp_path: Path) -> None:
    report = tmp_path / "report"
    extra = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "REPORT": str(report)}
    with PtySession([sys.executable, "-c", _OUTLINE_PROBE], home=tmp_path, extra=extra) as screen:
        screen.wait_for("? help")
    loaded = report.read_text().split()
    parts = (
        "mvm_tui.fleet",
        "mvm_tui.local",
        "mvm_tui.logs",
        "mvm_tui.shell",
        "mvm_tui.builds",
        "mvm_tui.reach",
    )
    assert "mvm_tui.tui.screens.first" in loaded
    assert not [name for name in loaded if name.startswith((*parts, "mvm_tui.tui.widgets"))]


# Says at the end of the UI which parts of shells, logs, images and builds it had loaded.
_LAZY_PROBE = """
import atexit, os, sys
def report():
    lazy = (
        'mvm_tui.shell', 'mvm_tui.terminal.', 'mvm_tui.logs', 'mvm_tui.tui.screens.logs',
        'mvm_tui.builds', 'mvm_tui.fleet.images', 'mvm_tui.tui.image_', 'mvm_tui.tui.screens.images',
    )
    parts = [name for name in sys.modules if name.startswith(lazy)]
    packages = sorted({'pyte', 'websockets', 'keyring', 'wcwidth', 'regex', 'pathspec'} & set(sys.modules))
    open(os.environ['REPORT'], 'w').write('LOADED ' + ' '.join([*packages, *parts]))
atexit.register(report)
from mvm_tui.cli.main import main
sys.argv = ['mvm-tui', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9']
main()
"""


def test_nothing_of_shells_logs_and_images_is_loaded_before_one_is_opened(tmp_path: Path) -> None:
    report = tmp_path / "report"
    extra = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "REPORT": str(report)}
    with PtySession([sys.executable, "-c", _LAZY_PROBE], home=tmp_path, extra=extra) as screen:
        screen.wait_for("? help")
        screen.send("q")
        screen.wait_exit()
    assert report.read_text().split() == ["LOADED"]

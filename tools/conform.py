"""Runs the conformance player against a fresh local cloud and ends it; `conform.sh` calls this."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mvm_tui.local.launch import start

REGION = "us-east-2"


def main(shared: Path) -> int:
    """The exit status of the player: 0 when every recorded answer is met."""
    with start(seed="empty", options=["--endpoint-form", "aws", "--region", REGION], stderr=None) as cloud:
        facts = cloud.facts
        options = {
            "endpoint": facts.endpoint,
            "cases": shared / "recorded/cases",
            "fixtures": shared / "recorded/fixtures",
            "poll-timeout": 20,
            "region": facts.region,
            "account": facts.account,
            "access-key": facts.access_key,
            # The player takes it in no other way; it is random and dies with this run.
            "secret-key": facts.secret_key,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return subprocess.run([sys.executable, shared / "tools/conform.py", *arguments]).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

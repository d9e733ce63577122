#!/bin/sh
# Plays the recorded answers of the live service against a fresh local cloud.
# Where the recordings are not beside the checkout it says so and passes.
set -eu
cd "$(dirname "$0")/.."
shared=${CONFORM_DIR:-../shared}
python=${PYTHON:-.venv/bin/python}
if [ ! -f "$shared/tools/conform.py" ]; then
    echo "conform: skipped"
    exit 0
fi
exec "$python" -m tools.conform "$shared"

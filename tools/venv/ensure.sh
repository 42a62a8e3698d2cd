#!/bin/sh
# Makes .venv fit the requirements: `ensure.sh program`, or `ensure.sh tests` for both.
# Run in the checkout's folder. When nothing is to be done, it costs one comparison.
set -eu
what=$1
stamp() {
    case $1 in
    program) cat requirements.txt services/requirements.txt ;;
    tests) cat tests/requirements.txt requirements.txt services/requirements.txt ;;
    esac
}
if [ -x .venv/bin/python ] && [ ! -e .venv/.installing ] && stamp "$what" | cmp -s - ".venv/.$what"; then
    exit 0
fi
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "error: install Python 3.11 or newer ($python is missing or older), or set PYTHON to one" >&2
    exit 1
fi
exec "$python" tools/venv/install.py "$what"

#!/bin/sh
# Prints a command that runs Python 3.13, or says what to do if there is none.

suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

for candidate in python3.13 python3 python \
    /usr/local/bin/python3.13 /opt/homebrew/bin/python3.13 /usr/bin/python3.13 \
    "$HOME"/.pyenv/versions/3.13*/bin/python3.13 \
    "$HOME"/.local/share/uv/python/cpython-3.13*/bin/python3.13; do
    suits "$candidate" || continue
    if ! "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "error: $candidate lacks the venv module: install it (on Debian and Ubuntu: apt install python3.13-venv)" >&2
        exit 1
    fi
    echo "$candidate"
    exit 0
done
echo "error: Python 3.13 was not found: install it (python.org, your system's packages, or pyenv install 3.13) and have python3.13 on your PATH" >&2
exit 1

#!/bin/sh
# Proves that `make dev-install` works on a machine with only Python, pip, make and git, whichever pip that is: for each
# version a fresh clone of the last commit, a Python with that pip and nothing else, and what was installed checked
# against the locks. Takes some minutes and needs the package index; `make prove-install` runs it, `make test` does not.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
versions=${PIPS:-22.3 23.2 newest}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for version in $versions; do
    echo "--- pip $version"
    home="$folder/$version"
    $python -m venv "$home/python"
    case $version in
        newest) wanted="pip" ;;
        *) wanted="pip==$version" ;;
    esac
    "$home/python/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "$wanted"
    "$home/python/bin/python" -m pip --version
    git clone --quiet --no-hardlinks . "$home/clone"
    make --no-print-directory -C "$home/clone" dev-install PYTHON="$home/python/bin/python"
    "$home/clone/.venv/bin/python" -m idp --help >/dev/null
    (cd "$home/clone" && .venv/bin/python -m pytest -q -p no:cacheprovider tests/house/test_locks.py)
    # what is there once more: nothing to do, and nothing asked of the index
    make --no-print-directory -C "$home/clone" dev-install PYTHON="$home/python/bin/python" PIP_NO_INDEX=1
done
echo "Installed with pip $versions."

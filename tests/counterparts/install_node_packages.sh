#!/bin/sh
# Installs the locked npm relying parties into tests/node/node_modules, once per lock. Without Node or without the
# registry the tests that need them say "not run"; nothing here fails the build.
set -u
cd "$(dirname "$0")/../node"
stamp="node_modules/.installed-$(cat package.json package-lock.json | cksum | tr ' ' '-')"
[ -e "$stamp" ] && exit 0

# the system's npm where its Node is recent enough, else the one in the virtualenv
if ! { command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; } 2>/dev/null
then
    PATH="$PWD/../../.venv/bin:$PATH"
fi
if ! command -v npm >/dev/null 2>&1; then
    echo "No npm: the tests with npm relying parties will not run"
    exit 0
fi
echo "Installing the npm relying parties ..."
if npm ci --silent --no-audit --no-fund; then
    touch "$stamp"
else
    echo "npm could not install them: the tests with npm relying parties will not run"
fi
exit 0

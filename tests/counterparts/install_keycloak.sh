#!/bin/sh
# Gets Keycloak from Maven Central into .tools/keycloak, and has it build itself for the tests, once per version: that
# takes a minute. Needs Maven and a Java 17 or newer. What can't be had is named, and its tests say "not run".
set -u
cd "$(dirname "$0")/../.."
version=26.5.6
hash=490189d9dff05272432d51f71a069462eeca97f2920a694d539a1e6c26a5a347
python=.venv/bin/python
tools=.tools
home=$tools/keycloak

if [ "$(cat "$home/.built" 2>/dev/null)" = "$version" ]; then exit 0; fi
if ! command -v mvn >/dev/null 2>&1 || ! command -v java >/dev/null 2>&1; then
    echo "No Maven and Java: the tests with Keycloak will not run"
    exit 0
fi
echo "Installing Keycloak $version from Maven Central ..."
mkdir -p "$tools"
rm -f "$tools/keycloak-quarkus-dist-$version.zip"
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -DoutputDirectory="$tools" \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" >"$tools/keycloak.log" 2>&1 \
    && echo "$hash  $tools/keycloak-quarkus-dist-$version.zip" | sha256sum --check --quiet >>"$tools/keycloak.log" 2>&1 \
    && rm -rf "$home" "$tools/keycloak-$version" \
    && $python -m zipfile -e "$tools/keycloak-quarkus-dist-$version.zip" "$tools" \
    && rm -f "$tools/keycloak-quarkus-dist-$version.zip" \
    && mv "$tools/keycloak-$version" "$home" \
    && chmod +x "$home/bin/"*.sh \
    && "$home/bin/kc.sh" build --db=dev-mem --cache=local --health-enabled=false --metrics-enabled=false \
        >>"$tools/keycloak.log" 2>&1 \
    && echo "$version" >"$home/.built"
[ -e "$home/.built" ] || echo "Keycloak could not be installed (see $tools/keycloak.log): its tests will not run"
exit 0

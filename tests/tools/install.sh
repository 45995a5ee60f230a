#!/bin/sh
# Brings the tools that the tests run beside the product, each once per lock. Where something can't be fetched the tests
# that need it say "not run"; nothing here fails the build.
#
# Python packages that cannot stand among our own (another version of one that does) go into folders of their own:
# versions and hashes in tests/tools/python/*/requirements.txt. So does the product's extra `kerberos`, which no lock has. Programs written in Go are built from their modules: the
# version stands in tests/tools/go/*/go.mod, the hashes of everything in the go.sum beside it. Programs written in Java
# are compiled here with libraries of Maven Central: versions in tests/tools/java/*/pom.xml, hashes in SHA256SUMS.
set -u
cd "$(dirname "$0")/../.."
root=$PWD

# beside NAME
beside() {
    lock="tests/tools/python/$1/requirements.txt"
    folder="$root/.tools/python/$1"
    stamp="$folder/.$({ cat "$lock"; "${PYTHON:-python3}" --version; } | cksum | tr ' ' '-')"
    [ -e "$stamp" ] && return
    rm -rf "$folder"
    echo "Installing $1 for the tests ..."
    if nice "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps \
        --require-hashes --only-binary :all: --target "$folder" -r "$lock"
    then
        touch "$stamp"
    else
        rm -rf "$folder"
        echo "pip could not install $1: the tests that need it will not run"
    fi
}

# built NAME: the same for what has no wheels and is compiled here
built() {
    lock="tests/tools/python/$1/requirements.txt"
    folder="$root/.tools/python/$1"
    stamp="$folder/.$({ cat "$lock"; "${PYTHON:-python3}" --version; } | cksum | tr ' ' '-')"
    [ -e "$stamp" ] && return
    rm -rf "$folder"
    echo "Compiling $1 for the tests ..."
    if nice "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps \
        --require-hashes --target "$folder" -r "$lock" >"$root/.tools/$1.log" 2>&1
    then
        touch "$stamp"
    else
        rm -rf "$folder"
        echo "$1 could not be compiled (see .tools/$1.log): the tests that need it will not run"
    fi
}

# compiled NAME: a program in Java with its libraries
compiled() {
    source="$root/tests/tools/java/$1"
    folder="$root/.tools/java/$1"
    stamp="$folder/.$({ cat "$source/"*; javac -version; } 2>&1 | cksum | tr ' ' '-')"
    [ -e "$stamp" ] && return
    if ! command -v mvn >/dev/null 2>&1 || ! command -v javac >/dev/null 2>&1; then
        echo "No Maven and Java compiler: the tests with $1 will not run"
        return
    fi
    rm -rf "$folder"
    echo "Compiling $1 for the tests ..."
    mkdir -p "$folder/lib"
    if nice mvn -q -B -f "$source/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DexcludeTransitive=true -DoutputDirectory="$folder/lib" >"$root/.tools/$1.log" 2>&1 \
        && (cd "$folder/lib" && sha256sum --check --quiet "$source/SHA256SUMS") >>"$root/.tools/$1.log" 2>&1 \
        && nice javac -cp "$folder/lib/*" -d "$folder" "$source/"*.java >>"$root/.tools/$1.log" 2>&1
    then
        touch "$stamp"
    else
        rm -rf "$folder"
        echo "$1 could not be compiled (see .tools/$1.log): the tests that need it will not run"
    fi
}

mkdir -p "$root/.tools"
compiled nimbus
built gssapi
beside auth0-python-4
beside schemathesis

bin="$root/.tools/go"
export GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0

if ! command -v go >/dev/null 2>&1; then
    echo "No Go: the tests with go-auth0, go-oidc, oauth2-proxy and FerretDB will not run"
    exit 0
fi
mkdir -p "$bin"

# build NAME PACKAGE
build() {
    stamp="$bin/.$1-$({ cat "tests/tools/go/$1/"*; go version; } | cksum | tr ' ' '-')"
    [ -e "$stamp" ] && [ -e "$bin/$1" ] && return
    rm -f "$bin/.$1-"*
    if (cd "tests/tools/go/$1" && nice "${PYTHON:-python3}" "$root/.ci/progress.py" "Building $1" \
        '^(?:go: downloading )?([^ ]+)' 0 -- go build -v -trimpath -ldflags=-s -mod=readonly -o "$bin/$1" "$2")
    then
        touch "$stamp"
    else
        echo "Go could not build $1: the tests that need it will not run"
    fi
}

# build_apart NAME MODULE VERSION PACKAGE: a module that can only be built where it stands, since files that it embeds
# are made before a release and are not in it
build_apart() {
    stamp="$bin/.$1-$({ cat "tests/tools/go/$1/go.mod" "tests/tools/go/$1/go.sum"; go version; } | cksum | tr ' ' '-')"
    [ -e "$stamp" ] && [ -e "$bin/$1" ] && return
    rm -rf "$bin/.$1-"* "$bin/src/$1"
    mkdir -p "$bin/src"
    if (cd "tests/tools/go/$1" && go mod download "$2") \
        && cp -r "$(cd "tests/tools/go/$1" && go list -m -f '{{.Dir}}' "$2")" "$bin/src/$1" \
        && chmod -R u+w "$bin/src/$1" && echo "$3" >"$bin/src/$1/build/version/version.txt" \
        && (cd "$bin/src/$1" && nice "${PYTHON:-python3}" "$root/.ci/progress.py" "Building $1" \
            '^(?:go: downloading )?([^ ]+)' 0 -- go build -v -trimpath -ldflags=-s -mod=readonly -o "$bin/$1" "$4")
    then
        touch "$stamp"
    else
        echo "Go could not build $1: the tests that need it will not run"
    fi
    rm -rf "$bin/src"
}

build go-auth0 .
build go-auth0-2 .
build go-oidc .
build oauth2-proxy github.com/oauth2-proxy/oauth2-proxy/v7
build_apart ferretdb github.com/FerretDB/FerretDB v1.24.2 ./cmd/ferretdb
exit 0

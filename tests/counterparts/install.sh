#!/bin/sh
# Gets the programs that the tests run beside the product: a Chromium, Node 20 or newer, and from Debian's packages
# Chromium's headless shell, Postgres, PgBouncer, Redis, nginx, Apache with mod_auth_openidc and mod_auth_mellon,
# OpenLDAP, Samba, SimpleSAMLphp, MariaDB, FreeTDS, a Japanese font for pictures, what gssapi is compiled with, and Java
# with Maven, which get Keycloak (install_keycloak.sh) and Nimbus (tests/tools/install.sh). What is there already is
# used as it is. What can't be installed is named here, and the tests that need it say "not run"; without the headless
# shell they take the whole Chromium, and longer. Nothing is started, and nothing here fails the build.
set -u
cd "$(dirname "$0")/../.."
python=.venv/bin/python
tools=.tools

has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

has_chromium() { has chromium || has chromium-browser || has google-chrome || has google-chrome-stable; }

has_postgres() { has postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }

has_apache() { ls /usr/lib/apache2/modules/mod_auth_openidc.so >/dev/null 2>&1; }

has_mellon() { ls /usr/lib/apache2/modules/mod_auth_mellon.so >/dev/null 2>&1; }

has_samba() { has samba && ls /usr/share/samba/setup/provision.ldif >/dev/null 2>&1; }

has_simplesamlphp() { has php && [ -d /usr/share/simplesamlphp ]; }

has_krb5_headers() { [ -e /usr/include/gssapi/gssapi.h ] && has krb5-config && has cc; }

has_japanese() { ls /usr/share/fonts/opentype/ipafont-gothic/ipagp.ttf >/dev/null 2>&1; }

node_is_recent() { has "$1" && "$1" -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' >/dev/null 2>&1; }

all_there() {
    has_chromium && has_postgres && has redis-server && has_apache && has nginx && has pgbouncer && has certutil \
        && has slapd && has_samba && has_mellon && has xmlsec1 && has_simplesamlphp && has mariadbd \
        && has javac && has mvn && has tsql && has kinit && has_krb5_headers && has_japanese && has softhsm2-util
}

# Debian starts a service when it is installed. The tests start their own, on free ports, so that is held back.
apt_install() {
    hold=/usr/sbin/policy-rc.d
    mine=
    if [ ! -e "$hold" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$hold" && chmod +x "$hold" && mine=yes
    fi
    export DEBIAN_FRONTEND=noninteractive
    for attempt in 1 2; do
        # shellcheck disable=SC2086
        apt-get install -y -qq --no-install-recommends $1 >"$tools/apt.log" 2>&1 && break
        [ "$attempt" = 1 ] && apt-get update -qq >>"$tools/apt.log" 2>&1
    done
    [ -z "$mine" ] || rm -f "$hold"
}

mkdir -p "$tools"
missing=
has_chromium || missing="$missing chromium"
has chromium-headless-shell || missing="$missing chromium-headless-shell"
has_postgres || missing="$missing postgresql"
has redis-server || missing="$missing redis-server"
has_apache || missing="$missing apache2 libapache2-mod-auth-openidc"
has nginx || missing="$missing nginx-light"
has pgbouncer || missing="$missing pgbouncer"
has certutil || missing="$missing libnss3-tools"
has slapd && has ldapadd || missing="$missing slapd ldap-utils"
has_samba || missing="$missing samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind"
has kinit || missing="$missing krb5-user"
has_mellon || missing="$missing libapache2-mod-auth-mellon"
has xmlsec1 || missing="$missing xmlsec1"
has_simplesamlphp || missing="$missing php-cli simplesamlphp php-xml php-mbstring php-curl php-sqlite3"
has mariadbd || missing="$missing mariadb-server"
has javac && has mvn || missing="$missing default-jdk-headless maven"
has tsql || missing="$missing freetds-bin"
has_krb5_headers || missing="$missing gcc libc6-dev libkrb5-dev"
has_japanese || missing="$missing fonts-ipafont-gothic"
has softhsm2-util || missing="$missing softhsm2"

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && has apt-get; then
    echo "Installing from Debian's packages:$missing ..."
    apt_install "$missing"
    # one name that this distribution doesn't know must not keep the others away
    all_there || for package in $missing; do apt_install "$package"; done
fi

if ! has_chromium && [ ! -e "$tools/playwright-chromium" ]; then
    echo "Installing Playwright's Chromium ..."
    $python -m playwright install chromium >"$tools/playwright.log" 2>&1 && touch "$tools/playwright-chromium"
fi

if ! { node_is_recent node && has npm; } && ! node_is_recent .venv/bin/node; then
    echo "Installing Node from a Python wheel ..."
    pip="${PYTHON:-python3} -m pip"
    $pip --version >/dev/null 2>&1 || pip=pip  # a module of the interpreter, or else a command of its own
    $pip --python $python install --quiet --no-deps --require-hashes \
        -r tests/counterparts/requirements-node.txt >"$tools/node.log" 2>&1
fi

has_chromium || [ -e "$tools/playwright-chromium" ] || echo "No Chromium: the browser tests will not run"
has_postgres || echo "No Postgres: the tests that need it will not run"
has redis-server || echo "No Redis: the tests that need it will not run"
has certutil || echo "No certutil: the test of a browser that trusts the local authority will not run"
has nginx || echo "No nginx: a small proxy of our own stands in"
has pgbouncer || echo "No PgBouncer: the tests that go through one will not run"
has_apache || echo "No Apache with mod_auth_openidc: the tests that need it will not run"
has slapd || echo "No slapd: the tests that need it will not run"
has_samba || echo "No Samba with its parts of a domain controller: the tests that need it will not run"
has_mellon || echo "No Apache with mod_auth_mellon: the tests that need it will not run"
has xmlsec1 || echo "No xmlsec1: the tests that need it will not run"
has_simplesamlphp || echo "No SimpleSAMLphp: the tests that need it will not run"
has mariadbd || echo "No MariaDB: the tests that need it will not run"
node_is_recent node || node_is_recent .venv/bin/node || echo "No Node 20 or newer: the tests that need it will not run"
exit 0

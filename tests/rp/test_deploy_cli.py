"""auth0-deploy-cli exports a tenant and deploys what it exported, over TLS, as its users run it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.management import Management
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment
from tests.rp.official.tenant import EXPORTED, SECRETS, fill

pytestmark = [pytest.mark.counterpart, pytest.mark.slow]
Deploy = Callable[..., str]
BUILT = ["clients", "resourceServers", "clientGrants", "tenant"]


@pytest.fixture
def deploy(node: str, tls_product: Product, tmp_path: Path) -> Deploy:
    """Runs the tool to its end; answers what it printed."""
    return deploying(node, tls_product, tmp_path)


def deploying(node: str, product: Product, folder: Path) -> Deploy:
    """The tool, for that product."""
    if not has_package("auth0-deploy-cli"):
        not_run("the npm packages of tests/node (npm ci)")
    access = product.printed["management"]
    env = product_environment(
        NODE_EXTRA_CA_CERTS=str(product.verify),
        AUTH0_DOMAIN=f"localhost:{product.port}",
        AUTH0_CLIENT_ID=access["client_id"],
        AUTH0_CLIENT_SECRET=access["client_secret"],
        AUTH0_AUDIENCE=access["audience"],
        AUTH0_ALLOW_DELETE="false",
    )

    def run(*arguments: str, **more: str) -> str:
        program = NODE_FOLDER / "node_modules" / "auth0-deploy-cli" / "lib" / "index.js"
        done = subprocess.run(
            [node, "--require", NODE_FOLDER / "at_once.cjs", program, *arguments],
            cwd=folder,
            env=env | more,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def application(tls_product: Product) -> Iterator[dict[str, Any]]:
    """An application, an API and what the one may ask of the other, in a tenant of two languages: the tool asks for the
    words of each prompt in each of them.
    """
    management: Management = tls_product.management()
    before = management.call("GET", "tenants/settings")["enabled_locales"]
    management.call("PATCH", "tenants/settings", {"enabled_locales": ["en", "de"]})
    client = management.create_client(app_type="non_interactive", callbacks=[])
    api = management.create_api(scopes=["read:things"])
    grant = {"client_id": client["client_id"], "audience": api["identifier"], "scope": ["read:things"]}
    management.post("client-grants", grant)
    yield {"client": client, "api": api, "management": management}
    management.call("PATCH", "tenants/settings", {"enabled_locales": before})


def exported(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / kind).glob("*.json"))]


def test_everything_is_exported(deploy: Deploy, application: dict[str, Any], tmp_path: Path) -> None:
    printed = deploy("export", "--format", "directory", "--output_folder", "tenant")
    assert "Export Successful" in printed
    clients = exported(tmp_path / "tenant", "clients")
    mine = next(client for client in clients if client["name"] == application["client"]["name"])
    assert mine["grant_types"] == application["client"]["grant_types"]
    assert all("client_secret" not in client for client in clients)
    identifiers = [api["identifier"] for api in exported(tmp_path / "tenant", "resource-servers")]
    assert application["api"]["identifier"] in identifiers
    (grant,) = (
        each for each in exported(tmp_path / "tenant", "grants") if each["audience"] == application["api"]["identifier"]
    )
    assert grant["scope"] == ["read:things"]
    settings = json.loads((tmp_path / "tenant" / "tenant.json").read_text(encoding="utf-8"))
    assert settings["session_lifetime"] == 168


def test_an_export_is_deployed_again_with_changes(deploy: Deploy, application: dict[str, Any], tmp_path: Path) -> None:
    only = {"AUTH0_INCLUDED_ONLY": json.dumps(BUILT)}
    deploy("export", "--format", "directory", "--output_folder", "tenant", **only)
    client = application["client"]
    (path,) = (
        path
        for path in (tmp_path / "tenant" / "clients").glob("*.json")
        if json.loads(path.read_text(encoding="utf-8"))["name"] == client["name"]
    )
    changed = {**json.loads(path.read_text(encoding="utf-8")), "description": "Deployed"}
    path.write_text(json.dumps(changed), encoding="utf-8")
    assert "Import Successful" in deploy("import", "--input_file", "tenant", **only)
    now = application["management"].get(f"clients/{client['client_id']}")
    assert now["description"] == "Deployed"
    assert now["client_secret"] == client["client_secret"]


@pytest.fixture(scope="module")
def filled(start_products: StartProduct) -> Product:
    """A tenant with something of everything."""
    product = start_products(tls=True)
    fill(product.management())
    return product


@pytest.mark.timeout(900)
def test_an_export_makes_the_same_tenant_elsewhere(
    node: str, filled: Product, start_products: StartProduct, tmp_path: Path
) -> None:
    """Nothing is excluded: what a fresh tenant exports after the import is what was imported, as folders and as YAML.

    Of an import about 15 s of processor time are the tool's own, which compiles its schemas.
    """
    fresh = start_products(tls=True)
    here, there = deploying(node, filled, tmp_path), deploying(node, fresh, tmp_path)
    exported_twice(here, "first")
    for kind in ("folders", "yaml"):
        texts = "".join(path.read_text("utf-8") for path in (tmp_path / f"first-{kind}").rglob("*") if path.is_file())
        assert [each for each in EXPORTED if each not in texts] == []
    moved = {"AUTH0_KEYWORD_REPLACE_MAPPINGS": json.dumps(SECRETS)}
    assert "Import Successful" in there("import", "--input_file", "first-yaml/tenant.yaml", **moved)
    exported_twice(there, "second")
    for kind in ("folders", "yaml"):
        assert differences(tmp_path / f"first-{kind}", tmp_path / f"second-{kind}", filled, fresh) == []


def exported_twice(deploy: Deploy, name: str) -> None:
    """As folders and as YAML at once: each waits for answers."""
    formats = {"directory": f"{name}-folders", "yaml": f"{name}-yaml"}
    with ThreadPoolExecutor(len(formats)) as pool:
        for printed in pool.map(
            lambda each: deploy("export", "--format", each[0], "--output_folder", each[1]), formats.items()
        ):
            assert "Export Successful" in printed


def differences(first: Path, second: Path, here: Product, there: Product) -> list[str]:
    """Files that are not the same, but for the address of either tenant."""
    one, other = (
        {
            str(path.relative_to(folder)): without_addresses(path.read_text(encoding="utf-8"), here, there)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in (first, second)
    )
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def without_addresses(text: str, *products: Product) -> str:
    """``text`` with one word for the address of each."""
    for product in products:
        text = text.replace(f"localhost:{product.port}", "HOST")
    return text

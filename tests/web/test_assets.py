"""Static files: addressed by content, kept for ever, compressed when asked for."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.foundation.web.assets import asset_url, assets, assets_by_name


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("assets-alone", static_folder=None)
    app.register_blueprint(assets)
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("gate.css", "text/css; charset=utf-8"),
        ("gate.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ],
)
def test_an_asset_is_kept_for_ever(client: FlaskClient, name: str, content_type: str) -> None:
    answer = client.get(asset_url(name))
    assert answer.status_code == 200
    assert answer.content_type == content_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.data == assets_by_name()[name].content


def test_it_is_compressed_for_those_who_can_read_it(client: FlaskClient) -> None:
    plain = client.get(asset_url("gate.css"))
    packed = client.get(asset_url("gate.css"), headers={"Accept-Encoding": "br, gzip"})
    refused = client.get(asset_url("gate.css"), headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert {answer.headers["Vary"] for answer in (plain, packed, refused)} == {"Accept-Encoding"}
    assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize("url", ["/static/gate.0123456789.css", "/static/gate.css", "/favicon.ico"])
def test_another_releases_address_answers_for_a_short_while(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "url", ["/static/nothing.css", "/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/"]
)
def test_nothing_else_is_served(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404

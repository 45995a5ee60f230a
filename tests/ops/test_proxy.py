"""The proxies of these tests do what a proxy must, so that a failure behind them is the product's."""

from pathlib import Path

import pytest
import requests
from flask import Flask, Response, redirect, request

from tests.counterparts.local_site import local_site
from tests.counterparts.program import free_port
from tests.ops import proxy


def named(name: str) -> Flask:
    """A site that says its name and what it was told."""
    app = Flask(name)

    @app.route("/who", methods=["GET", "POST"])
    def who() -> Response:
        return Response(f"{name} {request.host} {request.headers['X-Forwarded-For']} {request.get_data(as_text=True)}")

    @app.get("/away")
    def away() -> object:
        return redirect("/who")

    return app


@pytest.mark.parametrize("kind", ["nginx", "own"])
def test_spreads_requests_and_passes_over_the_dead(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "own":
        monkeypatch.setattr(proxy, "_find_nginx", lambda: None)
    elif proxy._find_nginx() is None:
        pytest.skip("not run: needs nginx")
    public, ports = free_port(), [free_port(), free_port()]
    with (
        local_site(named("first"), port=ports[0]),
        proxy.reverse_proxy(tmp_path / "proxy", public, ports) as base_url,
        requests.Session() as http,
    ):
        with local_site(named("second"), port=ports[1]):
            answers = {http.get(f"{base_url}/who", timeout=10).text.split()[0] for _ in range(6)}
            assert answers == {"first", "second"}
        told = [http.post(f"{base_url}/who", data="body", timeout=10).text for _ in range(4)]
        assert told == [f"first localhost:{public} 127.0.0.1 body"] * 4
        assert http.get(f"{base_url}/away", timeout=10, allow_redirects=False).status_code == 302

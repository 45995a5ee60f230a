"""Callers of the Management API: one that looks at answers itself, and an operator's script that expects success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

if TYPE_CHECKING:
    from tests.world.world import World

ADDRESS = "198.51.100.7"


@dataclass(repr=False)
class Api:
    """Whoever holds ``token``, or nobody; every answer is the raw response. Options are those of Werkzeug's client."""

    world: World
    token: str | None

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        client = Client(self.world.app, use_cookies=False)
        options = {"base_url": self.world.issuer.rstrip("/"), "environ_base": {"REMOTE_ADDR": ADDRESS}, **options}
        return client.open(f"/api/v2{path}", method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET; a trailing ``_`` of a parameter's name is dropped."""
        return self("GET", path, query_string={name.rstrip("_"): value for name, value in query.items()})

    def post(self, path: str, json: Any = None) -> TestResponse:
        """POST."""
        return self("POST", path, json=json)

    def patch(self, path: str, json: Any) -> TestResponse:
        """PATCH."""
        return self("PATCH", path, json=json)

    def put(self, path: str, json: Any = None) -> TestResponse:
        """PUT."""
        return self("PUT", path, json=json)

    def delete(self, path: str, json: Any = None, **query: Any) -> TestResponse:
        """DELETE."""
        return self("DELETE", path, json=json, query_string=query)


class Management:
    """An operator's script with a token of the installed machine. Anything but success fails the test."""

    def __init__(self, world: World, machine: dict[str, str]) -> None:
        form = {name: machine[name] for name in ("client_id", "client_secret", "audience")}
        answer = world.post("/oauth/token", {"grant_type": "client_credentials", **form})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.token = str(answer.get_json()["access_token"])
        self._caller = Api(world, self.token)

    def __call__(self, method: str, path: str, json: Any = None) -> TestResponse:
        return self._caller(method, path, json=json)

    def get(self, path: str) -> Any:
        """The answer's JSON."""
        response = self("GET", path)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    def post(self, path: str, json: Any) -> Any:
        """Create; the answer's JSON."""
        response = self("POST", path, json)
        assert response.status_code in {200, 201, 202}, response.get_data(as_text=True)
        return response.get_json(silent=True)

    def patch(self, path: str, json: Any) -> Any:
        """Change; the answer's JSON."""
        response = self("PATCH", path, json)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    def delete(self, path: str) -> None:
        """Remove."""
        response = self("DELETE", path)
        assert response.status_code in {200, 202, 204}, response.get_data(as_text=True)

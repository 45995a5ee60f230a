"""The Management API as an operator's script uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from tests.world.world import World


class Management:
    """Calls ``/api/v2`` with a token of the installed machine."""

    def __init__(self, world: World, machine: dict[str, str]) -> None:
        self._world = world
        answer = world.post(
            "/oauth/token",
            {
                "grant_type": "client_credentials",
                "client_id": machine["client_id"],
                "client_secret": machine["client_secret"],
                "audience": machine["audience"],
            },
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.token = str(answer.get_json()["access_token"])

    def __call__(self, method: str, path: str, json: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._world.send(method, f"/api/v2{path}", json=json, headers=headers)

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

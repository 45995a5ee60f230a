"""A small client of the Management API, for arranging what a test needs."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

PASSWORD = "Correct-Horse-7-Battery"


class ManagementError(RuntimeError):
    """The Management API answered with something else than 2xx."""


@dataclass
class Management:
    """Calls ``/api/v2`` as the machine-to-machine client that ``idp init`` prints."""

    base_url: str
    client_id: str
    client_secret: str
    audience: str
    connection_id: str
    verify: str | bool = True
    http: requests.Session = field(default_factory=requests.Session)
    _token: str = ""
    _expires_at: float = 0.0

    def token(self) -> str:
        """An access token with every Management API scope, kept until shortly before it ends."""
        if time.time() > self._expires_at - 60:
            answer = self.http.post(
                f"{self.base_url}/oauth/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self.client_id,
                    "client_secret": self.client_secret,
                    "audience": self.audience,
                },
                timeout=20,
                verify=self.verify,
            )
            if answer.status_code != 200:
                raise ManagementError(f"no management token: {answer.status_code} {answer.text}")
            self._token = answer.json()["access_token"]
            self._expires_at = time.time() + answer.json()["expires_in"]
        return self._token

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call; anything but 2xx raises with the answer's text."""
        answer = self.raw(method, path, body, **query)
        if not 200 <= answer.status_code < 300:
            raise ManagementError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def raw(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """One call, whatever it answers."""
        return self.http.request(
            method,
            f"{self.base_url}/api/v2/{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=30,
            verify=self.verify,
        )

    def get(self, path: str, **query: Any) -> Any:
        """GET."""
        return self.call("GET", path, None, **query)

    def post(self, path: str, body: Any) -> Any:
        """POST."""
        return self.call("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path)

    def create_client(self, *, app_type: str, callbacks: list[str], **more: Any) -> dict[str, Any]:
        """A first-party application that the users of the default connection may sign in to.

        Its type is ``spa``, ``regular_web`` or ``native``.
        """
        grants = ["authorization_code", "refresh_token"]
        body = {
            "name": f"Test {app_type} {secrets.token_hex(4)}",
            "app_type": app_type,
            "callbacks": callbacks,
            "grant_types": grants,
            "oidc_conformant": True,
        }
        if app_type in {"spa", "native"}:
            body["token_endpoint_auth_method"] = "none"
        client: dict[str, Any] = self.post("clients", body | more)
        enabled = [{"client_id": client["client_id"], "status": True}]
        self.patch(f"connections/{self.connection_id}/clients", enabled)
        return client

    def create_user(self, *, connection: str, email: str = "", **more: Any) -> dict[str, Any]:
        """A user of the database connection with ``PASSWORD`` and a verified address of its own."""
        email = email or f"user-{secrets.token_hex(5)}@example.com"
        body = {"connection": connection, "email": email, "password": PASSWORD, "email_verified": True}
        user: dict[str, Any] = self.post("users", body | more)
        return user

    def create_api(self, *, scopes: list[str] | list[dict[str, str]], **more: Any) -> dict[str, Any]:
        """A resource server with these permissions (names, or names with descriptions) and an identifier of its own."""
        named = [{"value": item, "description": f"Can {item}"} if isinstance(item, str) else item for item in scopes]
        body = {
            "name": f"API {secrets.token_hex(4)}",
            "identifier": f"https://api-{secrets.token_hex(4)}.example.com/",
            "scopes": named,
            "allow_offline_access": True,
        }
        api: dict[str, Any] = self.post("resource-servers", body | more)
        return api

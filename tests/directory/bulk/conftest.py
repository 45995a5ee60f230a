"""Somebody who imports and exports."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from idp.directory.users.models import DatabaseAccount
from tests.world.management import Api
from tests.world.outbox import work_off
from tests.world.world import World

PASSWORD = "correct horse 9 Battery"
BCRYPT = "$2b$10$w4kfaZVjrcQ6ZOMiG.M8JeNvnVQkPKZV03pbDUHbxy9Ug0h/McDXi"


@dataclass
class Bulk:
    """The operator of a world."""

    world: World
    api: Api

    def post(self, users: object, *, raw: bytes | None = None, **form: str) -> TestResponse:
        """POST /jobs/users-imports."""
        content = raw if raw is not None else json.dumps(users).encode()
        data: dict[str, Any] = {"connection_id": self.world.connection_id, "send_completion_email": "false", **form}
        data["users"] = (io.BytesIO(content), "users.json", "application/json")
        return self.api("POST", "/jobs/users-imports", data=data, content_type="multipart/form-data")

    def ask(self, users: object, *, raw: bytes | None = None, **form: str) -> str:
        """The id of an import that was taken."""
        answer = self.post(users, raw=raw, **form)
        assert answer.status_code == 202, answer.get_data(as_text=True)
        return str(answer.get_json()["id"])

    def run(self, users: object, *, raw: bytes | None = None, **form: str) -> dict[str, Any]:
        """The job of an import, done."""
        return self.done(self.ask(users, raw=raw, **form))

    def done(self, job_id: str) -> dict[str, Any]:
        """The job after the worker has done everything."""
        work_off(self.world.platform)
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        """GET /jobs/{id}."""
        answer = self.api.get(f"/jobs/{job_id}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def errors(self, job_id: str) -> list[dict[str, Any]]:
        """GET /jobs/{id}/errors; nothing where it answers 204."""
        answer = self.api.get(f"/jobs/{job_id}/errors")
        return list(answer.get_json()) if answer.status_code == 200 else []

    def codes(self, users: Sequence[Any], **form: str) -> list[str]:
        """The codes of what is wrong with each row that an import refuses."""
        found = self.errors(self.run(users, **form)["id"])
        return [error["code"] for each in found for error in each["errors"]]

    def export(self, **body: Any) -> bytes:
        """The file of an export."""
        answer = self.api.post("/jobs/users-exports", body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        job = self.done(answer.get_json()["id"])
        assert job["status"] == "completed", job
        file = self.download(job["location"])
        assert file.status_code == 200
        return gzip.decompress(file.data)

    def download(self, location: str) -> TestResponse:
        """What an address answers to anybody."""
        return Client(self.world.app, use_cookies=False).get(location, base_url=self.world.issuer)

    def user(self, email: str) -> dict[str, Any]:
        """The user with that address."""
        (found,) = self.api.get("/users-by-email", email=email).get_json()
        return dict(found)

    def signs_in(self, identifier: str, password: str) -> bool:
        """Whether somebody gets in."""
        form = {"grant_type": "password", "client_id": self.client, "username": identifier, "password": password}
        return self.world.post("/oauth/token", {**form, "scope": "openid"}).status_code == 200

    @cached_property
    def client(self) -> str:
        """An application that takes passwords."""
        return self.world.client("native", grant_types=["password"]).client_id

    def hash_of(self, email: str) -> str | None:
        """What is kept of a password."""
        with self.world.context() as work:
            found = select(DatabaseAccount.password_hash).where(DatabaseAccount.email_key == email)
            return work.rows.scalars(found).one()


@pytest.fixture
def bulk(world: World) -> Bulk:
    """Whoever may do everything."""
    return Bulk(world, world.caller())

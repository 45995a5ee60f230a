"""People who write all the time, and remember what was acknowledged to them."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Self

import requests

from tests.counterparts.product import Product


@dataclass
class Writers:
    """Threads that create users until told to stop; ``acknowledged`` are those that got a 2xx."""

    product: Product
    count: int = 4
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Start writing."""
        token = self.product.management().token()
        for _ in range(self.count):
            thread = threading.Thread(target=self._write, args=(token,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop writing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _write(self, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.product.base_url}/api/v2/users"
        with requests.Session() as http:
            while not self._stop.is_set():
                email = f"writer-{secrets.token_hex(6)}@example.com"
                body = {
                    "connection": self.product.connection,
                    "email": email,
                    "password": f"{secrets.token_urlsafe(16)}-Aa1",
                }
                try:
                    answer = http.post(url, json=body, headers=headers, timeout=30)
                except requests.RequestException as error:
                    self.refused.append(type(error).__name__)
                    continue
                if answer.status_code == 201:
                    self.acknowledged.append(email)
                else:
                    self.refused.append(f"{answer.status_code} {answer.text[:200]}")

    def wait_for(self, number: int, seconds: float = 60) -> None:
        """Wait until this many writes were acknowledged."""
        waiter = threading.Event()
        for _ in range(int(seconds * 20)):
            if len(self.acknowledged) >= number:
                return
            waiter.wait(0.05)
        raise AssertionError(
            f"{len(self.acknowledged)} of {number} writes after {seconds} s; refused: {self.refused[:5]}"
        )

    def lost(self) -> list[str]:
        """Acknowledged writes that cannot be read any more."""
        management = self.product.management()
        return [email for email in self.acknowledged if not management.get("users-by-email", email=email)]

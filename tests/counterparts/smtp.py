"""An SMTP server on loopback that keeps what it is sent."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.counterparts.program import free_port


@dataclass
class SmtpSink:
    """Every message that arrived, oldest first; ``refuse_next`` answers 451 that many times before accepting."""

    messages: list[EmailMessage] = field(default_factory=list)
    refuse_next: int = 0
    _controller: Controller | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one message (aiosmtpd's handler hook)."""
        if self.refuse_next > 0:
            self.refuse_next -= 1
            return "451 try again later"
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def start(self) -> None:
        """Listen on a free port."""
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    def stop(self) -> None:
        """Close the port."""
        if self._controller:
            self._controller.stop()

    @property
    def url(self) -> str:
        """For ``SMTP_URL``."""
        assert self._controller is not None
        return f"smtp://127.0.0.1:{self._controller.port}"

    def wait_for(self, matches: Callable[[EmailMessage], bool], *, seconds: float = 15) -> EmailMessage:
        """The first message that ``matches``, waiting for it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in self.messages:
                if matches(message):
                    return message
            time.sleep(0.05)
        subjects = [message["subject"] for message in self.messages]
        raise AssertionError(f"no such mail within {seconds} s; arrived: {subjects}")

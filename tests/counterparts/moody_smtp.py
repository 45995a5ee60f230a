"""A mail server on loopback with moods: it takes mail like any other, and hangs up, falls silent or drips where a test
wants it to.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Mood = Callable[[str, str], str]
"""(command, recipient) -> ``take``, ``hang up``, ``silent`` or ``drip``. Commands: CONNECT, EHLO, MAIL, RCPT, DATA,
BODY (the mail was sent), QUIT.
"""
ANSWERS = {"CONNECT": "220 ready", "EHLO": "250 here", "DATA": "354 go on", "QUIT": "221 bye"}


def good(_command: str, _recipient: str) -> str:
    """Takes everything."""
    return "take"


@dataclass
class MoodySmtp:
    """``taken`` are the recipients of the mails it took, in their order; ``tried`` those it heard of."""

    mood: Mood = good
    taken: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _listening: socket.socket = field(default_factory=socket.socket)

    def start(self) -> MoodySmtp:
        """Listen on a free port."""
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self) -> None:
        """Close the port and hang up on everybody."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @property
    def url(self) -> str:
        """For ``SMTP_URL``."""
        return f"smtp://127.0.0.1:{self._listening.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(peer,), daemon=True).start()

    def _converse(self, peer: socket.socket) -> None:
        recipient = ""
        with peer, contextlib.suppress(OSError), peer.makefile("rb") as lines:
            if not self._answer(peer, "CONNECT", recipient):
                return
            while line := lines.readline():
                command = line[:4].decode("latin-1").upper().strip()
                if command == "RCPT":
                    recipient = line.decode("latin-1").partition("<")[2].partition(">")[0]
                    self.tried.append(recipient)
                if not self._answer(peer, command, recipient) or command == "QUIT":
                    return
                if command == "DATA":
                    while lines.readline() not in {b".\r\n", b""}:
                        pass
                    if not self._answer(peer, "BODY", recipient):
                        return
                    self.taken.append(recipient)

    def _answer(self, peer: socket.socket, command: str, recipient: str) -> bool:
        mood = self.mood(command, recipient)
        if mood == "take":
            peer.sendall(ANSWERS.get(command, "250 fine").encode() + b"\r\n")
            return True
        if mood == "silent":
            self._over.wait()
        while mood == "drip" and not self._over.wait(0.05):
            peer.sendall(b"2")
        return False

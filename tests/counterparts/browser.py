"""Chromium through Playwright, watching for what a page must never do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page, Playwright, Request

from tests.counterparts.program import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT_WINDOWS = "chromium-headless-shell"
"""The same engine without the frame around it, which costs a third of a second for each new window, though nobody sees
it.
"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium(*, whole: bool = False) -> str | None:
    """The system's Chromium, or None. Without windows where that is there and the ``whole`` browser is not asked for,
    which knows certificate authorities and tickets of the machine.
    """
    names = NAMES if whole else (WITHOUT_WINDOWS, *NAMES)
    return next((path for name in names if (path := shutil.which(name))), None)


def can_launch() -> bool:
    """Whether a Chromium is there: the system's or the one Playwright installed."""
    return find_chromium() is not None or (ROOT / ".tools" / "playwright-chromium").exists()


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return launched(playwright.chromium)


def launched(kind: BrowserType, *, whole: bool = False, **more: str) -> Browser:
    """A headless browser of that kind; ``more`` are variables of its environment."""
    return kind.launch(executable_path=find_chromium(whole=whole), args=ARGUMENTS, env=_environment() | more)


def of_a_domain(kind: BrowserType, folder: Path, allowed: str, **more: str) -> BrowserContext:
    """A headless browser with a profile in ``folder``, since one without brings nobody's tickets along, to the hosts
    that its administrator ``allowed``.
    """
    arguments = [*ARGUMENTS, f"--auth-server-allowlist={allowed}"]
    return kind.launch_persistent_context(
        folder, executable_path=find_chromium(whole=True), args=arguments, env=_environment() | more, locale="en-US"
    )


def _environment() -> dict[str, str]:
    """This process's, without a machine-wide proxy, which would take loopback traffic away."""
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


@dataclass
class Watch:
    """What went wrong inside pages: violated policies, script errors, requests to other hosts, failed subresources."""

    problems: list[str] = field(default_factory=list)
    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "::1"})

    def on_console(self, message: ConsoleMessage) -> None:
        """A violated Content Security Policy is reported on the console, whatever it blocked."""
        text = message.text
        if "Content Security Policy" in text or "Refused to" in text or "Content-Security-Policy" in text:
            self.problems.append(f"policy violated: {text}")

    def on_page_error(self, error: Any) -> None:
        """A script threw."""
        self.problems.append(f"script error: {error}")

    def on_request(self, request: Request) -> None:
        """Nothing may come from another host."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname not in self.hosts:
            self.problems.append(f"request to another host: {request.url}")

    def attach(self, context: BrowserContext) -> None:
        """Watch every page of the context."""
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.on_page_error(error.error))
        context.on("request", self.on_request)


@contextmanager
def watched_page(browser: Browser, *, strict: bool = True, **options: Any) -> Iterator[Page]:
    """A page in a fresh context; leaving the block fails if the page did something it must not."""
    context = browser.new_context(**({"locale": "en-US"} | options))
    context.set_default_timeout(15_000)
    watch = Watch()
    watch.attach(context)
    page = context.new_page()
    try:
        yield page
        page.wait_for_timeout(30)  # what the browser has to say about the last page arrives just after it
    finally:
        context.close()
    if strict and watch.problems:
        raise AssertionError("the page did what it must not:\n" + "\n".join(watch.problems))

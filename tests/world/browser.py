"""A browser: it keeps cookies, fills the real forms, follows redirects on our origin and stops where an application
takes over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.test import TestResponse

from tests.world.cookies import Jar
from tests.world.page import Form, Page, parse

if TYPE_CHECKING:
    from tests.world.world import World

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_HOPS = 12


class TooManyRedirects(AssertionError):
    """The pages lead in a circle."""


@dataclass(frozen=True)
class Answer:
    """What an application gets back: the parameters, and how they travelled."""

    mode: str
    url: str
    params: dict[str, str]

    @property
    def code(self) -> str:
        return self.params["code"]

    @property
    def error(self) -> str | None:
        return self.params.get("error")


@dataclass(repr=False)
class Browser:
    """One profile of one browser. ``page`` is what is on the screen, ``left_for`` where it went when it left our
    origin.
    """

    world: World
    language: str = "en"
    agent: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    address: str = "198.51.100.7"
    jar: Jar = field(default_factory=Jar)
    page: Page | None = None
    left_for: str | None = None
    response: TestResponse | None = None
    hops: list[str] = field(default_factory=list)
    by_itself: dict[str, str] = field(default_factory=dict)
    """Headers that it sends unasked."""

    def open(self, url: str, *, site: str = "none", method: str = "GET", form: dict[str, str] | None = None) -> Browser:
        """Go there. ``site`` is where the navigation comes from, as ``Sec-Fetch-Site`` names it."""
        self.left_for, self.hops = None, []
        url = self.world.issuer.rstrip("/") + url if url.startswith("/") else urljoin(self.world.issuer, url)
        for _ in range(MAX_HOPS):
            self.hops.append(url)
            response = self.request(method, url, form=form, site=site)
            if response.status_code not in REDIRECTS:
                self.page = parse(url, response.get_data(as_text=True))
                return self
            url = urljoin(url, response.headers["Location"])
            method, form = "GET", None
            if not self._ours(url):
                self.left_for = url
                return self
        raise TooManyRedirects(self.hops)

    def request(
        self,
        method: str,
        url: str,
        *,
        form: dict[str, str] | None = None,
        site: str = "none",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> TestResponse:
        """One request, without following anything."""
        cross = site == "cross-site"
        sent = {
            "User-Agent": self.agent,
            "Accept-Language": self.language,
            "Sec-Fetch-Site": site,
            "Cookie": self.jar.header(url, cross_site=cross, top_level_get=method == "GET"),
        }
        if method == "POST":
            ours = urlsplit(self.world.issuer)
            sent["Origin"] = (
                f"{ours.scheme}://{ours.netloc}" if site == "same-origin" else "https://elsewhere.example.test"
            )
        sent = {name: value for name, value in {**sent, **self.by_itself, **(headers or {})}.items() if value}
        self.response = self.world.send(
            method, url, data=body if body is not None else form, headers=sent, address=self.address
        )
        self.jar.take(url, self.response.headers.getlist("Set-Cookie"))
        return self.response

    def submit(self, button: str | None = None, **fields: str) -> Browser:
        """Fill the form on the screen that has these inputs, and press ``button`` (an id or a value; None is the first
        one).
        """
        shown = self.shown
        form = shown.form(*fields) if fields else self._form_of(shown, button)
        return self.send_form(form, button, **fields)

    def send_form(self, form: Form, button: str | None = None, **fields: str) -> Browser:
        """Send that form."""
        filled = {**form.fields, **fields, **form.button(button)}
        return self.open(form.action, site="same-origin", method=form.method, form=filled)

    def follow(self, link: str) -> Browser:
        """Follow a link by its id."""
        return self.open(self.shown.links[link], site="same-origin")

    @property
    def shown(self) -> Page:
        """The page on the screen."""
        if self.page is None or self.left_for is not None:
            raise AssertionError(f"no page of ours on the screen: the browser left for {self.left_for}")
        return self.page

    @property
    def status(self) -> int:
        """Status of the last answer."""
        if self.response is None:
            raise AssertionError("nothing was asked for yet")
        return self.response.status_code

    @property
    def path(self) -> str:
        """Path of the page on the screen."""
        return urlsplit(self.shown.url).path

    @property
    def answer(self) -> Answer:
        """What the application got, by whichever response mode."""
        if self.left_for is not None:
            return from_redirect(self.left_for)
        return from_page(self.shown)

    def _ours(self, url: str) -> bool:
        ours, there = urlsplit(self.world.issuer), urlsplit(url)
        return (ours.scheme, ours.netloc) == (there.scheme, there.netloc)

    @staticmethod
    def _form_of(page: Page, button: str | None) -> Form:
        if button is not None:
            return page.form_with_button(button)
        if len(page.forms) != 1:
            raise LookupError(f"{len(page.forms)} forms on {page.url}: {page.text[:300]}")
        return page.forms[0]


def from_redirect(url: str) -> Answer:
    """An answer in the query or the fragment."""
    parts = urlsplit(url)
    mode, raw = ("fragment", parts.fragment) if parts.fragment else ("query", parts.query)
    pairs = parse_qsl(raw, keep_blank_values=True, strict_parsing=bool(raw))
    if len(dict(pairs)) != len(pairs):
        raise AssertionError(f"a parameter is repeated in {url}")
    return Answer(mode, url.partition("#")[0].partition("?")[0], dict(pairs))


def from_page(page: Page) -> Answer:
    """An answer of form_post or web_message."""
    for form in page.forms:
        if form.id == "form-post":
            return Answer("form_post", form.action, form.fields)
    for script in page.scripts:
        found = re.search(r'response: (\{.*?\})\}, ("[^"]*")\)', script, re.DOTALL)
        if found and "authorization_response" in script:
            return Answer("web_message", json.loads(found[2]), json.loads(found[1]))
    raise AssertionError(f"no answer for an application on {page.url}: {page.text[:400]}")

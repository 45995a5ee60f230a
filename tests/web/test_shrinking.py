"""A photo is made smaller by the page's script, where it is too large to be stored."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page

from idp.foundation.web.assets import assets
from idp.foundation.web.security import csp
from tests.counterparts.browser import watched_page
from tests.counterparts.local_site import local_site
from tests.screens.preview import NONCE, SCENES

pytestmark = [pytest.mark.e2e]
LARGE = """async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [3000, 2000];
  const drawn = canvas.getContext("2d");
  for (let at = 0; at < 60000; at++) {
    drawn.fillStyle = `rgb(${at % 255} ${(at * 7) % 255} ${(at * 13) % 255})`;
    drawn.fillRect((at * 37) % 3000, (at * 53) % 2000, 9, 9);
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const input = document.getElementById("picture"), sent = new DataTransfer();
  sent.items.add(new File([blob], "photo.png", { type: "image/png" }));
  input.files = sent.files;
  input.dispatchEvent(new Event("change"));
  return blob.size;
}"""
SHRUNK = """() => new Promise((done) => {
  const look = () => document.getElementById("picture").files[0].type === "image/jpeg" ? done() : setTimeout(look, 20);
  look();
})"""
SENT = """async () => {
  const file = document.getElementById("picture").files[0];
  const picture = await createImageBitmap(file);
  return { type: file.type, size: file.size, width: picture.width, height: picture.height };
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    app, scene = Flask("shrinking", static_folder=None), next(each for each in SCENES if each.name == "account")
    app.register_blueprint(assets)

    @app.get("/")
    def show() -> Response:
        response = Response(scene.render("en"))
        response.headers["Content-Security-Policy"] = csp(NONCE)
        return response

    with local_site(app) as site, watched_page(chromium) as opened:
        opened.goto(site)
        yield opened


def test_a_large_photo_is_stored_smaller(page: Page) -> None:
    assert page.evaluate(LARGE) > 200_000
    page.evaluate(SHRUNK)
    sent = page.evaluate(SENT)
    assert (sent["width"], sent["height"]) == (512, 341)
    assert sent["size"] < 256 * 1024


def test_what_is_no_picture_is_left_to_the_server(page: Page) -> None:
    page.set_input_files(
        "#picture", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": io.BytesIO(b"x" * 300_000).read()}
    )
    page.wait_for_timeout(300)
    assert page.evaluate("document.getElementById('picture').files[0].size") == 300_000

"""The role Demo: it sees every page and changes nothing, and sees no address and number of people (decision 0435)."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from idp.admin import navigation
from idp.admin.desk import showing
from idp.directory.bulk import service
from idp.foundation.apikit import cursor
from idp.foundation.kernel.errors import BadRequest
from idp.tenant.members import service as members
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import Person, World

NUMBER, IP, IP6 = "+4915112345678", "203.0.113.77", "2001:db8:77::1"
HASH = "0123456789abcdef0123456789abcdef"
ADDRESS = re.compile(r"[\w.+-]{2,}(?:@|%40)[\w-]+\.\w")


@pytest.fixture
def demo(world: World, browser: Browser, hire: Hire) -> Desk:
    """Somebody who is shown the dashboard."""
    return Desk(world, enter(browser, hire("dora@example.com", "Demo")))


def furnish(world: World, jane: Person) -> None:
    api = world.caller()
    picture = f"https://s.gravatar.com/avatar/{HASH}?s=480"
    metadata = {"mobile": NUMBER, "last": IP, "six": IP6, "second": "jane.second@mail.example"}
    changed = api.patch(f"/users/{jane.user_id}", {"user_metadata": metadata, "picture": picture, "name": "Jane D"})
    assert changed.status_code == 200, changed.json
    assert api.post("/jobs/verification-email", {"user_id": jane.user_id}).status_code == 201
    invitee = {"inviter": {"name": "Ada"}, "invitee": {"email": "new@mail.example"}}
    assert api.post("/invitations", {**invitee, "client_id": world.client("web").client_id}).status_code == 201
    visitor = world.browser()
    visitor.open("/account")
    visitor.submit(username=jane.email, password="wrong")  # a failed sign-in, with the address that it came from
    world.work()


def test_no_page_shows_a_secret_an_address_or_a_number(world: World, demo: Desk, jane: Person) -> None:
    furnish(world, jane)
    secrets = [*world.platform.settings.secret_keys, str(world.installed["management"]["client_secret"])]
    addresses, seen = ["/admin", "/admin/help", f"/admin/search?q={jane.email}"], 0
    for resource in navigation.resources():
        addresses.append(resource.path)
        if resource.listing is not None:
            addresses.append(f"{resource.path}?rows=100")
    known = {"users": jane.user_id, "connections": world.connection_id, "members": jane.user_id}
    for resource in navigation.resources():
        links = [] if resource.listing is None else demo.open(resource.path).tree.xpath("//tr//a[@class='to']/@href")
        first = [str(each) for each in links[:2]]
        if resource.name in known and resource.name != "members":
            first.append(f"{resource.path}/{quote(known[resource.name], safe='')}")
        for there in [resource.path] if resource.single else first:
            addresses += [f"{there}/{tab.name}" for tab in resource.tabs]
    for address in addresses:
        demo.open(address)
        assert demo.status in {200, 403, 404}, address
        seen += demo.status == 200
        text = "\n".join((demo.html, unquote(demo.html), str(demo.tree.text_content())))
        assert ADDRESS.findall(text) == [], address
        leaked = [each for each in (*secrets, NUMBER, NUMBER[1:], IP, IP6, HASH) if each in text]
        assert leaked == [], address
    assert seen > 100
    assert "Jane D" in demo.open(f"/admin/users/{quote(jane.user_id, safe='')}").html


def test_it_opens_every_page_but_the_installation(demo: Desk) -> None:
    closed = [each.name for each in navigation.resources() if demo.open(each.path).status != 200]
    assert closed == ["installation"]


def test_every_form_is_refused_in_a_sentence(world: World, demo: Desk, jane: Person) -> None:
    token = {"csrf": str(demo.tree.xpath("//input[@name='csrf']/@value")[0])}
    forms = [f"/admin/users/{quote(jane.user_id, safe='')}/block", "/admin/nowhere", "/admin/branding/look"]
    for resource in navigation.resources():
        there = resource.path if resource.single else f"{resource.path}/x"
        forms += [resource.path, f"{resource.path}/new", f"{resource.path}/saved", f"{resource.path}/bulk"]
        forms += [f"{there}/{each.name}" for each in (*resource.actions, *resource.tabs)]
    before = len(world.logs("sapi"))
    for address in forms:
        demo.browser.open(address, site="same-origin", method="POST", form=token)
        assert (demo.status, "changes nothing" in demo.text) == (403, True), address
    for frame in ("look", "mails/verify_email", "messages/x"):
        demo.browser.open(f"/admin/branding/{frame}/preview", site="same-origin", method="POST", form=token)
        assert demo.status == 403
    assert len(world.logs("sapi")) == before
    demo.browser.open("/admin/preferences", site="same-origin", method="POST", form={**token, "theme": "dark"})
    assert demo.status == 200, "what is this browser's own may be chosen"


def test_files_do_not_leave_and_nobody_is_found_by_a_masked_value(world: World, demo: Desk, jane: Person) -> None:
    everybody = demo.open("/admin/users").rows()
    assert demo.open(f"/admin/users?q={quote('email:nobody@example.com')}").rows() == everybody
    assert demo.open("/admin/users?sort=email").rows() == everybody
    assert demo.open(f"/admin/search?q={quote(jane.email)}").browser.path == "/admin/search"
    with world.platform.work(world.tenant, orm=True) as work:
        job = service.ask_export(work, None, {"format": "json"}).id
    demo.open(f"/admin/monitoring/jobs/{job}/errors")
    assert (demo.status, "changes nothing" in demo.text) == (403, True)


def test_the_role_stands_alone() -> None:
    with pytest.raises(BadRequest, match="stands alone"):
        members.checked(["Demo", "Admin"], [])
    assert members.checked(["Demo"], []) == (["Demo"], [])


def test_a_place_in_a_list_tells_nobody(world: World, demo: Desk) -> None:
    """Ids of people from elsewhere are often their addresses, and what a list is sorted by is a value of theirs."""
    api = world.caller()
    for number in range(27):
        body = {
            "connection": "Username-Password-Authentication",
            "user_id": f"p{number}@corp.example",
            "email": f"p{number}@corp.example",
        }
        assert api.post("/users", {**body, "password": "Correct-horse-9"}).status_code == 201
    first = demo.open("/admin/users").rows()
    href = str(demo.one("users-next").get("href"))
    after = parse_qs(urlsplit(href).query)["after"][0]
    with pytest.raises(BadRequest):
        cursor.decode(after)
    second = demo.follow("users-next").rows()
    assert (len(first), 0 < len(second) < 25) == (25, True)
    typed = cursor.encode((1, "auth0|p1@corp.example"))
    assert demo.open(f"/admin/users?after={typed}").rows() == first, "a place that was not drawn"
    assert demo.open(f"/admin/monitoring/logs?after={typed}").status == 200


def test_an_address_in_the_path_is_answered_alike_whether_somebody_has_it(world: World, demo: Desk) -> None:
    body = {"connection": "Username-Password-Authentication", "user_id": "x@corp.example", "email": "x@corp.example"}
    made = world.caller().post("/users", {**body, "password": "Correct-horse-9"})
    assert made.status_code == 201
    for user_id in ("auth0|x@corp.example", "auth0|y@corp.example"):
        assert demo.open(f"/admin/users/{quote(user_id, safe='')}").status == 404, user_id


def test_previews_are_masked_too(world: World, demo: Desk) -> None:
    template = {
        "template": "verify_email",
        "body": f"Ask jane.doe@mail.example or {NUMBER}",
        "subject": "x",
        "from": "jane.doe@mail.example",
        "syntax": "liquid",
        "enabled": True,
    }
    assert world.caller().post("/email-templates", template).status_code in {200, 201}
    demo.open("/admin/branding/mails/verify_email/preview")
    assert (demo.status, "jane.doe" in demo.html, NUMBER in demo.html) == (200, False, False)


def test_a_long_word_is_masked_in_no_time() -> None:
    for word in ("a", "&#39;", "%41", "+4", ":1", "0 ", "&amp;"):
        began = time.process_time()
        showing.masked(word * (120_000 // len(word)))
        assert time.process_time() - began < 2, word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jane.doe@mail.example.com", "j•••@•••.com"),
        ("jane@intranet", "j•••@•••"),
        ("href=j%C3%BCrgen%40m%C3%BCller.example", "href=j•••%40•••.example"),
        ("100%jane.doe@mail.example", "1•••@•••.example"),
        ("o&#39;brien@mail.example", "o•••@•••.example"),
        ("&#39;jane.doe@mail.example&#39;", "&#39;•••@•••.example&#39;"),
        ("jane.doe%2540mail.example", "j•••%2540•••.example"),
        (r"jane.doe\u0040mail.example", r"j•••\u0040•••.example"),
        (r"\u002b4915112345678 and 0151 / 1234-5678", "••• and •••"),
        (
            "auth0|0123456789abcdef0123456789abcdef 01234567-8901-4abc",
            "auth0|0123456789abcdef0123456789abcdef 01234567-8901-4abc",
        ),
        ("jane.doe<wbr>@mail.example.com", "j•••@•••.com"),
        ("jane/doe=x?y|u@mail.example.com", "j•••@•••.com"),
        ("a{b:c}@media (width < 3rem)", "a{b:c}@media (width < 3rem)"),
        ("samlp|corp|jane/doe@mail.example", "s•••@•••.example"),
        ("/admin/users/auth0%7Cjane%2Fdoe%40mail.example/profile", "/admin/users/a•••%40•••.example/profile"),
        ("Write to jane@mail.example.", "Write to j•••@•••.example."),
        ("?q=jane%2Bx%40mail.example.com&amp;a=1", "?q=j•••%40•••.com&amp;a=1"),
        ("<bdi>jürgen@müller.example</bdi>", "<bdi>j•••@•••.example</bdi>"),
        ("203.0.113.7, 2001:db8::1 and fe80::1", "•••, ••• and •••"),
        ("ip%3A203.0.113.7", "ip•••"),
        ("2001%3Adb8%3A%3A1", "•••"),
        ("::ffff:203.0.113.7", "•••"),
        ("+49 (151) 1234-5678", "•••"),
        ("2026-11-20T14:30:00+00:00 14:30:20", "2026-11-20T14:30:00+00:00 14:30:20"),
        ("@media (width < 3rem) { a::before { } }", "@media (width < 3rem) { a::before { } }"),
    ],
)
def test_what_is_masked(text: str, shown: str) -> None:
    assert showing.masked(text).replace("••••••", "•••") == shown

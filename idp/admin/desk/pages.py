"""The edge of the dashboard: a request becomes a visit, finds its page, and leaves as HTML that nobody keeps.

A GET changes nothing. A POST is this browser's own (token, ``Origin``, ``Sec-Fetch-Site``) and is answered 303, or with
the form again: 422 for what is wrong with it, 409 where somebody else was quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response, request

from idp.admin import navigation, signed_in
from idp.admin.desk import (
    acting,
    activity,
    bulk,
    creation,
    guides,
    kept,
    lists,
    objects,
    operations,
    palette,
    preferences,
    restoring,
    saved,
    showing,
    tenants,
    undo,
    uploads,
)
from idp.admin.desk.frame import File, Frame, Group, Link, Moved, Nothing, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.admin.desk.texts import DeskTexts, offered, spoken, texts_for
from idp.admin.signed_in import Member
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import ManagementError, NotFound, PageError, TooManyRequests
from idp.foundation.tenancy import cookies, http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web import security
from idp.foundation.web.language_list import locale_links
from idp.foundation.web.pages import environment
from idp.management.calls import sent_path
from idp.management.limits import Limiter

Answer = Shown | Moved | File | Nothing
PREFIX = "/admin"
GUIDE_PARTS = 2
LIMITER = Limiter(lambda: clock.now_ms() / 1000, limit=600, window_s=60)
"""Requests of one person, in each process."""
_OWN: Mapping[str, Callable[[Visit, Sequence[Resource]], Shown | Moved]] = {
    "": activity.page,
    "search": palette.page,
    "help": guides.page,
    tenants.NAME: tenants.page,
}


def answer(work: Work) -> Response:
    """Any request below ``/admin``."""
    member = signed_in.member(work)
    if member is None:
        if request.method == "POST" and not uploads.has_files():
            return kept.sign_in_again(work)
        return signed_in.begin(work, signed_in.here())
    work.actor = member.actor
    form, files = uploads.form(work) if request.method == "POST" else ({}, {})
    if request.method == "POST":
        http.check_form(work, form.get("csrf"))
    count(work, member)
    visit = _visit(work, member, form, files)
    try:
        refused = showing.refuses(member.actor, request.method, sent_path(PREFIX).decoded)
        done = _only_shown(visit) if refused else _page(visit)
    except ManagementError as error:
        done = _refused(visit, error)
    if isinstance(done, Moved):
        if done.fresh:
            return signed_in.begin(work, done.href.removeprefix("/"), fresh=True)
        return _chosen(visit, http.redirect(done.href))
    if isinstance(done, File) and showing.is_shown(member.actor):
        done = _only_shown(visit)
    return _drawn(visit, done) if isinstance(done, Shown) else uploads.sent(done)


def _visit(work: Work, member: Member, form: Mapping[str, str], files: Mapping[str, bytes]) -> Visit:
    locale = spoken(page_context.locale(work, kept=member.session.language))
    return Visit(
        work=work,
        member=member,
        texts=texts_for(locale),
        preferences=preferences.read(work),
        query=showing.asked(member.actor, http.query()),
        form=form,
        method=request.method,
        address=signed_in.here(),
        fresh=signed_in.is_fresh(member),
        kept={} if form else kept.typed_before(work, member, http.query().get(kept.KEPT, "")),
        files=files,
    )


def count(work: Work, member: Member) -> None:
    """One request of theirs. Raises TooManyRequests."""
    if work.platform.settings.rate_limits:
        LIMITER.take(f"{work.tenant_id}\0{member.session.user_id}")


def _page(visit: Visit) -> Answer:
    """The page at the address.

    :raises ManagementError: there is none, or not for this person.
    """
    path = sent_path(PREFIX)
    if showing.hides(visit.work.actor, path.decoded):
        raise NotFound("Not Found")
    parts = list(path.segments) if path.segments is not None else path.decoded.split("/")
    head = parts[0] if parts else ""
    if len(parts) <= 1 and head in _OWN:
        return _OWN[head](visit, navigation.resources())
    if head == "help" and len(parts) == GUIDE_PARTS:
        return guides.guide(visit, parts[1])
    if parts == ["preferences"] and visit.method == "POST":
        return Moved(preferences.back(visit))
    resource, rest = navigation.find(head, parts[1]) if len(parts) > 1 else None, parts[2:]
    if resource is None:  # a group that is called as its first resource: /admin/users
        resource, rest = navigation.find(head, head), parts[1:]
    if resource is None:
        return _led_on(visit, parts)
    operations.refuse_without_right(visit.work, resource.all or resource.read)
    return _of(visit, resource, rest)


def _led_on(visit: Visit, parts: Sequence[str]) -> Moved:
    """To the resource that has another name at that address, with everything else that the address says.

    :raises NotFound: there is none.
    """
    group, name, *rest = [*parts, ""]
    resource = navigation.called(group, name) if visit.method == "GET" else None
    if resource is None:
        raise NotFound("Not Found")
    below = "".join(f"/{quote(each, safe='')}" for each in rest if each)
    filters = {} if below else resource.addresses[name]
    return Moved(visit.href(f"{resource.path}{below}", **{**visit.query, **filters}))


def _of(visit: Visit, resource: Resource, rest: list[str]) -> Answer:
    if resource.single:
        return _object(visit, resource, "", rest)
    if not rest:
        shown: Answer = resource.page(visit, resource) if resource.page else lists.page(visit, resource)
        return shown
    beside = _beside(resource)
    if len(rest) == 1 and rest[0] in beside:
        own: Answer = beside[rest[0]](visit, resource)
        return own
    if rest == [creation.NEW]:
        return creation.create(visit, resource) if visit.method == "POST" else creation.new_page(visit, resource)
    return _object(visit, resource, rest[0], rest[1:])


def _beside(resource: Resource) -> Mapping[str, Callable[..., Answer]]:
    """Pages beside its list."""
    of_list = {saved.NAME: saved.page} if resource.listing is not None else {}
    of_many = {bulk.NAME: bulk.page} if resource.bulk is not None else {}
    return {**of_list, **of_many, **resource.pages}


def _object(visit: Visit, resource: Resource, id_: str, rest: list[str]) -> Answer:
    if len(rest) > 1:
        raise NotFound("Not Found")
    there, part = objects.opened(visit, resource, id_), rest[0] if rest else ""
    if part in resource.files and visit.method == "GET":
        file: File = resource.files[part](visit, there)
        return file
    action = resource.action(part)
    if action is not None:
        if visit.method == "POST" and action.elsewhere is None:
            return acting.act(visit, there, action)
        if action.tab and not action.confirm:  # its form stands on a tab
            return objects.page(visit, there, action.tab)
        return acting.confirmation(visit, there, action)
    return objects.save(visit, there, part) if visit.method == "POST" else objects.page(visit, there, part)


def _refused(visit: Visit, error: ManagementError) -> Shown:
    """What an operation refuses where there is no form to say so."""
    if isinstance(error, TooManyRequests):
        raise PageError("too_many_requests", error.message, status=429)
    kind = {403: "forbidden", 404: "gone"}.get(int(error.status), "refused")
    return Shown(
        "admin/refused.html",
        visit.texts.t(f"frame.{kind}.title"),
        {"kind": kind, "message": error.message},
        int(error.status),
    )


def _only_shown(visit: Visit) -> Shown:
    """To somebody who is only shown the dashboard, and did something."""
    values = {"kind": "shown", "message": ""}
    return Shown("admin/refused.html", visit.texts.t("frame.shown.title"), values, status=403)


def _chosen(visit: Visit, response: Response) -> Response:
    if "preferences" in visit.address:
        preferences.send(visit, response)
    if visit.address.startswith(f"admin/{tenants.NAME}"):
        tenants.send(visit, response)
    return http.send_device(visit.work, response)


def _drawn(visit: Visit, page: Shown) -> Response:
    work, nonce = visit.work, security.nonce()
    frame = _frame(visit, page, nonce)
    html = (
        environment()
        .get_template(page.template)
        .render(
            page=frame,
            t=visit.texts.t,
            rich=visit.texts.rich,
            known=visit.texts.known,
            iso=clock.iso,
            instant=_instant,
            now_ms=clock.now_ms,
            moment_of=datetime.fromisoformat,
            shown_only=showing.is_shown(work.actor),
            **page.values,
        )
    )
    response = Response(showing.drawn(work.actor, html), status=page.status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = security.csp(nonce, frames=("'self'",) if page.framed else ())
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if page_context.picked_language():
        cookies.send(
            work,
            response,
            page_context.LANGUAGE_COOKIE,
            frame.locale,
            max_age_s=cookies.DEVICE_MAX_AGE_S,
            same_site="Lax",
        )
    preferences.keep_columns(visit, page, response)
    return http.send_device(work, response)


def _instant(at: int) -> datetime:
    """A moment in ms."""
    return datetime.fromtimestamp(at / 1000, UTC)


def _frame(visit: Visit, page: Shown, nonce: str) -> Frame:
    work = visit.work
    return Frame(
        texts=visit.texts,
        nonce=nonce,
        root=work.config.root,
        csrf=http.csrf_token(work),
        who=kept.who(work, visit.member.session.user_id),
        tenant=work.config.friendly_name,
        environment="development" if work.platform.settings.development else "production",
        member=visit.member.name,
        email=visit.member.session.email or "",
        groups=groups(visit, page.current),
        preferences=visit.preferences,
        locale_links=locale_links(offered(work.config.settings.enabled_locales), visit.texts.locale, "", visit.query)
        if visit.method == "GET"
        else (),
        title=page.title,
        trail=page.trail,
        current=page.current,
        address=visit.address,
        notice=_notice(visit, page),
        tenants=tenants.links(visit),
        unsaved=bool(visit.kept or page.values.get(restoring.RESTORED)),
        undo=undo.offered(visit),
        refresh=int(page.values.get("refresh", 0)),
        refresh_url=visit.href(f"/{signed_in.again()}"),
    )


def _notice(visit: Visit, page: Shown) -> str:
    """What is said above the page: how its form came to be filled in, or what was done before."""
    if visit.kept:
        return visit.texts.t("frame.done.kept")
    if page.values.get(restoring.RESTORED):
        return visit.texts.t("frame.done.restored")
    return _said(visit.texts, visit.query.get("done", "")[:100])


def _said(texts: DeskTexts, key: str) -> str:
    """The sentence that the address names: one of those that say what was done."""
    return texts.t(key) if ".done." in key and key in texts else ""


def groups(visit: Visit, current: str) -> list[Group]:
    """The navigation: only what this person may open."""
    found: dict[str, list[Link]] = {}
    for each in navigation.resources():
        if operations.may(visit.work, each.all or each.read):
            here = f"{each.group}/{each.name}"
            link = Link(each.name, visit.texts.t(f"{each.name}.title"), visit.href(each.path), here == current)
            found.setdefault(each.group, []).append(link)
    return [Group(visit.texts.t(f"frame.group.{name}"), links) for name, links in found.items()]

"""The tab *Options* of a connection: a form for whatever a strategy declares (spec/dashboard.md, "authentication")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from connectors.strategy import Strategy
from idp.admin import connections
from idp.admin.desk import form as forms
from idp.admin.desk import rows
from idp.admin.desk.kinds import Part, kind_of, leaves
from idp.admin.desk.resource import Field, Section
from idp.admin.desk.texts import texts_for
from idp.directory.connections import strategies
from idp.foundation.kernel.secret import shape_of
from tests.admin.conftest import Desk
from tests.world.saml import pair
from tests.world.world import World

OIDC = {
    "client_id": "us",
    "type": "front_channel",
    "issuer": "https://source.example/",
    "authorization_endpoint": "https://source.example/authorize",
    "jwks_uri": "https://source.example/keys",
}
OAUTH = {
    "client_id": "us",
    "authorizationURL": "https://source.example/authorize",
    "tokenURL": "https://source.example/token",
}
GATEWAY = {
    "provider": "sms_gateway",
    "gateway_url": "https://gateway.example/send",
    "gateway_authentication": {"method": "bearer", "audience": "them", "secret": "a shared secret", "unheard": "of"},
}
AS_SENT = "nobody built the strategy: what it was sent is kept, and differs between the strategies of Auth0"
JSON = dict.fromkeys((each.name for each in strategies.every() if each.unusable), AS_SENT)
"""The strategies whose options are JSON in a form, each with the reason."""


def sections_of(strategy: Strategy) -> Iterator[Section]:
    """Those of every form about its options."""
    document = {"strategy": strategy.name, "options": {}}
    resource = connections.RESOURCES[0]
    for tab in resource.tabs:
        if tab.made_of is not None and tab.when(document):
            yield from tab.made_of(document)
    if resource.kinds is not None:
        yield from resource.kinds.sections(strategy.name)


def fields_of(strategy: Strategy) -> list[Field]:
    return _fields_of(strategy.name)


@cache
def _fields_of(name: str) -> list[Field]:
    sections = sections_of(strategies.named(name))
    return [each for each in forms.fields_of(sections) if each.name.startswith("options.")]


def test_no_option_of_a_strategy_that_can_be_used_is_json() -> None:
    found = {each.name for each in strategies.every() for field in fields_of(each) if field.kind == "json"}
    assert found - JSON.keys() == set()
    assert all(JSON.values())


def test_every_declared_option_has_a_field() -> None:
    """But those that have a page of their own: files, scripts, the values that scripts read; and the former words for
    usernames, which what the tab Methods says takes the place of.
    """
    elsewhere = {"customScripts", "requires_username", "validation"}
    for strategy in strategies.every():
        shown = {each.name for each in fields_of(strategy)}
        for name in {each.encode_name for each in strategies.fields_of(strategy.name)} - elsewhere:
            wanted = {f"options.{path}" for path in leaves(strategy.options, name)}
            file = kind_of(strategy.options, name).name == "file"
            assert file or wanted & shown, (strategy.name, name)
            assert name in TABBED or wanted <= shown or file, (strategy.name, name)


TABBED = {"attributes", "authentication_methods", "password_history", "password_dictionary"}
"""Objects of which a tab of their own shows what counts, and not all that Auth0 has."""


def test_what_stands_in_objects_and_maps_has_a_label_in_the_catalogue() -> None:
    texts, resource = texts_for("en"), connections.RESOURCES[0].name
    nested = {
        name
        for strategy in strategies.every()
        if not strategy.unusable
        for section in sections_of(strategy)
        for field in section.fields
        if field.kind == "rows" or field.name.count(".") > 1
        for name in (field.name, *([section.name] if "." in section.name else []))
    }
    assert {name for name in nested if f"{resource}.field.{name}" not in texts} == set()


def test_no_control_that_shows_what_is_stored_has_a_secret_in_it() -> None:
    def hidden(strategy: Strategy, path: str) -> bool:
        shape = shape_of(strategy.options)
        for name in path.split("."):
            shape = shape.members[name]
        return shape.secret

    for strategy in strategies.every():
        for field in fields_of(strategy):
            shows = field.kind not in {"secret", "remove"} and not any(part.kind == "secret" for part in field.parts)
            assert not (shows and hidden(strategy, field.name.removeprefix("options."))), (strategy.name, field.name)


# ---- forms
def made(world: World, strategy: str, options: Mapping[str, Any]) -> str:
    body = {"name": "corp", "strategy": strategy, "options": options}
    answer = world.management()("POST", "/connections", body)
    return f"/admin/authentication/connections/{answer.json['id']}/options"


def options(world: World, address: str) -> dict[str, Any]:
    found: dict[str, Any] = world.management().get(f"/connections/{address.split('/')[-2]}")["options"]
    return found


def test_a_parameter_has_a_fixed_value_or_what_the_application_sends(world: World, desk: Desk) -> None:
    address = made(world, "oidc", OIDC)
    row = {"options.upstream_params[0].name": "prompt", "options.upstream_params[0].part.value": "login"}
    desk.open(address).press("field-options-upstream-params-add", desk__move="options.upstream_params||add", **row)
    assert (desk.status, "upstream_params" in options(world, address)) == (422, False), "a row more saves nothing"
    assert "data-unsaved" in desk.html
    second = {"options.upstream_params[1].name": "hint", "options.upstream_params[1].part.alias": "login_hint"}
    desk.press("connections-save", **second)
    assert '"login_hint"' in desk.text, "old and new are shown first"
    desk.press("connections-confirm")
    wanted = {"prompt": {"value": "login"}, "hint": {"alias": "login_hint"}}
    assert options(world, address)["upstream_params"] == wanted
    desk.open(address).press("field-options-upstream-params-0-out", desk__move="options.upstream_params|0|out")
    desk.press("connections-save").press("connections-confirm")
    assert options(world, address)["upstream_params"] == {"hint": wanted["hint"]}
    desk.open(address).press("connections-save", **{"options.upstream_params[0].name": "", **dict.fromkeys(second, "")})
    desk.press("connections-save", **{"options.upstream_params[0].part.alias": ""}).press("connections-confirm")
    assert "upstream_params" not in options(world, address)


def test_what_nobody_declared_survives_a_save(world: World, desk: Desk) -> None:
    """In an object, in a row, and beside all of them."""
    upstream = {"prompt": {"value": "login", "since": "2019"}, "hint": {"alias": "login_hint"}}
    settings = {"pkce": "auto", "unheard": {"of": 1}}
    before = {**OIDC, "upstream_params": upstream, "connection_settings": settings, "another": [1]}
    address = made(world, "oidc", before)
    desk.open(address)
    assert "2019" not in desk.html, "what nobody declared is treated as a secret"
    desk.press("connections-save")
    assert "nothing was changed" in desk.say("notice")
    typed = {"options.upstream_params[0].part.value": "consent", "options.connection_settings.pkce": "S256"}
    desk.open(address).press("connections-save", **typed).press("connections-confirm")
    after = options(world, address)
    assert after["upstream_params"] == {**upstream, "prompt": {"value": "consent", "since": "2019"}}
    assert after["connection_settings"] == {**settings, "pkce": "S256"}
    assert after["another"] == [1]


def test_what_the_api_refuses_stands_at_its_field(world: World, desk: Desk) -> None:
    address = made(world, "oidc", OIDC)
    typed = {"options.upstream_params[0].name": "state", "options.upstream_params[0].part.value": "ours"}
    desk.open(address).press("connections-save", **typed).press("connections-confirm")
    assert "cannot set state" in desk.say("field-options-upstream-params-problem")
    assert desk.fields("connections-save")["options.upstream_params[0].name"] == "state", "it stays typed"
    twice = {**typed, "options.upstream_params[0].name": "prompt", "options.upstream_params[1].name": "prompt"}
    desk.press("connections-save", **twice)
    assert "prompt stands there twice" in desk.say("field-options-upstream-params-problem")
    nameless = {"options.upstream_params[0].name": "", "options.upstream_params[1].name": ""}
    desk.press("connections-save", **nameless)
    assert "a row has no name" in desk.say("field-options-upstream-params-problem")
    assert "upstream_params" not in options(world, address)


def test_codes_have_digits_and_a_lifetime(world: World, desk: Desk) -> None:
    address = made(world, "email", {"totp": {"length": 6, "time_step": 300}, "authParams": {"scope": "openid"}})
    desk.open(address).press("connections-save", options__totp__length="99").press("connections-confirm")
    assert "12" in desk.say("field-options-totp-length-problem")
    mail = {"options.email.from": "us@example.com", "options.email.body": "{{ code }}\r\nis it."}
    desk.press("connections-save", options__totp__length="8", options__totp__time_step="", **mail)
    desk.press("connections-confirm")
    after = options(world, address)
    assert (after["totp"], after["authParams"]) == ({"length": 8}, {"scope": "openid"})
    assert after["email"] == {"from": "us@example.com", "body": "{{ code }}\nis it."}
    desk.open(address).press("connections-save", options__totp__length="").press("connections-confirm")
    assert "totp" not in options(world, address), "nothing is left of it"


def test_a_secret_in_an_object_is_shown_to_nobody_and_stays(world: World, desk: Desk) -> None:
    address = made(world, "sms", GATEWAY)
    assert "a shared secret" not in desk.open(address).html
    desk.press("connections-save", options__gateway_authentication__audience="you")
    assert "a shared secret" not in desk.html
    desk.press("connections-confirm")
    wanted = {**GATEWAY["gateway_authentication"], "audience": "you"}  # type: ignore[dict-item]
    assert options(world, address)["gateway_authentication"] == wanted
    desk.open(address).press("connections-save", options__gateway_authentication__secret="another secret")
    assert "another secret" not in desk.text, "that it is another one is said, and not what it is"
    assert "***" in desk.text
    desk.press("connections-confirm")
    assert options(world, address)["gateway_authentication"] == {**wanted, "secret": "another secret"}
    desk.open(address).press("connections-save", options__gateway_authentication="true").press("connections-confirm")
    assert "gateway_authentication" not in options(world, address)
    assert not desk.open(address).has("field-options-gateway-authentication"), "what is not there is not taken away"


def test_headers_of_a_source_are_names_with_secrets(world: World, desk: Desk) -> None:
    address = made(world, "oauth2", {**OAUTH, "customHeaders": {"X-Api": "s3cret", "X-Other": "h1dden"}})
    assert not [each for each in ("s3cret", "h1dden") if each in desk.open(address).html]
    rows = {"options.customHeaders[1].part.": "n3wer", "options.customHeaders[2].name": "X-Third"}
    desk.press("connections-save", **rows)
    assert "X-Third has no value" in desk.say("field-options-customheaders-problem")
    assert "n3wer" not in desk.html
    desk.press("connections-save", **rows, **{"options.customHeaders[2].part.": "th1rd"})
    assert "n3wer" not in desk.text
    desk.press("connections-confirm")
    wanted = {"X-Api": "s3cret", "X-Other": "n3wer", "X-Third": "th1rd"}
    assert options(world, address)["customHeaders"] == wanted
    desk.open(address).press("field-options-customheaders-0-out", desk__move="options.customHeaders|0|out")
    desk.press("connections-save").press("connections-confirm")
    assert options(world, address)["customHeaders"] == {"X-Other": "n3wer", "X-Third": "th1rd"}


def test_no_secret_of_a_row_waits_while_somebody_signs_in_again(world: World, desk: Desk) -> None:
    address = made(world, "oauth2", OAUTH)
    rows = {"options.customHeaders[0].name": "X-Api", "options.customHeaders[0].part.": "s3cret"}
    desk.open(address)
    desk.sign_out()
    desk.press("connections-save", options__client_id="them", **rows)
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.one("field-options-client-id").get("value") == "them"
    assert "s3cret" not in desk.html


def test_what_a_provider_says_of_itself_is_texts_and_json(world: World, desk: Desk) -> None:
    said = {"end_session_endpoint": "https://source.example/out", "claims": ["sub"], "number": "7", "true": True}
    address = made(world, "oidc", {**OIDC, "oidc_metadata": said})
    desk.open(address).press("connections-save")
    assert "nothing was changed" in desk.say("notice")
    typed = {"options.oidc_metadata[1].part.": '["sub", "email"]', "options.oidc_metadata[0].part.": "nonsense"}
    desk.open(address).press("connections-save", **typed).press("connections-confirm")
    assert "is not the address" in desk.say("field-options-oidc-metadata-problem")
    desk.press("connections-save", **{"options.oidc_metadata[0].part.": "https://source.example/bye"})
    desk.press("connections-confirm")
    wanted = {**said, "claims": ["sub", "email"], "end_session_endpoint": "https://source.example/bye"}
    assert options(world, address)["oidc_metadata"] == wanted


def test_a_map_that_was_stored_as_something_else_is_still_json(world: World, desk: Desk) -> None:
    address = made(world, "email", {"authParams": "scope=openid"})
    assert desk.open(address).one("field-options-authparams").tag == "textarea"
    desk.press("connections-save", options__authParams='{"scope": "openid"}').press("connections-confirm")
    assert options(world, address)["authParams"] == {"scope": "openid"}


def test_one_of_several_attributes_of_the_source_counts(world: World, desk: Desk) -> None:
    saml = {"signInEndpoint": "https://source.example/sso", "signingCert": pair().certificate}
    before = {"email": ["mail"], "name": ["cn", "displayName"], "nickname": "uid"}
    address = made(world, "samlp", {**saml, "fieldsMap": before}).replace("/options", "/mapping")
    desk.open(address).press("connections-save")
    assert "nothing was changed" in desk.say("notice")
    desk.open(address).press("connections-save", **{"options.fieldsMap[2].part.": "uid\r\nlogin"})
    desk.press("connections-confirm")
    assert options(world, address)["fieldsMap"] == {**before, "nickname": ["uid", "login"]}


def test_two_editors_of_rows_see_both(world: World, desk: Desk) -> None:
    address = made(world, "oidc", {**OIDC, "upstream_params": {"prompt": {"value": "login"}}})
    desk.open(address)
    theirs = {**options(world, address), "upstream_params": {"prompt": {"value": "none"}}}
    world.management().patch(f"/connections/{address.split('/')[-2]}", {"options": theirs})
    desk.press("connections-save", **{"options.upstream_params[0].part.value": "consent"})
    assert (desk.status, "none" in desk.say("main"), "consent" in desk.say("main")) == (409, True, True)
    desk.press("connections-overwrite")
    assert options(world, address)["upstream_params"] == {"prompt": {"value": "consent"}}


@pytest.mark.parametrize("name", ["oidc", "samlp", "sms", "auth0", "oauth2", "github"])
def test_a_new_connection_takes_rows_and_objects(world: World, desk: Desk, name: str) -> None:
    new = f"/admin/authentication/connections/new?strategy={name}"
    desk.open(new)
    fields = desk.fields("connections-save")
    assert all(not text for field, text in fields.items() if field.startswith("options."))
    if name == "github":
        row = {"options.upstream_params[0].name": "prompt", "options.upstream_params[0].part.value": "consent"}
        desk.press("field-options-upstream-params-add", desk__move="options.upstream_params||add", **row)
        assert (desk.status, desk.one("section-more-fold").get("open")) == (422, ""), "the fold that has it is open"
        desk.press("connections-save", name="corp", options__client_id="us", options__client_secret="s3cret")
        found = world.management().get("/connections?strategy=github")
        assert found[0]["options"]["upstream_params"] == {"prompt": {"value": "consent"}}


def test_names_that_an_update_takes_away_by_null_go(world: World, desk: Desk) -> None:
    """Metadata is merged: a row that is gone is said to be."""
    address = made(world, "oidc", OIDC).replace("/options", "")
    world.management().patch(f"/connections/{address.split('/')[-1]}", {"metadata": {"a": "1", "b": "2"}})
    desk.open(address).press("field-metadata-0-out", desk__move="metadata|0|out").press("connections-save")
    assert world.management().get(f"/connections/{address.split('/')[-1]}")["metadata"] == {"b": "2"}


def test_a_map_as_large_as_it_may_be_is_saved(world: World, desk: Desk) -> None:
    """A form has as many inputs as what it is drawn from needs, also where somebody has to sign in on the way."""
    saml = {"signInEndpoint": "https://source.example/sso", "signingCert": pair().certificate}
    before = {f"name{number}": f"attribute{number}" for number in range(199)}
    address = made(world, "samlp", {**saml, "fieldsMap": before}).replace("/options", "/mapping")
    desk.open(address)
    last = {"options.fieldsMap[199].name": "one", "options.fieldsMap[199].part.": "more"}
    desk.press("connections-save", **last)
    assert desk.has("connections-confirm"), desk.text
    desk.press("connections-confirm")
    assert options(world, address)["fieldsMap"] == {**before, "one": "more"}


def test_a_map_with_more_rows_than_a_form_has_is_a_text() -> None:
    """Else saving would take away what no row came back of."""
    parts = (Part("", "text"),)
    fits, more = ({f"name{number}": "x" for number in range(amount)} for amount in (rows.MOST - 1, rows.MOST))
    assert len(rows.drawn(rows.written(fits, parts), parts) or ()) == rows.MOST
    assert rows.drawn(rows.written(more, parts), parts) is None

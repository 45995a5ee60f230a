"""A server that plays every provider of the catalogue in its own dialect, in memory.

How each talks is written down here a second time, from its documentation and not from the catalogue: a mistake in one
of the two makes a login fail. What it tells of people stands in ``social/<name>.json``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from connectors.contract import ConnectorError
from connectors.oauth2.provider import Provider
from connectors.social import providers
from tests.connectors.oauth1 import OAuth1Server
from tests.connectors.provider import Said, form, said
from tests.world.application import challenge_of

RECORDS = Path(__file__).parent / "social"
SECRET = "the client secret of the tests, 32+"
CLIENT = "the-client"
TOKEN, REFRESH, CODE = "up-access-token", "up-refresh-token", "c0de"
RSA = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"})
APPLE_KEY = ECKey.generate_key("P-256")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BASIC = _words(
    """
    airtable autodesk battlenet bitbucket calendly docusign epicgames figma fitbit huggingface intuit mailru
    notion paypal paypal-sandbox pinterest pipedrive reddit snapchat spotify twitter vimeo xero yahoo yahoo-japan
    zoom
    """
)
"""Those that want the client's secret in the header (RFC 6749 2.3.1); others take it from the form."""
NO_SECRET = frozenset({"lichess", "vkontakte"})
JSON_TOKEN = frozenset({"atlassian", "dingtalk", "feishu", "lark", "notion"})
GET_TOKEN = frozenset({"qq", "untappd", "wechat"})
COMMAS = _words(
    """
    facebook instagram kakao linear pinterest qq seznam shopify stackexchange strava tiktok todoist wakatime
    wechat zoho
    """
)
NEEDS_PKCE = _words(
    """
    airtable kick lichess roblox soundcloud twitter vkontakte
    """
)
NAMES = {
    "wechat": {"client_id": "appid", "client_secret": "secret"},
    "tiktok": {"client_id": "client_key"},
    "untappd": {"redirect_uri": "redirect_url"},
    "dingtalk": {},
}
"""Their words for parameters."""
TOKEN_NAMES = {
    **NAMES,
    "dingtalk": {"client_id": "clientId", "client_secret": "clientSecret", "grant_type": "grantType"},
}
SCHEMES = {
    "mailchimp": "OAuth",
    "soundcloud": "OAuth",
    "yandex": "OAuth",
    "zoho": "Zoho-oauthtoken",
    "seznam": "bearer",
}
BARE = frozenset({"monday"})
"""The token alone in the header."""
IN_QUERY = _words(
    """
    baidu instagram mailru qq stackexchange untappd wechat weibo
    """
)
IN_FORM = frozenset({"vkontakte"})
IN_PATH = frozenset({"hubspot"})
JSON_PROFILE = frozenset({"dropbox", "linear", "monday", "snapchat"})
REFUSALS: Mapping[str, Any] = {
    "wechat": {"errcode": 40029, "errmsg": "invalid code"},
    "slack": {"ok": False, "error": "invalid_code"},
    "feishu": {"code": 20003, "error": "invalid_grant", "error_description": "The authorization code is invalid."},
    "lark": {"code": 20003, "error": "invalid_grant", "error_description": "The authorization code is invalid."},
    "qq": {"error": 100019, "error_description": "code to access token error"},
    "weibo": {"error": "invalid_grant", "error_code": 21325},
    "untappd": {"meta": {"http_code": 400, "error_detail": "code expired"}, "response": []},
    "facebook": {"error": {"message": "This authorization code has expired.", "type": "OAuthException", "code": 100}},
    "github": {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."},
}
"""How codes are refused, with status 200."""
REFUSED_STATUS = {"facebook": 400}


@cache
def record(name: str) -> dict[str, Any]:
    """What the provider's documentation shows of somebody, and what becomes of it here."""
    found: dict[str, Any] = json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def options(name: str) -> dict[str, Any]:
    """Options of a connection to it."""
    further: dict[str, Any] = {}
    if name == "apple":
        pem = APPLE_KEY.as_pem(private=True).decode()
        further = {"team_id": "ABCDE12345", "kid": "KEY1234567", "app_secret": pem}
    return {"client_id": CLIENT, "client_secret": SECRET, **record(name).get("options", {}), **further}


@dataclass
class Dialect:
    """One provider. ``refused`` says what was wrong with what it was asked."""

    name: str
    said: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    refuse_code: bool = False
    secret: str = SECRET
    """What HS256 is made with."""

    def __post_init__(self) -> None:
        self.said = {**record(self.name), **self.said}
        self.provider: Provider = providers.provider(self.name)
        entered = {each.name: each.default or "" for each in self.provider.fields} | options(self.name)
        self.entered = {name: value for name, value in entered.items() if isinstance(value, str)}
        self.oauth1 = self._oauth1() if self.provider.request_token_endpoint else None

    def _oauth1(self) -> OAuth1Server:
        return OAuth1Server(
            client_id=CLIENT,
            secret=self.secret,
            request_url=self._filled(self.provider.request_token_endpoint),
            access_url=self._filled(self.provider.token_endpoint),
            token=TOKEN,
            told=self.said.get("token", {}),
            profiles=dict(
                zip((self._filled(f.url) for f in self.provider.fetch), self.said.get("answers", []), strict=False)
            ),
            refused=self.refused,
            refuse_verifier=self.refuse_code,
        )

    # ---- the browser's part
    def authorize(self, url: str) -> tuple[str, dict[str, str]]:
        """The browser arrives, somebody agrees: the method and the parameters they are sent back with."""
        if self.oauth1 is not None:
            self._check(url.partition("?")[0] == self._filled(self.provider.authorization_endpoint), f"sent to {url}")
            return "GET", self.oauth1.agreed(url)
        query = urlsplit(url).query
        given = dict(parse_qsl(query, keep_blank_values=True))
        self._check(len(given) == len(parse_qsl(query)), "a parameter is repeated")
        self._check(url.partition("?")[0] == self._filled(self.provider.authorization_endpoint), f"sent to {url}")
        names = NAMES.get(self.name, {})
        self.sent = {ours: given.get(names.get(ours, ours), "") for ours in ("client_id", "redirect_uri")} | given
        self._check(self.sent["client_id"] == CLIENT, "client_id")
        self._check(self.sent["redirect_uri"].endswith("/login/callback"), "redirect_uri")
        self._check(given.get("response_type") == "code", "response_type")
        self._check(given.get("code_challenge_method", "S256") == "S256", "code_challenge_method")
        self._check("code_challenge" in given or self.name not in NEEDS_PKCE, "PKCE is needed")
        self._check(" " not in given.get("scope", "") or self.name not in COMMAS, "scopes need commas")
        self._check("," not in given.get("scope", "") or self.name in COMMAS, "scopes need spaces")
        self._check(
            "openid" in given.get("scope", "openid") or self.name == "apple" or not self.provider.id_token, "openid"
        )
        self._check(self.name != "wechat" or url.endswith("#wechat_redirect"), "the fragment")
        self._check(self.name != "apple" or given.get("response_mode") == "form_post", "response_mode")
        back = {"code": CODE, "state": given["state"], **self.said.get("arrival", {})}
        if self.name == "shopify":
            back |= {"shop": f"{self.entered['shop']}.myshopify.com", "timestamp": "1337178173"}
            text = "&".join(f"{name}={value}" for name, value in sorted(back.items()))
            back["hmac"] = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        return ("POST" if self.name == "apple" else "GET"), back

    # ---- the back channel (connectors.contract.HttpClient)
    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Said:
        """A GET."""
        return self._answer("GET", url, dict(parse_qsl(urlsplit(url).query)), headers or {})

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Said:
        """A form."""
        return self._answer("FORM", url, dict(form), headers or {})

    def post_json(self, url: str, document: object, *, headers: Mapping[str, str] | None = None) -> Said:
        """A JSON document."""
        sent = msgspec.to_builtins(document)
        return self._answer("JSON", url, sent if isinstance(sent, dict) else {}, headers or {})

    def _answer(self, method: str, url: str, sent: dict[str, Any], headers: Mapping[str, str]) -> Said:
        place = url.partition("?")[0]
        self.calls.append(place)
        signed = (
            self.oauth1.answer("POST" if method == "FORM" else method, url, sent if method == "FORM" else {}, headers)
            if self.oauth1
            else None
        )
        if signed is not None:
            return signed
        if place == self._filled(self.provider.token_endpoint):
            return self._token(method, sent, headers)
        if self.provider.id_token and place == self._filled(self.provider.id_token.jwks_uri):
            return said({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})
        for index, each in enumerate(self.provider.fetch):
            if place == self._filled(each.url):
                return self._profile(index, method, sent, headers)
        if place in self.said.get("extra", {}):
            return said(_with_client(self.said["extra"][place]))
        raise ConnectorError("temporarily_unavailable", "nobody there", detail=url)

    def _token(self, method: str, sent: dict[str, Any], headers: Mapping[str, str]) -> Said:
        names = TOKEN_NAMES.get(self.name, {})
        given = {ours: sent.get(names.get(ours, ours)) for ours in ("client_id", "client_secret", "redirect_uri")}
        wanted = "JSON" if self.name in JSON_TOKEN else "GET" if self.name in GET_TOKEN else "FORM"
        self._check(method == wanted, f"the token endpoint takes {wanted}")
        self._authenticated(given, headers)
        self._check(sent.get("code") == CODE, "code")
        self._check(
            sent.get(names.get("grant_type", "grant_type")) == "authorization_code" or self.name == "untappd",
            "grant_type",
        )
        self._check(given["redirect_uri"] == self.sent["redirect_uri"] or self.name == "dingtalk", "redirect_uri")
        if "code_challenge" in self.sent:
            self._check(challenge_of(str(sent.get("code_verifier"))) == self.sent["code_challenge"], "code_verifier")
        if self.name == "vkontakte":
            self._check(sent.get("device_id") == self.said["arrival"]["device_id"], "device_id")
        if self.refuse_code or self.refused:
            document = REFUSALS.get(self.name, {"error": "invalid_grant", "error_description": str(self.refused)})
            return said(document, REFUSED_STATUS.get(self.name, 200 if self.name in REFUSALS else 400))
        members = {"access_token": TOKEN, **self.said.get("token", {})}
        if self.provider.refreshes and "refreshToken" not in members:
            members["refresh_token"] = REFRESH
        members = {name: TOKEN if value == "T" else value for name, value in members.items()}
        if self.provider.id_token:
            members["id_token"] = self._id_token(members)
        if self.said.get("token_format") == "form":
            return form(**{name: str(value) for name, value in members.items()})
        if self.name == "untappd":
            return said({"meta": {"http_code": 200}, "response": members})
        return said({"data": [members]} if self.said.get("token_list") else members)

    def _authenticated(self, given: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        if self.name in BASIC:
            scheme, _, pair = headers.get("Authorization", "").partition(" ")
            client, _, secret = base64.b64decode(pair).decode().partition(":")
            self._check((scheme, client, unquote_plus(secret)) == ("Basic", CLIENT, SECRET), "basic authentication")
            self._check(given["client_secret"] is None, "the secret stands in the form, too")
            return
        self._check("Authorization" not in headers, "authenticates by the form")
        self._check(given["client_id"] == CLIENT, "client_id")
        if self.name == "apple":
            key = ECKey.import_key(APPLE_KEY.as_dict(private=False))
            token = jwt.decode(str(given["client_secret"]), key, algorithms=["ES256"])
            self._check(token.header["kid"] == "KEY1234567", "kid")
            claims = token.claims
            self._check((claims["iss"], claims["sub"]) == ("ABCDE12345", CLIENT), "iss, sub")
            self._check(claims["aud"] == "https://appleid.apple.com", "aud")
            self._check(claims["exp"] - claims["iat"] <= 15_777_000, "exp")
        elif self.name not in NO_SECRET:
            self._check(given["client_secret"] == SECRET, "client_secret")
        else:
            self._check(given["client_secret"] is None, "there is no secret")

    def _profile(self, index: int, method: str, sent: dict[str, Any], headers: Mapping[str, str]) -> Said:
        wanted = "JSON" if self.name in JSON_PROFILE else "FORM" if self.name in IN_FORM else "GET"
        self._check(method == wanted, f"the profile is asked for by {wanted}")
        where = headers.get("Authorization", "")
        if self.name in IN_QUERY | IN_FORM:
            self._check((sent.get("access_token"), where) == (TOKEN, ""), "the token stands among the parameters")
        elif self.name == "dingtalk":
            self._check(headers.get("x-acs-dingtalk-access-token") == TOKEN, "the token's header")
        elif self.name not in IN_PATH:
            expected = TOKEN if self.name in BARE else f"{SCHEMES.get(self.name, 'Bearer')} {TOKEN}"
            self._check(where == expected, f"Authorization: {where}")
        self._extras(sent, headers)
        if self.refused:
            return said({"error": "invalid_token"}, 401)
        return said(self.said["answers"][index])

    def _extras(self, sent: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        if self.name == "facebook":
            proof = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
            self._check(sent.get("appsecret_proof") == proof, "appsecret_proof")
        if self.name == "twitch":
            self._check(headers.get("Client-Id") == CLIENT, "Client-Id")
        if self.name in {"wechat", "qq"}:
            self._check(bool(sent.get("openid")), "openid")
        if self.name == "weibo":
            self._check(sent.get("uid") == self.said["token"]["uid"], "uid")
        if self.name in {"reddit", "wikimedia"}:
            self._check("gatehouse" in headers.get("User-Agent", ""), "User-Agent")
        if self.name == "nextcloud":
            self._check(headers.get("OCS-APIRequest") == "true", "OCS-APIRequest")
        if self.name == "vkontakte":
            self._check(sent.get("client_id") == CLIENT, "client_id")
        if self.name == "stackexchange":
            self._check(bool(sent.get("key") and sent.get("site")), "key and site")
        if self.name in {"linear", "monday", "snapchat"}:
            self._check("query" in sent, "a GraphQL query")

    def _id_token(self, answer: Mapping[str, Any]) -> str:
        rules = self.provider.id_token
        assert rules is not None
        now = msgspec.json.decode(self.sent.get("now", "0")) or _now()
        claims = {"aud": CLIENT, "iat": now, "exp": now + 600, "nonce": self.sent.get("nonce"), **self.said["claims"]}
        issuer = self._filled(rules.issuer)
        for name in rules.issuer_claims:
            issuer = issuer.replace(f"{{{name}}}", str(claims[name]))
        claims = {"iss": issuer, **claims}
        key: RSAKey | ECKey | OctKey = {"RS256": RSA, "ES256": EC}.get(rules.algorithms[0]) or OctKey.import_key(
            self.secret
        )
        header = {"alg": rules.algorithms[0], **({"kid": key.kid} if key.kid else {})}
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=list(rules.algorithms))

    def _filled(self, template: str) -> str:
        text = template.partition("?")[0].replace("{access_token}", TOKEN).replace("{client_id}", CLIENT)
        for name, value in self.entered.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _check(self, fine: bool, why: str) -> None:
        if not fine:
            self.refused.append(why)


def _now() -> int:
    from idp.foundation.kernel import clock

    return clock.now_ms() // 1000


def _with_client(document: Any) -> Any:
    return {**document, "client_id": CLIENT} if "client_id" in document else document


def query_of(params: Mapping[str, str]) -> str:
    """As a query."""
    return urlencode(params)

"""The pages on connections, made from what strategies declare about themselves."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.strategy import Entry, Guide, Kind, Strategy
from idp.directory.connections import strategies
from idp.directory.connections.runtime import CALLBACK_PATH

_KINDS: dict[Kind, str] = {
    "database": "Databases",
    "passwordless": "Passwordless",
    "enterprise": "Enterprise",
    "social": "Social",
}
_EMAIL = {
    "none": "no address",
    "unproven": "an address, which counts as not verified",
    "told": "an address; it counts as verified where the provider says so",
    "proven": "an address; the provider documents that it gives verified ones only",
}
_SHORT = {"none": "no", "unproven": "yes, not verified", "told": "yes, verified where said so", "proven": "verified"}


def connections_reference() -> str:
    """Markdown of every strategy there is: "Identity providers supported"."""
    return _INDEX + "\n".join([*(_table(kind, title) for kind, title in _KINDS.items()), _mapping()])


def social_reference() -> str:
    """Markdown of a section for each strategy that has a guide: what to enter where, and what comes back."""
    return _SOCIAL + "".join(_section(each, each.guide) for each in _guided() if each.guide)


def _guided() -> list[Strategy]:
    return sorted((each for each in strategies.every() if each.guide), key=lambda each: each.display_name.lower())


def _table(kind: Kind, title: str) -> str:
    rows = sorted((each for each in strategies.every() if each.kind == kind), key=_shown)
    built = [each for each in rows if each.open is not None]
    others = [f"| `{each.name}` | {each.unusable} |" for each in rows if each.open is None]
    lines = [f"## {title}\n", "| provider | strategy | address |\n|---|---|---|", *(_row(each) for each in built)]
    if others:
        lines += ["\nConfigured, exported and read back, and nobody signs in through them:\n", "| strategy | because |"]
        lines += ["|---|---|", *others]
    return "\n".join(lines) + "\n"


def _mapping() -> str:
    rows = [f"| `{each.name}` | {each.unmapped} |" for each in strategies.every() if each.unmapped]
    return "\n".join([_MAPPING, "| strategy | because |\n|---|---|", *sorted(rows), ""])


def _shown(strategy: Strategy) -> str:
    return strategy.known_as.lower()


def _row(strategy: Strategy) -> str:
    name = strategy.known_as
    if strategy.guide is None:
        return f"| {f'[{name}]({strategy.page})' if strategy.page else name} | `{strategy.name}` | |"
    return f"| [{name}](social.md#{strategy.name}) | `{strategy.name}` | {_SHORT[strategy.guide.email]} |"


def _section(strategy: Strategy, guide: Guide) -> str:
    lines = [
        f'\n<a id="{strategy.name}"></a>\n\n## {strategy.display_name}\n',
        f"Strategy `{strategy.name}`. [Console]({guide.console}), [documentation]({guide.documentation}).\n",
        *(f"{number}. {step}" for number, step in enumerate(_steps(guide), 1)),
        "",
        f"Comes back: {_comes_back(guide)}.",
        *_asked(guide),
        *(f"\n{note}" for note in guide.notes),
    ]
    return "\n".join(lines) + "\n"


def _steps(guide: Guide) -> Iterator[str]:
    yield from guide.steps
    yield f"Enter the callback URL there as **{guide.callback}**."
    yield f"Enter here: {'; '.join(_entry(each) for each in guide.entries)}."


def _entry(entry: Entry) -> str:
    words = f"**{entry.label}** as `{entry.option}`"
    if not entry.required:
        words += f" (optional{f'; else `{entry.default}`' if entry.default else ''})"
    return words + (f": {entry.help[:1].lower()}{entry.help[1:].rstrip('.')}" if entry.help else "")


def _comes_back(guide: Guide) -> str:
    others = ", ".join(f"`{name}`" for name in guide.attributes if name != "email")
    return f"the account's id{f', {others}' if others else ''}, {_EMAIL[guide.email]}"


def _asked(guide: Guide) -> Iterator[str]:
    if guide.scopes:
        yield f"\nAlways asked for: {', '.join(f'`{scope}`' for scope in guide.scopes)}."
    if guide.switches:
        names = ", ".join(f"`{name}`" for name in guide.switches)
        yield f"\n<details><summary>Switches for further permissions</summary>\n\n{names}\n\n</details>"


_INDEX = """<!-- Made by `idp docs write` from what strategies declare; a test compares it. -->
# Identity providers supported

A connection is a tenant's source of users; its strategy says which kind of source it is. Applications notice nothing of
the difference: they get the same tokens and the same [profile](../compatibility.md).

Connections are made with `POST /api/v2/connections`. The pages here write the access token for it as
`$TOKEN`. The client id and secret that `idp init` prints (beside a running `idp dev` those of that one) get it:

```sh
TOKEN=$(curl -s http://localhost:8000/oauth/token -d grant_type=client_credentials \\
  -d client_id=... -d client_secret=... -d audience=http://localhost:8000/api/v2/ \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
```

A connection belongs to the applications in `enabled_clients`; `display_name` is what its button says; of two
that would read alike, it is the name. Whoever types an address below one of the `options.domain_aliases`
(`["acme.example"]`) of an enterprise connection is led to that one.

A provider that is not in the list and speaks OpenID Connect or OAuth 2.0 is connected with the strategy `oidc` or
`oauth2`. A further social provider that all can use is one file in `connectors/social/catalogue/`.

"""
_MAPPING = """## What becomes of a profile

The dashboard shows it for a sample, or for what a source said of somebody
([Mapping](../dashboard.md#tabs-of-a-connection)), but for these:
"""
_SOCIAL = f"""<!-- Made by `idp docs write` from connectors/social/catalogue; a test compares it. -->
# Social providers, one by one

All are set up alike:

1. Register an application at the provider, and enter the **callback URL** there: the tenant's address and
   `{CALLBACK_PATH}`, such as `https://login.example.com/{CALLBACK_PATH}`.
2. Create the connection here with what the provider shows (`POST /api/v2/connections`):

   ```json
   {{"name": "github", "strategy": "github", "options": {{"client_id": "...", "client_secret": "..."}},
    "enabled_clients": ["<client id of the application>"]}}
   ```

3. The login page of these applications has a button, "Continue with GitHub". `connection=github` at `/authorize` leads
   straight there.

| three providers | eight |
|---|---|
| ![The login page with three buttons](../screens/login-sources-en-light.png) | \
![With eight, in two columns](../screens/login-many-sources-en-dark.png) |

Every strategy takes, beside its own options: `scope` (a list or a text) and `freeform_scopes` for further permissions,
`upstream_params` for further parameters of the request (`{{"prompt": {{"value": "consent"}}}}`, or
`{{"login_hint": {{"alias": "login_hint"}}}}` for what the application sent), `set_user_root_attributes`
(`on_each_login`, `on_first_login`, `never_on_login`), `non_persistent_attrs`, and `icon_url`, an https address of a
picture that stands on the button in place of the mark (browsers ask its server for it). Options of another type, and
fields that do not look like what they are for, are refused when the connection is saved.

**Who is who.** People are known by the id of the account at the provider, never by an address:
`user_id` is `github|583231`. An address is verified only where the provider says so in a way that its documentation
states; it opens nobody's existing account.

**When it fails.** A provider that does not answer is named on a page that offers the other ways in. Whoever cancels
there, or whom the provider refuses, goes back to the application with `access_denied`. A connection without `client_id`
saves, and its button says that it is not set up yet. The log (type `f`) holds `code` and `detail`: what the provider
answered, or what did not fit.
"""

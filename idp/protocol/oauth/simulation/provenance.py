"""Where each claim comes from, and why something that was asked for is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.roles.models import GroupMember, GroupRole, Role, RolePermission, UserRole
from idp.directory.users.attributes import ATTRIBUTES, SCOPE_CLAIMS
from idp.directory.users.models import Identity, User
from idp.foundation.kernel import scopes
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.simulation.outcome import Claim, Removed, Source, Told
from idp.protocol.tokens.foresight import Foreseen

TENANT, APPLICATION, API, PERSON, SIGN_IN, REQUEST = "tenant", "application", "api", "user", "sign_in", "request"
CONNECTION, PROFILE, METADATA, EXTENSION, ROLE, DIRECT = (
    "connection",
    "profile",
    "user_metadata",
    "extension",
    "role",
    "direct",
)
PROTOCOL: Final[Mapping[str, str]] = {
    "iss": TENANT,
    "sub": PERSON,
    "iat": SIGN_IN,
    "exp": APPLICATION,
    "auth_time": SIGN_IN,
    "sid": SIGN_IN,
    "acr": SIGN_IN,
    "amr": SIGN_IN,
    "nonce": REQUEST,
    "azp": APPLICATION,
    "client_id": APPLICATION,
    "gty": REQUEST,
    "jti": SIGN_IN,
    "scope": REQUEST,
}
"""Claims of the protocols, and who or what says them."""
SOURCES: Final = (
    TENANT,
    APPLICATION,
    API,
    PERSON,
    SIGN_IN,
    REQUEST,
    CONNECTION,
    PROFILE,
    METADATA,
    EXTENSION,
    ROLE,
    DIRECT,
)
"""Every kind of source."""
_BY_CLAIM: Final = {row.claim: [each for each in ATTRIBUTES if each.claim == row.claim] for row in ATTRIBUTES}
ACCESS: Final = "access_token"
MOST_NAMES = 20


@dataclass(frozen=True)
class Asked:
    """What the request wanted: its scope as it was sent, and the names of single claims."""

    scope: str
    claims: Sequence[str] = ()


@dataclass(frozen=True)
class Provenance:
    """Of one person's claims."""

    work: Work
    user: User
    found: Foreseen
    asked: Asked

    def told(self) -> list[Told]:
        """Every claim with its source."""
        found, profiles = self.found, self._profiles()
        names = {"id_token": found.id_token, ACCESS: found.access_token, "userinfo": found.userinfo}
        return [
            Told(name, [Claim(claim, value, self._source(profiles, name, claim)) for claim, value in said.items()])
            for name, said in names.items()
            if said is not None
        ]

    def removed(self, checked: Sequence[str]) -> list[Removed]:
        """What is missing, and why. ``checked`` are the scopes that the request may ask for at all."""
        found, gone = self.found, []
        for scope in scopes.parse(self.asked.scope):
            if scope in found.scopes:
                continue
            if scope in {"offline_access", "online_access"}:
                gone.append(Removed(scope, "offline"))
            else:
                gone.append(Removed(scope, "permission" if scope in checked else "unknown_scope"))
        said = {*(found.userinfo or ()), *(found.id_token or ())}
        opened = [claim for scope in found.scopes for claim in SCOPE_CLAIMS.get(scope, ())]
        wanted = dict.fromkeys((*opened, *self.asked.claims)) if "openid" in found.scopes else ()
        return [*gone, *(Removed(claim, "no_value") for claim in wanted if claim not in said)]

    def _source(self, profiles: Sequence[Identity], place: str, claim: str) -> Source:
        audience = self.found.audience or ""
        if claim == "permissions" and place == ACCESS:
            return self._of_permissions()
        if claim in {"aud", "exp"} and place == ACCESS:
            return Source(API, audience)
        if claim == "aud":
            return Source(APPLICATION)
        if claim in PROTOCOL:
            return Source(PROTOCOL[claim])
        if claim not in _BY_CLAIM:
            return Source(EXTENSION)
        opened = next((scope for scope in self.found.scopes if claim in SCOPE_CLAIMS.get(scope, ())), "")
        return self._of_profile(profiles, claim, opened or ("claims" if claim in self.asked.claims else ""))

    def _of_profile(self, profiles: Sequence[Identity], claim: str, opened: str) -> Source:
        """What a profile says: told by its source at a sign-in, set here, or kept in the metadata."""
        user = self.user
        for row in _BY_CLAIM[claim]:
            value = getattr(user, row.name) if row.column is not None else (user.profile or {}).get(row.name)
            if value in (None, "", {}):
                continue
            for identity in profiles:
                if (identity.profile_data or {}).get(row.name) == value:
                    return Source(CONNECTION, identity.connection, opened)
            return Source(PROFILE, row.name, opened)
        return Source(METADATA, claim, opened)

    def _profiles(self) -> Sequence[Identity]:
        mine = select(Identity).where(Identity.user_id == self.user.user_id).order_by(Identity.position)
        return list(self.work.rows.scalars(mine.limit(MOST_NAMES)))

    def _of_permissions(self) -> Source:
        """The roles that give them, the person's own or those of their groups; else what they were given directly."""
        rows, api = self.work.rows, resource_servers.find(self.work, self.found.audience or "")
        api_id = api.id if api is not None else ""
        of_role = (RolePermission.role_id == Role.id) & (RolePermission.tenant_id == Role.tenant_id)
        names = select(Role.name).join(RolePermission, of_role).where(RolePermission.resource_server_id == api_id)
        own = names.join(UserRole, (UserRole.role_id == Role.id) & (UserRole.tenant_id == Role.tenant_id)).where(
            UserRole.user_id == self.user.user_id
        )
        of_groups = (
            names.join(GroupRole, (GroupRole.role_id == Role.id) & (GroupRole.tenant_id == Role.tenant_id))
            .join(
                GroupMember,
                (GroupMember.group_id == GroupRole.group_id) & (GroupMember.tenant_id == GroupRole.tenant_id),
            )
            .join(
                Identity,
                (Identity.identity_user_id == GroupMember.account_id)
                & (Identity.connection_id == GroupMember.connection_id)
                & (Identity.tenant_id == GroupMember.tenant_id),
            )
            .where(Identity.user_id == self.user.user_id)
        )
        found = sorted({*rows.scalars(own.limit(MOST_NAMES)), *rows.scalars(of_groups.limit(MOST_NAMES))})
        return Source(ROLE, ", ".join(found)) if found else Source(DIRECT)

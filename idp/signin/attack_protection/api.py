"""``/user-blocks`` and ``/anomaly/blocks``: who is locked out, and letting them in again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.foundation.apikit import Api, Query, View, as_view
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import IpAddress, PrefixedUserId
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force, throttling

api = Api("user-blocks")


class OfIdentifier(Query):
    """An e-mail address, username or phone number."""

    identifier: Annotated[str, Meta(min_length=1, max_length=300)]
    consider_brute_force_enablement: bool = False


class OfUser(Query):
    """How the blocks of a user are looked at: whether none counts while the protection is off."""

    consider_brute_force_enablement: bool = False


class Block(View):
    """An identifier that is locked out, and from which address."""

    identifier: str
    ip: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET


class UserBlocksView(View):
    """Who is locked out."""

    blocked_for: list[Block]


class LockedView(Block, kw_only=True):
    """A block with how many failures it comes from, and when it ends by itself."""

    failures: int
    blocked_until: str


class LockedList(View):
    """Who was locked out lately, the latest first."""

    blocked_for: list[LockedView]


class NetworkView(View):
    """An address, or a network (IPv6), that is kept out of ``stage`` until then."""

    network: str
    stage: str
    blocked_until: str


class NetworkList(View):
    """The networks that are kept out."""

    networks: list[NetworkView]


@api.get("/user-blocks", scopes={"read:users"}, summary="Get blocks by identifier")
def list_by_identifier(work: Work, query: OfIdentifier) -> UserBlocksView:
    """The blocks of an identifier, whether an account has it or not."""
    identifiers = users.known_as(work, query.identifier)
    return _blocks(work, identifiers, only_in_force=query.consider_brute_force_enablement)


@api.delete("/user-blocks", scopes={"update:users"}, summary="Unblock by identifier")
def delete_by_identifier(work: Work, query: OfIdentifier) -> None:
    """Lift them."""
    brute_force.release(work, users.known_as(work, query.identifier))


@api.get("/user-blocks/{id}", scopes={"read:users"}, summary="Get a user's blocks")
def list_of_user(work: Work, id: PrefixedUserId, query: OfUser) -> UserBlocksView:
    """The blocks of every identifier of a user. An address is no id: tools ask by ``identifier`` then."""
    return _blocks(work, _identifiers(work, id), only_in_force=query.consider_brute_force_enablement)


@api.delete("/user-blocks/{id}", scopes={"update:users"}, summary="Unblock a user")
def delete_of_user(work: Work, id: PrefixedUserId) -> None:
    """Lift them."""
    brute_force.release(work, _identifiers(work, id), id)


@api.get("/anomaly/blocks/users", scopes={"read:users"}, summary="Get who was locked out lately")
def list_locked(work: Work) -> LockedList:
    """Whoever typed too many wrong passwords, the latest first: a hundred at most."""
    found = [
        LockedView(
            identifier=each.identifier,
            ip=each.network or UNSET,
            connection=each.connection,
            failures=each.count,
            blocked_until=clock.iso(each.until),
        )
        for each in brute_force.newest(work)
    ]
    return LockedList(blocked_for=found)


@api.get("/anomaly/blocks/ips", scopes={"read:anomaly_blocks"}, summary="Get the networks that are kept out")
def list_networks(work: Work) -> NetworkList:
    """Those that suspicious-IP throttling keeps out now, a hundred of each stage at most."""
    found = [
        NetworkView(network=each.network, stage=each.stage, blocked_until=clock.iso(until))
        for each, until in throttling.kept_out(work)
    ]
    return NetworkList(networks=found)


@api.get("/anomaly/blocks/ips/{id}", scopes={"read:anomaly_blocks"}, summary="Check if an IP address is blocked")
def check_ip(work: Work, id: IpAddress) -> None:
    """200 while suspicious-IP throttling keeps the address out. Raises NotFound."""
    if not throttling.is_blocked(work, id):
        raise NotFound("The IP address is not blocked", "inexistent_ip_block")


@api.delete("/anomaly/blocks/ips/{id}", scopes={"delete:anomaly_blocks"}, summary="Remove the blocked IP address")
def unblock_ip(work: Work, id: IpAddress) -> None:
    """Its network has all of its attempts back."""
    throttling.lift(work, id)


def _blocks(work: Work, identifiers: Iterable[str], *, only_in_force: bool) -> UserBlocksView:
    keys = [email_key(name) for name in identifiers]
    found = [block for key in keys for block in brute_force.blocks(work, key, only_in_force=only_in_force)]
    return UserBlocksView(blocked_for=[as_view(Block, block) for block in found])


def _identifiers(work: Work, user_id: str) -> list[str]:
    user = users.get(work, user_id)
    return users.identifiers_of(work, [user.user_id])

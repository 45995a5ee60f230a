"""Who may do what: short words for roles and permissions of a world's tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from idp.directory.roles import service as roles
from idp.directory.roles.service import Named
from tests.world.world import API, Person, World


@dataclass
class Access:
    """Gives and takes, as the Management API does. Permissions are those of ``api``."""

    world: World
    api: str = API

    def named(self, permissions: Sequence[str]) -> list[Named]:
        """Permissions of the API."""
        return [Named(self.api, each) for each in permissions]

    def role(self, name: str, *permissions: str) -> str:
        """A role with these permissions; answers its id."""
        with self.world.writing() as work:
            role_id = roles.create(work, name).id
            if permissions:
                roles.add_to_role(work, role_id, self.named(permissions))
        return role_id

    def give(self, person: Person, *role_ids: str, permissions: Sequence[str] = ()) -> None:
        """Roles, and permissions by themselves."""
        with self.world.writing() as work:
            if role_ids:
                roles.assign_roles(work, person.user_id, role_ids)
            if permissions:
                roles.add_to_user(work, person.user_id, self.named(permissions))

    def take(self, person: Person, *role_ids: str) -> None:
        """Roles."""
        with self.world.writing() as work:
            roles.remove_roles(work, person.user_id, role_ids)

    def narrow(self, role_id: str, *permissions: str) -> None:
        """Take permissions from a role."""
        with self.world.writing() as work:
            roles.remove_from_role(work, role_id, self.named(permissions))

    def widen(self, role_id: str, *permissions: str) -> None:
        """Give a role more permissions."""
        with self.world.writing() as work:
            roles.add_to_role(work, role_id, self.named(permissions))

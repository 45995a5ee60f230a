"""``/users/{id}/deletion``: ours. An account that its owner wants deleted, and that an administrator keeps for them."""

from __future__ import annotations

from idp.directory.users import service as users
from idp.foundation.apikit import Api, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.signin.self_service import deletion

api = Api("users")
NONE = "The user did not ask for the deletion of their account."


class DeletionView(View):
    """When the account is erased."""

    user_id: str
    due_at: str


@api.get("/users/{id}/deletion", scopes={"read:users"}, summary="Get the deletion that a user asked for")
def get_deletion(work: Work, id: UserId) -> DeletionView:
    """404 where they did not."""
    due = users.get(work, id).deletion_due
    if due is None:
        raise NotFound(NONE, "inexistent_deletion")
    return DeletionView(user_id=id, due_at=clock.iso(due))


@api.delete("/users/{id}/deletion", scopes={"update:users"}, summary="Keep a user who asked to be deleted")
def keep_user(work: Work, id: UserId) -> None:
    """They can sign in again at once; what was signed in before has ended."""
    users.get(work, id)
    if not deletion.keep(work, id):
        raise NotFound(NONE, "inexistent_deletion")

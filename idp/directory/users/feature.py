"""The feature: users and their identities."""

from __future__ import annotations

from sqlalchemy import ColumnElement, tuple_

from idp.directory.users.log_types import UserLog
from idp.directory.users.models import (
    FOLDED,
    ConnectedAccount,
    DatabaseAccount,
    Identity,
    ImportedFactor,
    Picture,
    User,
    UserActivity,
)
from idp.directory.users.reactions import REACTIONS
from idp.foundation.db.personal import Personal, Whose, by_user_id
from idp.foundation.feature import Feature


def _accounts(whose: Whose) -> ColumnElement[bool]:
    return tuple_(DatabaseAccount.connection_id, DatabaseAccount.account_id).in_(whose.accounts)


def _pictures(whose: Whose) -> ColumnElement[bool]:
    return tuple_(Picture.connection_id, Picture.identity_user_id).in_(whose.accounts)


FEATURE = Feature(
    name="users",
    apis=("idp.directory.users.api", "idp.directory.users.identities_api", "idp.directory.users.source_tokens_api"),
    blueprints=("idp.directory.users.avatars:blueprint",),
    reactions=REACTIONS,
    log_types=(UserLog,),
    personal=(
        Personal(model=User, of=by_user_id(User), hidden=frozenset({*FOLDED.values(), "email_key"})),
        Personal(model=UserActivity, of=by_user_id(UserActivity), archived=False),
        Personal(model=Identity, of=by_user_id(Identity)),
        Personal(model=ConnectedAccount, of=by_user_id(ConnectedAccount)),
        Personal(model=Picture, of=_pictures, hidden=frozenset({"id", "digest"})),
        Personal(model=ImportedFactor, of=by_user_id(ImportedFactor)),
        Personal(
            model=DatabaseAccount,
            of=_accounts,
            hidden=frozenset({"password_hash", "password_history", "email_key", "username_key"}),
        ),
    ),
)

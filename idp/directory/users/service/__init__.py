"""Use cases on users: every way to make, change, block, link or delete one goes through here, and emits one event of
its kind. The only place that writes users, identities and stored accounts.
"""

from idp.directory.users.refused_domains import refused as address_refused
from idp.directory.users.service.arrival import arrive, expect, profile_of, rename_account
from idp.directory.users.service.checks import username_limits
from idp.directory.users.service.closing import due_for_deletion, is_due, keep_account, leave, put_off
from idp.directory.users.service.codes import numbers_at, of_address, proven
from idp.directory.users.service.creation import NewUser, add, ask_to_verify
from idp.directory.users.service.deletion import delete, delete_account, delete_of_connection, delete_stored_account
from idp.directory.users.service.denied import forget_denied
from idp.directory.users.service.directories import directory_of
from idp.directory.users.service.elsewhere import (
    arrive_from,
    create,
    find_elsewhere,
    migrate,
    refuse_known,
)
from idp.directory.users.service.identifiers import account_key, account_of, identifiers_of, known_as, name_of, spelled
from idp.directory.users.service.linking import join, link, unlink
from idp.directory.users.service.linking import of as identities_of
from idp.directory.users.service.passwords import (
    change_password,
    changed_at_source,
    keeps_passwords,
    password_problem,
    password_replaced,
    prepare_password,
)
from idp.directory.users.service.passwords import checked as checked_password
from idp.directory.users.service.profile import (
    ask_to_prove,
    get,
    keep_factors,
    keep_language,
    keep_picture,
    keep_theme,
    locked_owner,
    record_login,
    rename,
    with_accounts,
)
from idp.directory.users.service.reclaim import (
    address_proven,
    hold,
    number_of,
    number_proven,
    prove_address,
    prove_number,
    proven_way,
    reclaim,
)
from idp.directory.users.service.update import kept_elsewhere, update

__all__ = [
    "NewUser",
    "account_key",
    "account_of",
    "add",
    "address_proven",
    "address_refused",
    "arrive",
    "arrive_from",
    "ask_to_prove",
    "ask_to_verify",
    "change_password",
    "changed_at_source",
    "checked_password",
    "create",
    "delete",
    "delete_account",
    "delete_of_connection",
    "delete_stored_account",
    "directory_of",
    "due_for_deletion",
    "expect",
    "find_elsewhere",
    "forget_denied",
    "get",
    "hold",
    "identifiers_of",
    "identities_of",
    "is_due",
    "join",
    "keep_account",
    "keep_factors",
    "keep_language",
    "keep_picture",
    "keep_theme",
    "keeps_passwords",
    "kept_elsewhere",
    "known_as",
    "leave",
    "link",
    "locked_owner",
    "migrate",
    "name_of",
    "number_of",
    "number_proven",
    "numbers_at",
    "of_address",
    "password_problem",
    "password_replaced",
    "prepare_password",
    "profile_of",
    "prove_address",
    "prove_number",
    "proven",
    "proven_way",
    "put_off",
    "reclaim",
    "record_login",
    "refuse_known",
    "rename",
    "rename_account",
    "spelled",
    "unlink",
    "update",
    "username_limits",
    "with_accounts",
]

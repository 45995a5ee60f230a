"""What revisions add to the rows of large tables on Postgres: in batches beside the traffic, after they have committed.

A revision is one transaction: whatever it rewrites nobody else writes meanwhile. :mod:`.online_indexes` runs these
before it makes the index that says that they are done; an interrupted one begins anew and changes nothing twice.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

BATCH = 5_000
FAMILIES_AT_ONCE = 1_000
"""They are held meanwhile: a tenth of a second."""
_ACTIVITY = text(
    "WITH batch AS (SELECT user_id, tenant_id, last_login, last_ip, logins_count, updated_at FROM users"
    " WHERE (user_id, tenant_id) > (:user_id, :tenant_id) ORDER BY user_id, tenant_id LIMIT :amount"
    " FOR KEY SHARE),"  # whoever is being deleted is waited for: their activity would come after them
    " added AS (INSERT INTO user_activity (user_id, tenant_id, last_login, last_ip, logins_count, updated_at)"
    " SELECT user_id, tenant_id, last_login, last_ip, logins_count, updated_at FROM batch ON CONFLICT DO NOTHING)"
    " SELECT user_id, tenant_id FROM batch ORDER BY user_id DESC, tenant_id DESC LIMIT 1"
)
_FORGET = text(
    "DELETE FROM user_activity a WHERE NOT EXISTS"
    " (SELECT FROM users u WHERE u.user_id = a.user_id AND u.tenant_id = a.tenant_id)"
)
_TOKENS = (
    "SELECT {} FROM tokens WHERE tokens.authorization_id = authorizations.id"
    " AND tokens.tenant_id = authorizations.tenant_id"
)
_GOOD = "tokens.kind = 'refresh' AND tokens.revoked_at IS NULL AND tokens.used_at IS NULL"
ENDS_OF_FAMILIES = f"""
    live_until = CASE WHEN EXISTS ({_TOKENS.format("1")} AND tokens.expires_at IS NULL AND tokens.revoked_at IS NULL)
      THEN NULL ELSE COALESCE(({_TOKENS.format("max(tokens.expires_at)")}), code_used_at) END,
    idle_expires_at = CASE WHEN EXISTS ({_TOKENS.format("1")} AND {_GOOD} AND tokens.expires_at IS NULL)
      THEN NULL ELSE COALESCE(({_TOKENS.format("max(tokens.expires_at)")} AND {_GOOD}), code_used_at) END,
    exchanged_at = (
      {_TOKENS.format("max(tokens.created_at)")} AND tokens.kind = 'refresh'
        AND tokens.created_at > authorizations.created_at + 60000
    ),
    purge_at = COALESCE(purge_at, authorizations.created_at)
"""
"""What a family of before revision 0009 knows of its tokens, which had rows: SET of an UPDATE."""
_UNTOLD = """
    code_used_at IS NOT NULL AND code_hash IS NOT NULL AND generation = 0
    AND exchanged_at IS NULL AND live_until IS NULL AND idle_expires_at IS NULL
"""
"""Families of the release before that nobody has exchanged anything of since."""
_STRETCH = "(id, tenant_id) > (:id, :tenant_id) AND (id, tenant_id) <= (:last_id, :last_tenant)"
_LAST = text(
    "SELECT id AS last_id, tenant_id AS last_tenant FROM (SELECT id, tenant_id FROM authorizations"
    " WHERE (id, tenant_id) > (:id, :tenant_id) ORDER BY id, tenant_id LIMIT :amount) AS batch"
    " ORDER BY id DESC, tenant_id DESC LIMIT 1"
)
_FAMILIES = text(f"""
    WITH mine AS MATERIALIZED (
      SELECT ctid AS place FROM authorizations WHERE {_STRETCH} AND {_UNTOLD} FOR UPDATE SKIP LOCKED
    ), told AS (
      UPDATE authorizations SET {ENDS_OF_FAMILIES} WHERE ctid = ANY (ARRAY(SELECT place FROM mine)) AND {_UNTOLD}
      RETURNING id, tenant_id
    )
    SELECT id, tenant_id FROM authorizations WHERE {_STRETCH} AND {_UNTOLD} EXCEPT SELECT id, tenant_id FROM told
""")  # noqa: S608 - constants of this file
"""Answers those that somebody else holds. Rows are named by where they lie: whatever the planner thinks of a table that
nobody has counted, it goes to these and to no others.
"""
_FAMILY = text(
    f"UPDATE authorizations SET {ENDS_OF_FAMILIES} WHERE id = :id AND tenant_id = :tenant_id AND {_UNTOLD}"  # noqa: S608
)


def activity(connection: Connection) -> None:
    """Rows of ``user_activity`` for whoever was there before revision 0011; since then a trigger writes them. What it
    writes is newer and stays, and nobody waits for longer than a batch.
    """
    after = {"user_id": "", "tenant_id": ""}
    while (last := connection.execute(_ACTIVITY, {**after, "amount": BATCH}).mappings().first()) is not None:
        after = {"user_id": last["user_id"], "tenant_id": last["tenant_id"]}
    connection.execute(_FORGET)  # who was deleted while a batch was on its way


def families(connection: Connection) -> None:
    """Ends of families from before revision 0009. What somebody else holds meanwhile is waited for by itself, so that
    nobody who holds several waits for one of these in turn.
    """
    for table in ("authorizations", "tokens"):
        connection.execute(text(f"ANALYZE {table}"))
    after = {"id": "", "tenant_id": ""}
    while (last := connection.execute(_LAST, {**after, "amount": FAMILIES_AT_ONCE}).mappings().first()) is not None:
        held = connection.execute(_FAMILIES, {**after, **last}).mappings().all()
        for each in held:
            connection.execute(_FAMILY, dict(each))
        after = {"id": last["last_id"], "tenant_id": last["last_tenant"]}

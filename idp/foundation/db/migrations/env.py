"""Alembic's entry: runs the revisions on the connection that :func:`idp.foundation.db.migrate.upgrade` opened and
locked.
"""

from __future__ import annotations

from alembic import context

from idp.foundation.db.schema import is_modelled, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_object=is_modelled,
)
with context.begin_transaction():
    context.run_migrations()

"""What applications are called, in lists of what belongs to one: people know them by their names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, func, select

from idp.applications.clients.models import Client


def beside(model: Any) -> ScalarSelect[str]:
    """The name of the application that a row of ``model`` names by ``client_id``, as a column of the same statement;
    the id where it is gone.
    """
    return (
        select(func.coalesce(func.max(Client.name), model.client_id))
        .where(Client.tenant_id == model.tenant_id, Client.client_id == model.client_id)
        .correlate(model)
        .scalar_subquery()
    )

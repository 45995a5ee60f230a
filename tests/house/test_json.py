"""JSON that arrives from outside is read by ``kernel.strict_json``, which refuses a member named twice; whoever decodes
otherwise reads what the product itself wrote, or says here why it may.
"""

from __future__ import annotations

import ast

from tests.house.source import modules, tree

DECODERS = {"json.loads", "json.load", "msgspec.json.decode", "msgspec.json.Decoder"}
ELSEWHERE = {
    "idp.foundation.kernel.strict_json": "the one reader",
    "idp.admin.connection_passwords": "what we handed over to the next page, sealed",
    "idp.admin.connection_trials": "what we handed over to the next page, sealed",
    "idp.admin.desk.kept": "a value that we sealed",
    "idp.admin.desk.tenants": "a note that we signed",
    "idp.admin.desk.undo": "a value that we sealed",
    "idp.directory.bulk.batches": "a piece of a job that we sealed",
    "idp.signin.passkeys.service": "what we stored",
    "idp.admin.desk.texts": "our own catalogues",
    "idp.foundation.apikit.cursor": "a list of texts and numbers, which has no members",
    "idp.foundation.db.base": "a column that we wrote",
    "idp.foundation.db.json_text": "a column that we wrote",
    "idp.foundation.db.resealing": "a column that we wrote",
    "idp.foundation.db.typed_rows": "a column that we wrote",
    "idp.foundation.ephemeral.one_time": "a column that we wrote",
    "idp.foundation.kernel.document_encryption": "a value that we sealed",
    "idp.foundation.kernel.struct_types": "reads nothing: it has the types learned",
    "idp.foundation.queue.outbox": "a payload that we sealed",
    "idp.foundation.web.i18n": "our own catalogues",
    "idp.foundation.web.cldr": "our own file",
    "idp.directory.users.source_tokens": "tokens that we sealed",
    "idp.directory.users.foreign_hashes.imported": "a column that we wrote",
    "idp.directory.connections.outbound": "an answer of a source that an administrator trusts",
    "connectors.known": "reads nothing: it has the types learned",
    "connectors.oidc.dialect": "an answer of a source that an administrator trusts, encrypted on its way",
    "connectors.saml.logouts": "what we kept of the sign-in ourselves",
    "connectors.social.quirks.apple": "the name that somebody gives of themselves",
    "connectors.oauth2.id_tokens": "a token, whose signature or whose own header is checked as it was read",
    "idp.directory.connections.strategies": "a value that we sealed",
    "idp.foundation.scripts.pool": "what a worker of ours says, whose members are read one by one",
    "idp.foundation.scripts.worker": "what our own process says, and texts that the engine wrote",
    "idp.operations.installation.kept": "a file that we wrote",
    "idp.processes.apart": "what our own process says",
    "idp.processes.cli.running": "a file that we wrote",
    "idp.protocol.signals.delivery": "an answer that a receiver may write, of which one word counts",
    "idp.protocol.signals.kept": "a value that we sealed",
    "idp.protocol.tokens.extension": "a column that we wrote",
    "idp.protocol.tokens.claims": "a column that we wrote",
    "idp.signin.login.source_sessions": "a value that we sealed",
    "idp.signin.login.upstream": "a value that we sealed",
    "idp.signin.sessions.devices": "a column that we wrote",
    "idp.tenant.audit.pseudonyms": "a column that we wrote",
    "idp.tenant.keys.signer": "a token, whose signature or whose own header is checked as it was read",
}

MIGRATIONS = "idp.foundation.db.migrations."
"""They read columns that we wrote."""


def test_json_from_outside_is_read_strictly() -> None:
    found = {
        name
        for name, path in modules().items()
        if not name.startswith(MIGRATIONS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in DECODERS
    }
    assert found - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() - found == set(), "no longer there"

"""Every line of the Acceptance lists of the sheets about users has a test, which stands here by its name; what has none
says why.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from tests.counterparts.program import ROOT

LINES: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "user-profile": {
        1: ("api_v2/test_users.py::test_a_new_user_has_exactly_the_documented_members",),
        2: ("api_v2/test_users.py::test_ids_of_ones_own",),
        3: (
            "api_v2/test_users_acceptance.py::test_user_profile_3_root_attributes_belong_to_the_source_until_it_lets_go",
        ),
        4: ("api_v2/test_users_acceptance.py::test_user_profile_4_what_was_removed_stays_removed",),
        5: ("api_v2/test_users_acceptance.py::test_user_profile_5_what_may_not_change_together",),
        6: ("directory/users/test_attributes.py::test_it_is_claimed_by_each_of_its_scopes_and_by_no_other",),
        7: ("api_v2/test_users.py::test_fields",),
        8: ("api_v2/test_users_acceptance.py::test_user_profile_8_passwords_are_in_no_answer",),
        9: ("api_v2/test_users_acceptance.py::test_user_profile_9_nothing_of_a_deleted_user_works",),
    },
    "metadata": {
        1: ("api_v2/test_metadata_acceptance.py::test_metadata_1_each_row_of_the_merge",),
        2: ("api_v2/test_users.py::test_users_may_only_touch_themselves",),
        3: (
            "api_v2/test_metadata_acceptance.py::test_metadata_3_names_without_dots_and_dollars",
            "api_v2/test_users.py::test_reserved_names_of_app_metadata",
        ),
        4: ("flows/test_embedded.py::test_what_may_not_be_sent_is_refused",),
        6: ("api_v2/test_metadata_acceptance.py::test_metadata_6_session_metadata_has_25_entries_of_255",),
    },
    "search": {
        1: ("api_v2/test_search_golden.py::test_acceptance_1_and_2_the_golden_table",),
        2: (
            "api_v2/test_search_golden.py::test_acceptance_1_and_2_the_golden_table",
            "api_v2/test_search_alike.py::test_both_stores_find_the_same",
        ),
        3: ("api_v2/test_search_golden.py::test_acceptance_3_pages_end_at_a_thousand",),
        4: ("api_v2/test_search_golden.py::test_acceptance_4_case",),
        5: ("api_v2/test_search_golden.py::test_acceptance_1_and_2_the_golden_table",),
        6: (
            "security/test_searches.py::test_acceptance_6_no_query_ends_in_an_error_of_ours",
            "security/test_searches.py::test_nothing_that_is_asked_becomes_sql",
        ),
        7: ("api_v2/test_many_users.py",),
    },
    "linking": {
        1: ("api_v2/test_linking_acceptance.py::test_linking_1_either_way_of_signing_in_is_the_same_subject",),
        2: (
            "api_v2/test_access.py::test_linking_and_unlinking",
            "api_v2/test_access.py::test_linking_by_token",
            "security/test_prehijacking.py::test_linking_needs_both_accounts_and_the_own_one",
        ),
        3: ("api_v2/test_linking_acceptance.py::test_linking_3_unlinking_gives_a_user_of_its_own",),
        4: ("api_v2/test_access.py::test_linking_by_token",),
        5: ("api_v2/test_linking_acceptance.py::test_linking_5_deleting_the_main_user_deletes_every_account",),
    },
    "account-lifecycle": {
        1: (
            "flows/test_signup.py::test_the_mail_proves_the_address",
            "flows/test_email_verification.py::test_a_used_link_says_that_the_address_is_confirmed",
        ),
        2: (
            "api_v2/test_users_acceptance.py::test_account_lifecycle_2_every_level_at_its_edge",
            "flows/test_signup.py::test_the_connections_policy_decides",
            "flows/test_reset_password.py::test_the_policy_holds_for_the_new_password_too",
        ),
        3: (
            "flows/test_embedded.py::test_a_forgotten_password_is_answered_alike",
            "flows/test_reset_password.py::test_the_page_and_the_mailbox_say_the_same_whoever_asks_for_whom",
        ),
        4: (
            "flows/test_reset_password.py::test_only_the_newest_link_is_good",
            "flows/test_reset_password.py::test_an_administrators_link_ends_when_it_says",
            "security/test_tickets.py::test_a_link_is_used_once",
        ),
        5: ("api_v2/test_access.py::test_tickets",),
        6: ("api_v2/test_users_acceptance.py::test_account_lifecycle_6_blocked_is_told_to_the_application",),
        7: (
            "flows/test_reset_password.py::test_it_lifts_the_lock_of_wrong_passwords",
            "flows/test_reset_password.py::test_it_ends_sessions_and_tokens_everywhere",
        ),
    },
    "misc": {
        3: ("api_v2/test_users_acceptance.py::test_misc_3_people_change_their_own_metadata_from_a_page_of_theirs",),
        5: ("directory/connections",),
    },
}
"""The tests, below ``tests/``, by sheet and line."""
MISSING: Mapping[str, Mapping[int, str]] = {
    "metadata": {5: "actions are not built"},
    "account-lifecycle": {8: "addresses are proven by a link; codes for it are not built"},
    "misc": {
        1: "impersonation is not offered: the operation is unknown, 404",
        2: "implicit grants for SPAs are not built",
        4: "actions and forms are not built; profiles are filled by PATCH (line 3)",
        6: "help pages come with the dashboard",
    },
}
"""Lines without a test."""
LENGTH = {"user-profile": 9, "metadata": 6, "search": 7, "linking": 5, "account-lifecycle": 8, "misc": 6}


@pytest.mark.parametrize("sheet", LENGTH)
def test_every_line_has_a_test_or_a_reason(sheet: str) -> None:
    named, missing = set(LINES[sheet]), set(MISSING.get(sheet, {}))
    assert named | missing == set(range(1, LENGTH[sheet] + 1))
    assert named & missing == set()


def test_the_tests_are_there() -> None:
    gone = []
    for name in {name for lines in LINES.values() for tests in lines.values() for name in tests}:
        path, _, test = name.partition("::")
        file = ROOT / "tests" / path
        found = file.exists()
        if found and test:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found = any(isinstance(node, ast.FunctionDef) and node.name == test for node in tree.body)
        if not found:
            gone.append(name)
    assert gone == []

"""Bad input at factors, passkeys, protection and appearance: every kind that was named when they were built has tests,
which stand here by their names. Threats by number are in ``tests/security/test_rows.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.house.named_tests import gone

KINDS: Mapping[str, tuple[str, ...]] = {
    "codes that are replayed": (
        "flows/second_factors/test_second_factors.py::test_an_app_is_set_up_by_its_key_and_asked_for_from_then_on",
        "flows/second_factors/test_second_factors.py::test_a_recovery_code_works_once_and_brings_the_next",
        "flows/test_codes_of_accounts.py::test_a_code_belongs_to_its_attempt_and_is_good_once",
        "flows/test_verification_codes.py::test_lifecycle_8_a_code_is_good_once_for_fifteen_minutes",
        "flows/test_passwordless.py::test_a_link_is_good_once",
        "flows/test_mfa_api.py::test_of_two_exchanges_of_one_token_one_wins",
        "flows/test_challenges.py::test_what_does_not_count",
    ),
    "codes of others": (
        "flows/test_sent_factors.py::test_a_code_belongs_to_its_sign_in_and_has_five_tries",
        "flows/test_passwordless.py::test_a_code_of_another_attempt_is_none",
        "flows/test_passwordless_api.py::test_a_code_is_one_clients_and_has_three_tries",
        "flows/test_mfa_api.py::test_a_token_is_one_clients_and_one_persons",
        "flows/my_account/test_methods.py::test_acceptance_4_nothing_of_anybody_else",
    ),
    "codes that are stale": (
        "flows/test_proofs_count_once.py::test_a_sent_factor_is_good_for_five_minutes",
        "flows/second_factors/test_second_factors.py::test_steps_around_now_work_and_others_do_not",
        "flows/test_passwordless.py::test_a_code_is_good_for_as_long_as_it_says",
        "flows/test_verification_codes.py::test_a_code_that_is_too_old_is_wrong",
        "flows/test_phone_identifiers.py::test_the_code_is_dead_after_a_quarter_of_an_hour",
        "flows/test_mfa_api.py::test_a_token_is_good_for_ten_minutes",
        "flows/my_account/test_methods.py::test_acceptance_4_wrong_codes_and_old_sessions",
    ),
    "codes that come at once": (
        "flows/second_factors/test_what_a_session_proved.py::test_of_those_who_type_one_code_at_once_one_wins",
        "flows/second_factors/test_what_a_session_proved.py::test_of_those_who_type_one_recovery_code_at_once_one_wins",
        "flows/test_proofs_count_once.py::test_of_those_who_type_one_sent_code_at_once_one_wins",
        "flows/test_passwordless.py::test_one_of_many_who_type_the_same_code_at_once_wins",
        "flows/test_passwordless.py::test_guesses_at_once_have_no_more_tries",
        "flows/second_factors/test_what_a_session_proved.py::test_of_two_who_set_a_first_factor_up_at_once_one_does",
    ),
    "assertions that are replayed, stale or of others": (
        "flows/test_passkeys.py::test_acceptance_26_what_is_wrong_is_refused_and_every_other_way_stays",
        "flows/test_passkeys.py::test_acceptance_26_an_answer_is_good_once",
        "flows/test_passkeys.py::test_acceptance_26_a_challenge_is_of_one_sign_in_and_for_five_minutes",
        "flows/test_passkeys.py::test_acceptance_27_a_counter_that_runs_backwards",
        "flows/test_passkeys.py::test_acceptance_29_a_passkey_of_one_host_opens_nothing_at_another",
        "flows/test_passkeys.py::test_what_is_no_answer_is_refused",
        "flows/test_security_keys.py::test_what_is_wrong_with_a_key",
    ),
    "assertions that come at once": (
        "flows/test_proofs_count_once.py::test_of_answers_of_one_passkey_at_once_one_is_taken",
    ),
    "one proof for two": (
        "flows/test_first_and_second.py::test_the_number_that_signed_in_is_asked_for_nothing_more",
        "flows/test_first_and_second.py::test_the_same_number_is_not_set_up_either",
        "flows/test_first_and_second.py::test_applications_with_pages_of_their_own",
        "flows/test_first_and_second.py::test_the_code_for_a_new_password_is_no_factor_of_it_where_there_is_another",
        "flows/test_every_door_asks.py::test_mail_is_no_second_factor_of_a_mailed_code",
    ),
    "enrolment by whoever stole a session or knows a password": (
        "flows/test_account_factors.py::test_a_stolen_session_changes_no_factor",
        "flows/test_account_factors.py::test_a_password_that_somebody_else_knows_sets_no_other",
        "flows/test_account_passkeys.py::test_acceptance_21_a_password_alone_changes_nothing_where_there_is_a_passkey",
        "flows/test_account_passkeys.py::test_a_password_alone_adds_no_second_factor_where_there_is_a_passkey",
        "flows/test_account_passkeys.py::test_an_older_sign_in_is_asked_again",
        "flows/second_factors/test_what_a_session_proved.py::test_a_session_alone_sets_no_first_factor_up",
        "flows/test_first_and_second.py::test_a_session_alone_sets_no_other_factor_up",
        "flows/test_mfa_api.py::test_nobody_associates_by_a_password_who_has_a_factor",
        "flows/my_account/test_methods.py::test_what_a_password_began_is_no_second_factor_beside_a_first",
        "flows/test_security_keys.py::test_a_password_alone_adds_no_device",
    ),
    "removal of factors, and the mail about it": (
        "flows/test_account_factors.py::test_a_stolen_session_changes_no_factor",
        "flows/test_account_factors.py::test_nobody_removes_what_is_anothers",
        "flows/test_account_passkeys.py::test_acceptance_30_the_last_way_in_stays",
        "flows/test_account_passkeys.py::test_nobody_changes_somebody_elses",
        "admin/test_user_factors.py::test_factors_are_listed_removed_and_reset",
        "admin/test_user_factors.py::test_line_20_nobody_takes_factors_of_an_administrator_with_more_rights",
    ),
    "toll fraud": (
        "flows/test_sms.py::test_many_messages_to_one_country_stop_and_its_owners_still_sign_in",
        "flows/test_sms.py::test_numbers_that_no_code_is_sent_to",
        "flows/test_sms.py::test_strangers_cannot_use_up_what_a_number_needs",
        "flows/test_sent_factors.py::test_many_accounts_send_one_number_no_more_than_its_share",
        "flows/test_sent_factors.py::test_phone_provider_protection_doubles_the_wait",
        "flows/test_phone_identifiers.py::test_text_messages_for_a_new_password_count_for_their_number",
    ),
    "injection in templates of mails, messages and pages": (
        "tenant/mail/test_templates.py::test_templates_that_cannot_be_sent_are_refused",
        "tenant/mail/test_templates.py::test_the_tenants_mail_is_sent_and_its_link_obeys_it",
        "tenant/appearance/test_branding.py::test_hostile_page_templates_are_refused",
        "tenant/appearance/test_branding.py::test_what_a_client_is_called_is_escaped_in_the_template",
        "tenant/appearance/test_branding.py::test_a_template_that_runs_on_gives_the_plain_page",
        "tenant/appearance/test_words_and_pieces.py::test_hostile_pieces_are_refused",
        "web/test_liquid.py",
        "web/test_pages.py::test_hostile_names_stay_text",
    ),
    "themes with hostile sheets, fonts and logos": (
        "tenant/appearance/test_branding.py::test_hostile_branding_is_refused",
        "tenant/appearance/test_branding.py::test_hostile_themes_are_refused",
        "tenant/appearance/test_branding.py::test_an_address_cannot_end_its_place_in_the_sheet",
        "web/test_pages.py::test_a_logo_cannot_add_to_the_policy",
        "web/test_pages.py::test_links_that_others_wrote_are_no_scripts",
    ),
    "broken catalogues": (
        "web/test_i18n.py::test_every_catalogue_says_the_same_things",
        "web/test_i18n.py::test_counted_texts_have_every_form_their_language_needs",
        "web/test_i18n.py::test_custom_texts_lie_over_the_catalogue",
        "web/test_i18n.py::test_a_locale_without_catalogue_reads_english",
        "web/test_i18n.py::test_garbage_never_stops_a_page",
    ),
}
"""The tests, below ``tests/``, by what is wrong."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_bad_input_has_its_tests(kind: str) -> None:
    assert KINDS[kind]
    assert gone(KINDS[kind]) == []

"""Every line of the Acceptance lists of the sheets about users and of the dashboard has a test, which stands here by
its name; what has none says why.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.house.named_tests import gone

LINES: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "00-conventions": {
        1: ("rp/test_official_clients.py::test_every_built_operation_is_called",),
        2: (
            "api_v2/test_recorded_shapes.py::test_shapes",
            "foundation/apikit/test_answers.py",
            "api_v2/test_schemathesis.py::test_no_request_that_the_document_allows_is_an_error_of_ours",
        ),
        3: ("rp/test_official_clients.py::test_refusals_are_read",),
        4: (
            "foundation/apikit/test_paging.py::test_offset_loops_visit_each_row_once",
            "foundation/apikit/test_paging.py::test_checkpoint_loops_visit_each_row_once",
        ),
    },
    "bulk-import-export": {
        1: ("directory/bulk/test_hashes.py::test_bulk_import_export_acceptance_1_each_hash_signs_in_and_is_made_ours",),
        2: (
            "directory/bulk/test_import_jobs.py::test_bulk_import_export_acceptance_2_ten_thousand_users_and_a_third_job",
        ),
        3: ("directory/bulk/test_imports.py::test_bulk_import_export_acceptance_3_what_an_upsert_changes",),
        4: ("directory/bulk/test_imports.py::test_bulk_import_export_acceptance_4_errors_hide_what_is_secret",),
        5: ("directory/bulk/test_exports.py::test_security_z5_bulk_import_export_acceptance_5_csv_runs_no_formula",),
        6: (
            "directory/bulk/test_exports.py::test_security_z6_bulk_import_export_acceptance_6_links_are_good_for_a_minute",
        ),
        7: (
            "api_v2/test_sdk.py::test_bulk_import_export_acceptance_7_jobs",
            "rp/test_official_clients.py::test_every_built_operation_is_called",
        ),
    },
    "access-control": {
        1: (
            "flows/test_permissions_in_tokens.py::test_the_token_matrix",
            "flows/test_permissions_in_tokens.py::test_everything_that_gives_permissions_adds_up",
        ),
        2: (
            "api_v2/test_roles.py::test_a_role_is_made_changed_and_removed",
            "rp/test_official_clients.py::test_every_built_operation_is_called",
        ),
        3: ("flows/test_permissions_in_tokens.py::test_a_permission_that_is_taken_is_gone_at_the_next_refresh",),
        4: (
            "flows/test_authorization_extension.py::test_nested_groups_grant_the_parents_roles",
            "flows/test_authorization_extension.py::test_a_mapping_adds_a_group_and_what_the_source_said_may_stay",
            "flows/test_authorization_extension.py::test_what_is_kept_is_in_app_metadata",
            "flows/test_authorization_extension.py::test_an_export_comes_back_as_it_was",
        ),
        5: ("api_v2/test_roles.py::test_effective_permissions_name_their_sources",),
        6: (
            "api_v2/test_roles.py::test_permissions_that_are_none",
            "api_v2/test_roles.py::test_what_is_gone_takes_along_what_hangs_on_it",
        ),
    },
    "attack-protection": {
        1: (
            "flows/test_lockout.py::test_the_eleventh_try_is_refused_even_with_the_right_password",
            "flows/test_lockout.py::test_another_address_is_not_affected",
            "flows/test_lockout.py::test_counting_by_name_alone_affects_every_address",
        ),
        2: (
            "flows/test_lockout.py::test_the_owner_is_told_once_and_unlocks_by_the_link",
            "flows/test_lockout.py::test_an_administrator_sees_and_lifts_it",
            "flows/test_lockout.py::test_the_limit_is_the_tenants",
            "flows/test_lockout.py::test_a_listed_address_is_never_blocked",
            "flows/test_lockout.py::test_a_month_later_it_is_over",
            "flows/test_lockout.py::test_signing_up_with_a_name_that_was_guessed_at_ends_its_block",
            "flows/test_lockout.py::test_another_password_by_the_api_lifts_it",
            "flows/test_reset_password.py::test_it_lifts_the_lock_of_wrong_passwords",
        ),
        3: (
            "security/test_guessing.py::test_every_name_of_an_account_counts_for_it",
            "flows/test_lockout.py::test_blocks_of_names_nobody_has_and_of_protection_that_is_off",
            "api_v2/test_access.py::test_blocks_are_shown_and_lifted",
        ),
        4: (
            "flows/test_suspicious_ip.py::test_the_hundred_and_first_account_of_one_network_is_refused",
            "flows/test_suspicious_ip.py::test_tries_come_back_one_by_one",
        ),
        5: (
            "flows/test_breached_passwords.py::test_a_password_of_the_list_opens_nothing_until_it_is_another",
            "flows/test_breached_passwords.py::test_sign_up_and_reset_refuse_it",
            "flows/test_breached_passwords.py::test_without_shields_the_log_alone_is_told",
        ),
        6: ("flows/test_suspicious_ip.py::test_two_processes_count_together",),
        7: (
            "flows/test_reset_password.py::test_the_page_and_the_mailbox_say_the_same_whoever_asks_for_whom",
            "flows/test_lockout.py::test_names_nobody_has_are_counted_too",
            "security/test_login.py::test_a_wrong_password_and_an_unknown_name_read_the_same",
            "security/test_login.py::test_a_wrong_password_and_an_unknown_name_take_as_long",
            "security/test_guessing.py",
        ),
    },
    "sessions-cookies-redirects": {
        1: (
            "flows/test_sessions.py::test_it_ends_after_three_idle_days",
            "flows/test_sessions.py::test_it_ends_after_a_week_however_busy",
            "flows/test_sessions.py::test_lowering_a_limit_counts_for_sessions_that_are_there",
            "flows/test_sessions.py::test_raising_a_limit_counts_for_new_sessions_only",
        ),
        2: (
            "flows/test_sessions.py::test_cookies_under_tls_match_the_table",
            "flows/test_sessions.py::test_on_plain_http_cookies_are_lax_and_the_walk_works",
        ),
        3: (
            "api_v2/test_access.py::test_sessions_are_shown_changed_and_ended",
            "api_v2/test_access.py::test_refresh_tokens_are_shown_and_revoked",
            "api_v2/test_access.py::test_every_way_to_kill_a_refresh_token",
            "api_v2/test_users_acceptance.py::test_sessions_3_a_session_that_is_deleted_ends_signing_in_and_no_refresh_token",
        ),
        4: (
            "flows/test_logout_v2.py::test_listed_addresses_are_gone_to",
            "flows/test_logout_v2.py::test_unlisted_addresses_are_an_error_and_nothing_happens",
            "flows/test_logout_v2.py::test_wildcards_and_queries_are_a_compatibility_switch",
            "flows/test_logout_rp_initiated.py::test_anything_doubtful_stays_on_our_page",
            "flows/test_logout_rp_initiated.py::test_wildcards_are_a_compatibility_switch",
        ),
        5: (
            "flows/test_expired_pages.py::test_a_bookmark_of_the_login_page_leads_to_the_tenants_login_route",
            "flows/test_expired_pages.py::test_an_unknown_state_is_an_expired_page",
        ),
        7: (
            "api_v2/test_access.py::test_changed_credentials_end_sessions",
            "flows/test_reset_password.py::test_it_ends_sessions_and_tokens_everywhere",
        ),
        8: ("flows/test_logout_channels.py", "flows/test_logout_rp_initiated.py"),
    },
    "privacy": {
        1: (
            "directory/privacy/test_denied_attributes.py::test_a_denied_attribute_is_in_no_row_no_answer_and_no_search",
        ),
        2: ("directory/privacy/test_denied_attributes.py::test_a_purge_empties_what_was_stored_before",),
        3: (
            "directory/privacy/test_person.py::test_a_deleted_user_leaves_no_row",
            "directory/privacy/test_person.py::test_the_log_goes_on_as_the_tenant_says",
        ),
        4: (
            "flows/test_signup_fields.py::test_privacy_4_sign_up_without_the_tick_is_refused_and_the_tick_is_kept_with_its_date",
            "flows/test_customized_consent.py::test_privacy_4_whoever_accepts_is_asked_again_when_the_words_change",
            "flows/test_account_deletion.py::test_signing_in_asks_and_undoes_it",
            "flows/test_account_deletion.py::test_no_door_gives_tokens_meanwhile",
        ),
    },
    "migration": {
        1: (
            "flows/test_moving_here.py::test_acceptance_7_people_move_here_from_other_providers",
            "flows/test_moving_here.py::test_a_reset_moves_people_too",
        ),
        2: ("flows/test_moving_here.py::test_acceptance_7_people_move_here_from_other_providers",),
        3: ("directory/bulk/test_converters.py::test_migration_acceptance_3_gigyas_people_sign_in",),
        4: (
            "directory/bulk/test_converters.py::test_migration_acceptance_4_an_export_of_auth0_keeps_ids_and_passwords",
        ),
    },
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
        8: (
            "api_v2/test_users_acceptance.py::test_user_profile_8_passwords_are_in_no_answer",
            "directory/bulk/test_exports.py::test_no_export_has_a_password_or_a_token_in_it",
        ),
        9: (
            "api_v2/test_users_acceptance.py::test_user_profile_9_nothing_of_a_deleted_user_works",
            "api_v2/test_roles.py::test_what_is_gone_takes_along_what_hangs_on_it",
        ),
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
            "security/test_login.py::test_asking_for_a_reset_tells_nothing_and_does_nothing_before_the_worker",
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
        8: (
            "flows/test_verification_codes.py::test_lifecycle_8_a_code_is_good_once_for_fifteen_minutes",
            "flows/test_verification_codes.py::test_a_code_that_is_too_old_is_wrong",
            "flows/test_reset_by_code.py::test_a_code_leads_to_the_new_password_once",
            "flows/test_phone_identifiers.py::test_a_number_signs_up_is_proven_and_signs_in",
            "flows/test_phone_identifiers.py::test_the_code_is_dead_after_a_quarter_of_an_hour",
        ),
    },
    "misc": {
        1: (
            "flows/test_impersonation.py::test_misc_1_from_the_link_to_the_profile",
            "flows/test_impersonation.py::test_misc_1_an_application_of_saml",
            "flows/test_impersonation.py::test_misc_1_an_application_of_ws_federation",
            "flows/test_impersonation.py::test_misc_1_denied_attributes_are_left_out",
            "flows/test_impersonation.py::test_misc_1_it_is_off_by_default",
            "admin/test_impersonation.py::test_misc_1_a_link_to_an_application_of_the_person",
            "admin/test_impersonation.py::test_misc_1_a_link_to_an_application_of_saml",
            "admin/test_impersonation.py::test_misc_1_a_state_is_needed",
        ),
        2: ("rp/test_auth0_js_landing_page.py::test_misc_2_a_landing_page_fills_its_form_from_a_social_source",),
        3: ("api_v2/test_users_acceptance.py::test_misc_3_people_change_their_own_metadata_from_a_page_of_theirs",),
        4: (
            "flows/test_profile_form.py::test_the_form_comes_at_the_second_sign_in_and_fills_the_profile",
            "flows/test_profile_form.py::test_what_need_not_be_said_may_be_left_out_and_is_asked_again_later",
        ),
        5: (
            "flows/test_social.py::test_everybody_signs_in",
            "flows/test_sources.py::test_a_button_leads_to_the_source_and_back",
            "connectors/test_oidc.py",
            "flows/saml_sources/test_saml.py::test_somebody_signs_in",
            "flows/test_adfs.py::test_somebody_signs_in",
            "flows/test_entra_passive.py::test_somebody_of_the_directory_signs_in",
            "flows/test_entra_passive.py::test_without_the_option_it_is_openid_connect",
            "flows/test_directory_sign_in.py::test_the_applications_only_connection",
            "api_v2/test_resources.py::test_connections",
        ),
        6: ("admin/test_help.py::test_misc_6_help_is_linked_from_where_it_helps",),
    },
    "dashboard": {
        1: (
            "admin/test_acceptance.py::test_line_1_every_link_of_the_navigation_answers_in_every_language",
            "admin/test_users_pages.py::test_line_1_every_page_in_every_language",
            "e2e/test_dashboard.py::test_line_1_every_page_is_accessible",
            "e2e/test_desk_tools.py::test_line_1_the_tools_are_accessible",
            "admin/test_mail_pages.py::test_line_1_mails_in_every_language",
            "admin/test_prompt_texts.py::test_line_1_the_pages_in_every_language",
            "admin/test_tokens.py::test_line_1_the_page_in_every_language",
            "admin/test_apps_sso.py::test_line_1_both_in_every_language_with_a_word_for_every_field",
            "admin/test_registered.py::test_line_1_the_pages_in_every_language",
            "e2e/test_desk_whole.py::test_line_1_axe_finds_nothing_on_any_page",
            "e2e/test_desk_whole.py::test_line_1_the_way_home_has_a_name_at_every_width",
        ),
        2: (
            "admin/test_acceptance.py::test_line_2_a_filtered_list_is_the_same_after_a_new_sign_in",
            "e2e/test_dashboard.py::test_line_2_back_restores_filter_and_page",
        ),
        3: (
            "admin/test_acceptance.py::test_line_3_pages_neither_repeat_nor_lose_rows",
            "admin/test_users_pages.py::test_line_3_pages_follow_a_key_and_a_new_search_begins_anew",
        ),
        4: (
            "admin/test_acceptance.py::test_lines_4_and_5_statements_and_bytes_of_a_page",
            "admin/test_users_pages.py::test_line_4_statements_of_every_page",
            "scale/test_dashboard.py::test_line_4_statements_of_every_page_whatever_the_number_of_rows",
            "scale/test_dashboard.py::test_lines_2_to_4_among_a_million_one_is_found_and_pages_are_turned",
            "scale/test_dashboard.py::test_lines_2_to_4_among_a_million_entries_a_view_can_be_kept",
            "admin/test_tail.py::test_line_4_an_answer_of_the_tail_costs_three_statements",
            "admin/test_blocks.py::test_line_4_statements_do_not_grow_with_who_is_locked_out",
            "admin/test_mail_pages.py::test_line_4_statements_of_the_pages_about_senders",
            "admin/test_threats.py::test_line_4_counting_ends_and_asks_the_store_once",
            "admin/test_ways.py::test_line_4_statements_of_every_tab_of_every_resource",
        ),
        5: (
            "admin/test_acceptance.py::test_lines_4_and_5_statements_and_bytes_of_a_page",
            "admin/test_acceptance.py::test_pages_are_kept_by_nobody_and_load_nothing",
            "e2e/test_dashboard_paint.py::test_line_5_the_first_paint_comes_soon_on_a_slow_machine",
        ),
        6: (
            "admin/test_forms.py::test_line_6_what_the_api_refuses_stands_at_its_field_in_its_words",
            "admin/test_mail_pages.py::test_line_6_what_the_api_refuses_of_a_provider_stands_at_its_field",
            "admin/test_mail_pages.py::test_line_6_a_template_that_cannot_be_read_is_refused_at_its_field",
            "admin/test_app_credentials.py::test_line_6_what_is_no_public_key_is_refused_where_it_was_typed",
            "admin/test_prompt_texts.py::test_line_6_a_piece_that_cannot_stand_there_is_refused_at_its_field",
            "admin/test_prompt_texts.py::test_line_6_a_text_that_is_too_long_is_refused_at_its_field",
            "admin/test_apps_sso.py::test_line_6_what_the_first_sign_in_would_find_wrong_is_said_here",
        ),
        7: (
            "admin/test_forms.py::test_line_7_of_two_editors_the_second_is_shown_both_values",
            "admin/test_forms.py::test_line_7_somebody_quicker_by_a_moment_is_not_overwritten",
            "admin/test_users_pages.py::test_line_7_two_editors_of_metadata",
            "admin/test_mail_pages.py::test_line_7_of_two_editors_of_a_provider_the_second_is_shown_both",
            "admin/test_mail_pages.py::test_line_7_who_was_quicker_to_make_it_is_not_overwritten",
            "admin/test_phone_pages.py::test_line_7_two_editors_of_a_provider",
            "admin/test_prompt_texts.py::test_line_7_of_two_editors_the_second_sees_both",
            "admin/test_apps_sso.py::test_line_7_of_two_editors_the_second_sees_both",
        ),
        8: (
            "admin/test_forms.py::test_line_8_a_form_survives_the_end_of_the_session",
            "admin/test_forms.py::test_line_8_a_kept_form_is_nobody_elses",
            "admin/test_users_pages.py::test_line_8_no_secret_waits_with_a_form",
            "admin/test_app_credentials.py::test_lines_8_and_23_a_key_is_registered_by_a_fresh_sign_in_and_stays_typed",
            "admin/test_prompt_texts.py::test_line_8_texts_survive_the_end_of_the_session",
            "admin/test_tokens.py::test_line_8_it_does_not_wait_for_a_new_session_either",
        ),
        9: (
            "e2e/test_dashboard.py::test_line_9_only_something_unsaved_holds_the_page",
            "e2e/test_desk_whole.py::test_line_9_values_out_of_the_history_are_unsaved",
        ),
        10: (
            "admin/test_acceptance.py::test_line_10_history_says_who_changed_what_from_where",
            "admin/test_access.py::test_acceptance_10_a_change_tells_who_and_how",
            "admin/test_prompt_texts.py::test_line_10_history_says_who_changed_words",
            "admin/test_apps_sso.py::test_line_10_every_option_is_saved_after_a_look_at_what_changes",
            "admin/test_whole_lines.py::test_line_10_each_way_to_change_callbacks_is_in_the_history_and_the_log",
        ),
        11: (
            "admin/test_acceptance.py::test_lines_11_and_12_the_secret_is_shown_once_and_revealed_with_a_fresh_sign_in",
            "admin/test_mail_pages.py::test_line_11_no_secret_of_a_provider_is_anywhere",
            "admin/test_tokens.py::test_line_11_it_is_stored_and_logged_nowhere",
            "admin/test_whole_lines.py::test_line_11_no_secret_of_any_kind_is_on_any_page_or_in_the_log",
        ),
        12: (
            "admin/test_acceptance.py::test_lines_11_and_12_the_secret_is_shown_once_and_revealed_with_a_fresh_sign_in",
        ),
        13: (
            "admin/test_acceptance.py::test_line_13_yaml_is_what_the_document_says",
            "e2e/test_dashboard.py::test_line_13_what_is_copied_runs_unchanged",
            "admin/test_whole_lines.py::test_line_13_every_call_that_is_copied_is_one_of_the_official_client",
            "rp/test_dashboard_copies.py::test_line_13_the_copied_python_runs_unchanged",
            "rp/test_dashboard_copies.py::test_line_13_the_copied_yaml_imports_with_no_change",
        ),
        14: ("admin/test_forms.py::test_line_14_the_raw_document_is_edited_as_a_patch",),
        15: (
            "admin/test_acceptance.py::test_lines_15_and_23_deleting_needs_the_name_and_a_fresh_sign_in",
            "admin/test_users_pages.py::test_line_15_delete_wants_the_name_and_a_fresh_sign_in",
            "admin/test_apps_sso.py::test_line_15_switching_it_off_asks_and_wants_a_fresh_sign_in",
            "admin/test_registered.py::test_line_15_removing_one_wants_its_name",
            "admin/test_users_pages.py::test_line_15_all_sessions_end_by_name_and_a_fresh_sign_in",
        ),
        16: (
            "admin/test_users_pages.py::test_line_16_undo_of_a_block_and_of_a_role",
            "admin/test_undo.py::test_line_16_what_was_taken_away_comes_back_with_undo",
            "admin/test_undo.py::test_line_16_a_role_comes_back_with_undo",
            "admin/test_undo.py::test_line_16_undo_is_offered_for_half_a_minute",
            "admin/test_undo.py::test_line_16_metadata_come_back_with_undo",
            "e2e/test_desk_whole.py::test_line_16_undo_goes_after_half_a_minute",
        ),
        17: (
            "admin/test_bulk.py::test_line_17_ticked_rows_are_counted_done_and_taken_back",
            "admin/test_bulk.py::test_line_17_a_worker_that_dies_is_followed_by_another_and_nothing_is_done_twice",
            "admin/test_bulk.py::test_line_17_failures_are_listed_downloaded_and_tried_again",
            "scale/test_bulk.py::test_line_17_ten_thousand_people_survive_a_killed_worker_and_stop_when_cancelled",
        ),
        18: (
            "admin/test_access.py::test_acceptance_18_a_viewer_of_users",
            "admin/test_users_pages.py::test_lines_18_and_20",
            "admin/test_bulk.py::test_line_18_nobody_does_with_many_what_they_may_not_with_one",
            "admin/test_mail_pages.py::test_line_18_a_viewer_of_settings_changes_and_sends_nothing",
            "admin/test_phone_pages.py::test_line_18_a_viewer_of_settings_changes_nothing",
            "admin/test_blocks.py::test_line_18_a_viewer_lets_nobody_in",
            "admin/test_threats.py::test_line_18_threats_are_for_who_may_read_the_log",
            "admin/test_app_credentials.py::test_lines_18_and_19_who_may_not_change_keys_sees_no_control",
            "admin/test_prompt_texts.py::test_line_18_who_sees_settings_alone_changes_nothing",
            "admin/test_tokens.py::test_line_18_who_may_read_no_tokens_is_told_nothing_of_people",
            "admin/test_apps_sso.py::test_lines_18_and_19_who_may_change_what",
            "admin/test_whole_lines.py::test_line_18_a_viewer_of_users_reads_people_and_nothing_else",
        ),
        19: (
            "admin/test_access.py::test_acceptance_19_some_applications_alone",
            "admin/test_app_credentials.py::test_lines_18_and_19_who_may_not_change_keys_sees_no_control",
            "admin/test_registered.py::test_line_19_other_applications_are_not_there",
            "admin/test_whole_lines.py::test_line_19_an_editor_of_some_applications_does_nothing_to_others",
        ),
        20: (
            "admin/test_users_pages.py::test_lines_18_and_20",
            "admin/test_user_factors.py::test_line_20_nobody_takes_factors_of_an_administrator_with_more_rights",
            "admin/test_whole_lines.py::test_line_20_an_editor_of_users_changes_nothing_about_how_an_administrator_gets_in",
        ),
        21: (
            "admin/test_users_pages.py::test_line_21_administrators_on_their_page",
            "admin/test_bulk.py::test_line_21_the_last_owner_is_not_blocked_by_many",
            "admin/test_whole_lines.py::test_line_21_the_last_owner_stays_by_page_api_and_bulk",
        ),
        22: (
            "admin/test_who_gets_in.py::test_line_22_a_list_without_the_own_address_is_refused",
            "admin/test_who_gets_in.py::test_line_22_nobody_comes_in_from_elsewhere_and_the_operator_lifts_it",
        ),
        23: (
            "admin/test_acceptance.py::test_lines_15_and_23_deleting_needs_the_name_and_a_fresh_sign_in",
            "admin/test_users_pages.py::test_line_23_administrators_are_made_and_changed_by_a_fresh_sign_in",
            "admin/test_app_credentials.py::test_lines_8_and_23_a_key_is_registered_by_a_fresh_sign_in_and_stays_typed",
        ),
        24: ("admin/test_who_gets_in.py::test_line_24_an_administrator_without_a_factor_enrols_before_any_page",),
        25: (
            "admin/test_acceptance.py::test_line_25_posts_of_others_change_nothing",
            "admin/test_prompt_texts.py::test_line_25_the_preview_draws_no_form_of_others",
            "admin/test_tokens.py::test_line_25_the_form_of_others_is_refused",
            "admin/test_whole_lines.py::test_line_25_a_foreign_origin_is_refused",
        ),
        26: (
            "admin/test_acceptance.py::test_line_26_what_others_wrote_is_inert",
            "admin/test_users_pages.py::test_line_26_hostile_names_are_inert",
            "admin/test_users_pages.py::test_line_26_a_hostile_browser_is_inert",
            "admin/test_mail_pages.py::test_line_26_the_preview_shows_what_is_typed_in_a_sandbox",
            "admin/test_prompt_texts.py::test_line_26_a_piece_with_a_script_is_drawn_nowhere",
            "admin/test_tokens.py::test_line_26_claims_of_strangers_are_inert",
            "admin/test_tokens.py::test_line_26_whatever_is_pasted_is_no_error",
        ),
        27: ("admin/test_user_files.py::test_line_27_an_export_of_the_view_is_harmless_csv",),
        28: ("admin/test_simulator.py::test_line_28_the_simulation_is_the_sign_in",),
        29: (
            "admin/test_simulator.py::test_line_29_every_claim_names_its_source",
            "admin/test_simulator.py::test_line_29_a_denied_sign_in_names_its_rule",
            "admin/test_simulator_page.py::test_line_29_the_replay_of_a_failure_fails_at_the_same_rule",
        ),
        30: ("admin/test_try_connection.py::test_line_30_a_trial_shows_raw_and_mapped_profile_and_makes_nobody",),
        31: (
            "admin/test_acceptance.py::test_line_31_the_chart_and_its_table_say_what_the_log_says",
            "admin/test_acceptance.py::test_line_31_each_chart_counts_what_the_log_has_of_its_day",
        ),
        32: (
            "admin/test_tail.py::test_line_32_a_sign_in_is_the_next_answer_and_nothing_is_204",
            "admin/test_tail.py::test_line_32_five_hundred_entries_come_without_gap_or_repeat",
            "admin/test_tail.py::test_line_32_nothing_of_another_tenant",
            "e2e/test_desk_whole.py::test_line_32_an_entry_is_seen_within_three_seconds",
            "e2e/test_desk_whole.py::test_line_32_nobody_is_asked_for_long_who_does_not_look",
        ),
        33: (
            "admin/test_acceptance.py::test_line_33_the_palette_finds_pages_settings_and_objects",
            "admin/test_mail_pages.py::test_line_33_the_palette_finds_mails_by_our_names_and_others",
            "admin/test_whole_lines.py::test_line_33_the_palette_shows_a_viewer_no_forbidden_kind",
            "admin/test_ways.py::test_line_33_the_palette_finds_actions_and_options_of_connections",
            "admin/test_ways.py::test_line_33_the_palette_knows_auth0s_names_of_pages",
        ),
        34: (
            "e2e/test_dashboard.py::test_line_34_the_keyboard_alone_creates_an_application",
            "e2e/test_dashboard.py::test_line_34_keys_can_be_switched_off",
            "e2e/test_dashboard.py::test_line_34_the_keyboard_alone_blocks_somebody_and_reorders",
        ),
        35: (
            "admin/test_order.py::test_line_35_buttons_move_values_and_only_saving_saves",
            "e2e/test_dashboard_order.py::test_line_35_dragging_is_what_the_buttons_do",
        ),
        36: ("admin/test_user_files.py::test_line_36_a_dry_run_names_the_bad_rows_and_the_rest_is_imported",),
        37: (
            "e2e/test_desk_tools.py::test_line_37_the_env_runs_the_sample_and_the_badge_turns_green",
            "e2e/test_desk_tools.py::test_line_37_the_sample_of_a_single_page_runs_in_the_browser_alone",
            "e2e/test_desk_tools.py::test_line_37_the_sample_of_a_native_application_waits_on_the_loopback",
            "e2e/test_desk_tools.py::test_line_37_the_env_of_an_api_runs_its_sample",
        ),
        38: (
            "admin/test_acceptance.py::test_line_38_empty_and_nothing_found_differ",
            "admin/test_registered.py::test_line_38_nothing_yet_and_nothing_found",
            "admin/test_whole_lines.py::test_line_38_empty_and_nothing_found_differ_on_every_list",
        ),
        39: (
            "admin/test_look_preview.py::test_line_39_every_screen_is_drawn_in_every_language_and_theme",
            "admin/test_look_preview.py::test_line_39_the_frame_cannot_read_the_dashboard",
            "e2e/test_desk_tools.py::test_line_39_the_frame_reads_nothing_and_wears_what_is_typed",
            "e2e/test_desk_tools.py::test_line_39_words_and_pieces_show_in_the_frame_before_they_are_saved",
        ),
    },
    "complaints": {
        1: (
            "admin/test_acceptance.py::test_lines_4_and_5_statements_and_bytes_of_a_page",
            "admin/test_users_pages.py::test_line_4_statements_of_every_page",
            "scale/test_dashboard.py::test_line_4_statements_of_every_page_whatever_the_number_of_rows",
        ),
        2: (
            "admin/test_acceptance.py::test_line_2_a_filtered_list_is_the_same_after_a_new_sign_in",
            "e2e/test_dashboard.py::test_line_2_back_restores_filter_and_page",
            "admin/test_acceptance.py::test_line_3_pages_neither_repeat_nor_lose_rows",
            "admin/test_users_pages.py::test_line_3_pages_follow_a_key_and_a_new_search_begins_anew",
        ),
        3: ("e2e/test_dashboard.py::test_complaint_3_every_row_opens_in_another_tab",),
        4: (
            "e2e/test_dashboard.py::test_line_9_only_something_unsaved_holds_the_page",
            "admin/test_forms.py::test_line_8_a_form_survives_the_end_of_the_session",
        ),
        5: (
            "admin/test_forms.py::test_line_7_of_two_editors_the_second_is_shown_both_values",
            "admin/test_forms.py::test_line_7_somebody_quicker_by_a_moment_is_not_overwritten",
        ),
        6: (
            "admin/test_acceptance.py::test_line_10_history_says_who_changed_what_from_where",
            "admin/test_access.py::test_acceptance_10_a_change_tells_who_and_how",
        ),
        7: (
            "admin/test_acceptance.py::test_lines_15_and_23_deleting_needs_the_name_and_a_fresh_sign_in",
            "admin/test_users_pages.py::test_line_21_administrators_on_their_page",
            "admin/test_who_gets_in.py::test_line_22_a_list_without_the_own_address_is_refused",
        ),
        8: (
            "admin/test_acceptance.py::test_lines_11_and_12_the_secret_is_shown_once_and_revealed_with_a_fresh_sign_in",
            "admin/test_acceptance.py::test_line_26_what_others_wrote_is_inert",
        ),
        9: (
            "admin/test_access.py::test_acceptance_18_a_viewer_of_users",
            "admin/test_users_pages.py::test_lines_18_and_20",
            "admin/test_bulk.py::test_line_18_nobody_does_with_many_what_they_may_not_with_one",
        ),
    },
    "my-account": {
        1: ("flows/my_account/test_my_account.py::test_acceptance_1_a_client_grant_says_which_scopes_there_are",),
        2: ("flows/my_account/test_my_account.py::test_acceptance_2_no_client_has_one_on_its_own_behalf",),
        3: (
            "flows/my_account/test_methods.py::test_acceptance_3_an_app_a_code_and_addresses",
            "flows/my_account/test_methods.py::test_acceptance_3_a_passkey",
            "flows/my_account/test_methods.py::test_acceptance_3_a_password",
            "rp/test_nextjs_auth0.py::test_login_factors_acceptance_33_nextjs",
        ),
        4: (
            "flows/my_account/test_methods.py::test_acceptance_4_nothing_of_anybody_else",
            "flows/my_account/test_methods.py::test_acceptance_4_wrong_codes_and_old_sessions",
        ),
        5: ("flows/my_account/test_my_account.py::test_acceptance_5_errors_and_media_types",),
        6: (
            "flows/my_account/test_my_account.py::test_acceptance_6_somebody_with_a_factor",
            "flows/my_account/test_my_account.py::test_acceptance_6_somebody_without",
        ),
        7: (
            "flows/my_account/test_connected_accounts.py::test_acceptance_7_an_account_is_connected_by_its_source",
            "flows/my_account/test_connected_accounts.py::test_a_code_counts_only_with_what_the_application_kept",
        ),
    },
    "login-factors": {
        1: (
            "admin/test_simulator.py::test_line_28_the_simulation_is_the_sign_in",
            "flows/second_factors/test_second_factors.py::test_nobody_sets_a_factor_up_who_has_one",
            "flows/second_factors/test_second_factors.py::test_an_application_asks_for_a_factor_that_no_policy_demands",
            "flows/test_sent_factors.py::test_a_new_browser_is_asked_and_a_known_one_is_not",
            "flows/second_factors/test_trusted_browsers.py::test_a_trusted_browser_is_not_asked_for_a_week_of_rest_or_a_month",
        ),
        2: (
            "web/test_pages.py::test_every_page_in_every_language",
            "house/test_evidence.py::test_every_row_is_of_a_whole_run_and_holds",
            "web/test_pages_in_browser.py::test_every_state_is_accessible_in_every_theme",
            "flows/second_factors/test_second_factors.py::test_a_tenants_own_words_stand_on_the_pages",
        ),
        3: (
            "flows/second_factors/test_second_factors.py::test_an_app_is_set_up_by_its_key_and_asked_for_from_then_on",
        ),
        4: (
            "flows/second_factors/test_second_factors.py::test_steps_around_now_work_and_others_do_not",
            "flows/second_factors/test_what_a_session_proved.py::test_of_those_who_type_one_code_at_once_one_wins",
        ),
        5: ("flows/second_factors/test_second_factors.py::test_ten_wrong_codes_over_several_attempts_lock",),
        6: (
            "flows/second_factors/test_second_factors.py::test_a_seed_of_80_bits_that_was_imported_signs_in",
            "directory/bulk/test_converters.py::test_the_app_of_before_is_asked_for_and_its_codes_are_right",
        ),
        7: (
            "flows/second_factors/test_second_factors.py::test_a_recovery_code_works_once_and_brings_the_next",
            "flows/second_factors/test_what_a_session_proved.py::test_of_those_who_type_one_recovery_code_at_once_one_wins",
        ),
        8: (
            "flows/test_sent_factors.py::test_a_phone_is_set_up_and_asked_for",
            "flows/test_sent_factors.py::test_mail_is_another_way_and_never_the_only_one",
            "flows/test_sent_factors.py::test_a_code_belongs_to_its_sign_in_and_has_five_tries",
            "flows/test_sent_factors.py::test_a_code_may_be_said_by_telephone_instead",
        ),
        9: (
            "flows/test_passwordless.py::test_the_third_wrong_code_is_the_last",
            "flows/test_passwordless.py::test_a_code_is_good_for_as_long_as_it_says",
            "flows/test_passwordless.py::test_a_code_of_another_attempt_is_none",
        ),
        10: (
            "flows/test_passwordless.py::test_nobody_learns_who_has_an_account",
            "flows/test_passwordless.py::test_asking_for_a_code_does_the_same_for_everybody",
        ),
        11: (
            "flows/test_passwordless.py::test_looking_at_a_link_spends_nothing",
            "flows/test_passwordless.py::test_a_link_is_good_once",
        ),
        12: (
            "flows/test_passwordless.py::test_a_link_opened_elsewhere_needs_the_number_and_only_the_first_browser_goes_on",
        ),
        13: (
            "flows/second_factors/test_second_factors.py::test_an_application_asks_for_a_factor_that_no_policy_demands",
        ),
        14: ("flows/second_factors/test_second_factors.py::test_auth0s_habit_asks_again_each_time",),
        15: (
            "flows/second_factors/test_trusted_browsers.py::test_a_trusted_browser_is_not_asked_for_a_week_of_rest_or_a_month",
        ),
        16: ("flows/second_factors/test_trusted_browsers.py::test_what_ends_the_trust",),
        17: (
            "flows/second_factors/test_trusted_browsers.py::test_step_up_ignores_trust",
            "flows/test_mfa_api.py::test_login_factors_acceptance_17_the_api_of_factors_wants_a_factor",
            "flows/test_proofs_count_once.py::test_login_factors_acceptance_17_an_odd_sign_in_is_not_let_off_by_trust",
        ),
        19: ("flows/test_sent_factors.py::test_a_new_browser_is_asked_and_a_known_one_is_not",),
        20: (
            "flows/second_factors/test_second_factors.py::test_the_link_for_a_new_password_asks_for_the_factor_first",
        ),
        21: (
            "flows/test_account_factors.py::test_a_stolen_session_changes_no_factor",
            "flows/test_account_passkeys.py::test_acceptance_21_a_password_alone_changes_nothing_where_there_is_a_passkey",
        ),
        22: (
            "api_v2/test_factors.py::test_settings_are_stored_and_shown_without_secrets",
            "api_v2/test_factors.py::test_a_secret_that_is_not_sent_again_stays",
            "rp/test_deploy_cli.py",
            "rp/test_official_clients.py::test_every_built_operation_is_called",
        ),
        23: ("api_v2/test_factors.py::test_a_ticket_sets_a_factor_up_once",),
        24: (
            "flows/test_mfa_api.py",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_24_second_factors",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_24_codes_that_are_sent",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_24_python",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_24_spa_js",
            "rp/test_nextjs_auth0.py::test_login_factors_acceptance_24_nextjs",
        ),
        25: (
            "flows/test_passkeys.py::test_acceptance_25_a_passkey_signs_in_by_itself",
            "flows/test_passkeys.py::test_acceptance_25_an_account_with_a_passkey_alone",
            "e2e/test_passkeys.py",
        ),
        26: (
            "flows/test_passkeys.py::test_acceptance_26_what_is_wrong_is_refused_and_every_other_way_stays",
            "flows/test_passkeys.py::test_acceptance_26_an_answer_is_good_once",
            "flows/test_passkeys.py::test_acceptance_26_a_challenge_is_of_one_sign_in_and_for_five_minutes",
            "flows/test_proofs_count_once.py::test_of_answers_of_one_passkey_at_once_one_is_taken",
        ),
        27: (
            "flows/test_passkeys.py::test_acceptance_27_a_counter_that_runs_backwards",
            "flows/test_passkeys.py::test_acceptance_27_a_passkey_of_several_devices_may_count_backwards",
        ),
        28: (
            "flows/test_security_keys.py::test_acceptance_28_a_passkey_is_two_factors_unless_the_tenant_says_otherwise",
        ),
        29: (
            "flows/test_passkeys.py::test_acceptance_29_a_passkey_of_one_host_opens_nothing_at_another",
            "flows/test_account_passkeys.py::test_a_passkey_of_another_host_is_named_by_it",
            "flows/test_account_passkeys.py::test_acceptance_29_a_tenant_that_moves_is_told_how_many_stay_behind",
            "admin/test_security_pages.py::test_login_factors_acceptance_29_a_change_says_how_many_passkeys_it_takes_along",
        ),
        30: (
            "flows/test_account_passkeys.py::test_acceptance_30_the_last_way_in_stays",
            "flows/test_passkeys.py::test_acceptance_30_the_21st_is_refused",
        ),
        31: (
            "e2e/test_passkeys.py::test_acceptance_31_a_cancelled_dialog_leaves_a_usable_page",
            "flows/test_passkey_offers.py::test_a_page_asks_for_no_challenge_by_itself",
        ),
        32: ("flows/test_passkey_offers.py::test_acceptance_32_an_offer_comes_once_in_thirty_days_in_each_browser",),
        33: (
            "flows/test_passkeys_api.py::test_acceptance_33_without_the_grant",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_33_passkeys",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_33_python",
            "rp/test_sdk_factors.py::test_login_factors_acceptance_33_spa_js",
            "rp/test_nextjs_auth0.py::test_login_factors_acceptance_33_nextjs",
        ),
        34: (
            "flows/test_sms.py::test_every_spelling_of_a_number_is_one_account",
            "flows/test_sms.py::test_numbers_that_no_code_is_sent_to",
        ),
        35: (
            "flows/test_sms.py::test_twilio_sees_its_own_wire",
            "flows/test_sms.py::test_a_gateway_sees_who_sends",
            "flows/test_sms.py::test_a_provider_that_fails_is_told_to_everybody_for_a_minute",
            "flows/test_sms.py::test_a_gateway_that_does_not_answer_200_failed",
            "flows/test_sms.py::test_a_silent_provider_keeps_nobody_waiting",
        ),
        36: (
            "flows/test_sms.py::test_many_messages_to_one_country_stop_and_its_owners_still_sign_in",
            "flows/test_sms.py::test_fifty_newcomers_an_hour_in_a_country_where_nobody_says_otherwise",
        ),
        37: (
            "flows/test_every_door_asks.py::test_what_a_source_says_of_factors_is_not_ours",
            "flows/second_factors/test_second_factors.py::test_a_refreshed_id_token_says_nothing_of_factors",
        ),
        38: (
            "flows/test_account_factors.py::test_trusted_browsers_are_listed_and_forgotten",
            "flows/test_account_passkeys.py::test_acceptance_38_they_are_added_named_and_taken_away",
            "admin/test_user_factors.py::test_factors_are_listed_removed_and_reset",
            "admin/test_user_factors.py::test_trusted_browsers_are_listed_and_forgotten",
        ),
    },
}
"""The tests, below ``tests/``, by sheet and line."""
MISSING: Mapping[str, Mapping[int, str]] = {
    "sessions-cookies-redirects": {6: "rules and actions are not built"},
    "privacy": {
        5: "the scenario is a rule's, and rules are not built",
    },
    "metadata": {5: "actions are not built"},
    "login-factors": {
        18: "enrollWith, challengeWith and multifactor.enable are calls of post-login actions, which are not built",
    },
}
"""Lines without a test."""
IN_PART: Mapping[str, Mapping[int, str]] = {
    "user-profile": {9: "membership of organizations comes with them"},
    "account-lifecycle": {5: "the one who is no member comes with organizations: each is refused until then"},
    "access-control": {1: "the case of an organization comes with organizations"},
    "login-factors": {
        22: "Terraform's provider is not to be had (docs/testing.md); go-auth0, which is beneath it, does its calls",
    },
    "misc": {
        1: "that a rule may deny it comes with rules, which are not built",
        4: "the redirect of an action comes with actions; the form of our own pages and PATCH (line 3) are there",
    },
    "dashboard": {
        11: "secrets of actions and log streams come with them",
        34: "triggers are ordered once there are actions; languages are ordered by the same control (line 35)",
    },
    "privacy": {
        1: "what actions see of a denied attribute comes with actions",
        4: "a flag and its text come with rules; here who is to be deleted is told so and gets nothing",
    },
    "sessions-cookies-redirects": {8: "the certification suite of the OpenID Foundation is not run here"},
}
"""Lines whose test leaves something out, and what."""
LENGTH = {
    "00-conventions": 4,
    "user-profile": 9,
    "metadata": 6,
    "search": 7,
    "bulk-import-export": 7,
    "linking": 5,
    "login-factors": 38,
    "my-account": 7,
    "account-lifecycle": 8,
    "access-control": 6,
    "attack-protection": 7,
    "sessions-cookies-redirects": 8,
    "privacy": 5,
    "migration": 4,
    "misc": 6,
    "dashboard": 39,
    "complaints": 9,
}
"""How many lines each sheet has; ``management-api`` has none. ``complaints`` are the rows of the table that says what
administrators of others complain of (spec/dashboard.md; in words in docs/dashboard.md).
"""


@pytest.mark.parametrize("sheet", LENGTH)
def test_every_line_has_a_test_or_a_reason(sheet: str) -> None:
    named, missing = set(LINES[sheet]), set(MISSING.get(sheet, {}))
    assert named | missing == set(range(1, LENGTH[sheet] + 1))
    assert named & missing == set()
    assert set(IN_PART.get(sheet, {})) <= named


def test_the_tests_are_there() -> None:
    assert gone(name for lines in LINES.values() for tests in lines.values() for name in tests) == []

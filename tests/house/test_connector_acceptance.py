"""What was promised of connectors, line by line, and the tests that show it. `docs/testing.md` says
what is not shown."""

from __future__ import annotations

from collections.abc import Mapping

from tests.house.named_tests import gone

SHOWN: Mapping[str, tuple[str, ...]] = {
    "OpenID Connect and OAuth 2.0 sources, with PKCE, nonce, issuer, keys fetched anew and `iss`": (
        "connectors/test_oidc.py",
        "connectors/test_oidc_settings.py",
        "connectors/test_oidc_sealed.py",
        "connectors/test_oauth2_engine.py",
        "e2e/test_upstream_oidc.py::test_oidc_provider",
        "e2e/test_upstream_oidc.py::test_a_second_tenant_of_ours",
        "e2e/test_keycloak.py::test_as_an_openid_provider",
    ),
    "signing out at the source, and its message that somebody signed out": (
        "flows/test_source_logout.py::test_a_federated_logout_goes_by_way_of_the_source",
        "flows/test_source_logout.py::test_a_logout_at_the_source_ends_our_session",
        "flows/test_source_logout.py::test_messages_that_are_refused",
    ),
    "sixty social providers as data, each with its recorded profile, and each dialect end to end": (
        "connectors/test_social_catalogue.py::test_there_are_at_least_sixty_and_each_has_its_record",
        "connectors/test_social_catalogue.py::test_what_it_shows_becomes_a_profile",
        "connectors/test_social_catalogue.py::test_quirks_are_few",
        "connectors/test_social_refusals.py",
        "flows/test_social.py::test_everybody_signs_in",
        "house/test_reference_pages.py::test_generated_page_is_current",
    ),
    "SAML service provider": (
        "e2e/test_saml_source.py::test_people_of_the_source_sign_in",
        "e2e/test_saml_source.py::test_somebody_begins_at_the_source",
        "e2e/test_saml_source.py::test_signing_out_here_and_there",
        "e2e/test_keycloak.py::test_as_an_identity_provider_of_saml",
        "flows/test_saml_pysaml2.py::test_people_of_pysaml2",
        "flows/saml_sources/test_saml.py::test_an_encrypted_assertion",
        "flows/saml_sources/test_saml.py::test_requests_are_signed",
        "flows/saml_sources/test_saml.py::test_a_new_certificate_beside_the_old_one",
        "flows/saml_sources/test_saml.py::test_a_source_behind_a_metadata_url",
        "flows/saml_sources/test_saml.py::test_attributes_are_mapped",
    ),
    "the cross-site POST of the identity provider leaves the session": (
        "flows/test_sources.py::test_a_posted_answer_is_asked_for_with_our_own_cookies",
    ),
    "SAML identity provider": (
        "rp/test_saml_service_providers.py::test_mellon_signs_in_and_out",
        "rp/test_saml_service_providers.py::test_simplesamlphp_signs_in_and_out",
        "flows/test_saml_applications.py::test_metadata",
        "flows/test_saml_applications.py::test_the_addon_decides_what_is_told",
        "flows/test_saml_application_logout.py::test_an_application_signs_somebody_out",
    ),
    "WS-Federation": (
        "flows/test_wsfed_applications.py::test_somebody_signs_in",
        "flows/test_wsfed_xmlsec.py::test_a_token_is_verified",
        "flows/test_adfs.py::test_somebody_signs_in",
        "security/test_wsfed.py",
    ),
    "LDAP and Active Directory": (
        "connectors/ldap/test_openldap.py",
        "connectors/ldap/test_active_directory.py",
        "connectors/ldap/test_active_directory.py::test_groups_of_groups",
        "connectors/ldap/test_active_directory.py::test_closed_accounts_are_told_apart",
        "connectors/ldap/test_active_directory.py::test_another_password",
        "connectors/ldap/test_openldap.py::test_photos",
        "connectors/ldap/test_escaping.py",
        "connectors/ldap/test_servers.py::test_the_next_one_is_asked_and_the_first_rests",
        "connectors/ldap/test_servers.py::test_connections_are_kept_and_no_more_than_a_few",
        "connectors/ldap/test_servers.py::test_a_server_that_says_nothing_is_given_up",
        "flows/test_directory_sign_in.py",
    ),
    "Kerberos": (
        "flows/test_kerberos.py",
        "e2e/test_kerberos.py::test_chromium",
        "admin/test_connection_files.py::test_a_keytab_is_uploaded_replaced_and_removed",
    ),
    "custom databases: every event, by scripts, statements and a class": (
        "flows/custom_database/test_custom_database.py",
        "flows/test_moving_here.py::test_a_class_of_the_operators_own_answers_the_same_events",
        "flows/test_moving_here.py::test_acceptance_7_people_move_here_from_other_providers",
        "connectors/test_custom_databases.py::test_a_foreign_table_in_postgres",
        "connectors/test_custom_databases.py::test_a_foreign_table_in_mariadb",
        "connectors/test_custom_databases.py::test_a_foreign_collection_of_mongodb",
        "connectors/test_custom_web_service.py::test_a_web_service",
        "connectors/test_sql_server.py::test_the_double_as_tedious_of_npm_sees_it",
        "flows/test_custom_database_settings.py::test_an_event_is_tried_out_with_its_console",
        "flows/test_custom_database_settings.py::test_acceptance_5_configuration_is_shown_sealed_and_used_open",
        "flows/custom_database/test_custom_database.py::test_acceptance_2_the_first_login_migrates_and_the_script_is_never_called_again",
    ),
    "the sandbox of scripts holds": (
        "contracts/scripts/test_hostile_scripts.py::test_there_is_no_way_out",
        "contracts/scripts/test_hostile_scripts.py::test_acceptance_4_what_does_not_end_is_ended",
        "contracts/scripts/test_hostile_scripts.py::test_what_takes_too_much_gets_nothing",
        "contracts/scripts/test_hostile_scripts.py::test_tricks_with_prototypes_reach_nobody_else",
        "contracts/scripts/test_hostile_scripts.py::test_a_callback_that_is_called_a_thousand_times_is_called_once",
        "contracts/scripts/test_hostile_scripts.py::test_the_process_of_scripts_opens_no_file_and_no_socket",
    ),
    "passwordless: codes and links by mail, codes by message, pages and endpoints": (
        "flows/test_passwordless.py::test_a_mailed_code_signs_in_and_makes_the_account",
        "flows/test_passwordless.py::test_looking_at_a_link_spends_nothing",
        "flows/test_passwordless.py::test_a_link_opened_elsewhere_needs_the_number_and_only_the_first_browser_goes_on",
        "flows/test_passwordless_api.py::test_a_code_becomes_tokens",
        "flows/test_sms.py::test_twilio_sees_its_own_wire",
        "flows/test_sms.py::test_a_gateway_sees_who_sends",
        "flows/test_sms.py::test_development_shows_messages_in_its_mailbox",
    ),
    "embedded and resource-owner ways in": (
        "flows/test_embedded.py",
        "flows/test_password_grants.py::test_a_password_becomes_tokens",
        "flows/test_password_grants.py::test_new_clients_have_neither",
        "flows/test_password_grants.py::test_a_realm_is_any_connection_that_takes_passwords",
        "rp/test_auth0_js.py",
        "rp/test_auth0_lock.py::test_somebody_signs_in_with_locks_form",
    ),
    "choosing": (
        "flows/test_choosing.py::test_one_connection_leads_straight_through",
        "flows/test_choosing.py::test_the_domain_of_an_address_leads_to_its_source",
        "flows/test_choosing.py::test_several_sources_of_one_domain_are_asked_about",
        "flows/test_choosing.py::test_a_hinted_address_needs_no_page",
        "flows/test_choosing.py::test_the_last_way_is_marked_in_that_browser",
        "flows/test_choosing.py::test_scopes_for_the_source_reach_it",
        "flows/test_sources.py::test_the_connection_parameter_goes_straight_there",
    ),
    "the profile is kept, and brought up to date at each sign-in": (
        "flows/test_arrivals.py::test_the_cached_profile_follows_the_source",
        "flows/test_arrivals.py::test_attributes_that_are_never_stored",
        "flows/test_source_tokens.py::test_its_own_words_are_kept_apart_and_are_nobodys_attributes",
    ),
    "a source that is down": (
        "flows/test_source_down.py::test_a_page_names_the_source_and_offers_others",
        "flows/test_source_down.py::test_who_is_signed_in_notices_nothing",
        "flows/test_source_down.py::test_it_rests_after_five_failures_and_one_of_many_tries_it",
        "flows/test_source_down.py::test_one_source_holds_a_quarter_of_the_places_at_most",
        "processes/test_hanging_source.py::test_who_waits_for_a_silent_source_keeps_nobody_else",
    ),
    "tokens of the source": (
        "flows/test_source_tokens.py::test_tokens_of_a_source_are_told_with_the_scope_for_them_alone",
        "flows/test_token_vault.py::test_the_token_of_the_source_is_given_and_refreshed_when_it_is_over",
    ),
    "SCIM": (
        "directory/provisioning/test_compliance.py::test_compliance",
        "directory/provisioning/test_protocol.py::test_filters_and_pages",
        "directory/provisioning/test_protocol.py::test_versions",
        "directory/provisioning/test_protocol.py::test_the_api_of_configurations",
        "directory/provisioning/test_groups.py::test_a_group_and_its_members_are_seen",
    ),
    "connectors of others": (
        "connectors/test_plugins.py::test_the_documented_example_is_a_strategy_like_any_other",
        "connectors/test_plugins.py::test_a_package_that_is_broken_costs_nobody_else",
    ),
    "a configuration that cannot work is refused with the reason; status and a trial say what the source answers": (
        "e2e/test_upstream_oidc.py::test_a_broken_configuration_is_refused_when_it_is_saved",
        "flows/saml_sources/test_saml.py::test_what_cannot_work_is_refused_when_it_is_saved",
        "flows/test_source_tokens.py::test_the_status_of_a_connection_is_what_its_source_answers",
        "flows/test_adfs.py::test_what_cannot_work_is_refused_when_it_is_saved",
        "flows/test_sms.py::test_what_cannot_work_is_refused_when_saved",
        "flows/test_trying_a_connection.py",
        "admin/test_try_connection.py",
        "admin/test_new_connection.py",
    ),
    "bad input": (
        "security/test_saml.py",
        "security/test_saml_signatures.py",
        "security/test_wsfed.py",
        "security/test_garbage_at_connectors.py",
        "security/test_social_sources.py",
        "security/test_rows.py",
        "connectors/test_oidc.py::test_id_tokens_that_somebody_forged",
        "foundation/egress/test_egress.py",
        "foundation/egress/test_deadline.py",
    ),
    "speed and size": (
        "contracts/scripts/test_scripts.py::test_a_warm_run_is_cheap",
        "contracts/scripts/test_scripts.py::test_nothing_is_begun_or_imported_before_the_first_script",
        "connectors/test_saml_is_loaded_late.py::test_a_start_reads_no_xml",
        "house/test_what_is_loaded.py::test_a_process_loads_what_it_needs",
        "ops/test_memory.py",
    ),
    "a newcomer clicks through a social and an enterprise sign-in": (
        "e2e/test_demonstration.py::test_a_newcomer_clicks_through_a_social_and_a_company_login",
    ),
    "the operations of connections: keys, status, SCIM, and why directories are not read ahead": (
        "directory/connections/test_keys.py",
        "rp/test_official_clients.py::test_every_built_operation_is_called",
        "house/test_reference_pages.py::test_generated_page_is_current",
    ),
}
"""By what was promised."""


def test_the_tests_are_there() -> None:
    assert gone(name for tests in SHOWN.values() for name in tests) == []

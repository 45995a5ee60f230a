"""What the protocol is to do, line by line, and the tests that show it. What is left out says so."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.house.named_tests import gone

LINES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "response types and modes": {
        "code, token, id_token and their mixtures": (
            "flows/test_response_types.py::test_the_answer_holds_what_the_response_type_names",
            "flows/test_response_types.py::test_no_other_response_type_exists",
        ),
        "query, fragment, form_post, web_message": (
            "flows/test_response_modes.py::test_the_code_arrives_in_the_mode_that_was_asked_for",
            "flows/test_response_modes.py::test_web_message_goes_to_the_origin_of_a_callback_or_web_origin",
        ),
        "signed answers": ("flows/test_response_types.py::test_a_signed_answer_holds_the_parameters",),
        "implicit and hybrid are off for new clients": (
            "flows/test_response_types.py::test_new_clients_get_no_tokens_through_the_browser",
        ),
        "errors travel as the answer would have": (
            "flows/test_response_types.py::test_errors_travel_as_the_tokens_would_have",
            "flows/test_response_types.py::test_so_do_errors",
        ),
    },
    "requests": {
        "request objects by value": ("flows/test_pushed_requests.py::test_a_signed_request_is_the_whole_request",),
        "by reference": (
            "flows/test_pushed_requests.py::test_an_object_behind_a_registered_address_is_fetched",
            "flows/test_pushed_requests.py::test_no_other_address_is_looked_at",
        ),
        "encrypted": ("flows/test_encrypted_answers.py::test_a_request_object_may_be_encrypted_to_us",),
        "unsigned where the client is registered for it": (
            "flows/test_pushed_requests.py::test_unsigned_ones_are_for_clients_that_are_set_to_them",
        ),
        "pushed, required by client or tenant": (
            "flows/test_pushed_requests.py::test_a_pushed_request_is_answered_like_any_other",
            "security/test_races_of_proofs.py::test_a_pushed_request_is_answered_once",
            "flows/test_pushed_requests.py::test_a_client_or_a_tenant_may_insist_on_it",
        ),
        "claims": (
            "flows/test_claims.py::test_the_claims_parameter_opens_single_claims",
            "flows/test_resource.py::test_acr_may_be_asked_for_as_a_claim",
        ),
        "resource beside audience": (
            "flows/test_resource.py::test_audience_comes_first_and_a_tenant_may_know_it_alone",
        ),
        "rich authorization requests": (
            "flows/test_rich_requests.py::test_the_person_sees_it_in_words_and_the_api_gets_it",
            "flows/test_rich_requests.py::test_a_device_asks_in_detail",
            "flows/ciba/test_ciba.py::test_an_api_with_consent_and_details",
        ),
        "prompt=create": (
            "flows/test_prompt.py::test_create_begins_with_the_sign_up_page",
            "flows/test_signup.py::test_signing_up_while_somebody_else_is_signed_in_changes_the_person",
        ),
        "dpop_jkt": ("flows/dpop/test_dpop.py::test_a_code_is_bound_by_the_request",),
    },
    "client authentication": {
        "private_key_jwt with every asymmetric algorithm": (
            "flows/test_client_assertions.py::test_every_asymmetric_algorithm_lets_a_client_in",
        ),
        "published keys, with another look": (
            "flows/test_client_assertions.py::test_a_new_key_of_a_published_set_is_looked_up_and_an_old_one_forgotten",
        ),
        "an assertion counts once on every process": (
            "flows/test_client_assertions.py::test_an_assertion_counts_once_on_every_process",
            "security/test_races_of_proofs.py::test_an_assertion_lets_a_client_in_once",
        ),
        "client_secret_jwt, off unless enabled": (
            "flows/test_client_assertions.py::test_it_is_off_unless_the_client_is_set_to_it",
        ),
        "certificates behind a proxy, in both forms": (
            "flows/test_mutual_tls.py::test_a_certificate_of_a_known_authority_with_the_clients_name",
            "flows/test_mutual_tls.py::test_a_certificate_of_its_own",
            "rp/test_certificates.py::test_a_certificate_authenticates_and_binds",
        ),
        "by the names and keys that a client says of itself": (
            "flows/test_certificate_names.py::test_the_names_beside_it",
            "flows/test_certificate_names.py::test_certificates_at_an_address_turn_without_a_word",
        ),
        "and without one": (
            "processes/serving/test_certified.py::test_any_certificate_is_told_and_none_is_demanded",
            "processes/serving/test_certified.py::test_no_header_stands_in_for_a_certificate",
            "processes/serving/test_parent.py::test_a_certificate_that_is_gone_ends_no_process",
            "rp/test_certificates.py::test_a_certificate_authenticates_and_binds",
        ),
        "credentials turn without a pause": (
            "flows/test_client_assertions.py::test_keys_rotate_without_a_pause",
            "flows/test_mutual_tls.py::test_certificates_change_without_a_pause",
        ),
    },
    "sender constraint": {
        "DPoP, with nonces on demand": (
            "flows/dpop/test_dpop.py::test_tokens_are_bound_and_work_with_a_proof",
            "flows/dpop/test_dpop_proofs.py::test_nonces_on_demand",
        ),
        "a proof counts once": (
            "flows/dpop/test_dpop_proofs.py::test_a_proof_counts_once_on_all_processes",
            "security/test_races_of_proofs.py::test_a_proof_binds_one_token",
        ),
        "at every endpoint": (
            "flows/dpop/test_dpop.py::test_the_management_api_takes_bound_tokens",
            "flows/dpop/test_dpop.py::test_the_my_account_api_takes_bound_tokens",
            "flows/dpop/test_dpop.py::test_the_api_of_factors_takes_bound_tokens",
        ),
        "certificates": (
            "flows/test_mutual_tls.py::test_somebodys_tokens_are_bound",
            "flows/test_mutual_tls.py::test_the_management_api_wants_the_certificate",
        ),
        "required by an API": (
            "flows/dpop/test_dpop.py::test_an_api_says_whose_tokens_have_to_be_bound",
            "flows/test_mutual_tls.py::test_what_an_api_wants",
        ),
        "checked by Flask, FastAPI and Express": (
            "rp/test_bound_tokens.py::test_an_api_checks_proofs",
            "rp/test_certificates.py::test_an_api_checks_certificates",
        ),
    },
    "grants": {
        "devices": ("flows/test_device_flow.py::test_a_person_lets_a_device_in",),
        "token exchange by profiles": (
            "flows/test_token_exchange.py::test_a_token_of_a_trusted_issuer_becomes_tokens",
            "flows/test_actor_tokens.py::test_the_tokens_say_who_acts",
        ),
        "on behalf of, with act": ("flows/test_token_exchange.py::test_an_api_goes_on_for_the_person",),
        "native social subjects": (
            "flows/test_native_social.py::test_google",
            "flows/test_native_social.py::test_apple_by_the_name_of_the_application",
            "flows/test_native_social.py::test_facebook_says_whose_token_it_is_and_for_whom",
        ),
        "CIBA, poll and ping, with page and mail": (
            "flows/ciba/test_ciba.py::test_a_person_confirms_by_the_link_of_a_mail",
            "flows/ciba/test_being_told.py::test_an_application_is_told",
        ),
        "assertions": ("flows/test_jwt_bearer.py::test_an_assertion_becomes_tokens",),
        "refresh for several APIs": ("flows/test_refresh_several_apis.py::test_another_api_by_the_same_refresh_token",),
        "online and offline tokens": (
            "flows/test_online_access.py::test_the_end_of_the_session_is_its_end",
            "rp/test_spa_js.py::test_keeps_to_the_session_by_online_access",
            "flows/test_sessions.py::test_tokens_end_with_their_session_unless_offline_access_was_granted",
        ),
        "absolute and idle lifetimes": (
            "flows/test_refresh_tokens.py::test_an_idle_token_dies",
            "flows/test_refresh_tokens.py::test_the_absolute_end_comes_however_often_it_is_used",
            "api_v2/test_refresh_settings.py",
        ),
        "refresh_token metadata": ("api_v2/test_access.py::test_refresh_tokens_are_shown_and_revoked",),
    },
    "registration": {
        "RFC 7591 and 7592 with initial access tokens": (
            "flows/registration/test_registration.py::test_switched_on_it_wants_an_initial_access_token",
            "flows/registration/test_registration.py::test_it_reads_replaces_and_removes_its_registration",
        ),
        "software statements": (
            "flows/registration/test_registration.py::test_what_a_trusted_issuer_says_counts_for_more",
        ),
        "policies": ("flows/registration/test_registration.py::test_its_rules_stand_for_the_tenants",),
        "clean-up": (
            "flows/registration/test_unused.py::test_what_nobody_uses_goes",
            "flows/registration/test_unused.py::test_what_nobody_uses_any_more_goes",
        ),
        "open registration is off, with limits": (
            "flows/registration/test_registration.py::test_nobody_registers_where_it_is_switched_off",
            "flows/test_registration_limits.py::test_of_one_network_so_many_and_of_a_tenant_so_many",
        ),
        "metadata documents of clients": (
            "flows/test_client_documents.py::test_a_client_that_nobody_registered_signs_people_in_who_are_asked",
        ),
        "protected-resource metadata": ("flows/test_resource_metadata.py::test_a_refusal_leads_to_the_metadata",),
        "MCP clients connect unconfigured": (
            "rp/test_mcp.py::test_it_registers_itself",
            "rp/test_mcp.py::test_it_is_known_by_its_document",
        ),
    },
    "tokens": {
        "pairwise subjects": ("flows/test_pairwise_subjects.py::test_of_two_sectors_neither_knows_the_others_name",),
        "signed and encrypted answers": (
            "flows/test_encrypted_answers.py::test_id_tokens_are_encrypted_to_a_key_of_the_client",
            "flows/test_encrypted_answers.py::test_every_content_algorithm",
            "flows/test_encrypted_answers.py::test_userinfo_is_signed_as_the_client_wants",
        ),
        "introspection as a token": (
            "flows/test_encrypted_answers.py::test_introspection_answers_with_a_token_where_it_is_asked_for_one",
        ),
        "at_hash, c_hash, s_hash": ("flows/test_response_types.py::test_hashes_follow_the_algorithm_of_the_id_token",),
        "algorithms per client and per API, each with its keys": (
            "flows/test_audience.py::test_algorithms_are_set_per_client_and_per_api",
            "flows/test_discovery.py::test_published_keys_are_public_and_have_names_of_their_own",
        ),
        "hardware keys": ("tenant/test_hardware_keys.py::test_keys_are_made_and_used_inside",),
        "keys turn": ("flows/test_discovery.py::test_rotation_keeps_old_tokens_verifiable",),
    },
    "sessions": {
        "session management": (
            "flows/test_session_management.py::test_answers_carry_a_state_that_changes_with_the_session",
        ),
        "front channel": (
            "flows/test_logout_channels.py::test_frames_carry_issuer_and_session_and_the_browser_goes_on",
        ),
        "back channel, with every initiator": (
            "flows/test_logout_channels.py::test_a_logout_token_says_what_the_specification_wants",
            "flows/test_logout_channels.py::test_a_client_chooses_what_it_is_told",
            "flows/test_session_management.py::test_applications_hear_of_sessions_that_ended_by_themselves",
            "flows/test_session_management.py::test_and_of_telephones_that_are_no_factor_any_more",
            "flows/test_logout_channels.py::test_a_changed_profile_is_told_to_those_who_name_it",
        ),
        "sessions and their metadata in the Management API": (
            "api_v2/test_access.py::test_sessions_are_shown_changed_and_ended",
            "api_v2/test_access.py::test_every_way_to_kill_a_refresh_token",
        ),
        "non-persistent and a client's own": (
            "flows/test_sessions.py::test_without_persistence_it_ends_with_the_browser",
            "flows/test_requirements.py::test_a_client_may_want_its_own_sign_in",
            "flows/test_sessions.py::test_an_application_says_how_sessions_begin_by_it",
        ),
        "shared signals, pushed and fetched": (
            "protocol/signals/test_delivery.py::test_a_pushed_event_is_what_the_specifications_want",
            "protocol/signals/test_delivery.py::test_events_that_are_fetched_stay_until_they_are_acknowledged",
            "protocol/signals/test_events.py::test_signing_out_revokes_the_session",
            "protocol/signals/test_events.py::test_a_new_password_is_a_credential_change",
            "protocol/signals/test_streams.py::test_the_metadata_follow_the_specification",
        ),
        "shared signals: configuration and streams": (
            "protocol/signals/test_streams.py::test_the_metadata_follow_the_specification",
            "protocol/signals/test_streams.py::test_a_stream_is_made_read_changed_replaced_and_deleted",
            "protocol/signals/test_streams.py::test_every_call_needs_a_token_a_body_and_an_own_stream",
        ),
        "shared signals: push and poll": (
            "protocol/signals/test_delivery.py::test_a_pushed_event_is_what_the_specifications_want",
            "protocol/signals/test_delivery.py::test_events_that_are_fetched_stay_until_they_are_acknowledged",
        ),
        "shared signals: session-revoked and credential-change": (
            "protocol/signals/test_events.py::test_signing_out_revokes_the_session",
            "protocol/signals/test_events.py::test_a_new_password_is_a_credential_change",
        ),
        "sign-out of all": ("flows/test_sessions.py::test_ending_all_sessions_ends_the_tokens_of_those_that_ran_out",),
    },
    "FAPI 2.0": {
        "Security Profile": (
            "flows/test_fapi2.py::test_the_whole_way",
            "flows/test_fapi2_certificates.py::test_the_whole_way",
            "rp/test_certificates.py::test_openid_client_the_whole_way_of_fapi",
        ),
        "Message Signing": ("flows/test_fapi2.py::test_signed_requests_and_answers",),
        "what it demands is refused otherwise": (
            "flows/test_fapi2.py::test_what_is_refused_when_it_is_pushed",
            "flows/test_fapi2.py::test_grants_of_another_time_are_off",
            "flows/test_fapi2.py::test_a_client_that_contradicts_its_level_is_not_stored",
            "flows/test_fapi2.py::test_an_api_that_signs_otherwise_gets_no_tokens",
        ),
    },
    "relying parties that do not get in": {
        "in plain words": (
            "protocol/oauth/test_advice.py::test_what_is_wrong_is_said",
            "protocol/oauth/test_advice.py::test_the_registration_is_looked_at_too",
            "processes/cli/test_commands.py::test_a_request_of_an_application_is_checked",
        ),
    },
    "others' programs": {
        "openid-client": (
            "rp/test_npm_servers.py::test_openid_client",
            "rp/test_npm_servers.py::test_openid_client_that_signs_everything",
            "rp/test_npm_servers.py::test_openid_client_without_a_browser",
            "rp/test_npm_servers.py::test_openid_client_exchanges_a_token",
            "rp/test_bound_tokens.py::test_openid_client",
            "rp/test_oauth4webapi.py::test_message_signing_with_openid_client",
            "rp/test_certificates.py::test_openid_client_the_whole_way_of_fapi",
        ),
        "oauth4webapi": ("rp/test_bound_tokens.py::test_oauth4webapi", "rp/test_oauth4webapi.py"),
        "go-oidc": ("rp/test_go_oidc.py",),
        "Nimbus": ("rp/test_nimbus.py",),
        "Authlib": (
            "rp/test_authlib.py::test_requests_client_uses_every_token",
            "rp/test_authlib.py::test_a_client_that_signs_and_pushes",
        ),
        "mod_auth_openidc": (
            "rp/test_mod_auth_openidc.py::test_logs_in_and_out",
            "rp/test_mod_auth_openidc.py::test_signed_requests_and_every_way_to_hear_of_a_sign_out",
            "rp/test_mod_auth_openidc.py::test_requests_that_nobody_reads_on_the_way",
        ),
        "Keycloak as a client": ("e2e/test_keycloak.py::test_as_a_relying_party",),
        "express-openid-connect by default": (
            "rp/test_npm_servers.py::test_express_openid_connect_as_it_is_by_default",
        ),
        "an MCP client": (
            "rp/test_mcp.py::test_it_registers_itself",
            "rp/test_mcp.py::test_it_is_known_by_its_document",
        ),
    },
    "bad input": {
        "algorithm confusion": (
            "security/test_crypto.py::test_a_forged_token_is_believed_nowhere",
            "flows/test_client_assertions.py::test_the_algorithm_is_the_keys_own",
            "flows/test_pushed_requests.py::test_an_object_of_another_key_or_algorithm",
            "flows/test_encrypted_answers.py::test_keys_for_encryption_sign_nothing",
            "flows/dpop/test_dpop_proofs.py::test_a_bad_proof_is_refused",
        ),
        "mixed-up issuers": (
            "flows/test_code_flow.py::test_the_answer_carries_code_state_and_issuer_and_nothing_else",
            "flows/test_client_assertions.py::test_what_was_signed_for_another_end_lets_nobody_in",
            "flows/test_token_exchange.py::test_a_subject_token_that_is_not_the_issuers_is_nobodys",
            "flows/test_jwt_bearer.py::test_whoever_is_not_trusted_asserts_nobody",
        ),
        "replays across processes on both stores": (
            "security/test_races.py::test_a_code_is_redeemed_once",
            "security/test_races.py::test_a_refresh_token_is_exchanged_once",
            "security/test_races_of_proofs.py",
            "flows/test_jwt_bearer.py::test_an_assertion_counts_once",
            "flows/test_device_flow.py::test_a_code_is_redeemed_once",
            "flows/ciba/test_ciba.py::test_it_is_redeemed_once",
        ),
        "nested and oversized objects": (
            "flows/test_pushed_requests.py::test_an_object_that_is_not_as_it_should_be",
            "flows/test_encrypted_answers.py::test_encrypted_objects_that_are_refused",
            "security/test_codes.py::test_no_json_confuses_an_endpoint",
        ),
        "jku, x5u and keys that come along": (
            "security/test_crypto.py::test_a_forged_token_is_believed_nowhere",
            "flows/test_client_assertions.py::test_the_algorithm_is_the_keys_own",
        ),
        "addresses that lead inward": (
            "flows/test_pushed_requests.py::test_no_other_address_is_looked_at",
            "flows/test_pairwise_subjects.py::test_a_sector_is_not_read_from_inside",
            "flows/test_client_documents.py::test_addresses_that_are_not_read",
            "flows/ciba/test_being_told.py::test_what_an_application_answers_is_not_followed",
        ),
        "codes and tokens of one profile in another": (
            "security/test_crypto.py::test_no_token_passes_for_one_of_another_kind",
            "security/test_codes.py::test_no_other_secret_of_ours_is_a_code",
            "flows/test_fapi2.py::test_grants_of_another_time_are_off",
            "flows/test_where_new_grants_meet.py::test_an_assertion_is_no_way_round_a_name_or_a_level",
            "flows/test_resource.py::test_no_token_is_exchanged_for_one_of_another_resource",
        ),
        "what a client or an API demands is not talked down": (
            "security/test_codes.py::test_a_verifier_without_a_challenge_is_a_downgrade",
            "flows/dpop/test_dpop.py::test_a_bound_token_is_no_bearers",
            "flows/dpop/test_dpop.py::test_what_was_given_unbound_ends_when_somebody_insists",
            "flows/test_pushed_requests.py::test_a_client_that_has_to_sign_says_nothing_unsigned",
            "flows/test_client_assertions.py::test_one_algorithm_may_be_insisted_on",
            "security/test_clients.py::test_a_confidential_client_cannot_pass_as_a_public_one",
        ),
        "every row of groups A to H": ("security/test_rows.py::test_every_row_has_a_test",),
    },
    "size and preparation": {
        "discovery below 8 KB": ("flows/test_discovery.py::test_with_everything_switched_on_it_stays_small",),
        "what the Foundation's suite asks": (
            "rp/test_conformance_openid.py",
            "rp/test_conformance_logout.py",
            "rp/test_conformance_fapi.py",
        ),
        "the Foundation's suite": (
            "operations/dev/test_conformance.py::test_everything_is_prepared_and_a_second_start_finds_it",
        ),
    },
}
IN_PART: Mapping[str, Mapping[str, str]] = {
    "others' programs": {
        "mod_auth_openidc": "DPoP, which came after the release that Debian 12 has; objects by reference, whose "
        "address it makes anew each time, while registered ones alone are fetched"
    },
    "size and preparation": {"the Foundation's suite": "it is prepared and not run here"},
}
"""Lines whose tests leave something out, and what."""


@pytest.mark.parametrize("line", LINES)
def test_each_says_what_it_leaves_out_of_what_it_names(line: str) -> None:
    assert all(LINES[line].values())
    assert set(IN_PART.get(line, {})) <= set(LINES[line])


def test_the_tests_are_there() -> None:
    assert gone(name for line in LINES.values() for tests in line.values() for name in tests) == []

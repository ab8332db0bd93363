"""Texts that look like the secrets of a preset and are none, by its name. Those of the presets that came later."""

LATER = {
    "password_hash": "$6$rounds=5000$, $1$abc, $2b$12$short, ${SHA}, {SSHA}, $5 and $6$, {MD5}0123, $scrypt$ln=16",
    "daytona": (
        "dtn_info_micro_sec(ref_cycle), dtn_0123456789abcdef, "
        "dtn_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"
    ),
    "warp": (
        "hawk-1.1.1, wk-1.2f527b6a, mawk-1.3.4_p20100625, "
        "wk-1.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"
    ),
    "amp": "sgamp_user_test, sgamp_user_..., sgamp_user_token_is_not_set",
    "copilot": "tid=0123456789abcdef;exp=1, tid=0123456789abcdef0123456789abcdef;exp=1900000000;sku=x:short",
    "trello": (
        "ATTACHMENTS_OF_THE_MESSAGE, ATTA0123456789abcdef, "
        "atta0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    ),
    "coderabbit": (
        "cr-0123456789abcdef0123456789abcdef01234567, pcr-test, "
        "cr-0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"
    ),
    "retool": "retool_01, import retool_01 from x, retool_02example0123456789example, retool_01example0123",
    "tableau": (
        "EXAMPLEexample01234567==, EXAMPLEexample01234567==:short, "
        "EXAMPLEexample0123==:EXAMPLEexample0123456789EXAMPLEe"
    ),
    "statsig": "secret-management-of-the-cluster, client-eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3, secret-xxxx",
    "roblox": "_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this-lets-someone-in.|_short, .ROBLOSECURITY",
    "volcengine": "Plug 'aklt/plantuml-syntax', AKLT0123, AKLTABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU",
    "backblaze": (
        "K005abc, K00000000000000000000000000000, AK005hTeSKlGbaFja5KCc7lQaHYMG7wx, K105hTeSKlGbaFja5KCc7lQaHYMG7wx"
    ),
    "convex": "prod:happy-animal-123, dev:famous-cricket-102|..., prod:giddy-dachshund-854|short",
    "close": "api_key_of_the_customer.EXAMPLEexample01234567, api_EXAMPLE.example, api_5OqWQfjcZT8Js2HBSD8G8G",
    "cal_com": (
        "cal_live_forecast_history_lookback_limit_days, local_live_0123456789abcdef0123456789abcdef, "
        "cal_0123456789abcdef"
    ),
    "tinybird": "p.eyJ, p.eyJ1IjogInNob3J0.x, app.eyJEXAMPLEexample0123456789.EXAMPLEexample0123456789",
    "socket": "sktsec_abc, SOCKET_SECURITY_TOKEN, sktsec_placeholder",
    "context7": "ctx7sk-test-secret, ctx7sk-..., ctx7sk-0123abcd-4567-89ef-0123-456789abcdeg",
    "factory": "fk-constraint-on-the-table-of-orders-and-customers, fk-1, fk-...",
    "modal": (
        "as-a-matter-of-fact-yes, ak-47abcdefghijklmnopqrst, as-well-as-lf9wqUIlMhi65hrgiWsd8q1, "
        "break-lf9wqUIlMhi65hrgiWsd8q"
    ),
    "kaggle": "KGAT_for_ACL, KGAT_d94c303e61a5c3e3, CLKGAT_IMPL",
    "browser_use": (
        "bu_filter_of_the_second_window_on_the_left_side, bu_xxx, menu_ot5in1i_FlzVU2fAkv-qZx4b-U8r5ipnNVX4jEB87A4"
    ),
    "chutes": "cpk_0123456789abcdef0123456789abcdef, cpk_list.next, cpk_...",
    "steel": "ste-by-step, ste-0123, step-EXAMPLEexample0123456789EXAMPLEexample0123456789",
    "hyperbrowser": "hb_shape_full, hb_0123456789abcdef, thumb_0123456789abcdef0123456789ab",
    "scrapfly": "mad4b-scp-live-acceptance-finalizer.php, scp-live-your-key-here, scp-live-0123456789abcdef",
    "composio": "ak_this_is_a_snake_case, break_68Xsj6WGv3Zl4ooBgkcD, ak_68Xsj6WGv3Zl4ooBgkcD0, oak_tables_and_doors",
    "creem": "creem_test_, creem_test_key_for_unit_tests, CREEM_TEST_CHECKOUT_ACCEPTANCE",
    "unleash": "project:environment.xyz, sha256:0123456789abcdef, python:3.12.0123456789abcdef",
    "arcade": "arc_length_of_the_curve_between_two_points, arc_live_x, search_wKU9r1xd7gz25bI1B6VMDdBI8k1GSZ9n",
    "vectara": "zut_alors_que_le_temps_passe_encore_une_fois, zwt_...",
    "turbopuffer": "tpuf_A1..., tpuf_deadbeef_secret",
    "requesty": "rqsty-sk-..., rqsty-sk-your-key",
    "deepl": (
        "0123abcd-4567-89ef-0123-456789abcdef, 0123abcd-4567-89ef-0123-456789abcdef:f, "
        "0123abcd-4567-89ef-0123-456789abcdef:fxs"
    ),
    "scaleway": "SCWMETHODNAMESINUPPER, SCW1A2B3C4D5E6F7G8H9I, scw1a2b3c4d5e6f7g8h9",
    "netbird": "nbp_test_token, nbp_..., nbp_ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ",
    "stytch": "test-secret-live-eval-key, secret-live-sandbox-token, secret-live-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "youtrack": "perm-token, perm-abc.def, perm-...",
    "plane": "CONTROL_PLANE_API_KEY, DATAPLANE_API_VERSION, plane_api_builder",
    "intercom": "dG9rO, dG9rOnNob3J0, /dG9rOEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLE",
    "coingecko": "CG-YourCoinGeckoAPIKey, CG-xxxxxxxxxxxxxxxxxxxxxxxx, ICCG-d46qMdV9g4Cwjcf36F9nHbzk",
    "sanity": "skip, skeleton, sk0123456789abcdef0123456789abcdef",
    "jsr": "jsrp_header, jsrp_get_candidate_keyword, jsrp_...",
    "open_vsx": "ovsxat_*, ovsxat_xxxxx, ovsxp_0123",
    "trigger_dev": "tr_prod_moustique, tr_prod_sigma_equal, attr_prod_200069, tr_dev_..., tr_pat_short",
    "inngest": "signkey-prod-abc123def456, signkey-prod-..., signkey-test",
    "datadog": "on_addapp_clicked, ddapp_SelectedIndexChanged, ddapp_genre",
    "coralogix": "cxtp_151_vocabulary, cxtp_max(0), cxup_...",
    "ory": "directory_pat_file, ory_pat_xxx, ory_at_this_point",
    "kong": "kpat_xxx, kpat_abcdedf, skpat_hKBdemqQaaKhY4sqs2wzWUq4gANp5XxSfJ9QSmq8",
    "infisical": (
        "st.0123456789abcdef01234567, st.setup-body-distinctive, "
        "test.0123456789abcdef01234567.0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef"
    ),
    "bitwarden": "0.0123abcd-4567-89ef-0123-456789abcdef, 1.2.3, 0.0123abcd-4567-89ef-0123-456789abcdef.short:x==",
    "jwk": (
        '"d": "M10 20 L30 40 Z", "k": "short", "kid": "eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3e", "x": '
        '"eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3e", "d": '
        '"a_list_of_names_that_are_written_with_underscores"'
    ),
    "kubernetes": (
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tEXAMPLEexample0123456789EXAMPLEexample01, LS0tLS1CRUdJTiBSU0EgUFJJVkFUR"
    ),
}

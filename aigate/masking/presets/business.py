"""Presets: payment, chat and mail. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import IS, UUID, preset

# A Discord token begins with the bot's id, a decimal number, in base64: three digits make four characters, and the
# first digit is not 0.
_USER_ID = "(?:M[Tjz]|N[DTjz]|O[DT])[AEIMQUYcgk][w-z0-5]"

PAYMENT = (
    preset(
        "stripe",
        "Stripe secret, restricted and organization keys, webhook secrets",
        "Stripe, API keys; Organization API keys; Check the webhook signatures; Highnote and WorkOS: API keys",
        "rk_live_EXAMPLEexa",
        ("[sr]k_(?:live|test|prod)_[A-Za-z0-9+/]{10,}=*", 8),
        ("sk_org_(?:(?:live|test)_)?[A-Za-z0-9]{10,}", 7),
        ("whsec_[A-Za-z0-9+/]{24,}=*", 6),
    ),
    preset(
        "square",
        "Square tokens",
        "Square Developer: Access tokens; OAuth",
        "sq0atp-EXAMPLEexample01234567",
        ("sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,}", 7),
        (r"EAAA[A-Za-z0-9_-]{60}", 4),
    ),
    preset(
        "braintree",
        "PayPal Braintree access tokens",
        "PayPal Developer: Braintree, access tokens",
        "access_token$production$example012345678$9eae0123456789eae0123456789eae01",
        r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$(?P<secret>[0-9a-f]{32})",
    ),
    preset(
        "plaid",
        "Plaid access tokens",
        "Plaid Docs: Tokens",
        "access-sandbox-eae01234-5678-9eae-0123-456789eae012",
        (f"access-(?:sandbox|development|production)-{UUID}", 7),
    ),
    preset(
        "flutterwave",
        "Flutterwave secret keys",
        "Flutterwave Docs: API keys",
        "FLWSECK-EXAMPLEexamp-X",
        ("FLWSECK(?:_TEST)?-[0-9a-zA-Z]{12,40}-X", 7),
    ),
    preset(
        "duffel",
        "Duffel tokens",
        "Duffel Docs: Access tokens",
        "duffel_test_EXAMPLEexample0123456789EXAMPLEexample01",
        ("duffel_(?:test|live)_[A-Za-z0-9_=-]{40,}", 12),
    ),
    preset(
        "shopify",
        "Shopify access tokens",
        "Shopify.dev: Access tokens for custom apps, token prefixes",
        "shpat_EAEeae0123456789EAEeae0123456789",
        ("shp(?:at|ca|pa|ss|ua|tka)_[0-9a-fA-F]{32}", 6),
    ),
    preset(
        "mollie",
        "Mollie and Lob live keys",
        "Mollie Docs: Authentication; Lob Docs: API keys",
        "live_EXAMPLEexample0123456789EXAMPL",
        (r"live_(?:[A-Za-z0-9]{30}|[0-9a-f]{35}|pub_[0-9a-f]{31})\b", 5),
    ),
    preset(
        "easypost",
        "EasyPost keys",
        "EasyPost Docs: Authentication",
        "EZAKMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEex",
        (r"EZ[AT]K[A-Za-z0-9]{54}\b", 4),
    ),
    preset(
        "shippo",
        "Shippo tokens",
        "Shippo Docs: Authentication",
        "shippo_live_eae0123456789eae0123456789eae0123456789e",
        (r"shippo_(?:live|test)_[0-9a-f]{40}\b", 12),
    ),
    preset(
        "mercado_pago",
        "Mercado Pago access tokens",
        "Mercado Pago Developers: Credentials",
        "APP_USR-0123456789012-345678-9eae0123456789eae0123456789eae01-2",
        ("APP_USR-[0-9]{13,16}-[0-9]{6}-[0-9a-f]{32}-[0-9]+", 8),
    ),
    preset(
        "paddle",
        "Paddle keys",
        "Paddle Developer: API keys",
        "pdl_live_apikey_example0123456789example01_23456789EXAMPLEexample_012",
        (r"pdl_(?:live|sdbx)_apikey_[0-9a-z]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}\b", 16),
    ),
    preset(
        "polar",
        "Polar tokens",
        "Polar Docs: Organization access tokens",
        "polar_oat_EXAMPLEexample0123456789EXAMPLEexample01",
        ("polar_(?:oat|pat)_[A-Za-z0-9_-]{40,}", 10),
    ),
    preset(
        "adyen",
        "Adyen API keys",
        "Adyen Docs: API credentials",
        "AQEehmfxample0123456789EXAMPLEexample0123456789EXAMPLEexample012345",
        ("AQE[a-z]hmf[A-Za-z0-9+/=-]{60,}", 4),
    ),
)

CHAT = (
    preset(
        "slack",
        "Slack tokens, session cookies and webhooks",
        "Slack, Token types; Sending messages using incoming webhooks",
        "xoxe-xample0123",
        (r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}", 5),
        ("xoxd-[A-Za-z0-9%/+_-]{30,}=*", 5),
        ("xapp-[0-9]-[A-Za-z0-9-]{10,}", 5),
        ("xwfp-[A-Za-z0-9-]{10,}", 5),
        "hooks[.]slack(?:-gov)?[.]com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,})",
    ),
    preset(
        "teams",
        "Microsoft Teams webhooks",
        "Microsoft Learn: Create incoming webhooks",
        ".webhook.office.com/webhookb2/eae0123456789eae0123456789eae0123456/789EXAMPLEexample0123456789EXAMPLEex",
        "[.]webhook[.]office[.]com/webhookb2/(?P<secret>[0-9a-f@-]{36,}/[A-Za-z0-9/_-]{36,})",
    ),
    preset(
        "facebook",
        "Meta access tokens",
        "Meta for Developers: Access tokens",
        "EAAEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123",
        ("EAA[A-Za-z0-9]{90,}", 3),
        ("IGQ[A-Za-z0-9_-]{90,}", 3),
    ),
    preset(
        "twitter",
        "X app bearer tokens",
        "X Developer Platform: OAuth 2.0 bearer token",
        "AAAAAAAAAAAAAAAAAAAAEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample01234567",
        ("A{20,22}[A-Za-z0-9%]{70,}", 10),
    ),
    preset(
        "onesignal",
        "OneSignal keys",
        "OneSignal Docs: Keys and IDs",
        "os_v2_app_example234567example234567example234567example234567example234567example234567example23456",
        ("os_v2_(?:app|org)_[a-z2-7]{90,}", 10),
    ),
    preset(
        "linkedin",
        "LinkedIn client secrets",
        "Microsoft Learn: LinkedIn, authentication",
        "WPL_AP1.EXAMPLEexample01",
        (r"WPL_AP1\.[A-Za-z0-9.+/=]{16,}", 8),
    ),
    preset(
        "telegram",
        "Telegram bot tokens",
        "Telegram Bot API: Authorizing your bot",
        "123456789:AAEXAMPLEexample0123456789EXAMPLEexa",
        r"(?:bot|\b)(?P<secret>[0-9]{6,16}:AA[A-Za-z0-9_-]{32,})",
        "/bot(?P<secret>[0-9]{6,16}:[A-Za-z0-9_-]{30,})",
    ),
    preset(
        "discord",
        "Discord bot tokens and webhooks",
        "Discord Developer Docs: Reference, authentication; Webhook resource",
        "MTExMTExMTExMTExMTExMTEx.EXAMPL.EXAMPLEexample0123456789abc",
        (rf"{_USER_ID}[A-Za-z0-9_-]{{20,24}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,}}", 0),
        "discord(?:app)?[.]com/api/webhooks/[0-9]+/(?P<secret>[A-Za-z0-9_-]{20,})",
        # With a version in the path. Looking for `/api/v` would slow every log of a web server down.
        "webhooks/[0-9]{15,}/(?P<secret>[A-Za-z0-9_-]{60,})",
    ),
)

MAIL = (
    preset(
        "sendgrid",
        "SendGrid API keys",
        "Twilio SendGrid Docs: API keys",
        "SG.EXAMPLEexample01.23456789EXAMPLEexample0123456789",
        (r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", 3),
    ),
    preset(
        "brevo",
        "Brevo keys",
        "Brevo Developers: API keys; SMTP keys",
        "xkeysib-eae0123456789eae0123456789eae0123456789eae0123456789eae012345678-9EXAMPLEexample0",
        (r"x(?:keysib|smtpsib)-[0-9a-f]{64}-[A-Za-z0-9]{16}\b", 8),
    ),
    preset(
        "mailchimp",
        "Mailchimp keys",
        "Mailchimp Developer: API keys",
        "eae0123456789eae0123456789eae012-us3",
        (r"[0-9a-f]{32}-us[0-9]{1,2}\b", 0),
    ),
    preset(
        "mailersend",
        "MailerSend tokens",
        "MailerSend Developers: Authentication",
        "mlsn.eae0123456789eae0123456789eae0123456789eae0123456789eae012345678",
        (r"mlsn\.[0-9a-f]{64}\b", 5),
    ),
    preset(
        "mailgun",
        "Mailgun keys",
        "Mailgun Docs: API keys",
        "key-eae0123456789eae0123456789eae012",
        (r"key-[0-9a-f]{32}\b", 4),
    ),
    preset(
        "resend",
        "Resend keys",
        "Resend Docs: API keys",
        "re_EXAMPLEe_xample0123456789EXAMPLEe",
        (r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b", 3),
    ),
    preset(
        "klaviyo",
        "Klaviyo private keys",
        "Klaviyo Developers: Authenticate",
        "pk_eae0123456789eae0123456789eae01234",
        (r"pk_[0-9a-f]{34}\b", 3),
    ),
    preset(
        "twilio",
        "Twilio API keys and auth tokens",
        "Twilio Docs: API keys overview; Auth tokens and how to change them",
        "SK0123456789abcdef0123456789abcdef",
        (r"SK[0-9a-fA-F]{32}\b", 2),
        rf"(?i)twilio[a-z_]{{0,20}}(?:token|secret){IS}(?P<secret>[0-9a-z]{{32}})",
    ),
)

"""Presets: payment, chat and mail. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import IS, preset

# A Discord token begins with the bot's id, a decimal number, in base64: three digits make four characters, and the
# first digit is not 0.
_USER_ID = "(?:M[Tjz]|N[DTjz]|O[DT])[AEIMQUYcgk][w-z0-5]"

PAYMENT = (
    preset(
        "stripe",
        "Stripe secret, restricted and organization keys, webhook secrets",
        "Stripe, API keys; Organization API keys; Check the webhook signatures",
        "sk_test_EXAMPLEexample0123456789",
        ("[sr]k_(?:live|test)_[A-Za-z0-9]{10,}", 8),
        ("sk_org_(?:(?:live|test)_)?[A-Za-z0-9]{10,}", 7),
        ("whsec_[A-Za-z0-9+/]{24,}=*", 6),
    ),
    preset(
        "shopify",
        "Shopify access tokens",
        "Shopify.dev: Access tokens for custom apps, token prefixes",
        "shpat_0123456789abcdef0123456789abcdef",
        ("shp(?:at|ca|pa|ss|ua|tka)_[0-9a-fA-F]{32}", 6),
    ),
)

CHAT = (
    preset(
        "slack",
        "Slack tokens and webhooks",
        "Slack, Token types; Sending messages using incoming webhooks",
        "xoxb-0123456789-EXAMPLEexample",
        (r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}", 5),
        ("xapp-[0-9]-[A-Za-z0-9-]{10,}", 5),
        ("xwfp-[A-Za-z0-9-]{10,}", 5),
        ("hooks[.]slack(?:-gov)?[.]com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,})", 0),
    ),
    preset(
        "telegram",
        "Telegram bot tokens",
        "Telegram Bot API: Authorizing your bot",
        "123456789:AAEXAMPLEexample0123456789EXAMPLEexa",
        (r"(?:bot|\b)(?P<secret>[0-9]{6,16}:AA[A-Za-z0-9_-]{32,})", 0),
        ("/bot(?P<secret>[0-9]{6,16}:[A-Za-z0-9_-]{30,})", 0),
    ),
    preset(
        "discord",
        "Discord bot tokens and webhooks",
        "Discord Developer Docs: Reference, authentication; Webhook resource",
        "MTExMTExMTExMTExMTExMTEx.EXAMPL.EXAMPLEexample0123456789abc",
        (rf"\b{_USER_ID}[A-Za-z0-9_-]{{20,24}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,}}", 0),
        ("discord(?:app)?[.]com/api/webhooks/[0-9]+/(?P<secret>[A-Za-z0-9_-]{20,})", 0),
        # With a version in the path. Looking for `/api/v` would slow every log of a web server down.
        ("webhooks/[0-9]{15,}/(?P<secret>[A-Za-z0-9_-]{60,})", 0),
    ),
)

MAIL = (
    preset(
        "sendgrid",
        "SendGrid API keys",
        "Twilio SendGrid Docs: API keys",
        "SG.EXAMPLEexample01234567.EXAMPLEexample0123456789EXAMPLEexample0123",
        (r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", 3),
    ),
    preset(
        "twilio",
        "Twilio API keys and auth tokens",
        "Twilio Docs: API keys overview; Auth tokens and how to change them",
        "SK0123456789abcdef0123456789abcdef",
        (r"\bSK[0-9a-fA-F]{32}\b", 2),
        (rf"(?i)twilio[a-z_]{{0,20}}(?:token|secret){IS}(?P<secret>[0-9a-z]{{32}})", 0),
    ),
)

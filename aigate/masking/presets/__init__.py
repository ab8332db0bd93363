"""The built-in masking rules, as one table in groups. Owns which groups there are; the lines stand beside.

To add a kind of secret, add a `preset(...)` to the group that it belongs to. Each names the page that its format was
taken from. The presets do not hide one another's prefixes: where one format begins like another (`sk-ant-` and `sk-`),
the shorter one leaves the longer one out. Examples are made up; none of them ever was a secret.
"""

from __future__ import annotations

from aigate.masking.presets.ai import AI
from aigate.masking.presets.business import CHAT, MAIL, PAYMENT
from aigate.masking.presets.clouds import CLOUDS
from aigate.masking.presets.code import CODE
from aigate.masking.presets.data import DATABASES, OBSERVABILITY
from aigate.masking.presets.generic import GENERIC, IDENTITY
from aigate.masking.presets.preset import Preset
from aigate.masking.presets.registries import CI, REGISTRIES
from aigate.masking.presets.values import KEY_VALUE

GROUPS: dict[str, tuple[Preset, ...]] = {
    "ai": AI,
    "clouds": CLOUDS,
    "code": CODE,
    "registries": REGISTRIES,
    "ci": CI,
    "databases": DATABASES,
    "payment": PAYMENT,
    "chat": CHAT,
    "mail": MAIL,
    "observability": OBSERVABILITY,
    "identity": IDENTITY,
    "generic": (*GENERIC, KEY_VALUE),
}
PRESETS: dict[str, Preset] = {preset.name: preset for group in GROUPS.values() for preset in group}

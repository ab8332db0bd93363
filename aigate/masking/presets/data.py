"""Presets: databases. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import preset

_DATABASES = "postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse"

DATABASES = (
    preset(
        "databricks",
        "Databricks personal access tokens",
        "Databricks Docs: Authenticate with personal access tokens",
        "dapi0123456789abcdef0123456789abcdef",
        (r"dapi[0-9a-f]{32}(?:-[0-9]+)?", 4),
    ),
    preset(
        "database_url",
        "passwords in database and broker URLs, slashes in them included",
        "PostgreSQL documentation: Connection URIs; MongoDB Docs: Connection strings; AMQP URI specification",
        "postgresql://user:EXAMPLE@db.example.org/name",
        (
            rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^/\s:@\"'<>]*:(?P<secret>[^\s@\"'<>]+)@",
            0,
        ),
        (rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^\s\"'<>]*[?&]password=(?P<secret>[^&\s\"'<>]+)", 0),
    ),
)

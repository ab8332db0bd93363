"""Presets: databases, and what observes programs. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import UUID, preset

_DATABASES = "postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse"

DATABASES = (
    preset(
        "databricks",
        "Databricks tokens and secrets",
        "Databricks Docs: Authenticate with personal access tokens; service principals",
        "dapieae0123456789eae0123456789eae012",
        (r"d(?:api|ose|kea)[0-9a-f]{32}(?:-[0-9]+)?\b", 4),
    ),
    preset(
        "astra",
        "DataStax Astra tokens",
        "DataStax Docs: Application tokens",
        "AstraCS:EXAMPLEexample0123456789EXAMPLEexample01",
        ("AstraCS:[A-Za-z0-9:]{40,}", 8),
    ),
    preset(
        "cockroach",
        "CockroachDB Cloud keys",
        "Cockroach Labs Docs: CockroachDB Cloud API",
        "CCDB1_EXAMPLEexample01234567_89EXAMPLEexample0123456789EXAMPLEexample",
        (r"CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}\b", 6),
    ),
    preset(
        "clickhouse",
        "ClickHouse Cloud secrets",
        "ClickHouse Docs: Managing API keys",
        "4b1dEXAMPLEexample0123456789EXAMPLEexample",
        (r"4b1d[A-Za-z0-9]{38}\b", 4),
    ),
    preset(
        "elastic",
        "Elastic Cloud keys",
        "Elastic Docs: Elastic Cloud API keys",
        "essu_EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexamp",
        ("essu_[A-Za-z0-9_+/=-]{60,}", 5),
    ),
    preset(
        "mongodb_atlas",
        "MongoDB Atlas service account secrets",
        "MongoDB Docs: Atlas service accounts",
        "mdb_sa_sk_EXAMPLEexample0123456789EXAMPLEexample",
        ("mdb_sa_sk_[A-Za-z0-9_-]{38,}", 10),
    ),
    preset(
        "planetscale",
        "PlanetScale tokens and passwords",
        "PlanetScale Docs: Service tokens; connection strings",
        "pscale_tkn_EXAMPLEexample0123456789EXAMPLEe",
        ("pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32,}", 7),
    ),
    preset(
        "neon",
        "Neon API keys",
        "Neon Docs: Manage API keys",
        "napi_example0123456789example0123456789example012345678",
        ("napi_[a-z0-9]{50,}", 5),
    ),
    preset(
        "xata",
        "Xata keys",
        "Xata Docs: API keys",
        "xau_EXAMPLEexample0123456789EXAMPLEexamp",
        ("xau_[A-Za-z0-9]{36,}", 4),
    ),
    preset(
        "fauna",
        "Fauna keys",
        "Fauna Docs: Keys",
        "fnEEexample0123456789EXAMPLEexample01234",
        ("fn[AE][EF][A-Za-z0-9_-]{36,}", 3),
    ),
    preset(
        "aiven",
        "Aiven passwords",
        "Aiven Docs: Service credentials",
        "AVNS_EXAMPLEexample01234",
        ("AVNS_[A-Za-z0-9_-]{19}", 5),
    ),
    preset(
        "confluent",
        "Confluent Cloud secrets",
        "Confluent Documentation: API keys",
        "cfltEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexamp",
        ("cflt[A-Za-z0-9+/]{60}", 4),
    ),
    preset(
        "dbt",
        "dbt Cloud tokens",
        "dbt Docs: Authentication tokens",
        "dbtc_EXAMPLEexample0123456789EXAMPLEexamp",
        ("dbt[cu]_[A-Za-z0-9_-]{36,}", 5),
    ),
    preset(
        "database_url",
        "passwords in database and broker URLs, slashes in them included",
        "PostgreSQL: Connection URIs; MongoDB: Connection strings; RabbitMQ: AMQP URI specification",
        "postgresql://user:EXAMPLE@db.example.org/name",
        (rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^/\s:@\"'<>]*:(?P<secret>[^\s\"'<>]+)@", "placeholder"),
        rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^\s\"'<>]*[?&]password=(?P<secret>[^&\s\"'<>]+)",
    ),
)

OBSERVABILITY = (
    preset(
        "grafana",
        "Grafana tokens and keys",
        "Grafana Docs: Service accounts; access policies; API keys",
        "glsa_EXAMPLEexample0123456789EXAMPLEe_ae012345",
        (r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}\b", 5),
        ("glc_[A-Za-z0-9+/]{32,}=*", 4),
        ("eyJrIjoi[A-Za-z0-9+/]{40,}=*", 8),
    ),
    preset(
        "sentry",
        "Sentry tokens",
        "Sentry Docs: Auth tokens",
        "sntryu_eae0123456789eae0123456789eae0123456789eae0123456789eae012345678",
        (r"sntryu_[0-9a-f]{64}\b", 7),
        ("sntrys_eyJ[A-Za-z0-9+/=_-]{60,}", 7),
    ),
    preset(
        "new_relic",
        "New Relic keys",
        "New Relic Docs: API keys",
        "NRAK-EXAMPLEexample01234",
        ("NR(?:AK|II|IQ|JS|RA|AA|BR)-[A-Za-z0-9_-]{19,}", 5),
    ),
    preset(
        "dynatrace",
        "Dynatrace tokens",
        "Dynatrace Docs: Access tokens",
        "dt0e01.23456789.EXAMPLE0123456789EXAMPLE0123456789EXAMPLE0123456789EXAMPLE012345",
        (r"dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}\b", 7),
    ),
    preset(
        "posthog",
        "PostHog personal keys",
        "PostHog Docs: API overview, personal API keys",
        "phx_ample0123456789EXAMPLEexample0123456789E",
        ("ph[xs]_[A-Za-z0-9]{40,}", 4),
    ),
    preset(
        "honeycomb",
        "Honeycomb keys",
        "Honeycomb Docs: API keys",
        "hceik_xample0123456789example0123456789example0123456789",
        ("hc[a-z]ik_[a-z0-9]{50,}", 6),
    ),
    preset(
        "axiom",
        "Axiom tokens",
        "Axiom Docs: API tokens",
        "xaat-e0123456-789e-ae01-2345-6789eae01234",
        (f"xa[ap]t-{UUID}", 5),
    ),
    preset(
        "segment",
        "Segment tokens",
        "Segment Docs: Public API tokens",
        "sgp_EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample01",
        (r"sgp_[A-Za-z0-9]{64}\b", 4),
    ),
    preset(
        "logfire",
        "Logfire tokens",
        "Pydantic Logfire Docs: Write tokens",
        "pylf_v0_ex_ample0123456789EXAMPLEexample0123456789E",
        ("pylf_v[0-9]_[a-z]{2,8}_[A-Za-z0-9]{40,}", 5),
    ),
    preset(
        "checkly",
        "Checkly keys",
        "Checkly Docs: API keys",
        "cu_eae0123456789eae0123456789eae012",
        (r"cu_[0-9a-f]{32}\b", 3),
    ),
    preset(
        "adafruit",
        "Adafruit IO keys",
        "Adafruit IO API: Authentication",
        "aio_EXAM0123456789EXAMPLEexample",
        (r"aio_[A-Za-z]{4}[0-9]{2}[A-Za-z0-9]{22}\b", 4),
    ),
)

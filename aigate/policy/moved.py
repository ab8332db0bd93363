"""Settings and credentials that a variable has moved elsewhere: what patterns say of the usual place holds there, too.

Pure. The variables are the caller's own, from outside; what an agent sets inside moves nothing for anybody else.
"""

from __future__ import annotations

from aigate.policy.patterns import Pattern, literal, segment_matcher
from aigate.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# (variable, the usual place below the home). From the documentation of each program; the first four are the XDG Base
# Directory Specification's. One variable may name several files, with colons between them.
MOVED = (
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_CACHE_HOME", ".cache"),
    ("ZDOTDIR", ""),  # of zsh's files alone, see `followed`
    ("GIT_CONFIG_GLOBAL", ".gitconfig"),
    ("CLAUDE_CONFIG_DIR", ".claude"),
    ("CODEX_HOME", ".codex"),
    ("GNUPGHOME", ".gnupg"),
    ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ("AWS_CONFIG_FILE", ".aws/config"),
    ("AZURE_CONFIG_DIR", ".azure"),
    ("CLOUDSDK_CONFIG", ".config/gcloud"),
    ("GOOGLE_APPLICATION_CREDENTIALS", ".config/gcloud/application_default_credentials.json"),
    ("KUBECONFIG", ".kube/config"),
    ("DOCKER_CONFIG", ".docker"),
    ("REGISTRY_AUTH_FILE", ".config/containers/auth.json"),
    ("HELM_REGISTRY_CONFIG", ".config/helm/registry/config.json"),
    ("NPM_CONFIG_USERCONFIG", ".npmrc"),
    ("npm_config_userconfig", ".npmrc"),
    ("NETRC", ".netrc"),
    ("BOTO_CONFIG", ".boto"),
    ("RCLONE_CONFIG", ".config/rclone/rclone.conf"),
    ("GH_CONFIG_DIR", ".config/gh"),
    ("GLAB_CONFIG_DIR", ".config/glab-cli"),
    ("CARGO_HOME", ".cargo"),
    ("BUNDLE_USER_CONFIG", ".bundle/config"),
    ("GRADLE_USER_HOME", ".gradle"),
    ("COMPOSER_HOME", ".config/composer"),
    ("TF_CLI_CONFIG_FILE", ".terraformrc"),
    ("PULUMI_HOME", ".pulumi"),
    ("PGPASSFILE", ".pgpass"),
    ("PGSERVICEFILE", ".pg_service.conf"),
    ("MYSQL_TEST_LOGIN_FILE", ".mylogin.cnf"),
    ("DATABRICKS_CONFIG_FILE", ".databrickscfg"),
    ("SNOWFLAKE_HOME", ".snowflake"),
    ("DBT_PROFILES_DIR", ".dbt"),
    ("KAGGLE_CONFIG_DIR", ".kaggle"),
    ("HF_HOME", ".cache/huggingface"),
    ("HF_TOKEN_PATH", ".cache/huggingface/token"),
    ("PASSWORD_STORE_DIR", ".password-store"),
    ("SOPS_AGE_KEY_FILE", ".config/sops/age/keys.txt"),
    ("HISTFILE", ".bash_history"),
    ("PYTHON_HISTORY", ".python_history"),
    ("NODE_REPL_HISTORY", ".node_repl_history"),
    ("PSQL_HISTORY", ".psql_history"),
    ("INPUTRC", ".inputrc"),
    ("PIP_CONFIG_FILE", ".config/pip/pip.conf"),
)
ZSH = "ZDOTDIR"


def followed(patterns: Sequence[Pattern], environment: Mapping[str, str], home: str) -> tuple[Pattern, ...]:
    """Return patterns with those that variables have moved behind each, so that `!` patterns keep their order."""
    moves = [(_parts(place), _parts(value), name == ZSH) for name, place, value in _values(environment, home)]
    if not moves:
        return tuple(patterns)
    root = _parts(home)
    found: list[Pattern] = []
    for pattern in patterns:
        found.append(pattern)
        if pattern.absolute and pattern.segments[: len(root)] == root:
            inside = pattern.segments[len(root) :]
            for place, value, zsh in moves:
                if zsh and not (inside and inside[0].startswith(".z")):
                    continue
                found += _moved(pattern, inside, place, value)
    return tuple(found)


def _values(environment: Mapping[str, str], home: str) -> Iterator[tuple[str, str, str]]:
    """Yield variable, usual place and new one, for each path that is not the usual one nor holds the home."""
    for name, place in MOVED:
        for value in environment.get(name, "").split(":"):
            usual = f"{home}/{place}".rstrip("/")
            plain = value.rstrip("/")
            if plain.startswith("/") and plain != usual and not f"{home}/".startswith(f"{plain}/"):
                yield name, place, plain


def _moved(pattern: Pattern, inside: tuple[str, ...], place: tuple[str, ...], value: tuple[str, ...]) -> list[Pattern]:
    """Return what a pattern says of a place that was moved: of something in it, or of it as a whole."""
    if not all(segment_matcher(segment)(name) for segment, name in zip(inside, place, strict=False)):
        return []
    names = tuple(map(literal, value))
    if len(inside) > len(place):
        return [replace(pattern, segments=(*names, *inside[len(place) :]))]
    return [replace(pattern, segments=names, directory_only=False)]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)

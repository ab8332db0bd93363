"""Settings and credentials that a variable has moved elsewhere: what patterns say of the usual place holds there, too.

Pure. The variables are the caller's own, from outside; what an agent sets inside moves nothing for anybody else.
"""

from __future__ import annotations

import os.path

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
    ("GIT_CONFIG_SYSTEM", ".gitconfig"),
    ("GIT_TEMPLATE_DIR", ".config/git"),
    ("HGRCPATH", ".hgrc"),
    ("JJ_CONFIG", ".config/jj/config.toml"),
    ("BASH_ENV", ".bashrc"),
    ("ENV", ".profile"),
    ("PYTHONSTARTUP", ".pythonrc"),
    ("PYTHONUSERBASE", ".local"),
    ("IPYTHONDIR", ".ipython"),
    ("JUPYTER_CONFIG_DIR", ".jupyter"),
    ("JULIA_DEPOT_PATH", ".julia"),
    ("R_PROFILE_USER", ".Rprofile"),
    ("IRBRC", ".irbrc"),
    ("GEMRC", ".gemrc"),
    ("WGETRC", ".wgetrc"),
    ("SCREENRC", ".screenrc"),
    ("XAUTHORITY", ".Xauthority"),
    ("STARSHIP_CONFIG", ".config/starship.toml"),
    ("DIRENV_CONFIG", ".config/direnv"),
    ("MISE_CONFIG_DIR", ".config/mise"),
    ("MISE_GLOBAL_CONFIG_FILE", ".config/mise/config.toml"),
    ("ZSH", ".oh-my-zsh"),
    ("NVM_DIR", ".nvm"),
    ("SDKMAN_DIR", ".sdkman"),
    ("ASDF_DIR", ".asdf"),
    ("ASDF_DATA_DIR", ".asdf"),
    ("PYENV_ROOT", ".pyenv"),
    ("RBENV_ROOT", ".rbenv"),
    ("VOLTA_HOME", ".volta"),
    ("BUN_INSTALL", ".bun"),
    ("DENO_INSTALL", ".deno"),
    ("GOPATH", "go"),
    ("PIPX_HOME", ".local/share/pipx"),
    ("UV_CONFIG_FILE", ".config/uv/uv.toml"),
    ("UV_TOOL_DIR", ".local/share/uv/tools"),
    ("UV_CREDENTIALS_DIR", ".local/share/uv/credentials"),
    ("POETRY_CONFIG_DIR", ".config/pypoetry"),
    ("COPILOT_HOME", ".copilot"),
    ("OPENCODE_CONFIG", ".config/opencode/opencode.json"),
    ("OPENCODE_CONFIG_DIR", ".config/opencode"),
    ("CURSOR_CONFIG_DIR", ".cursor"),
    ("ANSIBLE_CONFIG", ".ansible.cfg"),
    ("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", ".config/gcloud/credentials"),
    ("AZURE_CLIENT_CERTIFICATE_PATH", ".azure/certificate"),
    ("OCI_CLI_CONFIG_FILE", ".oci/config"),
    ("OS_CLIENT_CONFIG_FILE", ".config/openstack/clouds.yaml"),
    ("DOCKER_CERT_PATH", ".docker/contexts/tls"),
    ("HELM_REPOSITORY_CONFIG", ".config/helm/repositories.yaml"),
    ("ARGOCD_CONFIG_DIR", ".config/argocd"),
    ("VAULT_CLIENT_KEY", ".vault-token"),
    ("CONAN_HOME", ".conan2"),
    ("BUNDLE_USER_HOME", ".bundle"),
    ("HUB_CONFIG", ".config/hub"),
    ("OP_CONFIG_DIR", ".config/op"),
    ("BITWARDENCLI_APPDATA_DIR", ".config/Bitwarden CLI"),
    ("DOPPLER_CONFIG_DIR", ".doppler"),
    ("HTTPIE_CONFIG_DIR", ".config/httpie"),
    ("BORG_KEYS_DIR", ".config/borg/keys"),
    ("KRB5CCNAME", ".keystore"),
    ("SQLITE_HISTORY", ".sqlite_history"),
    ("MYSQL_HISTFILE", ".mysql_history"),
    ("REDISCLI_HISTFILE", ".rediscli_history"),
)
# Any other variable that ends so names a file with a secret, which counts as one of ~/.ssh.
SECRET_FILES = tuple(
    f"_{what}_FILE" for what in ("TOKEN", "PASSWORD", "PASSWD", "SECRET", "SECRETS", "CREDENTIALS", "KEY", "KEYS")
)
SECRET = ".ssh/id"  # noqa: S105 -- a place
_NAMED = frozenset(name for name, _ in MOVED)
ZSH = "ZDOTDIR"
WORDS = ("KRB5CCNAME", "ENV", "ZSH", "HGRCPATH")  # which may hold a word that is no path


def followed(
    patterns: Sequence[Pattern], environment: Mapping[str, str], home: str, cwd: str = "/"
) -> tuple[Pattern, ...]:
    """Return patterns with those that variables have moved behind each, so that `!` patterns keep their order.

    cwd: where relative values count from.
    """
    moves = [(_parts(place), _parts(value), name == ZSH) for name, place, value in _values(environment, home, cwd)]
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


def _values(environment: Mapping[str, str], home: str, cwd: str) -> Iterator[tuple[str, str, str]]:
    """Yield variable, usual place and new one, for each path that is not the usual one nor holds home or directory."""
    secrets = ((name, SECRET) for name in environment if name.endswith(SECRET_FILES) and name not in _NAMED)
    for name, place in (*MOVED, *secrets):
        for value in environment.get(name, "").split(":"):
            if not value or (name in WORDS and not value.startswith(("/", "~/"))):
                continue
            usual = f"{home}/{place}".rstrip("/")
            plain = os.path.normpath(f"{home}{value[1:]}" if value.startswith("~/") else os.path.join(cwd, value))
            holds = any(f"{each}/".startswith(f"{plain.rstrip('/')}/") for each in (home, cwd))
            if plain != usual and not holds:
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

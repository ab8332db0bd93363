"""The places where well-known tools keep credentials are closed, moved ones too; agents' own logins are not."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

CLOSED = """
.ssh/id_ed25519 .gnupg/private-keys-v1.d/x.key .aws/credentials .azure/msal_token_cache.json .config/gcloud/x.db
.kube/config .kube/other .docker/config.json .npmrc .pypirc .netrc .netrc.bak .git-credentials .config/git/credentials
.boto .s3cfg .config/rclone/rclone.conf .oci/config .config/scw/config.yaml .config/doctl/config.yaml
.config/hcloud/cli.toml .fly/config.yml .local/share/com.vercel.cli/auth.json .config/netlify/config.json
.config/.wrangler/config/default.toml .config/configstore/firebase-tools.json .sentryclirc .config/gh/hosts.yml
.config/glab-cli/config.yml .config/hub .cargo/credentials.toml .cargo/credentials .gem/credentials
.local/share/gem/credentials .bundle/config .m2/settings.xml .m2/settings-security.xml .gradle/gradle.properties
.config/composer/auth.json .composer/auth.json .yarnrc.yml .config/pypoetry/auth.toml .cache/huggingface/token
.cache/huggingface/stored_tokens .kaggle/kaggle.json .config/containers/auth.json .config/helm/registry/config.json
.terraform.d/credentials.tfrc.json .terraformrc .pulumi/credentials.json .vault-token .pgpass .my.cnf .mylogin.cnf
.snowflake/config.toml .databrickscfg .dbt/profiles.yml .password-store/a.gpg .local/share/keyrings/login.keyring
.local/share/kwalletd/x .config/op/config .config/sops/age/keys.txt .mozilla/firefox/x/logins.json
.config/google-chrome/Default/Cookies .config/chromium/Default/Cookies .config/BraveSoftware/x .bash_history
.zsh_history .local/share/fish/fish_history .python_history .node_repl_history .psql_history .mysql_history
.duckdb_history .irb_history .ksh_history .local/state/zsh/history .config/zsh/.zsh_history .config/nushell/history.txt
.env .env.local .ovh.conf .netlify/config.json .expo/state.json .modal.toml .saml2aws .doppler/.doppler.yaml
.infisical/x .jfrog/jfrog-cli.conf.v6 .conan2/credentials.json .sbt/.credentials .ivy2/.credentials
.pub-cache/credentials.json .config/dart/pub-credentials.json .circleci/cli.yml .local/share/forgejo-cli/keys.json
.gcm/store/x .config/io.datasette.llm/keys.json .docker/contexts/tls/x .minikube/profiles/minikube/client.key
.lima/_config/user .config/incus/client.key .vagrant.d/data/vagrant_login_token .chef/x.pem .config/turso/settings.json
.config/neonctl/credentials.json .confluent/config.json .streamlit/secrets.toml .config/Slack/Cookies passwords.kdbx
.config/Signal/config.json .local/share/DBeaverData/x .config/msmtp/config .lpass/x .local/share/rbw/x .step/secrets/x
.local/share/mkcert/rootCA-key.pem .pki/nssdb/key4.db .keystore .android/adbkey .microsoft/usersecrets/x
.dotnet/corefx/cryptography/x509stores/my/x .local/share/.IdentityService/msal.cache .config/borg/keys/x
.mc/config.json .vnc/passwd .config/filezilla/sitemanager.xml .lftp/bookmarks .Xauthority .config/Postman/x
.config/httpie/sessions/x .bitcoin/wallet.dat .config/solana/id.json .foundry/keystores/x .librewolf/x .zen/x
"""
OPEN = """
.claude/.credentials.json .claude.json .codex/auth.json .gemini/oauth_creds.json .local/share/opencode/auth.json
.qwen/oauth_creds.json .copilot/config.json .config/github-copilot/apps.json .config/gh/config.yml .docker/x
.gemini/.env .expo/x .android/debug.keystore .streamlit/config.toml .conan2/profiles/default
.cargo/registry/x .config/helm/x .cache/huggingface/hub/x .m2/repository/x .gradle/caches/x
.config/chromium-headless/scoped_dir1/x .config/google-chrome-headless/scoped_dir1/x .config/google-chrome-for-testing/x
"""
LOOK = """for x; do test "$(cat "$HOME/$x" 2>/dev/null)" && echo "$x"; done"""
MOVED = {
    "XDG_CONFIG_HOME": ("gh/hosts.yml", "fish/config.fish"),
    "XDG_DATA_HOME": ("keyrings/login.keyring", None),
    "AWS_SHARED_CREDENTIALS_FILE": ("", None),
    "KUBECONFIG": ("", None),
    "DOCKER_CONFIG": ("config.json", None),
    "CARGO_HOME": ("credentials.toml", "config.toml"),
    "GNUPGHOME": ("private-keys-v1.d/x.key", None),
    "NPM_CONFIG_USERCONFIG": ("", None),
    "HISTFILE": ("", None),
    "ZDOTDIR": (None, ".zshrc"),
    "CLAUDE_CONFIG_DIR": (None, "settings.json"),
    "GIT_CONFIG_GLOBAL": (None, ""),
    "CODEX_HOME": (None, "config.toml"),
    "COPILOT_HOME": (None, "mcp-config.json"),
    "OPENCODE_CONFIG": (None, ""),
    "PYTHONSTARTUP": (None, ""),
    "BASH_ENV": (None, ""),
    "GIT_TEMPLATE_DIR": (None, "hooks/post-checkout"),
    "PIP_CONFIG_FILE": (None, ""),
    "NVM_DIR": (None, "nvm.sh"),
    "IPYTHONDIR": (None, "profile_default/startup/x.py"),
    "GOOGLE_APPLICATION_CREDENTIALS": ("", None),
    "AWS_WEB_IDENTITY_TOKEN_FILE": ("", None),
    "ANSIBLE_VAULT_PASSWORD_FILE": ("", None),
    "CI_SIGNING_KEY_FILE": ("", None),
    "OCI_CLI_CONFIG_FILE": ("", None),
    "PASSWORD_STORE_DIR": ("a.gpg", None),
    "KRB5CCNAME": ("", None),
}


@pytest.mark.everywhere
def test_what_is_closed_and_what_is_not(sandbox: Sandbox) -> None:
    paths = (CLOSED + OPEN).split()
    for path in paths:
        sandbox.write(f"~/{path}")
    assert sandbox.outside("sh", "-c", LOOK, "sh", *paths).stdout.split() == paths
    done = sandbox.run("sh", "-c", LOOK, "sh", *paths)
    assert done.stdout.split() == OPEN.split(), done.stderr


def test_what_variables_have_moved(sandbox: Sandbox) -> None:
    hidden, kept = [], []
    for name, (secret, setting) in MOVED.items():
        place = f"~/moved-{name.lower()}"
        sandbox.extra[name] = str(sandbox.path(place))
        for path, found in ((secret, hidden), (setting, kept)):
            if path is not None:
                found.append(sandbox.write(f"{place}/{path}".rstrip("/")))
    sandbox.config(sandbox.path("~/.aigate/config.yaml").read_text().replace("\nhome: layer\n", "\nhome: writable\n"))
    script = "for x; do cat $x; rm -f $x; echo evil >> $x; done"
    done = sandbox.run("sh", "-c", script, "sh", *map(str, (*hidden, *kept)))
    assert done.stdout == f"{SECRET}\n" * len(kept), done.stderr
    assert {path.read_text() for path in (*hidden, *kept)} == {f"{SECRET}\n"}


@pytest.mark.parametrize("value", ["kube", "./conf/../kube", "~/project/kube"])
def test_what_a_variable_names_from_here(sandbox: Sandbox, value: str) -> None:
    sandbox.write("conf/x")
    sandbox.write("kube")
    sandbox.extra["KUBECONFIG"] = value
    sandbox.extra["ENV"] = "conf"  # a word, as so many use it
    done = sandbox.shell("cat kube; cat conf/x && echo more >> conf/x")
    assert done.stdout == f"{SECRET}\n", done.stderr
    assert done.returncode == 0, done.stderr

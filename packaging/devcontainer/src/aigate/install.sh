#!/bin/sh
# Installs aigate into an environment of its own, for all users of the container.
set -eu
if command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv bubblewrap acl >/dev/null
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aigate needs Python 3.11 or later" >&2; exit 1; }
wanted=aigate-sandbox
[ "${VERSION:-latest}" = latest ] || wanted="aigate-sandbox==$VERSION"
python3 -m venv /opt/aigate
/opt/aigate/bin/pip install --quiet "$wanted"
ln -sf /opt/aigate/bin/aigate /usr/local/bin/aigate

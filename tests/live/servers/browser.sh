#!/usr/bin/env bash
# What the pages are tried with: Debian's chromium and chromium-driver, axe-core (npm), schemathesis
# (PyPI). Installs what is missing and says on stdout where it stands, as KEY=VALUE lines.
set -euo pipefail
home="${RAOTIN_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/raotin/servers}/browser"
mkdir -p "$home"
cd "$home"

have() { command -v "$1" >/dev/null; }
if ! { have chromium && have chromedriver && have npm && have python3 && python3 -c 'import venv, ensurepip'; } 2>/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      chromium chromium-driver fonts-noto-core nodejs npm python3 python3-venv ca-certificates; } >&2
fi
if [ ! -f node_modules/axe-core/axe.min.js ]; then
  npm init -y >/dev/null
  npm install --no-audit --no-fund axe-core@4.14.1 >&2
fi
if [ ! -x venv/bin/schemathesis ]; then
  python3 -m venv venv >&2
  ./venv/bin/pip -q install schemathesis==4.32.5 >&2
fi
echo "RAOTIN_AXE=$home/node_modules/axe-core/axe.min.js"
echo "RAOTIN_SCHEMATHESIS=$home/venv/bin/schemathesis"

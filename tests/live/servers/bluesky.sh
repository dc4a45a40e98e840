#!/usr/bin/env bash
# A Bluesky PDS with a PLC directory of its own (npm @atproto/pds, @did-plc/server), on loopback. Starts
# it if it does not run, prints KEY=VALUE lines. State and packages are kept under the cache folder.
# Stop it with: kill -9 -- -$BSKY_PID
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
home="${RAOTIN_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/raotin/servers}/bluesky"
export PLC_PORT="${BSKY_PLC_PORT:-22582}" PDS_PORT="${BSKY_PDS_PORT:-22583}"
mkdir -p "$home/data/blobs"
cd "$home"

have() { command -v "$1" >/dev/null; }
if ! { have node && have npm && have g++ && have make && have python3 && have curl && have openssl; }; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends \
      nodejs npm g++ make python3 curl openssl ca-certificates; } >&2
fi
# The newest PDS that Node 18 and 20 take; better-sqlite3 is compiled once.
if [ ! -f node_modules/better-sqlite3/build/Release/better_sqlite3.node ]; then
  npm init -y >/dev/null
  npm install --no-audit --no-fund @atproto/pds@0.4.217 @did-plc/server@0.0.1 >&2
fi
if [ ! -f secrets.env ]; then
  {
    echo "PDS_JWT_SECRET=$(openssl rand -hex 16)"
    echo "PDS_ADMIN_PASSWORD=$(openssl rand -hex 8)"
    echo "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX=$(openssl rand -hex 32)"
  } >secrets.new
  mv secrets.new secrets.env
fi

alive() { [ -f pid ] && kill -0 "$(cat pid)" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$(cat pid)/status"; }
url="http://127.0.0.1:$PDS_PORT"
if ! alive; then
  if (exec 3<>"/dev/tcp/127.0.0.1/$PDS_PORT") 2>/dev/null; then
    echo "port $PDS_PORT is taken by somebody else" >&2
    exit 1
  fi
  cp "$here/bluesky.cjs" server.cjs
  set -a
  . ./secrets.env
  set +a
  PDS_HOSTNAME=localhost PDS_DEV_MODE=true PDS_INVITE_REQUIRED=false PDS_SERVICE_HANDLE_DOMAINS=.test \
    PDS_DATA_DIRECTORY="$home/data" PDS_BLOBSTORE_DISK_LOCATION="$home/data/blobs" \
    PDS_DID_PLC_URL="http://127.0.0.1:$PLC_PORT" PDS_DISABLE_SSRF_PROTECTION=true LOG_ENABLED=0 \
    NODE_ENV=development setsid nohup node server.cjs >log 2>&1 </dev/null &
  echo $! >pid
fi
for _ in $(seq 240); do
  curl -sf -o /dev/null -m 5 "$url/xrpc/_health" && break
  alive || { cat log >&2; exit 1; }
  sleep .25
done

if [ ! -f account.env ]; then
  call() { curl -sf "$url/xrpc/com.atproto.server.$1" -H 'content-type: application/json' "${@:2}"; }
  field() { node -p 'JSON.parse(require("fs").readFileSync(0))[process.argv[1]]' "$1"; }
  made="$(call createAccount -d '{"email":"van-phong@example.test","handle":"chodon.test","password":"the-own-password"}')"
  access="$(field accessJwt <<<"$made")"
  app="$(call createAppPassword -H "authorization: Bearer $access" -d '{"name":"raotin"}' | field password)"
  printf 'BSKY_URL=%s\nBSKY_HANDLE=chodon.test\nBSKY_OWN_PASSWORD=the-own-password\nBSKY_APP_PASSWORD=%s\nBSKY_DID=%s\n' \
    "$url" "$app" "$(field did <<<"$made")" >account.new
  mv account.new account.env
fi
cat account.env
grep PDS_JWT_SECRET secrets.env
echo "BSKY_PID=$(cat pid)"

#!/usr/bin/env bash
# A Matrix homeserver (Synapse, PyPI) on loopback. Starts it if it does not run, prints KEY=VALUE lines.
# State and packages are kept under the cache folder. Stop it with: kill -9 -- -$MATRIX_PID
set -euo pipefail
home="${RAOTIN_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/raotin/servers}/matrix"
port="${MATRIX_PORT:-22585}"
mkdir -p "$home"
cd "$home"

have() { command -v "$1" >/dev/null; }
if ! { have python3 && have curl && python3 -c 'import venv, ensurepip'; } 2>/dev/null; then
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv curl ca-certificates; } >&2
fi
if [ ! -x venv/bin/synapse_homeserver ]; then
  python3 -m venv venv >&2
  ./venv/bin/pip -q install matrix-synapse==1.163.2 >&2
fi
if [ ! -f hs.yaml ]; then
  ./venv/bin/python -m synapse.app.homeserver --server-name localhost --config-path new.yaml \
    --generate-config --report-stats=no >&2
  # Limits far out of the way: the account that is to meet them gets its own. Files of 1 MiB at most, so
  # that the server's own limit is another than the program's.
  PORT=$port ./venv/bin/python - >&2 <<'PY'
import os, yaml
config = yaml.safe_load(open('new.yaml'))
listener = config['listeners'][0]
listener['bind_addresses'], listener['port'] = ['127.0.0.1'], int(os.environ['PORT'])
config['trusted_key_servers'], config['suppress_key_server_warning'] = [], True
fast = {'per_second': 10000, 'burst_count': 10000}
config['rc_message'] = config['rc_media_create'] = fast
config['rc_login'] = {kind: fast for kind in ('address', 'account', 'failed_attempts')}
config['rc_joins'] = {'local': fast, 'remote': fast}
config['rc_room_creation'] = fast
config['max_upload_size'] = '1M'
yaml.safe_dump(config, open('new.yaml', 'w'))
PY
  mv new.yaml hs.yaml
fi

alive() { [ -f pid ] && kill -0 "$(cat pid)" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$(cat pid)/status"; }
url="http://127.0.0.1:$port"
if ! alive; then
  # What was just killed may hold its port for a moment.
  for try in $(seq 30); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    [ "$try" -lt 30 ] || { echo "port $port is taken by somebody else" >&2; exit 1; }
    sleep .1
  done
  setsid nohup ./venv/bin/python -m synapse.app.homeserver -c hs.yaml >log 2>&1 </dev/null &
  echo $! >pid
fi
for _ in $(seq 480); do
  curl -sf -o /dev/null -m 5 "$url/health" && break
  alive || { cat log >&2; exit 1; }
  sleep .1
done

if [ ! -f accounts.env ]; then
  register() { ./venv/bin/register_new_matrix_user -u "$1" -p "the-own-password" "$2" -c hs.yaml "$url" >&2; }
  register quan-tri --admin
  register van-phong --no-admin
  register cham --no-admin
  ./venv/bin/python - "$url" >accounts.new <<'PY'
import json, sys, urllib.request
url = sys.argv[1]
def post(path, body, token=None):
    headers = {'authorization': f'Bearer {token}'} if token else {}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))
def login(name):
    user = {'type': 'm.id.user', 'user': name}
    return post('/_matrix/client/v3/login', {'type': 'm.login.password', 'identifier': user, 'password': 'the-own-password'})['access_token']
admin, own, slow = login('quan-tri'), login('van-phong'), login('cham')
# One message a second, three at once.
limit = {'messages_per_second': 1, 'burst_count': 3}
post('/_synapse/admin/v1/users/@cham:localhost/override_ratelimit', limit, admin)
print(f'MATRIX_URL={url}\nMATRIX_USER=@van-phong:localhost\nMATRIX_OWN_PASSWORD=the-own-password')
print(f'MATRIX_TOKEN={own}\nMATRIX_ADMIN_TOKEN={admin}\nMATRIX_SLOW_TOKEN={slow}')
PY
  mv accounts.new accounts.env
fi
cat accounts.env
echo "MATRIX_PID=$(cat pid)"

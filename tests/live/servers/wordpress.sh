#!/usr/bin/env bash
# A WordPress (Debian's files, unpacked, without a web server's package) under PHP's own server with a
# MariaDB of its own, on loopback. Starts what does not run, prints KEY=VALUE lines. State is kept under
# the cache folder. Stop it with: kill -9 -- -$WP_PID; kill -9 -- -$WP_DB_PID
set -euo pipefail
home="${RAOTIN_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/raotin/servers}/wordpress"
port="${WP_PORT:-22586}"
db_port="${WP_DB_PORT:-22589}"
mkdir -p "$home"
cd "$home"

have() { command -v "$1" >/dev/null; }
if ! { have php && php -m | grep -q mysqli && have mariadbd && have curl; }; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      php-cli php-mysql php-xml php-mbstring php-gd mariadb-server curl ca-certificates; } >&2
fi
if [ ! -f site/wp-load.php ]; then
  rm -rf site unpacked ./*.deb
  get() { apt-get -qq download wordpress wordpress-theme-twentytwentythree; }
  { get || { apt-get update -qq && get; }; } >&2 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
  mkdir new
  cp -a unpacked/usr/share/wordpress/. new/
  rm -rf new/wp-content new/wp-config.php
  cp -a unpacked/var/lib/wordpress/wp-content new/wp-content
  rm -rf new/wp-content/themes/twentytwentythree
  cp -a unpacked/usr/share/wordpress/wp-content/themes/twentytwentythree new/wp-content/themes/
  mv new site
  rm -rf unpacked ./*.deb
fi
cat >site/wp-config.php <<PHP
<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp'); define('DB_HOST', '127.0.0.1:$db_port');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as \$key) define(\$key, "loopback-\$key");
\$table_prefix = 'wp_';
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords over plain http
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('FS_METHOD', 'direct');
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
# One port is as a good host has it; the next takes the Authorization header out, the one after that
# knows no /wp-json/.
cat >site/router.php <<PHP
<?php
\$path = parse_url(\$_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (\$_SERVER['SERVER_PORT'] == $((port + 1))) unset(\$_SERVER['PHP_AUTH_USER'], \$_SERVER['PHP_AUTH_PW'], \$_SERVER['HTTP_AUTHORIZATION']);
if (\$_SERVER['SERVER_PORT'] == $((port + 2)) && strpos(\$path, '/wp-json') === 0) { http_response_code(404); exit('Not found'); }
if (\$path !== '/' && is_file(__DIR__ . \$path)) return false;
\$_SERVER['SCRIPT_NAME'] = \$_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/index.php';
PHP
cat >setup.php <<PHP
<?php
\$_SERVER += ['HTTP_HOST' => '127.0.0.1:$port', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET'];
define('WP_INSTALLING', true); function wp_mail() { return true; }
require __DIR__ . '/site/wp-config.php'; require_once ABSPATH . 'wp-admin/includes/upgrade.php';
if (!is_blog_installed()) wp_install('UBND huyen Cho Don', 'quan-tri', 'quan-tri@example.test', true, '', 'the-own-password');
foreach (['siteurl', 'home'] as \$option) update_option(\$option, 'http://127.0.0.1:$port');
update_option('permalink_structure', '/%postname%/');
function account(\$name, \$role) {
  \$user = get_user_by('login', \$name) ?: get_user_by('id', wp_create_user(\$name, 'the-own-password', \$name . '@example.test'));
  \$user->set_role(\$role);
  WP_Application_Passwords::delete_all_application_passwords(\$user->ID);
  return WP_Application_Passwords::create_new_application_password(\$user->ID, ['name' => 'raotin'])[0];
}
echo "WP_URL=http://127.0.0.1:$port\nWP_STRIPPING_URL=http://127.0.0.1:$((port + 1))\nWP_PLAIN_URL=http://127.0.0.1:$((port + 2))\n";
echo "WP_USER=van-phong\nWP_APP_PASSWORD=" . account('van-phong', 'editor') . "\n";
echo "WP_GUEST=cong-tac-vien\nWP_GUEST_PASSWORD=" . account('cong-tac-vien', 'contributor') . "\n";
PHP

alive() { [ -f "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$(cat "$1")/status"; }
start() { # port pidfile log command…
  local port=$1 pid=$2 log=$3
  shift 3
  alive "$pid" && return
  # What was just killed may hold its port for a moment.
  for try in $(seq 30); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    [ "$try" -lt 30 ] || { echo "port $port is taken by somebody else" >&2; exit 1; }
    sleep .1
  done
  setsid nohup "$@" >"$log" 2>&1 </dev/null &
  echo $! >"$pid"
}
[ -d db/mysql ] || mariadb-install-db --no-defaults --user=root --datadir="$home/db" \
  --auth-root-authentication-method=normal --skip-test-db >install.log 2>&1
start "$db_port" db.pid db.log mariadbd --no-defaults --user=root --datadir="$home/db" --socket="$home/db.sock" \
  --bind-address=127.0.0.1 --port="$db_port" --innodb-buffer-pool-size=64M
sql() { mariadb --no-defaults -uroot -S "$home/db.sock" -e "$1"; }
for _ in $(seq 240); do
  sql 'select 1' >/dev/null 2>&1 && break
  alive db.pid || { cat db.log >&2; exit 1; }
  sleep .1
done
if [ ! -s account.env ]; then
  sql "create database if not exists wp; create user if not exists wp@127.0.0.1 identified by 'wp'; grant all on wp.* to wp@127.0.0.1"
  php setup.php >account.new
  mv account.new account.env
fi
cd site
PHP_CLI_SERVER_WORKERS=4 start "$port" ../php.pid ../php.log php -S "127.0.0.1:$port" router.php
for other in 1 2; do
  start "$((port + other))" "../php-$other.pid" "../php-$other.log" php -S "127.0.0.1:$((port + other))" router.php
done
cd ..
for at in "$port/wp-json/" "$((port + 1))/wp-json/" "$((port + 2))/?rest_route=/"; do
  for _ in $(seq 240); do
    curl -sf -o /dev/null -m 5 "http://127.0.0.1:$at" && break
    sleep .1
  done
done
cat account.env
echo "WP_PID=$(cat php.pid)"
echo "WP_DB_PID=$(cat db.pid)"

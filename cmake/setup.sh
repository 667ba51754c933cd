# Functions that ./run and ./test share: packages, building, servers of our own. Sourced from the project's root.

log() { echo "$*" >&2; }

# What was started is stopped at the end, by process id, the last first.
started=()
remember() { started+=("$1"); }
stop_started() {
  local i pid
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    pid=${started[i]}
    kill -TERM "$pid" 2>/dev/null || continue
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  started=()
}
trap stop_started EXIT
trap 'exit 130' INT TERM

# apt_install PACKAGE...: with the lists at hand, or with fresh ones.
apt_install() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  log "Installing Debian packages: $*"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@")
  "${install[@]}" >&2 || { "${as_root[@]}" apt-get update -q >&2 && "${install[@]}" >&2; }
  # Debian starts some of what it installs; tests run their own, on ports of their own.
  if [[ " $* " = *" prometheus "* ]] && [ -d /run/systemd/system ]; then "${as_root[@]}" systemctl disable --now prometheus >&2; fi
}

# install_packages run|test: Debian packages of cmake/debian-packages.txt that are missing. `run` leaves out those under "# test".
install_packages() {
  local wanted missing
  wanted=$(awk -v all="$1" '/^# test/ && all == "run" {exit} /^[^#]/ {print}' cmake/debian-packages.txt)
  missing=$(comm -13 <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | awk '$1 == "ii" {print $2}' | sort -u) <(sort -u <<<"$wanted"))
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  apt_install $missing
}

# build_program PRESET TARGET...
build_program() {
  local preset=$1
  shift
  [ -f "build/$preset/build.ninja" ] || { log "Configuring build/$preset"; cmake --preset "$preset" >&2; }
  NINJA_STATUS='[%f/%t %es] ' cmake --build --preset "$preset" --target "$@" >&2
}

# One number for the contents of the named files: a stamp that says whether they changed.
stamp_of() { find "$@" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/e2e/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

# The web's tools want Node 20.19 or newer; Debian 12's own is 18, and npm has newer ones.
ensure_node() {
  command -v npm > /dev/null || apt_install nodejs npm
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' && return 0
  PATH=$PWD/var/tools/node_modules/.bin:$PATH
  [ -x var/tools/node_modules/.bin/node ] && return 0
  log "Installing Node 22 from npm into var/tools"
  mkdir -p var/tools
  npm install --prefix var/tools --no-audit --no-fund node@22 >&2
}

install_npm_packages() { install_npm_folder web; }

# install_npm_folder FOLDER: what its package-lock.json names, unless it is there.
install_npm_folder() {
  ensure_node
  local stamp
  stamp=$(stamp_of "$1/package-lock.json")
  [ "$(cat "$1/node_modules/.stamp" 2>/dev/null)" = "$stamp" ] && return 0
  log "Installing npm packages from $1/package-lock.json"
  (cd "$1" && npm ci --no-audit --no-fund >&2) || return 1
  echo "$stamp" > "$1/node_modules/.stamp"
}

build_pages() {
  install_npm_packages
  local stamp
  stamp=$(stamp_of web apps)
  [ "$(cat web/dist/.stamp 2>/dev/null)" = "$stamp" ] && return 0
  log "Building the pages"
  (cd web && npm run build >&2)
  echo "$stamp" > web/dist/.stamp
}

# A loopback port that nobody listens on now.
free_port() {
  local port
  while :; do
    port=$(shuf -i 20000-32000 -n 1)
    (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return 0; }
  done
}

# start_broker STATE: a mosquitto of our own on a free loopback port; sets broker_url. It keeps what nobody has acknowledged over a restart.
start_broker() {
  local state=$1 port
  port=$(free_port)
  mkdir -p "$state/mosquitto"
  cat > "$state/mosquitto/mosquitto.conf" <<CONF
listener $port 127.0.0.1
allow_anonymous true
persistence true
persistence_location $PWD/$state/mosquitto/
autosave_interval 30
max_queued_messages 0
max_inflight_messages 1000
user $(id -un)
CONF
  /usr/sbin/mosquitto -c "$state/mosquitto/mosquitto.conf" > "$state/log/mosquitto.log" 2>&1 &
  remember $!
  broker_url=mqtt://127.0.0.1:$port
  for _ in $(seq 100); do (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0; sleep 0.1; done
  log "mosquitto did not start; see $state/log/mosquitto.log"
  exit 1
}

# wait_for_file PATH SECONDS WHAT: until it is there and not empty, or any of our servers has ended.
wait_for_file() {
  local pid
  for _ in $(seq $(($2 * 10))); do
    [ -s "$1" ] && return 0
    for pid in "${started[@]}"; do kill -0 "$pid" 2>/dev/null || { log "did not start: $3"; exit 1; }; done
    sleep 0.1
  done
  log "not ready after $2 s: $3"
  exit 1
}

# metric URL NAME: the sum of a metric over its labels, as an integer.
metric() { curl -sf --max-time 5 "$1/metrics" | awk -v name="$2" '$1 == name || index($1, name "{") == 1 {sum += $2} END {printf "%.0f\n", sum}'; }

# report_when_live URL STATIONS: waits until every device answers and samples are stored, then prints what runs.
report_when_live() {
  local url=$1 stations=$2 before after begun ended points
  log "Waiting until the city is live"
  for _ in $(seq 120); do
    [ "$(metric "$url" nuanshu_devices_online)" -ge "$stations" ] 2>/dev/null && [ "$(metric "$url" nuanshu_telemetry_samples_total)" -gt 0 ] && break
    sleep 0.5
  done
  begun=$(date +%s%N)
  before=$(metric "$url" nuanshu_telemetry_samples_total)
  sleep 10
  ended=$(date +%s%N)
  after=$(metric "$url" nuanshu_telemetry_samples_total)
  points=$(metric "$url" nuanshu_points)
  [ "$after" -gt "$before" ] || { log "no samples arrive"; exit 1; }
  jq -nc --argjson stations "$(metric "$url" 'nuanshu_records{type="station"}')" --argjson points "$points" --arg url "$url" \
    --argjson rate "$(awk -v n=$((after - before)) -v ns=$((ended - begun)) 'BEGIN {printf "%.1f", n / (ns / 1e9)}')" \
    '{stations: $stations, points: $points, samples_per_s: $rate, url: $url}'
}

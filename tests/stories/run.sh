# Stories: the whole system as its users meet it. Sourced by ./test; uses its check() and the functions of cmake/setup.sh.

nuanshu=$PWD/build/dev/nuanshu
story_state=$PWD/var/stories
rm -rf "$story_state"
mkdir -p "$story_state"

# The platform is killed three times while 2 publishers send; every sample they published is in the historian afterwards.
kill_during_ingest() {
  local answer
  answer=$("$nuanshu" bench ingest --devices 20 --points 50 --seconds 9 --rate 20000 --kills 3 --json) || return 1
  log "$answer"
  jq -e '.lost == 0 and .published > 100000' <<<"$answer" > /dev/null
}

# The command line refuses bad input with exit code 2 and names file and line.
bad_package_is_refused() {
  local answer
  answer=$("$nuanshu" app check platform/apps/cases/unknown_field_kind/apps 2>&1) && return 1
  grep -q 'tank.yaml:6' <<<"$answer" || { log "$answer"; return 1; }
}
unknown_setting_is_refused() {
  local answer code=0
  echo 'http_prt: 1' > "$story_state/bad.yaml"
  answer=$("$nuanshu" serve --config "$story_state/bad.yaml" 2>&1) || code=$?
  [ $code = 2 ] && grep -q 'bad.yaml:1' <<<"$answer" || { log "$answer"; return 1; }
}
doctor_says_what_to_do() {
  local answer
  answer=$(NUANSHU_STATE_DIR=$story_state/doctor NUANSHU_MQTT_URL=mqtt://127.0.0.1:1 "$nuanshu" doctor 2>&1) && return 1
  grep -q 'start mosquitto there, or set mqtt_url' <<<"$answer" || { log "$answer"; return 1; }
}

# Samples without the platform: a file with bad lines goes in, is counted, asked, taken out again and read back the same.
samples_go_in_and_out() {
  local data=$story_state/samples again=$story_state/samples2 file=$story_state/samples.csv code=0 answer
  {
    echo 'point,unix_seconds,value'
    for i in $(seq 0 599); do echo "xc.s01.n1.h001/supply_temperature,$((1700000000 + i * 10)),$((500 + i % 7)).5"; done
    echo 'xc.s01.n1.h001/supply_temperature,yesterday,55'
    echo '17,1700000000.250,-3e-2'
    echo '17,1700000001,'
    echo 'nonsense'
    echo '17,2023-11-14T22:13:25Z,7,communication'
  } > "$file"
  answer=$("$nuanshu" historian import "$file" --data "$data" --json) || return 1
  jq -e '.samples == 602 and .bad_lines == 3 and ([.faults[].line] == [602, 604, 605])' <<<"$answer" > /dev/null || { log "$answer"; return 1; }
  "$nuanshu" historian import "$file" --data "$data" 2>&1 > /dev/null | grep -q 'samples.csv:604 value: ' || return 1
  answer=$("$nuanshu" historian stat --data "$data" --json) || return 1
  jq -e '.samples == 602 and .points == 2 and .bytes > 0 and .bytes_per_sample == (.bytes / .samples)' <<<"$answer" > /dev/null || { log "$answer"; return 1; }
  answer=$("$nuanshu" historian query --data "$data" --point xc.s01.n1.h001/supply_temperature --from 1700000000 --to 1700006000 --window 600s --agg mean,count --json) || return 1
  jq -e '.series[0].rows | length == 10 and .[0].from_ms == 1700000000000 and ([.[].count] | add == 600) and all(.mean > 500 and .mean < 507)' <<<"$answer" > /dev/null ||
    { log "$answer"; return 1; }
  answer=$("$nuanshu" historian query --data "$data" --point 17 --json) || return 1
  jq -e '.series[0].rows | map([.time_ms, .value, .quality]) == [[1700000000250, -0.03, "good"], [1700000005000, 7, "communication"]]' <<<"$answer" > /dev/null ||
    { log "$answer"; return 1; }
  "$nuanshu" historian export "$file.out" --data "$data" > /dev/null && "$nuanshu" historian import "$file.out" --data "$again" > /dev/null || return 1
  "$nuanshu" historian export --data "$again" | cmp - "$file.out" || return 1
  "$nuanshu" historian verify --data "$data" > /dev/null && "$nuanshu" historian backup "$story_state/backups" --data "$data" > /dev/null || return 1
  "$nuanshu" historian restore "$story_state/backups" --data "$story_state/restored" > /dev/null || return 1
  "$nuanshu" historian export --data "$story_state/restored" | cmp - "$file.out" || return 1
  "$nuanshu" historian query --data "$data" --point no/such 2> "$story_state/error.txt" || code=$?
  [ $code = 2 ] && grep -q 'it has xc.s01.n1.h001' "$story_state/error.txt"
}

# The virtual city and the platform, as ./run starts them, and a person in front of them.
in_the_browser() {
  log "== stories in the browser"
  mkdir -p "$story_state/log"
  start_broker var/stories
  "$nuanshu" sim city --speed 60 --modbus-port 0 --control-port 0 --mqtt "$broker_url" --sparkplug-period 2000 --room-period 5000 \
    --records "$story_state/city.jsonl" > "$story_state/city.json" 2> "$story_state/log/city.log" &
  remember $!
  wait_for_file "$story_state/city.json" 120 "the virtual city; see $story_state/log/city.log"
  NUANSHU_STATE_DIR=$story_state NUANSHU_HTTP_PORT=0 NUANSHU_MQTT_URL=$broker_url "$nuanshu" serve --demo --import "$story_state/city.jsonl" \
    --ready-file "$story_state/ready.json" > "$story_state/serve.txt" 2> "$story_state/log/serve.log" &
  remember $!
  wait_for_file "$story_state/ready.json" 120 "the platform; see $story_state/log/serve.log"
  check "the city is live" report_when_live "$(jq -r .url "$story_state/ready.json")" 60
  local script
  for script in web/e2e/*.story.mjs; do
    check "story $(basename "$script" .story.mjs)" env NUANSHU_URL="$(jq -r .url "$story_state/ready.json")" \
      NUANSHU_PASSWORD="$(jq -r .password "$story_state/ready.json")" NUANSHU_CONTROL_PORT="$(jq .control_port "$story_state/city.json")" \
      NUANSHU_PROGRAM="$nuanshu" NUANSHU_SCREENSHOTS="$PWD/var/screenshots" timeout 300 node "$script"
  done
}

# Ten years of three points, a hundred million samples, on a platform of their own: from all of them down to single ones.
ten_years_in_the_browser() {
  local state=$story_state/years every_s=9 station=xc.s01.n1.h001 points
  points=$station/primary_supply_temperature,$station/primary_flow,$station/outdoor_temperature
  mkdir -p "$state"
  "$nuanshu" bench history --data "$state/samples" --points "$points" --every "$every_s" > "$state/history.json" || return 1
  log "$(cat "$state/history.json")"
  cat > "$state/records.jsonl" <<'RECORDS'
{"type": "company", "code": "xc", "title": "祥城热力"}
{"type": "heat_source", "code": "xc.s01", "title": "东郊热源", "kind": "chp"}
{"type": "network", "code": "xc.s01.n1", "title": "一号管网"}
{"type": "station", "code": "xc.s01.n1.h001", "title": "花园换热站"}
RECORDS
  NUANSHU_STATE_DIR=$state NUANSHU_HTTP_PORT=0 NUANSHU_MQTT_URL=$broker_url NUANSHU_HISTORIAN_RETENTION='*' "$nuanshu" serve \
    --import "$state/records.jsonl" --ready-file "$state/ready.json" > "$state/serve.txt" 2> "$story_state/log/years.log" &
  remember $!
  wait_for_file "$state/ready.json" 60 "the platform of ten years; see $story_state/log/years.log"
  NUANSHU_URL=$(jq -r .url "$state/ready.json") NUANSHU_PASSWORD=$(jq -r .password "$state/ready.json") NUANSHU_HISTORY=$(cat "$state/history.json") \
    NUANSHU_EVERY=$every_s NUANSHU_POINTS=$points NUANSHU_SCREENSHOTS="$PWD/var/screenshots" timeout 300 node web/e2e/ten_years.mjs
}

check "a package with faults is refused with file and line" bad_package_is_refused
check "an unknown setting is refused with file and line" unknown_setting_is_refused
check "the doctor says what to do" doctor_says_what_to_do
check "samples go in and out on the command line" samples_go_in_and_out
check "kill -9 during ingest loses nothing" kill_during_ingest
source tests/stories/network.sh
in_the_browser
check "story ten_years" ten_years_in_the_browser

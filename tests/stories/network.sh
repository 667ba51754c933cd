# Stories of the network engine's command line. Sourced by run.sh.

network_state=$story_state/network
mkdir -p "$network_state"

# EPANET and Nuanshu solve the same nets; every head and flow within 1e-4.
network_agrees_with_epanet() {
  install_npm_folder tests/peers/epanet || return 1
  local nets=(tests/peers/epanet/nets/*.inp) as
  for as in flow valve; do
    "$nuanshu" network generate --consumers 400 --loops 8 --seed 3 --consumers-as $as -o "$network_state/$as.json" || return 1
    "$nuanshu" network convert --quiet "$network_state/$as.json" "$network_state/$as.inp" || return 1
    nets+=("$network_state/$as.inp")
  done
  [ -d "$NUANSHU_REFERENCE_DIR/reference/network/epanet_examples" ] && nets+=("$NUANSHU_REFERENCE_DIR"/reference/network/epanet_examples/*.inp)
  NUANSHU_PROGRAM=$nuanshu node tests/peers/epanet/agree.mjs "${nets[@]}" >&2
}

# A person makes a city and solves it.
network_in_two_commands() {
  local answer
  "$nuanshu" network generate --consumers 2000 --seed 9 --loops 12 -o "$network_state/city.json" || return 1
  answer=$("$nuanshu" network solve "$network_state/city.json" --json --out "$network_state/city.csv") || return 1
  jq -e '.converged and .nodes > 5000 and .residual < 1e-6 and (.heat_balance_error | fabs) < 1e-6' <<<"$answer" > /dev/null || { log "$answer"; return 1; }
  [ "$(grep -c '^consumer,' "$network_state/city.csv")" = 2000 ]
}

# Bad input ends with 2 and names file, element and field.
network_names_the_fault() {
  local answer code=0
  echo '{"nodes":[{"id":"a","held_pressure_pa":3e5},{"id":"b"}],"pipes":[{"id":"p1","from":"a","to":"b","length_m":100,"inner_diameter_m":200}]}' > "$network_state/bad.json"
  answer=$("$nuanshu" network solve "$network_state/bad.json" 2>&1) || code=$?
  [ $code = 2 ] && grep -q 'bad.json pipes.p1.inner_diameter_m: 200 is above 20; is it in millimetres?' <<<"$answer" || { log "$answer"; return 1; }
}

check "the network engine agrees with EPANET" network_agrees_with_epanet
check "a city is made and solved" network_in_two_commands
check "a fault in a network is named" network_names_the_fault

# What .ci/run and .ci/weekly share: Colab's versions and the oldest promised ones (each file says on
# which Python), Chromium, and timed stages. The times are printed at the end.
PINS=(VENV=.venv-colab CONSTRAINTS=.ci/constraints-colab.txt)
OLDEST=(VENV=.venv-oldest CONSTRAINTS=.ci/constraints-oldest.txt)

# Otherwise every process would compile the tests and the package anew.
unset PYTHONDONTWRITEBYTECODE

times=()

# Runs a stage, given its name and its command
stage() {
  local began=$SECONDS
  echo "== $1"
  "${@:2}"
  times+=("$(printf '%5d s  %s' $((SECONDS - began)) "$1")")
}

# Runs make browser, with Chromium
browser() {
  command -v chromium > /dev/null || install_chromium
  make browser "$@"
}

install_chromium() {
  local sudo
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
    chromium fonts-dejavu-core
}

print_times() {
  printf "%s\n" "" "seconds of each stage that passed:" "${times[@]}"
  printf "%5d s  all\n" $SECONDS
}

# The names of all stages, and of those to run, or none for all
run_stages() {
  local known=$1 name
  shift
  for name in "$@"; do
    if [[ " $known " != *" $name "* ]]; then
      echo "$0: no stage '$name', expected one of: $known" >&2
      exit 2
    fi
  done
  trap print_times EXIT
  for name in ${*:-$known}; do
    "$name"
  done
}

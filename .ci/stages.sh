# What .ci/run and .ci/weekly share: Colab's versions, Chromium, and timed stages; the times are printed at the end.
PINS=(VENV=.venv-colab CONSTRAINTS=.ci/constraints-colab.txt)

times=()

stage() {  # its name, and its command
  local began=$SECONDS
  echo "== $1"
  "${@:2}"
  times+=("$(printf '%5d s  %s' $((SECONDS - began)) "$1")")
}

browser() {  # make browser, with Chromium
  command -v chromium > /dev/null || install_chromium
  make browser "$@"
}

install_chromium() {
  local sudo
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium fonts-dejavu-core
}

run_stages() {  # the names of all, and of those to run, or none for all
  local known=$1 name
  shift
  for name in "$@"; do
    [[ " $known " == *" $name "* ]] || { echo "$0: no stage '$name', expected one of: $known" >&2; exit 2; }
  done
  trap 'printf "%s\n" "" "seconds of each stage that passed:" "${times[@]}" "$(printf "%5d s  all" $SECONDS)"' EXIT
  for name in ${*:-$known}; do
    "$name"
  done
}

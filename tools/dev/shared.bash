# What the verbs share. Sourced from the top folder of the repository.
# shellcheck shell=bash
set -euo pipefail

# Two compilers of coroutines take about 1 GiB; OTTLA_JOBS overrides.
jobs=${OTTLA_JOBS:-$(nproc)}
export jobs

# Names and lines in the reports of sanitizers.
for sanitizer in ASAN UBSAN TSAN; do
  export "${sanitizer}_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19"
done

say() { printf '%s\n' "$*" >&2; }
fail() {
  printf '%s: FAILED: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the packages of the given groups that are not installed.
missing_packages() {
  local wanted
  mapfile -t wanted < <(awk -v groups=" $* " '!/^#/ && NF == 2 && index(groups, " " $1 " ") { print $2 }' \
    packaging/debian-packages.txt)
  { dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
    awk -v wanted="${wanted[*]}" '
      $1 == "installed" { have[$2] = 1 }
      END { n = split(wanted, all, " "); for (i = 1; i <= n; i++) if (!have[all[i]]) print all[i] }'
}

# need GROUP...: installs what these groups of packaging/debian-packages.txt miss.
need() {
  command -v dpkg-query >/dev/null || {
    say "note: this is not Debian; the packages of packaging/debian-packages.txt ($*) are taken to be here"
    return
  }
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || fail "needs root to install: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local log=build/install.log
  mkdir -p build
  {
    "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "could not install packages; the whole log is in $log"
  }
}

# configure PRESET: makes build/PRESET ready for ninja, from scratch when the presets changed.
configure() {
  local preset=$1 ready=build/$1/build.ninja
  if [[ ! -e $ready || CMakePresets.json -nt $ready ]]; then
    mkdir -p "build/$preset"
    cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
      tail -n 30 "build/$preset/configure.log" >&2
      return 1
    }
    touch "$ready"
  fi
}

# compile PRESET [TARGET...]
compile() {
  local preset=$1
  shift
  configure "$preset" || return 1
  cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}
}

# Whether ninja knows TARGET in PRESET.
has_target() {
  configure "$1" && ninja -C "build/$1" -t query "$2" >/dev/null 2>&1
}

# Getting the reference's jars and running Java on them. Sourced by `kafka`.
# shellcheck shell=bash
# shellcheck disable=SC2154  # here, home: set by `kafka`

say() { printf 'kafka: %s\n' "$*" >&2; }
die() {
  say "$@"
  exit 1
}

# The newest JDK, or the one that was asked for.
find_java_home() {
  local candidate version newest=0
  java_home=${OTTLA_REFERENCE_JAVA:-}
  if [[ -z $java_home ]]; then
    for candidate in /usr/lib/jvm/*/bin/javac; do
      [[ -x $candidate && $candidate =~ /[^/0-9]*([0-9]+)[^/]*/bin/javac$ ]] || continue
      version=${BASH_REMATCH[1]}
      if ((version > newest)); then
        newest=$version
        java_home=${candidate%/bin/javac}
      fi
    done
  fi
  [[ -n $java_home && -x $java_home/bin/java && -x $java_home/bin/javac ]] ||
    die "no JDK found${java_home:+ in $java_home}: apt-get install openjdk-17-jdk-headless, or set OTTLA_REFERENCE_JAVA" \
      "to the folder of another (17 or later)"
}

check_set() {
  [[ ${1:-} == broker || ${1:-} == tools ]] || die "'${1:-}' is not a set of jars: broker (4.4.0) or tools (4.3.1)"
}

# install_set SET: the jars of SET.pom.xml into $home/SET, once for each content of that file.
install_set() {
  local set=$1 stamp
  stamp=$home/$set/$(sha256sum "$here/$set.pom.xml" | cut -c 1-16).resolved
  [[ -e $stamp ]] && return
  mkdir -p "$home"
  exec {lock}>"$home/$set.lock"
  flock "$lock"
  if [[ ! -e $stamp ]]; then
    command -v mvn >/dev/null || die "Maven is missing: apt-get install maven (./dev setup does it)"
    say "resolving the $set jars through Maven"
    rm -rf "${home:?}/$set.new"
    mvn -B -q -f "$here/$set.pom.xml" dependency:copy-dependencies \
      -DoutputDirectory="$home/$set.new" >&2 || die "Maven could not resolve the $set jars"
    : >"$home/$set.new/${stamp##*/}"
    rm -rf "${home:?}/$set"
    mv "$home/$set.new" "$home/$set"
  fi
  exec {lock}>&-
}

class_path() { printf '%s' "$home/$1/*"; }

# jvm SET ARGUMENT...: a short-lived JVM
jvm() {
  local set=$1
  shift
  # shellcheck disable=SC2086  # options are words
  "$java_home/bin/java" ${KAFKA_HEAP_OPTS:--Xmx512m} ${KAFKA_OPTS:-} \
    -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "${classes:+$classes:}$(class_path "$set")" "$@"
}

# schemas DIR: the message descriptions that lie in the jars, as clients/…, metadata/… by jar; to be read, not kept.
unpack_schemas() {
  mkdir -p "$1"
  python3 - "$1" "$home"/broker/kafka*-*.jar <<'PYTHON'
import pathlib, sys, zipfile

out, count = pathlib.Path(sys.argv[1]), 0
for jar in sys.argv[2:]:
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.endswith(".json") and pathlib.PurePath(name).parent.name in ("message", "metadata"):
                archive.extract(name, out)
                count += 1
print(count)
PYTHON
}

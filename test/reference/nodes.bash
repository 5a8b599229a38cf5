# Nodes of the reference: their folders, processes and readiness. Sourced by `kafka`.
#
# DIR/node-ID/ holds a node's server.properties, data/, server.log and, while it runs, pid; DIR/bootstrap the
# address that clients start from.
# shellcheck shell=bash
# shellcheck disable=SC2154  # here, home, java_home: set by `kafka`

# exec_node CONFIG: one node in place of this shell, with the flags that the reference's own scripts give it
exec_node() {
  # shellcheck disable=SC2086  # options are words
  exec "$java_home/bin/java" ${KAFKA_HEAP_OPTS:--Xms1g -Xmx1g} -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
    -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 \
    -Djava.awt.headless=true -Dottla.reference.log.level="${OTTLA_REFERENCE_LOG:-INFO}" \
    -Dlog4j2.configurationFile="$here/log4j2.properties" ${KAFKA_OPTS:-} -cp "$(class_path broker)" \
    kafka.Kafka "$1"
}

# The node's process, if it runs: a number alone could be somebody else's by now.
process_of() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF "$1/server.properties" &&
    printf '%s' "$pid"
}

launch() {
  local node=$1
  : >"$node/server.log"
  (exec_node "$node/server.properties") >>"$node/server.log" 2>&1 </dev/null &
  printf '%s' $! >"$node/pid"
  disown $!
}

# await_nodes FOLDER...: a node says that it started once the controller lets it serve and its listeners are open.
await_nodes() {
  local node pid limit=$((SECONDS + 300))
  for node in "$@"; do
    pid=$(cat "$node/pid")
    until grep -q 'Kafka Server started' "$node/server.log"; do
      if ! kill -0 "$pid" 2>/dev/null; then
        tail -n 20 "$node/server.log" >&2
        die "${node##*/} ended while it started; its log is $node/server.log"
      fi
      ((SECONDS < limit)) || die "${node##*/} did not start within five minutes; its log is $node/server.log"
      sleep 0.05
    done
  done
}

# nodes_in DIR [ID...]: sets nodes to the folders of those nodes, or of all.
nodes_in() {
  local dir id
  [[ -e ${1:-}/bootstrap ]] || die "'${1:-}' holds no nodes: kafka start DIR makes some"
  dir=$(cd "$1" && pwd)
  shift
  nodes=("$dir"/node-*)
  [[ $# -eq 0 ]] || nodes=()
  for id in "$@"; do
    [[ -d $dir/node-$id ]] || die "$dir has no node $id"
    nodes+=("$dir/node-$id")
  done
}

# configure_node FOLDER ROLES LISTENERS: writes server.properties and formats the node's directory. A later line
# of a properties file wins, so the caller's own keys come last.
configure_node() {
  local node=$1 roles=$2 listeners=$3 quorum=controller.quorum.voters=$voters
  [[ " ${format_words[*]} " != *" --standalone "* ]] || quorum=controller.quorum.bootstrap.servers=${voters#*@}
  mkdir -p "$node/data"
  cat >"$node/server.properties" <<PROPERTIES
process.roles=$roles
node.id=${node##*-}
$quorum
listeners=$listeners
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs=$node/data
offsets.topic.replication.factor=$replicas
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$(((replicas + 1) / 2))
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$(((replicas + 1) / 2))
group.initial.rebalance.delay.ms=0
PROPERTIES
  # A node that only controls may not name the brokers' listener.
  [[ $roles != controller ]] || sed -i '/^inter.broker/d' "$node/server.properties"
  [[ ${#keys[@]} -eq 0 ]] || printf '%s\n' "${keys[@]}" >>"$node/server.properties"
  KAFKA_HEAP_OPTS='-Xmx256m -XX:TieredStopAtLevel=1' jvm broker kafka.tools.StorageTool format -t "$cluster_id" \
    -c "$node/server.properties" "${format_words[@]}" >"$node/format.log" 2>&1
}

# A cluster's name: 16 random bytes; one that begins with "-" would look like a flag.
random_cluster_id() {
  local id=-
  while [[ $id == -* ]]; do id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 1-22); done
  printf '%s' "$id"
}

# A voter is node ID, or ID + 100 where controllers have processes of their own.
make_nodes() {
  local dir=$1 count=$2 isolated=$3 cluster_id id ports voters='' bootstrap='' pending=() controller
  local replicas=$((count < 3 ? count : 3))
  cluster_id=$(random_cluster_id)
  read -ra ports < <(python3 "$here/free_ports.py" "$home/ports" $((2 * count)) "$dir")
  [[ ${#ports[@]} -eq $((2 * count)) ]] || exit 1
  for ((id = 1; id <= count; id++)); do
    voters+=${voters:+,}$((id + isolated * 100))@localhost:${ports[count + id - 1]}
    bootstrap+=${bootstrap:+,}localhost:${ports[id - 1]}
  done
  nodes=()
  for ((id = 1; id <= count; id++)); do
    controller=CONTROLLER://localhost:${ports[count + id - 1]}
    if ((isolated)); then
      configure_node "$dir/node-$((id + 100))" controller "$controller" &
      pending+=($!)
      nodes+=("$dir/node-$((id + 100))")
      configure_node "$dir/node-$id" broker "CLIENT://localhost:${ports[id - 1]}" &
    else
      configure_node "$dir/node-$id" broker,controller "CLIENT://localhost:${ports[id - 1]},$controller" &
    fi
    pending+=($!)
    nodes+=("$dir/node-$id")
  done
  for id in "${!pending[@]}"; do
    wait "${pending[id]}" || {
      cat "${nodes[id]}/format.log" >&2
      die "could not format ${nodes[id]}"
    }
  done
  printf '%s\n' "$bootstrap" >"$dir/bootstrap"
}

start() {
  [[ $# -gt 0 && $1 != -* ]] || die "start DIR: where should the nodes live?"
  local dir=$1 count=1 isolated=0 keys=() format_words=() nodes=() node
  shift
  while [[ $# -gt 0 ]]; do
    case $1 in
      -n)
        [[ ${2:-} =~ ^[1-9][0-9]?$ ]] || die "start: -n wants a number from 1 to 99"
        count=$2
        shift
        ;;
      --isolated) isolated=1 ;;
      --standalone) format_words+=("$1") ;;
      --release-version)
        format_words+=("$1" "${2:-}")
        shift
        ;;
      *=*) keys+=("$1") ;;
      *) die "start: '$1'? -n N, --isolated, --standalone, --release-version LEVEL or KEY=VALUE" ;;
    esac
    shift
  done
  [[ $count -eq 1 || " ${format_words[*]} " != *" --standalone "* ]] || die "start: --standalone is for one node"
  compgen -G "$dir/node-*" >/dev/null && die "$dir holds nodes already: kafka resume $dir, or take another folder"
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  make_nodes "$dir" "$count" "$isolated"
  for node in "${nodes[@]}"; do launch "$node"; done
  await_nodes "${nodes[@]}"
  cat "$dir/bootstrap"
}

resume() {
  local nodes=() node
  nodes_in "$@"
  for node in "${nodes[@]}"; do process_of "$node" >/dev/null || launch "$node"; done
  await_nodes "${nodes[@]}"
  cat "$1/bootstrap"
}

stop() {
  local dir=${1:-} signal=TERM nodes=() node pid limit
  [[ $# -eq 0 ]] || shift
  if [[ ${1:-} == --kill ]]; then
    signal=KILL
    shift
  fi
  nodes_in "$dir" "$@"
  for node in "${nodes[@]}"; do
    pid=$(process_of "$node") && kill -"$signal" "$pid"
  done
  limit=$((SECONDS + 60))
  for node in "${nodes[@]}"; do
    while pid=$(process_of "$node"); do
      ((SECONDS < limit)) || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.05
    done
    rm -f "$node/pid"
  done
}

# SPDX-License-Identifier: GPL-2.0-or-later
# Live tests, shared parts: a Docker daemon of their own, contop in the
# background, sums over its output, and the cleaning up of all that.  A case
# sources this file; "run" gives all cases one daemon, else each starts its own.
#
# The daemon lives in a network and a mount namespace of its own: no address,
# firewall rule or mount of the machine can be in its way, and none stays behind.
#
# $CONTOP   the program; default ./contop
# $LOAD     the static load program; default tests/load, else built from load.c
# $LIVE_TESTS=required   what cannot run here fails instead of being skipped

set -u
export LC_ALL=C
LIVE_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CASE=$(basename "$0" .sh)
FAILED=0
CONTOPS=()
CHILDREN=()
LOOPS=()
OWN_CGROUPS=()
N_BEFORE=0

skip() {
	echo "# skipped: $*"
	if [ "${LIVE_TESTS:-optional}" = required ]; then
		exit 1
	fi
	exit 77
}

die() {
	echo "# $*"
	exit 1
}

# wait_until SECONDS COMMAND...: until it succeeds; 1 when time is up.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# ---- what a case finds out

# is WHAT GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		echo "# ok: $1: $2"
	else
		echo "# NOT OK: $1: $2 instead of $3"
		FAILED=1
	fi
}

# within WHAT GOT LEAST MOST
within() {
	if [ "$2" != null ] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		echo "# ok: $1: $2"
	else
		echo "# NOT OK: $1: $2 is not within $3 and $4"
		FAILED=1
	fi
}

# ---- the daemon

live_check_machine() {
	local tool

	[ "$(id -u)" = 0 ] || skip "not root"
	for tool in dockerd docker jq busybox unshare nsenter ip; do
		command -v $tool >/dev/null || skip "no $tool"
	done
	if ldd "$(command -v busybox)" >/dev/null 2>&1; then
		skip "busybox is not static"
	fi
}

live_find_programs() {
	CONTOP=${CONTOP:-./contop}
	CONTOP=$(readlink -e "$CONTOP") || die "no contop at ${CONTOP:-./contop}: set CONTOP"
	if [ -z "${LOAD:-}" ] && [ -x tests/load ]; then
		LOAD=tests/load
	elif [ -z "${LOAD:-}" ]; then
		LOAD=$LIVE_DIR/load
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -static -o "$LOAD" \
			"$LIVE_SOURCE/.."/load*.c ||
			skip "no compiler for static programs"
	fi
	LOAD=$(readlink -e "$LOAD") || die "no load program: set LOAD"
	export CONTOP LOAD
}

# Runs inside the daemon's namespaces. A containerd of the machine must not be
# found: its own one would then not be started.
# shellcheck disable=SC2016
LIVE_DAEMON='
	set -e
	dir=$1 bridge=$2
	shift 2
	if [ -d /run/containerd ]; then mount -t tmpfs none /run/containerd; fi
	ip link set lo up
	# What the machine has it at is none of ours; without it docker warns each time.
	echo 1 >/proc/sys/net/ipv4/ip_forward
	# SACK blocks would make sizes inexact (load.c), also with --network host.
	echo 0 >/proc/sys/net/ipv4/tcp_sack
	ip link add "$bridge" type bridge mcast_snooping 0
	ip addr add 10.213.0.1/24 dev "$bridge"
	ip addr add fd21:3::1/64 dev "$bridge" nodad
	ip link set "$bridge" up
	exec dockerd --data-root "$dir/data" --exec-root "$dir/exec" -H "unix://$dir/docker.sock" \
		-p "$dir/docker.pid" --bridge "$bridge" --ipv6 --fixed-cidr-v6 fd21:3::/64 \
		--ip-forward=false --ip-masq=false --iptables=false --ip6tables=false \
		--userland-proxy=false "$@"'

live_start() {
	live_check_machine
	# Direct I/O wants a disk, and /tmp may be memory.
	LIVE_DIR=$(mktemp -d "${LIVE_TMPDIR:-/var/tmp}/contop-live-XXXXXX") || exit 1
	trap live_end EXIT
	trap 'exit 1' INT TERM HUP
	live_find_programs
	live_begin_daemon || {
		tail -5 "$LIVE_DIR/dockerd.log"
		skip "dockerd does not start"
	}
	live_make_image || die "no image"
	docker run --rm bb true || skip "dockerd cannot run containers"
}

# live_begin_daemon [OPTIONS...]: of dockerd
live_begin_daemon() {
	unshare -n -m sh -c "$LIVE_DAEMON" sh "$LIVE_DIR" "ctp$$" "$@" >"$LIVE_DIR/dockerd.log" 2>&1 &
	LIVE_DOCKERD=$!
	export LIVE_DIR LIVE_DOCKERD DOCKER_HOST="unix://$LIVE_DIR/docker.sock"
	wait_until 30 live_is_up
}

live_end_daemon() {
	local containerd

	containerd=$(cat "$LIVE_DIR/exec/containerd/containerd.pid" 2>/dev/null)
	end_process "$LIVE_DOCKERD"
	[ -z "$containerd" ] || end_process "$containerd"
}

live_is_up() {
	kill -0 "$LIVE_DOCKERD" 2>/dev/null || skip "$(tail -1 "$LIVE_DIR/dockerd.log")"
	docker version >/dev/null 2>&1
}

live_make_image() {
	local tree=$LIVE_DIR/tree name

	mkdir -p "$tree/bin" "$tree/tmp" "$tree/proc" &&
		cp "$(command -v busybox)" "$tree/bin/busybox" && cp "$LOAD" "$tree/bin/load" || return 1
	for name in sh sleep true; do
		ln -s busybox "$tree/bin/$name"
	done
	tar -C "$tree" -c . | docker import - bb >/dev/null
}

# Those that contop is not linked with, but loads when it needs them.
late_libraries() {
	local name

	for name in $(grep -aoE 'lib(curl|zmq)[a-z-]*\.so\.[0-9]+' "$CONTOP" | sort -u); do
		ldconfig -p | sed -n "s|^[[:space:]]*$name (.*=> ||p" | head -n 1
	done | grep .
}

# import_contop NAME: an image of the program and its libraries, where it finds them, or
# the one in $CONTOP_IMAGE, as tests/image builds it. What is run in it is contop.
import_contop() {
	local tree=$CASE_DIR/tree late file

	if [ -n "${CONTOP_IMAGE:-}" ]; then
		docker load -q -i "$CONTOP_IMAGE" >/dev/null && docker tag localhost/contop "$1" ||
			die "no image in $CONTOP_IMAGE"
		return
	fi
	mkdir -p "$tree/usr/sbin" "$tree/tmp" "$tree/proc"
	cp "$CONTOP" "$tree/usr/sbin/contop"
	late=$(late_libraries) || die "no library of those that contop loads later"
	for file in $late $(ldd "$CONTOP" $late | grep -oE '[[:space:]]/[^ ]*' | sort -u); do
		mkdir -p "$tree${file%/*}" && cp -L "$file" "$tree$file"
	done
	tar -C "$tree" -c . | docker import --change 'ENTRYPOINT ["/usr/sbin/contop"]' - "$1" >/dev/null ||
		die "no image $1"
}

# Ends a process and waits for it, child of this shell or not.
end_process() {
	kill "$1" 2>/dev/null || return 0
	if ! wait_until 15 process_is_gone "$1"; then
		kill -9 "$1" 2>/dev/null
		wait_until 5 process_is_gone "$1"
	fi
	wait "$1" 2>/dev/null
	return 0
}

process_is_gone() {
	local state

	state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
	[ -z "$state" ] || [ "${state:0:1}" = Z ]
}

live_end() {
	local status=$? containers

	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "${LIVE_DOCKERD:-}" ]; then
		containers=$(docker ps -aq 2>/dev/null)
		# shellcheck disable=SC2086
		[ -z "$containers" ] || docker rm -fv $containers >/dev/null 2>&1
		live_end_daemon
	fi
	if grep -q " $LIVE_DIR/" /proc/self/mounts; then
		echo "# mounts left below $LIVE_DIR: not removed"
	else
		rm -rf "$LIVE_DIR"
	fi
	exit "$status"
}

# ---- a case

# own_cgroups CONTROLLER...: one directory for this case in each hierarchy of these
# and in that of version 2; remove_own_cgroups takes all of it away.
own_cgroups() {
	local wanted
	wanted=$(IFS='|'; echo "$*")
	mapfile -t OWN_CGROUPS < <(awk -v wanted="(^|,)($wanted)(,|$)" -v name="contop-$CASE-$$" '
		$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ wanted) { print $2 "/" name }' \
		/proc/self/mounts | sort -u)
	mkdir -p "${OWN_CGROUPS[@]}" || skip "cgroups cannot be made"
}

remove_own_cgroups() {
	local directory

	for directory in ${OWN_CGROUPS[@]+"${OWN_CGROUPS[@]}"}; do
		[ ! -d "$directory" ] || find "$directory" -depth -type d -delete
	done
}

case_end() {
	local status=$? process loop containers

	trap - EXIT
	trap '' INT TERM HUP
	for process in ${CONTOPS[@]+"${CONTOPS[@]}"} ${CHILDREN[@]+"${CHILDREN[@]}"}; do
		end_process "$process"
	done
	remove_own_cgroups
	for loop in ${LOOPS[@]+"${LOOPS[@]}"}; do
		losetup -d "$loop"
	done
	containers=$(docker ps -aq)
	# shellcheck disable=SC2086
	[ -z "$containers" ] || docker rm -fv $containers >/dev/null 2>&1
	if [ "$status" = 0 ]; then
		status=$FAILED
	fi
	if [ -n "${LIVE_KEEP:-}" ] && [ "$status" = 1 ]; then
		rm -rf "${LIVE_KEEP:?}/$CASE"
		cp -r "$CASE_DIR" "$LIVE_KEEP/$CASE"
	fi
	rm -rf "$CASE_DIR"
	if [ "$LIVE_OWN" = 1 ]; then
		(exit "$status")
		live_end
	fi
	exit "$status"
}

case_begin() {
	LIVE_OWN=0
	if [ -z "${LIVE_DIR:-}" ]; then
		LIVE_OWN=1
		live_start
	fi
	CASE_DIR=$(mktemp -d "$LIVE_DIR/$CASE-XXXXXX") || exit 1
	mkdir "$CASE_DIR/work"
	trap case_end EXIT
	trap 'exit 1' INT TERM HUP
}

# split ARGUMENT...: sets OPTIONS to those before the first --, and REST to those behind it
split() {
	OPTIONS=()
	while [ "$1" != -- ]; do
		OPTIONS+=("$1")
		shift
	done
	shift
	REST=("$@")
}

# run_container NAME [DOCKER OPTIONS...] -- COMMAND...
run_container() {
	local name=$1
	shift
	split "$@"
	docker run -d --name "$name" -v "$CASE_DIR/work:/work" "${OPTIONS[@]}" bb "${REST[@]}" \
		>/dev/null 2>>"$CASE_DIR/docker.log" || {
		cat "$CASE_DIR/docker.log"
		die "container $name did not start"
	}
}

# start NAME [DOCKER OPTIONS...] -- LOAD ARGUMENTS...: a container that runs the
# load, once that is ready. SACK blocks would make sizes inexact (load.c).
start() {
	local name=$1
	shift
	split "$@"
	case "${OPTIONS[*]}" in
	*"--network host"*) ;;
	*) OPTIONS+=(--sysctl net.ipv4.tcp_sack=0) ;;
	esac
	run_container "$name" "${OPTIONS[@]}" -- load "${REST[@]}"
	wait_until 20 is_ready "$name" || die "load $name is not ready"
}

# For docker run: the programs of this machine, in their usual places.
PROGRAMS_HERE=(-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v /etc/passwd:/etc/passwd:ro
	-v /etc/group:/etc/group:ro)

# A load that does not wait may be over before.
is_ready() {
	docker logs "$1" 2>&1 | grep -q '^ready$' ||
		[ "$(docker inspect -f '{{.State.Running}}' "$1")" = false ]
}

# cgroup_directories NAME: those of the container's first process
cgroup_directories() {
	local controllers path directory type options

	while IFS=: read -r _ controllers path; do
		while read -r _ directory type options _; do
			case "$type:,$options," in
			cgroup2:*) [ -z "$controllers" ] || continue ;;
			cgroup:*",$controllers,"*) [ -n "$controllers" ] || continue ;;
			*) continue ;;
			esac
			[ ! -e "$directory$path/cgroup.procs" ] || echo "$directory$path"
		done </proc/self/mounts
	done <"/proc/$(pid_of "$1")/cgroup"
}

# move_into NAME PROCESS: into every cgroup that the container's first process is in.
move_into() {
	local directory

	while read -r directory; do
		echo "$2" >"$directory/cgroup.procs"
	done < <(cgroup_directories "$1")
}

# go NAME: lets a load begin that waits.
go() {
	docker kill -s USR1 "$1" >/dev/null || die "cannot signal $1"
}

# result NAME: waits for the load's end and prints what it reported.
result() {
	local status

	status=$(timeout 150 docker wait "$1")
	[ "$status" = 0 ] || {
		docker logs "$1" >&2
		echo "# load $1 failed: $status" >&2
		return 1
	}
	docker logs "$1" 2>/dev/null
}

address4() {
	docker inspect -f '{{.NetworkSettings.IPAddress}}' "$1"
}

address6() {
	docker inspect -f '{{.NetworkSettings.GlobalIPv6Address}}' "$1"
}

id_of() {
	docker inspect -f '{{.Id}}' "$1"
}

# Runs a command in the network of the daemon, where --network host is.
in_network() {
	nsenter -t "$LIVE_DOCKERD" -n "$@"
}

# ---- contop

# contop_run [NAME] ARGUMENTS...: in the background, JSON lines to a file; returns
# after the first report.  Its process is $CONTOP_PID.
contop_run() {
	contop_start contop "$@"
	contop_ready contop
}

contop_start() {
	local name=$1
	shift
	# Here, not in the child: whoever waits for reports must not find older ones.
	if [ -e "$CASE_DIR/$name.json" ]; then
		mv "$CASE_DIR/$name.json" "$CASE_DIR/before-$N_BEFORE.json"
		N_BEFORE=$((N_BEFORE + 1))
	fi
	: >"$CASE_DIR/$name.json"
	"$CONTOP" -b -o json -d 0.5 --docker-socket "${DOCKER_HOST#unix://}" "$@" \
		>>"$CASE_DIR/$name.json" 2>"$CASE_DIR/$name.err" &
	CONTOP_PID=$!
	CONTOPS+=("$CONTOP_PID")
}

contop_ready() {
	wait_until 20 has_reports "$CASE_DIR/$1.json" 1 || {
		cat "$CASE_DIR/$1.err"
		die "no report"
	}
}

# Events are lines, too.
count_reports() {
	grep -c -F '"interval":' "$1"
}

has_reports() {
	[ "$(count_reports "$1")" -ge "$2" ]
}

# contop_next [N]: N more whole intervals.
contop_next() {
	local n

	n=$(count_reports "$CASE_DIR/contop.json")
	wait_until 20 has_reports "$CASE_DIR/contop.json" $((n + ${1:-1})) || die "no more reports"
}

# contop_stop [PROCESS [SIGNAL]]: it must end well and say nothing.
contop_stop() {
	local process=${1:-$CONTOP_PID} status i

	kill -s "${2:-TERM}" "$process" || die "contop has ended before: $(cat "$CASE_DIR"/*.err)"
	wait_until 10 process_is_gone "$process" || die "contop does not end"
	wait "$process"
	status=$?
	for i in "${!CONTOPS[@]}"; do
		[ "${CONTOPS[i]}" != "$process" ] || unset "CONTOPS[i]"
	done
	[ "$status" = 0 ] || is "contop's exit status" "$status" 0
	[ ! -s "$CASE_DIR/contop.err" ] || is "standard error" "$(head -5 "$CASE_DIR/contop.err")" ""
}

# of FILTER: jq over the list of all reports.
of() {
	jq -s -r "$1" "$CASE_DIR/${REPORTS:-contop}.json"
}

# sum PANE FILTER FIELD: over all reports; null as soon as one is not known.
sum() {
	of "[.[] | .$1 // [] | .[] | select($2) | .$3] |
		if any(. == null) then null else add // 0 end"
}

# field FIELD JSON
field() {
	jq -r "$1" <<<"$2"
}

# by NAME: a jq filter, the rows of this container by its id, whatever contop calls it.
by() {
	echo "(.id // \"\" | startswith(\"$(docker inspect -f '{{.Id}}' "$1" | cut -c1-12)\"))"
}

# kernel_before MAJOR MINOR
kernel_before() {
	local major minor

	IFS=.- read -r major minor _ < <(uname -r)
	[ "$major" -lt "$1" ] || { [ "$major" = "$1" ] && [ "$minor" -lt "$2" ]; }
}

# nothing_lost: contop must say that it counted everything.
nothing_lost() {
	is "events lost" "$(of '[.[].accuracy | { missed_runs, lost_events, flow_map_full,
		disk_map_full, syscall_map_full, file_map_full } | to_entries[] | select((.value // 0) != 0) |
		"\(.key) \(.value)"] | join(", ")')" ""
}

# is_flow WHAT FILTER MINE THEIRS: the flow of a load in all reports. MINE and THEIRS
# are what the two ends reported: what one end got is what the other sent.
is_flow() {
	local what=$1 filter=$2 mine=$3 theirs=$4

	filter="$filter and .local_port == $(field .local_port "$mine") and
		.remote_port == $(field .remote_port "$mine") and
		.local_address == \"$(field .local_address "$mine")\" and
		.remote_address == \"$(field .remote_address "$mine")\""
	is "$what: tx_packets" "$(sum flows "$filter" tx_packets)" "$(field .tx_packets "$mine")"
	is "$what: tx_bytes" "$(sum flows "$filter" tx_bytes)" "$(field .tx_bytes "$mine")"
	is "$what: rx_packets" "$(sum flows "$filter" rx_packets)" "$(field .tx_packets "$theirs")"
	is "$what: rx_bytes" "$(sum flows "$filter" rx_bytes)" "$(field .tx_bytes "$theirs")"
}

# seen_of_server REPORT: the part of a server's report that egress shows: before
# 6.12 the kernel shows no SYN-ACK of IPv6 there (the other end does see it).
seen_of_server() {
	if [ "$(field .family "$1")" = 6 ] && kernel_before 6 12; then
		jq -c '.tx_packets -= 1 | .tx_bytes -= .syn_size' <<<"$1"
	else
		echo "$1"
	fi
}

# column PANE FILTER FIELD: the different values that a column had.
column() {
	of "[.[] | .$1 // [] | .[] | select($2) | .$3] | unique | map(tostring) | join(\" \")"
}

# pid_of NAME: of a container's first process, as the host sees it
pid_of() {
	docker inspect -f '{{.State.Pid}}' "$1"
}

# has_begun PROCESS: its first interval runs: a timer is set to its end
has_begun() {
	grep -qs '^it_value: ([1-9]' "/proc/$1/fdinfo/"*
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Events, one by one: a connection of two containers with exactly what it sent, one
# that is refused, one that nobody answers for, one that loses segments; a program
# that starts and ends; containers that come and go.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

# event FILTER FIELD: what the events had, in the order of their time
event() {
	local id=

	# Much else may happen on this machine.
	[[ $1 =~ startswith\(\"([0-9a-f]+) ]] && id=${BASH_REMATCH[1]}
	grep -F '"event"' "$CASE_DIR/contop.json" | grep -F "$id" |
		jq -s -r "[.[] | select(.event and ($1)) | .$2 | tostring] | join(\" \")"
}

connection() {
	local client server from mine theirs them

	start server -- tcp-server 0.0.0.0 5000
	start client -- --wait tcp-client "$(address4 server)" 5000 3000001
	client=$(by client)
	server=$(by server)
	contop_run -P events
	go client
	sent=$(result client) && answered=$(result server) || exit 1
	contop_next
	contop_stop
	is "events of the client" \
		"$(event "$client and .protocol == \"tcp\" and .event != \"retransmit\"" event)" "connect close"
	is "events of the server" \
		"$(event "$server and .protocol == \"tcp\" and .event != \"retransmit\"" event)" "accept close"
	for from in client server; do
		them=${!from}
		if [ $from = client ]; then mine=$sent theirs=$answered; else mine=$answered theirs=$sent; fi
		is_closed "$from" "$them and .event == \"close\"" "$mine" "$theirs"
		is "$from: comm" "$(event "$them and .event == \"close\"" comm)" load
	done
	is "client: direction" "$(event "$client and .protocol == \"tcp\"" direction | tr ' ' '\n' | sort -u)" out
	is "server: direction" "$(event "$server and .protocol == \"tcp\"" direction | tr ' ' '\n' | sort -u)" in
	is "client: retransmits" "$(event "$client and .event == \"retransmit\"" event | wc -w)" \
		"$(field .retransmits "$sent")"
	within "client: latency_us" "$(event "$client and .event == \"connect\"" latency_us)" 1 1000000
	is "client: exit" "$(event "$client and .event == \"exit\"" exit_code)" 0
	is "containers that stopped" "$(event "$client and .event == \"stop\"" event)" stop
	nothing_lost
}

# is_closed WHAT FILTER MINE THEIRS
is_closed() {
	is "$1 close: local port" "$(event "$2" local_port)" "$(field .local_port "$3")"
	is "$1 close: remote port" "$(event "$2" remote_port)" "$(field .remote_port "$3")"
	is "$1 close: remote address" "$(event "$2" remote_address)" "$(field .remote_address "$3")"
	is "$1 close: tx_bytes" "$(event "$2" tx_bytes)" "$(field .tx_bytes "$3")"
	is "$1 close: tx_packets" "$(event "$2" tx_packets)" "$(field .tx_packets "$3")"
	is "$1 close: rx_bytes" "$(event "$2" rx_bytes)" "$(field .tx_bytes "$4")"
	is "$1 close: rx_packets" "$(event "$2" rx_packets)" "$(field .tx_packets "$4")"
	is "$1 close: error" "$(event "$2" error)" null
	within "$1 close: duration_ms" "$(event "$2" duration_ms)" 0 60000
}

# failure WHAT ADDRESS ERROR [OPTIONS...]: a container's connection, which fails.  A timer ends the
# ones that nobody answers for: as in disk.sh, some hosts keep a few of such
# tracepoints from everybody, so that it is tried up to three times.
failure() {
	local name id try

	for try in 1 2 3; do
		name=fail-${1//[^a-z0-9]/-}-$try
		start "$name" "${@:4}" -- --wait tcp-client "$2" 5999 1
		# A neighbour that there is not: nobody says that it cannot be reached.
		nsenter -t "$(pid_of "$name")" -n \
			ip neigh replace $SILENT lladdr 02:00:00:00:00:99 nud permanent dev eth0 ||
			die "no neighbour"
		go "$name"
		timeout 60 docker wait "$name" >/dev/null
		contop_next 2
		id=$(by "$name")
		[ -z "$(event "$id and .event == \"connect_failed\"" error)" ] || break
	done
	is "$1: error" "$(event "$id and .event == \"connect_failed\"" error)" "$3"
	is "$1: address" "$(event "$id and .event == \"connect_failed\"" remote_address)" "$2"
	is "$1: port" "$(event "$id and .event == \"connect_failed\"" remote_port)" 5999
	is "$1: process" "$(event "$id and .event == \"connect_failed\"" comm)" load
	is "$1: events" "$(event "$id and .protocol == \"tcp\" and .event != \"retransmit\"" event)" connect_failed
	is "$1: exit code" "$(event "$id and .event == \"exit\" and .comm == \"load\"" exit_code)" 1
	is "$1: start and stop" "$(event "$id and (.event == \"start\" or .event == \"stop\")" event)" "start stop"
}

# Memory that a container's process takes beyond what it may have.
out_of_memory() {
	local id pid

	# shellcheck disable=SC2016
	docker run -d --name greedy -m 24m --memory-swap 24m bb \
		sh -c 'echo ready >&2; x=0123456789abcdef; while :; do x=$x$x; done' \
		>/dev/null 2>>"$CASE_DIR/docker.log"
	if [ "$(docker inspect -f '{{.HostConfig.Memory}}' greedy 2>/dev/null)" != 25165824 ]; then
		echo "# no memory controller here: no process can run out of memory"
		return
	fi
	is "out of memory: exit status" "$(timeout 60 docker wait greedy)" 137
	contop_next 2
	id=$(by greedy)
	is "out of memory: events" "$(event "$id and .event == \"oom\"" event)" oom
	pid=$(event "$id and .event == \"oom\"" pid)
	is "out of memory: process that is ended" \
		"$(event "$id and .event == \"exit\" and .pid == ${pid:-0}" signal)" 9
	kernel_before 6 9 ||
		is "out of memory: its name" "$(event "$id and .event == \"oom\"" comm)" sh
}

programs() {
	local id

	# shellcheck disable=SC2016
	docker run -d --name programs bb sh -c '/bin/true; /bin/sh -c "exit 7"; /bin/sh -c "kill -9 \$\$"
		/bin/sleep 0.2' >/dev/null
	timeout 60 docker wait programs >/dev/null
	contop_next 2
	id=$(by programs)
	is "programs executed" "$(event "$id and .event == \"exec\" and .comm != \"exe\"" comm |
		tr ' ' '\n' | sort -u | tr '\n' ' ')" "sh sleep true "
	is "exit code of a program" "$(event "$id and .event == \"exit\" and .exit_code == 7" comm)" sh
	is "signal that ended one" "$(event "$id and .event == \"exit\" and .signal == 9" comm)" sh
	contop_stop
	nothing_lost
}

# A network of its own that drops now and then, in whole segments: each one that is
# sent again is told.
# shellcheck disable=SC2016
LOSSY='
	ip link set lo mtu 1500 up
	sysctl -qw net.ipv4.tcp_sack=0
	sysctl -qw net.ipv4.tcp_min_tso_segs=1
	ip link set lo gso_max_segs 1 || exit 2
	tc qdisc add dev lo root netem loss 5% 2>/dev/null ||
		iptables -A INPUT -p tcp -m length --length 500:65535 -m statistic \
			--mode nth --every 20 --packet 0 -j DROP 2>/dev/null ||
		exit 2
	"$0" --echo udp-pair 127.0.0.1 5889 53 100 >/dev/null || exit 1
	exec "$0" tcp-pair 127.0.0.1 5888 300000'

lossy() {
	local retransmits status

	contop_run -P flows,events -f 'tcp or udp'
	unshare -n sh -c "$LOSSY" "$LOAD" >"$CASE_DIR/lossy.json" 2>"$CASE_DIR/lossy.err"
	status=$?
	contop_next
	contop_stop
	if [ $status = 2 ]; then
		echo "# nothing drops packets here: retransmissions are not tried"
		return
	fi
	is "exit status of the load" "$status" 0
	retransmits=$(jq -s 'map(.retransmits) | add' "$CASE_DIR/lossy.json")
	within "retransmits" "$retransmits" 1 100000
	is "retransmits told" "$(event ".event == \"retransmit\" and
		(.local_port == 5888 or .remote_port == 5888)" event | wc -w)" "$retransmits"
}

# filtered PANES EXPRESSION WANTED: what a recording of the last run shows through the
# filter, against what jq finds in it
filtered() {
	local rows='[.[] | (.flows // [])[], select(.event)] |
		map([.event, .protocol, .direction, .local_port, .remote_port, .tx_bytes, .rx_bytes] | tojson)'
	local all

	"$CONTOP" --replay "$CASE_DIR/contop.json" -b -o json -P "$1" -f "$2" \
		>"$CASE_DIR/filtered.json" 2>"$CASE_DIR/filtered.err" || die "$(cat "$CASE_DIR/filtered.err")"
	jq -s -r "$rows | sort | .[]" "$CASE_DIR/filtered.json" >"$CASE_DIR/shown"
	jq -s -r "map(if .event then select($3) else .flows |= map(select($3)) end) | $rows | sort | .[]" \
		"$CASE_DIR/contop.json" >"$CASE_DIR/wanted"
	all=$(jq -s -r "$rows | length" "$CASE_DIR/contop.json")
	within "shown by -f '$2'" "$(wc -l <"$CASE_DIR/shown")" 1 $((all - 1))
	is "rows that -f '$2' shows wrongly or not" "$(diff "$CASE_DIR/shown" "$CASE_DIR/wanted" | head -3)" ""
}

# The words of libebpfflow.
filters() {
	filtered flows,events tcp '.protocol == "tcp"'
	filtered flows,events udp '.protocol == "udp"'
	filtered flows,events in '.direction == "in"'
	filtered flows,events out '.direction == "out"'
	filtered flows,events retransmit '.event == "retransmit" or (.event == null and .retransmits > 0)'
	filtered flows,events "udp and in or tcp and out" \
		'(.protocol == "udp" and .direction == "in") or (.protocol == "tcp" and .direction == "out")'
	filtered events close '.event == "close"'
	filtered events "close and not in" '.event == "close" and .direction != "in"'
}

SILENT=10.213.0.251
connection
contop_run -P events
failure refused "$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Gateway}}')" ECONNREFUSED
failure "refused, IPv6" fd21:3::1 ECONNREFUSED
failure unreachable 10.213.0.250 EHOSTUNREACH
failure "timed out" $SILENT ETIMEDOUT --sysctl net.ipv4.tcp_syn_retries=1
out_of_memory
programs
lossy
[ ! -s "$CASE_DIR/lossy.json" ] || filters

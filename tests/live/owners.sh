#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose a connection is: the process's that made the socket, or that accepted it, not
# that of whoever made the listener; or the child's that was left with it.
. "$(dirname "$0")/lib.sh"
case_begin

# served PORT SERVER ARGUMENTS...: a server and a client on the host for each of its
# connections; its reports go to the file server
served() {
	local port=$1 server

	shift
	: >"$CASE_DIR/server.err"
	in_network "$LOAD" "$@" >"$CASE_DIR/server" 2>"$CASE_DIR/server.err" &
	server=$!
	CHILDREN+=("$server")
	wait_until 10 grep -q ready "$CASE_DIR/server.err" || die "$1 does not listen"
	for ((i = 0; i < ${N:-1}; i++)); do
		in_network "$LOAD" tcp-client 127.0.0.1 "$port" 100003 >>"$CASE_DIR/clients" ||
			die "client of $1"
	done
	wait "$server" || die "$1 failed"
}

# check WHAT PORT NAME: the last row of each connection has the process that served it; its parent is known.
check() {
	local what=$1 port=$2 comm=$3 line row

	contop_next
	while read -r line; do
		row=$(of "[.[].flows // [] | .[] | select(.local_port == $port and
			.remote_port == $(field .remote_port "$line"))] | last // {} | tojson")
		is "$what: process" "$(field .pid "$row")" "$(field .pid "$line")"
		is "$what: name and parent" "$(field '.comm + " " + .parent' "$row")" "$comm load"
		is "$what: user and group" "$(field '.user + " " + .group' "$row")" "root root"
		is "$what: direction" "$(field .direction "$row")" in
	done <"$CASE_DIR/server"
}

# event FILTER FIELDS: of the events, in the order of their time
event() {
	of "[.[] | select(.event and ($1))] | sort_by(.time) | map($2 | tostring) | join(\" \")"
}

# accepted WHAT: each connection of the server was accepted once, by the process that served it
accepted() {
	local line this

	while read -r line; do
		this=".local_port == $(field .local_port "$line") and
			.remote_port == $(field .remote_port "$line")"
		is "$1: accepted by" "$(event "$this and .event == \"accept\"" .pid)" "$(field .pid "$line")"
		is "$1: accept's other end" "$(event "$this and .event == \"accept\"" \
			'"\(.local_address) \(.remote_address) \(.direction) \(.protocol)"')" "127.0.0.1 127.0.0.1 in tcp"
		within "$1: accept's latency" "$(event "$this and .event == \"accept\"" .latency_us)" 1 60000000
		is "$1: closed by" "$(event "$this and .event == \"close\"" .pid)" "$(field .pid "$line")"
	done <"$CASE_DIR/server"
}

# waiting PORT accept|leave EVENTS: of the end that waits in the listener's queue until it is over
waiting() {
	local line this

	line=$(in_network "$LOAD" tcp-waiting 127.0.0.1 "$1" "$2" 2>"$CASE_DIR/waiting.err") ||
		die "$(cat "$CASE_DIR/waiting.err")"
	contop_next
	this=".local_port == $1 and .remote_port == $(field .local_port "$line")"
	is "a connection to $2: events" "$(event "$this" .event)" "$3"
	is "a connection to $2: process" "$(event "$this" .pid | tr ' ' '\n' | sort -u)" "$(field .pid "$line")"
	is "a connection to $2: direction" "$(event "$this" .direction | tr ' ' '\n' | sort -u)" in
	is "a connection to $2: addresses" "$(event "$this" '.local_address + "," + .remote_address' |
		tr ' ' '\n' | sort -u)" 127.0.0.1,127.0.0.1
}

# As start does for containers; the network is the tests' own.
in_network sysctl -qw net.ipv4.tcp_sack=0
contop_run -P flows,events -f tcp
N=3 served 5901 tcp-workers 127.0.0.1 5901 3
is "workers that served" "$(jq -s 'map(.pid) | unique | length' "$CASE_DIR/server")" 3
check "workers that share a listener" 5901 load
accepted "workers that share a listener"
# Before, io_uring does not say what it has done.
if ! kernel_before 5 19 && [ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" = 0 ]; then
	for how in once again; do
		served 5904 tcp-ring 127.0.0.1 5904 $how
		check "accepted by io_uring, $how" 5904 load
		accepted "accepted by io_uring, $how"
	done
fi
waiting 5905 accept "close accept"
waiting 5906 leave close
served 5902 tcp-forker 127.0.0.1 5902
check "a child that was left with it" 5902 load
served 5903 tcp-inetd 127.0.0.1 5903
check "another program that was" 5903 exe
is "accepted by who then let go of it" \
	"$(event '.event == "accept" and .local_port == 5903' '(.pid == '"$(jq .pid "$CASE_DIR/server")"')')" false
while read -r line; do
	row=$(of "[.[].flows // [] | .[] | select(.remote_port == $(field .remote_port "$line") and
		.local_port == $(field .local_port "$line"))] | last // {} | tojson")
	is "client: process" "$(field .pid "$row")" "$(field .pid "$line")"
done <"$CASE_DIR/clients"
is "closed by who was left with it" \
	"$(of '[.[] | select(.event == "close" and .local_port == 5903)] | .[0].pid')" \
	"$(jq .pid "$CASE_DIR/server")"
is "interface" "$(of '[.[] | select(.event == "close" and .local_port == 5903)] | .[0].interface')" lo
contop_stop
in_network sysctl -qw net.ipv4.tcp_sack=1

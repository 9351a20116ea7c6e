#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One TCP connection between two containers: bytes and packets of both sides are
# exact, headers and handshake included, and so are retransmits.  The listener is
# older than contop.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

# connection FAMILY ADDRESS_OF
connection() {
	local client server client_pid server_pid

	start "server$1" -- tcp-server "$3" 5000
	start "client$1" -- --wait tcp-client "$($2 "server$1")" 5000 20000003
	client_pid=$(pid_of "client$1")
	server_pid=$(pid_of "server$1")
	contop_run
	go "client$1"
	client=$(result "client$1") && server=$(result "server$1") || exit 1
	contop_next
	contop_stop
	check_connection "$1" "$client" "$server" "$client_pid" "$server_pid"
}

check_connection() {
	local client server from to tcp sent answered

	client=$(by "client$1")
	server=$(by "server$1")
	tcp=".local_port == 5000 or .remote_port == 5000"
	sent=$2
	answered=$(seen_of_server "$3")
	is_flow "IPv$1 client" "$client" "$sent" "$3"
	is_flow "IPv$1 server" "$server" "$answered" "$sent"
	for from in client server; do
		to=${!from}
		is "IPv$1 $from: rx_bytes of its container and its flows" \
			"$(sum containers "$to" rx_bytes)" "$(sum flows "$to" rx_bytes)"
		is "IPv$1 $from: tx_bytes of its container and its flows" \
			"$(sum containers "$to" tx_bytes)" "$(sum flows "$to" tx_bytes)"
		is "IPv$1 $from: protocol" "$(column flows "$to and ($tcp)" protocol)" tcp
		is "IPv$1 $from: comm" "$(column flows "$to and ($tcp)" comm)" load
		is "IPv$1 $from: uid" "$(column flows "$to and ($tcp)" uid)" 0
	done
	is "IPv$1 client: retransmits" "$(sum flows "$client" retransmits)" "$(field .retransmits "$sent")"
	is "IPv$1 client: direction" "$(column flows "$client and ($tcp)" direction)" out
	is "IPv$1 server: direction" "$(column flows "$server and ($tcp)" direction)" in
	is "IPv$1 client: pid" "$(column flows "$client and ($tcp)" pid)" "$4"
	is "IPv$1 server: pid" "$(column flows "$server and ($tcp)" pid)" "$5"
	within "IPv$1 client: rtt_us" "$(of "[.[].flows[] | select($client and ($tcp)) | .rtt_us] | max")" 1 1000000
	nothing_lost
}

connection 4 address4 0.0.0.0
connection 6 address6 ::

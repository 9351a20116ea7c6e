#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loopback inside one container: both ends are its flows, and both count.
. "$(dirname "$0")/lib.sh"
case_begin

# pair NAME LOAD ARGUMENTS...
pair() {
	local name=$1 report client server
	shift

	contop_run
	start "$name" -- --wait "$@"
	go "$name"
	report=$(result "$name") || exit 1
	contop_next
	contop_stop
	client=$(jq -c 'select(.load | endswith("client"))' <<<"$report")
	server=$(jq -c 'select(.load | endswith("server"))' <<<"$report")
	is_flow "$name client" "$(by "$name")" "$client" "$server"
	is_flow "$name server" "$(by "$name")" "$(seen_of_server "$server")" "$client"
	is "$name: rx_bytes of the container and its flows" \
		"$(sum containers "$(by "$name")" rx_bytes)" "$(sum flows "$(by "$name")" rx_bytes)"
	is "$name: tx_bytes of the container and its flows" \
		"$(sum containers "$(by "$name")" tx_bytes)" "$(sum flows "$(by "$name")" tx_bytes)"
	is "$name: its direction" "$(column flows "$(by "$name") and .protocol != \"icmp6\"" direction)" "in out"
	nothing_lost
}

pair tcp4 tcp-pair 127.0.0.1 5000 30000001
pair tcp6 tcp-pair ::1 5000 30000001
pair udp4 udp-pair 127.0.0.1 5000 1009 100

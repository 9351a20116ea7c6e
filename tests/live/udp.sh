#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Datagrams between two containers, with and without an echo, to the byte.  Their
# sockets are younger than contop.
. "$(dirname "$0")/lib.sh"
case_begin

# datagrams FAMILY ADDRESS_OF ANY SIZE [FLAG]
datagrams() {
	local client server udp of=$1${5:-}

	contop_run
	start "server$of" -- ${5:+"$5"} udp-server "$3" 5000 2003 "$4"
	start "client$of" -- --wait ${5:+"$5"} udp-client "$($2 "server$of")" 5000 2003 "$4"
	go "client$of"
	client=$(result "client$of") && server=$(result "server$of") || exit 1
	contop_next
	contop_stop
	# A socket bound to any address does not know its own one.
	server=$(jq -c --argjson client "$client" '.local_address = $client.remote_address' <<<"$server")
	is_flow "IPv$1 client ${5:-}" "$(by "client$of")" "$client" "$server"
	is_flow "IPv$1 server ${5:-}" "$(by "server$of")" "$server" "$client"
	udp='.protocol == "udp"'
	is "IPv$1 client: direction" "$(column flows "$(by "client$of") and $udp" direction)" out
	is "IPv$1 server: direction" "$(column flows "$(by "server$of") and $udp" direction)" in
	# The kernel itself sends for a container, too: neighbour discovery.
	is "IPv$1 client: tx_bytes of its container and its flows" \
		"$(sum containers "$(by "client$of")" tx_bytes)" "$(sum flows "$(by "client$of")" tx_bytes)"
	is "IPv$1 server: rx_bytes of its container and its flows" \
		"$(sum containers "$(by "server$of")" rx_bytes)" "$(sum flows "$(by "server$of")" rx_bytes)"
	nothing_lost
}

datagrams 4 address4 0.0.0.0 512
datagrams 4 address4 0.0.0.0 0 --echo
datagrams 6 address6 :: 1400
datagrams 6 address6 :: 1 --echo

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container in the network of the host: its traffic is its own, not the host's.
. "$(dirname "$0")/lib.sh"
case_begin

in_network sysctl -qw net.ipv4.tcp_sack=0

# connection NAME ADDRESS: the server in a container, the client on the host
connection() {
	local client server others

	start "$1" --network host -- tcp-server "$2" 5001
	contop_run
	client=$(in_network "$LOAD" tcp-client "$2" 5001 5000011) || exit 1
	server=$(result "$1") || exit 1
	contop_next
	contop_stop
	is_flow "$1" "$(by "$1")" "$(seen_of_server "$server")" "$client"
	others="($(by "$1") | not)"
	is_flow "$1: its client" "$others" "$client" "$server"
	is "$1: name" "$(column flows "$(by "$1")" container)" "$1"
	nothing_lost
}

connection host4 127.0.0.1
connection host6 ::1

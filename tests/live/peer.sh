#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The container at the other end of a flow is named, as soon as both ends have
# been seen, and none where the other end is not local.
. "$(dirname "$0")/lib.sh"
case_begin

start server -- tcp-server 0.0.0.0 5000
start client -- --wait tcp-client "$(address4 server)" 5000 1000003
start alone -- --wait tcp-pair 127.0.0.1 5000 1000003
start local --network host -- tcp-server 127.0.0.1 5001
contop_run
go client
go alone
in_network "$LOAD" tcp-client 127.0.0.1 5001 1000003 >/dev/null || exit 1
for name in client server alone local; do
	result $name >/dev/null || exit 1
done
contop_next
contop_stop

# peer_of FILTER: what these flows had, from when they had any: an interval may end
# before the first packet has reached the other end.
peer_of() {
	of "[.[] | .flows // [] | .[] | select($1)] | group_by(.local_port) |
		map(until(length == 0 or .[0].peer; .[1:])[].peer) | unique | map(tostring) |
		join(\" \")"
}

peer() {
	peer_of "$(by "$1") and .protocol == \"tcp\""
}

is "client: peer" "$(peer client)" server
is "server: peer" "$(peer server)" client
is "alone: peer" "$(peer alone)" alone
is "host: peer" "$(peer_of '.id == null and .remote_port == 5001')" local

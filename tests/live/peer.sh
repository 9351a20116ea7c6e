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

# peer NAME: what its flows had
peer() {
	column flows "$(by "$1") and .protocol == \"tcp\"" peer
}

is "client: peer" "$(peer client)" server
is "server: peer" "$(peer server)" client
is "alone: peer" "$(peer alone)" alone
is "host: peer" "$(column flows '.id == null and .remote_port == 5001' peer)" local

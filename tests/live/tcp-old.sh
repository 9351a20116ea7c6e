#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A connection that is older than contop: what passes from now on is exact.
. "$(dirname "$0")/lib.sh"
case_begin

start server -- tcp-server 0.0.0.0 5000
start client -- --wait-connected tcp-client "$(address4 server)" 5000 10000019
client_pid=$(pid_of client)
server_pid=$(pid_of server)
contop_run
go client
client=$(result client) && server=$(result server) || exit 1
contop_next
contop_stop

# The handshake was before: SYN and its last ACK out, SYN-ACK in.
client=$(jq -c '.tx_packets -= 2 | .tx_bytes -= .syn_size + .ack_size' <<<"$client")
server=$(jq -c '.tx_packets -= 1 | .tx_bytes -= .syn_size' <<<"$server")
is_flow "client" "$(by client)" "$client" "$server"
is_flow "server" "$(by server)" "$server" "$client"
is "client: pid" "$(column flows "$(by client) and .pid" pid)" "$client_pid"
is "server: pid" "$(column flows "$(by server) and .pid" pid)" "$server_pid"
nothing_lost

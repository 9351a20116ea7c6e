#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As many short connections between two containers as this machine makes, with room
# for few of them: the totals of the containers are those of their wires to the byte,
# what found no room is a row of each, and contop's memory stays what it was.
# $SHORT_SECONDS   how long, default 3
# $SHORT_MEMORY    for --memory, default 4M
# $SHORT_PROCESSES   at each end, default 4
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

PORT=5300
LISTED='.protocol != null'

rss() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

# counted NAME FIELD: of the container's connections, and what the kernel's own sockets sent for it
counted() {
	local mine

	mine="(($(by "$1")) or (.container == \"host\" and .local_address == \"$(address4 "$1")\")) and
		.protocol != \"icmp6\""
	echo "[$(sum flows "$mine" "$2_packets"),$(sum flows "$mine" "$2_bytes")]"
}

processes=${SHORT_PROCESSES:-4}
wired_container server load tcp-storm-server 0.0.0.0 $PORT "$processes"
wired_container client sleep 600
wire_both client server
wait_until 20 is_ready server || die "no server"
contop_run --memory "${SHORT_MEMORY:-4M}" -P containers,flows
client_before=$(sent client)
server_before=$(sent server)
# Once, so that all of its tables have been used.
docker exec client load tcp-storm "$(address4 server)" $PORT "$processes" "${SHORT_SECONDS:-3}" >/dev/null || die "no storm"
contop_next 4
before=$(rss "$CONTOP_PID")
docker exec client load tcp-storm "$(address4 server)" $PORT "$processes" "${SHORT_SECONDS:-3}" \
	>"$CASE_DIR/storm" || die "no storm"
contop_next 4
after=$(rss "$CONTOP_PID")
client=$(more "$client_before" "$(sent client)")
server=$(more "$server_before" "$(sent server)")
contop_stop

echo "# $(cat "$CASE_DIR/storm"), resident $before then $after KiB"
is "client's packets and bytes" "$(counted client tx)" "$client"
is "what the server got of them" "$(counted server rx)" "$client"
is "server's packets and bytes" "$(counted server tx)" "$server"
is "what the client got of them" "$(counted client rx)" "$server"
within "connections" "$(jq .connections "$CASE_DIR/storm")" 500 10000000
for name in client server; do
	for column in rx_bytes tx_bytes rx_packets tx_packets; do
		is "$name: $column of its flows, listed and not, and of the container" \
			"$(sum flows "$(by $name)" $column)" "$(sum containers "$(by $name)" $column)"
	done
	within "$name: flows listed" "$(sum flows "$(by $name) and $LISTED" tx_packets)" 1 1000000000
	within "$name: flows not listed" "$(sum flows "$(by $name) and .protocol == null" tx_packets)" 1 1000000000
	is "$name: rows of these in a report" "$(of "[.[] | [.flows[] | select($(by $name) and
		.protocol == null)] | length] | max")" 1
done
# Others on this machine have flows, too.
within "growth of contop's memory, KiB" $((after - before)) -100000 6144
is "runs missed" "$(of '[.[].accuracy.missed_runs] | add')" 0
within "told to have found no room" "$(of '[.[].accuracy.flow_map_full] | add')" 1 1000000000

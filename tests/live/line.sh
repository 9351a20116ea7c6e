#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A line that takes 10 ms each way, and one that loses packets: the round-trip time and
# the segments that were sent again are those of TCP_INFO.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

[ -c /dev/net/tun ] || skip "no /dev/net/tun"

# line MILLISECONDS LOST_EVERY: process $LINE
line() {
	local i

	: >"$CASE_DIR/line.err"
	"$LOAD" line "${SPACES[0]}" "${SPACES[1]}" "$1" "$2" 2>"$CASE_DIR/line.err" &
	LINE=$!
	CHILDREN+=("$LINE")
	wait_until 10 grep -q ready "$CASE_DIR/line.err" || die "no line: $(cat "$CASE_DIR/line.err")"
	for i in 0 1; do
		in_space $i sysctl -qw net.ipv4.tcp_sack=0
		in_space $i ip addr add "10.0.0.$i" peer "10.0.0.$((1 - i))" dev line0 &&
			in_space $i ip link set line0 up || die "no end of the line"
	done
}

# connection PORT BYTES: sets $client, what it reported, and $row, the last one of its flow
connection() {
	local server

	: >"$CASE_DIR/server.err"
	contop_run -P flows -f tcp
	in_space 1 "$LOAD" tcp-server 0.0.0.0 "$1" >"$CASE_DIR/server" 2>"$CASE_DIR/server.err" &
	server=$!
	CHILDREN+=("$server")
	wait_until 10 grep -q ready "$CASE_DIR/server.err" || die "no server"
	client=$(in_space 0 "$LOAD" tcp-client 10.0.0.1 "$1" "$2") && wait "$server" || die "no connection"
	contop_next 2
	contop_stop
	flow=".remote_port == $1 and .local_port == $(field .local_port "$client")"
	row=$(of "[.[].flows // [] | .[] | select($flow)] | last | tojson")
}

start_spaces

line 10 0
connection 5701 300000
rtt=$(field .rtt_us "$client")
within "round-trip time by TCP_INFO, us" "$rtt" 18000 10000000
within "round-trip time by contop, us" "$(field .rtt_us "$row")" $((rtt * 9 / 10)) $((rtt * 11 / 10))
within "time to connect, us" "$(field .connect_us "$row")" 18000 10000000
end_process "$LINE"

line 1 20
connection 5702 500000
within "segments sent again by TCP_INFO" "$(field .retransmits "$client")" 5 100000
is "segments sent again" "$(sum flows "$flow" retransmits)" "$(field .retransmits "$client")"
is "packets and bytes" "$(sum flows "$flow" tx_packets) $(sum flows "$flow" tx_bytes)" \
	"$(field '"\(.tx_packets) \(.tx_bytes)"' "$client")"
end_process "$LINE"

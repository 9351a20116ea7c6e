#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# iperf3 between two containers, by TCP and UDP, IPv4 and IPv6, also with eight streams
# and in reverse: packets and bytes against the interface counters of the veth pair
# to the byte, and against what iperf3 says: datagrams exactly; of TCP, which may have
# left unread data behind, between what was sent and what was received.
# Beside it one connection of the load, whose TCP_INFO is told, by the same wire.
# $IPERF_TABLE   a file that gets the figures as a table
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

command -v iperf3 >/dev/null || skip "no iperf3 (see contrib/packages.sh)"

TIMESTAMPED=32			# bytes of a TCP header with timestamps
SYN_MORE=8			# of SYN and SYN-ACK: segment size and window scale
COOKIE=37			# that each connection of iperf3 begins with
GREETING=4			# datagrams that a UDP stream of iperf3 begins with, one each way

row() {
	printf '%-22s %12s %14s %12s %14s %14s\n' "$@" >>"$CASE_DIR/table"
}

is_listening() {
	[ -n "$(within_network "$1" ss -Hltn "sport = :$2")" ]
}

# of_end ADDRESS: jq's filter for what an end sent by this run's port, whoever did
of_end() {
	echo ".local_address == \"$1\" and (.local_port == $port or .remote_port == $port)"
}

# seen FILTER: packets and bytes as contop has counted them
seen() {
	of "[.[].flows // [] | .[] | select($1)] |
		[(map(.tx_packets) | add), (map(.tx_bytes) | add)] | tojson"
}

received() {
	of "[.[].flows // [] | .[] | select($1)] |
		[(map(.rx_packets) | add), (map(.rx_bytes) | add)] | tojson"
}

# all_but WHAT MINE WIRE CONNECTIONS HEADER: of a connection that its process has closed first, a
# rest of the socket takes the other end's FIN and answers it, or a reset without
# timestamps does: no program sees these.
all_but() {
	local packets=$(($(field '.[0]' "$3") - $(field '.[0]' "$2")))

	within "$1: packets at a closed socket" $packets 0 "$4"
	within "$1: bytes of these" $(($(field '.[1]' "$3") - $(field '.[1]' "$2"))) \
		$((packets * ($5 - 12))) $((packets * $5))
}

# wire WHAT CONNECTIONS HEADER CELL: the packets of both ends of the last run
wire() {
	local end other mine theirs

	for end in client server; do
		other=$([ $end = client ] && echo server || echo client)
		mine=$(seen "$(of_end "${address[$end]}")")
		theirs=$(more "${before[$end]}" "${after[$end]}")
		all_but "$1: $end sent" "$mine" "$theirs" "$2" "$3"
		all_but "$1: $other received" "$(received "$(of_end "${address[$other]}")")" "$theirs" "$2" "$3"
		row "$1, $end" "$(field '.[0]' "$mine")" "$(field '.[1]' "$mine")" \
			"$(field '.[0]' "$theirs")" "$(field '.[1]' "$theirs")" "$4"
	done
}

# shellcheck disable=SC2034 # it is the caller's
count_wires() {
	local -n into=$1
	local end

	for end in client server; do
		into["$end"]=$(sent $end)
	done
}

# run WHAT VERSION [OPTIONS...]: of iperf3's client
run() {
	local what=$1 version=$2 end sender=client
	declare -A address before after

	shift 2
	port=$((port + 1))
	for end in client server; do
		address[$end]=$("address$version" $end)
	done
	docker exec -d server iperf3 -s -1 -p $port || die "no server"
	wait_until 10 is_listening server $port || die "iperf3 does not listen"
	contop_run -P flows
	count_wires before
	docker exec client iperf3 -c "${address[server]}" -p $port -J "$@" >"$CASE_DIR/iperf.json" ||
		die "iperf3: $(jq -r .error "$CASE_DIR/iperf.json")"
	# The server's last segments.
	contop_next 2
	count_wires after
	contop_stop
	nothing_lost
	[[ " $* " != *" -R "* ]] || sender=server
	if [[ " $* " = *" -u "* ]]; then
		datagrams "$what" "$version"
	else
		segments "$what" "$version"
	fi
}

# Each datagram is a packet.
datagrams() {
	local streams packets bytes header=$(($2 == 4 ? 28 : 48)) mine

	streams=$(jq '.start.connected | length' "$CASE_DIR/iperf.json")
	packets=$(($(jq .end.sum_sent.packets "$CASE_DIR/iperf.json") + streams))
	bytes=$(jq .end.sum_sent.bytes "$CASE_DIR/iperf.json")
	bytes=$((bytes + packets * header + streams * GREETING))
	mine=$(seen "$(of_end "${address[$sender]}") and .protocol == \"udp\"")
	is "$1: datagrams that the $sender sent, by contop and by iperf3" "$mine" "[$packets,$bytes]"
	wire "$1" 1 $((header - 8 + TIMESTAMPED)) "$packets/$bytes"
}

# The payload of what contop counted is between what was received and what was sent.
segments() {
	local streams header mine payload retransmits resets here

	header=$(($2 == 4 ? 20 + TIMESTAMPED : 40 + TIMESTAMPED))
	streams=$(jq '.start.connected | length' "$CASE_DIR/iperf.json")
	here=$(jq -c '[.start.connected[].local_port]' "$CASE_DIR/iperf.json")
	here="$(of_end "${address[$sender]}") and .protocol == \"tcp\" and
		($here | index([\$f.local_port, \$f.remote_port][]) != null)"
	here=". as \$f | $here"
	mine=$(seen "$here")
	retransmits=$(jq .end.sum_sent.retransmits "$CASE_DIR/iperf.json")
	is "$1: retransmits, by contop and by iperf3" \
		"$(of "[.[].flows // [] | .[] | select($here) | .retransmits] | add")" "$retransmits"
	# The client's streams begin with a cookie, the answers to it without.
	payload=$(($(field '.[1]' "$mine") - $(field '.[0]' "$mine") * header - streams * SYN_MORE))
	[ $sender = server ] || payload=$((payload - streams * COOKIE))
	# Some resets have no timestamps.
	resets=$(of "[.[].flows // [] | .[] | select($here) | .resets] | add")
	within "$1: payload by contop, against iperf3" $payload \
		$(($(jq .end.sum_received.bytes "$CASE_DIR/iperf.json") - resets * 12)) \
		$(($(jq .end.sum_sent.bytes "$CASE_DIR/iperf.json") + retransmits * 1500))
	wire "$1" $((streams + 1)) $header "$payload"
}

# One connection of the load: its TCP_INFO.
connection() {
	local client server
	declare -A address before after

	port=$((port + 1))
	address[client]=$(address4 client)
	address[server]=$(address4 server)
	docker exec -d server sh -c "load tcp-server 0.0.0.0 $port >/work/server.out 2>/work/server.err"
	wait_until 10 is_listening server $port || die "the load does not listen"
	contop_run -P flows
	count_wires before
	client=$(docker exec client load tcp-client "${address[server]}" $port 5000011) || die "no client"
	contop_next 2
	count_wires after
	contop_stop
	server=$(cat "$CASE_DIR/work/server.out")
	is_flow "load, client" "$(of_end "${address[client]}")" "$client" "$server"
	wire "load tcp" 0 0 "$(field '"\(.tx_packets)/\(.tx_bytes)"' "$client")"
}

wired_container server sleep 600
wired_container client sleep 600
wire_both client server
port=5200
row "who sent" "contop pkts" "contop bytes" "veth pkts" "veth bytes" "iperf3/TCP_INFO"
run "tcp4" 4 -n 20M
run "tcp6" 6 -n 20M
run "tcp4 8 streams" 4 -n 20M -P 8
run "tcp6 8 streams -R" 6 -n 20M -P 8 -R
run "tcp4 -R" 4 -n 20M -R
run "udp4" 4 -u -l 1400 -b 200M -n 3M
run "udp6" 6 -u -l 1400 -b 200M -n 3M
run "udp4 8 streams" 4 -u -l 1000 -b 40M -n 3M -P 8
run "udp6 8 streams -R" 6 -u -l 1000 -b 40M -n 3M -P 8 -R
connection
sed 's/^/# /' "$CASE_DIR/table"
[ -z "${IPERF_TABLE:-}" ] || cp "$CASE_DIR/table" "$IPERF_TABLE"

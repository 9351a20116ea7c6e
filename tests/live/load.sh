#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ruler itself: what the network and disk loads report is what the two ends of a
# veth pair and the kernel's accounting of the process say.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
case_begin

# Bundles would count as one packet, and nothing else may cross the wire.
set_up() {
	local i=$1

	in_space "$i" sysctl -qw net.ipv4.tcp_sack=0 net.ipv6.conf.all.accept_ra=0 \
		net.ipv6.conf.v0.router_solicitations=0
	in_space "$i" ip link set v0 addrgenmode none multicast off gso_max_segs 1 up \
		address "02:00:00:00:00:0$i"
	in_space "$i" ip addr add "10.0.0.$i/24" dev v0
	in_space "$i" ip addr add "fd00::$i/64" dev v0 nodad
	for address in "10.0.0.$((1 - i))" "fd00::$((1 - i))"; do
		in_space "$i" ip neigh replace "$address" lladdr "02:00:00:00:00:0$((1 - i))" \
			dev v0 nud permanent
	done
}

# packets and bytes of the IP layer so far, out and in
counters() {
	in_space 0 ip -s -j link show v0 | jq -c '.[0].stats64 |
		[.tx.packets, .tx.bytes - 14 * .tx.packets, .rx.packets, .rx.bytes - 14 * .rx.packets]'
}

# compare WHAT "SERVER ARGUMENTS" "CLIENT ARGUMENTS"
compare() {
	local before server client log=$CASE_DIR/server

	before=$(counters)
	: >"$log.err"
	# shellcheck disable=SC2086
	in_space 1 "$LOAD" $2 >"$log.out" 2>"$log.err" &
	server=$!
	wait_until 5 test -s "$log.err" || die "no server"
	# shellcheck disable=SC2086
	client=$(in_space 0 "$LOAD" $3) && wait "$server" || exit 1
	is "$1" "$(jq -c '[.tx_packets, .tx_bytes]' <<<"$client")$(jq -c '[.tx_packets, .tx_bytes]' "$log.out")" \
		"$(counters | jq -c --argjson before "$before" '[.[0] - $before[0], .[1] - $before[1]],
			[.[2] - $before[2], .[3] - $before[3]]' | tr -d '\n')"
	is "$1: rx_packets" "$(field .rx_packets "$client") $(jq .rx_packets "$log.out")" \
		"$(jq .tx_packets "$log.out") $(field .tx_packets "$client")"
}

start_spaces
in_space 0 ip link add v0 type veth peer name v0 netns "${SPACES[1]}" || skip "no veth"
set_up 0
set_up 1
# Multicast reports of the interfaces' start.
sleep 3

for bytes in 0 1 1448 20000003; do
	compare "TCP over IPv4, $bytes" "tcp-server 10.0.0.1 5000" "tcp-client 10.0.0.1 5000 $bytes"
	compare "TCP over IPv6, $bytes" "tcp-server fd00::1 5000" "tcp-client fd00::1 5000 $bytes"
done
compare "UDP over IPv4" "udp-server 10.0.0.1 5000 1009 99" "udp-client 10.0.0.1 5000 1009 99"
compare "UDP over IPv6" "--echo udp-server fd00::1 5000 1009 1400" \
	"--echo udp-client fd00::1 5000 1009 1400"
in_space 0 sysctl -qw net.ipv4.tcp_timestamps=0
compare "TCP without timestamps" "tcp-server fd00::1 5000" "tcp-client fd00::1 5000 1000003"

truncate -s 8M "$CASE_DIR/disk"
disk=$(losetup -f --show "$CASE_DIR/disk") || exit "$FAILED"
LOOPS+=("$disk")
sectors() {
	awk '{ print $1, 512 * $3, $5, 512 * $7 }' "/sys/block/${disk#/dev/}/stat"
}
read -r -a before < <(sectors)
write=$("$LOAD" disk-write "$disk" 7) && read=$("$LOAD" disk-read "$disk" 5) || exit 1
read -r -a after < <(sectors)
is "direct writes" "$(jq -c '[.operations, .bytes]' <<<"$write")" \
	"[$((after[2] - before[2])),$((after[3] - before[3]))]"
is "direct reads" "$(jq -c '[.operations, .bytes]' <<<"$read")" \
	"[$((after[0] - before[0])),$((after[1] - before[1]))]"
is "own accounting" "$(field .own_write_bytes "$write") $(field .own_read_bytes "$read")" \
	"$(field .bytes "$write") $(field .bytes "$read")"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One socket that talks with many, each of them counted by itself; datagrams with an
# extension header of IPv6; echo requests. To the byte, and with who owns the socket.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
case_begin

for name in server client; do
	run_container $name "${PROGRAMS_HERE[@]}" --cap-add NET_RAW -- sleep 600
done
four=$(address4 server) six=$(address6 server)

# run NAME: a program of Python in this container
run() {
	docker exec -i "$1" /usr/bin/python3 -
}

contop_run -P containers,flows
: >"$CASE_DIR/server"
run server <<-END >>"$CASE_DIR/server" 2>&1 &
	import select, socket
	sockets = []
	for port in range(6001, 6006):
	    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	    s.bind(("::", port))
	    sockets.append(s)
	print("ready", flush=True)
	answers = 1 + 2 + 3 + 4 + 5 + 9
	while answers:
	    for s in select.select(sockets, [], [], 30)[0]:
	        data, who = s.recvfrom(2000)
	        s.sendto(data[:10], who)
	        answers -= 1
END
CHILDREN+=($!)
wait_until 10 grep -q ready "$CASE_DIR/server" || die "no server: $(cat "$CASE_DIR/server")"
run client <<-END || die "no answers"
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("0.0.0.0", 6100))
	s.settimeout(10)
	for i in range(1, 6):
	    for n in range(i):
	        s.sendto(b"x" * (100 * i), ("$four", 6000 + i))
	        s.recvfrom(2000)
	t = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	t.bind(("::", 6200))
	t.settimeout(10)
	# An option of four bytes that says nothing (PadN): eight with the header.
	t.setsockopt(socket.IPPROTO_IPV6, 59, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
	for n in range(9):
	    t.sendto(b"y" * 50, ("$six", 6003))
	    t.recvfrom(2000)
END
docker exec client busybox ping -q -c 7 -i 0.2 -s 100 "$four" >/dev/null || die "no echo"
contop_next 2
contop_stop

for i in 1 2 3 4 5; do
	flow="$(by client) and .local_port == 6100 and .remote_port == $((6000 + i))"
	is "peer $i: packets sent" "$(sum flows "$flow" tx_packets)" $i
	is "peer $i: bytes sent" "$(sum flows "$flow" tx_bytes)" $((i * (28 + 100 * i)))
	is "peer $i: bytes received" "$(sum flows "$flow" rx_bytes)" $((i * 38))
	is "peer $i: protocol and direction" \
		"$(column flows "$flow" protocol) $(column flows "$flow" direction)" "udp out"
	flow="$(by server) and .remote_port == 6100 and .local_port == $((6000 + i))"
	is "from it: bytes received" "$(sum flows "$flow" rx_bytes)" $((i * (28 + 100 * i)))
	is "from it: bytes sent" "$(sum flows "$flow" tx_bytes)" $((i * 38))
	is "from it: direction and owner" \
		"$(column flows "$flow" direction) $(column flows "$flow" comm)" "in python3"
done
flow="$(by client) and .local_port == 6200 and .remote_port == 6003 and .protocol == \"udp\""
is "with an extension header: packets" "$(sum flows "$flow" tx_packets)" 9
is "with an extension header: bytes" "$(sum flows "$flow" tx_bytes)" $((9 * (40 + 8 + 8 + 50)))
is "without: bytes" "$(sum flows "$flow" rx_bytes)" $((9 * (40 + 8 + 10)))
flow="$(by client) and .protocol == \"icmp\""
is "echo: packets" "$(sum flows "$flow" tx_packets) $(sum flows "$flow" rx_packets)" "7 7"
is "echo: bytes" "$(sum flows "$flow" tx_bytes) $(sum flows "$flow" rx_bytes)" \
	"$((7 * 128)) $((7 * 128))"
nothing_lost

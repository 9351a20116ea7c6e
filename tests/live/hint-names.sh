#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names in packets: servers that ClientHellos of TLS ask for, and DNS with its latency and
# errors, counted at who asks and at who is asked, of IPv4 and IPv6.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
command -v python3 >/dev/null || skip "no python3"
command -v openssl >/dev/null || skip "no openssl"
case_begin

DELAY_US=60000

# row NAME KIND DIRECTION WHAT: a filter
row() {
	echo "$(by "$1") and .kind == \"$2\" and .direction == \"$3\" and .what == \"$4\""
}

# count NAME KIND DIRECTION WHAT [FIELD]: in all reports
count() {
	sum hints "$(row "$1" "$2" "$3" "$4")" "${5:-count}"
}

# extreme min|max NAME KIND DIRECTION WHAT FIELD: over the reports that know it
extreme() {
	of "[.[] | .hints // [] | .[] | select($(row "$2" "$3" "$4" "$5")) | .$6 | values] | $1"
}

# at_both WHAT KIND NAME ASKS ASKED [FIELD] WANT
at_both() {
	is "$1: $4 asks" "$(count "$4" "$2" out "$3" "${6:-count}")" "$7"
	is "$1: $5 is asked" "$(count "$5" "$2" in "$3" "${6:-count}")" "$7"
}

# start_here NAME [DOCKER OPTIONS...] -- COMMAND...: a container with this machine's programs
start_here() {
	local name=$1
	shift
	run_container "$name" "${PROGRAMS_HERE[@]}" -v /etc/ssl:/etc/ssl:ro "$@"
}

# in_client COMMAND...
in_client() {
	docker exec client "$@" || die "client: $*"
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -keyout "$CASE_DIR/work/key" \
	-out "$CASE_DIR/work/certificate" 2>/dev/null || die "no certificate"

# Answers by UDP and TCP. slow.test waits, nx.test does not exist, silent.test gets no answer.
cat >"$CASE_DIR/work/dns.py" <<END
import socket, socketserver, sys, threading, time
def answer(query):
    end = query.index(b'\0', 12) + 5
    name = query[12:end].lower()
    if b'silent' in name:
        return None
    if b'slow' in name:
        time.sleep($DELAY_US / 1e6)
    if b'nx' in name:
        return query[:2] + b'\x81\x83\0\1\0\0\0\0\0\0' + query[12:end]
    return (query[:2] + b'\x81\x80\0\1\0\1\0\0\0\0' + query[12:end] +
            b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\1\2\3')
class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        reply = answer(self.request[0])
        if reply:
            self.request[1].sendto(reply, self.client_address)
class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while size := self.rfile.read(2):
            reply = answer(self.rfile.read(int.from_bytes(size, 'big')))
            self.request.sendall(len(reply).to_bytes(2, 'big') + reply)
class UdpServer(socketserver.ThreadingUDPServer):
    address_family = socket.AF_INET6
class TcpServer(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
udp, tcp = UdpServer(('::', 53), Udp), TcpServer(('::', 53), Tcp)
threading.Thread(target=udp.serve_forever).start()
print('ready', flush=True)
tcp.serve_forever()
END

# resolve.py TIMES NAME...: asks for IPv4 addresses, as any program does
cat >"$CASE_DIR/work/resolve.py" <<'END'
import socket, sys
for i in range(int(sys.argv[1])):
    for name in sys.argv[2:]:
        try:
            socket.getaddrinfo(name + '.', 80, socket.AF_INET, socket.SOCK_STREAM)
        except socket.gaierror:
            pass
END

# tls.py ADDRESS NAME TIMES PARTS: handshakes, with a ClientHello that is sent in parts
cat >"$CASE_DIR/work/tls.py" <<'END'
import socket, ssl, sys, time
address, name, times, parts = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
for i in range(times):
    connection = socket.create_connection((address, 443), 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(received, sent, server_hostname=name)
    first = True
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            data = sent.read()
            size = 40 if first and parts > 1 else len(data)
            for at in range(0, min(len(data), size * (parts - 1)), size):
                connection.sendall(data[at:at + size])
                time.sleep(0.03)
            connection.sendall(data[size * (parts - 1):])
            first = False
            received.write(connection.recv(65536))
    connection.sendall(sent.read())
    connection.close()
END

start_here dns -- /usr/bin/python3 /work/dns.py
wait_until 20 is_ready dns || die "no DNS server"
start_here client --dns "$(address4 dns)" -- sleep 600
start_here client6 --dns "$(address6 dns)" -- sleep 600
start_here client-tcp --dns "$(address4 dns)" --dns-opt use-vc -- sleep 600
start_here tls -- /usr/bin/openssl s_server -accept 443 -www -key /work/key -cert /work/certificate \
	-groups P-384:X25519
wait_until 20 in_client /usr/bin/python3 /work/tls.py "$(address4 tls)" early.test 1 1 2>/dev/null

# Docker's resolver is in the container's own network, at a port that 53 is translated to.
docker network rm names >/dev/null 2>&1	# of another round
docker network create names >/dev/null || die "no network"
start_here user --network names -- sleep 600

# Those of this case alone: what else the machine asks for may be too much.
contop_run -P containers,hints --hints -c 'client*,dns,tls,user'
docker exec user /usr/bin/python3 /work/resolve.py 6 user || die "no resolver"
docker exec user /usr/bin/python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3):
    s.sendto(bytes([i, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + b'\\4USER\\0\\0\\1\\0\\1', ('127.0.0.11', 53))
    s.recv(1000)" || die "no resolver without a connection"
in_client /usr/bin/python3 /work/resolve.py 7 fast.test Slow.Test
in_client /usr/bin/python3 /work/resolve.py 3 nx.test
docker exec client6 /usr/bin/python3 /work/resolve.py 4 six.test || die "no IPv6"
docker exec client-tcp /usr/bin/python3 /work/resolve.py 5 tcp.test slow-tcp.test || die "no TCP"
in_client /usr/bin/python3 /work/tls.py "$(address4 tls)" one.test 6 1
in_client /usr/bin/python3 /work/tls.py "$(address6 tls)" SIX.test 4 1
in_client /usr/bin/python3 /work/tls.py "$(address4 tls)" parts.test 3 4
# The server wants another key than the client has sent: each says hello twice.
in_client sh -c "for i in 1 2; do /usr/bin/openssl s_client -connect $(address4 tls):443 \
	-groups P-256:P-384 -servername again.test </dev/null >/dev/null 2>&1; done"
in_client sh -c "/usr/bin/openssl s_client -connect $(address4 tls):443 -noservername \
	</dev/null >/dev/null 2>&1"
docker exec client /usr/bin/python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'\1\2\1\0\0\1\0\0\0\0\0\0\6silent\4test\0\0\1\0\1', ('$(address4 dns)', 53))"
wait_until 20 eval '[ "$(count client dns out silent.test unanswered)" = 1 ]'
contop_next 2
contop_stop

is "resolver of Docker" "$(count user dns out user)" 9
is "resolver of Docker: errors" "$(count user dns out user errors)" 0
is "resolver of Docker: no answer" "$(count user dns out user unanswered)" 0
within "resolver of Docker: latency" "$(extreme max user dns out user latency_max_us)" 1 5000000
at_both "fast" dns fast.test client dns count 7
at_both "slow" dns slow.test client dns count 7
at_both "no such name" dns nx.test client dns count 3
at_both "no such name: errors" dns nx.test client dns errors 3
at_both "no errors" dns slow.test client dns errors 0
at_both "IPv6" dns six.test client6 dns count 4
at_both "over TCP" dns tcp.test client-tcp dns count 5
at_both "over TCP, slow" dns slow-tcp.test client-tcp dns count 5
at_both "no answer" dns silent.test client dns count 1
at_both "no answer: given up" dns silent.test client dns unanswered 1
at_both "answered" dns fast.test client dns unanswered 0
is "error" "$(column hints "$(row client dns out nx.test)" error)" NXDOMAIN
is "no latency without an answer" \
	"$(extreme max client dns out silent.test latency_max_us)" null
for name in client:out:slow dns:in:slow client-tcp:out:slow-tcp dns:in:slow-tcp; do
	IFS=: read -r container direction label <<<"$name"
	for field in latency_avg_us latency_p50_us latency_p99_us latency_max_us; do
		within "$container, $label: $field at least" "$(extreme min "$container" dns \
			"$direction" "$label.test" "$field")" $((DELAY_US * 19 / 20)) 5000000
	done
done
within "fast: latency" "$(extreme min client dns out fast.test latency_avg_us)" 1 $((DELAY_US - 1))

at_both "TLS" tls one.test client tls count 6
at_both "TLS over IPv6" tls six.test client tls count 4
at_both "TLS in parts" tls parts.test client tls count 3
at_both "TLS, hello again" tls again.test client tls count 2
at_both "TLS without name" tls "(none)" client tls count 1
is "TLS: no latency" "$(extreme max client tls out one.test latency_avg_us)" null
is "TLS: no errors" "$(count client tls out one.test errors)" null
is "names" "$(column hints "$(by client)" what)" \
	"(none) again.test fast.test nx.test one.test parts.test silent.test six.test slow.test"
is "hints lost" "$(of '[.[].accuracy | .missed_runs, .lost_hints, .hint_map_full] | add')" 0

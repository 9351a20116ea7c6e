#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who listens where, in whatever network: a server with workers that share its sockets,
# one that does not accept, one in the host's network, one of UDP that is too slow.
# What came to each is exact.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
command -v nginx >/dev/null || skip "no nginx"
command -v python3 >/dev/null || skip "no python3"
case_begin

# python NAME [DOCKER OPTIONS...] < PROGRAM: in a container, until it has said that it is ready
python() {
	local name=$1
	shift
	cat >"$CASE_DIR/work/$name.py"
	run_container "$name" "${PROGRAMS_HERE[@]}" "$@" -- /usr/bin/python3 -u "/work/$name.py"
	wait_until 10 has_said "$name" ready || die "$name: $(docker logs "$name" 2>&1)"
}

has_said() {
	docker logs "$1" 2>&1 | grep -q "$2"
}

# of_port NAME PORT FIELD: in the last report that has it
of_port() {
	of "[.[].listeners[] | select($(by "$1") and .local_port == $2)] | last | .$3"
}

# came NAME PORT FIELD: in all reports
came() {
	sum listeners "$(by "$1") and .local_port == $2" "$3"
}

start_nginx web "80 81"
python full <<'END'
import socket, time
s = socket.socket()
s.bind(("", 99))
s.listen(2)
print("ready")
time.sleep(600)
END
python slow <<'END'
import signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind(("", 5353))
print("ready")
signal.sigwait([signal.SIGUSR1])
s.setblocking(False)
n = 0
try:
    while s.recv(100):
        n += 1
except BlockingIOError:
    print("got", n)
signal.pause()
END
start local --network host -- tcp-server 127.0.0.1 5001
run_container client "${PROGRAMS_HERE[@]}" -- sleep 600
contop_run -P listeners
for _ in 1 2 3 4 5 6 7; do
	docker exec client busybox wget -q -O /dev/null "http://$(address4 web)/file" ||
		die "web does not answer"
done
docker exec -d client /usr/bin/python3 -c "
import socket, time
all = []
for i in range(5):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(('$(address4 full)', 99))
    all.append(s)
    time.sleep(0.05)
time.sleep(600)"
docker exec client /usr/bin/python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(500):
    s.sendto(b'12345678', ('$(address4 slow)', 5353))" || die "cannot send"
docker kill -s USR1 slow >/dev/null
wait_until 10 has_said slow got || die "slow does not answer"
contop_next 2
docker rm -f local >/dev/null
contop_next 2
contop_stop

is "web: accepts" "$(came web 80 accepts)" 7
is "web, other port: accepts" "$(came web 81 accepts)" 0
is "web: rows of a report" "$(of ".[-1].listeners | map(select($(by web))) | length")" 2
is "web: comm" "$(of_port web 80 comm)" nginx
is "web: pid" "$(of_port web 80 pid)" "$(pid_of web)"
is "web: address" "$(of_port web 80 local_address)" 0.0.0.0
is "web: service" "$(of_port web 80 service)" http
is "web: sockets" "$(of_port web 80 sockets)" 1
is "web: backlog" "$(of_port web 80 backlog)" 0
is "web: backlog_max" "$(of_port web 80 backlog_max)" 511
is "web: drops" "$(came web 80 drops)" 0
is "full: accepts" "$(came full 99 accepts)" 3
is "full: backlog" "$(of_port full 99 backlog)" 3
is "full: backlog_max" "$(of_port full 99 backlog_max)" 2
within "full: drops" "$(came full 99 drops)" 1 1000
is "slow: protocol" "$(of_port slow 5353 protocol)" udp
is "slow: drops" "$(came slow 5353 drops)" \
	$((500 - $(docker logs slow 2>&1 | sed -n 's/^got //p')))
is "slow: backlog" "$(of_port slow 5353 backlog)" null
is "local: container" "$(of "[.[].listeners[] | select(.local_port == 5001)] | last | .container")" local
is "local: reports that have it when it is gone" \
	"$(of ".[-1].listeners | map(select(.local_port == 5001)) | length")" 0
nothing_lost

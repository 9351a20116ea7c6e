#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A published port: whoever connects to the host's address is told which container
# answered, and that one who asked, though neither sees the other's address. By a
# Docker daemon of its own, which translates addresses; by its proxy it is the host.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
command -v iptables >/dev/null || skip "no iptables"
command -v nginx >/dev/null || skip "no nginx"
case_begin

# shellcheck disable=SC2317
nat_end() {
	local status=$? containers

	if [ -n "${LIVE_DOCKERD:-}" ] && [ "$LIVE_DIR" != "$COMMON_DIR" ]; then
		containers=$(docker ps -aq 2>/dev/null)
		# shellcheck disable=SC2086
		[ -z "$containers" ] || docker rm -fv $containers >/dev/null 2>&1
		live_end_daemon
	fi
	LIVE_DIR=$COMMON_DIR LIVE_DOCKERD=$COMMON_DOCKERD DOCKER_HOST=$COMMON_HOST
	(exit "$status")
	case_end
}

COMMON_DIR=$LIVE_DIR COMMON_DOCKERD=$LIVE_DOCKERD COMMON_HOST=$DOCKER_HOST
LIVE_DIR=$CASE_DIR/nat
mkdir "$LIVE_DIR"
trap nat_end EXIT
live_begin_daemon --iptables=true --ip-forward=true --ip-masq=true || {
	tail -3 "$LIVE_DIR/dockerd.log"
	skip "dockerd cannot translate addresses here"
}
live_make_image || die "no image"
start_nginx server "80 81" -p 8080:80
docker run -d --name client bb sleep 600 >/dev/null
# What comes from the bridge is masqueraded too: then neither end knows the other.
in_network iptables -t nat -A POSTROUTING -p tcp -d "$(address4 server)" --dport 81 -j MASQUERADE
in_network iptables -t nat -I PREROUTING -p tcp --dport 8081 -j DNAT \
	--to-destination "$(address4 server):81"
cat >"$CASE_DIR/contop-there" <<END
#!/bin/sh
exec nsenter -t $LIVE_DOCKERD -n "$CONTOP" "\$@"
END
chmod +x "$CASE_DIR/contop-there"
CONTOP=$CASE_DIR/contop-there
contop_run -P flows
for port in 8080 8081; do
	docker exec client busybox wget -q -O /dev/null "http://10.213.0.1:$port/file" ||
		die "port $port does not answer"
done
in_network busybox wget -q -O /dev/null "http://10.213.0.1:8080/file" || die "no answer on the host"
contop_next
contop_stop

# flow FILTER FIELD
flow() {
	column flows "$1 and .protocol == \"tcp\"" "$2"
}

for port in 8080 8081; do
	is "client, $port: peer" "$(flow "$(by client) and .remote_port == $port" peer)" server
	is "client, $port: real address" \
		"$(flow "$(by client) and .remote_port == $port" real_address)" "$(address4 server)"
	is "client, $port: real port" "$(flow "$(by client) and .remote_port == $port" real_port)" \
		$((port - 8000))
done
is "server, 80: peers" "$(flow "$(by server) and .local_port == 80" peer)" "client host"
is "server, 81: remote address" "$(flow "$(by server) and .local_port == 81" remote_address)" 10.213.0.1
is "server, 81: real address" "$(flow "$(by server) and .local_port == 81" real_address)" \
	"$(address4 client)"
is "server, 81: peer" "$(flow "$(by server) and .local_port == 81" peer)" client
is "host, 8080: peer" "$(flow ".id == null and .remote_port == 8080" peer)" server

# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Networks of the live tests: namespaces, wires and servers. To be sourced after lib.sh.

# ---- two network namespaces without a container: the processes SPACES hold them

start_spaces() {
	local i

	SPACES=()
	for i in 0 1; do
		unshare -n sleep 600 &
		SPACES[i]=$!
		CHILDREN+=($!)
	done
	for i in 0 1; do
		wait_until 5 is_unshared "${SPACES[i]}" || die "no network namespace"
	done
}

is_unshared() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# in_space 0|1 COMMAND...
in_space() {
	local i=$1

	shift
	nsenter -t "${SPACES[i]}" -n "$@"
}

# ---- wires: the interfaces of two containers, which carry nothing but what these send to
# each other, no bundles, which would count as one packet, and no questions for neighbours

within_network() {
	local name=$1

	shift
	nsenter -t "$(pid_of "$name")" -n "$@"
}

# wired_container NAME COMMAND...: with the programs of this machine
wired_container() {
	local name=$1

	shift
	run_container "$name" "${PROGRAMS_HERE[@]}" --sysctl net.ipv4.tcp_sack=0 -- "$@"
	within_network "$name" sysctl -qw net.ipv6.conf.eth0.router_solicitations=0 \
		net.ipv6.conf.all.accept_ra=0
	within_network "$name" ip link set eth0 multicast off gso_max_segs 1
}

# wire_both NAME NAME: they know each other
wire_both() {
	local from to mac address

	for from in "$1" "$2"; do
		to=$([ "$from" = "$1" ] && echo "$2" || echo "$1")
		mac=$(within_network "$to" ip -j link show eth0 | jq -r '.[0].address')
		for address in "$(address4 "$to")" "$(address6 "$to")"; do
			within_network "$from" ip neigh replace "$address" lladdr "$mac" dev eth0 nud permanent
		done
	done
	# What an interface has to say of itself when it comes up (IPv6) is over by then.
	sleep 3
}

# sent NAME: packets and bytes of the IP layer that the container's wire has taken
sent() {
	within_network "$1" ip -s -j link show eth0 | jq -c '.[0].stats64.tx |
		[.packets, .bytes - 14 * .packets]'
}

# more BEFORE AFTER
more() {
	jq -n -c --argjson a "$1" --argjson b "$2" '[$b[0] - $a[0], $b[1] - $a[1]]'
}

# start_nginx NAME PORTS [DOCKER OPTIONS...]: with one file to get, and two workers
start_nginx() {
	local name=$1 ports=$2 port
	shift 2
	mkdir -p "$CASE_DIR/work/html"
	head -c 3000 /dev/zero >"$CASE_DIR/work/html/file"
	cat >"$CASE_DIR/work/$name.conf" <<-END
		user root root;
		worker_processes 2;
		pid /tmp/nginx.pid;
		error_log stderr;
		events {}
		http {
			access_log off;
			client_body_temp_path /tmp/a;
			proxy_temp_path /tmp/b;
			fastcgi_temp_path /tmp/c;
			uwsgi_temp_path /tmp/d;
			scgi_temp_path /tmp/e;
			server {
				$(for port in $ports; do echo "listen $port;"; done)
				root /work/html;
			}
		}
	END
	run_container "$name" "${PROGRAMS_HERE[@]}" "$@" -- \
		/usr/sbin/nginx -c "/work/$name.conf" -e stderr -g "daemon off;"
	for port in $ports; do
		wait_until 10 docker exec "$name" busybox wget -q -O /dev/null \
			"http://127.0.0.1:$port/file" || die "$name: $(docker logs "$name" 2>&1)"
	done
}

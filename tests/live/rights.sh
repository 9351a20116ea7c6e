#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Only the rights that looking takes are left once contop counts. A user who is not
# root may run it by the capabilities of its file; they do not open files to him.
. "$(dirname "$0")/lib.sh"
for tool in setcap setpriv; do
	command -v $tool >/dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v $tool >/dev/null || skip "no $tool"
done
case_begin
trap 'status=$?; rm -rf "$OTHER"; (exit $status); case_end' EXIT
# Where other users get at it: what a case has is root's alone.
OTHER=$(mktemp -d "${LIVE_TMPDIR:-/var/tmp}/contop-rights-XXXXXX") || exit 1
chmod 755 "$OTHER"
cp "$CONTOP" "$OTHER/contop"

# mask CAPABILITY...: as /proc/PID/status shows them
mask() {
	local name number mask=0

	for name; do
		number=$(awk -v name="CAP_$name" '$1 == "#define" && $2 == name { print $3 }' \
			/usr/include/linux/capability.h)
		mask=$((mask | 1 << number))
	done
	printf '%016x\n' $mask
}

# status PROCESS FIELD
status() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# limited WHO PROCESS CAPABILITIES
limited() {
	local set

	for set in CapPrm CapEff; do
		is "$1: $set" "$(status "$2" $set)" "$3"
	done
	is "$1: CapInh" "$(status "$2" CapInh)" 0000000000000000
	is "$1: NoNewPrivs" "$(status "$2" NoNewPrivs)" 1
	is "$1: Seccomp" "$(status "$2" Seccomp)" 2
}

as_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# refused WHAT STATUS MESSAGE COMMAND...
refused() {
	local what=$1 want=$2 message=$3 got
	shift 3
	got=$("$@" 2>&1 >/dev/null)
	is "$what: exit status" $? "$want"
	is "$what: message" "$(grep -c "$message" <<<"$got")" 1
	is "$what: lines" "$(wc -l <<<"$got")" 1
}

look=$(mask SYS_PTRACE DAC_READ_SEARCH NET_ADMIN)
start calls -- --wait syscalls 20011 0
start server -- tcp-server 0.0.0.0 5000
start client -- --wait tcp-client "$(address4 server)" 5000 1000003
contop_run
limited root "$CONTOP_PID" "$look"
contop_stop

refused "without rights" 1 "^contop: no counter works here .*not permitted: run as root" \
	as_user "$OTHER/contop" -b -n 1
setcap cap_bpf,cap_perfmon,cap_net_admin,cap_sys_ptrace,cap_dac_read_search+ep "$OTHER/contop" ||
	skip "files have no capabilities here"
echo "secret" >"$OTHER/secret"
chmod 600 "$OTHER/secret"
refused "a recording of root" 1 "Permission denied" as_user "$OTHER/contop" --replay "$OTHER/secret"
refused "a configuration of root" 2 "Permission denied" \
	as_user "$OTHER/contop" -b --config "$OTHER/secret"
refused "another /proc" 1 "procfs.* for root" as_user "$OTHER/contop" -b --procfs "$OTHER"

# The script becomes contop: its process is that of contop.
cat >"$CASE_DIR/as-user" <<-END
	#!/bin/sh
	exec setpriv --reuid 65534 --regid 65534 --clear-groups $OTHER/contop "\$@"
END
chmod +x "$CASE_DIR/as-user"
CONTOP=$CASE_DIR/as-user
contop_run
limited user "$CONTOP_PID" "$look"
is "user" "$(status "$CONTOP_PID" Uid)" "$(printf '65534\t65534\t65534\t65534')"
go calls
go client
client=$(result client) && server=$(result server) && result calls >/dev/null || exit 1
contop_next
contop_stop
is "user: getppid" "$(sum syscalls "$(by calls) and .syscall == \"getppid\"" count)" 20011
is_flow "user: client" "$(by client)" "$client" "$server"
is_flow "user: server" "$(by server)" "$server" "$client"
nothing_lost

cp "$OTHER/contop" "$OTHER/setuid"
chmod 4755 "$OTHER/setuid"
refused "set-user-ID" 1 "must not be set-user-ID" as_user "$OTHER/setuid" -b -n 1

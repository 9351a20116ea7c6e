#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit for systemd: it is sound, and a systemd of its own, the first process of a
# namespace that has no other units, runs it as it stands: as a user who is not root, it
# counts in all panes and has Docker's names.
. "$(dirname "$0")/lib.sh"
source=$LIVE_SOURCE/../../contrib/systemd/contop.service.in
SYSTEMD=/lib/systemd/systemd
for tool in capsh curl systemd-analyze systemctl; do
	command -v $tool >/dev/null || skip "no $tool"
done
[ -x $SYSTEMD ] || skip "no systemd"
case_begin
"$CONTOP" --listen 0 2>&1 | grep -q 'without libmicrohttpd' && skip "built without libmicrohttpd"

units=$CASE_DIR/units
mkdir -p "$units" "$CASE_DIR/sbin" "$CASE_DIR/default"
chmod 755 "$LIVE_DIR" "$CASE_DIR" "$CASE_DIR/sbin"
cp "$CONTOP" "$CASE_DIR/sbin/contop"
sed "s|@sbindir@|$CASE_DIR/sbin|; /^Documentation=/d" "$source" >"$CASE_DIR/contop.service"
is "systemd-analyze verify" "$(systemd-analyze verify "$CASE_DIR/contop.service" 2>&1)" ""
# Of 10; those without any protection have 9.6.
exposure=$(systemd-analyze security --offline=yes "$CASE_DIR/contop.service" |
	sed -n 's/.*Overall exposure level[^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
within "exposure, in tenths" "${exposure:-none}" 1 40

# capabilities SETTING: the words of all its lines, without what this machine itself has not
capabilities() {
	local word words=()

	for word in $(sed -n "s/^$1=//p" "$source"); do
		capsh --has-b="${word,,}" 2>/dev/null && words+=("$word")
	done
	echo "${words[*]}"
}

# mask CAPABILITY...: as /proc/PID/status shows them
mask() {
	local name mask=0

	for name; do
		mask=$((mask | 1 << $(awk -v name="$name" '$1 == "#define" && $2 == name { print $3 }' \
			/usr/include/linux/capability.h)))
	done
	printf '%016x\n' $mask
}

# The units that every service depends on, and no others; nothing of the machine is changed.
# shellcheck disable=SC2016
BOOT='
	set -e
	dir=$1
	mount --make-rprivate /
	mount -t proc none /proc
	# It would mount the hierarchies that the machine has not.
	awk "/^#/ || \$2 != 0" /proc/cgroups >"$dir/cgroups"
	mount --bind "$dir/cgroups" /proc/cgroups
	# And it makes what they are mounted on read-only, for everybody.
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ]; then
		mkdir "$dir/hierarchies"
		mount -t tmpfs none "$dir/hierarchies"
		for hierarchy in /sys/fs/cgroup/*/; do
			mkdir "$dir/hierarchies/${hierarchy#/sys/fs/cgroup/}"
			mount --bind "$hierarchy" "$dir/hierarchies/${hierarchy#/sys/fs/cgroup/}"
		done
		umount -R /sys/fs/cgroup
		mount --move "$dir/hierarchies" /sys/fs/cgroup
	fi
	mount --bind -o ro /proc/sys /proc/sys
	mount -t tmpfs none /run
	mkdir /run/lock
	: >/run/docker.sock
	mount --bind "$2" /run/docker.sock
	mount --bind "$dir/units" /lib/systemd/system
	mount --bind "$dir/sbin" /usr/local/sbin
	mount --bind "$dir/default" /etc/default
	for directory in /etc/systemd /lib/systemd/system-generators; do
		[ ! -d $directory ] || mount -t tmpfs none $directory
	done
	exec env -i container=contop-test PATH="$PATH" '$SYSTEMD' --system --unit=contop.service \
		--log-target=console --show-status=0'

# In cgroups of its own; not all of version 1 take processes as they are.
boot() {
	own_cgroups rw
	cp /lib/systemd/system/{sysinit,basic,sockets,timers,paths,slices,network,shutdown,local-fs,swap,umount}.target \
		"$units"
	sed 's|@sbindir@|/usr/local/sbin|' "$source" >"$units/contop.service"
	echo "CONTOP_OPTIONS=--listen /run/contop/socket -d 0.5 -P containers,flows,disks,syscalls" \
		>"$CASE_DIR/default/contop"
	(
		for directory in "${OWN_CGROUPS[@]}"; do
			echo $BASHPID >"$directory/cgroup.procs" 2>/dev/null
		done
		exec unshare --mount --pid --fork --kill-child \
			sh -c "$BOOT" sh "$CASE_DIR" "${DOCKER_HOST#unix://}"
	) >"$CASE_DIR/systemd.log" 2>&1 &
	SYSTEMD_PARENT=$!
	CHILDREN+=("$SYSTEMD_PARENT")
	wait_until 5 pgrep -P "$SYSTEMD_PARENT" >/dev/null
}

# in_systemd COMMAND...: where that systemd is
in_systemd() {
	nsenter -t "$(pgrep -P "$SYSTEMD_PARENT")" -m -p "$@"
}

# property NAME: of the unit
property() {
	in_systemd systemctl show --value -p "$1" contop.service
}

page() {
	in_systemd curl -sf --unix-socket /run/contop/socket http://localhost/metrics
}

has_line() {
	page | grep -qxF "$1"
}

# Of contop, as the host sees it.
status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$CONTOP_PID/status"
}

# All of them are gone: directories can be removed.
no_processes() {
	[ -z "$(find "${OWN_CGROUPS[@]}" -name cgroup.procs -exec cat {} +)" ]
}

start web -- --wait syscalls 20011 0
web=$(id_of web | cut -c1-12)
boot
wait_until 20 page >/dev/null || {
	in_systemd systemctl status --no-pager contop.service
	cat "$CASE_DIR/systemd.log"
	die "the unit does not start"
}
CONTOP_PID=$(pgrep -f '^/usr/local/sbin/contop --listen' --ns "$(pgrep -P "$SYSTEMD_PARENT")" --nslist pid)
wait_until 5 has_line "contop_container_running{id=\"$web\",name=\"web\"} 1"
is "Docker's name" "$(page | grep -c "^contop_container_running{id=\"$web\",name=\"web\"} 1$")" 1
is "panes that are counted" "$(page | grep -c '^contop_pane_available{.*} 1$')" 4
go web
result web >/dev/null
calls="contop_container_syscall_calls_total{id=\"$web\",name=\"web\",syscall=\"getppid\"}"
wait_until 5 has_line "$calls 20011"
is "calls of a container" "$(page | grep -F "$calls")" "$calls 20011"
is "it is root" "$([ "$(status Uid | cut -f1)" = 0 ] && echo yes || echo no)" no
is "rights it was given" "$(status CapBnd)" \
	"$(mask $(capabilities CapabilityBoundingSet))"
is "rights that are bounds and given" "$(capabilities AmbientCapabilities)" \
	"$(capabilities CapabilityBoundingSet)"
is "seccomp filters" "$(status Seccomp)" 2
in_systemd systemctl stop contop.service
is "result" "$(property Result) $(property ExecMainStatus)" "success 0"
is "left in its directory" "$(in_systemd ls /run/contop 2>/dev/null)" ""
"$CONTOP" --textfile /dev/null/none 2>"$CASE_DIR/refused"
is "a file that cannot be written" "$(cat "$CASE_DIR/refused")" \
	"contop: --textfile /dev/null/none: Not a directory"
# It takes no other signal, and its child goes with it.
kill -KILL "$SYSTEMD_PARENT"
wait "$SYSTEMD_PARENT" 2>/dev/null
wait_until 10 no_processes

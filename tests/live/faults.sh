#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong on hosts: no BTF, no hook, no descriptors left, a hidden /proc, a
# stop in between, a daemon that is frozen. One line says it, or nothing is lost.
. "$(dirname "$0")/lib.sh"
case_begin

# ends WHAT STATUS REGEX COMMAND...: with this status and one line that says so
ends() {
	local what=$1 want=$2 regex=$3 got
	shift 3
	got=$("$@" 2>&1 >"$CASE_DIR/output")
	is "$what: exit status" $? "$want"
	is "$what: one line" "$(wc -l <<<"$got") $(grep -c -E "$regex" <<<"$got")" "1 1"
}

start calls -- --wait syscalls 30011 0
docker run -d --name other --user 1234 bb sh -c 'while :; do busybox usleep 50000; done' >/dev/null

mkdir "$CASE_DIR/empty"
# shellcheck disable=SC2016
ends "no BTF" 1 '^contop: this kernel has no BTF .*CONFIG_DEBUG_INFO_BTF' \
	unshare -m sh -c 'mount --bind "$1" /sys/kernel/btf && exec "$2" -b -n 1' \
	sh "$CASE_DIR/empty" "$CONTOP"

ends "no hook" 1 '^contop: no counter works here \(contop --check tells more\): .*switched off' \
	env CONTOP_HOOKS_OFF='*' "$CONTOP" -b -n 1
CONTOP_HOOKS_OFF='*' "$CONTOP" --check >"$CASE_DIR/check"
is "no hook: --check" $? 2
is "no hook: panes that work" "$(grep -c ' ok, ' "$CASE_DIR/check")" 0

# without WHAT PATTERN PANES: the other panes go on
without() {
	CONTOP_HOOKS_OFF=$2 "$CONTOP" --check >"$CASE_DIR/check"
	is "no $1: --check" $? 1
	is "no $1: panes that do not work" \
		"$(sed -n 's/^\([a-z]*\) *no: .*switched off$/\1/p' "$CASE_DIR/check" | paste -sd' ')" "$3"
}

without flows 'cgroup_skb*' "flows hints"
without disks 'block_rq*' disks
without "system calls" '*sys_exit*' "syscalls processes files"
without events '*inet_sock*,*sched_process*' events

# Without connections, what becomes of processes is told all the same.
CONTOP_HOOKS_OFF='*inet_sock*' "$CONTOP" -b -o json -d 0.5 -n 4 -P events -f 'container = other' >"$CASE_DIR/contop.json"
within "no connections: starts" "$(of "[.[] | select(.event == \"exec\" and .container == \"other\")] | length")" 1 1000
within "no connections: ends" "$(of "[.[] | select(.event == \"exit\" and .container == \"other\")] | length")" 1 1000

# Each number of descriptors up to those it needs: it starts, or says why not.
for n in 4 8 12 16 24 32 48 64; do
	# shellcheck disable=SC2016
	error=$(bash -c 'ulimit -n "$1"; exec "$2" -b -n 1 -d 0.1' bash $n "$CONTOP" 2>&1 >/dev/null)
	status=$?
	within "$n descriptors: exit status" $status 0 1
	is "$n descriptors: lines" "$(grep -c . <<<"$error")" $status
done

# /proc as it hides the processes of others: root may still look, with what is left.
# shellcheck disable=SC2016
unshare -m sh -c 'mount -t proc -o hidepid=2 none /proc && exec "$@"' sh \
	"$CONTOP" -b -o json -d 0.5 -n 3 -P containers,processes >"$CASE_DIR/contop.json"
is "hidden /proc: command" \
	"$(column processes "$(by other) and .uid == 1234 and .command != null and .comm == \"sh\"" command)" \
	"sh -c while :; do busybox usleep 50000; done"
docker kill other >/dev/null

# A disk without room, but for the first intervals: all are reported, and what is lost is said.
# shellcheck disable=SC2016
unshare -m sh -c 'mount -t tmpfs -o size=16k none "$1" || exit 99
	"$2" -b -o json -d 0.2 -n 12 -c calls --record "$1/all.json" >"$3.json" 2>"$3.err"
	status=$?
	cp "$1/all.json" "$3"
	exit $status' sh "$CASE_DIR/empty" "$CONTOP" "$CASE_DIR/no-room"
is "no room: exit status" $? 1
is "no room: what is said" "$(sed -E "s#$CASE_DIR/##; s/[0-9]+/N/" "$CASE_DIR/no-room.err")" \
	"contop: --record empty/all.json: N intervals lost, the last one: No space left on device"
is "no room: reports" "$(wc -l <"$CASE_DIR/no-room.json")" 12
within "no room: intervals told to be lost" \
	"$(jq -s '[.[].accuracy.unwritten_reports] | add' "$CASE_DIR/no-room.json")" 1 12
"$CONTOP" --replay "$CASE_DIR/no-room" -o json >"$CASE_DIR/no-room.again" 2>"$CASE_DIR/no-room.err"
within "no room: intervals that were written" "$(wc -l <"$CASE_DIR/no-room.again")" 1 11

contop_run
docker_pid=$LIVE_DOCKERD
kill -STOP "$docker_pid"
contop_next 2
kill -CONT "$docker_pid"
prlimit --pid "$CONTOP_PID" --nofile=12:4096
contop_next
kill -STOP "$CONTOP_PID"
go calls
result calls >/dev/null
sleep 2
kill -CONT "$CONTOP_PID"
contop_next 2
contop_stop
is "stopped: calls" "$(sum syscalls "$(by calls) and .syscall == \"getppid\"" count)" 30011
is "stopped: long intervals" "$(of '[.[] | select(.interval >= 2)] | length')" 1
nothing_lost

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Processes by their ids on both sides, as docker top and the container itself have
# them; and one that is moved into a container while it runs.
. "$(dirname "$0")/lib.sh"
case_begin

start home -- sleep 600
docker exec -d home sh -c 'while :; do busybox sleep 0.05; done'
wait_until 10 sh -c 'docker top home | grep -q "sh -c"' || die "nothing runs in the container"

# The load is of the host at first: a child of ours that waits for its signal.
"$LOAD" --wait syscalls 5003 7 >"$CASE_DIR/moved.json" 2>"$CASE_DIR/moved.err" &
moved=$!
CHILDREN+=("$moved")
wait_until 10 grep -q ready "$CASE_DIR/moved.err" || die "the load is not ready"

contop_run -P containers,processes,syscalls

move_into home "$moved"
kill -USR1 "$moved"
wait "$moved" || die "the load failed"
contop_next 2
contop_stop

home=$(by home)
is "calls after the move" "$(sum syscalls "$home and .syscall == \"getppid\"" count)" 5003
is "errors after the move" "$(sum syscalls "$home and .syscall == \"close\"" errors)" 7
is "the host's calls" "$(sum syscalls '.id == null and .syscall == "getppid" and .count >= 5003' count)" 0
is "process of the calls" "$(sum processes "$home and .pid == $moved and .syscalls >= 5003" syscalls)" \
	"$(sum processes "$home and .pid == $moved" syscalls)"

# The shell in the container: its id there is what the container calls it.
outside=$(docker top home -o pid,args | awk '/while :/ { print $1; exit }')
inside=$(docker exec home sh -c 'grep -l "while :" /proc/[0-9]*/cmdline' | grep -v /self/ |
	sed -n 's|^/proc/\([0-9]*\)/.*|\1|p' | sort -n | head -n 1)
is "id inside of the process outside" "$(column processes "$home and .pid == $outside" nspid)" "$inside"
is "its parent is known" "$(column processes "$home and .pid == $outside" ppid |
	grep -c '^[0-9][0-9]*$')" 1
nothing_lost

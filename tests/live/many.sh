#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 10,000 containers at a time are all listed, in time and in a bounded memory, and
# what one of them does is found among them.
. "$(dirname "$0")/lib.sh"
N=10000
case_begin

# The hierarchy that tells containers apart is that of pids, or version 2.
own_cgroups pids
for top in "${OWN_CGROUPS[@]}"; do
	seq -f "$top/abba%060.0f" $N | xargs mkdir || die "cgroups were not made"
done
for top in "${OWN_CGROUPS[@]}"; do
	one=$top/$(printf 'abba%060d' 4711)
	echo $BASHPID >"$one/cgroup.procs" 2>/dev/null
done
(exec "$LOAD" --wait syscalls 3001 0) >"$CASE_DIR/load" 2>"$CASE_DIR/ready" &
load=$!
for top in "${OWN_CGROUPS[@]}"; do
	echo $BASHPID >"$top/../cgroup.procs" 2>/dev/null
done
wait_until 5 grep -q ready "$CASE_DIR/ready" || die "no load"
contop_run -P containers,syscalls
contop_next
kill -USR1 $load
wait $load || die "the load failed"
contop_next
resident=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$CONTOP_PID/status")
contop_stop

ours=".id != null and (.id | startswith(\"abba\"))"
is "containers in a report" "$(of "[.[1].containers[] | select($ours)] | length")" $N
is "calls of one" "$(sum syscalls ".id == \"$(printf 'abba%060d' 4711)\" and .syscall == \"getppid\"" count)" 3001
within "memory, KiB" "$resident" 1 $((200 * 1024))
echo "# memory: $resident KiB; longest interval $(of '[.[].interval] | max') s"
nothing_lost

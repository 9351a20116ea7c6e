#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bound on what the programs take: above it first the times of calls are left out, then
# the processes; what the container does is counted as exactly as before.
. "$(dirname "$0")/lib.sh"
case_begin

# has REPORT-FILTER: some report so far
has() {
	[ "$(of "any(.[]; $1)")" = true ]
}

start calls -- --wait syscalls 100003 1009
docker run -d --name dd bb busybox dd if=/dev/zero of=/dev/null bs=1 >/dev/null
contop_run -P containers,syscalls,processes -F container,id,count,latency_avg_ns,syscalls,name \
	--max-overhead 0.01
wait_until 30 has '.panes.syscalls.hook // "" | endswith("not timed")' || die "calls are still timed"
wait_until 30 has '.panes.processes.available == false' || die "processes are still told apart"
contop_next
go calls
result calls >/dev/null || exit 1
contop_next 2
contop_stop
id=$(by calls)
is "timed at first" "$(of '[.[].syscalls[].latency_avg_ns] | any(. != null)')" true
is "not timed in the end" "$(of '[.[-1].syscalls[].latency_avg_ns] | all(. == null)')" true
is "getppid" "$(sum syscalls "$id and .syscall == \"getppid\"" count)" 100003
is "errors of close" "$(sum syscalls "$id and .syscall == \"close\"" errors)" 1009
is "why" "$(of '.[-1].panes.processes.reason')" "left out: all took more than --max-overhead"
is "calls of processes" "$(of '[.[-1].processes // [] | .[].syscalls] | all(. == null)')" true
nothing_lost

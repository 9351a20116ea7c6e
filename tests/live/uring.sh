#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Operations of io_uring beside system calls: of the container and of the process
# that asked for them, whoever in the kernel does them.
. "$(dirname "$0")/lib.sh"
case_begin

[ -e /proc/sys/kernel/io_uring_disabled ] && [ "$(cat /proc/sys/kernel/io_uring_disabled)" != 0 ] &&
	skip "io_uring is switched off here"

nops=4001
errors=503
apart=257
start rings --security-opt seccomp=unconfined -- --wait uring $nops $errors $apart
contop_run -F pid -P containers,syscalls
pid=$(pid_of rings)
go rings
report=$(result rings) || exit 1
contop_next
contop_stop

mine="$(by rings) and .pid == $pid"
reads="$mine and .syscall == \"io_uring:read\""
is "nop" "$(sum syscalls "$mine and .syscall == \"io_uring:nop\"" count)" "$(field .nop "$report")"
is "read: opcode" "$(column syscalls "$reads" nr)" 22
# Before, they count when they begin: what is refused at once never does.
if kernel_before 5 18; then
	is "read" "$(sum syscalls "$reads" count)" "$apart"
	is "read: errors" "$(sum syscalls "$reads" errors)" null
else
	is "read" "$(sum syscalls "$reads" count)" "$(field .read "$report")"
	is "read: errors" "$(sum syscalls "$reads" errors)" "$errors"
	is "read: top error" "$(column syscalls "$reads and .errors > 0" top_error)" EBADF
fi
is "time of operations" "$(column syscalls "$reads" latency_avg_ns)" null
is "all of the container" "$(sum containers "$(by rings)" syscalls)" "$(sum syscalls "$(by rings)" count)"
nothing_lost

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# System calls of a container: each is counted once, in its row and in all.
. "$(dirname "$0")/lib.sh"
case_begin

calls=100003 errors=1009
start load -- --wait syscalls $calls $errors
contop_run
go load
report=$(result load) || exit 1
contop_next
contop_stop

load=$(by load)
is "getppid" "$(sum syscalls "$load and .syscall == \"getppid\"" count)" $calls
is "getppid: errors" "$(sum syscalls "$load and .syscall == \"getppid\"" errors)" 0
is "close" "$(sum syscalls "$load and .syscall == \"close\"" count)" $errors
is "close: errors" "$(sum syscalls "$load and .syscall == \"close\"" errors)" $errors
other=$(field .other "$report")
is "all calls of the container" "$(sum containers "$load" syscalls)" $((calls + errors + other))
is "sum of its rows" "$(sum syscalls "$load" count)" $((calls + errors + other))
is "errors of the container" "$(sum containers "$load" errors)" $errors
is "name" "$(column syscalls "$load" container)" load
nothing_lost

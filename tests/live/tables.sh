#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls of the 32-bit table and of that of x32, and numbers that no table has: each
# by its name, with its errors, and nothing of it under another name.
. "$(dirname "$0")/lib.sh"
case_begin

n=3001 errors=211
# Docker's own profile refuses what it does not know.
start tables --security-opt seccomp=unconfined -- --wait tables $n $errors
contop_run -P containers,syscalls,files
go tables
report=$(result tables) || exit 1
contop_next
contop_stop

mine=$(by tables)

# call NAME FIELD
call() {
	sum syscalls "$mine and .syscall == \"$1\"" "$2"
}

all=$((n + errors + $(field .other "$report")))
failed=$((errors + $(field .x32_errors "$report")))
unknown=$(field .unknown "$report")
is "x32" "$(call x32:getppid count)" $n
# With them where the kernel has no such calls.
is "x32: errors" "$(call x32:getppid errors)" "$(field .x32_errors "$report")"
is "unknown call" "$(call "$unknown" count)" $errors
is "unknown call: errors" "$(call "$unknown" errors)" $errors
is "unknown call: top error" "$(column syscalls "$mine and .syscall == \"$unknown\"" top_error)" ENOSYS
is "unknown call: number" "$(column syscalls "$mine and .syscall == \"$unknown\"" nr)" "${unknown#syscall_}"
if [ "$(field .compat "$report")" = true ]; then
	all=$((all + n + 3 * errors))
	failed=$((failed + 2 * errors))
	is "getppid" "$(call 32:getppid count)" $n
	is "getppid: errors" "$(call 32:getppid errors)" 0
	is "getppid: number" "$(column syscalls "$mine and .syscall == \"32:getppid\"" nr)" 64
	is "close" "$(call 32:close count)" $errors
	is "close: errors" "$(call 32:close errors)" $errors
	is "close: top error" "$(column syscalls "$mine and .syscall == \"32:close\"" top_error)" EBADF
	is "read" "$(call 32:read count)" $errors
	is "reads of the file" "$(sum files "$mine" reads)" $errors
	is "its bytes" "$(sum files "$mine" read_bytes)" "$(field .bytes "$report")"
	is "unknown call of the table" "$(call "32:$unknown" errors)" $errors
else
	echo "# this kernel has no 32-bit calls"
fi
is "all calls of the container" "$(sum containers "$mine" syscalls)" $all
is "sum of its rows" "$(sum syscalls "$mine" count)" $all
is "errors of the container" "$(sum containers "$mine" errors)" $failed
is "calls of other tables under names of this one" \
	"$(call getppid count) $(call close count) $(call read count)" "0 0 0"
nothing_lost

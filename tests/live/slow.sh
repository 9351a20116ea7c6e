#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disk operations that take long, one by one: all of a container's on a loop device
# when next to nothing is long, none when nothing is.
. "$(dirname "$0")/lib.sh"
case_begin

truncate -s 8M "$CASE_DIR/disk"
loop=$(losetup -f --show "$CASE_DIR/disk") || skip "no loop device"
LOOPS+=("$loop")

# write_slowly NAME MILLISECONDS
write_slowly() {
	start "$1" --device "$loop" -- --wait disk-write "$loop" 4
	contop_run -P containers,events --slow "$2"
	go "$1"
	report=$(result "$1") || exit 1
	contop_next
	contop_stop
	nothing_lost
	slow="[.[] | select(.event == \"slow_io\" and .device == \"$(basename "$loop")\" and
		.operation == \"write\" and .comm == \"load\" and $(by "$1"))]"
}

write_slowly often 0.01
operations=$(field .operations "$report")
# One whose end no program is told of has no time.
within "slow operations" "$(of "$slow | length")" $((operations * 9 / 10)) "$operations"
is "their sizes" "$(of "$slow | map(.bytes) | unique | join(\" \")")" \
	$(($(field .bytes "$report") / operations))
is "those that took less" "$(of "$slow | map(select(.latency_us < 10)) | length")" 0
is "those of no process" "$(of "$slow | map(select(.pid == null or .uid != 0)) | length")" 0

write_slowly never 3600000
is "operations that took an hour" "$(of "$slow | length")" 0

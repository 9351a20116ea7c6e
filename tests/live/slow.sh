#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes long, one by one: all disk operations of a container on a loop device, its
# calls on files when next to nothing is long, none when nothing is.
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

# What cannot be told is said, and why.
"$CONTOP" --check >"$CASE_DIR/check"
within "slow files of --check" "$(grep -c '^events .*, slow files$' "$CASE_DIR/check")" 1 1
CONTOP_HOOKS_OFF='*/sys_enter' "$CONTOP" --check >"$CASE_DIR/check"
within "why there are none" "$(grep -c \
	'^events  *ok, by .*; no slow files: tp[_btf]*/sys_enter: switched off$' "$CASE_DIR/check")" 1 1

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

# Calls on files: direct ones and syncs go to the disk and back, which takes more than
# 10 us everywhere; what a container does to memory does not take an hour.
wait_for_disk() {
	mkdir -p "$CASE_DIR/files"
	start "$1" -v "$CASE_DIR/files:/files" -- --wait file-waits /files "$3"
	contop_run -c "$1" -P containers,events --slow "$2"
	pid=$(pid_of "$1")
	go "$1"
	report=$(result "$1") || exit 1
	contop_next
	contop_stop
	nothing_lost
	files=".event == \"slow_io\" and .path != null and $(by "$1")"
}

# slow_calls OPERATION NAME: how many were told
slow_calls() {
	of "[.[] | select($files and .operation == \"$1\" and .path == \"/files/$2\" and
		.pid == $pid and .uid == 0 and .comm == \"load\" and .device == null and
		.error == null and .latency_us >= 10 and .bytes == $3)] | length"
}

wait_for_disk waits 0.01 101
is "direct reads" "$(slow_calls read direct 4096)" "$(field .reads "$report")"
is "direct writes" "$(slow_calls write direct 4096)" "$(field .writes "$report")"
is "syncs" "$(slow_calls sync synced null)" "$(field .syncs "$report")"
is "other files" "$(of "[.[] | select($files) | .path] | unique | map(select(
	. != \"/files/direct\" and . != \"/files/synced\")) | length")" 0

wait_for_disk quick 3600000 11
is "calls that took an hour" "$(of "[.[] | select($files)] | length")" 0

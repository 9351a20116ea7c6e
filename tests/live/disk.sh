#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Direct I/O of a container: bytes and operations are exact on a loop device, and on a
# real disk but for what the file system writes on its own.
. "$(dirname "$0")/lib.sh"
case_begin

# Blocks that exist already are written and read without changes to the file system.
start fill -- --fsync disk-write /work/file 4
fill=$(result fill) || exit 1

# The disk or the partition that the file is on.
path=$(readlink -e "/sys/dev/block/$(field '"\(.major):\(.minor)"' "$fill")") ||
	skip "no disk below $CASE_DIR"
if [ -d "$path/dm" ] || [ -d "$path/md" ]; then
	skip "$(basename "$path") passes its requests on"
fi

loop_file=$CASE_DIR/disk
truncate -s 16M "$loop_file"
loop=$(losetup -f --show "$loop_file") || skip "no loop device"
LOOPS+=("$loop")

# disk NAME KIND DEVICE SLACK DOCKER OPTIONS... -- LOAD ARGUMENTS...
disk() {
	local name=$1 kind=$2 device=$3 slack=$4 report bytes operations filter

	start "$name" "${@:5}"
	contop_run -P containers,disks,processes
	go "$name"
	report=$(result "$name") || exit 1
	# What no program is told of (see bpf/disk.bpf.c) is counted 0.1 s later.
	contop_next
	contop_stop
	bytes=$(field .bytes "$report")
	operations=$(field .operations "$report")
	filter="$(by "$name") and .device == \"$device\""
	within "$name: bytes" "$(sum disks "$filter" "${kind}_bytes")" "$bytes" $((bytes + slack))
	within "$name: operations" "$(sum disks "$filter" "${kind}s")" "$operations" \
		$((operations + slack / 4096))
	is "$name: bytes of the container and its disks" \
		"$(sum containers "$(by "$name")" "${kind}_bytes")" \
		"$(sum disks "$(by "$name")" "${kind}_bytes")"
	is "$name: operations of the container and its disks" \
		"$(sum containers "$(by "$name")" "${kind}s")" "$(sum disks "$(by "$name")" "${kind}s")"
	# All of it is that of one process, but for what the file system writes on its own.
	within "$name: bytes of the process" \
		"$(sum processes "$(by "$name") and .comm == \"load\"" "${kind}_bytes")" \
		"$bytes" $((bytes + slack))
	is "$name: number of the disk" "$(column disks "$filter" major):$(column disks "$filter" minor)" \
		"$(cat "/sys/class/block/$device/dev")"
	check_latency "$name" "$filter"
	nothing_lost
}

# check_latency WHAT FILTER: known, positive and in order in every report with I/O
check_latency() {
	is "$1: reports with a wrong latency" "$(of "[.[].disks[] | select($2) |
		select((.latency_avg_us == null or .latency_p50_us == null or .latency_p99_us == null or
			.latency_max_us == null or .latency_max_us <= 0 or
			.latency_avg_us > .latency_max_us or .latency_p50_us > .latency_p99_us) and
			.reads + .writes > 0)] | length")" 0
}

disk loop-write write "$(basename "$loop")" 0 --device "$loop" -- --wait disk-write "$loop" 7
disk loop-read read "$(basename "$loop")" 0 --device "$loop" -- --wait disk-read "$loop" 5
# Metadata that the container touched, and requests of a file that lies in pieces.
disk file-write write "$(basename "$path")" 1048576 -- --wait disk-write /work/file 4
disk file-read read "$(basename "$path")" 1048576 -- --wait disk-read /work/file 4

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disk I/O of containers, as fio itself counted and timed it: direct reads, writes
# through the page cache that fio or somebody else brings to the disk, two
# containers at once, a loop device.  fio is the host's program in their cgroups.
. "$(dirname "$0")/lib.sh"
command -v fio >/dev/null || skip "no fio"
case_begin

FILE_MIB=16
BYTES=$((FILE_MIB << 20))
METADATA=1048576		# that the file system reads and writes on its own, at most

path=$(readlink -e "/sys/dev/block/$(mountpoint -d "$(df --output=target "$CASE_DIR" | tail -1)")") ||
	skip "no disk below $CASE_DIR"
[ ! -d "$path/dm" ] && [ ! -d "$path/md" ] || skip "$(basename "$path") passes its requests on"
DISK=$(basename "$path")
truncate -s "${FILE_MIB}M" "$CASE_DIR/disk"
LOOP=$(losetup -f --show "$CASE_DIR/disk") || skip "no loop device"
LOOPS+=("$LOOP")
start one -- sleep 600
start two --device "$LOOP" -- sleep 600

# fio_in CONTAINER NAME FIO OPTIONS...: in the background; its JSON is $CASE_DIR/NAME.fio
fio_in() {
	local container=$1 name=$2
	shift 2
	(
		move_into "$container" "$BASHPID"
		exec fio --name=job --output-format=json --output="$CASE_DIR/$name.fio" \
			--ioengine=psync --size="${FILE_MIB}M" "$@"
	) &
	CHILDREN+=("$!")
	FIO=$!
}

fio_ends() {
	wait "$1" || die "fio failed"
}

# of_fio NAME FILTER: of its only job
of_fio() {
	jq -r ".jobs[0] | $2" "$CASE_DIR/$1.fio"
}

# a_disk CONTAINER DEVICE: a jq filter
a_disk() {
	echo "$(by "$1") and .device == \"$2\""
}

# counts NAME CONTAINER DEVICE read|write SLACK: bytes and operations of the disk and the process
counts() {
	local bytes operations rows

	bytes=$(of_fio "$1" ".$4.io_bytes")
	operations=$(of_fio "$1" ".$4.total_ios")
	rows=$(a_disk "$2" "$3")
	within "$1: bytes" "$(sum disks "$rows" "$4_bytes")" "$bytes" $((bytes + $5))
	within "$1: operations" "$(sum disks "$rows" "$4s")" "$operations" $((operations + $5 / 4096))
	within "$1: bytes of the process" "$(sum processes "$(by "$2") and .comm == \"fio\"" "$4_bytes")" \
		"$bytes" $((bytes + $5))
}

# An operation is with the device for a part of the time that fio waits for it. Contop
# has percentiles of each interval: the one of all lies between the least and the most.
latencies() {
	local rows mean most=60000000

	rows=$(a_disk "$2" "$3")
	# Unless the container has also read what it runs from the disk.
	[ "$(sum disks "$rows" "$4_bytes")" != "$(of_fio "$1" ".$4.io_bytes")" ] ||
		most=$(of_fio "$1" ".$4.clat_ns.max / 1000 | ceil")
	mean=$(of_fio "$1" ".$4.clat_ns.mean / 1000 | ceil")
	within "$1: average latency, by fio $mean us" "$(of "[.[].disks[] | select($rows and .$4s > 0)] |
		(map(.latency_avg_us * .$4s) | add) / (map(.$4s) | add) | floor")" 1 "$mean"
	# Off by an eighth at most: the width of a bucket.
	within "$1: least median" "$(of "[.[].disks[] | select($rows and .$4s > 0).latency_p50_us] | min")" 1 \
		"$(of_fio "$1" ".$4.clat_ns.percentile[\"50.000000\"] * 9 / 8000 | ceil")"
	within "$1: longest" "$(of "[.[].disks[] | select($rows and .$4s > 0).latency_max_us] | max")" \
		"$(of_fio "$1" ".$4.clat_ns.min / 4000 | floor")" "$most"
	is "$1: time in the queue is not known" \
		"$(of "[.[].disks[] | select($rows and .$4s > 0 and .queue_avg_us == null)] | length")" 0
}

# measure: lets contop see what is between it and measured
measure() {
	contop_run -P containers,disks,processes
}

# What no program is told of is counted late.
measured() {
	contop_next
	contop_stop
	nothing_lost
}

fio_in one fill --filename="$CASE_DIR/read" --rw=write --bs=1M --end_fsync=1
fio_ends "$FIO"
measure
fio_in one read --filename="$CASE_DIR/read" --rw=randread --bs=16k --direct=1
fio_ends "$FIO"
measured
counts read one "$DISK" read $METADATA
latencies read one "$DISK" read

# What comes to the disk is the container's, whoever writes it at last.
measure
fio_in one fsync --filename="$CASE_DIR/fsync" --rw=write --bs=256k --end_fsync=1
fio_ends "$FIO"
fio_in two sync --filename="$CASE_DIR/sync" --rw=write --bs=256k
fio_ends "$FIO"
sync "$CASE_DIR/sync"
measured
for container in one two; do
	rows=$(a_disk $container "$DISK")
	within "written by $container" "$(sum disks "$rows" write_bytes)" $((BYTES * 99 / 100)) \
		$((BYTES + METADATA))
	within "of that, from the cache" "$(sum disks "$rows" writeback_bytes)" $((BYTES * 99 / 100)) \
		$((BYTES + METADATA))
done

measure
fio_in one first --filename="$CASE_DIR/read" --rw=randwrite --bs=16k --direct=1
first=$FIO
fio_in two second --filename="$LOOP" --rw=randrw --rwmixread=50 --bs=64k --direct=1
fio_ends "$first"
fio_ends "$FIO"
measured
counts first one "$DISK" write $METADATA
latencies first one "$DISK" write
counts second two "$(basename "$LOOP")" read 0
counts second two "$(basename "$LOOP")" write 0

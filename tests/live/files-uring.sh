#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are read and written by io_uring: what fio says it did.
. "$(dirname "$0")/lib.sh"
case_begin

command -v fio >/dev/null || skip "no fio"
! kernel_before 5 18 || skip "before Linux 5.18 operations end without their file"
[ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" = 0 ] ||
	skip "io_uring is switched off here"

dd if=/dev/zero of="$CASE_DIR/file" bs=1M count=2 status=none
contop_run -P containers,files
fio --name=job --filename="$CASE_DIR/file" --ioengine=io_uring --rw=randrw --bs=4k --size=2m \
	--iodepth=8 --direct=1 --output-format=json >"$CASE_DIR/fio.json" || die "fio fails"
contop_next
contop_stop

row=".path == \"$CASE_DIR/file\" and .comm == \"fio\" and .access == \"direct\""
for kind in read write; do
	is "${kind}s" "$(sum files "$row" "${kind}s")" "$(jq ".jobs[0].$kind.total_ios" "$CASE_DIR/fio.json")"
	is "bytes of ${kind}s" "$(sum files "$row" "${kind}_bytes")" \
		"$(jq ".jobs[0].$kind.io_bytes" "$CASE_DIR/fio.json")"
done
nothing_lost

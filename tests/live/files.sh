#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that a container reads and writes, by every call there is: each call counts
# once, with what it returned; what is no file does not count.
. "$(dirname "$0")/lib.sh"
case_begin

n=501
mkdir "$CASE_DIR/files"
start load -v "$CASE_DIR/files:/files" -- --wait files /files $n
pid=$(pid_of load)
contop_run -P containers,processes,files -F latency_max_ns
go load
report=$(result load) || exit 1
contop_next
contop_stop

load=$(by load)
child_reads=$(field .child_reads "$report")
child_bytes=$(field .child_bytes "$report")

# total FIELD: over all files of the load's first process
total() {
	field "[.files[].$1] | add" "$report"
}

for name in data copy direct; do
	access=cached
	[ $name != direct ] || access=direct
	row="$load and .pid == $pid and .path == \"/files/$name\""
	for key in read_bytes write_bytes reads writes; do
		is "$name: $key" "$(sum files "$row" $key)" \
			"$(field ".files[] | select(.name == \"$name\").$key" "$report")"
	done
	is "$name: access" "$(column files "$row" access)" $access
	is "$name: inode" "$(column files "$row" inode)" "$(stat -c %i "$CASE_DIR/files/$name")"
	is "$name: comm" "$(column files "$row" comm)" load
done
is "rows with a wrong latency" "$(of "[.[].files[] | select($load and .reads + .writes > 0 and
	(.latency_avg_ns == null or .latency_max_ns == null or .latency_avg_ns <= 0 or
	.latency_avg_ns > .latency_max_ns))] | length")" 0
is "data: the child's reads" \
	"$(sum files "$load and .pid != $pid and .path == \"/files/data\"" reads)" "$child_reads"
is "data: the child's bytes" \
	"$(sum files "$load and .pid != $pid and .path == \"/files/data\"" read_bytes)" "$child_bytes"
is "other files" "$(column files "$load and (.path | startswith(\"/files/\") | not)" path)" ""

is "the process: bytes read" "$(sum processes "$load and .pid == $pid" file_read_bytes)" \
	"$(total read_bytes)"
is "the process: bytes written" "$(sum processes "$load and .pid == $pid" file_write_bytes)" \
	"$(total write_bytes)"
is "the container: bytes read" "$(sum containers "$load" file_read_bytes)" \
	$(($(total read_bytes) + child_bytes))
is "the container: reads" "$(sum containers "$load" file_reads)" $(($(total reads) + child_reads))
is "the container: bytes written" "$(sum containers "$load" file_write_bytes)" \
	"$(total write_bytes)"
is "the container: writes" "$(sum containers "$load" file_writes)" "$(total writes)"
nothing_lost

# Without the columns no call is timed.
start untimed -v "$CASE_DIR/files:/files" -- --wait files /files 11
contop_run -P files
go untimed
result untimed >/dev/null || exit 1
contop_next
contop_stop
is "untimed: latency" "$(of "[.[].files[] | select($(by untimed)) | .latency_avg_ns] | unique | @json")" "[null]"

# Without the pane no file is told apart, and the sums are the same.
start plain -v "$CASE_DIR/files:/files" -- --wait files /files $n
contop_run
go plain
report=$(result plain) || exit 1
contop_next
contop_stop
plain=$(by plain)
is "without the pane: bytes read" "$(sum containers "$plain" file_read_bytes)" \
	$(($(total read_bytes) + child_bytes))
is "without the pane: writes" "$(sum containers "$plain" file_writes)" "$(total writes)"
is "without the pane: files" "$(of 'map(select(has("files"))) | length')" 0
nothing_lost

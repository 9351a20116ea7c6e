#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Major page faults of a container and its processes, as the kernel tells them by
# getrusage(2); without the column they are not counted.
. "$(dirname "$0")/lib.sh"
case_begin

mkdir "$CASE_DIR/files"
start load -v "$CASE_DIR/files:/files" -- --wait faults /files 401
pid=$(pid_of load)
contop_run -P containers,processes -F major_faults
go load
report=$(result load) || exit 1
contop_next
contop_stop
nothing_lost

load=$(by load)
faults=$(field .faults "$report")
child=$(field .child_faults "$report")
# Half of the pages each, and hardly more; some may have stayed in memory.
within "faults that there were" "$faults" 150 300
within "those of the child" "$child" 150 300
is "of the process" "$(sum processes "$load and .pid == $pid" major_faults)" "$faults"
is "of its child" "$(sum processes "$load and .pid != $pid and .comm == \"load\"" major_faults)" \
	"$child"
is "of the container" "$(sum containers "$load" major_faults)" $((faults + child))

start uncounted -v "$CASE_DIR/files:/files" -- --wait faults /files 51
contop_run -P containers,processes
go uncounted
result uncounted >/dev/null || exit 1
contop_next
contop_stop
is "not counted" "$(of "[.[] | .containers[], .processes[] | .major_faults] | unique | @json")" \
	"[null]"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After a SIGKILL nothing of contop stays in the kernel or among the mounts.
. "$(dirname "$0")/lib.sh"
command -v bpftool >/dev/null || PATH=$PATH:/usr/sbin
command -v bpftool >/dev/null || skip "no bpftool"
case_begin

# ids KIND PROCESS: what a process holds: prog, link or map
ids() {
	cat "/proc/$2/fdinfo/"* 2>/dev/null | sed -n "s/^$1_id:[[:space:]]*//p" | sort -nu
}

# left KIND ID...: those of them that exist
left() {
	local kind=$1
	shift

	bpftool -j "$kind" show | jq --argjson ids "$(jq -s . <<<"$*")" \
		'[.[].id] - ([.[].id] - $ids) | length'
}

is_left() {
	[ "$(left "$1" "$2")" = 0 ]
}

held=()
mounts=$(wc -l </proc/self/mounts)
contop_run
for kind in prog link map; do
	held[${#held[@]}]=$(ids $kind "$CONTOP_PID")
done
within "programs held" "$(wc -w <<<"${held[0]}")" 1 1000
is "programs found by bpftool" "$(left prog "${held[0]}")" "$(wc -w <<<"${held[0]}")"
kill -KILL "$CONTOP_PID"
wait "$CONTOP_PID" 2>/dev/null
CONTOPS=()
i=0
for kind in prog link map; do
	# The kernel frees them after a grace period.
	wait_until 10 is_left $kind "${held[i]}"
	is "left of kind $kind" "$(left $kind "${held[i]}")" 0
	i=$((i + 1))
done
is "mounts" "$(wc -l </proc/self/mounts)" "$mounts"

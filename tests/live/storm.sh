#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 200 containers' worth of cgroups come and go each second for ten seconds, in every
# hierarchy a container has: each is listed, each exits once, nothing piles up.
. "$(dirname "$0")/lib.sh"
EACH=200
SECONDS_LONG=10
case_begin

# directories SECOND: of its containers, with ids of 64 digits
directories() {
	local top

	for top in "${OWN_CGROUPS[@]}"; do
		seq -f "$top/dead$(printf '%056x' "$1")%04.0f" "$EACH"
	done
}

# memory: of contop, in KiB, without the records of the kernel that it maps: these are of all
# that goes on on this host
memory() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$CONTOP_PID/status"
}

own_cgroups pids blkio memory
contop_run
contop_next
begin=$(date +%s%N)
for ((second = 0; second < SECONDS_LONG; second++)); do
	mapfile -t now < <(directories $second)
	mkdir "${now[@]}" || die "cgroups were not made"
	# Every other lot is gone before contop can have looked.
	[ $((second % 2)) = 0 ] || sleep 0.5
	rmdir "${now[@]}" || die "cgroups were not removed"
	[ $second != 3 ] || early=$(memory)
	while [ $(($(date +%s%N) - begin)) -lt $(((second + 1) * 1000000000)) ]; do
		sleep 0.02
	done
done
contop_next 2
late=$(memory)
contop_stop

ours=".cgroup // \"\" | startswith(\"/contop-storm-$$/\")"
of ".[].containers[] | select($ours) | .id + \" \" + .state" >"$CASE_DIR/seen"
is "containers listed" "$(cut -d' ' -f1 "$CASE_DIR/seen" | sort -u | wc -l)" $((EACH * SECONDS_LONG))
is "containers that exited" "$(grep -c exited "$CASE_DIR/seen")" $((EACH * SECONDS_LONG))
is "containers that exited twice" "$(grep exited "$CASE_DIR/seen" | sort | uniq -d | wc -l)" 0
is "containers in the last report" "$(of "[.[-1].containers[] | select($ours)] | length")" 0
is "late reports" "$(of '[.[] | select(.interval > 0.9)] | length')" 0
within "memory, KiB" "$late" 1 $((early + 4096))
echo "# memory: $early KiB early, $late KiB late; longest interval $(of '[.[].interval] | max') s"
nothing_lost

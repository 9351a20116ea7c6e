#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 2,000 processes a second, then 2,000 threads a second: each of their calls is
# counted, and the memory they took comes back. $STORM_SECONDS of each, default 3.
. "$(dirname "$0")/lib.sh"
N=$((2000 * ${STORM_SECONDS:-3}))
case_begin

# resident: memory of contop, in KiB
resident() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$CONTOP_PID/status"
}

# in_kernel: memory of its maps, in KiB; those that several descriptors are open of once
in_kernel() {
	cat "/proc/$CONTOP_PID/fdinfo/"* 2>/dev/null |
		awk '/^memlock:/ { size = $2 } /^map_id:/ { of[$2] = size }
			END { for (id in of) sum += of[id]; print int(sum / 1024) }'
}

for kind in process thread; do
	start $kind -- --wait $kind-storm $N 2000
done
contop_run -P containers,syscalls,processes
early=$(resident)
for kind in process thread; do
	go $kind
	report=$(result $kind) || exit 1
	is "calls of $kind storm" "$(contop_next 2; sum syscalls "$(by $kind) and .syscall == \"getppid\"" count)" \
		"$(field .getppid "$report")"
done
contop_next 2
within "memory, KiB" "$(resident)" 1 $((early + 32768))
within "memory of maps, KiB" "$(in_kernel)" 1 $((80 * 1024))
echo "# memory: $early KiB early, $(resident) KiB late, $(in_kernel) KiB in the kernel;" \
	"longest interval $(of '[.[].interval] | max') s"
contop_stop
nothing_lost

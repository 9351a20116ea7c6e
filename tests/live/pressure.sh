#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long a container's tasks stand still for I/O: one that does nothing but wait for
# a disk, beside one that sleeps; and nothing is read unless it is asked for.
. "$(dirname "$0")/lib.sh"
case_begin

start waits -- sleep 600
start sleeps -- sleep 600
pid=$(pid_of waits)
cgroup=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
{ [ -n "$cgroup" ] && [ "$cgroup" != / ] && [ -n "$mount" ] && [ -e "$mount$cgroup/io.pressure" ]; } ||
	skip "no pressure of cgroups here"

contop_run -P containers -F name,id,io_pressure
for _ in 1 2 3; do
	docker exec waits load disk-write /work/file 64 >/dev/null || die "the load failed"
done
contop_next
contop_stop
is "reports of the one that sleeps without pressure" \
	"$(of "[.[].containers[] | select($(by sleeps) and .io_pressure != 0)] | length")" 0
within "most percent of the one that waits" \
	"$(of "[.[].containers[] | select($(by waits)).io_pressure // 0] | max")" 1 100

contop_run -P containers
contop_next
contop_stop
is "reports with a pressure that nobody asked for" \
	"$(of '[.[].containers[] | select(.io_pressure != null)] | length')" 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --units: services and scopes are rows, those that come later, too; a container
# stays one; without it all of them are the host's.
. "$(dirname "$0")/lib.sh"
case_begin

# in_unit PATH LOAD ARGUMENTS...: below the case's own directories
in_unit() {
	local path=$1 directory
	shift

	for directory in "${OWN_CGROUPS[@]}"; do
		mkdir -p "$directory/$path"
	done
	(
		for directory in "${OWN_CGROUPS[@]}"; do
			echo "$BASHPID" >"$directory/$path/cgroup.procs"
		done
		exec "$LOAD" "$@"
	) >/dev/null 2>"$CASE_DIR/unit.err"
}

# calls NAME: of getppid()
calls() {
	sum syscalls ".container == \"$1\" and .syscall == \"getppid\"" count
}

own_cgroups pids blkio memory
start web -- --wait syscalls 1009 17
in_unit system.slice/before.service sleep 0
contop_run --units
contop_next
in_unit system.slice/before.service syscalls 503 3
in_unit "user.slice/user-7.slice/user@7.service/app.slice/later.service/sub" syscalls 505 5
in_unit user.slice/user-7.slice/session-2.scope syscalls 507 7
go web
result web >/dev/null || exit 1
contop_next
contop_stop
is "before" "$(calls before.service)" 503
is "later" "$(calls later.service)" 505
is "session" "$(calls session-2.scope)" 507
is "runtime" "$(column containers '.name == "later.service" or .name == "before.service"' runtime)" systemd
is "later: outer" "$(column containers '.name == "later.service"' outer)" user@7.service
is "container" "$(calls web) $(column containers "$(by web)" runtime)" "1009 docker"
nothing_lost

contop_run
in_unit system.slice/before.service syscalls 503 3
contop_next
contop_stop
is "without: the host's" "$(sum syscalls '.id == null and .syscall == "getppid"' count |
	awk '{ print ($1 >= 503) }')" 1
is "without: units" "$(column containers '.runtime == "systemd"' name)" ""

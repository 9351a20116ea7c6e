#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# contop itself in a container, by the command of the manual: it sees the others
# with their names and counts what they do to the last call.
. "$(dirname "$0")/lib.sh"
case_begin

# inside [DOCKER OPTIONS...] -- CONTOP OPTIONS...
inside() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	: >"$CASE_DIR/contop.json"
	docker run --name contop "${rights[@]}" --pid host --uts host "${options[@]}" \
		-v /sys/fs/cgroup:/host/cgroup:ro -v "$LIVE_DIR/docker.sock:/run/docker.sock" \
		contop -b -o json -d 0.5 --cgroupfs /host/cgroup "$@" \
		>>"$CASE_DIR/contop.json" 2>"$CASE_DIR/contop.err" &
	CHILDREN+=("$!")
	contop_ready contop
}

# count_inside WHAT [DOCKER OPTIONS...] -- CONTOP OPTIONS...
count_inside() {
	local what=$1 name report
	shift

	start calls -- --wait syscalls 1009 17
	start old -- --wait tcp-pair 127.0.0.1 5000 1000003
	inside "$@"
	start new -- --wait syscalls 1009 17
	contop_next
	for name in calls old new; do
		go $name
	done
	report=$(result old) && result calls >/dev/null && result new >/dev/null || exit 1
	contop_next
	docker stop contop >/dev/null
	is "$what: exit status" "$(docker inspect -f '{{.State.ExitCode}}' contop)" 0
	is "$what: standard error" "$(head -5 "$CASE_DIR/contop.err")" ""
	is "$what: host" "$(of '[.[].host] | unique | join(" ")')" "$(uname -n)"
	is "$what: own name" "$(of '.[-1].containers[].name' | grep -cx contop)" 1
	is "$what: name" "$(column containers "$(by old)" name)" old
	is "$what: name of a later one" "$(of "[.[].containers[] | select($(by new)) | .name] | last")" new
	is "$what: getppid" "$(sum syscalls "$(by calls) and .syscall == \"getppid\"" count)" 1009
	# What came later was also set up by runc.
	within "$what: getppid of a later one" \
		"$(sum syscalls "$(by new) and .syscall == \"getppid\"" count)" 1009 1030
	is "$what: process of what was there before" "$(column flows "$(by old) and .protocol == \"tcp\"" comm)" load
	is "$what: tx_bytes of what was there before" \
		"$(sum flows "$(by old) and .protocol == \"tcp\" and .direction == \"out\"" tx_bytes)" \
		"$(jq 'select(.load == "tcp-client") | .tx_bytes' <<<"$report")"
	nothing_lost
	docker rm -f contop calls old new >/dev/null
}

import_contop contop
# Where this machine has not all capabilities itself, no container can be privileged.
rights=(--privileged)
if ! docker run --rm --privileged bb true 2>/dev/null; then
	rights=(--cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_PTRACE)
	echo "# not privileged: ${rights[*]}"
fi
count_inside "the least" --
count_inside "own view of /proc" -v /proc:/host/proc:ro -- --procfs /host/proc

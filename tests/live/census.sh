#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many processes containers have: not threads nor zombies; those that come, go and
# move, and those of a container within. By all of the kernel's tasks, and by files.
. "$(dirname "$0")/lib.sh"
case_begin

# processes NAME...: at the last report
processes() {
	local name

	for name; do
		of ".[-1].containers[] | select(.name == \"$name\") | .processes" 2>/dev/null
	done | paste -sd' '
}

have() {
	[ "$(processes "${@:2}")" = "$1" ]
}

# comes_to WHAT WANT NAME...: containers are looked for, and processes counted, less often when it takes long
comes_to() {
	wait_until 20 have "${@:2}"
	is "$1" "$(processes "${@:3}")" "$2"
}

by_tasks() {
	grep -qs '^target_name:[[:space:]]*task$' "/proc/$CONTOP_PID/fdinfo/"*
}

INNER=$(sha256sum <<<"$CASE_DIR")
INNER=${INNER::64}		# no other container of this machine is called so
docker run -d --name many bb sh -c 'sleep 600 & sleep 600 & (exit 0) & exec sleep 600' >/dev/null
start threads -- --wait crowd 20 1 1
# check HOW: in all of this
check() {
	local guest child

	sleep 600 &
	guest=$!
	CHILDREN+=("$guest")
	contop_run -P containers
	is "$1: by tasks" "$(by_tasks && echo yes)" "$2"
	comes_to "$1: beside a zombie" 3 many
	comes_to "$1: threads" 1 threads
	move_into many "$guest"
	comes_to "$1: moved in" 4 many
	move_into threads "$guest"
	comes_to "$1: moved on" "3 2" many threads
	cgroup_directories many | while read -r directory; do
		mkdir -p "$directory/docker/$INNER"
		# A new directory of version 1's cpuset takes nobody.
		echo "$guest" 2>/dev/null >"$directory/docker/$INNER/cgroup.procs"
	done
	comes_to "$1: within" "1 4 1" "${INNER::12}" many threads
	docker exec -d many sleep 600
	comes_to "$1: made" 5 many
	child=$(pgrep -n -x sleep --ns "$(pid_of many)" --nslist pid)
	kill "$child"
	comes_to "$1: ended" 4 many
	end_process "$guest"
	cgroup_directories many | while read -r directory; do
		rmdir "$directory/docker/$INNER" "$directory/docker"
	done
	contop_next 2
	contop_stop
}

check iterator yes
# The host has the rest; not itself, nor what has come since. Threads of the kernel are not processes.
within "the host's" "$(of '.[-1].containers[] | select(.name == "host") | .processes')" 5 \
	"$(ls -d /proc/[0-9]* | wc -l)"
CONTOP_HOOKS_OFF=iter/task check files ""
is "the host's, by files" "$(of '.[-1].containers[] | select(.name == "host") | .processes')" null

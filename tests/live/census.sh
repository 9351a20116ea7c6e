#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many processes containers have: not threads nor zombies; those that come, go and
# move, and those of a container within. By all of the kernel's tasks, and by files.
. "$(dirname "$0")/lib.sh"
case_begin

# paths NAME: the directories of its first process's cgroups
paths() {
	local controllers path directory type options

	while IFS=: read -r _ controllers path; do
		while read -r _ directory type options _; do
			case "$type:,$options," in
			cgroup2:*) [ -z "$controllers" ] || continue ;;
			cgroup:*",$controllers,"*) [ -n "$controllers" ] || continue ;;
			*) continue ;;
			esac
			[ ! -e "$directory$path/cgroup.procs" ] || echo "$directory$path"
		done </proc/self/mounts
	done <"/proc/$(pid_of "$1")/cgroup"
}

# processes NAME: at the last report
processes() {
	contop_next 2
	of ".[-1].containers[] | select(.name == \"$1\") | .processes"
}

by_tasks() {
	grep -qs '^target_name:[[:space:]]*task$' "/proc/$CONTOP_PID/fdinfo/"*
}

INNER=$(printf '%064d' 7)
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
	is "$1: beside a zombie" "$(processes many)" 3
	is "$1: threads" "$(processes threads)" 1
	move_into many "$guest"
	is "$1: moved in" "$(processes many)" 4
	move_into threads "$guest"
	is "$1: moved on" "$(processes many) $(processes threads)" "3 2"
	paths many | while read -r directory; do
		mkdir -p "$directory/docker/$INNER"
		# A new directory of version 1's cpuset takes nobody.
		echo "$guest" 2>/dev/null >"$directory/docker/$INNER/cgroup.procs"
	done
	is "$1: within" "$(processes "${INNER::12}") $(processes many) $(processes threads)" "1 4 1"
	docker exec -d many sleep 600
	is "$1: made" "$(processes many)" 5
	child=$(pgrep -n -x sleep --ns "$(pid_of many)" --nslist pid)
	kill "$child"
	is "$1: ended" "$(processes many)" 4
	end_process "$guest"
	paths many | while read -r directory; do
		rmdir "$directory/docker/$INNER" "$directory/docker"
	done
	contop_next 2
	contop_stop
}

check iterator yes
CONTOP_HOOKS_OFF=iter/task check files ""

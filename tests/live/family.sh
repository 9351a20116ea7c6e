#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -p: a process with its children and theirs, older than contop or not, each to the
# last call; who is beside it, of the same parent and in the same cgroup, is not.
. "$(dirname "$0")/lib.sh"
case_begin

# start_here NAME ARGUMENTS...: a load that waits, as a child of this shell: $STARTED
start_here() {
	local name=$1

	shift
	"$LOAD" --wait "$@" >"$CASE_DIR/$name.out" 2>"$CASE_DIR/$name.ready" &
	STARTED=$!
	CHILDREN+=("$STARTED")
	wait_until 20 grep -q ready "$CASE_DIR/$name.ready" || die "load $name is not ready"
}

start_here family family 1009
family=$STARTED
start_here stranger syscalls 2003 17
stranger=$STARTED
contop_run -p "$family" -P containers,syscalls,processes -F pid
kill -USR1 "$family" "$stranger"
wait "$family" || die "load family fails"
wait "$stranger" || die "load stranger fails"
contop_next
contop_stop

for who in "parent" "child" "late child" "grandchild"; do
	member=$(jq -c "select(.who == \"$who\")" "$CASE_DIR/family.out")
	pid=$(field .pid "$member")
	is "$who" "$(sum syscalls ".pid == $pid and .syscall == \"getppid\"" count)" \
		"$(field .getppid "$member")"
	is "$who: all its calls" "$(sum processes ".pid == $pid" syscalls)" \
		"$(sum syscalls ".pid == $pid" count)"
done
is "the stranger" "$(sum syscalls ".pid == $stranger" count)" 0
is "processes" "$(column syscalls true pid)" "$(jq -s -r 'map(.pid) | sort | map(tostring) | join(" ")' \
	"$CASE_DIR/family.out")"
is "getppid of all" "$(sum syscalls '.syscall == "getppid"' count)" \
	"$(jq -s 'map(.getppid) | add' "$CASE_DIR/family.out")"
is "calls of all" "$(sum containers true syscalls)" "$(sum syscalls true count)"
nothing_lost

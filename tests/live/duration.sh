#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -T: contop ends by itself at that time, after the report of the interval so far,
# with all that was counted until then.
. "$(dirname "$0")/lib.sh"
case_begin

n_loads=0

# run_for TIME DELAY: a load within that time, and how contop ends
run_for() {
	local load=load-$((++n_loads))

	start "$load" -- --wait syscalls 5003 101
	contop_start contop -T "$1" -d "$2"
	wait_until 20 has_begun "$CONTOP_PID" || die "contop does not begin"
	go "$load"
	result "$load" >/dev/null || exit 1
	wait_until 20 process_is_gone "$CONTOP_PID" || die "contop does not end"
	wait "$CONTOP_PID"
	is "-T $1: exit status" "$?" 0
	is "-T $1: standard error" "$(cat "$CASE_DIR/contop.err")" ""
	is "-T $1: calls" "$(sum syscalls "$(by "$load") and .syscall == \"getppid\"" count)" 5003
	is "-T $1: errors" "$(sum syscalls "$(by "$load") and .syscall == \"close\"" errors)" 101
	nothing_lost
}

# stalled DELAY: the machine did something else meanwhile, and intervals were left out
stalled() {
	[ "$(of "[.[].interval | values] | max > $1 * 1.4")" = true ]
}

# reports TIME DELAY NUMBER LEAST: of that many, and at least that long, in ms
reports() {
	local tries

	for ((tries = 0; tries < 5; tries++)); do
		run_for "$1" "$2"
		stalled "$2" || break
	done
	is "-T $1 -d $2: reports" "$(count_reports "$CASE_DIR/contop.json")" "$3"
	within "-T $1 -d $2: ms" "$(of '[.[].interval | values] | add * 1000 | floor')" "$4" 9000
}

reports 5s 1 5 4990
# What is left is an interval of its own, or too short for that.
reports 5s 2 3 4990
reports 4.5s 2 2 4490

"$CONTOP" -b -T 0 >/dev/null 2>"$CASE_DIR/wrong.err"
is "-T 0" "$?" 2

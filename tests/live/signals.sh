#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal ends batch after a report of the interval so far.
. "$(dirname "$0")/lib.sh"
case_begin

for signal in INT TERM; do
	start "load$signal" -- --wait syscalls 5003 0
	: >"$CASE_DIR/contop.json"
	# A shell has its background processes ignore SIGINT.
	env --default-signal=INT "$CONTOP" -b -o json -d 600 \
		--docker-socket "${DOCKER_HOST#unix://}" \
		>>"$CASE_DIR/contop.json" 2>"$CASE_DIR/contop.err" &
	pid=$!
	CONTOPS+=("$pid")
	wait_until 20 has_begun "$pid" || die "contop does not begin"
	sleep 0.5
	go "load$signal"
	result "load$signal" >/dev/null || exit 1
	is "$signal: reports before" "$(wc -l <"$CASE_DIR/contop.json")" 0
	contop_stop "$pid" $signal
	is "$signal: reports" "$(wc -l <"$CASE_DIR/contop.json")" 1
	is "$signal: getppid" \
		"$(sum syscalls "$(by "load$signal") and .syscall == \"getppid\"" count)" 5003
	is "$signal: interval" "$(of '.[0].interval | . > 0.1 and . < 60')" true
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More threads in a call at the same time than there are places for when it began:
# each of the calls is timed.
. "$(dirname "$0")/lib.sh"
case_begin

threads=8500
start sleepers --pids-limit -1 -- --wait sleepers $threads 2000
# For times, each thread needs a record of the few that have room for them.
contop_run -P syscalls -F latency_total_ns --memory 256M
go sleepers
report=$(result sleepers) || exit 1
contop_next 2
contop_stop

slept="$(by sleepers) and .syscall == \"nanosleep\""
is "nanosleep" "$(sum syscalls "$slept" count)" $threads
least=$((threads * $(field .length_ns "$report")))
# Not timed, any of them would take its length off.
within "their time" "$(sum syscalls "$slept" latency_total_ns)" "$least" $((10 * least))

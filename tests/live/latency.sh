#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What system calls fail with and how long they take, of a container and of each
# process in it; what nobody asks for is not measured.
. "$(dirname "$0")/lib.sh"
case_begin


start errors -- --wait errors 503 101
start sleeps -- --wait sleeps 7 30
start long -- --wait sleeps 1 1700
contop_run -d 1 -P containers,syscalls -F latency_max_ns
go long
go errors
go sleeps
report=$(result sleeps) || exit 1
errors=$(result errors) || exit 1
slow=$(result long) || exit 1
contop_next
contop_stop

failed=$(by errors)
is "openat" "$(sum syscalls "$failed and .syscall == \"openat\"" count)" "$(field .openat "$errors")"
is "openat: errors" "$(sum syscalls "$failed and .syscall == \"openat\"" errors)" "$(field .openat "$errors")"
is "top error" "$(column syscalls "$failed and .top_error" top_error)" ENOENT
is "top errors" "$(sum syscalls "$failed" top_errors)" "$(field .ENOENT "$errors")"

slept=$(by sleeps)
# What the load saw has all its own delays as well; a sleep is never too short.
length=$(field .length_ns "$report")
is "nanosleep" "$(sum syscalls "$slept and .syscall == \"nanosleep\"" count)" 7
within "its time" "$(sum syscalls "$slept and .syscall == \"nanosleep\"" latency_total_ns)" \
	$((7 * length)) "$(field .sum_ns "$report")"
longest=$(of "[.[].syscalls[] | select($slept and .syscall == \"nanosleep\") | .latency_max_ns] | max")
within "its longest" "$longest" "$length" "$(field .max_ns "$report")"
average=$(of "[.[].syscalls[] | select($slept and .syscall == \"nanosleep\") |
	.latency_avg_ns * .count] | add")
within "its average times their number" "$average" $((7 * length - 7)) "$(field .sum_ns "$report")"
# Of the bucket that its length is in.
for percentile in p50 p99; do
	value=$(of "[.[].syscalls[] | select($slept and .syscall == \"nanosleep\") |
		.latency_${percentile}_ns] | max")
	within "its $percentile" "$value" 25165824 "$longest"
done
is "sleeps of more than an interval" "$(sum syscalls "$(by long) and .syscall == \"nanosleep\"" count)" 1
within "the long one's time" \
	"$(sum syscalls "$(by long) and .syscall == \"nanosleep\"" latency_total_ns)" \
	"$(field .length_ns "$slow")" "$(field .max_ns "$slow")"
is "processes not asked for" "$(column syscalls true pid)" null
nothing_lost

start again -- --wait errors 503 101
contop_run -d 1 -P containers,syscalls,processes -F pid
pid=$(pid_of again)
go again
errors=$(result again) || exit 1
contop_next
contop_stop
mine="$(by again) and .pid == $pid"
is "openat of the process" "$(sum syscalls "$mine and .syscall == \"openat\"" count)" "$(field .openat "$errors")"
is "top errors of the process" "$(sum syscalls "$mine" top_errors)" "$(field .ENOENT "$errors")"
is "all calls of the process" "$(sum syscalls "$mine" count)" "$(sum processes "$mine" syscalls)"
is "latency not asked for" "$(column syscalls true latency_avg_ns)" null
is "the sum of all rows" "$(sum syscalls true count)" "$(sum containers true syscalls)"
is "contop's own calls" "$(sum processes ".pid == $CONTOP_PID" syscalls)" 0

contop_run -d 0.5 -P processes --self
contop_next
contop_stop
within "its own calls" "$(sum processes ".pid == $CONTOP_PID" syscalls)" 1 1000000

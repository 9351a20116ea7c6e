#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Five at once, which start at the same time, do not disturb each other.
. "$(dirname "$0")/lib.sh"
ALL="contop second third fourth fifth"
case_begin

start calls -- --wait syscalls 50021 0
start server -- tcp-server 0.0.0.0 5000
start client -- --wait tcp-client "$(address4 server)" 5000 5000011
processes=()
for name in $ALL; do
	contop_start "$name"
	processes+=("$CONTOP_PID")
done
for name in $ALL; do
	contop_ready "$name"
done
go calls
go client
client=$(result client) && server=$(result server) && result calls >/dev/null || exit 1
contop_next 2
for process in "${processes[@]}"; do
	contop_stop "$process"
done

for REPORTS in $ALL; do
	is "$REPORTS: getppid" "$(sum syscalls "$(by calls) and .syscall == \"getppid\"" count)" 50021
	is_flow "$REPORTS: client" "$(by client)" "$client" "$server"
	is_flow "$REPORTS: server" "$(by server)" "$server" "$client"
	nothing_lost
done

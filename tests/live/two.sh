#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two at once do not disturb each other.
. "$(dirname "$0")/lib.sh"
case_begin

start calls -- --wait syscalls 50021 0
start server -- tcp-server 0.0.0.0 5000
start client -- --wait tcp-client "$(address4 server)" 5000 5000011
contop_start contop
first=$CONTOP_PID
contop_start second
second=$CONTOP_PID
contop_ready contop
contop_ready second
go calls
go client
client=$(result client) && server=$(result server) && result calls >/dev/null || exit 1
contop_next
contop_next
contop_stop "$first"
contop_stop "$second"

for REPORTS in contop second; do
	is "$REPORTS: getppid" "$(sum syscalls "$(by calls) and .syscall == \"getppid\"" count)" 50021
	is_flow "$REPORTS: client" "$(by client)" "$client" "$server"
	is_flow "$REPORTS: server" "$(by server)" "$server" "$client"
	nothing_lost
done

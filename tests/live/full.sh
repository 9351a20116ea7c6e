#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More threads and flows at a time than there are slots: what is listed falls
# short, the container's totals do not, and it is said.
. "$(dirname "$0")/lib.sh"
case_begin

# Without IPv6 the kernel sends nothing of its own for it.
start crowd --sysctl net.ipv6.conf.all.disable_ipv6=1 -- --wait crowd 700 101 800
contop_run --memory 1M
go crowd
report=$(result crowd) || exit 1
contop_next
contop_stop

crowd=$(by crowd)
listed=$(sum syscalls "$crowd" count)
total=$(sum containers "$crowd" syscalls)
overflowed=$(of '[.[].accuracy.syscall_map_full] | add')
within "calls listed" "$listed" 0 $((total - 1))
within "calls of the container" "$total" "$(field .getppid "$report")" $((70700 + 30000))
within "calls that found no slot" "$overflowed" $((total - listed)) 1000000000
is "bytes sent" "$(sum containers "$crowd" tx_bytes)" "$(field .bytes "$report")"
is "bytes received" "$(sum containers "$crowd" rx_bytes)" "$(field .bytes "$report")"
is "packets sent" "$(sum containers "$crowd" tx_packets)" "$(field .packets "$report")"
within "flows listed" "$(sum flows "$crowd and .protocol" tx_packets)" 0 $(($(field .packets "$report") - 1))
is "the rest is a row of its own" "$(column flows "$crowd and .protocol == null" comm)" "(not listed)"
for count in rx_bytes tx_bytes rx_packets tx_packets; do
	is "$count of all rows" "$(sum flows "$crowd" $count)" "$(sum containers "$crowd" $count)"
done
within "packets that found no slot" "$(of '[.[].accuracy.flow_map_full] | add')" 1 1000000
is "runs missed" "$(of '[.[].accuracy.missed_runs] | add')" 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The JSON contract: what scripts rely on is in every report.
. "$(dirname "$0")/lib.sh"
case_begin

# lacking PANE KEY...: keys that some row of the pane does not have
lacking() {
	local pane=$1
	shift

	is "$pane: rows without a key" "$(of "[.[].${pane}[] | (\"$*\" / \" \") - keys | .[]] |
		unique | join(\" \")")" ""
}

# counts PANE KEY...: neither null nor a natural number
counts() {
	local pane=$1
	shift

	is "$pane: rows whose count is no number" "$(of "[.[].${pane}[] | . as \$row | (\"$*\" / \" \")[] |
		select(\$row[.] | . != null and (type != \"number\" or . != floor or . < 0))] |
		unique | join(\" \")")" ""
}

start idle -- sleep 600
start busy -- --wait tcp-pair 127.0.0.1 5000 1000003
start disk -- --wait disk-write /work/file 1
: >"$CASE_DIR/contop.json"
"$CONTOP" -b -o json -d 0.5 -n 5 --docker-socket "${DOCKER_HOST#unix://}" \
	>>"$CASE_DIR/contop.json" 2>"$CASE_DIR/contop.err" &
pid=$!
CONTOPS+=("$pid")
contop_ready contop
go busy
go disk
result busy >/dev/null && result disk >/dev/null || exit 1
wait "$pid"
is "exit status" $? 0
is "standard error" "$(head -5 "$CASE_DIR/contop.err")" ""
is "reports" "$(wc -l <"$CASE_DIR/contop.json")" 5
is "schema" "$(of '[.[].schema] | unique | join(" ")')" 1
is "host" "$(of '[.[].host] | unique | join(" ")')" "$(uname -n)"
is "intervals" "$(of 'all(.[]; .interval > 0.45 and .interval < 0.7)')" true
is "time" "$(of '.[-1].time - now | . > -60 and . < 60')" true
is "time between reports" "$(of '.[4].time - .[0].time | . > 1.9 and . < 2.3')" true
lacking containers name id runtime image pod namespace cgroup state processes rx_bytes tx_bytes \
	rx_packets tx_packets retransmits read_bytes write_bytes reads writes file_read_bytes \
	file_write_bytes file_reads file_writes syscalls errors
lacking flows container id protocol family local_address local_port remote_address remote_port \
	real_address real_port peer direction state rx_bytes tx_bytes rx_packets tx_packets retransmits rtt_us connect_us \
	pid comm uid
lacking disks container id device major minor read_bytes write_bytes reads writes \
	latency_avg_us latency_p50_us latency_p99_us latency_max_us
lacking syscalls container id syscall nr count errors top_error latency_avg_ns latency_p99_ns
counts containers processes rx_bytes tx_bytes rx_packets tx_packets retransmits read_bytes \
	write_bytes reads writes file_read_bytes file_write_bytes file_reads file_writes syscalls \
	errors
counts flows rx_bytes tx_bytes rx_packets tx_packets retransmits rtt_us pid uid
counts disks read_bytes write_bytes reads writes latency_max_us
counts syscalls nr count errors
is "accuracy" "$(of '[.[].accuracy | ["missed_runs", "lost_events", "flow_map_full",
	"syscall_map_full", "file_map_full", "process_map_full", "unattributed_bytes"] - keys | .[]] | length')" 0
is "panes that do not work" "$(of '[.[].panes | .containers, .flows, .disks, .syscalls |
	select(.available | not) | .reason] | join(" ")')" ""
is "host's row in every report" "$(of 'all(.[]; any(.containers[];
	.name == "host" and .runtime == "host"))')" true
is "idle container in every report" "$(of "all(.[]; any(.containers[]; $(by idle)))")" true
is "idle container: image" "$(of ".[-1].containers[] | select($(by idle)) | .image")" bb
is "idle container: state" "$(column containers "$(by idle)" state)" running
is "idle container: processes" "$(column containers "$(by idle)" processes)" 1
is "idle container: flows, disks" "$(of "[.[] | .flows[], .disks[] | select($(by idle) and
	.protocol != \"icmp6\")] | length")" 0
is "flows that did nothing" "$(of '[.[].flows[] | select(.rx_packets + .tx_packets == 0)] | length')" 0
is "system calls never made" "$(of '[.[].syscalls[] | select(.count == 0)] | length')" 0
is "family" "$(column flows "$(by busy) and .protocol == \"tcp\"" family)" ipv4

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What contop writes beside its reports is what they say: a recording and its
# replay, the log of a container, and connections sent to a collector.
. "$(dirname "$0")/lib.sh"
panes=containers,flows,disks,syscalls,processes
case_begin

# reports FILE: the panes of each, one on a line, keys in order
reports() {
	jq -c -S "select(.interval) | {time, containers, flows, disks, syscalls, processes}" "$1"
}

python3 - "$CASE_DIR/collector" >"$CASE_DIR/collected.json" <<'END' &
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
server.settimeout(60)
connection = server.accept()[0]
connection.settimeout(60)
while part := connection.recv(65536):
    sys.stdout.buffer.write(part)
    sys.stdout.flush()
END
CHILDREN+=($!)
collector=$!
wait_until 10 test -S "$CASE_DIR/collector" || die "the collector does not listen"

start busy -- --wait tcp-pair 127.0.0.1 5000 1000003
contop_run -P $panes --record "$CASE_DIR/all.json.gz" --log-dir "$CASE_DIR/logs" \
	--export "$CASE_DIR/collector"
go busy
did=$(result busy | head -n 1)
[ -n "$did" ] || exit 1
contop_next 2
contop_stop
wait "$collector"

zcat "$CASE_DIR/all.json.gz" >"$CASE_DIR/all.json"
is "reports in the recording" "$(reports "$CASE_DIR/all.json" | md5sum)" \
	"$(reports "$CASE_DIR/contop.json" | md5sum)"
"$CONTOP" --replay "$CASE_DIR/all.json.gz" -o json -P $panes >"$CASE_DIR/again.json"
# counts FILE: of containers, in any order: those of equal counts stand as they came
counts() {
	jq -c '.time as $time | .containers[] | [$time, .name, .rx_bytes, .tx_bytes, .syscalls, .errors,
		.read_bytes, .write_bytes]' "$1" | sort | md5sum
}
is "containers as replayed" "$(counts "$CASE_DIR/again.json")" "$(counts "$CASE_DIR/contop.json")"
is "flows as replayed" \
	"$(jq -c '.flows[] | [.container, .local_port, .rx_bytes, .tx_bytes]' "$CASE_DIR/again.json" | sort | md5sum)" \
	"$(jq -c '.flows[] | [.container, .local_port, .rx_bytes, .tx_bytes]' "$CASE_DIR/contop.json" | sort | md5sum)"

port=$(field .local_port "$did")
log=("$CASE_DIR"/logs/busy-????????????.log)
is "bytes of the connection in the log" \
	"$(jq -s "[.[].flows[]? | select(.local_port == $port) | .tx_bytes] | add" "${log[0]}")" \
	"$(field .tx_bytes "$did")"
is "bytes of the connection at the collector" \
	"$(jq -s -c "[.[] | select(.event == \"close\" and .local_port == $port) | .tx_bytes]" \
		"$CASE_DIR/collected.json")" "[$(field .tx_bytes "$did")]"
is "the collector's events" "$(jq -r "select(.container == \"busy\") | .event" "$CASE_DIR/collected.json" |
	sort | uniq -c | awk '{ print $2 $1 }' | paste -sd' ')" "accept1 close2 connect1"
nothing_lost

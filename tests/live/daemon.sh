#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No daemon, one that hangs, one that talks nonsense, none at all but a directory,
# a pipe or somebody else's socket: containers are shown by id, reports come in time.
. "$(dirname "$0")/lib.sh"
case_begin

# without_names WHAT SOCKET
without_names() {
	local id late

	id=$(id_of load | cut -c1-12)
	"$CONTOP" -b -o json -d 0.5 -n 4 --docker-socket "$2" \
		>"$CASE_DIR/contop.json" 2>"$CASE_DIR/contop.err"
	is "$1: exit status" $? 0
	is "$1: reports" "$(wc -l <"$CASE_DIR/contop.json")" 4
	is "$1: name" "$(column containers "$(by load)" name)" "$id"
	is "$1: runtime" "$(column containers "$(by load)" runtime)" docker
	late=$(of '[.[] | select(.interval > 0.8)] | length')
	is "$1: late reports" "$late" 0
	is "$1: standard error" "$(cat "$CASE_DIR/contop.err")" ""
}

# fake KIND
fake() {
	"$LOAD" fake-daemon "$CASE_DIR/$1" "$1" 2>"$CASE_DIR/$1.log" &
	CHILDREN+=($!)
	wait_until 5 test -s "$CASE_DIR/$1.log" || die "no false daemon"
	without_names "$1" "$CASE_DIR/$1"
}

start load -- sleep 600
without_names "no daemon" "$CASE_DIR/none"
fake hang
fake garbage
mkdir "$CASE_DIR/directory"
mkfifo "$CASE_DIR/fifo"
without_names "a directory" "$CASE_DIR/directory"
without_names "a pipe" "$CASE_DIR/fifo"
without_names "another's socket" "$LIVE_DIR/exec/containerd/containerd.sock"
without_names "a file" "$CASE_DIR/contop.err"

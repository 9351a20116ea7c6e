#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container that lives 200 ms, between two reports: with its name and its counts.
. "$(dirname "$0")/lib.sh"
case_begin

contop_run
contop_next
docker run --rm --name brief --cidfile "$CASE_DIR/id" bb \
	sh -c 'load syscalls 1009 17; sleep 0.15' >/dev/null 2>&1 || die "no container"
contop_next 3
contop_stop

id=$(cut -c1-12 "$CASE_DIR/id")
filter="(.id // \"\" | startswith(\"$id\"))"
# A shell and runc's last steps come along.
within "getppid" "$(sum syscalls "$filter and .syscall == \"getppid\"" count)" 1009 1030
within "close: errors" "$(sum syscalls "$filter and .syscall == \"close\"" errors)" 17 40
is "name in the report of its end" \
	"$(column containers "$filter and .state == \"exited\"" name)" brief
is "reports as exited" "$(of "[.[].containers[] | select($filter and .state == \"exited\")] | length")" 1
is "reports after that" "$(of "[.[].containers | map(select($filter)) | .[0].state // \"none\"] |
	.[(index(\"exited\") // -1) + 1:] | unique | join(\" \")")" none
is "container of its system calls" "$(column syscalls "$filter" container | sed "s/$id//; s/^ *//")" brief
nothing_lost

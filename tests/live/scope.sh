#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -c, -p and -u: what is asked for is counted to the last call, later comers
# included, and nothing else is listed.
. "$(dirname "$0")/lib.sh"
case_begin

# calls NAME: of getppid(), which nobody else makes that often
calls() {
	sum syscalls "$(by "$1") and .syscall == \"getppid\"" count
}

# listed: the different names that rows of any pane had
listed() {
	of '[.[] | (.containers[].name), (.flows[], .disks[], .syscalls[] | .container)] |
		unique | join(" ")'
}

# quit NAME...
quit() {
	docker rm -f "$@" >/dev/null
}

# ---- containers: there before, later, renamed into the pattern, and the other ones

for name in web-1 web-test db cache; do
	start $name -- --wait syscalls 1009 17
done
contop_run -c 'web*,!web-test'
contop_next
start web-2 -- --wait syscalls 2003 11
docker rename cache web-3
contop_next 3
for name in web-1 web-test db web-2 web-3; do
	go $name
	result $name >/dev/null || exit 1
done
in_network "$LOAD" syscalls 1009 17 >/dev/null
contop_next
contop_stop
is "-c: before" "$(calls web-1)" 1009
# What came later was also set up by runc.
within "-c: later" "$(calls web-2)" 2003 2020
is "-c: renamed" "$(calls web-3)" 1009
within "-c: errors" "$(sum syscalls "$(by web-2) and .syscall == \"close\"" errors)" 11 30
is "-c: listed" "$(listed)" "web-1 web-2 web-3"
nothing_lost
quit web-1 web-test db web-2 web-3

# ---- a process and what it forks, before and later

docker run -d --name tree -v "$CASE_DIR/work:/work" bb sh -c '
	mkfifo /work/begin
	sh -c "read x </work/begin; for i in 1 2 3; do load syscalls 101 7; done; (load syscalls 103 5)" &
	wait; sleep 600' >/dev/null || die "no container"
start other -- --wait syscalls 1009 17
wait_until 10 test -p "$CASE_DIR/work/begin" || die "no processes"
nobody=4194305 # beyond the largest id there can be
$CONTOP -b -n 1 -p $nobody >"$CASE_DIR/nobody.out" 2>"$CASE_DIR/nobody.err"
is "-p: nobody" "$? $(cat "$CASE_DIR/nobody.out" "$CASE_DIR/nobody.err")" \
	"1 contop: -p: no such process; ids are those that /proc has"
contop_run -p "$nobody,$(pid_of tree)" -P containers,syscalls,processes
contop_next
go other
result other >/dev/null || exit 1
: >"$CASE_DIR/work/begin"
wait_until 20 grep -q 103 <(docker logs -f tree 2>/dev/null) || die "no load"
contop_next 2
contop_stop
is "-p: descendants" "$(calls tree)" 406
is "-p: errors" "$(sum syscalls "$(by tree) and .syscall == \"close\" and .errors > 0" errors | awk '{ print ($1 >= 26) }')" 1
is "-p: another's calls" "$(calls other)" 0
is "-p: containers with calls" "$(column containers '.syscalls > 0' name)" tree
is "-p: containers of processes" "$(column processes true container)" tree
quit tree other

# ---- a user

start mine --user 12345 -- --wait syscalls 1009 17
start theirs --user 12346 -- --wait syscalls 1009 17
contop_run -u 12345
contop_next
start later --user 12345 -- --wait syscalls 503 3
for name in mine theirs later; do
	go $name
	result $name >/dev/null || exit 1
done
contop_next
contop_stop
is "-u: before" "$(calls mine)" 1009
within "-u: later" "$(calls later)" 503 520
is "-u: another user's" "$(calls theirs)" 0
is "-u: containers with calls" "$(column containers '.syscalls > 0' name)" "later mine"
nothing_lost

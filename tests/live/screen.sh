#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The full screen on a real host: a container is opened down to the system calls of
# one process, events are told once they are looked at, and a container is stopped
# after a yes, not before.
. "$(dirname "$0")/lib.sh"
command -v tmux >/dev/null || skip "no tmux"
case_begin

SOCKET=$CASE_DIR/tmux
screen() { tmux -u -S "$SOCKET" "$@"; }
shown() { screen capture-pane -p | grep -qE -e "$1"; }
# sees WHAT REGEX: the screen comes to show it.
sees() {
	if wait_until 10 shown "$2"; then
		echo "# ok: $1"
	else
		echo "# NOT OK: $1: no '$2' in"
		screen capture-pane -p | sed 's/^/#   /'
		FAILED=1
	fi
}
is_without_tail() { ! docker exec target busybox pidof tail >/dev/null; }
is_running() { docker inspect -f '{{.State.Running}}' target; }

# The shell calls kill for as long as it is told to, tail reads nothing once a second.
docker run -d --name target bb sh -c 'busybox ln -s busybox /bin/tail; tail -f /dev/null & while :; do busybox usleep 50000; kill -0 $$; done' >/dev/null
export XDG_CONFIG_HOME=$CASE_DIR
screen -f /dev/null new-session -d -x 100 -y 30 "
	LC_ALL=C.UTF-8 $CONTOP -d 0.5 -c target 2>$CASE_DIR/errors
	echo \$? >$CASE_DIR/status
	exec sleep 1000"
sees "the container" '^target '
screen send-keys F3 target Enter Enter
sees "its processes" '^containers > target > processes'
sees "its shell" '^ *[0-9]+ .* sh$'
screen send-keys F3 sh Enter
sees "the cursor is on the shell" 'row [0-9]+/[0-9]+'
screen send-keys Enter
sees "a process without flows: its system calls" '^containers > target > sh [0-9]+ > syscalls'
sees "its system calls are its own" '^kill '
screen send-keys Escape
sees "back" '^containers > target > processes'
screen send-keys o
sees "a process that does little" '^ *[0-9]+ .* tail$'
screen send-keys F3 tail Enter F8
sees "what can be done to a process" '^SIGTERM to process [0-9]+ tail'
screen send-keys j j j j j Enter y
sees "a signal was sent" 'SIGTERM to process [0-9]+ tail: sent'
wait_until 5 is_without_tail
is "the process that got it" "$(docker exec target busybox pidof tail)" ""
screen send-keys 6
sees "events are told" ' exec +[0-9]+ .* by '
screen send-keys Escape
sees "back again" '^NAME '
screen send-keys F3 target Enter F8
sees "what can be done" '^stop container target'
screen send-keys G Enter
sees "asked first" '^kill container target\?'
screen send-keys n
sees "not without a yes" 'nothing was done'
is "the container runs" "$(is_running)" true
screen send-keys F8 G Enter y
sees "done" 'kill container target: done'
is "the container was ended" "$(is_running)" false
screen send-keys q
wait_until 10 test -s "$CASE_DIR/status"
is "its status" "$(cat "$CASE_DIR/status")" 0
is "errors" "$(cat "$CASE_DIR/errors")" ""
screen kill-server
exit $FAILED

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The full screen in a real terminal (tmux), from a recording: keys, sizes, kinds
# of terminal, and that the terminal is left as it was found.
#   CONTOP=path/to/contop tests/tui.sh
set -u
contop=${CONTOP:-./contop}
case $contop in /*) ;; *) contop=$PWD/$contop ;; esac
command -v tmux >/dev/null || { echo "SKIP: no tmux"; exit 77; }

dir=$(mktemp -d) || exit 99
socket=contop-test-$$
tmux_() { tmux -u -L "$socket" "$@"; }
cleanup() {
	tmux_ kill-server 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
export LC_ALL=C.UTF-8 TZ=UTC XDG_CONFIG_HOME="$dir/none"

# Ten minutes of three containers; web-03 has the most system calls, web-01 the most bytes.
awk 'BEGIN {
	for (t = 0; t < 600; t++) {
		printf "{\"schema\":1,\"time\":%d,\"interval\":1.0,\"host\":\"testhost\",\"containers\":[", 1700000000 + t
		for (i = 1; i <= 3; i++)
			printf "%s{\"name\":\"web-%02d\",\"id\":\"%064d\",\"runtime\":\"docker\",\"state\":\"running\",\"rx_bytes\":%d,\"tx_bytes\":%d,\"syscalls\":%d,\"errors\":%d}", (i > 1 ? "," : ""), i, i, 4096 / i, 1024 / i, 1000 * i, i
		printf "],\"flows\":[{\"container\":\"web-01\",\"id\":\"%064d\",\"protocol\":\"tcp\",\"family\":4,\"local_address\":\"10.0.0.1\",\"local_port\":443,\"remote_address\":\"192.0.2.7\",\"remote_port\":40001,\"rx_bytes\":4096,\"tx_bytes\":1024}]", 1
		print ",\"panes\":{\"containers\":{\"available\":true},\"flows\":{\"available\":true},\"disks\":{\"available\":false,\"reason\":\"no disks here\"},\"syscalls\":{\"available\":true},\"processes\":{\"available\":true}}}"
	}
}' >"$dir/recording"

# 200 connections whose numbers change in every interval, but not their places.
awk 'BEGIN {
	for (t = 0; t < 300; t++) {
		printf "{\"schema\":1,\"time\":%d,\"interval\":1.0,\"host\":\"testhost\",\"containers\":[{\"name\":\"web\",\"id\":\"%064d\",\"runtime\":\"docker\",\"state\":\"running\"}],\"flows\":[", 1700000000 + t, 1
		for (i = 1; i <= 200; i++)
			printf "%s{\"container\":\"web\",\"id\":\"%064d\",\"protocol\":\"tcp\",\"family\":4,\"local_address\":\"10.0.0.1\",\"local_port\":443,\"remote_address\":\"192.0.2.7\",\"remote_port\":%d,\"rx_bytes\":%d,\"tx_bytes\":%d}", (i > 1 ? "," : ""), 1, 40000 + i, (i * 7919 + t * 104729) % 999983, (i * 15485863 + t * 32452843) % 999983
		print "],\"panes\":{\"containers\":{\"available\":true},\"flows\":{\"available\":true}}}"
	}
}' >"$dir/changing"

failures=0
pass() { echo "ok: $*"; }
fail() {
	echo "FAIL: $*"
	tmux_ capture-pane -p | sed 's/^/    | /'
	failures=$((failures + 1))
}

# Polls, 15 seconds at most, until a command succeeds.
poll() {
	for _ in $(seq 150); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}
shown() { tmux_ capture-pane -p | grep -qE -e "$1"; }
line_shown() { tmux_ capture-pane -p | sed -n "$1p" | grep -qE -e "$2"; }
expect() { if poll shown "$2"; then pass "$1"; else fail "$1: no '$2'"; fi; }
expect_line() { if poll line_shown "$2" "$3"; then pass "$1"; else fail "$1: line $2 has no '$3'"; fi; }
has_file() { [ -s "$dir/$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
keys() { tmux_ send-keys "$@"; }
# Clicks at a column and line, from 1, in the way that the terminal's entry asks for.
mouse() {
	if infocmp -1 "$term" | grep -q 'kmous=.*<'; then
		keys -l "$(printf '\033[<0;%d;%dM\033[<0;%d;%dm' "$1" "$2" "$1" "$2")"
	else
		place=$(printf '%b' "$(printf '\\0%03o\\0%03o' $(($1 + 32)) $(($2 + 32)))")
		keys -l "$(printf '\033[M %s\033[M#%s' "$place" "$place")"
	fi
}

# Runs contop in the shell of the pane, by a script that tells its pid, its end and the terminal's modes.
cat >"$dir/run" <<-END
	export TERM=\$1
	trap : INT
	stty -g >$dir/before
	sh -c 'echo \$\$ >$dir/pid; exec $contop -d 0.2 \$1 --replay \$2' \
		sh "\${2-}" "\${3-$dir/recording}" 2>$dir/errors
	echo \$? >$dir/status
	stty -g >$dir/after
	echo "terminal-is-\$((40 + 2))-back"
END
# TERM, and a variable to set
start() {
	rm -f "$dir/pid" "$dir/status" "$dir/after" "$dir/errors"
	keys "clear; ${2-} sh $dir/run $1" Enter
}

# After contop has ended: the modes are as before, and what is typed is seen and run.
expect_restored() {
	poll has_file after || { fail "$1: contop ended"; return; }
	if cmp -s "$dir/before" "$dir/after"; then pass "$1: terminal modes"; else fail "$1: terminal modes"; fi
	expect "$1: prompt" terminal-is-42-back
	keys "echo typed-\$((6 * 7))" Enter
	expect "$1: typing" "typed-42"
}
expect_status() {
	if [ "$(cat "$dir/status")" = "$2" ]; then pass "$1"; else fail "$1: status $(cat "$dir/status")"; fi
}

# shellcheck disable=SC3045
ulimit -c 0 2>/dev/null || :
tmux_ -f /dev/null new-session -d -x 80 -y 24 "PS1='ready> ' sh" || { echo "SKIP: tmux does not run"; exit 77; }
tmux_ set-option -g remain-on-exit off >/dev/null
term=$(tmux_ show-options -gv default-terminal)
poll shown 'ready>'

start "$term"
expect_line "starts" 1 "^contop - testhost .*3 containers"
expect_line "first sample" 6 "^web-03"
expect_line "footer" 24 "q Quit"
keys r
expect_line "reverses" 6 "^(host|web-01)"
keys r
keys '<' '<' '<' '<' '<' '<' '<' '<' '<'
expect_line "sorts by name" 6 "^host"
keys '>' '>'
expect_line "sorts by bytes received" 6 "^web-01"
keys Down Down
expect_line "moves the cursor" 4 " 3/4$"
keys Home
expect_line "goes back to the first row" 4 " 1/4$"
keys a
expect_line "counts since the start" 1 "since start"
keys a
keys Space
expect_line "pauses" 1 "paused"
keys Space
expect_line "goes on" 1 "per second"
keys Tab
expect_line "Tab: next pane" 6 "192\.0\.2\.7"
keys BTab
expect_line "Shift-Tab: previous pane" 5 "^NAME"
keys 3
expect "tells why a pane is not available" "no disks here"
keys '?'
expect "help" "leave contop"
keys x 1
expect_line "leaves the help" 5 "^NAME"
keys Escape
keys -l "$(printf '\033[1;5D')"
expect_line "a key it does not know does nothing" 5 "^NAME"

for size in 60x20 100x30 40x10 20x5 19x4 120x40 33x9 200x50 80x24 100x30; do
	tmux_ resize-window -x "${size%x*}" -y "${size#*x}"
	sleep 0.1
done
# A storm of sizes, and of signals without any.
pid=$(cat "$dir/pid")
for i in $(seq 500); do
	kill -WINCH "$pid"
	[ $((i % 50)) != 0 ] || tmux_ resize-window -x $((40 + i / 10)) -y $((10 + i / 25))
done
tmux_ resize-window -x 100 -y 30
expect_line "resized many times: top" 1 "^contop - testhost"
expect_line "resized many times: bottom" 30 "q Quit"
expect_line "resized many times: rows" 6 "^web-01"
tmux_ resize-window -x 80 -y 24
keys s Home Enter
expect_line "sort menu: by name" 6 "^host"
keys v
expect_line "split: what is below" 13 "^2 flows of host"
keys Down
expect_line "split: follows the cursor" 13 "^2 flows of web-01"
expect_line "split: rows below" 15 "192\.0\.2\.7"
keys Tab
expect_line "split: Tab" 13 "^3 disks of web-01"
keys v Enter
expect_line "drill-down: path" 5 "^containers > web-01 > processes"
keys 2
expect_line "drill-down: another pane" 7 "192\.0\.2\.7"
keys Escape
expect_line "back" 5 "^NAME"
keys / w e b Enter
expect_line "filter" 4 " 1/3$"
keys Delete
expect_line "no filter" 4 " ./4$"
keys / 'rx >' Enter
expect_line "wrong filter: told" 24 "\^ "
keys Escape
keys F3 web-02 Enter
expect_line "search" 4 " 3/4$"
keys C Down Space Escape
if poll line_shown 5 "^NAME  *RX/s"; then pass "column taken away"; else fail "column taken away"; fi
mouse 5 8
expect_line "mouse: click on a row" 4 " 3/4$"
mouse 3 5
expect_line "mouse: click on a heading" 6 "^web-03"
mouse 12 4
expect_line "mouse: click on a pane" 6 "192\.0\.2\.7"
keys 1
keys q
expect_restored "q"
expect_status "q: status 0" 0

keys "clear; $contop -d 0.2 --replay $dir/recording" Enter
expect_line "started from the shell itself" 6 "^web-03"
keys Down
expect_line "moves the cursor before ^Z" 4 " 2/4$"
keys C-z
expect "^Z: the shell is back" "Stopped|suspended"
keys fg Enter
expect_line "fg: as it was" 4 " 2/4$"
keys q
expect "fg, q: the shell is back" "ready> *$"

start "$term"
expect_line "starts again" 6 "^web-03"
keys C-c
expect_restored "^C"
expect_status "^C: status 0" 0

start "$term" LC_ALL=C
expect_line "no UTF-8: graphs are ASCII" 2 "@@@"
keys q
poll has_file status

start "$term"
expect_line "graphs are full" 2 "████████"
tmux_ pipe-pane -O "cat >$dir/output"
sleep 4
tmux_ pipe-pane
# Time and cost change: 20 intervals have gone by.
bytes=$(($(wc -c <"$dir/output") / 20))
if [ "$bytes" -gt 0 ] && [ "$bytes" -lt 200 ]; then
	pass "a screen that stays the same: $bytes bytes an interval"
else
	fail "a screen that stays the same: $bytes bytes an interval"
fi
keys q
poll has_file status

tmux_ resize-window -x 120 -y 210
start "$term '-P flows -s remote_port' $dir/changing"
expect_line "200 rows" 205 " 40001 "
tmux_ pipe-pane -O "cat >$dir/output"
sleep 4
tmux_ pipe-pane
# 400 numbers of up to 5 digits, and the way from one to the next.
bytes=$(($(wc -c <"$dir/output") / 20))
if [ "$bytes" -gt 2000 ] && [ "$bytes" -lt 10000 ]; then
	pass "200 rows that change: $bytes bytes an interval"
else
	fail "200 rows that change: $bytes bytes an interval"
fi
keys q
poll has_file status
tmux_ resize-window -x 80 -y 24

# Colours of the foreground or background, in what is shown.
has_colours() { tmux_ capture-pane -p -e | grep -q "$(printf '\033')\[[0-9;]*[34][0-8]"; }
no_colours() { ! has_colours; }
for colours in has_colours no_colours; do
	start "$term" "$([ $colours = has_colours ] || echo NO_COLOR=1)"
	expect_line "$colours: starts" 6 "^web-03"
	for pane in 1 2 3 4 5 6 7; do
		keys $pane
		if poll $colours; then pass "pane $pane: $colours"; else fail "pane $pane: $colours"; fi
	done
	keys q
	poll has_file status
done

start "'$term' '-d 60'"
expect_line "rows long before a long interval is over" 6 "^web-03"
keys q
poll has_file status

mkdir -p "$dir/config/contop"
printf '[contop]\nunits = decimal\nno-such = 1\n[flows]\nsort = nothing\n[keys]\npause = b\n' >"$dir/config/contop/contoprc"
start "$term" "XDG_CONFIG_HOME=$dir/config"
expect "a bad line of the configuration" "contoprc, line 3: no-such = 1"
expect_line "the rest of it works: rows" 6 "^web-03"
keys b
expect_line "the rest of it works: a key" 1 "paused"
expect "the next bad line" "contoprc, line 5: sort = nothing"
keys q
expect_restored "configuration"
if [ "$(grep -c contoprc "$dir/errors")" -eq 2 ]; then pass "bad lines: told at the end"; else fail "bad lines: $(cat "$dir/errors")"; fi

for signal in TERM HUP; do
	start "$term"
	expect_line "starts for SIG$signal" 6 "^web-03"
	kill -s $signal "$(cat "$dir/pid")"
	expect_restored "SIG$signal"
	expect_status "SIG$signal: status 0" 0
done

start "$term"
expect_line "starts a third time" 6 "^web-03"
kill -SEGV "$(cat "$dir/pid")"
expect_restored "crash"

for TERM_ in xterm-256color screen vt100 linux; do
	if ! infocmp "$TERM_" >/dev/null 2>&1; then
		echo "not tried: no terminfo of $TERM_"
		continue
	fi
	start $TERM_
	expect_line "$TERM_: starts" 6 "^web-03"
	keys Down
	expect_line "$TERM_: arrows" 4 " 2/4$"
	keys NPage
	expect_line "$TERM_: PgDn" 4 " 4/4$"
	keys q
	expect_restored "$TERM_"
done

# Where newterm fails, curses keeps memory that a sanitizer would speak of.
for TERM_ in dumb no-such-terminal ''; do
	start "'$TERM_'" ASAN_OPTIONS=detect_leaks=0
	poll has_file status
	expect_status "TERM='$TERM_': status 1" 1
	if grep -q -e ' -b' "$dir/errors" && [ "$(wc -l <"$dir/errors")" -eq 1 ]; then
		pass "TERM='$TERM_': one line that names -b"
	else
		fail "TERM='$TERM_': $(cat "$dir/errors")"
	fi
done

# Going about in the recording, which begins at 22:13:20.
start "$term"
expect_line "starts for going about" 6 "^web-03"
jump() { keys J; keys -l -- "$1"; keys Enter; }
keys Space
expect_line "holds the recording" 1 "paused"
jump 22:15:00
expect_line "goes to a time" 1 "22:15:00 .*paused"
keys '}'
expect_line "an interval on" 1 "22:15:01"
keys '{'
expect_line "one back" 1 "22:15:00"
keys '{'
expect_line "one more" 1 "22:14:59"
jump +1m
expect_line "a minute on" 1 "22:15:59"
jump -1h
expect_line "no further back than the beginning" 1 "22:13:20"
jump 22:99
expect "what is no time" "use 14:03"
# Not at once: with the next key it would be Alt and that key.
keys Escape
sleep 1
expect_line "how fast it is" 1 "every 0.2 s, 5.0x"
keys -
expect_line "faster" 1 "every 0.1 s, 10x"
keys + + +
expect_line "slower" 1 "every 1 s, 1.0x"
jump 23:59
expect_line "no further than the end" 1 "22:23:19"
keys Space
sleep 1.5
expect_line "stays at the end" 1 "22:23:19"
keys q
expect_restored "going about"

start "$term"
expect_line "starts a last time" 6 "^web-03"
pid=$(cat "$dir/pid")
tmux_ kill-server
if poll gone "$pid"; then pass "ends with its terminal"; else fail "runs on without a terminal"; kill "$pid"; fi

echo "$failures failed"
[ "$failures" -eq 0 ]

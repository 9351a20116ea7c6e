#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every call of a shell and of all that it runs, beside the table of strace -c -f.
#
# Both are there while the shell waits, so that both begin with the same call: strace
# started by itself would leave out what its child does until execve, and attached later
# than contop it would make the shell's call one more, as it interrupts it.
. "$(dirname "$0")/lib.sh"
case_begin

command -v strace >/dev/null || skip "no strace"
command -v python3 >/dev/null || skip "no python3"

# Ends well whatever its parts do; no signals, of whose interruptions the two count less or more.
cat >"$CASE_DIR/program" <<'END'
read -r go
mkdir -p tree/a/b tree/c
for i in 1 2 3 4 5 6 7; do echo "$i" >"tree/a/$i"; cp "tree/a/$i" tree/c; done
find tree /proc/self/nothing -type f >list
tar -cf - tree | gzip | gzip -d | tar -tf - >>list
python3 -c 'import threading
threads = [threading.Thread(target=lambda: open("list").read()) for _ in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()'
"$1" syscalls 2003 101
"$1" errors 211 47
"$1" sleeps 3 20
cat nothing
exit 0
END

is_waiting() {
	[ "$(cut -d' ' -f3 "/proc/$1/stat")" = S ] && grep -q '^0 0x0 ' "/proc/$1/syscall"
}

mkfifo "$CASE_DIR/begin"
exec 9<>"$CASE_DIR/begin"
(cd "$CASE_DIR/work" && exec sh "$CASE_DIR/program" "$LOAD" <&9 >/dev/null 2>&1) &
program=$!
CHILDREN+=("$program")
wait_until 20 is_waiting "$program" || die "the shell does not wait"
strace -c -f -U calls,errors,name -o "$CASE_DIR/strace.out" -p "$program" 2>"$CASE_DIR/strace.err" &
CHILDREN+=("$!")
wait_until 20 grep -qs "$program attached" "$CASE_DIR/strace.err" || die "$(cat "$CASE_DIR/strace.err")"
wait_until 20 is_waiting "$program" || die "the shell does not wait again"
contop_run -p "$program" -P containers,syscalls,processes
echo >&9
wait_until 60 process_is_gone "$program" || die "the shell does not end"
wait_until 20 grep -q total "$CASE_DIR/strace.out" || die "strace has no table: $(cat "$CASE_DIR/strace.err")"
contop_next
contop_stop

# Name, calls and errors, where strace leaves out what is 0.
awk '$1 ~ /^[0-9]+$/ && $NF != "total" { print $NF, $1, (NF == 3 ? $2 : 0) }' "$CASE_DIR/strace.out" |
	sort >"$CASE_DIR/strace.table"
of '[.[].syscalls[]] | group_by(.syscall)[] |
	"\(.[0].syscall) \(map(.count) | add) \(map(.errors) | add)"' | sort >"$CASE_DIR/contop.table"

echo "# call, calls and errors by strace, calls and errors by contop"
join -a 1 -a 2 -e - -o 0,1.2,1.3,2.2,2.3 "$CASE_DIR/strace.table" "$CASE_DIR/contop.table" | sed 's/^/# /'
is "rows that differ" "$(diff "$CASE_DIR/strace.table" "$CASE_DIR/contop.table")" ""
within "rows" "$(wc -l <"$CASE_DIR/strace.table")" 30 200
within "getppid" "$(sed -n "s/^getppid \([0-9]*\) 0\$/\1/p" "$CASE_DIR/contop.table")" 2003 3000
is "calls of all containers" "$(sum containers true syscalls)" \
	"$(awk '{ n += $2 } END { print n }' "$CASE_DIR/strace.table")"
nothing_lost

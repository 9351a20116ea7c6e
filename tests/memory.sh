#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Recordings to reports under valgrind: no error, and no memory that is not given back.
set -u
contop=${CONTOP:-./contop}
data=${srcdir:-.}/tests/data
case " ${BUILD_FLAGS-} " in
*-fsanitize=*) echo "SKIP: the sanitizers look at memory themselves"; exit 77 ;;
esac
command -v valgrind >/dev/null || {
	echo "SKIP: no valgrind"
	[ "${LIVE_TESTS:-optional}" = required ] && exit 1
	exit 77
}
log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
failed=0

# check ARGUMENT...
check() {
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
		--errors-for-leak-kinds=all "$contop" -b "$@" >/dev/null 2>"$log"
	status=$?
	if [ $status = 0 ]; then
		echo "ok: $*"
	else
		echo "FAIL: $*: status $status"
		cat "$log"
		failed=1
	fi
}

for recording in busy hostile partial; do
	check --replay "$data/$recording.json" -o text
done
for format in csv json; do
	check --replay "$data/busy.json" -o $format -P containers,flows,disks,syscalls,processes,events
done
check --replay "$data/busy.json" -a -s -rx_bytes -f 'rx > 1K or container ~ web'
[ $failed = 0 ]

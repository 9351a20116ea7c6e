#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The program is built so that mistakes with memory are hard to use: what binutils
# show of $CONTOP. $BUILD_FLAGS are those that it was compiled with beside our own.
set -u
export LC_ALL=C
contop=${CONTOP:-./contop}
failed=0

# check WHAT COMMAND...: it must succeed
check() {
	local what=$1
	shift
	if "$@"; then
		echo "ok: $what"
	else
		echo "FAIL: $what"
		failed=1
	fi
}

has() {
	grep -q -E "$2" <<<"$1"
}

has_not() {
	! has "$@"
}

headers=$(readelf -W -h -l -n "$contop") && dynamic=$(readelf -W -d "$contop") &&
	symbols=$(readelf -W --dyn-syms "$contop") || exit 1

check "any address will do (PIE)" has "$headers" 'Type:[[:space:]]+DYN'
check "relocations become read-only (relro)" has "$headers" '^ *GNU_RELRO '
check "all are made at the start (now)" has "$dynamic" 'FLAGS.*(BIND_)?NOW'
check "no stack can be executed" has "$headers" '^ *GNU_STACK .* RW '
check "no memory is both written and executed" has_not "$headers" '^ *[A-Z_]+ .* RWE '
check "code is not relocated" has_not "$dynamic" 'TEXTREL'
check "no path of libraries of its own" has_not "$dynamic" '\((RPATH|RUNPATH)\)'
check "stacks are guarded" has "$symbols" '__stack_chk_fail'
if [ "$(uname -m)" = x86_64 ]; then
	# Debian's start files have none: the program as a whole is not marked for it.
	check "jumps have marked targets (IBT)" has "$(objdump -d -j .text "$contop" | grep -m 1 endbr64)" .
fi
case " $BUILD_FLAGS " in
*-fsanitize=* | *" -O0 "*) ;;
*) check "sizes of buffers are checked (fortify)" has "$symbols" '__(v?snprintf|v?fprintf|memcpy|read)_chk' ;;
esac
[ $failed = 0 ]

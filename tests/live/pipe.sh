#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that goes away ends contop without a word.
. "$(dirname "$0")/lib.sh"
case_begin

for format in text csv json; do
	timeout -s KILL 20 "$CONTOP" -b -d 0.2 -o $format --docker-socket "${DOCKER_HOST#unix://}" \
		2>"$CASE_DIR/err" | head -1 >"$CASE_DIR/out"
	status=("${PIPESTATUS[@]}")
	is "$format: exit status" "${status[0]}" 0
	is "$format: lines" "$(wc -l <"$CASE_DIR/out")" 1
	is "$format: standard error" "$(cat "$CASE_DIR/err")" ""
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Docker daemon is started anew while contop runs: what it runs from then on
# has its name.
unset LIVE_DIR
. "$(dirname "$0")/lib.sh"
case_begin

start before -- sleep 600
before=$(by before)
contop_run
contop_next
live_end_daemon
live_begin_daemon || die "dockerd does not start again"
start after -- sleep 600
contop_next 2
seen=$(wc -l <"$CASE_DIR/contop.json")
docker rename after renamed
contop_next 3
contop_stop

is "before: name" "$(column containers "$before" name)" before
is "before: reports as exited" "$(of "[.[].containers[] | select($before and .state == \"exited\")] | length")" 1
is "after: name" "$(of ".[$((seen - 1))].containers[] | select($(by renamed)) | .name")" after
is "after: name in the end" "$(of ".[-1].containers[] | select($(by renamed)) | .name")" renamed
is "late reports" "$(of '[.[] | select(.interval > 0.9)] | length')" 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container gets a new name: two intervals later at most it is shown.
. "$(dirname "$0")/lib.sh"
case_begin

start before -- sleep 600
filter=$(by before)
contop_run
contop_next
docker rename before after
seen=$(wc -l <"$CASE_DIR/contop.json")
contop_next 3
contop_stop

is "name at first" "$(of ".[$((seen - 1))].containers[] | select($filter) | .name")" before
# The report after the one that was under way.
is "name two intervals later" "$(of ".[$((seen + 2))].containers[] | select($filter) | .name")" after

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What Docker knows of a container beside its name: compose, network, start and restarts.
. "$(dirname "$0")/lib.sh"
case_begin

# facts NAME FIELD VALUE...: in the end, as Docker answers when it likes
facts() {
	local name=$1
	shift
	while [ $# -gt 1 ]; do
		is "$name: $1" "$(last "$name" "$1")" "$2"
		shift 2
	done
}

# last NAME FIELD
last() {
	of "[.[].containers[] | select($(by "$1")) | .$2] | last"
}

# began NAME: seconds since the epoch
began() {
	date -d "$(docker inspect -f '{{.State.StartedAt}}' "$1")" +%s
}

has_restarted() {
	[ "$(docker inspect -f '{{.RestartCount}} {{.State.Running}}' again)" = "2 true" ]
}

start before --network host --label com.docker.compose.project=shop \
	--label com.docker.compose.service=db -- sleep 600
docker run -d --name again --restart on-failure -v "$CASE_DIR/work:/work" bb sh -c '
	for try in 1 2; do
		[ -e /work/$try ] || { : >/work/$try; exit 1; }
	done
	sleep 600' >/dev/null
wait_until 20 has_restarted || die "not started again"
contop_run
contop_next
start live --network none --label com.docker.compose.project=shop -- sleep 600
contop_next 2
contop_stop

facts before compose_project shop compose_service db network_mode host restarts 0 \
	short_id "$(id_of before | cut -c1-12)" started "$(began before)"
facts again compose_project null network_mode bridge restarts 2 started "$(began again)"
facts live compose_project shop compose_service null network_mode none restarts 0
within "live: started" "$(last live started)" "$(($(began live) - 1))" "$(($(began live) + 1))"

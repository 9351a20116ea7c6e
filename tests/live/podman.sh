#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Podman without its service: names of containers that run, start, stop, get a
# new name, or live for the tenth of a second.
. "$(dirname "$0")/private.sh"
private_begin podman conmon runc

# Limits above those of this process need a capability that not every machine gives.
LIMITS="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
RUN="run --network none $LIMITS"

# Version 1 and hybrid cgroups are beyond systemd's and crun's help.
podman() {
	in_private podman --cgroup-manager=cgroupfs --runtime="$(command -v runc)" "$@" \
		2>>"$CASE_DIR/podman.log"
}

# shellcheck disable=SC2086,SC2317
podman_end() {
	local status=$?

	podman rm -fa -t 0 >/dev/null
	podman pod rm -fa >/dev/null
	private_end "$status" libpod_parent
}

tar -C "$LIVE_DIR/tree" -c . | podman import - bb >/dev/null ||
	skip "podman does not work: $(tail -1 "$CASE_DIR/podman.log")"
trap podman_end EXIT
begin=$(date +%s)
# shellcheck disable=SC2086
before=$(podman $RUN -d --name before bb sleep 600) ||
	skip "podman cannot run containers: $(tail -1 "$CASE_DIR/podman.log")"
# shellcheck disable=SC2086
host=$(podman run $LIMITS --network host -d --name host-network bb sleep 600)
contop_run
contop_next
# shellcheck disable=SC2086
live=$(podman $RUN -d --name live bb sleep 600)
contop_next 2
# shellcheck disable=SC2086
podman $RUN --rm --cidfile "$CASE_DIR/cid" --name short bb sleep 0.1
short=$(podman ps -aq --no-trunc --filter name=short)
[ -n "$short" ] || short=$(cat "$CASE_DIR/cid" 2>/dev/null)
contop_next
podman stop -t 0 live >/dev/null
contop_next 2
podman rename before after
contop_next 2
contop_stop

is_container "before" "$before" runtime podman image localhost/bb:latest state running
is "before: names" "$(of "[.[].containers[] | select(.id == \"$before\") | .name] |
	reduce .[] as \$name ([]; if .[-1] == \$name then . else . + [\$name] end) | join(\" \")")" \
	"before after"
is_container "before" "$before" short_id "${before:0:12}" network_mode null
is_recent "before" "$before" "$begin"
is_container "host" "$host" name host-network network_mode host
is_container "live" "$live" name live image localhost/bb:latest state "exited running"
is_recent "live" "$live" "$begin"
is "short: names" "$(of '[.[].containers[] | select(.name == "short") | .state] | unique |
	join(" ")' | grep -c exited)" 1
is "podman containers" "$(of '[.[].containers[] | select(.runtime == "podman") | .id] | unique |
	length')" 4

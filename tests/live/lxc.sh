#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# LXC: containers that run, start, stop or live for the tenth of a second, by name.
. "$(dirname "$0")/private.sh"
private_begin lxc-start lxc-stop lxc-info

# make NAME COMMAND
make() {
	local dir=$CASE_DIR/lxc/$1

	mkdir -p "$dir/rootfs/dev" "$dir/rootfs/sys"
	cp -a "$LIVE_DIR/tree/." "$dir/rootfs"
	cat >"$dir/config" <<-END
		lxc.uts.name = $1
		lxc.rootfs.path = dir:$dir/rootfs
		lxc.net.0.type = empty
		lxc.init.cmd = $2
		lxc.mount.auto = proc:rw
	END
}

lxc() {
	local what=$1 name=$2
	shift 2
	in_private "lxc-$what" -P "$CASE_DIR/lxc" -n "$name" "$@"
}

# shellcheck disable=SC2317
lxc_end() {
	local status=$? name

	for name in ct-before ct-live ct-short; do
		lxc stop $name -k
	done >/dev/null 2>&1
	private_end "$status" lxc.pivot 'lxc.*ct-*'
}

lxc_run() {
	lxc start "$1" -d -o "$CASE_DIR/lxc.log" -l WARN
}

make ct-before "/bin/sleep 600"
make ct-live "/bin/sleep 600"
make ct-short "/bin/sleep 0.1"
trap lxc_end EXIT
lxc_run ct-before || skip "lxc cannot run containers: $(grep ERROR "$CASE_DIR/lxc.log" | head -1)"
contop_run
contop_next
lxc_run ct-live
contop_next 2
lxc_run ct-short
contop_next
lxc stop ct-live -k
contop_next 2
contop_stop

is_container "before" ct-before name ct-before runtime lxc state running
is_container "live" ct-live name ct-live runtime lxc state "exited running"
is_container "short" ct-short name ct-short runtime lxc
is "short: exited" "$(row ct-short state | grep -c exited)" 1

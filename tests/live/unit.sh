#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit for systemd: it is sound, and the rights it gives to a user who is not root
# are enough for all panes and for Docker's names.
. "$(dirname "$0")/lib.sh"
unit=$LIVE_SOURCE/../../contrib/systemd/contop.service.in
for tool in curl setpriv systemd-analyze; do
	command -v $tool >/dev/null || skip "no $tool"
done
case_begin
"$CONTOP" --listen 0 2>&1 | grep -q 'without libmicrohttpd' && skip "built without libmicrohttpd"

mkdir -m 755 "$CASE_DIR/sbin"
chmod 755 "$LIVE_DIR" "$CASE_DIR"
cp "$CONTOP" "$CASE_DIR/sbin/contop"
sed "s|@sbindir@|$CASE_DIR/sbin|; /^Documentation=/d" "$unit" >"$CASE_DIR/contop.service"
is "systemd-analyze verify" "$(systemd-analyze verify "$CASE_DIR/contop.service" 2>&1)" ""
# Of 10; those without any protection have 9.6.
exposure=$(systemd-analyze security --offline=yes "$CASE_DIR/contop.service" |
	sed -n 's/.*Overall exposure level[^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
within "exposure, in tenths" "${exposure:-none}" 1 40

# setting NAME: the words of all lines of that name
setting() {
	sed -n "s/^$1=//p" "$unit" | tr '\n' ' '
}

capabilities=$(setting AmbientCapabilities)
is "the bounds" "$(setting CapabilityBoundingSet)" "$capabilities"
list=-all
for name in $capabilities; do
	name=${name#CAP_}
	# What this machine itself has not, it cannot give.
	if setpriv --bounding-set "+${name,,}" true 2>/dev/null; then
		list+=,+${name,,}
	else
		echo "# this machine has no $name"
	fi
done
start web -- udp-server 0.0.0.0 5000 1 1
chmod 660 "${DOCKER_HOST#unix://}"
setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set "$list" \
	--inh-caps "$list" --ambient-caps "$list" "$CASE_DIR/sbin/contop" -d 0.5 \
	--textfile /dev/null/none 2>"$CASE_DIR/refused"
is "a file that cannot be written" "$(cat "$CASE_DIR/refused")" \
	"contop: --textfile /dev/null/none: Not a directory"
mkdir -m 777 "$CASE_DIR/run"
setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set "$list" \
	--inh-caps "$list" --ambient-caps "$list" "$CASE_DIR/sbin/contop" -d 0.5 \
	--listen "$CASE_DIR/run/socket" --docker-socket "${DOCKER_HOST#unix://}" 2>"$CASE_DIR/contop.err" &
CONTOP_PID=$!
CONTOPS+=("$CONTOP_PID")
page() {
	curl -sf --unix-socket "$CASE_DIR/run/socket" http://localhost/metrics
}
has_name() {
	page | grep -q '^contop_container_running{id=".*",name="web"} 1$'
}
wait_until 20 page >/dev/null || die "no metrics: $(cat "$CASE_DIR/contop.err")"
wait_until 5 has_name
is "Docker's name" "$(page | grep -c "^contop_container_running{id=\"$(id_of web | cut -c1-12)\",name=\"web\"} 1$")" 1
is "panes that are counted" "$(page | grep -c '^contop_pane_available{.*} 1$')" 4
contop_stop
is "a socket left behind" "$(ls "$CASE_DIR/run")" ""

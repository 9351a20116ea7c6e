#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# HTTP requests of each method, counted at who asks and at who is asked; several on one
# connection, and what only looks like one within other data.  Nothing without --hints.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-network.sh"
command -v nginx >/dev/null || skip "no nginx"
command -v python3 >/dev/null || skip "no python3"
case_begin

# count NAME DIRECTION METHOD: in all reports
count() {
	sum hints "$(by "$1") and .kind == \"http\" and .direction == \"$2\" and .what == \"$3\"" count
}

start_nginx web 80
run_container client "${PROGRAMS_HERE[@]}" -- sleep 600
contop_run -P containers,hints --hints -c 'web,client'
docker exec client /usr/bin/python3 -c "
import http.client
for method, n in ('GET', 7), ('POST', 5), ('PUT', 3), ('DELETE', 2), ('HEAD', 4), ('OPTIONS', 1), ('PATCH', 6):
    c = http.client.HTTPConnection('$(address4 web)', 80)
    for i in range(n):
        c.request(method, '/file', body='GETTING' if method in ('POST', 'PUT', 'PATCH') else None)
        c.getresponse().read()
    c.close()" || die "no answers"
contop_next 2
contop_stop
while read -r method n; do
	is "web: $method" "$(count web in "$method")" "$n"
	is "client: $method" "$(count client out "$method")" "$n"
done <<-END
	GET 7
	POST 5
	PUT 3
	DELETE 2
	HEAD 4
	OPTIONS 1
	PATCH 6
END
is "web: methods" "$(column hints "$(by web)" what)" "DELETE GET HEAD OPTIONS PATCH POST PUT"
is "web: directions" "$(column hints "$(by web)" direction)" in
is "hints lost" "$(of '[.[].accuracy | .missed_runs, .lost_hints, .hint_map_full] | add')" 0
contop_run
contop_stop
is "without --hints" "$(of '[.[].panes.hints.available] | unique | .[]')" false

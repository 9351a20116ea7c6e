#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Prometheus collects from contop what loads of known sizes did, and answers
# every query of the dashboard and every recording rule in contrib/.
. "$(dirname "$0")/lib.sh"
contrib=$LIVE_SOURCE/../../contrib

for tool in prometheus promtool curl python3; do
	command -v $tool >/dev/null || skip "no $tool"
done
case_begin
"$CONTOP" --listen 0 2>&1 | grep -q 'without libmicrohttpd' && skip "built without libmicrohttpd"

free_ports() {
	python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))'
}

# ---- contop and Prometheus

start_contop() {
	"$CONTOP" --listen "127.0.0.1:$1" -d 0.5 --linger 2 --docker-socket "${DOCKER_HOST#unix://}" \
		-P containers,flows,disks,syscalls >"$CASE_DIR/contop.out" 2>"$CASE_DIR/contop.err" &
	CONTOP_PID=$!
	CONTOPS+=("$CONTOP_PID")
	wait_until 20 page -f >/dev/null || die "no metrics: $(cat "$CASE_DIR/contop.err")"
}

# page CURL-ARGUMENT...
page() {
	curl -s "$@" "http://127.0.0.1:$contop_port/metrics"
}

start_prometheus() {
	mkdir "$CASE_DIR/prometheus"
	cp "$contrib/prometheus/rules.yml" "$CASE_DIR/prometheus/rules.yml"
	sed "s/127.0.0.1:9435/127.0.0.1:$contop_port/; s/scrape_interval: 15s/scrape_interval: 500ms/" \
		"$contrib/prometheus/scrape.yml" >"$CASE_DIR/prometheus/prometheus.yml"
	printf 'global:\n  evaluation_interval: 500ms\n' >>"$CASE_DIR/prometheus/prometheus.yml"
	prometheus --config.file="$CASE_DIR/prometheus/prometheus.yml" --log.level=warn \
		--storage.tsdb.path="$CASE_DIR/prometheus/data" --web.listen-address="127.0.0.1:$1" \
		>"$CASE_DIR/prometheus.log" 2>&1 &
	CHILDREN+=("$!")
	wait_until 20 answers 'contop_build_info' || die "Prometheus: $(tail -3 "$CASE_DIR/prometheus.log")"
}

# query EXPRESSION: the answer's list
query() {
	curl -s --data-urlencode "query=$1" "http://127.0.0.1:$prometheus_port/api/v1/query" |
		jq -c 'if .status == "success" then .data.result else error(.error) end'
}

# value EXPRESSION: of the only series, empty when there is none
value() {
	query "$1" | jq -r 'if length > 1 then "many" else .[0].value[1] // "" end'
}

answers() {
	[ "$(query "$1" 2>/dev/null | jq length)" -gt 0 ] 2>/dev/null
}

no_series() {
	[ "$(query "$1")" = "[]" ]
}

# is_value WHAT EXPRESSION WANT: may come with the next collection
is_value() {
	wait_until 5 value_is "$2" "$3"
	is "$1" "$(value "$2")" "$3"
}

value_is() {
	[ "$(value "$1")" = "$2" ]
}

# ---- what is collected

# last METRIC LABELS: also of a container that is gone by now
last() {
	echo "last_over_time(contop_container_$1{$2}[1m])"
}

check_counters() {
	local client fill flow
	start server -- udp-server 0.0.0.0 5000 2003 512
	start client -- --wait udp-client "$(address4 server)" 5000 2003 512
	start fill -- --wait --fsync disk-write /work/file 4
	go client
	go fill
	client=$(result client) && fill=$(result fill) || exit 1
	flow='protocol="udp"'
	is_value "bytes sent, in Prometheus" \
		"$(last flow_transmit_bytes_total "name=\"client\",direction=\"out\",$flow")" \
		"$(field .tx_bytes "$client")"
	is_value "packets sent" "$(last flow_transmit_packets_total "name=\"client\",$flow")" \
		"$(field .tx_packets "$client")"
	is_value "packets that the server received" \
		"$(last flow_receive_packets_total "name=\"server\",direction=\"in\",$flow")" \
		"$(field .tx_packets "$client")"
	# At most one operation is not seen on some hosts: disk.sh tells of it.
	within "bytes written" "$(value "sum($(last device_write_bytes_total 'name="fill"'))")" \
		$(($(field .bytes "$fill") / 2)) $(($(field .bytes "$fill") + 1048576))
	is "operations in all buckets" \
		"$(value "sum($(last device_latency_seconds_bucket 'name="fill",le="+Inf"'))")" \
		"$(value "sum($(last device_latency_seconds_count 'name="fill"'))")"
}

check_labels() {
	is "the container's image and runtime, joined by id" \
		"$(query 'contop_container_running{name="idle"}
			* on (instance, id) group_left (image, runtime) contop_container_info' |
			jq -r '.[0].metric | "\(.image) \(.runtime) \(.id)"')" \
		"bb docker $(id_of idle | cut -c1-12)"
	is "Prometheus knows types by OpenMetrics" \
		"$(curl -s "http://127.0.0.1:$prometheus_port/api/v1/metadata?metric=contop_container" |
			jq -r '.data.contop_container[0].type')" info
	is "series that Prometheus refused" \
		"$(value 'scrape_samples_scraped{job="contop"} - scrape_samples_post_metric_relabeling')" 0
}

check_end() {
	wait_until 10 no_series 'contop_container_running{name=~"client|server|fill"}'
	is "series of containers that are gone" \
		"$(query '{__name__=~"contop_.+",name=~"client|server|fill"}')" "[]"
	is "a container that runs" "$(value 'contop_container_running{name="idle"}')" 1
	is "loss" "$(value 'contop_missed_runs_total + contop_lost_events_total')" 0
}

check_formats() {
	page >"$CASE_DIR/page"
	is "promtool" "$(promtool check metrics <"$CASE_DIR/page" 2>&1)" ""
	is "type for Prometheus" "$(page -o /dev/null -w '%{content_type}')" \
		"text/plain; version=0.0.4; charset=utf-8"
	is "type for OpenMetrics" \
		"$(page -o /dev/null -w '%{content_type}' -H 'Accept: application/openmetrics-text')" \
		"application/openmetrics-text; version=1.0.0; charset=utf-8"
}

# ---- what contrib has

check_rules() {
	local record

	is "recording rules" "$(promtool check rules "$contrib/prometheus/rules.yml" >/dev/null && echo ok)" ok
	is "scrape configuration" \
		"$(promtool check config "$contrib/prometheus/scrape.yml" >/dev/null && echo ok)" ok
	# There is no Kubernetes here.
	for record in $(sed -n 's/^ *- record: //p' "$contrib/prometheus/rules.yml" | grep -v ^namespace_pod); do
		wait_until 10 answers "$record"
		is "series of $record" "$(answers "$record" && echo some)" some
	done
	is "rules that failed" "$(curl -s "http://127.0.0.1:$prometheus_port/api/v1/rules" |
		jq '[.data.groups[].rules[] | select(.health == "err")] | length')" 0
}

check_dashboard() {
	local expression n=0

	while read -r expression; do
		expression=${expression//\$__rate_interval/1m}
		expression=${expression//\$__range/1h}
		expression=${expression//\$instance/.*}
		expression=${expression//\$name/.*}
		n=$((n + 1))
		answers "$expression" || is "$expression" "$(query "$expression" 2>&1)" "some series"
	done < <(jq -r '.. | .expr? // empty' "$contrib/grafana/contop.json")
	is "queries of the dashboard" "$n" "$(grep -c '"expr"' "$contrib/grafana/contop.json")"
	is "values of its variables" "$(curl -s "http://127.0.0.1:$prometheus_port/api/v1/label/name/values" \
		--data-urlencode 'match[]=contop_container_info' -G | jq '.data | length > 0')" true
}

read -r contop_port prometheus_port < <(free_ports)
docker run -d --name idle bb sleep 1000 >/dev/null || die "container idle did not start"
start_contop "$contop_port"
start_prometheus "$prometheus_port"
check_counters
check_labels
check_formats
check_rules
check_dashboard
check_end
contop_stop

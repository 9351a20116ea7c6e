/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics: literal samples in, lines of the page out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "cost.h"
#include "metric-group.h"
#include "metric.h"
#include "util.h"

#define WEB_ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define WEB "{id=\"0123456789ab\",name=\"web\""

struct fixture {
	struct options options;
	struct source source;
	struct container *web;		/* borrowed */
	struct model *model;
	struct sample sample;
	struct metrics *metrics;
	uint64_t now;
};

static struct fixture *fixture_new(const bool counted[PANE_COUNT])
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->source.host = xstrdup("box");
	f->source.containers = containers_new(NULL);
	containers_add(f->source.containers, NULL, NULL);
	f->web = containers_add(f->source.containers, WEB_ID, "docker");
	replace_string(&f->web->name, "web");
	f->model = model_new(counted);
	f->metrics = metrics_new(&f->options, &f->source);
	f->now = 1000 * NSEC_PER_SEC;
	return f;
}

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true, true };

	*state = fixture_new(counted);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	metrics_free(f->metrics);
	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->source.containers);
	free(f->source.host);
	free(f);
	return 0;
}

/* An interval of a second; the page as of its end, which the caller frees. */
static char *update(struct fixture *f, enum metric_format format)
{
	size_t size;
	char *page;

	f->now += NSEC_PER_SEC;
	f->sample.monotonic_ns = f->now;
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->source.containers, 0);
	sample_clear(&f->sample);
	metrics_update(f->metrics, f->model);
	page = metrics_page(f->metrics, format, &size);
	assert_int_equal(size, strlen(page));
	return page;
}

static bool has_line(const char *page, const char *line)
{
	size_t size = strlen(line);

	for (const char *at = page; (at = strstr(at, line)); at++)
		if ((at == page || at[-1] == '\n') && at[size] == '\n')
			return true;
	return false;
}

static void check_line(const char *page, const char *line)
{
	if (has_line(page, line))
		return;
	print_error("%s", page);
	fail_msg("no line '%s'", line);
}

/* Updates, and looks for lines, up to NULL. */
static void check_lines(struct fixture *f, const char *const *lines)
{
	char *page = update(f, FORMAT_PROMETHEUS);

	for (; *lines; lines++)
		check_line(page, *lines);
	free(page);
}

static struct flow_sample *add_flow(struct fixture *f, uint16_t port, uint64_t bytes)
{
	struct flow_sample *flow = sample_add_flow(&f->sample);

	flow->container = f->web;
	flow->key = (struct flow_key){ .local_port = port, .remote_port = 443,
				       .protocol = IPPROTO_TCP, .family = 4 };
	flow->direction = FLOW_OUT;
	flow->rx_bytes = bytes;
	flow->rx_packets = 1;
	return flow;
}

static struct disk_sample *add_disk(struct fixture *f, uint32_t minor, const char *name)
{
	struct disk_sample *disk = sample_add_disk(&f->sample);

	disk->container = f->web;
	disk->device = DISK_DEVICE(8, minor);
	strcpy(disk->name, name);
	disk->bytes[DISK_READ] = 4096;
	disk->operations[DISK_READ] = 1;
	return disk;
}

static void containers_have_their_totals(void **state)
{
	static const char *const first[] = {
		"contop_container_network_receive_bytes_total" WEB "} 100",
		"contop_container_network_receive_packets_total" WEB "} 1",
		"contop_container_network_transmit_bytes_total" WEB "} 0",
		"contop_container_network_receive_bytes_total{id=\"host\",name=\"host\"} 0",
		"contop_container_syscalls_total" WEB "} 0",
		NULL
	};
	static const char *const second[] = {
		"contop_container_network_receive_bytes_total" WEB "} 107",
		NULL
	};
	struct fixture *f = *state;

	add_flow(f, 1000, 100);
	check_lines(f, first);
	add_flow(f, 1001, 7);
	check_lines(f, second);
}

/* Rows of flows go when these end; what they counted stays. */
static void flows_are_counted_by_protocol_and_direction(void **state)
{
	static const char *const lines[] = {
		"contop_container_flow_receive_bytes_total" WEB
			",protocol=\"tcp\",direction=\"out\"} 107",
		"contop_container_flow_receive_packets_total" WEB
			",protocol=\"udp\"} 1",
		NULL
	};
	static const char *const later[] = {
		"contop_container_flow_receive_bytes_total" WEB
			",protocol=\"tcp\",direction=\"out\"} 112",
		NULL
	};
	struct fixture *f = *state;
	struct flow_sample *udp;

	add_flow(f, 1000, 100)->ended = true;
	add_flow(f, 1001, 7)->ended = true;
	udp = add_flow(f, 1002, 9);
	udp->key.protocol = IPPROTO_UDP;
	udp->direction = FLOW_UNKNOWN;
	check_lines(f, lines);
	free(update(f, FORMAT_PROMETHEUS));
	add_flow(f, 1003, 5);
	check_lines(f, later);
}

/* Only for who asks: their number has no end. */
static void peers_are_told_apart_on_request(void **state)
{
	static const char *const lines[] = {
		"contop_container_peer_receive_bytes_total" WEB ",peer=\"10.0.0.2\"} 100",
		"contop_container_peer_transmit_bytes_total" WEB ",peer=\"10.0.0.2\"} 0",
		"contop_container_peer_receive_bytes_total" WEB ",peer=\"other\"} 7",
		NULL
	};
	static const uint8_t address[] = { 10, 0, 0, 2 };
	struct fixture *f = *state;
	char *page;

	add_flow(f, 1000, 100);
	page = update(f, FORMAT_PROMETHEUS);
	assert_null(strstr(page, "contop_container_peer_"));
	free(page);
	metrics_free(f->metrics);
	f->options.n_peers = 1;
	f->metrics = metrics_new(&f->options, &f->source);
	memcpy(add_flow(f, 1000, 100)->key.remote_address, address, sizeof(address));
	add_flow(f, 1001, 7);
	check_lines(f, lines);
}

/* A device that came back with another number: one series, not the same labels twice. */
static void devices_of_one_name_are_one(void **state)
{
	static const char *const lines[] = {
		"contop_container_device_read_bytes_total" WEB ",device=\"sda\"} 8192",
		"contop_container_device_reads_total" WEB ",device=\"sdb\"} 1",
		"contop_container_disk_read_bytes_total" WEB "} 12288",
		NULL
	};
	struct fixture *f = *state;

	add_disk(f, 0, "sda");
	add_disk(f, 16, "sda");
	add_disk(f, 32, "sdb");
	check_lines(f, lines);
}

static void latency_is_a_histogram(void **state)
{
#define LATENCY "contop_container_device_latency_seconds"
#define SDA WEB ",device=\"sda\""
	static const char *const lines[] = {
		"# TYPE " LATENCY " histogram",
		LATENCY "_bucket" SDA ",le=\"3.2e-05\"} 2",
		LATENCY "_bucket" SDA ",le=\"6.4e-05\"} 2",
		LATENCY "_bucket" SDA ",le=\"0.000128\"} 3",
		LATENCY "_bucket" SDA ",le=\"4.194304\"} 3",
		LATENCY "_bucket" SDA ",le=\"+Inf\"} 4",
		LATENCY "_count" SDA "} 4",
		LATENCY "_sum" SDA "} 8.000000001",
		NULL
	};
	struct fixture *f = *state;
	struct disk_sample *disk = add_disk(f, 0, "sda");

	/* 0 us, just below 32, 64, and more than all bounds. */
	disk->histogram[0] = disk->histogram[15] = disk->histogram[20] = 1;
	disk->timed = 3;
	disk->latency_ns = 1;
	free(update(f, FORMAT_PROMETHEUS));
	disk = add_disk(f, 0, "sda");
	disk->histogram[LATENCY_BUCKETS - 1] = 1;
	disk->timed = 1;
	disk->latency_ns = 8 * NSEC_PER_SEC;
	check_lines(f, lines);
}

static void an_info_has_what_is_known_in_words(void **state)
{
	static const char *const lines[] = {
		"contop_container_info" WEB ",container_id=\"" WEB_ID "\",runtime=\"docker\","
			"image=\"a\\\\b\\\"c\",pod=\"p\",host=\"box\"} 1",
		"contop_host_info{host=\"box\"} 1",
		"contop_build_info{version=\"" PACKAGE_VERSION "\"} 1",
		NULL
	};
	struct fixture *f = *state;

	replace_string(&f->web->image, "a\\b\"c");
	replace_string(&f->web->pod, "p");
	check_lines(f, lines);
}

/* Two containers with the same labels would make Prometheus refuse the page. */
static void no_two_containers_share_an_id(void **state)
{
	static const char *const lines[] = {
		"contop_container_running{id=\"twin\",name=\"twin\"} 1",
		"contop_container_running{id=\"twin@/user/twin#7\",name=\"twin\"} 1",
		NULL
	};
	struct fixture *f = *state;
	struct container *two;

	containers_add(f->source.containers, "twin", "lxc");
	free(update(f, FORMAT_PROMETHEUS));
	two = containers_add(f->source.containers, "other", "lxc");
	replace_string(&two->short_id, "twin");
	replace_string(&two->name, "twin");
	replace_string(&two->cgroup, "/user/twin");
	two->serial = 7;
	check_lines(f, lines);
}

static void what_is_gone_ends(void **state)
{
	struct fixture *f = *state;
	char *page;

	add_flow(f, 1000, 100);
	add_disk(f, 0, "sda");
	f->web->exited = true;
	f->web->exited_ns = f->now;
	page = update(f, FORMAT_PROMETHEUS);
	check_line(page, "contop_container_running" WEB "} 0");
	check_line(page, "contop_container_network_receive_bytes_total" WEB "} 100");
	free(page);
	free(update(f, FORMAT_PROMETHEUS));
	page = update(f, FORMAT_PROMETHEUS);
	assert_null(strstr(page, "name=\"web\""));
	assert_non_null(strstr(page, "name=\"host\""));
	free(page);
}

static void what_nobody_counts_is_not_there(void **state)
{
	static const bool counted[PANE_COUNT] = { [PANE_FLOWS] = true };
	struct fixture *f = fixture_new(counted);
	char *page = update(f, FORMAT_PROMETHEUS);
	void *own = f;

	(void)state;
	assert_non_null(strstr(page, "contop_container_network_receive_bytes_total{"));
	assert_null(strstr(page, "contop_container_syscalls_total"));
	assert_null(strstr(page, "contop_container_disk_"));
	free(page);
	tear_down(&own);
}

static void openmetrics_has_its_own_heads(void **state)
{
	struct fixture *f = *state;
	char *page = update(f, FORMAT_OPENMETRICS), *other = update(f, FORMAT_PROMETHEUS);

	check_line(page, "# TYPE contop_container_network_receive_bytes counter");
	check_line(page, "# UNIT contop_container_network_receive_bytes bytes");
	check_line(page, "# TYPE contop_container info");
	check_line(page, "# UNIT contop_interval_seconds seconds");
	check_line(page, "contop_container_network_receive_bytes_total" WEB "} 0");
	assert_string_equal(page + strlen(page) - strlen("\n# EOF\n"), "\n# EOF\n");
	check_line(other, "# TYPE contop_container_network_receive_bytes_total counter");
	check_line(other, "# TYPE contop_container_info gauge");
	assert_null(strstr(other, "# UNIT"));
	assert_null(strstr(other, "# EOF"));
	free(page);
	free(other);
}

static void accuracy_is_counted(void **state)
{
	static const char *const lines[] = {
		"contop_missed_runs_total 3", "contop_flow_map_full_total 0",
		"contop_intervals_total 2", NULL
	};
	struct fixture *f = *state;

	f->sample.accuracy.missed_runs = 1;
	free(update(f, FORMAT_PROMETHEUS));
	f->sample.accuracy.missed_runs = 2;
	check_lines(f, lines);
}

/* System calls by name are many: only for who asks. */
static void panes_are_those_asked_for(void **state)
{
	struct fixture *f = *state;
	struct syscall_sample *call = sample_add_syscall(&f->sample);
	char *page;

	metrics_free(f->metrics);
	f->options.panes[0] = PANE_SYSCALLS;
	f->options.n_panes = 1;
	f->metrics = metrics_new(&f->options, &f->source);
	call->container = f->web;
	call->name = "openat";
	call->count = 5;
	page = update(f, FORMAT_PROMETHEUS);
	check_line(page, "contop_container_syscall_calls_total" WEB ",syscall=\"openat\"} 5");
	assert_null(strstr(page, "contop_container_network_"));
	assert_non_null(strstr(page, "contop_container_info{"));
	free(page);
	f->options.panes[0] = PANE_EVENTS;
	assert_null(metrics_new(&f->options, &f->source));
}

/* Names may be without number: what they counted is added up. */
static void hints_have_no_names(void **state)
{
	static const char *const lines[] = {
		"contop_container_hint_requests_total" WEB
		",kind=\"http\",direction=\"in\",method=\"GET\"} 5",
		"contop_container_hint_requests_total" WEB ",kind=\"dns\",direction=\"in\"} 10",
		"contop_container_hint_errors_total" WEB ",kind=\"dns\",direction=\"in\"} 3",
		"contop_container_hint_latency_seconds_count" WEB
		",kind=\"dns\",direction=\"in\"} 2",
		"contop_container_hint_latency_seconds_bucket" WEB
		",kind=\"dns\",direction=\"in\",le=\"0.001024\"} 1",
		NULL
	};
	static const char *const names[] = { "GET", "one.test", "two.test" };
	struct fixture *f = *state;
	char *page;

	page = update(f, FORMAT_PROMETHEUS);
	assert_null(strstr(page, "contop_container_hint"));
	free(page);
	metrics_free(f->metrics);
	f->options.hints = true;
	f->metrics = metrics_new(&f->options, &f->source);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct hint_sample *hint = sample_add_hint(&f->sample);

		hint->container = f->web;
		hint->kind = i ? HINT_DNS : HINT_HTTP;
		hint->what = names[i];
		hint->number = i ? HINT_NUMBER_NAMES + i : hint_number_http(HTTP_GET, FLOW_IN);
		hint->direction = FLOW_IN;
		hint->count = 5;
		if (!i)
			continue;
		hint->errors = i;
		latency_sum_add(&hint->latency, i * 1000000);
	}
	check_lines(f, lines);
}

/* Of a container on a busy host: two disks with latencies, flows in and out. */
static void be_busy(struct fixture *f, struct container *container)
{
	f->web = container;
	for (uint16_t i = 0; i < 4; i++) {
		add_flow(f, (uint16_t)(1000 + i), 1234567890123)->direction = 1 + i % 2;
		f->sample.flows[f->sample.n_flows - 1].key.protocol = i < 2 ? IPPROTO_TCP : IPPROTO_UDP;
	}
	for (uint32_t i = 0; i < 2; i++) {
		struct disk_sample *disk = add_disk(f, 16 * i, i ? "sdb" : "sda");

		for (size_t j = 0; j < LATENCY_BUCKETS; j++)
			disk->histogram[j] = 1000;
		disk->timed = 1000 * LATENCY_BUCKETS;
		disk->latency_ns = NSEC_PER_SEC;
	}
}

/* How long a large page takes, and how large it is, is printed for who wonders. */
static void a_thousand_containers(void **state)
{
	struct fixture *f = *state;
	struct container *containers[1000];
	uint64_t began_ns, update_ns, page_ns;
	size_t size, lines = 0;
	char *page;

	for (size_t i = 0; i < ARRAY_SIZE(containers); i++) {
		char *id = xasprintf("%064zx", i << 40 | i);

		containers[i] = containers_add(f->source.containers, id, "docker");
		be_busy(f, containers[i]);
		free(id);
	}
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->source.containers, 0);
	/* The second time nothing is new. */
	metrics_update(f->metrics, f->model);
	began_ns = cost_cpu_ns();
	metrics_update(f->metrics, f->model);
	update_ns = cost_cpu_ns() - began_ns;
	page = metrics_page(f->metrics, FORMAT_OPENMETRICS, &size);
	page_ns = cost_cpu_ns() - began_ns - update_ns;
	for (const char *at = page; (at = strstr(at, "\ncontop_container_device_latency_seconds_b")); at++)
		lines++;
	assert_int_equal(lines, 1000 * 2 * METRIC_BUCKETS);
	print_message("1000 containers: %zu bytes, written in %.1f ms, a page in %.1f ms of CPU\n", size,
		      (double)update_ns / 1e6, (double)page_ns / 1e6);
	free(page);
}

/* ---- the table of columns */

static void check_metric(const struct pane *pane, const struct column *column)
{
	/* What is measured for the screen alone is none, nor are counts of now this, now that. */
	bool exempt = column->wishes || !strcmp(column->name, "top_errors");

	if (column->type == VALUE_COUNT && !column->metric && !exempt)
		fail_msg("%s of %s is a count without metric", column->name, pane->name);
	if (!column->metric)
		return;
	for (const char *p = column->metric; *p; p++)
		if (!islower((unsigned char)*p) && *p != '_')
			fail_msg("%s is no name of a metric", column->metric);
	if (metric_is_count(column) && metric_type(column->metric) != METRIC_COUNTER)
		fail_msg("%s counts: its name must end in _total", column->metric);
	if (strpbrk(column->help, "\"\\\n"))
		fail_msg("%s: its help needs quoting", column->metric);
}

static void every_count_has_a_metric(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		size_t counts = 0;

		for (size_t j = 0; j < panes[i].n_columns && panes[i].metrics; j++) {
			check_metric(&panes[i], &panes[i].columns[j]);
			counts += metric_is_count(&panes[i].columns[j]);
		}
		assert_true(counts <= METRIC_COLUMNS_MOST);
	}
}

/* Whatever the page has, it has under one head each. */
static void no_two_families_share_a_name(void **state)
{
	struct fixture *f = *state;
	char *page = update(f, FORMAT_OPENMETRICS);

	for (char *at = page; (at = strstr(at, "\n# TYPE ")); at++) {
		char *line = xstrndup(at, strcspn(at + 1, "\n") + 1);

		*strrchr(line, ' ') = '\0';
		if (strstr(at + 1, line) && strstr(at + 1, line)[strlen(line)] == ' ')
			fail_msg("twice:%s", line);
		free(line);
	}
	free(page);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(containers_have_their_totals),
		TEST(flows_are_counted_by_protocol_and_direction),
		TEST(peers_are_told_apart_on_request),
		TEST(devices_of_one_name_are_one),
		TEST(latency_is_a_histogram),
		TEST(an_info_has_what_is_known_in_words),
		TEST(no_two_containers_share_an_id),
		TEST(what_is_gone_ends),
		cmocka_unit_test(what_nobody_counts_is_not_there),
		TEST(openmetrics_has_its_own_heads),
		TEST(accuracy_is_counted),
		TEST(hints_have_no_names),
		TEST(panes_are_those_asked_for),
		TEST(a_thousand_containers),
		cmocka_unit_test(every_count_has_a_metric),
		TEST(no_two_families_share_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model: literal samples in, rows out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "model.h"
#include "util.h"

#define LINGER (10 * NSEC_PER_SEC)

static const bool all_counted[PANE_COUNT] = { true, true, true, true, true, true };

struct fixture {
	struct containers *containers;
	struct container *host, *web, *db;	/* borrowed */
	struct model *model;
	struct sample sample;
	uint64_t now;
};

static struct fixture *fixture_new(const bool counted[PANE_COUNT])
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->host = containers_add(f->containers, NULL, NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->db = containers_add(f->containers, "db", "docker");
	f->model = model_new(counted);
	f->now = 1000 * NSEC_PER_SEC;
	return f;
}

static int set_up(void **state)
{
	*state = fixture_new(all_counted);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

/* One second passes; the sample is taken in and emptied. */
static void update(struct fixture *f)
{
	f->now += NSEC_PER_SEC;
	f->sample.monotonic_ns = f->now;
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, LINGER);
	sample_clear(&f->sample);
}

static size_t row_number(struct fixture *f, enum pane_id pane)
{
	size_t n;

	model_rows(f->model, pane, &n);
	return n;
}

/* The only row of a pane; fails when there are more or none. */
static const void *only_row(struct fixture *f, enum pane_id pane)
{
	size_t n;
	void *const *rows = model_rows(f->model, pane, &n);

	assert_int_equal(n, 1);
	return rows[0];
}

static const struct container_row *find_container(struct fixture *f,
						  const struct container *container)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_CONTAINERS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct container_row *row = rows[i];

		if (row->row.container == container)
			return row;
	}
	return NULL;
}

static const struct container_row *container_row(struct fixture *f,
						 const struct container *container)
{
	const struct container_row *row = find_container(f, container);

	if (!row) {
		fail();
		abort();
	}
	return row;
}

static const struct process_row *find_process(struct fixture *f, uint64_t pid)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_PROCESSES, &n);

	for (size_t i = 0; i < n; i++) {
		const struct process_row *row = rows[i];

		if (row->pid == pid)
			return row;
	}
	return NULL;
}

static const struct process_row *process_row(struct fixture *f, uint64_t pid)
{
	const struct process_row *row = find_process(f, pid);

	if (!row) {
		fail();
		abort();
	}
	return row;
}

static struct flow_sample *add_flow(struct fixture *f, struct container *container, uint16_t port,
				    uint64_t bytes)
{
	struct flow_sample *flow = sample_add_flow(&f->sample);

	flow->container = container;
	flow->key = (struct flow_key){
		.local_address = { 10, 0, 0, 2 }, .remote_address = { 10, 0, 0, 3 },
		.local_port = port, .remote_port = 443, .protocol = IPPROTO_TCP, .family = 4,
	};
	flow->rx_bytes = bytes;
	flow->tx_bytes = 2 * bytes;
	flow->rx_packets = 1;
	flow->tx_packets = 2;
	return flow;
}

static struct syscall_sample *add_call(struct fixture *f, struct container *container, uint64_t pid,
				       uint32_t nr, uint64_t count)
{
	struct syscall_sample *call = sample_add_syscall(&f->sample);

	call->container = container;
	call->pid = pid;
	call->nr = nr;
	call->count = count;
	return call;
}

static struct disk_sample *add_disk(struct fixture *f, struct container *container,
				    uint32_t device, uint64_t bytes)
{
	struct disk_sample *disk = sample_add_disk(&f->sample);

	disk->container = container;
	disk->device = device;
	disk->bytes[DISK_READ] = bytes;
	disk->bytes[DISK_WRITE] = 2 * bytes;
	disk->operations[DISK_READ] = 1;
	disk->operations[DISK_WRITE] = 2;
	return disk;
}

#define assert_count(count, of_interval, of_all)						\
	do {											\
		assert_true((count).interval == (of_interval));					\
		assert_true((count).total == (of_all));						\
	} while (0)

/* ---- folding */

static void every_container_has_a_row(void **state)
{
	struct fixture *f = *state;

	update(f);
	assert_int_equal(row_number(f, PANE_CONTAINERS), 3);
	assert_count(container_row(f, f->web)->rx_bytes, 0, 0);
	assert_false(container_row(f, f->web)->row.active);
	containers_add(f->containers, "new", "docker");
	update(f);
	assert_int_equal(row_number(f, PANE_CONTAINERS), 4);
}

static void flows_fold_by_container_and_key(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 100)->key.cgroup = 1;
	add_flow(f, f->db, 80, 1000);
	add_flow(f, f->web, 80, 10)->key.cgroup = 2;
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 2);
	add_flow(f, f->web, 81, 5);
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 3);
	assert_count(container_row(f, f->web)->rx_bytes, 5, 115);
	assert_count(container_row(f, f->web)->tx_bytes, 10, 230);
	assert_count(container_row(f, f->web)->rx_packets, 1, 3);
	assert_count(container_row(f, f->web)->tx_packets, 2, 6);
	assert_count(container_row(f, f->db)->rx_bytes, 0, 1000);
	assert_count(model_total(f->model)->rx_bytes, 5, 1115);
}

/* Every part of a flow's key tells flows apart. */
static void flow_keys_differ_in_any_part(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 1);
	add_flow(f, f->web, 80, 1)->key.local_address[3]++;
	add_flow(f, f->web, 80, 1)->key.remote_address[15]++;
	add_flow(f, f->web, 80, 1)->key.remote_port++;
	add_flow(f, f->web, 80, 1)->key.protocol = IPPROTO_UDP;
	add_flow(f, f->web, 80, 1)->key.family = 6;
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 6);
}

static uint64_t bytes_at(struct fixture *f, uint16_t port)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_FLOWS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct flow_row *row = rows[i];

		if (row->key.local_port == port)
			return row->rx_bytes.total;
	}
	return UNKNOWN;
}

/* Places only say where to look first. */
static void flows_may_change_places(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 1, 10)->place = 7;
	add_flow(f, f->web, 2, 20)->place = 9000;
	update(f);
	/* another one in a place, the same in two */
	add_flow(f, f->web, 3, 30)->place = 7;
	add_flow(f, f->web, 1, 11)->place = 8;
	add_flow(f, f->web, 1, 12)->place = 9;
	add_flow(f, f->web, 1, 13)->place = 8;
	add_flow(f, f->db, 2, 21)->place = 9000;
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 4);
	assert_int_equal(bytes_at(f, 1), 46);
	assert_int_equal(bytes_at(f, 3), 30);
	/* one that is gone left its places */
	add_flow(f, f->web, 1, 1)->ended = true;
	update(f);
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 3);
	add_flow(f, f->web, 4, 40)->place = 8;
	add_flow(f, f->web, 1, 14)->place = 9;
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 5);
	assert_int_equal(bytes_at(f, 4), 40);
	assert_int_equal(bytes_at(f, 1), 14);
}

static void rows_rest_when_nothing_happens(void **state)
{
	struct fixture *f = *state;
	const struct flow_row *flow;

	add_flow(f, f->web, 80, 100);
	update(f);
	flow = only_row(f, PANE_FLOWS);
	assert_true(flow->row.active);
	assert_true(container_row(f, f->web)->row.active);
	update(f);
	assert_ptr_equal(only_row(f, PANE_FLOWS), flow);
	assert_false(flow->row.active);
	assert_count(flow->rx_bytes, 0, 100);
	assert_false(container_row(f, f->web)->row.active);
	assert_count(container_row(f, f->web)->rx_bytes, 0, 100);
	add_flow(f, f->web, 80, 0);
	f->sample.flows[0].tx_packets = f->sample.flows[0].rx_packets = 0;
	f->sample.flows[0].retransmits = UNKNOWN;
	update(f);
	assert_false(flow->row.active);
	add_flow(f, f->web, 80, 7);
	update(f);
	assert_true(flow->row.active);
	assert_count(flow->rx_bytes, 7, 107);
}

static void flow_rows_say_what_they_are(void **state)
{
	static const struct {
		uint8_t protocol, family, state, direction;
		const char *protocol_name, *family_name, *state_name, *direction_name;
	} cases[] = {
		{ IPPROTO_TCP, 4, 1, FLOW_IN, "tcp", "ipv4", "established", "in" },
		{ IPPROTO_TCP, 6, 2, FLOW_OUT, "tcp", "ipv6", "syn-sent", "out" },
		{ IPPROTO_TCP, 4, 3, FLOW_IN, "tcp", "ipv4", "syn-recv", "in" },
		{ IPPROTO_TCP, 4, 6, FLOW_IN, "tcp", "ipv4", "time-wait", "in" },
		{ IPPROTO_TCP, 4, 12, FLOW_IN, "tcp", "ipv4", "syn-recv", "in" },
		{ IPPROTO_TCP, 4, 13, 3, "tcp", "ipv4", NULL, NULL },
		{ IPPROTO_UDP, 4, 0, FLOW_UNKNOWN, "udp", "ipv4", NULL, NULL },
		{ IPPROTO_ICMP, 4, 0, FLOW_UNKNOWN, "icmp", "ipv4", NULL, NULL },
		{ IPPROTO_ICMPV6, 6, 0, FLOW_UNKNOWN, "icmp6", "ipv6", NULL, NULL },
		{ 255, 4, 0, FLOW_UNKNOWN, "255", "ipv4", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture *f = fixture_new(all_counted);
		struct flow_sample *flow = add_flow(f, f->web, 80, 1);
		const struct flow_row *row;

		flow->key.protocol = cases[i].protocol;
		flow->key.family = cases[i].family;
		flow->state = cases[i].state;
		flow->direction = cases[i].direction;
		update(f);
		row = only_row(f, PANE_FLOWS);
		assert_string_equal(row->protocol, cases[i].protocol_name);
		assert_string_equal(row->family, cases[i].family_name);
		assert_string_equal(row->state ? row->state : "",
				    cases[i].state_name ? cases[i].state_name : "");
		assert_string_equal(row->direction ? row->direction : "",
				    cases[i].direction_name ? cases[i].direction_name : "");
		assert_int_equal(row->key.local.family, cases[i].family);
		assert_memory_equal(row->key.remote.bytes, "\x0a\0\0\x03", 4);
		assert_int_equal(row->key.local_port, 80);
		assert_int_equal(row->key.remote_port, 443);
		tear_down((void **)&f);
	}
}

/* A gauge that a sample does not tell stays what it was; one that none told is unknown. */
static void gauges_stay(void **state)
{
	struct fixture *f = *state;
	struct flow_sample *flow = add_flow(f, f->web, 80, 1);
	const struct flow_row *row;

	flow->rtt_us = 250;
	flow->state = 1;
	memcpy(flow->comm, "cu\x1brl", 6);
	update(f);
	row = only_row(f, PANE_FLOWS);
	add_flow(f, f->web, 80, 1);
	update(f);
	assert_int_equal(row->rtt_us, 250);
	assert_string_equal(row->state, "established");
	assert_string_equal(row->comm, "cu?rl");
	assert_true(row->connect_us == UNKNOWN32 && row->pid == UNKNOWN && row->uid == UNKNOWN);
	assert_null(row->peer);
	add_flow(f, f->web, 80, 1)->cwnd = 1ULL << 40;
	update(f);
	assert_true(row->cwnd == UNKNOWN32 - 1);
	flow = add_flow(f, f->web, 80, 1);
	flow->rtt_us = 0;
	memcpy(flow->comm, "sixteen letters!", TASK_NAME_SIZE);
	update(f);
	assert_int_equal(row->rtt_us, 0);
	assert_string_equal(row->comm, "sixteen letters!");
}

static void calls_fold_by_container_and_number(void **state)
{
	struct fixture *f = *state;
	size_t n;
	void *const *rows;

	add_call(f, f->web, 10, SYS_openat, 3)->errors = 1;
	add_call(f, f->web, 11, SYS_openat, 4)->errors = 2;
	add_call(f, f->web, 10, SYS_close, 5);
	add_call(f, f->db, 12, SYS_openat, 100);
	update(f);
	assert_int_equal(row_number(f, PANE_SYSCALLS), 3);
	assert_count(container_row(f, f->web)->syscalls, 12, 12);
	assert_count(container_row(f, f->web)->errors, 3, 3);
	assert_count(model_total(f->model)->syscalls, 112, 112);
	rows = model_rows(f->model, PANE_SYSCALLS, &n);
	for (size_t i = 0; i < n; i++) {
		const struct syscall_row *row = rows[i];

		if (row->row.container != f->web || row->nr != SYS_openat)
			continue;
		assert_string_equal(row->syscall, "openat");
		assert_count(row->count, 7, 7);
		assert_count(row->errors, 3, 3);
		assert_null(row->top_error.interval);
		assert_true(row->latency_avg_ns.interval == UNKNOWN);
		assert_true(row->latency_p99_ns.interval == UNKNOWN);
		return;
	}
	fail();
}

/* Recordings know names that the tables of this host may not have. */
static uint64_t detail_calls(struct fixture *f)
{
	uint64_t sum = 0;
	size_t n;
	void *const *rows = model_rows(f->model, PANE_SYSCALLS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct syscall_row *row = rows[i];

		assert_int_equal(row->row.detail, row->pid != UNKNOWN);
		if (!row->row.detail)
			continue;
		assert_ptr_equal(row->row.container, f->web);
		assert_true(row->pid == 10);
		sum += row->count.interval;
	}
	return sum;
}

static void calls_of_the_focus_have_rows_of_their_own(void **state)
{
	static const struct model_focus none;
	struct fixture *f = *state;

	model_set_focus(f->model, (struct model_focus){ f->web->serial, 10 });
	for (int i = 0; i < 2; i++) {
		add_call(f, f->web, 10, SYS_openat, 3);
		add_call(f, f->web, 11, SYS_openat, 4);
		add_call(f, f->web, 10, SYS_close, 5);
		add_call(f, f->db, 10, SYS_openat, 100);
		update(f);
	}
	assert_int_equal(row_number(f, PANE_SYSCALLS), 3 + 2);
	assert_int_equal(detail_calls(f), 8);
	assert_count(container_row(f, f->web)->syscalls, 12, 24);
	model_set_focus(f->model, none);
	assert_int_equal(row_number(f, PANE_SYSCALLS), 3);
	assert_int_equal(detail_calls(f), 0);
}

static void given_call_names_are_kept(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_call(f, f->web, UNKNOWN, SYSCALL_COMPAT | 3, 1)->name = "32:re\nad";
	update(f);
	row = only_row(f, PANE_SYSCALLS);
	assert_string_equal(row->syscall, "32:re?ad");
	assert_int_equal(row->nr, 3);
	assert_int_equal(row_number(f, PANE_PROCESSES), 0);
}

static void remainders_are_of_the_container_alone(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 100);
	*sample_add_remainder(&f->sample) = (struct remainder_sample){
		.container = f->web,
		.rx_bytes = 11, .tx_bytes = 12, .rx_packets = 13, .tx_packets = 14,
		.disk_bytes = { [DISK_READ] = 15, [DISK_WRITE] = 16, [DISK_DISCARD] = 99 },
		.disk_operations = { [DISK_READ] = 17, [DISK_WRITE] = 18, [DISK_FLUSH] = 99 },
		.syscalls = 19, .errors = 20,
	};
	update(f);
	for (int i = 0; i < 2; i++) {
		const struct container_row *total = model_total(f->model);
		const struct container_row *row = i ? container_row(f, f->web) : total;

		assert_count(row->rx_bytes, 111, 111);
		assert_count(row->tx_bytes, 212, 212);
		assert_count(row->rx_packets, 14, 14);
		assert_count(row->tx_packets, 16, 16);
		assert_count(row->read_bytes, 15, 15);
		assert_count(row->write_bytes, 16, 16);
		assert_count(row->reads, 17, 17);
		assert_count(row->writes, 18, 18);
		assert_count(row->syscalls, 19, 19);
		assert_count(row->errors, 20, 20);
	}
	assert_count(((const struct flow_row *)only_row(f, PANE_FLOWS))->rx_bytes, 100, 100);
	assert_int_equal(row_number(f, PANE_DISKS) + row_number(f, PANE_SYSCALLS), 0);
}

/* ---- disks */

static void disks_fold_by_container_and_device(void **state)
{
	struct fixture *f = *state;
	const struct disk_row *row;
	struct disk_sample *disk;

	disk = add_disk(f, f->web, DISK_DEVICE(8, 1), 512);
	disk->operations[DISK_DISCARD] = 3;
	disk->errors = 1;
	disk = add_disk(f, f->web, DISK_DEVICE(8, 1), 1024);
	disk->operations[DISK_FLUSH] = 4;
	update(f);
	row = only_row(f, PANE_DISKS);
	assert_string_equal(row->device, "8:1");
	assert_int_equal(row->major, 8);
	assert_int_equal(row->minor, 1);
	assert_count(row->read_bytes, 1536, 1536);
	assert_count(row->write_bytes, 3072, 3072);
	assert_count(row->reads, 2, 2);
	assert_count(row->writes, 4, 4);
	assert_count(row->discards, 3, 3);
	assert_count(row->flushes, 4, 4);
	assert_count(row->io_errors, 1, 1);
	assert_count(container_row(f, f->web)->read_bytes, 1536, 1536);
	assert_count(container_row(f, f->web)->writes, 4, 4);
	assert_count(container_row(f, f->web)->errors, 0, 0);
	strcpy(add_disk(f, f->web, DISK_DEVICE(8, 1), 1)->name, "sd\x1b" "a1");
	add_disk(f, f->web, DISK_DEVICE(8, 1), 1);
	add_disk(f, f->web, DISK_DEVICE(259, 1048575), 1);
	update(f);
	assert_string_equal(row->device, "sd?a1");
	assert_int_equal(row_number(f, PANE_DISKS), 2);
}

static void disks_work_for_their_holders(void **state)
{
	struct fixture *f = *state;
	struct disk_sample *disk;

	add_disk(f, f->web, DISK_DEVICE(253, 0), 512)->pid = 10;
	disk = add_disk(f, f->web, DISK_DEVICE(8, 1), 512);
	disk->pid = 10;
	strcpy(disk->holders, "dm-\x1b,dm-1");
	strcpy(f->sample.disks[0].volume, "vg-\x1b");
	update(f);
	assert_int_equal(row_number(f, PANE_DISKS), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct disk_row *row = model_rows(f->model, PANE_DISKS, &(size_t){ 0 })[i];

		assert_count(row->read_bytes, 512, 512);
		if (row->major == 8) {
			assert_string_equal(row->holders, "dm-?,dm-1");
			assert_null(row->volume);
		} else {
			assert_null(row->holders);
			assert_string_equal(row->volume, "vg-?");
		}
	}
	assert_count(container_row(f, f->web)->read_bytes, 512, 512);
	assert_count(container_row(f, f->web)->writes, 2, 2);
	assert_count(process_row(f, 10)->read_bytes, 512, 512);
}

static void disk_latencies_are_of_the_interval(void **state)
{
	struct fixture *f = *state;
	const struct disk_row *row;
	struct disk_sample *disk;

	/* 100 operations of 18 us and one of 1.1 ms, in two parts */
	disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	disk->timed = 100;
	disk->latency_ns = 1800000;
	disk->latency_max_ns = 19999;
	disk->histogram[12] = 100;
	disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	disk->timed = 1;
	disk->latency_ns = disk->latency_max_ns = 1100000;
	disk->histogram[36] = 1;
	update(f);
	row = only_row(f, PANE_DISKS);
	assert_int_equal(row->latency.avg_us, 28);
	assert_int_equal(row->latency.p50_us, 18);
	assert_int_equal(row->latency.p99_us, 19);
	assert_int_equal(row->latency.max_us, 1100);
	/* a percentile that lies within its bucket never exceeds the longest seen */
	disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	disk->timed = 1;
	disk->latency_ns = disk->latency_max_ns = 1030000;
	disk->histogram[36] = 1;
	update(f);
	assert_int_equal(row->latency.avg_us, 1030);
	assert_int_equal(row->latency.p99_us, 1030);
	assert_int_equal(row->latency.max_us, 1030);
	update(f);
	assert_true(row->latency.avg_us == UNKNOWN && row->latency.p50_us == UNKNOWN);
	assert_true(row->latency.p99_us == UNKNOWN && row->latency.max_us == UNKNOWN);
	/* nothing was timed */
	add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	update(f);
	assert_true(row->latency.avg_us == UNKNOWN && row->latency.max_us == UNKNOWN);
}

static void given_percentiles_are_kept(void **state)
{
	struct fixture *f = *state;
	struct disk_sample *disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	const struct disk_row *row;

	disk->timed = 1;
	disk->latency_ns = 300000;
	disk->latency_max_ns = 900000;
	disk->latency_p50_us = 250;
	disk->latency_p99_us = 850;
	update(f);
	row = only_row(f, PANE_DISKS);
	assert_int_equal(row->latency.avg_us, 300);
	assert_int_equal(row->latency.p50_us, 250);
	assert_int_equal(row->latency.p99_us, 850);
	assert_int_equal(row->latency.max_us, 900);
	disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 1);
	disk->latency_ns = disk->latency_max_ns = UNKNOWN;
	disk->timed = UNKNOWN;
	update(f);
	assert_true(row->latency.avg_us == UNKNOWN && row->latency.p50_us == UNKNOWN);
	assert_true(row->latency.p99_us == UNKNOWN && row->latency.max_us == UNKNOWN);
}

static void written_bytes_are_direct_or_written_back(void **state)
{
	struct fixture *f = *state;
	const struct disk_row *row;
	struct disk_sample *disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 512);

	disk->writeback_bytes = 1000;
	disk->bytes[DISK_DISCARD] = 77;
	disk->queued = 2;
	disk->queue_ns = 30000;
	disk->queue_max_ns = 25000;
	update(f);
	row = only_row(f, PANE_DISKS);
	assert_count(row->write_bytes, 1024, 1024);
	assert_count(row->direct_write_bytes, 24, 24);
	assert_count(row->writeback_bytes, 1000, 1000);
	assert_count(row->discard_bytes, 77, 77);
	assert_int_equal(row->queue_avg_us, 15);
	assert_int_equal(row->queue_max_us, 25);
	/* of a recording that does not tell */
	disk = add_disk(f, f->web, DISK_DEVICE(8, 0), 512);
	disk->writeback_bytes = disk->queued = UNKNOWN;
	update(f);
	assert_count(row->write_bytes, 1024, 2048);
	assert_count(row->direct_write_bytes, 0, 24);
	assert_true(row->queue_avg_us == UNKNOWN && row->queue_max_us == UNKNOWN);
}

static void disks_of_known_processes_are_theirs(void **state)
{
	struct fixture *f = *state;
	const struct process_row *row;
	struct disk_sample *disk;

	/* Two disks, and what is nobody's in particular. */
	for (uint32_t minor = 0; minor < 3; minor++) {
		disk = add_disk(f, f->web, DISK_DEVICE(8, minor), 100);
		disk->pid = minor < 2 ? 10 : UNKNOWN;
		disk->timed = 1;
		disk->latency_ns = disk->latency_max_ns = 1000 * (minor + 1);
		disk->histogram[minor + 1] = 1;
	}
	strcpy(disk[-1].comm, "writer");
	update(f);
	row = only_row(f, PANE_PROCESSES);
	assert_int_equal(row->pid, 10);
	assert_string_equal(row->comm, "writer");
	assert_count(row->read_bytes, 200, 200);
	assert_count(row->write_bytes, 400, 400);
	assert_count(row->reads, 2, 2);
	assert_count(row->writes, 4, 4);
	assert_int_equal(row->disk_latency.max_us, 2);
	assert_int_equal(row->disk_latency.p99_us, 2);
	assert_count(container_row(f, f->web)->read_bytes, 300, 300);
}

/* ---- processes */

static void processes_have_calls_and_flows(void **state)
{
	struct fixture *f = *state;
	struct syscall_sample *call = add_call(f, f->web, 10, SYS_read, 3);
	struct process_sample *process;
	const struct process_row *row;

	memcpy(call->comm, "worker", 7);
	call->uid = 33;
	add_call(f, f->web, 10, SYS_write, 4)->errors = 2;
	add_flow(f, f->web, 80, 100)->pid = 10;
	add_flow(f, f->web, 81, 10)->pid = 10;
	add_flow(f, f->web, 82, 1);
	add_flow(f, f->db, 80, 1000)->pid = 10;	/* same number, another container */
	update(f);
	assert_int_equal(row_number(f, PANE_PROCESSES), 2);
	row = process_row(f, 10);
	if (row->row.container != f->web)
		row = model_rows(f->model, PANE_PROCESSES, &(size_t){ 0 })[1];
	assert_ptr_equal(row->row.container, f->web);
	assert_count(row->syscalls, 7, 7);
	assert_count(row->errors, 2, 2);
	assert_count(row->rx_bytes, 110, 110);
	assert_count(row->tx_bytes, 220, 220);
	assert_count(row->read_bytes, 0, 0);
	assert_count(row->file_write_bytes, UNKNOWN, UNKNOWN);
	assert_true(row->disk_latency.avg_us == UNKNOWN);
	assert_string_equal(row->comm, "worker");
	assert_int_equal(row->uid, 33);
	assert_true(row->nspid == UNKNOWN && row->ppid == UNKNOWN);
	assert_true(!row->user && !row->command);
	process = sample_add_process(&f->sample);
	process->container = f->web;
	process->pid = 10;
	process->nspid = 1;
	memcpy(process->comm, "nginx", 6);
	update(f);
	assert_false(row->row.active);
	memcpy(add_call(f, f->web, 10, SYS_read, 3)->comm, "worker", 7);
	update(f);
	assert_true(row->row.active);
	assert_string_equal(row->comm, "nginx");
	assert_int_equal(row->nspid, 1);
	assert_count(row->rx_bytes, 0, 110);
	assert_count(row->syscalls, 3, 10);
}

/* A recording's processes have calls of their own; those of its containers come from elsewhere. */
static void calls_of_recorded_processes(void **state)
{
	struct fixture *f = *state;
	struct process_sample *process = sample_add_process(&f->sample);
	const struct process_row *row;

	process->container = f->web;
	process->pid = 10;
	process->syscalls = 6;
	process->errors = 1;
	add_call(f, f->web, UNKNOWN, SYS_read, 6);
	update(f);
	row = only_row(f, PANE_PROCESSES);
	assert_true(row->row.active);
	assert_count(row->syscalls, 6, 6);
	assert_count(row->errors, 1, 1);
	assert_count(container_row(f, f->web)->syscalls, 6, 6);
}

static void end_process(struct fixture *f, struct container *container, uint64_t pid)
{
	struct process_sample *process = sample_add_process(&f->sample);

	process->container = container;
	process->pid = pid;
	process->ended = true;
}

static void ended_rows_are_shown_once_more(void **state)
{
	struct fixture *f = *state;
	struct flow_sample *flow;

	add_flow(f, f->web, 80, 100);
	add_call(f, f->web, 10, SYS_read, 1);
	update(f);
	flow = add_flow(f, f->web, 80, 5);
	flow->ended = true;
	add_call(f, f->web, 10, SYS_read, 1);
	end_process(f, f->web, 10);
	update(f);
	assert_true(((const struct row *)only_row(f, PANE_FLOWS))->active);
	assert_true(((const struct row *)only_row(f, PANE_FLOWS))->ended);
	assert_true(((const struct row *)only_row(f, PANE_PROCESSES))->active);
	assert_true(((const struct row *)only_row(f, PANE_PROCESSES))->ended);
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 0);
	assert_int_equal(row_number(f, PANE_PROCESSES), 0);
	assert_count(container_row(f, f->web)->rx_bytes, 0, 105);
	/* what comes under the same key later is new */
	add_flow(f, f->web, 80, 1);
	update(f);
	assert_count(((const struct flow_row *)only_row(f, PANE_FLOWS))->rx_bytes, 1, 1);
}

/* An end by itself is nothing that was done: there for the totals, but not active. */
static void ends_alone_are_not_active(void **state)
{
	struct fixture *f = *state;
	struct flow_sample *flow;

	add_flow(f, f->web, 80, 100);
	add_call(f, f->web, 10, SYS_read, 1);
	update(f);
	flow = add_flow(f, f->web, 80, 0);
	flow->rx_packets = flow->tx_packets = 0;
	flow->ended = true;
	end_process(f, f->web, 10);
	update(f);
	assert_count(((const struct flow_row *)only_row(f, PANE_FLOWS))->rx_bytes, 0, 100);
	assert_false(((const struct row *)only_row(f, PANE_FLOWS))->active);
	assert_true(((const struct row *)only_row(f, PANE_FLOWS))->ended);
	assert_false(((const struct row *)only_row(f, PANE_PROCESSES))->active);
	assert_true(((const struct row *)only_row(f, PANE_PROCESSES))->ended);
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 0);
	assert_int_equal(row_number(f, PANE_PROCESSES), 0);
}

/* Nothing tells the end of a process that only flows know: it goes with the last of them. */
static void processes_of_flows_go_with_them(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 1)->pid = 10;
	add_flow(f, f->web, 81, 1)->pid = 10;
	update(f);
	add_flow(f, f->web, 80, 1)->ended = true;
	update(f);
	update(f);
	assert_int_equal(row_number(f, PANE_FLOWS), 1);
	assert_count(process_row(f, 10)->rx_bytes, 0, 3);
	add_flow(f, f->web, 81, 1)->ended = true;
	update(f);
	assert_count(process_row(f, 10)->rx_bytes, 1, 4);
	update(f);
	assert_null(find_process(f, 10));
}

/* Sockets outlive their maker in its children: its row stays for them. */
static void ended_processes_stay_with_their_flows(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 1)->pid = 10;
	add_call(f, f->web, 10, SYS_read, 1);
	update(f);
	end_process(f, f->web, 10);
	update(f);
	assert_true(process_row(f, 10)->row.ended);
	add_flow(f, f->web, 80, 1)->pid = 10;
	update(f);
	assert_false(process_row(f, 10)->row.ended);
	assert_count(process_row(f, 10)->rx_bytes, 1, 2);
	add_flow(f, f->web, 80, 1)->ended = true;
	update(f);
	update(f);
	assert_null(find_process(f, 10));
}

/* A flow that changes hands is counted for whoever has it. */
static void flows_may_change_process(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 1)->pid = 10;
	add_flow(f, f->web, 80, 2)->pid = 11;
	update(f);
	assert_count(process_row(f, 10)->rx_bytes, 1, 1);
	assert_count(process_row(f, 11)->rx_bytes, 2, 2);
	update(f);
	assert_null(find_process(f, 10));
	assert_non_null(find_process(f, 11));
}

/* ---- what is not known */

static void what_is_not_counted_is_not_known(void **state)
{
	static const struct {
		bool counted[PANE_COUNT];
		uint64_t network, blocks, calls;
	} cases[] = {
		{ { true, false, true, true, true }, UNKNOWN, 3, 3 },
		{ { true, true, false, true, true }, 3, UNKNOWN, 3 },
		{ { true, true, true, false, true }, 3, 3, UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture *f = fixture_new(cases[i].counted);
		const struct process_row *process;

		update(f);
		for (int j = 0; j < 2; j++) {
			const struct container_row *row = container_row(f, f->web);
			const struct container_row *total = model_total(f->model);
			uint64_t n = j ? 3 : 0;

			assert_count(row->rx_bytes, cases[i].network == UNKNOWN ? UNKNOWN : n,
				     cases[i].network == UNKNOWN ? UNKNOWN : n);
			assert_count(row->reads, cases[i].blocks == UNKNOWN ? UNKNOWN : n,
				     cases[i].blocks == UNKNOWN ? UNKNOWN : n);
			assert_count(row->errors, cases[i].calls == UNKNOWN ? UNKNOWN : n,
				     cases[i].calls == UNKNOWN ? UNKNOWN : n);
			assert_count(row->file_reads, UNKNOWN, UNKNOWN);
			assert_true(row->rx_bytes.total == total->rx_bytes.total);
			assert_true(row->reads.total == total->reads.total);
			assert_true(row->errors.total == total->errors.total);
			*sample_add_remainder(&f->sample) = (struct remainder_sample){
				.container = f->web, .rx_bytes = 3, .errors = 3,
				.disk_operations = { [DISK_READ] = 3 },
			};
			end_process(f, f->web, 10);
			update(f);
		}
		process = only_row(f, PANE_PROCESSES);
		assert_count(process->rx_bytes, cases[i].network == UNKNOWN ? UNKNOWN : 0,
			     cases[i].network == UNKNOWN ? UNKNOWN : 0);
		assert_count(process->syscalls, cases[i].calls == UNKNOWN ? UNKNOWN : 0,
			     cases[i].calls == UNKNOWN ? UNKNOWN : 0);
		tear_down((void **)&f);
	}
}

static void unknown_counters_add_nothing(void **state)
{
	struct fixture *f = *state;
	const struct flow_row *row;

	add_flow(f, f->web, 80, 1)->retransmits = UNKNOWN;
	update(f);
	row = only_row(f, PANE_FLOWS);
	assert_count(row->retransmits, UNKNOWN, UNKNOWN);
	assert_count(container_row(f, f->web)->retransmits, 0, 0);
	update(f);
	assert_count(row->retransmits, UNKNOWN, UNKNOWN);
	add_flow(f, f->web, 80, 1)->retransmits = 3;
	add_flow(f, f->web, 80, 1)->retransmits = UNKNOWN;
	update(f);
	assert_count(row->retransmits, 3, 3);
	assert_count(container_row(f, f->web)->retransmits, 3, 3);
	update(f);
	assert_count(row->retransmits, 0, 3);
}

/* A recording may say anything: sums stay known, and large. */
static void sums_never_wrap(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 80, 1)->rx_bytes = UNKNOWN - 1;
	add_flow(f, f->web, 80, 1)->rx_bytes = 5;
	update(f);
	add_flow(f, f->web, 80, 7);
	update(f);
	assert_count(((const struct flow_row *)only_row(f, PANE_FLOWS))->rx_bytes, 7, UNKNOWN - 1);
}

static void accuracy_adds_up(void **state)
{
	struct fixture *f = *state;

	f->sample.accuracy.missed_runs = 3;
	f->sample.accuracy.unattributed_bytes = 100;
	update(f);
	f->sample.accuracy.missed_runs = 4;
	f->sample.accuracy.unattributed_bytes = UNKNOWN;
	f->sample.time.tv_sec = 12345;
	update(f);
	assert_int_equal(model_accuracy(f->model, false)->missed_runs, 4);
	assert_int_equal(model_accuracy(f->model, true)->missed_runs, 7);
	assert_true(model_accuracy(f->model, false)->unattributed_bytes == UNKNOWN);
	assert_int_equal(model_accuracy(f->model, true)->unattributed_bytes, 100);
	assert_int_equal(model_time(f->model).tv_sec, 12345);
	assert_int_equal(model_interval_ns(f->model), NSEC_PER_SEC);
}

/* ---- containers that exit */

static void fill_panes(struct fixture *f, struct container *container)
{
	add_flow(f, container, 80, 1)->pid = 10;
	add_disk(f, container, DISK_DEVICE(8, 0), 1);
	add_call(f, container, 10, SYS_read, 1);
}

static void container_exits(struct fixture *f, struct container *container)
{
	container->exited = true;
	container->exited_ns = f->now;
}

static void exited_containers_linger(void **state)
{
	struct fixture *f = *state;
	size_t n;

	fill_panes(f, f->web);
	fill_panes(f, f->db);
	update(f);
	container_exits(f, f->web);
	for (int i = 0; i < 10; i++)
		update(f);
	assert_non_null(find_container(f, f->web));
	assert_int_equal(row_number(f, PANE_FLOWS), 2);
	update(f);
	assert_null(find_container(f, f->web));
	for (enum pane_id pane = PANE_FLOWS; pane < PANE_EVENTS; pane++)
		assert_ptr_equal(((const struct row *)only_row(f, pane))->container, f->db);
	containers_all(f->containers, &n);
	assert_int_equal(n, 2);
	assert_count(model_total(f->model)->rx_bytes, 0, 2);
	fill_panes(f, f->db);
	update(f);
	assert_int_equal(row_number(f, PANE_CONTAINERS), 2);
}

/* However short the time they linger, they are shown once, with their last counts. */
static void exited_containers_are_shown_once(void **state)
{
	struct fixture *f = *state;

	update(f);
	container_exits(f, f->web);
	fill_panes(f, f->web);
	f->now += 2 * LINGER;
	update(f);
	assert_count(container_row(f, f->web)->rx_bytes, 1, 1);
	assert_true(container_row(f, f->web)->row.container->exited);
	update(f);
	assert_null(find_container(f, f->web));
	assert_int_equal(row_number(f, PANE_PROCESSES), 0);
}

static void idle_containers_are_shown_exited_too(void **state)
{
	struct fixture *f = *state;

	update(f);
	container_exits(f, f->web);
	f->now += 2 * LINGER;
	update(f);
	assert_true(container_row(f, f->web)->row.container->exited);
	update(f);
	assert_null(find_container(f, f->web));
}

/* What comes late is not lost, and does not keep the others. */
static void exited_containers_stay_while_counts_come(void **state)
{
	struct fixture *f = *state;

	container_exits(f, f->db);
	f->now++;
	container_exits(f, f->web);
	update(f);
	f->now += 2 * LINGER;
	fill_panes(f, f->web);
	update(f);
	assert_count(container_row(f, f->web)->rx_bytes, 1, 1);
	assert_null(find_container(f, f->db));
	update(f);
	assert_null(find_container(f, f->web));
	assert_non_null(find_container(f, f->host));
}

/* The same connection, from the side that add_flow has as the other one. */
static struct flow_sample *add_mirrored_flow(struct fixture *f, struct container *container,
					     uint16_t port)
{
	struct flow_sample *flow = add_flow(f, container, 443, 1);
	uint8_t local[16];

	memcpy(local, flow->key.local_address, sizeof(local));
	memcpy(flow->key.local_address, flow->key.remote_address, sizeof(local));
	memcpy(flow->key.remote_address, local, sizeof(local));
	flow->key.remote_port = port;
	return flow;
}

static const struct container *peer_of(struct fixture *f, const struct container *container)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_FLOWS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct flow_row *row = rows[i];

		if (row->row.container == container)
			return row->peer;
	}
	fail_msg("no flow of that container");
	return NULL;
}

static void ends_of_a_flow_know_each_other(void **state)
{
	struct fixture *f = *state;

	add_flow(f, f->web, 40000, 1);
	update(f);
	assert_null(peer_of(f, f->web));
	add_mirrored_flow(f, f->db, 40000);
	update(f);
	assert_ptr_equal(peer_of(f, f->web), f->db);
	assert_ptr_equal(peer_of(f, f->db), f->web);
	add_mirrored_flow(f, f->db, 40000)->ended = true;
	update(f);
	update(f);
	assert_null(peer_of(f, f->web));
}

/* The kernel answers for sockets that are gone; that is not what the peer is. */
static void hosts_flows_do_not_stand_for_those_of_containers(void **state)
{
	for (int host_first = 0; host_first < 2; host_first++) {
		struct fixture *f = fixture_new(all_counted);
		void *own = f;

		(void)state;
		add_flow(f, f->web, 40000, 1);
		add_mirrored_flow(f, host_first ? f->host : f->db, 40000);
		update(f);
		add_mirrored_flow(f, host_first ? f->db : f->host, 40000);
		update(f);
		assert_ptr_equal(peer_of(f, f->web), f->db);
		assert_ptr_equal(peer_of(f, f->db), f->web);
		assert_null(peer_of(f, f->host));
		tear_down(&own);
	}
}

/* ---- events */

static struct event_sample *add_event(struct fixture *f, struct container *container,
				      uint64_t time_ns)
{
	struct event_sample *event = sample_add_event(&f->sample);

	assert_non_null(event);
	event->container = container;
	event->kind = LOG_CLOSE;
	event->time_ns = time_ns;
	return event;
}

static void events_are_rows(void **state)
{
	struct fixture *f = *state;
	struct event_sample *event = add_event(f, f->web, 5);
	const struct event_row *row;
	size_t n;

	event->key = (struct flow_key){ .local_port = 80, .remote_port = 81, .family = 4,
					.protocol = IPPROTO_TCP };
	event->error = ECONNRESET;
	event->direction = FLOW_IN;
	event->rx_bytes = 7;
	memcpy(event->comm, "nginx", 6);
	update(f);
	row = only_row(f, PANE_EVENTS);
	assert_string_equal(row->event, "close");
	assert_string_equal(row->error, "ECONNRESET");
	assert_string_equal(row->protocol, "tcp");
	assert_string_equal(row->direction, "in");
	assert_string_equal(row->comm, "nginx");
	assert_int_equal(row->local_port, 80);
	assert_int_equal(row->rx_bytes, 7);
	assert_true(row->tx_bytes == UNKNOWN);
	assert_true(row->row.active);
	update(f);
	only_row(f, PANE_EVENTS);
	model_touched_rows(f->model, PANE_EVENTS, &n);
	assert_int_equal(n, 0);
}

/* All of one interval are there, but few stay: the newest. */
static void old_events_go(void **state)
{
	struct fixture *f = *state;
	size_t n;
	void *const *rows;

	for (uint64_t i = 0; i < EVENTS_KEPT + 100; i++)
		add_event(f, f->web, i);
	update(f);
	assert_int_equal(row_number(f, PANE_EVENTS), EVENTS_KEPT + 100);
	add_event(f, f->web, EVENTS_KEPT + 100);
	update(f);
	rows = model_rows(f->model, PANE_EVENTS, &n);
	assert_int_equal(n, EVENTS_KEPT + 1);
	for (size_t i = 0; i < n; i++)
		assert_true(((const struct event_row *)rows[i])->time_ns >= 100);
}

static void events_outlive_their_container(void **state)
{
	struct fixture *f = *state;
	const struct event_row *row;

	add_event(f, f->web, 1);
	update(f);
	container_exits(f, f->web);
	for (int i = 0; i < 12; i++)
		update(f);
	assert_null(find_container(f, f->web));
	row = only_row(f, PANE_EVENTS);
	assert_string_equal(row->row.container->name, "web");
	assert_string_equal(row->row.container->id, "web");
	update(f);
	only_row(f, PANE_EVENTS);
}

/* What found no room is one row of its container, which is nobody's other end. */
static void flows_not_listed_are_one_row(void **state)
{
	struct fixture *f = *state;
	struct flow_sample *rest;
	void *const *rows;
	size_t n;

	add_flow(f, f->web, 80, 100);
	for (int i = 0; i < 2; i++) {
		rest = sample_add_flow(&f->sample);
		rest->container = i ? f->db : f->web;
		rest->rx_bytes = 7;
		rest->retransmits = UNKNOWN;
		strcpy(rest->comm, FLOWS_NOT_LISTED);
	}
	update(f);
	rows = model_rows(f->model, PANE_FLOWS, &n);
	assert_int_equal(n, 3);
	for (size_t i = 1; i < n; i++) {
		const struct flow_row *row = rows[i];

		assert_null(row->protocol);
		assert_null(row->family);
		assert_true(row->key.local_port == UNKNOWN32 && row->key.remote_port == UNKNOWN32);
		assert_int_equal(row->key.local.family, 0);
		assert_string_equal(row->comm, FLOWS_NOT_LISTED);
		assert_int_equal(row->rx_bytes.interval, 7);
		assert_null(row->peer);
	}
	assert_int_equal(model_total(f->model)->rx_bytes.interval, 114);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_container_has_a_row),
		TEST(flows_fold_by_container_and_key),
		TEST(flow_keys_differ_in_any_part),
		TEST(flows_may_change_places),
		TEST(flows_not_listed_are_one_row),
		TEST(ends_of_a_flow_know_each_other),
		cmocka_unit_test(hosts_flows_do_not_stand_for_those_of_containers),
		TEST(rows_rest_when_nothing_happens),
		cmocka_unit_test(flow_rows_say_what_they_are),
		TEST(gauges_stay),
		TEST(calls_fold_by_container_and_number),
		TEST(calls_of_the_focus_have_rows_of_their_own),
		TEST(given_call_names_are_kept),
		TEST(remainders_are_of_the_container_alone),
		TEST(disks_fold_by_container_and_device),
		TEST(disks_work_for_their_holders),
		TEST(disk_latencies_are_of_the_interval),
		TEST(written_bytes_are_direct_or_written_back),
		TEST(disks_of_known_processes_are_theirs),
		TEST(given_percentiles_are_kept),
		TEST(processes_have_calls_and_flows),
		TEST(calls_of_recorded_processes),
		TEST(ended_rows_are_shown_once_more),
		TEST(ends_alone_are_not_active),
		TEST(processes_of_flows_go_with_them),
		TEST(ended_processes_stay_with_their_flows),
		TEST(flows_may_change_process),
		cmocka_unit_test(what_is_not_counted_is_not_known),
		TEST(unknown_counters_add_nothing),
		TEST(sums_never_wrap),
		TEST(accuracy_adds_up),
		TEST(events_are_rows),
		TEST(old_events_go),
		TEST(events_outlive_their_container),
		TEST(exited_containers_linger),
		TEST(exited_containers_are_shown_once),
		TEST(idle_containers_are_shown_exited_too),
		TEST(exited_containers_stay_while_counts_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

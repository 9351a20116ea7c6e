/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples: what new elements are like, use again, and percentiles. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sample.h"
#include "util.h"

static void new_elements_know_no_gauges(void **state)
{
	struct sample sample = { 0 };
	struct flow_sample *flow = sample_add_flow(&sample);
	struct disk_sample *disk = sample_add_disk(&sample);
	struct syscall_sample *call = sample_add_syscall(&sample);
	struct process_sample *process = sample_add_process(&sample);
	struct remainder_sample *remainder = sample_add_remainder(&sample);
	const uint64_t gauges[] = {
		flow->rtt_us, flow->connect_us, flow->pid, flow->uid,
		disk->latency_p50_us, disk->latency_p99_us, call->pid, call->uid,
		process->pid, process->nspid, process->ppid, process->uid,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		assert_true(gauges[i] == UNKNOWN);
	assert_true(flow->rx_bytes == 0 && flow->retransmits == 0 && !flow->ended);
	assert_true(disk->bytes[DISK_WRITE] == 0 && disk->histogram[LATENCY_BUCKETS - 1] == 0);
	assert_true(call->count == 0 && process->syscalls == 0 && remainder->tx_bytes == 0);
	sample_done(&sample);
}

/* Elements are what they were when the array moves, and fresh when their place is used again. */
static void samples_grow_and_clear(void **state)
{
	struct sample sample = { 0 };
	const struct flow_sample *kept;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		sample_add_flow(&sample)->rx_bytes = i;
		sample_add_disk(&sample)->errors = i;
		sample_add_syscall(&sample)->count = i;
		sample_add_process(&sample)->pid = i;
		sample_add_remainder(&sample)->syscalls = i;
	}
	for (uint64_t i = 0; i < 1000; i++) {
		assert_true(sample.flows[i].rx_bytes == i && sample.disks[i].errors == i);
		assert_true(sample.syscalls[i].count == i && sample.processes[i].pid == i);
		assert_true(sample.remainders[i].syscalls == i);
	}
	sample.interval_ns = sample.monotonic_ns = sample.accuracy.lost_events = 5;
	kept = sample.flows;
	sample_clear(&sample);
	assert_int_equal(sample.n_flows + sample.n_disks + sample.n_syscalls +
			 sample.n_processes + sample.n_remainders, 0);
	assert_int_equal(sample.interval_ns + sample.monotonic_ns + sample.accuracy.lost_events, 0);
	assert_ptr_equal(sample_add_flow(&sample), kept);
	assert_int_equal(sample.flows[0].rx_bytes, 0);
	sample_done(&sample);
	assert_null(sample.flows);
}

static void complete(const void *table, const struct flow_growth *growth, struct flow_sample *flow)
{
	flow->pid = ((const uint64_t *)table)[growth->place];
}

/* The source adds what it knows to what its flow did; room for many is kept while they come. */
static void flows_are_completed_from_their_table(void **state)
{
	static const uint64_t table[] = { 10, 20 };
	struct sample sample = { .complete_flow = complete, .flow_table = table };
	struct flow_sample flow;

	(void)state;
	*sample_add_growth(&sample) = (struct flow_growth){
		.rx_bytes = 7, .rtt_us = UNKNOWN32, .cwnd = 3, .place = 1, .ended = true,
	};
	sample_complete_flow(&sample, &sample.growths[0], &flow);
	assert_true(flow.rx_bytes == 7 && flow.tx_bytes == 0 && flow.ended && flow.place == 1);
	assert_true(flow.rtt_us == UNKNOWN && flow.cwnd == 3);
	assert_true(flow.pid == 20 && flow.uid == UNKNOWN);
	for (int i = 0; i < 100000; i++)
		*sample_add_growth(&sample) = (struct flow_growth){ 0 };
	sample_clear(&sample);
	assert_int_equal(sample.n_growths, 0);
	assert_non_null(sample.growths);
	sample_clear(&sample);
	assert_null(sample.growths);
	sample_done(&sample);
}

struct operations {
	unsigned int bucket;
	uint32_t n;
};

static void percentiles(void **state)
{
	static const struct {
		struct operations operations[3];
		double share;
		uint64_t us;
	} cases[] = {
		{ { { 0, 0 } }, 0.5, UNKNOWN },
		/* one operation: the middle of its bucket, [16, 20) */
		{ { { 12, 1 } }, 0.5, 18 },
		{ { { 12, 1 } }, 0.99, 18 },
		{ { { 12, 1 } }, 0, 18 },
		{ { { 12, 1 } }, 1, 18 },
		/* 99 of 100 below 20 us, one at 1024 us or more, below 1280 */
		{ { { 12, 99 }, { 36, 1 } }, 0.5, 18 },
		{ { { 12, 99 }, { 36, 1 } }, 0.99, 19 },
		{ { { 12, 99 }, { 36, 1 } }, 0.991, 1152 },
		{ { { 12, 99 }, { 36, 1 } }, 1, 1152 },
		/* two halves */
		{ { { 4, 50 }, { 20, 50 } }, 0.5, 4 },
		{ { { 4, 50 }, { 20, 50 } }, 0.51, 64 },
		/* the last bucket has no end: its start is told */
		{ { { 87, 7 } }, 0.99, 7 << 20 },
		{ { { 0, 3 } }, 0.99, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t histogram[LATENCY_BUCKETS] = { 0 };

		for (size_t j = 0; j < ARRAY_SIZE(cases[i].operations); j++)
			histogram[cases[i].operations[j].bucket] += cases[i].operations[j].n;
		assert_true(histogram_percentile(histogram, cases[i].share) == cases[i].us);
	}
}

/* What the header of the buckets promises: off by an eighth at most. */
static void percentiles_are_near(void **state)
{
	(void)state;
	for (size_t i = 4; i < LATENCY_BUCKETS - 1; i++) {
		uint32_t histogram[LATENCY_BUCKETS] = { [0] = 0 };
		uint64_t start = LATENCY_FLOOR(i), end = LATENCY_FLOOR(i + 1), us;

		histogram[i] = 1;
		us = histogram_percentile(histogram, 0.5);
		assert_true(us >= start && us < end);
		assert_true((end - 1 - us) * 8 <= us && (us - start) * 8 <= start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_elements_know_no_gauges),
		cmocka_unit_test(samples_grow_and_clear),
		cmocka_unit_test(flows_are_completed_from_their_table),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(percentiles_are_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of system calls: errors, times, and details of processes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "model.h"
#include "util.h"

struct fixture {
	struct containers *containers;
	struct container *web;		/* borrowed */
	struct model *model;
	struct sample sample;
	uint64_t now;
};

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true, true };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->model = model_new(counted);
	f->now = 1000 * NSEC_PER_SEC;
	*state = f;
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
	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	sample_clear(&f->sample);
}

static struct syscall_sample *add_call(struct fixture *f, uint64_t pid, uint64_t count)
{
	struct syscall_sample *call = sample_add_syscall(&f->sample);

	call->container = f->web;
	call->pid = pid;
	call->nr = SYS_openat;
	call->count = count;
	strcpy(call->comm, "sh");
	return call;
}

/* A call that failed so often with each of these errors. */
static void add_failed(struct fixture *f, const struct call_error *errors, size_t n)
{
	struct syscall_sample *call = add_call(f, 10, 0);

	for (size_t i = 0; i < n; i++) {
		call->top[i] = errors[i];
		call->errors += errors[i].count;
	}
	call->count = call->errors;
}

/* The row of a process; UNKNOWN: of all. NULL: there is none. */
static const struct syscall_row *row_of(struct fixture *f, uint64_t pid)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_SYSCALLS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct syscall_row *row = rows[i];

		if (row->pid == pid)
			return row;
	}
	return NULL;
}

/* Fails when there is none. */
static const struct syscall_row *the_row(struct fixture *f, uint64_t pid)
{
	const struct syscall_row *row = row_of(f, pid);

	if (!row)
		abort();
	return row;
}

#define assert_count(count, in_interval, in_total) do {		\
	assert_int_equal((count).interval, in_interval);		\
	assert_int_equal((count).total, in_total);			\
} while (0)

/* ---- errors */

static void the_top_error_is_that_of_all_threads(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_failed(f, (struct call_error[]){ { ENOENT, 5 }, { EACCES, 4 } }, 2);
	add_failed(f, (struct call_error[]){ { EACCES, 3 }, { ENOENT, 1 } }, 2);
	update(f);
	row = the_row(f, UNKNOWN);
	assert_string_equal(row->top_error.interval, "EACCES");
	assert_count(row->top_errors, 7, 7);
	assert_count(row->errors, 13, 13);
}

static void the_top_error_is_of_the_interval_or_of_all(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_failed(f, (struct call_error[]){ { ENOENT, 5 } }, 1);
	update(f);
	add_failed(f, (struct call_error[]){ { EPERM, 2 } }, 1);
	update(f);
	row = the_row(f, UNKNOWN);
	assert_string_equal(row->top_error.interval, "EPERM");
	assert_string_equal(row->top_error.total, "ENOENT");
	assert_count(row->top_errors, 2, 5);
	update(f);
	assert_null(row->top_error.interval);
	assert_string_equal(row->top_error.total, "ENOENT");
	assert_count(row->top_errors, 0, 5);
}

static void errors_that_nobody_told_apart_are_not_known(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_call(f, 10, 3)->errors = 2;
	update(f);
	row = the_row(f, UNKNOWN);
	assert_null(row->top_error.interval);
	assert_true(row->top_errors.interval == UNKNOWN);
	assert_count(row->errors, 2, 2);
}

static void more_errors_than_places_lose_the_rarest(void **state)
{
	struct fixture *f = *state;

	add_failed(f, (struct call_error[]){ { ENOENT, 100 } }, 1);
	for (uint32_t error = 50; error < 50 + 3 * ROW_FAILURES; error++)
		add_failed(f, (struct call_error[]){ { error, 1 } }, 1);
	update(f);
	assert_string_equal(the_row(f, UNKNOWN)->top_error.interval, "ENOENT");
	assert_count(the_row(f, UNKNOWN)->top_errors, 100, 100);
	assert_count(the_row(f, UNKNOWN)->errors, 100 + 3 * ROW_FAILURES, 100 + 3 * ROW_FAILURES);
}

/* ---- times */

/* n calls of about ns each: of the bucket that begins there. */
static void add_timed(struct fixture *f, uint64_t pid, size_t bucket, uint64_t n)
{
	const uint64_t ns = CALL_FLOOR(bucket) << CALL_UNIT_BITS;
	struct call_latency *latency = sample_add_latency(&f->sample, add_call(f, pid, n));

	latency->sum_ns = n * ns;
	latency->timed = n;
	latency->max_ns = ns;
	latency->histogram[bucket] = n;
}

static void what_was_not_timed_is_not_known(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_call(f, 10, 5);
	update(f);
	row = the_row(f, UNKNOWN);
	assert_true(row->latency_ns.interval == UNKNOWN && row->latency_ns.total == UNKNOWN);
	assert_true(row->latency_avg_ns.interval == UNKNOWN);
	assert_true(row->latency_p50_ns.interval == UNKNOWN);
	assert_true(row->latency_p99_ns.interval == UNKNOWN);
	assert_true(row->latency_max_ns.interval == UNKNOWN);
}

static void times_add_up(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_timed(f, 10, 6, 98);	/* 512 ns */
	add_timed(f, 11, 26, 2);	/* 524 us */
	update(f);
	row = the_row(f, UNKNOWN);
	assert_count(row->latency_ns, 98 * 512 + 2 * 524288, 98 * 512 + 2 * 524288);
	assert_int_equal(row->latency_avg_ns.interval, (98 * 512 + 2 * 524288) / 100);
	assert_in_range(row->latency_p50_ns.interval, 512, 768);
	/* Never beyond the longest. */
	assert_int_equal(row->latency_p99_ns.interval, 524288);
	assert_int_equal(row->latency_max_ns.interval, 524288);
}

static void times_are_of_the_interval_or_of_all(void **state)
{
	struct fixture *f = *state;
	const struct syscall_row *row;

	add_timed(f, 10, 26, 1);
	update(f);
	add_timed(f, 10, 6, 3);
	update(f);
	row = the_row(f, UNKNOWN);
	assert_count(row->latency_ns, 3 * 512, 3 * 512 + 524288);
	assert_count(row->latency_max_ns, 512, 524288);
	assert_count(row->latency_avg_ns, 512, (3 * 512 + 524288) / 4);
	/* Timing has ended. */
	add_call(f, 10, 7);
	update(f);
	assert_true(row->latency_avg_ns.interval == UNKNOWN);
	assert_true(row->latency_ns.interval == UNKNOWN);
	assert_int_equal(row->latency_max_ns.total, 524288);
}

/* ---- details */

static void processes_have_rows_when_asked_for(void **state)
{
	struct fixture *f = *state;

	add_call(f, 10, 3);
	update(f);
	assert_null(row_of(f, 10));
	model_split_calls(f->model, true);
	add_failed(f, (struct call_error[]){ { ENOENT, 4 } }, 1);
	add_timed(f, 11, 6, 5);
	update(f);
	assert_count(the_row(f, UNKNOWN)->count, 9, 12);
	assert_count(the_row(f, 10)->count, 4, 4);
	assert_string_equal(the_row(f, 10)->top_error.interval, "ENOENT");
	assert_string_equal(the_row(f, 10)->comm, "sh");
	assert_true(the_row(f, 10)->latency_avg_ns.interval == UNKNOWN);
	assert_int_equal(the_row(f, 11)->latency_avg_ns.interval, 512);
	model_split_calls(f->model, false);
	assert_null(row_of(f, 10));
	assert_count(the_row(f, UNKNOWN)->count, 9, 12);
}

static void details_end_with_their_process(void **state)
{
	struct fixture *f = *state;
	struct process_sample *process;

	model_split_calls(f->model, true);
	add_call(f, 10, 3);
	add_call(f, 11, 3);
	process = sample_add_process(&f->sample);
	process->container = f->web;
	process->pid = 10;
	process->ended = true;
	update(f);
	assert_non_null(row_of(f, 10));
	update(f);
	assert_null(row_of(f, 10));
	assert_non_null(row_of(f, 11));
	assert_non_null(row_of(f, UNKNOWN));
}

/* Calls that came as those of no process: what the process had counted is not all. */
static void merged_calls_are_the_containers_alone(void **state)
{
	struct fixture *f = *state;
	const struct process_row *process;
	void *const *rows;
	size_t n;

	add_call(f, 10, 3);
	update(f);
	rows = model_rows(f->model, PANE_PROCESSES, &n);
	assert_int_equal(n, 1);
	process = rows[0];
	assert_int_equal(process->syscalls.total, 3);
	f->sample.merged = true;
	add_call(f, UNKNOWN, 4);
	update(f);
	assert_int_equal(process->syscalls.interval, UNKNOWN);
	assert_int_equal(process->syscalls.total, UNKNOWN);
	assert_int_equal(process->file_read_bytes.total, UNKNOWN);
	assert_non_null(row_of(f, UNKNOWN));
	assert_int_equal(model_total(f->model)->syscalls.interval, 4);
	assert_int_equal(model_total(f->model)->syscalls.total, 7);
	f->sample.merged = true;
	update(f);
	assert_int_equal(process->syscalls.interval, UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_top_error_is_that_of_all_threads),
		TEST(the_top_error_is_of_the_interval_or_of_all),
		TEST(errors_that_nobody_told_apart_are_not_known),
		TEST(more_errors_than_places_lose_the_rarest),
		TEST(what_was_not_timed_is_not_known),
		TEST(times_add_up),
		TEST(times_are_of_the_interval_or_of_all),
		TEST(processes_have_rows_when_asked_for),
		TEST(details_end_with_their_process),
		TEST(merged_calls_are_the_containers_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

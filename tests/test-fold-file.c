/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in the model: a row for each file of a process, and sums of all that was done to files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "model.h"
#include "util.h"

#define FILES_COUNTED { [PANE_SYSCALLS] = true, [PANE_FILES] = true }

struct fixture {
	struct containers *containers;
	struct container *web;		/* borrowed */
	struct model *model;
	struct sample sample;
	uint64_t now;
};

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = FILES_COUNTED;
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	containers_add(f->containers, NULL, NULL);
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

static void update(struct fixture *f)
{
	f->now += NSEC_PER_SEC;
	f->sample.monotonic_ns = f->now;
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, 10 * NSEC_PER_SEC);
	sample_clear(&f->sample);
}

/* 100 bytes were read by one call; inode 0: of a file that has no record. */
static struct file_sample *add_read(struct fixture *f, uint64_t pid, uint64_t inode)
{
	struct file_sample *file = sample_add_file(&f->sample);

	file->container = f->web;
	file->pid = pid;
	file->uid = 33;
	file->key.inode = inode;
	file->read_bytes = 100;
	file->reads = 1;
	file->latency_max_ns = UNKNOWN;
	strcpy(file->comm, "nginx");
	return file;
}

static size_t row_number(struct fixture *f)
{
	size_t n;

	model_rows(f->model, PANE_FILES, &n);
	return n;
}

static const struct file_row *only_row(struct fixture *f)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_FILES, &n);

	assert_int_equal(n, 1);
	return rows[0];
}

static const struct process_row *only_process(struct fixture *f)
{
	size_t n;
	void *const *rows = model_rows(f->model, PANE_PROCESSES, &n);

	assert_int_equal(n, 1);
	return rows[0];
}

static void a_file_has_its_row_and_adds_to_the_sums(void **state)
{
	struct fixture *f = *state;
	struct file_sample *file = add_read(f, 7, 42);
	const struct file_row *row;

	file->key.device = DISK_DEVICE(8, 1);
	file->key.flags = FILE_DIRECT;
	file->path = xstrdup("/srv/a\033[2J");
	file->write_bytes = 10;
	file->writes = 2;
	update(f);
	row = only_row(f);
	assert_string_equal(row->path, "/srv/a?[2J");
	assert_string_equal(row->access, "direct");
	assert_string_equal(row->comm, "nginx");
	assert_int_equal(row->pid, 7);
	assert_int_equal(row->uid, 33);
	assert_int_equal(row->inode, 42);
	assert_int_equal(row->major, 8);
	assert_int_equal(row->minor, 1);
	assert_int_equal(row->read_bytes.interval, 100);
	assert_int_equal(row->writes.interval, 2);
	assert_true(row->latency_avg_ns == UNKNOWN);
	assert_int_equal(row->row.owner->file_read_bytes.total, 100);
	assert_int_equal(row->row.owner->file_write_bytes.total, 10);
	assert_int_equal(row->row.owner->file_reads.total, 1);
	assert_int_equal(row->row.owner->file_writes.total, 2);
	assert_int_equal(model_total(f->model)->file_writes.total, 2);
	assert_int_equal(only_process(f)->file_read_bytes.total, 100);
	assert_int_equal(only_process(f)->file_write_bytes.total, 10);
}

static void what_has_no_record_adds_to_the_sums_alone(void **state)
{
	struct fixture *f = *state;

	add_read(f, 7, 0);
	update(f);
	assert_int_equal(row_number(f), 0);
	assert_int_equal(only_process(f)->file_read_bytes.total, 100);
	assert_int_equal(model_total(f->model)->file_reads.total, 1);
}

static void processes_and_ways_to_use_a_file_have_rows_of_their_own(void **state)
{
	struct fixture *f = *state;

	add_read(f, 7, 42);
	add_read(f, 8, 42);
	add_read(f, 7, 42)->key.flags = FILE_DIRECT;
	add_read(f, 7, 42)->key.generation = 1;
	add_read(f, 7, 42)->key.name = 1;
	add_read(f, 7, 42)->key.device = 1;
	update(f);
	assert_int_equal(row_number(f), 6);
}

static void threads_share_a_row_until_the_last_has_ended(void **state)
{
	struct fixture *f = *state;
	struct file_sample *file;

	add_read(f, 7, 42)->began = true;
	file = add_read(f, 7, 42);
	file->began = file->ended = true;
	update(f);
	assert_int_equal(only_row(f)->reads.interval, 2);
	update(f);
	assert_int_equal(only_row(f)->reads.interval, 0);
	assert_int_equal(only_row(f)->reads.total, 2);
	add_read(f, 7, 42)->ended = true;
	update(f);
	assert_int_equal(only_row(f)->reads.total, 3);
	update(f);
	assert_int_equal(row_number(f), 0);
	assert_int_equal(model_total(f->model)->file_reads.total, 3);
}

static void latency_is_of_the_interval(void **state)
{
	struct fixture *f = *state;
	struct file_sample *file = add_read(f, 7, 42);

	file->timed = 2;
	file->latency_ns = 500;
	file->latency_max_ns = 400;
	file = add_read(f, 7, 42);
	file->timed = 3;
	file->latency_ns = 1000;
	file->latency_max_ns = 900;
	update(f);
	assert_int_equal(only_row(f)->latency_avg_ns, 300);
	assert_int_equal(only_row(f)->latency_max_ns, 900);
	update(f);
	assert_true(only_row(f)->latency_avg_ns == UNKNOWN);
	assert_true(only_row(f)->latency_max_ns == UNKNOWN);
}

static void where_files_are_not_counted_nothing_is_known_of_them(void **state)
{
	static const bool counted[PANE_COUNT] = { [PANE_SYSCALLS] = true };
	struct fixture *f = *state;

	model_free(f->model);
	f->model = model_new(counted);
	add_read(f, 7, 0);
	update(f);
	assert_true(model_total(f->model)->file_reads.total == UNKNOWN);
	assert_true(only_process(f)->file_read_bytes.total == UNKNOWN);
}

static void rows_go_with_their_container(void **state)
{
	struct fixture *f = *state;

	add_read(f, 7, 42)->began = true;
	update(f);
	f->web->exited = true;
	f->web->exited_ns = f->now;
	for (int i = 0; i < 13; i++)
		update(f);
	assert_int_equal(row_number(f), 0);
}

/* Counts of faults begin with 0 in all rows that there are, and end as unknown. */
static void faults_are_known_while_they_are_counted(void **state)
{
	struct fixture *f = *state;
	struct fault_sample *fault;

	add_read(f, 7, 1);
	update(f);
	assert_true(only_process(f)->major_faults.total == UNKNOWN);
	assert_true(model_total(f->model)->major_faults.total == UNKNOWN);

	f->sample.faults_counted = true;
	fault = sample_add_fault(&f->sample);
	fault->container = f->web;
	fault->pid = 7;
	fault->count = 3;
	fault = sample_add_fault(&f->sample);
	fault->container = f->web;
	fault->count = 2;
	update(f);
	assert_int_equal(only_process(f)->major_faults.interval, 3);
	assert_int_equal(only_process(f)->row.owner->major_faults.interval, 5);
	assert_int_equal(model_total(f->model)->major_faults.total, 5);

	f->sample.faults_counted = true;
	update(f);
	assert_int_equal(only_process(f)->major_faults.interval, 0);
	assert_int_equal(only_process(f)->major_faults.total, 3);

	update(f);
	assert_true(only_process(f)->major_faults.total == UNKNOWN);
	assert_true(only_process(f)->row.owner->major_faults.interval == UNKNOWN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_file_has_its_row_and_adds_to_the_sums),
		TEST(what_has_no_record_adds_to_the_sums_alone),
		TEST(processes_and_ways_to_use_a_file_have_rows_of_their_own),
		TEST(threads_share_a_row_until_the_last_has_ended),
		TEST(latency_is_of_the_interval),
		TEST(where_files_are_not_counted_nothing_is_known_of_them),
		TEST(rows_go_with_their_container),
		TEST(faults_are_known_while_they_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

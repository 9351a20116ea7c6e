/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moments that are held outlive the model's rows; marks make counts begin anew. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "moment.h"
#include "util.h"

struct fixture {
	struct containers *containers;
	struct container *web;
	struct model *model;
	struct sample sample;
};

static void tick(struct fixture *f, uint64_t bytes, uint64_t calls)
{
	struct flow_sample *flow;
	struct syscall_sample *call;

	sample_clear(&f->sample);
	f->sample.interval_ns = NSEC_PER_SEC;
	flow = sample_add_flow(&f->sample);
	flow->container = f->web;
	flow->key = (struct flow_key){ .family = 4, .protocol = 6, .local_port = 80 };
	flow->rx_bytes = bytes;
	flow->pid = 77;
	strcpy(flow->comm, "nginx");
	call = sample_add_syscall(&f->sample);
	call->container = f->web;
	call->pid = 77;
	call->count = calls;
	strcpy(call->comm, "nginx");
	model_update(f->model, &f->sample, f->containers, 0);
}

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true };
	struct container_facts facts = { .name = "web" };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "0123456789ab", "docker");
	containers_describe(f->containers, "0123456789ab", &facts);
	f->model = model_new(counted);
	tick(f, 1000, 5);
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

/* Everything that the columns of a pane show of its rows, in new memory. */
static char *all_values(const struct moment *moment, enum pane_id pane)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < moment->panes[pane].n; i++) {
		for (size_t j = 0; j < panes[pane].n_columns; j++) {
			const struct column *column = &panes[pane].columns[j];
			const void *row = moment->panes[pane].rows[i];
			struct value value = column_value(column, row, true);
			char buffer[VALUE_TEXT_SIZE];
			char *longer = xasprintf("%s|%s=%s", text, column->name,
						 value_plain(&value, buffer));

			free(text);
			text = longer;
		}
	}
	return text;
}

static void test_held_rows_stay_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct moment moment;
	char *before[PANE_COUNT];

	moment_of_model(&moment, f->model, f->containers);
	for (enum pane_id i = 0; i < PANE_COUNT; i++)
		before[i] = all_values(&moment, i);
	assert_non_null(strstr(before[PANE_FLOWS], "container=web"));
	assert_non_null(strstr(before[PANE_PROCESSES], "comm=nginx"));
	moment_hold(&moment);
	/* The container goes, and with it all rows of it. */
	f->web->exited = true;
	for (int i = 0; i < 3; i++) {
		sample_clear(&f->sample);
		f->sample.monotonic_ns = (uint64_t)(i + 2) * 1000 * NSEC_PER_SEC;
		model_update(f->model, &f->sample, f->containers, 0);
	}
	for (enum pane_id i = 0; i < PANE_COUNT; i++) {
		char *after = all_values(&moment, i);

		assert_string_equal(before[i], after);
		free(before[i]);
		free(after);
	}
	assert_int_equal(moment.total->rx_bytes.total, 1000);
	assert_int_equal(moment.interval_ns, NSEC_PER_SEC);
	moment_done(&moment);
}

static void test_a_held_moment_can_be_held_again(void **state)
{
	struct fixture *f = *state;
	struct moment moment;

	moment_of_model(&moment, f->model, f->containers);
	moment_hold(&moment);
	moment_hold(&moment);
	assert_int_equal(moment.panes[PANE_FLOWS].n, 1);
	moment_done(&moment);
}

static const struct flow_row *flow_of(const struct moment *moment)
{
	return moment->panes[PANE_FLOWS].rows[0];
}

static void test_ids_are_of_rows_and_of_their_copies(void **state)
{
	struct fixture *f = *state;
	struct moment moment;
	uint64_t flow, process;

	moment_of_model(&moment, f->model, f->containers);
	flow = row_id(PANE_FLOWS, flow_of(&moment));
	process = row_id(PANE_PROCESSES, moment.panes[PANE_PROCESSES].rows[0]);
	moment_hold(&moment);
	assert_int_equal(flow, row_id(PANE_FLOWS, flow_of(&moment)));
	assert_int_equal(process, row_id_of_process(f->web->serial, 77));
	assert_int_not_equal(flow, process);
	moment_done(&moment);
}

static void test_counts_begin_at_the_mark(void **state)
{
	struct fixture *f = *state;
	struct container_row total;
	union any_row copy;
	struct moment moment;
	struct mark *mark;

	moment_of_model(&moment, f->model, f->containers);
	mark = mark_new(&moment);
	mark_apply(mark, PANE_FLOWS, flow_of(&moment), &copy);
	assert_int_equal(copy.flow.rx_bytes.total, 0);
	tick(f, 250, 3);
	moment_of_model(&moment, f->model, f->containers);
	mark_apply(mark, PANE_FLOWS, flow_of(&moment), &copy);
	assert_int_equal(copy.flow.rx_bytes.total, 250);
	assert_int_equal(copy.flow.rx_bytes.interval, 250);
	assert_int_equal(flow_of(&moment)->rx_bytes.total, 1250);
	mark_apply(mark, PANE_SYSCALLS, moment.panes[PANE_SYSCALLS].rows[0], &copy);
	assert_int_equal(copy.syscall.count.total, 3);
	mark_apply_total(mark, moment.total, &total);
	assert_int_equal(total.rx_bytes.total, 250);
	mark_free(mark);
}

static void test_a_row_that_came_after_the_mark_has_all_it_counted(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true };
	struct fixture *f = *state;
	struct model *empty = model_new(counted);
	struct moment moment;
	union any_row copy;
	struct mark *mark;

	moment_of_model(&moment, empty, f->containers);
	mark = mark_new(&moment);
	moment_of_model(&moment, f->model, f->containers);
	mark_apply(mark, PANE_FLOWS, flow_of(&moment), &copy);
	assert_int_equal(copy.flow.rx_bytes.total, 1000);
	mark_free(mark);
	model_free(empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_held_rows_stay_as_they_were),
		TEST(test_a_held_moment_can_be_held_again),
		TEST(test_ids_are_of_rows_and_of_their_copies),
		TEST(test_counts_begin_at_the_mark),
		TEST(test_a_row_that_came_after_the_mark_has_all_it_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

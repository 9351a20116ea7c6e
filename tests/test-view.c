/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views, panes and columns: choice, order, filter; what the contract names is there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "view.h"

/* ---- the tables */

static void panes_have_the_keys_of_the_contract(void **state)
{
	static const char *const keys[PANE_COUNT] = {
		[PANE_CONTAINERS] = "name id short_id runtime image pod namespace compose_project "
			"compose_service network_mode outer started restarts cgroup state processes "
			"io_pressure "
			"rx_bytes tx_bytes rx_packets tx_packets retransmits "
			"read_bytes write_bytes reads writes "
			"file_read_bytes file_write_bytes file_reads file_writes "
			"major_faults syscalls errors",
		[PANE_FLOWS] = "container id protocol family local_address local_port "
			"remote_address remote_port real_address real_port service peer direction state "
			"rx_bytes tx_bytes rx_packets tx_packets "
			"retransmits rtt_us connect_us cwnd resets zero_windows age_s "
			"pid ppid parent uid user gid group comm command exe",
		[PANE_DISKS] = "container id device major minor holders volume read_bytes write_bytes "
			"direct_write_bytes writeback_bytes discard_bytes "
			"reads writes latency_avg_us latency_p50_us latency_p99_us latency_max_us "
			"discards flushes errors queue_avg_us queue_max_us",
		[PANE_SYSCALLS] = "container id syscall nr count errors top_error latency_avg_ns "
			"latency_p99_ns pid comm top_errors latency_total_ns latency_p50_ns "
			"latency_max_ns",
		[PANE_PROCESSES] = "container id pid nspid ppid uid user comm command "
			"rx_bytes tx_bytes file_read_bytes file_write_bytes read_bytes write_bytes "
			"reads writes major_faults disk_avg_us disk_p50_us disk_p99_us disk_max_us "
			"syscalls errors exe",
		[PANE_EVENTS] = "time event container id pid ppid parent uid user gid group "
			"comm interface protocol family direction "
			"local_address local_port remote_address remote_port state error "
			"rx_bytes tx_bytes rx_packets tx_packets duration_ms latency_us "
			"operation bytes device path detail exit_code signal",
		[PANE_FILES] = "container id pid comm uid read_bytes write_bytes reads writes "
			"latency_avg_ns latency_max_ns access major minor inode path",
		[PANE_LISTENERS] = "container id protocol family local_address local_port service accepts "
			"backlog backlog_max drops sockets pid comm",
		[PANE_HINTS] = "container id kind direction what count latency_avg_us "
			"latency_p50_us latency_p99_us latency_max_us errors error unanswered "
			"method",
	};

	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		const char *key = keys[i];
		size_t n = 0;

		for (size_t size; *key; key += size + (key[size] == ' '), n++) {
			size = strcspn(key, " ");
			assert_non_null(pane_column(&panes[i], key, size));
		}
		assert_int_equal(n, panes[i].n_columns);
	}
}

/* Columns without a width take what is left: 10 cells are to be. */
static size_t width_of(const struct view *view)
{
	size_t width = 0;

	for (size_t i = 0; i < view->n_columns; i++) {
		const struct column *column = view->columns[i];

		width += (column->width ? column_width(column) : 10) + (i > 0);
	}
	return width;
}

static void panes_fit_80_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct view view;

		view_init(&view, &panes[i]);
		assert_in_range(width_of(&view), 60, 80);
		view_done(&view);
	}
}

static void columns_for_wider_lines_fit_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		struct view view;

		view_init(&view, &panes[i]);
		assert_true(view_has_usual_columns(&view));
		for (unsigned int line = 81; line < 250; line++) {
			size_t n = view.n_columns;

			view_usual_columns(&view, line);
			assert_true(view.n_columns >= n);
			assert_in_range(width_of(&view), 60, line);
		}
		view_done(&view);
	}
}

static void columns_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < PANE_COUNT; i++) {
		const struct pane *pane = &panes[i];

		assert_non_null(pane_column(pane, pane->sort, strlen(pane->sort)));
		assert_ptr_equal(pane_by_name(pane->name, strlen(pane->name)), pane);
		for (size_t j = 0; j < pane->n_columns; j++) {
			const struct column *column = &pane->columns[j];
			size_t size = strlen(column->title);
			bool rate = size > 2 && !strcmp(column->title + size - 2, "/s");

			assert_ptr_equal(pane_column(pane, column->name, strlen(column->name)),
					 column);
			assert_in_range(strlen(column->help), 5, 64);
			assert_true(column->help[strlen(column->help) - 1] != '.');
			assert_true(size > 0 && size < COLUMN_TITLE_SIZE);
			assert_int_equal(rate, column->type == VALUE_COUNT);
			assert_true(column->type != VALUE_COUNT || column->unit != UNIT_NONE);
			assert_true(column->width > 0 || !column_is_number(column));
		}
	}
}

static void names_are_whole(void **state)
{
	(void)state;
	assert_null(pane_by_name("flow", 4));
	assert_null(pane_by_name("flowsx", 6));
	assert_null(pane_by_name("", 0));
	assert_ptr_equal(pane_by_name("flows,disks", 5), &panes[PANE_FLOWS]);
	assert_null(pane_column(&panes[PANE_FLOWS], "rx_byte", 7));
	assert_null(pane_column(&panes[PANE_FLOWS], "device", 6));
}

/* ---- views */

struct fixture {
	struct containers *containers;
	struct container *web, *db;
	struct model *model;
	struct sample sample;
	struct view view;
};

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "web", "docker");
	f->db = containers_add(f->containers, "db", "docker");
	f->model = model_new(counted);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	view_done(&f->view);
	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

static struct process_sample *add_process(struct fixture *f, struct container *container,
					  uint64_t pid, uint64_t calls, uint64_t ppid,
					  const char *comm)
{
	struct process_sample *process = sample_add_process(&f->sample);

	process->container = container;
	process->pid = pid;
	process->ppid = ppid;
	process->syscalls = calls;
	strncpy(process->comm, comm, sizeof(process->comm) - 1);
	return process;
}

static void update(struct fixture *f)
{
	f->sample.interval_ns = NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, 0);
	sample_clear(&f->sample);
	view_update(&f->view, f->model);
}

/* The view's rows by their pids: "1 2 3". */
static void assert_pids(const struct view *view, const char *expected)
{
	char text[256] = "";
	size_t size = 0;

	for (size_t i = 0; i < view->n_rows; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%d", i ? " " : "",
					 (int)((const struct process_row *)view->rows[i])->pid);
	assert_string_equal(text, expected);
}

static void sorts_any_column_either_way(void **state)
{
	static const struct {
		const char *column;
		bool reverse;
		const char *pids;
	} cases[] = {
		{ "syscalls", false, "3 1 5 2 4" },
		{ "syscalls", true, "2 4 5 1 3" },
		{ "pid", false, "5 4 3 2 1" },
		{ "pid", true, "1 2 3 4 5" },
		/* text ascends; numbers in it count as numbers */
		{ "comm", false, "4 3 5 1 2" },
		{ "comm", true, "1 5 3 4 2" },
		/* what is not known is last either way, in the order of ties */
		{ "ppid", false, "4 1 2 3 5" },
		{ "ppid", true, "1 4 2 3 5" },
		{ "read_bytes", false, "1 2 3 4 5" },
		{ "read_bytes", true, "1 2 3 4 5" },
		/* ties: by container, in order of appearance, then by number */
		{ "container", false, "5 1 2 3 4" },
		{ "id", true, "1 2 3 4 5" },
	};
	struct fixture *f = *state;

	view_init(&f->view, &panes[PANE_PROCESSES]);
	add_process(f, f->web, 2, 5, UNKNOWN, "");
	add_process(f, f->db, 5, 7, UNKNOWN, "c-10");
	add_process(f, f->web, 4, 5, 9, "a");
	add_process(f, f->web, 1, 9, 7, "d");
	add_process(f, f->web, 3, 1ULL << 33, UNKNOWN, "c-2");
	update(f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		view_set_sort(&f->view,
			      pane_column(f->view.pane, cases[i].column, strlen(cases[i].column)),
			      cases[i].reverse);
		view_update(&f->view, f->model);
		assert_pids(&f->view, cases[i].pids);
	}
}

/* Rows that tie stay in place whatever else moves, in whichever order samples come. */
static void ties_keep_their_order(void **state)
{
	static const uint64_t orders[][4] = { { 1, 2, 3, 4 }, { 4, 3, 2, 1 }, { 2, 4, 1, 3 } };
	struct fixture *f = *state;

	view_init(&f->view, &panes[PANE_PROCESSES]);
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		for (size_t j = 0; j < 4; j++)
			add_process(f, f->web, orders[i][j], 5, UNKNOWN, "x");
		update(f);
		assert_pids(&f->view, "1 2 3 4");
	}
}

static void idle_rows_show_when_asked(void **state)
{
	struct fixture *f = *state;

	view_init(&f->view, &panes[PANE_PROCESSES]);
	add_process(f, f->web, 1, 5, UNKNOWN, "x");
	add_process(f, f->web, 2, 3, UNKNOWN, "x");
	update(f);
	add_process(f, f->web, 2, 1, UNKNOWN, "x");
	update(f);
	assert_pids(&f->view, "2");
	f->view.all_rows = true;
	view_update(&f->view, f->model);
	assert_pids(&f->view, "2 1");
	f->view.all_rows = false;
	f->view.total = true;
	view_update(&f->view, f->model);
	assert_pids(&f->view, "1 2");
	update(f);
	f->view.total = false;
	view_update(&f->view, f->model);
	assert_int_equal(f->view.n_rows, 0);
}

static void idle_containers_always_show(void **state)
{
	struct fixture *f = *state;

	view_init(&f->view, &panes[PANE_CONTAINERS]);
	update(f);
	assert_int_equal(f->view.n_rows, 3);
}

static void default_columns_are_those_not_hidden(void **state)
{
	struct fixture *f = *state;

	view_init(&f->view, &panes[PANE_DISKS]);
	assert_string_equal(f->view.columns[0]->name, "container");
	assert_string_equal(f->view.columns[1]->name, "device");
	for (size_t i = 0; i < f->view.n_columns; i++)
		assert_false(f->view.columns[i]->hidden);
	assert_string_equal(f->view.sort->name, "write_bytes");
	assert_false(f->view.ascending);
}

static void columns_come_as_listed(void **state)
{
	static const struct { const char *list, *bad; } wrong[] = {
		{ "", "" }, { "pid,", "" }, { ",pid", "" }, { "pid,device,uid", "device" },
		{ "pid, uid", " uid" }, { "PID", "PID" },
	};
	struct fixture *f = *state;
	const char *bad;
	size_t size;

	view_init(&f->view, &panes[PANE_PROCESSES]);
	assert_int_equal(view_set_columns(&f->view, "command,pid,container", &bad, &size), 0);
	for (size_t i = 0; i <= ARRAY_SIZE(wrong); i++) {
		assert_int_equal(f->view.n_columns, 3);
		assert_string_equal(f->view.columns[0]->name, "command");
		assert_string_equal(f->view.columns[1]->name, "pid");
		assert_string_equal(f->view.columns[2]->name, "container");
		if (i == ARRAY_SIZE(wrong))
			break;
		assert_int_equal(view_set_columns(&f->view, wrong[i].list, &bad, &size), -EINVAL);
		assert_int_equal(size, strlen(wrong[i].bad));
		assert_memory_equal(bad, wrong[i].bad, size);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panes_have_the_keys_of_the_contract),
		cmocka_unit_test(panes_fit_80_columns),
		cmocka_unit_test(columns_for_wider_lines_fit_them),
		cmocka_unit_test(columns_are_complete),
		cmocka_unit_test(names_are_whole),
		TEST(sorts_any_column_either_way),
		TEST(ties_keep_their_order),
		TEST(idle_rows_show_when_asked),
		TEST(idle_containers_always_show),
		TEST(default_columns_are_those_not_hidden),
		TEST(columns_come_as_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

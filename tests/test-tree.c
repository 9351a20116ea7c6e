/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of processes: who stands below whom, whatever their numbers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "tree.h"
#include "util.h"

#define ROWS_MOST 12

/* Processes as "PID<PPID", of container 2 behind a /; those with a . are idle. In the order of their values. */
static size_t parse(const char *text, struct process_row *rows)
{
	size_t n = 0;
	uint64_t serial = 1;

	for (; *text; text += strcspn(text, " "), text += strspn(text, " ")) {
		unsigned int pid, ppid;
		char mark = 0;

		if (*text == '/') {
			serial = 2;
			text++;
		}
		assert_true(sscanf(text, "%u<%u%c", &pid, &ppid, &mark) >= 2);
		rows[n].row.key = (struct row_key){ serial, pid };
		rows[n].row.active = mark != '.';
		rows[n].pid = pid;
		rows[n++].ppid = ppid ? ppid : UNKNOWN;
	}
	return n;
}

/* "1 2 |-3": the rows as they are drawn, a blank between them. */
static char *drawn(struct tree *tree, const char *text, bool idle)
{
	struct process_row rows[ROWS_MOST] = { 0 };
	size_t n = parse(text, rows), size = 0;
	struct order order = { 0 };
	char *out = xcalloc(1, 1024), branch[TREE_TEXT_SIZE];

	order_begin(&order, n, true);
	for (size_t i = 0; i < n; i++)
		order_add(&order, &rows[i], (struct value){ .type = VALUE_NUMBER, .number = i });
	tree_arrange(tree, &order, idle);
	for (size_t i = 0; i < order.n; i++)
		size += (size_t)sprintf(out + size, "%s%s%d", i ? "/" : "",
					tree_text(&tree->branches[i], true, branch),
					(int)((struct process_row *)order.entries[i].row)->pid);
	order_done(&order);
	return out;
}

static void rows_stand_below_their_parents(void **state)
{
	static const struct { const char *rows; bool idle; const char *tree; } cases[] = {
		{ "1<0 2<0 3<0", true, "1/2/3" },
		{ "3<1 2<1 1<0", true, "1/|-3/`-2" },
		{ "1<0 2<1 3<2 4<3", true, "1/`-2/  `-3/    `-4" },
		{ "1<0 2<1 3<2 4<1 5<4", true, "1/|-2/| `-3/`-4/  `-5" },
		/* idle ones only where something below is active */
		{ "1<0. 2<1. 3<2 4<1.", false, "1/`-2/  `-3" },
		{ "1<0. 2<1. 3<0.", false, "" },
		{ "1<0. 2<1. 3<0.", true, "1/`-2/3" },
		/* parents are of the same container, and there */
		{ "1<0 /2<1 3<7", true, "1/2/3" },
		/* circles */
		{ "1<1", true, "1" },
		{ "1<2 2<1", true, "1/`-2" },
		{ "1<2 2<3 3<1 4<2 5<0", true, "5/1/`-3/  `-2/    `-4" },
		{ "", true, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree tree = { 0 };
		char *text = drawn(&tree, cases[i].rows, cases[i].idle);

		assert_string_equal(text, cases[i].tree);
		free(text);
		tree_done(&tree);
	}
}

static void folded_rows_hide_what_is_below(void **state)
{
	static const char rows[] = "1<0 2<1 3<2 4<1 5<0";
	struct process_row two = { .row = { .key = { 1, 2 } }, .pid = 2 };
	struct tree tree = { 0 };
	char *text;

	(void)state;
	tree_fold(&tree, row_id(PANE_PROCESSES, &two));
	text = drawn(&tree, rows, true);
	assert_string_equal(text, "1/|-+2/`-4/5");
	free(text);
	tree_fold(&tree, row_id(PANE_PROCESSES, &two));
	text = drawn(&tree, rows, true);
	assert_string_equal(text, "1/|-2/| `-3/`-4/5");
	free(text);
	tree_done(&tree);
}

/* A chain of a hundred thousand, and as many children of one. */
static void depth_and_breadth_have_no_end(void **state)
{
	const size_t n = 100000;
	struct process_row *rows = xcalloc(n, sizeof(*rows));
	struct tree tree = { 0 };
	char text[TREE_TEXT_SIZE];

	(void)state;
	for (int chain = 0; chain < 2; chain++) {
		struct order order = { 0 };

		order_begin(&order, n, true);
		for (size_t i = 0; i < n; i++) {
			rows[i] = (struct process_row) {
				.row = { .key = { 1, i + 1 }, .active = true },
				.pid = i + 1, .ppid = i == 0 ? UNKNOWN : chain ? i : 1,
			};
			order_add(&order, &rows[i],
				  (struct value){ .type = VALUE_NUMBER, .number = n - i });
		}
		tree_arrange(&tree, &order, false);
		assert_int_equal(order.n, n);
		assert_ptr_equal(order.entries[0].row, &rows[0]);
		assert_true(strlen(tree_text(&tree.branches[n - 1], false, text)) < sizeof(text));
		order_done(&order);
	}
	tree_done(&tree);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_stand_below_their_parents),
		cmocka_unit_test(folded_rows_hide_what_is_below),
		cmocka_unit_test(depth_and_breadth_have_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

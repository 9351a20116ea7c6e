/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Golden lines: a model in, cells out, through the screen of memory that the terminal shows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "screen.h"
#include "text.h"
#include "util.h"

#define LONG_NAME "a-very-long-name-of-a-container-that-nobody-can-remember"

struct fixture {
	struct containers *containers;
	struct container *web, *db;
	struct model *model;
	struct sample sample;
	struct view view;
	struct screen screen;
};

static void describe(struct fixture *f, struct container *container, const char *name)
{
	const struct container_facts facts = { .name = name };

	containers_describe(f->containers, container->id, &facts);
}

static void fill_sample(struct fixture *f)
{
	struct flow_sample *flow = sample_add_flow(&f->sample);
	struct disk_sample *disk;
	struct syscall_sample *call;

	*flow = (struct flow_sample){
		.container = f->web, .rx_bytes = 1536, .tx_bytes = 20 << 20, .pid = 4321, .uid = 33,
		.rtt_us = 1250, .connect_us = UNKNOWN, .state = 1, .direction = FLOW_IN,
		.comm = "nginx",
		.key = { .family = 4, .protocol = IPPROTO_TCP,
			 .local_address = { 172, 17, 0, 2 }, .local_port = 443,
			 .remote_address = { 203, 0, 113, 77 }, .remote_port = 51234 },
	};
	flow = sample_add_flow(&f->sample);
	*flow = (struct flow_sample){
		.container = f->db, .rx_bytes = 100, .retransmits = UNKNOWN, .rtt_us = UNKNOWN,
		.connect_us = UNKNOWN, .pid = UNKNOWN, .uid = UNKNOWN,
		.key = { .family = 6, .protocol = IPPROTO_UDP,
			 .local_port = 53, .remote_port = 5353,
			 .remote_address = { 0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4,
					     5, 6, 7, 8, 9, 10, 11, 12 } },
	};
	disk = sample_add_disk(&f->sample);
	disk->container = f->db;
	disk->device = DISK_DEVICE(259, 3);
	strcpy(disk->name, "nvme0n1p3");
	disk->bytes[DISK_WRITE] = 8192;
	disk->operations[DISK_WRITE] = 2;
	disk->timed = 2;
	disk->latency_ns = 240000;
	disk->latency_max_ns = 130000;
	disk->histogram[24] = 2;
	call = sample_add_syscall(&f->sample);
	*call = (struct syscall_sample){
		.container = f->db, .pid = 999, .uid = 70, .name = "pwrite64", .nr = 18,
		.count = 12345, .errors = 1, .comm = "postgres",
	};
}

static int set_up(void **state)
{
	static const bool counted[PANE_COUNT] = { true, true, true, true, true };
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->containers = containers_new(NULL);
	f->web = containers_add(f->containers, "0123456789ab", "docker");
	f->db = containers_add(f->containers, "ba9876543210", "docker");
	describe(f, f->web, "web");
	describe(f, f->db, LONG_NAME);
	f->web->processes = 3;
	f->model = model_new(counted);
	f->sample.interval_ns = NSEC_PER_SEC;
	fill_sample(f);
	screen_init(&f->screen, 80, 10);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	view_done(&f->view);
	screen_done(&f->screen);
	model_free(f->model);
	sample_done(&f->sample);
	containers_free(f->containers);
	free(f);
	return 0;
}

static void assert_line(const struct fixture *f, unsigned int line, const char *expected)
{
	char *text = screen_line(&f->screen, line);

	assert_string_equal(text, expected);
	free(text);
}

static void render(struct fixture *f)
{
	screen_clear(&f->screen);
	view_update(&f->view, f->model);
	render_heading(&f->view, &f->screen.sink);
	for (size_t i = 0; i < f->view.n_rows; i++)
		render_row(&f->view, i, model_interval_ns(f->model), STYLE_NORMAL, &f->screen.sink);
}

/* Renders a pane of the fixture's sample on a line of 80 and compares line by line. */
static void check_pane(void **state, enum pane_id pane, unsigned int width,
		       const char *const expected[4])
{
	struct fixture *f = *state;

	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	view_init(&f->view, &panes[pane]);
	f->view.line_width = width;
	screen_resize(&f->screen, width, 10);
	render(f);
	for (unsigned int i = 0; i < 4; i++)
		assert_line(f, i, expected[i]);
}

static void containers_pane(void **state)
{
	check_pane(state, PANE_CONTAINERS, 80, (const char *const[4]){
		"NAME                            PROCS   RX/s   TX/s READ/s WRITE/s SYSC/s  ERR/s",
		"a-very-long-name-of-a-containe+     -    100      0      0    8.0K    12K      1",
		"host                                -      0      0      0       0      0      0",
		"web                                 3   1.5K    20M      0       0      0      0",
	});
}

static void flows_pane(void **state)
{
	check_pane(state, PANE_FLOWS, 80, (const char *const[4]){
		"CONTAINER        PROTO DIR LPORT REMOTE          RPORT   RX/s   TX/s COMMAND",
		"web              tcp   in    443 203.0.113.77    51234   1.5K    20M nginx",
		"a-very-long-nam+ udp   -      53 2001:db8:102:3+  5353    100      0 -",
		"",
	});
}

static void disks_pane(void **state)
{
	check_pane(state, PANE_DISKS, 80, (const char *const[4]){
		"CONTAINER           DEVICE     READ/s WRITE/s    R/s    W/s    AVG    P99    MAX",
		"a-very-long-name-o+ nvme0n1p3       0    8.0K      0      2  120us  130us  130us",
		"",
		"",
	});
}

static void syscalls_pane(void **state)
{
	check_pane(state, PANE_SYSCALLS, 80, (const char *const[4]){
		"CONTAINER                   SYSCALL                  CALLS/s  ERR/s TOPERR",
		"a-very-long-name-of-a-cont+ pwrite64                     12K      1 -",
		"",
		"",
	});
}

static void processes_pane(void **state)
{
	check_pane(state, PANE_PROCESSES, 80, (const char *const[4]){
		"CONTAINER                 PID    UID   RX/s   TX/s SYSC/s  ERR/s COMMAND",
		"a-very-long-name-of-+     999     70      0      0    12K      1 postgres",
		"web                      4321     33   1.5K    20M      0      0 nginx",
		"",
	});
}

/* Columns grow from left to right, each to what is of use to it. */
static void wide_lines_show_more(void **state)
{
	check_pane(state, PANE_FLOWS, 132, (const char *const[4]){
		"CONTAINER                                PROTO DIR LPORT REMOTE                                  RPORT   RX/s   TX/s COMMAND",
		"web                                      tcp   in    443 203.0.113.77                            51234   1.5K    20M nginx",
		"a-very-long-name-of-a-container-that-no+ udp   -      53 2001:db8:102:304:506:708:90a:b0c         5353    100      0 -",
		"",
	});
}

/* Numbers stand whole and in place on any line; the last text has what is left. */
static void narrow_lines_end_early(void **state)
{
	check_pane(state, PANE_FLOWS, 71, (const char *const[4]){
		"CONTAINER        PROTO DIR LPORT REMOTE          RPORT   RX/s   TX/s C+",
		"web              tcp   in    443 203.0.113.77    51234   1.5K    20M n+",
		"a-very-long-nam+ udp   -      53 2001:db8:102:3+  5353    100      0 -",
		"",
	});
}

static void totals_are_no_rates(void **state)
{
	struct fixture *f = *state;

	f->sample.interval_ns = 2 * NSEC_PER_SEC;
	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	view_init(&f->view, &panes[PANE_SYSCALLS]);
	f->view.line_width = 70;
	render(f);
	assert_line(f, 0, "CONTAINER              SYSCALL                  CALLS/s  ERR/s TOPERR");
	assert_line(f, 1, "a-very-long-name-of-a+ pwrite64                    6.2K    0.5 -");
	f->view.total = true;
	render(f);
	assert_line(f, 0, "CONTAINER              SYSCALL                    CALLS    ERR TOPERR");
	assert_line(f, 1, "a-very-long-name-of-a+ pwrite64                     25K      2 -");
}

/* ---- cells as a sink of no given width takes them */

struct cells {
	struct sink sink;
	char text[1024];
	enum style styles[64];
	size_t n;
};

static void take_cell(struct sink *sink, const char *text, unsigned int width, enum align align,
		      enum style style)
{
	struct cells *cells = (struct cells *)sink;
	size_t size = strlen(cells->text);

	snprintf(cells->text + size, sizeof(cells->text) - size, "[%s %u%s]", text, width,
		 align == ALIGN_LEFT ? "l" : "r");
	cells->styles[cells->n++] = style;
}

static void take_newline(struct sink *sink)
{
	strcat(((struct cells *)sink)->text, "\n");
}

static void whole_texts_without_a_limit(void **state)
{
	struct fixture *f = *state;
	struct cells cells = { .sink = { take_cell, take_newline } };
	const char *bad;
	size_t size;

	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	view_init(&f->view, &panes[PANE_PROCESSES]);
	assert_int_equal(view_set_columns(&f->view, "container,pid,comm", &bad, &size), 0);
	view_update(&f->view, f->model);
	render_heading(&f->view, &cells.sink);
	render_row(&f->view, 0, NSEC_PER_SEC, STYLE_NORMAL, &cells.sink);
	assert_string_equal(cells.text,
			    "[CONTAINER 20l][PID 7r][COMMAND 0l]\n"
			    "[" LONG_NAME " 20l][999 7r][postgres 0l]\n");
}

static void wide_characters_are_cut_whole(void **state)
{
	struct fixture *f = *state;
	struct cells cells = { .sink = { take_cell, take_newline } };
	const char *bad;
	size_t size;

	describe(f, f->db, "\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d"
			   "\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d");
	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	view_init(&f->view, &panes[PANE_PROCESSES]);
	assert_int_equal(view_set_columns(&f->view, "container,pid", &bad, &size), 0);
	f->view.line_width = 28;
	view_update(&f->view, f->model);
	render_row(&f->view, 0, NSEC_PER_SEC, STYLE_NORMAL, &cells.sink);
	assert_string_equal(cells.text,
			    "[\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d"
			    "\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d+ 20l][999 7r]\n");
}

static void styles_tell_sort_and_end(void **state)
{
	struct fixture *f = *state;
	struct cells cells = { .sink = { take_cell, take_newline } };

	f->sample.flows[1].ended = true;
	model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
	view_init(&f->view, &panes[PANE_FLOWS]);
	view_update(&f->view, f->model);
	render_heading(&f->view, &cells.sink);
	for (size_t i = 0; i < f->view.n_columns; i++)
		assert_int_equal(cells.styles[i],
				 f->view.columns[i] == f->view.sort ? STYLE_SORTED : STYLE_HEADING);
	for (int i = 0; i < 4; i++) {
		static const struct { enum style given, expected; } styles[] = {
			{ STYLE_NORMAL, STYLE_NORMAL }, { STYLE_NORMAL, STYLE_DIM },
			{ STYLE_NORMAL, STYLE_DIM }, { STYLE_CURSOR, STYLE_CURSOR },
		};

		cells.n = 0;
		cells.text[0] = '\0';
		f->web->exited = i >= 2;
		render_row(&f->view, i == 1, NSEC_PER_SEC, styles[i].given, &cells.sink);
		for (size_t j = 0; j < f->view.n_columns; j++)
			assert_int_equal(cells.styles[j], styles[i].expected);
	}
}

static void accuracy_in_a_line(void **state)
{
	static const struct {
		struct pane_status status;
		struct accuracy accuracy;
		const char *text;
		enum style style;
		unsigned int most;
	} cases[] = {
		{ { true, "cgroup_skb", "" }, { 0 }, "[nothing lost; counted by cgroup_skb 0l]\n",
		  STYLE_NORMAL, 0 },
		{ { true, "cgroup_skb", "" }, { 0 }, "[nothing lost; counted by cgroup_skb 0l]\n",
		  STYLE_NORMAL, 35 },
		{ { true, "cgroup_skb", "" }, { 0 }, "[nothing lost 0l]\n", STYLE_NORMAL, 34 },
		{ { true, "", "" }, { 0 }, "[nothing lost 0l]\n", STYLE_NORMAL, 0 },
		{ { false, "", "no BTF" }, { 0 }, "[not available: no BTF 0l]\n", STYLE_WARNING, 0 },
		{ { true, "sys_exit", "" }, { .missed_runs = 3, .syscall_map_full = 45000 },
		  "[3 events missed, 45K system calls not listed; counted by sys_exit 0l]\n",
		  STYLE_WARNING, 0 },
		{ { true, "", "" }, { .unattributed_bytes = UNKNOWN }, "[nothing lost 0l]\n",
		  STYLE_NORMAL, 0 },
		{ { true, "", "" }, { .shared_bytes = 4096 },
		  "[nothing lost, 4.1K disk bytes shared 0l]\n", STYLE_NORMAL, 0 },
		{ { true, "", "" }, { .unattributed_bytes = 7, .lost_events = 1 },
		  "[1 container events lost, 7 bytes of no known container 0l]\n", STYLE_WARNING, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cells cells = { .sink = { take_cell, take_newline } };

		render_accuracy(&cases[i].accuracy, &cases[i].status, cases[i].most, &cells.sink);
		assert_string_equal(cells.text, cases[i].text);
		assert_int_equal(cells.styles[0], cases[i].style);
	}
}

static void events_say_what_happened(void **state)
{
	static const struct {
		struct event_sample sample;
		const char *detail;
	} cases[] = {
		{ { .kind = LOG_CONNECT, .direction = FLOW_OUT, .latency_us = 120 },
		  "to 192.0.2.1:443 in 120us" },
		{ { .kind = LOG_ACCEPT, .direction = FLOW_IN }, "at 5432 from 192.0.2.1:443" },
		{ { .kind = LOG_CONNECT_FAILED, .direction = FLOW_OUT, .error = 111 },
		  "ECONNREFUSED 192.0.2.1:443" },
		{ { .kind = LOG_CLOSE, .direction = FLOW_OUT, .rx_bytes = 2048, .tx_bytes = 10,
		    .duration_ms = 1500, .latency_us = 3 },
		  "to 192.0.2.1:443, rx 2.0K, tx 10, after 1.5s" },
		{ { .kind = LOG_EXEC, .ppid = 7, .parent = "sh" }, "by sh 7" },
		{ { .kind = LOG_EXIT, .exit_code = 3 }, "status 3 after <1ms" },
		{ { .kind = LOG_EXIT, .signal = 9, .duration_ms = 2000 }, "signal 9 after 2.0s" },
		{ { .kind = LOG_OOM, .ppid = 7, .parent = "sh" }, NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct event_sample *given = &cases[i].sample;
		struct event_sample *event;
		void *const *rows;
		size_t n;

		sample_clear(&f->sample);
		event = sample_add_event(&f->sample);
		event->container = f->web;
		event->kind = given->kind;
		if (given->kind < LOG_EXEC)
			event->key = (struct flow_key){
				.family = 4, .protocol = IPPROTO_TCP, .local_port = 5432,
				.remote_port = 443, .remote_address = { 192, 0, 2, 1 },
			};
		event->direction = given->direction;
		event->error = given->error;
		event->ppid = given->ppid ? given->ppid : UNKNOWN;
		memcpy(event->parent, given->parent, sizeof(event->parent));
		event->latency_us = given->latency_us ? given->latency_us : UNKNOWN;
		if (given->rx_bytes) {
			event->rx_bytes = given->rx_bytes;
			event->tx_bytes = given->tx_bytes;
		}
		if (given->duration_ms || given->exit_code)
			event->duration_ms = given->duration_ms;
		if (given->signal)
			event->signal = given->signal;
		if (given->exit_code)
			event->exit_code = given->exit_code;
		model_update(f->model, &f->sample, f->containers, NSEC_PER_SEC);
		rows = model_touched_rows(f->model, PANE_EVENTS, &n);
		assert_int_equal(n, 1);
		if (cases[i].detail)
			assert_string_equal(((const struct event_row *)rows[0])->detail,
					    cases[i].detail);
		else
			assert_null(((const struct event_row *)rows[0])->detail);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(containers_pane),
		TEST(flows_pane),
		TEST(disks_pane),
		TEST(syscalls_pane),
		TEST(processes_pane),
		TEST(wide_lines_show_more),
		TEST(narrow_lines_end_early),
		TEST(totals_are_no_rates),
		TEST(whole_texts_without_a_limit),
		TEST(wide_characters_are_cut_whole),
		TEST(styles_tell_sort_and_end),
		TEST(events_say_what_happened),
		cmocka_unit_test(accuracy_in_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

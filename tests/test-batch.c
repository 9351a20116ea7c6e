/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Batch output, from recordings in tests/data to the last byte of what is
 * printed.  UPDATE_EXPECTED=1 in the environment writes the expected files anew:
 * look at the difference before it is committed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "front.h"
#include "util.h"

#define WORDS_MAX 16
#define FILE_MOST (1 << 20)

/* A replay from its command line to its last report. */
struct replay {
	struct options options;
	struct source *source;
	struct model *model;
	struct front *front;
	struct sample sample;
};

static char *data_path(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/tests/data/%s", srcdir ? srcdir : ".", name);
}

static void parse_line(const char *line, struct options *ret)
{
	char *copy = xasprintf("contop %s", line), *save = NULL, *error = NULL, *output = NULL;
	char *words[WORDS_MAX + 1];
	int n = 0;
	size_t size;
	FILE *out = open_memstream(&output, &size);

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	words[n] = NULL;
	if (options_parse(n, words, out, ret, &error) != OPTIONS_RUN)
		fail_msg("%s: %s", line, error);
	fclose(out);
	free(output);
	free(copy);
}

static void replay_open(struct replay *replay, const char *recording, const char *line, FILE *out)
{
	char *path = data_path(recording), *error = NULL;
	bool counted[PANE_COUNT];

	*replay = (struct replay){ 0 };
	parse_line(line, &replay->options);
	if (source_replay_open(path, &replay->source, &error))
		fail_msg("%s", error);
	for (size_t i = 0; i < PANE_COUNT; i++)
		counted[i] = replay->source->status[i].available;
	replay->model = model_new(counted);
	if (batch_open(&replay->options, replay->source, out, &replay->front, &error))
		fail_msg("%s", error);
	free(path);
}

static void replay_close(struct replay *replay)
{
	replay->front->free(replay->front);
	model_free(replay->model);
	sample_done(&replay->sample);
	replay->source->free(replay->source);
	options_done(&replay->options);
}

/* One interval: enum todo, or -errno as of the end of the recording. */
static int replay_step(struct replay *replay)
{
	int err = replay->source->read(replay->source, &replay->sample);

	if (err)
		return err;
	model_update(replay->model, &replay->sample, replay->source->containers, 0);
	return replay->front->show(replay->front, replay->model);
}

static char *output_of(const char *recording, const char *line)
{
	struct replay replay;
	char *output = NULL;
	size_t size;
	FILE *out = open_memstream(&output, &size);
	int result;

	replay_open(&replay, recording, line, out);
	while ((result = replay_step(&replay)) == TODO_NOTHING)
		;
	assert_int_equal(result, -ENODATA);
	replay_close(&replay);
	fclose(out);
	return output;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void check_output(const char *recording, const char *line, const char *expected)
{
	char *path = data_path(expected), *output = output_of(recording, line), *want = NULL;

	/* A recording that is to come out as it went in is not to follow what comes out. */
	if (getenv("UPDATE_EXPECTED") && strcmp(recording, expected))
		write_file(path, output);
	if (read_file(AT_FDCWD, path, FILE_MOST, &want) < 0)
		fail_msg("%s is missing", path);
	if (strcmp(output, want))
		fail_msg("%s: contop %s printed\n%s", expected, line, output);
	free(output);
	free(want);
	free(path);
}

#define EVERY_PANE "-P containers,flows,disks,syscalls,processes,files,listeners,hints "

static void test_expected_output(void **state)
{
	static const struct { const char *recording, *line, *expected; } cases[] = {
		{ "busy.json", EVERY_PANE, "busy.text.expected" },
		{ "busy.json", EVERY_PANE "-o csv", "busy.csv.expected" },
		{ "busy.json", EVERY_PANE "-o json", "busy.json" },
		{ "busy.json", EVERY_PANE "-a", "busy-total.text.expected" },
		{ "busy.json", "-P flows -a -o csv", "busy-total.csv.expected" },
		{ "busy.json", "-P disks -a -o json", "busy-total.json.expected" },
		{ "busy.json", "-q", "busy-quiet.text.expected" },
		{ "busy.json", "-P flows,disks -q -o csv", "busy-quiet.csv.expected" },
		{ "busy.json",
		  "-P flows,containers -F rx_bytes,name,remote_port,state -s -rx_bytes",
		  "busy-fields.text.expected" },
		{ "busy.json",
		  "-P disks -F container,device,latency_p50_us -s latency_p50_us -R -o csv",
		  "busy-fields.csv.expected" },
		{ "busy.json", "-P containers -s name -F name,pod,image,state",
		  "busy-names.text.expected" },
		{ "busy.json", EVERY_PANE "-f web", "busy-word.text.expected" },
		{ "busy.json", "-f container!=host&&read>=512K||tcp", "busy-filter.text.expected" },
		{ "busy.json", "-P flows,disks -f rport>10K&&!(remote=203.0.113.0/24) -o csv",
		  "busy-filter.csv.expected" },
		{ "busy.json", "-P flows -a -f rx=-||rx>100M", "busy-filter-total.text.expected" },
		{ "hostile.json", EVERY_PANE, "hostile.text.expected" },
		{ "hostile.json", EVERY_PANE "-o csv", "hostile.csv.expected" },
		{ "hostile.json", EVERY_PANE "-o json", "hostile.json.expected" },
		{ "partial.json", "", "partial.text.expected" },
		{ "partial.json", "-o csv", "partial.csv.expected" },
		{ "partial.json", "-o json", "partial.json" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_output(cases[i].recording, cases[i].line, cases[i].expected);
}

/* Whatever a recording holds, no control character but the line feed comes out. */
static void test_no_control_characters(void **state)
{
	static const char *const lines[] = {
		EVERY_PANE, EVERY_PANE "-o csv", EVERY_PANE "-o json",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *output = output_of("hostile.json", lines[i]);

		for (const char *p = output; *p; p++)
			if ((unsigned char)*p < ' ' && *p != '\n')
				fail_msg("%s: control character %d", lines[i], *p);
		assert_null(strstr(output, "\302\233"));	/* CSI of one byte */
		assert_null(strstr(output, "\342\200\256"));	/* right-to-left override */
		free(output);
	}
}

/* A reader sees each report as soon as its interval is over. */
static void test_reports_are_flushed(void **state)
{
	struct replay replay;
	char *output = NULL;
	size_t size = 0, before = 0;
	int fds[2];
	FILE *out;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	out = fdopen(fds[1], "w");
	replay_open(&replay, "busy.json", "-P syscalls", out);
	output = xmalloc(FILE_MOST);
	for (int i = 0; i < 3; i++) {
		ssize_t got;

		assert_int_equal(replay_step(&replay), TODO_NOTHING);
		got = read(fds[0], output, FILE_MOST);
		assert_true(got > 0);
		size += (size_t)got;
		assert_true(size > before && output[got - 1] == '\n');
		before = size;
	}
	free(output);
	replay_close(&replay);
	fclose(out);
	close(fds[0]);
}

static void test_closed_pipe(void **state)
{
	struct replay replay;
	int fds[2];
	FILE *out;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	close(fds[0]);
	out = fdopen(fds[1], "w");
	replay_open(&replay, "busy.json", "-o json", out);
	assert_int_equal(replay_step(&replay), -EPIPE);
	replay_close(&replay);
	fclose(out);
}

static void test_full_disk(void **state)
{
	struct replay replay;
	FILE *out = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(out);
	replay_open(&replay, "busy.json", "", out);
	assert_int_equal(replay_step(&replay), -ENOSPC);
	replay_close(&replay);
	fclose(out);
}

static void test_wrong_columns(void **state)
{
	char fields[] = "name,nothing", sort[] = "-nothing";
	const struct { char *sort, *fields; const char *error; } cases[] = {
		{ NULL, fields, "-F nothing: no such column, -F help lists them" },
		{ sort, NULL, "-s nothing: no such column, -s help lists them" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options options = { .sort = cases[i].sort, .fields = cases[i].fields };
		struct source source = { 0 };
		struct front *front;
		char *error = NULL;

		assert_int_equal(batch_open(&options, &source, stdout, &front, &error), -EINVAL);
		assert_string_equal(error, cases[i].error);
		free(error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expected_output),
		cmocka_unit_test(test_no_control_characters),
		cmocka_unit_test(test_reports_are_flushed),
		cmocka_unit_test(test_closed_pipe),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_wrong_columns),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

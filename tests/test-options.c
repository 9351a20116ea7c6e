/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what is taken, what is refused and how it is said. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "column.h"
#include "options.h"
#include "util.h"
#include "view.h"

#define WORDS_MAX 8

/* A command line that was read, and all that came of it. */
struct run {
	struct options options;
	enum options_result result;
	char *error;			/* owned; NULL unless OPTIONS_WRONG */
	char *output;			/* owned */
};

/* Words stand between blanks; "~" is an empty one. */
static void run_words(struct run *run, const char *line)
{
	char *copy = xasprintf("contop %s", line), *save = NULL;
	char *words[WORDS_MAX + 1];
	char empty[] = "";
	int n = 0;
	size_t size;
	FILE *out;

	*run = (struct run){ 0 };
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(n < WORDS_MAX);
		words[n++] = strcmp(word, "~") ? word : empty;
	}
	words[n] = NULL;
	out = open_memstream(&run->output, &size);
	run->result = options_parse(n, words, out, &run->options, &run->error);
	fclose(out);
	free(copy);
}

static void run_done(struct run *run)
{
	options_done(&run->options);
	free(run->error);
	free(run->output);
}

static void test_defaults(void **state)
{
	struct run run;

	(void)state;
	run_words(&run, "");
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(run.options.delay_ns, NSEC_PER_SEC);
	assert_int_equal(run.options.duration_ns, 0);
	assert_int_equal(run.options.iterations, 0);
	assert_int_equal(run.options.n_panes, 0);
	assert_int_equal(run.options.memory_budget, 64 << 20);
	assert_int_equal(run.options.format, OUTPUT_TEXT);
	assert_int_equal(run.options.color, COLOR_AUTO);
	assert_string_equal(run.options.procfs, "/proc");
	assert_string_equal(run.options.cgroupfs, "/sys/fs/cgroup");
	assert_null(run.options.sort);
	assert_null(run.options.fields);
	assert_null(run.options.replay);
	assert_string_equal(run.output, "");
	run_done(&run);
}

/* The output of a run of the test is a stream in memory: no terminal. */
static void test_no_terminal_is_batch(void **state)
{
	struct run run;

	(void)state;
	run_words(&run, "-q");
	assert_true(run.options.batch);
	run_done(&run);
}

static void test_numbers(void **state)
{
	static const struct { const char *line; size_t field; uint64_t want; } cases[] = {
		{ "-n 1", offsetof(struct options, iterations), 1 },
		{ "-n18446744073709551615", offsetof(struct options, iterations), UINT64_MAX },
		{ "--iterations=07", offsetof(struct options, iterations), 7 },
		{ "-d 0.1", offsetof(struct options, delay_ns), 100000000 },
		{ "-d0.5", offsetof(struct options, delay_ns), 500000000 },
		{ "--delay=0.5", offsetof(struct options, delay_ns), 500000000 },
		{ "--delay 3600", offsetof(struct options, delay_ns), 3600 * NSEC_PER_SEC },
		{ "-d 3600.0000000000", offsetof(struct options, delay_ns), 3600 * NSEC_PER_SEC },
		{ "-d .25", offsetof(struct options, delay_ns), 250000000 },
		{ "-d 2.", offsetof(struct options, delay_ns), 2 * NSEC_PER_SEC },
		{ "-d 1.0000000019", offsetof(struct options, delay_ns), 1000000001 },
		{ "-d 3 -d 2", offsetof(struct options, delay_ns), 2 * NSEC_PER_SEC },
		{ "-T 90", offsetof(struct options, duration_ns), 90 * NSEC_PER_SEC },
		{ "-T 90s", offsetof(struct options, duration_ns), 90 * NSEC_PER_SEC },
		{ "-T 10m", offsetof(struct options, duration_ns), 600 * NSEC_PER_SEC },
		{ "--duration 2h", offsetof(struct options, duration_ns), 7200 * NSEC_PER_SEC },
		{ "-T 1.5m", offsetof(struct options, duration_ns), 90 * NSEC_PER_SEC },
		{ "", offsetof(struct options, linger_ns), 5 * NSEC_PER_SEC },
		{ "--textfile a", offsetof(struct options, linger_ns), 60 * NSEC_PER_SEC },
		{ "--listen 1 --linger 7", offsetof(struct options, linger_ns), 7 * NSEC_PER_SEC },
		{ "--textfile a", offsetof(struct options, n_peers), 0 },
		{ "--textfile a --peers 1000", offsetof(struct options, n_peers), 1000 },
		{ "--peers=7 --listen 1 -P flows", offsetof(struct options, n_peers), 7 },
		{ "--peers 0", offsetof(struct options, n_peers), 0 },
		{ "--linger 0", offsetof(struct options, linger_ns), 0 },
		{ "", offsetof(struct options, slow_ns), 0 },
		{ "--slow 0.01", offsetof(struct options, slow_ns), 10000 },
		{ "--slow=1.5", offsetof(struct options, slow_ns), 1500000 },
		{ "", offsetof(struct options, max_overhead_ppm), 0 },
		{ "--max-overhead 1.5", offsetof(struct options, max_overhead_ppm), 15000 },
		{ "--max-overhead=0.01%", offsetof(struct options, max_overhead_ppm), 100 },
		{ "--max-overhead 10000", offsetof(struct options, max_overhead_ppm), 100000000 },
		{ "--slow 3600000", offsetof(struct options, slow_ns), 3600 * NSEC_PER_SEC },
		{ "--linger=1.5", offsetof(struct options, linger_ns), 1500000000 },
		{ "--rotate 1h", offsetof(struct options, rotation.age_ns), 3600 * NSEC_PER_SEC },
		{ "--rotate 1h,2m", offsetof(struct options, rotation.age_ns), 120 * NSEC_PER_SEC },
		{ "--rotate 90s,3K", offsetof(struct options, rotation.age_ns), 90 * NSEC_PER_SEC },
		{ "--rotate 90s,3K", offsetof(struct options, rotation.size), 3 << 10 },
		{ "--rotate=500M", offsetof(struct options, rotation.size), 500 << 20 },
		{ "--rotate 2G,1h", offsetof(struct options, rotation.size), 2ULL << 30 },
		{ "--linger 3600", offsetof(struct options, linger_ns), 3600 * NSEC_PER_SEC },
		{ "--memory 1048576", offsetof(struct options, memory_budget), 1 << 20 },
		{ "--memory 2048K", offsetof(struct options, memory_budget), 2 << 20 },
		{ "--memory=128M", offsetof(struct options, memory_budget), 128 << 20 },
		{ "--memory=1g", offsetof(struct options, memory_budget), 1 << 30 },
		{ "--memory 16G", offsetof(struct options, memory_budget), 16ULL << 30 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;
		uint64_t number;

		run_words(&run, cases[i].line);
		if (run.result != OPTIONS_RUN)
			fail_msg("%s: %s", cases[i].line, run.error);
		memcpy(&number, (char *)&run.options + cases[i].field, sizeof(number));
		if (number != cases[i].want)
			fail_msg("%s gave %llu", cases[i].line, (unsigned long long)number);
		run_done(&run);
	}
}

static void test_flags(void **state)
{
	static const struct { const char *line; size_t field; } cases[] = {
		{ "-b", offsetof(struct options, batch) },
		{ "--batch", offsetof(struct options, batch) },
		{ "-R", offsetof(struct options, reverse) },
		{ "--reverse", offsetof(struct options, reverse) },
		{ "-q", offsetof(struct options, quiet) },
		{ "--quiet", offsetof(struct options, quiet) },
		{ "-a", offsetof(struct options, accumulate) },
		{ "--accumulate", offsetof(struct options, accumulate) },
		{ "-bRqa", offsetof(struct options, accumulate) },
		{ "--check", offsetof(struct options, check) },
		{ "--ascii", offsetof(struct options, ascii) },
		{ "--units", offsetof(struct options, units) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		if (run.result != OPTIONS_RUN || !*(bool *)((char *)&run.options + cases[i].field))
			fail_msg("%s was not taken: %s", cases[i].line, run.error ? run.error : "");
		run_done(&run);
	}
}

static void test_strings(void **state)
{
	static const struct { const char *line; size_t field; const char *want; } cases[] = {
		{ "-s rx_bytes", offsetof(struct options, sort), "rx_bytes" },
		{ "-s -rx_bytes", offsetof(struct options, sort), "-rx_bytes" },
		{ "--sort=-rx_bytes", offsetof(struct options, sort), "-rx_bytes" },
		{ "-P flows -s remote_port", offsetof(struct options, sort), "remote_port" },
		{ "-s remote_port -P flows", offsetof(struct options, sort), "remote_port" },
		{ "-F name,rx_bytes", offsetof(struct options, fields), "name,rx_bytes" },
		{ "--replay a.json", offsetof(struct options, replay), "a.json" },
		{ "--replay a --replay -", offsetof(struct options, replay), "-" },
		{ "--listen [::1]:9435", offsetof(struct options, listen), "[::1]:9435" },
		{ "--record a.json.gz", offsetof(struct options, record), "a.json.gz" },
		{ "--log-dir /l", offsetof(struct options, log_dir), "/l" },
		{ "--export [::1]:9", offsetof(struct options, export), "[::1]:9" },
		{ "--textfile a.prom", offsetof(struct options, textfile), "a.prom" },
		{ "--docker-socket /d", offsetof(struct options, docker_socket), "/d" },
		{ "--procfs /host/proc", offsetof(struct options, procfs), "/host/proc" },
		{ "--cgroupfs=/host/cg", offsetof(struct options, cgroupfs), "/host/cg" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		if (run.result != OPTIONS_RUN)
			fail_msg("%s: %s", cases[i].line, run.error);
		assert_string_equal(*(char **)((char *)&run.options + cases[i].field),
				    cases[i].want);
		run_done(&run);
	}
}

static void test_choices(void **state)
{
	static const struct { const char *line; int format, color; } cases[] = {
		{ "-o text", OUTPUT_TEXT, COLOR_AUTO },
		{ "-o csv --color auto", OUTPUT_CSV, COLOR_AUTO },
		{ "--output=json --color=always", OUTPUT_JSON, COLOR_ALWAYS },
		{ "-ojson --color never", OUTPUT_JSON, COLOR_NEVER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		assert_int_equal(run.result, OPTIONS_RUN);
		assert_int_equal(run.options.format, cases[i].format);
		assert_int_equal(run.options.color, cases[i].color);
		run_done(&run);
	}
}

static void test_logs(void **state)
{
	static const struct { const char *line; int format; unsigned int keep; } cases[] = {
		{ "", OUTPUT_JSON, 0 },
		{ "--log-format csv --keep 24", OUTPUT_CSV, 24 },
		{ "--keep 100000 --rotate 1h --log-format=json", OUTPUT_JSON, 100000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		assert_int_equal(run.result, OPTIONS_RUN);
		assert_int_equal(run.options.log_format, cases[i].format);
		assert_int_equal(run.options.rotation.keep, cases[i].keep);
		run_done(&run);
	}
}

static void test_panes(void **state)
{
	enum pane_id chosen[PANE_COUNT];
	struct run run;

	(void)state;
	run_words(&run, "-P processes -P syscalls,containers");
	assert_int_equal(run.result, OPTIONS_RUN);
	assert_int_equal(options_panes(&run.options, chosen), 2);
	assert_int_equal(chosen[0], PANE_SYSCALLS);
	assert_int_equal(chosen[1], PANE_CONTAINERS);
	run_done(&run);

	run_words(&run, "");
	assert_int_equal(options_panes(&run.options, chosen), 4);
	assert_int_equal(chosen[0], PANE_CONTAINERS);
	assert_int_equal(chosen[3], PANE_SYSCALLS);
	run_done(&run);
}

/* Whom to look at: what is taken, and what that asks of the kernel. */
static void test_scope_and_panes_wanted(void **state)
{
	static const struct { const char *line; bool containers, pids, user, events, files; } cases[] = {
		{ "", false, false, false, false, false },
		{ "-c web*,!web-test", true, false, false, false, false },
		{ "-p 1,4711", false, true, false, false, false },
		{ "-u 0 -P events", false, false, true, true, false },
		{ "-u root -P files", false, false, true, false, true },
		{ "--check", false, false, false, true, false },
		{ "--record a", false, false, false, true, true },
		{ "--export a:1", false, false, false, true, false },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run_words(&run, cases[i].line);
		assert_int_equal(run.result, OPTIONS_RUN);
		assert_int_equal(run.options.scope.globs != NULL, cases[i].containers);
		assert_int_equal(run.options.scope.n_pids != 0, cases[i].pids);
		assert_int_equal(run.options.scope.by_user, cases[i].user);
		assert_int_equal(options_want_events(&run.options), cases[i].events);
		assert_int_equal(options_want_files(&run.options), cases[i].files);
		run_done(&run);
	}
}

/* What of it costs something, and is opened or done only then. */
static void test_what_costs_is_wanted(void **state)
{
	static const struct { const char *line; bool hints, listeners, own_columns; unsigned int wishes; } cases[] = {
		{ "", false, false, false, 0 },
		{ "--check", true, true, false, 0 },
		{ "--hints", true, false, false, 0 },
		{ "-P hints", true, false, false, 0 },
		{ "-P listeners,flows", false, true, false, 0 },
		{ "-P syscalls -F syscall,latency_avg_ns", false, false, true, WISH_LATENCY },
		{ "-P syscalls -s latency_total_ns", false, false, false, WISH_LATENCY },
		{ "-P containers -F name,io_pressure", false, false, false, WISH_PRESSURE },
	};
	struct run run;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run_words(&run, cases[i].line);
		assert_int_equal(run.result, OPTIONS_RUN);
		assert_int_equal(options_want_hints(&run.options), cases[i].hints);
		assert_int_equal(options_want_listeners(&run.options), cases[i].listeners);
		assert_int_equal(options_choose_columns(&run.options, PANE_SYSCALLS),
				 cases[i].own_columns);
		assert_int_equal(options_wishes(&run.options), cases[i].wishes);
		run_done(&run);
	}
}

/* Each setting with what it takes, in a line. */
static void test_settings_are_listed(void **state)
{
	struct run run;

	(void)state;
	run_words(&run, "--config help");
	assert_int_equal(run.result, OPTIONS_EXIT);
	assert_non_null(strstr(run.output, "delay"));
	assert_non_null(strstr(run.output, "sort"));
	run_done(&run);
}

/* Wrong usage is one line that names the option, what was given and what is right. */
static void test_refused(void **state)
{
#define DELAY "not a delay in seconds, use 0.1 to 3600"
#define DURATION "not a duration, use 90, 90s, 10m or 2h"
#define MEMORY "not a size of memory, use 1M to 16G"
#define OVERHEAD "not a share of a CPU in percent, use 0.01 to 10000"
#define ROTATION "not an age or a size, use 1h, 500M or 1h,500M"
#define COUNT "not a number of intervals, use 1 or more"
#define NO_PEERS "--peers: only metrics of flows have peers, use it with --listen or --textfile"
#define PANES "containers,flows,disks,syscalls,processes,events,files,listeners,hints"
	static const struct { const char *line, *error; } cases[] = {
		{ "-d 0", "-d 0: " DELAY },
		{ "-d 0.0999999999", "-d 0.0999999999: " DELAY },
		{ "-d 3600.1", "-d 3600.1: " DELAY },
		{ "--delay -1", "-d -1: " DELAY },
		{ "-d nan", "-d nan: " DELAY },
		{ "-d inf", "-d inf: " DELAY },
		{ "-d 1e2", "-d 1e2: " DELAY },
		{ "-d 0x10", "-d 0x10: " DELAY },
		{ "-d 1,5", "-d 1,5: " DELAY },
		{ "-d 1s", "-d 1s: " DELAY },
		{ "-d .", "-d .: " DELAY },
		{ "-d +1", "-d +1: " DELAY },
		{ "-d ~", "-d : " DELAY },
		{ "-p 0", "-p 0: not a list of process ids (up to 1024)" },
		{ "-p x", "-p x: not a list of process ids (up to 1024)" },
		{ "-u no-such-user", "-u no-such-user: there is no such user" },
		{ "-c ,", "-c ,: a name is missing, use web*,!web-test" },
		{ "--linger 3600.1", "--linger 3600.1: not a time in seconds, use 0 to 3600" },
		{ "--linger -1", "--linger -1: not a time in seconds, use 0 to 3600" },
		{ "--rotate 1", "--rotate 1: " ROTATION },
		{ "--rotate 0h", "--rotate 0h: " ROTATION },
		{ "--rotate 1h,", "--rotate 1h,: " ROTATION },
		{ "--rotate 1d", "--rotate 1d: " ROTATION },
		{ "--rotate 1.5M", "--rotate 1.5M: " ROTATION },
		{ "--rotate 1MB", "--rotate 1MB: " ROTATION },
		{ "--rotate 99999999999G", "--rotate 99999999999G: " ROTATION },
		{ "--keep 0", "--keep 0: not a number of files, use 1 to 100000" },
		{ "--keep 1x", "--keep 1x: not a number of files, use 1 to 100000" },
		{ "--log-format text", "--log-format text: no such format of logs, use json or csv" },
		{ "--max-overhead 0.009", "--max-overhead 0.009: " OVERHEAD },
		{ "--max-overhead 10001", "--max-overhead 10001: " OVERHEAD },
		{ "--max-overhead 1%%", "--max-overhead 1%%: " OVERHEAD },
		{ "--max-overhead x", "--max-overhead x: " OVERHEAD },
		{ "--slow 0.009", "--slow 0.009: not a time in milliseconds, use 0.01 to 3600000" },
		{ "--slow 3600001", "--slow 3600001: not a time in milliseconds, use 0.01 to 3600000" },
		{ "--slow 1s", "--slow 1s: not a time in milliseconds, use 0.01 to 3600000" },
		{ "--linger 5s", "--linger 5s: not a time in seconds, use 0 to 3600" },
		{ "-d 18446744074.5", "-d 18446744074.5: " DELAY },
		{ "-d 36893488147419103232", "-d 36893488147419103232: " DELAY },
		{ "-n 0", "-n 0: " COUNT },
		{ "-n -1", "-n -1: " COUNT },
		{ "-n 1.5", "-n 1.5: " COUNT },
		{ "-n 5x", "-n 5x: " COUNT },
		{ "-n 18446744073709551616", "-n 18446744073709551616: " COUNT },
		{ "-T 0", "-T 0: " DURATION },
		{ "-T 5d", "-T 5d: " DURATION },
		{ "-T m", "-T m: " DURATION },
		{ "-T 1ms", "-T 1ms: " DURATION },
		{ "-T 18446744073h", "-T 18446744073h: " DURATION },
		{ "--memory 1", "--memory 1: " MEMORY },
		{ "--memory 17G", "--memory 17G: " MEMORY },
		{ "--memory 1T", "--memory 1T: " MEMORY },
		{ "--memory 64MB", "--memory 64MB: " MEMORY },
		{ "--memory M", "--memory M: " MEMORY },
		{ "--memory 17592186044417G", "--memory 17592186044417G: " MEMORY },
		{ "-P flow", "-P flow: no such pane, use some of " PANES },
		{ "-P flows,", "-P flows,: no such pane, use some of " PANES },
		{ "-P ~", "-P : no such pane, use some of " PANES },
		{ "-P disks,disks", "-P disks,disks: a pane twice, use each once of " PANES },
		{ "-o xml", "-o xml: no such format, use text, csv or json" },
		{ "--color red", "--color red: not known, use auto, always or never" },
		{ "-s nothing", "-s nothing: no such column, -s help lists them" },
		{ "-s -", "-s : no such column, -s help lists them" },
		{ "-s remote_port -P disks", "-s remote_port: no such column, -s help lists them" },
		{ "-f rx>", "-f rx>: a value is missing here (character 4)" },
		{ "-f \u00e4&&", "-f \u00e4&&: a word or a comparison is missing here (character 4)" },
		{ "-f speed>5", "-f speed>5: speed: no such column (character 1)" },
		{ "-P disks -f rport=80",
		  "-f rport=80: rport: no column of this pane (character 1)" },
		{ "-P disks,flows -f rport~(",
		  "-f rport~(: a value is missing here (character 7)" },
		{ "--config /nonexistent", "--config /nonexistent: No such file or directory" },
		{ "-F name,nothing", "-F nothing: no such column, -F help lists them" },
		{ "-F name,", "-F : no such column, -F help lists them" },
		{ "--replay ~", "--replay : empty" },
		{ "--listen ~", "--listen : empty" },
		{ "--textfile ~", "--textfile : empty" },
		{ "--peers 1001", "--peers 1001: not a number of peers, use 0 to 1000" },
		{ "--peers -1", "--peers -1: not a number of peers, use 0 to 1000" },
		{ "--peers 5x", "--peers 5x: not a number of peers, use 0 to 1000" },
		{ "--peers 5", NO_PEERS },
		{ "--peers 5 --listen 9435 -P disks", NO_PEERS },
		{ "--listen 9435 -f web", "-f: metrics have no filter, use -c to choose containers" },
		{ "--textfile a -o json", "-o: metrics are printed nowhere, leave it out" },
		{ "-n", "-n: needs an argument, N, see --help" },
		{ "--memory", "--memory: needs an argument, SIZE, see --help" },
		{ "--batch=1", "--batch: takes no argument, see --help" },
		{ "-Z", "-Z: no such option, see --help" },
		{ "-bZ", "-Z: no such option, see --help" },
		{ "--nothing", "--nothing: no such option, see --help" },
		{ "--nothing=1", "--nothing=1: no such option, see --help" },
		{ "--re", "--re: no such option, see --help" },
		{ "web", "web: contop takes only options, see --help" },
		{ "-b -- -n", "-n: contop takes only options, see --help" },
		{ "-d \033[31m", "-d ?[31m: " DELAY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		if (run.result != OPTIONS_WRONG)
			fail_msg("%s was taken", cases[i].line);
		assert_string_equal(run.error, cases[i].error);
		assert_string_equal(run.output, "");
		run_done(&run);
	}
}

static void test_help_names_every_option(void **state)
{
	struct run run;

	(void)state;
	run_words(&run, "--help -d 2");
	assert_int_equal(run.result, OPTIONS_EXIT);
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];
		const char letter[] = { '-', (char)entry->letter, ',', '\0' };
		char *want = xasprintf("  %-3s --%s%s%s", entry->letter ? letter : "",
				       entry->name, entry->argument ? " " : "",
				       entry->argument ? entry->argument : "");

		if (!strstr(run.output, want))
			fail_msg("--help lacks %s", want);
		free(want);
	}
	run_done(&run);
}

static void test_version(void **state)
{
	struct run run;

	(void)state;
	run_words(&run, "-V");
	assert_int_equal(run.result, OPTIONS_EXIT);
	assert_string_equal(run.output, "contop " PACKAGE_VERSION "\n");
	run_done(&run);
}

/* Of the panes chosen, wherever -P stands, and of no other. */
static void test_lists_columns(void **state)
{
	static const char *const cases[] = { "-s help -P disks", "-P disks -F help" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct pane *pane = &panes[PANE_DISKS];
		struct run run;

		run_words(&run, cases[i]);
		assert_int_equal(run.result, OPTIONS_EXIT);
		assert_memory_equal(run.output, "disks:\n  ", 9);
		assert_null(strstr(run.output, "remote_port"));
		for (size_t j = 0; j < pane->n_columns; j++)
			assert_non_null(strstr(run.output, pane->columns[j].help));
		run_done(&run);
	}
}

static void test_sort_direction(void **state)
{
	static const struct { const char *line; bool ascending; } cases[] = {
		{ "-s rx_bytes", false },
		{ "-s -rx_bytes", true },
		{ "-s rx_bytes -R", true },
		{ "-s -rx_bytes -R", false },
		{ "-s name", true },
		{ "-s -name", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view view;
		struct run run;

		run_words(&run, cases[i].line);
		view_init(&view, &panes[PANE_CONTAINERS]);
		options_apply(&run.options, &view);
		if (view.ascending != cases[i].ascending)
			fail_msg("%s sorts the other way", cases[i].line);
		view_done(&view);
		run_done(&run);
	}
}

/* Columns and order of another pane leave a pane as it is. */
static void test_apply_takes_what_the_pane_has(void **state)
{
	struct view view;
	struct run run;

	(void)state;
	run_words(&run, "-F name,device,read_bytes -s device -a");
	view_init(&view, &panes[PANE_DISKS]);
	options_apply(&run.options, &view);
	assert_int_equal(view.n_columns, 2);
	assert_string_equal(view.columns[0]->name, "device");
	assert_string_equal(view.columns[1]->name, "read_bytes");
	assert_string_equal(view.sort->name, "device");
	assert_true(view.total);
	view_done(&view);

	view_init(&view, &panes[PANE_SYSCALLS]);
	options_apply(&run.options, &view);
	assert_true(view.n_columns > 2);
	assert_string_equal(view.sort->name, panes[PANE_SYSCALLS].sort);
	view_done(&view);
	run_done(&run);
}

/* A filter is for the panes that have its columns; the others show all. */
static void test_filters(void **state)
{
	static const struct { const char *line; unsigned int panes; } cases[] = {
		{ "-f web", (1 << PANE_COUNT) - 1 },
		{ "-f rport=80", 1 << PANE_FLOWS | 1 << PANE_EVENTS },
		{ "-f device=sda", 1 << PANE_DISKS | 1 << PANE_EVENTS },
		{ "-P flows,disks -f rport=80", 1 << PANE_FLOWS | 1 << PANE_EVENTS },
		{ "-f ~", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_words(&run, cases[i].line);
		if (run.result != OPTIONS_RUN)
			fail_msg("%s: %s", cases[i].line, run.error);
		for (size_t j = 0; j < PANE_COUNT; j++)
			if (!run.options.filters[j] != !(cases[i].panes & 1U << j))
				fail_msg("%s: pane %zu", cases[i].line, j);
		run_done(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_no_terminal_is_batch),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_panes),
		cmocka_unit_test(test_scope_and_panes_wanted),
		cmocka_unit_test(test_what_costs_is_wanted),
		cmocka_unit_test(test_settings_are_listed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help_names_every_option),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_lists_columns),
		cmocka_unit_test(test_sort_direction),
		cmocka_unit_test(test_apply_takes_what_the_pane_has),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

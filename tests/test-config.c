/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration: what a file sets, what is said of the rest, and how it is written. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "options.h"
#include "util.h"
#include "view.h"

static struct config *parse(const char *text)
{
	struct config *config = config_new();

	config_parse(config, "rc", text, strlen(text));
	return config;
}

static void values(void **state)
{
	static const struct { const char *text, *section, *name, *want; } cases[] = {
		{ "[contop]\ndelay = 2", "contop", "delay", "2" },
		{ "[contop]\n\n  delay=2  \n", "contop", "delay", "2" },
		{ "[contop]\ndelay: 2\n", "contop", "delay", "2" },
		{ "[contop]\r\ndelay = 2\r\nascii = yes\r\n", "contop", "delay", "2" },
		{ "\357\273\277[contop]\ndelay = 2\n", "contop", "delay", "2" },
		{ "[contop]\ndelay = 2\ndelay = 3\n", "contop", "delay", "3" },
		{ "[contop]\ndelay = 2\ndelay =\n", "contop", "delay", NULL },
		{ "[contop]\ndelay = 2\n[flows]\nreverse = yes\n[contop]\nascii = no\n",
		  "contop", "ascii", "no" },
		/* a blank ahead of a line means nothing */
		{ "[contop]\n delay = 2\n ascii = yes\n", "contop", "ascii", "yes" },
		{ "# delay = 3\n; delay = 4\n[contop]\n  # ascii = no\ndelay = 2\n",
		  "contop", "delay", "2" },
		{ "[contop]\nunits = exact\n", "contop", "units", "exact" },
		{ "[flows]\nfields = remote_address,rx_bytes\n", "flows", "fields",
		  "remote_address,rx_bytes" },
		{ "[flows]\nsort = -rx_bytes\n", "flows", "sort", "-rx_bytes" },
		{ "[disks]\nfilter = device = sda and read > 1M\n", "disks", "filter",
		  "device = sda and read > 1M" },
		/* comments are whole lines: values may have such characters */
		{ "[flows]\nfilter = comm ~ 'a ;b' or comm = '#x'\n", "flows", "filter",
		  "comm ~ 'a ;b' or comm = '#x'" },
		{ "[flows]\nfilter = tcp\n", "disks", "filter", NULL },
		{ "[disks]\nwidths = device:20,reads:9\n", "disks", "widths", "device:20,reads:9" },
		{ "[disks]\nwidths = device:9,\n", "disks", "widths", "device:9," },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *config = parse(cases[i].text);
		const char *got = config_get(config, cases[i].section, cases[i].name);
		size_t n;

		if (!got != !cases[i].want || (got && strcmp(got, cases[i].want)))
			fail_msg("%s gave %s", cases[i].text, got ? got : "nothing");
		config_warnings(config, &n);
		assert_int_equal(n, 0);
		config_free(config);
	}
}

/* Each bad line is named, and the next one counts. */
#define NO_WIDTHS(value) \
	"rc, line 2: widths = " value ": not columns and their cells, as name:30,pid:7"

static void warnings(void **state)
{
	static const struct { const char *text, *warning; } cases[] = {
		{ "delay = 3\n", "rc, line 1: delay = 3: not in a section" },
		{ "[contop]\nnonsense\n", "rc, line 2: neither NAME = VALUE nor [SECTION]" },
		{ "[contop]\n\n#\n= 5\n", "rc, line 4:  = 5: no such setting here" },
		{ "[contop]\nspeed = 5\n", "rc, line 2: speed = 5: no such setting here" },
		{ "[contop]\nsort = rx_bytes\n", "rc, line 2: sort = rx_bytes: no such setting here" },
		{ "[flows]\ndelay = 5\n", "rc, line 2: delay = 5: no such setting here" },
		{ "[flow]\nsort = x\n", "rc, line 2: sort = x: in a section that is none" },
		{ "[contop\nascii = no\n", "rc, line 1: a section without its ]" },
		{ "[contop]\nascii = maybe\n", "rc, line 2: ascii = maybe: not known, use one of: yes no" },
		{ "[contop]\nascii = ye\n", "rc, line 2: ascii = ye: not known, use one of: yes no" },
		{ "[contop]\nunits = yes no\n",
		  "rc, line 2: units = yes no: not known, use one of: binary decimal exact" },
		{ "[disks]\nfields = device,speed\n", "rc, line 2: fields = device,speed: no such column" },
		{ "[disks]\nfields = device,\n", "rc, line 2: fields = device,: no such column" },
		{ "[disks]\nsort = --device\n", "rc, line 2: sort = --device: no such column" },
		{ "[disks]\nfilter = tcp and\n",
		  "rc, line 2: filter = tcp and: a word or a comparison is missing here" },
		{ "[disks]\nfilter = rx > 5\n",
		  "rc, line 2: filter = rx > 5: rx: no column of this pane" },
		{ "[disks]\nwidths = pid:7\n", NO_WIDTHS("pid:7") },
		{ "[disks]\nwidths = device:0\n", NO_WIDTHS("device:0") },
		{ "[disks]\nwidths = device:251\n", NO_WIDTHS("device:251") },
		{ "[disks]\nwidths = device:1000\n", NO_WIDTHS("device:1000") },
		{ "[disks]\nwidths = device:2x\n", NO_WIDTHS("device:2x") },
		{ "[disks]\nwidths = device,reads:9\n", NO_WIDTHS("device,reads:9") },
		{ "[keys]\nSort Up = x\n", "rc, line 2: Sort Up = x: no such action" },
		{ "[contop]\nunits = \033[31m\n",
		  "rc, line 2: units = ?[31m: not a line of text" },
		{ "[contop]\ndelay = \1\n", "rc, line 2: not a line of text" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = xasprintf("%s[containers]\nsort = rx_bytes\n", cases[i].text);
		struct config *config = parse(text);
		const char *const *got;
		size_t n;

		got = config_warnings(config, &n);
		if (n < 1 || strcmp(got[0], cases[i].warning))
			fail_msg("%s: %s", cases[i].text, n ? got[0] : "no warning");
		assert_string_equal(config_get(config, "containers", "sort"), "rx_bytes");
		config_free(config);
		free(text);
	}
}

/* A section that cannot be read is not the one before. */
static void broken_section(void **state)
{
	struct config *config = parse("[contop]\ndelay = 2\n[flows\ndelay = 3\n[contop]\nascii = no\n");
	size_t n;

	(void)state;
	assert_string_equal(config_get(config, "contop", "delay"), "2");
	assert_string_equal(config_get(config, "contop", "ascii"), "no");
	config_warnings(config, &n);
	assert_int_equal(n, 2);
	config_free(config);
}

static void nothing_is_unbounded(void **state)
{
	char *text = NULL;
	size_t size, n;
	FILE *out = open_memstream(&text, &size);
	struct config *config = config_new();

	(void)state;
	fputs("[keys]\n", out);
	for (int i = 0; i < 1000; i++)
		fprintf(out, "action%d = x\n", i);
	fclose(out);
	config_parse(config, "rc", text, size);
	config_keys(config, &n);
	assert_int_equal(n, 256);
	config_warnings(config, &n);
	assert_int_equal(n, 100);
	config_free(config);
	free(text);
}

/* However long a line is, and whatever stands where it is cut for inih. */
static void long_lines(void **state)
{
	(void)state;
	for (size_t size = 150; size < 900; size += 7) {
		char *filter = xmalloc(size + 1), *text;
		struct config *config;
		size_t n;

		for (size_t i = 0; i < size; i++)
			filter[i] = i % 13 == 5 ? ' ' : i % 13 == 6 ? '#' : i % 17 == 3 ? '[' : 'x';
		filter[0] = filter[size - 1] = '\'';
		filter[size] = '\0';
		text = xasprintf("[flows]\nreverse = yes\n  filter = %s\nsort = comm\n", filter);
		config = parse(text);
		config_warnings(config, &n);
		assert_int_equal(n, 0);
		assert_string_equal(config_get(config, "flows", "filter"), filter);
		assert_string_equal(config_get(config, "flows", "sort"), "comm");
		assert_string_equal(config_get(config, "flows", "reverse"), "yes");
		config_free(config);
		free(filter);
		free(text);
	}
}

/* Lines that cannot be cut, or have their name too late, are named; others count. */
static void long_wrong_lines(void **state)
{
	static const char *const heads[] = { "", "[", "filter = x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		char *text = xasprintf("[flows]\nsort = comm\n%s%500s%s\n[flows]\nreverse = yes\n",
				       heads[i], i ? "" : "x", i ? "[disks]x" : "=[disks]");
		struct config *config = parse(text);
		const char *const *got;
		size_t n;

		got = config_warnings(config, &n);
		if (n != 1 || strncmp(got[0], "rc, line 3: ", 12))
			fail_msg("%s: %s", text, n ? got[0] : "no warning");
		assert_string_equal(config_get(config, "flows", "sort"), "comm");
		assert_string_equal(config_get(config, "flows", "reverse"), "yes");
		config_free(config);
		free(text);
	}
}

static void keys(void **state)
{
	struct config *config = parse("[keys]\nsort-left = ;\nquit = Q\nquit = =\nhelp = #\npause =\n");
	const struct config_key *got;
	size_t n;

	(void)state;
	got = config_keys(config, &n);
	assert_int_equal(n, 3);
	assert_string_equal(got[0].action, "sort-left");
	assert_string_equal(got[0].key, ";");
	assert_string_equal(got[1].action, "quit");
	assert_string_equal(got[1].key, "=");
	assert_int_equal(got[1].line, 4);
	assert_string_equal(got[2].key, "#");
	config_refuse_key(config, 1, "no such key");
	assert_string_equal(config_warnings(config, &n)[0], "rc, line 4: quit = =: no such key");
	got = config_keys(config, &n);
	assert_int_equal(n, 2);
	assert_string_equal(got[1].action, "help");
	assert_int_equal(config_set_key(config, "help", NULL), 0);
	assert_int_equal(config_set_key(config, "sort-left", "a\nb"), -EINVAL);
	assert_int_equal(config_set_key(config, "help", " "), 0);
	config_keys(config, &n);
	assert_int_equal(n, 1);
	assert_int_equal(config_set_key(config, "[contop]", "a"), -EINVAL);
	config_keys(config, &n);
	assert_int_equal(n, 1);
	config_free(config);
}

static void setting_by_program(void **state)
{
	struct config *config = config_new();

	(void)state;
	assert_int_equal(config_set(config, "flows", "filter", "tcp and rx > 1M"), 0);
	assert_int_equal(config_set(config, "flows", "filter", "tcp and"), -EINVAL);
	assert_string_equal(config_get(config, "flows", "filter"), "tcp and rx > 1M");
	assert_int_equal(config_set(config, "flows", "filter", "tcp\nor udp"), -EINVAL);
	assert_int_equal(config_set(config, "flows", "filter", "\ttcp  "), 0);
	assert_string_equal(config_get(config, "flows", "filter"), "tcp");
	assert_int_equal(config_set(config, "flow", "filter", "tcp"), -ENOENT);
	assert_int_equal(config_set(config, "flows", "delay", "1"), -ENOENT);
	assert_int_equal(config_set(config, "flows", "filter", NULL), 0);
	assert_null(config_get(config, "flows", "filter"));
	assert_null(config_get(config, "flow", "filter"));
	assert_int_equal(config_set(config, "contop", "split", "yes"), 0);
	assert_true(config_is(config, "contop", "split"));
	assert_false(config_is(config, "contop", "ascii"));
	config_free(config);
}

/* ---- files */

static char *directory_new(void)
{
	char *path = xstrdup("/tmp/contop-config-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static void directory_free(char *path)
{
	char *command = xasprintf("rm -rf '%s'", path);

	assert_int_equal(system(command), 0);
	free(command);
	free(path);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* What is written is read again as it was, whatever is in the values. */
static void save_and_read(void **state)
{
	char *directory = directory_new(), *path = xasprintf("%s/a/b/contoprc", directory), *text;
	struct config *config = config_new(), *again = config_new();
	const struct config_key *key;
	struct stat status;
	size_t n;

	(void)state;
	config_set(config, "contop", "delay", "0.5");
	config_set(config, "containers", "fields", "name,id,short_id,runtime,image,pod,namespace,"
		   "compose_project,compose_service,network_mode,started,restarts,cgroup,state,"
		   "processes,rx_bytes,tx_bytes,rx_packets,tx_packets,retransmits,read_bytes,"
		   "write_bytes,reads,writes,syscalls,errors");
	config_set(config, "flows", "filter", "comm ~ 'x ; y' and \"# = [\" or tcp");
	config_set_key(config, "pause", ";");
	assert_int_equal(config_save(config, path), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);

	assert_int_equal(config_read(again, path), 0);
	config_warnings(again, &n);
	assert_int_equal(n, 0);
	assert_string_equal(config_get(again, "contop", "delay"), "0.5");
	assert_string_equal(config_get(again, "containers", "fields"),
			    config_get(config, "containers", "fields"));
	assert_string_equal(config_get(again, "flows", "filter"),
			    config_get(config, "flows", "filter"));
	key = config_keys(again, &n);
	assert_int_equal(n, 1);
	assert_string_equal(key[0].key, ";");

	assert_true(read_file(AT_FDCWD, path, 4096, &text) > 0);
	assert_non_null(strstr(text, "[contop]\ndelay = 0.5\n\n[containers]\nfields = name,id,"));
	free(text);
	config_free(config);
	config_free(again);
	free(path);
	directory_free(directory);
}

/* The old file's mode stays, a link stays a link, and nothing is left beside it. */
static void save_in_place(void **state)
{
	char *directory = directory_new();
	char *real = xasprintf("%s/real", directory), *link = xasprintf("%s/contoprc", directory);
	char *command = xasprintf("test \"$(ls '%s' | wc -l)\" = 2", directory);
	struct config *config = config_new();
	struct stat status;

	(void)state;
	write_text(real, "[contop]\ndelay = 5\n");
	chmod(real, 0600);
	assert_int_equal(symlink("real", link), 0);
	config_set(config, "contop", "delay", "2");
	assert_int_equal(config_save(config, link), 0);
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(stat(real, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(system(command), 0);
	config_free(config);
	config = config_new();
	assert_int_equal(config_read(config, real), 0);
	assert_string_equal(config_get(config, "contop", "delay"), "2");
	config_free(config);
	free(command);
	free(real);
	free(link);
	directory_free(directory);
}

/* No room: the old file stays as it is. */
static void save_fails(void **state)
{
	char *directory = directory_new(), *path = xasprintf("%s/file/contoprc", directory);
	char *file = xasprintf("%s/file", directory);
	struct config *config = config_new();

	(void)state;
	write_text(file, "");
	assert_int_equal(config_save(config, path), -ENOTDIR);
	assert_int_equal(config_read(config, path), -ENOTDIR);
	assert_int_equal(config_read(config, directory), -EISDIR);
	config_free(config);
	free(path);
	free(file);
	directory_free(directory);
}

static void default_path(void **state)
{
	static const struct { const char *base, *home, *want; } cases[] = {
		{ "/x", "/home/u", "/x/contop/contoprc" },
		{ NULL, "/home/u", "/home/u/.config/contop/contoprc" },
		{ "", "/home/u", "/home/u/.config/contop/contoprc" },
		{ "relative", "/home/u", "/home/u/.config/contop/contoprc" },
		{ NULL, NULL, NULL }, { NULL, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *got;

		cases[i].base ? setenv("XDG_CONFIG_HOME", cases[i].base, 1) :
				unsetenv("XDG_CONFIG_HOME");
		cases[i].home ? setenv("HOME", cases[i].home, 1) : unsetenv("HOME");
		got = config_default_path();
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
		free(got);
	}
}

/* ---- with options */

static enum options_result run(const char *words, struct options *options, char **ret_error)
{
	char *copy = xasprintf("contop %s", words), *save = NULL, *argv[16], *output;
	size_t size;
	FILE *out = open_memstream(&output, &size);
	enum options_result result;
	int n = 0;

	for (char *word = strtok_r(copy, " ", &save); word && n < 15;
	     word = strtok_r(NULL, " ", &save))
		argv[n++] = word;
	argv[n] = NULL;
	result = options_parse(n, argv, out, options, ret_error);
	fclose(out);
	free(output);
	free(copy);
	return result;
}

/* The file sets what the command line does not; what it sets wrong is said and left out. */
static void command_line_wins(void **state)
{
	char *directory = directory_new(), *path = xasprintf("%s/rc", directory), *error = NULL;
	char *words = xasprintf("--config %s -d 3 -s comm -F comm,pid -P flows,disks", path);
	struct options options;
	struct view view;
	size_t n;

	(void)state;
	write_text(path, "[contop]\ndelay = 2\npane = syscalls\nascii = yes\ncolor = red\n"
			 "memory = 1G\n[disks]\nsort = reads\nreverse = yes\nfields = reads,device\n"
			 "[flows]\nreverse = yes\nfilter = udp\n");
	if (run(words, &options, &error) != OPTIONS_RUN)
		fail_msg("%s", error);
	assert_int_equal(options.delay_ns, 3 * NSEC_PER_SEC);
	assert_int_equal(options.n_panes, 2);
	assert_int_equal(options.memory_budget, 1ULL << 30);
	assert_true(options.ascii);
	assert_int_equal(options.color, COLOR_AUTO);
	assert_null(config_get(options.config, "contop", "color"));
	n = strlen(path);
	assert_string_equal(config_warnings(options.config, &n)[0] + strlen(path),
			    ", line 5: color = red: not known, use auto, always or never");
	assert_int_equal(n, 1);

	view_init(&view, &panes[PANE_DISKS]);
	options_apply(&options, &view);
	assert_string_equal(view.sort->name, "reads");
	assert_true(view.ascending);
	assert_int_equal(view.n_columns, 2);
	assert_null(view.filter);
	view_done(&view);

	view_init(&view, &panes[PANE_FLOWS]);
	options_apply(&options, &view);
	assert_string_equal(view.sort->name, "comm");
	assert_true(view.ascending);
	assert_string_equal(view.columns[0]->name, "comm");
	assert_non_null(view.filter);
	assert_string_equal(options_filter_text(&options, PANE_FLOWS), "udp");
	view_done(&view);
	options_done(&options);
	free(words);
	free(path);
	directory_free(directory);
}

/* Batch is for scripts: what was saved on the screen is not for it. */
static void batch_reads_only_what_is_named(void **state)
{
	char *directory = directory_new(), *path = xasprintf("%s/contop", directory), *error = NULL;
	struct options options;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
	path = xasprintf("%s/contop/contoprc", directory);
	write_text(path, "[contop]\ndelay = 2\n");
	setenv("XDG_CONFIG_HOME", directory, 1);
	assert_int_equal(run("-b", &options, &error), OPTIONS_RUN);
	assert_int_equal(options.delay_ns, NSEC_PER_SEC);
	options_done(&options);
	assert_int_equal(run("--config /nonexistent/rc", &options, &error), OPTIONS_WRONG);
	assert_string_equal(error, "--config /nonexistent/rc: No such file or directory");
	options_done(&options);
	free(error);
	free(path);
	directory_free(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(warnings),
		cmocka_unit_test(broken_section),
		cmocka_unit_test(nothing_is_unbounded),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(long_wrong_lines),
		cmocka_unit_test(keys),
		cmocka_unit_test(setting_by_program),
		cmocka_unit_test(save_and_read),
		cmocka_unit_test(save_in_place),
		cmocka_unit_test(save_fails),
		cmocka_unit_test(default_path),
		cmocka_unit_test(command_line_wins),
		cmocka_unit_test(batch_reads_only_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

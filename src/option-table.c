/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options.  option_table is the only place that lists them: the arrays of
 * getopt_long, --help and the check of the manual are made from it.
 */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric-peer.h"
#include "text.h"
#include "util.h"

#define DELAY_LEAST_NS (NSEC_PER_SEC / 10)
#define DELAY_MOST_NS (3600 * NSEC_PER_SEC)
#define LINGER_MOST_NS (3600 * NSEC_PER_SEC)
#define SLOW_LEAST_NS 10000
#define SLOW_MOST_NS (3600 * NSEC_PER_SEC)
#define KEEP_MOST 100000
#define MEMORY_LEAST (1ULL << 20)
#define MEMORY_MOST (16ULL << 30)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads a plain decimal number, "2" or "2.5", as billionths, whatever the
 * locale. Digits beyond the ninth of the fraction must be there but do not
 * count. Returns what comes after it, or NULL: no number, or too large.
 */
static const char *parse_decimal(const char *text, uint64_t *ret_billionths)
{
	uint64_t value = 0, scale = NSEC_PER_SEC;
	const char *p = text;
	size_t digits = 0;

	for (; is_digit(*p); p++, digits++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return NULL;
	}
	if (__builtin_mul_overflow(value, NSEC_PER_SEC, &value))
		return NULL;
	if (*p == '.') {
		for (p++; is_digit(*p); p++, digits++) {
			scale /= 10;
			if (__builtin_add_overflow(value, (uint64_t)(*p - '0') * scale, &value))
				return NULL;
		}
	}
	if (!digits)
		return NULL;
	*ret_billionths = value;
	return p;
}

/* Reads a whole number. Returns what comes after it, or NULL: no number, or too large. */
static const char *parse_integer(const char *text, uint64_t *ret)
{
	const char *p = text;
	uint64_t value = 0;

	for (; is_digit(*p); p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return NULL;
	}
	if (p == text)
		return NULL;
	*ret = value;
	return p;
}

static int wrong(char **ret_error, const char *reason)
{
	*ret_error = xstrdup(reason);
	return -EINVAL;
}

/* ---- options that are more than a flag or a string, in the order of the table */

static int set_iterations(struct options *options, const char *argument, char **ret_error)
{
	uint64_t n;
	const char *end = parse_integer(argument, &n);

	if (!end || *end || n == 0 || n > (unsigned long)-1)
		return wrong(ret_error, "not a number of intervals, use 1 or more");
	options->iterations = (unsigned long)n;
	return 0;
}

static int set_delay(struct options *options, const char *argument, char **ret_error)
{
	uint64_t ns;
	const char *end = parse_decimal(argument, &ns);

	if (!end || *end || ns < DELAY_LEAST_NS || ns > DELAY_MOST_NS)
		return wrong(ret_error, "not a delay in seconds, use 0.1 to 3600");
	options->delay_ns = ns;
	return 0;
}

static uint64_t duration_unit(const char *suffix)
{
	if (!*suffix || !strcmp(suffix, "s"))
		return 1;
	if (!strcmp(suffix, "m"))
		return 60;
	return !strcmp(suffix, "h") ? 3600 : 0;
}

static int set_duration(struct options *options, const char *argument, char **ret_error)
{
	uint64_t ns, unit;
	const char *end = parse_decimal(argument, &ns);

	unit = end ? duration_unit(end) : 0;
	if (!unit || !ns || __builtin_mul_overflow(ns, unit, &ns))
		return wrong(ret_error, "not a duration, use 90, 90s, 10m or 2h");
	options->duration_ns = ns;
	return 0;
}

/* "containers,flows,...": for messages. The caller frees. */
static char *pane_names(void)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < PANE_COUNT; i++) {
		char *longer = xasprintf("%s%s%s", names, i ? "," : "", panes[i].name);

		free(names);
		names = longer;
	}
	return names;
}

/* Takes one name of -P; says what is wrong with it, or returns NULL. */
static const char *add_pane(struct options *options, const char *name, size_t size)
{
	const struct pane *pane = pane_by_name(name, size);

	if (!pane)
		return "no such pane, use some of ";
	for (size_t i = 0; i < options->n_panes; i++)
		if (&panes[options->panes[i]] == pane)
			return "a pane twice, use each once of ";
	options->panes[options->n_panes++] = (enum pane_id)(pane - panes);
	return NULL;
}

static int set_panes(struct options *options, const char *argument, char **ret_error)
{
	const char *name = argument, *complaint;
	char *names;

	options->n_panes = 0;
	for (;;) {
		size_t size = strcspn(name, ",");

		complaint = add_pane(options, name, size);
		if (complaint)
			break;
		name += size;
		if (!*name++)
			return 0;
	}
	options->n_panes = 0;
	names = pane_names();
	*ret_error = xasprintf("%s%s", complaint, names);
	free(names);
	return -EINVAL;
}

/* The place of a word among those of an option, or -1. */
static int find_choice(const char *const *choices, const char *argument)
{
	for (int i = 0; choices[i]; i++)
		if (!strcmp(argument, choices[i]))
			return i;
	return -1;
}

static const char *const formats[] = {
	[OUTPUT_TEXT] = "text", [OUTPUT_CSV] = "csv", [OUTPUT_JSON] = "json", NULL
};

/* Only batch output has formats, so asking for one asks for batch. */
static int set_output(struct options *options, const char *argument, char **ret_error)
{
	int format = find_choice(formats, argument);

	if (format < 0)
		return wrong(ret_error, "no such format, use text, csv or json");
	options->format = (enum output_format)format;
	options->batch = true;
	return 0;
}

static int set_memory(struct options *options, const char *argument, char **ret_error)
{
	static const char units[] = "KMG";
	uint64_t size;
	const char *end = parse_integer(argument, &size), *unit;

	if (end && *end) {
		unit = strchr(units, *end & ~0x20);	/* either case */
		if (!unit || end[1] ||
		    __builtin_mul_overflow(size, 1ULL << 10 * (unit - units + 1), &size))
			end = NULL;
	}
	if (!end || size < MEMORY_LEAST || size > MEMORY_MOST)
		return wrong(ret_error, "not a size of memory, use 1M to 16G");
	options->memory_budget = size;
	return 0;
}

static int set_linger(struct options *options, const char *argument, char **ret_error)
{
	uint64_t ns;
	const char *end = parse_decimal(argument, &ns);

	if (!end || *end || ns > LINGER_MOST_NS)
		return wrong(ret_error, "not a time in seconds, use 0 to 3600");
	options->linger_ns = ns;
	return 0;
}

static int set_slow(struct options *options, const char *argument, char **ret_error)
{
	uint64_t ns;
	const char *end = parse_decimal(argument, &ns);

	if (!end || *end || ns / 1000 < SLOW_LEAST_NS || ns / 1000 > SLOW_MOST_NS)
		return wrong(ret_error, "not a time in milliseconds, use 0.01 to 3600000");
	options->slow_ns = ns / 1000;
	return 0;
}

#define PPM_PER_PERCENT 10000		/* there may be many CPUs: more than 100 % is good */

static int set_max_overhead(struct options *options, const char *argument, char **ret_error)
{
	uint64_t billionths, ppm;
	const char *end = parse_decimal(argument, &billionths);

	ppm = end ? billionths / (NSEC_PER_SEC / PPM_PER_PERCENT) : 0;
	if (ppm < PPM_PER_PERCENT / 100 || ppm > (uint64_t)PPM_PER_PERCENT * 10000 ||
	    (*end && strcmp(end, "%") != 0))
		return wrong(ret_error, "not a share of a CPU in percent, use 0.01 to 10000");
	options->max_overhead_ppm = ppm;
	return 0;
}

static const char *const whens[] = {
	[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL
};

static int set_color(struct options *options, const char *argument, char **ret_error)
{
	int when = find_choice(whens, argument);

	if (when < 0)
		return wrong(ret_error, "not known, use auto, always or never");
	options->color = (enum color_when)when;
	return 0;
}

/* An empty one shows every row, whatever the configuration says. */
static int set_filter(struct options *options, const char *argument, char **ret_error)
{
	(void)ret_error;
	replace_string(&options->filter, argument);
	return 0;
}

/* Metrics leave no screen to be shown. */
static int set_metrics(struct options *options, char **field, const char *argument,
		       char **ret_error)
{
	if (!*argument)
		return wrong(ret_error, "empty");
	replace_string(field, argument);
	options->batch = true;
	return 0;
}

static int set_listen(struct options *options, const char *argument, char **ret_error)
{
	return set_metrics(options, &options->listen, argument, ret_error);
}

static int set_textfile(struct options *options, const char *argument, char **ret_error)
{
	return set_metrics(options, &options->textfile, argument, ret_error);
}

static int set_peers(struct options *options, const char *argument, char **ret_error)
{
	uint64_t n;
	const char *end = parse_integer(argument, &n);

	if (!end || *end || n > PEERS_MOST)
		return wrong(ret_error, "not a number of peers, use 0 to 1000");
	options->n_peers = n;
	return 0;
}

/* "1h", "500M": adds one part of --rotate. Minutes are m, mebibytes M. */
static bool add_rotation(struct rotation *rotation, const char *part)
{
	static const char units[] = "KMG";
	uint64_t number, unit;
	const char *end = parse_decimal(part, &number), *size;

	if (!end || !number || !*end)
		return false;
	size = strchr(units, *end);
	if (size) {
		end = parse_integer(part, &number);
		rotation->size = number;
		return end && *end == *size && !end[1] &&
		       !__builtin_mul_overflow(number, 1ULL << 10 * (size - units + 1),
					       &rotation->size);
	}
	unit = duration_unit(end);
	return unit && !__builtin_mul_overflow(number, unit, &rotation->age_ns);
}

static int set_rotate(struct options *options, const char *argument, char **ret_error)
{
	struct rotation rotation = { .keep = options->rotation.keep };
	char *parts = xstrdup(argument), *rest = parts, *part;
	bool good = *parts;

	while (good && (part = strsep(&rest, ",")))
		good = add_rotation(&rotation, part);
	free(parts);
	if (!good)
		return wrong(ret_error, "not an age or a size, use 1h, 500M or 1h,500M");
	options->rotation = rotation;
	return 0;
}

static int set_keep(struct options *options, const char *argument, char **ret_error)
{
	uint64_t n;
	const char *end = parse_integer(argument, &n);

	if (!end || *end || !n || n > KEEP_MOST)
		return wrong(ret_error, "not a number of files, use 1 to 100000");
	options->rotation.keep = (unsigned int)n;
	return 0;
}

static const char *const log_formats[] = { "json", "csv", NULL };

static int set_log_format(struct options *options, const char *argument, char **ret_error)
{
	int chosen = find_choice(log_formats, argument);

	if (chosen < 0)
		return wrong(ret_error, "no such format of logs, use json or csv");
	options->log_format = chosen ? OUTPUT_CSV : OUTPUT_JSON;
	return 0;
}

/* Where a bool or a string goes that needs no function; another type does not compile. */
#define FIELD_OF(type, member) \
	.field = _Generic(((struct options *)0)->member, type: offsetof(struct options, member))
#define FLAG(member) FIELD_OF(bool, member)
#define STRING(member) FIELD_OF(char *, member)

static int set_container(struct options *options, const char *argument, char **ret_error)
{
	if (!scope_set_containers(&options->scope, argument))
		return 0;
	*ret_error = xstrdup("a name is missing, use web*,!web-test");
	return -EINVAL;
}

static int set_seccomp(struct options *options, const char *argument, char **ret_error)
{
	options->batch = true;
	if (!scope_set_containers(&options->recorded, argument))
		return 0;
	*ret_error = xstrdup("a name is missing");
	return -EINVAL;
}

static int set_pid(struct options *options, const char *argument, char **ret_error)
{
	if (!scope_set_pids(&options->scope, argument))
		return 0;
	*ret_error = xasprintf("not a list of process ids (up to %d)", SCOPE_PIDS_MOST);
	return -EINVAL;
}

static int set_user(struct options *options, const char *argument, char **ret_error)
{
	if (!scope_set_user(&options->scope, argument))
		return 0;
	*ret_error = xstrdup("there is no such user");
	return -EINVAL;
}

const struct option_entry option_table[] = {
	{ 'b', "batch", NULL, "print to standard output instead of the full screen", FLAG(batch) },
	{ 'n', "iterations", "N", "stop after N intervals", .set = set_iterations },
	{ 'd', "delay", "SECS", "length of an interval, 0.1 to 3600 (default 1)",
	  .set = set_delay },
	{ 'T', "duration", "TIME", "stop after this time: 90, 90s, 10m, 2h", .set = set_duration },
	{ 'P', "pane", "LIST", "panes to print or start with", .set = set_panes,
	  .values = VALUES_PANES },
	{ 's', "sort", "COL", "sort by this column, -COL the other way; help lists them",
	  STRING(sort), .values = VALUES_COLUMN },
	{ 'R', "reverse", NULL, "sort the other way", FLAG(reverse) },
	{ 'F', "fields", "LIST", "columns to print; help lists them", STRING(fields),
	  .values = VALUES_COLUMNS },
	{ 'c', "container", "GLOBS", "only these containers: web*,!web-test", .set = set_container },
	{ 'p', "pid", "PIDS", "only these processes and their descendants", .set = set_pid },
	{ 'u', "user", "USER", "only this user's processes", .set = set_user,
	  .values = VALUES_USERS },
	{ 0, "units", NULL, "systemd's units as rows of their own", FLAG(units) },
	{ 0, "hints", NULL, "look into packets: HTTP requests by method, names of TLS and DNS", FLAG(hints) },
	{ 0, "self", NULL, "contop's own system calls, too", FLAG(own_calls) },
	{ 'f', "filter", "EXPR", "rows to show: a word, or COLUMN OPERATOR VALUE",
	  .set = set_filter },
	{ 'o', "output", "FORMAT", "text (default), csv or json; implies -b", .set = set_output,
	  .values = VALUES_CHOICES, .choices = formats },
	{ 'q', "quiet", NULL, "no headings in text and CSV", FLAG(quiet) },
	{ 'a', "accumulate", NULL, "totals since the start instead of per interval",
	  FLAG(accumulate) },
	{ 0, "slow", "MS", "operations of disks and files that take longer are events",
	  .set = set_slow },
	{ 0, "max-overhead", "PCT", "leave times, then processes of calls out when counting takes more",
	  .set = set_max_overhead },
	{ 0, "linger", "SECS", "how long exited containers stay (default 5; in metrics 60)",
	  .set = set_linger },
	{ 0, "replay", "FILE", "show what -o json has written to FILE", STRING(replay),
	  .values = VALUES_FILES },
	{ 0, "record", "FILE", "write all panes of each interval to FILE, compressed if .gz",
	  STRING(record), .values = VALUES_FILES },
	{ 0, "log-dir", "DIR", "write a log for each container into DIR", STRING(log_dir),
	  .values = VALUES_DIRECTORIES },
	{ 0, "log-format", "FORMAT", "of these logs: json (default) or csv", .set = set_log_format,
	  .values = VALUES_CHOICES, .choices = log_formats },
	{ 0, "rotate", "WHEN", "begin new files by age or size: 1h, 500M or 1h,500M",
	  .set = set_rotate },
	{ 0, "keep", "N", "remove all but the N newest of the files before", .set = set_keep },
	{ 0, "export", "ADDRESS", "send flows to a Unix socket, HOST:PORT, or tcp://HOST:PORT (ZMQ)",
	  STRING(export), .values = VALUES_FILES },
	{ 0, "listen", "ADDRESS", "serve metrics: 127.0.0.1:9435, or a Unix socket's path",
	  .set = set_listen, .values = VALUES_FILES },
	{ 0, "textfile", "FILE", "write metrics to FILE each interval", .set = set_textfile,
	  .values = VALUES_FILES },
	{ 0, "peers", "N", "metrics of the N largest peers of each container, too",
	  .set = set_peers },
	{ 0, "seccomp", "CONTAINER", "print in the end a seccomp profile of what it has called",
	  .set = set_seccomp },
	{ 0, "check", NULL, "say which hooks work here, and why not", FLAG(check) },
	{ 0, "docker-socket", "PATH", "Docker's API socket", STRING(docker_socket),
	  .values = VALUES_FILES },
	{ 0, "procfs", "DIR", "the host's /proc", STRING(procfs), .values = VALUES_DIRECTORIES },
	{ 0, "cgroupfs", "DIR", "the host's /sys/fs/cgroup", STRING(cgroupfs),
	  .values = VALUES_DIRECTORIES },
	{ 0, "memory", "SIZE", "kernel memory for counting, with K, M or G (default 64M)",
	  .set = set_memory },
	{ 0, "config", "FILE", "settings of the screen; help lists them", STRING(config_path),
	  .values = VALUES_FILES },
	{ 0, "ascii", NULL, "draw with ASCII characters only", FLAG(ascii) },
	{ 0, "read-only", NULL, "no key acts on containers or processes", FLAG(read_only) },
	{ 0, "color", "WHEN", "auto (default), always or never", .set = set_color,
	  .values = VALUES_CHOICES, .choices = whens },
	{ 'h', "help", NULL, "print this help", FLAG(help) },
	{ 'V', "version", NULL, "print the version", FLAG(version) },
};
const size_t option_table_size = ARRAY_SIZE(option_table);
_Static_assert(ARRAY_SIZE(option_table) <= OPTIONS_MOST, "getopt's arrays are too small");

int option_set(const struct option_entry *entry, struct options *options, const char *argument,
	       char **ret_error)
{
	char *field = (char *)options + entry->field;

	if (entry->set)
		return entry->set(options, argument, ret_error);
	if (!entry->argument) {
		*(bool *)field = true;
		return 0;
	}
	if (!*argument)
		return wrong(ret_error, "empty");
	replace_string((char **)field, argument);
	return 0;
}

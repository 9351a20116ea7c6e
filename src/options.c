/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: read with getopt_long after option_table, on top of the configuration. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "column.h"
#include "text.h"
#include "util.h"
#include "view.h"

#define LINGER_DEFAULT_NS (5 * NSEC_PER_SEC)
#define LINGER_METRICS_NS (60 * NSEC_PER_SEC)	/* until Prometheus comes again: last counts, too */
#define MEMORY_DEFAULT (64ULL << 20)

/* What getopt_long returns for an entry: beyond every character, '?' and ':' included. */
#define ENTRY_BASE 256

/* ---- getopt_long's arrays, made from the table */

static void make_getopt(char *letters, struct option *longs)
{
	/* A leading ':' makes a missing argument distinguishable from a wrong option. */
	*letters++ = ':';
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];

		longs[i] = (struct option){ .name = entry->name, .val = ENTRY_BASE + (int)i,
			.has_arg = entry->argument ? required_argument : no_argument };
		if (!entry->letter)
			continue;
		*letters++ = (char)entry->letter;
		if (entry->argument)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[option_table_size] = (struct option){ 0 };
}

/* The entry that getopt_long means by what it returned or left in optopt, or NULL. */
static const struct option_entry *find_entry(int code)
{
	if (code >= ENTRY_BASE && (size_t)(code - ENTRY_BASE) < option_table_size)
		return &option_table[code - ENTRY_BASE];
	for (size_t i = 0; i < option_table_size; i++)
		if (code && option_table[i].letter == code)
			return &option_table[i];
	return NULL;
}

/* "-d" or "--memory", into new memory. */
static char *entry_name(const struct option_entry *entry)
{
	if (entry->letter)
		return xasprintf("-%c", entry->letter);
	return xasprintf("--%s", entry->name);
}

/* "-d 0: reason": takes over the reason. */
static char *complain(const struct option_entry *entry, const char *argument, char *reason)
{
	char *name = entry_name(entry), *clean = text_clean_dup(argument);
	char *error = xasprintf("%s %s: %s", name, clean, reason);

	free(name);
	free(clean);
	free(reason);
	return error;
}

static char *complain_missing(int code)
{
	const struct option_entry *entry = find_entry(code);
	char *name, *error;

	if (!entry)
		return xstrdup("an option lacks its argument, see --help");
	name = entry_name(entry);
	error = xasprintf("%s: needs an argument, %s, see --help", name, entry->argument);
	free(name);
	return error;
}

/* getopt_long returned '?': a letter or word it does not know, or an argument too much. */
static char *complain_unknown(int code, const char *word)
{
	const struct option_entry *entry = find_entry(code);
	char *clean, *error;

	if (entry && !entry->argument)
		return xasprintf("--%s: takes no argument, see --help", entry->name);
	if (code > ' ' && code < 0x7f)
		return xasprintf("-%c: no such option, see --help", code);
	clean = text_clean_dup(word);
	error = xasprintf("%s: no such option, see --help", clean);
	free(clean);
	return error;
}

static int parse_words(int argc, char **argv, struct options *options, char **ret_error)
{
	char letters[2 * OPTIONS_MOST + 2], *reason = NULL;
	struct option longs[OPTIONS_MOST + 1];
	const struct option_entry *entry;
	int code;

	make_getopt(letters, longs);
	opterr = 0;
	optind = 0;			/* glibc, musl: forget an earlier run */
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (code == ':' || code == '?') {
			*ret_error = code == ':' ? complain_missing(optopt) :
				     complain_unknown(optopt, argv[optind - 1]);
			return -EINVAL;
		}
		entry = find_entry(code);
		if (entry && option_set(entry, options, optarg, &reason)) {
			*ret_error = complain(entry, optarg, reason);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		char *clean = text_clean_dup(argv[optind]);

		*ret_error = xasprintf("%s: contop takes only options, see --help", clean);
		free(clean);
		return -EINVAL;
	}
	return 0;
}

/* ---- what is printed at once */

static void print_help(FILE *out)
{
	fputs("Usage: contop [options]\n"
	      "Shows network flows, disk I/O and system calls of every container.\n\n", out);
	for (size_t i = 0; i < option_table_size; i++) {
		const struct option_entry *entry = &option_table[i];
		char *name = xasprintf("--%s%s%s", entry->name, entry->argument ? " " : "",
				       entry->argument ? entry->argument : "");

		if (entry->letter)
			fprintf(out, "  -%c, %-22s %s\n", entry->letter, name, entry->help);
		else
			fprintf(out, "      %-22s %s\n", name, entry->help);
		free(name);
	}
}

/* One line per column: name, title, meaning. The check of the manual reads this. */
static void print_columns(const struct options *options, FILE *out)
{
	enum pane_id chosen[PANE_COUNT];
	size_t n = options_panes(options, chosen);

	for (size_t i = 0; i < n; i++) {
		const struct pane *pane = &panes[chosen[i]];

		fprintf(out, "%s:\n", pane->name);
		for (size_t j = 0; j < pane->n_columns; j++) {
			const struct column *column = &pane->columns[j];

			fprintf(out, "  %-16s %-12s %s\n", column->name, column->title,
				column->help);
		}
	}
}

static void set_defaults(struct options *options)
{
	*options = (struct options){ .delay_ns = NSEC_PER_SEC, .memory_budget = MEMORY_DEFAULT,
				      .linger_ns = LINGER_DEFAULT_NS };
	options->procfs = xstrdup(OPTIONS_PROCFS);
	options->cgroupfs = xstrdup(OPTIONS_CGROUPFS);
	options->log_format = OUTPUT_JSON;
}

/* Metrics are of all rows, in formats of their own. */
static int check_metrics(const struct options *options, char **ret_error)
{
	if (options_lack_peers(options)) {
		*ret_error = xstrdup("--peers: only metrics of flows have peers, use it with "
				     "--listen or --textfile");
		return -EINVAL;
	}
	if (!options_want_metrics(options))
		return 0;
	if (options->filter)
		*ret_error = xstrdup("-f: metrics have no filter, use -c to choose containers");
	else if (options->format != OUTPUT_TEXT)
		*ret_error = xstrdup("-o: metrics are printed nowhere, leave it out");
	else
		return 0;
	return -EINVAL;
}

/*
 * The command line wins over the configuration, which it names: so it is read
 * again on top of that.
 */
static int parse_with_config(int argc, char **argv, FILE *out, struct options *options,
			     char **ret_error)
{
	bool metrics = options_want_metrics(options);
	struct config *config;
	int err;

	if (!isatty(fileno(out)))
		options->batch = true;
	err = options_read_config(options, &config, ret_error);
	if (err)
		return err;
	options_done(options);
	set_defaults(options);
	if (metrics)
		options->linger_ns = LINGER_METRICS_NS;
	options->config = config;
	options_take_config(options);
	err = parse_words(argc, argv, options, ret_error);
	if (!err)
		err = check_metrics(options, ret_error);
	if (!err)
		err = options_check_columns(options, ret_error);
	return err ? err : options_make_filters(options, ret_error);
}

static bool asks_help(const char *argument)
{
	return argument && !strcmp(argument, "help");
}

enum options_result options_parse(int argc, char **argv, FILE *out, struct options *ret,
				  char **ret_error)
{
	set_defaults(ret);
	if (parse_words(argc, argv, ret, ret_error))
		return OPTIONS_WRONG;
	if (ret->help)
		print_help(out);
	else if (ret->version)
		fputs("contop " PACKAGE_VERSION "\n", out);
	else if (asks_help(ret->sort) || asks_help(ret->fields))
		print_columns(ret, out);
	else if (asks_help(ret->config_path))
		config_print_help(out);
	else if (parse_with_config(argc, argv, out, ret, ret_error))
		return OPTIONS_WRONG;
	else {
		if (!isatty(fileno(out)))
			ret->batch = true;
		return OPTIONS_RUN;
	}
	return OPTIONS_EXIT;
}

void options_done(struct options *options)
{
	scope_done(&options->scope);
	scope_done(&options->recorded);
	free(options->sort);
	free(options->fields);
	free(options->filter);
	for (size_t i = 0; i < PANE_COUNT; i++)
		filter_free(options->filters[i]);
	free(options->config_path);
	config_free(options->config);
	free(options->replay);
	free(options->record);
	free(options->log_dir);
	free(options->export);
	free(options->listen);
	free(options->textfile);
	free(options->docker_socket);
	free(options->procfs);
	free(options->cgroupfs);
	*options = (struct options){ 0 };
}

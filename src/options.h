/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table that getopt, --help and the manual's check read. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"
#include "filter.h"
#include "log-file.h"
#include "pane.h"
#include "scope.h"

/* The host's file systems, where contop is on the host itself. */
#define OPTIONS_PROCFS "/proc"
#define OPTIONS_CGROUPFS "/sys/fs/cgroup"

enum output_format { OUTPUT_TEXT, OUTPUT_CSV, OUTPUT_JSON };

struct options {
	bool batch;
	unsigned long iterations;	/* 0: no end */
	uint64_t delay_ns;		/* length of an interval */
	uint64_t duration_ns;		/* stop after this time; 0: no end */
	enum pane_id panes[PANE_COUNT];	/* in the order asked for */
	size_t n_panes;			/* 0: not asked, the default ones */
	char *sort;			/* column name as given, '-' ahead or not; NULL: the pane's. Owned */
	bool reverse;
	char *fields;			/* as given; NULL: the pane's own. Owned */
	char *filter;			/* -f as given; NULL: none. Owned */
	struct filter *filters[PANE_COUNT];	/* of -f, else of the configuration. Owned */
	char *config_path;		/* as given; NULL: the usual place. Owned */
	struct config *config;		/* as read, for what no option says; NULL only before
					   options_parse is done. Owned */
	enum output_format format;
	bool quiet;
	bool accumulate;
	struct scope scope;		/* -c, -p and -u */
	bool hints;			/* packets are looked into */
	bool units;			/* systemd's units as rows */
	uint64_t max_overhead_ppm;	/* of one CPU, that programs in the kernel may take; 0: any */
	uint64_t slow_ns;		/* operations that take longer are events; 0: none */
	uint64_t linger_ns;		/* how long a container that exited stays on the screen or
					   in metrics */
	struct scope recorded;		/* --seccomp: whose calls make a profile; no globs: not asked */
	bool own_calls;			/* contop's own system calls, too */
	bool check;
	char *replay;			/* owned */
	char *record;			/* the file that is written to; NULL: none. Owned */
	char *log_dir;			/* likewise, the directory of containers' logs */
	char *export;			/* likewise, where flows go */
	struct rotation rotation;	/* of both kinds of files */
	enum output_format log_format;	/* JSON or CSV */
	char *listen;			/* where metrics are served; NULL: nowhere. Owned */
	char *textfile;			/* what they are written to, likewise */
	size_t n_peers;			/* of each container that they tell apart; 0: none */
	char *docker_socket;		/* owned; NULL: the usual places */
	char *procfs;			/* owned, never NULL */
	char *cgroupfs;			/* owned, never NULL */
	uint64_t memory_budget;		/* bytes of kernel memory for maps */
	bool ascii;
	bool read_only;			/* no key acts on containers or processes */
	enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	bool help, version;		/* asked for: options_parse has answered */
};

/* What main is to do after the command line was read. */
enum options_result { OPTIONS_RUN, OPTIONS_EXIT, OPTIONS_WRONG };

/*
 * Reads the command line into *ret, which options_done empties whatever the
 * result. OPTIONS_EXIT: --help, --version or a "help" list was printed to out.
 * OPTIONS_WRONG: *ret_error is one line that says what is wrong; the caller frees it.
 */
enum options_result options_parse(int argc, char **argv, FILE *out, struct options *ret,
				  char **ret_error);
void options_done(struct options *options);

/*
 * Parts of options_parse. The configuration is that of --config, else that of the
 * usual place unless this is batch; it may be empty. Taken over, it sets the
 * options of the same name: they are checked, and the command line comes after.
 */
int options_read_config(const struct options *options, struct config **ret_config,
			char **ret_error);
void options_take_config(struct options *options);

/* Compiles the filters. -EINVAL when no pane to show can have that of -f. */
int options_make_filters(struct options *options, char **ret_error);

/* The text that the filter of a pane was made from, or NULL. Borrowed. */
const char *options_filter_text(const struct options *options, enum pane_id pane);

/* The panes to show, in order: those asked for or the default ones. Returns how many. */
size_t options_panes(const struct options *options, enum pane_id ret[PANE_COUNT]);

/* Whether there are metrics to be made, and nothing to be shown. */
bool options_want_metrics(const struct options *options);

/* Whether --peers was given but not what it adds to: metrics of flows. */
bool options_lack_peers(const struct options *options);

/* What the columns of the panes to show need: a set of enum column_wish. */
unsigned int options_wishes(const struct options *options);

/* Whether single events are to be told: their hooks cost something at each. */
bool options_want_events(const struct options *options);

/* Whether packets are to be looked into: each one costs more then. */
bool options_want_hints(const struct options *options);

/* Whether listening sockets are looked for: that takes time each time. */
bool options_want_listeners(const struct options *options);

/* Whether files are to be told apart: each one costs something when it is first seen. */
bool options_want_files(const struct options *options);

/*
 * Whether -s and -F name columns that at least one of these panes has: 0, or
 * -EINVAL and one line that the caller frees. options_parse has seen to it.
 */
int options_check_columns(const struct options *options, char **ret_error);

struct view;

/*
 * Sets up a view, which view_init has made, as the configuration says, then as
 * -s, -R, -F, -f and -a do. A pane takes the columns of -F that it has, in their
 * order; when it has none of them, or not that of -s, it keeps its own. The view
 * borrows the filter.
 */
void options_apply(const struct options *options, struct view *view);

/* Whether the columns of a pane are chosen by -F or the configuration. */
bool options_choose_columns(const struct options *options, enum pane_id pane);

/* What an argument is, for shells that complete it. */
enum option_values { VALUES_ANY, VALUES_FILES, VALUES_DIRECTORIES, VALUES_USERS, VALUES_PANES,
		     VALUES_COLUMN, VALUES_COLUMNS, VALUES_CHOICES };

/* The table, for the manual's check and completions. */
struct option_entry {
	int letter;			/* 0 when there is only a long form */
	const char *name;
	const char *argument;		/* what --help calls it, NULL: takes none */
	const char *help;		/* one line, without quotes and backslashes */
	enum option_values values;
	const char *const *choices;	/* VALUES_CHOICES: ends with NULL */
	/* NULL: a plain bool, or string with an argument, at field in struct options.
	   -EINVAL: *ret_error says why, in new memory, without option and argument. */
	int (*set)(struct options *options, const char *argument, char **ret_error);
	size_t field;
};
#define OPTIONS_MOST 64
extern const struct option_entry option_table[];
extern const size_t option_table_size;

/* Sets an option. -EINVAL: *ret_error says why, as above. */
int option_set(const struct option_entry *entry, struct options *options, const char *argument,
	       char **ret_error);

#endif

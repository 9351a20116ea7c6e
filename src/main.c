/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contop: from the command line to the loop, and back to an exit status. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config.h"
#include "docker.h"
#include "front.h"
#include "loop.h"
#include "names.h"
#include "options.h"
#include "outlet.h"
#include "privilege.h"
#include "source.h"
#include "term.h"
#include "util.h"

enum { EXIT_WRONG_USAGE = 2 };

/* Says what went wrong, in one line, and frees it. Returns the exit status given. */
static int complain(char *error, int status)
{
	fprintf(stderr, "contop: %s\n", error);
	free(error);
	return status;
}

/* A crash must not leave the terminal in full-screen mode. */
static void on_crash(int signal_number)
{
	term_emergency_restore();
	/* The handler is gone (SA_RESETHAND): this time it is deadly. */
	raise(signal_number);
}

static void handle_crashes(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

/* What there is beside the screen. */
static int open_front(const struct options *options, struct source *source,
		      struct front **ret_front, char **ret_error)
{
	if (options_want_metrics(options))
		return exporter_open(options, source, ret_front, ret_error);
	if (options->recorded.globs)
		return profiler_open(options, source, stdout, ret_front, ret_error);
	return batch_open(options, source, stdout, ret_front, ret_error);
}

/*
 * All is attached: from here on contop only looks, and does what was asked for. What
 * has threads of its own is opened after that: they get no more rights than this one.
 */
static int give_up_rights(const struct options *options, struct source *source, char **ret_error)
{
	char *socket = docker_socket_path(options->docker_socket);
	int error;

	/* Docker's own group may use it: a user of a service, without groups, may not. */
	if (socket && !options->replay)
		source->needs |= privilege_to_connect(socket);
	free(socket);
	if (options->textfile)
		source->needs |= privilege_to_write(options->textfile);
	if (options->record)
		source->needs |= privilege_to_write(options->record);
	if (options->log_dir)
		source->needs |= privilege_to_write(options->log_dir);
	if (options->listen)
		source->needs |= PRIVILEGE_LISTEN;
	if (!options->batch && !options->read_only && !options->replay)
		source->needs |= PRIVILEGE_SIGNAL;
	error = privilege_limit(source->needs);
	if (error)
		*ret_error = xasprintf("cannot give up the rights that are no longer needed: %s",
				       strerror(-error));
	return error;
}

/* Counts from now on, with no more rights than that takes. 0, or -errno with *ret_error. */
static int begin(const struct options *options, struct source *source, char **ret_error)
{
	int error = source->begin ? source->begin(source, ret_error) : 0;

	return error ? error : give_up_rights(options, source, ret_error);
}

/* The loop with all that it takes. Returns the exit status. */
static int run_loop(const struct options *options, struct source *source, struct front *front,
		    struct outlets *outlets)
{
	const struct name_options name_options = {
		.docker_socket = options->docker_socket, .procfs = options->procfs,
	};
	struct names *names = NULL;
	char *error = NULL;

	if (!options->replay)
		names = names_new(&name_options, source->containers);
	loop_run(options, source, names, front, outlets, &error);
	front->free(front);
	names_free(names);
	if (!error)
		error = outlets_losses(outlets);
	return error ? complain(error, EXIT_FAILURE) : EXIT_SUCCESS;
}

static int status_of(int error)
{
	return error == -EINVAL ? EXIT_WRONG_USAGE : EXIT_FAILURE;
}

static int show_in_batch(const struct options *options, struct source *source)
{
	struct outlets outlets;
	struct front *front;
	char *error = NULL;
	int result = begin(options, source, &error), status;

	if (result)
		return complain(error, EXIT_FAILURE);
	result = outlets_open(&outlets, options, source, &error);
	if (!result)
		result = open_front(options, source, &front, &error);
	status = result ? complain(error, status_of(result)) :
			  run_loop(options, source, front, &outlets);
	outlets_close(&outlets);
	return status;
}

/* The screen first: it is there while the programs are loaded. */
static int show_on_screen(const struct options *options, struct source *source)
{
	struct outlets outlets = { 0 };
	struct front *front;
	char *error = NULL;
	int result = tui_open(options, source, &front, &error), status;

	if (result)
		return complain(error, EXIT_FAILURE);
	handle_crashes();
	result = begin(options, source, &error);
	if (!result)
		result = outlets_open(&outlets, options, source, &error);
	if (result) {
		front->free(front);
		status = complain(error, EXIT_FAILURE);
	} else {
		status = run_loop(options, source, front, &outlets);
	}
	outlets_close(&outlets);
	return status;
}

static int check(const struct options *options, struct source *source)
{
	char *error = NULL;

	if (begin(options, source, &error))
		return complain(error, EXIT_FAILURE);
	return check_print(source, stdout);
}

/* What was wrong in the configuration. */
static void warn(const struct options *options)
{
	const char *const *warnings;
	size_t n;

	if (!options->config)
		return;
	warnings = config_warnings(options->config, &n);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "contop: %s\n", warnings[i]);
}

static int open_source(const struct options *options, struct source **ret_source, char **ret_error)
{
	if (options->replay)
		return source_replay_open(options->replay, ret_source, ret_error);
	/* Whoever names the directories would read what he must not by way of them. */
	if (privilege_is_lent() && (strcmp(options->procfs, OPTIONS_PROCFS) ||
				    strcmp(options->cgroupfs, OPTIONS_CGROUPFS))) {
		*ret_error = xasprintf("--procfs and --cgroupfs are for root, not for a program "
				       "with capabilities of its own");
		return -EPERM;
	}
	privilege_take();
	return source_bpf_open(options, ret_source, ret_error);
}

static int run(const struct options *options)
{
	bool on_screen = !options->batch && !options->check;
	struct source *source;
	char *error = NULL;
	int status;

	if (!on_screen)
		warn(options);
	if (open_source(options, &source, &error))
		return complain(error, EXIT_FAILURE);
	if (options->check)
		status = check(options, source);
	else if (options->batch)
		status = show_in_batch(options, source);
	else
		status = show_on_screen(options, source);
	if (on_screen)	/* which has told it, too, but is gone */
		warn(options);
	source->free(source);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	char *error = NULL;
	int status = EXIT_SUCCESS;

	if (privilege_begin())
		return complain(xstrdup("it must not be set-user-ID or set-group-ID: give it file "
					"capabilities instead, as contop(8) says"), EXIT_FAILURE);
	setlocale(LC_CTYPE, "");
	/* A closed pipe shows as EPIPE, where it can be told from other ends. */
	signal(SIGPIPE, SIG_IGN);
	/* So does a file that may not grow on (ulimit -f), as EFBIG. */
	signal(SIGXFSZ, SIG_IGN);
	loop_block_signals();
	switch (options_parse(argc, argv, stdout, &options, &error)) {
	case OPTIONS_RUN:
		status = run(&options);
		break;
	case OPTIONS_EXIT:
		break;
	case OPTIONS_WRONG:
		status = complain(error, EXIT_WRONG_USAGE);
		break;
	}
	options_done(&options);
	if (fflush(stdout) && errno != EPIPE && !status)
		status = complain(xasprintf("cannot write: %s", strerror(errno)), EXIT_FAILURE);
	return status;
}

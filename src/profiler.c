/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front that shows nothing until the end: then, a seccomp profile of what a
 * container has called (--seccomp).  Whose calls are wanted is known by then: the
 * name of a container may come after its first calls, so those of all are kept.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front.h"
#include "seccomp-profile.h"
#include "text.h"
#include "util.h"

/* What a container, or one of the host's processes, has called. */
struct recorded {
	struct container who;		/* serial, and owned: name, id, short_id */
	struct call_names calls;
};

struct profiler {
	struct front front;		/* must stay the first member */
	const struct options *options;
	FILE *out;
	struct recorded *recorded;	/* owned */
	size_t n, capacity;
	struct process_key {
		uint64_t serial, pid;
	} *processes;			/* of the last interval; owned */
	size_t n_processes, processes_capacity;
};

static struct recorded *record_of(struct profiler *profiler, const struct container *container)
{
	struct recorded *recorded;

	for (size_t i = 0; i < profiler->n; i++)
		if (profiler->recorded[i].who.serial == container->serial)
			return &profiler->recorded[i];
	profiler->recorded = array_reserve(profiler->recorded, &profiler->capacity,
					   profiler->n + 1, sizeof(*recorded));
	recorded = &profiler->recorded[profiler->n++];
	*recorded = (struct recorded){ .who.serial = container->serial };
	call_names_init(&recorded->calls);
	return recorded;
}

/* Names come late, and change. */
static void take_names(struct profiler *profiler, const struct model *model)
{
	size_t n;
	void *const *rows = model_rows(model, PANE_CONTAINERS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct container *container = ((const struct row *)rows[i])->container;
		struct container *who = &record_of(profiler, container)->who;

		replace_string(&who->name, container->name);
		replace_string(&who->id, container->id);
		replace_string(&who->short_id, container->short_id);
	}
}

static void take_calls(struct profiler *profiler, const struct model *model)
{
	size_t n;
	void *const *rows = model_touched_rows(model, PANE_SYSCALLS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct syscall_row *row = rows[i];

		/* Each is new once. */
		if (row->row.active && row->count.total == row->count.interval)
			call_names_add(&record_of(profiler, row->row.container)->calls,
				       row->syscall);
	}
}

static void take_processes(struct profiler *profiler, const struct model *model)
{
	size_t n;
	void *const *rows = model_rows(model, PANE_PROCESSES, &n);

	profiler->processes = array_reserve(profiler->processes, &profiler->processes_capacity,
					    n + 1, sizeof(*profiler->processes));
	profiler->n_processes = n;
	for (size_t i = 0; i < n; i++) {
		const struct process_row *row = rows[i];

		profiler->processes[i] = (struct process_key){ row->row.key.serial, row->pid };
	}
}

static int profiler_show(struct front *front, const struct model *model)
{
	struct profiler *profiler = (struct profiler *)front;

	take_names(profiler, model);
	take_calls(profiler, model);
	take_processes(profiler, model);
	return TODO_NOTHING;
}

/* ---- the end */

static void add_current(const struct profiler *profiler, struct recorded *recorded)
{
	for (size_t i = 0; i < profiler->n_processes; i++)
		if (profiler->processes[i].serial == recorded->who.serial)
			call_names_add_current(&recorded->calls, profiler->options->procfs,
					       profiler->processes[i].pid);
}

/* The calls of all that the globs match: a container that was started again is another one. */
static bool collect(const struct profiler *profiler, struct call_names *calls)
{
	bool found = false;

	for (size_t i = 0; i < profiler->n; i++) {
		struct recorded *recorded = &profiler->recorded[i];

		if (!scope_has_container(&profiler->options->recorded, &recorded->who))
			continue;
		if (!profiler->options->replay)
			add_current(profiler, recorded);
		found |= json_object_size(recorded->calls.names) > 0;
		json_object_update(calls->names, recorded->calls.names);
		calls->tables |= recorded->calls.tables;
	}
	return found;
}

static int profiler_end(struct front *front, char **ret_error)
{
	struct profiler *profiler = (struct profiler *)front;
	struct call_names calls;
	json_t *profile;
	int err = 0;

	call_names_init(&calls);
	if (collect(profiler, &calls)) {
		profile = seccomp_profile(&calls);
		errno = 0;
		if (json_dumpf(profile, profiler->out, JSON_INDENT(2)) ||
		    putc('\n', profiler->out) == EOF || fflush(profiler->out))
			err = errno ? -errno : -EIO;
		json_decref(profile);
	} else {
		char *clean = text_clean_dup(profiler->options->recorded.globs);

		err = -ENOENT;
		*ret_error = xasprintf("--seccomp %s: no such container made a system call "
				       "in this time", clean);
		free(clean);
	}
	call_names_done(&calls);
	return err;
}

static int profiler_ignore(struct front *front __attribute__((unused)),
			   const struct model *model __attribute__((unused)))
{
	return TODO_NOTHING;
}

static void profiler_free(struct front *front)
{
	struct profiler *profiler = (struct profiler *)front;

	for (size_t i = 0; i < profiler->n; i++) {
		free(profiler->recorded[i].who.name);
		free(profiler->recorded[i].who.id);
		free(profiler->recorded[i].who.short_id);
		call_names_done(&profiler->recorded[i].calls);
	}
	free(profiler->recorded);
	free(profiler->processes);
	free(profiler);
}

int profiler_open(const struct options *options, const struct source *source, FILE *out,
		  struct front **ret_front, char **ret_error)
{
	const struct pane_status *status = &source->status[PANE_SYSCALLS];
	struct profiler *profiler;

	if (!status->available) {
		*ret_error = xasprintf("--seccomp: system calls are not counted: %s",
				       status->reason);
		return -ENOTSUP;
	}
	profiler = xcalloc(1, sizeof(*profiler));
	profiler->front = (struct front){
		.input_fd = -1,
		.show = profiler_show,
		.take_input = profiler_ignore,
		.resize = profiler_ignore,
		.end = profiler_end,
		.free = profiler_free,
	};
	profiler->options = options;
	profiler->out = out;
	*ret_front = &profiler->front;
	return 0;
}

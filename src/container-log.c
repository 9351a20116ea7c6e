/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log for each container: what its flows and processes did in each interval
 * that they did anything, one file NAME-ID.log each in a directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "csv.h"
#include "json.h"
#include "log-file.h"
#include "outlet.h"
#include "util.h"

#define NAME_MOST 128			/* characters of a container's name in that of its file */

/* The panes whose rows are logged. */
static const enum pane_id logged[] = { PANE_FLOWS, PANE_PROCESSES };

/* What one container has of this interval. */
struct entry {
	UT_hash_handle hh;
	const struct container *container;	/* borrowed */
	json_t *rows[ARRAY_SIZE(logged)];	/* as JSON; NULL: none */
	FILE *lines;			/* as CSV */
	char *text;
	size_t size;
};

struct container_log {
	struct outlet outlet;		/* must stay the first member */
	const struct options *options;	/* borrowed, as source */
	const struct source *source;
	struct entry *entries;		/* of this interval */
	char *heading;			/* of a CSV file; owned */
};

static struct entry *entry_of(struct container_log *log, const struct container *container)
{
	struct entry *entry;

	HASH_FIND_PTR(log->entries, &container, entry);
	if (entry)
		return entry;
	entry = xcalloc(1, sizeof(*entry));
	entry->container = container;
	HASH_ADD_PTR(log->entries, container, entry);
	return entry;
}

static int add_row(struct container_log *log, size_t kind, const void *row, struct timespec time)
{
	struct entry *entry = entry_of(log, ((const struct row *)row)->container);
	const struct csv_columns columns = { .pane = &panes[logged[kind]] };

	if (log->options->log_format == OUTPUT_CSV) {
		if (!entry->lines)
			entry->lines = open_memstream(&entry->text, &entry->size);
		if (!entry->lines)
			return -errno;
		csv_print_row(&columns, row, false, time, entry->lines);
		return 0;
	}
	if (!entry->rows[kind])
		entry->rows[kind] = json_array();
	json_array_append_new(entry->rows[kind], json_row(&panes[logged[kind]], row, false));
	return 0;
}

/* One line: as a report, but of this container only. */
static void finish_json(const struct container_log *log, const struct model *model,
			struct entry *entry)
{
	json_t *object = json_begin(model, log->source);
	FILE *line = open_memstream(&entry->text, &entry->size);

	json_object_set_new(object, "container", json_string(entry->container->name));
	json_object_set_new(object, "id", entry->container->id ?
			    json_string(entry->container->id) : json_null());
	for (size_t i = 0; i < ARRAY_SIZE(logged); i++)
		if (entry->rows[i])
			json_object_set(object, panes[logged[i]].name, entry->rows[i]);
	if (line) {
		json_dumpf(object, line, JSON_FORMAT);
		putc('\n', line);
		fclose(line);
	}
	json_decref(object);
}

/*
 * A name for a file: letters, digits, dot, dash and underscore stay, none is
 * hidden, none leads elsewhere.
 */
static char *safe_name(const char *name)
{
	char *safe = xasprintf("%.*s", NAME_MOST, name);

	for (char *p = safe; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || *p == '-' || *p == '_' ||
			     (*p == '.' && p != safe);

		if (!plain)
			*p = '_';
	}
	return safe;
}

static char *path_of(const struct container_log *log, const struct container *container)
{
	char *name = safe_name(container->name);
	char *id = container->short_id ? safe_name(container->short_id) : NULL;
	/* Without a name the id stands for it. */
	char *path = id && strcmp(id, name) ?
		     xasprintf("%s/%s-%s.log", log->options->log_dir, name, id) :
		     xasprintf("%s/%s.log", log->options->log_dir, name);

	free(name);
	free(id);
	return path;
}

static int write_entry(const struct container_log *log, const struct model *model,
		       struct entry *entry)
{
	struct timespec time = model_time(model);
	char *path;
	int err;

	if (entry->lines)
		fclose(entry->lines);
	else
		finish_json(log, model, entry);
	if (!entry->text)
		return -ENOMEM;
	path = path_of(log, entry->container);
	err = log_file_add(path, &log->options->rotation, log->heading, entry->text, entry->size,
			   (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec);
	free(path);
	return err;
}

static void free_entry(struct entry *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(logged); i++)
		json_decref(entry->rows[i]);
	free(entry->text);
	free(entry);
}

static int take(struct outlet *outlet, const struct model *model)
{
	struct container_log *log = (struct container_log *)outlet;
	struct entry *entry, *next;
	int result = 0, err;

	for (size_t i = 0; i < ARRAY_SIZE(logged); i++) {
		size_t n;
		void *const *rows = model_touched_rows(model, logged[i], &n);

		for (size_t j = 0; j < n; j++)
			if (((const struct row *)rows[j])->active &&
			    (err = add_row(log, i, rows[j], model_time(model))))
				result = err;
	}
	/* One file that cannot be written keeps no other from it. */
	HASH_ITER(hh, log->entries, entry, next) {
		HASH_DEL(log->entries, entry);
		err = write_entry(log, model, entry);
		if (err)
			result = err;
		free_entry(entry);
	}
	return result;
}

static void free_log(struct outlet *outlet)
{
	struct container_log *log = (struct container_log *)outlet;

	free(log->heading);
	free(log);
}

/* A heading line for each of the panes. */
static char *make_heading(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < ARRAY_SIZE(logged); i++) {
		const struct csv_columns columns = { .pane = &panes[logged[i]] };

		csv_print_heading(&columns, out);
	}
	if (out)
		fclose(out);
	return text;
}

int container_log_open(const struct options *options, const struct source *source,
		       struct outlet **ret)
{
	struct container_log *log;
	struct stat status;

	if (mkdir(options->log_dir, 0750) && errno != EEXIST)
		return -errno;
	if (stat(options->log_dir, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -EINVAL;
	if (access(options->log_dir, W_OK | X_OK))
		return -errno;
	log = xcalloc(1, sizeof(*log));
	log->outlet.take = take;
	log->outlet.free = free_log;
	log->options = options;
	log->source = source;
	if (options->log_format == OUTPUT_CSV)
		log->heading = make_heading();
	*ret = &log->outlet;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording: every pane of every interval, as -o json writes it, whatever is shown. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "log-file.h"
#include "outlet.h"
#include "util.h"

struct recorder {
	struct outlet outlet;		/* must stay the first member */
	const struct source *source;	/* borrowed */
	struct view views[PANE_COUNT];
	struct log_file file;
};

static int record(struct outlet *outlet, const struct model *model)
{
	struct recorder *recorder = (struct recorder *)outlet;
	struct timespec time = model_time(model);
	char *text = NULL;
	size_t size = 0;
	FILE *report = open_memstream(&text, &size);
	int err = -ENOMEM;

	if (!report)
		return -errno;
	for (size_t i = 0; i < PANE_COUNT; i++)
		view_update(&recorder->views[i], model);
	json_write(model, recorder->source, recorder->views, PANE_COUNT, false, report);
	if (!fclose(report))
		err = log_file_append(&recorder->file, text, size,
				      (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec);
	free(text);
	return err;
}

static void free_recorder(struct outlet *outlet)
{
	struct recorder *recorder = (struct recorder *)outlet;

	for (size_t i = 0; i < PANE_COUNT; i++)
		view_done(&recorder->views[i]);
	log_file_close(&recorder->file);
	free(recorder);
}

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size > end_size && !strcmp(text + size - end_size, end);
}

int recorder_open(const struct options *options, const struct source *source, struct outlet **ret)
{
	struct recorder *recorder = xcalloc(1, sizeof(*recorder));
	int err = log_file_open(&recorder->file, options->record, &options->rotation,
				ends_in(options->record, ".gz"));

	recorder->outlet.take = record;
	recorder->outlet.free = free_recorder;
	recorder->source = source;
	for (size_t i = 0; i < PANE_COUNT; i++)
		view_init(&recorder->views[i], &panes[i]);
	if (err) {
		free_recorder(&recorder->outlet);
		return err;
	}
	*ret = &recorder->outlet;
	return 0;
}

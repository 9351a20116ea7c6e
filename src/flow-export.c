/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows for collectors: each event of a connection as it came, over a stream or ZMQ. */
#include "flow-export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "outlet.h"
#include "util.h"

struct flow_export {
	struct outlet outlet;		/* must stay the first member */
	struct view events;
	struct stream *stream;		/* one of these two */
	struct flow_publisher *publisher;
};

/* Of this interval's events, the i-th in the order of time; NULL: it is of no connection. */
static const struct event_row *connection_event(const struct view *events, size_t i)
{
	const struct event_row *row = events->rows[events->n_rows - 1 - i];

	return row->protocol ? row : NULL;
}

static int send_lines(struct flow_export *export)
{
	char *text = NULL;
	size_t size = 0;
	FILE *lines = open_memstream(&text, &size);
	int err;

	if (!lines)
		return -errno;
	for (size_t i = 0; i < export->events.n_rows; i++) {
		const struct event_row *row = connection_event(&export->events, i);
		json_t *event = row ? json_event(row) : NULL;

		if (!event)
			continue;
		json_dumpf(event, lines, JSON_EVENT_FORMAT);
		putc('\n', lines);
		json_decref(event);
	}
	err = fclose(lines) ? -ENOMEM : stream_send(export->stream, text, size);
	free(text);
	return err;
}

static int publish(struct flow_export *export, const struct model *model)
{
	struct timespec time = model_time(model);
	uint64_t now_ns = (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
	size_t n;
	void *const *flows = model_touched_rows(model, PANE_FLOWS, &n);
	int result = 0, err;

	for (size_t i = 0; i < export->events.n_rows; i++) {
		const struct event_row *row = connection_event(&export->events, i);

		if (row && (err = flow_publish_event(export->publisher, row)))
			result = err;
	}
	for (size_t i = 0; i < n; i++) {
		const struct flow_row *row = flows[i];

		if (row->row.active && row->protocol && !strcmp(row->protocol, "udp") &&
		    (err = flow_publish_datagrams(export->publisher, row, now_ns)))
			result = err;
	}
	return result;
}

static int take(struct outlet *outlet, const struct model *model)
{
	struct flow_export *export = (struct flow_export *)outlet;

	view_update(&export->events, model);
	return export->stream ? send_lines(export) : publish(export, model);
}

static void free_export(struct outlet *outlet)
{
	struct flow_export *export = (struct flow_export *)outlet;

	view_done(&export->events);
	stream_close(export->stream);
	flow_publisher_close(export->publisher);
	free(export);
}

int flow_export_open(const struct options *options, const struct source *source,
		     struct outlet **ret)
{
	struct flow_export *export = xcalloc(1, sizeof(*export));
	int err;

	(void)source;
	export->outlet.take = take;
	export->outlet.free = free_export;
	view_init(&export->events, &panes[PANE_EVENTS]);
	err = strstr(options->export, "://") ?
	      flow_publisher_open(options->export, &export->publisher) :
	      stream_open(options->export, &export->stream);
	if (err) {
		free_export(&export->outlet);
		return err;
	}
	*ret = &export->outlet;
	return 0;
}

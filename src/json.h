/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model as one JSON object (schema 1), made from the panes' columns: reports, recordings. */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdio.h>

#include "model.h"
#include "options.h"
#include "source.h"
#include "view.h"

#define JSON_SCHEMA 1

/* How a report is written: on one line, seconds with the milliseconds they have. */
#define JSON_FORMAT (JSON_COMPACT | JSON_REAL_PRECISION(13))

/*
 * One report: the views given, in their order, with every column of each pane
 * (not only those shown), counts of the interval or (total) since the start.
 * Logs are left out: their rows are lines of their own.
 * The caller drops the reference.
 */
json_t *json_report(const struct model *model, const struct source *source,
		    const struct view *views, size_t n_views, bool total);

/* How an event is written: on one line, with microseconds. */
#define JSON_EVENT_FORMAT (JSON_COMPACT | JSON_REAL_PRECISION(16))

/* One event, a row of its pane. The caller drops the reference. */
json_t *json_event(const struct event_row *row);

/* Writes the views of a log as lines of their own, oldest first, then the report. */
void json_write(const struct model *model, const struct source *source, const struct view *views,
		size_t n_views, bool total, FILE *out);

/* One row with all columns of its pane. The caller drops the reference. */
json_t *json_row(const struct pane *pane, const void *row, bool total);

/* An object that begins as a report does: schema, time, interval and host. Likewise. */
json_t *json_begin(const struct model *model, const struct source *source);

#endif

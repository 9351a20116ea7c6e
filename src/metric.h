/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model as metrics, for Prometheus: which there are, and what they are called,
 * the panes' columns say.  Names and units as on prometheus.io/docs/practices/naming.
 */
#ifndef METRIC_H
#define METRIC_H

#include "metric-text.h"
#include "model.h"
#include "options.h"
#include "source.h"

struct metrics;

/*
 * Those of the panes that the options ask for; by default of all but system calls,
 * whose names make many. Both are borrowed. NULL: none of the panes has any.
 */
struct metrics *metrics_new(const struct options *options, const struct source *source);
void metrics_free(struct metrics *metrics);

/* Takes in the last interval: once after each update of the model. */
void metrics_update(struct metrics *metrics, const struct model *model);

/* The page as of the last update, into new memory that the caller frees; NUL-terminated. */
char *metrics_page(const struct metrics *metrics, enum metric_format format, size_t *ret_size);

/* Something that contop should have written and could not: it is counted. */
void metrics_count_failure(struct metrics *metrics);

#endif

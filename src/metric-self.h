/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of contop itself: what it is, how true its numbers are, what it costs. */
#ifndef METRIC_SELF_H
#define METRIC_SELF_H

#include "metric-text.h"
#include "model.h"
#include "source.h"

struct metric_self {
	uint64_t start_ns;		/* CLOCK_REALTIME */
	uint64_t intervals, failures;	/* so far */
	uint64_t render_ns;		/* what the last page took */
	struct metric_family losses[ACCURACY_FIELDS];	/* their names are owned */
};

void metric_self_init(struct metric_self *self);
void metric_self_done(struct metric_self *self);

void metric_self_write(const struct metric_self *self, const struct source *source,
		       const struct model *model, struct metric_text *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outlets: what takes each interval beside the front that shows it: a recording
 * (recorder.c), the logs of containers (container-log.c), the export of flows
 * (flow-export.c).
 */
#ifndef OUTLET_H
#define OUTLET_H

#include "model.h"
#include "options.h"
#include "source.h"

struct outlet {
	/* Takes the model as it is after an update. -errno: this interval is lost to it. */
	int (*take)(struct outlet *outlet, const struct model *model);
	void (*free)(struct outlet *outlet);
	const char *option;		/* that asked for it: "--record" */
	const char *target;		/* of the option, as given; borrowed */
	uint64_t lost;			/* intervals, since the start */
	int error;			/* why the last of these was lost: -errno */
};

#define OUTLETS_MAX 3

/* Those that the options ask for. */
struct outlets {
	struct outlet *all[OUTLETS_MAX];
	size_t n;
};

/* Opens them. -errno: *ret_error is one line; outlets_close is due either way. */
int outlets_open(struct outlets *outlets, const struct options *options,
		 const struct source *source, char **ret_error);

/* Has each take the model. Returns how many of them lost this interval. */
uint64_t outlets_take(struct outlets *outlets, const struct model *model);

/* What was lost, in one line that the caller frees; NULL: nothing. */
char *outlets_losses(const struct outlets *outlets);
void outlets_close(struct outlets *outlets);

/* Each borrows what it is given but the target. -errno: what is wrong with that. */
int recorder_open(const struct options *options, const struct source *source,
		  struct outlet **ret);
int container_log_open(const struct options *options, const struct source *source,
		       struct outlet **ret);
int flow_export_open(const struct options *options, const struct source *source,
		     struct outlet **ret);

#endif

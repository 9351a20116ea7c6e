/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outlets that the options ask for, opened, fed and closed together. */
#include "outlet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

static const struct kind {
	const char *option;
	size_t field;			/* the option's argument: a string of struct options */
	int (*open)(const struct options *options, const struct source *source,
		    struct outlet **ret);
} kinds[OUTLETS_MAX] = {
	{ "--record", offsetof(struct options, record), recorder_open },
	{ "--log-dir", offsetof(struct options, log_dir), container_log_open },
	{ "--export", offsetof(struct options, export), flow_export_open },
};

static const char *why(int error)
{
	if (error == -EEXIST)
		return "is there already, and is no recording of contop";
	if (error == -EINVAL)
		return "is not a regular file, a directory or an address, as it ought to be";
	if (error == -ENOTSUP)
		return "contop was built without libzmq";
	if (error == -ELIBACC)
		return "libzmq is not installed";
	return strerror(-error);
}

/* "--record FILE: reason", into new memory. */
static char *complaint(const char *option, const char *target, int error, const char *what)
{
	char *clean = text_clean_dup(target);
	char *line = xasprintf("%s %s: %s%s", option, clean, what, why(error));

	free(clean);
	return line;
}

int outlets_open(struct outlets *outlets, const struct options *options,
		 const struct source *source, char **ret_error)
{
	*outlets = (struct outlets){ .n = 0 };
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *target = *(char *const *)(const void *)((const char *)options +
								    kinds[i].field);
		struct outlet *outlet;
		int err;

		if (!target)
			continue;
		err = kinds[i].open(options, source, &outlet);
		if (err) {
			*ret_error = complaint(kinds[i].option, target, err, "");
			return err;
		}
		outlet->option = kinds[i].option;
		outlet->target = target;
		outlets->all[outlets->n++] = outlet;
	}
	return 0;
}

uint64_t outlets_take(struct outlets *outlets, const struct model *model)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < outlets->n; i++) {
		struct outlet *outlet = outlets->all[i];
		int err = outlet->take(outlet, model);

		if (!err)
			continue;
		outlet->lost++;
		outlet->error = err;
		lost++;
	}
	return lost;
}

char *outlets_losses(const struct outlets *outlets)
{
	for (size_t i = 0; i < outlets->n; i++) {
		const struct outlet *outlet = outlets->all[i];
		char *what, *line;

		if (!outlet->lost)
			continue;
		what = xasprintf("%" PRIu64 " intervals lost, the last one: ", outlet->lost);
		line = complaint(outlet->option, outlet->target, outlet->error, what);
		free(what);
		return line;
	}
	return NULL;
}

void outlets_close(struct outlets *outlets)
{
	for (size_t i = 0; i < outlets->n; i++)
		outlets->all[i]->free(outlets->all[i]);
	outlets->n = 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings, all the way to a report in each format. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "front.h"
#include "fuzz.h"

static void show(struct source *source, const struct options *options)
{
	struct sample sample = { 0 };
	bool counted[PANE_COUNT];
	struct front *front;
	char *error = NULL, *text = NULL;
	struct model *model;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < PANE_COUNT; i++)
		counted[i] = source->status[i].available;
	model = model_new(counted);
	if (batch_open(options, source, out, &front, &error))
		abort();
	while (!source->read(source, &sample)) {
		model_update(model, &sample, source->containers, 0);
		front->show(front, model);
	}
	front->free(front);
	model_free(model);
	sample_done(&sample);
	fclose(out);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum output_format format = size ? data[size - 1] % 3 : 0;
	struct options options = {
		.panes = { PANE_CONTAINERS, PANE_FLOWS, PANE_DISKS, PANE_SYSCALLS, PANE_PROCESSES },
		.n_panes = PANE_COUNT, .format = format,
	};
	int fd = memfd_create("recording", MFD_CLOEXEC);
	char *path = xasprintf("/proc/self/fd/%d", fd), *error = NULL;
	struct source *source;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (!source_replay_open(path, &source, &error)) {
		show(source, &options);
		source->free(source);
	} else if (!error) {
		abort();
	}
	free(error);
	free(path);
	close(fd);
	return 0;
}

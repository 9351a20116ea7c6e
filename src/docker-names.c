/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Docker as one of the sources of names. */
#include "docker.h"
#include "names.h"

static void *source_open(const struct name_options *options,
			 const struct host *host __attribute__((unused)),
			 struct containers *containers)
{
	int error;

	return docker_new(options->docker_socket, containers, &error);
}

static int source_fd(const void *docker)
{
	return docker_fd(docker);
}

static void source_work(void *docker)
{
	docker_work(docker);
}

static void source_ask(void *docker)
{
	docker_ask(docker);
}

static void source_free(void *docker)
{
	docker_free(docker);
}

const struct name_source docker_names = {
	.name = "docker",
	.open = source_open,
	.fd = source_fd,
	.work = source_work,
	.ask = source_ask,
	.free = source_free,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of containers that containerd runs, whoever is its client (the kubelet,
 * nerdctl, ctr): it keeps the bundle of each in STATE/NAMESPACE/ID as long as it
 * runs, made before its cgroup is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "names.h"
#include "oci-bundle.h"
#include "util.h"

#define NAMESPACES_MAX 256		/* looked at for one container */
#define ASK_NS (NSEC_PER_SEC / 10)	/* what asks longer goes on the next time */

/* Those of containerd itself and of who brings an own one. */
static const char *const states[] = {
	"run/containerd",
	"run/k3s/containerd",
	"run/docker/containerd/daemon",
	"var/snap/microk8s/common/run/containerd",
	"run/k0s/containerd",
};

struct containerd {
	const struct host *host;	/* borrowed */
	struct containers *containers;	/* borrowed */
};

static bool describe_in(const struct containerd *containerd, const char *directory,
			const char *namespace, const char *id)
{
	char *path = xasprintf("%s/%s/%s/config.json", directory, namespace, id);
	int error = oci_bundle_describe(containerd->host, containerd->containers, id, path);

	free(path);
	return !error;
}

static bool describe_below(const struct containerd *containerd, const char *state, const char *id)
{
	char *path = xasprintf("%s/io.containerd.runtime.v2.task", state);
	int fd = host_open_path(containerd->host, path, O_RDONLY | O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool found = false;

	for (size_t n = 0; directory && !found && n < NAMESPACES_MAX; n++) {
		entry = readdir(directory);
		if (!entry)
			break;
		if (entry->d_name[0] != '.')
			found = describe_in(containerd, path, entry->d_name, id);
	}
	if (directory)
		closedir(directory);
	else if (fd >= 0)
		close(fd);
	free(path);
	return found;
}

static void containerd_ask(void *source)
{
	static const char *const runtimes[] = { "containerd", "nerdctl" };
	struct containerd *containerd = source;
	uint64_t end = monotonic_ns() + ASK_NS;
	const struct container *container;

	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		while (monotonic_ns() < end) {
			container = containers_next_unknown(containerd->containers, runtimes[i]);
			if (!container)
				break;
			for (size_t j = 0; j < ARRAY_SIZE(states); j++)
				if (describe_below(containerd, states[j], container->id))
					break;
		}
	}
}

static void *containerd_open(const struct name_options *options __attribute__((unused)),
			     const struct host *host, struct containers *containers)
{
	struct containerd *containerd = xcalloc(1, sizeof(*containerd));

	containerd->host = host;
	containerd->containers = containers;
	containerd_ask(containerd);
	return containerd;
}

const struct name_source containerd_names = {
	.name = "containerd",
	.open = containerd_open,
	.ask = containerd_ask,
	.free = free,
};

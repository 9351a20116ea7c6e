/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.json of a bundle, in a directory of its own that stands for the host's root. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "oci-bundle.h"

static char directory[] = "/tmp/contop-fuzz-XXXXXX";

static void take_away(void)
{
	if (!chdir(directory)) {
		unlink("config.json");
		rmdir(directory);
	}
}

static int open_root(void)
{
	if (!mkdtemp(directory) || atexit(take_away))
		abort();
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void write_config(int root_fd, const uint8_t *data, size_t size)
{
	int fd = openat(root_fd, "config.json", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char id[] = "3f4e1a9c0b7d5e2f8a6c4b1d9e0f7a5c3b2d1e4f6a8c9b0d7e5f3a1c2b4d6e8f";
	static int root_fd = -1;
	struct containers *containers = containers_new(NULL);
	struct host host = { .procfs = "/proc" };

	if (root_fd < 0)
		root_fd = open_root();
	host.root_fd = root_fd;
	write_config(root_fd, data, size);
	containers_add(containers, id, "containerd");
	oci_bundle_describe(&host, containers, id, "/config.json");
	containers_free(containers);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's files.  A container that contop runs in has other ones: those of
 * the host are reached through its first process.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

int host_open(struct host *ret, const char *procfs)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	char *path = xasprintf("%s/1/root", procfs);
	int fd = open(path, flags);

	free(path);
	if (fd < 0)
		fd = open("/", flags);
	if (fd < 0)
		return -errno;
	*ret = (struct host){ .procfs = procfs, .root_fd = fd };
	return 0;
}

void host_close(struct host *host)
{
	if (host->root_fd >= 0)
		close(host->root_fd);
}

int host_open_path(const struct host *host, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (flags & O_PATH)		/* which takes no others */
		how.flags = (unsigned int)flags | O_CLOEXEC;
	fd = syscall(SYS_openat2, host->root_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

long host_read(const struct host *host, const char *path, size_t max, char **ret_text,
	       struct stat *ret_status)
{
	int fd = host_open_path(host, path, O_RDONLY);
	struct stat status;
	long size;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		size = -errno;
	else if (!S_ISREG(status.st_mode))
		size = -EINVAL;
	else
		size = read_file_at(fd, max, ret_text);
	close(fd);
	if (size >= 0 && ret_status)
		*ret_status = status;
	return size;
}

/* A link into procfs would not be followed below the host's root: it is taken to pieces. */
bool host_is_network(const struct host *host, const char *path)
{
	struct stat theirs, hosts;
	char buffer[4096];
	int process, end = 0;

	if (sscanf(path, "/proc/%9d/ns/net%n", &process, &end) != 1 || !end || path[end])
		return false;
	snprintf(buffer, sizeof(buffer), "%s/%d/ns/net", host->procfs, process);
	if (stat(buffer, &theirs) < 0)
		return false;
	snprintf(buffer, sizeof(buffer), "%s/1/ns/net", host->procfs);
	return stat(buffer, &hosts) == 0 && theirs.st_dev == hosts.st_dev &&
	       theirs.st_ino == hosts.st_ino;
}

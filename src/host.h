/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's files, wherever contop itself runs: what its first process sees. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct host {
	const char *procfs;		/* borrowed */
	int root_fd;			/* of the host's root directory */
};

/* Opens PROCFS/1/root, or this process' own root where that is not permitted. 0 or -errno. */
int host_open(struct host *ret, const char *procfs);
void host_close(struct host *host);

/*
 * Opens a path below the host's root, from which no symbolic link leads out.
 * Does not wait for the other end of a pipe. A descriptor or -errno.
 */
int host_open_path(const struct host *host, const char *path, int flags);

/*
 * Reads a regular file of at most max bytes. *ret_text is NUL-terminated and
 * freed by the caller, *ret_status may be NULL. Its length or -errno.
 */
long host_read(const struct host *host, const char *path, size_t max, char **ret_text,
	       struct stat *ret_status);

/* Whether a path to a network namespace, as a runtime wrote it, leads to the host's own. */
bool host_is_network(const struct host *host, const char *path);

#endif

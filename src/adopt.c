/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes owners of sockets from user space: each is fetched from its process for a moment. */
#include "adopt.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "util.h"

#define TEXT_SIZE 65536

/* Key of the cgroup that a process has in the home hierarchy; 0 when it cannot be found. */
static __u64 cgroup_of(const struct cgroup_layout *layout, const char *text)
{
	const struct hierarchy *home = cgroup_hierarchy(layout, layout->home);
	char prefix[16], *path;
	struct stat status;
	const char *line = text;
	__u64 key = 0;

	if (!home || !home->mount)
		return 0;
	/* "8:pids:/docker/3f2a..." */
	snprintf(prefix, sizeof(prefix), "%u:", layout->home);
	while (line && strncmp(line, prefix, strlen(prefix))) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	line = line ? strchr(line + strlen(prefix), ':') : NULL;
	if (!line)
		return 0;
	path = xasprintf("%s%.*s", home->mount, (int)strcspn(line + 1, "\n"), line + 1);
	if (!stat(path, &status))
		key = CGROUP_KEY(layout->home, status.st_ino);
	free(path);
	return key;
}

static bool note_of_process(const struct cgroup_layout *layout, int process_fd, uint32_t pid,
			    struct socket_note *ret)
{
	struct stat status;
	char *text;

	*ret = (struct socket_note){ .owner.pid = pid, .older = 1 };
	if (fstat(process_fd, &status) || read_file(process_fd, "cgroup", TEXT_SIZE, &text) < 0)
		return false;
	ret->owner.uid = status.st_uid;
	ret->owner.gid = status.st_gid;
	ret->cgroup = cgroup_of(layout, text);
	free(text);
	if (read_file(process_fd, "comm", TEXT_SIZE, &text) >= 0) {
		snprintf(ret->owner.comm, sizeof(ret->owner.comm), "%.*s", (int)strcspn(text, "\n"), text);
		free(text);
	}
	return ret->cgroup;
}

static void note_socket(int pidfd, int fd, const struct socket_note *note, int notes_fd)
{
	int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0), domain = 0;
	socklen_t size = sizeof(domain);

	if (copy < 0)
		return;
	if (!getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &size) &&
	    (domain == AF_INET || domain == AF_INET6))
		bpf_map_update_elem(notes_fd, &copy, note, BPF_NOEXIST);
	close(copy);
}

static void note_sockets_of(DIR *files, const struct socket_note *note, int notes_fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, note->owner.pid, 0);
	struct dirent *file;
	char target[16];

	while (pidfd >= 0 && (file = readdir(files))) {
		ssize_t size = readlinkat(dirfd(files), file->d_name, target, sizeof(target) - 1);

		if (size < 0)
			continue;
		target[size] = '\0';
		if (!strncmp(target, "socket:[", strlen("socket:[")))
			note_socket(pidfd, atoi(file->d_name), note, notes_fd);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void note_process(const struct cgroup_layout *layout, int process_fd, uint32_t pid, int notes_fd)
{
	struct socket_note note;
	int fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *files = fd >= 0 ? fdopendir(fd) : NULL;

	if (files && note_of_process(layout, process_fd, pid, &note))
		note_sockets_of(files, &note, notes_fd);
	if (files)
		closedir(files);
	else if (fd >= 0)
		close(fd);
}

/* In a procfs of another pid namespace we have another id, or none: all ids mean others there. */
static bool is_of_our_namespace(int procfs_fd)
{
	char self[16];
	ssize_t size = readlinkat(procfs_fd, "self", self, sizeof(self) - 1);

	if (size < 0)
		return false;
	self[size] = '\0';
	return atoi(self) == getpid();
}

void adopt_note_sockets(const struct cgroup_layout *layout, const char *procfs, int notes_fd)
{
	DIR *directory = opendir(procfs);
	struct dirent *entry;

	if (!directory)
		return;
	if (!is_of_our_namespace(dirfd(directory))) {
		closedir(directory);
		return;
	}
	while ((entry = readdir(directory))) {
		int fd = isdigit((unsigned char)entry->d_name[0]) ?
			 openat(dirfd(directory), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

		if (fd < 0)
			continue;
		note_process(layout, fd, (uint32_t)strtoul(entry->d_name, NULL, 10), notes_fd);
		close(fd);
	}
	closedir(directory);
}

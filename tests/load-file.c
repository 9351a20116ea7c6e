/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A load of files: every call that reads or writes them, N times each, and the
 * same calls on what is no file and must not count.  Reported are the bytes that
 * the calls returned, and how many of them did.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE 4096

/* A file, and what was done to it. */
struct used {
	const char *name;
	int fd;
	uint64_t read_bytes, write_bytes, reads, writes;
};

static char *piece;			/* PIECE bytes, aligned for direct I/O */

static void open_used(struct used *file, const char *directory, const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	*file = (struct used){ .name = name };
	file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0644);
	if (file->fd < 0)
		fail(path);
}

static void did_read(struct used *file, ssize_t n)
{
	if (n < 0)
		fail(file->name);
	file->read_bytes += (uint64_t)n;
	file->reads++;
}

static void did_write(struct used *file, ssize_t n)
{
	if (n < 0)
		fail(file->name);
	file->write_bytes += (uint64_t)n;
	file->writes++;
}

static void write_all_ways(struct used *file)
{
	struct iovec parts[] = { { piece, PIECE / 2 }, { piece + PIECE / 2, PIECE / 2 } };

	did_write(file, write(file->fd, piece, PIECE));
	did_write(file, pwrite(file->fd, piece, PIECE, PIECE));
	did_write(file, writev(file->fd, parts, 2));
	did_write(file, pwritev(file->fd, parts, 2, PIECE));
	did_write(file, pwritev2(file->fd, parts, 2, PIECE, 0));
}

static void read_all_ways(struct used *file)
{
	struct iovec parts[] = { { piece, PIECE / 2 }, { piece + PIECE / 2, PIECE / 2 } };

	if (lseek(file->fd, 0, SEEK_SET) < 0)
		fail("lseek");
	did_read(file, read(file->fd, piece, PIECE));
	did_read(file, pread(file->fd, piece, PIECE, 0));
	did_read(file, readv(file->fd, parts, 2));
	did_read(file, preadv(file->fd, parts, 2, 0));
	did_read(file, preadv2(file->fd, parts, 2, 0, 0));
	/* The end of the file is an answer, too. */
	did_read(file, pread(file->fd, piece, PIECE, (off_t)1 << 40));
}

/* From one file to another, and by way of a pipe. */
static void copy_all_ways(struct used *from, struct used *to, int pipe_fds[2])
{
	loff_t at = 0, to_at = 0;
	ssize_t n;

	n = copy_file_range(from->fd, &at, to->fd, &to_at, PIECE, 0);
	did_read(from, n);
	did_write(to, n);
	n = sendfile(to->fd, from->fd, &(off_t){ 0 }, PIECE);
	did_read(from, n);
	did_write(to, n);
	at = 0;
	did_read(from, splice(from->fd, &at, pipe_fds[1], NULL, PIECE, 0));
	did_write(to, splice(pipe_fds[0], NULL, to->fd, &at, PIECE, 0));
}

/* Only the file's side of a copy to a socket is one of a file. */
static void use_others(struct used *from, int pipe_fds[2], int sockets[2], int proc)
{
	if (write(pipe_fds[1], piece, 100) != 100 || read(pipe_fds[0], piece, 100) != 100 ||
	    write(sockets[0], piece, 100) != 100 || read(sockets[1], piece, 100) != 100 ||
	    pread(proc, piece, 100, 0) <= 0)
		fail("others");
	did_read(from, sendfile(sockets[0], from->fd, &(off_t){ 0 }, PIECE));
	if (recv(sockets[1], piece, PIECE, MSG_WAITALL) != PIECE)
		fail("recv");
	/* A call that fails has done nothing. */
	if (read(-1, piece, PIECE) >= 0 || pread(from->fd, piece, PIECE, -1) >= 0)
		fail("errors");
}

static void use_direct(struct used *file)
{
	did_write(file, pwrite(file->fd, piece, PIECE, 0));
	did_read(file, pread(file->fd, piece, PIECE, 0));
}

/* Another process reads the same file: as often as it is told to. */
static void read_in_child(int fd, uint64_t n)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork");
	if (!child) {
		while (n-- > 0)
			if (pread(fd, piece, PIECE, 0) != PIECE)
				_exit(1);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		fail("child");
}

static void report_files(const struct used *files, size_t n, uint64_t child_reads)
{
	char rows[1024];
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += (size_t)snprintf(rows + length, sizeof(rows) - length,
			"%s{\"name\":\"%s\",\"read_bytes\":%" PRIu64 ",\"write_bytes\":%" PRIu64
			",\"reads\":%" PRIu64 ",\"writes\":%" PRIu64 "}", i ? "," : "",
			files[i].name, files[i].read_bytes, files[i].write_bytes, files[i].reads,
			files[i].writes);
	report("{\"load\":\"files\",\"child_reads\":%" PRIu64 ",\"child_bytes\":%" PRIu64
	       ",\"files\":[%s]}\n", child_reads, child_reads * PIECE, rows);
}

void run_files(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[1], UINT32_MAX);
	int pipe_fds[2], sockets[2], proc = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	struct used files[3], *data = &files[0], *copy = &files[1], *direct = &files[2];

	piece = aligned_alloc(PIECE, PIECE);
	if (!piece || proc < 0 || pipe2(pipe_fds, O_CLOEXEC) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		fail("descriptors");
	memset(piece, 'x', PIECE);
	open_used(data, arguments[0], "data", 0);
	open_used(copy, arguments[0], "copy", 0);
	open_used(direct, arguments[0], "direct", O_DIRECT);
	wait_for_go(flags->wait);
	for (uint64_t i = 0; i < n; i++) {
		write_all_ways(data);
		read_all_ways(data);
		copy_all_ways(data, copy, pipe_fds);
		use_others(data, pipe_fds, sockets, proc);
		use_direct(direct);
	}
	read_in_child(data->fd, 3 * n);
	report_files(files, 3, 3 * n);
}

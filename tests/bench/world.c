/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A large host: world DIRECTORY CONTAINERS FLOWS MOVING.  Makes so many cgroups
 * below DIRECTORY, named as containers; when it is told to, one UDP socket in each
 * that sends and one that receives, and so many flows over loopback; then, each
 * second, one datagram on so many of them.  Ends, and removes the cgroups, when
 * standard input does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PORT 20000

struct container {
	char path[512];
	int sender, receiver;
	uint16_t port;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void enter(const char *cgroup)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

static void make_container(struct container *container, const char *directory, unsigned int i)
{
	container->port = (uint16_t)(FIRST_PORT + i);
	snprintf(container->path, sizeof(container->path), "%s/%064x", directory, i);
	if (mkdir(container->path, 0755))
		fail(container->path);
}

/*
 * Both are made within the container's cgroup, before the eyes of the reader: to one
 * that comes later they would be where their process is by then.
 */
static void make_sockets(struct container *container)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(container->port) };

	enter(container->path);
	container->sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	container->receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (container->sender < 0 || container->receiver < 0 ||
	    bind(container->receiver, (struct sockaddr *)&address, sizeof(address)))
		fail("socket");
}

/* One datagram to each of the first n addresses: two flows each, as both ends are here. */
static void move(const struct container *container, unsigned int n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(container->port) };
	char byte = 0;

	for (unsigned int i = 0; i < n; i++) {
		to.sin_addr.s_addr = htonl(0x7f010001 + i);
		if (sendto(container->sender, &byte, 1, 0, (struct sockaddr *)&to, sizeof(to)) != 1)
			fail("sendto");
		recv(container->receiver, &byte, 1, 0);
	}
}

static void move_all(const struct container *containers, unsigned int n, unsigned int flows)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int pairs = flows / 2 / n + (i < flows / 2 % n);

		move(&containers[i], pairs);
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned int n, flows, moving;
	struct container *containers;
	char byte;

	if (argc != 5)
		return 2;
	n = (unsigned int)atoi(argv[2]);
	flows = (unsigned int)atoi(argv[3]);
	moving = (unsigned int)atoi(argv[4]);
	containers = calloc(n, sizeof(*containers));
	if (!containers || getrlimit(RLIMIT_NOFILE, &files))
		fail("resources");
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned int i = 0; i < n; i++)
		make_container(&containers[i], argv[1], i);
	puts("ready");
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) == 1) {
		for (unsigned int i = 0; i < n; i++)
			make_sockets(&containers[i]);
		enter(argv[1]);
		move_all(containers, n, flows);
		puts("moved");
		fflush(stdout);
		while (poll(&input, 1, 1000) == 0)
			move_all(containers, n, moving);
	}
	for (unsigned int i = 0; i < n; i++)
		rmdir(containers[i].path);
	return 0;
}

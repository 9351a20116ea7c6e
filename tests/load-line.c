/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A long line between two network namespaces: each packet comes out at the other end so much later. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKETS 1024			/* under way at a time, in each direction */
#define PACKET_SIZE 2048
#define LARGE 500			/* bytes; only packets of more are lost */

struct direction {
	int from, to;			/* ends of the line */
	struct {
		int64_t due_us;
		ssize_t size;
		char data[PACKET_SIZE];
	} packets[PACKETS];
	unsigned int first, n;
	uint64_t seen;			/* large ones */
};

/* An interface "line0" in the network namespace of a process. */
static int open_end(uint64_t pid)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "line0" };
	char path[64];
	int space, fd;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", (unsigned int)pid);
	space = open(path, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWNET) < 0)
		fail(path);
	/* It is that of the namespace in which it is opened. */
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		fail("/dev/net/tun");
	close(space);
	return fd;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Takes what has come, but for one in every so many; what finds no place is lost, too. */
static void take_in(struct direction *way, int64_t delay_us, uint64_t lost_every)
{
	while (way->n < PACKETS) {
		unsigned int i = (way->first + way->n) % PACKETS;
		ssize_t size = read(way->from, way->packets[i].data, PACKET_SIZE);

		if (size <= 0)
			return;
		if (lost_every && size > LARGE && ++way->seen % lost_every == 0)
			continue;
		way->packets[i].size = size;
		way->packets[i].due_us = now_us() + delay_us;
		way->n++;
	}
}

/* Lets out what is due. Returns when the next one is; INT64_MAX: there is none. */
static int64_t let_out(struct direction *way)
{
	while (way->n && way->packets[way->first].due_us <= now_us()) {
		if (write(way->to, way->packets[way->first].data,
			  (size_t)way->packets[way->first].size) < 0 && errno != EIO)
			fail("line");
		way->first = (way->first + 1) % PACKETS;
		way->n--;
	}
	return way->n ? way->packets[way->first].due_us : INT64_MAX;
}

/* Ends by a signal. */
void run_line(char **arguments, const struct flags *flags)
{
	static struct direction ways[2];
	int64_t delay_us = (int64_t)number(arguments[2], 10000) * 1000;
	uint64_t lost_every = number(arguments[3], 1000000);
	struct sched_param first = { .sched_priority = 1 };

	(void)flags;
	ways[0].from = ways[1].to = open_end(number(arguments[0], UINT32_MAX));
	ways[0].to = ways[1].from = open_end(number(arguments[1], UINT32_MAX));
	/* Where that is allowed, the line is not longer on a busy machine. */
	sched_setscheduler(0, SCHED_FIFO, &first);
	say_ready();
	for (;;) {
		struct pollfd ends[2] = { { ways[0].from, POLLIN, 0 }, { ways[1].from, POLLIN, 0 } };
		int64_t next = INT64_MAX, wait_us;
		struct timespec wait;

		for (int i = 0; i < 2; i++) {
			int64_t due;

			take_in(&ways[i], delay_us, lost_every);
			due = let_out(&ways[i]);
			next = due < next ? due : next;
		}
		wait_us = next == INT64_MAX ? 1000000 : next - now_us();
		wait_us = wait_us < 0 ? 0 : wait_us;
		wait = (struct timespec){ wait_us / 1000000, wait_us % 1000000 * 1000 };
		if (ppoll(ends, 2, &wait, NULL) < 0 && errno != EINTR)
			fail("poll");
	}
}

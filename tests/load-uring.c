/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations of io_uring whose number is known exactly, by system calls alone:
 * so many that succeed at once, that fail, and that the kernel gives to a
 * thread of its own.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 32
#define OP_ACCEPT 13			/* IORING_OP_ACCEPT; older headers lack its flag */
#define ACCEPT_MULTISHOT 1		/* from 5.19 on */

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_array, sq_mask;
	unsigned int *cq_head, *cq_tail, cq_mask;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *ends;
};

static void *map(const struct ring *ring, size_t size, off_t offset)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
			    offset);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static void ring_open(struct ring *ring)
{
	struct io_uring_params params;
	char *sq, *cq;

	memset(&params, 0, sizeof(params));
	ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring->fd < 0)
		fail("io_uring_setup");
	sq = map(ring, params.sq_off.array + params.sq_entries * sizeof(unsigned int),
		 IORING_OFF_SQ_RING);
	cq = map(ring, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		 IORING_OFF_CQ_RING);
	ring->entries = map(ring, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring->sq_tail = (unsigned int *)(void *)(sq + params.sq_off.tail);
	ring->sq_array = (unsigned int *)(void *)(sq + params.sq_off.array);
	ring->sq_mask = *(unsigned int *)(void *)(sq + params.sq_off.ring_mask);
	ring->cq_head = (unsigned int *)(void *)(cq + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(void *)(cq + params.cq_off.tail);
	ring->cq_mask = *(unsigned int *)(void *)(cq + params.cq_off.ring_mask);
	ring->ends = (struct io_uring_cqe *)(void *)(cq + params.cq_off.cqes);
}

/* Before 5.18, the kernel takes no more at a time once one has failed. */
static void ring_enter(const struct ring *ring, unsigned int n)
{
	for (unsigned int left = n; left;) {
		long taken = syscall(SYS_io_uring_enter, ring->fd, left, 0, 0, NULL, 0);

		if (taken <= 0)
			fail("io_uring_enter");
		left -= (unsigned int)taken;
	}
	if (syscall(SYS_io_uring_enter, ring->fd, 0, n, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		fail("io_uring_enter");
}

/* Has n operations like this one done, and waits for all of them. Returns how many failed. */
static uint64_t operate(struct ring *ring, const struct io_uring_sqe *operation, unsigned int n)
{
	unsigned int tail = *ring->sq_tail;
	uint64_t failed = 0;

	for (unsigned int i = 0; i < n; i++, tail++) {
		ring->entries[tail & ring->sq_mask] = *operation;
		ring->sq_array[tail & ring->sq_mask] = tail & ring->sq_mask;
	}
	__atomic_store_n(ring->sq_tail, tail, __ATOMIC_RELEASE);
	ring_enter(ring, n);
	for (unsigned int i = 0; i < n; i++, ++*ring->cq_head) {
		if (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == *ring->cq_head)
			fail("io_uring");
		failed += ring->ends[*ring->cq_head & ring->cq_mask].res < 0;
	}
	return failed;
}

static uint64_t repeat(struct ring *ring, const struct io_uring_sqe *operation, uint64_t n)
{
	uint64_t failed = 0;

	for (; n > ENTRIES; n -= ENTRIES)
		failed += operate(ring, operation, ENTRIES);
	return failed + operate(ring, operation, (unsigned int)n);
}

void run_uring(char **arguments, const struct flags *flags)
{
	uint64_t n = number(arguments[0], 10000000), errors = number(arguments[1], 10000000);
	uint64_t apart = number(arguments[2], 10000000), failed;
	char buffer[64];
	struct io_uring_sqe nop = { .opcode = IORING_OP_NOP };
	struct io_uring_sqe reads = {
		.opcode = IORING_OP_READ, .fd = -1, .addr = (uintptr_t)buffer, .len = sizeof(buffer),
	};
	struct ring ring;

	ring_open(&ring);
	wait_for_go(flags->wait);
	failed = repeat(&ring, &nop, n) + repeat(&ring, &reads, errors);
	reads.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	reads.flags = IOSQE_ASYNC;
	if (reads.fd < 0)
		fail("/proc/self/exe");
	failed += repeat(&ring, &reads, apart);
	report("{\"load\":\"uring\",\"nop\":%" PRIu64 ",\"read\":%" PRIu64 ",\"errors\":%" PRIu64
	       "}\n", n, errors + apart, failed);
	if (failed != errors)
		fail("operations failed");
}

int uring_accept(int listener, bool again)
{
	struct io_uring_sqe accepts = {
		.opcode = OP_ACCEPT, .fd = listener, .ioprio = again ? ACCEPT_MULTISHOT : 0,
	};
	struct ring ring;

	ring_open(&ring);
	if (operate(&ring, &accepts, 1))
		fail("accept by io_uring");
	return ring.ends[(*ring.cq_head - 1) & ring.cq_mask].res;
}

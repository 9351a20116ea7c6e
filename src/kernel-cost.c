/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The share of a CPU that our BPF programs take: samples of time. */
#include "kernel-cost.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util.h"

#define FIRST_NS NSEC_PER_SEC
#define SAMPLE_NS (NSEC_PER_SEC / 10)
#define EVERY_NS (10 * NSEC_PER_SEC)

int kernel_cost_init(struct kernel_cost *cost)
{
	*cost = (struct kernel_cost){ .stats_fd = -1, .every_ns = EVERY_NS, .share = -1 };
	cost->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return cost->timer_fd < 0 ? -errno : 0;
}

void kernel_cost_done(struct kernel_cost *cost)
{
	if (cost->stats_fd >= 0)
		close(cost->stats_fd);
	if (cost->timer_fd >= 0)
		close(cost->timer_fd);
	cost->stats_fd = cost->timer_fd = -1;
}

void kernel_cost_add(struct kernel_cost *cost, const struct bpf_object *object)
{
	if (object && cost->n < KERNEL_COST_OBJECTS)
		cost->objects[cost->n++] = object;
}

/* Nanoseconds that the programs have run while the kernel measured. */
static uint64_t run_ns(const struct kernel_cost *cost)
{
	struct bpf_program *program;
	uint64_t sum = 0;

	for (size_t i = 0; i < cost->n; i++) {
		bpf_object__for_each_program(program, cost->objects[i]) {
			struct bpf_prog_info info = { 0 };
			uint32_t size = sizeof(info);
			int fd = bpf_program__fd(program);

			if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
				sum += info.run_time_ns;
		}
	}
	return sum;
}

static void wake_at(const struct kernel_cost *cost, uint64_t ns)
{
	const struct itimerspec when = {
		.it_value = { (time_t)(ns / NSEC_PER_SEC), (long)(ns % NSEC_PER_SEC) },
	};

	timerfd_settime(cost->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void begin(struct kernel_cost *cost, uint64_t now_ns)
{
	cost->run_ns = run_ns(cost);
	cost->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	cost->refused = cost->stats_fd < 0;
	cost->begun_ns = now_ns;
	if (!cost->refused)
		wake_at(cost, now_ns + (cost->share < 0 ? FIRST_NS : SAMPLE_NS));
}

static void end(struct kernel_cost *cost, uint64_t now_ns)
{
	cost->share = (double)(run_ns(cost) - cost->run_ns) / (double)(now_ns - cost->begun_ns);
	close(cost->stats_fd);
	cost->stats_fd = -1;
	wake_at(cost, cost->begun_ns + cost->every_ns);
}

bool kernel_cost_work(struct kernel_cost *cost, uint64_t now_ns)
{
	uint64_t lasts = cost->share < 0 ? FIRST_NS : SAMPLE_NS, expirations;

	if (cost->refused || cost->timer_fd < 0 ||
	    (cost->begun_ns && read(cost->timer_fd, &expirations, sizeof(expirations)) < 0))
		return false;
	if (cost->stats_fd < 0) {
		begin(cost, now_ns);
		return false;
	}
	if (now_ns - cost->begun_ns < lasts)
		return false;
	end(cost, now_ns);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits for time, signals, keys, the kernel and who knows names, and has each dealt with. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "column.h"
#include "model.h"
#include "util.h"

#define FIRST_LOOK_NS (300 * 1000000ULL)	/* so soon a screen has something to show */

struct loop {
	const struct options *options;
	struct source *source;
	struct names *names;
	struct front *front;
	struct outlets *outlets;
	uint64_t unwritten;		/* how many of these lost the last interval */
	struct model *model;
	struct sample sample;
	bool counted[PANE_COUNT];
	int timer_fd, signal_fd;
	size_t position;		/* samples that the model has taken in */
	uint64_t start_ns, next_ns;	/* when the loop began, when the next sample is due */
	unsigned long shown;		/* intervals */
	unsigned int wishes;		/* of the front, as carried out */
};

static void set_of_signals(sigset_t *set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH };

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(set, signals[i]);
}

void loop_block_signals(void)
{
	sigset_t set;

	set_of_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static uint64_t end_ns(const struct loop *loop)
{
	return loop->options->duration_ns ? loop->start_ns + loop->options->duration_ns : UINT64_MAX;
}

/* Keys may have changed it. The first interval of a screen that nothing is written beside is short. */
static uint64_t delay_ns(const struct loop *loop)
{
	uint64_t delay = loop->front->delay_ns ? loop->front->delay_ns : loop->options->delay_ns;

	if (!loop->options->batch && !loop->outlets->n && !loop->position && delay > FIRST_LOOK_NS)
		return FIRST_LOOK_NS;
	return delay;
}

/*
 * The next interval begins when the last one was to end, not when it did: no
 * drift. After a long stop (SIGSTOP, suspend) it begins now.
 */
static void arm_timer(struct loop *loop)
{
	uint64_t now = monotonic_ns(), delay = delay_ns(loop), end = end_ns(loop);
	struct itimerspec when = { 0 };

	loop->next_ns += delay;
	if (loop->next_ns <= now)
		loop->next_ns = now + delay;
	/* What is left at the end is no interval of its own when it is less than half of one. */
	if (end != UINT64_MAX && loop->next_ns + delay / 2 > end)
		loop->next_ns = end > now ? end : now + 1;
	when.it_value.tv_sec = (time_t)(loop->next_ns / NSEC_PER_SEC);
	when.it_value.tv_nsec = (long)(loop->next_ns % NSEC_PER_SEC);
	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Calls are timed as soon as their times are asked for. */
static void take_wishes(struct loop *loop)
{
	unsigned int changed = loop->front->wishes ^ loop->wishes;

	loop->wishes = loop->front->wishes;
	if (changed & WISH_LATENCY && loop->source->time_calls)
		loop->source->time_calls(loop->source, loop->wishes & WISH_LATENCY);
	if (changed & WISH_FAULTS && loop->source->count_faults)
		loop->source->count_faults(loop->source, loop->wishes & WISH_FAULTS);
	if (changed & WISH_PRESSURE && loop->source->watch_pressure)
		loop->source->watch_pressure(loop->source, loop->wishes & WISH_PRESSURE);
}

/* A recording that can be gone back in stays on the screen when it has ended. */
static int at_end(const struct loop *loop, int result)
{
	return result == -ENODATA && loop->source->rewind && !loop->options->batch &&
	       loop->position ? TODO_NOTHING : result;
}

/* One interval is over. enum todo or -errno. */
static int take_sample(struct loop *loop)
{
	bool lingers = !loop->options->batch || options_want_metrics(loop->options);
	uint64_t linger_ns = lingers ? loop->options->linger_ns : 0;
	int result;

	sample_clear(&loop->sample);
	result = loop->source->read(loop->source, &loop->sample);
	if (result)
		return at_end(loop, result);
	loop->position++;
	/* Reading has found containers that are to be shown with their names. */
	if (loop->names) {
		names_ask(loop->names);
		names_work(loop->names);
	}
	loop->sample.accuracy.unwritten_reports += loop->unwritten;
	model_set_focus(loop->model, loop->front->focus);
	model_split_calls(loop->model, loop->wishes & WISH_PROCESSES);
	model_update(loop->model, &loop->sample, loop->source->containers, linger_ns);
	loop->unwritten = outlets_take(loop->outlets, loop->model);
	result = loop->front->show(loop->front, loop->model);
	if (result != TODO_NOTHING)
		return result;
	loop->shown++;
	if (loop->options->iterations && loop->shown >= loop->options->iterations)
		return TODO_QUIT;
	return monotonic_ns() >= end_ns(loop) ? TODO_QUIT : TODO_NOTHING;
}

static int on_timer(struct loop *loop)
{
	uint64_t expirations;
	int result;

	if (read(loop->timer_fd, &expirations, sizeof(expirations)) < 0)
		return TODO_NOTHING;
	result = loop->front->holds && loop->source->rewind ? TODO_NOTHING : take_sample(loop);
	if (result == TODO_NOTHING)
		arm_timer(loop);
	return result;
}

/* SIGINT and SIGTERM end batch and what is written to files with the interval so far. */
static int on_signal(struct loop *loop)
{
	struct signalfd_siginfo info;
	int result;

	if (read(loop->signal_fd, &info, sizeof(info)) != sizeof(info))
		return TODO_NOTHING;
	if (info.ssi_signo == SIGWINCH)
		return loop->front->resize ? loop->front->resize(loop->front, loop->model) :
					     TODO_NOTHING;
	if (!loop->options->batch && !loop->outlets->n)
		return TODO_QUIT;
	result = take_sample(loop);
	return result < 0 ? result : TODO_QUIT;
}

/* Takes in samples that are not shown, up to a number of them or a time. 0 or -errno. */
static int skip(struct loop *loop, size_t position, uint64_t time_ns)
{
	while (loop->position < position && sample_time_ns(&loop->sample) < time_ns) {
		int result;

		sample_clear(&loop->sample);
		result = loop->source->read(loop->source, &loop->sample);
		if (result)
			return result == -ENODATA ? 0 : result;
		loop->position++;
		model_update(loop->model, &loop->sample, loop->source->containers,
			     loop->options->linger_ns);
	}
	return 0;
}

/* Begins the recording anew. */
static int go_back(struct loop *loop)
{
	int result;

	loop->front->forget(loop->front);
	model_free(loop->model);
	sample_done(&loop->sample);
	loop->sample = (struct sample){ 0 };
	result = loop->source->rewind(loop->source);
	loop->model = model_new(loop->counted);
	loop->position = 0;
	return result;
}

/* Where the front wants to be in a recording. enum todo or -errno. */
static int jump(struct loop *loop)
{
	struct front_jump jump = loop->front->jump;
	size_t position = loop->position;
	int result = 0;

	loop->front->jump.kind = JUMP_NONE;
	if (!loop->source->rewind || jump.kind == JUMP_NONE)
		return TODO_NOTHING;
	if (jump.kind == JUMP_FORWARD)
		result = skip(loop, position + 1, UINT64_MAX);
	else if (jump.kind == JUMP_BACK && position > 1)
		result = go_back(loop) ?: skip(loop, position - 1, UINT64_MAX);
	else if (jump.kind == JUMP_TIME && jump.time_ns <= sample_time_ns(&loop->sample))
		result = go_back(loop) ?: skip(loop, SIZE_MAX, jump.time_ns);
	else if (jump.kind == JUMP_TIME)
		result = skip(loop, SIZE_MAX, jump.time_ns);
	return result ? result : loop->front->show(loop->front, loop->model);
}

/* A new delay counts from now on. */
static int take_input(struct loop *loop)
{
	uint64_t before = delay_ns(loop);
	int result = loop->front->take_input(loop->front, loop->model);

	take_wishes(loop);
	if (delay_ns(loop) != before) {
		loop->next_ns = monotonic_ns();
		arm_timer(loop);
	}
	return result == TODO_NOTHING ? jump(loop) : result;
}

enum { FD_TIMER, FD_SIGNAL, FD_INPUT, FD_EVENTS, FD_NAMES, FD_COUNT };

static int wait_and_handle(struct loop *loop)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_TIMER] = { loop->timer_fd, POLLIN, 0 },
		[FD_SIGNAL] = { loop->signal_fd, POLLIN, 0 },
		[FD_INPUT] = { loop->front->input_fd, POLLIN, 0 },
		[FD_EVENTS] = { loop->source->events_fd, POLLIN, 0 },
		[FD_NAMES] = { loop->names ? names_fd(loop->names) : -1, POLLIN, 0 },
	};
	int result = TODO_NOTHING;

	if (poll(fds, FD_COUNT, -1) < 0)
		return errno == EINTR ? TODO_NOTHING : -errno;
	/* New containers first: their names may be asked for at once. */
	if (fds[FD_EVENTS].revents) {
		loop->source->take_events(loop->source);
		if (loop->names)
			names_ask(loop->names);
	}
	if (fds[FD_NAMES].revents)
		names_work(loop->names);
	if (fds[FD_INPUT].revents)
		result = take_input(loop);
	if (result == TODO_NOTHING && fds[FD_SIGNAL].revents)
		result = on_signal(loop);
	if (result == TODO_NOTHING && fds[FD_TIMER].revents)
		result = on_timer(loop);
	return result;
}

static int run(struct loop *loop)
{
	/* A recording in batch is printed as fast as it can be read. */
	bool waits = !(loop->options->replay && loop->options->batch);
	int result = TODO_NOTHING;

	take_wishes(loop);
	loop->start_ns = monotonic_ns();
	loop->next_ns = loop->start_ns;
	if (waits)
		arm_timer(loop);
	while (result == TODO_NOTHING)
		result = waits ? wait_and_handle(loop) : take_sample(loop);
	return result;
}

int loop_run(const struct options *options, struct source *source, struct names *names,
	     struct front *front, struct outlets *outlets, char **ret_error)
{
	struct loop loop = {
		.options = options, .source = source, .names = names, .front = front,
		.outlets = outlets,
	};
	sigset_t set;
	int result;

	for (size_t i = 0; i < PANE_COUNT; i++)
		loop.counted[i] = source->status[i].available;
	set_of_signals(&set);
	loop.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	loop.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop.model = model_new(loop.counted);
	result = loop.timer_fd < 0 || loop.signal_fd < 0 ? -errno : run(&loop);
	if (loop.timer_fd >= 0)
		close(loop.timer_fd);
	if (loop.signal_fd >= 0)
		close(loop.signal_fd);
	model_free(loop.model);
	sample_done(&loop.sample);
	*ret_error = NULL;
	/* The end of a recording and a reader who has gone are no errors. */
	if (front->end && (result >= 0 || result == -ENODATA))
		result = front->end(front, ret_error);
	if (result >= 0 || result == -ENODATA || result == -EPIPE)
		return 0;
	if (*ret_error)
		return result;
	*ret_error = source->error ? xstrdup(source->error) :
		     xasprintf("cannot go on: %s", strerror(-result));
	return result;
}

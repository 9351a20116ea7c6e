/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the full screen takes over a key when there are 100,000 flows.  Prints
 * milliseconds of a CPU, checks nothing: make bench-screen
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "term.h"
#include "tui.h"
#include "util.h"

#define FLOWS 100000
#define ROUNDS 5

struct bench {
	struct source source;
	struct options options;
	struct model *model;
	struct sample sample;
	struct tui tui;
	struct screen screen;
};

static void add_flow(struct bench *bench, struct container *container, uint32_t i)
{
	struct flow_sample *flow = sample_add_flow(&bench->sample);

	flow->container = container;
	flow->key = (struct flow_key) {
		.family = i % 8 ? 4 : 6, .protocol = 6, .local_port = 443,
		.remote_port = (uint16_t)(1024 + i % 60000),
		.local_address = { 10, 0, 0, 1 },
		.remote_address = { 100, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i },
	};
	flow->rx_bytes = i * 7919 % 1000003;
	flow->tx_bytes = i * 104729 % 1000003;
	flow->rx_packets = flow->tx_packets = 1;
	flow->pid = 1000 + i % 5000;
	flow->uid = 0;
	strcpy(flow->comm, "nginx");
}

static void tick(struct bench *bench)
{
	struct container *container = containers_all(bench->source.containers, &(size_t){ 0 })[0];

	sample_clear(&bench->sample);
	bench->sample.interval_ns = NSEC_PER_SEC;
	for (uint32_t i = 0; i < FLOWS; i++)
		add_flow(bench, container, i);
	model_update(bench->model, &bench->sample, bench->source.containers, NSEC_PER_SEC);
}

/* Whatever else the machine does is not counted. */
static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* Milliseconds until the last of these keys is seen on the screen. */
static double press(struct bench *bench, const int *keys)
{
	uint64_t begin = 0;

	for (; *keys; keys++) {
		unsigned int todo;

		begin = cpu_ns();
		todo = tui_key(&bench->tui, *keys);
		if (todo & TUI_UPDATE)
			tui_update(&bench->tui);
		tui_draw(&bench->tui, &bench->screen);
	}
	return (double)(cpu_ns() - begin) / 1e6;
}

/* The same of what is done after that. */
static double hold(struct bench *bench)
{
	uint64_t begin = cpu_ns();

	tui_hold(&bench->tui);
	return (double)(cpu_ns() - begin) / 1e6;
}

static const struct {
	const char *what;
	int keys[12];			/* the last one is timed */
	int undo[4];
} cases[] = {
	{ "next row", { 'j' }, { 'k' } },
	{ "last row", { 'G' }, { 'g' } },
	{ "sort by a number", { '>' }, { '<' } },
	{ "sort by an address", { '$' }, { 'N' } },
	{ "another pane and back", { '1', '2' }, { 0 } },
	{ "first letter of a filter", { '/', 'n' }, { 27 } },
	{ "filter: a word in no row", { '/', 'z' }, { 27 } },
	{ "filter: a digit", { '/', '9' }, { 27 } },
	{ "filter: an address in no row", { '/', '9', '9', '.', '9', '9', '.' }, { 27 } },
	{ "filter: a letter that addresses have", { '/', 'f', 'e', 'e' }, { 27 } },
	{ "list of users", { 'u' }, { 27 } },
	{ "rows of one user", { 'u', 'j', TERM_KEY_ENTER }, { TERM_KEY_DELETE } },
	{ "search: found", { TERM_KEY_F1 + 2, '1', '0', '0' }, { 27 } },
	{ "search: not there", { TERM_KEY_F1 + 2, 'z' }, { 27 } },
	{ "search: an address that is not there", { TERM_KEY_F1 + 2, '9', '9', '.', '9', '9' }, { 27 } },
	{ "pause", { ' ' }, { ' ' } },
	{ "mark", { 'm' }, { 'z' } },
	{ "sorted since the mark", { 'm', '>' }, { 'z', '<' } },
	{ "freeze the order", { 'O' }, { 'O' } },
	{ "frozen: next row", { 'O', 'j' }, { 'O', 'g' } },
	{ "split", { 'v' }, { 'v', '2' } },
	{ "split: next container", { 'v', 'j' }, { 'v', '2' } },
	{ "help", { '?' }, { 27 } },
};

static void measure(struct bench *bench, size_t i)
{
	double sum = 0, most = 0, after = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double ms = press(bench, cases[i].keys);

		after += hold(bench);
		press(bench, cases[i].undo);
		sum += ms;
		most = ms > most ? ms : most;
	}
	printf("%8.2f %8.2f  %s\n", sum / ROUNDS, most, cases[i].what);
	if (after > 1)
		printf("%8.2f           %s: copied after it is seen\n", after / ROUNDS, cases[i].what);
}

static void measure_tick(struct bench *bench)
{
	uint64_t begin, sum = 0;

	for (int round = 0; round < ROUNDS; round++) {
		tick(bench);
		begin = cpu_ns();
		tui_measure(&bench->tui, bench->model);
		tui_draw(&bench->tui, &bench->screen);
		sum += cpu_ns() - begin;
	}
	printf("%8.2f           an interval\n", (double)sum / ROUNDS / 1e6);
}

int main(void)
{
	static struct bench bench;
	bool counted[PANE_COUNT];

	for (size_t i = 0; i < PANE_COUNT; i++) {
		bench.source.status[i].available = true;
		counted[i] = true;
	}
	bench.source.host = xstrdup("bench");
	bench.source.containers = containers_new(NULL);
	bench.options.delay_ns = NSEC_PER_SEC;
	bench.model = model_new(counted);
	tui_init(&bench.tui, &bench.options, &bench.source);
	screen_init(&bench.screen, 200, 60);
	tick(&bench);
	tui_measure(&bench.tui, bench.model);
	press(&bench, (const int[]){ '2', 0 });
	printf("  ms avg   ms max  with %d flows\n", FLOWS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		measure(&bench, i);
	measure_tick(&bench);
	screen_done(&bench.screen);
	tui_done(&bench.tui);
	model_free(bench.model);
	sample_done(&bench.sample);
	containers_free(bench.source.containers);
	free(bench.source.host);
	return 0;
}

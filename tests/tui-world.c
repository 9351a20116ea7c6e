/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thirty containers that do the same every second, and a screen for them. */
#include "tui-world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static void world_add_flow(struct tui_world *world, size_t i)
{
	struct flow_sample *flow = sample_add_flow(&world->sample);

	flow->container = world->containers[i];
	flow->key = (struct flow_key) {
		.cgroup = i, .family = 4, .protocol = 6, .local_port = 443,
		.remote_port = (uint16_t)(40000 + i), .local_address = { 10, 0, 0, 1 },
		.remote_address = { 192, 0, 2, (uint8_t)i },
	};
	flow->rx_bytes = 1024 * i;
	flow->tx_bytes = 100 * i;
	flow->rx_packets = flow->tx_packets = i;
	flow->rtt_us = 10 * i;
	flow->connect_us = UNKNOWN;
	flow->pid = 1000 + i;
	flow->uid = i % 3 ? 0 : 33;
	flow->user = i % 3 ? "root" : "www-data";
	flow->state = 1;
	flow->direction = FLOW_OUT;
	strcpy(flow->comm, "nginx");
}

static void world_add_syscalls(struct tui_world *world, size_t i)
{
	struct syscall_sample *syscall = sample_add_syscall(&world->sample);

	syscall->container = world->containers[i];
	syscall->pid = 1000 + i;
	syscall->uid = i % 3 ? 0 : 33;
	syscall->nr = 0;
	syscall->count = world->count[i];
	syscall->errors = i;
	strcpy(syscall->comm, "nginx");
}

static void world_add_event(struct tui_world *world, size_t i)
{
	struct event_sample *event = sample_add_event(&world->sample);

	event->container = world->containers[i % CONTAINERS];
	event->kind = i % 2 ? LOG_EXEC : LOG_CONNECT_FAILED;
	event->time_ns = (uint64_t)world->now * NSEC_PER_SEC + i * 1000000;
	event->pid = 1000 + i;
	strcpy(event->comm, "nginx");
	if (event->kind == LOG_EXEC)
		return;
	event->error = ECONNREFUSED;
	event->direction = FLOW_OUT;
	event->key = (struct flow_key) {
		.family = 4, .protocol = 6, .local_port = 40000, .remote_port = 5432,
		.local_address = { 10, 0, 0, 1 }, .remote_address = { 192, 0, 2, 1 },
	};
}

static void world_add_disk(struct tui_world *world, size_t i)
{
	struct disk_sample *disk = sample_add_disk(&world->sample);

	disk->container = world->containers[i % CONTAINERS];
	disk->device = DISK_DEVICE(8, 16 * (uint32_t)i);
	snprintf(disk->name, sizeof(disk->name), "sd%c", (char)('a' + i % 26));
	disk->bytes[DISK_READ] = 4096 * i;
	disk->bytes[DISK_WRITE] = 1024 * 1024 * (i + 1);
	disk->operations[DISK_READ] = i;
	disk->operations[DISK_WRITE] = disk->timed = i + 1;
	disk->latency_ns = 250000 * disk->timed;
	disk->latency_max_ns = 900000;
}

static void world_add_file(struct tui_world *world, size_t i)
{
	struct file_sample *file = sample_add_file(&world->sample);

	file->container = world->containers[i % CONTAINERS];
	file->key = (struct file_key){ .inode = 100 + i };
	file->pid = 1000 + i;
	file->uid = 0;
	file->read_bytes = 65536 * (i + 1);
	file->write_bytes = 512 * i;
	file->reads = 16 * (i + 1);
	file->writes = i;
	file->path = xasprintf(i == 1 ? "/srv/\xe6\x97\xa5\xe6\x9c\xac/\xe6\x97\xa5\xe6\x9c\xac/"
			       "\xe6\x97\xa5\xe6\x9c\xac/\xe6\x97\xa5\xe6\x9c\xac/\xe6\x97\xa5\xe6\x9c\xac/%zu" :
			       "/var/lib/data/of/the/service/%zu/\xc3\xa9t\xc3\xa9.db", i);
	strcpy(file->comm, "nginx");
}

static void world_add_listener(struct tui_world *world, size_t i)
{
	struct listener_sample *listener = sample_add_listener(&world->sample);

	listener->container = world->containers[i % CONTAINERS];
	listener->key = (struct listen_key){
		.netns = 1, .port = (uint16_t)(80 + i), .family = i % 2 ? 6 : 4, .protocol = 6,
	};
	listener->pid = 1000 + i;
	listener->sockets = 1;
	listener->backlog = i;
	listener->backlog_max = 128;
	listener->accepts = 40 * i;
	listener->drops = 0;
	strcpy(listener->comm, "nginx");
}

static void world_add_hint(struct tui_world *world, size_t i)
{
	static const char *const names[] = { "GET", "www.example.org", "db.example.org" };
	struct hint_sample *hint = sample_add_hint(&world->sample);

	hint->container = world->containers[i % CONTAINERS];
	hint->kind = (enum hint_kind)(i % HINT_KINDS);
	hint->what = names[hint->kind];
	hint->direction = i % 2 ? FLOW_OUT : FLOW_IN;
	hint->number = hint->kind == HINT_HTTP ? hint_number_http(HTTP_GET, hint->direction) :
						 HINT_NUMBER_NAMES + i;
	hint->count = 10 * (i + 1);
	if (hint->kind == HINT_DNS) {
		latency_sum_add(&hint->latency, 1500000);
		hint->errors = 3;
		hint->error = 3;
		hint->unanswered = 0;
	}
}

void world_tick(struct tui_world *world)
{
	sample_clear(&world->sample);
	world->sample.time.tv_sec = ++world->now;
	world->sample.interval_ns = NSEC_PER_SEC;
	for (size_t i = 1; i <= 10; i++)
		world_add_flow(world, i);
	for (size_t i = 0; i < CONTAINERS; i++)
		if (world->count[i])
			world_add_syscalls(world, i);
	for (size_t i = 0; i < world->events; i++)
		world_add_event(world, i);
	for (size_t i = 0; i < world->disks; i++)
		world_add_disk(world, i);
	for (size_t i = 0; i < world->files; i++)
		world_add_file(world, i);
	for (size_t i = 0; i < world->listeners; i++)
		world_add_listener(world, i);
	world->sample.listeners_listed = true;
	for (size_t i = 0; i < world->hints; i++)
		world_add_hint(world, i);
	model_update(world->model, &world->sample, world->source.containers, NSEC_PER_SEC);
}

void world_measure(struct tui_world *world)
{
	world_tick(world);
	tui_measure(&world->tui, world->model);
}

static void world_add_containers(struct tui_world *world)
{
	for (size_t i = 0; i < CONTAINERS; i++) {
		char id[65], name[32];
		struct container_facts facts = { .name = name, .image = "nginx:1.25" };

		snprintf(id, sizeof(id), "%064zx", i + 1);
		snprintf(name, sizeof(name), "%s-%02zu",
			 i == 2 ? "\xe6\x97\xa5\xe6\x9c\xac" : "web", i);
		world->containers[i] = containers_add(world->source.containers, id, "docker");
		containers_describe(world->source.containers, id, &facts);
		world->count[i] = 1000 * (i + 1);
	}
}

int world_setup(void **state)
{
	struct tui_world *world = xcalloc(1, sizeof(*world));
	bool counted[PANE_COUNT];

	world->source.host = xstrdup("testhost");
	world->source.containers = containers_new(NULL);
	for (size_t i = 0; i < PANE_COUNT; i++) {
		world->source.status[i] = (struct pane_status) {
			.available = true, .hook = "test",
		};
		counted[i] = true;
	}
	counted[PANE_DISKS] = false;
	world->source.status[PANE_DISKS] = (struct pane_status) {
		.reason = "this kernel has no tracepoint block_rq_complete, as it was built "
			  "without CONFIG_BLK_DEV_IO_TRACE",
	};
	world->now = 1700000000;
	world->options.delay_ns = NSEC_PER_SEC;
	world_add_containers(world);
	world->model = model_new(counted);
	tui_init(&world->tui, &world->options, &world->source);
	screen_init(&world->screen, 80, 24);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct tui_world *world = *state;

	screen_done(&world->screen);
	tui_done(&world->tui);
	model_free(world->model);
	sample_done(&world->sample);
	containers_free(world->source.containers);
	free(world->source.host);
	free(world);
	return 0;
}

unsigned int world_press(struct tui_world *world, int key)
{
	unsigned int todo = tui_key(&world->tui, key);

	if (todo & TUI_UPDATE)
		tui_update(&world->tui);
	tui_hold(&world->tui);
	return todo;
}

void world_draw(struct tui_world *world, unsigned int columns, unsigned int lines)
{
	screen_resize(&world->screen, columns, lines);
	tui_draw(&world->tui, &world->screen);
}

bool world_screen_has(const struct tui_world *world, const char *text)
{
	bool has = false;

	for (unsigned int i = 0; i < world->screen.lines && !has; i++) {
		char *line = screen_line(&world->screen, i);

		has = strstr(line, text);
		free(line);
	}
	return has;
}

const char *world_cursor_name(struct tui_world *world)
{
	static char name[64];

	world_draw(world, 80, 24);
	name[0] = '\0';
	for (unsigned int i = 0; i < world->screen.lines; i++) {
		char *line = screen_line(&world->screen, i);

		if (world->screen.cells[(i + 1) * 80 - 1].style == STYLE_CURSOR)
			sscanf(line, "%63s", name);
		free(line);
	}
	return name;
}

unsigned int world_type(struct tui_world *world, const char *text)
{
	unsigned int todo = 0;

	for (; *text; text++)
		todo |= world_press(world, (unsigned char)*text);
	return todo;
}

unsigned int world_click(struct tui_world *world, int what, unsigned int column,
			 unsigned int line)
{
	const struct term_mouse mouse = { .what = what, .column = column, .line = line };
	unsigned int todo = tui_mouse(&world->tui, &mouse);

	if (todo & TUI_UPDATE)
		tui_update(&world->tui);
	return todo;
}

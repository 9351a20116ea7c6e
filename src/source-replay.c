/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples from a recording: the lines that -o json writes.  Rows become samples
 * again; what a container counted beyond its listed rows becomes a remainder,
 * so that totals are those that were recorded.  Keys that are not known are
 * passed over, null and missing numbers are unknown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "replay-word.h"
#include "text.h"
#include "util.h"

/* ---- containers */

static bool is_host(const char *name, const char *id, const char *runtime)
{
	if (id)
		return false;
	return !name || (runtime ? !strcmp(runtime, "host") : !strcmp(name, "host"));
}

/* Not one that is called so: it has no id, and its runtime, where that is told, is of the name. */
static bool is_shared(const char *name, const char *id, const char *runtime)
{
	return !id && name && !strcmp(runtime ? runtime : name, "shared");
}

/* The container with this name and id, made when it is new; by its name where it has no id. */
struct container *replay_container(struct replay *replay, const json_t *row,
					const char *name_key)
{
	const char *name = replay_text(row, name_key), *id = replay_text(row, "id");
	const char *runtime = replay_text(row, "runtime");
	struct container_facts facts = {
		.name = name,
		.image = replay_text(row, "image"),
		.pod = replay_text(row, "pod"),
		.namespace = replay_text(row, "namespace"),
		.compose_project = replay_text(row, "compose_project"),
		.compose_service = replay_text(row, "compose_service"),
		.network_mode = replay_text(row, "network_mode"),
		.restarts = replay_number(row, "restarts"),
	};
	uint64_t started = replay_number(row, "started");
	struct container *container;

	facts.started = started == UNKNOWN ? 0 : started;
	facts.restarts_known = facts.restarts != UNKNOWN;

	if (is_host(name, id, runtime))
		return containers_add(replay->source.containers, NULL, "host");
	if (is_shared(name, id, runtime))
		return containers_shared(replay->source.containers);
	if (!id)
		id = name;
	container = containers_add(replay->source.containers, id, runtime);
	if (!container->runtime)
		container->runtime = text_clean_dup(runtime);
	if (name)
		containers_describe(replay->source.containers, id, &facts);
	return container;
}

/* The container's rest in this report, made when it is new. */
struct replay_rest *replay_rest_of(struct replay *replay, struct container *container)
{
	struct replay_rest *rest;

	HASH_FIND_PTR(replay->rests, &container, rest);
	if (!rest) {
		rest = xcalloc(1, sizeof(*rest));
		rest->container = container;
		HASH_ADD_PTR(replay->rests, container, rest);
	}
	return rest;
}

static void take_container(struct replay *replay, struct sample *sample, const json_t *row)
{
	static const struct replay_member members[] = {
		MEMBER(remainder_sample, "rx_bytes", rx_bytes),
		MEMBER(remainder_sample, "tx_bytes", tx_bytes),
		MEMBER(remainder_sample, "rx_packets", rx_packets),
		MEMBER(remainder_sample, "tx_packets", tx_packets),
		MEMBER(remainder_sample, "retransmits", retransmits),
		MEMBER(remainder_sample, "read_bytes", disk_bytes[DISK_READ]),
		MEMBER(remainder_sample, "write_bytes", disk_bytes[DISK_WRITE]),
		MEMBER(remainder_sample, "reads", disk_operations[DISK_READ]),
		MEMBER(remainder_sample, "writes", disk_operations[DISK_WRITE]),
		MEMBER(remainder_sample, "file_read_bytes", file_read_bytes),
		MEMBER(remainder_sample, "file_write_bytes", file_write_bytes),
		MEMBER(remainder_sample, "file_reads", file_reads),
		MEMBER(remainder_sample, "file_writes", file_writes),
		MEMBER(remainder_sample, "major_faults", major_faults),
		MEMBER(remainder_sample, "syscalls", syscalls),
		MEMBER(remainder_sample, "errors", errors),
	};
	struct container *container = replay_container(replay, row, "name");
	const char *state = replay_text(row, "state");
	char *cgroup = text_clean_dup(replay_text(row, "cgroup"));
	char *outer = text_clean_dup(replay_text(row, "outer"));

	replay_numbers(row, &replay_rest_of(replay, container)->counts, members, ARRAY_SIZE(members));
	sample->faults_counted |= replay_number(row, "major_faults") != UNKNOWN;
	container->processes = replay_number(row, "processes");
	container->io_pressure = replay_number(row, "io_pressure");
	replace_string(&container->cgroup, cgroup);
	free(cgroup);
	replace_string(&container->outer, outer);
	free(outer);
	container->exited = state && !strcmp(state, "exited");
	container->state = container->exited ? "exited" : "running";
	container->exited_ns = container->exited ? sample->monotonic_ns : 0;
}

/* ---- reports */

bool replay_has_list(const struct replay *replay, enum pane_id pane)
{
	return json_is_array(json_object_get(replay->report, panes[pane].name));
}

static void take_accuracy(const json_t *object, struct accuracy *accuracy)
{
	for (size_t i = 0; i < ACCURACY_FIELDS; i++) {
		const struct replay_member member = { accuracy_fields[i].name, accuracy_fields[i].offset };

		replay_numbers(object, accuracy, &member, 1);
	}
}

static void take_rows(struct replay *replay, struct sample *sample, enum pane_id pane,
		      void (*take)(struct replay *, struct sample *, const json_t *))
{
	const json_t *rows = json_object_get(replay->report, panes[pane].name), *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (json_is_object(row))
			take(replay, sample, row);
}

/* Hands out the rests that are any, and forgets them. */
static void take_rests(struct replay *replay, struct sample *sample)
{
	static const struct remainder_sample none;
	struct replay_rest *rest, *next;

	HASH_ITER(hh, replay->rests, rest, next) {
		HASH_DEL(replay->rests, rest);
		if (memcmp(&rest->counts, &none, sizeof(none))) {
			struct remainder_sample *remainder = sample_add_remainder(sample);

			*remainder = rest->counts;
			remainder->container = rest->container;
		}
		free(rest);
	}
}

/* A container that a list of containers no longer has is gone, even if nobody saw it exit. */
static void end_unlisted(struct replay *replay, uint64_t now_ns)
{
	struct container *const *all;
	struct replay_rest *rest;
	size_t n;

	if (!json_is_array(json_object_get(replay->report, panes[PANE_CONTAINERS].name)))
		return;
	all = containers_all(replay->source.containers, &n);
	for (size_t i = 0; i < n; i++) {
		HASH_FIND_PTR(replay->rests, &all[i], rest);
		if (rest || all[i]->exited || !all[i]->serial)
			continue;
		all[i]->exited = true;
		all[i]->state = "exited";
		all[i]->exited_ns = now_ns;
	}
}

static void take_pane_status(const json_t *report, enum pane_id pane, struct pane_status *status)
{
	const json_t *object = json_object_get(json_object_get(report, "panes"), panes[pane].name);
	const char *reason = replay_text(object, "reason");
	bool listed = json_is_array(json_object_get(report, panes[pane].name));

	*status = (struct pane_status){ 0 };
	status->available = object ? json_is_true(json_object_get(object, "available")) : listed;
	replay_name(object, "hook", status->hook, sizeof(status->hook));
	if (!reason)
		reason = status->available ? "" : "not in this recording";
	text_clean(status->reason, sizeof(status->reason), reason, strlen(reason));
}

static void take_header(struct replay *replay)
{
	char *host = text_clean_dup(replay_text(replay->report, "host"));

	replace_string(&replay->source.host, host ? host : "");
	free(host);
	for (size_t i = 0; i < PANE_COUNT; i++)
		take_pane_status(replay->report, (enum pane_id)i, &replay->source.status[i]);
}

static void take_report(struct replay *replay, struct sample *sample)
{
	double now = json_number_value(json_object_get(replay->report, "time"));
	double interval = json_number_value(json_object_get(replay->report, "interval"));
	uint64_t now_ms = (uint64_t)(now * 1000 + 0.5);

	sample->time.tv_sec = (time_t)(now_ms / 1000);
	sample->time.tv_nsec = (long)(now_ms % 1000) * 1000000;
	sample->interval_ns = (uint64_t)(interval * NSEC_PER_SEC + 0.5);
	/* The recording's own clock: how long ago something ended counts in its time. */
	sample->monotonic_ns = now_ms * 1000000;
	take_rows(replay, sample, PANE_CONTAINERS, take_container);
	take_rows(replay, sample, PANE_FLOWS, replay_take_flow);
	take_rows(replay, sample, PANE_DISKS, replay_take_disk);
	replay->split = false;
	take_rows(replay, sample, PANE_SYSCALLS, replay_take_syscall);
	take_rows(replay, sample, PANE_FILES, replay_take_file);
	take_rows(replay, sample, PANE_LISTENERS, replay_take_listener);
	take_rows(replay, sample, PANE_HINTS, replay_take_hint);
	sample->listeners_listed = replay_has_list(replay, PANE_LISTENERS);
	take_rows(replay, sample, PANE_PROCESSES, replay_take_process);
	replay_take_events(replay, sample);
	take_accuracy(json_object_get(replay->report, "accuracy"), &sample->accuracy);
	end_unlisted(replay, sample->monotonic_ns);
	take_rests(replay, sample);
}

/* Reads the next report; what is wrong with it is said to whoever reads the source. */
static int next_report(struct replay *replay)
{
	int err;

	json_decref(replay->report);
	replay->report = NULL;
	err = recording_next(&replay->recording, &replay->report);
	replace_string(&replay->source.error, replay->recording.error);
	return err;
}

static int replay_read(struct source *source, struct sample *sample)
{
	struct replay *replay = (struct replay *)source;

	if (!replay->pending && !replay->end)
		replay->end = next_report(replay);
	if (replay->end)
		return replay->end;
	replay->pending = false;
	take_header(replay);
	sample_clear(sample);
	take_report(replay, sample);
	return 0;
}

/* From the start, as it was opened. The model, which has rows of the containers, is gone. */
static int replay_rewind(struct source *source)
{
	struct replay *replay = (struct replay *)source;
	int err = recording_rewind(&replay->recording);

	if (err)
		return err;
	containers_free(source->containers);
	source->containers = containers_new(NULL);
	replay->pending = false;
	replay->end = 0;
	return 0;
}

static void replay_free(struct source *source)
{
	struct replay *replay = (struct replay *)source;

	recording_close(&replay->recording);
	json_decref(replay->report);
	containers_free(source->containers);
	free(source->host);
	free(source->error);
	free(replay);
}

int source_replay_open(const char *path, struct source **ret_source, char **ret_error)
{
	struct replay *replay = xcalloc(1, sizeof(*replay));
	int err;

	replay->source.read = replay_read;
	replay->source.free = replay_free;
	if (strcmp(path, "-"))
		replay->source.rewind = replay_rewind;
	replay->source.events_fd = -1;
	replay->source.cost = -1;
	replay->source.containers = containers_new(NULL);
	err = recording_open(&replay->recording, path);
	if (err)
		*ret_error = xasprintf("%s: %s", replay->recording.name, strerror(-err));
	else if ((err = next_report(replay)))
		*ret_error = replay->source.error ? xstrdup(replay->source.error) :
			     xasprintf("%s: empty: not a recording", replay->recording.name);
	if (err) {
		replay_free(&replay->source);
		return err;
	}
	replay->pending = true;
	take_header(replay);
	*ret_source = &replay->source;
	return 0;
}


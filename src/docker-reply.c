/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Docker's API says of containers: the three kinds of reply that docker.c
 * asks for, in JSON.  Podman's compatible API gives the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "docker.h"
#include "json-array.h"
#include "util.h"

bool docker_id_valid(const char *id)
{
	size_t length = id ? strlen(id) : 0;

	return length >= DOCKER_ID_MIN && length <= DOCKER_ID_MAX &&
	       strspn(id, "0123456789abcdef") == length;
}

static const char *name_strip(const char *name)
{
	if (name && *name == '/')
		name++;
	return name && *name ? name : NULL;
}

/* Seconds since the epoch of "2026-01-31T12:00:00.5Z" (RFC 3339); 0 for what is no such time. */
static uint64_t parse_time(const char *text)
{
	struct tm tm = { 0 }, zone = { 0 };
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	time_t seconds, offset = 0;

	if (!rest)
		return 0;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if ((*rest == '+' || *rest == '-') && strptime(rest + 1, "%H:%M", &zone))
		offset = (*rest == '-' ? -1 : 1) * (zone.tm_hour * 3600 + zone.tm_min * 60);
	seconds = timegm(&tm) - offset;
	/* What was never started did so in the year 1. */
	return seconds > 0 ? (uint64_t)seconds : 0;
}

/* Older daemons call the network of containers that ask for none "default". */
static const char *network_mode(const json_t *host_config)
{
	const char *mode = json_text_get(host_config, "NetworkMode");

	return mode && strcmp(mode, "default") == 0 ? "bridge" : mode;
}

/* The kubelet counts the restarts of its containers itself: Docker sees a new one each time. */
static void take_restarts(struct container_facts *facts, const json_t *labels, const json_t *reply)
{
	int64_t restarts = json_text_number(labels,
					    "annotation.io.kubernetes.container.restartCount");

	if (restarts < 0)
		restarts = json_number_get(reply, "RestartCount");
	if (restarts < 0)
		return;
	facts->restarts_known = true;
	facts->restarts = (uint64_t)restarts;
}

/* Labels that the kubelet puts on its containers tell more than the name Docker has for them. */
static int describe(struct containers *containers, const char *id, const json_t *labels,
		    struct container_facts *facts)
{
	const char *kubernetes_name = json_text_get(labels, "io.kubernetes.container.name");

	if (!docker_id_valid(id))
		return -EBADMSG;
	facts->name = kubernetes_name ? kubernetes_name : name_strip(facts->name);
	facts->pod = json_text_get(labels, "io.kubernetes.pod.name");
	facts->namespace = json_text_get(labels, "io.kubernetes.pod.namespace");
	facts->compose_project = json_text_get(labels, "com.docker.compose.project");
	facts->compose_service = json_text_get(labels, "com.docker.compose.service");
	containers_describe(containers, id, facts);
	return 0;
}

int docker_parse_inspect(struct containers *containers, const char *text, size_t size)
{
	json_t *reply = json_loadb(text, size, JSON_LENIENT, NULL);
	const json_t *config = json_object_get(reply, "Config");
	const json_t *labels = json_object_get(config, "Labels");
	struct container_facts facts = {
		.name = json_text_get(reply, "Name"),
		.image = json_text_get(config, "Image"),
		.network_mode = network_mode(json_object_get(reply, "HostConfig")),
		.started = parse_time(json_text_get(json_object_get(reply, "State"), "StartedAt")),
	};
	int error;

	take_restarts(&facts, labels, reply);
	error = describe(containers, json_text_get(reply, "Id"), labels, &facts);
	json_decref(reply);
	return error;
}

/*
 * A container that others link to has their names for it as well ("/web/db"),
 * in no particular order.
 */
static const char *names_choose(const json_t *names)
{
	const char *first = NULL;
	const json_t *value;
	size_t i;

	json_array_foreach(names, i, value) {
		const char *name = name_strip(json_string_value(value));

		if (!name || json_string_length(value) > JSON_TEXT_MAX)
			continue;
		if (!strchr(name, '/'))
			return name;
		if (!first)
			first = name;
	}
	return first;
}

static int list_element(void *context, const json_t *element)
{
	struct container_facts facts = {
		.name = names_choose(json_object_get(element, "Names")),
		.image = json_text_get(element, "Image"),
		.network_mode = network_mode(json_object_get(element, "HostConfig")),
	};

	return describe(context, json_text_get(element, "Id"), json_object_get(element, "Labels"),
			&facts);
}

int docker_parse_list(struct containers *containers, const char *text, size_t size)
{
	return json_array_visit(text, size, list_element, containers);
}

/* Other actions (exec_start, health_status, ...) say nothing new, or lack attributes. */
static bool action_tells(const char *action)
{
	static const char *const actions[] = { "create", "start", "rename", "die", "destroy" };

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (strcmp(action, actions[i]) == 0)
			return true;
	return false;
}

static int describe_actor(struct containers *containers, const char *action, const json_t *event)
{
	const json_t *actor = json_object_get(event, "Actor");
	const json_t *attributes = json_object_get(actor, "Attributes");
	int64_t time = json_number_get(event, "time");
	struct container_facts facts = {
		.name = json_text_get(attributes, "name"),
		.image = json_text_get(attributes, "image"),
	};

	if (strcmp(action, "start") == 0 && time > 0)
		facts.started = (uint64_t)time;
	return describe(containers, json_text_get(actor, "ID"), attributes, &facts);
}

int docker_parse_event(struct containers *containers, const char *text, size_t size)
{
	json_t *event = json_loadb(text, size, JSON_LENIENT, NULL);
	const char *type = json_text_get(event, "Type");
	const char *action = json_text_get(event, "Action");
	int error = 0;

	if (!type || !action)
		error = -EBADMSG;
	else if (strcmp(type, "container") == 0 && action_tells(action))
		error = describe_actor(containers, action, event);
	json_decref(event);
	return error;
}

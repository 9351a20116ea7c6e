/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Docker's API says of containers: the three kinds of reply that docker.c
 * asks for, in JSON.  Podman's compatible API gives the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "docker.h"
#include "util.h"

#define TEXT_MAX 1024			/* bytes of a name or image; longer is no real one */
#define ELEMENT_MAX (1U << 20)		/* bytes of one container in a list */

/* NUL in a string and integers beyond 64 bits are odd, but no reason to lose a reply. */
#define JSON_LOAD_FLAGS (JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)

static const char *text_get(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return text && *text && json_string_length(value) <= TEXT_MAX ? text : NULL;
}

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

/* Labels that the kubelet puts on its containers tell more than the name Docker has for them. */
static int describe(struct containers *containers, const char *id, const char *name,
		    const char *image, const json_t *labels)
{
	const char *kubernetes_name = text_get(labels, "io.kubernetes.container.name");
	const struct container_facts facts = {
		.name = kubernetes_name ? kubernetes_name : name_strip(name),
		.image = image,
		.pod = text_get(labels, "io.kubernetes.pod.name"),
		.namespace = text_get(labels, "io.kubernetes.pod.namespace"),
	};

	if (!docker_id_valid(id))
		return -EBADMSG;
	containers_describe(containers, id, &facts);
	return 0;
}

int docker_parse_inspect(struct containers *containers, const char *text, size_t size)
{
	json_t *reply = json_loadb(text, size, JSON_LOAD_FLAGS, NULL);
	const json_t *config = json_object_get(reply, "Config");
	int error = describe(containers, text_get(reply, "Id"), text_get(reply, "Name"),
			     text_get(config, "Image"), json_object_get(config, "Labels"));

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

		if (!name || json_string_length(value) > TEXT_MAX)
			continue;
		if (!strchr(name, '/'))
			return name;
		if (!first)
			first = name;
	}
	return first;
}

static int list_element(struct containers *containers, const json_t *element)
{
	return describe(containers, text_get(element, "Id"),
			names_choose(json_object_get(element, "Names")),
			text_get(element, "Image"), json_object_get(element, "Labels"));
}

static size_t skip_space(const char *text, size_t size, size_t at)
{
	while (at < size && strchr(" \t\r\n", text[at]) && text[at])
		at++;
	return at;
}

/*
 * One element after the other: as a whole, a long list would take many times
 * its size in memory, and be lost for one bad element.
 */
int docker_parse_list(struct containers *containers, const char *text, size_t size)
{
	const size_t flags = JSON_LOAD_FLAGS | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY;
	size_t at = skip_space(text, size, 0);
	int error = 0;

	if (at == size || text[at] != '[')
		return -EBADMSG;
	at = skip_space(text, size, at + 1);
	if (at < size && text[at] == ']')
		return 0;
	for (;;) {
		size_t left = size - at;
		json_error_t end;
		json_t *element = json_loadb(text + at, left < ELEMENT_MAX ? left : ELEMENT_MAX,
					     flags, &end);

		if (!element)
			return -EBADMSG;
		if (list_element(containers, element) < 0)
			error = -EBADMSG;
		json_decref(element);
		at = skip_space(text, size, at + (size_t)end.position);
		if (at == size || (text[at] != ',' && text[at] != ']'))
			return -EBADMSG;
		if (text[at++] == ']')
			return error;
	}
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

int docker_parse_event(struct containers *containers, const char *text, size_t size)
{
	json_t *event = json_loadb(text, size, JSON_LOAD_FLAGS, NULL);
	const char *type = text_get(event, "Type");
	const char *action = text_get(event, "Action");
	const json_t *actor = json_object_get(event, "Actor");
	const json_t *attributes = json_object_get(actor, "Attributes");
	int error = 0;

	if (!type || !action)
		error = -EBADMSG;
	else if (strcmp(type, "container") == 0 && action_tells(action))
		error = describe(containers, text_get(actor, "ID"), text_get(attributes, "name"),
				 text_get(attributes, "image"), attributes);
	json_decref(event);
	return error;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The annotations in a container's bundle: those of CRI, CRI-O, nerdctl and compose. */
#include "oci-bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-array.h"
#include "util.h"

#define CONFIG_MAX (1U << 20)		/* bytes of config.json: mostly some 10,000 */

/* The annotations that may tell it, the better ones first. */
static const char *const name_keys[] = {
	"io.kubernetes.cri.container-name",
	"io.kubernetes.container.name",
	"nerdctl/name",
	NULL
};
static const char *const pod_keys[] = {
	"io.kubernetes.cri.sandbox-name",
	"io.kubernetes.pod.name",
	"io.kubernetes.cri-o.KubeName",
	NULL
};
static const char *const namespace_keys[] = {
	"io.kubernetes.cri.sandbox-namespace",
	"io.kubernetes.pod.namespace",
	"io.kubernetes.cri-o.Namespace",
	NULL
};
static const char *const image_keys[] = {
	"io.kubernetes.cri.image-name",
	"io.kubernetes.cri-o.ImageName",
	"io.kubernetes.cri-o.Image",
	NULL
};
static const char *const type_keys[] = {
	"io.kubernetes.cri.container-type",
	"io.kubernetes.cri-o.ContainerType",
	NULL
};

static const char *first_of(const json_t *annotations, const char *const *keys)
{
	const char *text = NULL;

	for (; *keys && !text; keys++)
		text = json_text_get(annotations, *keys);
	return text;
}

/* "host" for a container in the host's network; what others are called is not in the bundle. */
static const char *network_mode(const struct host *host, const json_t *config)
{
	const json_t *namespaces = json_object_get(json_object_get(config, "linux"), "namespaces");
	const json_t *namespace;
	size_t i;

	if (!json_is_array(namespaces))
		return NULL;
	json_array_foreach(namespaces, i, namespace) {
		const char *type = json_text_get(namespace, "type");
		const char *path = json_text_get(namespace, "path");

		if (type && strcmp(type, "network") == 0)
			return path && host_is_network(host, path) ? "host" : NULL;
	}
	return "host";
}

static void take_restarts(struct container_facts *facts, const json_t *annotations)
{
	int64_t restarts = json_text_number(annotations, "io.kubernetes.container.restartCount");

	if (restarts < 0)
		return;
	facts->restarts_known = true;
	facts->restarts = (uint64_t)restarts;
}

/* short_id holds the short id of the pod where Podman tells no more of it. */
static void take_annotations(struct container_facts *facts, const json_t *annotations,
			     char short_id[CONTAINER_ID_SHORT + 1])
{
	const char *type = first_of(annotations, type_keys);
	const char *sandbox = json_text_get(annotations, "io.kubernetes.cri-o.SandboxID");

	facts->name = first_of(annotations, name_keys);
	facts->pod = first_of(annotations, pod_keys);
	if (!facts->pod && sandbox) {
		snprintf(short_id, CONTAINER_ID_SHORT + 1, "%s", sandbox);
		facts->pod = short_id;
	}
	facts->namespace = first_of(annotations, namespace_keys);
	facts->image = first_of(annotations, image_keys);
	facts->compose_project = json_text_get(annotations, "com.docker.compose.project");
	facts->compose_service = json_text_get(annotations, "com.docker.compose.service");
	take_restarts(facts, annotations);
	/* What holds a pod's namespaces has no name of its own. */
	if (type && strcmp(type, "sandbox") == 0 && facts->pod != short_id)
		facts->name = facts->pod;
}

int oci_bundle_describe(const struct host *host, struct containers *containers, const char *id,
			const char *path)
{
	char short_id[CONTAINER_ID_SHORT + 1];
	struct container_facts facts = { .name = NULL };
	struct stat status;
	char *text;
	json_t *config;
	long size = host_read(host, path, CONFIG_MAX, &text, &status);

	if (size < 0)
		return (int)size;
	config = json_loadb(text, (size_t)size, JSON_LENIENT, NULL);
	free(text);
	if (!config)
		return -EBADMSG;
	take_annotations(&facts, json_object_get(config, "annotations"), short_id);
	facts.network_mode = network_mode(host, config);
	/* The file is written each time the container starts. */
	if (status.st_mtim.tv_sec > 0)
		facts.started = (uint64_t)status.st_mtim.tv_sec;
	containers_describe(containers, id, &facts);
	json_decref(config);
	return 0;
}

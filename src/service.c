/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of ports, kept in memory: a screen asks for hundreds of them at every drawing. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "service.h"
#include "text.h"
#include "util.h"
#include "word.h"

struct service {
	uint16_t port;
	char protocol[8];
	char *name;			/* owned, clean */
};

struct services {
	struct service *all;		/* owned, sorted */
	size_t n, capacity;
};

static int compare_services(const void *a, const void *b)
{
	const struct service *left = a, *right = b;
	int order = COMPARE(left->port, right->port);

	return order ? order : strcmp(left->protocol, right->protocol);
}

struct services *services_new(void)
{
	struct services *services = xcalloc(1, sizeof(*services));
	const struct servent *entry;

	setservent(1);
	while ((entry = getservent())) {
		struct service service = { .port = ntohs((uint16_t)entry->s_port) };

		if (strlen(entry->s_proto) >= sizeof(service.protocol))
			continue;
		strcpy(service.protocol, entry->s_proto);
		service.name = text_clean_dup(entry->s_name);
		services->all = array_reserve(services->all, &services->capacity, services->n + 1,
					      sizeof(*services->all));
		services->all[services->n++] = service;
	}
	endservent();
	if (services->n)
		qsort(services->all, services->n, sizeof(*services->all), compare_services);
	return services;
}

void services_free(struct services *services)
{
	if (!services)
		return;
	for (size_t i = 0; i < services->n; i++)
		free(services->all[i].name);
	free(services->all);
	free(services);
}

const char *service_name(const struct services *services, uint64_t port, const char *protocol)
{
	struct service key = { .port = (uint16_t)port };
	const struct service *found;

	if (!services->n || !protocol || strlen(protocol) >= sizeof(key.protocol) || !port)
		return NULL;
	strcpy(key.protocol, protocol);
	found = bsearch(&key, services->all, services->n, sizeof(key), compare_services);
	return found ? found->name : NULL;
}

const char *service_of_flow(const struct services *services, const struct flow_key *key,
			    uint8_t direction)
{
	const char *protocol = protocol_name(key->protocol);
	const char *name = NULL;

	if (direction != FLOW_IN)
		name = service_name(services, key->remote_port, protocol);
	if (!name && direction != FLOW_OUT)
		name = service_name(services, key->local_port, protocol);
	return name;
}

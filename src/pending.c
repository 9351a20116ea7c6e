/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts that wait for their container: a hash table, which is in order of insertion, too. */
#include "pending.h"

#include <stdlib.h>
#include <string.h>
#define HASH_FUNCTION HASH_SAX		/* the default one falls through without saying so */
#include <uthash.h>

#include "util.h"

struct pending {
	char *id;
	char *name, *image, *pod, *namespace, *compose_project, *compose_service, *network_mode;
	struct container_facts facts;	/* the same, borrowed */
	UT_hash_handle hh;
};

static struct pending *find(const struct pending *table, const char *id)
{
	struct pending *pending;

	HASH_FIND(hh, table, id, strlen(id), pending);
	return pending;
}

static void delete(struct pending **table, struct pending *pending)
{
	HASH_DEL(*table, pending);
	free(pending->id);
	free(pending->name);
	free(pending->image);
	free(pending->pod);
	free(pending->namespace);
	free(pending->compose_project);
	free(pending->compose_service);
	free(pending->network_mode);
	free(pending);
}

static void take_fact(char **field, const char **borrowed, const char *fact)
{
	if (fact)
		replace_string(field, fact);
	*borrowed = *field;
}

void pending_add(struct pending **table, const char *id, const struct container_facts *facts)
{
	struct pending *pending = find(*table, id);

	if (pending) {
		HASH_DEL(*table, pending);
	} else {
		if (HASH_COUNT(*table) >= PENDING_MAX)
			delete(table, *table);
		pending = xcalloc(1, sizeof(*pending));
		pending->id = xstrdup(id);
	}
	take_fact(&pending->name, &pending->facts.name, facts->name);
	take_fact(&pending->image, &pending->facts.image, facts->image);
	take_fact(&pending->pod, &pending->facts.pod, facts->pod);
	take_fact(&pending->namespace, &pending->facts.namespace, facts->namespace);
	take_fact(&pending->compose_project, &pending->facts.compose_project,
		  facts->compose_project);
	take_fact(&pending->compose_service, &pending->facts.compose_service,
		  facts->compose_service);
	take_fact(&pending->network_mode, &pending->facts.network_mode, facts->network_mode);
	if (facts->started)
		pending->facts.started = facts->started;
	if (facts->restarts_known) {
		pending->facts.restarts_known = true;
		pending->facts.restarts = facts->restarts;
	}
	HASH_ADD_KEYPTR(hh, *table, pending->id, strlen(pending->id), pending);
}

const struct container_facts *pending_find(const struct pending *table, const char *id)
{
	struct pending *pending = find(table, id);

	return pending ? &pending->facts : NULL;
}

void pending_remove(struct pending **table, const char *id)
{
	struct pending *pending = find(*table, id);

	if (pending)
		delete(table, pending);
}

void pending_clear(struct pending **table)
{
	while (*table)
		delete(table, *table);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, once each: found by what they were called before they were cleaned. */
#include "name-pool.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "text.h"
#include "util.h"

struct pooled_name {
	UT_hash_handle hh;
	size_t n_users;
	size_t size;			/* of raw */
	char *raw;			/* behind text; no NUL at its end */
	char text[];
};

/* Of a text that the pool has given out. */
static struct pooled_name *name_of(const char *text)
{
	return (struct pooled_name *)(void *)(uintptr_t)(text - offsetof(struct pooled_name, text));
}

static struct pooled_name *add(struct name_pool *pool, const char *raw, size_t size)
{
	size_t text_size = 3 * size + 1;	/* as much as cleaning makes of it */
	struct pooled_name *name = xcalloc(1, sizeof(*name) + text_size + size);

	name->size = size;
	name->raw = name->text + text_size;
	memcpy(name->raw, raw, size);
	text_clean(name->text, text_size, raw, size);
	HASH_ADD_KEYPTR(hh, pool->names, name->raw, size, name);
	return name;
}

void name_pool_set(struct name_pool *pool, const char **member, const char *raw, size_t size)
{
	struct pooled_name *name;

	size = raw ? strnlen(raw, size) : 0;
	if (!size)
		return;
	if (*member) {
		name = name_of(*member);
		if (name->size == size && !memcmp(name->raw, raw, size))
			return;
	}
	HASH_FIND(hh, pool->names, raw, size, name);
	if (!name)
		name = add(pool, raw, size);
	name->n_users++;
	name_pool_drop(pool, member);
	*member = name->text;
}

void name_pool_drop(struct name_pool *pool, const char **member)
{
	struct pooled_name *name;

	if (!*member)
		return;
	name = name_of(*member);
	*member = NULL;
	if (--name->n_users)
		return;
	HASH_DELETE(hh, pool->names, name);
	free(name);
}

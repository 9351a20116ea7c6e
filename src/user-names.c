/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of users and groups, kept as long as contop runs: asking again may mean asking a server. */
#include "user-names.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "text.h"
#include "util.h"

/* A container may use any number of ids; those without a name count, too. */
#define NAMES_MOST 16384

struct id_name {
	uint32_t id;
	char *name;			/* owned; NULL: it has none */
	UT_hash_handle hh;
};

struct user_names {
	struct id_name *users, *groups;
};

struct user_names *user_names_new(void)
{
	return xcalloc(1, sizeof(struct user_names));
}

static void free_all(struct id_name **hash)
{
	struct id_name *name, *next;

	HASH_ITER(hh, *hash, name, next) {
		HASH_DEL(*hash, name);
		free(name->name);
		free(name);
	}
}

void user_names_free(struct user_names *names)
{
	if (!names)
		return;
	free_all(&names->users);
	free_all(&names->groups);
	free(names);
}

static const char *user_of(uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user ? user->pw_name : NULL;
}

static const char *group_of(uint32_t gid)
{
	const struct group *group = getgrgid(gid);

	return group ? group->gr_name : NULL;
}

static const char *find(struct id_name **hash, uint32_t id, const char *(*ask)(uint32_t id))
{
	struct id_name *name;

	HASH_FIND(hh, *hash, &id, sizeof(id), name);
	if (name)
		return name->name;
	if (HASH_COUNT(*hash) >= NAMES_MOST)
		return NULL;
	name = xcalloc(1, sizeof(*name));
	name->id = id;
	name->name = text_clean_dup(ask(id));
	HASH_ADD(hh, *hash, id, sizeof(id), name);
	return name->name;
}

const char *user_name(struct user_names *names, uint32_t uid)
{
	return find(&names->users, uid, user_of);
}

const char *group_name(struct user_names *names, uint32_t gid)
{
	return find(&names->groups, gid, group_of);
}

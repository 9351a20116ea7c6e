/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wishes of -c, -p and -u, and who meets them. */
#include "scope.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void scope_done(struct scope *scope)
{
	free(scope->globs);
	free(scope->pids);
	*scope = (struct scope){ 0 };
}

int scope_set_containers(struct scope *scope, const char *globs)
{
	const char *glob = globs;

	for (;;) {
		glob += *glob == '!';
		if (*glob == ',' || !*glob)
			return -EINVAL;
		glob += strcspn(glob, ",");
		if (!*glob)
			break;
		glob++;
	}
	replace_string(&scope->globs, globs);
	return 0;
}

int scope_set_pids(struct scope *scope, const char *list)
{
	uint32_t *pids = NULL;
	size_t n = 0, capacity = 0;
	int error = 0;

	while (!error) {
		char *end;
		unsigned long pid = isdigit((unsigned char)*list) ? strtoul(list, &end, 10) : 0;

		if (!pid || pid > INT32_MAX || (*end && *end != ','))
			error = -EINVAL;
		else if (n == SCOPE_PIDS_MOST)
			error = -E2BIG;
		if (error)
			break;
		pids = array_reserve(pids, &capacity, n + 1, sizeof(*pids));
		pids[n++] = (uint32_t)pid;
		if (!*end)
			break;
		list = end + 1;
	}
	if (error) {
		free(pids);
		return error;
	}
	free(scope->pids);
	scope->pids = pids;
	scope->n_pids = n;
	return 0;
}

int scope_set_user(struct scope *scope, const char *user)
{
	const struct passwd *entry = getpwnam(user);
	char *end;
	unsigned long uid;

	if (entry) {
		uid = entry->pw_uid;
	} else {
		errno = 0;
		uid = isdigit((unsigned char)*user) ? strtoul(user, &end, 10) : UINT64_MAX;
		if (errno || uid >= UINT32_MAX || *end)
			return -ENOENT;
	}
	scope->by_user = true;
	scope->uid = (uint32_t)uid;
	return 0;
}

/* ---- containers */

static bool glob_matches(const char *glob, const struct container *container)
{
	char short_id[CONTAINER_ID_SHORT + 1] = "";

	if (container->id)
		snprintf(short_id, sizeof(short_id), "%s", container->id);
	return !fnmatch(glob, container->name, 0) ||
	       (container->id && (!fnmatch(glob, container->id, 0) || !fnmatch(glob, short_id, 0)));
}

bool scope_has_container(const struct scope *scope, const struct container *container)
{
	bool wanted = false, only_exclusions = true;
	char *globs, *rest, *glob;

	if (!scope->globs)
		return true;
	globs = rest = xstrdup(scope->globs);
	while ((glob = strsep(&rest, ","))) {
		bool excludes = *glob == '!';

		only_exclusions &= excludes;
		if (!glob_matches(glob + excludes, container))
			continue;
		wanted = !excludes;
		if (excludes) {
			only_exclusions = false;
			break;
		}
	}
	free(globs);
	return wanted || only_exclusions;
}

/* ---- processes */

struct process_parent {
	uint32_t pid, ppid;
};

/* The parent is the second field after the name, which is in parentheses and may hold any. */
static bool read_parent(const char *procfs, const char *pid, struct process_parent *ret)
{
	char *path = xasprintf("%s/%s/stat", procfs, pid), *text;
	long size = read_file(AT_FDCWD, path, 4096, &text);
	const char *after;
	bool found;

	free(path);
	if (size < 0)
		return false;
	after = strrchr(text, ')');
	found = after && sscanf(after, ") %*c %" SCNu32, &ret->ppid) == 1;
	ret->pid = (uint32_t)strtoul(pid, NULL, 10);
	free(text);
	return found;
}

static struct process_parent *read_parents(const char *procfs, size_t *ret_n)
{
	struct process_parent *parents = NULL, parent;
	size_t capacity = 0;
	struct dirent *entry;
	DIR *directory = opendir(procfs);

	*ret_n = 0;
	while (directory && (entry = readdir(directory))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !read_parent(procfs, entry->d_name, &parent))
			continue;
		parents = array_reserve(parents, &capacity, *ret_n + 1, sizeof(*parents));
		parents[(*ret_n)++] = parent;
	}
	if (directory)
		closedir(directory);
	return parents;
}

static bool is_listed(const uint32_t *pids, size_t n, uint32_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

size_t scope_find_processes(const struct scope *scope, const char *procfs, uint32_t **ret_pids)
{
	size_t n_parents, n = 0, capacity = 0, before;
	struct process_parent *parents = read_parents(procfs, &n_parents);
	uint32_t *pids = NULL;

	/* Parents do not come before their children in any order: until there are no more. */
	do {
		before = n;
		for (size_t i = 0; i < n_parents; i++) {
			if (is_listed(pids, n, parents[i].pid) ||
			    (!is_listed(scope->pids, scope->n_pids, parents[i].pid) &&
			     !is_listed(pids, n, parents[i].ppid)))
				continue;
			pids = array_reserve(pids, &capacity, n + 1, sizeof(*pids));
			pids[n++] = parents[i].pid;
		}
	} while (n > before);
	free(parents);
	*ret_pids = pids;
	return n;
}

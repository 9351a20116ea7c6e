/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where containers/storage is: storage.conf, root's and the users' (containers-storage.conf(5)). */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "podman.h"
#include "util.h"

#define CONF_MAX (64U << 10)
#define PASSWD_MAX (4U << 20)

#define ROOT_CONF "/etc/containers/storage.conf"
#define ROOT_GRAPH "/var/lib/containers/storage"
#define ROOT_RUN "/run/containers/storage"

uint32_t podman_user_of(const char *cgroup)
{
	static const char prefix[] = "/user.slice/user-", suffix[] = ".slice";
	unsigned long uid;
	size_t digits;

	if (!cgroup || strncmp(cgroup, prefix, strlen(prefix)))
		return 0;
	cgroup += strlen(prefix);
	digits = strspn(cgroup, "0123456789");
	uid = strtoul(cgroup, NULL, 10);
	cgroup += digits;
	if (!digits || uid > UINT32_MAX || strncmp(cgroup, suffix, strlen(suffix)))
		return 0;
	cgroup += strlen(suffix);
	return *cgroup && *cgroup != '/' ? 0 : (uint32_t)uid;
}

/* The value of a line KEY = "VALUE" of TOML, ended in place, or NULL. */
static char *line_value(char *line, const char *key)
{
	char *end;

	line += strspn(line, " \t");
	if (strncmp(line, key, strlen(key)))
		return NULL;
	line += strlen(key);
	line += strspn(line, " \t");
	if (*line++ != '=')
		return NULL;
	line += strspn(line, " \t");
	if (*line != '"' && *line != '\'')
		return NULL;
	end = strchr(line + 1, *line);
	if (!end)
		return NULL;
	*end = '\0';
	return end > line + 1 && end - line < PATH_MAX ? line + 1 : NULL;
}

/* The setting of a key, which is in no other table of the file than [storage]; NULL: none. */
static char *conf_read(const struct host *host, const char *path, const char *key)
{
	char *text, *rest, *line, *found = NULL;

	if (host_read(host, path, CONF_MAX, &text, NULL) < 0)
		return NULL;
	for (rest = text; !found && (line = strsep(&rest, "\n"));) {
		const char *value = line_value(line, key);

		if (value)
			found = xstrdup(value);
	}
	free(text);
	return found;
}

/* The home directory of a user in /etc/passwd: those of other services could keep us waiting. */
static char *find_home(const struct host *host, uint32_t uid)
{
	char *text, *rest, *line, *home = NULL;

	if (host_read(host, "/etc/passwd", PASSWD_MAX, &text, NULL) < 0)
		return NULL;
	for (rest = text; !home && (line = strsep(&rest, "\n"));) {
		char *fields[6];
		size_t n = 0;

		while (n < ARRAY_SIZE(fields) && (fields[n] = strsep(&line, ":")))
			n++;
		if (n == ARRAY_SIZE(fields) && strtoul(fields[2], NULL, 10) == uid &&
		    *fields[2] && fields[5][0] == '/')
			home = xstrdup(fields[5]);
	}
	free(text);
	return home;
}

/* A setting with one of $HOME and $UID replaced wherever it stands. Frees the setting. */
static char *replace_word(char *setting, const char *word, const char *by)
{
	char *at;

	while ((at = strstr(setting, word))) {
		char *next = xasprintf("%.*s%s%s", (int)(at - setting), setting, by,
				       at + strlen(word));

		free(setting);
		setting = next;
	}
	return setting;
}

static char *user_graph(const struct host *host, const char *home, uint32_t uid)
{
	char *conf = xasprintf("%s/.config/containers/storage.conf", home);
	char *graph = conf_read(host, conf, "graphroot"), number[16];

	free(conf);
	if (!graph)
		graph = conf_read(host, ROOT_CONF, "rootless_storage_path");
	if (!graph)
		return xasprintf("%s/.local/share/containers/storage", home);
	snprintf(number, sizeof(number), "%u", uid);
	if (!strchr(home, '$'))		/* else it would never end */
		graph = replace_word(graph, "$HOME", home);
	return replace_word(graph, "$UID", number);
}

int podman_find_place(const struct host *host, uint32_t uid, char **ret_graph, char **ret_run)
{
	char *home;

	if (!uid) {
		*ret_graph = conf_read(host, ROOT_CONF, "graphroot");
		if (!*ret_graph)
			*ret_graph = xstrdup(ROOT_GRAPH);
		*ret_run = conf_read(host, ROOT_CONF, "runroot");
		if (!*ret_run)
			*ret_run = xstrdup(ROOT_RUN);
		return 0;
	}
	home = find_home(host, uid);
	if (!home)
		return -ENOENT;
	*ret_graph = user_graph(host, home, uid);
	*ret_run = xasprintf("/run/user/%u/containers", uid);
	free(home);
	return 0;
}

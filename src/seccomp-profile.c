/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seccomp profiles: a set of names, and the JSON that container runtimes take. */
#include "seccomp-profile.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bpf/contop.h"
#include "syscall-name.h"
#include "util.h"

void call_names_init(struct call_names *calls)
{
	*calls = (struct call_names){ .names = json_object() };
}

void call_names_done(struct call_names *calls)
{
	json_decref(calls->names);
	calls->names = NULL;
}

void call_names_add(struct call_names *calls, const char *name)
{
	uint32_t table = syscall_table(&name);

	if (table == SYSCALL_URING || !strncmp(name, UNNAMED_MARK, strlen(UNNAMED_MARK)))
		return;
	calls->tables |= table;
	json_object_set_new(calls->names, name, json_true());
}

/* ---- calls under way */

static bool is_32_bit(const char *procfs, uint64_t pid)
{
	char *path = xasprintf("%s/%" PRIu64 "/exe", procfs, pid);
	unsigned char head[EI_CLASS + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
		  !memcmp(head, ELFMAG, SELFMAG) && head[EI_CLASS] == ELFCLASS32;

	if (fd >= 0)
		close(fd);
	free(path);
	return is;
}

/* "running", or the number of the call with its arguments. */
static void add_of_thread(struct call_names *calls, int tasks, const char *tid, uint32_t flags)
{
	char *path = xasprintf("%s/syscall", tid), *text = NULL, *end;
	char name[64];
	unsigned long nr;

	if (read_file(tasks, path, 256, &text) > 0) {
		errno = 0;
		nr = strtoul(text, &end, 10);
		if (end > text && *end == ' ' && nr <= SYSCALL_NUMBER_MAX) {
			syscall_name((uint32_t)nr | flags, name, sizeof(name));
			call_names_add(calls, name);
		}
	}
	free(text);
	free(path);
}

void call_names_add_current(struct call_names *calls, const char *procfs, uint64_t pid)
{
	char *path = xasprintf("%s/%" PRIu64 "/task", procfs, pid);
	uint32_t flags = is_32_bit(procfs, pid) ? SYSCALL_COMPAT : 0;
	DIR *tasks = opendir(path);
	const struct dirent *entry;

	free(path);
	if (!tasks)
		return;
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			add_of_thread(calls, dirfd(tasks), entry->d_name, flags);
	closedir(tasks);
}

/* ---- the profile */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted_names(json_t *names)
{
	size_t n = 0;
	const char **texts = xcalloc(json_object_size(names) + 1, sizeof(*texts)), *name;
	json_t *array = json_array(), *value;

	json_object_foreach(names, name, value)
		texts[n++] = name;
	qsort(texts, n, sizeof(*texts), compare_texts);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(texts[i]));
	free(texts);
	return array;
}

static json_t *architectures(uint32_t tables)
{
	static const struct {
		uint32_t native, table;
		const char *name;
	} known[] = {
		{ SCMP_ARCH_X86_64, 0, "SCMP_ARCH_X86_64" },
		{ SCMP_ARCH_X86_64, SYSCALL_COMPAT, "SCMP_ARCH_X86" },
		{ SCMP_ARCH_X86_64, SYSCALL_X32, "SCMP_ARCH_X32" },
		{ SCMP_ARCH_AARCH64, 0, "SCMP_ARCH_AARCH64" },
		{ SCMP_ARCH_AARCH64, SYSCALL_COMPAT, "SCMP_ARCH_ARM" },
	};
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].native == seccomp_arch_native() &&
		    (known[i].table & tables) == known[i].table)
			json_array_append_new(array, json_string(known[i].name));
	return array;
}

json_t *seccomp_profile(const struct call_names *calls)
{
	static const char *const endings[] = { "exit", "exit_group" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		json_object_set_new(calls->names, endings[i], json_true());
	return json_pack("{s:s, s:i, s:o, s:[{s:o, s:s}]}",
			 "defaultAction", "SCMP_ACT_ERRNO",
			 "defaultErrnoRet", EPERM,
			 "architectures", architectures(calls->tables),
			 "syscalls", "names", sorted_names(calls->names),
			 "action", "SCMP_ACT_ALLOW");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities, by the table below, and how far they can be given up. The filter
 * of system calls is in privilege-filter.c.
 */
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege-filter.h"
#include "util.h"

/* Which capabilities a privilege takes; contop(8) has the same list, with reasons. */
static const struct {
	enum privilege privilege;
	unsigned int capability;
} rights[] = {
	/* /proc/PID/fd and ns of others, and all of /proc where it hides them. */
	{ PRIVILEGE_LOOK, CAP_SYS_PTRACE },
	/* Where runtimes keep names: directories of root and of those who run podman. */
	{ PRIVILEGE_LOOK, CAP_DAC_READ_SEARCH },
	/* Until 5.19 bpf(2) refuses everything without it, where only the privileged may load. */
	{ PRIVILEGE_MAPS, CAP_BPF },
	{ PRIVILEGE_STATS, CAP_SYS_ADMIN },
	{ PRIVILEGE_FIRST, CAP_SYS_NICE },
	{ PRIVILEGE_SIGNAL, CAP_KILL },
	{ PRIVILEGE_NAT, CAP_NET_ADMIN },
	{ PRIVILEGE_LISTEN, CAP_NET_BIND_SERVICE },
	{ PRIVILEGE_WRITE, CAP_DAC_OVERRIDE },
};

int privilege_begin(void)
{
	uid_t user, effective_user, saved_user;
	gid_t group, effective_group, saved_group;

	getresuid(&user, &effective_user, &saved_user);
	getresgid(&group, &effective_group, &saved_group);
	if (user != effective_user || user != saved_user || group != effective_group ||
	    group != saved_group)
		return -EPERM;
	if (!privilege_is_lent())
		return 0;
	capng_get_caps_process();
	for (int i = 0; i <= CAP_LAST_CAP; i++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, (unsigned int)i);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

bool privilege_is_lent(void)
{
	return getuid() && getauxval(AT_SECURE);
}

int privilege_take(void)
{
	capng_get_caps_process();
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		if (capng_have_capability(CAPNG_PERMITTED, i))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, i);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/* Whether bpf(2) still answers when CAP_BPF is gone: the kernel looks at that first. */
static bool maps_need_no_right(void)
{
	union bpf_attr attributes = { .info = { .bpf_fd = (unsigned int)-1 } };

	return !syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes)) ||
	       errno != EPERM;
}

static int keep(unsigned int needs, unsigned int set)
{
	bool had[CAP_LAST_CAP + 1];

	capng_get_caps_process();
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, i);
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		capng_update(CAPNG_DROP, set, i);
	for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
		if (needs & rights[i].privilege && had[rights[i].capability])
			capng_update(CAPNG_ADD, set & (CAPNG_EFFECTIVE | CAPNG_PERMITTED),
				     rights[i].capability);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

int privilege_limit(unsigned int needs)
{
	int error;

	/* A service that is not root was given it to write to Docker's socket. */
	if (needs & PRIVILEGE_LOOK && geteuid() && !privilege_is_lent())
		needs |= PRIVILEGE_WRITE;
	error = keep(needs & ~(unsigned int)PRIVILEGE_MAPS, CAPNG_EFFECTIVE);

	if (!error && maps_need_no_right())
		needs &= ~(unsigned int)PRIVILEGE_MAPS;
	if (!error)
		error = keep(needs, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE);
	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	return error ? error : privilege_filter_install(needs);
}

static bool is_of_another(const char *path)
{
	struct stat status;

	return !stat(path, &status) && status.st_uid != geteuid();
}

unsigned int privilege_to_write(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? xstrndup(path, (size_t)(slash + 1 - path)) : xstrdup(".");
	bool needed = is_of_another(directory) || is_of_another(path);

	free(directory);
	/* Who was lent rights writes with his own. */
	return needed && !privilege_is_lent() ? PRIVILEGE_WRITE : 0;
}

unsigned int privilege_to_connect(const char *path)
{
	/* access(2) asks what a user may who has no capabilities. */
	bool needed = getuid() && access(path, F_OK) == 0 && access(path, W_OK);

	return needed && !privilege_is_lent() ? PRIVILEGE_WRITE : 0;
}

char *privilege_describe(void)
{
	bool filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
	char *names, *text;

	capng_get_caps_process();
	names = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_EFFECTIVE);
	text = xasprintf("%s; system calls are %sfiltered", names ? names : "none",
			 filtered ? "" : "not ");
	free(names);
	return text;
}

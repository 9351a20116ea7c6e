/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice between hooks; knows nothing of BPF itself, so that it can be tested anywhere. */
#include "hook.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* Whether one of the patterns, with commas between them, is of this name. */
static bool is_listed(const char *list, const char *name)
{
	char pattern[64];

	while (list && *list) {
		int part = (int)strcspn(list, ",");

		snprintf(pattern, sizeof(pattern), "%.*s", part, list);
		if (!fnmatch(pattern, name, 0))
			return true;
		list += part + (list[part] == ',');
	}
	return false;
}

bool hook_is_preemptible(const struct kernel_facts *facts)
{
	return facts->version >= KERNEL_VERSION_OF(7, 0);
}

bool hook_of_calls_is_preemptible(const struct kernel_facts *facts)
{
	return facts->version >= KERNEL_VERSION_OF(7, 2);
}

const char *hook_reason(int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		return "not permitted: run as root, or with the capabilities in contop(8)";
	case ENOENT:
	case ESRCH:
		return "this kernel does not have it";
	case ENOSYS:
		return "this kernel was built without BPF (CONFIG_BPF_SYSCALL)";
	case ENOMEM:
		return "not enough memory for its maps: give a smaller --memory";
	case EINVAL:
	case ENOTSUP:
		return "this kernel refuses it";
	default:
		return strerror(-error);
	}
}

/* What a failed attempt means, of what is known of the kernel. */
static void explain(const struct hook *hook, const struct kernel_facts *facts, int error,
		    struct pane_status *status)
{
	const char *option = hook->option ? hook->option : "CONFIG_BPF_EVENTS";
	bool lacks = error == -ENOENT || error == -ESRCH || error == -EINVAL || error == -ENOTSUP;

	if (error == -ECANCELED)
		snprintf(status->reason, sizeof(status->reason), "%s: switched off", hook->name);
	else if (facts->confidential)
		snprintf(status->reason, sizeof(status->reason), "%s: the kernel is locked down "
			 "(confidentiality): boot it with lockdown=integrity at most", hook->name);
	else if (lacks)
		snprintf(status->reason, sizeof(status->reason), "%s: %s: too old, or built without %s",
			 hook->name, hook_reason(error), option);
	else
		snprintf(status->reason, sizeof(status->reason), "%s: %s", hook->name,
			 hook_reason(error));
}

int hook_choose(const struct hook *hooks, size_t n, const struct kernel_facts *facts, const char *off,
		int (*attempt)(void *arg, const struct hook *hook), void *arg,
		struct pane_status *status)
{
	int first_error = 0;

	for (size_t i = 0; i < n; i++) {
		const struct hook *hook = &hooks[i];
		int error;

		if (hook->suits && !hook->suits(facts))
			continue;
		error = is_listed(off, hook->name) ? -ECANCELED : attempt(arg, hook);
		if (!error) {
			status->available = true;
			snprintf(status->hook, sizeof(status->hook), "%s", hook->name);
			status->reason[0] = '\0';
			return 0;
		}
		if (first_error)
			continue;
		first_error = error;
		explain(hook, facts, error, status);
	}
	if (!first_error) {
		first_error = -ENOTSUP;
		snprintf(status->reason, sizeof(status->reason), "no hook for this kernel");
	}
	status->available = false;
	status->hook[0] = '\0';
	return first_error;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice between hooks, on kernels that are made up. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "hook.h"
#include "util.h"

static bool is_new(const struct kernel_facts *facts)
{
	return facts->version >= KERNEL_VERSION_OF(7, 2);
}

static const struct hook hooks[] = {
	{ .name = "for new kernels", .option = "CONFIG_CGROUP_BPF", .suits = is_new },
	{ .name = "best" },
	{ .name = "last resort" },
};

/* A kernel on which hooks fail as said, by their index; and what was tried. */
struct fake_kernel {
	int errors[ARRAY_SIZE(hooks)];
	char tried[64];
};

static int attempt(void *arg, const struct hook *hook)
{
	struct fake_kernel *kernel = arg;
	size_t i = (size_t)(hook - hooks);

	strcat(kernel->tried, (char []){ (char)('0' + i), 0 });
	return kernel->errors[i];
}

static const struct kernel_facts old_kernel = { .version = KERNEL_VERSION_OF(6, 12) };
static const struct kernel_facts new_kernel = { .version = KERNEL_VERSION_OF(7, 2) };

static int choose(const struct kernel_facts *facts, const char *off, struct fake_kernel *kernel,
		  struct pane_status *status)
{
	memset(status, 0, sizeof(*status));
	return hook_choose(hooks, ARRAY_SIZE(hooks), facts, off, attempt, kernel, status);
}

static void test_the_first_that_works_is_taken(void **state)
{
	static const struct {
		const struct kernel_facts *facts;
		int errors[ARRAY_SIZE(hooks)];
		const char *off, *tried, *hook;
	} cases[] = {
		{ &old_kernel, { 0, 0, 0 }, NULL, "1", "best" },
		{ &new_kernel, { 0, 0, 0 }, NULL, "0", "for new kernels" },
		{ &new_kernel, { -EACCES, 0, 0 }, NULL, "01", "best" },
		{ &old_kernel, { 0, -EINVAL, 0 }, NULL, "12", "last resort" },
		{ &old_kernel, { 0, 0, 0 }, "best", "2", "last resort" },
		{ &new_kernel, { 0, 0, 0 }, "best,for new kernels", "2", "last resort" },
		{ &old_kernel, { 0, 0, 0 }, "bes,est,best2", "1", "best" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_kernel kernel = { 0 };
		struct pane_status status;

		memcpy(kernel.errors, cases[i].errors, sizeof(kernel.errors));
		assert_int_equal(choose(cases[i].facts, cases[i].off, &kernel, &status), 0);
		assert_string_equal(kernel.tried, cases[i].tried);
		assert_true(status.available);
		assert_string_equal(status.hook, cases[i].hook);
		assert_string_equal(status.reason, "");
	}
}

static void test_the_first_failure_is_the_reason(void **state)
{
	static const struct kernel_facts locked = {
		.version = KERNEL_VERSION_OF(6, 12), .confidential = true,
	};
	static const struct {
		const struct kernel_facts *facts;
		int error;
		const char *off, *reason;
	} cases[] = {
		{ &old_kernel, -EPERM, NULL, "best: not permitted: run as root, or with the "
		  "capabilities in contop(8)" },
		{ &old_kernel, -EACCES, NULL, "best: not permitted: run as root, or with the "
		  "capabilities in contop(8)" },
		{ &old_kernel, -ENOENT, NULL, "best: this kernel does not have it: too old, or built "
		  "without CONFIG_BPF_EVENTS" },
		{ &old_kernel, -ESRCH, NULL, "best: this kernel does not have it: too old, or built "
		  "without CONFIG_BPF_EVENTS" },
		{ &old_kernel, -ESRCH, "best", "best: switched off" },
		{ &new_kernel, -EINVAL, NULL, "for new kernels: this kernel refuses it: too old, or "
		  "built without CONFIG_CGROUP_BPF" },
		{ &old_kernel, -ENOSYS, NULL, "best: this kernel was built without BPF "
		  "(CONFIG_BPF_SYSCALL)" },
		{ &old_kernel, -ENOMEM, NULL, "best: not enough memory for its maps: give a smaller "
		  "--memory" },
		{ &old_kernel, -EIO, NULL, "best: Input/output error" },
		{ &locked, -EINVAL, NULL, "best: the kernel is locked down (confidentiality): boot it "
		  "with lockdown=integrity at most" },
		{ &locked, -EPERM, NULL, "best: the kernel is locked down (confidentiality): boot it "
		  "with lockdown=integrity at most" },
		{ &locked, -EPERM, "best", "best: switched off" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int error = cases[i].error;
		/* That of the last one is none of it. */
		struct fake_kernel kernel = { .errors = { error, error, -EBUSY } };
		struct pane_status status;

		assert_int_equal(choose(cases[i].facts, cases[i].off, &kernel, &status),
				 cases[i].off ? -ECANCELED : error);
		assert_false(status.available);
		assert_string_equal(status.hook, "");
		assert_string_equal(status.reason, cases[i].reason);
	}
}

static void test_hooks_switched_off_say_so(void **state)
{
	struct fake_kernel kernel = { 0 };
	struct pane_status status;

	(void)state;
	assert_int_equal(choose(&old_kernel, "best,last resort", &kernel, &status), -ECANCELED);
	assert_string_equal(kernel.tried, "");
	assert_string_equal(status.reason, "best: switched off");
}

static void test_no_hook_for_a_kernel(void **state)
{
	struct fake_kernel kernel = { 0 };
	struct pane_status status = { 0 };

	(void)state;
	assert_int_equal(hook_choose(hooks, 1, &old_kernel, NULL, attempt, &kernel, &status),
			 -ENOTSUP);
	assert_string_equal(status.reason, "no hook for this kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_that_works_is_taken),
		cmocka_unit_test(test_the_first_failure_is_the_reason),
		cmocka_unit_test(test_hooks_switched_off_say_so),
		cmocka_unit_test(test_no_hook_for_a_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

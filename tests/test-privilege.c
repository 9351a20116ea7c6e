/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of rights and system calls, each claim in a process of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <cap-ng.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"
#include "util.h"

/* Exit status of function in a process of its own; 100 + signal when one ended it. */
static int in_child(int (*function)(void))
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(function());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/* A sanitized program traces itself: it has no filter. */
static int in_filtered_child(int (*function)(void))
{
#ifdef CONTOP_SANITIZED
	skip();
#endif
	return in_child(function);
}

/* In the child: the line of a claim that does not hold is the exit status. */
#define CLAIM(condition) do { if (!(condition)) return __LINE__ & 0x7f ? __LINE__ & 0x7f : 1; } while (0)

static int call(long number, long a, long b, long c)
{
	return syscall(number, a, b, c, 0, 0, 0) < 0 ? errno : 0;
}

static int try_program(void)
{
	char *arguments[] = { (char []){ "true" }, NULL };

	CLAIM(!privilege_limit(0));
	execv("/bin/true", arguments);
	CLAIM(errno == EPERM);
	return 0;
}

static int try_process(void)
{
	CLAIM(!privilege_limit(0));
	CLAIM(fork() < 0 && errno == EPERM);
	CLAIM(call(SYS_clone, SIGCHLD, 0, 0) == EPERM);
	return 0;
}

static void *thread_body(void *arg)
{
	*(int *)arg = call(SYS_ptrace, 0, 0, 0);
	return NULL;
}

static int try_thread(void)
{
	pthread_t thread;
	int error = 0;

	CLAIM(!privilege_limit(0));
	CLAIM(!pthread_create(&thread, NULL, thread_body, &error));
	CLAIM(!pthread_join(thread, NULL));
	CLAIM(error == EPERM);
	return 0;
}

static int try_calls(void)
{
	CLAIM(!privilege_limit(PRIVILEGE_LOOK | PRIVILEGE_MAPS | PRIVILEGE_FIRST));
	CLAIM(call(SYS_ptrace, 0, 0, 0) == EPERM);
	CLAIM(call(SYS_mount, 0, 0, 0) == EPERM);
	CLAIM(call(SYS_init_module, 0, 0, 0) == EPERM);
	CLAIM(call(SYS_setuid, 0, 0, 0) == EPERM);
	CLAIM(call(SYS_setns, -1, 0, 0) == EPERM);
	CLAIM(call(SYS_io_uring_setup, 0, 0, 0) == EPERM);
	CLAIM(call(SYS_kill, getppid(), 0, 0) == EPERM);
	CLAIM(call(SYS_kill, -1, 0, 0) == EPERM);
	/* As curses does at ^Z. */
	CLAIM(call(SYS_kill, getpid(), 0, 0) == 0);
	CLAIM(call(SYS_ioctl, -1, TIOCSTI, 0) == EPERM);
	CLAIM(call(SYS_ioctl, -1, 1L << 32 | TIOCSTI, 0) == EPERM);
	return 0;
}

/* With numbers that nothing is open under: what passes the filter finds nothing. */
static int bpf(enum bpf_cmd command)
{
	union bpf_attr attributes;

	memset(&attributes, 0xff, sizeof(attributes));
	return syscall(SYS_bpf, command, &attributes, sizeof(attributes)) < 0 ? errno : 0;
}

static int try_bpf(void)
{
	CLAIM(!privilege_limit(PRIVILEGE_MAPS));
	CLAIM(bpf(BPF_PROG_LOAD) == EPERM);
	CLAIM(bpf(BPF_MAP_CREATE) == EPERM);
	CLAIM(bpf(BPF_OBJ_PIN) == EPERM);
	CLAIM(bpf(BPF_PROG_GET_FD_BY_ID) == EPERM);
	CLAIM(bpf((enum bpf_cmd)63) == EPERM);
	CLAIM(bpf((enum bpf_cmd)1000) == EPERM);
	/* The kernel looks at 32 bits of the command. */
	CLAIM(call(SYS_bpf, 1L << 32 | BPF_PROG_LOAD, 0, 0) == EPERM);
	/* Without rights the kernel itself may refuse all of it: only root can tell. */
	CLAIM(geteuid() || bpf(BPF_MAP_LOOKUP_ELEM) != EPERM);
	return 0;
}

static int try_signals(void)
{
	CLAIM(!privilege_limit(PRIVILEGE_SIGNAL));
	CLAIM(call(SYS_kill, getppid(), 0, 0) == 0);
	return 0;
}

static int try_aborting(void)
{
	CLAIM(!privilege_limit(0));
	abort();
}

static int try_new_rights(void)
{
	CLAIM(!privilege_limit(0));
	CLAIM(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CLAIM(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2);
	return 0;
}

static int holds(unsigned int capability)
{
	capng_get_caps_process();
	return capng_have_capability(CAPNG_EFFECTIVE, capability) ||
	       capng_have_capability(CAPNG_PERMITTED, capability) ||
	       capng_have_capability(CAPNG_INHERITABLE, capability);
}

static int try_no_capability(void)
{
	CLAIM(!privilege_limit(0));
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		CLAIM(!holds(i));
	CLAIM(privilege_take() || !holds(CAP_SYS_ADMIN));
	return 0;
}

static int try_some_capabilities(void)
{
	CLAIM(!privilege_limit(PRIVILEGE_LOOK | PRIVILEGE_SIGNAL));
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		CLAIM(holds(i) == (i == CAP_SYS_PTRACE || i == CAP_DAC_READ_SEARCH || i == CAP_KILL));
	return 0;
}

static int try_set_user_id(void)
{
	CLAIM(!setresuid(65534, 0, 0));
	CLAIM(privilege_begin() == -EPERM);
	return 0;
}

static int try_set_group_id(void)
{
	CLAIM(!setresgid(65534, 0, 0));
	CLAIM(privilege_begin() == -EPERM);
	return 0;
}

static void test_no_other_program_is_executed(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_program), 0);
}

static void test_no_process_is_made(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_process), 0);
}

static void test_threads_are_made_and_filtered(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_thread), 0);
}

static void test_what_changes_the_host_is_refused(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_calls), 0);
}

static void test_bpf_is_for_maps_only(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_bpf), 0);
}

static void test_signals_are_sent_only_where_wanted(void **state)
{
	(void)state;
	assert_int_equal(in_child(try_signals), 0);
}

static void test_a_crash_is_one(void **state)
{
	(void)state;
	assert_int_equal(in_child(try_aborting), 100 + SIGABRT);
}

static void test_rights_cannot_be_gained(void **state)
{
	(void)state;
	assert_int_equal(in_filtered_child(try_new_rights), 0);
}

static void test_no_capability_is_left(void **state)
{
	(void)state;
	assert_int_equal(in_child(try_no_capability), 0);
}

static void test_only_needed_capabilities_are_left(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(in_child(try_some_capabilities), 0);
}

static void test_it_must_not_be_set_user_id(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(in_child(try_set_user_id), 0);
	assert_int_equal(in_child(try_set_group_id), 0);
}

static void test_what_is_left_is_said(void **state)
{
	char *text = privilege_describe();

	(void)state;
	assert_non_null(strstr(text, "; system calls are "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_other_program_is_executed),
		cmocka_unit_test(test_no_process_is_made),
		cmocka_unit_test(test_threads_are_made_and_filtered),
		cmocka_unit_test(test_what_changes_the_host_is_refused),
		cmocka_unit_test(test_bpf_is_for_maps_only),
		cmocka_unit_test(test_signals_are_sent_only_where_wanted),
		cmocka_unit_test(test_a_crash_is_one),
		cmocka_unit_test(test_rights_cannot_be_gained),
		cmocka_unit_test(test_no_capability_is_left),
		cmocka_unit_test(test_only_needed_capabilities_are_left),
		cmocka_unit_test(test_it_must_not_be_set_user_id),
		cmocka_unit_test(test_what_is_left_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

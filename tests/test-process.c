/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc and exec events tell of processes, from a /proc of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "util.h"

struct world {
	char procfs[64];
	struct processes *processes;
	struct user_names *users;
	struct sample sample;
	struct containers *containers;
	struct container *host;
};

static void write_file(const struct world *world, const char *pid, const char *name,
		       const char *text, size_t size)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world->procfs, pid);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", world->procfs, pid, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(text, 1, size, file);
	fclose(file);
}

static void make_process(const struct world *world, const char *pid, const char *comm)
{
	char text[256];

	snprintf(text, sizeof(text), "Name:\t%s\nUmask:\t0022\nPPid:\t7\nUid:\t33\t34\t35\t36\n"
		 "NSpid:\t%s\t12\t3\nThreads:\t1\n", comm, pid);
	write_file(world, pid, "status", text, strlen(text));
	write_file(world, pid, "cmdline", "prog\0-a\0b c\0", 12);
}

static int setup(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	strcpy(world->procfs, "/tmp/contop-test-XXXXXX");
	assert_non_null(mkdtemp(world->procfs));
	world->users = user_names_new();
	world->processes = processes_new(world->procfs, world->users);
	world->containers = containers_new(NULL);
	world->host = containers_add(world->containers, NULL, "host");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	char command[128];

	processes_free(world->processes);
	user_names_free(world->users);
	sample_done(&world->sample);
	containers_free(world->containers);
	snprintf(command, sizeof(command), "rm -rf %s", world->procfs);
	assert_int_equal(system(command), 0);
	free(world);
	return 0;
}

static void begin(struct world *world, uint64_t pid)
{
	struct syscall_sample *call;

	sample_clear(&world->sample);
	call = sample_add_syscall(&world->sample);
	call->container = world->host;
	call->pid = pid;
	call->count = 1;
}

static void executed(const struct world *world, uint32_t pid, const char *name)
{
	char comm[TASK_NAME_SIZE] = "";

	snprintf(comm, sizeof(comm), "%s", name);
	processes_executed(world->processes, pid, comm);
}

static void test_a_new_process_is_told_once(void **state)
{
	struct world *world = *state;
	const struct process_sample *said;

	make_process(world, "100", "worker");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	said = &world->sample.processes[0];
	assert_ptr_equal(said->container, world->host);
	assert_int_equal(said->pid, 100);
	assert_int_equal(said->ppid, 7);
	assert_int_equal(said->uid, 33);
	assert_int_equal(said->nspid, 3);
	assert_string_equal(said->comm, "worker");
	assert_string_equal(said->command, "prog -a b c");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 0);
}

static void begin_flow(struct world *world, uint64_t pid, bool ended)
{
	struct flow_sample *flow;

	sample_clear(&world->sample);
	flow = sample_add_flow(&world->sample);
	flow->container = world->host;
	flow->pid = pid;
	flow->ended = ended;
}

static void test_owners_of_flows_are_told_without_a_call(void **state)
{
	struct world *world = *state;

	make_process(world, "100", "quiet");
	begin_flow(world, 100, false);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	assert_string_equal(world->sample.processes[0].comm, "quiet");
	begin_flow(world, 100, false);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 0);
}

static void test_owners_of_growing_flows_are_told_too(void **state)
{
	struct world *world = *state;

	make_process(world, "100", "quiet");
	sample_clear(&world->sample);
	make_process(world, "101", "done");
	for (uint32_t pid = 100; pid <= 102; pid++)
		*sample_add_growth(&world->sample) = (struct flow_growth){
			.container = world->host, .pid = pid % 102, .ended = pid == 101,
		};
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	assert_string_equal(world->sample.processes[0].comm, "quiet");
}

/* Of such a process nothing would ever tell the end. */
static void test_owners_that_are_gone_are_not_told(void **state)
{
	static const struct { uint64_t pid; bool ended; } cases[] = {
		{ 4711, false }, { UNKNOWN, false }, { 100, true },
	};
	struct world *world = *state;

	make_process(world, "100", "quiet");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_flow(world, cases[i].pid, cases[i].ended);
		processes_complete(world->processes, &world->sample);
		assert_int_equal(world->sample.n_processes, 0);
	}
}

static void test_another_program_is_told_again(void **state)
{
	struct world *world = *state;

	make_process(world, "100", "sh");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	make_process(world, "100", "nginx");
	executed(world, 100, "nginx");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	assert_string_equal(world->sample.processes[0].comm, "nginx");
}

static void test_one_that_has_ended_keeps_the_name_of_its_exec(void **state)
{
	struct world *world = *state;

	executed(world, 100, "short");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	assert_string_equal(world->sample.processes[0].comm, "short");
	assert_int_equal(world->sample.processes[0].ppid, UNKNOWN);
	assert_null(world->sample.processes[0].command);
}

static void test_a_pid_that_comes_again_is_another_process(void **state)
{
	struct world *world = *state;
	struct process_sample *end;

	make_process(world, "100", "first");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	begin(world, 100);
	end = sample_add_process(&world->sample);
	end->pid = 100;
	end->ended = true;
	processes_complete(world->processes, &world->sample);
	make_process(world, "100", "second");
	begin(world, 100);
	processes_complete(world->processes, &world->sample);
	assert_int_equal(world->sample.n_processes, 1);
	assert_string_equal(world->sample.processes[0].comm, "second");
}

static void test_kernel_threads_have_no_command_line(void **state)
{
	struct world *world = *state;

	make_process(world, "2", "kthreadd");
	write_file(world, "2", "cmdline", "", 0);
	begin(world, 2);
	processes_complete(world->processes, &world->sample);
	assert_null(world->sample.processes[0].command);
}

static void test_status_that_is_none(void **state)
{
	static const char *const texts[] = { "", "Pid:\t1\n", "\n", "Name:" };
	struct process_sample said;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(process_parse_status(texts[i], &said), -EBADMSG);
	memset(&said, 0, sizeof(said));
	said.ppid = UNKNOWN;
	assert_int_equal(process_parse_status("Name:\tx\nPPid:\tnot a number\nNSpid:\t\n", &said), 0);
	assert_int_equal(said.ppid, UNKNOWN);
	assert_int_equal(said.nspid, UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_new_process_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners_of_flows_are_told_without_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners_of_growing_flows_are_told_too, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owners_that_are_gone_are_not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_program_is_told_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_that_has_ended_keeps_the_name_of_its_exec,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_pid_that_comes_again_is_another_process,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel_threads_have_no_command_line, setup,
						teardown),
		cmocka_unit_test(test_status_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

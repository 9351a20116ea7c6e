/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of processes: a book of those that were seen at work. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The default, HASH_JEN, falls through cases in a way that clang warns of. */
#define HASH_FUNCTION(key, size, hash) HASH_FNV(key, size, hash)
#include <uthash.h>

#include "util.h"

/* Processes whose files are read in one interval: about 30 us each. */
#define READS_MOST 256
#define STATUS_SIZE 4096		/* what is read of it is at the beginning */
#define COMMAND_SIZE 4096

/* Those seen in a sample; without word of their end they go when the book is full. */
#define PROCESSES_MOST 65536

struct process {
	uint32_t pid;
	bool told;			/* what is known went into a sample */
	char comm[TASK_NAME_SIZE];	/* of the last exec; empty: not known */
	UT_hash_handle hh;
};

struct processes {
	int procfs_fd;
	struct user_names *users;	/* borrowed */
	struct process *book;		/* by pid */
};

struct processes *processes_new(const char *procfs, struct user_names *users)
{
	struct processes *processes = xcalloc(1, sizeof(*processes));

	processes->procfs_fd = open(procfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	processes->users = users;
	return processes;
}

static void forget(struct processes *processes, struct process *process)
{
	HASH_DEL(processes->book, process);
	free(process);
}

static void forget_all(struct processes *processes)
{
	struct process *process, *next;

	HASH_ITER(hh, processes->book, process, next)
		forget(processes, process);
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	forget_all(processes);
	if (processes->procfs_fd >= 0)
		close(processes->procfs_fd);
	free(processes);
}

static struct process *find(struct processes *processes, uint32_t pid)
{
	struct process *process;

	HASH_FIND(hh, processes->book, &pid, sizeof(pid), process);
	return process;
}

static struct process *find_or_add(struct processes *processes, uint32_t pid)
{
	struct process *process = find(processes, pid);

	if (process)
		return process;
	if (HASH_COUNT(processes->book) >= PROCESSES_MOST)
		forget_all(processes);
	process = xcalloc(1, sizeof(*process));
	process->pid = pid;
	HASH_ADD(hh, processes->book, pid, sizeof(pid), process);
	return process;
}

void processes_executed(struct processes *processes, uint32_t pid, const char comm[TASK_NAME_SIZE])
{
	struct process *process = find_or_add(processes, pid);

	memcpy(process->comm, comm, sizeof(process->comm));
	process->told = false;
}

/* ---- /proc */

/* The last number of a line: NSpid lists the process's ids from the host's namespace inwards. */
static uint64_t last_number(const char *line)
{
	uint64_t number = UNKNOWN;
	int size;

	while (sscanf(line, "%" SCNu64 "%n", &number, &size) == 1)
		line += size;
	return number;
}

static void parse_line(const char *line, struct process_sample *ret)
{
	if (!strncmp(line, "Name:\t", 6))
		snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)strcspn(line + 6, "\n"), line + 6);
	else if (!strncmp(line, "PPid:\t", 6))
		sscanf(line + 6, "%" SCNu64, &ret->ppid);
	else if (!strncmp(line, "Uid:\t", 5))
		sscanf(line + 5, "%" SCNu64, &ret->uid);
	else if (!strncmp(line, "NSpid:\t", 7))
		ret->nspid = last_number(line + 7);
}

int process_parse_status(const char *text, struct process_sample *ret)
{
	if (strncmp(text, "Name:\t", 6))
		return -EBADMSG;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		parse_line(line, ret);
	}
	return 0;
}

/* Reads the beginning of a file of a process. Returns its length or -errno. */
static ssize_t read_process_file(const struct processes *processes, uint32_t pid, const char *name,
				 char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%" PRIu32 "/%s", pid, name);
	fd = openat(processes->procfs_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	if (got < 0)
		got = -errno;
	else
		text[got] = '\0';
	close(fd);
	return got;
}

/* Arguments come NUL-terminated; a long command line is cut. */
static char *read_command(const struct processes *processes, uint32_t pid)
{
	char text[COMMAND_SIZE];
	ssize_t size = read_process_file(processes, pid, "cmdline", text, sizeof(text));

	while (size > 0 && !text[size - 1])
		size--;
	for (ssize_t i = 0; i < size; i++)
		if (!text[i])
			text[i] = ' ';
	return size > 0 ? xstrndup(text, (size_t)size) : NULL;
}

/* Where the program is, as its own mount namespace has it; NULL: not known. */
static char *read_exe(const struct processes *processes, uint32_t pid)
{
	char path[64], target[COMMAND_SIZE];
	ssize_t size;

	snprintf(path, sizeof(path), "%" PRIu32 "/exe", pid);
	size = readlinkat(processes->procfs_fd, path, target, sizeof(target));
	return size > 0 ? xstrndup(target, (size_t)size) : NULL;
}

/* Adds what the files of a process say; one that has ended leaves what exec told. */
static void tell(const struct processes *processes, struct process *process,
		 struct container *container, struct sample *sample)
{
	struct process_sample *said = sample_add_process(sample);
	char status[STATUS_SIZE];

	said->container = container;
	said->pid = process->pid;
	memcpy(said->comm, process->comm, sizeof(said->comm));
	if (read_process_file(processes, process->pid, "status", status, sizeof(status)) > 0)
		process_parse_status(status, said);
	if (said->uid <= UINT32_MAX)
		said->user = user_name(processes->users, (uint32_t)said->uid);
	said->command = read_command(processes, process->pid);
	said->exe = read_exe(processes, process->pid);
	process->told = true;
}

/* ---- samples */

/*
 * Owners of flows may make no system calls, or be gone: of these nothing would ever
 * tell the end.  Whether that took reading.
 */
static bool tell_owner(struct processes *processes, uint32_t pid, struct container *container,
		       struct sample *sample)
{
	struct process *process = find_or_add(processes, pid);
	char path[16];

	if (process->told)
		return false;
	snprintf(path, sizeof(path), "%" PRIu32, process->pid);
	if (faccessat(processes->procfs_fd, path, F_OK, 0))
		process->told = true;
	else
		tell(processes, process, container, sample);
	return true;
}

static void tell_owners(struct processes *processes, struct sample *sample, size_t reads)
{
	uint32_t last = 0;

	for (size_t i = 0; i < sample->n_flows && reads < READS_MOST; i++) {
		const struct flow_sample *flow = &sample->flows[i];

		if (flow->pid != UNKNOWN && !flow->ended)
			reads += tell_owner(processes, (uint32_t)flow->pid, flow->container, sample);
	}
	for (size_t i = 0; i < sample->n_growths && reads < READS_MOST; i++) {
		const struct flow_growth *flow = &sample->growths[i];

		if (!flow->pid || flow->pid == last || flow->ended)
			continue;
		reads += tell_owner(processes, flow->pid, flow->container, sample);
		last = flow->pid;
	}
}

void processes_complete(struct processes *processes, struct sample *sample)
{
	size_t ended = sample->n_processes, reads = 0;

	for (size_t i = 0; i < sample->n_syscalls && reads < READS_MOST; i++) {
		const struct syscall_sample *call = &sample->syscalls[i];
		struct process *process = find_or_add(processes, (uint32_t)call->pid);

		if (process->told)
			continue;
		tell(processes, process, call->container, sample);
		reads++;
	}
	tell_owners(processes, sample, reads);
	for (size_t i = 0; i < ended; i++) {
		struct process *process = find(processes, (uint32_t)sample->processes[i].pid);

		if (process)
			forget(processes, process);
	}
}

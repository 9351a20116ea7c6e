/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes loads whose size is known exactly, for the live tests: so many system
 * calls, so many bytes through one TCP connection, so many datagrams, so many
 * direct reads and writes.  Each prints one line of JSON with what it did and
 * what a counter in the kernel must therefore say; "ready" on standard error
 * comes first, when it listens or waits.  Linked statically, to run in a
 * container that holds nothing else.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT 120			/* seconds; a load that hangs has failed */

struct load {
	const char *name;
	int n_arguments;
	const char *usage;
	void (*run)(char **arguments, const struct flags *flags);
};

void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

uint64_t number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value > max) {
		errno = EINVAL;
		fail(text);
	}
	return value;
}

void report(const char *format, ...)
{
	char line[2048];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (n < 0 || n >= (int)sizeof(line) || write(STDOUT_FILENO, line, n) != n)
		fail("report");
}

void say_ready(void)
{
	if (write(STDERR_FILENO, "ready\n", 6) != 6)
		fail("ready");
}

/* A handler, as a container's first process ignores what has none. */
static void out_of_time(int signal_number)
{
	static const char message[] = "load: took too long\n";

	(void)signal_number;
	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(2);
	_exit(1);
}

static void block_go(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		fail("sigprocmask");
}

void wait_for_go(bool wanted)
{
	sigset_t set;

	if (!wanted)
		return;
	/* What it waits for is others' work, on a busy machine; no call of its own comes after. */
	alarm(5 * TIME_LIMIT);
	say_ready();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigwaitinfo(&set, NULL) < 0)
		fail("sigwaitinfo");
}

void pause_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* ---- more threads and sockets at a time than there are slots */

struct crowd {
	uint64_t calls;
	pthread_barrier_t all_done;
};

static void *crowd_member(void *argument)
{
	struct crowd *crowd = argument;

	for (uint64_t i = 0; i < crowd->calls; i++)
		syscall(SYS_getppid);
	/* None ends, and gives its slot back, before all have begun. */
	pthread_barrier_wait(&crowd->all_done);
	return NULL;
}

static void run_threads(unsigned int n, uint64_t calls)
{
	struct crowd crowd = { .calls = calls };
	pthread_t *threads = calloc(n, sizeof(*threads));
	pthread_attr_t attributes;

	pthread_barrier_init(&crowd.all_done, NULL, n);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	for (unsigned int i = 0; i < n; i++)
		if (pthread_create(&threads[i], &attributes, crowd_member, &crowd))
			fail("pthread_create");
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

/* One datagram of 100 bytes from each of n sockets to one, which takes them. */
static void run_sockets(unsigned int n)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	char data[100] = "";
	int server = socket(AF_INET, SOCK_DGRAM, 0);

	if (server < 0 || bind(server, (struct sockaddr *)&address, size) ||
	    getsockname(server, (struct sockaddr *)&address, &size))
		fail("server");
	for (unsigned int i = 0; i < n; i++) {
		int client = socket(AF_INET, SOCK_DGRAM, 0);

		if (client < 0 ||
		    sendto(client, data, sizeof(data), 0, (struct sockaddr *)&address, size) < 0 ||
		    recv(server, data, sizeof(data), 0) != sizeof(data))
			fail("datagram");
		/* Left open: it keeps its slot. */
	}
}

static void run_crowd(char **arguments, const struct flags *flags)
{
	uint64_t threads = number(arguments[0], 10000), calls = number(arguments[1], UINT32_MAX);
	uint64_t sockets = number(arguments[2], 900);

	wait_for_go(flags->wait);
	run_threads((unsigned int)threads, calls);
	run_sockets((unsigned int)sockets);
	report("{\"load\":\"crowd\",\"getppid\":%" PRIu64 ",\"packets\":%" PRIu64
	       ",\"bytes\":%" PRIu64 "}\n", threads * calls, sockets, sockets * (100 + 28));
}

/* ---- disk */

/* What the kernel charged this process with: "null" where it does not say. */
static const char *own_io(const char *member, char *buffer, size_t size)
{
	FILE *file = fopen("/proc/self/io", "re");
	char line[64];
	size_t length = strlen(member);

	snprintf(buffer, size, "null");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, member, length) && line[length] == ':')
			snprintf(buffer, size, "%" PRIu64, (uint64_t)strtoull(line + length + 1, NULL, 10));
	if (file)
		fclose(file);
	return buffer;
}

static void disk_report(const char *name, int fd, uint64_t blocks, bool synced)
{
	char read_bytes[32], write_bytes[32];
	struct stat status;

	if (fstat(fd, &status) < 0)
		fail("fstat");
	if (S_ISBLK(status.st_mode))
		status.st_dev = status.st_rdev;
	report("{\"load\":\"%s\",\"bytes\":%" PRIu64 ",\"operations\":%" PRIu64 ",\"fsyncs\":%d,"
	       "\"major\":%u,\"minor\":%u,\"own_read_bytes\":%s,\"own_write_bytes\":%s}\n",
	       name, blocks * BLOCK_SIZE, blocks, synced, major(status.st_dev), minor(status.st_dev),
	       own_io("read_bytes", read_bytes, sizeof(read_bytes)),
	       own_io("write_bytes", write_bytes, sizeof(write_bytes)));
}

static void disk_run(char **arguments, const struct flags *flags, bool writes)
{
	uint64_t i, blocks = number(arguments[1], UINT32_MAX) * ((1 << 20) / BLOCK_SIZE);
	void *buffer;
	int fd;

	if (posix_memalign(&buffer, 4096, BLOCK_SIZE))
		fail("posix_memalign");
	memset(buffer, 'x', BLOCK_SIZE);
	fd = open(arguments[0], (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_DIRECT | O_CLOEXEC, 0644);
	if (fd < 0)
		fail(arguments[0]);
	wait_for_go(flags->wait);
	for (i = 0; i < blocks; i++) {
		ssize_t n = writes ? write(fd, buffer, BLOCK_SIZE) : read(fd, buffer, BLOCK_SIZE);

		if (n >= 0 && n != BLOCK_SIZE)
			errno = EIO;
		if (n != BLOCK_SIZE)
			fail(arguments[0]);
	}
	free(buffer);
	if (flags->sync && fsync(fd) < 0)
		fail("fsync");
	disk_report(writes ? "disk-write" : "disk-read", fd, blocks, flags->sync);
}

static void run_disk_write(char **arguments, const struct flags *flags)
{
	disk_run(arguments, flags, true);
}

static void run_disk_read(char **arguments, const struct flags *flags)
{
	disk_run(arguments, flags, false);
}

/* ---- daemons that misbehave */

static const char *const garbage[] = {
	"\377\376 no HTTP at all \001\n\n",
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n"
	"[{\"Id\":\"a\",\"Na",
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 35\r\n\r\n"
	"{\"Id\":[],\"Name\":{},\"Names\":7,\"x\":1}",
	"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n[",
	"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
	"",
};

/* Never answers ("hang"), or answers each connection with other nonsense; ends by a signal. */
static void run_fake_daemon(char **arguments, const struct flags *flags)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool hang = !strcmp(arguments[1], "hang");
	size_t i;

	(void)flags;
	alarm(0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", arguments[0]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0)
		fail(arguments[0]);
	say_ready();
	for (i = 0;; i++) {
		char request[4096];
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			fail("accept");
		if (hang)
			continue;
		if (read(client, request, sizeof(request)) > 0)
			send(client, garbage[i % (sizeof(garbage) / sizeof(*garbage))],
			     strlen(garbage[i % (sizeof(garbage) / sizeof(*garbage))]), MSG_NOSIGNAL);
		close(client);
	}
}

static void run_sleep(char **arguments, const struct flags *flags)
{
	say_ready();
	wait_for_go(flags->wait);
	alarm(0);
	pause_ms((unsigned int)(number(arguments[0], 86400) * 1000));
}

/* ---- command line */

static const struct load loads[] = {
	{ "syscalls", 2, "N ERRORS", run_syscalls },
	{ "errors", 2, "N RARE", run_errors },
	{ "sleeps", 2, "N MILLISECONDS", run_sleeps },
	{ "sleepers", 2, "THREADS MILLISECONDS", run_sleepers },
	{ "tables", 2, "N ERRORS", run_tables },
	{ "family", 1, "N", run_family },
	{ "uring", 3, "NOPS ERRORS APART", run_uring },
	{ "crowd", 3, "THREADS CALLS SOCKETS", run_crowd },
	{ "process-storm", 2, "N PER_SECOND", run_process_storm },
	{ "thread-storm", 2, "N PER_SECOND", run_thread_storm },
	{ "line", 4, "PID PID MILLISECONDS LOST_EVERY", run_line },
	{ "tcp-storm-server", 3, "ADDRESS PORT PROCESSES", run_tcp_storm_server },
	{ "tcp-storm", 4, "ADDRESS PORT PROCESSES SECONDS", run_tcp_storm },
	{ "tcp-server", 2, "ADDRESS PORT", run_tcp_server },
	{ "tcp-client", 3, "ADDRESS PORT BYTES", run_tcp_client },
	{ "tcp-pair", 3, "ADDRESS PORT BYTES", run_tcp_pair },
	{ "tcp-workers", 3, "ADDRESS PORT N", run_tcp_workers },
	{ "tcp-forker", 2, "ADDRESS PORT", run_tcp_forker },
	{ "tcp-inetd", 2, "ADDRESS PORT", run_tcp_inetd },
	{ "tcp-stdin", 0, "", run_tcp_stdin },
	{ "tcp-ring", 3, "ADDRESS PORT once|again", run_tcp_ring },
	{ "tcp-waiting", 3, "ADDRESS PORT accept|leave", run_tcp_waiting },
	{ "udp-server", 4, "ADDRESS PORT PACKETS SIZE", run_udp_server },
	{ "udp-client", 4, "ADDRESS PORT PACKETS SIZE", run_udp_client },
	{ "udp-pair", 4, "ADDRESS PORT PACKETS SIZE", run_udp_pair },
	{ "disk-write", 2, "FILE MIB", run_disk_write },
	{ "disk-read", 2, "FILE MIB", run_disk_read },
	{ "files", 2, "DIRECTORY N", run_files },
	{ "file-waits", 2, "DIRECTORY N", run_file_waits },
	{ "faults", 2, "DIRECTORY PAGES", run_faults },
	{ "fake-daemon", 2, "SOCKET hang|garbage", run_fake_daemon },
	{ "sleep", 1, "SECONDS", run_sleep },
};
#define N_LOADS (sizeof(loads) / sizeof(*loads))

static int usage(void)
{
	size_t i;

	for (i = 0; i < N_LOADS; i++)
		fprintf(stderr, "load [--wait] [--wait-connected] [--echo] [--fsync] %s %s\n",
			loads[i].name, loads[i].usage);
	return 2;
}

static bool take_flag(const char *text, struct flags *flags)
{
	if (!strcmp(text, "--wait"))
		return flags->wait = true;
	if (!strcmp(text, "--wait-connected"))
		return flags->wait_connected = true;
	if (!strcmp(text, "--echo"))
		return flags->echo = true;
	if (!strcmp(text, "--fsync"))
		return flags->sync = true;
	return false;
}

int main(int argc, char **argv)
{
	struct flags flags = { false, false, false, false };
	int first = 1;
	size_t i;

	while (first < argc && take_flag(argv[first], &flags))
		first++;
	if (first == argc)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, out_of_time);
	alarm(TIME_LIMIT);
	block_go();
	for (i = 0; i < N_LOADS; i++)
		if (!strcmp(argv[first], loads[i].name) && argc - first - 1 == loads[i].n_arguments) {
			loads[i].run(argv + first + 1, &flags);
			return 0;
		}
	return usage();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the load program: what the loads share, and the table's entries. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>

#define BLOCK_SIZE 65536

struct flags {
	bool wait;			/* for SIGUSR1 before the load begins */
	bool wait_connected;		/* the same, once the connection stands */
	bool echo;			/* each datagram is sent back */
	bool sync;			/* fsync at the end */
};

/* Ends the program: what, and errno's text. */
void fail(const char *what) __attribute__((noreturn));

/* An argument; the program ends when it is no number up to max. */
uint64_t number(const char *text, uint64_t max);

/* A line of JSON by one write(2), so that lines of two processes do not mix. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "ready" on standard error. */
void say_ready(void);

/* Says so and waits for SIGUSR1, if that is wanted. */
void wait_for_go(bool wanted);

void pause_ms(unsigned int ms);

/* load-call.c */
void run_syscalls(char **arguments, const struct flags *flags);
void run_errors(char **arguments, const struct flags *flags);
void run_sleeps(char **arguments, const struct flags *flags);
void run_sleepers(char **arguments, const struct flags *flags);
void run_tables(char **arguments, const struct flags *flags);
void run_family(char **arguments, const struct flags *flags);

/* load-file.c */
void run_files(char **arguments, const struct flags *flags);

/* load-wait.c */
void run_file_waits(char **arguments, const struct flags *flags);
void run_faults(char **arguments, const struct flags *flags);

/* load-net.c */
void run_tcp_server(char **arguments, const struct flags *flags);
void run_tcp_client(char **arguments, const struct flags *flags);
void run_tcp_pair(char **arguments, const struct flags *flags);
void run_tcp_workers(char **arguments, const struct flags *flags);
void run_tcp_forker(char **arguments, const struct flags *flags);
void run_tcp_inetd(char **arguments, const struct flags *flags);
void run_tcp_stdin(char **arguments, const struct flags *flags);
void run_tcp_ring(char **arguments, const struct flags *flags);
void run_tcp_waiting(char **arguments, const struct flags *flags);
void run_udp_server(char **arguments, const struct flags *flags);
void run_udp_client(char **arguments, const struct flags *flags);
void run_udp_pair(char **arguments, const struct flags *flags);

/* load-uring.c */
void run_uring(char **arguments, const struct flags *flags);

/* Accepts one connection; again: by an operation that goes on accepting. Returns its descriptor. */
int uring_accept(int listener, bool again);

/* load-line.c */
void run_line(char **arguments, const struct flags *flags);

/* load-storm.c */
void run_process_storm(char **arguments, const struct flags *flags);
void run_thread_storm(char **arguments, const struct flags *flags);
void run_tcp_storm_server(char **arguments, const struct flags *flags);
void run_tcp_storm(char **arguments, const struct flags *flags);

#endif

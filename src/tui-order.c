/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders: to Docker in a thread of their own, signals at once. */
#include "tui-order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

void tui_orders_init(struct tui_orders *orders)
{
	*orders = (struct tui_orders){ .pid_fd = -1 };
}

static void let_go(struct tui_orders *orders)
{
	if (orders->pid_fd >= 0)
		close(orders->pid_fd);
	orders->pid_fd = -1;
}

void tui_orders_done(struct tui_orders *orders)
{
	let_go(orders);
	docker_order_free(orders->docker);
	orders->docker = NULL;
}

int tui_orders_fd(const struct tui_orders *orders)
{
	return orders->docker ? docker_order_fd(orders->docker) : -1;
}

static void say(struct tui *tui, const char *what, const char *outcome)
{
	char *text = xasprintf("%s: %s", what, outcome);

	tui_say(tui, text);
	free(text);
}

static void send_signal(struct tui_orders *orders, struct tui *tui)
{
	int error = 0;

	if (orders->pid_fd < 0)
		error = ESRCH;
	else if (syscall(SYS_pidfd_send_signal, orders->pid_fd, tui->ordered->signal, NULL, 0))
		error = errno;
	say(tui, orders->what, error ? strerror(error) : "sent");
}

static void tell_docker(struct tui_orders *orders, struct tui *tui)
{
	if (orders->docker) {
		tui_say(tui, "another order is still under way");
		return;
	}
	orders->docker = docker_order_new(tui->options->docker_socket, tui->target.id,
					  tui->ordered->verb);
	say(tui, orders->what, orders->docker ? "under way" : "cannot be asked for");
}

/* Numbers of processes are those that contop itself would use. */
static bool numbers_are_ours(const struct tui *tui)
{
	return !strcmp(tui->options->procfs, "/proc");
}

void tui_orders_work(struct tui_orders *orders, struct tui *tui)
{
	bool process = (tui->asked && !tui->asked->verb) || (tui->ordered && !tui->ordered->verb);

	if (process && orders->pid_fd < 0 && numbers_are_ours(tui))
		orders->pid_fd = (int)syscall(SYS_pidfd_open, (pid_t)tui->target.pid, 0);
	if (tui->ordered) {
		tui_deed_text(tui, tui->ordered, orders->what, sizeof(orders->what));
		if (tui->ordered->verb)
			tell_docker(orders, tui);
		else if (!numbers_are_ours(tui))
			say(tui, orders->what, "not possible with --procfs");
		else
			send_signal(orders, tui);
		tui->ordered = NULL;
	}
	if (!tui->asked)
		let_go(orders);
}

void tui_orders_finish(struct tui_orders *orders, struct tui *tui)
{
	char *error = docker_order_error(orders->docker);

	say(tui, orders->what, error ? error : "done");
	free(error);
	docker_order_free(orders->docker);
	orders->docker = NULL;
}

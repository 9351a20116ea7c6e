/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out what the user has ordered on the screen. */
#ifndef TUI_ORDER_H
#define TUI_ORDER_H

#include "docker-order.h"
#include "tui.h"

struct tui_orders {
	struct docker_order *docker;	/* owned: under way; NULL: none */
	char what[160];			/* it is */
	int pid_fd;			/* the process that is asked about: no later one with its
					   number is meant. -1: none */
};

void tui_orders_init(struct tui_orders *orders);
void tui_orders_done(struct tui_orders *orders);

/* After each key: holds on to the process that is asked about, and does what is ordered. */
void tui_orders_work(struct tui_orders *orders, struct tui *tui);

/* Readable when the order under way was answered; -1: there is none. */
int tui_orders_fd(const struct tui_orders *orders);

/* It was answered: says so. */
void tui_orders_finish(struct tui_orders *orders, struct tui *tui);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets older than contop, on kernels whose iterator cannot note their owners (before 5.11). */
#ifndef ADOPT_H
#define ADOPT_H

#include "cgroup.h"

/*
 * Walks the open files of all processes in procfs and notes, in the socket
 * storage notes_fd, who has each IPv4 and IPv6 socket open. Of several owners the
 * first one found stays. What may not be looked at is passed over, and
 * everything where procfs is of another pid namespace.
 */
void adopt_note_sockets(const struct cgroup_layout *layout, const char *procfs, int notes_fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is behind a translated address (a published port, a masqueraded client): asked of
 * the kernel's connection tracking, for single connections, through ctnetlink.
 */
#ifndef NAT_H
#define NAT_H

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

#include "sample.h"

struct nat;

/*
 * Looks in the network namespace of this process and, where that is another one, of
 * the host (procfs/1). Takes CAP_NET_ADMIN here and with each question, and for another
 * namespace CAP_SYS_ADMIN here. Never NULL: where it cannot look, nothing is translated.
 */
struct nat *nat_new(const char *procfs);
void nat_free(struct nat *nat);

/* Allows so many questions as an interval has: some 6 us each. None are before the first call. */
void nat_begin(struct nat *nat);

/*
 * The other end of a connection as it is there, not as this end sees it: 1 and *ret;
 * 0: this end sees it as it is; -ENOENT: not tracked (yet), -EAGAIN: not now.
 */
int nat_find(struct nat *nat, const struct flow_key *key, struct flow_end *ret);

/* Whether any connection is tracked, by the beginning of /proc/net/stat/nf_conntrack. */
bool nat_any_tracked(const char *statistics);

/* The same as nat_find from the kernel's answer. */
int nat_read(const struct nf_conntrack *answer, const struct flow_key *key, struct flow_end *ret);

#endif

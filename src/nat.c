/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connection tracking, asked when a flow is new.  Neither the kernel's table nor its
 * events are copied: however many connections a router has, what is not of a flow here
 * costs nothing.
 */
#include "nat.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define ASKS_MOST 1024			/* in one interval */

enum { SPACE_OWN, SPACE_HOST, SPACES };

/* A network namespace. */
struct space {
	struct nfct_handle *handle;	/* NULL: cannot be asked, or is the other one */
	char *statistics;		/* a file that is there where connections can be tracked; owned */
	bool tracks;			/* in this interval */
};

struct nat {
	struct space spaces[SPACES];
	unsigned int asks_left;
	bool looked;			/* at what is tracked, in this interval */
	const struct flow_key *key;	/* what is being asked, */
	struct flow_end *end;		/* where its answer goes, */
	int answer;			/* and what it was */
};

/* ---- answers */

static void get_end(const struct nf_conntrack *answer, bool original, bool source,
		    uint8_t family, struct flow_end *ret)
{
	enum nf_conntrack_attr address4 = original ?
		(source ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV4_DST) :
		(source ? ATTR_REPL_IPV4_SRC : ATTR_REPL_IPV4_DST);
	enum nf_conntrack_attr address6 = original ?
		(source ? ATTR_ORIG_IPV6_SRC : ATTR_ORIG_IPV6_DST) :
		(source ? ATTR_REPL_IPV6_SRC : ATTR_REPL_IPV6_DST);
	enum nf_conntrack_attr port = original ?
		(source ? ATTR_ORIG_PORT_SRC : ATTR_ORIG_PORT_DST) :
		(source ? ATTR_REPL_PORT_SRC : ATTR_REPL_PORT_DST);
	const void *address = nfct_get_attr(answer, family == 6 ? address6 : address4);

	*ret = (struct flow_end){ .port = ntohs(nfct_get_attr_u16(answer, port)) };
	if (address)
		memcpy(ret->address, address, family == 6 ? 16 : 4);
}

static bool same_end(const struct flow_end *end, const uint8_t address[16], uint16_t port)
{
	return end->port == port && !memcmp(end->address, address, sizeof(end->address));
}

/* The original direction goes from who connected, the reply from who answers. */
int nat_read(const struct nf_conntrack *answer, const struct flow_key *key, struct flow_end *ret)
{
	struct flow_end from, to, real;

	for (int original = 0; original <= 1; original++) {
		get_end(answer, original, true, key->family, &from);
		get_end(answer, original, false, key->family, &to);
		if (!same_end(&from, key->local_address, key->local_port) ||
		    !same_end(&to, key->remote_address, key->remote_port))
			continue;
		get_end(answer, !original, true, key->family, &real);
		if (same_end(&real, key->remote_address, key->remote_port))
			return 0;
		*ret = real;
		return 1;
	}
	return -ENOENT;
}

static int take_answer(enum nf_conntrack_msg_type type __attribute__((unused)),
		       struct nf_conntrack *answer, void *data)
{
	struct nat *nat = data;

	nat->answer = nat_read(answer, nat->key, nat->end);
	return NFCT_CB_CONTINUE;
}

/* ---- questions */

static void set_question(struct nf_conntrack *question, const struct flow_key *key)
{
	if (key->family == 6) {
		nfct_set_attr_u8(question, ATTR_L3PROTO, AF_INET6);
		nfct_set_attr(question, ATTR_IPV6_SRC, key->local_address);
		nfct_set_attr(question, ATTR_IPV6_DST, key->remote_address);
	} else {
		nfct_set_attr_u8(question, ATTR_L3PROTO, AF_INET);
		nfct_set_attr(question, ATTR_IPV4_SRC, key->local_address);
		nfct_set_attr(question, ATTR_IPV4_DST, key->remote_address);
	}
	nfct_set_attr_u8(question, ATTR_L4PROTO, key->protocol);
	nfct_set_attr_u16(question, ATTR_PORT_SRC, htons(key->local_port));
	nfct_set_attr_u16(question, ATTR_PORT_DST, htons(key->remote_port));
}

/* The kernel answers before it has taken the whole question: this does not wait. */
static int ask(struct nat *nat, struct space *space)
{
	struct nf_conntrack *question = nfct_new();
	int error = 0;

	if (!question)
		return -ENOMEM;
	set_question(question, nat->key);
	nat->answer = -ENOENT;
	if (nfct_query(space->handle, NFCT_Q_GET, question))
		error = -errno;
	nfct_destroy(question);
	/* Without the right to ask, or with no ctnetlink, there is no sense in trying again. */
	if (error == -EPERM || error == -EOPNOTSUPP || error == -EINVAL) {
		nfct_close(space->handle);
		space->handle = NULL;
	}
	return error ? error : nat->answer;
}

bool nat_any_tracked(const char *statistics)
{
	const char *line = strchr(statistics, '\n');
	unsigned int entries;

	return line && sscanf(line, "%x", &entries) == 1 && entries > 0;
}

/*
 * Asking loads the kernel's modules: only where connections are tracked already. Nothing
 * but rules that need it makes the kernel do that: many hosts have none.
 */
static bool any_tracked(const struct space *space)
{
	char text[1024];		/* begins with names and the line of the first CPU */
	int fd = open(space->statistics, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	return nat_any_tracked(text);
}

static void look(struct nat *nat)
{
	nat->looked = true;
	for (size_t i = 0; i < SPACES; i++)
		nat->spaces[i].tracks = nat->spaces[i].handle && any_tracked(&nat->spaces[i]);
}

int nat_find(struct nat *nat, const struct flow_key *key, struct flow_end *ret)
{
	int result = -ENOENT;

	if (key->protocol != IPPROTO_TCP && key->protocol != IPPROTO_UDP)
		return 0;
	if (!nat->asks_left)
		return -EAGAIN;
	if (!nat->looked)
		look(nat);
	nat->key = key;
	nat->end = ret;
	for (size_t i = 0; i < SPACES && result < 0; i++) {
		struct space *space = &nat->spaces[i];

		if (!space->handle || !space->tracks || !nat->asks_left)
			continue;
		nat->asks_left--;
		result = ask(nat, space);
	}
	return result < 0 ? -ENOENT : result;
}

void nat_begin(struct nat *nat)
{
	nat->asks_left = ASKS_MOST;
	nat->looked = false;
}

/* ---- beginning and end */

static void open_space(struct nat *nat, size_t i, const char *procfs, const char *process)
{
	struct space *space = &nat->spaces[i];

	space->handle = nfct_open(CONNTRACK, 0);
	space->statistics = xasprintf("%s/%s/net/stat/nf_conntrack", procfs, process);
	if (space->handle)
		nfct_callback_register(space->handle, NFCT_T_ALL, take_answer, nat);
}

/* A socket stays in the namespace it was made in. */
static void open_host(struct nat *nat, const char *procfs)
{
	char *path = xasprintf("%s/1/ns/net", procfs);
	int host = open(path, O_RDONLY | O_CLOEXEC);
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat host_stat, own_stat;

	if (host >= 0 && own >= 0 && !fstat(host, &host_stat) && !fstat(own, &own_stat) &&
	    host_stat.st_ino != own_stat.st_ino && !setns(host, CLONE_NEWNET)) {
		open_space(nat, SPACE_HOST, procfs, "1");
		/* Nothing else here is of any network; and it was allowed a moment ago. */
		if (setns(own, CLONE_NEWNET))
			abort();
	}
	if (host >= 0)
		close(host);
	if (own >= 0)
		close(own);
	free(path);
}

struct nat *nat_new(const char *procfs)
{
	struct nat *nat = xcalloc(1, sizeof(*nat));

	open_space(nat, SPACE_OWN, "/proc", "self");
	open_host(nat, procfs);
	return nat;
}

void nat_free(struct nat *nat)
{
	if (!nat)
		return;
	for (size_t i = 0; i < SPACES; i++) {
		if (nat->spaces[i].handle)
			nfct_close(nat->spaces[i].handle);
		free(nat->spaces[i].statistics);
	}
	free(nat);
}

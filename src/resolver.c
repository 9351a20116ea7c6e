/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two threads, a queue to them and one from them; the table of names is the asker's alone. */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uthash.h>

#include "text.h"
#include "util.h"

#define THREADS 2

/* One question, and its answer. */
struct question {
	struct address address;
	bool asked, answered;		/* a thread has it; it has come back */
	char name[RESOLVER_NAME_SIZE];	/* empty: there is none */
};

/* What the threads see; whoever is last frees it. */
struct desk {
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t changed;
	struct question questions[RESOLVER_WAITING];
	size_t n;
	bool closed;
	unsigned int users;
	int answers_fd;			/* an eventfd */
	resolver_lookup *lookup;
};

struct host_name {
	UT_hash_handle hh;
	struct address address;
	char *name;			/* owned; NULL: none */
};

struct resolver {
	struct desk *desk;
	struct host_name *names;
	size_t n_names;
	bool full;			/* and a name was missed since */
};

static bool lookup_name(const struct address *address, char name[RESOLVER_NAME_SIZE])
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *sockaddr = (const void *)&v4;
	socklen_t size = sizeof(v4);

	memcpy(&v4.sin_addr, address->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, address->bytes, sizeof(v6.sin6_addr));
	if (address->family == 6) {
		sockaddr = (const void *)&v6;
		size = sizeof(v6);
	}
	return !getnameinfo(sockaddr, size, name, RESOLVER_NAME_SIZE, NULL, 0, NI_NAMEREQD);
}

/* With the lock; gives it back. */
static void leave(struct desk *desk)
{
	bool last = --desk->users == 0;

	pthread_mutex_unlock(&desk->lock);
	if (!last)
		return;
	close(desk->answers_fd);
	pthread_cond_destroy(&desk->changed);
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

static struct question *next_question(struct desk *desk)
{
	for (size_t i = 0; i < desk->n; i++)
		if (!desk->questions[i].asked)
			return &desk->questions[i];
	return NULL;
}

/* Without the lock while it asks: others may have moved on meanwhile. */
static void answer(struct desk *desk, const struct address *address)
{
	char name[RESOLVER_NAME_SIZE] = "";
	uint64_t one = 1;
	bool found;

	pthread_mutex_unlock(&desk->lock);
	found = desk->lookup(address, name);
	pthread_mutex_lock(&desk->lock);
	for (size_t i = 0; i < desk->n; i++) {
		struct question *question = &desk->questions[i];

		if (memcmp(&question->address, address, sizeof(*address)))
			continue;
		text_clean(question->name, sizeof(question->name), found ? name : "",
			   found ? strnlen(name, sizeof(name)) : 0);
		question->answered = true;
	}
	if (write(desk->answers_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort();		/* an eventfd takes a 1 */
}

static void *work(void *arg)
{
	struct desk *desk = arg;

	pthread_mutex_lock(&desk->lock);
	while (!desk->closed) {
		struct question *question = next_question(desk);
		struct address address;

		if (!question) {
			pthread_cond_wait(&desk->changed, &desk->lock);
			continue;
		}
		question->asked = true;
		address = question->address;
		answer(desk, &address);
	}
	leave(desk);
	return NULL;
}

static void start_threads(struct desk *desk)
{
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		desk->users++;
		if (pthread_create(&thread, NULL, work, desk))
			desk->users--;
		else
			pthread_detach(thread);
	}
}

struct resolver *resolver_new(resolver_lookup *lookup)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));
	struct desk *desk = resolver->desk = xcalloc(1, sizeof(*desk));

	pthread_mutex_init(&desk->lock, NULL);
	pthread_cond_init(&desk->changed, NULL);
	desk->lookup = lookup ? lookup : lookup_name;
	desk->answers_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_lock(&desk->lock);
	desk->users = 1;
	if (desk->answers_fd >= 0)
		start_threads(desk);
	if (desk->users == 1) {
		leave(desk);
		free(resolver);
		return NULL;
	}
	pthread_mutex_unlock(&desk->lock);
	return resolver;
}

static void forget_names(struct resolver *resolver)
{
	struct host_name *name, *next;

	HASH_ITER(hh, resolver->names, name, next) {
		HASH_DEL(resolver->names, name);
		free(name->name);
		free(name);
	}
	resolver->n_names = 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	forget_names(resolver);
	pthread_mutex_lock(&resolver->desk->lock);
	resolver->desk->closed = true;
	pthread_cond_broadcast(&resolver->desk->changed);
	leave(resolver->desk);
	free(resolver);
}

/* False when too many wait: the next drawing asks again. */
static bool ask(struct desk *desk, const struct address *address)
{
	bool room;

	pthread_mutex_lock(&desk->lock);
	room = desk->n < RESOLVER_WAITING;
	if (room)
		desk->questions[desk->n++] = (struct question){ .address = *address };
	pthread_cond_signal(&desk->changed);
	pthread_mutex_unlock(&desk->lock);
	return room;
}

/* Names that were handed out may be in use: they go when answers are taken next. */
static void make_room(struct resolver *resolver)
{
	uint64_t one = 1;

	if (!resolver->full && write(resolver->desk->answers_fd, &one, sizeof(one)) > 0)
		resolver->full = true;
}

const char *resolver_name(struct resolver *resolver, const struct address *address)
{
	struct address key;
	struct host_name *name;

	memset(&key, 0, sizeof(key));
	key.family = address->family;
	memcpy(key.bytes, address->bytes, sizeof(key.bytes));
	HASH_FIND(hh, resolver->names, &key, sizeof(key), name);
	if (name)
		return name->name;
	if (resolver->n_names >= RESOLVER_NAMES) {
		make_room(resolver);
		return NULL;
	}
	if (!ask(resolver->desk, &key))
		return NULL;
	name = xcalloc(1, sizeof(*name));
	name->address = key;
	HASH_ADD(hh, resolver->names, address, sizeof(name->address), name);
	resolver->n_names++;
	return NULL;
}

int resolver_fd(const struct resolver *resolver)
{
	return resolver->desk->answers_fd;
}

static void take_answer(struct resolver *resolver, const struct question *question)
{
	struct host_name *name;

	HASH_FIND(hh, resolver->names, &question->address, sizeof(question->address), name);
	if (name && *question->name)
		replace_string(&name->name, question->name);
}

void resolver_take(struct resolver *resolver)
{
	struct desk *desk = resolver->desk;
	uint64_t n;
	size_t left = 0;

	if (read(desk->answers_fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&desk->lock);
	for (size_t i = 0; i < desk->n; i++) {
		if (desk->questions[i].answered)
			take_answer(resolver, &desk->questions[i]);
		else
			desk->questions[left++] = desk->questions[i];
	}
	desk->n = left;
	pthread_mutex_unlock(&desk->lock);
	if (resolver->full)
		forget_names(resolver);
	resolver->full = false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the kernel's numbers, and names of tasks, as rows have them. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "text.h"
#include "util.h"
#include "word.h"

void task_name_set(struct task_name *name, const char **ret_clean,
			  const char raw[TASK_NAME_SIZE])
{
	if (!raw[0] || (*ret_clean && !memcmp(name->raw, raw, TASK_NAME_SIZE)))
		return;
	memcpy(name->raw, raw, TASK_NAME_SIZE);
	text_clean(name->text, sizeof(name->text), raw, TASK_NAME_SIZE);
	*ret_clean = name->text;
}

void name_set(char text[ID_NAME_SIZE], const char **ret_clean, const char *name)
{
	if (!name || (*ret_clean && !strcmp(text, name)))
		return;
	text_clean(text, ID_NAME_SIZE, name, strlen(name));
	*ret_clean = text;
}

const char *tcp_state_name(uint8_t state)
{
	static const char *const names[] = {
		[TCP_ESTABLISHED] = "established", [TCP_SYN_SENT] = "syn-sent",
		[TCP_SYN_RECV] = "syn-recv", [TCP_FIN_WAIT1] = "fin-wait-1",
		[TCP_FIN_WAIT2] = "fin-wait-2", [TCP_TIME_WAIT] = "time-wait",
		[TCP_CLOSE] = "closed", [TCP_CLOSE_WAIT] = "close-wait",
		[TCP_LAST_ACK] = "last-ack", [TCP_LISTEN] = "listening",
		[TCP_CLOSING] = "closing",
		[TCP_CLOSING + 1] = "syn-recv",	/* the kernel's TCP_NEW_SYN_RECV */
	};

	return state < ARRAY_SIZE(names) ? names[state] : NULL;
}

const char *direction_name(uint8_t direction)
{
	static const char *const names[] = { [FLOW_IN] = "in", [FLOW_OUT] = "out" };

	return direction < ARRAY_SIZE(names) ? names[direction] : NULL;
}

const char *error_name(unsigned int error)
{
	return error ? strerrorname_np((int)error) : NULL;
}

const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	}
	return NULL;
}

static const char *const methods[HTTP_METHODS] = {
	[HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_HEAD] = "HEAD",
	[HTTP_DELETE] = "DELETE", [HTTP_PATCH] = "PATCH", [HTTP_OPTIONS] = "OPTIONS",
	[HTTP_CONNECT] = "CONNECT", [HTTP_TRACE] = "TRACE",
};

static const char *const hint_kinds[HINT_KINDS] = {
	[HINT_HTTP] = "http", [HINT_TLS] = "tls", [HINT_DNS] = "dns",
};

const char *hint_kind_name(enum hint_kind kind)
{
	return hint_kinds[kind];
}

enum hint_kind hint_kind(const char *name)
{
	enum hint_kind kind = 0;

	while (kind < HINT_KINDS && (!name || strcmp(name, hint_kinds[kind])))
		kind++;
	return kind;
}

/* As the IANA has them; those without a name have their number. */
static const char *const dns_errors[16] = {
	[1] = "FORMERR", [2] = "SERVFAIL", [3] = "NXDOMAIN", [4] = "NOTIMP", [5] = "REFUSED",
	[6] = "YXDOMAIN", [7] = "YXRRSET", [8] = "NXRRSET", [9] = "NOTAUTH", [10] = "NOTZONE",
	[11] = "DSOTYPENI", [12] = "RCODE12", [13] = "RCODE13", [14] = "RCODE14",
	[15] = "RCODE15",
};

const char *dns_error_name(uint8_t error)
{
	return error < ARRAY_SIZE(dns_errors) ? dns_errors[error] : NULL;
}

uint8_t dns_error(const char *name)
{
	for (uint8_t i = 1; name && i < ARRAY_SIZE(dns_errors); i++)
		if (!strcmp(dns_errors[i], name))
			return i;
	return 0;
}

const char *http_method_name(uint8_t method)
{
	return method < HTTP_METHODS ? methods[method] : NULL;
}

uint8_t http_method(const char *name)
{
	for (uint8_t i = HTTP_NONE + 1; name && i < HTTP_METHODS; i++)
		if (!strcmp(methods[i], name))
			return i;
	return HTTP_NONE;
}

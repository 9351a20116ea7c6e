/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that are more than a number: what they do, and their arguments. */
#ifndef CALL_BPF_H
#define CALL_BPF_H

#include "kernel.bpf.h"

/*
 * What there is to do about a call beyond counting it; most need nothing.  What it
 * does with descriptors: CALL_SENDS from its second to its first, CALL_COPIES from
 * its first to its third.
 */
enum call_kind {
	CALL_PLAIN, CALL_READS, CALL_WRITES, CALL_SENDS, CALL_COPIES,
	CALL_FORKS,			/* the child returns from it, too */
	CALL_ACCEPTS,			/* a connection */
	CALL_SYNCS,			/* waits until what was written is on its disk */
};

/* read, pread64, readv, preadv, preadv2; the same that write; sendfile; splice, copy_file_range;
 * fork, vfork, clone, clone3; accept, accept4; fsync, fdatasync, sync_file_range, syncfs */
#ifdef __TARGET_ARCH_x86
static const __u8 native_kinds[512] = {
	[0] = CALL_READS, [17] = CALL_READS, [19] = CALL_READS, [295] = CALL_READS,
	[327] = CALL_READS,
	[1] = CALL_WRITES, [18] = CALL_WRITES, [20] = CALL_WRITES, [296] = CALL_WRITES,
	[328] = CALL_WRITES,
	[40] = CALL_SENDS, [275] = CALL_COPIES, [326] = CALL_COPIES,
	[56] = CALL_FORKS, [57] = CALL_FORKS, [58] = CALL_FORKS, [435] = CALL_FORKS,
	[43] = CALL_ACCEPTS, [288] = CALL_ACCEPTS,
	[74] = CALL_SYNCS, [75] = CALL_SYNCS, [277] = CALL_SYNCS, [306] = CALL_SYNCS,
};
static const __u8 compat_kinds[512] = {
	[3] = CALL_READS, [180] = CALL_READS, [145] = CALL_READS, [333] = CALL_READS,
	[378] = CALL_READS,
	[4] = CALL_WRITES, [181] = CALL_WRITES, [146] = CALL_WRITES, [334] = CALL_WRITES,
	[379] = CALL_WRITES,
	[187] = CALL_SENDS, [239] = CALL_SENDS, [313] = CALL_COPIES, [377] = CALL_COPIES,
	[2] = CALL_FORKS, [120] = CALL_FORKS, [190] = CALL_FORKS, [435] = CALL_FORKS,
	[364] = CALL_ACCEPTS,
	[118] = CALL_SYNCS, [148] = CALL_SYNCS, [314] = CALL_SYNCS, [344] = CALL_SYNCS,
};
#define ARGUMENT_0(regs, compat) ((compat) ? (regs)->bx : (regs)->di)
#define ARGUMENT_1(regs, compat) ((compat) ? (regs)->cx : (regs)->si)
#define ARGUMENT_2(regs, compat) ((regs)->dx)
#else
static const __u8 native_kinds[512] = {
	[63] = CALL_READS, [65] = CALL_READS, [67] = CALL_READS, [69] = CALL_READS,
	[286] = CALL_READS,
	[64] = CALL_WRITES, [66] = CALL_WRITES, [68] = CALL_WRITES, [70] = CALL_WRITES,
	[287] = CALL_WRITES,
	[71] = CALL_SENDS, [76] = CALL_COPIES, [285] = CALL_COPIES,
	[220] = CALL_FORKS, [435] = CALL_FORKS,
	[202] = CALL_ACCEPTS, [242] = CALL_ACCEPTS,
	[82] = CALL_SYNCS, [83] = CALL_SYNCS, [84] = CALL_SYNCS, [267] = CALL_SYNCS,
};
static const __u8 compat_kinds[512] = {
	[3] = CALL_READS, [180] = CALL_READS, [145] = CALL_READS, [361] = CALL_READS,
	[392] = CALL_READS,
	[4] = CALL_WRITES, [181] = CALL_WRITES, [146] = CALL_WRITES, [362] = CALL_WRITES,
	[393] = CALL_WRITES,
	[187] = CALL_SENDS, [239] = CALL_SENDS, [340] = CALL_COPIES, [391] = CALL_COPIES,
	[2] = CALL_FORKS, [120] = CALL_FORKS, [190] = CALL_FORKS, [435] = CALL_FORKS,
	[285] = CALL_ACCEPTS, [366] = CALL_ACCEPTS,
	[118] = CALL_SYNCS, [148] = CALL_SYNCS, [341] = CALL_SYNCS, [373] = CALL_SYNCS,
};
#define ARGUMENT_0(regs, compat) ((regs)->orig_x0)
#define ARGUMENT_1(regs, compat) ((regs)->regs[1])
#define ARGUMENT_2(regs, compat) ((regs)->regs[2])
#endif

#define CALL_KINDS (sizeof(native_kinds))
_Static_assert(sizeof(compat_kinds) == CALL_KINDS, "both tables have one mask");
_Static_assert((CALL_KINDS & (CALL_KINDS - 1)) == 0, "a mask bounds an index");

#ifdef __TARGET_ARCH_x86
#define NATIVE_SIGRETURN 15
#else
#define NATIVE_SIGRETURN 139
#endif
#define COMPAT_SIGRETURN 173

#define X32_BIT 0x40000000u

/* Not static, as the next but one: the verifier looks once at what is seldom needed. */
__noinline __u32 odd_call_number(__u32 number, __u32 compat)
{
	__u32 flags = compat ? SYSCALL_COMPAT : 0;

	if (number == ~0u)
		return compat ? COMPAT_SIGRETURN | flags : NATIVE_SIGRETURN;
#ifdef __TARGET_ARCH_x86
	if (!compat && number >> 28 == X32_BIT >> 28)
		return (number & SYSCALL_NUMBER_MAX) | SYSCALL_X32;
#endif
	return (number < SYSCALL_NUMBER_MAX ? number : SYSCALL_NUMBER_MAX) | flags;
}

/*
 * The number with contop's flags, which no real one has, and the result as it counts. A return
 * from a signal handler ends with -1 and whatever the interrupted code had in its register.
 */
static __always_inline __u32 call_number(__u32 number, bool compat, long *result)
{
	if (!compat && number <= SYSCALL_NUMBER_MAX)
		return number;
	if (number == ~0u)
		*result = 0;
	return odd_call_number(number, compat);
}

/* For verifiers before 6.2: the compiler may compare one copy of a number and use another. */
static __always_inline enum call_kind kind_in(const __u8 *kinds, __u64 number)
{
	asm volatile("" : "+r"(number));
	return kinds[number & (CALL_KINDS - 1)];
}

__noinline int odd_call_kind(__u32 nr)
{
	__u32 number = nr & SYSCALL_NUMBER_MAX;

	if (number < CALL_KINDS)
		return kind_in(nr & SYSCALL_COMPAT ? compat_kinds : native_kinds, number);
	if (!(nr & SYSCALL_X32))
		return CALL_PLAIN;
	switch (number) {		/* those that x32 has apart: readv and the like */
	case 515: case 534: case 546:
		return CALL_READS;
	case 516: case 535: case 547:
		return CALL_WRITES;
	}
	return CALL_PLAIN;
}

static __always_inline enum call_kind call_kind(__u32 nr)
{
	return nr < CALL_KINDS ? kind_in(native_kinds, nr) : (enum call_kind)odd_call_kind(nr);
}

#endif

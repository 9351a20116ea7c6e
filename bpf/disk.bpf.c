// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block I/O: what requests moved and how long they took, by container, device and
 * process.
 *
 * Whose a request is gets noted in the context of whoever asks for it: where a
 * scheduler queues it, else where it is issued to the driver.  Its bios tell when
 * it was asked for.
 *
 * Some devices take bios as they are (device mapper, md, zram, ram disks): each is an
 * operation, and counts when it is submitted, because the kernel does not tell of the
 * end of those that are chained to another.  What such a device passes on to others is
 * made of bios of its own, and counts there.
 */
#include "scope.bpf.h"
#include "request.bpf.h"
#include "disk-record.bpf.h"

#define ERROR_IO 5		/* newer kernels tell a code of the block layer instead */

__u64 unseen;			/* operations whose end no program was told of */

/* Requests under way, by address. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct request_note);
} requests SEC(".maps");

/*
 * When bios were submitted: each has a place by its address, and those who share
 * one take it from each other.  One that lost its place has no queue time.
 */
#define BIO_BITS 13
struct bio_note {
	__u64 bio;
	__u64 ns;
	__u32 device;			/* that it was submitted to; 0: its request tells */
	__u32 disk;			/* that this is of */
	__u32 done;			/* the next program has nothing to do */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << BIO_BITS);
	__type(key, __u32);
	__type(value, struct bio_note);
} bios SEC(".maps");

/* The disk that a path leads to, for requests of the path whose bios tell nothing: flushes have none. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} disks_by_path SEC(".maps");

/* Bios under way at devices that take them as they are, with places likewise. */
#define WHOLE_BITS 12
struct whole_bio {
	__u64 bio;
	struct request_note note;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << WHOLE_BITS);
	__type(key, __u32);
	__type(value, struct whole_bio);
} whole_bios SEC(".maps");

/* Operations that took long: nothing unless contop was asked for them. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} slow_ring SEC(".maps");

__u64 lost_events;

/* ---- beginnings */

static __always_inline struct bio_note *bio_place(__u64 bio)
{
	__u32 place = bio * 0x9e3779b97f4a7c15ULL >> (64 - BIO_BITS);

	return bpf_map_lookup_elem(&bios, &place);
}

static __always_inline struct bio_note *noted_bio(__u64 bio)
{
	struct bio_note *note = bio ? bio_place(bio) : NULL;

	return note && note->bio == bio ? note : NULL;
}

#define BIOS_LOOKED_AT 4		/* where the first of a request have lost their places */

/* The device of a request is that of a path, if there are such: it becomes what the path leads to. */
static __always_inline void leave_path(struct request_note *note, const struct bio_note *submitted)
{
	__u32 path = note->device, *disk = bpf_map_lookup_elem(&disks_by_path, &path);

	if (!submitted) {
		note->device = disk ? *disk : path;
		return;
	}
	if (!disk || *disk != submitted->disk)
		bpf_map_update_elem(&disks_by_path, &path, &submitted->disk, BPF_ANY);
	note->device = submitted->device;
}

/* When a request's bios were submitted, and to which device. */
static __always_inline void note_submission(struct request_note *note, struct bio *bio)
{
	for (int i = 0; i < BIOS_LOOKED_AT && bio; i++) {
		struct bio_note *own = noted_bio((__u64)bio), *submitted = own;

		if (!own)
			submitted = noted_bio((__u64)BPF_CORE_READ(bio, bi_private));
		if (submitted) {
			note->queued_ns = submitted->ns;
			if (submitted->device)
				leave_path(note, submitted);
		}
		if (own)
			own->bio = 0;
		if (submitted)
			return;
		bio = BPF_CORE_READ(bio, bi_next);
	}
	leave_path(note, NULL);
}

static __always_inline void note_owner(struct request_note *note, struct bio *bio, int operation)
{
	struct disk_owner owner = owner_of(bio, operation);

	note->cgroup = owner.cgroup;
	note->operation = operation;
	note->writeback = owner.writeback;
	if (owner.current) {
		note->pid = bpf_get_current_pid_tgid() >> 32;
		note->uid = bpf_get_current_uid_gid();
		bpf_get_current_comm(note->comm, sizeof(note->comm));
	}
	note->outside = operation < 0 || (scoped() && current_is_outside(note->cgroup));
}

static __always_inline void begin(struct request *request, struct request_note *note)
{
	struct bio *bio = BPF_CORE_READ(request, bio);

	note_owner(note, bio, request_operation(request));
	note->device = device_of(request);
	note_submission(note, bio);
}

/*
 * The last request at this address has ended without a program being told: some
 * kernels leave out what comes in an interrupt.  It is counted, if late.
 */
static __always_inline void settle(__u64 address, const struct request_note *old)
{
	struct request_note note = *old;

	if (bpf_map_delete_elem(&requests, &address) || note.outside)
		return;
	ADD(unseen, 1);
	count(&note, note.bytes, true);
}

static __always_inline void insert(struct request *request)
{
	__u64 address = (__u64)request;
	struct request_note note = {}, *old = bpf_map_lookup_elem(&requests, &address);

	if (old && old->again)
		return;
	if (old && old->issued_ns)
		settle(address, old);
	begin(request, &note);
	if (!note.queued_ns)
		note.queued_ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&requests, &address, &note, BPF_ANY);
}

static __always_inline void issue(struct request *request)
{
	__u64 address = (__u64)request;
	struct request_note fresh = {}, *note = bpf_map_lookup_elem(&requests, &address);

	if (note && !note->issued_ns) {
		note->again = 0;
		note->bytes = note->size = BPF_CORE_READ(request, __data_len);
		note->issued_ns = bpf_ktime_get_ns();
		return;
	}
	if (note)
		settle(address, note);
	begin(request, &fresh);
	fresh.bytes = fresh.size = BPF_CORE_READ(request, __data_len);
	fresh.issued_ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&requests, &address, &fresh, BPF_ANY);
}

static __always_inline void requeue(struct request *request)
{
	__u64 address = (__u64)request;
	struct request_note *note = bpf_map_lookup_elem(&requests, &address);

	if (note) {
		note->again = 1;
		note->issued_ns = 0;
	}
}

/* ---- ends */

static __always_inline void begin_late(struct request *request, struct request_note *note)
{
	int operation = request_operation(request);

	note->operation = operation;
	note->device = device_of(request);
	leave_path(note, NULL);
	note->cgroup = late_owner(request, operation);
	/* What is to be counted was noted. */
	note->outside = operation < 0 || scoped();
}

static __always_inline void tell_if_slow(const struct request_note *note, int error, __u64 now)
{
	__u64 latency = now - (note->queued_ns ? note->queued_ns : note->issued_ns);
	struct slow_record *record;

	if (latency < settings.slow_ns)
		return;
	record = bpf_ringbuf_reserve(&slow_ring, sizeof(*record), 0);
	if (!record) {
		ADD(lost_events, 1);
		return;
	}
	record->time_ns = now;
	record->cgroup = note->cgroup;
	record->latency_ns = latency;
	record->device = note->device;
	record->bytes = note->size;
	record->pid = note->pid;
	record->uid = note->uid;
	record->operation = note->operation;
	record->error = error ? ERROR_IO : 0;
	__builtin_memcpy(record->comm, note->comm, sizeof(record->comm));
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* The record is what it was counted in, or NULL. */
static __always_inline void end(struct disk_record *record, const struct request_note *note, int error,
				bool done)
{
	__u64 now = bpf_ktime_get_ns();

	if (record && error)
		ADD(record->errors, 1);
	if (settings.slow_ns && done && note->issued_ns)
		tell_if_slow(note, error, now);
	if (!record || !done || !note->issued_ns || note->operation == DISK_FLUSH)
		return;
	set_maxima_back(record);
	count_latency(record, now - note->issued_ns);
	if (note->queued_ns && note->queued_ns < note->issued_ns)
		count_queue(record, note->issued_ns - note->queued_ns);
}

static __always_inline void complete(struct request *request, int error, unsigned int bytes)
{
	__u64 address = (__u64)request;
	struct request_note late = {}, *note = bpf_map_lookup_elem(&requests, &address);
	__u32 left = BPF_CORE_READ(request, __data_len);
	bool done;

	if (!note)
		begin_late(request, &late);
	note = note ? note : &late;
	/* The last part; a flush has no data, a write turned into one ends twice. */
	done = bytes >= left && (bytes > 0 || note->operation == DISK_FLUSH);
	if (!note->outside && (done || bytes || error))
		end(count(note, bytes, done), note, error, done);
	if (note == &late)
		return;
	if (bytes >= left)
		bpf_map_delete_elem(&requests, &address);
	else
		note->bytes = left - bytes;
}

/* ---- bios */

static __always_inline struct whole_bio *whole_place(__u64 bio)
{
	__u32 place = bio * 0x9e3779b97f4a7c15ULL >> (64 - WHOLE_BITS);

	return bpf_map_lookup_elem(&whole_bios, &place);
}

static __always_inline void submit_whole(struct bio *bio, __u64 address, struct gendisk *disk)
{
	struct request_note note = {
		.device = device_of_bio(bio, disk),
		.size = BPF_CORE_READ(bio, bi_iter.bi_size),
		.issued_ns = bpf_ktime_get_ns(),
	};
	struct whole_bio *place;

	note_owner(&note, bio, bio_operation(bio));
	if (note.outside)
		return;
	count(&note, note.size, true);
	place = whole_place(address);
	if (place) {
		place->note = note;
		place->bio = address;
	}
}

/*
 * Programs of tracepoints may be preempted from 7.0 on, and are then skipped for all
 * other tasks on that CPU until they go on.  What a request was not seen to do is made
 * good for at its end; a bio that is counted has several programs, each of which does what
 * those before it were kept from.
 */
static __always_inline void submit(struct bio *bio, bool has_former, bool has_next)
{
	struct gendisk *disk = disk_of_bio(bio);
	bool whole = disk->fops->submit_bio, passed_on = whole && is_multipath(disk);
	struct bio_note *note;
	__u64 address;

	if (has_former && !whole)
		return;
	/* The verifier does not want to reckon with a pointer: read, it is a number. */
	bpf_probe_read_kernel(&address, sizeof(address), &bio);
	note = bio_place(address);
	if (has_former && note && note->bio == address && note->done) {
		note->done = has_next;
		return;
	}
	if (note) {
		note->done = has_next;
		note->ns = bpf_ktime_get_ns();
		note->device = passed_on ? device_of_bio(bio, disk) : 0;
		note->disk = passed_on ? disk_number(disk) : 0;
		note->bio = address;
	}
	if (whole && !passed_on)
		submit_whole(bio, address, disk);
}

static __always_inline void end_whole(struct bio *bio)
{
	struct whole_bio *place;
	__u64 address;

	bpf_probe_read_kernel(&address, sizeof(address), &bio);
	place = whole_place(address);
	if (!place || place->bio != address)
		return;
	place->bio = 0;
	end(record_of(&place->note), &place->note, BPF_CORE_READ(bio, bi_status), true);
}

/* ---- what the kernel calls */

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_submitted, struct bio *bio)
{
	submit(bio, false, false);
	return 0;
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_submitted_try, struct bio *bio)
{
	submit(bio, false, true);
	return 0;
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_submitted_retry, struct bio *bio)
{
	submit(bio, true, true);
	return 0;
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_submitted_last, struct bio *bio)
{
	submit(bio, true, false);
	return 0;
}

/* Until 5.11 (commit e8a676d61c07) the queue came first. */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_submitted_with_queue, struct request_queue *queue, struct bio *bio)
{
	submit(bio, false, false);
	return 0;
}

/* Only of what did not become a request, and is chained to no other. */
SEC("tp_btf/block_bio_complete")
int BPF_PROG(bio_completed, struct request_queue *queue, struct bio *bio)
{
	end_whole(bio);
	return 0;
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(request_inserted, struct request *request)
{
	insert(request);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(request_issued, struct request *request)
{
	issue(request);
	return 0;
}

SEC("tp_btf/block_rq_requeue")
int BPF_PROG(request_requeued, struct request *request)
{
	requeue(request);
	return 0;
}

/* Until 5.11 (commit a54895fa057c; some stable kernels have it too) the queue came first. */
SEC("tp_btf/block_rq_insert")
int BPF_PROG(request_inserted_with_queue, struct request_queue *queue, struct request *request)
{
	insert(request);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(request_issued_with_queue, struct request_queue *queue, struct request *request)
{
	issue(request);
	return 0;
}

SEC("tp_btf/block_rq_requeue")
int BPF_PROG(request_requeued_with_queue, struct request_queue *queue, struct request *request)
{
	requeue(request);
	return 0;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(request_completed, struct request *request, int error, unsigned int bytes)
{
	complete(request, error, bytes);
	return 0;
}

/* ---- what contop calls */

#define SETTLE_NS 100000000ULL		/* from issue on, while its state may still be of before */
#define FORGET_NS 60000000000ULL	/* queued, and merged into another since */

/* Looks after a request (its address is the argument) that has been under way for long. */
SEC("raw_tp")
int request_settled(struct bpf_raw_tracepoint_args *context)
{
	__u64 address = context->args[0], now = bpf_ktime_get_ns();
	struct request_note *note = bpf_map_lookup_elem(&requests, &address);
	struct request *request = (void *)address;

	if (!note || BPF_CORE_READ(request, state) != MQ_RQ_IDLE)
		return 0;
	if (note->issued_ns && now - note->issued_ns > SETTLE_NS)
		settle(address, note);
	else if (!note->issued_ns && now - note->queued_ns > FORGET_NS)
		bpf_map_delete_elem(&requests, &address);
	return 0;
}

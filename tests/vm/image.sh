# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What a guest boots from: an initramfs whose fixed part (tools and modules) is
# kept for each kernel, with the part that changes appended, and three disks: one
# with a file system for the loads, one that the guest writes its results to, and one,
# to which there may be several paths, for what is built upon disks.

# Beside what they need themselves.
MODULES=(virtio_pci virtio_blk ext4 veth sch_netem dm_mod dm_crypt cbc aes_generic aes
	zram lzo-rle)
DISK_SIZE=192M
SPARE_SIZE=32M
RESULTS_SIZE=32M

# add_program TREE PROGRAM [NAME]: with its shared libraries, where it looks for them
add_program() {
	local library

	install -D "$2" "$1/${3:-$2}" || return 1
	for library in $(ldd "$2" 2>/dev/null | grep -o '/[^ ]*'); do
		[ -e "$1$library" ] || install -D "$(readlink -e "$library")" "$1$library" || return 1
	done
}

archive() {
	(cd "$1" && find . | cpio -o -H newc --quiet -R 0:0)
}

# The modules, numbered in the order of loading, as plain files.
add_modules() {
	local module file n=10 target

	depmod -b "$KERNEL_MODULES" "$KERNEL_VERSION" 2>/dev/null
	for module in "${MODULES[@]}"; do
		modprobe -d "$KERNEL_MODULES" -S "$KERNEL_VERSION" --show-depends "$module" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		target=$1/modules/$n-$(basename "$file" .xz)
		case $file in
		*.xz) xz -dc "$file" >"$target" ;;
		*.zst) zstd -qdc "$file" >"${target%.zst}" ;;
		*) cp "$file" "$target" ;;
		esac || return 1
		n=$((n + 1))
	done
}

# fixed_part FILE
fixed_part() {
	local tree=$WORK/fixed name

	rm -rf "$tree"
	mkdir -p "$tree"/{bin,dev,mnt,modules,proc,results,root,run,sys,tmp,xbin} || return 1
	cp "$(command -v busybox)" "$tree/bin/busybox" || return 1
	for name in $(busybox --list); do
		[ -e "$tree/bin/$name" ] || ln -s busybox "$tree/bin/$name"
	done
	# Elsewhere than busybox's own ip and tc.
	for name in ip tc setcap setpriv dmsetup; do
		add_program "$tree" "$(PATH=$PATH:/sbin:/usr/sbin command -v $name)" /xbin/$name || return 1
	done
	name=$(PATH=$PATH:/usr/sbin command -v bpftool) &&
		{ add_program "$tree" "$(readlink -e "$name")" /xbin/bpftool || return 1; }
	add_modules "$tree" || return 1
	archive "$tree" >"$1.new" && mv "$1.new" "$1"
	rm -rf "$tree"
}

# changing_part FILE
changing_part() {
	local tree=$WORK/changing

	mkdir -p "$tree/xbin" || return 1
	install "$VM_SOURCE/guest.sh" "$tree/init" || return 1
	add_program "$tree" "$CONTOP" /xbin/contop || return 1
	install "$LOAD" "$tree/xbin/load" || return 1
	archive "$tree" >"$1"
	rm -rf "$tree"
}

make_disk() {
	truncate -s $DISK_SIZE "$1" &&
		PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$1"
}

# QEMU 7.2 emulates cmpxchg16b wrongly with several threads: kernels before 7.0 panic
# now and then, and do without; later ones need it for BPF's local storage.
cpu_model() {
	case $KERNEL_VERSION in
	[56].*) echo max,-cx16 ;;
	*) echo max ;;
	esac
}

# boot SECONDS DIRECTORY ARGUMENTS...: runs a guest to its end; DIRECTORY gets its console
# and what it wrote to the disk of results. Fails when it did not reach its end.
boot() {
	local limit=$1 dir=$2 results=$WORK/results spare=$WORK/spare made_by fixed
	shift 2
	# Checkouts share the cache, and may make it in different ways.
	made_by=$(sha256sum <"$VM_SOURCE/image.sh" | cut -c1-12)
	fixed=$CACHE/initramfs/$KERNEL_VERSION-$made_by

	rm -rf "$dir" && mkdir -p "$dir" "$CACHE/initramfs" || return 1
	if [ ! -e "$fixed" ]; then
		rm -f "$CACHE/initramfs/$KERNEL_VERSION"*
		fixed_part "$fixed" || return 1
	fi
	cat "$fixed" "$WORK/changing.cpio" >"$WORK/initramfs" || return 1
	rm -f "$results" "$spare"
	truncate -s $RESULTS_SIZE "$results"
	truncate -s $SPARE_SIZE "$spare"
	timeout -k 2 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu "$(cpu_model)" \
		-m 768 -smp 2,maxcpus=6 -nographic -no-reboot -nodefaults -serial "file:$dir/console" \
		-drive "file=$WORK/disk,format=raw,if=none,id=d0,snapshot=on,cache=unsafe" \
		-device virtio-blk-pci,drive=d0 \
		-drive "file=$results,format=raw,if=none,id=d1,cache=unsafe" \
		-device virtio-blk-pci,drive=d1 \
		-drive "file=$spare,format=raw,if=none,id=d2,cache=unsafe" \
		-device nvme-subsys,id=s0 -device nvme,serial=spare,subsys=s0 \
		-device nvme-ns,drive=d2,shared=on \
		-kernel "$KERNEL_IMAGE" -initrd "$WORK/initramfs" \
		-append "console=ttyS0 quiet panic=-1 nokaslr $*" </dev/null >"$dir/qemu" 2>&1 &
	# In the background, so that a signal to this shell ends it at once.
	GUEST=$!
	wait $GUEST
	GUEST=
	tar -x -f "$results" -C "$dir" 2>/dev/null
	[ -e "$dir/end" ]
}
